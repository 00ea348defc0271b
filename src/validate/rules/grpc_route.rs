//! Rules of a GRPCRoute as a whole, and where the others hang.

use super::place::{Kind, part, rules};
use super::{
    backend_reference, grpc_method_match, parent_reference, route_filter, route_rule, rule,
    session_persistence,
};
use crate::validate::rule::Rule;
use crate::validate::view::View;
use crate::vocab::Window;

pub(super) const KIND: Kind = Kind {
    name: "GRPCRoute",
    versions: &[("v1", Window::ALWAYS)],
    places: &[
        part("spec", parent_reference::PLACES),
        rules("spec.rules", LIST),
        rules("spec.rules", route_rule::LIST),
        part("spec.rules[]", route_filter::PLACES),
        part("spec.rules[].backendRefs[]", backend_reference::PLACES),
        part("spec.rules[].backendRefs[]", route_filter::PLACES),
        rules("spec.rules[].matches[].method", grpc_method_match::RULES),
        rules(
            "spec.rules[].sessionPersistence",
            session_persistence::RULES,
        ),
    ],
};

/// A rule without matches counts as none.
const LIST: &[Rule] = &[rule(
    "grpc_route_spec.rules.at_most_128_matches",
    Window::ALWAYS,
    "the rules of a route may have up to 128 matches in all",
    |rules, _| {
        let matches: usize = rules
            .items()
            .take(route_rule::MOST)
            .map(|rule| rule.field("matches").map_or(0, View::len))
            .sum();
        Ok(matches <= route_rule::MOST_MATCHES)
    },
)];
