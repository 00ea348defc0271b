//! The objects of one conformance test, as a cluster would hold them, and the steps that change them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::json::text;

/// A release of the suite's expectations.
pub struct Suite {
    /// `v1.4.1` or `v1.6.1`.
    pub release: &'static str,
    root: PathBuf,
    /// PEM texts by `KIND ns/name key`.
    pems: BTreeMap<String, String>,
    runtime: Vec<Value>,
}

/// Objects, in the order of their creation.
#[derive(Clone, Default)]
pub struct World {
    pub objects: Vec<Value>,
    clock: u64,
}

impl Suite {
    pub fn open(upstream: &Path, release: &'static str) -> Self {
        Suite::open_with(upstream, release, |_| {})
    }

    /// The same, with a say in the objects that the suite makes itself.
    pub fn open_with(
        upstream: &Path,
        release: &'static str,
        remake: impl FnOnce(&mut Vec<Value>),
    ) -> Self {
        let file = upstream
            .join("conformance")
            .join(release)
            .join("runtime-objects.yaml");
        let mut runtime = read_manifest(&file);
        remake(&mut runtime);
        let mut pems = BTreeMap::new();
        for object in &runtime {
            let name = format!(
                "{} {}/{}",
                text(&object["kind"]),
                text(&object["metadata"]["namespace"]),
                text(&object["metadata"]["name"])
            );
            for (key, value) in object["data"].as_object().into_iter().flatten() {
                let value = text(value);
                let pem = if object["kind"] == "Secret" {
                    decode_base64(value)
                } else {
                    value.to_owned()
                };
                pems.insert(format!("{name} {key}"), pem);
            }
        }
        Suite {
            release,
            root: upstream.to_owned(),
            pems,
            runtime,
        }
    }

    /// The PEM text by `KIND ns/name key`.
    pub fn pem(&self, name: &str) -> &str {
        let pem = self.pems.get(name);
        pem.unwrap_or_else(|| panic!("no PEM text of {name}"))
    }

    /// The name of the Secret with this certificate, whatever the white space.
    pub fn secret_of(&self, certificate: &str) -> Option<String> {
        let bare = |pem: &str| -> String { pem.split_whitespace().collect() };
        let found = self
            .pems
            .iter()
            .find(|(name, pem)| name.ends_with(" tls.crt") && bare(pem) == bare(certificate));
        found.map(|(name, _)| name.clone())
    }

    /// Every test of the release, by its file.
    pub fn all_tests(&self) -> Vec<(String, Value)> {
        let folder = self.root.join("conformance").join(self.release);
        let entries =
            std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut tests: Vec<(String, Value)> = entries
            .filter_map(|entry| {
                let path = entry.expect("entry").path();
                let name = path.file_stem()?.to_str()?.to_owned();
                let is_test = path.extension()? == "json" && !name.starts_with('_');
                is_test.then(|| (name, read_json(&path)))
            })
            .collect();
        tests.sort_by(|(one, _), (other, _)| one.cmp(other));
        tests
    }

    /// All tests of the release with their counted steps.
    pub fn tests(&self) -> Vec<(String, Value, Value)> {
        let folder = self.root.join("conformance");
        let counted: Value = read_json(&folder.join("COUNTED.json"));
        let mut tests = Vec::new();
        for (name, steps) in counted[self.release].as_object().into_iter().flatten() {
            let file = folder.join(self.release).join(format!("{name}.json"));
            tests.push((name.clone(), read_json(&file), steps.clone()));
        }
        tests
    }

    /// The world before the first step: what the suite makes itself, then the test's manifests.
    pub fn world(&self, test: &Value) -> World {
        let mut world = World::default();
        world.apply(self.runtime.clone());
        for manifest in test["manifests"].as_array().into_iter().flatten() {
            world.apply(self.manifest(text(manifest)));
        }
        world
    }

    /// Carries out a step that changes the world; false for any other.
    pub fn change(&self, world: &mut World, step: &Value) -> bool {
        match text(&step["kind"]) {
            "apply" => {
                if let Some(manifest) = step["manifest"].as_str() {
                    world.apply(self.manifest(manifest));
                }
                if !step["object"].is_null() {
                    let mut object = step["object"].clone();
                    self.fill_in_pems(&mut object);
                    world.apply(vec![object]);
                }
            }
            "mutate" => {
                let mut patch = step["patch"].clone();
                self.fill_in_pems(&mut patch);
                world.mutate(&step["object"], &patch);
            }
            "delete" => world.delete(&step["object"]),
            _ => return false,
        }
        true
    }

    fn manifest(&self, path: &str) -> Vec<Value> {
        read_manifest(&self.root.join("upstream").join(self.release).join(path))
    }

