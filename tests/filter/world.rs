//! A matched request by hand, for tests that do not need a router.

use gatewright::plan::{Action, ObjectName, RouteKind};
use gatewright::router::{Headers, Match, MatchParts, RequestHead, RouteId, Scheme, Version};

/// A request that the prefix `prefix` of an HTTPRoute takes.
pub struct Matched<'w> {
    pub action: &'w Action,
    pub route: &'w ObjectName,
    pub method: &'w str,
    pub host: Option<&'w [u8]>,
    pub path: &'w str,
    pub query: Option<&'w [u8]>,
    pub prefix: Option<&'w str>,
    pub headers: &'w [(&'w str, &'w [u8])],
    pub kind: RouteKind,
}

impl<'w> Matched<'w> {
    pub fn new(action: &'w Action, route: &'w ObjectName) -> Self {
        Matched {
            action,
            route,
            method: "GET",
            host: Some(b"shop.test"),
            path: "/cart/7",
            query: Some(b"page=2"),
            prefix: Some("/cart"),
            headers: &[
                ("accept", b"*/*"),
                ("user-agent", b"test"),
                ("cookie", b"a=1"),
            ],
            kind: RouteKind::Http,
        }
    }

    pub fn parts(&self) -> (Match<'w>, RequestHead<'w>) {
        let matched = Match::new(MatchParts {
            listener: None,
            port: 8080,
            scheme: Scheme::Http,
            route: RouteId {
                kind: self.kind,
                name: self.route,
            },
            hostname: None,
            rule_index: 0,
            rule_name: None,
            match_index: 0,
            prefix: self.prefix,
            regex: None,
            path: self.path.into(),
            is_grpc: self.kind == RouteKind::Grpc,
            action: self.action,
        });
        let head = RequestHead {
            version: Version::Http11,
            method: self.method,
            host: self.host,
            path: self.path.as_bytes(),
            query: self.query,
            headers: Headers::Lines(self.headers),
        };
        (matched, head)
    }
}
