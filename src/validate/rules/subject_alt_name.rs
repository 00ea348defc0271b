//! Rules of a subject alternative name that a backend's certificate may carry.

use super::logic::{filled, is, not};
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::validate::view::both;
use crate::vocab::Window;

/// On one name.
pub(super) const RULES: &[Rule] = &[
    rule(
        "subject_alt_name.hostname.given_for_type_hostname",
        Window::ALWAYS,
        "type `Hostname` needs a `hostname`",
        |name, _| {
            not(both(is(name, "type", "Hostname"), || {
                Ok(filled(name, "hostname").is_none())
            }))
        },
    )
    .showing(Found::Fields(&["type"])),
    rule(
        "subject_alt_name.hostname.only_for_type_hostname",
        Window::ALWAYS,
        "`hostname` goes with type `Hostname` only",
        |name, _| {
            not(both(not(is(name, "type", "Hostname")), || {
                Ok(filled(name, "hostname").is_some())
            }))
        },
    )
    .showing(Found::Fields(&["type"])),
    rule(
        "subject_alt_name.uri.given_for_type_uri",
        Window::ALWAYS,
        "type `URI` needs a `uri`",
        |name, _| {
            not(both(is(name, "type", "URI"), || {
                Ok(filled(name, "uri").is_none())
            }))
        },
    )
    .showing(Found::Fields(&["type"])),
    rule(
        "subject_alt_name.uri.only_for_type_uri",
        Window::ALWAYS,
        "`uri` goes with type `URI` only",
        |name, _| {
            not(both(not(is(name, "type", "URI")), || {
                Ok(filled(name, "uri").is_some())
            }))
        },
    )
    .showing(Found::Fields(&["type"])),
];
