//! Every CEL rule of every upstream CRD has a row of ours, and every row of ours an upstream rule.
//!
//! `tests/data/validate/inventory.tsv` says which: a line for each kind, version, path and upstream rule (known by the
//! SHA-256 of its text), our rule, and the bundles in which the two meet. The upstream text itself is not kept.
//!
//! With the CRDs at hand (`GATEWRIGHT_UPSTREAM`), `GATEWRIGHT_WRITE_INVENTORY=1 cargo test --all-features --test
//! validate_inventory` writes the file anew. Pairs that are known stay; a rule that is new comes out with `?` for ours,
//! to be filled in by hand. So a new release shows its work as lines with a question mark.
#![cfg(feature = "yaml")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gatewright::manifest::{Document, read_file};
use gatewright::validate::placed_rules;
use gatewright::vocab::Bundle;
use serde_json::Value;
use sha2::{Digest, Sha256};

const HEADER: &str = "kind\tversion\tpath\tsha256 of the upstream rule\tour rule\tbundles";

/// Kind, version and path.
type Place = (String, String, String);

/// A line without its bundles.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Pair {
    place: Place,
    upstream: String,
    ours: String,
}

fn inventory_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/validate/inventory.tsv")
}

fn read_inventory() -> BTreeMap<Pair, BTreeSet<Bundle>> {
    let text = std::fs::read_to_string(inventory_file()).expect("the inventory can be read");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(HEADER));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let &[kind, version, path, upstream, ours, bundles] = cells.as_slice() else {
                panic!("six cells in {line}");
            };
            let pair = Pair {
                place: (kind.into(), version.into(), path.into()),
                upstream: upstream.into(),
                ours: ours.into(),
            };
            let bundles = bundles.split(' ').map(|b| b.parse().expect("a bundle"));
            (pair, bundles.collect())
        })
        .collect()
}

/// Where `GATEWRIGHT_UPSTREAM` points, or nothing after saying so.
fn upstream() -> Option<PathBuf> {
    let root = std::env::var_os("GATEWRIGHT_UPSTREAM").map(PathBuf::from);
    if root.is_none() {
        eprintln!("skipped: GATEWRIGHT_UPSTREAM names no folder with the upstream CRDs");
    }
    root
}

/// The hashes of the rules at every place of a bundle's CRDs, versions that are not served included.
fn upstream_rules(root: &Path, bundle: Bundle) -> BTreeSet<(Place, String)> {
    let folder = root
        .join("upstream")
        .join(bundle.release.patch())
        .join("config/crd")
        .join(bundle.channel.as_str());
    let mut found = BTreeSet::new();
    let files = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for file in files {
        let file = file.expect("a folder entry").path();
        // The folder also holds a kustomization, which is no manifest.
        let name = file.file_name().and_then(|name| name.to_str());
        if !name.is_some_and(|name| name.starts_with("gateway.networking.")) {
            continue;
        }
        let parsed = read_file(&file).expect("a readable file");
        assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
        for crd in parsed.documents.iter().map(Document::value) {
            if crd["kind"] != "CustomResourceDefinition" {
                continue;
            }
            let kind = text_of(&crd["spec"]["names"]["kind"]);
            for version in crd["spec"]["versions"].as_array().expect("versions") {
                let name = text_of(&version["name"]);
                collect(
                    &version["schema"]["openAPIV3Schema"],
                    "",
                    &mut |path, rule| {
                        let place = (kind.clone(), name.clone(), path.to_owned());
                        let new = found.insert((place, sha256(rule)));
                        assert!(new, "the same rule twice at {kind} {name} {path}");
                    },
                );
            }
        }
    }
    found
}

