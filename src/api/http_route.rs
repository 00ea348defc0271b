//! HTTPRoute.

use serde::{Deserialize, Serialize};

use super::{
    DefaultScope, HttpBackendRef, HttpRouteFilter, HttpRouteMatch, ObjectMeta, Open,
    ParentReference, RouteStatus, SessionPersistence,
};
use crate::vocab::{Duration, Hostname, SectionName};

/// Rules for HTTP requests.
///
/// # Spec
///
/// Versions v1, v1beta1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpRoute {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// What is asked for.
    pub spec: HttpRouteSpec,
    /// What controllers found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<RouteStatus>,
}

/// What an HTTPRoute asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpRouteSpec {
    /// What it attaches to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_refs: Option<Vec<ParentReference>>,
    /// Whether it attaches to default Gateways (GW-DEF-01).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_default_gateways: Option<DefaultScope>,
    /// The hostnames that it serves; absent or empty: those of the listener.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostnames: Option<Vec<Open<Hostname>>>,
    /// The rules. Absent means one that matches every path; an empty list means none (RT-COND-05).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<HttpRouteRule>>,
}

/// One rule: conditions, changes, destinations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpRouteRule {
    /// The name, for people and policies (POL-09).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Open<SectionName>>,
    /// Conditions of which one must hold. Absent: every path under `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<Vec<HttpRouteMatch>>,
    /// Changes to request and response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<HttpRouteFilter>>,
    /// Where requests go, by weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_refs: Option<Vec<HttpBackendRef>>,
    /// How long things may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<HttpRouteTimeouts>,
    /// When requests are sent again; experimental.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<HttpRouteRetry>,
    /// How clients stay with one backend; experimental.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_persistence: Option<SessionPersistence>,
}

/// How long things may take; `0s` means no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpRouteTimeouts {
    /// From the request's first byte to the response's last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Open<Duration>>,
    /// For one attempt at a backend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend_request: Option<Open<Duration>>,
}

/// When requests are sent again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpRouteRetry {
    /// Status codes of backends that call for another attempt, 400 to 599.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codes: Option<Vec<i64>>,
    /// How many further attempts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<i64>,
    /// The least time between attempts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backoff: Option<Open<Duration>>,
}
