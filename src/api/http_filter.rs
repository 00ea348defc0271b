//! Filters of HTTPRoutes.

use serde::{Deserialize, Serialize};

use super::{
    Cors, ExternalAuth, HeaderModifier, LocalObjectReference, Open, RequestMirror, open_enum,
};
use crate::vocab::Hostname;

/// One change to requests or responses, or an answer in place of a backend. `type` says which of the other fields
/// counts.
///
/// # Spec
///
/// FILTER-GEN-01..09.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpRouteFilter {
    /// Which filter it is.
    #[serde(rename = "type")]
    pub type_: HttpRouteFilterType,
    /// Edits headers of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_header_modifier: Option<HeaderModifier>,
    /// Edits headers of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_header_modifier: Option<HeaderModifier>,
    /// Sends copies of requests elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_mirror: Option<RequestMirror>,
    /// Answers with a redirect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_redirect: Option<RequestRedirect>,
    /// Changes host or path of the forwarded request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_rewrite: Option<UrlRewrite>,
    /// Lets scripts of other origins in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cors: Option<Cors>,
    /// Asks another server first; experimental.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_auth: Option<ExternalAuth>,
    /// A filter that only the controller knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension_ref: Option<LocalObjectReference>,
}

open_enum! {
    /// Which filter of an HTTPRoute it is.
    pub enum HttpRouteFilterType {
        /// [`HttpRouteFilter::request_header_modifier`].
        RequestHeaderModifier = "RequestHeaderModifier",
        /// [`HttpRouteFilter::response_header_modifier`].
        ResponseHeaderModifier = "ResponseHeaderModifier",
        /// [`HttpRouteFilter::request_redirect`].
        RequestRedirect = "RequestRedirect",
        /// [`HttpRouteFilter::url_rewrite`].
        UrlRewrite = "URLRewrite",
        /// [`HttpRouteFilter::request_mirror`].
        RequestMirror = "RequestMirror",
        /// [`HttpRouteFilter::cors`].
        Cors = "CORS",
        /// [`HttpRouteFilter::external_auth`].
        ExternalAuth = "ExternalAuth",
        /// [`HttpRouteFilter::extension_ref`].
        ExtensionRef = "ExtensionRef",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

/// A redirect.
///
/// # Spec
///
/// FILTER-REDIR-01..13.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRedirect {
    /// The scheme; absent: that of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<RedirectScheme>,
    /// The host; absent: that of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<Open<Hostname>>,
    /// The path; absent: that of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<HttpPathModifier>,
    /// The port, 1 to 65535; absent: it follows from scheme and listener.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// The status; see [`status_code`](Self::status_code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_code: Option<i64>,
}

impl RequestRedirect {
    /// The status of the answer, 302 when unset.
    pub fn status_code(&self) -> i64 {
        self.status_code.unwrap_or(302)
    }
}

open_enum! {
    /// The scheme of a redirect.
    pub enum RedirectScheme {
        /// `http`.
        Http = "http",
        /// `https`.
        Https = "https",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

/// A rewrite of the forwarded request.
///
/// # Spec
///
/// FILTER-REWRITE-01..09.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UrlRewrite {
    /// The host that the backend sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<Open<Hostname>>,
    /// The path that the backend sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<HttpPathModifier>,
}

/// A change of a path. `type` says which of the other fields counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpPathModifier {
    /// What is replaced.
    #[serde(rename = "type")]
    pub type_: PathModifierType,
    /// In place of the whole path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replace_full_path: Option<String>,
    /// In place of the prefix that matched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replace_prefix_match: Option<String>,
}

open_enum! {
    /// What part of a path is replaced.
    pub enum PathModifierType {
        /// All of it.
        ReplaceFullPath = "ReplaceFullPath",
        /// The prefix that matched.
        ReplacePrefixMatch = "ReplacePrefixMatch",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}
