//! The answer to a request that some rule takes.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use super::route::RouteEntry;
use super::source::TargetCondition;
use super::table::Hit;
use crate::plan::{Action, ListenerHead, ObjectName, RouteKind, Timeouts};
use crate::vocab::Hostname;

/// The one rule, and the match in it, that a request gets (EVAL-01), with what is needed to act on it.
///
/// It refers into the router and the request; what it tells is looked up when it is asked for.
#[derive(Clone, Debug)]
pub struct Match<'a> {
    inner: Inner<'a>,
}

#[derive(Clone, Debug)]
enum Inner<'a> {
    Found(Found<'a>),
    Parts(Box<MatchParts<'a>>),
}

/// What a router has found.
#[derive(Clone, Debug)]
pub(super) struct Found<'a> {
    pub(super) listener: Option<&'a ListenerHead>,
    pub(super) port: u16,
    pub(super) scheme: Scheme,
    pub(super) is_grpc: bool,
    pub(super) hit: Hit<'a>,
    /// Bytes of the effective path, or of the path as received.
    pub(super) path: Cow<'a, [u8]>,
}

/// Stands where an answer without a rule would leave nothing: it answers 500 and forwards nothing (SAFE-AUTH-01).
static NOTHING: Action = Action {
    fault: None,
    filters: Vec::new(),
    backends: Vec::new(),
    timeouts: Timeouts {
        request: None,
        backend_request: None,
    },
    retry: None,
    session: None,
};

static NOBODY: LazyLock<ObjectName> = LazyLock::new(|| ObjectName::new("", ""));

impl<'a> Found<'a> {
    fn route(&self) -> Option<&'a Arc<RouteEntry>> {
        self.hit.extra.routes.get(self.hit.answer.route())
    }

    /// The Route and the place of the rule in it.
    fn rule(&self) -> Option<(&'a RouteEntry, u32)> {
        let route = self.route()?;
        Some((route, route.slot(self.hit.answer)))
    }

    fn target(&self) -> Option<TargetCondition<'a>> {
        Some(self.route()?.candidate(self.hit.answer.at()).target)
    }

    fn hostname(&self) -> Option<&'a Hostname> {
        let own = self.hit.name;
        let is_own = |name: &&Hostname| match name.suffix() {
            Some(suffix) => suffix.as_bytes() == own,
            None => name.as_str().as_bytes() == own,
        };
        self.route()?.hostnames.iter().find(is_own)
    }
}

/// A text of which the bytes were one.
fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
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
        let inner = Inner::Parts(Box::new(parts));
        Match { inner }
    }

    #[inline(always)]
    pub(super) fn found(found: Found<'a>) -> Self {
        let inner = Inner::Found(found);
        Match { inner }
    }

    /// The listener; `None` in a mesh.
    pub fn listener(&self) -> Option<&'a ListenerHead> {
        match &self.inner {
            Inner::Found(found) => found.listener,
            Inner::Parts(parts) => parts.listener,
        }
    }

    /// The port that the client connected to.
    pub fn port(&self) -> u16 {
        match &self.inner {
            Inner::Found(found) => found.port,
            Inner::Parts(parts) => parts.port,
        }
    }

    /// How the request came.
    pub fn scheme(&self) -> Scheme {
        match &self.inner {
            Inner::Found(found) => found.scheme,
            Inner::Parts(parts) => parts.scheme,
        }
    }

    /// The Route.
    pub fn route(&self) -> RouteId<'a> {
        match &self.inner {
            Inner::Found(found) => match found.route() {
                Some(route) => RouteId {
                    kind: route.kind,
                    name: &route.name,
                },
                None => RouteId {
                    kind: RouteKind::Http,
                    name: &NOBODY,
                },
            },
            Inner::Parts(parts) => parts.route,
        }
    }

    /// The hostname of the Route that the host fell under, as written there; `None` when the Route has none.
    pub fn hostname(&self) -> Option<&'a Hostname> {
        match &self.inner {
            Inner::Found(found) => found.hostname(),
            Inner::Parts(parts) => parts.hostname,
        }
    }

    /// Place of the rule in the Route, dropped rules counted.
    #[inline]
    pub fn rule_index(&self) -> u32 {
        match &self.inner {
            Inner::Found(found) => found.hit.answer.rule_index(),
            Inner::Parts(parts) => parts.rule_index,
        }
    }

    /// Name of the rule.
    pub fn rule_name(&self) -> Option<&'a str> {
        match &self.inner {
            Inner::Found(found) => found.rule().and_then(|(route, slot)| route.rule_name(slot)),
            Inner::Parts(parts) => parts.rule_name,
        }
    }

    /// Place of the match in the rule; 0 for a rule without matches.
    pub fn match_index(&self) -> u32 {
        match &self.inner {
            Inner::Found(found) => found.route().map_or(0, |route| {
                route.candidate(found.hit.answer.at()).match_index
            }),
            Inner::Parts(parts) => parts.match_index,
        }
    }

    /// What the matching `PathPrefix` asks for, normalised and without closing slash; `None` for other kinds of match.
    pub fn prefix(&self) -> Option<&'a str> {
        match &self.inner {
            Inner::Found(found) => match found.target()? {
                TargetCondition::Prefix(prefix) => text(prefix),
                _ => None,
            },
            Inner::Parts(parts) => parts.prefix,
        }
    }

    /// The regular expression of the path that matched, as configured; `None` for other kinds of match. A session cookie
    /// is limited to the literal directory that it begins with (BACKEND-SESSION-07).
    pub fn regex(&self) -> Option<&'a str> {
        match &self.inner {
            Inner::Found(found) => match found.target()? {
                TargetCondition::Regex(pattern, _) => text(pattern),
                _ => None,
            },
            Inner::Parts(parts) => parts.regex,
        }
    }

    /// The path that filters work on and the backend gets. Bytes that are no text cannot be in it.
    pub fn path(&self) -> &str {
        match &self.inner {
            Inner::Found(found) => text(&found.path).unwrap_or("/"),
            Inner::Parts(parts) => &parts.path,
        }
    }

    /// Whether the request is a gRPC call.
    pub fn is_grpc(&self) -> bool {
        match &self.inner {
            Inner::Found(found) => found.is_grpc,
            Inner::Parts(parts) => parts.is_grpc,
        }
    }

    /// Whether no other rule of the Route has the same name, as far as the router knows.
    pub(crate) fn has_own_name(&self) -> bool {
        match &self.inner {
            Inner::Found(found) => found
                .rule()
                .is_none_or(|(route, slot)| route.has_own_name(slot)),
            Inner::Parts(_) => true,
        }
    }

    /// What happens now.
    pub fn action(&self) -> &'a Action {
        match &self.inner {
            Inner::Found(found) => {
                match found.rule().and_then(|(route, slot)| route.action(slot)) {
                    Some(action) => action,
                    None => &NOTHING,
                }
            }
            Inner::Parts(parts) => parts.action,
        }
    }
}
