//! Policies in general and XBackendTrafficPolicies: POL, XBTP; names of rules: ROUTE-NAME.

use gatewright::plan::{Backend, RetryBudget, SessionKind, SessionLifetime};
use gatewright::resolve::{UnresolvedRule, rule_by_name};
use gatewright::vocab::{Bundle, Channel, Duration, Release};
use serde_json::{Value, json};

use crate::world::*;

fn traffic_policy(name: &str, more: Value) -> Value {
    let target = json!([{"group": "", "kind": "Service", "name": "cart"}]);
    let object = object(
        "v1alpha1",
        "XBackendTrafficPolicy",
        name,
        json!({"targetRefs": target}),
    );
    let object = edit(
        object,
        json!({"apiVersion": "gateway.networking.x-k8s.io/v1alpha1"}),
    );
    edit(object, json!({"spec": more}))
}

fn shop() -> World {
    world()
        .with(edge())
        .with(service("shop/cart", &[80]))
        .with(cart_route())
}

fn backend(outcome: &Outcome) -> &Backend {
    &outcome.plan_route("HTTPRoute shop/cart").rules[0]
        .action
        .backends[0]
}

fn duration(text: &str) -> Duration {
    Duration::parse(text).expect("a duration")
}

const NAME: &str = "XBackendTrafficPolicy shop/p";

/// XBTP-01, XBTP-02, XBTP-03, BACKEND-BUDGET-03: the limit on retries of a Service, defaults filled in.
#[test]
fn a_budget_limits_retries() {
    let defaults = RetryBudget {
        percent: 20,
        interval: duration("10s"),
        min_retries: 10,
        min_interval: duration("1s"),
    };
    for (constraint, expected) in [
        (json!({}), defaults.clone()),
        (json!({"budget": {}, "minRetryRate": {}}), defaults.clone()),
        (
            json!({"budget": {"percent": 0, "interval": "1h"}}),
            RetryBudget {
                percent: 0,
                interval: duration("1h"),
                ..defaults.clone()
            },
        ),
        (
            json!({"minRetryRate": {"count": 1_000_000, "interval": "1ms"}}),
            RetryBudget {
                min_retries: 1_000_000,
                min_interval: duration("1ms"),
                ..defaults.clone()
            },
        ),
    ] {
        let policy = traffic_policy("shop/p", json!({"retryConstraint": constraint}));
        let outcome = shop().with(policy).resolve();
        assert_eq!(
            backend(&outcome).retry_budget,
            Some(expected),
            "{constraint}"
        );
        assert_eq!(outcome.ancestors(NAME), ["Gateway infra/edge: Accepted"]);
    }
    let none = shop().with(traffic_policy("shop/p", json!({}))).resolve();
    assert_eq!(backend(&none).retry_budget, None);
    assert_eq!(
        none.plan_route("HTTPRoute shop/cart").rules[0].action.retry,
        None
    );
}

/// XBTP-02, XBTP-06: what lies outside of the ranges makes the policy invalid, and it does nothing.
#[test]
fn values_outside_their_range_are_invalid() {
    for spec in [
        json!({"retryConstraint": {"budget": {"percent": 101}}}),
        json!({"retryConstraint": {"budget": {"percent": -1}}}),
        json!({"retryConstraint": {"budget": {"interval": "999ms"}}}),
        json!({"retryConstraint": {"budget": {"interval": "61m"}}}),
        json!({"retryConstraint": {"budget": {"interval": "soon"}}}),
        json!({"retryConstraint": {"minRetryRate": {"count": 0}}}),
        json!({"retryConstraint": {"minRetryRate": {"count": 1_000_001}}}),
        json!({"retryConstraint": {"minRetryRate": {"interval": "0s"}}}),
        json!({"retryConstraint": {"minRetryRate": {"interval": "2h"}}}),
        json!({"sessionPersistence": {"type": "Memory"}}),
        json!({"sessionPersistence": {"cookieConfig": {"lifetimeType": "Permanent"}}}),
        json!({"sessionPersistence": {"sessionName": "n".repeat(129)}}),
    ] {
        let outcome = shop()
            .with(traffic_policy("shop/p", spec.clone()))
            .resolve();
        assert_eq!(
            outcome.ancestors(NAME),
            ["Gateway infra/edge: !Invalid"],
            "{spec}"
        );
        assert_eq!(backend(&outcome).retry_budget, None);
        assert_eq!(backend(&outcome).session, None);
    }
}

