//! Our answers against those of a real API server.
//!
//! `$GATEWRIGHT_UPSTREAM/verdicts/*.jsonl.gz` holds objects with the answer of Kubernetes 1.36 under the CRDs of each
//! bundle: accepted or not, dropped fields, the object as it is kept, and the errors as (field, type).
#![cfg(feature = "resolve")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests panic when they fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use gatewright::validate::{Sent, check_sent, default_and_prune};
use gatewright::vocab::Bundle;
use serde_json::Value;

/// Differences shown for each file.
const SHOWN: usize = 12;

#[test]
fn our_answers_are_those_of_an_api_server() {
    let Some(folder) = std::env::var_os("GATEWRIGHT_UPSTREAM") else {
        println!("skipped: GATEWRIGHT_UPSTREAM does not name a folder with verdicts");
        return;
    };
    let files = verdict_files(&PathBuf::from(folder).join("verdicts"));
    assert!(!files.is_empty(), "no verdicts found");
    let mut differing = 0;
    for file in files {
        let tally = compare(&file);
        println!(
            "{}: {} of {} agree",
            file.file_name().unwrap_or_default().to_string_lossy(),
            tally.objects - tally.differing,
            tally.objects
        );
        print!("{}", tally.first);
        for (field, count) in tally.by_field {
            println!("  {count} by {field}");
        }
        differing += tally.differing;
    }
    assert_eq!(differing, 0, "objects on which we differ");
}

fn verdict_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of verdicts");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let mut files: Vec<PathBuf> = paths
        .filter(|path| path.to_string_lossy().ends_with(".jsonl.gz"))
        .collect();
    files.sort();
    files
}

#[derive(Default)]
struct Tally {
    objects: usize,
    differing: usize,
    first: String,
    by_field: BTreeMap<String, usize>,
}

fn compare(file: &Path) -> Tally {
    let reader = std::fs::File::open(file).expect("a readable file");
    let lines = BufReader::new(flate2::read::GzDecoder::new(reader)).lines();
    let mut tally = Tally::default();
    for line in lines {
        let verdict: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        tally.objects += 1;
        let differences = differences(&verdict);
        if differences.is_empty() {
            continue;
        }
        tally.differing += 1;
        for (field, _) in &differences {
            *tally.by_field.entry((*field).to_owned()).or_default() += 1;
        }
        if tally.differing <= SHOWN {
            let told: Vec<&str> = differences.iter().map(|(_, told)| told.as_str()).collect();
            let told = told.join("\n      ");
            writeln!(tally.first, "    {}\n      {told}", verdict["id"]).expect("memory");
        }
    }
    tally
}

/// Where our answer is another one: by what, and how.
fn differences(verdict: &Value) -> Vec<(&'static str, String)> {
    let object = &verdict["object"];
    let bundle = bundle(verdict);
    let sent = match verdict.get("subresource") {
        Some(_) => Sent::Status,
        None => Sent::Object,
    };
    let report = check_sent(object, verdict.get("oldObject"), sent, bundle);
    let mut found = Vec::new();
    let mut compare = |what, ours: String, theirs: String| {
        if ours != theirs {
            found.push((
                what,
                format!("{what}\n        ours   {ours}\n        theirs {theirs}"),
            ));
        }
    };
    compare(
        "accepted",
        report.accepted.to_string(),
        verdict["accepted"].to_string(),
    );
    let ours: BTreeSet<&str> = report
        .unknown_fields
        .iter()
        .map(|f| f.path.as_str())
        .collect();
    let theirs: BTreeSet<&str> = texts(&verdict["unknownFields"]).collect();
    compare("unknown fields", format!("{ours:?}"), format!("{theirs:?}"));
    let ours: BTreeSet<(&str, &str)> = report
        .violations
        .iter()
        .map(|violation| (violation.path.as_str(), violation.kind.as_str()))
        .collect();
    let theirs: BTreeSet<(&str, &str)> = items(&verdict["errors"])
        .map(|error| (text(&error["field"]), text(&error["type"])))
        .collect();
    compare("errors", format!("{ours:?}"), format!("{theirs:?}"));
    let ours = default_and_prune(object, bundle);
    let theirs = verdict.get("defaulted").unwrap_or(object);
    if !same(&ours, theirs) {
        compare("defaulted", ours.to_string(), theirs.to_string());
    }
    found
}

/// Whether two values are the same JSON: `80` and `80.0` are.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let within = |(name, a)| b.get(name).is_some_and(|b| same(a, b));
            a.len() == b.len() && a.iter().all(within)
        }
        (a, b) => a == b,
    }
}

fn bundle(verdict: &Value) -> Bundle {
    let name = format!(
        "{}-{}",
        text(&verdict["release"]),
        text(&verdict["channel"])
    );
    name.parse().expect("a known bundle")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    items(value).map(text)
}
