//! Conditions and entries of Routes: RT-COND, RT-STAT, and rules that are left out: EVAL-03, EVAL-04.

use gatewright::plan::{Fault, RouteKind};
use gatewright::vocab::Release;
use serde_json::{Value, json};

use crate::world::*;

/// The verdict and the plan of a Route with these rules, on `infra/edge`.
fn with_rules(rules: Value) -> Outcome {
    let route = edit(cart_route(), json!({"spec": {"rules": rules}}));
    let route = edit(route, json!({"metadata": {"generation": 7}}));
    world()
        .with(edge())
        .with(route)
        .with(service("shop/cart", &[80]))
        .resolve()
}

fn verdict(rules: Value) -> String {
    let verdicts = with_rules(rules).verdicts("HTTPRoute shop/cart");
    assert_eq!(verdicts.len(), 1);
    verdicts.into_iter().next().expect("one entry")
}

fn good() -> Value {
    edit(
        forward("cart"),
        json!({"matches": [{"path": {"value": "/good"}}]}),
    )
}

fn filtered(filters: Value) -> Value {
    edit(good(), json!({"filters": filters}))
}

/// RT-COND-01: both conditions are there, and `ResolvedRefs` is computed for Routes that are not accepted.
#[test]
fn both_conditions_are_always_there() {
    let route = |backend: &str, section: &str| {
        let parent = edit(to_edge(), json!({"sectionName": section}));
        edit(
            cart_route(),
            json!({"spec": {"parentRefs": [parent], "rules": [forward(backend)]}}),
        )
    };
    for (backend, section, verdict) in [
        ("cart", "web", "Accepted, ResolvedRefs"),
        ("gone", "web", "Accepted, !BackendNotFound"),
        ("cart", "none", "!NoMatchingParent, ResolvedRefs"),
        ("gone", "none", "!NoMatchingParent, !BackendNotFound"),
    ] {
        let outcome = world()
            .with(edge())
            .with(service("shop/cart", &[80]))
            .with(route(backend, section))
            .resolve();
        assert_eq!(outcome.verdicts("HTTPRoute shop/cart"), [verdict]);
    }
}

/// RT-COND-04, BE-10, BE-11: backends that are not resolved never cost a Route its place, of whatever kind.
#[test]
fn unresolved_backends_leave_routes_accepted() {
    for (kind, protocol) in [
        ("HTTPRoute", "HTTP"),
        ("GRPCRoute", "HTTP"),
        ("TLSRoute", "TLS"),
        ("TCPRoute", "TCP"),
        ("UDPRoute", "UDP"),
    ] {
        let rules = json!([{"backendRefs": [{"name": "gone", "port": 80}]}]);
        let outcome = world()
            .with(gateway(
                "infra/edge",
                json!([listener("l", 4000, protocol)]),
            ))
            .with(route(
                kind,
                "shop/r",
                json!({"parentRefs": [to_edge()], "rules": rules}),
            ))
            .resolve();
        let name = format!("{kind} shop/r");
        assert_eq!(
            outcome.verdicts(&name),
            ["Accepted, !BackendNotFound"],
            "{kind}"
        );
        let backends = &outcome.plan_route(&name).rules[0].action.backends;
        assert!(backends.len() == 1 && backends[0].fault.is_some(), "{kind}");
    }
}

