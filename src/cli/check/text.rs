//! The result for people.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use gatewright::manifest::Document;
use gatewright::vocab::Bundle;

use super::report::{Checked, Report};
use crate::cli::render::{self, Message, Severity};
use crate::cli::style::{self, paint};

/// Adds a message for each violation and each unknown field.
pub(super) fn findings(document: &Document, checked: &Checked, bundle: Bundle, out: &mut String) {
    let about = format!("in {}, checked against {bundle}", checked.object);
    for (violation, spot) in checked.shown() {
        let Some(spot) = spot else { return };
        let mut notes = vec![about.clone()];
        if let Some(rule) = &violation.rule {
            notes.push(format!("rule `{rule}`"));
        }
        *out += &render::message(&Message {
            severity: Severity::Error,
            id: violation.kind,
            title: violation.to_string(),
            source: document.source(),
            span: spot.span,
            label: String::new(),
            notes,
        });
    }
    for (field, spot) in checked.dropped() {
        let Some(spot) = spot else { return };
        *out += &render::message(&Message {
            severity: Severity::Warning,
            id: "UnknownField",
            title: field.to_string(),
            source: document.source(),
            span: spot.span,
            label: String::new(),
            notes: vec![about.clone()],
        });
    }
}

/// Adds a hint that an object needs the experimental channel.
pub(super) fn hint(checked: &Checked, fields: &[String], bundle: Bundle, out: &mut String) {
    let what = match fields {
        [] => return,
        [kind] if kind.is_empty() => format!("the kind {}", checked.object.kind),
        [field] => format!("`{field}`"),
        [field, rest @ ..] => format!("`{field}` and {} more", rest.len()),
    };
    // Writing to a string never fails.
    let _ = writeln!(
        out,
        "{} {}:{}: {} uses {what}, which only the experimental channel of {} has\n",
        paint(style::NOTE, "hint:"),
        checked.source.file,
        checked.source.line,
        checked.object,
        bundle.release,
    );
}

/// A word about a file without objects.
pub(super) fn empty_file(file: &Path) -> String {
    format!(
        "{} {}: no objects in this file\n\n",
        paint(style::NOTE, "note:"),
        file.display()
    )
}

/// The last lines: what was not checked, and the counts.
pub(super) fn summary(report: &Report, out: &mut impl Write) -> io::Result<()> {
    if !report.not_checked.is_empty() {
        let mut kinds: Vec<(&str, &str)> = report
            .not_checked
            .iter()
            .map(|other| {
                (
                    other.object.kind.as_str(),
                    other.object.api_version.as_str(),
                )
            })
            .collect();
        kinds.sort_unstable();
        let mut names = Vec::new();
        for group in kinds.chunk_by(|a, b| a == b) {
            if let Some((kind, api_version)) = group.first() {
                names.push(format!("{} {kind} ({api_version})", group.len()));
            }
        }
        let title = paint(style::FAINT, "not checked:");
        writeln!(out, "{title} {}", names.join(", "))?;
    }
    let rejected = report.objects.iter().filter(|o| !o.accepted).count();
    let violations: usize = report.objects.iter().map(|o| o.shown().count()).sum();
    let unknown: usize = report.objects.iter().map(|o| o.unknown_fields.len()).sum();
    let broken = report.errors.len() + report.unreadable.len();
    let count =
        |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let mut parts = Vec::new();
    if rejected > 0 {
        let violations = count(violations, "violation", "violations");
        let text = format!("{rejected} rejected ({violations})");
        parts.push(paint(style::ERROR, text).to_string());
    }
    if unknown > 0 {
        let text = count(unknown, "unknown field", "unknown fields");
        parts.push(paint(style::WARNING, text).to_string());
    }
    if broken > 0 {
        parts.push(paint(style::ERROR, format!("{broken} unreadable")).to_string());
    }
    if parts.is_empty() && !report.objects.is_empty() {
        parts.push(paint(style::GOOD, "all accepted").to_string());
    }
    let separator = if parts.is_empty() { "" } else { ": " };
    writeln!(
        out,
        "{} checked against {}{separator}{}",
        count(report.objects.len(), "object", "objects"),
        report.bundle(),
        parts.join(", ")
    )
}
