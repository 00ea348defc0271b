//! Which hosts a Route serves on a listener: RT-HOST.

use serde_json::{Value, json};

use crate::world::*;

fn on(listeners: Value, hostnames: Value) -> Outcome {
    let route = edit(cart_route(), json!({"spec": {"hostnames": hostnames}}));
    world()
        .with(gateway("infra/edge", listeners))
        .with(route)
        .with(service("shop/cart", &[80]))
        .resolve()
}

/// RT-HOST-01: kinds without hostnames always pass, whatever the listener says.
#[test]
fn streams_have_no_hostnames() {
    for (kind, protocol) in [("TCPRoute", "TCP"), ("UDPRoute", "UDP")] {
        let rules = json!([{"backendRefs": [{"name": "cart", "port": 80}]}]);
        let listener = edit(listener("l", 4000, protocol), json!({"hostname": "a.test"}));
        let outcome = world()
            .with(gateway("infra/edge", json!([listener])))
            .with(route(
                kind,
                "shop/r",
                json!({"parentRefs": [to_edge()], "rules": rules}),
            ))
            .resolve();
        assert_eq!(
            outcome.verdicts(&format!("{kind} shop/r")),
            ["Accepted, !BackendNotFound"]
        );
    }
}

/// RT-HOST-02, L4-TLS-03: a TLSRoute of v1alpha2 without hostnames takes every server name.
#[test]
fn a_tls_route_without_hostnames_takes_every_name() {
    let tls = |name: &str, hostnames: Value| {
        let rules = json!([{"backendRefs": [{"name": "cart", "port": 80}]}]);
        route(
            "TLSRoute",
            name,
            json!({"parentRefs": [to_edge()], "hostnames": hostnames, "rules": rules}),
        )
    };
    let outcome = world()
        .with(gateway("infra/edge", json!([listener("pass", 443, "TLS")])))
        .with(tls("shop/all", json!(null)))
        .with(tls("shop/some", json!(["a.test", "*.b.test"])))
        .resolve();
    assert_eq!(
        outcome.serving("pass"),
        [
            "TLSRoute shop/all []",
            "TLSRoute shop/some [a.test *.b.test]"
        ]
    );
}

/// RT-HOST-03, RT-HOST-06: absence on one side takes the other side's names; names that do not fit are left out.
#[test]
fn names_of_both_sides_are_intersected() {
    let listeners = json!([http("any", 80), http_for("wild", 81, "*.shop.test")]);
    let limited = on(listeners.clone(), json!(["a.shop.test", "b.test"]));
    assert_eq!(
        limited.serving("any"),
        ["HTTPRoute shop/cart [a.shop.test b.test]"]
    );
    assert_eq!(
        limited.serving("wild"),
        ["HTTPRoute shop/cart [a.shop.test]"]
    );
    let unlimited = on(listeners, json!([]));
    assert_eq!(unlimited.serving("any"), ["HTTPRoute shop/cart []"]);
    assert_eq!(unlimited.serving("wild"), ["HTTPRoute shop/cart []"]);
}

/// RT-HOST-04, RT-HOST-05: the pairs of the conformance suite and their near-misses.
#[test]
fn wildcards_cover_longer_names_only() {
    for (listener, route, fits) in [
        ("very.specific.com", "very.specific.com", true),
        ("very.specific.com", "*.specific.com", true),
        ("very.specific.com", "specific.com", false),
        ("*.wildcard.io", "wildcard.io", false),
        ("*.wildcard.io", "foo.bar.wildcard.io", true),
        ("*.wildcard.io", "*.wildcard.io", true),
        ("*.wildcard.io", "*.foo.wildcard.io", true),
        ("*.foo.example.com", "*.example.com", true),
        ("*.foo.example.com", "foo.example.com", false),
        ("*.foo.example.com", "*.bar.example.com", false),
        ("*.foo.example.com", "*.xfoo.example.com", false),
    ] {
        let outcome = on(json!([http_for("web", 80, listener)]), json!([route]));
        let expected = if fits {
            "Accepted"
        } else {
            "!NoMatchingListenerHostname"
        };
        assert_eq!(
            outcome.verdicts("HTTPRoute shop/cart"),
            [format!("{expected}, ResolvedRefs")],
            "{listener} {route}"
        );
    }
}

/// RT-HOST-07, HOST-KEY-05: addresses meet nothing, not even a listener without hostname.
#[test]
fn addresses_meet_nothing() {
    let outcome = on(json!([http("web", 80)]), json!(["10.1.2.3"]));
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["!NoMatchingListenerHostname, ResolvedRefs"]
    );
    let message = outcome.message("HTTPRoute shop/cart", 0, "Accepted");
    assert!(message.contains("10.1.2.3"), "{message}");
    let mixed = on(json!([http("web", 80)]), json!(["10.1.2.3", "a.test"]));
    assert_eq!(mixed.serving("web"), ["HTTPRoute shop/cart [a.test]"]);
}

/// RT-HOST-08, GW-LSTN-14: names are kept per listener, without repetitions.
#[test]
fn names_are_kept_per_listener() {
    let listeners = json!([
        http("empty", 80),
        http_for("wild", 80, "*.example.com"),
        http_for("foo", 80, "*.foo.example.com"),
        http_for("abc", 80, "abc.foo.example.com"),
    ]);
    let names = json!(["abc.foo.example.com", "bar.com", "ABC.foo.example.com"]);
    let outcome = on(listeners, names);
    assert_eq!(
        outcome.serving("empty"),
        ["HTTPRoute shop/cart [abc.foo.example.com bar.com]"]
    );
    for listener in ["wild", "foo", "abc"] {
        assert_eq!(
            outcome.serving(listener),
            ["HTTPRoute shop/cart [abc.foo.example.com]"],
            "{listener}"
        );
    }
}

/// RT-HOST-10, GW-STAT-13: TLSRoutes of one hostname are all attached; age and name go into the plan, where precedence is
/// decided.
#[test]
fn tls_routes_of_one_name_are_all_attached() {
    let tls = |seconds: u32, name: &str| {
        let rules = json!([{"backendRefs": [{"name": "cart", "port": 80}]}]);
        let spec = json!({"parentRefs": [to_edge()], "hostnames": ["a.test"], "rules": rules});
        aged(seconds, route("TLSRoute", name, spec))
    };
    let outcome = world()
        .with(gateway("infra/edge", json!([listener("pass", 443, "TLS")])))
        .with(tls(2, "shop/young"))
        .with(tls(1, "shop/old"))
        .resolve();
    assert_eq!(outcome.serving("pass").len(), 2);
    let age = |name: &str| outcome.plan_route(name).created.expect("it has a time");
    assert_eq!(age("TLSRoute shop/young") - age("TLSRoute shop/old"), 1);
}
