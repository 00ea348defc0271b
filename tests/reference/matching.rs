//! A slow matcher, written from the catalogue alone.
//!
//! It shares types with `gatewright::router`, never code, and takes the shortest way from the text of a requirement to an
//! answer: lists every candidate, keeps those that match, compares what is left key by key. Whatever it costs.

#![allow(
    dead_code,
    reason = "each test that includes this file uses another part of it"
)]

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;

use gatewright::plan::{
    Filter, Gateway, GrpcMatch, HeaderMatch, HttpMatch, Listener, Matches, PathMatch, Plan,
    Protocol, Route, RouteGroup, RouteKind, Rule, ValueMatch,
};
use regex::bytes::{Regex, RegexBuilder};

use gatewright::router::{
    Connection, ConnectionProtocol, EscapedSlashes, GrpcDetection, Headers, Normalize, Options,
    QueryDecoding, RegexRank, RequestHead, Target, Version,
};

/// What becomes of a request, in words that both matchers can speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A rule takes it.
    Rule {
        listener: Option<String>,
        kind: &'static str,
        route: String,
        hostname: Option<String>,
        rule: u32,
        matched: u32,
        /// The key that decided over the next candidate.
        key: Option<&'static str>,
        path: String,
        is_grpc: bool,
    },
    /// An answer of the gateway's own.
    Status {
        status: u16,
        grpc_status: Option<u8>,
        listener: Option<String>,
    },
    /// A Route for bytes takes the connection.
    Stream {
        listener: Option<String>,
        route: String,
        hostname: Option<String>,
        rule: u32,
    },
    /// The traffic flows unchanged.
    PassThrough,
    /// The connection is reset.
    Reset,
}

/// The name of a listener as decisions tell it.
pub fn listener_name(head: &gatewright::plan::ListenerHead) -> String {
    let set = head
        .set
        .as_ref()
        .map_or(String::new(), |set| format!("{set}:"));
    format!("{}/{set}{}", head.gateway, head.name)
}

/// Decides.
pub fn decide(
    plan: &Plan,
    options: &Options,
    connection: &Connection<'_>,
    head: Option<&RequestHead<'_>>,
) -> Decision {
    match connection.target {
        Target::Only if plan.gateways.len() == 1 => {
            at_gateway(&plan.gateways[0], options, connection, head)
        }
        Target::Only => Decision::Reset,
        Target::Gateway { namespace, name } => {
            let is_asked = |g: &&Gateway| &*g.name.namespace == namespace && &*g.name.name == name;
            match plan.gateways.iter().find(is_asked) {
                Some(gateway) => at_gateway(gateway, options, connection, head),
                None => Decision::Reset,
            }
        }
        Target::Service {
            namespace,
            name,
            client_namespace,
        } => {
            let frontend = plan.frontends.iter().find(|f| {
                &*f.service.namespace == namespace
                    && &*f.service.name == name
                    && f.port == connection.port
            });
            // MESH-RT-05/07: no Routes in force, nothing changes; a consumer's own Routes are used alone.
            let Some(frontend) = frontend else {
                return Decision::PassThrough;
            };
            let own = frontend
                .consumers
                .iter()
                .find(|(c, _)| &**c == client_namespace)
                .map(|(_, g)| g);
            match own.or(frontend.producer.as_ref()) {
                Some(group) => in_mesh(group, options, connection, head),
                None => Decision::PassThrough,
            }
        }
    }
}

