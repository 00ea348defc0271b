//! GW-CONFLICT: listeners of one Gateway. Sets have their own file.

use gatewright::resolve::Features;
use gatewright::vocab::Release;
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

fn resolve_all(listeners: Value) -> Outcome {
    world()
        .with(secret("infra/cert"))
        .with(gateway("infra/edge", listeners))
        .resolve()
}

fn conflicts(outcome: &Outcome, names: &[&str]) -> Vec<String> {
    let told = names
        .iter()
        .map(|name| outcome.edge_reason(name, "Conflicted"));
    told.collect()
}

const CLASH: &str = "ProtocolConflict";

/// GW-CONFLICT-01, GW-CONFLICT-02: TLS settings make nothing distinct, ports and hostnames do, an absent one included.
#[test]
fn distinct_by_port_or_hostname() {
    let outcome = resolve_all(json!([
        https("a", 443, &["cert"]),
        with_host(https("b", 443, &["cert"]), "*.b.test"),
        with_host(https("c", 443, &["cert"]), "*.c.b.test"),
        with_host(https("d", 443, &["cert"]), "d.c.b.test"),
        https("e", 444, &["cert"]),
    ]));
    assert_eq!(outcome.served(), ["a", "b", "c", "d", "e"]);
    let outcome = resolve_all(json!([
        https("a", 443, &["cert"]),
        https("b", 443, &["missing"]),
        https("c", 444, &["cert"]),
    ]));
    assert_eq!(
        conflicts(&outcome, &["a", "b", "c"]),
        ["HostnameConflict", "HostnameConflict", ""]
    );
    assert_eq!(outcome.served(), ["c"]);
}

/// GW-CONFLICT-03, GW-CONFLICT-04: TCP with anything, HTTP with HTTPS or TLS: all lose.
#[test]
fn protocols_that_cannot_share_a_port() {
    for (one, other) in [
        ("TCP", "HTTP"),
        ("TCP", "TLS"),
        ("HTTP", "TLS"),
        ("TCP", "TCP"),
    ] {
        let outcome = resolve_all(json!([
            listener("a", 80, one),
            with_host(listener("b", 80, other), "b.test")
        ]));
        assert_eq!(
            conflicts(&outcome, &["a", "b"]),
            [CLASH, CLASH],
            "{one} {other}"
        );
    }
    let outcome = resolve_all(json!([
        http("a", 80),
        with_host(https("b", 80, &["cert"]), "b.test")
    ]));
    assert_eq!(conflicts(&outcome, &["a", "b"]), [CLASH, CLASH]);
    assert_eq!(
        outcome.told("Gateway infra/edge").split(' ').next(),
        Some("Accepted=!ListenersNotValid")
    );
}

/// GW-CONFLICT-03, GW-CONFLICT-09: with TCP switched off only the TCP listener is refused.
#[test]
fn switched_off_tcp_takes_no_part() {
    let features = Features::default().without("TCPRoute").expect("known");
    let outcome = world()
        .controller(|controller| controller.with_features(features))
        .with(gateway(
            "infra/edge",
            json!([http("a", 80), listener("b", 80, "TCP")]),
        ))
        .resolve();
    assert_eq!(outcome.edge("a"), FINE);
    assert_eq!(
        outcome.edge("b"),
        "Accepted=!UnsupportedProtocol Programmed=!Invalid ResolvedRefs=ResolvedRefs"
    );
}

/// GW-CONFLICT-05: HTTPS beside TLS goes by hostname.
#[test]
fn https_beside_tls_goes_by_hostname() {
    let pair = |host: &str| {
        resolve_all(json!([
            with_host(https("a", 443, &["cert"]), "a.test"),
            with_host(listener("b", 443, "TLS"), host),
        ]))
    };
    assert_eq!(pair("b.test").served(), ["a", "b"]);
    assert_eq!(
        conflicts(&pair("a.test"), &["a", "b"]),
        ["HostnameConflict"; 2]
    );
}

/// GW-CONFLICT-06, GW-CONFLICT-10, GW-CONFLICT-11, GW-KINDS-08: both TLS modes on a port; with the feature off all lose and
/// show no kinds, but still count.
#[test]
fn mixed_modes_need_their_feature() {
    let ends = edit(
        with_host(https("ends", 443, &["cert"]), "a.test"),
        json!({"protocol": "TLS"}),
    );
    let both = json!([ends, with_host(listener("through", 443, "TLS"), "b.test")]);
    assert_eq!(resolve_all(both.clone()).served(), ["ends", "through"]);
    let features = Features::default()
        .without("TLSRouteModeMixed")
        .expect("known");
    let tls = route(
        "TLSRoute",
        "shop/tls",
        json!({"parentRefs": [to_edge()], "hostnames": ["b.test"],
            "rules": [{"backendRefs": [{"name": "x", "port": 443}]}]}),
    );
    for release in Release::ALL {
        let outcome = world()
            .release(release)
            .controller(|controller| controller.with_features(features.clone()))
            .with(secret("infra/cert"))
            .with(gateway("infra/edge", both.clone()))
            .with(tls.clone())
            .resolve();
        for name in ["ends", "through"] {
            assert_eq!(
                outcome.edge(name),
                "Accepted=!ProtocolConflict Programmed=!ProtocolConflict ResolvedRefs=ResolvedRefs \
                 Conflicted=ProtocolConflict"
            );
            assert!(outcome.kinds("Gateway infra/edge", name).is_empty());
        }
        assert_eq!(outcome.count("Gateway infra/edge", "through"), 1);
        assert!(outcome.heads().is_empty());
    }
}

