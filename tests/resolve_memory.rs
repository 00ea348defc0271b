//! What a resolution keeps for each Route, and how it grows.

#![cfg(feature = "resolve")]

use gatewright::api::Object;
use gatewright::resolve::{Controller, resolve};
use gatewright::snapshot::Snapshot;
use serde_json::{Value, json};

const GROUP: &str = "gateway.networking.k8s.io/v1";

/// A Gateway of two listeners for 100 Routes, a Service for two.
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
    for gateway in 0..routes / 100 {
        let listener = |name: &str, port: u16| {
            json!({"name": name, "port": port, "protocol": "HTTP",
                "allowedRoutes": {"namespaces": {"from": "All"}}})
        };
        add(json!({
            "apiVersion": GROUP, "kind": "Gateway",
            "metadata": {"namespace": "infra", "name": format!("gateway-{gateway}")},
            "spec": {"gatewayClassName": "shared", "listeners": [listener("web", 80), listener("alt", 81)]},
        }));
    }
    for route in 0..routes {
        let namespace = format!("team-{}", route / 100);
        add(json!({
            "apiVersion": GROUP, "kind": "HTTPRoute",
            "metadata": {"namespace": namespace, "name": format!("route-{route}"),
                "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {
                "parentRefs": [{"namespace": "infra", "name": format!("gateway-{}", route / 100)}],
                "hostnames": [format!("app-{route}.example.com")],
                "rules": [{
                    "matches": [{"path": {"type": "PathPrefix", "value": format!("/app/{route}")}}],
                    "backendRefs": [{"name": format!("service-{}", route / 2), "port": 8080}],
                }],
            },
        }));
        if route % 2 == 0 {
            add(json!({
                "apiVersion": "v1", "kind": "Service",
                "metadata": {"namespace": namespace, "name": format!("service-{}", route / 2)},
                "spec": {"ports": [{"port": 8080}]},
            }));
        }
    }
    builder.build()
}

/// Bytes kept and allocations made for each Route.
fn cost(routes: usize) -> (f64, f64) {
    let snapshot = world(routes);
    let controller = Controller::named("example.com/gateway");
    let mut resolution = None;
    let counted =
        allocation_counter::measure(|| resolution = Some(resolve(&snapshot, &controller)));
    let resolution = resolution.expect("resolved");
    let attached = resolution
        .plan
        .gateways
        .iter()
        .flat_map(|gateway| &gateway.listeners);
    assert_eq!(
        attached
            .map(|listener| listener.routes.len())
            .sum::<usize>(),
        2 * routes
    );
    let each = |total: f64| total / routes as f64;
    (
        each(counted.bytes_current as f64),
        each(counted.count_total as f64),
    )
}

/// Plan, status and trace of a Route with a rule, on two listeners, together stay below 1.5 kB, however many Routes there are;
/// so does the number of allocations for each.
#[test]
fn a_route_keeps_less_than_one_and_a_half_kilobytes() {
    let (few_bytes, few) = cost(500);
    let (many_bytes, many) = cost(5_000);
    println!("{many_bytes:.0} bytes and {many:.0} allocations for each Route");
    assert!(
        few_bytes < 1_500.0 && many_bytes < 1_500.0,
        "{few_bytes} {many_bytes} bytes"
    );
    assert!(many < few * 1.1, "{few} and {many} allocations");
}

/// A Gateway with many ListenerSets of four listeners each, on few ports, with hostnames of their own.
fn sets(count: usize) -> Snapshot {
    let mut builder = Snapshot::builder();
    let mut add = |value: Value| {
        let object = Object::from_value(value).expect("objects are well-formed");
        builder.add(object).expect("names are unique");
    };
    add(json!({
        "apiVersion": GROUP, "kind": "GatewayClass",
        "metadata": {"name": "shared"}, "spec": {"controllerName": "example.com/gateway"},
    }));
    add(json!({
        "apiVersion": GROUP, "kind": "Gateway", "metadata": {"namespace": "infra", "name": "edge"},
        "spec": {
            "gatewayClassName": "shared", "listeners": [{"name": "web", "port": 80, "protocol": "HTTP"}],
            "allowedListeners": {"namespaces": {"from": "All"}},
        },
    }));
    for set in 0..count {
        let listener = |i: usize| {
            json!({"name": format!("l{i}"), "port": 80 + i, "protocol": "HTTP",
                "hostname": format!("l{i}.team-{set}.example.com")})
        };
        add(json!({
            "apiVersion": GROUP, "kind": "ListenerSet",
            "metadata": {"namespace": format!("team-{set}"), "name": "set"},
            "spec": {
                "parentRef": {"namespace": "infra", "name": "edge"},
                "listeners": (0..4).map(listener).collect::<Vec<_>>(),
            },
        }));
    }
    builder.build()
}

/// GW-LSET-21: the number of sets is unlimited; each costs the same, however many there are.
#[test]
fn sets_cost_the_same_however_many() {
    let controller = Controller::named("example.com/gateway");
    let each = |count: usize| {
        let snapshot = sets(count);
        let mut listeners = 0;
        let counted = allocation_counter::measure(|| {
            let resolution = resolve(&snapshot, &controller);
            listeners = resolution.plan.gateways[0].listeners.len();
        });
        assert_eq!(listeners, 1 + 4 * count);
        counted.count_total as f64 / count as f64
    };
    let (few, many) = (each(200), each(4_000));
    assert!(
        many < few * 1.1,
        "{few} and {many} allocations for each set"
    );
}
