//! XBackendTrafficPolicies: retry budgets and sessions of Services.
//!
//! A pass of `resolve` in two steps, as for BackendTLSPolicies: an index before Routes are lowered, ancestors after they
//! are attached.

use std::collections::HashMap;
use std::sync::Arc;

use super::attach::listed;
use super::lower::lower_session;
use super::policy::{self, Contest, Reach, TargetIndex};
use super::status::{BackendTrafficPolicyAccepted, Finding, Owners};
use super::world::World;
use crate::api::{self, BackendTrafficPolicy, RetryConstraint, Service};
use crate::plan::{RetryBudget, Session};
use crate::snapshot::Snapshot;
use crate::vocab::{Duration, Release};

/// XBackendTrafficPolicies by target.
#[derive(Debug, Default)]
pub(super) struct TrafficPolicies<'s> {
    /// Sorted by seniority.
    policies: Vec<TrafficPolicy<'s>>,
    targets: TargetIndex<'s>,
    contests: HashMap<u32, Contest>,
}

#[derive(Debug)]
struct TrafficPolicy<'s> {
    object: &'s BackendTrafficPolicy,
    effect: Result<TrafficEffect, String>,
    /// Existing Services that it names, by number.
    targets: Vec<(u32, &'s str)>,
    missing: Vec<&'s str>,
    unfit: Vec<String>,
}

/// What a policy does to a backend.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TrafficEffect {
    /// Stickiness.
    pub(super) session: Option<Arc<Session>>,
    /// Limit on retries.
    pub(super) retry_budget: Option<RetryBudget>,
}

/// What a policy's status says at one Gateway.
#[derive(Clone, Debug)]
pub(super) struct TrafficAncestor {
    /// The Gateway, by its place in the list.
    pub(super) gateway: u32,
    /// `Accepted`.
    pub(super) accepted: Finding<BackendTrafficPolicyAccepted>,
}

impl<'s> TrafficPolicies<'s> {
    /// Reads all policies of a snapshot and settles which one governs what. The kind exists in experimental channels
    /// only.
    ///
    /// # Cost
    ///
    /// O(p log p) for p pairs of policy and target.
    ///
    /// # Spec
    ///
    /// XBTP-01, XBTP-02, XBTP-04, XBTP-09, XBTP-10.
    pub(super) fn read(world: &World<'s>) -> Self {
        let mut index = TrafficPolicies::default();
        if !world.controller.is_experimental() {
            return index;
        }
        let all = world.listed.all::<BackendTrafficPolicy>();
        let mut objects: Vec<&'s BackendTrafficPolicy> = all.collect();
        objects.sort_by_cached_key(|object| policy::seniority(&object.metadata));
        for (place, object) in objects.into_iter().enumerate() {
            index.enter(place, object, world.snapshot, world.controller.release());
        }
        index
    }

    fn enter(
        &mut self,
        place: usize,
        object: &'s BackendTrafficPolicy,
        snapshot: &'s Snapshot,
        release: Release,
    ) {
        let namespace = policy::namespace_of(&object.metadata);
        let mut entry = TrafficPolicy {
            object,
            effect: read_effect(&object.spec, release),
            targets: Vec::new(),
            missing: Vec::new(),
            unfit: Vec::new(),
        };
        for reference in &object.spec.target_refs {
            if !reference.group.is_empty() || reference.kind != "Service" {
                entry.unfit.push(reference.kind.clone());
            } else if snapshot
                .get::<Service>(Some(namespace), &reference.name)
                .is_none()
            {
                entry.missing.push(&reference.name);
            } else {
                let number = self.targets.number(namespace, &reference.name);
                self.contests.entry(number).or_default().enter(place);
                entry.targets.push((number, &reference.name));
            }
        }
        self.policies.push(entry);
    }

    /// What the governing policy does to a Service; nothing when it is invalid (it still keeps others out, BTLS-07).
    pub(super) fn effect(&self, namespace: &str, service: &str) -> Option<&TrafficEffect> {
        let contest = self.contests.get(&self.targets.get(namespace, service)?)?;
        let policy = self.policies.get(contest.winner()?)?;
        // A target of another kind makes the object invalid as a whole (XBTP-10).
        policy
            .effect
            .as_ref()
            .ok()
            .filter(|_| policy.unfit.is_empty())
    }

