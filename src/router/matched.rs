//! The answer to a request that some rule takes.

use std::borrow::Cow;

use crate::plan::{Action, ListenerHead, ObjectName, RouteKind};
use crate::vocab::Hostname;

/// The one rule, and the match in it, that a request gets (EVAL-01), with what is needed to act on it.
#[derive(Clone, Debug)]
pub struct Match<'a> {
    parts: MatchParts<'a>,
}

/// Everything that a [`Match`] holds, for callers who make one without a router.
#[derive(Clone, Debug)]
pub struct MatchParts<'a> {
    /// The listener; `None` in a mesh.
    pub listener: Option<&'a ListenerHead>,
    /// The port that the client connected to: of the listener, or of the Service in a mesh.
    pub port: u16,
    /// How the request came: TLS or not, by the listener's protocol.
    pub scheme: Scheme,
    /// The Route.
    pub route: RouteId<'a>,
    /// The hostname of the Route that the host fell under, as written there; `None` when the Route has none.
    pub hostname: Option<&'a Hostname>,
    /// Place of the rule in the Route.
    pub rule_index: u32,
    /// Name of the rule.
    pub rule_name: Option<&'a str>,
    /// Place of the match in the rule.
    pub match_index: u32,
    /// What the matching `PathPrefix` asks for, normalised and without closing slash (`/` is empty); `None` for other
    /// kinds of match.
    pub prefix: Option<&'a str>,
    /// The regular expression of the path that matched, as configured; `None` for other kinds of match.
    pub regex: Option<&'a str>,
    /// The path that filters work on and the backend gets: the effective path, or the path as received for a GRPCRoute
    /// (MATCH-PATH-16, MATCH-GRPC-02).
    pub path: Cow<'a, str>,
    /// Whether the request is a gRPC call (MATCH-GRPC-01).
    pub is_grpc: bool,
    /// What happens now.
    pub action: &'a Action,
}

/// Which Route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RouteId<'a> {
    /// Its kind.
    pub kind: RouteKind,
    /// Its namespace and name.
    pub name: &'a ObjectName,
}

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// In clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// The scheme as URLs write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// The port that URLs leave out.
    pub const fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

impl<'a> Match<'a> {
    /// A match from its parts.
    pub fn new(parts: MatchParts<'a>) -> Self {
        Match { parts }
    }

    /// The listener; `None` in a mesh.
    pub fn listener(&self) -> Option<&'a ListenerHead> {
        self.parts.listener
    }

    /// The port that the client connected to.
    pub fn port(&self) -> u16 {
        self.parts.port
    }

    /// How the request came.
    pub fn scheme(&self) -> Scheme {
        self.parts.scheme
    }

    /// The Route.
    pub fn route(&self) -> RouteId<'a> {
        self.parts.route
    }

    /// The hostname of the Route that the host fell under, as written there; `None` when the Route has none.
    pub fn hostname(&self) -> Option<&'a Hostname> {
        self.parts.hostname
    }

    /// Place of the rule in the Route, dropped rules counted.
    pub fn rule_index(&self) -> u32 {
        self.parts.rule_index
    }

    /// Name of the rule.
    pub fn rule_name(&self) -> Option<&'a str> {
        self.parts.rule_name
    }

    /// Place of the match in the rule; 0 for a rule without matches.
    pub fn match_index(&self) -> u32 {
        self.parts.match_index
    }

    /// What the matching `PathPrefix` asks for, normalised and without closing slash; `None` for other kinds of match.
    pub fn prefix(&self) -> Option<&'a str> {
        self.parts.prefix
    }

    /// The regular expression of the path that matched, as configured; `None` for other kinds of match. A session cookie
    /// is limited to the literal directory that it begins with (BACKEND-SESSION-07).
    pub fn regex(&self) -> Option<&'a str> {
        self.parts.regex
    }

    /// The path that filters work on and the backend gets.
    pub fn path(&self) -> &str {
        &self.parts.path
    }

    /// Whether the request is a gRPC call.
    pub fn is_grpc(&self) -> bool {
        self.parts.is_grpc
    }

    /// What happens now.
    pub fn action(&self) -> &'a Action {
        self.parts.action
    }
}
