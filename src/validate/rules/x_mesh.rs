//! Rules of an XMesh.

use super::gateway_class::unchanged;
use super::place::{Kind, rules};
use super::{Found, transition};
use crate::validate::rule::Rule;
use crate::vocab::Window;

pub(super) const KIND: Kind = Kind {
    name: "XMesh",
    versions: &[("v1alpha1", Window::EXPERIMENTAL)],
    places: &[rules("spec.controllerName", CONTROLLER_NAME)],
};

const CONTROLLER_NAME: &[Rule] = &[transition(
    "mesh_spec.controller_name.immutable",
    Window::ALWAYS,
    "the controller of a mesh cannot change: create a second mesh instead",
    unchanged,
)
.showing(Found::Itself)];
