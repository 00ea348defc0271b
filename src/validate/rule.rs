//! The row that a CEL rule becomes.

use super::ErrorKind;
use super::rules::Found;
use super::view::{Answer, View};
use crate::vocab::Window;

/// One rule beyond the schema: where it holds, and how its breach is reported.
pub(crate) struct Rule {
    /// Struct, field, claim: `http_route_rule.filters.redirect_without_backends`.
    pub(crate) id: &'static str,
    /// The bundles that have the rule.
    pub(crate) window: Window,
    /// The type of the error.
    pub(crate) kind: ErrorKind,
    /// The field that the error names, below the place of the rule, as `.hostname`; usually empty.
    pub(crate) field: &'static str,
    /// What is asked for, in our words.
    pub(crate) message: &'static str,
    /// What a breach shows of the value.
    pub(crate) found: Found,
    /// Whether the value (and for a transition rule the old value) keeps the rule.
    pub(crate) holds: fn(View<'_>, Option<View<'_>>) -> Answer,
    /// The rule compares with the old object: without one it is not asked.
    pub(crate) transition: bool,
}
