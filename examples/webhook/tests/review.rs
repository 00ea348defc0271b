//! AdmissionReviews as an API server sends them.

use gatewright::vocab::Bundle;
use gatewright_webhook::review::answer;
use serde_json::{Value, json};

fn ask(operation: &str, object: Value, old: Value) -> Value {
    let review = json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {"uid": "7a1c", "operation": operation, "object": object, "oldObject": old},
    });
    let answered = answer(review.to_string().as_bytes(), Bundle::default()).unwrap();
    assert_eq!(answered["apiVersion"], "admission.k8s.io/v1");
    assert_eq!(answered["kind"], "AdmissionReview");
    assert_eq!(answered["response"]["uid"], "7a1c");
    answered["response"].clone()
}

fn create(object: Value) -> Value {
    ask("CREATE", object, Value::Null)
}

fn route(spec: Value) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "front", "namespace": "shop"},
        "spec": spec,
    })
}

fn prefix(path: &str) -> Value {
    json!({"matches": [{"path": {"type": "PathPrefix", "value": path}}], "backendRefs": [{"name": "cart", "port": 80}]})
}

fn class(controller: &str) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "GatewayClass",
        "metadata": {"name": "edge"},
        "spec": {"controllerName": controller},
    })
}

#[test]
fn a_valid_route_passes_without_a_word() {
    let response = create(route(
        json!({"parentRefs": [{"name": "edge"}], "rules": [prefix("/cart")]}),
    ));
    assert_eq!(response["allowed"], true);
    assert_eq!(response["warnings"], json!([]));
}

/// A hostname is in lower case by the pattern of its field in the CRD.
#[test]
fn a_refusal_names_the_field() {
    let response = create(route(
        json!({"hostnames": ["SHOP.example.com"], "rules": [prefix("/cart")]}),
    ));
    assert_eq!(response["allowed"], false);
    let status = &response["status"];
    assert_eq!(status["code"], 422);
    assert_eq!(status["reason"], "Invalid");
    let message = status["message"].as_str().unwrap();
    assert!(
        message.starts_with("HTTPRoute \"front\" is invalid: spec.hostnames[0]: "),
        "{message}"
    );
    let causes = status["details"]["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 1);
    assert_eq!(causes[0]["field"], "spec.hostnames[0]");
    assert_eq!(causes[0]["reason"], "FieldValueInvalid");
}

#[test]
fn what_would_be_dropped_is_a_warning() {
    let response = create(route(
        json!({"hostname": ["shop.example.com"], "rules": [prefix("/cart")]}),
    ));
    assert_eq!(response["allowed"], true);
    let warning = response["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("spec.hostname: "), "{warning}");
    assert!(warning.contains("`hostnames`"), "{warning}");
}

/// The controller of a class cannot change: its CRD compares with the old object.
#[test]
fn an_update_is_compared_with_what_is_stored() {
    let (old, new) = (class("example.com/one"), class("example.com/other"));
    assert_eq!(create(new.clone())["allowed"], true);
    let response = ask("UPDATE", new, old);
    assert_eq!(response["allowed"], false);
    assert_eq!(
        response["status"]["details"]["causes"][0]["field"],
        "spec.controllerName"
    );
}

/// Of two equal matches the one in the earlier rule decides (MATCH-PREC-14).
#[test]
fn a_rule_that_never_decides_is_a_warning() {
    let response = create(route(json!({"rules": [prefix("/cart"), prefix("/cart")]})));
    assert_eq!(response["allowed"], true);
    let warnings = response["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].as_str().unwrap().starts_with("spec.rules[1]"),
        "{warnings:?}"
    );
}

/// The longer prefix decides, wherever it stands (MATCH-PREC-05).
#[test]
fn a_rule_that_decides_for_some_is_none() {
    let response = create(route(json!({"rules": [prefix("/"), prefix("/cart")]})));
    assert_eq!(response["warnings"], json!([]));
}

#[test]
fn other_groups_pass() {
    let object = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart"}});
    assert_eq!(create(object), json!({"allowed": true, "uid": "7a1c"}));
}

#[test]
fn a_version_that_is_not_known_passes_with_a_warning() {
    let mut object = route(json!({"rules": []}));
    object["apiVersion"] = json!("gateway.networking.k8s.io/v9");
    let response = create(object);
    assert_eq!(response["allowed"], true);
    assert!(
        response["warnings"][0]
            .as_str()
            .unwrap()
            .starts_with("not checked")
    );
}

#[test]
fn deleting_passes() {
    assert_eq!(
        ask("DELETE", Value::Null, class("example.com/one"))["allowed"],
        true
    );
}

#[test]
fn what_is_no_review_is_refused() {
    for body in ["", "[]", "{\"kind\": \"AdmissionReview\"}"] {
        assert!(
            answer(body.as_bytes(), Bundle::default()).is_err(),
            "{body}"
        );
    }
}
