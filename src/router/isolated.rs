//! Rules that are not served.

use std::fmt;

use super::pattern::InvalidRegex;
use crate::plan::check::RuleFault;
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
    /// What [`plan::check`](crate::plan::check) finds wrong with it.
    Fault(RuleFault),
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
}

impl fmt::Display for Unservable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unservable::Fault(fault) => fault.fmt(f),
            Unservable::Regex { field, why } => write!(f, "{field}: regular expression: {why}"),
            Unservable::Path(path) => write!(f, "path: `{path}` is not in normal form"),
            Unservable::HeaderName(name) => write!(f, "headers: `{name}` is no header name"),
        }
    }
}

impl std::error::Error for Unservable {}
