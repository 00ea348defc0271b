//! Statuses for people.

use std::fmt::Write as _;

use serde_json::Value;

use crate::cli::json::{items, text};
use crate::cli::style::{self, paint};

/// Conditions that are bad news when they are true.
const BAD_IF_TRUE: [&str; 4] = [
    "Conflicted",
    "InsecureFrontendValidationMode",
    "OverlappingTLSConfig",
    "PartiallyInvalid",
];

/// Whether a condition says that something is not as it should be.
fn is_bad(condition: &Value) -> bool {
    let is_true = text(condition, "status") == "True";
    is_true == BAD_IF_TRUE.contains(&text(condition, "type"))
}

/// Whether any condition of an entry is bad news.
pub(super) fn has_findings(entry: &Value) -> bool {
    let Some(status) = entry.get("status") else {
        return false;
    };
    let parts = ["listeners", "parents", "ancestors"];
    let parts = parts.iter().flat_map(|part| items(status, part));
    std::iter::once(status)
        .chain(parts)
        .flat_map(|part| items(part, "conditions"))
        .any(is_bad)
}

/// Writes one entry of the status list.
pub(super) fn entry(entry: &Value, out: &mut String) {
    let name = match text(entry, "namespace") {
        "" => text(entry, "name").to_owned(),
        namespace => format!("{namespace}/{}", text(entry, "name")),
    };
    let title = paint(style::STRONG, format!("{} {name}", text(entry, "kind")));
    // Writing to a string never fails.
    let _ = writeln!(out, "{title}");
    let Some(status) = entry.get("status") else {
        return;
    };
    conditions(status, "  ", out);
    let addresses: Vec<&str> = items(status, "addresses")
        .iter()
        .map(|a| text(a, "value"))
        .collect();
    if !addresses.is_empty() {
        let _ = writeln!(out, "  addresses {}", addresses.join(", "));
    }
    for listener in items(status, "listeners") {
        let routes = listener.get("attachedRoutes").and_then(Value::as_u64);
        let routes = match routes {
            Some(1) => "1 route".to_owned(),
            Some(n) => format!("{n} routes"),
            None => String::new(),
        };
        let _ = writeln!(out, "  listener {}  {routes}", text(listener, "name"));
        conditions(listener, "    ", out);
    }
    for parent in items(status, "parents") {
        let _ = writeln!(out, "  parent {}", reference(parent.get("parentRef")));
        conditions(parent, "    ", out);
    }
    for ancestor in items(status, "ancestors") {
        let _ = writeln!(out, "  ancestor {}", reference(ancestor.get("ancestorRef")));
        conditions(ancestor, "    ", out);
    }
}

/// Good ones in one line, each of the others in a line of its own with reason and message.
fn conditions(of: &Value, indent: &str, out: &mut String) {
    let (bad, good): (Vec<_>, Vec<_>) = items(of, "conditions").iter().partition(|c| is_bad(c));
    let good: Vec<String> = good
        .iter()
        .map(|condition| match text(condition, "status") {
            "True" => text(condition, "type").to_owned(),
            status => format!("{}={status}", text(condition, "type")),
        })
        .collect();
    if !good.is_empty() {
        let _ = writeln!(
            out,
            "{indent}{} {}",
            paint(style::GOOD, "ok"),
            good.join(", ")
        );
    }
    for condition in bad {
        let what = format!("{}={}", text(condition, "type"), text(condition, "status"));
        let _ = writeln!(
            out,
            "{indent}{} {}: {}",
            paint(style::ERROR, what),
            text(condition, "reason"),
            text(condition, "message")
        );
    }
}

/// A parentRef or ancestorRef: kind, name and section.
fn reference(reference: Option<&Value>) -> String {
    let Some(reference) = reference else {
        return String::new();
    };
    let kind = match text(reference, "kind") {
        "" => "Gateway",
        kind => kind,
    };
    let mut name = match text(reference, "namespace") {
        "" => text(reference, "name").to_owned(),
        namespace => format!("{namespace}/{}", text(reference, "name")),
    };
    if let Some(section) = reference.get("sectionName").and_then(Value::as_str) {
        name += &format!(" section {section}");
    }
    if let Some(port) = reference.get("port").and_then(Value::as_u64) {
        name += &format!(" port {port}");
    }
    format!("{kind} {name}")
}
