//! Rules of the filters that HTTPRoute and GRPCRoute have in common.

use super::logic::{at_most_one_of_type, is, not};
use super::place::{Place, part, rules_at_a_glance};
use super::{Found, request_mirror_filter, rule};
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View, both};
use crate::vocab::Window;

/// Below what has `filters`: a rule of a route, or one of its backends.
pub(super) const PLACES: &[Place] = &[
    rules_at_a_glance("filters", are_few, LIST),
    rules_at_a_glance("filters[]", has_its_own_field, ONE),
    part("filters[].requestMirror", request_mirror_filter::PLACES),
];

const LIST: &[Rule] = &[
    rule(
        "route_filter.request_header_modifier.once",
        Window::ALWAYS,
        "more than one `RequestHeaderModifier` filter: join them into one",
        |filters, _| at_most_one_of_type(filters, "RequestHeaderModifier"),
    )
    .showing(Found::OfType("RequestHeaderModifier")),
    rule(
        "route_filter.response_header_modifier.once",
        Window::ALWAYS,
        "more than one `ResponseHeaderModifier` filter: join them into one",
        |filters, _| at_most_one_of_type(filters, "ResponseHeaderModifier"),
    )
    .showing(Found::OfType("ResponseHeaderModifier")),
];

const ONE: &[Rule] = &[
    rule(
        "route_filter.request_header_modifier.only_for_its_type",
        Window::ALWAYS,
        "`requestHeaderModifier` goes with type `RequestHeaderModifier` only",
        |filter, _| only_for_type(filter, "requestHeaderModifier", "RequestHeaderModifier"),
    )
    .showing(Found::Fields(&["type"])),
    rule(
        "route_filter.request_header_modifier.given_for_its_type",
        Window::ALWAYS,
        "type `RequestHeaderModifier` needs `requestHeaderModifier`",
        |filter, _| given_for_type(filter, "requestHeaderModifier", "RequestHeaderModifier"),
    ),
    rule(
        "route_filter.response_header_modifier.only_for_its_type",
        Window::ALWAYS,
        "`responseHeaderModifier` goes with type `ResponseHeaderModifier` only",
        |filter, _| only_for_type(filter, "responseHeaderModifier", "ResponseHeaderModifier"),
    )
    .showing(Found::Fields(&["type"])),
    rule(
        "route_filter.response_header_modifier.given_for_its_type",
        Window::ALWAYS,
        "type `ResponseHeaderModifier` needs `responseHeaderModifier`",
        |filter, _| given_for_type(filter, "responseHeaderModifier", "ResponseHeaderModifier"),
    ),
    rule(
        "route_filter.request_mirror.only_for_its_type",
        Window::ALWAYS,
        "`requestMirror` goes with type `RequestMirror` only",
        |filter, _| only_for_type(filter, "requestMirror", "RequestMirror"),
    )
    .showing(Found::Fields(&["type"])),
    rule(
        "route_filter.request_mirror.given_for_its_type",
        Window::ALWAYS,
        "type `RequestMirror` needs `requestMirror`",
        |filter, _| given_for_type(filter, "requestMirror", "RequestMirror"),
    ),
    rule(
        "route_filter.extension_ref.only_for_its_type",
        Window::ALWAYS,
        "`extensionRef` goes with type `ExtensionRef` only",
        |filter, _| only_for_type(filter, "extensionRef", "ExtensionRef"),
    )
    .showing(Found::Fields(&["type"])),
    rule(
        "route_filter.extension_ref.given_for_its_type",
        Window::ALWAYS,
        "type `ExtensionRef` needs `extensionRef`",
        |filter, _| given_for_type(filter, "extensionRef", "ExtensionRef"),
    ),
];

/// No filter is repeated, or clashes with another, where there is only one.
pub(super) fn are_few(filters: View<'_>) -> bool {
    filters.len() <= 1 && filters.items().all(|filter| filter.has("type"))
}

fn has_its_own_field(filter: View<'_>) -> bool {
    has_just_its_own_of(
        filter,
        &[
            ("RequestHeaderModifier", "requestHeaderModifier"),
            ("ResponseHeaderModifier", "responseHeaderModifier"),
            ("RequestMirror", "requestMirror"),
            ("ExtensionRef", "extensionRef"),
        ],
    )
}

/// Whether of these fields the filter has the one of its type, and none of the others.
pub(super) fn has_just_its_own_of(filter: View<'_>, fields: &[(&str, &str)]) -> bool {
    filter.field("type").is_some_and(|of_type| {
        let mut fields = fields.iter();
        fields.all(|&(its_type, field)| filter.has(field) == (of_type == its_type))
    })
}

/// A filter may carry `field` only if it is of this type.
pub(super) fn only_for_type(filter: View<'_>, field: &str, of_type: &str) -> Answer {
    not(both(Ok(filter.has(field)), || {
        not(is(filter, "type", of_type))
    }))
}

/// A filter of this type must carry `field`.
pub(super) fn given_for_type(filter: View<'_>, field: &str, of_type: &str) -> Answer {
    not(both(Ok(!filter.has(field)), || is(filter, "type", of_type)))
}