/// RT-COND-05, MATCH-CAND-03, MATCH-GRPC-09: no rules are no fault; absent rules of an HTTPRoute are one for every path
/// without backends.
#[test]
fn routes_without_rules_are_accepted() {
    assert_eq!(verdict(json!([])), "Accepted, ResolvedRefs");
    assert!(
        with_rules(json!([]))
            .plan_route("HTTPRoute shop/cart")
            .rules
            .is_empty()
    );
    let absent = with_rules(json!(null));
    assert_eq!(
        absent.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
    let rules = &absent.plan_route("HTTPRoute shop/cart").rules;
    assert_eq!(rules.len(), 1);
    assert!(rules[0].action.backends.is_empty());
    for rules in [json!(null), json!([])] {
        let spec = json!({"parentRefs": [to_edge()], "rules": rules});
        let outcome = world()
            .with(edge())
            .with(route("GRPCRoute", "shop/r", spec))
            .resolve();
        assert_eq!(
            outcome.verdicts("GRPCRoute shop/r"),
            ["Accepted, ResolvedRefs"]
        );
        assert!(outcome.plan_route("GRPCRoute shop/r").rules.is_empty());
    }
}

/// RT-COND-06, EVAL-03: what nobody knows, or what CRDs would have kept out, makes a rule invalid.
#[test]
fn values_that_nobody_knows_make_a_rule_invalid() {
    let path = |path: Value| edit(good(), json!({"matches": [{"path": path}]}));
    let modifier = |modifier: Value| {
        filtered(json!([{"type": "URLRewrite", "urlRewrite": {"path": modifier}}]))
    };
    for rule in [
        path(json!({"type": "Glob", "value": "/"})),
        path(json!({"type": "RegularExpression", "value": "/("})),
        edit(good(), json!({"matches": [{"method": "BREW"}]})),
        edit(
            good(),
            json!({"matches": [{"headers": [{"type": "Fuzzy", "name": "a", "value": "b"}]}]}),
        ),
        edit(
            good(),
            json!({"matches": [{"queryParams": [{"type": "Fuzzy", "name": "a", "value": "b"}]}]}),
        ),
        filtered(json!([{"type": "Teleport"}])),
        filtered(
            json!([{"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [{"name": "a", "value": ""}]}}]),
        ),
        filtered(json!([{"type": "URLRewrite", "urlRewrite": {"hostname": "*.a.test"}}])),
        filtered(json!([{"type": "URLRewrite", "urlRewrite": {"hostname": "A.test"}}])),
        modifier(json!({"type": "ReplaceSuffix"})),
        modifier(
            json!({"type": "ReplaceFullPath", "replaceFullPath": "/a", "replacePrefixMatch": "/b"}),
        ),
        modifier(json!({"type": "ReplaceFullPath", "replacePrefixMatch": "/b"})),
        edit(good(), json!({"timeouts": {"request": "1.5h"}})),
        edit(
            good(),
            json!({"backendRefs": [{"name": "cart", "port": 80, "weight": -1}]}),
        ),
        edit(
            good(),
            json!({"backendRefs": [{"name": "cart", "port": 80, "weight": 1_000_001}]}),
        ),
        edit(good(), json!({"retry": {"codes": [200]}})),
        edit(good(), json!({"retry": {"attempts": -1}})),
        edit(good(), json!({"sessionPersistence": {"type": "Memory"}})),
        edit(
            good(),
            json!({"sessionPersistence": {"cookieConfig": {"lifetimeType": "Permanent"}}}),
        ),
    ] {
        assert_eq!(
            verdict(json!([rule])),
            "!UnsupportedValue, ResolvedRefs",
            "{rule}"
        );
        let mixed = with_rules(json!([rule, good()]));
        assert_eq!(
            mixed.verdicts("HTTPRoute shop/cart"),
            ["Accepted, ResolvedRefs, PartiallyInvalid"],
            "{rule}"
        );
        let rules = &mixed.plan_route("HTTPRoute shop/cart").rules;
        assert_eq!(
            rules.iter().map(|rule| rule.index).collect::<Vec<_>>(),
            [1],
            "{rule:?}"
        );
    }
}

/// RT-COND-06: redirects with status codes that the release does not have.
#[test]
fn status_codes_of_redirects_depend_on_the_release() {
    for (release, code, accepted) in [
        (Release::V1_4, 302, true),
        (Release::V1_4, 307, false),
        (Release::V1_5, 307, true),
        (Release::V1_6, 308, true),
        (Release::V1_6, 418, false),
        (Release::V1_6, 70_000, false),
    ] {
        let filter = json!({"type": "RequestRedirect", "requestRedirect": {"statusCode": code}});
        let route = edit(
            cart_route(),
            json!({"spec": {"rules": [{"filters": [filter]}]}}),
        );
        let verdicts = world().release(release).with(edge()).with(route).resolve();
        let expected = if accepted {
            "Accepted"
        } else {
            "!UnsupportedValue"
        };
        assert_eq!(
            verdicts.verdicts("HTTPRoute shop/cart"),
            [format!("{expected}, ResolvedRefs")],
            "{release} {code}"
        );
    }
}

/// RT-COND-07, FILTER-GEN-05, FILTER-GEN-06: filters that exclude each other have a reason of their own, unless another
/// rule fails for something else.
#[test]
fn incompatible_filters_have_their_own_reason() {
    let redirect = json!({"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}});
    let rewrite = json!({"type": "URLRewrite", "urlRewrite": {"hostname": "a.test"}});
    let both = json!({"filters": [redirect, rewrite]});
    let redirect_and_backend = filtered(json!([redirect]));
    let unknown = filtered(json!([{"type": "Teleport"}]));
    let twice = json!({"filters": [redirect, redirect]});
    assert_eq!(verdict(json!([both])), "!IncompatibleFilters, ResolvedRefs");
    assert_eq!(
        verdict(json!([redirect_and_backend])),
        "!IncompatibleFilters, ResolvedRefs"
    );
    assert_eq!(
        verdict(json!([both, redirect_and_backend])),
        "!IncompatibleFilters, ResolvedRefs"
    );
    assert_eq!(
        verdict(json!([both, unknown])),
        "!UnsupportedValue, ResolvedRefs"
    );
    assert_eq!(verdict(json!([twice])), "!UnsupportedValue, ResolvedRefs");
    assert_eq!(
        verdict(json!([both, good()])),
        "Accepted, ResolvedRefs, PartiallyInvalid"
    );
}

/// RT-COND-08: the message says what is dropped; the condition is absent when all rules are good, all are bad, or the
/// Route is not accepted.
#[test]
fn partially_invalid_says_which_rules_are_dropped() {
    let bad = edit(
        filtered(json!([{"type": "Teleport"}])),
        json!({"name": "odd"}),
    );
    let outcome = with_rules(json!([good(), bad]));
    let message = outcome.message("HTTPRoute shop/cart", 0, "PartiallyInvalid");
    assert!(message.starts_with("Dropped Rule"), "{message}");
    // POL-10, ROUTE-NAME-06: messages name the rule.
    assert!(
        message.contains("`odd`") && message.contains("Teleport"),
        "{message}"
    );
    assert_eq!(
        outcome.condition("HTTPRoute shop/cart", 0, "PartiallyInvalid")["reason"],
        "UnsupportedValue"
    );
    assert_eq!(verdict(json!([good()])), "Accepted, ResolvedRefs");
    assert_eq!(verdict(json!([bad])), "!UnsupportedValue, ResolvedRefs");
    let elsewhere = edit(to_edge(), json!({"sectionName": "none"}));
    let route = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [elsewhere], "rules": [good(), bad]}}),
    );
    let outcome = world()
        .with(edge())
        .with(route)
        .with(service("shop/cart", &[80]))
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["!NoMatchingParent, ResolvedRefs"]
    );
}

/// RT-COND-09: references that are not resolved make no rule invalid.
#[test]
fn unresolved_references_are_no_invalid_rules() {
    assert_eq!(
        verdict(json!([good(), forward("gone")])),
        "Accepted, !BackendNotFound"
    );
    let outcome = with_rules(json!([good(), forward("gone")]));
    assert_eq!(outcome.plan_route("HTTPRoute shop/cart").rules.len(), 2);
}

/// RT-COND-10, MESH-11, MESH-13, MESH-RT-13: grants count for Gateways only, so one Route can be resolved at one parent
/// and not at the other.
#[test]
fn references_are_resolved_per_parent() {
    let service_parent = json!({"group": "", "kind": "Service", "name": "cart"});
    let route = edit(
        cart_route(),
        json!({"spec": {
            "parentRefs": [to_edge(), service_parent],
            "rules": [{"backendRefs": [{"name": "stock", "namespace": "store", "port": 80}]}],
        }}),
    );
    let outcome = world()
        .with(edge())
        .with(route)
        .with(service("shop/cart", &[80]))
        .with(service("store/stock", &[80]))
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, !RefNotPermitted", "Accepted, ResolvedRefs"]
    );
}

