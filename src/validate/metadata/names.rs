//! Names, labels, owners and so on of metadata that could be read.

use serde_json::{Map, Value};

use super::types::whole;
use crate::validate::message;
use crate::validate::path::Path;
use crate::validate::report::ErrorKind;
use crate::validate::schema::Scope;
use crate::validate::spelling;
use crate::validate::structure::Walk;

/// The fields of metadata that are looked at.
///
/// PERF: gathered in one pass, as looking each up costs more.
#[derive(Default)]
struct Given<'v> {
    name: &'v str,
    generate_name: &'v str,
    namespace: &'v str,
    uid: &'v str,
    generation: i64,
    labels: Option<&'v Map<String, Value>>,
    annotations: Option<&'v Map<String, Value>>,
    owners: &'v [Value],
    finalizers: &'v [Value],
    managed: &'v [Value],
}

impl<'v> Given<'v> {
    fn of(metadata: &'v Value) -> Self {
        let mut given = Given::default();
        let list = |value: &'v Value| value.as_array().map_or(&[][..], Vec::as_slice);
        for (name, value) in metadata.as_object().into_iter().flatten() {
            let text = || value.as_str().unwrap_or_default();
            match name.as_str() {
                "name" => given.name = text(),
                "generateName" => given.generate_name = text(),
                "namespace" => given.namespace = text(),
                "uid" => given.uid = text(),
                "generation" => given.generation = whole(value).unwrap_or_default(),
                "labels" => given.labels = value.as_object(),
                "annotations" => given.annotations = value.as_object(),
                "ownerReferences" => given.owners = list(value),
                "finalizers" => given.finalizers = list(value),
                "managedFields" => given.managed = list(value),
                _ => {}
            }
        }
        given
    }
}

/// A text of an owner or manager; empty where there is none.
fn text<'v>(metadata: &'v Value, name: &str) -> &'v str {
    metadata
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The most that a name may have.
const LONGEST_NAME: usize = 253;
/// The most that a label, its value, or a namespace may have.
const LONGEST_LABEL: usize = 63;

/// Checks the metadata of a new object.
pub(crate) fn check(metadata: &Value, scope: Scope, walk: &mut Walk) {
    let path = Path::Root;
    let path = path.field("metadata");
    let given = Given::of(metadata);
    let (name, generate) = (given.name, given.generate_name);
    if !generate.is_empty() {
        // A hyphen at the end is fine, as something follows.
        let masked = match generate.strip_suffix('-') {
            Some(stem) if generate.len() > 1 => {
                let mut characters = stem.chars();
                characters.next_back();
                format!("{}a", characters.as_str())
            }
            _ => generate.to_owned(),
        };
        check_name(&masked, path.field("generateName"), walk);
    }
    match (name, generate) {
        ("", "") => {
            let message = "`name` or `generateName` is required".to_owned();
            let path = path.field("name");
            walk.add(
                path,
                ErrorKind::FieldValueRequired,
                "metadata.name",
                message,
            );
        }
        ("", _) => {
            // Five characters follow what is left of the stem.
            let stem: String = generate.chars().take(LONGEST_LABEL - 5).collect();
            check_name(&format!("{stem}xxxxx"), path.field("name"), walk);
        }
        _ => check_name(name, path.field("name"), walk),
    }
    check_namespace(given.namespace, scope, path, walk);
    if given.generation < 0 {
        let message = "must not be negative".to_owned();
        let path = path.field("generation");
        walk.add(
            path,
            ErrorKind::FieldValueInvalid,
            "metadata.generation",
            message,
        );
    }
    check_common(&given, path, walk);
}

