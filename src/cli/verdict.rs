//! What the library says to one object, in the form that the contract of `check` writes it.

use gatewright::vocab::Bundle;
use serde::Serialize;
use serde_json::Value;

/// API groups whose kinds are checked.
const GROUPS: [&str; 2] = ["gateway.networking.k8s.io", "gateway.networking.x-k8s.io"];

/// Whether objects of this `apiVersion` are checked.
pub(super) fn is_checked(api_version: &str) -> bool {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    GROUPS.contains(&group)
}

/// What an API server would say.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    pub(super) violations: Vec<Violation>,
    pub(super) unknown_fields: Vec<String>,
}

/// Why an object is rejected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Violation {
    pub(super) path: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) rule: Option<String>,
    pub(super) message: String,
}

/// Checks an object of a checked group that is about to be created.
pub(super) fn check(object: &Value, bundle: Bundle) -> Verdict {
    check_request(object, None, false, bundle)
}

/// Checks a request: a creation, or an update of `old`, of the whole object or of its status.
pub(super) fn check_request(
    _object: &Value,
    _old: Option<&Value>,
    _is_status: bool,
    _bundle: Bundle,
) -> Verdict {
    Verdict::default()
}

/// The object as the API server would store it.
pub(super) fn defaulted(
    object: &Value,
    _old: Option<&Value>,
    _is_status: bool,
    _bundle: Bundle,
) -> Value {
    object.clone()
}
