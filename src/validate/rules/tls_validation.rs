//! Rules of how a backend's certificate is checked (`BackendTLSPolicyValidation`).

use super::logic::filled;
use super::place::{Place, rules};
use super::{rule, subject_alt_name};
use crate::validate::rule::Rule;
use crate::validate::view::View;
use crate::vocab::Window;

/// Below a validation.
pub(super) const PLACES: &[Place] = &[
    rules("", RULES),
    rules("subjectAltNames[]", subject_alt_name::RULES),
];

const RULES: &[Rule] = &[
    rule(
        "backend_tls_policy_validation.ca_certificate_refs.not_with_well_known",
        Window::ALWAYS,
        "`caCertificateRefs` and `wellKnownCACertificates` exclude each other: keep one source of trust",
        |validation, _| Ok(!(has_references(validation) && has_well_known(validation))),
    ),
    rule(
        "backend_tls_policy_validation.ca_certificate_refs.or_well_known",
        Window::ALWAYS,
        "a source of trust is missing: list `caCertificateRefs` or set `wellKnownCACertificates` to `System`",
        |validation, _| Ok(has_references(validation) || has_well_known(validation)),
    ),
];

fn has_references(validation: View<'_>) -> bool {
    validation
        .field("caCertificateRefs")
        .is_some_and(|refs| refs.len() > 0)
}

fn has_well_known(validation: View<'_>) -> bool {
    filled(validation, "wellKnownCACertificates").is_some()
}