/// RT-COND-11: the first failing reference gives the reason: rule by rule, filters before backends, those in the filters of
/// a backend right after it; dropped rules count.
#[test]
fn the_first_failing_reference_gives_the_reason() {
    let mirror =
        |backend: Value| json!({"type": "RequestMirror", "requestMirror": {"backendRef": backend}});
    let gone = json!({"name": "gone", "port": 80});
    let far = json!({"name": "far", "namespace": "store", "port": 80});
    let odd = json!({"name": "odd", "kind": "Teapot"});
    let cart = json!({"name": "cart", "port": 80});
    let with_filter = |backend: &Value, inner: &Value| {
        edit(backend.clone(), json!({"filters": [mirror(inner.clone())]}))
    };
    for (rules, reason) in [
        (
            json!([{"backendRefs": [gone]}, {"backendRefs": [far]}]),
            "BackendNotFound",
        ),
        (
            json!([{"backendRefs": [cart, far, gone]}]),
            "RefNotPermitted",
        ),
        (
            json!([{"backendRefs": [far], "filters": [mirror(odd.clone())]}]),
            "InvalidKind",
        ),
        (
            json!([{"backendRefs": [with_filter(&cart, &far), gone]}]),
            "RefNotPermitted",
        ),
        (
            json!([{"backendRefs": [gone, with_filter(&cart, &far)]}]),
            "BackendNotFound",
        ),
        (
            json!([{"backendRefs": [with_filter(&gone, &far)]}]),
            "BackendNotFound",
        ),
        (
            json!([{"backendRefs": [odd], "filters": [{"type": "Teleport"}]}, {"backendRefs": [gone]}]),
            "InvalidKind",
        ),
    ] {
        let outcome = with_rules(rules.clone());
        let condition = outcome.condition("HTTPRoute shop/cart", 0, "ResolvedRefs");
        assert_eq!(condition["reason"], reason, "{rules}");
        assert_eq!(condition["status"], "False", "{rules}");
    }
    // Stable under appends.
    let mut rules = vec![json!({"backendRefs": [far]})];
    rules.extend((0..20).map(|n| forward(&format!("gone-{n}"))));
    let outcome = with_rules(json!(rules));
    let message = outcome.message("HTTPRoute shop/cart", 0, "ResolvedRefs");
    assert!(
        message.contains("store/far") && message.contains("more"),
        "{message}"
    );
}

