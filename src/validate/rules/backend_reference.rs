//! Rules of a reference to a backend (`BackendObjectReference`), wherever one stands.

use super::logic::{has_integer, is, text, when};
use super::place::{Place, rules};
use super::rule;
use crate::validate::rule::Rule;
use crate::validate::view::both;
use crate::vocab::Window;

/// On a reference.
pub(super) const PLACES: &[Place] = &[rules("", RULES)];

const RULES: &[Rule] = &[rule(
    "backend_object_reference.port.given_for_service",
    Window::ALWAYS,
    "a reference to a Service needs a `port`",
    |reference, _| {
        let is_service = both(text(reference, "group").map(str::is_empty), || {
            is(reference, "kind", "Service")
        });
        when(is_service, || has_integer(reference, "port"))
    },
)];
