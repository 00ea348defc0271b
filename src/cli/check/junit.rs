//! The result as JUnit XML: a suite for each file, a case for each object.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::report::{Report, Spot};

/// One case of a suite, already written, and how it went.
struct Case<'r> {
    file: &'r str,
    xml: String,
    result: Went,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Went {
    Passed,
    Failed,
    Error,
    Skipped,
}

/// Writes the report; an object with violations or unknown fields is a failure, a document that cannot be read an
/// error, a kind that is not checked is skipped.
pub(super) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let cases = cases(report);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="gatewright check" {}>"#,
        counts(&cases)
    )?;
    for suite in cases.chunk_by(|a, b| a.file == b.file) {
        let file = suite.first().map_or("", |case| case.file);
        writeln!(
            out,
            r#"  <testsuite name="{}" {}>"#,
            escape(file),
            counts(suite)
        )?;
        for case in suite {
            out.write_all(case.xml.as_bytes())?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn counts(cases: &[Case<'_>]) -> String {
    let count = |result| cases.iter().filter(|case| case.result == result).count();
    format!(
        r#"tests="{}" failures="{}" errors="{}" skipped="{}""#,
        cases.len(),
        count(Went::Failed),
        count(Went::Error),
        count(Went::Skipped)
    )
}

/// All cases, those of one file together.
fn cases(report: &Report) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for object in &report.objects {
        let mut body = String::new();
        let line_of = |spot: Option<&Spot>| spot.map_or(object.source.line, |spot| spot.span.line);
        for (violation, spot) in object.shown() {
            let line = line_of(spot);
            let text = violation.to_string();
            failure(&mut body, violation.kind, &text, &object.source.file, line);
        }
        for (field, spot) in object.dropped() {
            let line = line_of(spot);
            let text = field.to_string();
            failure(&mut body, "UnknownField", &text, &object.source.file, line);
        }
        let went = if body.is_empty() {
            Went::Passed
        } else {
            Went::Failed
        };
        let name = object.object.to_string();
        cases.push(case(
            &name,
            &object.source.file,
            object.source.line,
            &body,
            went,
        ));
    }
    for other in &report.not_checked {
        let body = "      <skipped message=\"not a kind of Gateway API\"/>\n";
        let name = other.object.to_string();
        let source = &other.source;
        cases.push(case(&name, &source.file, source.line, body, Went::Skipped));
    }
    for error in &report.errors {
        let source = &error.source;
        let body = format!(
            "      <error type=\"unreadable\" message=\"{}\">{}:{}:{}</error>\n",
            escape(&error.message),
            escape(&source.file),
            source.line,
            error.column
        );
        let name = format!("document {}", source.document);
        cases.push(case(&name, &source.file, source.line, &body, Went::Error));
    }
    for error in &report.unreadable {
        let file = error.path().to_str().unwrap_or_default();
        let body = format!(
            "      <error type=\"unreadable\" message=\"{}\"/>\n",
            escape(&error.to_string())
        );
        cases.push(case("file", file, 1, &body, Went::Error));
    }
    cases.sort_by_key(|case| case.file);
    cases
}

fn failure(body: &mut String, kind: &str, text: &str, file: &str, line: u32) {
    // Writing to a string never fails.
    let _ = writeln!(
        body,
        r#"      <failure type="{}" message="{}">{}:{line}</failure>"#,
        escape(kind),
        escape(text),
        escape(file)
    );
}

fn case<'r>(name: &str, file: &'r str, line: u32, body: &str, result: Went) -> Case<'r> {
    let head = format!(
        r#"    <testcase name="{}" classname="{}" file="{}" line="{line}""#,
        escape(name),
        escape(file),
        escape(file)
    );
    let xml = if body.is_empty() {
        format!("{head}/>\n")
    } else {
        format!("{head}>\n{body}    </testcase>\n")
    };
    Case { file, xml, result }
}

/// Text for attributes and elements; characters that XML does not have become `\u{FFFD}`.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '&' => escaped += "&amp;",
            '"' => escaped += "&quot;",
            '\n' => escaped += "&#10;",
            '\t' => escaped += "&#9;",
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}
