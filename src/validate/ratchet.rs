//! What an update may leave as it was: equality between an object and its old self.
//!
//! On update the API server forgives errors of what did not change. Values are matched with their old selves field
//! by field, items of lists with keys by their keys, items of lists without a type by position; items of atomic lists
//! and sets are not matched.

use serde_json::Value;

use super::schema::{List, Node};
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
    match (new.raw(), old.raw()) {
        (Value::Array(_), Value::Array(_)) => {
            let Some(List::Map(keys)) = new.schema().list else {
                return match new.schema().list {
                    Some(List::Atomic | List::Set) => {
                        same(new.raw(), old.raw(), Some(new.schema()))
                    }
                    _ => unchanged_by_position(new, old),
                };
            };
            new.items().len() == old.items().len()
                && new.items().all(|item| {
                    let old_items = old.items().filter(|old| !old.raw().is_null());
                    let mut selves = old_items.filter(|old| same_keys(*old, item, keys));
                    selves.next().is_some_and(|old| unchanged(item, old))
                })
        }
        (Value::Object(_), Value::Object(_)) => {
            let mut children = Children::of(new);
            if children.clone().count() != Children::of(old).count() {
                return false;
            }
            children.all(|(name, new)| child(old, name).is_some_and(|old| unchanged(new, old)))
        }
        (new, old) => new == old,
    }
}

fn unchanged_by_position(new: View<'_>, old: View<'_>) -> bool {
    if new.schema().items.is_none() {
        return same(new.raw(), old.raw(), Some(new.schema()));
    }
    let (news, olds) = (new.items(), old.items());
    news.len() == olds.len() && news.zip(olds).all(|(new, old)| unchanged(new, old))
}

/// Whether two values are the same after pruning and defaulting, item by item.
fn same(a: &Value, b: &Value, schema: Option<&Node>) -> bool {
    match (a, b, schema) {
        (Value::Array(x), Value::Array(y), schema) => {
            let of = schema.and_then(|schema| schema.items.as_deref());
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y, of))
        }
        (Value::Object(_), Value::Object(_), Some(schema)) => {
            let (a, b) = (View::new(a, schema), View::new(b, schema));
            Children::of(a).count() == Children::of(b).count()
                && Children::of(a).all(|(name, x)| {
                    child(b, name).is_some_and(|y| same(x.raw(), y.raw(), Some(x.schema())))
                })
        }
        // Without a schema everything in an object is pruned.
        (Value::Object(_), Value::Object(_), None) => true,
        (a, b, _) => a == b,
    }
}

fn child<'v>(parent: View<'v>, name: &str) -> Option<View<'v>> {
    parent.field(name).or_else(|| parent.entry(name))
}

/// The fields and entries that a value has after pruning and defaulting.
#[derive(Clone)]
struct Children<'v> {
    view: View<'v>,
    fields: std::slice::Iter<'v, super::schema::Field>,
    entries: Box<[(&'v str, View<'v>)]>,
    next: usize,
}

impl<'v> Children<'v> {
    fn of(view: View<'v>) -> Self {
        Children {
            view,
            fields: view.schema().fields.iter(),
            entries: view.entries().collect(),
            next: 0,
        }
    }
}

impl<'v> Iterator for Children<'v> {
    type Item = (&'v str, View<'v>);

    fn next(&mut self) -> Option<Self::Item> {
        for field in self.fields.by_ref() {
            if let Some(child) = self.view.field(field.name) {
                return Some((field.name, child));
            }
        }
        self.next += 1;
        self.entries.get(self.next - 1).copied()
    }
}
