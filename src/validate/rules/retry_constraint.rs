//! Rules of how many retries a backend takes.

use super::duration::nanoseconds;
use super::place::{Place, rules};
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::validate::view::Absent;
use crate::vocab::Window;

/// Below `retryConstraint`.
pub(super) const PLACES: &[Place] = &[
    rules("budget.interval", BUDGET_INTERVAL),
    rules("minRetryRate.interval", RATE_INTERVAL),
];

const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3_600 * SECOND;

const BUDGET_INTERVAL: &[Rule] = &[rule(
    "retry_budget.interval.from_a_second_to_an_hour",
    Window::EXPERIMENTAL,
    "the interval of a retry budget lies between `1s` and `1h`",
    |interval, _| {
        let interval = nanoseconds(interval.as_str()).ok_or(Absent)?;
        Ok((SECOND..=HOUR).contains(&interval))
    },
)
.showing(Found::Itself)];

const RATE_INTERVAL: &[Rule] = &[rule(
    "request_rate.interval.up_to_an_hour",
    Window::EXPERIMENTAL,
    "the interval of a retry rate is not zero and at most `1h`",
    |interval, _| {
        let interval = nanoseconds(interval.as_str()).ok_or(Absent)?;
        Ok(interval != 0 && interval <= HOUR)
    },
)
.showing(Found::Itself)];