/// XBTP-04, XBTP-05, BACKEND-SESSION-03: stickiness by policy is that of the backend, of the rule that of the rule.
#[test]
fn sessions_of_rules_stand_beside_those_of_backends() {
    let policy = traffic_policy(
        "shop/p",
        json!({"sessionPersistence": {"sessionName": "policy"}}),
    );
    let sticky = edit(
        forward("cart"),
        json!({"sessionPersistence": {"sessionName": "rule"}}),
    );
    let route = edit(
        cart_route(),
        json!({"spec": {"rules": [sticky, forward("cart")]}}),
    );
    let outcome = shop().with(policy).with(route).resolve();
    let rules = &outcome.plan_route("HTTPRoute shop/cart").rules;
    let of_rule = |n: usize| {
        rules[n]
            .action
            .session
            .as_ref()
            .and_then(|s| s.name.as_deref())
    };
    let of_backend = |n: usize| {
        let session = rules[n].action.backends[0].session.as_ref();
        session.and_then(|session| session.name.as_deref())
    };
    assert_eq!((of_rule(0), of_backend(0)), (Some("rule"), Some("policy")));
    assert_eq!((of_rule(1), of_backend(1)), (None, Some("policy")));
}

/// XBTP-06, BACKEND-SESSION-01: defaults; `idleTimeout` is gone from v1.6 on; cookie settings mean nothing for a header.
#[test]
fn session_settings_have_defaults() {
    let session = |release: Release, settings: Value| {
        let rule = edit(forward("cart"), json!({"sessionPersistence": settings}));
        let route = edit(cart_route(), json!({"spec": {"rules": [rule]}}));
        let outcome = shop().release(release).with(route).resolve();
        let action = &outcome.plan_route("HTTPRoute shop/cart").rules[0].action;
        action.session.clone().expect("a session")
    };
    let bare = session(Release::V1_6, json!({}));
    assert_eq!(bare.kind, SessionKind::Cookie);
    assert_eq!(bare.lifetime, SessionLifetime::Session);
    assert_eq!((bare.name, bare.absolute_timeout), (None, None));
    let idle = json!({"idleTimeout": "5m"});
    assert_eq!(
        session(Release::V1_5, idle.clone()).idle_timeout,
        Some(duration("5m"))
    );
    assert_eq!(session(Release::V1_6, idle).idle_timeout, None);
    let header = json!({"type": "Header", "cookieConfig": {"lifetimeType": "Permanent"}});
    let header = session(Release::V1_4, header);
    assert_eq!(
        (header.kind, header.lifetime),
        (SessionKind::Header, SessionLifetime::Session)
    );
    let lasting = json!({"absoluteTimeout": "1h", "cookieConfig": {"lifetimeType": "Permanent"}});
    assert_eq!(
        session(Release::V1_6, lasting).lifetime,
        SessionLifetime::Permanent
    );
}

/// XBTP-07, BACKEND-SESSION-11: of several backends only those with a policy are sticky.
#[test]
fn only_configured_backends_are_sticky() {
    let backends = json!([{"name": "cart", "port": 80}, {"name": "stock", "port": 80}]);
    let outcome = shop()
        .with(service("shop/stock", &[80]))
        .with(traffic_policy("shop/p", json!({"sessionPersistence": {}})))
        .with(edit(
            cart_route(),
            json!({"spec": {"rules": [{"backendRefs": backends}]}}),
        ))
        .resolve();
    let backends = &outcome.plan_route("HTTPRoute shop/cart").rules[0]
        .action
        .backends;
    assert!(backends[0].session.is_some());
    assert!(backends[1].session.is_none());
}

