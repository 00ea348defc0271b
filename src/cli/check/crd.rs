//! `check --crd`: which bundle installed CRDs are, and where they differ from what we know of it.
//!
//! Compared is what decides about objects: versions, scope, names and schemas. Prose and CEL rules are not.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use gatewright::api::{GATEWAY_GROUP, GATEWAY_X_GROUP};
use gatewright::manifest;
use gatewright::validate::export;
use gatewright::vocab::{Bundle, Channel, Release};
use serde::Serialize;
use serde_json::Value;

use super::Format;
use crate::cli::exit::{Exit, Failure};
use crate::cli::style::{self, paint};
use crate::cli::{Outcome, render};

/// How many differences of one CRD people get to see.
const SHOWN: usize = 10;

/// What was found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    version: u32,
    crds: Vec<Installed>,
    /// The bundle that most CRDs are.
    bundle: Option<String>,
    /// Kinds of that bundle that were not found.
    missing: Vec<String>,
}

/// One CRD.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Installed {
    name: String,
    kind: String,
    /// What the annotations say.
    release: Option<String>,
    channel: Option<String>,
    /// The bundles that it is equal to.
    equal_to: Vec<String>,
    /// What it was compared with: the bundle that it says, or the nearest.
    compared_with: Option<String>,
    differences: Vec<Difference>,
}

#[derive(Debug, Serialize)]
struct Difference {
    path: String,
    /// `null` where we have nothing.
    ours: Value,
    /// `null` where the CRD has nothing.
    theirs: Value,
}

pub(super) fn run(paths: &[PathBuf], asked: Option<Bundle>, format: Format) -> Outcome {
    let reading = manifest::read(paths);
    let mut exit = Exit::Fine;
    for error in &reading.unreadable {
        render::problem(error);
        exit = Exit::Unreadable;
    }
    for error in &reading.parsed.errors {
        anstream::eprint!("{}", render::parse_error(error));
        exit = Exit::Unreadable;
    }
    let crds: Vec<Installed> = reading
        .parsed
        .documents
        .iter()
        .filter(|document| document.kind() == "CustomResourceDefinition")
        .filter(|document| is_ours(document.value()))
        .map(|document| compare(document.value(), asked))
        .collect();
    if crds.is_empty() {
        let message = "no CRD of Gateway API in what was read".to_owned();
        return Err(Failure::Usage(message));
    }
    let report = Report::of(crds);
    let mut out = anstream::stdout().lock();
    match format {
        Format::Text => text(&report, &mut out)?,
        Format::Json => {
            serde_json::to_writer(&mut out, &report)?;
            out.write_all(b"\n")?;
        }
        Format::Sarif | Format::Junit => {
            let message = "--crd knows the formats text and json".to_owned();
            return Err(Failure::Usage(message));
        }
    }
    out.flush()?;
    let differs = report.crds.iter().any(|crd| !crd.differences.is_empty());
    Ok(exit.max(if differs || !report.missing.is_empty() {
        Exit::Findings
    } else {
        Exit::Fine
    }))
}

fn is_ours(crd: &Value) -> bool {
    let group = crd.pointer("/spec/group").and_then(Value::as_str);
    group.is_some_and(|group| [GATEWAY_GROUP, GATEWAY_X_GROUP].contains(&group))
}

impl Report {
    fn of(crds: Vec<Installed>) -> Self {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for name in crds.iter().flat_map(|crd| &crd.equal_to) {
            *votes.entry(name).or_default() += 1;
        }
        // Of bundles with the same number of votes the newest, standard before experimental.
        let winner = votes
            .iter()
            .max_by_key(|(name, votes)| (**votes, order(name)))
            .and_then(|(name, _)| name.parse::<Bundle>().ok());
        let missing = winner.map_or(Vec::new(), |bundle| {
            export::kinds(bundle)
                .filter(|kind| !crds.iter().any(|crd| crd.kind == *kind))
                .map(str::to_owned)
                .collect()
        });
        Report {
            version: 1,
            bundle: winner.map(|bundle| bundle.to_string()),
            missing,
            crds,
        }
    }
}

fn order(name: &str) -> (Option<Release>, bool) {
    let bundle = name.parse::<Bundle>().ok();
    (
        bundle.map(|bundle| bundle.release),
        bundle.is_some_and(|bundle| bundle.channel == Channel::Standard),
    )
}

