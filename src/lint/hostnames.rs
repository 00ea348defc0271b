//! Hostnames of Routes that meet no listener.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Finding, FindingKind, route_key, spec};
use crate::plan::{ObjectName, RouteKind};
use crate::resolve::Resolution;
use crate::snapshot::Snapshot;

/// Hostnames that no listener takes, of Routes that are attached all the same.
pub(super) fn dead_hostnames(
    snapshot: &Snapshot,
    resolution: &Resolution,
    findings: &mut Vec<Finding>,
) {
    let mut alive: BTreeMap<(RouteKind, &ObjectName), BTreeSet<String>> = BTreeMap::new();
    for gateway in &resolution.plan.gateways {
        for attachment in gateway
            .listeners
            .iter()
            .flat_map(|listener| &listener.routes)
        {
            let route = &attachment.route;
            let hostnames = attachment.hostnames.iter();
            alive
                .entry((route.kind, &route.name))
                .or_default()
                .extend(hostnames.map(|hostname| hostname.as_str().to_ascii_lowercase()));
        }
    }
    for ((kind, name), alive) in alive {
        let object = route_key(kind, name);
        let namespace = object.namespace.as_deref();
        let Some(route) = snapshot.find(&object.group, &object.kind, namespace, &object.name)
        else {
            continue;
        };
        let spec = spec(route);
        let written = spec.get("hostnames").and_then(Value::as_array);
        for (index, hostname) in written.into_iter().flatten().enumerate() {
            let Some(hostname) = hostname.as_str() else {
                continue;
            };
            if !alive.contains(&hostname.to_ascii_lowercase()) {
                findings.push(Finding {
                    kind: FindingKind::DeadHostname,
                    object: object.clone(),
                    path: Some(format!("spec.hostnames[{index}]")),
                    message: format!("no listener that takes the Route takes `{hostname}`"),
                    witness: None,
                });
            }
        }
    }
}
