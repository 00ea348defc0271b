//! A decision for people.

use std::fmt::Write as _;

use anstyle::Style;
use gatewright::plan::Plan;
use serde_json::Value;

use crate::cli::conditions;
use crate::cli::json::{items, text};
use crate::cli::style::{self, paint};

/// Writes a decision: first what becomes of the request, then why, then what travels. `request` is what was asked,
/// `plan` what it was decided by.
pub(in crate::cli) fn decision(decision: &Value, request: &Value, plan: &Plan) -> String {
    let mut lines = Lines::default();
    headline(decision, request, &mut lines);
    chosen(decision, &mut lines);
    why(decision, plan, &mut lines);
    question(decision, &mut lines);
    upstream(decision, request, &mut lines);
    answer(decision, &mut lines);
    beside(decision, &mut lines);
    lines.0
}

/// Lines of a label and what it labels.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, label: &str, text: impl std::fmt::Display) {
        let label = paint(style::FAINT, format!("{label:>10}"));
        // Writing to a string never fails.
        let _ = writeln!(self.0, "{label}  {text}");
    }
}

fn headline(decision: &Value, request: &Value, lines: &mut Lines) {
    let outcome = text(decision, "outcome");
    let (style, what) = match (outcome, decision.get("status").and_then(Value::as_u64)) {
        ("forward", _) => (style::GOOD, "forwarded".to_owned()),
        ("redirect", Some(status)) => (style::GOOD, format!("redirected with {status}")),
        ("respond", Some(status)) => (status_style(status), format!("answered with {status}")),
        ("reset", _) => (style::ERROR, "refused: no connection".to_owned()),
        (other, _) => (style::WARNING, other.to_owned()),
    };
    let mut what = what;
    if let Some(status) = decision.get("grpc_status").and_then(Value::as_u64) {
        what += &format!(", grpc-status {status}");
    }
    let asked = request_line(request);
    // Writing to a string never fails.
    let _ = writeln!(
        lines.0,
        "{} is {}",
        paint(style::STRONG, asked),
        paint(style, what)
    );
}

fn status_style(status: u64) -> Style {
    match status {
        0..=399 => style::GOOD,
        400..=499 => style::WARNING,
        _ => style::ERROR,
    }
}

/// `GET https://host/path`, or what stands for it where HTTP is not spoken.
fn request_line(request: &Value) -> String {
    let scheme = text(request, "scheme");
    let host = text(request, "host");
    let port = request.get("port").and_then(Value::as_u64);
    let method = match text(request, "method") {
        "" if text(request, "protocol") == "grpc" => "POST",
        "" => "GET",
        method => method,
    };
    let shown_port = match (port, scheme) {
        (Some(80), "http") | (Some(443), "https") | (None, _) => String::new(),
        (Some(port), _) if host.ends_with(&format!(":{port}")) => String::new(),
        (Some(port), _) => format!(" on port {port}"),
    };
    match text(request, "protocol") {
        "" | "http" | "grpc" => {
            let path = match text(request, "path") {
                "" => "/",
                path => path,
            };
            format!("{method} {scheme}://{host}{path}{shown_port}")
        }
        other => format!("{} to {host}{shown_port}", other.to_uppercase()),
    }
}

/// The backend, and its share.
fn chosen(decision: &Value, lines: &mut Lines) {
    if let Some(backend) = present(decision, "backend") {
        let mut to = paint(style::STRONG, backend_name(backend)).to_string();
        let all = items(decision, "backends");
        let total: u64 = all.iter().filter_map(|b| b.get("weight")?.as_u64()).sum();
        if let (true, Some(weight)) = (all.len() > 1, backend.get("weight").and_then(Value::as_u64))
        {
            to += &format!(", with {weight} of {total} parts of the traffic");
            for other in all
                .iter()
                .filter(|other| *other != backend && !same(other, backend))
            {
                let valid = other.get("valid").and_then(Value::as_bool) != Some(false);
                let weight = other.get("weight").and_then(Value::as_u64).unwrap_or(1);
                let note = if valid { "" } else { ", which cannot be used" };
                to += &format!("; {weight} go to {}{note}", backend_name(other));
            }
        }
        lines.add("to", to);
    }
    if let Some(location) = present(decision, "location").and_then(Value::as_str) {
        lines.add("to", paint(style::STRONG, location));
    }
    if let Some(tls) = present(decision, "backend_tls") {
        let mut how = format!("TLS as {}", text(tls, "hostname"));
        let names: Vec<String> = items(tls, "subject_alt_names").iter().map(plain).collect();
        if !names.is_empty() {
            how += &format!(", certificate for {}", names.join(" or "));
        }
        if let Some(ca) = present(tls, "ca") {
            how += &format!(", trusted through {}", authority(ca));
        }
        lines.add("over", how);
    }
}

fn authority(ca: &Value) -> String {
    match ca {
        Value::Array(items) => items.iter().map(authority).collect::<Vec<_>>().join(", "),
        Value::Object(_) => object_name(ca),
        other => plain(other),
    }
}

fn same(a: &Value, b: &Value) -> bool {
    ["kind", "namespace", "name", "port", "weight"]
        .iter()
        .all(|key| a.get(key) == b.get(key))
}

