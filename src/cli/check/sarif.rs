//! The result as SARIF 2.1.0, for code scanning services and editors.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::report::{Report, Spot};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes the report as one run.
pub(super) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let mut rules = BTreeMap::new();
    let mut results = Vec::new();
    for object in &report.objects {
        let about = object.object.to_string();
        for (violation, spot) in object.shown() {
            let id = violation.rule.unwrap_or(violation.kind);
            rules.insert(id.to_owned(), format!("{} ({})", id, violation.kind));
            results.push(result(
                id,
                "error",
                &violation.to_string(),
                &object.source.file,
                Region::of(spot, object.source.line),
                Some((&about, &violation.path)),
            ));
        }
        for (field, spot) in object.dropped() {
            let id = "UnknownField";
            rules.insert(id.to_owned(), "a field that an API server drops".to_owned());
            results.push(result(
                id,
                "warning",
                &field.to_string(),
                &object.source.file,
                Region::of(spot, object.source.line),
                Some((&about, &field.path)),
            ));
        }
    }
    for error in &report.errors {
        let id = "unreadable";
        rules.insert(id.to_owned(), "a document that cannot be read".to_owned());
        let region = Region {
            line: error.source.line,
            column: error.column,
            width: 0,
        };
        let file = &error.source.file;
        results.push(result(id, "error", &error.message, file, region, None));
    }
    let rules: Vec<Value> = rules
        .iter()
        .map(|(id, text)| json!({"id": id, "shortDescription": {"text": text}}))
        .collect();
    let notifications: Vec<Value> = report
        .unreadable
        .iter()
        .map(|error| json!({"level": "error", "message": {"text": error.to_string()}}))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "gatewright",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.unreadable.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

struct Region {
    line: u32,
    column: u32,
    width: u32,
}

impl Region {
    fn of(spot: Option<&Spot>, line: u32) -> Self {
        match spot {
            None => Region {
                line,
                column: 1,
                width: 0,
            },
            Some(spot) => Region {
                line: spot.span.line,
                column: spot.span.column,
                width: spot.width,
            },
        }
    }
}

fn result(
    id: &str,
    level: &str,
    text: &str,
    file: &str,
    region: Region,
    object: Option<(&str, &str)>,
) -> Value {
    let mut area = json!({"startLine": region.line, "startColumn": region.column});
    if let (true, Some(area)) = (region.width > 0, area.as_object_mut()) {
        let end = region.column.saturating_add(region.width);
        area.insert("endColumn".to_owned(), json!(end));
    }
    let mut location = json!({
        "physicalLocation": {"artifactLocation": {"uri": uri(file)}, "region": area},
    });
    if let (Some((name, path)), Some(location)) = (object, location.as_object_mut()) {
        let logical = json!([{"name": path, "fullyQualifiedName": format!("{name} {path}")}]);
        location.insert("logicalLocations".to_owned(), logical);
    }
    json!({"ruleId": id, "level": level, "message": {"text": text}, "locations": [location]})
}

/// A file name as a relative or absolute URI reference.
fn uri(file: &str) -> String {
    let mut uri = String::with_capacity(file.len());
    if file.starts_with('/') {
        uri += "file://";
    }
    for byte in file.bytes() {
        match byte {
            b'\\' => uri.push('/'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}
