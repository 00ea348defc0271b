//! `gatewright` through its public interface: a plan made from the table, compiled, asked.

use crate::{Head, Matcher, PathMatch, Route, RuleId, Scope, Table};
use gatewright::plan::{
    self, Action, Attachment, Gateway, HttpMatch, Listener, ListenerHead, Plan,
};
use gatewright::router::{
    Accepted, Connection, ConnectionProtocol, Headers, RequestHead, Router, Target, Version,
};
use gatewright::vocab::Hostname;
use std::sync::Arc;

/// The router with its usual options: a random seed, normal form of paths checked, parameters decoded. A connection is
/// accepted anew for each request, which a proxy would do once.
pub struct Gatewright(Router);

const CONNECTION: Connection<'static> = Connection {
    target: Target::Only,
    port: 80,
    protocol: ConnectionProtocol::Http,
    sni: None,
};

impl Matcher for Gatewright {
    const NAME: &'static str = "gatewright";
    const SCOPE: Scope = Scope::Full;

    fn build(table: &Table) -> Option<Self> {
        // What happens to a request is the caller's: one action for all rules.
        let action = Arc::new(Action::default());
        let mut next = 0;
        let attachments = table.routes.iter().map(|route| {
            let own = plan_route(route, &mut next, &action);
            let hosts = route.hosts.iter().filter_map(|host| Hostname::parse(host).ok());
            Attachment::with_hostnames(own, hosts)
        });
        let head = ListenerHead::http("arena", "arena", "all", 80);
        let listener = Listener::new(head, attachments);
        let router = Router::compile(&Plan::of([Gateway::new("arena", "arena", [listener])]));
        router.isolated().is_empty().then_some(Gatewright(router))
    }

    fn find(&self, head: &Head<'_>) -> Option<RuleId> {
        let Accepted::Http(listener) = self.0.accept(&CONNECTION) else {
            return None;
        };
        let head = RequestHead {
            version: Version::Http11,
            method: head.method.as_str(),
            host: Some(head.host.as_bytes()),
            path: head.path.as_bytes(),
            query: head.query.map(str::as_bytes),
            headers: Headers::Map(head.headers),
        };
        let found = listener.find(&head).ok()?;
        Some(RuleId(found.rule_index()))
    }
}

/// A rule's place in the whole table stands in for its place in the Route: it rises in the same order.
fn plan_route(route: &Route, next: &mut u32, action: &Arc<Action>) -> plan::Route {
    let rules = route.rules.iter().map(|rule| {
        let matches = rule.matches.iter().map(|own| HttpMatch {
            path: match &own.path {
                PathMatch::Exact(path) => plan::PathMatch::Exact(path.as_str().into()),
                PathMatch::Prefix(path) => plan::PathMatch::Prefix(path.as_str().into()),
                PathMatch::Regex(pattern) => plan::PathMatch::Regex(pattern.as_str().into()),
            },
            method: own.method.as_ref().and_then(|method| method.as_str().parse().ok()),
            headers: own
                .headers
                .iter()
                .map(|(name, value)| plan::HeaderMatch {
                    name: name.as_str().into(),
                    value: plan::ValueMatch::Exact(value.to_str().unwrap_or_default().into()),
                })
                .collect(),
            query: own
                .query
                .iter()
                .map(|(name, value)| plan::QueryMatch {
                    name: name.as_str().into(),
                    value: plan::ValueMatch::Exact(value.as_str().into()),
                })
                .collect(),
        });
        let rule = plan::Rule::http(*next, matches, Arc::clone(action));
        *next += 1;
        rule
    });
    let mut own = plan::Route::http(route.namespace.as_str(), route.name.as_str(), rules);
    own.created = i64::try_from(route.created).ok();
    own
}
