//! Routes of several kinds or of one stream kind on one listener: RT-XTYPE, RT-L4.

use gatewright::vocab::Release;
use serde_json::{Value, json};

use crate::world::*;

fn two_kinds(http_hosts: Value, grpc_hosts: Value) -> World {
    let http = http_route(
        "shop/a",
        json!({"parentRefs": [to_edge()], "hostnames": http_hosts, "rules": []}),
    );
    let grpc = route(
        "GRPCRoute",
        "shop/b",
        json!({"parentRefs": [to_edge()], "hostnames": grpc_hosts}),
    );
    world().with(edge()).with(aged(1, http)).with(aged(2, grpc))
}

/// RT-XTYPE-01, RT-XTYPE-02, RT-XTYPE-04, MATCH-GRPC-15: of two kinds on one host the older Route wins, by name at equal
/// age; the other one is `Conflicted`.
#[test]
fn the_older_route_wins() {
    let world = two_kinds(json!(["a.test"]), json!(["a.test"])).release(Release::V1_4);
    let outcome = world.resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/a"),
        ["Accepted, ResolvedRefs"]
    );
    assert_eq!(
        outcome.verdicts("GRPCRoute shop/b"),
        ["!Conflicted, ResolvedRefs"]
    );
    assert_eq!(outcome.count("Gateway infra/edge", "web"), 1);

    let grpc = route(
        "GRPCRoute",
        "shop/b",
        json!({"parentRefs": [to_edge()], "hostnames": ["a.test"]}),
    );
    let outcome = world.clone().with(grpc.clone()).resolve();
    assert_eq!(
        outcome.verdicts("GRPCRoute shop/b"),
        ["!Conflicted, ResolvedRefs"],
        "no time is youngest"
    );
    let outcome = world.with(aged(0, grpc)).resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/a"),
        ["!Conflicted, ResolvedRefs"]
    );

    let same = |kind: &str, name: &str| {
        aged(
            1,
            route(kind, name, json!({"parentRefs": [to_edge()], "rules": []})),
        )
    };
    let outcome = crate::world::world()
        .release(Release::V1_5)
        .with(edge())
        .with(same("HTTPRoute", "a/x"))
        .with(same("GRPCRoute", "a-b/x"))
        .resolve();
    // GW-STAT-13: `a-b/x` comes before `a/x` as a text.
    assert_eq!(
        outcome.verdicts("HTTPRoute a/x"),
        ["!Conflicted, ResolvedRefs"]
    );
    assert_eq!(
        outcome.verdicts("GRPCRoute a-b/x"),
        ["Accepted, ResolvedRefs"]
    );
}

/// RT-XTYPE-03, RT-XTYPE-07: an option; on up to v1.5, off from v1.6.
#[test]
fn exclusion_is_an_option() {
    let world = two_kinds(json!(null), json!(null));
    for (release, option, excluded) in [
        (Release::V1_4, None, true),
        (Release::V1_5, None, true),
        (Release::V1_6, None, false),
        (Release::V1_4, Some(false), false),
        (Release::V1_6, Some(true), true),
    ] {
        let mut world = world.clone().release(release);
        if let Some(option) = option {
            world = world.controller(|c| c.with_exclusive_hostnames(option));
        }
        let outcome = world.resolve();
        let expected = if excluded { "!Conflicted" } else { "Accepted" };
        assert_eq!(
            outcome.verdicts("GRPCRoute shop/b"),
            [format!("{expected}, ResolvedRefs")],
            "{release} {option:?}"
        );
        assert_eq!(outcome.serving("web").len(), if excluded { 1 } else { 2 });
    }
}

/// RT-XTYPE-05: losing is per listener and by effective hostnames; only a Route without any listener left is refused.
#[test]
fn a_route_loses_per_listener() {
    let listeners = json!([http_for("a", 80, "*.a.test"), http_for("b", 80, "*.b.test")]);
    let older = http_route(
        "shop/a",
        json!({"parentRefs": [to_edge()], "hostnames": ["x.a.test"], "rules": []}),
    );
    let younger = route(
        "GRPCRoute",
        "shop/b",
        json!({"parentRefs": [to_edge()], "hostnames": ["*.test"]}),
    );
    let outcome = world()
        .release(Release::V1_5)
        .with(gateway("infra/edge", listeners))
        .with(aged(1, older))
        .with(aged(2, younger))
        .resolve();
    assert_eq!(
        outcome.verdicts("GRPCRoute shop/b"),
        ["Accepted, ResolvedRefs"]
    );
    assert_eq!(outcome.serving("a"), ["HTTPRoute shop/a [x.a.test]"]);
    assert_eq!(outcome.serving("b"), ["GRPCRoute shop/b [*.test]"]);
    assert_eq!(outcome.count("Gateway infra/edge", "a"), 1);

    for (http, grpc, meet) in [
        (json!(null), json!(null), true),
        (json!(["a.test"]), json!(null), true),
        (json!(["a.test"]), json!(["b.test"]), false),
        (json!(["*.a.test"]), json!(["x.a.test"]), true),
        (json!(["*.a.test"]), json!(["a.test"]), false),
    ] {
        let outcome = two_kinds(http.clone(), grpc.clone())
            .release(Release::V1_5)
            .resolve();
        let expected = if meet { "!Conflicted" } else { "Accepted" };
        assert_eq!(
            outcome.verdicts("GRPCRoute shop/b"),
            [format!("{expected}, ResolvedRefs")],
            "{http} {grpc}"
        );
    }
}

