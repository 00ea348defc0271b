//! Rules of the labels and annotations that a Gateway hands on to what is created for it.

use super::hostname::is_dns_name;
use super::place::{Place, rules};
use super::rule;
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View};
use crate::vocab::Window;

/// Below `spec.infrastructure`.
pub(super) const PLACES: &[Place] = &[rules("labels", LABELS), rules("annotations", ANNOTATIONS)];

const LABELS: &[Rule] = &[
    rule(
        "gateway_infrastructure.labels.qualified_keys",
        Window::ALWAYS,
        "a label key is a name of up to 63 letters, digits, `-`, `_` and `.`, at most with a DNS name and `/` in front",
        |labels, _| every_key(labels, is_qualified_name),
    ),
    rule(
        "gateway_infrastructure.labels.short_key_prefixes",
        Window::ALWAYS,
        "what stands before the `/` of a label key must be shorter than 253 characters",
        |labels, _| every_key(labels, has_short_prefix),
    ),
];

const ANNOTATIONS: &[Rule] = &[
    rule(
        "gateway_infrastructure.annotations.qualified_keys",
        Window::ALWAYS,
        "an annotation key is a name of up to 63 letters, digits, `-`, `_` and `.`, at most with a DNS name and `/` in front",
        |annotations, _| every_key(annotations, is_qualified_name),
    ),
    rule(
        "gateway_infrastructure.annotations.short_key_prefixes",
        Window::ALWAYS,
        "what stands before the `/` of an annotation key must be shorter than 253 characters",
        |annotations, _| every_key(annotations, has_short_prefix),
    ),
];

fn every_key(map: View<'_>, is: fn(&str) -> bool) -> Answer {
    Ok(map.entries().all(|(key, _)| is(key)))
}

fn is_qualified_name(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => is_dns_name(prefix) && is_name(name),
        None => is_name(key),
    }
}

fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// A key without a slash counts as a prefix here.
fn has_short_prefix(key: &str) -> bool {
    let prefix = key.split('/').next().unwrap_or_default();
    prefix.chars().count() < 253
}
