//! GW-KINDS.

use gatewright::resolve::Features;
use gatewright::vocab::Release;
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

fn with(listener: Value) -> World {
    world()
        .with(secret("infra/cert"))
        .with(gateway("infra/edge", json!([listener])))
}

fn with_kinds(protocol: &str, kinds: Value) -> Outcome {
    let base = match protocol {
        "HTTPS" => https("l", 443, &["cert"]),
        _ => listener("l", 443, protocol),
    };
    with(edit(base, json!({"allowedRoutes": {"kinds": kinds}}))).resolve()
}

/// GW-KINDS-01, GW-KINDS-06: what fits by default, in a fixed order, group written out.
#[test]
fn default_kinds_follow_the_protocol() {
    for (protocol, kinds) in [
        ("HTTP", vec!["HTTPRoute", "GRPCRoute"]),
        ("HTTPS", vec!["HTTPRoute", "GRPCRoute"]),
        ("TLS", vec!["TLSRoute"]),
        ("TCP", vec!["TCPRoute"]),
        ("UDP", vec!["UDPRoute"]),
    ] {
        let outcome = with_kinds(protocol, json!([]));
        assert_eq!(
            outcome.kinds("Gateway infra/edge", "l"),
            kinds,
            "{protocol}"
        );
        assert_eq!(outcome.edge("l"), FINE);
    }
    let features = Features::default().without("GRPCRoute").expect("known");
    let outcome = with(http("l", 80))
        .controller(|controller| controller.with_features(features))
        .resolve();
    assert_eq!(outcome.kinds("Gateway infra/edge", "l"), ["HTTPRoute"]);
}

/// GW-KINDS-02: TCPRoute is an invalid kind on every TLS listener in every release.
#[test]
fn tcp_routes_never_fit_tls() {
    for release in Release::ALL {
        for mode in ["Passthrough", "Terminate"] {
            let tls = json!({"mode": mode, "certificateRefs": [{"name": "cert"}]});
            let kinds = json!({"kinds": [{"kind": "TCPRoute"}, {"kind": "TLSRoute"}]});
            let spoiled = edit(
                listener("l", 443, "TLS"),
                json!({"tls": tls, "allowedRoutes": kinds}),
            );
            let outcome = with(spoiled).release(release).resolve();
            assert_eq!(outcome.kinds("Gateway infra/edge", "l"), ["TLSRoute"]);
            assert_eq!(
                outcome.edge_reason("l", "ResolvedRefs"),
                "!InvalidRouteKinds"
            );
        }
    }
}

/// GW-KINDS-03, GW-KINDS-06: the list's order, without duplicates; the group may be left out.
#[test]
fn listed_kinds_are_kept_in_order() {
    let kinds = json!([{"kind": "GRPCRoute"}, {"group": GROUP, "kind": "HTTPRoute"}, {"kind": "GRPCRoute"}]);
    let outcome = with_kinds("HTTP", kinds);
    assert_eq!(
        outcome.kinds("Gateway infra/edge", "l"),
        ["GRPCRoute", "HTTPRoute"]
    );
    assert_eq!(outcome.edge("l"), FINE);
}

/// GW-KINDS-04, GW-KINDS-05, GW-KINDS-07: invalid kinds are told, the valid ones stay and are served.
#[test]
fn valid_kinds_stay_beside_invalid_ones() {
    for invalid in [
        json!({"kind": "FooRoute"}),
        json!({"group": "example.net", "kind": "HTTPRoute"}),
        json!({"group": "", "kind": "HTTPRoute"}),
        json!({"kind": "TLSRoute"}),
    ] {
        let outcome = with_kinds("HTTP", json!([invalid, {"kind": "HTTPRoute"}]));
        assert_eq!(
            outcome.edge("l"),
            "Accepted=Accepted Programmed=Programmed ResolvedRefs=!InvalidRouteKinds"
        );
        assert_eq!(outcome.kinds("Gateway infra/edge", "l"), ["HTTPRoute"]);
        assert_eq!(outcome.served(), ["l"]);
    }
    let outcome = with_kinds("TLS", json!([{"kind": "HTTPRoute"}]));
    assert_eq!(
        outcome.edge("l"),
        "Accepted=Accepted Programmed=!Invalid ResolvedRefs=!InvalidRouteKinds"
    );
    assert!(outcome.kinds("Gateway infra/edge", "l").is_empty());
    assert!(outcome.served().is_empty());
}

/// GW-KINDS-08: conflicted and refused listeners keep their kinds.
#[test]
fn refused_listeners_keep_their_kinds() {
    let selector = json!({"allowedRoutes": {"namespaces": {"from": "Selector"}}});
    for refused in [
        https("l", 443, &["missing"]),
        edit(https("l", 443, &[]), json!({"tls": null})),
        edit(http("l", 80), selector),
        edit(http("l", 80), json!({"tls": {}})),
    ] {
        let outcome = with(refused.clone()).resolve();
        assert!(outcome.edge("l").starts_with("Accepted=!"), "{refused}");
        assert_eq!(
            outcome.kinds("Gateway infra/edge", "l"),
            ["HTTPRoute", "GRPCRoute"]
        );
    }
}
