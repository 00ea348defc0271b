//! The typed objects against the upstream manifests and CRDs: nothing is lost, nothing is invented.
//!
//! Reads `$GATEWRIGHT_UPSTREAM/upstream`; without the variable these tests say so and pass.

#![cfg(feature = "yaml")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gatewright::api::{ApiVersion, Object};
use gatewright::manifest::{self, Document};
use gatewright::vocab::{Bundle, Release};
use serde_json::{Map, Value, json};

fn upstream() -> Option<PathBuf> {
    let root =
        std::env::var_os("GATEWRIGHT_UPSTREAM").map(|root| PathBuf::from(root).join("upstream"));
    if root.is_none() {
        eprintln!("skipped: GATEWRIGHT_UPSTREAM names no folder with upstream manifests");
    }
    root
}

/// Every object of the manifests under a folder.
fn documents(folder: &Path) -> Vec<Document> {
    let reading = manifest::read(&[folder]);
    assert!(reading.unreadable.is_empty(), "{:?}", reading.unreadable);
    for error in &reading.parsed.errors {
        // No manifests: how to put others together, and settings of the conformance suite.
        let known = [
            "/kustomization.yaml:",
            "/conformance/data/test-conformance-options",
        ];
        let error = error.to_string();
        assert!(known.iter().any(|file| error.contains(file)), "{error}");
    }
    assert!(
        !reading.parsed.documents.is_empty(),
        "no manifests in {}",
        folder.display()
    );
    reading.parsed.documents
}

/// Fields that `found` lacks or has in excess, as paths. A null is an absent field.
fn differences(expected: &Value, found: &Value, path: &str, into: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let keys: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
            for key in keys {
                let path = format!("{path}.{key}");
                match (expected.get(key), found.get(key)) {
                    (Some(Value::Null), None) => {}
                    (Some(a), Some(b)) => differences(a, b, &path, into),
                    (Some(_), None) => into.push(format!("lost {path}")),
                    (None, Some(_)) => into.push(format!("invented {path}")),
                    (None, None) => {}
                }
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (i, (a, b)) in expected.iter().zip(found).enumerate() {
                differences(a, b, &format!("{path}[{i}]"), into);
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => into.push(format!("changed {path} from {expected} to {found}")),
    }
}

/// Manifests under `hack/invalid-examples` of every release that no struct can hold, since a field that all bundles
/// require is absent; where it should be.
const REFUSED: [(&str, &str); 5] = [
    (
        "experimental/httproute/invalid-filter-externalauth-bad-http-path.yaml",
        "spec.rules[0].filters[0].externalAuth.backendRef",
    ),
    (
        "experimental/httproute/invalid-filter-externalauth-no-protocol.yaml",
        "spec.rules[0].filters[0].externalAuth.protocol",
    ),
    ("standard/referencegrant/missing-from.yaml", "spec.from"),
    (
        "standard/referencegrant/missing-ns.yaml",
        "spec.from[0].namespace",
    ),
    ("standard/referencegrant/missing-to.yaml", "spec.to"),
];

#[test]
fn upstream_manifests_come_back_as_they_were() {
    let Some(root) = upstream() else { return };
    let mut read = 0;
    let mut kinds = BTreeSet::new();
    let mut refused = BTreeSet::new();
    let mut changed = Vec::new();
    for release in Release::ALL {
        for folder in ["examples", "conformance", "hack/invalid-examples"] {
            for document in documents(&root.join(release.patch()).join(folder)) {
                let file = document.source().file().to_owned();
                let value = document.into_value();
                match Object::from_value(value.clone()) {
                    Ok(object) => {
                        read += 1;
                        kinds.extend(object.known_kind());
                        let mut found = Vec::new();
                        differences(&value, &object.to_value(), "", &mut found);
                        changed.extend(found.into_iter().map(|what| format!("{file}: {what}")));
                    }
                    Err(error) => {
                        assert_eq!(error.problem(), "absent, but required", "{file}: {error}");
                        refused.insert((file, error.path().to_owned()));
                    }
                }
            }
        }
    }
    eprintln!(
        "{read} objects of {} known kinds, {} refused",
        kinds.len(),
        refused.len()
    );
    // The 1,524 objects in the three folders of the three releases, without those refused.
    assert_eq!(read, 1_524 - refused.len());
    assert_eq!(changed, Vec::<String>::new());
    let expected: BTreeSet<_> = Release::ALL
        .iter()
        .flat_map(|release| {
            let folder = root.join(release.patch()).join("hack/invalid-examples");
            REFUSED.map(|(file, path)| {
                (
                    folder.join(file).to_string_lossy().into_owned(),
                    path.to_owned(),
                )
            })
        })
        .collect();
    assert_eq!(refused, expected);
}

/// The schemas of a bundle: `apiVersion`, `kind`, served, stored, schema.
fn schemas(root: &Path, bundle: Bundle) -> Vec<(String, String, bool, bool, Value)> {
    let folder = root
        .join(bundle.release.patch())
        .join("config/crd")
        .join(bundle.channel.as_str());
    let mut schemas = Vec::new();
    for document in documents(&folder) {
        let crd = document.value();
        if crd["kind"] != "CustomResourceDefinition" {
            continue;
        }
        let kind = crd["spec"]["names"]["kind"].as_str().unwrap();
        let group = crd["spec"]["group"].as_str().unwrap();
        for version in crd["spec"]["versions"].as_array().unwrap() {
            schemas.push((
                format!("{group}/{}", version["name"].as_str().unwrap()),
                kind.to_owned(),
                version["served"] == true,
                version["storage"] == true,
                version["schema"]["openAPIV3Schema"].clone(),
            ));
        }
    }
    schemas
}

/// A value that has every field of a schema, or only those that it requires.
fn sample(schema: &Value, full: bool) -> Value {
    match schema["type"].as_str() {
        Some("object") => {
            let required = |name: &str| {
                schema["required"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|r| r == name))
            };
            let mut object = Map::new();
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                if full || required(name) {
                    object.insert(name.clone(), sample(property, full));
                }
            }
            if full && schema["additionalProperties"].is_object() {
                object.insert(
                    "key".to_owned(),
                    sample(&schema["additionalProperties"], full),
                );
            }
            Value::Object(object)
        }
        Some("array") => json!([sample(&schema["items"], full)]),
        Some("integer") => schema["enum"].get(0).cloned().unwrap_or(json!(7)),
        Some("boolean") => json!(true),
        Some("string") if schema["format"] == "date-time" => json!("2025-11-06T11:00:00Z"),
        Some("string") => schema["enum"].get(0).cloned().unwrap_or(json!("a-text")),
        other => panic!("schema of type {other:?}"),
    }
}

