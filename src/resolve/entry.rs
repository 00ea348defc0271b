//! What the statuses of Routes and policies say, entry by entry.
//!
//! The last of the Route passes: takes what was found, gives entries of our controllers, without times. It decides nothing; folding them into what other controllers wrote is the business of `status`.

use std::borrow::Cow;

use super::attach::listed;
use super::lower::Lowered;
use super::parent::Origin;
use super::policy::ancestor;
use super::routes::{Foothold, ParentState, Place, RouteState, Routes};
use super::status::{
    Condition, Finding, Parent, ParentKind, ParentStatus, RouteAccepted, RoutePartiallyInvalid,
    RouteResolvedRefs,
};
use super::world::World;
use crate::api::{BackendTlsPolicy, BackendTrafficPolicy};

/// The entries of ours for one Route: listed parents in list order, then default ones (RT-STAT-01).
///
/// # Spec
///
/// RT-STAT-01..03, RT-COND-01..13, GW-DEF-06..09, MESH-10.
pub(super) fn route_entries(route: &RouteState<'_, '_>, world: &World<'_>) -> Vec<ParentStatus> {
    let parents = route.parents.iter();
    let entries = parents.filter_map(|parent| route_entry(route, parent, world));
    // PERF: entries outlive the passes, so nothing is kept in reserve.
    let mut entries: Vec<ParentStatus> = entries.collect();
    entries.shrink_to_fit();
    entries
}

fn route_entry(
    route: &RouteState<'_, '_>,
    parent: &ParentState<'_, '_>,
    world: &World<'_>,
) -> Option<ParentStatus> {
    let controller_name = match parent.place {
        Place::Listeners(to) => to.gateway().controller_name,
        Place::Service => world.mesh_controller?,
        Place::Nowhere => return None,
    };
    let lowered = route.lowered_at(parent)?;
    let accepted = match &parent.outcome {
        Ok(foothold) => accepted(foothold, lowered),
        Err(finding) => finding.clone(),
    };
    let is_noise = parent.reference.origin == Origin::Default
        && !world.controller.shows_refused_defaults()
        && does_not_take(accepted.reason);
    if is_noise {
        return None;
    }
    let partial = accepted
        .holds()
        .then(|| partially_invalid(lowered))
        .flatten();
    let mut conditions = vec![accepted.into(), resolved_refs(lowered).into()];
    conditions.extend(partial.map(Condition::from));
    Some(ParentStatus {
        parent: parent_as_written(route, parent),
        controller_name: world.owners.shared(controller_name),
        conditions,
    })
}

/// Whether a Gateway says that a Route is not for it (GW-DEF-09).
fn does_not_take(reason: RouteAccepted) -> bool {
    matches!(
        reason,
        RouteAccepted::NoMatchingParent
            | RouteAccepted::NotAllowedByListeners
            | RouteAccepted::NoMatchingListenerHostname
    )
}

/// The parent as the entry names it: what the Route wrote, group and kind filled in; a default Gateway with its
/// namespace (RT-STAT-02, GW-DEF-06).
fn parent_as_written(route: &RouteState<'_, '_>, parent: &ParentState<'_, '_>) -> Parent {
    let reference = &parent.reference;
    let kind = match (parent.place, reference.kind) {
        (Place::Service, _) => ParentKind::Service,
        (_, "ListenerSet") => ParentKind::ListenerSet,
        (_, "XListenerSet") => ParentKind::XListenerSet,
        _ => ParentKind::Gateway,
    };
    let written = match reference.origin {
        Origin::Listed(place) => route.view.parents.get(place),
        Origin::Default => None,
    };
    match written {
        Some(written) => Parent {
            kind,
            namespace: written.namespace.as_deref().map(Box::from),
            name: written.name.as_str().into(),
            section: written.section().map(Box::from),
            port: written.port,
        },
        None => Parent {
            kind,
            namespace: Some(reference.namespace.into()),
            name: reference.name.into(),
            section: None,
            port: None,
        },
    }
}

