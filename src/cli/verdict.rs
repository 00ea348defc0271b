//! What the library says to one object, in the form that the contract of `check` writes it.

use std::fmt;

use gatewright::api::{GATEWAY_GROUP, GATEWAY_X_GROUP, split_api_version};
use gatewright::validate::{self, Sent};
use gatewright::vocab::Bundle;
use serde::Serialize;
use serde_json::Value;

/// Whether objects of this `apiVersion` are checked: those of the Gateway API groups.
pub(super) fn is_checked(api_version: &str) -> bool {
    let (group, _) = split_api_version(api_version);
    [GATEWAY_GROUP, GATEWAY_X_GROUP].contains(&group)
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
    object: &Value,
    old: Option<&Value>,
    is_status: bool,
    bundle: Bundle,
) -> Verdict {
    let sent = if is_status {
        Sent::Status
    } else {
        Sent::Object
    };
    let report = validate::check_sent(object, old, sent, bundle);
    Verdict {
        violations: report.violations.into_iter().map(Violation::from).collect(),
        unknown_fields: report.unknown_fields.into_iter().map(|f| f.path).collect(),
    }
}

impl From<validate::Violation> for Violation {
    fn from(violation: validate::Violation) -> Self {
        Violation {
            path: violation.path,
            kind: violation.kind.as_str().to_owned(),
            rule: Some(violation.rule.to_owned()),
            message: violation.message,
        }
    }
}

/// The object as the API server would store it.
pub(super) fn defaulted(
    object: &Value,
    _old: Option<&Value>,
    _is_status: bool,
    bundle: Bundle,
) -> Value {
    validate::default_and_prune(object, bundle)
}

/// The object as it would be stored.
///
/// # Errors
///
/// What an API server would say to an object that it rejects.
pub(super) fn admit(object: &Value, bundle: Bundle) -> Result<Value, Verdict> {
    let verdict = check(object, bundle);
    if verdict.violations.is_empty() {
        Ok(defaulted(object, None, false, bundle))
    } else {
        Err(verdict)
    }
}

/// Whether two bundles have different opinions on an object.
pub(super) fn differs(object: &Value, a: Bundle, b: Bundle) -> bool {
    let (a, b) = (check(object, a), check(object, b));
    a.violations != b.violations || a.unknown_fields != b.unknown_fields
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() || self.path == "<nil>" {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}
