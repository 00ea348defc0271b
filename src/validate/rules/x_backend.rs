//! Rules of an XBackend.

use super::logic::{is, set_exactly_when};
use super::place::{Kind, part, rules};
use super::{Found, rule, tls_validation};
use crate::validate::rule::Rule;
use crate::vocab::{Release, Window};

pub(super) const KIND: Kind = Kind {
    name: "XBackend",
    versions: &[(
        "v1alpha1",
        Window::EXPERIMENTAL.and(Window::since(Release::V1_6)),
    )],
    places: &[
        rules("spec", SPEC),
        rules("spec.externalHostname.hostname", EXTERNAL_HOSTNAME),
        rules("spec.port.name", PORT_NAME),
        rules("spec.tls", TLS),
        part("spec.tls.validation", tls_validation::PLACES),
    ],
};

const SPEC: &[Rule] = &[rule(
    "backend_spec.external_hostname.exactly_for_its_type",
    Window::ALWAYS,
    "type `ExternalHostname` needs `externalHostname`, and no other type may have it",
    |spec, _| {
        set_exactly_when(
            spec,
            "externalHostname",
            is(spec, "type", "ExternalHostname"),
        )
    },
)
.showing(Found::Fields(&["type"]))];

const EXTERNAL_HOSTNAME: &[Rule] = &[rule(
    "backend_external_hostname.hostname.outside_the_cluster",
    Window::ALWAYS,
    "a name under `.cluster.local` is not external: refer to the Service instead",
    |hostname, _| Ok(!hostname.as_str().ends_with(".cluster.local")),
)
.showing(Found::Itself)];

/// The rule of v1.6.1 means to ask for a DNS label, but compares in a way that refuses every name, valid ones too. An API
/// server refuses them, and so do we.
const PORT_NAME: &[Rule] = &[rule(
    "backend_port.name.empty",
    Window::ALWAYS,
    "v1.6 refuses every port name, through a fault of its own rule: leave `name` out",
    |name, _| Ok(name.as_str().is_empty()),
)
.showing(Found::Itself)];

const TLS: &[Rule] = &[rule(
    "backend_tls.client_certificate_ref.exactly_for_client_and_server",
    Window::ALWAYS,
    "mode `ClientAndServer` needs `clientCertificateRef`, and no other mode may have it",
    |tls, _| {
        set_exactly_when(
            tls,
            "clientCertificateRef",
            is(tls, "mode", "ClientAndServer"),
        )
    },
)
.showing(Found::Fields(&["mode"]))];
