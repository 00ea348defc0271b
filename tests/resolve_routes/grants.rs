//! ReferenceGrants as Routes meet them: RG. What one grant allows is tested beside the gate itself.

use serde_json::{Value, json};

use crate::world::*;

fn far_route(kind: &str) -> Value {
    let rules = json!([{"backendRefs": [{"name": "stock", "namespace": "store", "port": 80}]}]);
    route(
        kind,
        "shop/r",
        json!({"parentRefs": [to_edge()], "rules": rules}),
    )
}

fn far_world(kind: &str, protocol: &str) -> World {
    world()
        .with(gateway(
            "infra/edge",
            json!([listener("l", 4000, protocol)]),
        ))
        .with(far_route(kind))
        .with(edit(
            service("store/stock", &[]),
            json!({"spec": {"ports": [
                {"name": "t", "port": 80}, {"name": "u", "port": 80, "protocol": "UDP"},
            ]}}),
        ))
}

/// RG-05, RG-09: backendRefs of all five kinds need a grant for their own kind.
#[test]
fn backends_of_all_kinds_need_a_grant() {
    let kinds = [
        ("HTTPRoute", "HTTP"),
        ("GRPCRoute", "HTTP"),
        ("TLSRoute", "TLS"),
        ("TCPRoute", "TCP"),
        ("UDPRoute", "UDP"),
    ];
    for (kind, protocol) in kinds {
        let world = far_world(kind, protocol);
        let name = format!("{kind} shop/r");
        assert_eq!(
            world.resolve().verdicts(&name),
            ["Accepted, !RefNotPermitted"],
            "{kind}"
        );
        let other = kinds
            .iter()
            .find(|(other, _)| *other != kind)
            .expect("five kinds")
            .0;
        let wrong = world.clone().with(grant("store", other, "shop"));
        assert_eq!(
            wrong.resolve().verdicts(&name),
            ["Accepted, !RefNotPermitted"],
            "{kind}"
        );
        let right = world.with(grant("store", kind, "shop"));
        assert_eq!(
            right.resolve().verdicts(&name),
            ["Accepted, ResolvedRefs"],
            "{kind}"
        );
    }
}

/// RG-05: backends of filters need a grant too.
#[test]
fn backends_of_filters_need_a_grant() {
    let far = json!({"name": "stock", "namespace": "store", "port": 80});
    for filter in [
        json!({"type": "RequestMirror", "requestMirror": {"backendRef": far}}),
        json!({"type": "ExternalAuth", "externalAuth": {"protocol": "GRPC", "backendRef": far}}),
    ] {
        let rule = edit(forward("cart"), json!({"filters": [filter]}));
        let route = edit(cart_route(), json!({"spec": {"rules": [rule]}}));
        let world = world()
            .with(edge())
            .with(route)
            .with(service("shop/cart", &[80]))
            .with(service("store/stock", &[80]));
        assert_eq!(
            world.resolve().verdicts("HTTPRoute shop/cart"),
            ["Accepted, !RefNotPermitted"],
            "{filter}"
        );
        let granted = world.with(grant("store", "HTTPRoute", "shop"));
        assert_eq!(
            granted.resolve().verdicts("HTTPRoute shop/cart"),
            ["Accepted, ResolvedRefs"],
            "{filter}"
        );
    }
}

/// RG-05, RG-06: parents need no grant; extensions cannot leave the namespace at all.
#[test]
fn parents_need_no_grant() {
    let service_parent =
        json!({"group": "", "kind": "Service", "namespace": "store", "name": "stock"});
    let route = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [to_edge(), service_parent], "rules": []}}),
    );
    let outcome = world()
        .with(edge())
        .with(route)
        .with(service("store/stock", &[80]))
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs", "Accepted, ResolvedRefs"]
    );
    let pot = json!({
        "apiVersion": "example.net/v1", "kind": "Teapot",
        "metadata": {"namespace": "store", "name": "pot"},
    });
    let extension = json!({
        "type": "ExtensionRef",
        "extensionRef": {"group": "example.net", "kind": "Teapot", "name": "pot"},
    });
    let rule = edit(forward("cart"), json!({"filters": [extension]}));
    let outcome = world()
        .with(edge())
        .with(service("shop/cart", &[80]))
        .with(pot)
        .with(edit(cart_route(), json!({"spec": {"rules": [rule]}})))
        .controller(|controller| controller.with_extension("example.net", "Teapot"))
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, !BackendNotFound"]
    );
}

/// RG-07: without a grant nothing shows whether the target exists, or what it is.
#[test]
fn a_denied_reference_discloses_nothing() {
    let world = far_world("HTTPRoute", "HTTP");
    let there = world.resolve();
    let external = json!({"spec": {"type": "ExternalName", "externalName": "a.test"}});
    let odd = world
        .clone()
        .with(edit(service("store/stock", &[1]), external))
        .resolve();
    let gone = world.without("Service store/stock").resolve();
    let status = |outcome: &Outcome| outcome.statuses["HTTPRoute shop/r"].clone();
    assert_eq!(status(&there), status(&gone));
    assert_eq!(status(&there), status(&odd));
    assert_eq!(there.resolution.plan, gone.resolution.plan);
    assert_eq!(there.resolution.plan, odd.resolution.plan);
}

/// RG-08: what a grant gave goes with it.
#[test]
fn removing_a_grant_takes_back_what_it_gave() {
    let before = far_world("HTTPRoute", "HTTP");
    let granted = before.clone().with(grant("store", "HTTPRoute", "shop"));
    assert_eq!(
        granted.resolve().verdicts("HTTPRoute shop/r"),
        ["Accepted, ResolvedRefs"]
    );
    let after = granted
        .without("ReferenceGrant store/httproute-shop")
        .resolve();
    assert_eq!(after.statuses, before.resolve().statuses);
    assert_eq!(after.resolution.plan, before.resolve().resolution.plan);
}

/// RG-04: a namespace that is spelt out is no other namespace.
#[test]
fn the_own_namespace_may_be_spelt_out() {
    let rules = json!([{"backendRefs": [{"name": "cart", "namespace": "shop", "port": 80}]}]);
    let route = edit(cart_route(), json!({"spec": {"rules": rules}}));
    let outcome = world()
        .with(edge())
        .with(route)
        .with(service("shop/cart", &[80]))
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
}

/// RG-10: both served versions grant, a grant without a spec grants nothing.
#[test]
fn both_versions_grant() {
    let world = far_world("HTTPRoute", "HTTP");
    let v1 = edit(
        grant("store", "HTTPRoute", "shop"),
        json!({"apiVersion": "gateway.networking.k8s.io/v1"}),
    );
    let empty = edit(grant("store", "HTTPRoute", "shop"), json!({"spec": null}));
    for (object, verdict) in [
        (v1, "Accepted, ResolvedRefs"),
        (empty, "Accepted, !RefNotPermitted"),
    ] {
        let outcome = world.clone().with(object).resolve();
        assert_eq!(outcome.verdicts("HTTPRoute shop/r"), [verdict]);
    }
}

/// RG-11: Gateways are never exempt; switching the feature off allows nothing.
#[test]
fn grants_are_always_enforced() {
    let world = far_world("HTTPRoute", "HTTP").with(grant("store", "HTTPRoute", "shop"));
    let features = gatewright::resolve::Features::default()
        .without("ReferenceGrant")
        .unwrap();
    let without = world.controller(|controller| controller.with_features(features));
    assert_eq!(
        without.resolve().verdicts("HTTPRoute shop/r"),
        ["Accepted, !RefNotPermitted"]
    );
}