/// Listener, Route, rule and what decided.
fn why(decision: &Value, plan: &Plan, lines: &mut Lines) {
    if !["forward", "redirect"].contains(&text(decision, "outcome")) {
        lines.add("because", text(decision, "reason"));
    }
    if let Some(listener) = present(decision, "listener") {
        let set = match text(listener, "set") {
            "" => String::new(),
            set => format!(" of ListenerSet {set}"),
        };
        let (name, gateway) = (text(listener, "name"), text(listener, "gateway"));
        lines.add("listener", format!("`{name}`{set} of Gateway {gateway}"));
    }
    if let Some(route) = present(decision, "route") {
        let mut rule = object_name(route);
        if let Some(hostname) = present(decision, "hostname") {
            rule += &format!(", hostname {}", plain(hostname));
        }
        lines.add("route", rule);
    }
    if let Some(rule) = present(decision, "rule") {
        let index = rule
            .get("index")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        let mut what = match text(rule, "name") {
            "" => format!("number {index}"),
            name => format!("`{name}` (number {index})"),
        };
        let place = decision.get("match").and_then(Value::as_u64);
        let route = decision.get("route").unwrap_or(&Value::Null);
        let names = (
            text(route, "kind"),
            text(route, "namespace"),
            text(route, "name"),
        );
        let asks = place.map_or(String::new(), |place| {
            conditions::describe(plan, names, index, place)
        });
        if !asks.is_empty() {
            what += &format!(": {asks}");
        }
        lines.add("rule", what);
        if let Some(key) = present(decision, "key").and_then(Value::as_str) {
            lines.add("won by", format!("{key}, over the next candidate"));
        }
    }
}

/// The auth server that is asked before.
fn question(decision: &Value, lines: &mut Lines) {
    if let Some(auth) = present(decision, "external_auth") {
        let to = present(auth, "backend")
            .map(backend_name)
            .unwrap_or_default();
        let asked = present(auth, "request").map_or(String::new(), |request| {
            format!(": {} {}", text(request, "method"), text(request, "path"))
        });
        let protocol = text(auth, "protocol");
        lines.add("asks first", format!("{to} over {protocol}{asked}"));
    }
}

/// What the backend receives, as far as it differs from what was asked.
fn upstream(decision: &Value, request: &Value, lines: &mut Lines) {
    let Some(sent) = present(decision, "request") else {
        return;
    };
    let line = format!(
        "{} {}://{}{}",
        text(sent, "method"),
        text(sent, "scheme"),
        text(sent, "host"),
        text(sent, "path")
    );
    lines.add("receives", line);
    let before = header_lines(request.get("headers"));
    let after = header_lines(sent.get("headers"));
    for (name, value) in after.iter().filter(|header| !holds(&before, header)) {
        lines.add("", paint(style::GOOD, format!("+ {name}: {value}")));
    }
    for (name, value) in before.iter().filter(|header| !holds(&after, header)) {
        lines.add("", paint(style::ERROR, format!("- {name}: {value}")));
    }
}

fn holds(headers: &[(String, String)], header: &(String, String)) -> bool {
    headers
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case(&header.0) && *value == header.1)
}

fn header_lines(headers: Option<&Value>) -> Vec<(String, String)> {
    let lines = headers.and_then(Value::as_array).into_iter().flatten();
    lines
        .filter_map(|line| Some((plain(line.get(0)?), plain(line.get(1)?))))
        .collect()
}

/// What the client sees beside the status.
fn answer(decision: &Value, lines: &mut Lines) {
    let Some(edits) = present(decision, "response_headers") else {
        return;
    };
    for name in items(edits, "remove") {
        lines.add(
            "response",
            paint(style::ERROR, format!("- {}", plain(name))),
        );
    }
    for sign in ["set", "add"] {
        for (name, value) in header_lines(edits.get(sign)) {
            lines.add("response", paint(style::GOOD, format!("+ {name}: {value}")));
        }
    }
}

/// What happens beside the request.
fn beside(decision: &Value, lines: &mut Lines) {
    for mirror in items(decision, "mirrors") {
        let to = present(mirror, "backend")
            .map(backend_name)
            .unwrap_or_default();
        let part = match (mirror.get("numerator"), mirror.get("denominator")) {
            (Some(n), Some(d)) if n != d => format!(", {n} of {d} requests"),
            _ => String::new(),
        };
        lines.add("copy to", format!("{to}{part}"));
    }
    if let Some(timeouts) = present(decision, "timeouts") {
        let parts: Vec<String> = [("request", "request"), ("backendRequest", "one try")]
            .iter()
            .filter_map(|(key, name)| {
                Some(format!(
                    "{} for the {name}",
                    present(timeouts, key)?.as_str()?
                ))
            })
            .collect();
        if !parts.is_empty() {
            lines.add("timeout", parts.join(", "));
        }
    }
}

fn backend_name(backend: &Value) -> String {
    let mut name = object_name(backend);
    if let Some(port) = backend.get("port").and_then(Value::as_u64) {
        name += &format!(":{port}");
    }
    name
}

fn object_name(object: &Value) -> String {
    format!(
        "{} {}/{}",
        text(object, "kind"),
        text(object, "namespace"),
        text(object, "name")
    )
}

fn present<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    value.get(key).filter(|field| !field.is_null())
}

/// Text as it is, anything else as JSON.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
