//! `gatewright status`: what a controller would write into the status of every object.

mod text;

use std::io::Write;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::ValueEnum;
use gatewright::api::Timestamp;
use gatewright::resolve::{StatusEntry, resolve};
use serde_json::{Value, json};

use super::exit::{Exit, Failure};
use super::{Outcome, world, yaml};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, directories, or - for standard input.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    world: world::WorldArgs,
    /// The time that conditions which change get [default: the clock].
    #[arg(long, value_name = "RFC3339")]
    now: Option<String>,
    /// How the statuses are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// A list of objects with their whole status.
    Json,
    /// The same as YAML.
    Yaml,
}

pub(super) fn run(args: &Args) -> Outcome {
    let now = now(args.now.as_deref())?;
    let world = world::load(&args.paths, &args.world)?;
    let resolution = resolve(&world.snapshot, &world.controller);
    let entries: Vec<Value> = resolution.statuses.iter().map(|e| entry(e, &now)).collect();

    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Text => {
            let mut text = String::new();
            for entry in &entries {
                text::entry(entry, &mut text);
            }
            out.write_all(text.as_bytes())?;
        }
        Format::Json => {
            serde_json::to_writer(&mut out, &entries)?;
            out.write_all(b"\n")?;
        }
        Format::Yaml => {
            let list = Value::Array(entries.clone());
            out.write_all(yaml::to_string(&list).as_bytes())?;
        }
    }
    out.flush()?;
    let has_findings = entries.iter().any(text::has_findings);
    Ok(world.exit.max(if has_findings {
        Exit::Findings
    } else {
        Exit::Fine
    }))
}

fn now(given: Option<&str>) -> Result<Timestamp, Failure> {
    match given {
        Some(text) => {
            let time = Timestamp::from(text);
            if time.seconds().is_none() {
                let message =
                    format!("`{text}` is no time: expected RFC 3339, as `2026-01-31T12:00:00Z`");
                return Err(Failure::Usage(message));
            }
            Ok(time)
        }
        None => {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            let seconds = since.map_or(0, |since| {
                i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
            });
            Ok(Timestamp::from_seconds(seconds))
        }
    }
}

fn entry(entry: &StatusEntry, now: &Timestamp) -> Value {
    let object = entry.object();
    let key = object.key();
    json!({
        "apiVersion": object.api_version(),
        "kind": key.kind,
        "namespace": key.namespace,
        "name": key.name,
        "status": entry.merged(now),
    })
}
