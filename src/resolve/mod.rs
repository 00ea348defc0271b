//! From a snapshot to what it means: a plan, statuses, a trace.
//!
//! Stage: resolve. [`resolve`] takes a [`Snapshot`] and a [`Controller`] and gives a [`Resolution`]; it is pure: no clock,
//! log, thread, I/O or randomness, inputs are never written, and objects in any order give the same. It never fails: what
//! is wrong with objects becomes a condition of theirs. It refuses to know requests and what an API server would reject.
//!
//! Passes, in the order in which they run: GatewayClasses, Gateways with their listeners and ListenerSets, Routes and
//! policies, meshes; then findings are folded into statuses and the plan.
//!
//! ```
//! use gatewright::api::{Object, Timestamp};
//! use gatewright::resolve::{Controller, resolve};
//! use gatewright::snapshot::Snapshot;
//!
//! let mut builder = Snapshot::builder();
//! for object in [
//!     serde_json::json!({
//!         "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass", "metadata": {"name": "shared"},
//!         "spec": {"controllerName": "example.com/gateway"}
//!     }),
//!     serde_json::json!({
//!         "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
//!         "metadata": {"namespace": "shop", "name": "front"},
//!         "spec": {"gatewayClassName": "shared", "listeners": [{"name": "web", "port": 80, "protocol": "HTTP"}]}
//!     }),
//! ] {
//!     builder.add(Object::from_value(object)?)?;
//! }
//! let snapshot = builder.build();
//! let resolution = resolve(&snapshot, &Controller::named("example.com/gateway"));
//! assert_eq!(resolution.plan.gateways[0].listeners[0].head.port, 80);
//!
//! let gateway = resolution.statuses.find("Gateway", Some("shop"), "front").unwrap();
//! let status = gateway.merged(&Timestamp::from("2026-01-01T00:00:00Z"));
//! assert_eq!(status["conditions"][0]["reason"], "Accepted");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What differs by release
//!
//! Everything else holds for all releases (VER-12).
//!
//! | behaviour | v1.4 | v1.5 | v1.6 | ids |
//! |---|---|---|---|---|
//! | kind of ListenerSets | `XListenerSet`, experimental | `ListenerSet` | `ListenerSet` | GW-LSET-29, VER-06 |
//! | sets attached to a Gateway | condition `AttachedListenerSets` | `attachedListenerSets` | `attachedListenerSets` | GW-LSET-26/27 |
//! | `port` of an entry in a set's status | written; entries without one are left out | none | none | GW-LSET-23/25 |
//! | Gateway fields `allowedListeners`, `tls` | experimental | standard | standard | VER-02/03 |
//! | Gateway condition `ResolvedRefs` | with a client certificate only | always | always | GW-COND-12 |
//! | names in `supportedFeatures` | by release and channel | the same | the same | GW-CLASS-17 |
//! | HTTPRoute and GRPCRoute with a common hostname | exclude each other | exclude each other | coexist | RT-XTYPE-03 |
//! | redirect codes 303, 307, 308 | not supported | supported | supported | FILTER-REDIR-01, VER-03 |
//! | `*` beside other `allowHeaders` of CORS | stands for all | not supported | not supported | FILTER-CORS-09 |
//! | `idleTimeout` of sessions | kept | kept | none | XBTP-06 |
//!
//! In a standard channel the fields that are experimental in the release are ignored (VER-04): `defaultScope` and
//! `useDefaultGateways`, `retry`, `sessionPersistence`, the filter `ExternalAuth`, in v1.4 also `CORS`.

mod address;
mod attach;
mod backend;
mod backend_certificate;
mod backend_tls_policy;
mod backend_traffic_policy;
mod certificate;
mod certificate_reader;
mod class;
mod client_validation;
mod conflict;
mod controller;
mod cross_kind;
mod data_plane;
mod default_gateway;
#[cfg(feature = "x509")]
mod der;
mod entry;
mod features;
mod fold;
mod gateway;
mod grant;
mod hostnames;
mod incremental;
mod infrastructure;
mod kinds;
mod listener;
mod listener_set;
mod lower;
mod mesh;
mod mesh_status;
mod namespaces;
mod overlap;
mod parent;
mod part;
mod pem;
mod policy;
mod reading;
mod remembering;
mod route;
mod routes;
mod seniority;
mod state;
pub mod status;
mod statuses;
mod sums;
mod trace;
mod world;
#[cfg(feature = "x509")]
mod x509;

pub use certificate_reader::{CertificateReader, InvalidCertificate, PemSyntax};
pub use controller::Controller;
pub use data_plane::{AddressFact, AddressKind, DataPlane, IdealDataPlane};
pub use features::{Features, UnknownFeature};
pub use grant::{Grants, NotPermitted, Permitted, Referrer, Resolved, Target};
pub use incremental::{Change, Changes, Incremental};
pub use infrastructure::{Infrastructure, infrastructure};
pub use mesh_status::MeshNeed;
pub use policy::{UnresolvedRule, rule_by_name};
pub use status::{merged_status, status_patch};
pub use statuses::{StatusEntry, Statuses};
pub use trace::{Check, ListenerTrace, ParentTrace, Question, RouteTrace, Trace};
#[cfg(feature = "x509")]
pub use x509::X509Reader;

use crate::plan::Plan;
use crate::snapshot::Snapshot;

/// What a snapshot means.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// What the data plane is to do.
    pub plan: Plan,
    /// What the status of every object of ours ought to say.
    pub statuses: Statuses,
    /// Why Routes are attached where they are.
    pub trace: Trace,
    /// Whether an XMesh is to be created (XMESH-05).
    pub mesh: MeshNeed,
}

/// Resolves a snapshot.
///
/// # Cost
///
/// Linear in objects, listeners, references and rules, with a sort of what competes with each other; each Route asks the
/// listeners of its parents once.
///
/// # Spec
///
/// All of the catalogue's part on attachment; see the [module](self) for what differs by release.
pub fn resolve(snapshot: &Snapshot, controller: &Controller) -> Resolution {
    part::resolve_part(part::Scope::all(snapshot, controller), None).resolution
}
