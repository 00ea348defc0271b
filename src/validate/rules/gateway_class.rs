//! Rules of a GatewayClass.

use super::place::{Kind, rules};
use super::{Found, transition};
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View};
use crate::vocab::Window;

pub(super) const KIND: Kind = Kind {
    name: "GatewayClass",
    versions: &[("v1", Window::ALWAYS), ("v1beta1", Window::ALWAYS)],
    places: &[rules("spec.controllerName", CONTROLLER_NAME)],
};

const CONTROLLER_NAME: &[Rule] = &[transition(
    "gateway_class_spec.controller_name.immutable",
    Window::ALWAYS,
    "the controller of a class cannot change: create a second class and move its gateways over",
    unchanged,
)
.showing(Found::Itself)];

/// The value is what it was.
pub(super) fn unchanged(now: View<'_>, before: Option<View<'_>>) -> Answer {
    Ok(before.is_none_or(|before| now == before))
}
