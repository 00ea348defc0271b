//! Routes and their rules.

use std::fmt;
use std::sync::Arc;

use super::{Action, GrpcMatch, HttpMatch, ObjectName};

/// A kind of Route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum RouteKind {
    /// HTTPRoute.
    Http,
    /// GRPCRoute.
    Grpc,
    /// TLSRoute.
    Tls,
    /// TCPRoute.
    Tcp,
    /// UDPRoute.
    Udp,
}

impl RouteKind {
    /// The kind as objects write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            RouteKind::Http => "HTTPRoute",
            RouteKind::Grpc => "GRPCRoute",
            RouteKind::Tls => "TLSRoute",
            RouteKind::Tcp => "TCPRoute",
            RouteKind::Udp => "UDPRoute",
        }
    }
}

impl fmt::Display for RouteKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A Route: its identity, its age and its rules.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Route {
    /// The kind.
    pub kind: RouteKind,
    /// Namespace and name.
    pub name: ObjectName,
    /// Creation time in seconds since 1970. `None` sorts as newest (MATCH-PREC-12).
    pub created: Option<i64>,
    /// The rules that are served, in list order. Dropped rules leave gaps in [`Rule::index`]; an empty list answers
    /// nothing (MATCH-CAND-03).
    pub rules: Vec<Rule>,
}

impl Route {
    /// An HTTPRoute without creation time.
    pub fn http(
        namespace: impl Into<Box<str>>,
        name: impl Into<Box<str>>,
        rules: impl IntoIterator<Item = Rule>,
    ) -> Self {
        Route::new(RouteKind::Http, namespace, name, rules)
    }

    /// A Route without creation time.
    pub fn new(
        kind: RouteKind,
        namespace: impl Into<Box<str>>,
        name: impl Into<Box<str>>,
        rules: impl IntoIterator<Item = Rule>,
    ) -> Self {
        Route {
            kind,
            name: ObjectName::new(namespace, name),
            created: None,
            rules: rules.into_iter().collect(),
        }
    }

    /// The same Route, created at `seconds` since 1970.
    pub fn created_at(mut self, seconds: i64) -> Self {
        self.created = Some(seconds);
        self
    }
}

/// One rule: when any of its matches holds, its action happens.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Rule {
    /// Its place in the Route's list, dropped rules counted.
    pub index: u32,
    /// Its name, for reports and policies; it never influences matching (ROUTE-NAME-05).
    pub name: Option<Box<str>>,
    /// When it applies.
    pub matches: Matches,
    /// What happens then.
    pub action: Arc<Action>,
}

impl Rule {
    /// An unnamed rule of an HTTPRoute. No matches are one that takes every path (MATCH-CAND-02).
    pub fn http(
        index: u32,
        matches: impl IntoIterator<Item = HttpMatch>,
        action: impl Into<Arc<Action>>,
    ) -> Self {
        let mut matches: Vec<HttpMatch> = matches.into_iter().collect();
        if matches.is_empty() {
            matches.push(HttpMatch::prefix("/"));
        }
        Rule {
            index,
            name: None,
            matches: Matches::Http(matches),
            action: action.into(),
        }
    }

    /// An unnamed rule of a GRPCRoute. No matches are one that takes every call (MATCH-GRPC-09).
    pub fn grpc(
        index: u32,
        matches: impl IntoIterator<Item = GrpcMatch>,
        action: impl Into<Arc<Action>>,
    ) -> Self {
        let mut matches: Vec<GrpcMatch> = matches.into_iter().collect();
        if matches.is_empty() {
            matches.push(GrpcMatch::default());
        }
        Rule {
            index,
            name: None,
            matches: Matches::Grpc(matches),
            action: action.into(),
        }
    }

    /// An unnamed rule of a TLSRoute, TCPRoute or UDPRoute.
    pub fn stream(index: u32, action: impl Into<Arc<Action>>) -> Self {
        Rule {
            index,
            name: None,
            matches: Matches::Always,
            action: action.into(),
        }
    }

    /// The same rule with a name.
    pub fn named(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = Some(name.into());
        self
    }
}

/// When a rule applies: when any of the list does.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Matches {
    /// Rules of an HTTPRoute; never empty when the resolver wrote them.
    Http(Vec<HttpMatch>),
    /// Rules of a GRPCRoute; never empty when the resolver wrote them.
    Grpc(Vec<GrpcMatch>),
    /// Rules of a TLSRoute, TCPRoute or UDPRoute have no conditions of their own.
    Always,
}