/// RT-COND-12, FILTER-EXT-01, FILTER-EXT-02: extensions that nobody knows are unresolved, and their rule stays.
#[test]
fn unknown_extensions_are_unresolved_references() {
    let extension = json!({
        "type": "ExtensionRef",
        "extensionRef": {"group": "example.net", "kind": "Teapot", "name": "pot"},
    });
    let outcome = with_rules(json!([filtered(json!([extension]))]));
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, !InvalidKind"]
    );
    let rule = &outcome.plan_route("HTTPRoute shop/cart").rules[0];
    let refusal = gatewright::plan::check::refusal(RouteKind::Http, &rule.action);
    assert_eq!(refusal, Some(Fault::ExtensionRef));

    let world = world()
        .with(edge())
        .with(service("shop/cart", &[80]))
        .with(edit(
            cart_route(),
            json!({"spec": {"rules": [filtered(json!([extension]))]}}),
        ))
        .controller(|controller| controller.with_extension("example.net", "Teapot"));
    assert_eq!(
        world.resolve().verdicts("HTTPRoute shop/cart"),
        ["Accepted, !BackendNotFound"]
    );
    let pot = json!({
        "apiVersion": "example.net/v1", "kind": "Teapot",
        "metadata": {"namespace": "shop", "name": "pot"},
    });
    let outcome = world.with(pot).resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
    let rule = &outcome.plan_route("HTTPRoute shop/cart").rules[0];
    assert_eq!(
        gatewright::plan::check::refusal(RouteKind::Http, &rule.action),
        None
    );
}

