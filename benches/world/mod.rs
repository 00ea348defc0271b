//! A plan that grows: hosts of their own for each Route, as in most clusters, or one host for all.

use std::sync::Arc;

use gatewright::plan::{
    Action, Attachment, Gateway, HttpMatch, Listener, ListenerHead, Method, Plan, Route, Rule,
};
use gatewright::router::{Accepted, Connection, ConnectionProtocol, Router, Target};
use gatewright::vocab::Hostname;

/// A Route of five rules: two exact paths, two prefixes, one prefix for a method and a header.
pub fn route(number: usize) -> Arc<Route> {
    let action = Arc::new(Action::default());
    let base = format!("/team-{}/service-{number}", number % 40);
    let matches = [
        HttpMatch::exact(format!("{base}/health")),
        HttpMatch::exact(format!("{base}/version")),
        HttpMatch::prefix(base.clone()),
        HttpMatch::prefix(format!("{base}/api")),
        HttpMatch::prefix(format!("{base}/api"))
            .with_method(Method::Get)
            .with_header("x-canary", "1"),
    ];
    let rules = matches
        .into_iter()
        .enumerate()
        .map(|(index, own)| Rule::http(index as u32, [own], Arc::clone(&action)));
    Arc::new(Route::http("shop", format!("route-{number}"), rules).created_at(number as i64))
}

/// Its hostname, of every fifth a wildcard.
pub fn hostname(number: usize) -> Hostname {
    let star = if number.is_multiple_of(5) { "*." } else { "" };
    Hostname::parse(&format!("{star}host-{number}.example.com")).unwrap()
}

/// So many Routes, each with its own host or all with one.
pub fn plan(routes: usize, own_hosts: bool) -> Plan {
    let attachments = (0..routes).map(|number| {
        let host = if own_hosts {
            hostname(number)
        } else {
            Hostname::parse("all.example.com").unwrap()
        };
        Attachment::with_hostnames(route(number), [host])
    });
    let head = ListenerHead::http("infra", "front", "web", 80);
    Plan::of([Gateway::new(
        "infra",
        "front",
        [Listener::new(head, attachments)],
    )])
}

/// The listener that requests in clear come to.
#[allow(dead_code, reason = "compiling needs none")]
pub fn listener(router: &Router) -> gatewright::router::Listener<'_> {
    let connection = Connection {
        target: Target::Only,
        port: 80,
        protocol: ConnectionProtocol::Http,
        sni: None,
    };
    match router.accept(&connection) {
        Accepted::Http(listener) => listener,
        other => panic!("no listener: {other:?}"),
    }
}
