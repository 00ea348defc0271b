//! Gateways that Routes bind to without naming them: GW-DEF.

use gatewright::vocab::{Bundle, Channel, Release};
use serde_json::{Value, json};

use crate::world::*;

fn default_gateway(name: &str) -> Value {
    edit(
        gateway(name, json!([http("web", 80)])),
        json!({"spec": {"defaultScope": "All"}}),
    )
}

fn unnamed(more: Value) -> Value {
    edit(
        http_route(
            "shop/cart",
            json!({"useDefaultGateways": "All", "rules": []}),
        ),
        json!({"spec": more}),
    )
}

fn entries(world: World) -> Vec<String> {
    world.resolve().parents("HTTPRoute shop/cart")
}

/// GW-DEF-01, VER-02: both sides must say `All`; the fields exist in experimental channels only.
#[test]
fn both_sides_must_say_all() {
    for (gateway_scope, route_scope, bound) in [
        (json!("All"), json!("All"), true),
        (json!("None"), json!("All"), false),
        (json!(null), json!("All"), false),
        (json!("All"), json!("None"), false),
        (json!("All"), json!(""), false),
        (json!("All"), json!(null), false),
    ] {
        let gateway = edit(
            default_gateway("infra/edge"),
            json!({"spec": {"defaultScope": gateway_scope}}),
        );
        let route = unnamed(json!({"useDefaultGateways": route_scope}));
        let found = entries(world().with(gateway).with(route));
        let expected: &[&str] = if bound {
            &["Gateway infra/edge: Accepted, ResolvedRefs"]
        } else {
            &[]
        };
        assert_eq!(found, expected, "{gateway_scope} {route_scope}");
    }
    let standard = Bundle::new(Release::V1_6, Channel::Standard);
    let world = world().bundle(standard).with(default_gateway("infra/edge"));
    assert!(entries(world.with(unnamed(json!({})))).is_empty());
}

/// GW-DEF-01: all five kinds of Route have the field.
#[test]
fn all_kinds_bind_by_default() {
    for (kind, protocol) in [
        ("HTTPRoute", "HTTP"),
        ("GRPCRoute", "HTTP"),
        ("TLSRoute", "TLS"),
        ("TCPRoute", "TCP"),
        ("UDPRoute", "UDP"),
    ] {
        let gateway = edit(
            gateway("infra/edge", json!([listener("l", 4000, protocol)])),
            json!({"spec": {"defaultScope": "All"}}),
        );
        let rules = json!([{"backendRefs": [{"name": "gone", "port": 80}]}]);
        let object = route(
            kind,
            "shop/r",
            json!({"useDefaultGateways": "All", "rules": rules}),
        );
        let outcome = world().with(gateway).with(object).resolve();
        assert_eq!(
            outcome.parents(&format!("{kind} shop/r")),
            ["Gateway infra/edge: Accepted, !BackendNotFound"]
        );
    }
}

/// GW-DEF-02, GW-DEF-03: the ordinary rules hold: namespaces, kinds, hostnames.
#[test]
fn ordinary_rules_hold() {
    let same_only = edit(
        default_gateway("infra/edge"),
        json!({"spec": {"listeners": [{"name": "web", "port": 80, "protocol": "HTTP"}]}}),
    );
    let world = world().with(same_only);
    assert_eq!(
        entries(world.clone().with(unnamed(json!({})))),
        ["Gateway infra/edge: !NotAllowedByListeners, ResolvedRefs"]
    );
    let hosted = edit(
        default_gateway("infra/edge"),
        json!({"spec": {"listeners": [http_for("web", 80, "a.test")]}}),
    );
    assert_eq!(
        entries(
            world
                .with(hosted)
                .with(unnamed(json!({"hostnames": ["b.test"]})))
        ),
        ["Gateway infra/edge: !NoMatchingListenerHostname, ResolvedRefs"]
    );
}

/// GW-DEF-04, GW-DEF-06, GW-DEF-14: a Route binds to all default Gateways; entries name the namespace, by namespace and
/// name compared as a pair.
#[test]
fn a_route_binds_to_all_default_gateways() {
    let world = world()
        .with(default_gateway("a-b/x"))
        .with(default_gateway("a/y"))
        .with(default_gateway("a/x"))
        .with(default_gateway("shop/own"))
        .with(unnamed(json!({})));
    assert_eq!(
        entries(world),
        [
            "Gateway a/x: Accepted, ResolvedRefs",
            "Gateway a/y: Accepted, ResolvedRefs",
            "Gateway a-b/x: Accepted, ResolvedRefs",
            "Gateway shop/own: Accepted, ResolvedRefs",
        ]
    );
}

/// GW-DEF-05: without a default Gateway nothing happens.
#[test]
fn without_a_default_gateway_nothing_binds() {
    assert!(entries(world().with(edge()).with(unnamed(json!({})))).is_empty());
}

