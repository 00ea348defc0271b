//! What Routes share: listeners that count them, Services with policies that Gateways reach by them.

use super::{Passes, Place, RouteState, Unserved};
use crate::plan::ObjectName;
use crate::resolve::backend_tls_policy::TlsPolicies;
use crate::resolve::backend_traffic_policy::TrafficPolicies;
use crate::resolve::policy::{self, Reach};
use crate::resolve::sums::{Holder, PolicyKind, Sums};

/// Which Gateways reach the targets of both kinds of policy.
#[derive(Debug, Default)]
pub(super) struct PolicyReach {
    /// By targets of BackendTLSPolicies.
    pub(super) tls: Reach,
    /// By targets of XBackendTrafficPolicies.
    pub(super) traffic: Reach,
}

impl PolicyReach {
    fn of(&self, policy: PolicyKind) -> &Reach {
        match policy {
            PolicyKind::Tls => &self.tls,
            PolicyKind::Traffic => &self.traffic,
        }
    }

    fn add(&mut self, policy: PolicyKind, target: u32, gateway: u32, times: u32) {
        let reach = match policy {
            PolicyKind::Tls => &mut self.tls,
            PolicyKind::Traffic => &mut self.traffic,
        };
        *reach.entry(target).or_default().entry(gateway).or_default() += times;
    }
}

/// The Services that policies of either kind target, with their numbers.
pub(super) fn targets<'p, 's>(
    tls: &'p TlsPolicies<'s>,
    traffic: &'p TrafficPolicies<'s>,
) -> impl Iterator<Item = (PolicyKind, (&'s str, &'s str), u32)> + use<'p, 's> {
    let tls = tls.targets().iter();
    let tls = tls.map(|(name, number)| (PolicyKind::Tls, name, number));
    let traffic = traffic.targets().iter();
    tls.chain(traffic.map(|(name, number)| (PolicyKind::Traffic, name, number)))
}

/// Namespace and name.
pub(super) fn pair(name: &ObjectName) -> (&str, &str) {
    (&name.namespace, &name.name)
}

impl<'w, 's> Passes<'w, 's> {
    /// Which Gateways reach the targets of policies, by Routes that are accepted there (BTLS-19, BTLS-20).
    pub(super) fn reach(&self, routes: &[RouteState<'w, 's>]) -> PolicyReach {
        let mut reach = PolicyReach::default();
        for route in routes {
            for parent in &route.parents {
                let (Place::Listeners(to), Ok(_)) = (parent.place, &parent.outcome) else {
                    continue;
                };
                let Some(gateway) = self.place_of(to.gateway()) else {
                    continue;
                };
                let lowered = route.lowered(parent.stance);
                for target in lowered.iter().flat_map(|lowered| &lowered.policy_targets) {
                    if let Some(number) = target.tls {
                        reach.add(PolicyKind::Tls, number, gateway, 1);
                    }
                    if let Some(number) = target.traffic {
                        reach.add(PolicyKind::Traffic, number, gateway, 1);
                    }
                }
            }
        }
        reach
    }

    /// How many Routes are attached to each listener (GW-COUNT-02..09).
    pub(super) fn count(&self, routes: &[RouteState<'w, 's>]) -> Vec<u32> {
        let mut counts = vec![0u32; self.listeners.len()];
        for route in routes {
            for (listener, _) in route.footholds() {
                let count = usize::try_from(listener).ok();
                if let Some(count) = count.and_then(|id| counts.get_mut(id)) {
                    *count = count.saturating_add(1);
                }
            }
        }
        counts
    }

    /// The same, by names.
    pub(super) fn sums(&self, reach: &PolicyReach, counts: &[u32]) -> Sums {
        let mut sums = Sums::default().with_attached(self.world.gateways, counts);
        for (policy, (namespace, name), number) in targets(&self.tls, &self.traffic) {
            for (gateway, times) in reach.of(policy).get(&number).into_iter().flatten() {
                let place = usize::try_from(*gateway).unwrap_or(usize::MAX);
                if let Some((of, gateway)) = self.names.get(place) {
                    let service = ObjectName::new(namespace, name);
                    sums.add_reach(policy, service, ObjectName::new(*of, *gateway), *times);
                }
            }
        }
        sums
    }

    /// Adds what Routes that are not listed add up to.
    pub(super) fn add_others(&self, others: &Sums, reach: &mut PolicyReach, counts: &mut [u32]) {
        for gateway in &self.world.gateways.list {
            let own = (
                Holder::gateway(gateway.namespace, gateway.name),
                &gateway.listeners,
            );
            let sets = gateway.sets.iter();
            let sets = sets.map(|set| (Holder::set(set.namespace, set.name), &set.listeners));
            for (holder, listeners) in std::iter::once(own).chain(sets) {
                for (place, listener) in listeners.iter().enumerate() {
                    if let Some(count) = counts.get_mut(listener.id) {
                        *count = count.saturating_add(others.attached(&holder, place));
                    }
                }
            }
        }
        for (policy, (namespace, name), number) in targets(&self.tls, &self.traffic) {
            let gateways = others.gateways_of(policy, &ObjectName::new(namespace, name));
            for (gateway, times) in gateways.into_iter().flatten() {
                if let Some(place) = self.places.get(&pair(gateway)) {
                    reach.add(policy, number, *place, *times);
                }
            }
        }
    }

    /// Policies with the Gateways that their statuses have no room for.
    pub(super) fn unserved(&self) -> Vec<Unserved> {
        let all = self.tls.unserved().flat_map(|(policy, gateways)| {
            let metadata = &policy.metadata;
            let policy = ObjectName::new(policy::namespace_of(metadata), metadata.name.as_str());
            let gateways = gateways.iter().filter_map(|place| {
                let (namespace, name) = *self.names.get(usize::try_from(*place).ok()?)?;
                Some(ObjectName::new(namespace, name))
            });
            gateways.map(move |gateway| (policy.clone(), gateway))
        });
        all.collect()
    }
}