/// LISTEN-SEL-01/02/12/13.
fn at_gateway(
    gateway: &Gateway,
    options: &Options,
    connection: &Connection<'_>,
    head: Option<&RequestHead<'_>>,
) -> Decision {
    let on_port: Vec<&Listener> = gateway
        .listeners
        .iter()
        .filter(|l| l.head.port == connection.port)
        .collect();
    let of = |wanted: fn(Protocol) -> bool| -> Vec<&Listener> {
        on_port
            .iter()
            .copied()
            .filter(|l| wanted(l.head.protocol))
            .collect()
    };
    match connection.protocol {
        ConnectionProtocol::Tcp => match of(|p| p == Protocol::Tcp).first() {
            Some(listener) => stream(Some(listener), routes_of(listener), RouteKind::Tcp, None),
            None => Decision::Reset,
        },
        ConnectionProtocol::Udp => match of(|p| p == Protocol::Udp).first() {
            Some(listener) => stream(Some(listener), routes_of(listener), RouteKind::Udp, None),
            None => Decision::Reset,
        },
        ConnectionProtocol::Http => {
            let pool = of(|p| p == Protocol::Http);
            if pool.is_empty() {
                return Decision::Reset;
            }
            http(&pool, None, options, head.expect("a request"))
        }
        ConnectionProtocol::Https | ConnectionProtocol::Tls => {
            let sni = connection.sni.and_then(server_name);
            let secure = of(|p| matches!(p, Protocol::Https | Protocol::Tls(_)));
            // Equal hostnames in both protocols cannot be told apart.
            let selectable: Vec<&Listener> = secure
                .iter()
                .copied()
                .filter(|l| {
                    !secure.iter().any(|other| {
                        (other.head.protocol == Protocol::Https)
                            != (l.head.protocol == Protocol::Https)
                            && other.head.hostname == l.head.hostname
                    })
                })
                .collect();
            let Some(chosen) = most_specific(&selectable, sni.as_deref()) else {
                return Decision::Reset;
            };
            match (chosen.head.protocol, connection.protocol) {
                (Protocol::Https, ConnectionProtocol::Https) => {
                    let pool = of(|p| p == Protocol::Https);
                    http(&pool, Some(chosen), options, head.expect("a request"))
                }
                (Protocol::Https, _) => Decision::Reset,
                _ => stream(
                    Some(chosen),
                    routes_of(chosen),
                    RouteKind::Tls,
                    sni.as_deref(),
                ),
            }
        }
    }
}

fn routes_of(listener: &Listener) -> Vec<(&Route, Vec<String>)> {
    let mut all: Vec<(&Route, Vec<String>)> = Vec::new();
    for attachment in &listener.routes {
        let names = attachment
            .hostnames
            .iter()
            .map(|h| h.as_str().to_owned())
            .collect();
        all.push((&attachment.route, names));
    }
    all
}

/// MESH-RT-03/10.
fn in_mesh(
    group: &RouteGroup,
    options: &Options,
    connection: &Connection<'_>,
    head: Option<&RequestHead<'_>>,
) -> Decision {
    let plain = |routes: &[std::sync::Arc<Route>], kind: RouteKind| -> Vec<(Route, Vec<String>)> {
        routes
            .iter()
            .filter(|r| r.kind == kind)
            .map(|r| ((**r).clone(), Vec::new()))
            .collect()
    };
    if connection.protocol == ConnectionProtocol::Udp {
        let routes = plain(&group.udp, RouteKind::Udp);
        if routes.is_empty() {
            return Decision::PassThrough;
        }
        return stream(
            None,
            routes.iter().map(|(r, h)| (r, h.clone())).collect(),
            RouteKind::Udp,
            None,
        );
    }
    for kind in [
        RouteKind::Grpc,
        RouteKind::Http,
        RouteKind::Tls,
        RouteKind::Tcp,
    ] {
        let routes = plain(&group.routes, kind);
        if routes.is_empty() {
            continue;
        }
        let routes: Vec<(&Route, Vec<String>)> =
            routes.iter().map(|(r, h)| (r, h.clone())).collect();
        let speaks_http = matches!(
            connection.protocol,
            ConnectionProtocol::Http | ConnectionProtocol::Https
        );
        return match kind {
            RouteKind::Grpc | RouteKind::Http if !speaks_http => Decision::Reset,
            RouteKind::Grpc | RouteKind::Http => {
                let head = head.expect("a request");
                match checked(options, head) {
                    Err(status) => Decision::Status {
                        status,
                        grpc_status: None,
                        listener: None,
                    },
                    Ok((_, path)) => route(None, &routes, None, options, head, &path),
                }
            }
            RouteKind::Tls if connection.protocol == ConnectionProtocol::Http => Decision::Reset,
            _ => stream(None, routes, kind, None),
        };
    }
    Decision::PassThrough
}

