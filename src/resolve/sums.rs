//! What Routes add up to where they share something.
//!
//! Two things of a resolution follow from many Routes at once: how many are attached to a listener, and which Gateways reach
//! the Services that policies target. Both are sums over Routes, so that those of some Routes can be taken out of the sums of
//! all and put in again after a change.

use std::collections::{BTreeMap, HashMap};

use super::state::Gateways;
use crate::plan::ObjectName;

/// An object with listeners.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Holder {
    /// Whether it is a ListenerSet; otherwise a Gateway.
    pub(super) is_set: bool,
    /// The object.
    pub(super) name: ObjectName,
}

impl Holder {
    /// A Gateway.
    pub(super) fn gateway(namespace: &str, name: &str) -> Self {
        Holder {
            is_set: false,
            name: ObjectName::new(namespace, name),
        }
    }

    /// A ListenerSet.
    pub(super) fn set(namespace: &str, name: &str) -> Self {
        Holder {
            is_set: true,
            name: ObjectName::new(namespace, name),
        }
    }
}

/// The kinds of policy that have Gateways as ancestors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum PolicyKind {
    /// BackendTLSPolicy.
    Tls,
    /// XBackendTrafficPolicy.
    Traffic,
}

/// The Gateways that reach a target, each with the number of times.
pub(super) type GatewayCounts = BTreeMap<ObjectName, u32>;

/// The sums of some Routes.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    /// Routes attached to each listener of a holder, in the order of the listeners.
    attached: HashMap<Holder, Vec<u32>>,
    /// Which Gateways reach a Service that a policy targets.
    reach: HashMap<(PolicyKind, ObjectName), GatewayCounts>,
}

impl Sums {
    /// Counts per listener; `counts` is by [`ListenerState::id`](super::state::ListenerState::id).
    pub(super) fn with_attached(mut self, gateways: &Gateways<'_>, counts: &[u32]) -> Self {
        for gateway in &gateways.list {
            let own = Holder::gateway(gateway.namespace, gateway.name);
            let sets = gateway.sets.iter();
            let sets = sets.map(|set| (Holder::set(set.namespace, set.name), &set.listeners));
            for (holder, listeners) in std::iter::once((own, &gateway.listeners)).chain(sets) {
                let own = listeners.iter().map(|listener| counts.get(listener.id));
                let own: Vec<u32> = own.map(|count| count.copied().unwrap_or(0)).collect();
                if own.iter().any(|count| *count > 0) {
                    self.attached.insert(holder, own);
                }
            }
        }
        self
    }

    /// Adds one Route on a listener.
    pub(super) fn add_attached(&mut self, holder: Holder, place: usize) {
        let counts = self.attached.entry(holder).or_default();
        counts.resize(counts.len().max(place.saturating_add(1)), 0);
        if let Some(count) = counts.get_mut(place) {
            *count = count.saturating_add(1);
        }
    }

    /// Adds that a Gateway reaches a target so many times.
    pub(super) fn add_reach(
        &mut self,
        policy: PolicyKind,
        service: ObjectName,
        gateway: ObjectName,
        times: u32,
    ) {
        let gateways = self.reach.entry((policy, service)).or_default();
        *gateways.entry(gateway).or_default() += times;
    }

    /// How many Routes are attached to a listener.
    pub(super) fn attached(&self, holder: &Holder, place: usize) -> u32 {
        let counts = self.attached.get(holder);
        counts
            .and_then(|counts| counts.get(place))
            .copied()
            .unwrap_or(0)
    }

    /// The Gateways that reach a target.
    pub(super) fn gateways_of(
        &self,
        policy: PolicyKind,
        service: &ObjectName,
    ) -> Option<&GatewayCounts> {
        self.reach.get(&(policy, service.clone()))
    }

    /// Puts other sums in.
    pub(super) fn add(&mut self, other: Sums) {
        for (holder, counts) in other.attached {
            let own = self.attached.entry(holder).or_default();
            own.resize(own.len().max(counts.len()), 0);
            for (own, count) in own.iter_mut().zip(counts) {
                *own = own.saturating_add(count);
            }
        }
        for ((policy, service), gateways) in other.reach {
            for (gateway, times) in gateways {
                self.add_reach(policy, service.clone(), gateway, times);
            }
        }
    }

    /// Takes other sums out, which are part of these.
    pub(super) fn subtract(&mut self, other: &Sums) {
        for (holder, counts) in &other.attached {
            let Some(own) = self.attached.get_mut(holder) else {
                continue;
            };
            for (own, count) in own.iter_mut().zip(counts) {
                *own = own.saturating_sub(*count);
            }
            if own.iter().all(|count| *count == 0) {
                self.attached.remove(holder);
            }
        }
        for (key, gateways) in &other.reach {
            let Some(own) = self.reach.get_mut(key) else {
                continue;
            };
            for (gateway, times) in gateways {
                if let Some(own) = own.get_mut(gateway) {
                    *own = own.saturating_sub(*times);
                }
            }
            own.retain(|_, times| *times > 0);
            if own.is_empty() {
                self.reach.remove(key);
            }
        }
    }
}
