//! Rules of a fraction.

use super::logic::integer;
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::vocab::Window;

/// On a fraction.
pub(super) const RULES: &[Rule] = &[rule(
    "fraction.numerator.at_most_denominator",
    Window::ALWAYS,
    "more than the whole: `numerator` must not be above `denominator` (100 where it is left out)",
    |fraction, _| Ok(integer(fraction, "numerator")? <= integer(fraction, "denominator")?),
)
.showing(Found::Fields(&["numerator", "denominator"]))];