/// L4-TLS-01..04, L4-TCP-01/02, L4-UDP-01.
fn stream(
    listener: Option<&Listener>,
    routes: Vec<(&Route, Vec<String>)>,
    kind: RouteKind,
    sni: Option<&str>,
) -> Decision {
    let mut matching: Vec<(&Route, Option<String>)> = Vec::new();
    for (route, hostnames) in routes {
        if route.kind != kind {
            continue;
        }
        if hostnames.is_empty() || kind != RouteKind::Tls {
            matching.push((route, None));
        }
        for hostname in hostnames {
            if kind == RouteKind::Tls && sni.is_some_and(|sni| covers(&hostname, sni)) {
                matching.push((route, Some(hostname)));
            }
        }
    }
    matching.sort_by(|(a, name_a), (b, name_b)| {
        hostname_keys(name_b.as_deref())
            .cmp(&hostname_keys(name_a.as_deref()))
            .then_with(|| age(a).cmp(&age(b)))
            .then_with(|| full_name(a).cmp(&full_name(b)))
    });
    let Some((route, hostname)) = matching.into_iter().next() else {
        return Decision::Reset;
    };
    // A route without a rule has nowhere to send the connection.
    let Some(rule) = route.rules.iter().find(|rule| is_served(route.kind, rule)) else {
        return Decision::Reset;
    };
    Decision::Stream {
        listener: listener.map(|l| listener_name(&l.head)),
        route: full_name(route),
        hostname,
        rule: rule.index,
    }
}

/// EVAL-02, LISTEN-SEL-03/07, LISTEN-MIS-01..04.
fn http(
    pool: &[&Listener],
    by_sni: Option<&Listener>,
    options: &Options,
    head: &RequestHead<'_>,
) -> Decision {
    let (host, path) = match checked(options, head) {
        Ok(checked) => checked,
        Err(status) => {
            return Decision::Status {
                status,
                grpc_status: None,
                listener: None,
            };
        }
    };
    let Some(by_host) = most_specific(pool, host.as_deref()) else {
        return unmatched(None, options, head);
    };
    if let Some(by_sni) = by_sni
        && options.detect_misdirected
        && !std::ptr::eq(by_sni, by_host)
    {
        let listener = Some(listener_name(&by_sni.head));
        return Decision::Status {
            status: 421,
            grpc_status: None,
            listener,
        };
    }
    route(
        Some(by_host),
        &routes_of(by_host),
        host.as_deref(),
        options,
        head,
        &path,
    )
}

/// OUT-01, MATCH-GRPC-12.
fn unmatched(listener: Option<&Listener>, options: &Options, head: &RequestHead<'_>) -> Decision {
    let listener = listener.map(|l| listener_name(&l.head));
    match is_call(options, head) {
        true => Decision::Status {
            status: 200,
            grpc_status: Some(12),
            listener,
        },
        false => Decision::Status {
            status: 404,
            grpc_status: None,
            listener,
        },
    }
}

/// One tuple of the catalogue: Route, matched hostname, rule, match.
struct Candidate<'p> {
    route: &'p Route,
    hostname: Option<String>,
    rule: &'p Rule,
    matched: u32,
    /// Each key with larger being better.
    keys: Vec<(&'static str, usize)>,
}

