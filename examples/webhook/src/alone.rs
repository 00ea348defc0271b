//! What has no effect whatever else is in the cluster.

use gatewright::api::Object;
use gatewright::lint::{FindingKind, lint};
use gatewright::resolve::{Controller, resolve};
use gatewright::snapshot::Snapshot;
use gatewright::validate::admit;
use gatewright::vocab::Bundle;
use serde_json::{Value, json};

/// Matches and rules of a Route that never decide, since others of the same Route take all their requests: it is put alone
/// before a Gateway that takes everything.
///
/// A policy of CEL cannot say it: the order of precedence among matches is needed, and what one match implies of another.
pub fn without_effect(object: &Value, bundle: Bundle) -> Vec<String> {
    let findings = alone(object, bundle).map(|(snapshot, controller)| {
        let resolution = resolve(&snapshot, &controller);
        lint(&snapshot, &resolution)
    });
    let never = |kind| matches!(kind, FindingKind::ShadowedMatch | FindingKind::ShadowedRule);
    findings
        .unwrap_or_default()
        .into_iter()
        .filter(|finding| never(finding.kind))
        .map(|finding| match &finding.path {
            Some(path) => format!("{path}: {}", finding.message),
            None => finding.message,
        })
        .collect()
}

/// A world of the Route, a Gateway in its namespace, and a class; `None` for kinds that have no matches.
fn alone(object: &Value, bundle: Bundle) -> Option<(Snapshot, Controller)> {
    if !["HTTPRoute", "GRPCRoute"].contains(&object["kind"].as_str()?) {
        return None;
    }
    let mut route = object.clone();
    route["spec"]["parentRefs"] = json!([{"name": "alone"}]);
    let class = json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "GatewayClass",
        "metadata": {"name": "alone"},
        "spec": {"controllerName": "gatewright.example/alone"},
    });
    let gateway = json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "alone", "namespace": object["metadata"]["namespace"].as_str()?},
        "spec": {
            "gatewayClassName": "alone",
            "listeners": [{"name": "all", "protocol": "HTTP", "port": 80}],
        },
    });
    let mut builder = Snapshot::builder();
    builder.put(std::sync::Arc::new(
        admit(&route, bundle).ok()?.into_inner(),
    ));
    for own in [class, gateway] {
        builder.put(std::sync::Arc::new(Object::from_value(own).ok()?));
    }
    let controller = Controller::default().with_bundle(bundle);
    Some((builder.build(), controller))
}
