//! What Routes see of Gateways, and where it changed.

use std::collections::BTreeMap;

use crate::plan::ObjectName;
use crate::resolve::state::{GatewayState, Gateways, ListenerState};
use crate::resolve::sums::Holder;

/// An object with listeners, as Routes see it.
#[derive(Clone, Copy)]
struct Face<'g> {
    gateway: &'g GatewayState<'g>,
    is_allowed: bool,
    listeners: &'g [ListenerState<'g>],
}

/// The objects that Routes see other than before, those that came or went among them.
pub(super) fn changed(before: &Gateways<'_>, after: &Gateways<'_>) -> Vec<Holder> {
    let (before, after) = (faces(before), faces(after));
    let gone = before.keys().filter(|holder| !after.contains_key(holder));
    let new = after.iter().filter(|(holder, face)| {
        let old = before.get(holder);
        !old.is_some_and(|old| old.looks_like(face))
    });
    gone.chain(new.map(|(holder, _)| holder)).cloned().collect()
}

fn faces<'g>(gateways: &'g Gateways<'g>) -> BTreeMap<Holder, Face<'g>> {
    let of_gateway = |gateway: &'g GatewayState<'g>| {
        let own = Face {
            gateway,
            is_allowed: true,
            listeners: &gateway.listeners,
        };
        let own = (Holder::gateway(gateway.namespace, gateway.name), own);
        let sets = gateway.sets.iter().map(move |set| {
            let face = Face {
                gateway,
                is_allowed: set.allowed,
                listeners: &set.listeners,
            };
            (Holder::set(set.namespace, set.name), face)
        });
        std::iter::once(own).chain(sets)
    };
    gateways.list.iter().flat_map(of_gateway).collect()
}

impl Face<'_> {
    /// Whether no Route can tell them apart. What the plan alone has of a listener, its certificates for example, is not
    /// looked at.
    fn looks_like(&self, other: &Face<'_>) -> bool {
        let facts = |face: &Face<'_>| {
            let gateway = face.gateway;
            (
                ObjectName::new(gateway.namespace, gateway.name),
                gateway.controller_name.to_owned(),
                gateway.refused,
                gateway.is_default,
                face.is_allowed,
            )
        };
        facts(self) == facts(other)
            && self.listeners.len() == other.listeners.len()
            && self
                .listeners
                .iter()
                .zip(other.listeners)
                .all(|(a, b)| is_alike(a, b))
    }
}

fn is_alike(a: &ListenerState<'_>, b: &ListenerState<'_>) -> bool {
    a.name == b.name
        && a.port == b.port
        && a.protocol == b.protocol
        && a.hostname == b.hostname
        && a.kinds == b.kinds
        && a.namespaces == b.namespaces
        && a.programmed == b.programmed
}
