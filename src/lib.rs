//! The Kubernetes Gateway API as a library.
//!
//! What an API server says to a manifest, which Route attaches to which listener and with what status, which backend a request
//! gets and what happens to it on the way: as pure functions on values, for releases v1.4, v1.5 and v1.6, both channels. No
//! cluster, no runtime, no I/O.
//!
//! # The map
//!
//! Data flows down this page; a module uses those above it and never one below.
//!
//! | module | stage | from | to |
//! |---|---|---|---|
//! | [`vocab`] | words that objects and plans share | text | [`vocab::Hostname`], [`vocab::Bundle`], ... |
//! | `api` | typed objects, one struct per kind | JSON | `api::Object` |
//! | `manifest` | read | bytes | documents with their origin |
//! | `validate` | check | object and bundle | a report, as the API server would give it |
//! | `snapshot` | gather | objects | one immutable, indexed world |
//! | [`plan`] | what a data plane needs, without Kubernetes objects | | |
//! | `resolve` | resolve | a snapshot and a controller | a plan, statuses, a trace |
//! | [`router`] | compile, connect, match | a plan; a request head | a match, without allocation |
//! | [`filter`] | apply, go on | a match | what the backend gets and the client sees |
//! | `lint` | lint | a resolution | findings that no API server reports |
//! | `kube` | the same types for kube-rs | | |
//!
//! # All stages in one example
//!
//! ```
//! # #[cfg(feature = "yaml")] {
//! use gatewright::api::Object;
//! use gatewright::filter::{self, Draw, Outcome};
//! use gatewright::resolve::{Controller, resolve};
//! use gatewright::router::{Accepted, Connection, ConnectionProtocol, RequestHead, Router, Target};
//! use gatewright::snapshot::Snapshot;
//! use gatewright::vocab::Bundle;
//! use gatewright::{manifest, validate};
//!
//! let text = b"
//! apiVersion: gateway.networking.k8s.io/v1
//! kind: GatewayClass
//! metadata: {name: class}
//! spec: {controllerName: example.com/controller}
//! ---
//! apiVersion: gateway.networking.k8s.io/v1
//! kind: Gateway
//! metadata: {name: front, namespace: shop}
//! spec:
//!   gatewayClassName: class
//!   listeners: [{name: web, port: 80, protocol: HTTP}]
//! ---
//! apiVersion: gateway.networking.k8s.io/v1
//! kind: HTTPRoute
//! metadata: {name: cart, namespace: shop}
//! spec:
//!   parentRefs: [{name: front}]
//!   hostnames: ['*.example.com']
//!   rules: [{backendRefs: [{name: cart, port: 8080}]}]
//! ---
//! apiVersion: v1
//! kind: Service
//! metadata: {name: cart, namespace: shop}
//! spec: {ports: [{port: 8080}]}
//! ";
//! let bundle = Bundle::default();
//! let mut builder = Snapshot::builder();
//! for document in manifest::parse(text, "shop.yaml").documents {
//!     let report = validate::check(document.value(), bundle);
//!     assert!(report.accepted || !report.checked);
//!     let object = validate::default_and_prune(document.value(), bundle);
//!     builder.put(Object::from_value(object).unwrap());
//! }
//! let resolution = resolve(&builder.build(), &Controller::default().with_bundle(bundle));
//! assert_eq!(resolution.statuses.len(), 3);
//!
//! let router = Router::compile(&resolution.plan);
//! let connection = Connection { target: Target::Only, port: 80, protocol: ConnectionProtocol::Http, sni: None };
//! let Accepted::Http(listener) = router.accept(&connection) else { panic!("nobody listens") };
//! let request = http::Request::get("http://eu.example.com/cart/42").body(()).unwrap();
//! let head = RequestHead::from_request(&request).unwrap();
//! let found = listener.find(&head).unwrap();
//! let Outcome::Forward(forward) = filter::apply(&found, &head, Draw::of(0)) else { panic!("not forwarded") };
//! assert_eq!(&*forward.backend.target.name.name, "cart");
//! # }
//! ```
//!
//! # Features
//!
//! | feature | brings |
//! |---|---|
//! | none | the data-plane core: [`vocab`], [`plan`], [`router`], [`filter`]; no procedural macro |
//! | `serde` | plans and outcomes are serialisable |
//! | `resolve` (default) | `api`, `manifest` (JSON), `validate`, `snapshot`, `resolve`, `lint` |
//! | `yaml` | manifests in YAML |
//! | `x509` | a reader of certificates and keys |
//! | `kube` | types and conversions for kube-rs |
//! | `cli` | the program; brings `yaml` and `x509` |
//!
//! # What it costs
//!
//! | call | time | allocation |
//! |---|---|---|
//! | `manifest::parse` | linear in the bytes | the text once, the values |
//! | `validate::check` | linear in the object | for an accepted object next to none |
//! | `resolve::resolve` | linear in objects, listeners, references and rules, with a sort of what competes | the result |
//! | `resolve::Incremental::apply` | what the change can reach; for most changes independent of the number of Routes | what changed |
//! | [`router::Router::compile`] | n log n in the matches of a host | the table |
//! | [`router::Router::accept`] | a few lookups | none |
//! | [`router::Listener::find`] | independent of the number of routes | none for paths in normal form |
//! | [`filter::apply`] | linear in the filters and backends of the one rule | none for a request without edits |
//!
//! `tests/zero_alloc.rs` counts the allocations, `benches/` show the growth, `benches/RESULTS.md` has the figures.

// No input may panic. Tests may: the lints hold for the library and the program alone.
#![warn(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

pub mod vocab;

mod sequence;

#[cfg(feature = "resolve")]
pub mod api;
#[cfg(feature = "resolve")]
pub mod manifest;
#[cfg(feature = "resolve")]
pub mod validate;

#[cfg(feature = "resolve")]
pub mod snapshot;

pub mod plan;

#[cfg(feature = "resolve")]
pub mod resolve;

pub mod router;

pub mod filter;

#[cfg(feature = "resolve")]
pub mod lint;

#[cfg(feature = "kube")]
pub mod kube;

/// The first program of the README compiles and holds.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
