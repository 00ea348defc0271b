//! AdmissionReviews of `admission.k8s.io/v1`: a question comes in, an answer goes out.

use std::fmt;

use gatewright::validate::{ErrorKind, Report, Sent, Violation, check_sent};
use gatewright::vocab::Bundle;
use serde_json::{Value, json};

use crate::alone;

/// The version that is spoken.
const API_VERSION: &str = "admission.k8s.io/v1";

/// Why something is no question.
#[derive(Debug)]
pub enum NoReview {
    /// It is no JSON.
    Syntax(serde_json::Error),
    /// It is JSON of another kind, or lacks its request.
    Kind,
}

impl fmt::Display for NoReview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoReview::Syntax(why) => write!(f, "no JSON: {why}"),
            NoReview::Kind => write!(
                f,
                "expected an AdmissionReview of {API_VERSION} with `request.uid`"
            ),
        }
    }
}

impl std::error::Error for NoReview {}

/// Answers the question whether an object may be stored.
///
/// An object is refused for what the CRDs of `bundle` refuse, with the field of each violation. What is dropped, and what
/// can have no effect, becomes a warning. Kinds and versions that `bundle` does not know pass: the cluster may be newer.
///
/// # Errors
///
/// When `body` is no question.
pub fn answer(body: &[u8], bundle: Bundle) -> Result<Value, NoReview> {
    let review: Value = serde_json::from_slice(body).map_err(NoReview::Syntax)?;
    let request = &review["request"];
    let is_review = review["apiVersion"] == API_VERSION && review["kind"] == "AdmissionReview";
    let Some(uid) = request["uid"].as_str().filter(|_| is_review) else {
        return Err(NoReview::Kind);
    };
    let mut response = judge(request, bundle);
    response["uid"] = json!(uid);
    Ok(json!({"apiVersion": API_VERSION, "kind": "AdmissionReview", "response": response}))
}

fn judge(request: &Value, bundle: Bundle) -> Value {
    let object = &request["object"];
    let old = match request["operation"].as_str() {
        Some("CREATE") => None,
        Some("UPDATE") => Some(&request["oldObject"]).filter(|old| old.is_object()),
        // Nothing is stored by others.
        _ => return json!({"allowed": true}),
    };
    let sent = match request["subResource"].as_str() {
        None | Some("") => Sent::Object,
        Some("status") => Sent::Status,
        Some(_) => return json!({"allowed": true}),
    };
    let report = check_sent(object, old, sent, bundle);
    if !report.checked || report.violations.iter().any(is_unknown) {
        return unknown(&report, bundle);
    }
    let mut warnings: Vec<String> = report
        .unknown_fields
        .iter()
        .map(ToString::to_string)
        .collect();
    if !report.accepted {
        return refused(object, &report.violations, &warnings);
    }
    if sent == Sent::Object {
        warnings.extend(alone::without_effect(object, bundle));
    }
    json!({"allowed": true, "warnings": warnings})
}

fn is_unknown(violation: &Violation) -> bool {
    matches!(
        violation.kind,
        ErrorKind::NoSuchKind | ErrorKind::NoSuchVersion
    )
}

/// Of another group, or newer than the bundle. The latter is worth a word.
fn unknown(report: &Report, bundle: Bundle) -> Value {
    if !report.checked {
        return json!({"allowed": true});
    }
    let warning =
        format!("not checked: this webhook knows {bundle}, which has no such kind or version");
    json!({"allowed": true, "warnings": [warning]})
}

/// A refusal as an API server words its own: status 422, one cause for each field.
fn refused(object: &Value, violations: &[Violation], warnings: &[String]) -> Value {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, name) = (text(&object["kind"]), text(&object["metadata"]["name"]));
    let all: Vec<String> = violations.iter().map(ToString::to_string).collect();
    let cause = |violation: &Violation| json!({"reason": violation.kind.as_str(), "field": violation.path, "message": violation.message});
    json!({
        "allowed": false,
        "warnings": warnings,
        "status": {
            "code": 422,
            "reason": "Invalid",
            "message": format!("{kind} \"{name}\" is invalid: {}", all.join("; ")),
            "details": {
                "name": name,
                "kind": kind,
                "causes": violations.iter().map(cause).collect::<Vec<_>>(),
            },
        },
    })
}
