//! What one change costs in a world of many Routes: from an object to changed statuses, and on to the next router.
//!
//! Two shapes: all Routes on one Gateway (W8 of the arena: a host and five rules each), and 100 Routes on each Gateway. Before
//! anything is timed, the answer to each change is checked.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may panic"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use gatewright::api::{Object, Timestamp};
use gatewright::plan::PlanChange;
use gatewright::resolve::{Change, Changes, Controller, Incremental, resolve};
use gatewright::router::Router;
use gatewright::snapshot::Snapshot;
use serde_json::{Value, json};

const GROUP: &str = "gateway.networking.k8s.io/v1";

/// So many Routes, and how many of them are on one Gateway.
#[derive(Clone, Copy)]
struct Shape {
    routes: usize,
    on_each: usize,
}

fn object(value: Value) -> Arc<Object> {
    Object::from_value(value)
        .expect("objects are well-formed")
        .into()
}

fn gateway(number: usize) -> Arc<Object> {
    object(json!({
        "apiVersion": GROUP, "kind": "Gateway",
        "metadata": {"namespace": "infra", "name": format!("edge-{number}")},
        "spec": {"gatewayClassName": "shared", "listeners": [{
            "name": "web", "port": 80, "protocol": "HTTP",
            "allowedRoutes": {"namespaces": {"from": "All"}},
        }]},
    }))
}

fn service(number: usize, port: u16) -> Arc<Object> {
    object(json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": format!("team-{}", number / 50), "name": format!("backend-{number}")},
        "spec": {"clusterIP": "10.96.0.1", "ports": [{"name": "http", "port": port}]},
    }))
}

