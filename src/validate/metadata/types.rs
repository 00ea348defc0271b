//! The types of metadata: what can be read, what is dropped, what is kept.

use serde_json::{Map, Value};

use crate::validate::message;
use crate::validate::path::Path;
use crate::validate::report::UnknownField;
use crate::validate::time;
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
pub(super) fn whole(value: &Value) -> Option<i64> {
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
        Some(normal) if read(metadata, &mut Vec::new()).is_ok() => normal,
        _ => metadata.clone(),
    }
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
