//! Rules of a path match. A regular expression may be anything; `Exact` and `PathPrefix` hold a clean path.

use super::logic::{is, is_one_of, text, when};
use super::place::{Place, rules_at_a_glance};
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View, either};
use crate::vocab::Window;

/// On `path` of a match.
pub(super) const PLACES: &[Place] = &[rules_at_a_glance("", is_clean, RULES)];

const RULES: &[Rule] = &[
    rule(
        "http_path_match.value.absolute",
        Window::ALWAYS,
        "a path for `Exact` or `PathPrefix` starts with `/`",
        |path, _| plain(path, |value| value.starts_with('/')),
    ).showing(Found::Fields(&["value"])),
    rule(
        "http_path_match.value.without_empty_segment",
        Window::ALWAYS,
        "a path for `Exact` or `PathPrefix` has no `//` in it",
        |path, _| plain(path, |value| !value.contains("//")),
    ).showing(Found::Fields(&["value"])),
    rule(
        "http_path_match.value.without_dot_segment",
        Window::ALWAYS,
        "a path for `Exact` or `PathPrefix` has no `/./` in it: write the path it leads to",
        |path, _| plain(path, |value| !value.contains("/./")),
    ).showing(Found::Fields(&["value"])),
    rule(
        "http_path_match.value.without_dot_dot_segment",
        Window::ALWAYS,
        "a path for `Exact` or `PathPrefix` has no `/../` in it: write the path it leads to",
        |path, _| plain(path, |value| !value.contains("/../")),
    ).showing(Found::Fields(&["value"])),
    rule(
        "http_path_match.value.without_escaped_slash",
        Window::ALWAYS,
        "a path for `Exact` or `PathPrefix` has no escaped slash (`%2f`) in it",
        |path, _| plain(path, |value| !value.contains("%2f")),
    ).showing(Found::Fields(&["value"])),
    rule(
        "http_path_match.value.without_escaped_slash_in_capitals",
        Window::ALWAYS,
        "a path for `Exact` or `PathPrefix` has no escaped slash (`%2F`) in it",
        |path, _| plain(path, |value| !value.contains("%2F")),
    ).showing(Found::Fields(&["value"])),
    rule(
        "http_path_match.value.without_fragment",
        Window::ALWAYS,
        "a path for `Exact` or `PathPrefix` has no `#` in it: fragments stay in the client",
        |path, _| plain(path, |value| !value.contains('#')),
    ).showing(Found::Fields(&["value"])),
    rule(
        "http_path_match.value.without_dot_dot_at_end",
        Window::ALWAYS,
        "a path for `Exact` or `PathPrefix` does not end in `/..`: write the path it leads to",
        |path, _| plain(path, |value| !value.ends_with("/..")),
    ).showing(Found::Fields(&["value"])),
    rule(
        "http_path_match.value.without_dot_at_end",
        Window::ALWAYS,
        "a path for `Exact` or `PathPrefix` does not end in `/.`: write the path it leads to",
        |path, _| plain(path, |value| !value.ends_with("/.")),
    ).showing(Found::Fields(&["value"])),
    rule(
        "http_path_match.type.known",
        Window::ALWAYS,
        "the type of a path match is `Exact`, `PathPrefix` or `RegularExpression`",
        |path, _| {
            either(is_one_of(path, "type", PLAIN), || {
                is(path, "type", "RegularExpression")
            })
        },
    ).showing(Found::Fields(&["type"])),
    rule(
        "http_path_match.value.of_path_characters",
        Window::ALWAYS,
        "a path for `Exact` or `PathPrefix` holds letters, digits and `-/._~!$&'()*+,;=:@` only; write others as `%` and \
         two hexadecimal digits",
        |path, _| plain(path, is_of_path_characters),
    ).showing(Found::Fields(&["value"])),
];

const PLAIN: &[&str] = &["Exact", "PathPrefix"];

/// Whether this is a regular expression or a path with nothing unusual in it, in one pass.
fn is_clean(path: View<'_>) -> bool {
    let (Some(path_type), Some(value)) = (path.field("type"), path.field("value")) else {
        return false;
    };
    match path_type.as_str() {
        "RegularExpression" => true,
        "Exact" | "PathPrefix" => is_clean_path(value.as_str()),
        _ => false,
    }
}

/// A path without dots or percent signs at the start of a segment cannot break the rules on segments.
fn is_clean_path(value: &str) -> bool {
    let mut before = b'.';
    value.starts_with('/')
        && value.bytes().all(|byte| {
            let odd = match byte {
                b'%' => true,
                b'/' | b'.' => before == b'/',
                byte => !is_path_byte(byte),
            };
            before = byte;
            !odd
        })
}

/// What holds for the value of a match that is no regular expression.
fn plain(path: View<'_>, holds: fn(&str) -> bool) -> Answer {
    when(is_one_of(path, "type", PLAIN), || {
        Ok(holds(text(path, "value")?))
    })
}

fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-/._~!$&'()*+,;=:@".contains(&byte)
}

fn is_of_path_characters(value: &str) -> bool {
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => {
                let hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
                hex(bytes.next()) && hex(bytes.next())
            }
            byte => is_path_byte(byte),
        };
        if !fits {
            return false;
        }
    }
    !value.is_empty()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::validate::schema;
    use crate::validate::sight::Sight;
    use crate::vocab::Bundle;

    /// The schema refuses the type first, so no object shows this rule broken.
    #[test]
    fn an_unknown_type_is_refused() {
        let table = schema::find("gateway.networking.k8s.io", "HTTPRoute").unwrap();
        let route = table.compiled("v1", Bundle::default()).unwrap();
        let known = RULES
            .iter()
            .find(|rule| rule.id == "http_path_match.type.known");
        let asked = |path_type: &str| {
            let route_value = json!({
                "spec": {"rules": [{"matches": [{"path": {"type": path_type, "value": "/"}}]}]}
            });
            let sight = Sight::of(&route_value, route);
            let spec = sight.view().field("spec").unwrap();
            let rule = spec.field("rules").unwrap().items().next().unwrap();
            let first = rule.field("matches").unwrap().items().next().unwrap();
            (known.unwrap().holds)(first.field("path").unwrap(), None)
        };
        assert_eq!(asked("Glob"), Ok(false));
        assert_eq!(asked("RegularExpression"), Ok(true));
    }
}
