//! How long a world takes to resolve, and how it grows: from 100 HTTPRoutes on one Gateway with 50 Services to 100,000 on
//! 1,000 Gateways with 50,000 Services. Reading objects and building the snapshot are left out.
//!
//! Before anything is timed, each world is checked: every Route is attached and every backend found. What a resolution
//! keeps is told as bytes for each Route, counted by an allocator.

#![allow(clippy::expect_used, reason = "a bench may panic")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gatewright::api::Object;
use gatewright::resolve::{Controller, resolve};
use gatewright::snapshot::Snapshot;
use serde_json::{Value, json};

const GROUP: &str = "gateway.networking.k8s.io/v1";

/// One Gateway of two listeners for 100 Routes, one Service for two; Routes of one Gateway share a namespace.
fn world(routes: usize) -> Snapshot {
    let mut builder = Snapshot::builder();
    let mut add = |value: Value| {
        let object = Object::from_value(value).expect("objects are well-formed");
        builder.add(object).expect("names are unique");
    };
    add(json!({
        "apiVersion": GROUP, "kind": "GatewayClass",
        "metadata": {"name": "shared"}, "spec": {"controllerName": "example.com/gateway"},
    }));
    for gateway in 0..routes.div_ceil(100) {
        let from_all = json!({"namespaces": {"from": "All"}});
        add(json!({
            "apiVersion": GROUP, "kind": "Gateway",
            "metadata": {"namespace": "infra", "name": format!("edge-{gateway}")},
            "spec": {"gatewayClassName": "shared", "listeners": [
                {"name": "web", "port": 80, "protocol": "HTTP", "allowedRoutes": from_all},
                {"name": "alt", "port": 8080, "protocol": "HTTP", "hostname": "*.example.com", "allowedRoutes": from_all},
            ]},
        }));
    }
    for service in 0..routes / 2 {
        add(json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"namespace": format!("team-{}", service / 50), "name": format!("backend-{service}")},
            "spec": {"clusterIP": "10.96.0.1", "ports": [{"name": "http", "port": 8080}]},
        }));
    }
    for route in 0..routes {
        let namespace = format!("team-{}", route / 100);
        add(json!({
            "apiVersion": GROUP, "kind": "HTTPRoute",
            "metadata": {"namespace": namespace, "name": format!("route-{route}"), "generation": 1,
                "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {
                "parentRefs": [{"namespace": "infra", "name": format!("edge-{}", route / 100)}],
                "hostnames": [format!("route-{route}.example.com")],
                "rules": [{
                    "matches": [{"path": {"type": "PathPrefix", "value": "/cart"}}],
                    "backendRefs": [{"name": format!("backend-{}", route / 2), "port": 8080}],
                }],
            },
        }));
    }
    builder.build()
}

fn growth(c: &mut Criterion) {
    let mut group = c.benchmark_group("resolve");
    group.sample_size(10);
    let controller = Controller::default();
    for routes in [100, 1_000, 10_000, 100_000] {
        let snapshot = world(routes);
        let mut kept = None;
        let memory = allocation_counter::measure(|| kept = Some(resolve(&snapshot, &controller)));
        let resolution = kept.expect("it was resolved");
        let listeners = resolution
            .plan
            .gateways
            .iter()
            .flat_map(|gateway| &gateway.listeners);
        assert_eq!(
            listeners
                .map(|listener| listener.routes.len())
                .sum::<usize>(),
            2 * routes
        );
        assert_eq!(resolution.statuses.len(), 1 + routes.div_ceil(100) + routes);
        let per_route = |bytes: i64| bytes / i64::try_from(routes).expect("a small number");
        println!(
            "{routes} Routes: {} bytes kept and {} bytes at most for each",
            per_route(memory.bytes_current),
            per_route(i64::try_from(memory.bytes_max).unwrap_or(i64::MAX)),
        );
        drop(resolution);
        group.throughput(Throughput::Elements(
            u64::try_from(routes).expect("a small number"),
        ));
        group.bench_with_input(
            BenchmarkId::from_parameter(routes),
            &snapshot,
            |b, snapshot| {
                b.iter_with_large_drop(|| resolve(black_box(snapshot), &controller));
            },
        );
    }
    group.finish();
}

criterion_group!(benches, growth);
criterion_main!(benches);