/// XBTP-08: in a mesh a Service that keeps clients by itself excludes sessions; behind a Gateway it does not.
#[test]
fn sticky_services_exclude_sessions_in_a_mesh() {
    let sticky = edit(
        service("shop/cart", &[80]),
        json!({"spec": {"sessionAffinity": "ClientIP"}}),
    );
    let mesh_parent = json!({"group": "", "kind": "Service", "name": "cart"});
    let parents = json!({"spec": {"parentRefs": [to_edge(), mesh_parent]}});
    let rule = edit(forward("cart"), json!({"sessionPersistence": {}}));
    let by_rule = edit(cart_route(), json!({"spec": {"rules": [rule]}}));
    let by_policy = traffic_policy("shop/p", json!({"sessionPersistence": {}}));
    for world in [
        shop().with(edit(by_rule, parents.clone())),
        shop()
            .with(edit(cart_route(), parents.clone()))
            .with(by_policy),
    ] {
        assert_eq!(
            world
                .clone()
                .with(sticky.clone())
                .resolve()
                .verdicts("HTTPRoute shop/cart"),
            ["Accepted, ResolvedRefs", "!UnsupportedValue, ResolvedRefs"]
        );
        assert_eq!(
            world.resolve().verdicts("HTTPRoute shop/cart"),
            ["Accepted, ResolvedRefs", "Accepted, ResolvedRefs"]
        );
    }
}

/// XBTP-09, POL-04, GW-STAT-13: of two policies on one Service the older one applies as a whole.
#[test]
fn the_older_policy_applies_as_a_whole() {
    let budget = traffic_policy("shop/a", json!({"retryConstraint": {}}));
    let session = traffic_policy("shop/b", json!({"sessionPersistence": {}}));
    let outcome = shop()
        .with(aged(2, budget))
        .with(aged(1, session))
        .resolve();
    assert_eq!(
        outcome.ancestors("XBackendTrafficPolicy shop/a"),
        ["Gateway infra/edge: !Conflicted"]
    );
    assert_eq!(
        outcome.ancestors("XBackendTrafficPolicy shop/b"),
        ["Gateway infra/edge: Accepted"]
    );
    assert!(backend(&outcome).session.is_some());
    assert!(backend(&outcome).retry_budget.is_none());
}

/// XBTP-10, POL-03, POL-07: missing targets and targets of other kinds are told where another target is reached.
#[test]
fn unfit_targets_are_told() {
    let target = |kind: &str, name: &str| json!({"group": "", "kind": kind, "name": name});
    for (targets, expected) in [
        (json!([target("Service", "gone")]), vec![]),
        (
            json!([target("Service", "cart"), target("Service", "gone")]),
            vec!["Gateway infra/edge: !TargetNotFound"],
        ),
        (
            json!([target("Service", "cart"), target("Pod", "cart")]),
            vec!["Gateway infra/edge: !Invalid"],
        ),
    ] {
        let policy = traffic_policy("shop/p", json!({"targetRefs": targets}));
        assert_eq!(
            shop().with(policy).resolve().ancestors(NAME),
            expected,
            "{targets}"
        );
    }
}

/// XBTP-01, VER-02: the kind exists in experimental channels only.
#[test]
fn standard_channels_have_no_traffic_policies() {
    let policy = traffic_policy("shop/p", json!({"retryConstraint": {}}));
    let standard = Bundle::new(Release::V1_6, Channel::Standard);
    let outcome = shop().bundle(standard).with(policy).resolve();
    assert_eq!(backend(&outcome).retry_budget, None);
    assert!(!outcome.statuses.contains_key(NAME));
}