/// MATCH-GRPC-16: the kinds are never merged; calls fall back to HTTPRoutes.
fn route(
    listener: Option<&Listener>,
    routes: &[(&Route, Vec<String>)],
    host: Option<&str>,
    options: &Options,
    head: &RequestHead<'_>,
    path: &str,
) -> Decision {
    let is_grpc = is_call(options, head);
    let kinds: &[RouteKind] = if is_grpc {
        &[RouteKind::Grpc, RouteKind::Http]
    } else {
        &[RouteKind::Http]
    };
    for kind in kinds {
        let mut all = Vec::new();
        for (route, hostnames) in routes.iter().filter(|(route, _)| route.kind == *kind) {
            // A Route that reaches the listener without hostnames takes every host.
            let takes_all = hostnames.is_empty()
                || routes.iter().any(|(other, names)| {
                    other.name == route.name && other.kind == *kind && names.is_empty()
                });
            let covering: Vec<Option<String>> = match takes_all {
                true => vec![None],
                false => hostnames
                    .iter()
                    .filter(|name| host.is_some_and(|host| covers(name, host)))
                    .map(|name| Some(name.clone()))
                    .collect(),
            };
            for hostname in covering {
                candidates(route, hostname, options, head, path, &mut all);
            }
        }
        if !options.hostname_fallthrough {
            let best = routes
                .iter()
                .filter(|(route, _)| route.kind == *kind)
                .flat_map(|(route, names)| {
                    let any = names.is_empty()
                        || routes
                            .iter()
                            .any(|(o, n)| o.name == route.name && o.kind == *kind && n.is_empty());
                    let none = any.then_some((0, 0));
                    let named = names
                        .iter()
                        .filter(move |n| !any && host.is_some_and(|host| covers(n, host)))
                        .map(|n| hostname_keys(Some(n)));
                    none.into_iter().chain(named).collect::<Vec<_>>()
                })
                .max();
            all.retain(|c| Some(hostname_keys(c.hostname.as_deref())) == best);
        }
        all.sort_by(|a, b| compare(a, b).0);
        let Some(first) = all.first() else { continue };
        // The same match under another hostname of its Route is no other candidate.
        let next = all.iter().skip(1).find(|c| {
            full_name(c.route) != full_name(first.route)
                || (c.rule.index, c.matched) != (first.rule.index, first.matched)
        });
        return Decision::Rule {
            listener: listener.map(|l| listener_name(&l.head)),
            kind: kind.as_str(),
            route: full_name(first.route),
            hostname: first.hostname.clone(),
            rule: first.rule.index,
            matched: first.matched,
            key: next.map(|next| compare(first, next).1),
            path: match kind {
                RouteKind::Grpc => String::from_utf8_lossy(head.path).into_owned(),
                _ => path.to_owned(),
            },
            is_grpc,
        };
    }
    unmatched(listener, options, head)
}

/// MATCH-PREC-05..15, MATCH-GRPC-10: the better one first.
fn compare(a: &Candidate<'_>, b: &Candidate<'_>) -> (Ordering, &'static str) {
    for ((name, own), (_, other)) in a.keys.iter().zip(&b.keys) {
        if own != other {
            return (other.cmp(own), name);
        }
    }
    let last: [(Ordering, &'static str); 4] = [
        (age(a.route).cmp(&age(b.route)), "age"),
        (full_name(a.route).cmp(&full_name(b.route)), "name"),
        (a.rule.index.cmp(&b.rule.index), "rule"),
        (a.matched.cmp(&b.matched), "match"),
    ];
    last.into_iter()
        .find(|(order, _)| order.is_ne())
        .unwrap_or((Ordering::Equal, "none"))
}

/// MATCH-PREC-12: whole seconds, none is newest.
fn age(route: &Route) -> i64 {
    route.created.unwrap_or(i64::MAX)
}

/// MATCH-PREC-13.
fn full_name(route: &Route) -> String {
    format!("{}/{}", route.name.namespace, route.name.name)
}

/// MATCH-PREC-01/02.
fn hostname_keys(hostname: Option<&str>) -> (usize, usize) {
    let length = hostname.map_or(0, str::len);
    (
        if hostname.is_some_and(|name| name.starts_with("*.")) {
            0
        } else {
            length
        },
        length,
    )
}

/// Appends the matching candidates of a Route under one of its hostnames.
fn candidates<'p>(
    route: &'p Route,
    hostname: Option<String>,
    options: &Options,
    head: &RequestHead<'_>,
    path: &str,
    all: &mut Vec<Candidate<'p>>,
) {
    let (exact, length) = hostname_keys(hostname.as_deref());
    for rule in route
        .rules
        .iter()
        .filter(|rule| is_served(route.kind, rule))
    {
        let mut add = |matched: usize, keys: Vec<(&'static str, usize)>| {
            let mut all_keys = vec![("hostname-exact", exact), ("hostname-length", length)];
            all_keys.extend(keys);
            all.push(Candidate {
                route,
                hostname: hostname.clone(),
                rule,
                matched: matched as u32,
                keys: all_keys,
            });
        };
        match &rule.matches {
            Matches::Http(list) => {
                let default = [HttpMatch::prefix("/")];
                let list = if list.is_empty() { &default[..] } else { list };
                for (i, own) in list.iter().enumerate() {
                    if let Some(keys) = http_keys(own, rule, options, head, path) {
                        add(i, keys);
                    }
                }
            }
            Matches::Grpc(list) => {
                let default = [GrpcMatch::default()];
                let list = if list.is_empty() { &default[..] } else { list };
                for (i, own) in list.iter().enumerate() {
                    if let Some(keys) = grpc_keys(own, options, head) {
                        add(i, keys);
                    }
                }
            }
            Matches::Always => {}
        }
    }
}

