//! Rules of the list of parents that every route has.
//!
//! Standard tells two references to one parent apart by `sectionName`; experimental by `sectionName`, `port` or both.

use super::logic::{all, filled, filled_integer, same, unique, when};
use super::place::{Place, rules_at_a_glance};
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View, both};
use crate::vocab::Window;

/// Below the spec of a route.
pub(super) const PLACES: &[Place] = &[rules_at_a_glance("parentRefs", is_single, LIST)];

const LIST: &[Rule] = &[
    rule(
        "common_route_spec.parent_refs.section_name_on_all_or_none",
        Window::STANDARD,
        "references to the same parent must all name a `sectionName`, or there must be only one reference to it",
        |refs, _| {
            each_pair(
                refs,
                |one, other| Ok(has_section(one) == has_section(other)),
            )
        },
    ).showing(Found::Twins(&["group", "kind", "namespace", "name"])),
    rule(
        "common_route_spec.parent_refs.section_name_unique",
        Window::STANDARD,
        "two references to the same parent must differ in `sectionName`",
        |refs, _| {
            unique(refs, |one, other| {
                both(same_parent(one, other), || same_section(one, other))
            })
        },
    ).showing(Found::Twins(&["group", "kind", "namespace", "name", "sectionName"])),
    rule(
        "common_route_spec.parent_refs.section_name_and_port_on_all_or_none",
        Window::EXPERIMENTAL,
        "references to the same parent must be alike: all with a `sectionName` or none, and all with a `port` or none",
        |refs, _| {
            each_pair(refs, |one, other| {
                both(Ok(has_section(one) == has_section(other)), || {
                    Ok(has_port(one)? == has_port(other)?)
                })
            })
        },
    ).showing(Found::Twins(&["group", "kind", "namespace", "name"])),
    rule(
        "common_route_spec.parent_refs.section_name_and_port_unique",
        Window::EXPERIMENTAL,
        "two references to the same parent must differ in `sectionName` or `port`",
        |refs, _| {
            unique(refs, |one, other| {
                both(same_parent(one, other), || {
                    both(same_section(one, other), || {
                        Ok(filled_integer(one, "port")? == filled_integer(other, "port")?)
                    })
                })
            })
        },
    ).showing(Found::Twins(&["group", "kind", "namespace", "name", "sectionName", "port"])),
];

/// One reference has no other to clash with, as long as it can be read.
fn is_single(refs: View<'_>) -> bool {
    let mut items = refs.items();
    let (Some(only), None) = (items.next(), items.next()) else {
        return false;
    };
    ["group", "kind", "name"]
        .into_iter()
        .all(|field| only.has(field))
        && has_port(only).is_ok()
}

/// Whether any two references to one parent are so.
fn each_pair(refs: View<'_>, alike: fn(View<'_>, View<'_>) -> Answer) -> Answer {
    all(refs, |one| {
        all(refs, |other| {
            when(same_parent(one, other), || alike(one, other))
        })
    })
}

/// A parent is group, kind, name and namespace; no namespace and an empty one are the same.
fn same_parent(one: View<'_>, other: View<'_>) -> Answer {
    both(same("group", one, other), || {
        both(same("kind", one, other), || {
            both(same("name", one, other), || {
                Ok(filled(one, "namespace") == filled(other, "namespace"))
            })
        })
    })
}

fn has_section(reference: View<'_>) -> bool {
    filled(reference, "sectionName").is_some()
}

fn same_section(one: View<'_>, other: View<'_>) -> Answer {
    Ok(filled(one, "sectionName") == filled(other, "sectionName"))
}

fn has_port(reference: View<'_>) -> Answer {
    Ok(filled_integer(reference, "port")?.is_some())
}
