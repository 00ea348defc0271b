//! Our schemas against the CRDs that upstream publishes, keyword by keyword.
//!
//! `$GATEWRIGHT_UPSTREAM/upstream/<release>/config/crd/<channel>` holds the CRDs of each bundle. Left out of the comparison
//! are prose (descriptions, the warning of deprecated versions), CEL rules (`inventory.rs` compares those), what
//! generated the file, and where it was approved. The order of `enum` and `required` says nothing.
#![cfg(feature = "yaml")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests panic when they fail"
)]

use std::path::{Path, PathBuf};

use gatewright::manifest::Document;
use gatewright::validate::export;
use gatewright::vocab::Bundle;
use serde_json::Value;

#[test]
fn our_crds_are_those_of_upstream() {
    let Some(folder) = std::env::var_os("GATEWRIGHT_UPSTREAM") else {
        println!("skipped: GATEWRIGHT_UPSTREAM does not name a folder with upstream CRDs");
        return;
    };
    let mut differences = Vec::new();
    for bundle in Bundle::ALL {
        let folder = PathBuf::from(&folder)
            .join("upstream")
            .join(bundle.release.patch())
            .join("config/crd")
            .join(bundle.channel.as_str());
        let theirs = crds(&folder);
        let ours: Vec<Value> = export::kinds(bundle)
            .filter_map(|kind| export::crd(kind, bundle))
            .collect();
        let names = |crds: &[Value]| {
            let mut names: Vec<String> = crds.iter().map(|crd| name(crd).to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(names(&ours), names(&theirs), "kinds of {bundle}");
        for theirs in &theirs {
            let ours = ours.iter().find(|ours| name(ours) == name(theirs));
            let path = format!("{bundle} {}", name(theirs));
            let (ours, theirs) = (plain(ours.expect("same names")), plain(theirs));
            compare(&ours, &theirs, &path, &mut differences);
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn name(crd: &Value) -> &str {
    crd["metadata"]["name"].as_str().expect("a name")
}

/// The CRDs in a folder, without other objects (admission policies, kustomizations).
fn crds(folder: &Path) -> Vec<Value> {
    let reading = gatewright::manifest::read(&[folder]);
    let values = reading
        .parsed
        .documents
        .into_iter()
        .map(Document::into_value);
    values
        .filter(|document| document["kind"] == "CustomResourceDefinition")
        .collect()
}

/// Without what is not compared, and with sets in order.
fn plain(crd: &Value) -> Value {
    let mut crd = crd.clone();
    crd.as_object_mut().expect("an object").remove("status");
    let annotations = crd["metadata"]["annotations"]
        .as_object_mut()
        .expect("annotations");
    annotations.retain(|key, _| key.starts_with("gateway.networking.k8s.io/"));
    let metadata = crd["metadata"].as_object_mut().expect("metadata");
    metadata.retain(|key, _| ["name", "annotations"].contains(&key.as_str()));
    let versions = crd["spec"]["versions"].as_array_mut().expect("versions");
    versions.sort_by_key(|version| version["name"].to_string());
    for version in versions {
        version
            .as_object_mut()
            .expect("an object")
            .remove("deprecationWarning");
        plain_schema(&mut version["schema"]["openAPIV3Schema"]);
    }
    crd
}

/// A schema without prose and rules, its sets in order; a field of the name `description` is no prose.
fn plain_schema(schema: &mut Value) {
    let schema = schema.as_object_mut().expect("a schema");
    schema.remove("description");
    schema.remove("x-kubernetes-validations");
    for (keyword, value) in schema {
        match keyword.as_str() {
            "enum" | "required" => {
                let items = value.as_array_mut().expect("a list");
                items.sort_by_key(ToString::to_string);
            }
            "properties" => {
                let fields = value.as_object_mut().expect("fields");
                fields.values_mut().for_each(plain_schema);
            }
            "items" | "additionalProperties" if value.is_object() => plain_schema(value),
            _ => {}
        }
    }
}

fn compare(ours: &Value, theirs: &Value, path: &str, into: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, value) in ours {
                let path = format!("{path}.{key}");
                match theirs.get(key) {
                    Some(other) => compare(value, other, &path, into),
                    None => into.push(format!("{path}: only ours: {value}")),
                }
            }
            for (key, value) in theirs.iter().filter(|(key, _)| !ours.contains_key(*key)) {
                into.push(format!("{path}.{key}: only theirs: {value}"));
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                compare(ours, theirs, &format!("{path}[{index}]"), into);
            }
        }
        _ if ours == theirs => {}
        _ => into.push(format!("{path}: ours {ours}, theirs {theirs}")),
    }
}