/// RT-XTYPE-06: Routes are taken by age, losers make nobody lose, and Routes without a valid rule take no part.
#[test]
fn chains_are_taken_by_age() {
    let grpc = |seconds, name: &str, hosts: Value| {
        aged(
            seconds,
            route(
                "GRPCRoute",
                name,
                json!({"parentRefs": [to_edge()], "hostnames": hosts}),
            ),
        )
    };
    let http = |seconds, name: &str, hosts: Value, rules: Value| {
        let spec = json!({"parentRefs": [to_edge()], "hostnames": hosts, "rules": rules});
        aged(seconds, http_route(name, spec))
    };
    let outcome = world()
        .release(Release::V1_5)
        .with(edge())
        .with(http(1, "shop/first", json!(["a.test"]), json!([])))
        .with(grpc(2, "shop/second", json!(["a.test", "b.test"])))
        .with(http(3, "shop/third", json!(["b.test"]), json!([])))
        .resolve();
    assert_eq!(
        outcome.verdicts("GRPCRoute shop/second"),
        ["!Conflicted, ResolvedRefs"]
    );
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/third"),
        ["Accepted, ResolvedRefs"]
    );

    let invalid = json!([{"filters": [{"type": "Teleport"}]}]);
    let outcome = world()
        .release(Release::V1_5)
        .with(edge())
        .with(http(1, "shop/first", json!(["a.test"]), invalid))
        .with(grpc(2, "shop/second", json!(["a.test"])))
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/first"),
        ["!UnsupportedValue, ResolvedRefs"]
    );
    assert_eq!(
        outcome.verdicts("GRPCRoute shop/second"),
        ["Accepted, ResolvedRefs"]
    );
}

fn stream(kind: &str, name: &str, rules: Value) -> Value {
    route(
        kind,
        name,
        json!({"parentRefs": [to_edge()], "rules": rules}),
    )
}

fn to(backend: &str) -> Value {
    json!({"backendRefs": [{"name": backend, "port": 80}]})
}

/// RT-L4-01, RT-L4-05, L4-TCP-01, L4-UDP-01: several stream Routes on one listener are all accepted and attached; their age
/// decides later, whatever their backends.
#[test]
fn stream_routes_share_a_listener() {
    for (kind, protocol) in [("TCPRoute", "TCP"), ("UDPRoute", "UDP")] {
        let outcome = world()
            .with(gateway(
                "infra/edge",
                json!([listener("l", 4000, protocol)]),
            ))
            .with(aged(1, stream(kind, "shop/old", json!([to("gone")]))))
            .with(aged(2, stream(kind, "shop/young", json!([to("gone")]))))
            .resolve();
        for name in ["shop/old", "shop/young"] {
            let name = format!("{kind} {name}");
            assert_eq!(
                outcome.verdicts(&name),
                ["Accepted, !BackendNotFound"],
                "{name}"
            );
            assert!(outcome.plan_route(&name).created.is_some());
        }
        assert_eq!(outcome.count("Gateway infra/edge", "l"), 2);
    }
}

/// RT-L4-02, L4-TLS-04, L4-TCP-02: only the first rule is served; the others are no fault, a hint tells so, and their
/// references count.
#[test]
fn only_the_first_rule_of_a_stream_is_served() {
    let rules = json!([to("cart"), to("gone")]);
    let outcome = world()
        .with(gateway("infra/edge", json!([listener("l", 4000, "TCP")])))
        .with(service("shop/cart", &[80]))
        .with(stream("TCPRoute", "shop/r", rules))
        .resolve();
    assert_eq!(
        outcome.verdicts("TCPRoute shop/r"),
        ["Accepted, !BackendNotFound"]
    );
    assert!(
        outcome
            .message("TCPRoute shop/r", 0, "Accepted")
            .contains("first rule")
    );
    let route = outcome.plan_route("TCPRoute shop/r");
    assert_eq!(route.rules.len(), 1);
    assert_eq!(route.rules[0].index, 0);
}

/// RT-L4-03, L4-TCP-04: weights go into the plan, invalid backends with theirs; no backends are no fault of the Route.
#[test]
fn weights_of_streams_go_into_the_plan() {
    let rules = json!([{"backendRefs": [
        {"name": "cart", "port": 80, "weight": 3},
        {"name": "gone", "port": 80, "weight": 0},
    ]}]);
    let world = world()
        .with(gateway("infra/edge", json!([listener("l", 4000, "TCP")])))
        .with(service("shop/cart", &[80]));
    let outcome = world
        .clone()
        .with(stream("TCPRoute", "shop/r", rules))
        .resolve();
    let backends = &outcome.plan_route("TCPRoute shop/r").rules[0]
        .action
        .backends;
    let told: Vec<(u32, bool)> = backends
        .iter()
        .map(|b| (b.weight, b.fault.is_some()))
        .collect();
    assert_eq!(told, [(3, false), (0, true)]);
    let outcome = world
        .with(stream("TCPRoute", "shop/r", json!([{"backendRefs": []}])))
        .resolve();
    assert_eq!(
        outcome.verdicts("TCPRoute shop/r"),
        ["Accepted, ResolvedRefs"]
    );
}

/// RT-L4-04: a Route for the whole Gateway attaches to every listener of its protocol.
#[test]
fn streams_attach_to_every_listener_of_their_protocol() {
    let listeners = json!([
        listener("t1", 4000, "TCP"),
        listener("t2", 4001, "TCP"),
        listener("u", 4000, "UDP"),
    ]);
    let outcome = world()
        .with(gateway("infra/edge", listeners))
        .with(stream("TCPRoute", "shop/r", json!([to("gone")])))
        .resolve();
    for (listener, count) in [("t1", 1), ("t2", 1), ("u", 0)] {
        assert_eq!(
            outcome.count("Gateway infra/edge", listener),
            count,
            "{listener}"
        );
    }
}