/// EVAL-03/04: what is wrong with a rule is not this matcher's subject, only that it then takes no part.
fn is_served(kind: RouteKind, rule: &Rule) -> bool {
    let value = |value: &ValueMatch| match value {
        ValueMatch::Exact(_) => true,
        ValueMatch::Regex(pattern) => is_regex(pattern),
    };
    let headers = |all: &[HeaderMatch]| all.iter().all(|header| value(&header.value));
    let compiles = match &rule.matches {
        Matches::Http(list) => list.iter().all(|own| {
            let path = match &own.path {
                PathMatch::Regex(pattern) => is_regex(pattern),
                _ => true,
            };
            path && headers(&own.headers) && own.query.iter().all(|query| value(&query.value))
        }),
        Matches::Grpc(list) => list.iter().all(|own| {
            let sides = own
                .method
                .iter()
                .flat_map(|m| [&m.service, &m.method])
                .flatten();
            sides.into_iter().all(value) && headers(&own.headers)
        }),
        Matches::Always => true,
    };
    compiles
        && gatewright::plan::check::contents(kind, rule, gatewright::vocab::Release::NEWEST).is_ok()
}

/// MATCH-PATH-08/09: by itself, without anything around it.
fn is_regex(pattern: &str) -> bool {
    thread_local! {
        static KNOWN: RefCell<HashMap<String, bool>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        *known
            .entry(pattern.to_owned())
            .or_insert_with(|| Regex::new(pattern).is_ok())
    })
}

/// The keys of a match that holds; `None` if it does not.
fn http_keys(
    own: &HttpMatch,
    rule: &Rule,
    options: &Options,
    head: &RequestHead<'_>,
    path: &str,
) -> Option<Vec<(&'static str, usize)>> {
    let value = |text: &str| match options.normalize {
        Normalize::None => text.to_owned(),
        Normalize::Rfc3986 => decode_unreserved(text.as_bytes()),
    };
    let regex_rank = match options.regex_rank {
        RegexRank::BetweenExactAndPrefix => 2,
        RegexRank::BelowPrefix => 0,
    };
    let is_absolute = path.starts_with('/');
    let (holds, kind, length) = match &own.path {
        PathMatch::Exact(text) => (path == value(text), 3, text.len()),
        PathMatch::Prefix(text) => {
            let text = value(text);
            let prefix = text.strip_suffix('/').unwrap_or(&text);
            let holds = is_absolute && (path == prefix || path.starts_with(&format!("{prefix}/")));
            (holds, 1, prefix.len().max(1))
        }
        PathMatch::Regex(pattern) => (
            is_absolute && full_match(pattern, path.as_bytes()),
            regex_rank,
            pattern.len(),
        ),
    };
    // Exact paths that hold are all the same path, so their lengths are equal.
    let length = if kind == 3 { 0 } else { length };
    let method_holds = match own.method {
        None => true,
        Some(method) if method.as_str() == head.method => true,
        // FILTER-CORS-03: a preflight may meet it by the method that it asks for.
        Some(method) => {
            let has_cors = rule
                .action
                .filters
                .iter()
                .any(|f| matches!(f, Filter::Cors(_)));
            let asked = first_line(head.headers, "access-control-request-method");
            let is_preflight =
                head.method == "OPTIONS" && first_line(head.headers, "origin").is_some();
            options.cors_implicit_preflight
                && has_cors
                && is_preflight
                && asked.as_deref() == Some(method.as_str().as_bytes())
        }
    };
    let headers = effective_headers(&own.headers);
    let mut query: Vec<(Vec<u8>, &ValueMatch)> = Vec::new();
    for parameter in &own.query {
        let name = match options.query_decoding {
            QueryDecoding::Decode => decode_query(parameter.name.as_bytes()),
            QueryDecoding::Raw => parameter.name.as_bytes().to_vec(),
        };
        if query.iter().all(|(other, _)| *other != name) {
            query.push((name, &parameter.value));
        }
    }
    let all_hold = holds
        && method_holds
        && headers
            .iter()
            .all(|header| header_holds(header, options, head))
        && query
            .iter()
            .all(|(name, value)| query_holds(name, value, options, head));
    all_hold.then(|| {
        vec![
            ("path-type", kind),
            ("path-length", length),
            ("method", usize::from(own.method.is_some())),
            ("headers", headers.len()),
            ("query", query.len()),
        ]
    })
}

