//! ListenerSets: whose they are, in which order they count, and what they are told.

use std::collections::HashMap;

use super::seniority::Seniority;
use super::state::SetState;
use super::status::{Condition, Finding, ListenerSetAccepted, ListenerSetProgrammed};
use super::world::{World, namespace_of};
use crate::api::{GATEWAY_GROUP, Kind, ListenerSet, split_api_version};
use crate::vocab::Release;

/// The sets of each Gateway, in merge order (GW-LSET-08).
#[derive(Debug, Default)]
pub(super) struct SetsByParent<'s> {
    by_gateway: HashMap<(&'s str, &'s str), Vec<&'s ListenerSet>>,
}

impl<'s> SetsByParent<'s> {
    /// Sorts the sets of the kind that the bundle has: XListenerSet in v1.4, ListenerSet since v1.5. A set whose parent is
    /// no Gateway belongs to nobody (GW-LSET-03).
    pub(super) fn gather(world: &World<'s>) -> Self {
        let controller = world.controller;
        let served = Kind::ListenerSet.served_in(controller.bundle());
        let mut sets = SetsByParent::default();
        let Some(version) = served.filter(|_| controller.features().has("ListenerSet")) else {
            return sets;
        };
        for set in world.listed.all::<ListenerSet>() {
            let parent = &set.spec.parent_ref;
            let own_group = split_api_version(&set.api_version).0;
            if set.kind != version.name
                || own_group != version.group
                || parent.group() != GATEWAY_GROUP
                || parent.kind() != "Gateway"
            {
                continue;
            }
            let namespace = parent.namespace_or(namespace_of(&set.metadata));
            sets.by_gateway
                .entry((namespace, &parent.name))
                .or_default()
                .push(set);
        }
        for sets in sets.by_gateway.values_mut() {
            sets.sort_by(|a, b| seniority(a).cmp(&seniority(b)));
        }
        sets
    }

    /// The sets of a Gateway.
    pub(super) fn of(&self, gateway: (&'s str, &'s str)) -> &[&'s ListenerSet] {
        self.by_gateway
            .get(&gateway)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

fn seniority(set: &ListenerSet) -> Seniority<'_> {
    Seniority {
        created: set.metadata.created(),
        namespace: namespace_of(&set.metadata),
        name: &set.metadata.name,
    }
}

/// Conditions of a set.
///
/// # Spec
///
/// GW-LSET-05/06/15/16/23.
pub(super) fn conditions(
    set: &SetState<'_>,
    is_gateway_refused: bool,
    release: Release,
) -> Vec<Condition> {
    let (mut accepted, programmed) = findings(set, is_gateway_refused);
    if release == Release::V1_4 {
        let portless: Vec<String> = set
            .listeners
            .iter()
            .filter(|listener| listener.port.is_none())
            .map(|listener| format!("`{}`", listener.name))
            .collect();
        if !portless.is_empty() {
            accepted.message = format!(
                "{}; without a port, hence not in the status: {}",
                accepted.message,
                super::listener::joined(portless.iter().map(String::as_str))
            )
            .into();
        }
    }
    vec![accepted.into(), programmed.into()]
}

fn findings(
    set: &SetState<'_>,
    is_gateway_refused: bool,
) -> (Finding<ListenerSetAccepted>, Finding<ListenerSetProgrammed>) {
    if !set.allowed {
        let message = "the Gateway does not allow sets from this namespace";
        return (
            Finding::new(ListenerSetAccepted::NotAllowed, message),
            Finding::new(ListenerSetProgrammed::NotAllowed, message),
        );
    }
    if is_gateway_refused {
        let message = "the Gateway is not accepted";
        return (
            Finding::new(ListenerSetAccepted::ParentNotAccepted, message),
            Finding::new(ListenerSetProgrammed::ParentNotProgrammed, message),
        );
    }
    let unusable: Vec<String> = set
        .listeners
        .iter()
        .filter(|listener| !listener.accepted.holds())
        .map(|listener| {
            let reason = crate::api::reason::Reason::as_str(&listener.accepted.reason);
            format!("`{}` ({reason})", listener.name)
        })
        .collect();
    let names = super::listener::joined(unusable.iter().map(String::as_str));
    let accepted = if unusable.len() == set.listeners.len() {
        let message = format!("no listener is usable: {names}");
        Finding::new(ListenerSetAccepted::ListenersNotValid, message)
    } else if unusable.is_empty() {
        Finding::new(ListenerSetAccepted::Accepted, "all listeners are usable")
    } else {
        let message = format!("listeners not usable: {names}");
        Finding::new(ListenerSetAccepted::SomeListenersNotValid, message)
    };
    let programmed = if set.listeners.iter().any(|listener| listener.programmed) {
        Finding::new(
            ListenerSetProgrammed::Programmed,
            "at least one listener is programmed",
        )
    } else {
        Finding::new(
            ListenerSetProgrammed::ListenersNotValid,
            "no listener is programmed",
        )
    };
    (accepted, programmed)
}
