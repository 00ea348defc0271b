//! Backends to which nothing is sent.

use super::{Finding, FindingKind, route_key};
use crate::plan::{Backend, BackendFault, Filter, Route, Rule};
use crate::resolve::Resolution;

/// Backends with a fault, and those of weight 0 beside others.
pub(super) fn unreachable(resolution: &Resolution, findings: &mut Vec<Finding>) {
    for route in resolution.plan.routes() {
        for rule in &route.rules {
            of_rule(route, rule, findings);
        }
    }
}

fn of_rule(route: &Route, rule: &Rule, findings: &mut Vec<Finding>) {
    let action = &rule.action;
    let path = format!("spec.rules[{}]", rule.index);
    let mut find = |kind, path: String, message: String| {
        findings.push(Finding {
            kind,
            object: route_key(route.kind, &route.name),
            path: Some(path),
            message,
            witness: None,
        });
    };
    let has_weight = action.backends.iter().any(|backend| backend.weight > 0);
    for (index, backend) in action.backends.iter().enumerate() {
        let path = format!("{path}.backendRefs[{index}]");
        if let Some(fault) = backend.fault {
            find(
                FindingKind::UnreachableBackend,
                path,
                faulty(backend, fault),
            );
        } else if backend.weight == 0 && has_weight {
            let message = format!("{} has weight 0 and never gets a request", name(backend));
            find(
                FindingKind::WeightlessBackend,
                format!("{path}.weight"),
                message,
            );
        }
    }
    if !has_weight && !action.backends.is_empty() {
        let message = "all backends have weight 0: every request is answered with 500".to_owned();
        find(FindingKind::UnservedRule, path.clone(), message);
    }
    for (index, filter) in action.filters.iter().enumerate() {
        let beside = match filter {
            Filter::Mirror(mirror) => &mirror.backend,
            Filter::ExternalAuth(auth) => &auth.backend,
            _ => continue,
        };
        if let Some(fault) = beside.fault {
            let path = format!("{path}.filters[{index}]");
            find(FindingKind::UnreachableBackend, path, faulty(beside, fault));
        }
    }
}

fn faulty(backend: &Backend, fault: BackendFault) -> String {
    let why = match fault {
        BackendFault::RefNotPermitted => "no ReferenceGrant lets the Route refer to it",
        BackendFault::InvalidKind => "its kind is not supported",
        BackendFault::NotFound => "it does not exist, or has no such port",
        BackendFault::UnsupportedProtocol => "its protocol is not supported",
        BackendFault::UnsupportedValue => "a filter of it is not supported",
        BackendFault::InvalidBackendTlsPolicy => "its BackendTLSPolicy cannot be met",
    };
    format!("nothing can be sent to {}: {why}", name(backend))
}

fn name(backend: &Backend) -> String {
    let target = &backend.target;
    let port = target.port.map_or(String::new(), |port| format!(":{port}"));
    format!("{} {}{port}", target.kind, target.name)
}
