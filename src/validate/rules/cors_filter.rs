//! Rules of a CORS filter: a `*` in one of its lists stands alone.

use super::place::{Place, rules};
use super::rule;
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View};
use crate::vocab::{Release, Window};

/// Below `cors`.
pub(super) const PLACES: &[Place] = &[
    rules("allowOrigins", ORIGINS),
    rules("allowMethods", METHODS),
    rules("allowHeaders", HEADERS),
];

const ORIGINS: &[Rule] = &[rule(
    "http_cors_filter.allow_origins.wildcard_alone",
    Window::ALWAYS,
    "`*` already allows every origin: list it alone, or list origins only",
    wildcard_alone,
)];

const METHODS: &[Rule] = &[rule(
    "http_cors_filter.allow_methods.wildcard_alone",
    Window::ALWAYS,
    "`*` already allows every method: list it alone, or list methods only",
    wildcard_alone,
)];

const HEADERS: &[Rule] = &[rule(
    "http_cors_filter.allow_headers.wildcard_alone",
    Window::since(Release::V1_5),
    "`*` already allows every header: list it alone, or list headers only",
    wildcard_alone,
)];

fn wildcard_alone(list: View<'_>, _: Option<View<'_>>) -> Answer {
    Ok(list.len() <= 1 || !list.items().any(|item| item == "*"))
}
