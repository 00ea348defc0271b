//! What parentRefs lead to, and who lets Routes in: RT-PREF, RT-ATT, and ListenerSets as parents.

use gatewright::vocab::Release;
use serde_json::{Value, json};

use crate::world::*;

fn attached_by(parents: Value) -> Vec<String> {
    let gateway = gateway("infra/edge", json!([http("web", 80), http("alt", 8080)]));
    let route = edit(cart_route(), json!({"spec": {"parentRefs": parents}}));
    let world = world()
        .with(gateway)
        .with(route)
        .with(service("shop/cart", &[80]));
    world.resolve().parents("HTTPRoute shop/cart")
}

/// RT-PREF-01: group, kind and namespace have defaults; the group of a Service must be written out.
#[test]
fn group_kind_and_namespace_have_defaults() {
    let world = world()
        .with(gateway("shop/edge", json!([http("web", 80)])))
        .with(service("shop/cart", &[80]))
        .with(edit(
            cart_route(),
            json!({"spec": {"parentRefs": [{"name": "edge"}]}}),
        ));
    assert_eq!(
        world.resolve().parents("HTTPRoute shop/cart"),
        ["Gateway edge: Accepted, ResolvedRefs"]
    );
    let ungrouped = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [{"kind": "Service", "name": "cart"}]}}),
    );
    assert!(
        world
            .with(ungrouped)
            .resolve()
            .parents("HTTPRoute shop/cart")
            .is_empty()
    );
}

/// RT-PREF-02: what is missing, of another kind or of another controller gets no entry from us.
#[test]
fn what_is_not_ours_gets_no_entry() {
    let foreign = edit(
        gateway("infra/foreign", json!([http("web", 80)])),
        json!({"spec": {"gatewayClassName": "theirs"}}),
    );
    let route = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [
            {"namespace": "infra", "name": "foreign"},
            {"namespace": "infra", "name": "missing"},
            {"namespace": "infra", "name": "edge", "kind": "Router"},
            {"namespace": "infra", "name": "edge", "group": "example.net"},
            to_edge(),
        ]}}),
    );
    let world = world()
        .with(edge())
        .with(foreign)
        .with(route)
        .with(service("shop/cart", &[80]));
    assert_eq!(
        world.resolve().parents("HTTPRoute shop/cart"),
        ["Gateway infra/edge: Accepted, ResolvedRefs"]
    );
}

/// RT-PREF-03: `sectionName` is the name of a listener; empty is none.
#[test]
fn a_section_names_one_listener() {
    let section = |name: &str| json!([{"namespace": "infra", "name": "edge", "sectionName": name}]);
    assert_eq!(
        attached_by(section("alt")),
        ["Gateway infra/edge#alt: Accepted, ResolvedRefs"]
    );
    assert_eq!(
        attached_by(section("other")),
        ["Gateway infra/edge#other: !NoMatchingParent, ResolvedRefs"]
    );
    assert_eq!(
        attached_by(section("")),
        ["Gateway infra/edge#: Accepted, ResolvedRefs"]
    );
}

/// RT-PREF-04: `port` keeps the listeners of that port.
#[test]
fn a_port_keeps_its_listeners() {
    let port = |port: u16| json!([{"namespace": "infra", "name": "edge", "port": port}]);
    assert_eq!(
        attached_by(port(8080)),
        ["Gateway infra/edge:8080: Accepted, ResolvedRefs"]
    );
    assert_eq!(
        attached_by(port(81)),
        ["Gateway infra/edge:81: !NoMatchingParent, ResolvedRefs"]
    );
}

/// RT-PREF-05: section and port must mean the same listener.
#[test]
fn section_and_port_must_meet() {
    let both = |name: &str, port: u16| json!([{"namespace": "infra", "name": "edge", "sectionName": name, "port": port}]);
    assert_eq!(
        attached_by(both("alt", 8080)),
        ["Gateway infra/edge#alt:8080: Accepted, ResolvedRefs"]
    );
    assert_eq!(
        attached_by(both("alt", 80)),
        ["Gateway infra/edge#alt:80: !NoMatchingParent, ResolvedRefs"]
    );
}