/// MATCH-GRPC-02..11.
fn grpc_keys(
    own: &GrpcMatch,
    options: &Options,
    head: &RequestHead<'_>,
) -> Option<Vec<(&'static str, usize)>> {
    let elements: Vec<&[u8]> = head.path.split(|b| *b == b'/').collect();
    let call = match elements[..] {
        [b"", service, method] if !service.is_empty() && !method.is_empty() => {
            Some((service, method))
        }
        _ => None,
    };
    let given = |value: &Option<ValueMatch>| {
        value
            .clone()
            .filter(|(ValueMatch::Exact(t) | ValueMatch::Regex(t))| !t.is_empty())
    };
    let (service, method) = match &own.method {
        Some(method) => (given(&method.service), given(&method.method)),
        None => (None, None),
    };
    // Absent below every regular expression below every exact value; longer before shorter.
    let rank = |value: &Option<ValueMatch>| match value {
        None => 0,
        Some(ValueMatch::Regex(text)) => 1 + text.len(),
        Some(ValueMatch::Exact(text)) => 1_000_000 + text.len(),
    };
    let holds = |value: &Option<ValueMatch>, element: Option<&[u8]>| match value {
        None => true,
        Some(value) => element.is_some_and(|element| value_holds(value, element)),
    };
    let headers = effective_headers(&own.headers);
    let all_hold = holds(&service, call.map(|c| c.0))
        && holds(&method, call.map(|c| c.1))
        && headers
            .iter()
            .all(|header| header_holds(header, options, head));
    all_hold.then(|| {
        vec![
            ("service", rank(&service)),
            ("grpc-method", rank(&method)),
            ("headers", headers.len()),
        ]
    })
}

fn value_holds(value: &ValueMatch, found: &[u8]) -> bool {
    match value {
        ValueMatch::Exact(text) => text.as_bytes() == found,
        ValueMatch::Regex(pattern) => full_match(pattern, found),
    }
}

thread_local! {
    /// Expressions built before, with and without Unicode: building is all that takes time here.
    static BUILT: RefCell<HashMap<(String, bool), Option<Regex>>> = RefCell::default();
}

/// MATCH-PATH-08, MATCH-HDR-05.
fn full_match(pattern: &str, found: &[u8]) -> bool {
    let is_text = std::str::from_utf8(found).is_ok();
    let build = |text: &str| RegexBuilder::new(text).unicode(is_text).build().ok();
    BUILT.with_borrow_mut(|built| {
        let whole = built
            .entry((pattern.to_owned(), is_text))
            .or_insert_with(|| {
                build(&format!(r"\A(?:{pattern})\z"))
                    .or_else(|| build(&format!("\\A(?:{pattern}\n)\\z")))
            });
        whole.as_ref().is_some_and(|whole| whole.is_match(found))
    })
}

/// MATCH-HDR-03.
fn effective_headers(all: &[HeaderMatch]) -> Vec<&HeaderMatch> {
    let mut kept: Vec<&HeaderMatch> = Vec::new();
    for header in all {
        if kept
            .iter()
            .all(|other| !other.name.eq_ignore_ascii_case(&header.name))
        {
            kept.push(header);
        }
    }
    kept
}

fn all_lines(headers: Headers<'_>) -> Vec<(String, Vec<u8>)> {
    headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_vec()))
        .collect()
}

/// A field value, without the blanks around it.
fn first_line(headers: Headers<'_>, name: &str) -> Option<Vec<u8>> {
    let line = all_lines(headers).into_iter().find(|(own, _)| own == name);
    line.map(|(_, value)| without_blanks(&value))
}

fn without_blanks(line: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = line
        .iter()
        .copied()
        .skip_while(|b| b" \t".contains(b))
        .collect();
    let kept = text
        .iter()
        .rposition(|b| !b" \t".contains(b))
        .map_or(0, |at| at + 1);
    text[..kept].to_vec()
}

