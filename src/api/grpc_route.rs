//! GRPCRoute.

use serde::{Deserialize, Serialize};

use super::{
    DefaultScope, GrpcBackendRef, GrpcRouteFilter, GrpcRouteMatch, ObjectMeta, Open,
    ParentReference, RouteStatus, SessionPersistence,
};
use crate::vocab::{Hostname, SectionName};

/// Rules for gRPC calls.
///
/// # Spec
///
/// Version v1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrpcRoute {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// What is asked for.
    pub spec: GrpcRouteSpec,
    /// What controllers found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<RouteStatus>,
}

/// What a GRPCRoute asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrpcRouteSpec {
    /// What it attaches to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_refs: Option<Vec<ParentReference>>,
    /// Whether it attaches to default Gateways (GW-DEF-01).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_default_gateways: Option<DefaultScope>,
    /// The hostnames that it serves; absent or empty: those of the listener.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostnames: Option<Vec<Open<Hostname>>>,
    /// The rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<GrpcRouteRule>>,
}

/// One rule: conditions, changes, destinations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrpcRouteRule {
    /// The name, for people and policies (POL-09).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Open<SectionName>>,
    /// Conditions of which one must hold. Absent or empty: every call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<Vec<GrpcRouteMatch>>,
    /// Changes to request and response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<GrpcRouteFilter>>,
    /// Where calls go, by weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_refs: Option<Vec<GrpcBackendRef>>,
    /// How clients stay with one backend; experimental.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_persistence: Option<SessionPersistence>,
}