/// POL-01, POL-02: both kinds touch their target alone.
#[test]
fn policies_touch_their_target_alone() {
    let route = edit(
        cart_route(),
        json!({"spec": {"rules": [{"backendRefs": [{"name": "stock", "port": 80}]}]}}),
    );
    let without = shop().with(service("shop/stock", &[80])).with(route);
    let with = without
        .clone()
        .with(traffic_policy("shop/p", json!({"retryConstraint": {}})));
    assert_eq!(
        with.resolve().resolution.plan,
        without.resolve().resolution.plan
    );
}

/// POL-06: entries of other controllers stay.
#[test]
fn entries_of_others_stay() {
    let theirs = json!({
        "ancestorRef": {"name": "g"}, "controllerName": "example.net/theirs",
        "conditions": [{
            "type": "Accepted", "status": "True", "reason": "Accepted", "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }],
    });
    let policy = edit(
        traffic_policy("shop/p", json!({"retryConstraint": {}})),
        json!({"status": {"ancestors": [theirs]}}),
    );
    let outcome = shop().with(policy).resolve();
    let ancestors = list(&outcome.statuses[NAME]["ancestors"]);
    assert_eq!(ancestors.len(), 2);
    assert_eq!(ancestors[0], theirs);
}

/// POL-08: affected objects get no condition of ours for it.
#[test]
fn affected_objects_are_not_marked() {
    let outcome = shop()
        .with(traffic_policy("shop/p", json!({"retryConstraint": {}})))
        .resolve();
    let text = format!("{:?}", outcome.statuses);
    assert!(!text.contains("PolicyAffected"));
}

/// POL-09, ROUTE-NAME-03, ROUTE-NAME-04, ROUTE-NAME-06: a name leads to the one rule that has it, case and all.
#[test]
fn a_rule_is_found_by_its_only_name() {
    let names = [Some("read"), None, Some("write"), Some("write")];
    assert_eq!(rule_by_name(names, "read"), Ok(0));
    assert_eq!(rule_by_name(names, "write"), Err(UnresolvedRule::Ambiguous));
    assert_eq!(rule_by_name(names, "READ"), Err(UnresolvedRule::Missing));
    assert_eq!(rule_by_name(names, ""), Err(UnresolvedRule::Missing));
    assert_eq!(rule_by_name(names, "1"), Err(UnresolvedRule::Missing));
}

/// ROUTE-NAME-01, ROUTE-NAME-02, ROUTE-NAME-04, ROUTE-NAME-05, POL-10: names of all five kinds go into the plan as written,
/// none is invented, duplicates change nothing else.
#[test]
fn names_go_into_the_plan() {
    for (kind, protocol) in [
        ("HTTPRoute", "HTTP"),
        ("GRPCRoute", "HTTP"),
        ("TLSRoute", "TLS"),
        ("TCPRoute", "TCP"),
        ("UDPRoute", "UDP"),
    ] {
        let rule =
            |name: Value| json!({"name": name, "backendRefs": [{"name": "gone", "port": 80}]});
        for name in [json!("first"), json!(null)] {
            let mut rule = rule(name.clone());
            if name.is_null() {
                rule.as_object_mut().expect("object").remove("name");
            }
            let spec = json!({"parentRefs": [to_edge()], "rules": [rule]});
            let outcome = world()
                .with(gateway(
                    "infra/edge",
                    json!([listener("l", 4000, protocol)]),
                ))
                .with(route(kind, "shop/r", spec))
                .resolve();
            let found = &outcome.plan_route(&format!("{kind} shop/r")).rules[0].name;
            assert_eq!(found.as_deref(), name.as_str(), "{kind}");
        }
    }
    let twin = edit(forward("cart"), json!({"name": "twin"}));
    let route = edit(cart_route(), json!({"spec": {"rules": [twin, twin]}}));
    let outcome = shop().with(route).resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
    assert_eq!(outcome.plan_route("HTTPRoute shop/cart").rules.len(), 2);
}
