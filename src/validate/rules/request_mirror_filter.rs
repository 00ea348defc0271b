//! Rules of a filter that mirrors requests.

use super::logic::{has_integer, not};
use super::place::{Place, part, rules};
use super::{backend_reference, fraction, rule};
use crate::validate::rule::Rule;
use crate::validate::view::both;
use crate::vocab::Window;

/// Below `requestMirror`.
pub(super) const PLACES: &[Place] = &[
    rules("", RULES),
    part("backendRef", backend_reference::PLACES),
    rules("fraction", fraction::RULES),
];

const RULES: &[Rule] = &[rule(
    "http_request_mirror_filter.percent.not_with_fraction",
    Window::ALWAYS,
    "`percent` and `fraction` exclude each other: say once how much is mirrored",
    |mirror, _| {
        not(both(has_integer(mirror, "percent"), || {
            Ok(mirror.has("fraction"))
        }))
    },
)];
