//! `attachedRoutes`: GW-COUNT.

use gatewright::vocab::Release;
use serde_json::json;

use crate::world::*;

/// GW-COUNT-01, GW-COUNT-02, GW-COUNT-03: only Routes that are accepted at the listener count, in every release.
#[test]
fn only_accepted_routes_count() {
    let refused = edit(
        cart_route(),
        json!({"spec": {"rules": [{"filters": [{"type": "Teleport"}]}]}}),
    );
    for release in Release::ALL {
        let world = world().release(release).with(edge());
        assert_eq!(
            world
                .clone()
                .with(cart_route())
                .resolve()
                .count("Gateway infra/edge", "web"),
            1
        );
        assert_eq!(
            world
                .with(refused.clone())
                .resolve()
                .count("Gateway infra/edge", "web"),
            0,
            "{release}"
        );
    }
}

/// GW-COUNT-04: the health of the listener and of the Route's references plays no role.
#[test]
fn health_plays_no_role() {
    let https = edit(
        listener("web", 443, "HTTPS"),
        json!({"tls": {"certificateRefs": [{"name": "missing"}]}}),
    );
    let outcome = world()
        .with(gateway("infra/edge", json!([https])))
        .with(cart_route())
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, !BackendNotFound"]
    );
    assert_eq!(outcome.count("Gateway infra/edge", "web"), 1);
}

/// GW-COUNT-05, MATCH-CAND-06: a Route counts once per listener, on each listener.
#[test]
fn a_route_counts_once_per_listener() {
    let section = edit(to_edge(), json!({"sectionName": "web"}));
    let port = edit(to_edge(), json!({"port": 80}));
    let route = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [to_edge(), section, port]}}),
    );
    let outcome = world()
        .with(gateway(
            "infra/edge",
            json!([http("web", 80), http("alt", 81)]),
        ))
        .with(route)
        .resolve();
    assert_eq!(outcome.count("Gateway infra/edge", "web"), 1);
    assert_eq!(outcome.count("Gateway infra/edge", "alt"), 1);
    assert_eq!(outcome.serving("web").len(), 1);
}

/// GW-COUNT-06: a listener whose hostname does not fit does not count the Route.
#[test]
fn unfit_hostnames_do_not_count() {
    let listeners = json!([http_for("a", 80, "a.test"), http_for("b", 80, "b.test")]);
    let route = edit(cart_route(), json!({"spec": {"hostnames": ["a.test"]}}));
    let outcome = world()
        .with(gateway("infra/edge", listeners))
        .with(route)
        .resolve();
    assert_eq!(outcome.count("Gateway infra/edge", "a"), 1);
    assert_eq!(outcome.count("Gateway infra/edge", "b"), 0);
}

/// GW-COUNT-07, RT-L4-01: all kinds add up; streams that never get traffic count too.
#[test]
fn all_kinds_add_up() {
    let grpc = route("GRPCRoute", "shop/grpc", json!({"parentRefs": [to_edge()]}));
    let outcome = world()
        .release(Release::V1_6)
        .with(edge())
        .with(cart_route())
        .with(grpc)
        .resolve();
    assert_eq!(outcome.count("Gateway infra/edge", "web"), 2);

    let tcp = |name: &str| {
        let rules = json!([{"backendRefs": [{"name": "cart", "port": 80}]}]);
        route(
            "TCPRoute",
            name,
            json!({"parentRefs": [to_edge()], "rules": rules}),
        )
    };
    let outcome = world()
        .with(gateway("infra/edge", json!([listener("tcp", 4000, "TCP")])))
        .with(tcp("shop/a"))
        .with(tcp("shop/b"))
        .resolve();
    assert_eq!(outcome.count("Gateway infra/edge", "tcp"), 2);
}

/// GW-COUNT-09: Routes that are being deleted count while they are there.
#[test]
fn routes_in_deletion_count() {
    let dying = edit(
        cart_route(),
        json!({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}),
    );
    let outcome = world().with(edge()).with(dying).resolve();
    assert_eq!(outcome.count("Gateway infra/edge", "web"), 1);
}

/// GW-COUNT-10: one entry per listener of the spec.
#[test]
fn one_entry_per_listener() {
    let outcome = world()
        .with(gateway(
            "infra/edge",
            json!([http("web", 80), http("alt", 81)]),
        ))
        .resolve();
    let listeners = list(&outcome.statuses["Gateway infra/edge"]["listeners"]);
    let names: Vec<&str> = listeners
        .iter()
        .filter_map(|l| l["name"].as_str())
        .collect();
    assert_eq!(names, ["web", "alt"]);
}
