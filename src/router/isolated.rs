//! Rules that are not served.

use std::fmt;

use super::pattern::InvalidRegex;
use crate::plan::{ObjectName, RouteKind};

/// A rule that a router leaves out because it cannot be served; all others are served (EVAL-03/04, MATCH-PATH-09).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Isolated {
    /// Kind of the Route.
    pub kind: RouteKind,
    /// The Route.
    pub route: ObjectName,
    /// Place of the rule in the Route.
    pub rule_index: u32,
    /// What is wrong with it.
    pub why: Unservable,
}

impl fmt::Display for Isolated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} `{}`: rules[{}]: {}",
            self.kind, self.route, self.rule_index, self.why
        )
    }
}

/// Why a rule cannot be served.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unservable {
    /// A regular expression that does not compile or exceeds a limit (MATCH-PATH-09, SAFE-REGEX-01).
    Regex {
        /// The field, from the match on: `path`, `headers[x-env]`, ...
        field: String,
        /// What is wrong with it.
        why: InvalidRegex,
    },
    /// A path value that no request in normal form can have (MATCH-PATH-15).
    Path(Box<str>),
    /// A header name that is none (SAFE-HDR-01).
    HeaderName(Box<str>),
    /// A header value that no request can have: empty, or with control characters (MATCH-HDR-08, SAFE-HDR-01).
    HeaderValue(Box<str>),
    /// Neither a service nor a method (MATCH-GRPC-05).
    EmptyGrpcMethod,
    /// A service or method name that is none (MATCH-GRPC-06).
    GrpcName(Box<str>),
    /// Conditions of another kind of Route.
    WrongKind,
}

impl fmt::Display for Unservable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unservable::Regex { field, why } => write!(f, "{field}: regular expression: {why}"),
            Unservable::Path(path) => write!(f, "path: `{path}` is not in normal form"),
            Unservable::HeaderName(name) => write!(f, "headers: `{name}` is no header name"),
            Unservable::HeaderValue(value) => write!(f, "headers: `{value}` is no header value"),
            Unservable::EmptyGrpcMethod => f.write_str("method: neither service nor method"),
            Unservable::GrpcName(name) => {
                write!(f, "method: `{name}` is no name of a service or method")
            }
            Unservable::WrongKind => f.write_str("conditions of another kind of Route"),
        }
    }
}

impl std::error::Error for Unservable {}