/// EVAL-04, RT-COND-08, FILTER-GEN-08, FILTER-GEN-09: a rule with an ExternalAuth that cannot be asked stays and refuses its
/// requests; status reports it. One whose server is merely not there is no invalid rule.
#[test]
fn rules_with_unusable_auth_stay_and_refuse() {
    let auth = |more: Value| {
        let auth = json!({"protocol": "HTTP", "backendRef": {"name": "cart", "port": 80}});
        json!({"type": "ExternalAuth", "externalAuth": edit(auth, more)})
    };
    let on_backend = edit(
        good(),
        json!({"backendRefs": [{"name": "cart", "port": 80, "filters": [auth(json!({}))]}]}),
    );
    for rule in [
        filtered(json!([auth(json!({"protocol": "SMTP"}))])),
        filtered(json!([auth(json!({"grpc": {}}))])),
        filtered(json!([auth(json!({"http": {"path": "/a/../b"}}))])),
        filtered(json!([auth(json!({})), auth(json!({}))])),
        filtered(json!([{"type": "ExternalAuth"}])),
        on_backend,
    ] {
        let mixed = with_rules(json!([rule, good()]));
        assert_eq!(
            mixed.verdicts("HTTPRoute shop/cart"),
            ["Accepted, ResolvedRefs, PartiallyInvalid"],
            "{rule}"
        );
        let rules = &mixed.plan_route("HTTPRoute shop/cart").rules;
        assert_eq!(rules.len(), 2, "{rule}");
        let refusal =
            |n: usize| gatewright::plan::check::refusal(RouteKind::Http, &rules[n].action);
        assert_eq!(refusal(0), Some(Fault::ExternalAuth), "{rule}");
        assert_eq!(refusal(1), None);
        let alone = with_rules(json!([rule]));
        assert_eq!(
            alone.verdicts("HTTPRoute shop/cart"),
            ["!UnsupportedValue, ResolvedRefs"],
            "{rule}"
        );
        assert!(
            alone.serving("web").is_empty(),
            "a Route that is not accepted serves nothing"
        );
    }
    let gone = auth(json!({"backendRef": {"name": "gone", "port": 80}}));
    let outcome = with_rules(json!([filtered(json!([gone]))]));
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, !BackendNotFound"]
    );
    let rule = &outcome.plan_route("HTTPRoute shop/cart").rules[0];
    assert_eq!(
        gatewright::plan::check::refusal(RouteKind::Http, &rule.action),
        Some(Fault::ExternalAuth)
    );
}

/// EVAL-04: a rule that could not match anything cannot stay, whatever it holds.
#[test]
fn a_rule_without_usable_matches_cannot_stay() {
    let auth = json!({"type": "ExternalAuth"});
    let rule = edit(
        filtered(json!([auth])),
        json!({"matches": [{"path": {"type": "RegularExpression", "value": "("}}]}),
    );
    let outcome = with_rules(json!([rule, good()]));
    let rules = &outcome.plan_route("HTTPRoute shop/cart").rules;
    assert_eq!(rules.len(), 1);
    assert_eq!(rules[0].index, 1);
}

/// RT-COND-13, GW-STAT-02: every condition carries the generation of the Route.
#[test]
fn conditions_carry_the_generation() {
    let bad = filtered(json!([{"type": "Teleport"}]));
    let outcome = with_rules(json!([good(), bad]));
    let entry = &outcome.statuses["HTTPRoute shop/cart"]["parents"][0];
    let conditions = list(&entry["conditions"]);
    assert_eq!(conditions.len(), 3);
    assert!(
        conditions
            .iter()
            .all(|condition| condition["observedGeneration"] == 7)
    );
}

