//! What a breach shows of the value that broke the rule.

use serde_json::Value;

use crate::validate::message::{shown, when};
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View};

/// What of the value helps to see the breach.
#[derive(Clone, Copy)]
pub(crate) enum Found {
    /// Nothing: the path says it all.
    Nothing,
    /// The value itself.
    Itself,
    /// These fields, as far as they are set.
    Fields(&'static [&'static str]),
    /// The first two items that have the same in these fields; unset counts as empty.
    Twins(&'static [&'static str]),
    /// The first two items of this type.
    OfType(&'static str),
    /// The first item that does not keep this.
    Item(fn(View<'_>) -> Answer),
}

/// What is said of a breach of `rule` by `value`: what is asked for, what was found, and who asks for it.
pub(crate) fn message(rule: &Rule, value: View<'_>) -> String {
    let mut message = rule.message.to_owned();
    if let Some(found) = found(rule.found, value) {
        message.push_str("; found ");
        message.push_str(&found);
    }
    if let Some(when) = when(rule.window) {
        message.push_str(&format!(" (a rule {when})"));
    }
    message
}

fn found(what: Found, value: View<'_>) -> Option<String> {
    match what {
        Found::Nothing => None,
        Found::Itself => Some(shown(value.raw())),
        Found::Fields(names) => {
            let set = names.iter().filter_map(|name| {
                let field = value.field(name)?;
                Some(format!("`{name}` {}", shown(field.raw())))
            });
            let set: Vec<String> = set.collect();
            (!set.is_empty()).then(|| set.join(", "))
        }
        Found::Twins(names) => twins(value, |one, other| {
            let same = |name: &&str| text_or_number(one, name) == text_or_number(other, name);
            names.iter().all(same)
        }),
        Found::OfType(wanted) => twins(value, |one, other| {
            let is = |item: View<'_>| item.field("type").is_some_and(|found| found == wanted);
            is(one) && is(other)
        }),
        Found::Item(keeps) => {
            let mut items = value.items().enumerate();
            let (index, item) = items.find(|(_, item)| keeps(*item) != Ok(true))?;
            Some(match item.raw() {
                Value::Object(_) => format!("item {index}"),
                scalar => format!("item {index}, {}", shown(scalar)),
            })
        }
    }
}

fn twins(list: View<'_>, alike: impl Fn(View<'_>, View<'_>) -> bool) -> Option<String> {
    let pairs = list.items().enumerate();
    let mut pairs = pairs.flat_map(|(at, one)| {
        let others = list.items().enumerate().skip(at + 1);
        others.map(move |(other_at, other)| (at, one, other_at, other))
    });
    let (at, _, other, _) = pairs.find(|&(_, one, _, other)| alike(one, other))?;
    Some(format!("items {at} and {other}"))
}

fn text_or_number(of: View<'_>, name: &str) -> Option<String> {
    let field = of.field(name)?;
    Some(shown(field.raw())).filter(|text| text != "``")
}
