//! Rules of the list of targets of a policy.

use super::logic::{all, filled, same, unique, when};
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View, both};
use crate::vocab::Window;

/// On a list of targets with a section name.
pub(super) const LIST: &[Rule] = &[
    rule(
        "policy_target_reference.section_name.on_all_or_none",
        Window::ALWAYS,
        "references to the same target must all name a `sectionName`, or there must be only one reference to it",
        |targets, _| {
            all(targets, |one| {
                all(targets, |other| {
                    when(same_target(one, other), || {
                        Ok(filled(one, "sectionName").is_some()
                            == filled(other, "sectionName").is_some())
                    })
                })
            })
        },
    ).showing(Found::Twins(&["group", "kind", "name"])),
    rule(
        "policy_target_reference.section_name.unique",
        Window::ALWAYS,
        "two references to the same target must differ in `sectionName`",
        |targets, _| {
            unique(targets, |one, other| {
                both(same_target(one, other), || {
                    Ok(filled(one, "sectionName") == filled(other, "sectionName"))
                })
            })
        },
    ).showing(Found::Twins(&["group", "kind", "name", "sectionName"])),
];

fn same_target(one: View<'_>, other: View<'_>) -> Answer {
    both(same("group", one, other), || {
        both(same("kind", one, other), || same("name", one, other))
    })
}