/// A Route with a host and five rules; the last one has a path and a weight of its own.
fn route(shape: Shape, number: usize, last: &str, weight: u32) -> Arc<Object> {
    let base = format!("/team-{}/service-{number}", number % 40);
    let rule = |kind: &str, path: String, weight: u32| {
        json!({
            "matches": [{"path": {"type": kind, "value": path}}],
            "backendRefs": [{"name": format!("backend-{}", number / 2), "port": 8080, "weight": weight}],
        })
    };
    object(json!({
        "apiVersion": GROUP, "kind": "HTTPRoute",
        "metadata": {
            "namespace": format!("team-{}", number / 100), "name": format!("route-{number}"), "generation": 1,
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {
            "parentRefs": [{"namespace": "infra", "name": format!("edge-{}", number / shape.on_each)}],
            "hostnames": [format!("host-{number}.example.com")],
            "rules": [
                rule("Exact", format!("{base}/health"), 1),
                rule("Exact", format!("{base}/version"), 1),
                rule("PathPrefix", base.clone(), 1),
                rule("PathPrefix", format!("{base}/api"), 1),
                rule("PathPrefix", format!("{base}{last}"), weight),
            ],
        },
    }))
}

fn world(shape: Shape) -> Snapshot {
    let mut builder = Snapshot::builder();
    builder.put(object(json!({
        "apiVersion": GROUP, "kind": "GatewayClass",
        "metadata": {"name": "shared"}, "spec": {"controllerName": "example.com/gateway"},
    })));
    for number in 0..shape.routes.div_ceil(shape.on_each) {
        builder.put(gateway(number));
    }
    for number in 0..shape.routes.div_ceil(2) {
        builder.put(service(number, 8080));
    }
    for number in 0..shape.routes {
        builder.put(route(shape, number, "/v2", 1));
    }
    builder.build()
}

/// A change and its opposite, and how many statuses and Routes on listeners either of them changes.
struct Pair {
    name: &'static str,
    changes: [Change; 2],
    statuses: usize,
    routes: usize,
}

fn pairs(shape: Shape, resolver: &Incremental) -> Vec<Pair> {
    let put = |object: Arc<Object>| Change::Put(object);
    let number = shape.routes / 2;
    let own = route(shape, number, "/v2", 1);
    let entries = resolver.resolution().statuses.iter();
    let mut gateways = entries.filter(|entry| entry.object().kind() == "Gateway");
    let entry = gateways.next().expect("Gateways have a status");
    let mut written = entry.object().to_value();
    written["status"] = entry.merged(&Timestamp::from_seconds(0));
    let pair = |name, changes, statuses, routes| Pair {
        name,
        changes,
        statuses,
        routes,
    };
    vec![
        pair(
            "a path",
            [put(route(shape, number, "/v3", 1)), put(own.clone())],
            1,
            1,
        ),
        pair(
            "a weight",
            [put(route(shape, number, "/v2", 5)), put(own.clone())],
            1,
            1,
        ),
        pair(
            "a Route gone and back",
            [Change::Remove(own.key()), put(own)],
            1,
            1,
        ),
        pair(
            "a Service's port",
            [put(service(number / 2, 80)), put(service(number / 2, 8080))],
            2,
            2,
        ),
        pair(
            "a Gateway's status",
            [put(object(written)), put(entry.object().clone())],
            1,
            0,
        ),
    ]
}

fn assert_told(pair: &Pair, changes: &Changes) {
    let statuses = changes.statuses.len();
    // A Route that comes or goes is counted by its Gateway.
    let counted = usize::from(pair.name.starts_with("a Route"));
    assert!(
        statuses == pair.statuses + counted || statuses == pair.statuses && counted == 1,
        "{}: {statuses} statuses",
        pair.name
    );
    let PlanChange::Routes(routes) = &changes.plan else {
        panic!("{}: the listeners stay", pair.name);
    };
    assert_eq!(routes.len(), pair.routes, "{}", pair.name);
}

fn one_change(c: &mut Criterion) {
    for (name, shape) in [
        (
            "1,000 Routes on one Gateway",
            Shape {
                routes: 1_000,
                on_each: 1_000,
            },
        ),
        (
            "100,000 Routes on one Gateway",
            Shape {
                routes: 100_000,
                on_each: 100_000,
            },
        ),
        (
            "100,000 Routes on 1,000 Gateways",
            Shape {
                routes: 100_000,
                on_each: 100,
            },
        ),
    ] {
        let mut group = c.benchmark_group(name);
        group.sample_size(30);
        let snapshot = world(shape);
        let mut kept = None;
        let memory = allocation_counter::measure(|| {
            kept = Some(Incremental::new(snapshot.clone(), Controller::default()));
        });
        let mut resolver = kept.expect("it was resolved");
        let routes = i64::try_from(shape.routes).expect("a small number");
        println!(
            "{name}: {} bytes kept for each",
            memory.bytes_current / routes
        );
        let mut router = Router::compile(&resolver.resolution().plan);
        for pair in pairs(shape, &resolver) {
            for change in &pair.changes {
                let told = resolver.apply([change.clone()]);
                assert_told(&pair, &told);
                router = router.follow(&told.plan, &resolver.resolution().plan);
            }
            let expected = resolve(resolver.snapshot(), resolver.controller());
            assert_eq!(resolver.resolution().plan, expected.plan);
            let mut turns = pair.changes.iter().cycle();
            group.bench_function(BenchmarkId::new("statuses and plan", pair.name), |b| {
                b.iter(|| resolver.apply([turns.next().expect("endless").clone()]));
            });
            group.bench_function(BenchmarkId::new("and router", pair.name), |b| {
                b.iter(|| {
                    let told = resolver.apply([turns.next().expect("endless").clone()]);
                    router = router.follow(&told.plan, &resolver.resolution().plan);
                });
            });
            // Whatever turn came last.
            let told = resolver.apply(pair.changes.iter().cloned());
            router = router.follow(&told.plan, &resolver.resolution().plan);
        }
        two_plans(&mut group, shape, &mut resolver, &router);
        group.finish();
    }
}

/// The next router by nothing but the plans before and after.
fn two_plans(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    shape: Shape,
    resolver: &mut Incremental,
    router: &Router,
) {
    let old = resolver.resolution().plan.clone();
    let other = route(shape, shape.routes / 2, "/v4", 1);
    resolver.apply([Change::Put(other)]);
    let new = resolver.resolution().plan.clone();
    group.bench_function("router by comparing two plans", |b| {
        b.iter(|| router.update(black_box(&old), black_box(&new)));
    });
}

criterion_group!(benches, one_change);
criterion_main!(benches);
