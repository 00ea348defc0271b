//! Conditions on HTTP requests.

use serde::{Deserialize, Serialize};

use super::open_enum;

/// Conditions that must all hold. Without a path, every path under `/` will do.
///
/// # Spec
///
/// MATCH-PATH, MATCH-HDR, MATCH-QUERY and MATCH-METHOD of the matching part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpRouteMatch {
    /// On the path; see [`path_type`](Self::path_type) and [`path_value`](Self::path_value).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<HttpPathMatch>,
    /// On headers; of entries with one name only the first counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<Vec<HeaderMatch>>,
    /// On query parameters; of entries with one name only the first counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_params: Option<Vec<HeaderMatch>>,
    /// On the method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<HttpMethod>,
}

impl HttpRouteMatch {
    /// How the path is compared, `PathPrefix` when unset.
    pub fn path_type(&self) -> &PathMatchType {
        match &self.path {
            Some(HttpPathMatch {
                type_: Some(type_), ..
            }) => type_,
            _ => &PathMatchType::PathPrefix,
        }
    }

    /// What the path is compared with, `/` when unset.
    pub fn path_value(&self) -> &str {
        self.path
            .as_ref()
            .and_then(|path| path.value.as_deref())
            .unwrap_or("/")
    }
}

/// A condition on the path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpPathMatch {
    /// How it is compared.
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_: Option<PathMatchType>,
    /// What it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

open_enum! {
    /// How a path is compared.
    pub enum PathMatchType {
        /// Byte for byte.
        Exact = "Exact",
        /// By whole segments from the front.
        PathPrefix = "PathPrefix",
        /// By a regular expression.
        RegularExpression = "RegularExpression",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

/// A condition on a header of an HTTP or gRPC request, or on a query parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeaderMatch {
    /// How the value is compared; see [`type_`](Self::type_).
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_: Option<ValueMatchType>,
    /// The name; of a header without regard to case.
    pub name: String,
    /// What the value is compared with.
    pub value: String,
}

impl HeaderMatch {
    /// How the value is compared, `Exact` when unset.
    pub fn type_(&self) -> &ValueMatchType {
        self.type_.as_ref().unwrap_or(&ValueMatchType::Exact)
    }
}

/// A condition on a query parameter has the shape of one on a header.
pub type QueryParamMatch = HeaderMatch;

open_enum! {
    /// How the value of a header, of a query parameter or of a gRPC method is compared.
    pub enum ValueMatchType {
        /// Byte for byte.
        Exact = "Exact",
        /// By a regular expression.
        RegularExpression = "RegularExpression",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

open_enum! {
    /// A method that an HTTPRoute can match.
    pub enum HttpMethod {
        /// GET.
        Get = "GET",
        /// HEAD.
        Head = "HEAD",
        /// POST.
        Post = "POST",
        /// PUT.
        Put = "PUT",
        /// DELETE.
        Delete = "DELETE",
        /// CONNECT.
        Connect = "CONNECT",
        /// OPTIONS.
        Options = "OPTIONS",
        /// TRACE.
        Trace = "TRACE",
        /// PATCH.
        Patch = "PATCH",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}
