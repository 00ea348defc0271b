//! What a check allocates: for a valid object the list of its fields, and nothing else.
#![cfg(feature = "resolve")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests panic when they fail"
)]

use gatewright::validate::check;
use gatewright::vocab::Bundle;
use serde_json::{Value, json};

fn allocations(object: &Value) -> u64 {
    let bundle = Bundle::default();
    // The first check compiles the schema.
    assert!(check(object, bundle).accepted);
    allocation_counter::measure(|| {
        std::hint::black_box(check(object, bundle));
    })
    .count_total
}

#[test]
fn a_valid_route_costs_one_allocation() {
    let route = json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "storefront", "namespace": "shop", "labels": {"team": "web"}},
        "spec": {
            "parentRefs": [{"name": "edge", "namespace": "infra"}],
            "hostnames": ["shop.example.com", "*.shop.example.com"],
            "rules": [{
                "matches": [{"path": {"type": "PathPrefix", "value": "/cart"}, "method": "GET"}],
                "filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": {
                    "set": [{"name": "x-shop", "value": "one"}, {"name": "x-stage", "value": "two"}],
                }}],
                "timeouts": {"request": "10s", "backendRequest": "2s"},
                "backendRefs": [{"name": "cart", "port": 8080}],
            }],
        },
    });
    assert_eq!(allocations(&route), 1);
}

#[test]
fn a_valid_gateway_costs_one_allocation() {
    let gateway = json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "edge", "namespace": "infra"},
        "spec": {
            "gatewayClassName": "edge",
            "listeners": [
                {"name": "http", "port": 80, "protocol": "HTTP", "hostname": "*.example.com"},
                {"name": "https", "port": 443, "protocol": "HTTPS", "tls": {"certificateRefs": [{"name": "cert"}]}},
            ],
        },
    });
    assert_eq!(allocations(&gateway), 1);
}
