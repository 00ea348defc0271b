//! Why a Route is attached or not, spelt out.

use gatewright::plan::RouteKind;
use gatewright::resolve::Question;
use gatewright::vocab::Release;
use serde_json::{Value, json};

use crate::world::*;

fn shop(route: Value) -> Outcome {
    let selected = json!({
        "hostname": "*.shop.test",
        "allowedRoutes": {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "web"}}}},
    });
    let listeners = json!([
        edit(http("web", 80), selected),
        listener("tcp", 4000, "TCP")
    ]);
    world()
        .with(gateway("infra/edge", listeners))
        .with(namespace("shop", json!({"team": "shop"})))
        .with(route)
        .resolve()
}

/// RT-ATT-01: every question of every listener is answered, also those after a failed one.
#[test]
fn every_question_is_answered() {
    let route = edit(
        cart_route(),
        json!({"spec": {
            "hostnames": ["a.shop.test", "b.test"],
            "parentRefs": [edit(to_edge(), json!({"sectionName": "web", "port": 81})), {"name": "gone"}],
        }}),
    );
    let trace = shop(route).trace(RouteKind::Http, "shop", "cart");
    assert_eq!(trace.parents.len(), 2);
    let parent = &trace.parents[0];
    assert_eq!(
        parent.parent,
        "Gateway `infra/edge`, section `web`, port 81"
    );
    assert_eq!(parent.reason, "NoMatchingParent");
    assert!(parent.is_ours && !parent.is_accepted && !parent.is_default);
    assert!(
        parent
            .unresolved
            .as_deref()
            .is_some_and(|text| text.starts_with("BackendNotFound"))
    );
    let answers = |n: usize| {
        let checks = parent.listeners[n].checks.iter();
        checks
            .map(|check| (check.question, check.passed))
            .collect::<Vec<_>>()
    };
    use Question::{Hostname, Kind, Namespace, Port, Section};
    assert_eq!(
        answers(0),
        [
            (Section, true),
            (Port, false),
            (Kind, true),
            (Namespace, false),
            (Hostname, true)
        ]
    );
    assert_eq!(
        answers(1),
        [
            (Section, false),
            (Port, false),
            (Kind, false),
            (Namespace, true),
            (Hostname, true)
        ]
    );
    let evidence = |n: usize| parent.listeners[0].checks[n].evidence.as_str();
    assert!(evidence(1).contains("81") && evidence(1).contains("80"));
    assert!(
        evidence(3).contains("team=shop") && evidence(3).contains("\"web\""),
        "{}",
        evidence(3)
    );
    assert!(
        evidence(4).contains("a.shop.test") && !evidence(4).contains("b.test`"),
        "{}",
        evidence(4)
    );
    assert!(!trace.parents[1].is_ours);
    assert_eq!(
        trace.parents[1].message,
        "the parent is missing or not ours"
    );
}

/// The trace says what the status says.
#[test]
fn trace_and_status_agree() {
    let outcome = shop(cart_route());
    let trace = outcome.trace(RouteKind::Http, "shop", "cart");
    let condition = outcome.condition("HTTPRoute shop/cart", 0, "Accepted");
    assert_eq!(condition["reason"], trace.parents[0].reason.as_str());
    assert_eq!(condition["message"], trace.parents[0].message.as_str());
}

/// RT-COND-08: faults of rules are told.
#[test]
fn faults_of_rules_are_told() {
    let rules = json!([{"filters": [{"type": "Teleport"}]}, {}]);
    let trace = shop(edit(cart_route(), json!({"spec": {"rules": rules}})));
    let trace = trace.trace(RouteKind::Http, "shop", "cart");
    assert_eq!(trace.rules, 2);
    assert_eq!(trace.rule_faults.len(), 1);
    assert!(trace.rule_faults[0].contains("Teleport"));
    assert!(trace.to_string().contains("Teleport"));
}

/// RT-XTYPE-05: a lost listener is told.
#[test]
fn lost_listeners_are_told() {
    let grpc = route("GRPCRoute", "shop/b", json!({"parentRefs": [to_edge()]}));
    let outcome = world()
        .release(Release::V1_5)
        .with(edge())
        .with(aged(1, cart_route()))
        .with(aged(2, grpc))
        .resolve();
    let trace = outcome.trace(RouteKind::Grpc, "shop", "b");
    let checks = &trace.parents[0].listeners[0].checks;
    let last = checks.last().expect("checks");
    assert_eq!((last.question, last.passed), (Question::Precedence, false));
    assert!(!trace.parents[0].listeners[0].passed);
    assert_eq!(trace.parents[0].reason, "Conflicted");
}

/// A trace is serialisable as a whole, by kind, namespace and name.
#[test]
fn a_trace_is_serialisable() {
    let outcome = shop(cart_route());
    let value = serde_json::to_value(&outcome.resolution.trace).expect("JSON");
    assert_eq!(value[0]["name"], "cart");
    assert_eq!(
        value[0]["parents"][0]["listeners"][0]["checks"][3]["question"],
        "namespace"
    );
    assert!(
        outcome
            .resolution
            .trace
            .explain(RouteKind::Tcp, "shop", "cart")
            .is_none()
    );
}
