//! From what passes found to statuses and the plan.

use std::collections::BTreeMap;

use super::class::ClassState;
use super::entry;
use super::routes::Routes;
use super::state::{Attached, GatewayState, Gateways, ListenerState, SetState};
use super::status::{
    ClassStatus, Condition, GatewayStatus, ListenerSetStatus, ListenerStatus, ParentStatus,
    PolicyStatus, RouteStatus, Status,
};
use super::statuses::StatusList;
use super::trace::Recorder;
use super::world::{World, namespace_of};
use crate::vocab::Release;
use crate::{api, plan};

/// Most listeners that a status can list (GW-STAT-07).
const MAX_LISTENERS: usize = 64;

/// Statuses of classes.
pub(super) fn classes(
    world: &World<'_>,
    classes: BTreeMap<&str, ClassState<'_>>,
    statuses: &mut StatusList,
) {
    let controller = world.controller;
    for class in classes.into_values() {
        let object = class.object;
        let status = Status::GatewayClass(Box::new(ClassStatus {
            generation: object.metadata.generation.unwrap_or(1),
            conditions: class.conditions,
            supported_features: controller
                .features()
                .of_gateways(controller.bundle())
                .collect(),
            is_used: class.is_used,
        }));
        let version = (object.api_version.as_str(), object.kind.as_str());
        statuses.add(world.snapshot, version, None, &object.metadata, status);
    }
}

/// Statuses of Gateways and sets.
pub(super) fn gateways(
    world: &World<'_>,
    gateways: &Gateways<'_>,
    counts: &[u32],
    statuses: &mut StatusList,
) {
    for gateway in &gateways.list {
        let object = gateway.object;
        let status = Status::Gateway(Box::new(gateway_status(gateway, counts)));
        let version = (object.api_version.as_str(), object.kind.as_str());
        let namespace = Some(gateway.namespace);
        statuses.add(world.snapshot, version, namespace, &object.metadata, status);
        for set in &gateway.sets {
            let object = set.object;
            let status = Status::ListenerSet(Box::new(set_status(world, set, counts)));
            let version = (object.api_version.as_str(), object.kind.as_str());
            let namespace = Some(set.namespace);
            statuses.add(world.snapshot, version, namespace, &object.metadata, status);
        }
    }
}

fn gateway_status(gateway: &GatewayState<'_>, counts: &[u32]) -> GatewayStatus {
    GatewayStatus {
        generation: gateway.object.metadata.generation.unwrap_or(1),
        conditions: gateway.conditions.clone(),
        addresses: gateway.addresses.clone(),
        listeners: listeners(&gateway.listeners, counts, |_| Some(None)),
        attached_listener_sets: gateway
            .attached_sets
            .map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
    }
}

fn set_status(world: &World<'_>, set: &SetState<'_>, counts: &[u32]) -> ListenerSetStatus {
    let tells_port = world.controller.release() == Release::V1_4;
    ListenerSetStatus {
        generation: set.object.metadata.generation.unwrap_or(1),
        conditions: set.conditions.clone(),
        listeners: listeners(&set.listeners, counts, |listener| {
            if tells_port {
                // An entry without a port cannot be written (GW-LSET-23).
                listener.port.map(Some)
            } else {
                Some(None)
            }
        }),
    }
}

