//! Listeners without Routes, Routes without listeners, rules that are not served.

use super::{Finding, FindingKind, route_key};
use crate::api::{GATEWAY_GROUP, Key};
use crate::plan::{ListenerHead, ObjectName};
use crate::resolve::{Resolution, RouteTrace};
use crate::snapshot::Snapshot;

/// Listeners that take traffic and have nothing to do with it.
pub(super) fn idle_listeners(
    snapshot: &Snapshot,
    resolution: &Resolution,
    findings: &mut Vec<Finding>,
) {
    for gateway in &resolution.plan.gateways {
        for listener in gateway.listeners.iter().filter(|l| l.routes.is_empty()) {
            let object = holder(&listener.head, snapshot);
            findings.push(Finding {
                kind: FindingKind::IdleListener,
                path: place(&listener.head, &object, snapshot),
                object,
                message: format!("no Route is attached to listener `{}`", listener.head.name),
                witness: None,
            });
        }
    }
}

/// The Gateway or ListenerSet that holds a listener.
fn holder(head: &ListenerHead, snapshot: &Snapshot) -> Key {
    let key = |group: &str, kind: &str, name: &ObjectName| Key {
        group: group.to_owned(),
        kind: kind.to_owned(),
        namespace: Some(name.namespace.to_string()),
        name: name.name.to_string(),
    };
    let Some(set) = &head.set else {
        return key(GATEWAY_GROUP, "Gateway", &head.gateway);
    };
    // The kind has another name and group in v1.4.
    snapshot
        .all::<crate::api::ListenerSet>()
        .find(|own| {
            let namespace = own.metadata.namespace.as_deref().unwrap_or("default");
            own.metadata.name == *set.name && namespace == &*set.namespace
        })
        .map_or_else(
            || key(GATEWAY_GROUP, "ListenerSet", set),
            |own| {
                key(
                    crate::api::split_api_version(&own.api_version).0,
                    &own.kind,
                    set,
                )
            },
        )
}

/// The path of a listener in the object that holds it.
fn place(head: &ListenerHead, holder: &Key, snapshot: &Snapshot) -> Option<String> {
    let namespace = holder.namespace.as_deref();
    let object = snapshot.find(&holder.group, &holder.kind, namespace, &holder.name)?;
    let spec = super::spec(object);
    let listeners = spec.get("listeners")?.as_array()?;
    let index = listeners
        .iter()
        .position(|own| own.get("name").and_then(|name| name.as_str()) == Some(&*head.name))?;
    Some(format!("spec.listeners[{index}]"))
}

/// Routes that no listener and no Service port takes, and rules that are not served.
pub(super) fn unattached_routes(resolution: &Resolution, findings: &mut Vec<Finding>) {
    for route in resolution.trace.routes() {
        let name = ObjectName::new(route.namespace.as_str(), route.name.as_str());
        let object = route_key(route.kind, &name);
        for fault in &route.rule_faults {
            findings.push(Finding {
                kind: FindingKind::UnservedRule,
                object: object.clone(),
                path: fault_path(fault),
                message: fault.clone(),
                witness: None,
            });
        }
        let is_attached = route
            .parents
            .iter()
            .any(|parent| !parent.ports.is_empty() || parent.listeners.iter().any(|l| l.passed));
        if !is_attached {
            findings.push(Finding {
                kind: FindingKind::UnattachedRoute,
                object,
                path: None,
                message: why_unattached(&route),
                witness: None,
            });
        }
    }
}

/// The rule that a fault begins with: `rules[3]: ...`.
fn fault_path(fault: &str) -> Option<String> {
    let (path, _) = fault.split_once(':')?;
    path.starts_with("rules[").then(|| format!("spec.{path}"))
}

fn why_unattached(route: &RouteTrace) -> String {
    if route.parents.is_empty() {
        return "attached nowhere: no parent is named, and no default Gateway takes it".to_owned();
    }
    let reasons: Vec<String> = route
        .parents
        .iter()
        .map(|parent| {
            let why = match (parent.reason.as_str(), parent.message.as_str()) {
                ("", message) => message.to_owned(),
                (reason, "") => reason.to_owned(),
                (reason, message) => format!("{reason}: {message}"),
            };
            format!("{} ({why})", parent.parent)
        })
        .collect();
    format!("attached nowhere: {}", reasons.join("; "))
}
