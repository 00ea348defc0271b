//! Where rules hang in an XBackendTrafficPolicy.

use super::place::{Kind, part, rules};
use super::{retry_constraint, session_persistence};
use crate::vocab::Window;

pub(super) const KIND: Kind = Kind {
    name: "XBackendTrafficPolicy",
    versions: &[("v1alpha1", Window::EXPERIMENTAL)],
    places: &[
        part("spec.retryConstraint", retry_constraint::PLACES),
        rules("spec.sessionPersistence", session_persistence::RULES),
    ],
};