/// One entry for each name; `port` says what to write, or to leave the entry out.
fn listeners(
    listeners: &[ListenerState<'_>],
    counts: &[u32],
    port: impl Fn(&ListenerState<'_>) -> Option<Option<u16>>,
) -> Vec<ListenerStatus> {
    let mut entries: Vec<ListenerStatus> = Vec::with_capacity(listeners.len());
    for listener in listeners.iter().take(MAX_LISTENERS) {
        let is_there = entries.iter().any(|entry| *entry.name == *listener.name);
        let Some(port) = port(listener).filter(|_| !is_there) else {
            continue;
        };
        entries.push(ListenerStatus {
            name: listener.name.into(),
            port,
            supported_kinds: if listener.shows_kinds {
                listener.kinds.clone()
            } else {
                Vec::new()
            },
            attached_routes: counts.get(listener.id).copied().unwrap_or(0),
            conditions: conditions(listener),
        });
    }
    entries
}

/// GW-COND-10.
fn conditions(listener: &ListenerState<'_>) -> Vec<Condition> {
    let mut conditions = vec![
        listener.accepted.clone().into(),
        listener.programmed_finding.clone().into(),
        listener.resolved.clone().into(),
    ];
    conditions.extend(listener.conflict.clone().map(Condition::from));
    conditions.extend(listener.overlap.clone().map(Condition::from));
    conditions
}

/// Statuses of Routes: of those that have a parent of ours, and of those that have an entry of ours left (RT-STAT-05).
pub(super) fn routes<'s>(
    world: &World<'s>,
    routes: &mut Routes<'_, 's>,
    statuses: &mut StatusList,
    trace: &mut Recorder<'s>,
) {
    // PERF: a Route's state is given up before the next one is put into words, so that both are never there for all.
    for route in std::mem::take(&mut routes.routes) {
        trace.add(&route, world.snapshot);
        let parents = entry::route_entries(&route, world);
        let object = route.view.object;
        let mut old = object.status().into_iter().flat_map(|old| &old.parents);
        if parents.is_empty() && !old.any(|old| world.owners.contains(&old.controller_name)) {
            continue;
        }
        let metadata = object.metadata();
        let status = Status::Route(RouteStatus {
            generation: metadata.generation.unwrap_or(1),
            owners: world.owners.clone(),
            parents,
        });
        statuses.add_for(route.view.shared, status);
    }
}

/// Statuses of policies: of those that have an ancestor of ours, or an entry of ours left (POL-06).
pub(super) fn policies<'s>(world: &World<'s>, routes: &Routes<'_, 's>, statuses: &mut StatusList) {
    for (policy, ancestors) in entry::tls_policy_entries(routes, world) {
        let version = (policy.api_version.as_str(), policy.kind.as_str());
        add_policy(
            world,
            version,
            &policy.metadata,
            &policy.status,
            ancestors,
            statuses,
        );
    }
    for (policy, ancestors) in entry::traffic_policy_entries(routes, world) {
        let version = (policy.api_version.as_str(), policy.kind.as_str());
        add_policy(
            world,
            version,
            &policy.metadata,
            &policy.status,
            ancestors,
            statuses,
        );
    }
}

fn add_policy(
    world: &World<'_>,
    version: (&str, &str),
    metadata: &api::ObjectMeta,
    old: &Option<api::PolicyStatus>,
    ancestors: Vec<ParentStatus>,
    statuses: &mut StatusList,
) {
    let mut old = old.iter().flat_map(|old| &old.ancestors);
    if ancestors.is_empty() && !old.any(|old| world.owners.contains(&old.controller_name)) {
        return;
    }
    let status = Status::Policy(PolicyStatus {
        generation: metadata.generation.unwrap_or(1),
        owners: world.owners.clone(),
        ancestors,
    });
    let namespace = Some(namespace_of(metadata));
    statuses.add(world.snapshot, version, namespace, metadata, status);
}

/// The plan: exactly the programmed listeners, with their Routes (LISTEN-SEL-06).
pub(super) fn plan(
    gateways: &Gateways<'_>,
    mut attached: Attached,
    frontends: Vec<plan::Frontend>,
) -> plan::Plan {
    let list = gateways.list.iter().map(|gateway| {
        let listeners = gateway.merged_listeners().filter_map(|listener| {
            let routes = attached.routes.get_mut(listener.id);
            Some(plan::Listener {
                head: listener.head.clone()?,
                routes: routes.map(std::mem::take).into_iter().flatten().collect(),
            })
        });
        plan::Gateway {
            name: plan::ObjectName::new(gateway.namespace, gateway.name),
            listeners: listeners.collect(),
            client_certificate: gateway.client_certificate.clone(),
        }
    });
    plan::Plan {
        gateways: list.collect(),
        frontends,
    }
}
