//! `gatewright lint`: what is valid and has no effect.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::ValueEnum;
use gatewright::api::Key;
use gatewright::lint::{Finding, Severity, lint};
use gatewright::manifest::Document;
use gatewright::resolve::resolve;
use serde_json::{Value, json};

use super::exit::Exit;
use super::render::{self, Message};
use super::style::{self, paint};
use super::{Outcome, world};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, directories, or - for standard input.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    world: world::WorldArgs,
    /// How the findings are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: source line and caret.
    Text,
    /// Stable and versioned.
    Json,
}

pub(super) fn run(args: &Args) -> Outcome {
    let world = world::load(&args.paths, &args.world)?;
    let resolution = resolve(&world.snapshot, &world.controller);
    let findings = lint(&world.snapshot, &resolution);

    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Text => text(&findings, &world.origins, &mut out)?,
        Format::Json => {
            let findings: Vec<Value> = findings.iter().map(|f| entry(f, &world.origins)).collect();
            writeln!(out, "{}", json!({"version": 1, "findings": findings}))?;
        }
    }
    out.flush()?;
    Ok(world.exit.max(if findings.is_empty() {
        Exit::Fine
    } else {
        Exit::Findings
    }))
}

fn text(
    findings: &[Finding],
    origins: &HashMap<Key, Document>,
    out: &mut impl Write,
) -> io::Result<()> {
    for finding in findings {
        let mut notes = vec![format!("in {}", finding.object)];
        if let Some(witness) = &finding.witness {
            notes.push(format!("for example {witness}"));
        }
        let Some(document) = origins.get(&finding.object) else {
            writeln!(out, "{}[{}]: {finding}", finding.severity(), finding.kind)?;
            continue;
        };
        let path = finding.path.as_deref().unwrap_or("metadata.name");
        let place = document.locate_nearest(path);
        let title = match &finding.path {
            Some(path) => format!("{path}: {}", finding.message),
            None => finding.message.clone(),
        };
        let message = render::message(&Message {
            severity: match finding.severity() {
                Severity::Note => render::Severity::Note,
                Severity::Warning => render::Severity::Warning,
                Severity::Error => render::Severity::Error,
            },
            id: finding.kind.as_str(),
            title,
            source: document.source(),
            span: place.pointer(document.source().text()),
            label: String::new(),
            notes,
        });
        out.write_all(message.as_bytes())?;
    }
    match findings.len() {
        0 => writeln!(out, "{}", paint(style::GOOD, "no findings")),
        1 => writeln!(out, "1 finding"),
        n => writeln!(out, "{n} findings"),
    }
}

fn entry(finding: &Finding, origins: &HashMap<Key, Document>) -> Value {
    let source = origins.get(&finding.object).map(|document| {
        let origin = document.origin();
        let line = match finding.path.as_deref() {
            Some(path) => {
                let place = document.locate_nearest(path);
                place.pointer(document.source().text()).line
            }
            None => origin.line,
        };
        json!({"file": &*origin.file, "document": origin.document, "line": line})
    });
    json!({
        "id": finding.kind.as_str(),
        "severity": finding.severity().as_str(),
        "source": source,
        "kind": finding.object.kind,
        "namespace": finding.object.namespace,
        "name": finding.object.name,
        "path": finding.path,
        "message": finding.message,
        "witness": finding.witness.as_ref().map(|witness| json!({
            "scheme": witness.scheme,
            "method": witness.method,
            "host": witness.host,
            "port": witness.port,
            "path": witness.path,
            "headers": witness.headers,
        })),
    })
}
