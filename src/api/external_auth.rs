//! Authorization by another server.

use serde::{Deserialize, Serialize};

use super::{BackendObjectReference, open_enum};

/// Asks another server whether a request may pass. `protocol` says which of `grpc` and `http` counts.
///
/// # Spec
///
/// FILTER-AUTH of the matching part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalAuth {
    /// How the server is asked.
    pub protocol: ExternalAuthProtocol,
    /// The server.
    pub backend_ref: BackendObjectReference,
    /// Details for gRPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc: Option<GrpcAuth>,
    /// Details for HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpAuth>,
    /// Whether the server gets the body too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forward_body: Option<ForwardBody>,
}

open_enum! {
    /// How an auth server is asked.
    pub enum ExternalAuthProtocol {
        /// By the gRPC protocol of Envoy.
        Grpc = "GRPC",
        /// By an HTTP request.
        Http = "HTTP",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

/// Details of asking by gRPC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrpcAuth {
    /// Headers of the request that the server gets; absent or empty: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_headers: Option<Vec<String>>,
}

/// Details of asking by HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpAuth {
    /// What precedes the path of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Headers of the request that the server gets besides those that it always gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_headers: Option<Vec<String>>,
    /// Headers of the server's answer that the backend gets; absent or empty: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_response_headers: Option<Vec<String>>,
}

/// How much of the body an auth server gets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForwardBody {
    /// At most so many bytes; 0 or absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_size: Option<i64>,
}
