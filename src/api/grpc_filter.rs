//! Filters of GRPCRoutes.

use serde::{Deserialize, Serialize};

use super::{HeaderModifier, LocalObjectReference, RequestMirror, open_enum};

/// One change to calls. `type` says which of the other fields counts.
///
/// # Spec
///
/// FILTER-GEN-01..09.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrpcRouteFilter {
    /// Which filter it is.
    #[serde(rename = "type")]
    pub type_: GrpcRouteFilterType,
    /// Edits headers of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_header_modifier: Option<HeaderModifier>,
    /// Edits headers of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_header_modifier: Option<HeaderModifier>,
    /// Sends copies of calls elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_mirror: Option<RequestMirror>,
    /// A filter that only the controller knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension_ref: Option<LocalObjectReference>,
}

open_enum! {
    /// Which filter of a GRPCRoute it is.
    pub enum GrpcRouteFilterType {
        /// [`GrpcRouteFilter::request_header_modifier`].
        RequestHeaderModifier = "RequestHeaderModifier",
        /// [`GrpcRouteFilter::response_header_modifier`].
        ResponseHeaderModifier = "ResponseHeaderModifier",
        /// [`GrpcRouteFilter::request_mirror`].
        RequestMirror = "RequestMirror",
        /// [`GrpcRouteFilter::extension_ref`].
        ExtensionRef = "ExtensionRef",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}