/// RT-PREF-06, RT-PREF-07: refs that only some CRDs admit are evaluated one by one, an unset and a spelt-out namespace are
/// one object, and the Route counts once.
#[test]
fn repeated_parents_are_evaluated_one_by_one() {
    let route = edit(
        http_route("infra/cart", json!({"rules": [forward("cart")]})),
        json!({"spec": {"parentRefs": [{"name": "edge"}, {"name": "edge"}, to_edge()]}}),
    );
    let outcome = world()
        .with(edge())
        .with(route)
        .with(service("infra/cart", &[80]))
        .resolve();
    assert_eq!(
        outcome.parents("HTTPRoute infra/cart"),
        [
            "Gateway edge: Accepted, ResolvedRefs",
            "Gateway edge: Accepted, ResolvedRefs",
            "Gateway infra/edge: Accepted, ResolvedRefs",
        ]
    );
    assert_eq!(outcome.count("Gateway infra/edge", "web"), 1);
    assert_eq!(outcome.serving("web"), ["HTTPRoute infra/cart []"]);
}

/// RT-PREF-08: without parents a Route attaches nowhere; 32 of them are fine.
#[test]
fn no_parents_no_entries_and_many_are_kept() {
    assert!(attached_by(json!([])).is_empty());
    let sections: Vec<Value> = (0..32)
        .map(|n| json!({"namespace": "infra", "name": "edge", "sectionName": format!("l{n}")}))
        .collect();
    assert_eq!(attached_by(json!(sections)).len(), 32);
}

/// RT-PREF-09, MATCH-CAND-05: each Gateway decides and serves for itself.
#[test]
fn each_gateway_serves_for_itself() {
    let narrow = gateway("infra/narrow", json!([http_for("narrow", 80, "a.test")]));
    let route = edit(
        cart_route(),
        json!({"spec": {
            "hostnames": ["a.test", "b.test"],
            "parentRefs": [to_edge(), {"namespace": "infra", "name": "narrow"}],
        }}),
    );
    let outcome = world().with(edge()).with(narrow).with(route).resolve();
    assert_eq!(
        outcome.serving("web"),
        ["HTTPRoute shop/cart [a.test b.test]"]
    );
    assert_eq!(outcome.serving("narrow"), ["HTTPRoute shop/cart [a.test]"]);
}

/// RT-ATT-01, RT-ATT-05: the reason is that of the last stage that some listener reached.
#[test]
fn the_last_stage_reached_gives_the_reason() {
    let from_shop = json!({"allowedRoutes": {"namespaces": {"from": "Same"}}});
    let listeners = json!([
        edit(http("closed", 80), from_shop),
        http_for("other", 8080, "other.test"),
    ]);
    let route = |section: Option<&str>| {
        let mut parent = to_edge();
        if let Some(section) = section {
            parent["sectionName"] = json!(section);
        }
        edit(
            cart_route(),
            json!({"spec": {"parentRefs": [parent], "hostnames": ["cart.test"]}}),
        )
    };
    let world = world().with(gateway("infra/edge", listeners));
    for (section, reason) in [
        (Some("missing"), "!NoMatchingParent"),
        (Some("closed"), "!NotAllowedByListeners"),
        (Some("other"), "!NoMatchingListenerHostname"),
        (None, "!NoMatchingListenerHostname"),
    ] {
        let verdicts = world
            .clone()
            .with(route(section))
            .resolve()
            .verdicts("HTTPRoute shop/cart");
        assert_eq!(
            verdicts,
            [format!("{reason}, !BackendNotFound")],
            "{section:?}"
        );
    }
}