    /// The Services that policies target.
    pub(super) fn targets(&self) -> &TargetIndex<'s> {
        &self.targets
    }

    /// The number of a Service that some policy targets.
    pub(super) fn target(&self, namespace: &str, service: &str) -> Option<u32> {
        self.targets.get(namespace, service)
    }

    /// What the statuses of all policies say, each at every Gateway that reaches a target of it.
    ///
    /// # Spec
    ///
    /// XBTP-09, XBTP-10, BTLS-19..21.
    pub(super) fn judge(
        &self,
        reach: &Reach,
        owners: &Owners,
    ) -> Vec<(&'s BackendTrafficPolicy, Vec<TrafficAncestor>)> {
        let judged = self.policies.iter().enumerate().map(|(place, policy)| {
            let numbers = policy.targets.iter().map(|(number, _)| *number);
            let previous = policy.object.status.as_ref();
            let (ancestors, _) = policy::ancestors(numbers, reach, previous, owners);
            let accepted = self.accepted(place, policy);
            let entries = ancestors.into_iter().map(|gateway| TrafficAncestor {
                gateway,
                accepted: accepted.clone(),
            });
            (policy.object, entries.collect())
        });
        judged.collect()
    }

    fn accepted(
        &self,
        place: usize,
        policy: &TrafficPolicy<'s>,
    ) -> Finding<BackendTrafficPolicyAccepted> {
        if !policy.missing.is_empty() {
            let missing = policy.missing.iter();
            let message = listed(missing.map(|name| format!("Service `{name}` does not exist")));
            return Finding::new(BackendTrafficPolicyAccepted::TargetNotFound, message);
        }
        let lost = policy.targets.iter().filter_map(|(number, service)| {
            let winner = self.contests.get(number)?.winner()?;
            let winner = &self
                .policies
                .get(winner)
                .filter(|_| winner != place)?
                .object
                .metadata;
            Some(format!(
                "policy `{}/{}` takes precedence for Service `{service}`",
                policy::namespace_of(winner),
                winner.name
            ))
        });
        let lost = listed(lost);
        if !lost.is_empty() {
            return Finding::new(BackendTrafficPolicyAccepted::Conflicted, lost);
        }
        if !policy.unfit.is_empty() {
            let unfit = policy.unfit.iter();
            let message = listed(unfit.map(|kind| format!("kind `{kind}` is no backend")));
            return Finding::new(BackendTrafficPolicyAccepted::Invalid, message);
        }
        match &policy.effect {
            Ok(_) => Finding::new(
                BackendTrafficPolicyAccepted::Accepted,
                "the policy is in force",
            ),
            Err(message) => Finding::new(BackendTrafficPolicyAccepted::Invalid, message.clone()),
        }
    }
}

fn read_effect(
    spec: &api::BackendTrafficPolicySpec,
    release: Release,
) -> Result<TrafficEffect, String> {
    let session = match &spec.session_persistence {
        Some(session) => Some(Arc::new(lower_session(session, release)?)),
        None => None,
    };
    let constraint = spec.retry_constraint.as_ref();
    Ok(TrafficEffect {
        session,
        retry_budget: constraint.map(read_budget).transpose()?,
    })
}

/// Fills in defaults and checks ranges (XBTP-02).
fn read_budget(constraint: &RetryConstraint) -> Result<RetryBudget, String> {
    const HOUR: u64 = 3_600_000;
    let budget = constraint.budget.clone().unwrap_or_default();
    let rate = constraint.min_retry_rate.clone().unwrap_or_default();
    let percent = in_range("budget.percent", budget.percent.unwrap_or(20), 0, 100)?;
    let min_retries = in_range("minRetryRate.count", rate.count.unwrap_or(10), 1, 1_000_000)?;
    Ok(RetryBudget {
        percent,
        interval: interval(
            "budget.interval",
            budget.interval.as_ref(),
            "10s",
            1_000,
            HOUR,
        )?,
        min_retries,
        min_interval: interval(
            "minRetryRate.interval",
            rate.interval.as_ref(),
            "1s",
            1,
            HOUR,
        )?,
    })
}

fn in_range(field: &str, value: i64, least: u32, most: u32) -> Result<u32, String> {
    u32::try_from(value)
        .ok()
        .filter(|value| (least..=most).contains(value))
        .ok_or_else(|| format!("{field}: found {value}, expected {least} to {most}"))
}

fn interval(
    field: &str,
    written: Option<&api::Open<Duration>>,
    default: &str,
    least: u64,
    most: u64,
) -> Result<Duration, String> {
    let text = written.map_or(default, api::Open::as_str);
    Duration::parse(text)
        .ok()
        .filter(|value| (least..=most).contains(&value.as_millis()))
        .ok_or_else(|| {
            format!(
                "{field}: found `{text}`, expected a duration of {least} to {most} milliseconds"
            )
        })
}
