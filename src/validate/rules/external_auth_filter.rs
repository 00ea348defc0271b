//! Rules of a filter that asks an external authorizer.

use super::logic::{is, when};
use super::place::{Place, part, rules};
use super::{Found, backend_reference, rule};
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View};
use crate::vocab::Window;

/// Below `externalAuth`.
pub(super) const PLACES: &[Place] = &[
    rules("", RULES),
    part("backendRef", backend_reference::PLACES),
];

const RULES: &[Rule] = &[
    rule(
        "http_external_auth_filter.grpc.given_for_its_protocol",
        Window::EXPERIMENTAL,
        "protocol `GRPC` needs `grpc`",
        |filter, _| given_for(filter, "grpc", "GRPC"),
    ),
    rule(
        "http_external_auth_filter.grpc.only_for_its_protocol",
        Window::EXPERIMENTAL,
        "`grpc` goes with protocol `GRPC` only",
        |filter, _| only_for(filter, "grpc", "GRPC"),
    )
    .showing(Found::Fields(&["protocol"])),
    rule(
        "http_external_auth_filter.http.given_for_its_protocol",
        Window::EXPERIMENTAL,
        "protocol `HTTP` needs `http`",
        |filter, _| given_for(filter, "http", "HTTP"),
    ),
    rule(
        "http_external_auth_filter.http.only_for_its_protocol",
        Window::EXPERIMENTAL,
        "`http` goes with protocol `HTTP` only",
        |filter, _| only_for(filter, "http", "HTTP"),
    )
    .showing(Found::Fields(&["protocol"])),
];

fn given_for(filter: View<'_>, field: &str, protocol: &str) -> Answer {
    when(is(filter, "protocol", protocol), || Ok(filter.has(field)))
}

fn only_for(filter: View<'_>, field: &str, protocol: &str) -> Answer {
    when(Ok(filter.has(field)), || is(filter, "protocol", protocol))
}