/// RT-ATT-02: one listener is enough, and only the surviving ones serve.
#[test]
fn one_surviving_listener_is_enough() {
    let listeners = json!([http_for("a", 80, "a.test"), http_for("b", 80, "b.test")]);
    let route = edit(cart_route(), json!({"spec": {"hostnames": ["b.test"]}}));
    let outcome = world()
        .with(gateway("infra/edge", listeners))
        .with(route)
        .with(service("shop/cart", &[80]))
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
    assert!(outcome.serving("a").is_empty());
    assert_eq!(outcome.serving("b"), ["HTTPRoute shop/cart [b.test]"]);
}

/// RT-ATT-03, L4-TLS-07, L4-TLS-09: a kind that does not fit the protocol is not allowed by the listener.
#[test]
fn an_unfit_kind_is_not_allowed() {
    for (kind, protocol, allowed) in [
        ("HTTPRoute", "HTTP", true),
        ("GRPCRoute", "HTTP", true),
        ("TLSRoute", "HTTP", false),
        ("TCPRoute", "HTTP", false),
        ("HTTPRoute", "TLS", false),
        ("TLSRoute", "TLS", true),
        ("TCPRoute", "TLS", false),
        ("UDPRoute", "TLS", false),
        ("TCPRoute", "TCP", true),
        ("UDPRoute", "TCP", false),
        ("UDPRoute", "UDP", true),
        ("TCPRoute", "UDP", false),
    ] {
        let rules = json!([{"backendRefs": [{"name": "cart", "port": 80}]}]);
        let object = route(
            kind,
            "shop/r",
            json!({"parentRefs": [to_edge()], "rules": rules}),
        );
        let world = world()
            .with(gateway(
                "infra/edge",
                json!([listener("l", 4000, protocol)]),
            ))
            .with(object)
            .with(edit(
                service("shop/cart", &[]),
                json!({"spec": {"ports": [
                    {"name": "t", "port": 80}, {"name": "u", "port": 80, "protocol": "UDP"},
                ]}}),
            ));
        let expected = if allowed {
            "Accepted"
        } else {
            "!NotAllowedByListeners"
        };
        let verdicts = world.resolve().verdicts(&format!("{kind} shop/r"));
        assert_eq!(
            verdicts,
            [format!("{expected}, ResolvedRefs")],
            "{kind} on {protocol}"
        );
    }
}

/// RT-ATT-03: kinds that a listener lists for itself.
#[test]
fn listed_kinds_limit_a_listener() {
    let kinds = json!({"allowedRoutes": {"kinds": [{"kind": "GRPCRoute"}]}});
    let listeners = json!([edit(http("web", 80), kinds)]);
    let outcome = world()
        .with(gateway("infra/edge", listeners))
        .with(cart_route())
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["!NotAllowedByListeners, !BackendNotFound"]
    );
    let message = outcome.message("HTTPRoute shop/cart", 0, "Accepted");
    assert!(
        message.contains("`web`") && message.contains("HTTPRoute"),
        "{message}"
    );
}

/// RT-ATT-04, GW-NS-01, GW-NS-06: the namespace must be allowed; the entry is written all the same, and no grant is asked
/// for.
#[test]
fn the_namespace_must_be_allowed() {
    for (namespaces, allowed) in [
        (json!(null), false),
        (json!({"from": "Same"}), false),
        (json!({"from": "All"}), true),
        (
            json!({"from": "Selector", "selector": {"matchLabels": {"team": "shop"}}}),
            true,
        ),
        (
            json!({"from": "Selector", "selector": {"matchLabels": {"team": "web"}}}),
            false,
        ),
        (json!({"from": "Selector"}), false),
    ] {
        let mut web = edit(http("web", 80), json!({"allowedRoutes": null}));
        if !namespaces.is_null() {
            web["allowedRoutes"] = json!({"namespaces": namespaces});
        }
        let outcome = world()
            .with(gateway("infra/edge", json!([web])))
            .with(namespace("shop", json!({"team": "shop"})))
            .with(service("shop/cart", &[80]))
            .with(cart_route())
            .resolve();
        let expected = if allowed {
            "Accepted"
        } else {
            "!NotAllowedByListeners"
        };
        assert_eq!(
            outcome.verdicts("HTTPRoute shop/cart"),
            [format!("{expected}, ResolvedRefs")],
            "{namespaces}"
        );
    }
}