/// GW-CONFLICT-07, GW-CONFLICT-08: two UDP listeners conflict by protocol; UDP and TCP share a port number.
#[test]
fn udp_is_a_world_of_its_own() {
    let outcome = resolve_all(json!([listener("a", 53, "UDP"), listener("b", 53, "UDP")]));
    assert_eq!(conflicts(&outcome, &["a", "b"]), [CLASH, CLASH]);
    let outcome = resolve_all(json!([listener("a", 53, "UDP"), listener("b", 53, "TCP")]));
    assert_eq!(outcome.served(), ["a", "b"]);
}

/// GW-CONFLICT-09: bad content keeps out of conflicts, bad references and kinds do not.
#[test]
fn who_takes_part() {
    let selector = json!({"allowedRoutes": {"namespaces": {"from": "Selector"}}});
    let no_tls = json!({"name": "b", "port": 443, "protocol": "HTTPS"});
    for (spoiled, good) in [
        (edit(http("b", 80), json!({"tls": {}})), http("a", 80)),
        (edit(http("b", 80), selector), http("a", 80)),
        (
            edit(http("b", 80), json!({"protocol": "ODD"})),
            http("a", 80),
        ),
        (no_tls, https("a", 443, &["cert"])),
    ] {
        let outcome = resolve_all(json!([good, spoiled]));
        assert_eq!(outcome.edge("a"), FINE, "{spoiled}");
        assert_eq!(conflicts(&outcome, &["b"]), [""], "{spoiled}");
    }
    let kinds = json!({"allowedRoutes": {"kinds": [{"kind": "Odd"}]}});
    for (spoiled, good) in [
        (https("b", 443, &["missing"]), https("a", 443, &["cert"])),
        (edit(http("b", 80), kinds), http("a", 80)),
    ] {
        let outcome = resolve_all(json!([good, spoiled]));
        assert_eq!(
            conflicts(&outcome, &["a", "b"]),
            ["HostnameConflict"; 2],
            "{spoiled}"
        );
    }
}

/// GW-CONFLICT-10, GW-CONFLICT-11: no winner inside a resource; all three conditions give one reason.
#[test]
fn no_winner_inside_a_resource() {
    for release in Release::ALL {
        let outcome = world()
            .release(release)
            .with(aged(
                1,
                gateway(
                    "infra/edge",
                    json!([http("a", 80), http("b", 80), http("c", 81)]),
                ),
            ))
            .resolve();
        for name in ["a", "b"] {
            assert_eq!(
                outcome.edge(name),
                "Accepted=!HostnameConflict Programmed=!HostnameConflict ResolvedRefs=ResolvedRefs \
                 Conflicted=HostnameConflict"
            );
            assert_eq!(
                outcome.kinds("Gateway infra/edge", name),
                ["HTTPRoute", "GRPCRoute"]
            );
        }
        // GW-CONFLICT-13: healthy listeners say nothing about conflicts.
        assert_eq!(outcome.edge("c"), FINE);
        assert_eq!(outcome.served(), ["c"]);
    }
}

/// GW-CONFLICT-12: a protocol conflict hides a hostname conflict.
#[test]
fn protocol_before_hostname() {
    let outcome = resolve_all(json!([
        http("a", 80),
        http("b", 80),
        listener("c", 80, "TCP")
    ]));
    assert_eq!(conflicts(&outcome, &["a", "b", "c"]), [CLASH; 3]);
}

/// GW-CONFLICT-14, GW-CONFLICT-15, GW-COND-02: accepted with the distinct rest, named in the message; else refused.
#[test]
fn a_gateway_lives_by_its_distinct_rest() {
    let some = resolve_all(json!([http("a", 80), http("b", 80), http("c", 81)]));
    assert_eq!(
        some.told("Gateway infra/edge"),
        "Accepted=ListenersNotValid Programmed=Programmed ResolvedRefs=ResolvedRefs"
    );
    let message = some.message_of(some.status("Gateway infra/edge"), "Accepted");
    assert!(
        ["`a`", "`b`", "`c`"]
            .iter()
            .all(|name| message.contains(name)),
        "{message}"
    );
    let none = resolve_all(json!([http("a", 80), http("b", 80)]));
    assert_eq!(
        none.told("Gateway infra/edge"),
        "Accepted=!ListenersNotValid Programmed=!Invalid ResolvedRefs=ResolvedRefs"
    );
}

/// GW-CONFLICT-16: Gateways never clash with each other.
#[test]
fn gateways_are_not_merged() {
    let outcome = world()
        .with(edge())
        .with(gateway("infra/other", json!([http("web", 80)])))
        .resolve();
    assert_eq!(outcome.edge("web"), FINE);
    assert_eq!(outcome.told_listener("Gateway infra/other", "web"), FINE);
}

/// GW-CONFLICT-17: the order of listeners plays no role.
#[test]
fn order_inside_a_resource_plays_no_role() {
    let all = [
        http("a", 80),
        http("b", 80),
        with_host(http("c", 80), "c.test"),
        listener("d", 81, "TCP"),
        with_host(listener("e", 81, "TLS"), "e.test"),
        listener("f", 82, "UDP"),
    ];
    let told = |order: &[usize]| {
        let listeners: Vec<Value> = order.iter().map(|i| all[*i].clone()).collect();
        let outcome = resolve_all(json!(listeners));
        ["a", "b", "c", "d", "e", "f"].map(|name| outcome.edge(name))
    };
    let first = told(&[0, 1, 2, 3, 4, 5]);
    assert_eq!(first, told(&[5, 4, 3, 2, 1, 0]));
    assert_eq!(first, told(&[2, 4, 0, 5, 1, 3]));
}
