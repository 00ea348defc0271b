//! Rules of how a redirect or rewrite changes the path.

use super::logic::{is, when};
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View};
use crate::vocab::Window;

/// On `path` of a redirect or rewrite.
pub(super) const RULES: &[Rule] = &[
    rule(
        "http_path_modifier.replace_full_path.given_for_its_type",
        Window::ALWAYS,
        "type `ReplaceFullPath` needs `replaceFullPath`",
        |path, _| given_for(path, "replaceFullPath", "ReplaceFullPath"),
    ),
    rule(
        "http_path_modifier.replace_full_path.only_for_its_type",
        Window::ALWAYS,
        "`replaceFullPath` goes with type `ReplaceFullPath` only",
        |path, _| only_for(path, "replaceFullPath", "ReplaceFullPath"),
    )
    .showing(Found::Fields(&["type"])),
    rule(
        "http_path_modifier.replace_prefix_match.given_for_its_type",
        Window::ALWAYS,
        "type `ReplacePrefixMatch` needs `replacePrefixMatch` (an empty text removes the prefix)",
        |path, _| given_for(path, "replacePrefixMatch", "ReplacePrefixMatch"),
    ),
    rule(
        "http_path_modifier.replace_prefix_match.only_for_its_type",
        Window::ALWAYS,
        "`replacePrefixMatch` goes with type `ReplacePrefixMatch` only",
        |path, _| only_for(path, "replacePrefixMatch", "ReplacePrefixMatch"),
    )
    .showing(Found::Fields(&["type"])),
];

fn given_for(path: View<'_>, field: &str, of_type: &str) -> Answer {
    when(is(path, "type", of_type), || Ok(path.has(field)))
}

fn only_for(path: View<'_>, field: &str, of_type: &str) -> Answer {
    when(Ok(path.has(field)), || is(path, "type", of_type))
}
