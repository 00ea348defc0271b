//! The same kinds for kube-rs: with `Api`, reflectors, `Controller`, and patches of statuses.
//!
//! Stage: beside the others; it carries objects between a cluster and [`api`] and back, and decides nothing
//! about them. Needs the feature `kube`.
//!
//! A [`Live<K>`] is a kind of [`api`] as a cluster has it: the metadata is that of kube, spec and status are
//! the very structs of [`api`]. [`HttpRoute`] and the like are short names. Which version is asked for is a
//! value, [`Served`]: its default is the newest, so `Api::all` works; a cluster with another bundle is served through
//! `Api::all_with` and [`Served::in_bundle`], several at once in one program. [`detect`](mod@detect) tells which bundle a
//! cluster has.
//!
//! ```
//! use gatewright::kube::{HttpRoute, Served, TlsRoute, kube_core::Resource};
//! use gatewright::vocab::{Bundle, Channel, Release};
//!
//! // What `Api::<TlsRoute>::all(client)` asks for, and what a cluster with v1.4 needs.
//! let newest = Served::default();
//! let old = Served::in_bundle(Bundle::new(Release::V1_4, Channel::Experimental)).unwrap();
//! assert_eq!(TlsRoute::url_path(&newest, None), "/apis/gateway.networking.k8s.io/v1/tlsroutes");
//! assert_eq!(TlsRoute::url_path(&old, None), "/apis/gateway.networking.k8s.io/v1alpha3/tlsroutes");
//!
//! let route: HttpRoute = serde_json::from_value(serde_json::json!({
//!     "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
//!     "metadata": {"name": "cart", "namespace": "shop"}, "spec": {}
//! }))?;
//! let object = gatewright::api::Object::from(route);
//! assert_eq!(object.key().to_string(), "HTTPRoute shop/cart");
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # Objects that do not parse
//!
//! A new enum value upstream is kept and stops nothing, but a mistyped field of one object fails the list that holds it.
//! Wrap the kind in `kube_core::DeserializeGuard` and the others are still read.
//!
//! # Building
//!
//! k8s-openapi wants to be told the oldest version of Kubernetes, and leaves that to the program: no dependency of this
//! crate enables one of its `v1_*` features. A program enables one; to build or document this crate alone set
//! `K8S_OPENAPI_ENABLED_VERSION=1.36`.

pub mod detect;
mod live;
mod metadata;
mod served;
pub mod status;

pub use kube_core;

pub use live::{Live, NoStatus, Parts, Pieces};
pub use metadata::Unrepresentable;
pub use served::Served;

use crate::api;

/// A GatewayClass of a cluster.
pub type GatewayClass = Live<api::GatewayClass>;
/// A Gateway of a cluster.
pub type Gateway = Live<api::Gateway>;
/// A ListenerSet of a cluster, or an XListenerSet of one with v1.4.
pub type ListenerSet = Live<api::ListenerSet>;
/// An HTTPRoute of a cluster.
pub type HttpRoute = Live<api::HttpRoute>;
/// A GRPCRoute of a cluster.
pub type GrpcRoute = Live<api::GrpcRoute>;
/// A TLSRoute of a cluster.
pub type TlsRoute = Live<api::TlsRoute>;
/// A TCPRoute of a cluster.
pub type TcpRoute = Live<api::TcpRoute>;
/// A UDPRoute of a cluster.
pub type UdpRoute = Live<api::UdpRoute>;
/// A ReferenceGrant of a cluster.
pub type ReferenceGrant = Live<api::ReferenceGrant>;
/// A BackendTLSPolicy of a cluster.
pub type BackendTlsPolicy = Live<api::BackendTlsPolicy>;
/// An XBackendTrafficPolicy of a cluster.
pub type BackendTrafficPolicy = Live<api::BackendTrafficPolicy>;
/// An XMesh of a cluster.
pub type Mesh = Live<api::Mesh>;
/// An XBackend of a cluster.
pub type ExternalBackend = Live<api::ExternalBackend>;

/// Reads any object of kube as one of ours: the core kinds of k8s-openapi, `DynamicObject`, a [`Live`].
///
/// It goes by way of JSON; for a [`Live`], [`Live::into_api`] costs nothing.
///
/// # Errors
///
/// [`InvalidObject`](api::InvalidObject) as [`Object::from_value`](api::Object::from_value), in particular if the object
/// does not say its `apiVersion` and `kind`.
///
/// # Cost
///
/// O(size).
///
/// ```
/// use gatewright::kube::read;
/// use k8s_openapi::api::core::v1::Service;
///
/// let mut service = Service::default();
/// service.metadata.name = Some("cart".to_owned());
/// assert_eq!(read(&service)?.key().to_string(), "Service default/cart");
/// # Ok::<(), gatewright::api::InvalidObject>(())
/// ```
pub fn read<T: serde::Serialize>(object: &T) -> Result<api::Object, api::InvalidObject> {
    api::Object::from_value(serde_json::to_value(object).unwrap_or_default())
}

#[cfg(test)]
mod tests;
