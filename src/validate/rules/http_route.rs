//! Rules of an HTTPRoute as a whole, and where the others hang.

use super::place::{Kind, part, rules};
use super::{http_route_rule, parent_reference, route_rule, rule};
use crate::validate::rule::Rule;
use crate::vocab::Window;

pub(super) const KIND: Kind = Kind {
    name: "HTTPRoute",
    versions: &[("v1", Window::ALWAYS), ("v1beta1", Window::ALWAYS)],
    places: &[
        part("spec", parent_reference::PLACES),
        rules("spec.rules", LIST),
        rules("spec.rules", route_rule::LIST),
        part("spec.rules[]", http_route_rule::PLACES),
    ],
};

/// A rule without matches has one by default, and one is counted.
const LIST: &[Rule] = &[rule(
    "http_route_spec.rules.at_most_128_matches",
    Window::ALWAYS,
    "the rules of a route may have up to 128 matches in all (a rule without `matches` counts as one)",
    |rules, _| {
        let mut matches = 0;
        for rule in rules.items().take(route_rule::MOST) {
            matches += rule.get("matches")?.len();
        }
        Ok(matches <= route_rule::MOST_MATCHES)
    },
)];
