//! Rules of one rule of an HTTPRoute.

use super::logic::{all, is, only_one, when};
use super::place::{Place, part, rules, rules_at_a_glance};
use super::{
    backend_reference, http_filter, http_path_match, http_timeouts, rule, session_persistence,
};
use crate::validate::rule::Rule;
use crate::validate::view::{Absent, Answer, View, both};
use crate::vocab::Window;

/// Below a rule.
pub(super) const PLACES: &[Place] = &[
    rules_at_a_glance("", has_no_redirect_or_rewrite, RULES),
    part("", http_filter::PLACES),
    part("backendRefs[]", backend_reference::PLACES),
    part("backendRefs[]", http_filter::PLACES),
    part("matches[].path", http_path_match::PLACES),
    rules("timeouts", http_timeouts::RULES),
    rules("sessionPersistence", session_persistence::RULES),
];

const RULES: &[Rule] = &[
    rule(
        "http_route_rule.filters.redirect_without_backends",
        Window::ALWAYS,
        "a rule with a `RequestRedirect` filter answers itself: it has no `backendRefs`",
        |rule, _| {
            let has_backends = rule
                .field("backendRefs")
                .is_some_and(|backends| backends.len() > 0);
            when(Ok(has_backends), || match rule.field("filters") {
                None => Ok(true),
                Some(filters) => all(filters, |filter| Ok(!filter.has("requestRedirect"))),
            })
        },
    ),
    rule(
        "http_route_rule.filters.redirect_of_prefix_with_one_prefix_match",
        Window::ALWAYS,
        "a `RequestRedirect` that replaces the matched prefix needs exactly one match, and that of type `PathPrefix`",
        |rule, _| {
            when(replaces_prefix(rule, "requestRedirect"), || {
                has_one_prefix_match(rule)
            })
        },
    ),
    rule(
        "http_route_rule.filters.rewrite_of_prefix_with_one_prefix_match",
        Window::ALWAYS,
        "a `URLRewrite` that replaces the matched prefix needs exactly one match, and that of type `PathPrefix`",
        |rule, _| {
            when(replaces_prefix(rule, "urlRewrite"), || {
                has_one_prefix_match(rule)
            })
        },
    ),
    rule(
        "http_route_rule.backend_refs.redirect_of_prefix_with_one_prefix_match",
        Window::ALWAYS,
        "a backend's `RequestRedirect` that replaces the matched prefix needs exactly one match in the rule, and that of \
         type `PathPrefix`",
        |rule, _| {
            when(backend_replaces_prefix(rule, "requestRedirect"), || {
                has_one_prefix_match(rule)
            })
        },
    ),
    rule(
        "http_route_rule.backend_refs.rewrite_of_prefix_with_one_prefix_match",
        Window::ALWAYS,
        "a backend's `URLRewrite` that replaces the matched prefix needs exactly one match in the rule, and that of type \
         `PathPrefix`",
        |rule, _| {
            when(backend_replaces_prefix(rule, "urlRewrite"), || {
                has_one_prefix_match(rule)
            })
        },
    ),
];

/// Without redirects and rewrites, on the rule and on its backends, no rule can be broken.
fn has_no_redirect_or_rewrite(rule: View<'_>) -> bool {
    let none = |of: View<'_>| {
        let mut filters = of.field("filters").into_iter().flat_map(View::items);
        !filters.any(|filter| filter.has("requestRedirect") || filter.has("urlRewrite"))
    };
    let mut backends = rule.field("backendRefs").into_iter().flat_map(View::items);
    none(rule) && backends.all(none)
}

/// Whether exactly one filter replaces a prefix: two of them escape the rule.
fn replaces_prefix(of: View<'_>, filter_field: &str) -> Answer {
    let Some(filters) = of.field("filters") else {
        return Ok(false);
    };
    only_one(filters, |filter| {
        let path = filter
            .field(filter_field)
            .and_then(|filter| filter.field("path"));
        match path {
            None => Ok(false),
            Some(path) => both(is(path, "type", "ReplacePrefixMatch"), || {
                Ok(path.has("replacePrefixMatch"))
            }),
        }
    })
}

/// Whether exactly one backend has exactly one such filter.
fn backend_replaces_prefix(rule: View<'_>, filter_field: &str) -> Answer {
    match rule.field("backendRefs") {
        None => Ok(false),
        Some(backends) => only_one(backends, |backend| replaces_prefix(backend, filter_field)),
    }
}

fn has_one_prefix_match(rule: View<'_>) -> Answer {
    let matches = rule.get("matches")?;
    if matches.len() != 1 {
        return Ok(false);
    }
    match matches.items().next().ok_or(Absent)?.field("path") {
        None => Ok(false),
        Some(path) => is(path, "type", "PathPrefix"),
    }
}
