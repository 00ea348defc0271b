//! What the library says to one object, in the form that the contract of `check` writes it.

use std::fmt;

use gatewright::api::{GATEWAY_GROUP, GATEWAY_X_GROUP, split_api_version};
use gatewright::validate::{self, Report, Sent, UnknownField};
use gatewright::vocab::Bundle;
use serde::Serialize;
use serde_json::Value;

/// Whether objects of this `apiVersion` are checked: those of the Gateway API groups.
pub(super) fn is_checked(api_version: &str) -> bool {
    let (group, _) = split_api_version(api_version);
    [GATEWAY_GROUP, GATEWAY_X_GROUP].contains(&group)
}

/// Why an object is rejected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Violation {
    pub(super) path: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) rule: Option<&'static str>,
    pub(super) message: String,
}

impl From<validate::Violation> for Violation {
    fn from(violation: validate::Violation) -> Self {
        Violation {
            path: violation.path,
            kind: violation.kind.as_str(),
            rule: Some(violation.rule).filter(|rule| !rule.is_empty()),
            message: violation.message,
        }
    }
}

impl Violation {
    /// The field to point at: the one that the API server names or, where it names none, the one that the message
    /// begins with.
    pub(super) fn place(&self) -> &str {
        match self.path.as_str() {
            "<nil>" => self.message.split_once(": ").map_or("", |(path, _)| path),
            path => path,
        }
    }

    /// Whether this only says that other violations keep rules from being checked: of no use to people.
    pub(super) fn is_follow_up(&self) -> bool {
        self.rule == Some("unchecked")
    }
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

/// The breaches of a report.
pub(super) fn violations(report: Report) -> Vec<Violation> {
    report.violations.into_iter().map(Violation::from).collect()
}

/// The paths of unknown fields.
pub(super) fn paths(fields: &[UnknownField]) -> Vec<&str> {
    fields.iter().map(|field| field.path.as_str()).collect()
}

/// What an API server would say to an object that is about to be created.
pub(super) fn check(object: &Value, bundle: Bundle) -> Report {
    validate::check(object, bundle)
}

/// What an API server would say to a request: a creation, or an update of `old`, of the object or of its status.
pub(super) fn check_sent(
    object: &Value,
    old: Option<&Value>,
    is_status: bool,
    bundle: Bundle,
) -> Report {
    let sent = if is_status {
        Sent::Status
    } else {
        Sent::Object
    };
    validate::check_sent(object, old, sent, bundle)
}

/// The object as the API server would store it.
pub(super) fn defaulted(object: &Value, bundle: Bundle) -> Value {
    validate::default_and_prune(object, bundle)
}

/// The object as it would be stored.
///
/// # Errors
///
/// What an API server would say to an object that it rejects.
pub(super) fn admit(object: &Value, bundle: Bundle) -> Result<Value, Vec<Violation>> {
    let report = check(object, bundle);
    if report.accepted {
        Ok(defaulted(object, bundle))
    } else {
        Err(violations(report))
    }
}

/// What an object that `bundle` accepts uses and `other` does not have; an empty path stands for the kind itself.
pub(super) fn missing_in(object: &Value, bundle: Bundle, other: Bundle) -> Vec<String> {
    if bundle == other {
        return Vec::new();
    }
    let theirs = check(object, other);
    let mut fields: Vec<String> = Vec::new();
    for violation in &theirs.violations {
        if violation.kind.as_str().starts_with("NoSuch") {
            return vec![String::new()];
        }
        if violation.path != "<nil>" {
            fields.push(violation.path.clone());
        }
    }
    let ours = check(object, bundle).unknown_fields;
    let dropped = theirs.unknown_fields.into_iter();
    fields.extend(
        dropped
            .map(|field| field.path)
            .filter(|path| !ours.iter().any(|field| field.path == *path)),
    );
    fields
}
