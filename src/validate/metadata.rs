//! Metadata, as the API machinery reads and checks it.
//!
//! Metadata is typed: what does not fit the types cannot be read at all (`BadRequest`), what is unknown is dropped,
//! what is empty is left out. Names, labels and so on are checked afterwards.

use serde_json::{Map, Value};

use super::message;
use super::path::Path;
use super::report::{ErrorKind, UnknownField};
use super::schema::Scope;
use super::structure::Walk;
use super::time;
use crate::vocab::Window;

/// Metadata does not fit its types.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    pub(crate) message: String,
}

/// The type of a field of metadata.
#[derive(Clone, Copy)]
enum Type {
    /// Left out when empty.
    Text,
    /// Kept when empty.
    FixedText,
    /// Left out when zero.
    Integer,
    OptionalInteger,
    OptionalBoolean,
    Time,
    Texts,
    TextMap,
    ListOf(&'static [Field]),
    /// Taken as it is.
    Raw,
}

struct Field {
    name: &'static str,
    ty: Type,
}

const fn field(name: &'static str, ty: Type) -> Field {
    Field { name, ty }
}

const OWNER: &[Field] = &[
    field("apiVersion", Type::FixedText),
    field("blockOwnerDeletion", Type::OptionalBoolean),
    field("controller", Type::OptionalBoolean),
    field("kind", Type::FixedText),
    field("name", Type::FixedText),
    field("uid", Type::FixedText),
];

const MANAGED: &[Field] = &[
    field("apiVersion", Type::Text),
    field("fieldsType", Type::Text),
    field("fieldsV1", Type::Raw),
    field("manager", Type::Text),
    field("operation", Type::Text),
    field("subresource", Type::Text),
    field("time", Type::Time),
];

const METADATA: &[Field] = &[
    field("annotations", Type::TextMap),
    field("creationTimestamp", Type::Time),
    field("deletionGracePeriodSeconds", Type::OptionalInteger),
    field("deletionTimestamp", Type::Time),
    field("finalizers", Type::Texts),
    field("generateName", Type::Text),
    field("generation", Type::Integer),
    field("labels", Type::TextMap),
    field("managedFields", Type::ListOf(MANAGED)),
    field("name", Type::Text),
    field("namespace", Type::Text),
    field("ownerReferences", Type::ListOf(OWNER)),
    field("resourceVersion", Type::Text),
    field("selfLink", Type::Text),
    field("uid", Type::Text),
];

/// Checks that metadata fits its types, and collects its unknown fields.
pub(crate) fn read(metadata: &Value, into: &mut Vec<UnknownField>) -> Result<(), Unreadable> {
    let path = Path::Root;
    let path = path.field("metadata");
    read_struct(metadata, METADATA, path, into)
}

fn read_struct(
    value: &Value,
    fields: &'static [Field],
    path: Path<'_>,
    into: &mut Vec<UnknownField>,
) -> Result<(), Unreadable> {
    let object = match value {
        Value::Object(object) => object,
        Value::Null => return Ok(()),
        _ => return Err(unreadable(value, "an object", path)),
    };
    for (name, value) in object {
        let path = path.field(name);
        match fields.iter().find(|field| field.name == name) {
            Some(field) => read_field(value, field.ty, path, into)?,
            None => into.push(UnknownField {
                path: path.to_string(),
                window: Window::NEVER,
                near: message::nearest(name, fields.iter().map(|field| field.name)),
            }),
        }
    }
    Ok(())
}

fn read_field(
    value: &Value,
    ty: Type,
    path: Path<'_>,
    into: &mut Vec<UnknownField>,
) -> Result<(), Unreadable> {
    let fits = |fits: bool, expected| {
        if fits || value.is_null() {
            Ok(())
        } else {
            Err(unreadable(value, expected, path))
        }
    };
    match ty {
        Type::Text | Type::FixedText => fits(value.is_string(), "a string"),
        Type::Integer | Type::OptionalInteger => fits(whole(value).is_some(), "an integer"),
        Type::OptionalBoolean => fits(value.is_boolean(), "a boolean"),
        Type::Time => {
            let readable = value
                .as_str()
                .is_some_and(|text| time::normal(text).is_some());
            fits(readable, "a time, as `2024-05-06T07:08:09Z`")
        }
        Type::Raw => Ok(()),
        Type::Texts => {
            fits(value.is_array(), "a list")?;
            for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                read_field(item, Type::FixedText, path.item(index), into)?;
            }
            Ok(())
        }
        Type::TextMap => {
            fits(value.is_object(), "an object")?;
            for (key, item) in value.as_object().into_iter().flatten() {
                read_field(item, Type::FixedText, path.field(key), into)?;
            }
            Ok(())
        }
        Type::ListOf(fields) => {
            fits(value.is_array(), "a list")?;
            for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                read_struct(item, fields, path.item(index), into)?;
            }
            Ok(())
        }
    }
}

fn unreadable(value: &Value, expected: &str, path: Path<'_>) -> Unreadable {
    let found = message::shown(value);
    Unreadable {
        message: format!("{path}: {found} is not {expected}"),
    }
}

/// A whole number; one with a fraction of zero is one.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let float = value.as_f64()?;
        let whole = float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0;
        // `as` is exact for whole numbers of this size.
        whole.then_some(float as i64)
    })
}

/// Metadata as it is kept; metadata that cannot be read is kept as it is.
pub(crate) fn normal(metadata: &Value) -> Value {
    match normal_struct(metadata, METADATA) {
        Some(metadata) if read(metadata_ref(&metadata), &mut Vec::new()).is_ok() => metadata,
        _ => metadata.clone(),
    }
}

