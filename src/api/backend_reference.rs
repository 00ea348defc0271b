//! References to what serves the traffic.

use serde::{Deserialize, Serialize};

use super::object_reference::Target;
use super::{GrpcRouteFilter, HttpRouteFilter};

macro_rules! backend_defaults {
    ($name:ident) => {
        impl $name {
            /// The API group, the core group when unset (BE-01).
            pub fn group(&self) -> &str {
                self.group.as_deref().unwrap_or_default()
            }

            /// The kind, `Service` when unset (BE-01).
            pub fn kind(&self) -> &str {
                self.kind.as_deref().unwrap_or("Service")
            }

            /// The referent, defaults filled in.
            pub fn target(&self) -> Target<'_> {
                Target {
                    group: self.group(),
                    kind: self.kind(),
                    namespace: self.namespace.as_deref(),
                    name: &self.name,
                }
            }
        }
    };
}

macro_rules! weight_default {
    ($name:ident) => {
        impl $name {
            /// The weight, 1 when unset (BE-01).
            pub fn weight(&self) -> i32 {
                self.weight.unwrap_or(1)
            }
        }
    };
}

/// A reference to a backend outside of a split: a mirror, an auth server.
///
/// # Spec
///
/// BE-01..06.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendObjectReference {
    /// API group; see [`group`](Self::group).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Kind; see [`kind`](Self::kind).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name.
    pub name: String,
    /// Namespace; absent means that of the Route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The port of the Service, not of its pods; 1 to 65535. Required for a Service (BE-03).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
}

backend_defaults!(BackendObjectReference);

/// One share of a split, for TLS, TCP and UDP.
///
/// # Spec
///
/// BE-01..06, BE-13.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendRef {
    /// API group; see [`group`](Self::group).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Kind; see [`kind`](Self::kind).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name.
    pub name: String,
    /// Namespace; absent means that of the Route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The port of the Service, not of its pods; 1 to 65535. Required for a Service (BE-03).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// Share of the traffic, in relation to the sum of the rule; 0 to 1,000,000. See [`weight`](Self::weight).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<i32>,
}

backend_defaults!(BackendRef);
weight_default!(BackendRef);

/// One share of a split, for HTTP.
///
/// # Spec
///
/// BE-01..06, BE-13.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpBackendRef {
    /// API group; see [`group`](Self::group).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Kind; see [`kind`](Self::kind).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name.
    pub name: String,
    /// Namespace; absent means that of the Route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The port of the Service, not of its pods; 1 to 65535. Required for a Service (BE-03).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// Share of the traffic, in relation to the sum of the rule; 0 to 1,000,000. See [`weight`](Self::weight).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<i32>,
    /// Filters for requests that go to this backend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<HttpRouteFilter>>,
}

backend_defaults!(HttpBackendRef);
weight_default!(HttpBackendRef);

/// One share of a split, for gRPC.
///
/// # Spec
///
/// BE-01..06, BE-13.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrpcBackendRef {
    /// API group; see [`group`](Self::group).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Kind; see [`kind`](Self::kind).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name.
    pub name: String,
    /// Namespace; absent means that of the Route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The port of the Service, not of its pods; 1 to 65535. Required for a Service (BE-03).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// Share of the traffic, in relation to the sum of the rule; 0 to 1,000,000. See [`weight`](Self::weight).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<i32>,
    /// Filters for requests that go to this backend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<GrpcRouteFilter>>,
}

backend_defaults!(GrpcBackendRef);
weight_default!(GrpcBackendRef);