/// Checks the metadata of an update.
pub(crate) fn check_update(new: &Value, old: &Value, walk: &mut Walk) {
    let path = Path::Root;
    let path = path.field("metadata");
    let (new, old) = (Given::of(new), Given::of(old));
    for (name, new, old) in [
        ("name", new.name, old.name),
        ("namespace", new.namespace, old.namespace),
        ("uid", new.uid, old.uid),
    ] {
        // What is left out is taken from the old object.
        let left_out = new.is_empty() && name != "name";
        if new != old && !left_out {
            let message = format!("`{old}` cannot change, to `{new}`");
            let path = path.field(name);
            walk.add(
                path,
                ErrorKind::FieldValueInvalid,
                "metadata.immutable",
                message,
            );
        }
    }
    check_common(&new, path, walk);
}

fn check_namespace(namespace: &str, scope: Scope, path: Path<'_>, walk: &mut Walk) {
    if namespace.is_empty() {
        return;
    }
    let path = path.field("namespace");
    const RULE: &str = "metadata.namespace";
    if scope == Scope::Cluster {
        let message = "must not be given: the kind lies in no namespace".to_owned();
        walk.add(path, ErrorKind::FieldValueForbidden, RULE, message);
    } else if !is_dns_label(namespace) {
        let message = format!("`{}` is no DNS label", namespace.escape_debug());
        walk.add(path, ErrorKind::FieldValueInvalid, RULE, message);
    }
}

/// What holds for new and updated objects alike.
fn check_common(given: &Given<'_>, path: Path<'_>, walk: &mut Walk) {
    const INVALID: ErrorKind = ErrorKind::FieldValueInvalid;
    for (key, value) in given.labels.into_iter().flatten() {
        let path = path.field("labels");
        if let Err(why) = qualified_name(key) {
            let message = format!("key `{}` {why}", key.escape_debug());
            walk.add(path, INVALID, "metadata.labels", message);
        }
        if let Err(why) = label_value(value.as_str().unwrap_or_default()) {
            let message = format!("value {} of `{key}` {why}", message::shown(value));
            walk.add(path, INVALID, "metadata.labels", message);
        }
    }
    let mut size = 0_usize;
    for (key, value) in given.annotations.into_iter().flatten() {
        if let Err(why) = qualified_name(&key.to_lowercase()) {
            let message = format!("key `{}` {why}", key.escape_debug());
            walk.add(
                path.field("annotations"),
                INVALID,
                "metadata.annotations",
                message,
            );
        }
        let length = key.len() + value.as_str().unwrap_or_default().len();
        size = size.saturating_add(length);
    }
    const LARGEST: usize = 256 * 1024;
    if size > LARGEST {
        let message = format!("{size} bytes together, at most {LARGEST} allowed");
        let path = path.field("annotations");
        walk.add(
            path,
            ErrorKind::FieldValueTooLong,
            "metadata.annotations",
            message,
        );
    }
    check_owners(given.owners, path, walk);
    check_finalizers(given.finalizers, path, walk);
    check_managed(given.managed, path, walk);
}

fn check_owners(owners: &[Value], path: Path<'_>, walk: &mut Walk) {
    const RULE: &str = "metadata.ownerReferences";
    let path = path.field("ownerReferences");
    let mut controllers = 0;
    for owner in owners {
        let version = text(owner, "apiVersion");
        let group_version = version.split_once('/').map_or(("", version), |split| split);
        let readable = !group_version.1.is_empty() && !group_version.1.contains('/');
        for (name, given) in [
            ("apiVersion", readable),
            ("kind", !text(owner, "kind").is_empty()),
            ("name", !text(owner, "name").is_empty()),
            ("uid", !text(owner, "uid").is_empty()),
        ] {
            if !given {
                let message = "must not be empty".to_owned();
                walk.add(
                    path.field(name),
                    ErrorKind::FieldValueInvalid,
                    RULE,
                    message,
                );
            }
        }
        if version == "v1" && text(owner, "kind") == "Event" {
            let message = "an Event owns nothing".to_owned();
            walk.add(path, ErrorKind::FieldValueInvalid, RULE, message);
        }
        if owner.get("controller") == Some(&Value::Bool(true)) {
            controllers += 1;
            if controllers > 1 {
                let message = "at most one owner can be the controller".to_owned();
                walk.add(path, ErrorKind::FieldValueInvalid, RULE, message);
            }
        }
    }
}

