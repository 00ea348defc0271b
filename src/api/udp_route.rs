//! UDPRoute.

use serde::{Deserialize, Serialize};

use super::{BackendRef, DefaultScope, ObjectMeta, Open, ParentReference, RouteStatus};
use crate::vocab::SectionName;

/// Destinations of UDP traffic.
///
/// # Spec
///
/// Versions v1 (since v1.6), v1alpha2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UdpRoute {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// What is asked for.
    pub spec: UdpRouteSpec,
    /// What controllers found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<RouteStatus>,
}

/// What a UDPRoute asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UdpRouteSpec {
    /// What it attaches to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_refs: Option<Vec<ParentReference>>,
    /// Whether it attaches to default Gateways (GW-DEF-01).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_default_gateways: Option<DefaultScope>,
    /// The rules.
    pub rules: Vec<UdpRouteRule>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UdpRouteRule {
    /// The name, for people and policies (POL-09).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Open<SectionName>>,
    /// Where the traffic goes, by weight.
    pub backend_refs: Vec<BackendRef>,
}
