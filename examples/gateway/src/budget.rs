//! What backends saw lately, for retry budgets.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use gatewright::filter::BudgetUse;
use gatewright::plan::{BackendTarget, RetryBudget};

/// Requests and retries by backend.
#[derive(Debug, Default)]
pub struct Budgets {
    by_backend: Mutex<HashMap<BackendTarget, VecDeque<(Instant, bool)>>>,
}

impl Budgets {
    /// Notes a try.
    pub fn note(&self, target: &BackendTarget, budget: &RetryBudget, is_retry: bool) {
        let now = Instant::now();
        let mut all = self
            .by_backend
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let tries = all.entry(target.clone()).or_default();
        let longest = budget.interval.to_std().max(budget.min_interval.to_std());
        while tries
            .front()
            .is_some_and(|(at, _)| now.duration_since(*at) > longest)
        {
            tries.pop_front();
        }
        tries.push_back((now, is_retry));
    }

    /// What happened within the windows of a budget.
    pub fn used(&self, target: &BackendTarget, budget: &RetryBudget) -> BudgetUse {
        let now = Instant::now();
        let all = self
            .by_backend
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut used = BudgetUse::default();
        for (at, is_retry) in all.get(target).into_iter().flatten() {
            let within = |window: Duration| now.duration_since(*at) <= window;
            if within(budget.interval.to_std()) {
                used.requests += 1;
                used.retries += u64::from(*is_retry);
            }
            if within(budget.min_interval.to_std()) {
                used.recent_retries += u64::from(*is_retry);
            }
        }
        used
    }
}
