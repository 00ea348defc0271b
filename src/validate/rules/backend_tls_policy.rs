//! Where rules hang in a BackendTLSPolicy.

use super::place::{Kind, part, rules};
use super::{policy_target, tls_validation};
use crate::vocab::Window;

pub(super) const KIND: Kind = Kind {
    name: "BackendTLSPolicy",
    versions: &[("v1", Window::ALWAYS), ("v1alpha3", Window::ALWAYS)],
    places: &[
        rules("spec.targetRefs", policy_target::LIST),
        part("spec.validation", tls_validation::PLACES),
    ],
};