fn check_finalizers(finalizers: &[Value], path: Path<'_>, walk: &mut Walk) {
    const RULE: &str = "metadata.finalizers";
    let path = path.field("finalizers");
    let (mut orphan, mut foreground) = (false, false);
    for finalizer in finalizers {
        let name = finalizer.as_str().unwrap_or_default();
        if let Err(why) = qualified_name(name) {
            let message = format!("{} {why}", message::shown(finalizer));
            walk.add(path, ErrorKind::FieldValueInvalid, RULE, message);
        }
        orphan |= name == "orphan";
        foreground |= name == "foregroundDeletion";
    }
    if orphan && foreground {
        let message = "`orphan` and `foregroundDeletion` exclude each other".to_owned();
        walk.add(path, ErrorKind::FieldValueInvalid, RULE, message);
    }
}

fn check_managed(managed: &[Value], path: Path<'_>, walk: &mut Walk) {
    const RULE: &str = "metadata.managedFields";
    const INVALID: ErrorKind = ErrorKind::FieldValueInvalid;
    let path = path.field("managedFields");
    for (index, entry) in managed.iter().enumerate() {
        let path = path.item(index);
        let fields_type = text(entry, "fieldsType");
        if !matches!(text(entry, "operation"), "Apply" | "Update") {
            let message = "must be `Apply` or `Update`".to_owned();
            walk.add(path.field("operation"), INVALID, RULE, message);
        }
        if !matches!(fields_type, "" | "FieldsV1") {
            walk.add(
                path.field("fieldsType"),
                INVALID,
                RULE,
                "must be `FieldsV1`".to_owned(),
            );
        }
        for (name, longest) in [("manager", 128), ("subresource", 256)] {
            if text(entry, name).len() > longest {
                let message = format!("at most {longest} bytes allowed");
                walk.add(
                    path.field(name),
                    ErrorKind::FieldValueTooLong,
                    RULE,
                    message,
                );
            }
        }
    }
}

fn check_name(name: &str, path: Path<'_>, walk: &mut Walk) {
    if let Err(why) = dns_subdomain(name) {
        let message = format!("`{}` {why}", name.escape_debug());
        walk.add(path, ErrorKind::FieldValueInvalid, "metadata.name", message);
    }
}

fn dns_subdomain(name: &str) -> Result<(), &'static str> {
    if name.len() > LONGEST_NAME {
        Err("is longer than 253 characters")
    } else if !spelling::is_dns_subdomain(name) {
        Err(
            "is no DNS name: parts of small letters, digits and `-` with a letter or digit at both ends, joined by `.`",
        )
    } else {
        Ok(())
    }
}

fn is_dns_label(name: &str) -> bool {
    name.len() <= LONGEST_LABEL && spelling::is_dns_label(name)
}

/// `name`, or `prefix/name` with a DNS subdomain before it.
fn qualified_name(text: &str) -> Result<(), &'static str> {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    if name.contains('/') {
        return Err("has more than one `/`");
    }
    if prefix.is_some_and(|prefix| dns_subdomain(prefix).is_err()) {
        return Err("has something else than a DNS name before the `/`");
    }
    if name.is_empty() {
        return Err("has no name");
    }
    label_value(name)
}

/// Letters, digits, `-`, `_` and `.`, with a letter or digit at both ends; or nothing.
fn label_value(text: &str) -> Result<(), &'static str> {
    if text.len() > LONGEST_LABEL {
        Err("is longer than 63 bytes")
    } else if !text.is_empty() && !spelling::is_label_name(text) {
        Err(
            "is spelled wrong: letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
        )
    } else {
        Ok(())
    }
}
