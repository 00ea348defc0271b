//! Rules of the timeouts of a rule.

use super::duration::nanoseconds;
use super::logic::{not, text};
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::validate::view::{Absent, both};
use crate::vocab::Window;

/// On `timeouts`.
pub(super) const RULES: &[Rule] = &[rule(
    "http_route_timeouts.backend_request.within_request",
    Window::ALWAYS,
    "`backendRequest` is longer than `request`, which includes it (`request: 0s` switches that limit off)",
    |timeouts, _| {
        let span = |field| nanoseconds(text(timeouts, field)?).ok_or(Absent);
        let has_both = timeouts.has("request") && timeouts.has("backendRequest");
        not(both(Ok(has_both), || {
            both(span("request").map(|request| request != 0), || {
                Ok(span("backendRequest")? > span("request")?)
            })
        }))
    },
).showing(Found::Fields(&["request", "backendRequest"]))];
