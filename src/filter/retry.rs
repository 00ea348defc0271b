//! Tries, their time limits, and when to try again.

use std::time::Duration;

use super::draw::pick;
use crate::plan::{Retry, RetryBudget, Timeouts};

/// Wait before the first further try when a rule does not say.
const DEFAULT_BACKOFF: Duration = Duration::from_millis(25);

/// When a failed try is repeated, defaults filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RetryPolicy<'a> {
    /// Response codes that are retried, beside connection errors and timeouts.
    pub codes: &'a [u16],
    /// Most further tries after the first.
    pub attempts: u32,
    /// Shortest wait before a further try.
    pub backoff: Duration,
}

impl<'a> RetryPolicy<'a> {
    /// The policy that a rule asks for.
    pub fn new(retry: &'a Retry) -> Self {
        RetryPolicy {
            codes: &retry.codes,
            attempts: retry.attempts,
            backoff: retry
                .backoff
                .as_ref()
                .map_or(DEFAULT_BACKOFF, |backoff| backoff.to_std()),
        }
    }

    /// The wait before further try `n`, from 1: the backoff, doubled each time, at most ten times the backoff, plus a share
    /// of one backoff that `jitter` chooses. Never shorter than the backoff.
    ///
    /// # Spec
    ///
    /// BACKEND-RETRY-06.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gatewright::filter::RetryPolicy;
    ///
    /// let policy = RetryPolicy { codes: &[503], attempts: 9, backoff: Duration::from_millis(100) };
    /// assert_eq!(policy.delay(1, 0), Duration::from_millis(100));
    /// assert_eq!(policy.delay(3, 0), Duration::from_millis(400));
    /// assert_eq!(policy.delay(9, 0), Duration::from_millis(1000));
    /// assert_eq!(policy.delay(1, 1 << 63), Duration::from_millis(150));
    /// ```
    pub fn delay(&self, n: u32, jitter: u64) -> Duration {
        let base = self.backoff;
        let factor = 1u32
            .checked_shl(n.saturating_sub(1))
            .map_or(10, |factor| factor.clamp(1, 10));
        let nanos = u64::try_from(base.as_nanos()).unwrap_or(u64::MAX);
        base.saturating_mul(factor)
            .saturating_add(Duration::from_nanos(pick(jitter, nanos)))
    }
}

/// The account of one exchange with a client: its time limits and tries.
///
/// The clock is the caller's: `elapsed` is the time since the request headers were complete (BACKEND-TIMEOUT-01). The time of
/// an auth server counts, that of mirrors does not; limits end with an upgrade (101) or a CONNECT tunnel
/// (BACKEND-TIMEOUT-06).
///
/// ```
/// use std::time::Duration;
/// use gatewright::filter::{Exchange, Failure, GiveUp, Next};
/// use gatewright::plan::{Retry, Timeouts};
/// use gatewright::vocab::Duration as Written;
///
/// let timeouts = Timeouts {
///     request: Some(Written::parse("3s")?),
///     backend_request: Some(Written::parse("2s")?),
/// };
/// let retry = Retry { codes: vec![], attempts: 3, backoff: Some(Written::parse("500ms")?) };
/// let exchange = Exchange::new(&timeouts, Some(&retry));
/// assert!(exchange.is_limited());
/// assert_eq!(exchange.try_limit(Duration::ZERO), Some(Duration::from_secs(2)));
/// let next = exchange.after(Failure::Timeout, 1, Duration::from_secs(2), 0);
/// assert_eq!(next, Next::TryAgain { wait: Duration::from_millis(500) });
/// assert_eq!(exchange.try_limit(Duration::from_millis(2500)), Some(Duration::from_millis(500)));
/// let next = exchange.after(Failure::Timeout, 2, Duration::from_secs(3), 0);
/// assert_eq!(next, Next::GiveUp(GiveUp::Status(504)));
/// # Ok::<(), gatewright::vocab::InvalidDuration>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    request: Option<Duration>,
    backend_request: Option<Duration>,
    retry: Option<RetryPolicy<'a>>,
}

/// Why a try failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The backend answered with this status; whether that is a failure is for the policy to say.
    Status(u16),
    /// No connection, or it was lost.
    Connection,
    /// The limit of the try ran out.
    Timeout,
}

/// What comes after a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The same backend again, after a wait; another endpoint if there is one (BACKEND-RETRY-08). Only while no byte of a
    /// response went to the client and the body can be sent again: an exchange whose body cannot is made without a retry, so
    /// that it is told what the client gets.
    TryAgain {
        /// How long to wait.
        wait: Duration,
    },
    /// No further try.
    GiveUp(GiveUp),
}

/// What the client gets when there is no further try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveUp {
    /// The last response of the backend, as it is (BACKEND-RETRY-04).
    LastResponse,
    /// An error of ours.
    Status(u16),
}

/// What happens when the request timeout runs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// The client gets this status.
    Answer(u16),
    /// The response has begun: the stream is aborted (BACKEND-TIMEOUT-06).
    Abort,
}

