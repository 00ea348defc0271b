//! Runs the rules that go beyond the schema.

use serde_json::Value;

use super::path::Path;
use super::ratchet;
use super::report::{ErrorKind, Violation};
use super::rules;
use super::view::{Absent, View};

/// A value with its old self, as far as they can be matched.
#[derive(Clone, Copy)]
struct Matched<'v> {
    new: View<'v>,
    old: View<'v>,
}

/// What an update knows of the past at one place.
#[derive(Clone, Copy, Default)]
pub(crate) struct Past<'v> {
    /// The old value that transition rules compare with.
    old: Option<View<'v>>,
    /// The value here with its old self.
    here: Option<Matched<'v>>,
    /// The nearest value above that could be matched.
    above: Option<Matched<'v>>,
}

impl<'v> Past<'v> {
    /// An update made `new` of `old`.
    pub(crate) fn of(new: View<'v>, old: Option<View<'v>>) -> Self {
        Past {
            old,
            here: old.map(|old| Matched { new, old }),
            above: None,
        }
    }

    fn child(self, new: View<'v>, old: Option<View<'v>>, matched: Option<View<'v>>) -> Self {
        match self.here {
            Some(here) => Past {
                old,
                here: matched.map(|old| Matched { new, old }),
                above: Some(here),
            },
            None => Past { old, ..self },
        }
    }

    /// Whether the value here, or the nearest above that could be matched, is what it was.
    fn unchanged(self) -> bool {
        let nearest = self.here.or(self.above);
        nearest.is_some_and(|matched| ratchet::unchanged(matched.new, matched.old))
    }
}

/// Holds every rule at and below `view` against it.
pub(crate) fn check(view: View<'_>, path: Path<'_>, past: Past<'_>, into: &mut Vec<Violation>) {
    let schema = view.schema();
    if !schema.rules_below {
        return;
    }
    let asked = schema.rules.iter();
    let asked = asked.filter(|group| !group.glance.is_some_and(|glance| glance(view)));
    for rule in asked.flat_map(|group| &group.rules) {
        if rule.transition && past.old.is_none() {
            continue;
        }
        let (kind, field) = match (rule.holds)(view, past.old) {
            Ok(true) => continue,
            Ok(false) if !rule.transition && past.unchanged() => continue,
            Ok(false) => (rule.kind, rule.field),
            // What cannot be read is invalid, changed or not.
            Err(Absent) => (ErrorKind::FieldValueInvalid, ""),
        };
        into.push(Violation {
            path: format!("{path}{field}"),
            kind,
            rule: rule.id,
            message: rules::message(rule, view),
        });
    }
    match view.raw() {
        Value::Object(_) => {
            let fields = schema.fields_with_rules.iter();
            for (at, field) in fields.filter_map(|at| Some((*at, schema.fields.get(*at)?))) {
                if let Some(child) = view.child(at, &field.node) {
                    let old = past.old.and_then(|old| old.field(field.name));
                    let matched = past.here.and_then(|here| here.old.field(field.name));
                    let past = past.child(child, old, matched);
                    check(child, path.field(field.name), past, into);
                }
            }
            for (key, child) in view.entries() {
                let old = past.old.and_then(|old| old.entry(key));
                let matched = past.here.and_then(|here| here.old.entry(key));
                check(
                    child,
                    path.entry(key),
                    past.child(child, old, matched),
                    into,
                );
            }
        }
        Value::Array(_) => {
            for (index, child) in view.items().enumerate() {
                let old = past
                    .old
                    .and_then(|old| ratchet::old_item_for_rules(old, child));
                let here = past.here;
                let matched = here.and_then(|here| ratchet::old_item(here.old, child, index));
                check(
                    child,
                    path.item(index),
                    past.child(child, old, matched),
                    into,
                );
            }
        }
        _ => {}
    }
}