/// MATCH-HDR-01..06, SAFE-LIMIT-01.
fn header_holds(header: &HeaderMatch, options: &Options, head: &RequestHead<'_>) -> bool {
    let name = header.name.to_ascii_lowercase();
    if name == "host" {
        return head.host.is_some_and(|host| match &header.value {
            ValueMatch::Exact(text) => {
                text.to_ascii_lowercase().as_bytes() == host.to_ascii_lowercase()
            }
            ValueMatch::Regex(pattern) => full_match(pattern, host),
        });
    }
    let lines: Vec<Vec<u8>> = all_lines(head.headers)
        .iter()
        .take(options.limits.header_lines)
        .filter(|(own, _)| *own == name)
        .map(|(_, value)| without_blanks(value))
        .collect();
    if lines.is_empty() {
        return false;
    }
    match name.as_str() {
        "set-cookie" => lines.iter().any(|line| value_holds(&header.value, line)),
        "cookie" => value_holds(&header.value, &lines.join(&b"; "[..])),
        _ => value_holds(&header.value, &lines.join(&b',')),
    }
}

/// MATCH-QUERY-01..07, SAFE-LIMIT-01.
fn query_holds(name: &[u8], value: &ValueMatch, options: &Options, head: &RequestHead<'_>) -> bool {
    let Some(query) = head.query else {
        return false;
    };
    let read = |text: &[u8]| match options.query_decoding {
        QueryDecoding::Decode => decode_query(text),
        QueryDecoding::Raw => text.to_vec(),
    };
    let mut end = 0;
    let mut count = 0;
    for piece in query.split(|b| *b == b'&') {
        end += piece.len();
        if end > options.limits.query {
            return false;
        }
        end += 1;
        if piece.is_empty() {
            continue;
        }
        count += 1;
        if count > options.limits.parameters {
            return false;
        }
        let mut sides = piece.splitn(2, |b| *b == b'=');
        let own = read(sides.next().unwrap_or_default());
        if own == name {
            return value_holds(value, &read(sides.next().unwrap_or_default()));
        }
    }
    false
}

/// MATCH-QUERY-03.
fn decode_query(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match (text[at], triplet(text, at)) {
            (b'+', _) => out.push(b' '),
            (_, Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (byte, None) => out.push(byte),
        }
        at += 1;
    }
    out
}

fn triplet(text: &[u8], at: usize) -> Option<u8> {
    let digits = text.get(at..at + 3)?;
    let is_triplet =
        digits[0] == b'%' && digits[1].is_ascii_hexdigit() && digits[2].is_ascii_hexdigit();
    is_triplet.then(|| u8::from_str_radix(std::str::from_utf8(&digits[1..]).unwrap(), 16).unwrap())
}

/// MATCH-GRPC-01.
fn is_call(options: &Options, head: &RequestHead<'_>) -> bool {
    if options.grpc_detection == GrpcDetection::PathOnly {
        let elements: Vec<&[u8]> = head.path.split(|b| *b == b'/').collect();
        return matches!(elements[..], [b"", service, method] if !service.is_empty() && !method.is_empty());
    }
    let content_type = first_line(head.headers, "content-type").unwrap_or_default();
    let content_type = String::from_utf8_lossy(&content_type)
        .trim()
        .to_ascii_lowercase();
    let is_grpc = content_type == "application/grpc"
        || content_type.starts_with("application/grpc+")
        || content_type.starts_with("application/grpc;");
    matches!(head.version, Version::Http2 | Version::Http3) && head.method == "POST" && is_grpc
}

/// HOST-KEY-*, MATCH-PATH-10..19, SAFE-LIMIT-01: host key (`None` = only what has no hostname) and effective path, or the
/// status of a refusal.
fn checked(options: &Options, head: &RequestHead<'_>) -> Result<(Option<String>, String), u16> {
    let host = match head.host {
        None if head.version == Version::Http10 => None,
        None => return Err(400),
        Some(authority) => host_key(options, authority).ok_or(400u16)?,
    };
    if head.path.len() > options.limits.path {
        return Err(414);
    }
    let bad = |b: &u8| *b <= b' ' || *b == 0x7F || *b == b'\\';
    if head.query.unwrap_or_default().iter().any(bad) {
        return Err(400);
    }
    if head.method == "OPTIONS" && head.path == b"*" {
        return Ok((host, "*".to_owned()));
    }
    if !head.path.starts_with(b"/") || head.path.iter().any(bad) {
        return Err(400);
    }
    for at in 0..head.path.len() {
        if head.path[at] == b'%' {
            let byte = triplet(head.path, at).ok_or(400u16)?;
            if options.escaped_slashes == EscapedSlashes::Reject && (byte == b'/' || byte == b'\\')
            {
                return Err(400);
            }
        }
    }
    if options.normalize == Normalize::None {
        return Ok((host, String::from_utf8_lossy(head.path).into_owned()));
    }
    let mut path = decode_unreserved(head.path);
    while options.merge_slashes && path.contains("//") {
        path = path.replace("//", "/");
    }
    Ok((host, without_dots(&path)))
}

