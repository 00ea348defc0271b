//! From a resolution to findings that no API server and no status reports: what is valid, but has no effect.
//!
//! Stage: lint, the last one. In: a [`Snapshot`] and the [`Resolution`] made from it; out: [`Finding`]s, in the order of
//! the objects. A finding is never a guess: that a match is shadowed is proven by its conditions and shown by a request
//! ([`Witness`]). The stage refuses to know style: names, order and formatting of manifests.
//!
//! ```
//! use gatewright::api::Object;
//! use gatewright::lint::{FindingKind, lint};
//! use gatewright::resolve::{Controller, resolve};
//! use gatewright::snapshot::Snapshot;
//!
//! let mut builder = Snapshot::builder();
//! for object in [
//!     serde_json::json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass",
//!         "metadata": {"name": "edge"}, "spec": {"controllerName": "example.com/edge"}}),
//!     serde_json::json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
//!         "metadata": {"namespace": "shop", "name": "front"},
//!         "spec": {"gatewayClassName": "edge", "listeners": [{"name": "web", "port": 80, "protocol": "HTTP"}]}}),
//! ] {
//!     builder.add(Object::from_value(object)?)?;
//! }
//! let snapshot = builder.build();
//! let resolution = resolve(&snapshot, &Controller::default());
//! let findings = lint(&snapshot, &resolution);
//! assert_eq!(findings[0].kind, FindingKind::IdleListener);
//! assert_eq!(findings[0].path.as_deref(), Some("spec.listeners[0]"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attachment;
mod backends;
mod finding;
mod grants;
mod hostnames;
mod implication;
mod sample;
mod shadow;

pub use finding::{Finding, FindingKind, Severity, Witness};

use crate::api::{Key, Object};
use crate::plan::{ObjectName, RouteKind};
use crate::resolve::Resolution;
use crate::snapshot::Snapshot;

/// What is valid and has no effect.
///
/// # Cost
///
/// One request through the router for each hostname of each match on each listener, plus one walk over every object
/// for ReferenceGrants.
pub fn lint(snapshot: &Snapshot, resolution: &Resolution) -> Vec<Finding> {
    let mut findings = Vec::new();
    attachment::idle_listeners(snapshot, resolution, &mut findings);
    attachment::unattached_routes(resolution, &mut findings);
    hostnames::dead_hostnames(snapshot, resolution, &mut findings);
    backends::unreachable(resolution, &mut findings);
    shadow::shadowed(resolution, &mut findings);
    grants::unused(snapshot, &mut findings);
    findings.sort_by(|a, b| (&a.object, &a.path, a.kind).cmp(&(&b.object, &b.path, b.kind)));
    findings.dedup();
    findings
}

/// The key of a Route in a plan.
fn route_key(kind: RouteKind, name: &ObjectName) -> Key {
    Key {
        group: crate::api::GATEWAY_GROUP.to_owned(),
        kind: kind.as_str().to_owned(),
        namespace: Some(name.namespace.to_string()),
        name: name.name.to_string(),
    }
}

/// What an object says under `spec`, as JSON.
fn spec(object: &Object) -> serde_json::Value {
    let mut value = object.to_value();
    value
        .get_mut("spec")
        .map(serde_json::Value::take)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