/// RT-COND-02, RT-COND-03: only reasons of the lists are written (and those that the catalogue adds).
#[test]
fn reasons_are_those_of_the_lists() {
    let types = |outcome: &Outcome| {
        let entry = &outcome.statuses["HTTPRoute shop/cart"]["parents"][0];
        let conditions = list(&entry["conditions"]).iter();
        conditions
            .map(|c| c["type"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        types(&with_rules(json!([good()]))),
        ["Accepted", "ResolvedRefs"]
    );
    assert_eq!(
        verdict(json!([{"backendRefs": [{"name": "cart"}]}])),
        "Accepted, !UnsupportedValue"
    );
}

/// RT-STAT-01, RT-STAT-02: entries follow the parents of the spec; group and kind are always written, a namespace as in the
/// spec.
#[test]
fn entries_copy_the_parents_in_order() {
    let local = gateway("shop/local", json!([http("l", 80)]));
    let route = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [
            {"name": "local", "sectionName": "l", "port": 80},
            {"name": "missing"},
            to_edge(),
        ]}}),
    );
    let outcome = world()
        .with(edge())
        .with(local)
        .with(route)
        .with(service("shop/cart", &[80]))
        .resolve();
    let parents = list(&outcome.statuses["HTTPRoute shop/cart"]["parents"]);
    let group = "gateway.networking.k8s.io";
    assert_eq!(
        parents[0]["parentRef"],
        json!({"group": group, "kind": "Gateway", "name": "local", "sectionName": "l", "port": 80})
    );
    assert_eq!(
        parents[1]["parentRef"],
        json!({"group": group, "kind": "Gateway", "namespace": "infra", "name": "edge"})
    );
    assert_eq!(parents.len(), 2);
}

/// RT-STAT-03: the controller name is that of the Gateway's class, of the mesh for Services.
#[test]
fn entries_carry_the_controller_of_the_parent() {
    let other_class = json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass",
        "metadata": {"name": "second"}, "spec": {"controllerName": "example.net/second"},
    });
    let second = edit(
        gateway("infra/second", json!([http("web", 80)])),
        json!({"spec": {"gatewayClassName": "second"}}),
    );
    let second_ref = json!({"namespace": "infra", "name": "second"});
    let route = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [to_edge(), second_ref]}}),
    );
    let outcome = world()
        .with(other_class)
        .with(edge())
        .with(second)
        .with(route)
        .controller(|_| gatewright::resolve::Controller::default())
        .resolve();
    let parents = list(&outcome.statuses["HTTPRoute shop/cart"]["parents"]);
    assert_eq!(parents[0]["controllerName"], OURS);
    assert_eq!(parents[1]["controllerName"], "example.net/second");
}

fn entry(controller: &str, parent: &str) -> Value {
    json!({
        "parentRef": {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": parent, "namespace": "infra"},
        "controllerName": controller,
        "conditions": [{
            "type": "Accepted", "status": "True", "reason": "Accepted", "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }],
    })
}

/// RT-STAT-04, RT-STAT-05: entries of others stay as they are; our own go when the parent is gone.
#[test]
fn foreign_entries_stay_and_own_stale_ones_go() {
    let status = json!({"parents": [
        entry("example.net/theirs", "foreign"),
        entry(OURS, "gone"),
        entry("example.net/theirs", "other"),
    ]});
    let route = edit(cart_route(), json!({"status": status}));
    let outcome = world()
        .with(edge())
        .with(route)
        .with(service("shop/cart", &[80]))
        .resolve();
    let parents = list(&outcome.statuses["HTTPRoute shop/cart"]["parents"]);
    let foreign: Vec<&Value> = parents
        .iter()
        .filter(|entry| entry["controllerName"] != OURS)
        .collect();
    let theirs = |parent: &str| entry("example.net/theirs", parent);
    assert_eq!(foreign, [&theirs("foreign"), &theirs("other")]);
    let own: Vec<&Value> = parents
        .iter()
        .filter(|entry| entry["controllerName"] == OURS)
        .collect();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["parentRef"]["name"], "edge");
}

/// RT-STAT-06: at most 32 entries; foreign ones stay, ours are cut from the end.
#[test]
fn entries_are_cut_at_32() {
    let foreign: Vec<Value> = (0..30)
        .map(|n| entry("example.net/theirs", &format!("f{n}")))
        .collect();
    let sections: Vec<Value> = (0..8)
        .map(|n| edit(to_edge(), json!({"sectionName": format!("s{n}")})))
        .collect();
    let route = edit(
        cart_route(),
        json!({"spec": {"parentRefs": sections}, "status": {"parents": foreign}}),
    );
    let outcome = world().with(edge()).with(route).resolve();
    let parents = list(&outcome.statuses["HTTPRoute shop/cart"]["parents"]);
    assert_eq!(parents.len(), 32);
    assert_eq!(parents[30]["parentRef"]["sectionName"], "s0");
    assert_eq!(parents[31]["parentRef"]["sectionName"], "s1");
}

/// RT-STAT-07: a Route without a parent of ours gets no status at all.
#[test]
fn routes_of_others_are_left_alone() {
    let route = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [{"name": "nowhere"}]}}),
    );
    let outcome = world().with(edge()).with(route).resolve();
    assert!(!outcome.statuses.contains_key("HTTPRoute shop/cart"));
}