/// HOST-KEY-01/03..07.
fn host_key(options: &Options, authority: &[u8]) -> Option<Option<String>> {
    let text = std::str::from_utf8(authority)
        .ok()
        .filter(|t| t.is_ascii())?
        .to_ascii_lowercase();
    let is_port = |port: &str| {
        port.bytes().all(|b| b.is_ascii_digit()) && (port.is_empty() || port.parse::<u16>().is_ok())
    };
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        address.parse::<std::net::Ipv6Addr>().ok()?;
        return (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then_some(None);
    }
    let (name, port) = text.split_once(':').unwrap_or((&text, ""));
    if !is_port(port) || name.len() > options.limits.authority {
        return None;
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(&b);
    if name.split('.').any(str::is_empty) || !name.bytes().all(legal) {
        return None;
    }
    if (0..name.len())
        .any(|at| name.as_bytes()[at] == b'%' && triplet(name.as_bytes(), at).is_none())
    {
        return None;
    }
    let labels: Vec<&str> = name.split('.').collect();
    let is_address =
        labels.len() == 4 && labels.iter().all(|l| l.bytes().all(|b| b.is_ascii_digit()));
    Some((!is_address).then(|| name.to_owned()))
}

/// HOST-KEY-08.
fn server_name(sni: &[u8]) -> Option<String> {
    let name = host_key(&Options::default(), sni)??;
    (!sni.contains(&b':')).then_some(name)
}

/// HOST-MATCH-01/02; the host is in lower case.
fn covers(hostname: &str, host: &str) -> bool {
    match hostname.strip_prefix('*') {
        Some(suffix) => host.ends_with(suffix) && host.len() > suffix.len(),
        None => hostname == host,
    }
}

/// LISTEN-SEL-03.
fn most_specific<'l>(pool: &[&'l Listener], host: Option<&str>) -> Option<&'l Listener> {
    let name = |l: &Listener| l.head.hostname.as_ref().map(|h| h.as_str().to_owned());
    let mut fitting: Vec<&Listener> = pool
        .iter()
        .copied()
        .filter(|l| match (name(l), host) {
            (None, _) => true,
            (Some(own), Some(host)) => covers(&own, host),
            (Some(_), None) => false,
        })
        .collect();
    fitting.sort_by_key(|l| {
        let own = name(l);
        let is_exact = own.as_ref().is_some_and(|own| !own.starts_with('*'));
        let labels = own.map_or(0, |own| own.split('.').count());
        std::cmp::Reverse((is_exact, labels))
    });
    fitting.first().copied()
}

/// MATCH-PATH-11/19.
fn decode_unreserved(path: &[u8]) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < path.len() {
        match triplet(path, at) {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(byte as char);
                at += 3;
            }
            Some(byte) => {
                out.push_str(&format!("%{byte:02X}"));
                at += 3;
            }
            None if path[at] >= 0x80 => {
                out.push_str(&format!("%{:02X}", path[at]));
                at += 1;
            }
            None => {
                out.push(path[at] as char);
                at += 1;
            }
        }
    }
    out
}

/// RFC 3986, 5.2.4, step by step as it stands there.
fn without_dots(path: &str) -> String {
    let (mut input, mut output) = (path.to_owned(), String::new());
    while !input.is_empty() {
        if input.starts_with("/./") {
            input.replace_range(..2, "");
        } else if input == "/." {
            input = "/".to_owned();
        } else if input.starts_with("/../") || input == "/.." {
            let rest = if input == "/.." { "/" } else { &input[3..] };
            input = rest.to_owned();
            let cut = output.rfind('/').unwrap_or(0);
            output.truncate(cut);
        } else {
            let end = input[1..].find('/').map_or(input.len(), |at| at + 1);
            output.push_str(&input[..end]);
            input.replace_range(..end, "");
        }
    }
    output
}
