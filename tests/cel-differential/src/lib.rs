//! Two readings of one rule: the upstream CEL text, run by `kube-cel`, and our row.
//!
//! [`Upstream`] holds the CRDs of all bundles, read where `GATEWRIGHT_UPSTREAM` points and compiled once. The
//! inventory of the main crate says which of our rows an upstream rule is, so that both sides answer in the same
//! words: which rule is broken at which path.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use gatewright::manifest::{Document, read_file};
use gatewright::validate::{Report, placed_rules};
use gatewright::vocab::Bundle;
use kube_cel::{CompiledSchema, Validator, compile_schema};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A broken rule: where, and its id in our words.
pub type Breach = (String, String);

/// Where the upstream data lies, or nothing after saying that it is missing.
pub fn upstream_data() -> Option<PathBuf> {
    let root = std::env::var_os("GATEWRIGHT_UPSTREAM").map(PathBuf::from);
    if root.is_none() {
        eprintln!("skipped: GATEWRIGHT_UPSTREAM names no folder with the upstream CRDs");
    }
    root
}

/// The CRDs of all bundles, their rules compiled.
pub struct Upstream {
    validator: Validator,
    schemas: BTreeMap<(Bundle, String, String), CompiledSchema>,
    ids: BTreeMap<InventoryKey, String>,
}

/// Kind, version, path without indices, hash of the rule.
type InventoryKey = (String, String, String, String);

impl Upstream {
    /// Reads and compiles everything below `root`.
    pub fn load(root: &Path) -> Upstream {
        let mut schemas = BTreeMap::new();
        for bundle in Bundle::ALL {
            for crd in crds(root, bundle) {
                let kind = text(&crd["spec"]["names"]["kind"]);
                for version in crd["spec"]["versions"].as_array().expect("versions") {
                    if version["served"] != true {
                        continue;
                    }
                    let compiled = compile_schema(&version["schema"]["openAPIV3Schema"]);
                    assert!(
                        !compiled.has_errors(),
                        "{kind}: {:?}",
                        compiled.compilation_errors()
                    );
                    schemas.insert((bundle, kind.clone(), text(&version["name"])), compiled);
                }
            }
        }
        Upstream {
            validator: Validator::new(),
            schemas,
            ids: inventory(),
        }
    }

    /// The compiled rules of a version of a kind, where the bundle serves it.
    pub fn schema(&self, bundle: Bundle, kind: &str, version: &str) -> Option<&CompiledSchema> {
        self.schemas
            .get(&(bundle, kind.to_owned(), version.to_owned()))
    }

    /// Which rules `kube-cel` finds broken, under the names of our rows.
    pub fn breaches(
        &self,
        bundle: Bundle,
        object: &Value,
        old: Option<&Value>,
    ) -> Option<BTreeSet<Breach>> {
        let kind = object["kind"].as_str()?;
        let version = object["apiVersion"].as_str()?.split_once('/')?.1;
        let schema = self.schema(bundle, kind, version)?;
        let Err(errors) = self.validator.validate_compiled(schema, object, old) else {
            return Some(BTreeSet::new());
        };
        let named = errors.as_slice().iter().map(|error| {
            let key = (
                kind.to_owned(),
                version.to_owned(),
                without_indices(&error.field_path),
                sha256(&error.rule),
            );
            let id = self.ids.get(&key);
            let id = id.unwrap_or_else(|| panic!("not in the inventory: {key:?} {}", error.rule));
            (error.field_path.clone(), id.clone())
        });
        Some(named.collect())
    }

    /// `kube-cel` on one object, for its speed: schema known, answer as it comes.
    pub fn holds(&self, schema: &CompiledSchema, object: &Value) -> bool {
        self.validator
            .validate_compiled(schema, object, None)
            .is_ok()
    }
}

/// Which rules a report of ours has broken; nothing where the schema kept the rules from being asked.
pub fn our_breaches(report: &Report) -> Option<BTreeSet<Breach>> {
    static IDS: LazyLock<BTreeSet<&str>> =
        LazyLock::new(|| placed_rules().iter().map(|rule| rule.id()).collect());
    let asked = report.violations.iter().all(|violation| {
        use gatewright::validate::ErrorKind::{BadRequest, NoSuchKind, NoSuchVersion};
        violation.rule != "unchecked"
            && !matches!(violation.kind, BadRequest | NoSuchKind | NoSuchVersion)
    });
    let rules = report
        .violations
        .iter()
        .filter(|violation| IDS.contains(violation.rule));
    asked.then(|| rules.map(|v| (v.path.clone(), v.rule.to_owned())).collect())
}

fn crds(root: &Path, bundle: Bundle) -> Vec<Value> {
    let folder = root
        .join("upstream")
        .join(bundle.release.patch())
        .join("config/crd")
        .join(bundle.channel.as_str());
    let files = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut crds = Vec::new();
    for file in files {
        let file = file.expect("a folder entry").path();
        // The folder also holds a kustomization, which is no manifest.
        let name = file.file_name().and_then(|name| name.to_str());
        if !name.is_some_and(|name| name.starts_with("gateway.networking.")) {
            continue;
        }
        let parsed = read_file(&file).expect("a readable file");
        assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
        let found = parsed.documents.into_iter().map(Document::into_value);
        crds.extend(found.filter(|object| object["kind"] == "CustomResourceDefinition"));
    }
    crds
}

fn inventory() -> BTreeMap<InventoryKey, String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/validate/inventory.tsv");
    let text = std::fs::read_to_string(file).expect("the inventory can be read");
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let &[kind, version, path, upstream, ours, _] = cells.as_slice() else {
                panic!("six cells in {line}");
            };
            let key = (kind.into(), version.into(), path.into(), upstream.into());
            (key, ours.into())
        })
        .collect()
}

/// `spec.rules[].filters` for `spec.rules[3].filters`.
fn without_indices(path: &str) -> String {
    let mut place = String::new();
    let mut inside = false;
    for c in path.chars() {
        inside = (inside || c == '[') && c != ']';
        if !inside || c == '[' {
            place.push(c);
        }
    }
    place
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
