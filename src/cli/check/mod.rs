//! `gatewright check`: what an API server would say to every object.

mod crd;
mod jsonl;
mod junit;
mod report;
mod sarif;
mod text;

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;

use super::exit::Exit;
use super::inputs::BundleArg;
use super::inputs::files;
use super::{Outcome, parallel, render};
use report::{FileReport, Report};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, directories, or - for standard input.
    #[arg(value_name = "PATH", required_unless_present_any = ["jsonl", "crd"])]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    bundle: BundleArg,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Compare the CRDs found here (a file, a directory, or - for `kubectl get crd -o yaml`) with those that we know,
    /// and say which bundle they are. May be given several times.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["paths", "jsonl"])]
    crd: Vec<PathBuf>,
    /// For programs: read one object a line from standard input, answer with one line each, in order.
    #[arg(long, conflicts_with_all = ["paths", "format"])]
    jsonl: bool,
    /// With --jsonl: answer with the object as the API server would store it, too.
    #[arg(long, requires = "jsonl")]
    defaulted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: source line and caret.
    Text,
    /// Stable and versioned.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// For test reports.
    Junit,
}

pub(super) fn run(args: &Args) -> Outcome {
    if args.jsonl {
        return jsonl::run(args.bundle.bundle(), args.defaulted);
    }
    if !args.crd.is_empty() {
        let asked = (!args.bundle.is_default()).then(|| args.bundle.bundle());
        return crd::run(&args.crd, asked, args.format);
    }
    let (files, missing) = files(&args.paths)?;
    let mut report = Report::new(args.bundle.bundle());
    report.unreadable.extend(missing);
    let mut out = anstream::stdout().lock();
    parallel::each_file(
        &files,
        |file| FileReport::of(file, args.bundle, args.format == Format::Text),
        |file_report, progress| {
            if args.format == Format::Text && !file_report.text.is_empty() {
                progress.suspend(|| out.write_all(file_report.text.as_bytes()))?;
            }
            report.add(file_report);
            Ok(())
        },
    )?;
    for error in &report.unreadable {
        render::problem(error);
    }
    match args.format {
        Format::Text => text::summary(&report, &mut out)?,
        Format::Json => {
            serde_json::to_writer(&mut out, &report)?;
            out.write_all(b"\n")?;
        }
        Format::Sarif => sarif::write(&report, &mut out)?,
        Format::Junit => junit::write(&report, &mut out)?,
    }
    out.flush()?;
    if report.is_empty() && report.exit() == Exit::Fine {
        render::problem(&"no objects in what was read");
        return Ok(Exit::Findings);
    }
    Ok(report.exit())
}
