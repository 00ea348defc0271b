//! Conditions on requests.

use std::fmt;
use std::str::FromStr;

/// Conditions on an HTTP request; all must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HttpMatch {
    /// Condition on the path.
    pub path: PathMatch,
    /// The method that is asked for; `None` takes all.
    pub method: Option<Method>,
    /// Conditions on headers. Of entries whose names differ in case only the first counts (MATCH-HDR-03).
    pub headers: Vec<HeaderMatch>,
    /// Conditions on query parameters. Of entries with one (decoded) name only the first counts (MATCH-QUERY-05).
    pub query: Vec<QueryMatch>,
}

impl HttpMatch {
    /// No condition but that on the path.
    pub fn path(path: PathMatch) -> Self {
        HttpMatch {
            path,
            method: None,
            headers: Vec::new(),
            query: Vec::new(),
        }
    }

    /// A prefix of whole path elements.
    pub fn prefix(value: impl Into<Box<str>>) -> Self {
        HttpMatch::path(PathMatch::Prefix(value.into()))
    }

    /// A whole path.
    pub fn exact(value: impl Into<Box<str>>) -> Self {
        HttpMatch::path(PathMatch::Exact(value.into()))
    }

    /// A regular expression for the whole path.
    pub fn regex(pattern: impl Into<Box<str>>) -> Self {
        HttpMatch::path(PathMatch::Regex(pattern.into()))
    }

    /// The same, for one method.
    pub fn with_method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// The same, with one more header that must have exactly this value.
    pub fn with_header(mut self, name: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.headers.push(HeaderMatch {
            name: name.into(),
            value: ValueMatch::Exact(value.into()),
        });
        self
    }

    /// The same, with one more query parameter that must have exactly this (decoded) value.
    pub fn with_query(mut self, name: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.query.push(QueryMatch {
            name: name.into(),
            value: ValueMatch::Exact(value.into()),
        });
        self
    }
}

/// Condition on the path of a request, as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum PathMatch {
    /// The whole path, byte by byte (MATCH-PATH-01).
    Exact(Box<str>),
    /// A prefix of whole path elements; one trailing slash does not count (MATCH-PATH-02/03).
    Prefix(Box<str>),
    /// A regular expression that must match the whole path (MATCH-PATH-08).
    Regex(Box<str>),
}

/// Condition on one header.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HeaderMatch {
    /// The name, in any case.
    pub name: Box<str>,
    /// What the value must be.
    pub value: ValueMatch,
}

/// Condition on one query parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QueryMatch {
    /// The name as configured; it is decoded once when compiled (MATCH-QUERY-03).
    pub name: Box<str>,
    /// What the decoded value must be.
    pub value: ValueMatch,
}

/// What a value must be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ValueMatch {
    /// Exactly this.
    Exact(Box<str>),
    /// Something that this regular expression matches as a whole.
    Regex(Box<str>),
}

/// Conditions on a gRPC call; all must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GrpcMatch {
    /// Condition on service and method; `None` takes every call.
    pub method: Option<GrpcMethodMatch>,
    /// Conditions on metadata.
    pub headers: Vec<HeaderMatch>,
}

/// Condition on the service and method of a gRPC call. At least one is given (MATCH-GRPC-05); both are of one type, exact
/// or regular expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GrpcMethodMatch {
    /// The full name of the service, without slashes.
    pub service: Option<ValueMatch>,
    /// The name of the method.
    pub method: Option<ValueMatch>,
}

/// A request method that a match may ask for (MATCH-METHOD-02). Requests may have any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "UPPERCASE"))]
#[expect(missing_docs, reason = "each is the method of its name")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Delete,
    Connect,
    Options,
    Trace,
    Patch,
}

impl Method {
    /// All methods, in the order of the API reference.
    pub const ALL: [Method; 9] = [
        Method::Get,
        Method::Head,
        Method::Post,
        Method::Put,
        Method::Delete,
        Method::Connect,
        Method::Options,
        Method::Trace,
        Method::Patch,
    ];

    /// The method as requests write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Connect => "CONNECT",
            Method::Options => "OPTIONS",
            Method::Trace => "TRACE",
            Method::Patch => "PATCH",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Method {
    type Err = UnknownMethod;

    /// Case-sensitive (MATCH-METHOD-01).
    fn from_str(text: &str) -> Result<Self, UnknownMethod> {
        Method::ALL
            .into_iter()
            .find(|method| method.as_str() == text)
            .ok_or(UnknownMethod)
    }
}

/// A method that no match may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownMethod;

impl fmt::Display for UnknownMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected one of `GET`, `HEAD`, `POST`, `PUT`, `DELETE`, `CONNECT`, `OPTIONS`, `TRACE`, `PATCH`")
    }
}

impl std::error::Error for UnknownMethod {}
