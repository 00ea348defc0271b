//! Rules of the list of rules, shared by the kinds of routes.

use super::logic::{all, only_one, same};
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::validate::view::{both, either};
use crate::vocab::Window;

/// As many rules of a route are looked at when matches are counted; the schema allows no more.
pub(super) const MOST: usize = 16;

/// As many matches may all rules of a route have together.
pub(super) const MOST_MATCHES: usize = 128;

/// On the list of rules, where rules have names.
pub(super) const LIST: &[Rule] = &[rule(
    "route_rule.name.unique",
    Window::EXPERIMENTAL,
    "two rules of the route have the same `name`",
    |rules, _| {
        all(rules, |one| {
            either(Ok(!one.has("name")), || {
                only_one(rules, |other| {
                    both(Ok(other.has("name")), || same("name", one, other))
                })
            })
        })
    },
)
.showing(Found::Twins(&["name"]))];
