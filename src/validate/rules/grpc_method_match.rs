//! Rules of a method match of a GRPCRoute.

use super::logic::{is, when};
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View, both, either};
use crate::vocab::Window;

/// On `method` of a match.
pub(super) const RULES: &[Rule] = &[
    rule(
        "grpc_method_match.service.or_method",
        Window::ALWAYS,
        "a method match names a `service`, a `method`, or both",
        |found, _| {
            when(Ok(found.has("type")), || {
                Ok(found.has("service") || found.has("method"))
            })
        },
    ),
    rule(
        "grpc_method_match.service.of_valid_characters",
        Window::ALWAYS,
        "an exact `service` is made of names joined by dots, each of letters, digits and `_`, not starting with a digit",
        |found, _| exact(found, "service", is_service_name),
    ).showing(Found::Fields(&["service"])),
    rule(
        "grpc_method_match.method.of_valid_characters",
        Window::ALWAYS,
        "an exact `method` is made of letters, digits and `_`, and does not start with a digit",
        |found, _| exact(found, "method", is_method_name),
    ).showing(Found::Fields(&["method"])),
];

/// What holds for the field of a match that is no regular expression.
fn exact(found: View<'_>, field: &str, holds: fn(&str) -> bool) -> Answer {
    let is_exact = || either(Ok(!found.has("type")), || is(found, "type", "Exact"));
    when(both(is_exact(), || Ok(found.has(field))), || {
        Ok(holds(found.get(field)?.as_str()))
    })
}

/// Names joined by dots, one more dot in front allowed.
fn is_service_name(service: &str) -> bool {
    service
        .strip_prefix('.')
        .unwrap_or(service)
        .split('.')
        .all(|name| is_name(name, is_letter_in_any_case))
}

fn is_method_name(method: &str) -> bool {
    is_name(method, |c| c.is_ascii_alphabetic())
}

fn is_name(name: &str, is_letter: fn(char) -> bool) -> bool {
    let starts = |c: char| c == '_' || is_letter(c);
    name.starts_with(starts) && name.chars().all(|c| starts(c) || c.is_ascii_digit())
}

/// Case is ignored the Unicode way: the long s and the Kelvin sign have `s` and `k` as their lower case.
fn is_letter_in_any_case(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{17f}' | '\u{212a}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_names_joined_by_dots() {
        for good in ["a", "_", ".a.b", "Foo.Bar_1", "\u{212a}elvin", "a\u{17f}"] {
            assert!(is_service_name(good), "{good}");
        }
        for bad in [
            "", ".", "..a", "a.", "a..b", "1a", "a.1", "a-b", "a/b", "é", "a\n",
        ] {
            assert!(!is_service_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_method_is_one_name() {
        assert!(is_method_name("_Get1"));
        for bad in ["", "a.b", "1", "\u{212a}", "a b"] {
            assert!(!is_method_name(bad), "{bad:?}");
        }
    }
}
