//! Conditions on gRPC calls.

use serde::{Deserialize, Serialize};

use super::{HeaderMatch, ValueMatchType};

/// Conditions that must all hold.
///
/// # Spec
///
/// MATCH-GRPC of the matching part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrpcRouteMatch {
    /// On service and method; absent: every call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<GrpcMethodMatch>,
    /// On headers; of entries with one name only the first counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<Vec<HeaderMatch>>,
}

/// A condition on service and method.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrpcMethodMatch {
    /// How they are compared; see [`type_`](Self::type_).
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_: Option<ValueMatchType>,
    /// The service; absent or empty: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The method; absent or empty: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

impl GrpcMethodMatch {
    /// How service and method are compared, `Exact` when unset.
    pub fn type_(&self) -> &ValueMatchType {
        self.type_.as_ref().unwrap_or(&ValueMatchType::Exact)
    }
}
