//! What people are told: what was found, what is allowed, where it applies, what was probably meant.
#![cfg(feature = "resolve")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests panic when they fail"
)]

use gatewright::validate::{Report, check};
use serde_json::{Value, json};

fn route(spec: Value) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "shop", "namespace": "web"},
        "spec": spec,
    })
}

fn report(object: &Value, bundle: &str) -> Report {
    check(object, bundle.parse().expect("a bundle"))
}

/// The only message on an object, not counting that rules were left out.
fn told(object: &Value, bundle: &str) -> String {
    let report = report(object, bundle);
    let violations = report.violations.iter().filter(|v| v.rule != "unchecked");
    let violations = violations.map(ToString::to_string);
    let fields = report.unknown_fields.iter().map(ToString::to_string);
    let told: Vec<String> = violations.chain(fields).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    told[0].clone()
}

#[test]
fn a_near_miss_of_a_field_gets_a_suggestion() {
    let route = route(json!({"hostname": ["a.example.com"]}));
    assert_eq!(
        told(&route, "v1.6-standard"),
        "spec.hostname: unknown field, the API server drops it; did you mean `hostnames`?"
    );
}

#[test]
fn an_experimental_field_names_its_channel() {
    let route = route(json!({"useDefaultGateways": "All"}));
    assert_eq!(
        told(&route, "v1.6-standard"),
        "spec.useDefaultGateways: unknown field, the API server drops it; the field exists in the experimental channel"
    );
}

#[test]
fn a_field_that_became_standard_names_the_release() {
    let filter = json!({"type": "CORS", "cors": {"allowOrigins": ["*"]}});
    let route = route(json!({"rules": [{"filters": [filter]}]}));
    let report = report(&route, "v1.4-standard");
    assert_eq!(
        report.unknown_fields[0].to_string(),
        "spec.rules[0].filters[0].cors: unknown field, the API server drops it; the field exists in the experimental \
         channel, since v1.5 in the standard channel too"
    );
    assert_eq!(
        report.violations[0].to_string(),
        "spec.rules[0].filters[0].type: `CORS` is not supported; use `RequestHeaderModifier`, \
         `ResponseHeaderModifier`, `RequestMirror`, `RequestRedirect`, `URLRewrite` or `ExtensionRef`; `CORS` exists in the \
         experimental channel, since v1.5 in the standard channel too"
    );
}

#[test]
fn a_near_miss_of_a_choice_gets_a_suggestion() {
    let path = json!({"type": "Prefix", "value": "/"});
    let route = route(json!({"rules": [{"matches": [{"path": path}]}]}));
    assert_eq!(
        told(&route, "v1.6-standard"),
        "spec.rules[0].matches[0].path.type: `Prefix` is not supported; use `Exact`, `PathPrefix` or \
         `RegularExpression`; did you mean `PathPrefix`?"
    );
}

#[test]
fn a_number_in_quotes_is_told_from_a_number() {
    let route = route(json!({"rules": [{"backendRefs": [{"name": "a", "port": "80"}]}]}));
    assert_eq!(
        told(&route, "v1.6-standard"),
        "spec.rules[0].backendRefs[0].port: expected a whole number, found the text `80`"
    );
}

#[test]
fn a_limit_that_another_release_raised_says_so() {
    let hostnames: Vec<String> = (0..17).map(|n| format!("h{n}.example.com")).collect();
    let route = json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "TLSRoute",
        "metadata": {"name": "shop", "namespace": "web"},
        "spec": {"hostnames": hostnames, "rules": [{"backendRefs": [{"name": "a", "port": 443}]}]},
    });
    assert_eq!(
        told(&route, "v1.5-standard"),
        "spec.hostnames: 17 items, at most 16 allowed; at most 1024 since v1.6"
    );
}

#[test]
fn a_kind_of_another_channel_or_release_says_so() {
    let route = json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "TCPRoute",
        "metadata": {"name": "db", "namespace": "data"},
        "spec": {},
    });
    assert_eq!(
        told(&route, "v1.4-standard"),
        "kind: v1.4-standard has no kind `TCPRoute` in `gateway.networking.k8s.io`; it exists in the experimental \
         channel, since v1.6 in the standard channel too"
    );
    assert_eq!(
        told(&route, "v1.5-experimental"),
        "apiVersion: v1.5-experimental does not serve TCPRoute in version `v1`; use `v1alpha2`; it is served since v1.6"
    );
}

#[test]
fn a_spelling_is_described() {
    let route = route(json!({"hostnames": ["Shop.example.com"]}));
    assert_eq!(
        told(&route, "v1.6-standard"),
        "spec.hostnames[0]: `Shop.example.com` is no hostname: a DNS name in small letters, possibly after `*.`"
    );
}
