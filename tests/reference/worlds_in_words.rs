//! Plans and requests written in a few words, asked of router and reference alike.
//!
//! A rule is a label and its matches: `rule("A", "P:/app m=GET h:x=1 | E:/b")`. `P:` is a prefix, `E:` exact, `X:` a regular
//! expression; `m=` a method; `h:` and `q:` a header or parameter with its exact value, `hX:` and `qX:` with a regular
//! expression.

#![allow(
    dead_code,
    reason = "each test that includes this file uses another part of it"
)]

use std::sync::Arc;

use gatewright::plan::{
    Action, Attachment, Cors, Filter, Frontend, Gateway, GrpcMatch, GrpcMethodMatch, HeaderMatch,
    HttpMatch, Listener, ListenerHead, PathMatch, Plan, Protocol, QueryMatch, Route, RouteGroup,
    RouteKind, Rule, ValueMatch,
};
use gatewright::router::{
    Connection, ConnectionProtocol, Headers, Options, RequestHead, Router, Target, Version,
};
use gatewright::vocab::Hostname;

use crate::asked;
use crate::matching::{self, Decision};

pub fn http_match(text: &str) -> HttpMatch {
    let mut own = HttpMatch::prefix("/");
    for word in text.split_whitespace() {
        let value = |word: &str, is_regex: bool| {
            let (name, value) = word.split_once('=').unwrap();
            let value = if is_regex {
                ValueMatch::Regex(value.into())
            } else {
                ValueMatch::Exact(value.into())
            };
            (Box::<str>::from(name), value)
        };
        if let Some(path) = word.strip_prefix("P:") {
            own.path = PathMatch::Prefix(path.into());
        } else if let Some(path) = word.strip_prefix("E:") {
            own.path = PathMatch::Exact(path.into());
        } else if let Some(pattern) = word.strip_prefix("X:") {
            own.path = PathMatch::Regex(pattern.into());
        } else if let Some(method) = word.strip_prefix("m=") {
            own.method = Some(method.parse().unwrap());
        } else if let Some(word) = word.strip_prefix("h:") {
            let (name, value) = value(word, false);
            own.headers.push(HeaderMatch { name, value });
        } else if let Some(word) = word.strip_prefix("hX:") {
            let (name, value) = value(word, true);
            own.headers.push(HeaderMatch { name, value });
        } else if let Some(word) = word.strip_prefix("q:") {
            let (name, value) = value(word, false);
            own.query.push(QueryMatch { name, value });
        } else if let Some(word) = word.strip_prefix("qX:") {
            let (name, value) = value(word, true);
            own.query.push(QueryMatch { name, value });
        } else {
            panic!("no condition: {word}");
        }
    }
    own
}

/// A rule of an HTTPRoute; no text means no matches.
pub fn rule(label: &str, matches: &str) -> Rule {
    let matches: Vec<HttpMatch> = matches
        .split(" | ")
        .filter(|text| !text.is_empty())
        .map(http_match)
        .collect();
    Rule::http(0, matches, Action::default()).named(label)
}

/// The same with a CORS filter.
pub fn rule_with_cors(label: &str, matches: &str) -> Rule {
    let mut own = rule(label, matches);
    own.action = Arc::new(Action::default().with_filters([Filter::Cors(Cors {
        allow_origins: vec!["*".into()],
        allow_credentials: false,
        allow_methods: vec!["*".into()],
        allow_headers: Vec::new(),
        expose_headers: Vec::new(),
        max_age: 0,
    })]));
    own
}

fn side(text: &str, is_regex: bool) -> Option<ValueMatch> {
    match (text, is_regex) {
        ("-", _) => None,
        (_, true) => Some(ValueMatch::Regex(text.into())),
        (_, false) => Some(ValueMatch::Exact(text.into())),
    }
}

/// A rule of a GRPCRoute: service, method (`-` for any) and headers.
pub fn grpc_rule(label: &str, service: &str, method: &str, headers: &str) -> Rule {
    grpc_rule_of(label, service, method, headers, false)
}

/// The same with regular expressions.
pub fn grpc_regex_rule(label: &str, service: &str, method: &str) -> Rule {
    grpc_rule_of(label, service, method, "", true)
}

fn grpc_rule_of(label: &str, service: &str, method: &str, headers: &str, is_regex: bool) -> Rule {
    let given = (service, method) != ("-", "-");
    let own = GrpcMatch {
        method: given.then(|| GrpcMethodMatch {
            service: side(service, is_regex),
            method: side(method, is_regex),
        }),
        headers: http_match(headers).headers,
    };
    Rule::grpc(0, [own], Action::default()).named(label)
}

