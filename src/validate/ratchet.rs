//! What an update may leave as it was: equality between an object and its old self.
//!
//! On update the API server forgives errors of what did not change. Values are matched with their old selves field
//! by field, items of lists with keys by their keys, items of lists without a type by position; items of atomic lists
//! and sets are not matched.

use serde_json::Value;

use super::schema::List;
use super::view::View;

/// The old self of `new[index]` in `old`, for a list.
pub(crate) fn old_item<'v>(old: View<'v>, new_item: View<'_>, index: usize) -> Option<View<'v>> {
    let old_items = || old.items().filter(|item| !item.raw().is_null());
    match old.schema().list {
        Some(List::Map(keys)) => old_items().find(|item| same_keys(*item, new_item, keys)),
        Some(List::Set | List::Atomic) => None,
        None => old.items().nth(index).filter(|item| !item.raw().is_null()),
    }
}

/// The old self of an item as rules see it: only lists with keys are matched.
pub(crate) fn old_item_for_rules<'v>(old: View<'v>, new_item: View<'_>) -> Option<View<'v>> {
    match old.schema().list {
        Some(List::Map(_)) => old_item(old, new_item, 0),
        _ => None,
    }
}

/// Whether all keys are there, are scalars, and are the same.
fn same_keys(a: View<'_>, b: View<'_>, keys: &[&str]) -> bool {
    keys.iter().all(|key| match (a.field(key), b.field(key)) {
        (Some(a), Some(b)) => !a.raw().is_object() && !a.raw().is_array() && a == b,
        _ => false,
    })
}

/// Whether `new` is what `old` was, items of lists with keys in any order.
pub(crate) fn unchanged(new: View<'_>, old: View<'_>) -> bool {
    match (new.raw(), old.raw(), new.schema().list) {
        (Value::Array(_), Value::Array(_), Some(List::Map(keys))) => {
            let find = |item: View<'_>| {
                let mut selves = old.items().filter(|old| !old.raw().is_null());
                selves
                    .find(|old| same_keys(*old, item, keys))
                    .is_some_and(|old| unchanged(item, old))
            };
            new.items().len() == old.items().len() && new.items().all(find)
        }
        (Value::Array(_), Value::Array(_), Some(List::Atomic | List::Set)) => identical(new, old),
        _ => same(new, old, unchanged),
    }
}

/// Whether two values are the same after pruning and defaulting, where `child` compares what lies below them.
fn same(a: View<'_>, b: View<'_>, child: fn(View<'_>, View<'_>) -> bool) -> bool {
    match (a.raw(), b.raw()) {
        (Value::Array(x), Value::Array(y)) if a.schema().items.is_none() => same_pruned(x, y, 0),
        (Value::Array(_), Value::Array(_)) => {
            let both = a.items().zip(b.items());
            a.items().len() == b.items().len() && both.into_iter().all(|(a, b)| child(a, b))
        }
        (Value::Object(_), Value::Object(_)) => {
            let mut fields = a.fields().zip(b.fields());
            let fields_same = fields.all(|((_, a), (_, b))| match (a, b) {
                (Some(a), Some(b)) => child(a, b),
                (a, b) => a.is_none() && b.is_none(),
            });
            let mut entries = a.entries();
            fields_same
                && a.entries().count() == b.entries().count()
                && entries.all(|(key, a)| b.entry(key).is_some_and(|b| child(a, b)))
        }
        (a, b) => a == b,
    }
}

/// Whether two values are the same, item by item.
fn identical(a: View<'_>, b: View<'_>) -> bool {
    same(a, b, identical)
}

/// Lists where the schema has none: their objects lose everything.
fn same_pruned(a: &[Value], b: &[Value], depth: usize) -> bool {
    const DEEPEST: usize = 128;
    let mut both = a.iter().zip(b);
    a.len() == b.len()
        && both.all(|both| match both {
            (Value::Object(_), Value::Object(_)) => true,
            (Value::Array(a), Value::Array(b)) => depth < DEEPEST && same_pruned(a, b, depth + 1),
            (a, b) => a == b,
        })
}