#[test]
fn every_field_of_every_version_has_a_place() {
    let Some(root) = upstream() else { return };
    let mut versions = 0;
    for bundle in Bundle::ALL {
        for (api_version, kind, _, _, schema) in schemas(&root, bundle) {
            for full in [true, false] {
                let mut object = sample(&schema, full);
                object["apiVersion"] = json!(api_version);
                object["kind"] = json!(kind);
                object["metadata"] = json!({"name": "n"});
                let what = format!("{bundle} {api_version} {kind} full={full}");
                let read = Object::from_value(object.clone())
                    .unwrap_or_else(|error| panic!("{what}: {error}"));
                assert!(read.known_kind().is_some(), "{what}");
                let mut found = Vec::new();
                differences(&object, &read.to_value(), "", &mut found);
                assert_eq!(found, Vec::<String>::new(), "{what}");
            }
            versions += 1;
        }
    }
    // The number of (bundle, kind, version) triples.
    assert_eq!(versions, 102);
}

#[test]
fn the_table_of_versions_is_that_of_the_crds() {
    let Some(root) = upstream() else { return };
    for bundle in Bundle::ALL {
        let mut defined = BTreeSet::new();
        for (api_version, kind, served, stored, _) in schemas(&root, bundle) {
            let row = ApiVersion::find(&api_version, &kind)
                .unwrap_or_else(|| panic!("{api_version} {kind}"));
            assert_eq!(
                row.served.holds(bundle),
                served,
                "{bundle} {api_version} {kind}"
            );
            assert_eq!(
                row.stored.holds(bundle),
                stored,
                "{bundle} {api_version} {kind}"
            );
            assert!(row.defined.holds(bundle), "{bundle} {api_version} {kind}");
            defined.insert((api_version, kind));
        }
        for row in ApiVersion::ALL
            .iter()
            .filter(|row| row.group.starts_with("gateway."))
        {
            let here = defined.contains(&(row.api_version(), row.name.to_owned()));
            assert_eq!(row.defined.holds(bundle), here, "{bundle} {row:?}");
        }
    }
}