fn metadata_ref(metadata: &Value) -> &Value {
    metadata
}

fn normal_struct(value: &Value, fields: &'static [Field]) -> Option<Value> {
    let nothing = Map::new();
    let object = match value {
        Value::Object(object) => object,
        Value::Null => &nothing,
        _ => return None,
    };
    let mut out = Map::new();
    for field in fields {
        let value = object.get(field.name).filter(|value| !value.is_null());
        if let Some(value) = normal_field(value, field.ty) {
            out.insert(field.name.to_owned(), value);
        }
    }
    Some(Value::Object(out))
}

fn normal_field(value: Option<&Value>, ty: Type) -> Option<Value> {
    let text = |value: &Value| Value::from(value.as_str().unwrap_or_default());
    match ty {
        Type::FixedText => Some(value.map_or_else(|| Value::from(""), text)),
        Type::Text => value.map(text).filter(|text| text != ""),
        Type::Integer => value.and_then(whole).filter(|n| *n != 0).map(Value::from),
        Type::OptionalInteger => value.and_then(whole).map(Value::from),
        Type::OptionalBoolean | Type::Raw => value.cloned(),
        Type::Time => Some(Value::from(time::normal(value?.as_str()?)?)),
        Type::Texts => {
            let items = value?.as_array().filter(|items| !items.is_empty())?;
            Some(items.iter().map(text).collect())
        }
        Type::TextMap => {
            let entries = value?.as_object().filter(|entries| !entries.is_empty())?;
            let entries = entries
                .iter()
                .map(|(key, value)| (key.clone(), text(value)));
            Some(Value::Object(entries.collect()))
        }
        Type::ListOf(fields) => {
            let items = value?.as_array().filter(|items| !items.is_empty())?;
            let items = items.iter().map(|item| normal_struct(item, fields));
            items.collect::<Option<Value>>()
        }
    }
}

/// A text of metadata; empty where there is none.
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
    let generate = text(metadata, "generateName");
    let name = text(metadata, "name");
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
    check_namespace(metadata, scope, path, walk);
    if metadata
        .get("generation")
        .and_then(whole)
        .is_some_and(|n| n < 0)
    {
        let message = "must not be negative".to_owned();
        let path = path.field("generation");
        walk.add(
            path,
            ErrorKind::FieldValueInvalid,
            "metadata.generation",
            message,
        );
    }
    check_common(metadata, path, walk);
}

/// Checks the metadata of an update.
pub(crate) fn check_update(new: &Value, old: &Value, walk: &mut Walk) {
    let path = Path::Root;
    let path = path.field("metadata");
    for name in ["name", "namespace", "uid"] {
        let (new, old) = (text(new, name), text(old, name));
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
    check_common(new, path, walk);
}

fn check_namespace(metadata: &Value, scope: Scope, path: Path<'_>, walk: &mut Walk) {
    let namespace = text(metadata, "namespace");
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
fn check_common(metadata: &Value, path: Path<'_>, walk: &mut Walk) {
    const INVALID: ErrorKind = ErrorKind::FieldValueInvalid;
    let entries = |name: &str| {
        metadata
            .get(name)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
    };
    for (key, value) in entries("labels") {
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
    for (key, value) in entries("annotations") {
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
    check_owners(metadata, path, walk);
    check_finalizers(metadata, path, walk);
    check_managed(metadata, path, walk);
}

fn list<'v>(metadata: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    let list = metadata.get(name).and_then(Value::as_array);
    list.into_iter().flatten()
}

fn check_owners(metadata: &Value, path: Path<'_>, walk: &mut Walk) {
    const RULE: &str = "metadata.ownerReferences";
    let path = path.field("ownerReferences");
    let mut controllers = 0;
    for owner in list(metadata, "ownerReferences") {
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

fn check_finalizers(metadata: &Value, path: Path<'_>, walk: &mut Walk) {
    const RULE: &str = "metadata.finalizers";
    let path = path.field("finalizers");
    let (mut orphan, mut foreground) = (false, false);
    for finalizer in list(metadata, "finalizers") {
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

fn check_managed(metadata: &Value, path: Path<'_>, walk: &mut Walk) {
    const RULE: &str = "metadata.managedFields";
    const INVALID: ErrorKind = ErrorKind::FieldValueInvalid;
    let path = path.field("managedFields");
    for (index, entry) in list(metadata, "managedFields").enumerate() {
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
    } else if !name.split('.').all(is_dns_part) {
        Err(
            "may have small letters, digits, `-` and `.` only, and letters or digits at both ends of each part",
        )
    } else {
        Ok(())
    }
}

fn is_dns_label(name: &str) -> bool {
    name.len() <= LONGEST_LABEL && is_dns_part(name)
}

/// Small letters, digits and hyphens, no hyphen at the ends.
fn is_dns_part(part: &str) -> bool {
    let inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    !part.is_empty() && part.bytes().all(inner) && !part.starts_with('-') && !part.ends_with('-')
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
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let ends = [text.bytes().next(), text.bytes().next_back()];
    if text.len() > LONGEST_LABEL {
        Err("is longer than 63 bytes")
    } else if !text.bytes().all(inner) || !ends.iter().flatten().all(u8::is_ascii_alphanumeric) {
        Err("may have letters, digits, `-`, `_` and `.` only, and a letter or digit at both ends")
    } else {
        Ok(())
    }
}
