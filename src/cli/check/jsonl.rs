//! `check --jsonl`: a line in, a line out, for programs and test oracles.

use std::io::{self, BufRead, BufReader, Write};

use gatewright::vocab::{Bundle, Channel, Release};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cli::exit::Exit;
use crate::cli::verdict::{self, Violation};
use crate::cli::{Outcome, exit::Failure};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(default)]
    id: Value,
    object: Value,
    #[serde(default)]
    old_object: Option<Value>,
    #[serde(default)]
    subresource: Option<String>,
    #[serde(default)]
    release: Option<String>,
    #[serde(default)]
    channel: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    id: Value,
    accepted: bool,
    violations: Vec<Violation>,
    unknown_fields: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    defaulted: Option<Value>,
}

/// Answers every line of standard input, in order; each answer is written before more input is waited for.
pub(super) fn run(bundle: Bundle, with_defaulted: bool) -> Outcome {
    let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut exit = Exit::Fine;
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = input.read_until(b'\n', &mut line).map_err(Failure::Input)?;
        if length == 0 {
            out.flush()?;
            return Ok(exit);
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        match answer(&line, bundle, with_defaulted) {
            Ok(answer) => {
                if !answer.accepted || !answer.unknown_fields.is_empty() {
                    exit = exit.max(Exit::Findings);
                }
                serde_json::to_writer(&mut out, &answer)?;
            }
            Err((id, message)) => {
                exit = Exit::Unreadable;
                serde_json::to_writer(&mut out, &serde_json::json!({"id": id, "error": message}))?;
            }
        }
        out.write_all(b"\n")?;
        if input.buffer().is_empty() {
            out.flush()?;
        }
    }
}

fn answer(line: &[u8], default: Bundle, with_defaulted: bool) -> Result<Answer, (Value, String)> {
    let line: Line = serde_json::from_slice(line).map_err(|e| (Value::Null, e.to_string()))?;
    let bundle = match bundle_of(&line, default) {
        Ok(bundle) => bundle,
        Err(message) => return Err((line.id, message)),
    };
    let is_status = match line.subresource.as_deref() {
        None | Some("") => false,
        Some("status") => true,
        Some(other) => {
            let message = format!("unknown subresource `{other}`: expected `status`");
            return Err((line.id, message));
        }
    };
    let report = verdict::check_sent(&line.object, line.old_object.as_ref(), is_status, bundle);
    Ok(Answer {
        id: line.id,
        accepted: report.accepted,
        unknown_fields: verdict::paths(&report.unknown_fields)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        violations: verdict::violations(report),
        defaulted: with_defaulted.then(|| verdict::defaulted(&line.object, bundle)),
    })
}

fn bundle_of(line: &Line, default: Bundle) -> Result<Bundle, String> {
    let release: Release = match &line.release {
        None => default.release,
        Some(text) => text
            .parse()
            .map_err(|_| format!("unknown release `{text}`: expected `v1.4`, `v1.5` or `v1.6`"))?,
    };
    let channel: Channel = match &line.channel {
        None => default.channel,
        Some(text) => text.parse().map_err(|_| {
            format!("unknown channel `{text}`: expected `standard` or `experimental`")
        })?,
    };
    Ok(Bundle::new(release, channel))
}
