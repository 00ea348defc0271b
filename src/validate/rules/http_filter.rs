//! Rules of the filters that only HTTPRoute has.

use super::logic::{any, at_most_one_of_type, is, not};
use super::place::{Place, part, rules, rules_at_a_glance};
use super::route_filter::{self, are_few, given_for_type, has_just_its_own_of, only_for_type};
use super::{Found, cors_filter, external_auth_filter, http_path_modifier, rule};
use crate::validate::rule::Rule;
use crate::validate::view::{View, both};
use crate::vocab::{Release, Window};

/// Below what has `filters`: a rule of a route, or one of its backends.
pub(super) const PLACES: &[Place] = &[
    part("", route_filter::PLACES),
    rules_at_a_glance("filters", are_few, LIST),
    rules_at_a_glance("filters[]", has_its_own_field, ONE),
    rules("filters[].requestRedirect.path", http_path_modifier::RULES),
    rules("filters[].urlRewrite.path", http_path_modifier::RULES),
    part("filters[].cors", cors_filter::PLACES).only(CORS),
    part("filters[].externalAuth", external_auth_filter::PLACES).only(Window::EXPERIMENTAL),
];

/// CORS came to standard with v1.5.
const CORS: Window = Window::EXPERIMENTAL.or(Window::since(Release::V1_5));

const LIST: &[Rule] = &[
    rule(
        "http_route_filter.request_redirect.not_with_url_rewrite",
        Window::ALWAYS,
        "`RequestRedirect` and `URLRewrite` exclude each other: a redirected request is not forwarded",
        |filters, _| {
            let of_type = |wanted| any(filters, |filter| is(filter, "type", wanted));
            not(both(of_type("RequestRedirect"), || of_type("URLRewrite")))
        },
    ),
    rule(
        "http_route_filter.request_redirect.once",
        Window::ALWAYS,
        "more than one `RequestRedirect` filter",
        |filters, _| at_most_one_of_type(filters, "RequestRedirect"),
    )
    .showing(Found::OfType("RequestRedirect")),
    rule(
        "http_route_filter.url_rewrite.once",
        Window::ALWAYS,
        "more than one `URLRewrite` filter: join them into one",
        |filters, _| at_most_one_of_type(filters, "URLRewrite"),
    )
    .showing(Found::OfType("URLRewrite")),
    rule(
        "http_route_filter.cors.once",
        Window::since(Release::V1_5),
        "more than one `CORS` filter: join them into one",
        |filters, _| at_most_one_of_type(filters, "CORS"),
    )
    .showing(Found::OfType("CORS")),
];

const ONE: &[Rule] = &[
    rule(
        "http_route_filter.request_redirect.only_for_its_type",
        Window::ALWAYS,
        "`requestRedirect` goes with type `RequestRedirect` only",
        |filter, _| only_for_type(filter, "requestRedirect", "RequestRedirect"),
    )
    .showing(Found::Fields(&["type"])),
    rule(
        "http_route_filter.request_redirect.given_for_its_type",
        Window::ALWAYS,
        "type `RequestRedirect` needs `requestRedirect`",
        |filter, _| given_for_type(filter, "requestRedirect", "RequestRedirect"),
    ),
    rule(
        "http_route_filter.url_rewrite.only_for_its_type",
        Window::ALWAYS,
        "`urlRewrite` goes with type `URLRewrite` only",
        |filter, _| only_for_type(filter, "urlRewrite", "URLRewrite"),
    )
    .showing(Found::Fields(&["type"])),
    rule(
        "http_route_filter.url_rewrite.given_for_its_type",
        Window::ALWAYS,
        "type `URLRewrite` needs `urlRewrite`",
        |filter, _| given_for_type(filter, "urlRewrite", "URLRewrite"),
    ),
    rule(
        "http_route_filter.cors.only_for_its_type",
        CORS,
        "`cors` goes with type `CORS` only",
        |filter, _| only_for_type(filter, "cors", "CORS"),
    )
    .showing(Found::Fields(&["type"])),
    rule(
        "http_route_filter.cors.given_for_its_type",
        CORS,
        "type `CORS` needs `cors`",
        |filter, _| given_for_type(filter, "cors", "CORS"),
    ),
    rule(
        "http_route_filter.external_auth.only_for_its_type",
        Window::EXPERIMENTAL,
        "`externalAuth` goes with type `ExternalAuth` only",
        |filter, _| only_for_type(filter, "externalAuth", "ExternalAuth"),
    )
    .showing(Found::Fields(&["type"])),
    rule(
        "http_route_filter.external_auth.given_for_its_type",
        Window::EXPERIMENTAL,
        "type `ExternalAuth` needs `externalAuth`",
        |filter, _| given_for_type(filter, "externalAuth", "ExternalAuth"),
    ),
];

fn has_its_own_field(filter: View<'_>) -> bool {
    has_just_its_own_of(
        filter,
        &[
            ("RequestRedirect", "requestRedirect"),
            ("URLRewrite", "urlRewrite"),
            ("CORS", "cors"),
            ("ExternalAuth", "externalAuth"),
        ],
    )
}