/// A rule for bytes.
pub fn stream_rule(label: &str) -> Rule {
    Rule::stream(0, Action::default()).named(label)
}

/// A Route; its rules are numbered as they stand.
pub fn route_of(
    kind: RouteKind,
    name: &str,
    created: Option<i64>,
    rules: impl IntoIterator<Item = Rule>,
) -> Arc<Route> {
    let (namespace, name) = name.split_once('/').unwrap();
    let mut rules: Vec<Rule> = rules.into_iter().collect();
    for (index, rule) in rules.iter_mut().enumerate() {
        rule.index = index as u32;
    }
    let mut route = Route::new(kind, namespace, name, rules);
    route.created = created;
    Arc::new(route)
}

/// An HTTPRoute.
pub fn route(
    name: &str,
    created: Option<i64>,
    rules: impl IntoIterator<Item = Rule>,
) -> Arc<Route> {
    route_of(RouteKind::Http, name, created, rules)
}

pub fn name(text: &str) -> Hostname {
    Hostname::parse(text).unwrap()
}

/// A Route on a listener, with hostnames or without.
pub fn at(route: Arc<Route>, hostnames: &[&str]) -> Attachment {
    Attachment::with_hostnames(route, hostnames.iter().map(|text| name(text)))
}

/// A listener; `-` is no hostname. Hostnames of Routes that do not intersect its own are left out, and Routes of which
/// none is left, as the resolver does (HOST-MATCH-07).
pub fn listener(
    name_: &str,
    port: u16,
    protocol: Protocol,
    hostname: &str,
    routes: impl IntoIterator<Item = Attachment>,
) -> Listener {
    let mut head = ListenerHead::http("infra", "front", name_, port).with_protocol(protocol);
    if hostname != "-" {
        head = head.with_hostname(name(hostname));
    }
    let own = head.hostname.clone();
    let fitting = routes.into_iter().filter_map(|mut attachment| {
        let had_some = !attachment.hostnames.is_empty();
        attachment
            .hostnames
            .retain(|h| own.as_ref().is_none_or(|own| own.intersect(h).is_some()));
        (!had_some || !attachment.hostnames.is_empty()).then_some(attachment)
    });
    Listener::new(head, fitting.collect::<Vec<_>>())
}

/// A plan of one Gateway.
pub fn gateway(listeners: impl IntoIterator<Item = Listener>) -> Plan {
    Plan::of([Gateway::new("infra", "front", listeners)])
}

/// One listener for every host on port 80.
pub fn any(routes: impl IntoIterator<Item = Attachment>) -> Plan {
    gateway([listener("any", 80, Protocol::Http, "-", routes)])
}

/// One Route without hostnames on it.
pub fn one(rules: impl IntoIterator<Item = Rule>) -> Plan {
    any([at(route("x/one", None, rules), &[])])
}

/// A frontend of a mesh.
pub fn frontend(
    service: &str,
    port: u16,
    producer: &[Arc<Route>],
    consumers: &[(&str, &[Arc<Route>])],
) -> Frontend {
    let (namespace, name) = service.split_once('/').unwrap();
    let group = |routes: &[Arc<Route>]| RouteGroup {
        routes: routes
            .iter()
            .filter(|r| r.kind != RouteKind::Udp)
            .cloned()
            .collect(),
        udp: routes
            .iter()
            .filter(|r| r.kind == RouteKind::Udp)
            .cloned()
            .collect(),
    };
    Frontend {
        service: gatewright::plan::ObjectName::new(namespace, name),
        port,
        producer: (!producer.is_empty()).then(|| group(producer)),
        consumers: consumers
            .iter()
            .map(|(namespace, routes)| ((*namespace).into(), group(routes)))
            .collect(),
    }
}

/// A request in words.
#[derive(Clone)]
pub struct Ask {
    pub method: String,
    pub version: Version,
    pub host: Option<String>,
    pub path: Vec<u8>,
    pub query: Option<Vec<u8>>,
    pub headers: Vec<(String, Vec<u8>)>,
    pub port: u16,
    pub protocol: ConnectionProtocol,
    pub sni: Option<String>,
    pub service: Option<(String, String)>,
    pub options: Options,
}