fn collect(schema: &Value, path: &str, found: &mut impl FnMut(&str, &str)) {
    for rule in schema["x-kubernetes-validations"]
        .as_array()
        .into_iter()
        .flatten()
    {
        found(path, rule["rule"].as_str().expect("a rule has a text"));
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let below = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        collect(field, &below, found);
    }
    if schema["items"].is_object() {
        collect(&schema["items"], &format!("{path}[]"), found);
    }
    if schema["additionalProperties"].is_object() {
        collect(
            &schema["additionalProperties"],
            &format!("{path}{{}}"),
            found,
        );
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn write_inventory(root: &Path) {
    let known: BTreeMap<(Place, String), String> = read_inventory()
        .into_keys()
        .map(|pair| ((pair.place, pair.upstream), pair.ours))
        .collect();
    let mut lines = BTreeMap::<Pair, BTreeSet<Bundle>>::new();
    for bundle in Bundle::ALL {
        for (place, upstream) in upstream_rules(root, bundle) {
            let ours = known.get(&(place.clone(), upstream.clone()));
            let ours = ours.map_or("?", String::as_str).to_owned();
            lines
                .entry(Pair {
                    place,
                    upstream,
                    ours,
                })
                .or_default()
                .insert(bundle);
        }
    }
    let mut text = format!("{HEADER}\n");
    for (
        Pair {
            place: (kind, version, path),
            upstream,
            ours,
        },
        bundles,
    ) in lines
    {
        let bundles: Vec<String> = bundles.iter().map(Bundle::to_string).collect();
        let bundles = bundles.join(" ");
        text += &format!("{kind}\t{version}\t{path}\t{upstream}\t{ours}\t{bundles}\n");
    }
    std::fs::write(inventory_file(), text).expect("the inventory can be written");
}

#[test]
fn every_upstream_rule_is_in_the_inventory_and_no_other() {
    let Some(root) = upstream() else { return };
    if std::env::var_os("GATEWRIGHT_WRITE_INVENTORY").is_some() {
        write_inventory(&root);
    }
    let inventory = read_inventory();
    for bundle in Bundle::ALL {
        let listed: BTreeSet<(Place, String)> = inventory
            .iter()
            .filter(|(_, bundles)| bundles.contains(&bundle))
            .map(|(pair, _)| (pair.place.clone(), pair.upstream.clone()))
            .collect();
        let upstream = upstream_rules(&root, bundle);
        let missing: Vec<_> = upstream.difference(&listed).collect();
        let gone: Vec<_> = listed.difference(&upstream).collect();
        assert!(
            missing.is_empty(),
            "{bundle}: not in the inventory: {missing:#?}"
        );
        assert!(gone.is_empty(), "{bundle}: not upstream: {gone:#?}");
    }
}

/// Runs without the CRDs: the inventory and the tables of rules name the same rules at the same places.
#[test]
fn every_row_of_ours_is_in_the_inventory_and_no_other() {
    let mut listed = BTreeMap::<(Place, String), BTreeSet<Bundle>>::new();
    for (pair, bundles) in read_inventory() {
        let twice = listed.insert((pair.place, pair.ours.clone()), bundles);
        assert_eq!(
            twice, None,
            "{} stands for two rules at one place",
            pair.ours
        );
    }
    let ours: BTreeMap<(Place, String), BTreeSet<Bundle>> = placed_rules()
        .iter()
        .map(|rule| {
            let place = (
                rule.kind().into(),
                rule.version().into(),
                rule.place().into(),
            );
            ((place, rule.id().into()), rule.window().bundles().collect())
        })
        .collect();
    assert_eq!(
        ours.len(),
        placed_rules().len(),
        "a rule hangs twice on one place"
    );
    for (key, bundles) in &listed {
        assert_eq!(
            ours.get(key),
            Some(bundles),
            "listed, but not ours: {key:?}"
        );
    }
    for (key, bundles) in &ours {
        assert_eq!(
            listed.get(key),
            Some(bundles),
            "ours, but not listed: {key:?}"
        );
    }
}

/// One row stands for one upstream rule wherever it hangs.
#[test]
fn a_row_stands_for_one_upstream_rule() {
    let mut hashes = BTreeMap::<String, BTreeSet<String>>::new();
    for pair in read_inventory().into_keys() {
        hashes.entry(pair.ours).or_default().insert(pair.upstream);
    }
    for (id, hashes) in hashes {
        assert_eq!(hashes.len(), 1, "{id} stands for {hashes:?}");
    }
}
