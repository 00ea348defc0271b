//! GW-NS.

use serde_json::{Value, json};

use crate::world::*;

/// The first verdict about a Route in `shop` on a listener with these namespaces.
fn verdict(namespaces: Value, labels: Option<Value>) -> String {
    let listener = edit(
        http("web", 80),
        json!({"allowedRoutes": {"namespaces": null}}),
    );
    let listener = edit(
        listener,
        json!({"allowedRoutes": {"namespaces": namespaces}}),
    );
    let mut world = world()
        .with(gateway("infra/edge", json!([listener])))
        .with(service("shop/cart", &[80]))
        .with(cart_route());
    if let Some(labels) = labels {
        world = world.with(namespace("shop", labels));
    }
    let outcome = world.resolve();
    outcome.verdicts("HTTPRoute shop/cart").remove(0)
}

const IN: &str = "Accepted, ResolvedRefs";
const OUT: &str = "!NotAllowedByListeners, ResolvedRefs";

/// GW-NS-01, GW-NS-02, GW-NS-06: the words of `from`; a Route needs no grant to attach.
#[test]
fn words_of_from() {
    for (from, expected) in [
        (json!(null), OUT),
        (json!({}), OUT),
        (json!({"from": "Same"}), OUT),
        (json!({"from": "All"}), IN),
        (json!({"from": "None"}), OUT),
    ] {
        assert_eq!(verdict(from.clone(), None), expected, "{from}");
    }
    let same = edit(http("web", 80), json!({"allowedRoutes": null}));
    let outcome = world()
        .with(gateway("shop/edge", json!([same])))
        .with(http_route(
            "shop/cart",
            json!({"parentRefs": [{"name": "edge"}], "rules": []}),
        ))
        .resolve();
    assert_eq!(outcome.verdicts("HTTPRoute shop/cart"), [IN]);
}

/// GW-NS-03, GW-NS-04: a missing or unreadable selector refuses the listener and lets nobody in.
#[test]
fn selectors_that_cannot_be_read() {
    let expression = |expression: Value| json!({"from": "Selector", "selector": {"matchExpressions": [expression]}});
    for namespaces in [
        json!({"from": "Selector"}),
        expression(json!({"key": "a", "operator": "Is", "values": ["b"]})),
        expression(json!({"key": "a", "operator": "In", "values": []})),
        expression(json!({"key": "a", "operator": "NotIn"})),
        expression(json!({"key": "a", "operator": "Exists", "values": ["b"]})),
        expression(json!({"key": "a b", "operator": "DoesNotExist"})),
        json!({"from": "Selector", "selector": {"matchLabels": {"a": "-"}}}),
    ] {
        assert_eq!(
            verdict(namespaces.clone(), Some(json!({"a": "b"}))),
            OUT,
            "{namespaces}"
        );
        let listener = edit(
            http("l", 80),
            json!({"allowedRoutes": {"namespaces": namespaces}}),
        );
        let outcome = world()
            .with(gateway("infra/edge", json!([listener])))
            .resolve();
        assert_eq!(
            outcome.edge("l"),
            "Accepted=!UnsupportedValue Programmed=!Invalid ResolvedRefs=ResolvedRefs"
        );
        assert_eq!(
            outcome.kinds("Gateway infra/edge", "l"),
            ["HTTPRoute", "GRPCRoute"]
        );
        assert!(outcome.served().is_empty());
    }
}

/// GW-NS-03, GW-NS-04, GW-NS-05: selectors over the labels of the Route's namespace; a namespace that nobody described has
/// none; the resolver invents none.
#[test]
fn selectors_read_labels() {
    let select = |selector: Value| json!({"from": "Selector", "selector": selector});
    let team = select(json!({"matchLabels": {"team": "a"}}));
    assert_eq!(
        verdict(team.clone(), Some(json!({"team": "a", "x": "y"}))),
        IN
    );
    assert_eq!(verdict(team.clone(), Some(json!({"team": "b"}))), OUT);
    assert_eq!(verdict(team, None), OUT);
    assert_eq!(verdict(select(json!({})), None), IN);
    let not_in = select(
        json!({"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["b"]}]}),
    );
    assert_eq!(verdict(not_in.clone(), None), IN);
    assert_eq!(verdict(not_in, Some(json!({"team": "b"}))), OUT);
    let name = select(json!({"matchLabels": {"kubernetes.io/metadata.name": "shop"}}));
    assert_eq!(verdict(name.clone(), Some(json!({}))), OUT);
    assert_eq!(
        verdict(name, Some(json!({"kubernetes.io/metadata.name": "shop"}))),
        IN
    );
    let ignored =
        json!({"from": "All", "selector": {"matchExpressions": [{"key": "a", "operator": "Is"}]}});
    assert_eq!(verdict(ignored, None), IN);
}