/// `GET` of a target like `a.test:80/x?y` in HTTP/1.1 on port 80.
pub fn get(target: &str) -> Ask {
    let slash = target.find(['/', '*']).unwrap_or(target.len());
    let (host, rest) = target.split_at(slash);
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query.as_bytes().to_vec())),
        None => (rest, None),
    };
    Ask {
        method: "GET".to_owned(),
        version: Version::Http11,
        host: Some(if host.is_empty() { "h.test" } else { host }.to_owned()),
        path: path.as_bytes().to_vec(),
        query,
        headers: Vec::new(),
        port: 80,
        protocol: ConnectionProtocol::Http,
        sni: None,
        service: None,
        options: Options::default(),
    }
}

/// A gRPC call.
pub fn call(target: &str) -> Ask {
    let mut ask = get(target)
        .method("POST")
        .header("content-type", "application/grpc");
    ask.version = Version::Http2;
    ask
}

/// A connection that carries no request.
pub fn connect(protocol: ConnectionProtocol, port: u16, sni: Option<&str>) -> Ask {
    let mut ask = get("/");
    ask.protocol = protocol;
    ask.port = port;
    ask.sni = sni.map(str::to_owned);
    ask
}

impl Ask {
    pub fn method(mut self, method: &str) -> Self {
        self.method = method.to_owned();
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Over TLS on port 443 with this server name.
    pub fn tls(mut self, sni: Option<&str>) -> Self {
        self.protocol = ConnectionProtocol::Https;
        self.port = 443;
        self.sni = sni.map(str::to_owned);
        self
    }

    pub fn towards_service(mut self, service: &str, client: &str) -> Self {
        self.service = Some((service.to_owned(), client.to_owned()));
        self
    }

    pub fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    /// Asks router and reference, which must agree.
    pub fn decide(&self, plan: &Plan) -> Decision {
        let lines: Vec<(&str, &[u8])> = self
            .headers
            .iter()
            .map(|(n, v)| (n.as_str(), &v[..]))
            .collect();
        let head = RequestHead {
            version: self.version,
            method: &self.method,
            host: self.host.as_deref().map(str::as_bytes),
            path: &self.path,
            query: self.query.as_deref(),
            headers: Headers::Lines(&lines),
        };
        let target = match &self.service {
            Some((service, client_namespace)) => {
                let (namespace, name) = service.split_once('/').unwrap();
                Target::Service {
                    namespace,
                    name,
                    client_namespace,
                }
            }
            None => Target::Only,
        };
        let connection = Connection {
            target,
            port: self.port,
            protocol: self.protocol,
            sni: self.sni.as_deref().map(str::as_bytes),
        };
        let router = Router::compile_with(plan, &self.options);
        let found = asked::decide(&router, &connection, Some(&head));
        let expected = matching::decide(plan, &self.options, &connection, Some(&head));
        assert_eq!(found, expected, "router and reference differ");
        found
    }

    /// The label of the rule that takes it, a status, `grpc 12`, `reset` or `pass`.
    pub fn of(&self, plan: &Plan) -> String {
        let routes = plan
            .gateways
            .iter()
            .flat_map(|g| &g.listeners)
            .flat_map(|l| &l.routes)
            .map(|a| &a.route);
        let groups = plan
            .frontends
            .iter()
            .flat_map(|f| f.producer.iter().chain(f.consumers.iter().map(|(_, g)| g)));
        let all: Vec<&Arc<Route>> = routes
            .chain(groups.flat_map(|g| g.routes.iter().chain(&g.udp)))
            .collect();
        let label = |route: &str, rule: u32| {
            let own = all
                .iter()
                .filter(|r| r.name.to_string() == *route)
                .flat_map(|r| &r.rules);
            let labels: Vec<&str> = own
                .filter(|r| r.index == rule)
                .filter_map(|r| r.name.as_deref())
                .collect();
            labels[0].to_owned()
        };
        match self.decide(plan) {
            Decision::Rule { route, rule, .. } | Decision::Stream { route, rule, .. } => {
                label(&route, rule)
            }
            Decision::Status {
                grpc_status: Some(code),
                ..
            } => format!("grpc {code}"),
            Decision::Status { status, .. } => status.to_string(),
            Decision::PassThrough => "pass".to_owned(),
            Decision::Reset => "reset".to_owned(),
        }
    }

    /// The path that the backend gets.
    pub fn path_of(&self, plan: &Plan) -> String {
        match self.decide(plan) {
            Decision::Rule { path, .. } => path,
            other => panic!("no rule: {other:?}"),
        }
    }

    /// The key that decided.
    pub fn key_of(&self, plan: &Plan) -> Option<&'static str> {
        match self.decide(plan) {
            Decision::Rule { key, .. } => key,
            other => panic!("no rule: {other:?}"),
        }
    }
}