fn compare(crd: &Value, asked: Option<Bundle>) -> Installed {
    let text = |pointer: &str| {
        crd.pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let kind = text("/spec/names/kind").unwrap_or_default();
    let annotations = "/metadata/annotations/gateway.networking.k8s.io~1";
    let release = text(&format!("{annotations}bundle-version"));
    let channel = text(&format!("{annotations}channel"));
    let says = release
        .as_deref()
        .and_then(|release| release.parse().ok())
        .zip(channel.as_deref().and_then(|channel| channel.parse().ok()))
        .map(|(release, channel)| Bundle::new(release, channel));

    let theirs = plain(crd);
    let mut by_bundle: Vec<(Bundle, Vec<Difference>)> = Bundle::ALL
        .into_iter()
        .filter_map(|bundle| Some((bundle, export::crd(&kind, bundle)?)))
        .map(|(bundle, ours)| {
            let mut differences = Vec::new();
            differ(&plain(&ours), &theirs, "", &mut differences);
            (bundle, differences)
        })
        .collect();
    let equal_to = by_bundle
        .iter()
        .filter(|(_, differences)| differences.is_empty())
        .map(|(bundle, _)| bundle.to_string())
        .collect();
    let wanted = asked.or(says);
    let chosen = by_bundle
        .iter()
        .position(|(bundle, _)| Some(*bundle) == wanted)
        .or_else(|| {
            let nearest = by_bundle.iter().enumerate();
            nearest
                .min_by_key(|(_, (_, differences))| differences.len())
                .map(|(position, _)| position)
        });
    let (compared_with, differences) = match chosen {
        Some(position) => {
            let (bundle, differences) = by_bundle.swap_remove(position);
            (Some(bundle.to_string()), differences)
        }
        None => (None, Vec::new()),
    };
    Installed {
        name: text("/metadata/name").unwrap_or_default(),
        kind,
        release,
        channel,
        equal_to,
        compared_with,
        differences,
    }
}

/// What decides about objects: the `spec` without prose and rules, sets in order.
fn plain(crd: &Value) -> Value {
    let mut spec = crd.get("spec").cloned().unwrap_or_default();
    // What the API server fills in says nothing.
    if spec.pointer("/conversion/strategy").and_then(Value::as_str) == Some("None")
        && let Some(fields) = spec.as_object_mut()
    {
        fields.remove("conversion");
    }
    if let Some(versions) = spec.get_mut("versions").and_then(Value::as_array_mut) {
        versions.sort_by_key(|version| version.get("name").map(ToString::to_string));
        for version in versions {
            if let Some(fields) = version.as_object_mut() {
                fields.remove("deprecationWarning");
            }
            if let Some(schema) = version.pointer_mut("/schema/openAPIV3Schema") {
                plain_schema(schema);
            }
        }
    }
    spec
}

// Bounded by the depth that `manifest` reads.
fn plain_schema(schema: &mut Value) {
    let Some(keywords) = schema.as_object_mut() else {
        return;
    };
    keywords.remove("description");
    keywords.remove("x-kubernetes-validations");
    for (keyword, value) in keywords {
        match keyword.as_str() {
            "enum" | "required" => {
                if let Some(items) = value.as_array_mut() {
                    items.sort_by_key(ToString::to_string);
                }
            }
            "properties" => {
                let fields = value.as_object_mut();
                fields
                    .into_iter()
                    .flat_map(|fields| fields.values_mut())
                    .for_each(plain_schema);
            }
            "items" | "additionalProperties" => plain_schema(value),
            _ => {}
        }
    }
}

// Bounded by the depth that `manifest` reads.
fn differ(ours: &Value, theirs: &Value, path: &str, into: &mut Vec<Difference>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let null = Value::Null;
            let mut keys: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let dot = if path.is_empty() { "" } else { "." };
                let (ours, theirs) = (ours.get(key), theirs.get(key));
                let (ours, theirs) = (ours.unwrap_or(&null), theirs.unwrap_or(&null));
                differ(ours, theirs, &format!("{path}{dot}{key}"), into);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                differ(ours, theirs, &format!("{path}[{index}]"), into);
            }
        }
        _ if ours == theirs => {}
        _ => into.push(Difference {
            path: path.to_owned(),
            ours: ours.clone(),
            theirs: theirs.clone(),
        }),
    }
}

fn text(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for crd in &report.crds {
        let says = match (&crd.release, &crd.channel) {
            (Some(release), Some(channel)) => format!("says {release} {channel}"),
            (Some(release), None) => format!("says {release}, no channel"),
            (None, _) => "says no version".to_owned(),
        };
        let is = match &crd.compared_with {
            None => paint(style::WARNING, "is of no bundle that we know".to_owned()).to_string(),
            Some(bundle) if crd.differences.is_empty() => {
                paint(style::GOOD, format!("is {bundle}")).to_string()
            }
            Some(bundle) => {
                let count = crd.differences.len();
                let text = format!("differs from {bundle} in {count} places");
                paint(style::ERROR, text).to_string()
            }
        };
        writeln!(out, "{}: {says}, {is}", paint(style::STRONG, &crd.name))?;
        for difference in crd.differences.iter().take(SHOWN) {
            writeln!(
                out,
                "    {}: expected {}, found {}",
                difference.path,
                short(&difference.ours),
                short(&difference.theirs)
            )?;
        }
        if crd.differences.len() > SHOWN {
            writeln!(out, "    and {} more", crd.differences.len() - SHOWN)?;
        }
    }
    match &report.bundle {
        Some(bundle) if report.missing.is_empty() => {
            writeln!(out, "all kinds of {bundle} are there")
        }
        Some(bundle) => writeln!(
            out,
            "of {bundle} are missing: {}",
            report.missing.join(", ")
        ),
        None => writeln!(out, "no known bundle"),
    }
}

fn short(value: &Value) -> String {
    if value.is_null() {
        return "nothing".to_owned();
    }
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