/// RT-ATT-06: listeners that take no traffic still take Routes, but for an unsupported protocol.
#[test]
fn unhealthy_listeners_still_take_routes() {
    let https = |refs: Value| {
        edit(
            listener("web", 443, "HTTPS"),
            json!({"tls": {"mode": "Terminate", "certificateRefs": refs}}),
        )
    };
    for (listeners, accepted) in [
        (json!([https(json!([{"name": "missing"}]))]), true),
        (json!([https(json!([]))]), true),
        (json!([http("web", 80), http("twin", 80)]), true),
        (json!([listener("web", 80, "example.net/odd")]), false),
    ] {
        let outcome = world()
            .with(gateway("infra/edge", listeners.clone()))
            .with(cart_route())
            .resolve();
        let expected = if accepted {
            "Accepted"
        } else {
            "!NotAllowedByListeners"
        };
        assert_eq!(
            outcome.verdicts("HTTPRoute shop/cart"),
            [format!("{expected}, !BackendNotFound")],
            "{listeners}"
        );
        assert_eq!(
            outcome.count("Gateway infra/edge", "web"),
            u64::from(accepted)
        );
        assert!(outcome.heads().is_empty(), "nothing of this takes traffic");
    }
}

/// RT-ATT-07, GW-COND-15: a refused Gateway serves nothing, but Routes are told as always.
#[test]
fn a_refused_gateway_still_tells_routes() {
    let parameters = json!({"group": "example.net", "kind": "Parameters", "name": "none"});
    let refused = edit(
        edge(),
        json!({"spec": {"infrastructure": {"parametersRef": parameters}}}),
    );
    let outcome = world()
        .with(refused)
        .with(cart_route())
        .with(service("shop/cart", &[80]))
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
    assert_eq!(outcome.count("Gateway infra/edge", "web"), 1);
    assert!(outcome.heads().is_empty());
}

/// RT-ATT-08: Routes for the whole Gateway follow its listeners.
#[test]
fn routes_follow_the_listeners_of_a_gateway() {
    let world = world().with(cart_route());
    let one = world.clone().with(edge()).resolve();
    let two = world
        .with(gateway(
            "infra/edge",
            json!([http("web", 80), http("alt", 81)]),
        ))
        .resolve();
    assert_eq!(one.serving("web"), two.serving("web"));
    assert_eq!(two.serving("alt"), ["HTTPRoute shop/cart []"]);
    assert_eq!(one.listeners().count(), 1);
}

fn set_world(release: Release, allowed: &str) -> World {
    let allows = json!({"spec": {"allowedListeners": {"namespaces": {"from": allowed}}}});
    let (version, kind) = match release {
        Release::V1_4 => ("gateway.networking.x-k8s.io/v1alpha1", "XListenerSet"),
        _ => ("gateway.networking.k8s.io/v1", "ListenerSet"),
    };
    let set = json!({
        "apiVersion": version, "kind": kind,
        "metadata": {"namespace": "shop", "name": "more"},
        "spec": {
            "parentRef": {"namespace": "infra", "name": "edge"},
            "listeners": [http_for("entry", 80, "set.test")],
        },
    });
    world()
        .release(release)
        .with(edit(edge(), allows))
        .with(set)
}

fn set_route(release: Release, parents: Value) -> (World, &'static str) {
    let kind = if release == Release::V1_4 {
        "XListenerSet"
    } else {
        "ListenerSet"
    };
    let world = set_world(release, "All")
        .with(service("shop/cart", &[80]))
        .with(edit(cart_route(), json!({"spec": {"parentRefs": parents}})));
    (world, kind)
}