/// GW-DEF-07: named parents stay in force; Services are never default parents.
#[test]
fn named_parents_stay_in_force() {
    let route = unnamed(json!({"parentRefs": [
        {"namespace": "infra", "name": "named"},
        {"group": "", "kind": "Service", "name": "cart"},
    ]}));
    let world = world()
        .with(default_gateway("infra/edge"))
        .with(gateway("infra/named", json!([http("web", 80)])))
        .with(service("shop/cart", &[80]))
        .with(route);
    assert_eq!(
        entries(world),
        [
            "Gateway infra/named: Accepted, ResolvedRefs",
            "Service cart: Accepted, ResolvedRefs",
            "Gateway infra/edge: Accepted, ResolvedRefs",
        ]
    );
}

/// GW-DEF-08: a Gateway that is named as a whole has one entry; named by section it has two, and counts once a listener.
#[test]
fn a_named_default_gateway_has_one_entry_unless_limited() {
    let two = edit(
        default_gateway("infra/edge"),
        json!({"spec": {"listeners": [http("web", 80), http("alt", 81)]}}),
    );
    let world = world().with(two);
    let whole = unnamed(json!({"parentRefs": [to_edge()]}));
    assert_eq!(
        entries(world.clone().with(whole)),
        ["Gateway infra/edge: Accepted, ResolvedRefs"]
    );
    for limit in [json!({"sectionName": "web"}), json!({"port": 80})] {
        let route = unnamed(json!({"parentRefs": [edit(to_edge(), limit)]}));
        let outcome = world.clone().with(route).resolve();
        assert_eq!(
            outcome.verdicts("HTTPRoute shop/cart"),
            ["Accepted, ResolvedRefs", "Accepted, ResolvedRefs"]
        );
        assert_eq!(outcome.count("Gateway infra/edge", "web"), 1);
        assert_eq!(outcome.count("Gateway infra/edge", "alt"), 1);
        assert_eq!(outcome.serving("web").len(), 1);
    }
}

/// GW-DEF-09: a default Gateway that does not take the Route says so, unless that is switched off.
#[test]
fn refusals_of_default_gateways_can_be_hidden() {
    let hosted = edit(
        default_gateway("infra/edge"),
        json!({"spec": {"listeners": [http_for("web", 80, "a.test")]}}),
    );
    let world = world()
        .with(hosted)
        .with(default_gateway("infra/wide"))
        .with(unnamed(json!({"hostnames": ["b.test"]})));
    assert_eq!(
        entries(world.clone()),
        [
            "Gateway infra/edge: !NoMatchingListenerHostname, ResolvedRefs",
            "Gateway infra/wide: Accepted, ResolvedRefs",
        ]
    );
    let quiet = world.controller(|c| c.with_refused_defaults_shown(false));
    assert_eq!(
        entries(quiet),
        ["Gateway infra/wide: Accepted, ResolvedRefs"]
    );
}

/// GW-DEF-11: sets are not reached by default.
#[test]
fn sets_are_not_reached_by_default() {
    let set = json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "ListenerSet",
        "metadata": {"namespace": "infra", "name": "more"},
        "spec": {"parentRef": {"name": "edge"}, "listeners": [http("entry", 81)]},
    });
    let allowing = edit(
        default_gateway("infra/edge"),
        json!({"spec": {"allowedListeners": {"namespaces": {"from": "All"}}}}),
    );
    let outcome = world()
        .release(Release::V1_6)
        .with(allowing)
        .with(set)
        .with(unnamed(json!({})))
        .resolve();
    assert_eq!(outcome.count("Gateway infra/edge", "web"), 1);
    assert_eq!(outcome.count("ListenerSet infra/more", "entry"), 0);
}

/// GW-DEF-12: unsetting the scope unbinds and takes the entry away.
#[test]
fn unsetting_the_scope_unbinds() {
    let bound = world()
        .with(default_gateway("infra/edge"))
        .with(unnamed(json!({})));
    let status = bound.resolve().statuses["HTTPRoute shop/cart"].clone();
    assert_eq!(list(&status["parents"]).len(), 1);
    let route = edit(unnamed(json!({})), json!({"status": status}));
    let unbound = world().with(edge()).with(route).resolve();
    assert!(list(&unbound.statuses["HTTPRoute shop/cart"]["parents"]).is_empty());
}

/// GW-DEF-13: default Gateways of others are theirs.
#[test]
fn default_gateways_of_others_are_left_alone() {
    let foreign = edit(
        default_gateway("infra/edge"),
        json!({"spec": {"gatewayClassName": "theirs"}}),
    );
    assert!(entries(world().with(foreign).with(unnamed(json!({})))).is_empty());
}

/// GW-DEF-10: the Gateway says that it is a default one, and only then.
#[test]
fn a_default_gateway_says_so() {
    let condition = |gateway: Value| {
        let outcome = world().with(gateway).resolve();
        let conditions = list(&outcome.statuses["Gateway infra/edge"]["conditions"]).to_vec();
        conditions
            .into_iter()
            .find(|condition| condition["type"] == "DefaultGateway")
    };
    let found = condition(default_gateway("infra/edge")).expect("it is there");
    assert_eq!(found["status"], "True");
    assert_eq!(found["reason"], "DefaultGateway");
    assert_eq!(condition(edge()), None);
}