/// RT-STAT-08, GW-COUNT-09: a Gateway without Routes has one entry with 0 for its one listener.
#[test]
fn a_gateway_without_routes_counts_zero() {
    let outcome = world().with(edge()).resolve();
    assert_eq!(
        list(&outcome.statuses["Gateway infra/edge"]["listeners"]).len(),
        1
    );
    assert_eq!(outcome.count("Gateway infra/edge", "web"), 0);
}

/// EX-37: a rule with the path type `Prefix` is invalid. It is dropped, and the other rules of the Route answer.
#[test]
fn a_rule_of_the_old_prefix_type_is_dropped() {
    let old = edit(
        forward("cart"),
        json!({"matches": [{"path": {"type": "Prefix", "value": "/a"}}]}),
    );
    assert_eq!(verdict(json!([old])), "!UnsupportedValue, ResolvedRefs");
    let mixed = with_rules(json!([old, good()]));
    assert_eq!(
        mixed.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs, PartiallyInvalid"]
    );
    let served = &mixed.plan_route("HTTPRoute shop/cart").rules;
    assert_eq!(
        served.iter().map(|rule| rule.index).collect::<Vec<_>>(),
        [1]
    );
}

/// SAFE-NS-01: a Route elsewhere with the same match, but younger, takes nothing from the older one, and neither does
/// an older one with a weaker match; a backend elsewhere without grant is an invalid one.
#[test]
fn another_namespace_cannot_take_a_match_away() {
    use gatewright::router::{
        Accepted, Connection, ConnectionProtocol, RequestHead, Router, Target,
    };

    let route = |name: &str, path: &str| {
        let rule = json!({"matches": [{"path": {"value": path}}], "backendRefs": [{"name": "cart", "port": 80}]});
        let spec = json!({"parentRefs": [{"name": "edge", "namespace": "infra"}], "rules": [rule]});
        http_route(name, spec)
    };
    let foreign = json!({"backendRefs": [{"name": "cart", "namespace": "shop", "port": 80}]});
    let resolved = world()
        .with(edge())
        .with(service("shop/cart", &[80]))
        .with(service("aaa/cart", &[80]))
        .with(aged(20, route("shop/cart", "/cart")))
        .with(aged(10, route("aaa/wide", "/")))
        .with(aged(30, route("aaa/same", "/cart")))
        .with(aged(
            30,
            edit(
                route("aaa/theft", "/theft"),
                json!({"spec": {"rules": [foreign]}}),
            ),
        ))
        .resolve();
    let router = Router::compile(&resolved.resolution.plan);
    let connection = Connection {
        target: Target::Only,
        port: 80,
        protocol: ConnectionProtocol::Http,
        sni: None,
    };
    let Accepted::Http(listener) = router.accept(&connection) else {
        panic!("no listener");
    };
    let request = http::Request::get("http://any.test/cart/7")
        .body(())
        .expect("a request");
    let head = RequestHead::from_request(&request).expect("a head");
    let found = listener.find(&head).expect("a rule");
    assert_eq!(found.route().name.to_string(), "shop/cart");
    assert_eq!(
        resolved.verdicts("HTTPRoute aaa/theft"),
        ["Accepted, !RefNotPermitted"]
    );
}