/// GW-LSET-29: the name of the kind differs by release, and the experimental group must be written out.
#[test]
fn sets_are_named_by_the_kind_of_the_release() {
    let old =
        json!([{"group": "gateway.networking.x-k8s.io", "kind": "XListenerSet", "name": "more"}]);
    let ungrouped = json!([{"kind": "XListenerSet", "name": "more"}]);
    let new = json!([{"kind": "ListenerSet", "name": "more"}]);
    for (release, parents, found) in [
        (Release::V1_4, &old, true),
        (Release::V1_4, &ungrouped, false),
        (Release::V1_4, &new, false),
        (Release::V1_5, &new, true),
        (Release::V1_6, &new, true),
        (Release::V1_6, &old, false),
    ] {
        let (world, kind) = set_route(release, parents.clone());
        let entries = world.resolve().parents("HTTPRoute shop/cart");
        let expected = format!("{kind} more: Accepted, ResolvedRefs");
        assert_eq!(
            entries,
            if found { vec![expected] } else { vec![] },
            "{release} {parents}"
        );
    }
}

/// GW-LSET-30, GW-LSET-31, GW-LSET-35, GW-COUNT-08: a Gateway and its set are parents of their own.
#[test]
fn a_gateway_and_its_set_are_different_parents() {
    let set = json!({"kind": "ListenerSet", "name": "more"});
    let section = edit(to_edge(), json!({"sectionName": "entry"}));
    let (world, _) = set_route(Release::V1_6, json!([set, section]));
    let outcome = world.resolve();
    assert_eq!(
        outcome.parents("HTTPRoute shop/cart"),
        [
            "ListenerSet more: Accepted, ResolvedRefs",
            "Gateway infra/edge#entry: !NoMatchingParent, ResolvedRefs",
        ]
    );
    assert_eq!(outcome.count("ListenerSet shop/more", "entry"), 1);
    assert_eq!(outcome.count("Gateway infra/edge", "web"), 0);
    assert!(outcome.serving("web").is_empty());
    assert_eq!(outcome.serving("entry"), ["HTTPRoute shop/cart []"]);
}

/// GW-LSET-32: `Same` of an entry is the namespace of the set.
#[test]
fn same_is_the_namespace_of_the_set() {
    let (world, _) = set_route(
        Release::V1_6,
        json!([{"kind": "ListenerSet", "name": "more"}]),
    );
    let set = json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "ListenerSet",
        "metadata": {"namespace": "shop", "name": "more"},
        "spec": {
            "parentRef": {"namespace": "infra", "name": "edge"},
            "listeners": [{"name": "entry", "port": 80, "protocol": "HTTP", "hostname": "set.test"}],
        },
    });
    let from_infra = edit(
        http_route("infra/cart", json!({"rules": []})),
        json!({"spec": {"parentRefs": [{"kind": "ListenerSet", "namespace": "shop", "name": "more"}]}}),
    );
    let outcome = world.with(set).with(from_infra).resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
    assert_eq!(
        outcome.verdicts("HTTPRoute infra/cart"),
        ["!NotAllowedByListeners, ResolvedRefs"]
    );
}

/// GW-LSET-33: a conflicted entry takes Routes and counts them.
#[test]
fn conflicted_entries_take_routes() {
    let (world, _) = set_route(
        Release::V1_6,
        json!([{"kind": "ListenerSet", "name": "more"}]),
    );
    let gateway = edit(
        gateway("infra/edge", json!([http_for("web", 80, "set.test")])),
        json!({"spec": {"allowedListeners": {"namespaces": {"from": "All"}}}}),
    );
    let outcome = world.with(gateway).resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
    assert_eq!(outcome.count("ListenerSet shop/more", "entry"), 1);
    assert_eq!(outcome.heads().len(), 1);
}

/// GW-LSET-34: a set that is not allowed offers no listeners.
#[test]
fn a_set_that_is_not_allowed_is_no_parent() {
    let route = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [{"kind": "ListenerSet", "name": "more"}]}}),
    );
    let outcome = set_world(Release::V1_6, "Same").with(route).resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["!NoMatchingParent, !BackendNotFound"]
    );
}