impl<'a> Exchange<'a> {
    /// An account for a rule's time limits and retries. Zero is no limit (BACKEND-TIMEOUT-03).
    pub fn new(timeouts: &Timeouts, retry: Option<&'a Retry>) -> Self {
        let limit = |written: &Option<crate::vocab::Duration>| {
            written
                .as_ref()
                .filter(|limit| !limit.is_zero())
                .map(|limit| limit.to_std())
        };
        Exchange {
            request: limit(&timeouts.request),
            backend_request: limit(&timeouts.backend_request),
            retry: retry.map(RetryPolicy::new),
        }
    }

    /// Whether the exchange as a whole has a time limit (BACKEND-TIMEOUT-01). Without one no answer depends on `elapsed`: a
    /// caller need not read a clock and may say zero.
    pub fn is_limited(&self) -> bool {
        self.request.is_some()
    }

    /// What is left of the request timeout; `None` is no limit of ours. Auth servers are asked within it (FILTER-AUTH-18).
    pub fn left(&self, elapsed: Duration) -> Option<Duration> {
        self.request.map(|limit| limit.saturating_sub(elapsed))
    }

    /// The limit of a try that starts now: that of the rule, or what is left of the request timeout when that is less. `None`
    /// is no limit of ours. It covers the body of the response too: what is left of it when the head is there is for the body.
    ///
    /// # Spec
    ///
    /// BACKEND-TIMEOUT-01..05.
    pub fn try_limit(&self, elapsed: Duration) -> Option<Duration> {
        match (self.backend_request, self.left(elapsed)) {
            (Some(own), Some(left)) => Some(own.min(left)),
            (own, left) => own.or(left),
        }
    }

    /// What happens when the request timeout runs out.
    pub fn expired(&self, response_started: bool) -> Expiry {
        if response_started {
            Expiry::Abort
        } else {
            Expiry::Answer(504)
        }
    }

    /// Says what comes after a try. `tries` counts those made, `elapsed` is the time at the end of the last one, `jitter` a
    /// random value.
    ///
    /// # Spec
    ///
    /// BACKEND-RETRY-01..08, BACKEND-TIMEOUT-01/02.
    pub fn after(&self, failure: Failure, tries: u32, elapsed: Duration, jitter: u64) -> Next {
        let answer = match failure {
            Failure::Status(_) => GiveUp::LastResponse,
            Failure::Connection => GiveUp::Status(503),
            Failure::Timeout => GiveUp::Status(504),
        };
        if self.request.is_some_and(|limit| elapsed >= limit) {
            return Next::GiveUp(GiveUp::Status(504));
        }
        let Some(retry) = &self.retry else {
            return Next::GiveUp(answer);
        };
        let retried = match failure {
            Failure::Status(status) => retry.codes.contains(&status),
            Failure::Connection | Failure::Timeout => true,
        };
        if !retried || tries > retry.attempts {
            return Next::GiveUp(answer);
        }
        let wait = retry.delay(tries, jitter);
        // A wait that would end after the deadline is not begun.
        match self.request {
            Some(limit) if elapsed.saturating_add(wait) >= limit => Next::GiveUp(answer),
            _ => Next::TryAgain { wait },
        }
    }

    /// The same with a budget of the backend: without room in it there is no further try and the client gets 503, also
    /// instead of the backend's failing answer (BACKEND-BUDGET-01/02). A budget never enables a retry (BACKEND-BUDGET-03).
    pub fn after_within(
        &self,
        failure: Failure,
        tries: u32,
        elapsed: Duration,
        jitter: u64,
        budget: Option<(&RetryBudget, BudgetUse)>,
    ) -> Next {
        match (self.after(failure, tries, elapsed, jitter), budget) {
            (Next::TryAgain { .. }, Some((budget, used))) if !budget_allows(budget, used) => {
                Next::GiveUp(GiveUp::Status(503))
            }
            (next, _) => next,
        }
    }
}

/// What a backend saw lately, by the caller's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BudgetUse {
    /// Requests within the budget's interval, retries among them.
    pub requests: u64,
    /// Retries within the budget's interval.
    pub retries: u64,
    /// Retries within the interval of the minimum rate.
    pub recent_retries: u64,
}

/// Whether a budget has room for one more retry.
///
/// # Spec
///
/// BACKEND-BUDGET-01/02.
///
/// ```
/// use gatewright::filter::{BudgetUse, budget_allows};
/// use gatewright::plan::RetryBudget;
/// use gatewright::vocab::Duration;
///
/// let budget = RetryBudget {
///     percent: 20,
///     interval: Duration::parse("10s")?,
///     min_retries: 10,
///     min_interval: Duration::parse("1s")?,
/// };
/// let used = BudgetUse { requests: 1000, retries: 199, recent_retries: 10 };
/// assert!(budget_allows(&budget, used));
/// assert!(!budget_allows(&budget, BudgetUse { retries: 200, ..used }));
/// # Ok::<(), gatewright::vocab::InvalidDuration>(())
/// ```
pub fn budget_allows(budget: &RetryBudget, used: BudgetUse) -> bool {
    let share = u128::from(budget.percent) * u128::from(used.requests) / 100;
    u128::from(used.retries) < share || used.recent_retries < u64::from(budget.min_retries)
}