fn accepted(foothold: &Foothold, lowered: &Lowered) -> Finding<RouteAccepted> {
    // PERF: what nearly every Route says needs no text of its own.
    let message: Cow<'static, str> = match foothold {
        Foothold::Listeners(reached) => match reached.len() {
            1 => "attached to 1 listener".into(),
            2 => "attached to 2 listeners".into(),
            3 => "attached to 3 listeners".into(),
            4 => "attached to 4 listeners".into(),
            count => format!("attached to {count} listeners").into(),
        },
        Foothold::Ports(ports) => {
            let ports = ports.iter().map(ToString::to_string);
            format!("in force for port {}", listed(ports)).into()
        }
    };
    if lowered.ignored == 0 {
        return Finding::new(RouteAccepted::Accepted, message);
    }
    let hint = "only the first rule is used, nothing selects the others";
    Finding::new(RouteAccepted::Accepted, format!("{message}; {hint}"))
}

/// The first failing reference gives the reason, all of them the message (RT-COND-11).
fn resolved_refs(lowered: &Lowered) -> Finding<RouteResolvedRefs> {
    match lowered.failures.first() {
        None => Finding::new(
            RouteResolvedRefs::ResolvedRefs,
            "all references are resolved",
        ),
        Some(first) => {
            let messages = lowered.failures.iter();
            let messages = messages.map(|failure| failure.message.clone().into_owned());
            Finding::new(first.reason, listed(messages))
        }
    }
}

/// Says which rules of an accepted Route are not served as written (RT-COND-08).
fn partially_invalid(lowered: &Lowered) -> Option<Finding<RoutePartiallyInvalid>> {
    if lowered.faults.is_empty() {
        return None;
    }
    let messages = lowered.faults.iter().map(|fault| {
        if fault.dropped {
            fault.message.clone()
        } else {
            format!("{} (requests are refused)", fault.message)
        }
    });
    let message = format!("Dropped Rule: {}", listed(messages));
    Some(Finding::new(
        RoutePartiallyInvalid::UnsupportedValue,
        message,
    ))
}

/// The entries of ours for every BackendTLSPolicy, in the order of seniority (BTLS-15, BTLS-19, POL-06).
pub(super) fn tls_policy_entries<'s>(
    routes: &Routes<'_, 's>,
    world: &World<'s>,
) -> Vec<(&'s BackendTlsPolicy, Vec<ParentStatus>)> {
    let policies = routes.tls_policies.iter().map(|(policy, ancestors)| {
        let entries = ancestors.iter().filter_map(|ancestor| {
            let conditions = vec![
                ancestor.accepted.clone().into(),
                ancestor.resolved.clone().into(),
            ];
            ancestor_entry(routes, world, ancestor.gateway, conditions)
        });
        (*policy, entries.collect())
    });
    policies.collect()
}

/// The entries of ours for every XBackendTrafficPolicy, in the order of seniority (XBTP-10).
pub(super) fn traffic_policy_entries<'s>(
    routes: &Routes<'_, 's>,
    world: &World<'s>,
) -> Vec<(&'s BackendTrafficPolicy, Vec<ParentStatus>)> {
    let policies = routes.traffic_policies.iter().map(|(policy, ancestors)| {
        let entries = ancestors.iter().filter_map(|ancestor| {
            let conditions = vec![ancestor.accepted.clone().into()];
            ancestor_entry(routes, world, ancestor.gateway, conditions)
        });
        (*policy, entries.collect())
    });
    policies.collect()
}

fn ancestor_entry(
    routes: &Routes<'_, '_>,
    world: &World<'_>,
    gateway: u32,
    conditions: Vec<Condition>,
) -> Option<ParentStatus> {
    let name = *routes.gateways.get(usize::try_from(gateway).ok()?)?;
    Some(ParentStatus {
        parent: ancestor(name),
        controller_name: world.owners.shared(world.controller_of(name)?),
        conditions,
    })
}
