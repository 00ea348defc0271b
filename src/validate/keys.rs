//! Lists with keys and sets: no item twice.

use std::collections::HashMap;

use serde_json::Value;

use super::message;
use super::path::Path;
use super::report::ErrorKind;
use super::schema::List;
use super::structure::Walk;
use super::view::View;

/// Checks every list with keys and every set at and below `view`.
pub(crate) fn check(view: View<'_>, path: Path<'_>, walk: &mut Walk) {
    if !view.schema().keys_below {
        return;
    }
    match view.raw() {
        Value::Array(_) => {
            match view.schema().list {
                Some(List::Set) => set(view, path, walk),
                Some(List::Map(keys)) => map(view, keys, path, walk),
                _ => {}
            }
            for (index, item) in view.items().enumerate() {
                check(item, path.item(index), walk);
            }
        }
        Value::Object(_) => {
            let schema = view.schema();
            let fields = schema.fields_with_keys.iter();
            for (at, field) in fields.filter_map(|at| Some((*at, schema.fields.get(*at)?))) {
                if let Some(child) = view.child(at, &field.node) {
                    check(child, path.field(field.name), walk);
                }
            }
            for (key, child) in view.entries() {
                check(child, path.entry(key), walk);
            }
        }
        _ => {}
    }
}

fn set(view: View<'_>, path: Path<'_>, walk: &mut Walk) {
    let items = view.items();
    for index in repeated(items.clone().map(|item| Key::of(Some(item)))) {
        let shown = items
            .clone()
            .nth(index)
            .map(|item| message::shown(item.raw()));
        let message = format!("{} is there already", shown.unwrap_or_default());
        walk.add(
            path.item(index),
            ErrorKind::FieldValueDuplicate,
            "set",
            message,
        );
    }
}

fn map(view: View<'_>, keys: &'static [&'static str], path: Path<'_>, walk: &mut Walk) {
    let stranger = |item: View<'_>| !item.raw().is_object() && !item.raw().is_null();
    if let Some(index) = view.items().position(stranger) {
        let message = "must be an object with a key".to_owned();
        walk.add(
            path.item(index),
            ErrorKind::FieldValueInvalid,
            "map",
            message,
        );
        return;
    }
    let repeats = match *keys {
        [key] => repeated(view.items().map(|item| Key::of(item.field(key)))),
        _ => repeated(view.items().map(|item| Key::of_all(item, keys))),
    };
    for index in repeats {
        let item = view.items().nth(index);
        let shown = keys.iter().filter_map(|key| {
            let field = item?.field(key)?;
            Some(format!("{key} {}", message::shown(field.raw())))
        });
        let shown: Vec<String> = shown.collect();
        let message = format!("an item with {} is there already", shown.join(", "));
        walk.add(
            path.item(index),
            ErrorKind::FieldValueDuplicate,
            "map",
            message,
        );
    }
}

/// A value to compare with others: equal values are equal keys.
#[derive(PartialEq, Eq, Hash)]
enum Key<'v> {
    Absent,
    Text(&'v str),
    Other(String),
}

impl<'v> Key<'v> {
    fn of_all(item: View<'v>, keys: &[&str]) -> Vec<Key<'v>> {
        keys.iter().map(|key| Key::of(item.field(key))).collect()
    }

    fn of(view: Option<View<'v>>) -> Self {
        match view.map(View::raw) {
            None => Key::Absent,
            Some(Value::String(text)) => Key::Text(text),
            Some(other) => Key::Other(other.to_string()),
        }
    }
}

/// Where each repeated key occurs for the second time.
fn repeated<K: Eq + std::hash::Hash>(keys: impl ExactSizeIterator<Item = K> + Clone) -> Vec<usize> {
    // Up to here comparing each with each is the fastest, and allocates nothing.
    const FEW: usize = 16;
    let mut repeats = Vec::new();
    if keys.len() <= FEW {
        for (index, key) in keys.clone().enumerate() {
            let before = keys.clone().take(index).filter(|other| *other == key);
            if before.count() == 1 {
                repeats.push(index);
            }
        }
        return repeats;
    }
    let mut seen: HashMap<K, usize> = HashMap::with_capacity(keys.len());
    for (index, key) in keys.enumerate() {
        let times = seen.entry(key).or_default();
        *times += 1;
        if *times == 2 {
            repeats.push(index);
        }
    }
    repeats
}