    fn fill_in_pems(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(name) = between(text, "<PEM of ", ">") {
                    *text = self.pems[name].clone();
                } else if let Some(name) = between(text, "<base64 PEM of ", ">") {
                    *text = encode_base64(self.pems[name].as_bytes());
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.fill_in_pems(item)),
            Value::Object(fields) => fields
                .values_mut()
                .for_each(|field| self.fill_in_pems(field)),
            _ => {}
        }
    }
}

impl World {
    /// Adds or replaces objects of one manifest. They share a creation time; a later manifest is newer.
    fn apply(&mut self, objects: Vec<Value>) {
        self.clock += 1;
        for mut object in objects {
            let same = |other: &Value| key(other) == key(&object);
            let old = self.objects.iter().position(same);
            let metadata = object["metadata"].as_object_mut().expect("metadata");
            match old {
                Some(at) => {
                    let (created, generation) = {
                        let old = &self.objects[at]["metadata"];
                        (
                            old["creationTimestamp"].clone(),
                            old["generation"].as_i64().unwrap_or(1),
                        )
                    };
                    metadata.insert("creationTimestamp".into(), created);
                    let grown = i64::from(self.objects[at]["spec"] != object["spec"]);
                    object["metadata"]["generation"] = json!(generation + grown);
                    self.objects[at] = object;
                }
                None => {
                    metadata.insert("creationTimestamp".into(), json!(timestamp(self.clock)));
                    metadata.insert("generation".into(), json!(1));
                    self.objects.push(object);
                }
            }
        }
    }

    fn mutate(&mut self, which: &Value, patch: &Value) {
        let object = self
            .objects
            .iter_mut()
            .find(|object| is(object, which))
            .expect("object to mutate");
        let before = object["spec"].clone();
        merge(object, patch);
        if object["spec"] != before {
            let generation = object["metadata"]["generation"].as_i64().unwrap_or(1);
            object["metadata"]["generation"] = json!(generation + 1);
        }
    }

    fn delete(&mut self, which: &Value) {
        let before = self.objects.len();
        self.objects.retain(|object| !is(object, which));
        assert_eq!(
            self.objects.len() + 1,
            before,
            "one object to delete: {which}"
        );
    }

    /// The object of a kind with this `ns/name`.
    pub fn find(&self, kind: &str, name: &str) -> Option<&Value> {
        self.objects
            .iter()
            .find(|object| object["kind"] == kind && full_name(object) == name)
    }
}

/// RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (key, value) in patch {
        if value.is_null() {
            target.as_object_mut().expect("object").remove(key);
        } else {
            merge(&mut target[key], value);
        }
    }
}

fn key(object: &Value) -> (String, String, String) {
    let group = text(&object["apiVersion"])
        .rsplit_once('/')
        .map_or("", |(group, _)| group)
        .to_owned();
    (group, text(&object["kind"]).to_owned(), full_name(object))
}

fn is(object: &Value, which: &Value) -> bool {
    let namespace = text(&which["namespace"]);
    object["kind"] == which["kind"]
        && object["metadata"]["name"] == which["name"]
        && text(&object["metadata"]["namespace"]) == namespace
}

/// `ns/name`, or the name alone where there is no namespace.
pub fn full_name(object: &Value) -> String {
    match object["metadata"]["namespace"].as_str() {
        Some(namespace) => format!("{namespace}/{}", text(&object["metadata"]["name"])),
        None => text(&object["metadata"]["name"]).to_owned(),
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.strip_prefix(before)?.strip_suffix(after)
}

fn timestamp(seconds: u64) -> String {
    format!(
        "2026-01-01T{:02}:{:02}:{:02}Z",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

fn read_json(file: &Path) -> Value {
    let bytes = std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// The suite puts the names of its class and controller in place of words in braces.
fn read_manifest(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let text = text
        .replace("{GATEWAY_CLASS_NAME}", "gateway-conformance")
        .replace(
            "{GATEWAY_CONTROLLER_NAME}",
            "example.com/gateway-controller",
        );
    parse_manifest(text.as_bytes(), &file.display().to_string())
}

/// The objects of a manifest, as JSON values.
fn parse_manifest(bytes: &[u8], file: &str) -> Vec<Value> {
    let parsed = gatewright::manifest::parse(bytes, file);
    assert!(parsed.errors.is_empty(), "{file}: {:?}", parsed.errors);
    parsed
        .documents
        .into_iter()
        .map(|document| document.into_value())
        .collect()
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn decode_base64(text: &str) -> String {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for digit in text
        .bytes()
        .filter_map(|b| BASE64.iter().position(|d| *d == b))
    {
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    String::from_utf8(bytes).expect("PEM is text")
}

fn encode_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = BASE64[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() {
                digit.into()
            } else {
                '='
            });
        }
    }
    text
}
