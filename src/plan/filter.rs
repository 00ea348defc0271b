//! Filters of rules and backends.

use std::sync::Arc;

use super::{Backend, ObjectName};

/// One entry of a list of filters.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Filter {
    /// Edits the headers of the request.
    RequestHeaders(HeaderEdits),
    /// Edits the headers of the response.
    ResponseHeaders(HeaderEdits),
    /// Answers with a redirect.
    Redirect(Redirect),
    /// Rewrites host or path when forwarding.
    Rewrite(Rewrite),
    /// Sends copies elsewhere.
    Mirror(Mirror),
    /// Answers preflights and marks responses for browsers.
    Cors(Cors),
    /// Asks another server whether the request may pass.
    ExternalAuth(ExternalAuth),
    /// Something that only the caller knows.
    Extension(ExtensionRef),
}

/// Edits of a header list: remove, set, add, in this order (FILTER-HDR-05).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HeaderEdits {
    /// Afterwards the only value of its name.
    pub set: Vec<(Box<str>, Box<str>)>,
    /// One more line behind the existing ones.
    pub add: Vec<(Box<str>, Box<str>)>,
    /// All lines of the name go.
    pub remove: Vec<Box<str>>,
}

/// A redirect (FILTER-REDIR-01..13).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Redirect {
    /// `http` or `https`; `None` keeps that of the request.
    pub scheme: Option<Box<str>>,
    /// `None` keeps that of the request.
    pub hostname: Option<Box<str>>,
    /// `None` follows from scheme and listener (FILTER-REDIR-05).
    pub port: Option<u16>,
    /// `None` keeps the path.
    pub path: Option<PathModifier>,
    /// The status of the answer.
    pub status: u16,
}

impl Default for Redirect {
    fn default() -> Self {
        Redirect {
            scheme: None,
            hostname: None,
            port: None,
            path: None,
            status: 302,
        }
    }
}

/// A rewrite of the forwarded request (FILTER-REWRITE-01..09).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Rewrite {
    /// The Host that the backend gets.
    pub hostname: Option<Box<str>>,
    /// The path that the backend gets.
    pub path: Option<PathModifier>,
}

/// A change of a path; the query stays.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum PathModifier {
    /// The whole path.
    ReplaceFullPath(Box<str>),
    /// The prefix that the match asked for.
    ReplacePrefixMatch(Box<str>),
}

/// Copies of requests for another backend (FILTER-MIRROR-01..09).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Mirror {
    /// Where they go; with a fault nothing is sent. Weight and filters of it mean nothing.
    pub backend: Arc<Backend>,
    /// Of `denominator` requests so many are copied.
    pub numerator: u32,
    /// At least 1.
    pub denominator: u32,
}

/// Cross-origin rules for browsers (FILTER-CORS-01..23), values as configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cors {
    /// `*`, or origins with an optional wildcard host.
    pub allow_origins: Vec<Box<str>>,
    /// Whether credentials may be used.
    pub allow_credentials: bool,
    /// Methods, or `*`.
    pub allow_methods: Vec<Box<str>>,
    /// Request headers, or `*`.
    pub allow_headers: Vec<Box<str>>,
    /// Response headers that scripts may read, or `*`.
    pub expose_headers: Vec<Box<str>>,
    /// Seconds for which a preflight may be remembered; 0 is the default of 5.
    pub max_age: u32,
}

/// A question to another server before forwarding (FILTER-AUTH-01..19).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExternalAuth {
    /// How it is asked.
    pub protocol: AuthProtocol,
    /// Who is asked; with a fault the rule answers 500 (FILTER-AUTH-03).
    pub backend: Arc<Backend>,
    /// Most bytes of the body that are sent along; 0 sends none.
    pub max_body: u16,
}

/// How an auth server is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum AuthProtocol {
    /// By a request of the same method.
    Http {
        /// Put in front of the path; may be empty.
        path: Box<str>,
        /// Client headers sent beside the fixed ones.
        allowed_headers: Vec<Box<str>>,
        /// Headers of the answer that the backend gets; empty means nearly all.
        allowed_response_headers: Vec<Box<str>>,
    },
    /// By a call of Envoy's `Authorization/Check`.
    Grpc {
        /// Client headers sent; empty means all.
        allowed_headers: Vec<Box<str>>,
    },
}

/// A filter that only the caller knows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExtensionRef {
    /// API group.
    pub group: Box<str>,
    /// Kind.
    pub kind: Box<str>,
    /// Namespace (the Route's) and name.
    pub name: ObjectName,
    /// Whether the caller said that it knows this object; unresolved ones answer 500 (FILTER-EXT-02).
    pub resolved: bool,
}
