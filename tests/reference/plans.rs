//! Random plans, and requests that nearly or really match something in them.

#![allow(
    dead_code,
    reason = "each test that includes this file uses another part of it"
)]

use gatewright::plan::{
    Action, Attachment, Cors, Filter, Frontend, Gateway, GrpcMatch, GrpcMethodMatch, HeaderMatch,
    HttpMatch, Listener, ListenerHead, Matches, Method, ObjectName, PathMatch, Plan, Protocol,
    QueryMatch, Route, RouteGroup, RouteKind, Rule, TlsMode, ValueMatch,
};
use gatewright::router::{
    ConnectionProtocol, EscapedSlashes, GrpcDetection, Normalize, Options, QueryDecoding,
    RegexRank, Version,
};
use gatewright::vocab::Hostname;
use std::sync::Arc;

/// A small generator of numbers (SplitMix64).
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    pub fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    pub fn pick<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

/// A request with everything that its head refers to.
#[derive(Clone, Debug)]
pub struct OwnedRequest {
    pub version: Version,
    pub method: String,
    pub host: Option<Vec<u8>>,
    pub path: Vec<u8>,
    pub query: Option<Vec<u8>>,
    pub headers: Vec<(String, Vec<u8>)>,
    pub port: u16,
    pub protocol: ConnectionProtocol,
    pub sni: Option<Vec<u8>>,
    /// Service name and the client's namespace.
    pub service: Option<(String, String)>,
}

const HOSTS: [&str; 9] = [
    "a.test",
    "b.test",
    "x.a.test",
    "*.a.test",
    "*.test",
    "*.x.a.test",
    "xa.test",
    "a-b.test",
    "*.b.test",
];
const PATHS: [&str; 16] = [
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/a/b/",
    "/ab",
    "/A",
    "/%61",
    "/a%20b",
    "/a%2Db",
    "/a-b",
    "/b",
    "/a/b/c",
    "/caf%c3%a9",
    "/a;v=1",
    "/a/b/c/d",
];
/// Expressions with paths that they match.
const PATH_REGEXES: [(&str, &[&str]); 10] = [
    ("/a|/a/b", &["/a", "/a/b"]),
    ("/a.*", &["/a", "/ab", "/a/b/c"]),
    ("/[ab]", &["/a", "/b"]),
    ("(?i)/A", &["/a", "/A"]),
    (".*", &["/", "/x"]),
    ("^/b$", &["/b"]),
    (r"/a/\w", &["/a/b"]),
    ("(?x) /a /b # that", &["/a/b"]),
    ("/(a|b)/[a-z]+", &["/a/b", "/b/c"]),
    ("/%[0-9A-F]{2}", &["/%20"]),
];
const VALUE_REGEXES: [(&str, &str); 5] = [
    ("1|12", "12"),
    (".*", "2"),
    ("[a-z]+", "abc"),
    ("^1$", "1"),
    ("1,2", "1,2"),
];
const HEADERS: [&str; 6] = ["x-a", "X-B", "x-c", "cookie", "host", "X-a"];
const PARAMETERS: [&str; 5] = ["q", "Q", "r", "f%5Ba%5D", "f%5ba%5d"];
const VALUES: [&str; 5] = ["1", "2", "12", "a b", "1,2"];
const SERVICES: [&str; 4] = ["p.S", "p.T", "p.s", ".p.S"];
const CALLS: [&str; 3] = ["Get", "Put", "G"];

fn name(text: &str) -> Hostname {
    Hostname::parse(text).unwrap()
}

/// Options, mostly the usual ones.
pub fn options(chance: &mut Chance) -> Options {
    let mut options = Options {
        seed: Some(chance.next()),
        ..Options::default()
    };
    if chance.percent(60) {
        return options;
    }
    options.hostname_fallthrough = chance.percent(60);
    options.detect_misdirected = chance.percent(50);
    options.cors_implicit_preflight = chance.percent(50);
    options.merge_slashes = chance.percent(50);
    if chance.percent(40) {
        options.regex_rank = RegexRank::BelowPrefix;
    }
    if chance.percent(20) {
        options.normalize = Normalize::None;
    }
    if chance.percent(30) {
        options.escaped_slashes = EscapedSlashes::Reject;
    }
    if chance.percent(30) {
        options.query_decoding = QueryDecoding::Raw;
    }
    if chance.percent(20) {
        options.grpc_detection = GrpcDetection::PathOnly;
    }
    if chance.percent(20) {
        options.limits.header_lines = 3;
        options.limits.parameters = 2;
        options.limits.query = 12;
        options.limits.path = 24;
    }
    options
}

fn value(chance: &mut Chance) -> ValueMatch {
    if chance.percent(25) {
        ValueMatch::Regex(chance.pick(&VALUE_REGEXES).0.into())
    } else {
        ValueMatch::Exact((*chance.pick(&VALUES)).into())
    }
}

fn headers(chance: &mut Chance) -> Vec<HeaderMatch> {
    let count = *chance.pick(&[0, 0, 0, 1, 1, 2, 3]);
    (0..count)
        .map(|_| {
            let name = *chance.pick(&HEADERS);
            let value = if name == "host" {
                ValueMatch::Exact((*chance.pick(&["a.test", "A.test:80", "b.test"])).into())
            } else {
                value(chance)
            };
            HeaderMatch {
                name: name.into(),
                value,
            }
        })
        .collect()
}

/// What most matches of a plan have in common, so that they compete.
pub struct Taste {
    paths: Vec<&'static str>,
    is_crowded: bool,
}

impl Taste {
    pub fn draw(chance: &mut Chance) -> Self {
        let count = 1 + chance.below(6);
        Taste {
            paths: (0..count).map(|_| *chance.pick(&PATHS)).collect(),
            is_crowded: chance.percent(15),
        }
    }
}

fn http_match(chance: &mut Chance, taste: &Taste) -> HttpMatch {
    let path = if taste.is_crowded {
        taste.paths[0]
    } else {
        *chance.pick(&taste.paths)
    };
    let path = match chance.below(100) {
        0..55 => PathMatch::Prefix(path.into()),
        55..85 => PathMatch::Exact(path.into()),
        _ if taste.is_crowded => PathMatch::Prefix(path.into()),
        _ => PathMatch::Regex(chance.pick(&PATH_REGEXES).0.into()),
    };
    let method = chance
        .percent(30)
        .then(|| *chance.pick(&[Method::Get, Method::Post, Method::Put, Method::Options]));
    let count = *chance.pick(&[0, 0, 0, 1, 1, 2]);
    let query = (0..count)
        .map(|_| QueryMatch {
            name: (*chance.pick(&PARAMETERS)).into(),
            value: value(chance),
        })
        .collect();
    HttpMatch {
        path,
        method,
        headers: headers(chance),
        query,
    }
}

fn grpc_match(chance: &mut Chance) -> GrpcMatch {
    let side = |chance: &mut Chance, names: &[&str], regexes: &[&str], is_regex: bool| match chance
        .below(3)
    {
        0 => None,
        1 if is_regex => Some(ValueMatch::Regex((*chance.pick(regexes)).into())),
        _ if is_regex => Some(ValueMatch::Regex((*chance.pick(regexes)).into())),
        _ => Some(ValueMatch::Exact((*chance.pick(names)).into())),
    };
    let is_regex = chance.percent(30);
    let method = chance.percent(85).then(|| GrpcMethodMatch {
        service: side(chance, &SERVICES, &[r"p\..*", "p.S|p.ST", ".+"], is_regex),
        method: side(chance, &CALLS, &["G.*", "Get", "[A-Z].*"], is_regex),
    });
    GrpcMatch {
        method,
        headers: headers(chance),
    }
}

fn rule(chance: &mut Chance, kind: RouteKind, index: u32, taste: &Taste) -> Rule {
    let mut action = Action::default();
    if kind == RouteKind::Http && chance.percent(15) {
        action = action.with_filters([Filter::Cors(Cors {
            allow_origins: vec!["*".into()],
            allow_credentials: false,
            allow_methods: Vec::new(),
            allow_headers: Vec::new(),
            expose_headers: Vec::new(),
            max_age: 0,
        })]);
    }
    let count = *chance.pick(&[0, 1, 1, 1, 2, 3]);
    match kind {
        RouteKind::Http => Rule::http(
            index,
            (0..count)
                .map(|_| http_match(chance, taste))
                .collect::<Vec<_>>(),
            action,
        ),
        RouteKind::Grpc => Rule::grpc(
            index,
            (0..count).map(|_| grpc_match(chance)).collect::<Vec<_>>(),
            action,
        ),
        _ => Rule::stream(index, action),
    }
}

fn route(chance: &mut Chance, kind: RouteKind, number: usize, taste: &Taste) -> Arc<Route> {
    let namespace = *chance.pick(&["n", "n-b", "m"]);
    let rules = match kind {
        RouteKind::Http | RouteKind::Grpc if taste.is_crowded => 8 + chance.below(12),
        RouteKind::Http | RouteKind::Grpc => chance.below(5),
        _ => chance.below(3),
    };
    let rules: Vec<Rule> = (0..rules)
        .map(|i| rule(chance, kind, 2 * i as u32, taste))
        .collect();
    let mut route = Route::new(
        kind,
        namespace,
        format!("{}-{number}", chance.pick(&["a", "b"])),
        rules,
    );
    route.created = *chance.pick(&[None, None, Some(1), Some(2), Some(-5)]);
    Arc::new(route)
}

/// A plan of one Gateway and a mesh.
pub fn plan(chance: &mut Chance, taste: &Taste) -> Plan {
    let mut listeners = Vec::new();
    let protocols = [
        (80, Protocol::Http),
        (80, Protocol::Http),
        (80, Protocol::Http),
        (443, Protocol::Https),
        (443, Protocol::Https),
        (443, Protocol::Tls(TlsMode::Passthrough)),
        (443, Protocol::Tls(TlsMode::Terminate)),
        (9000, Protocol::Tcp),
        (80, Protocol::Udp),
    ];
    let pool: Vec<Arc<Route>> = (0..14)
        .map(|number| {
            let kinds = [
                RouteKind::Http,
                RouteKind::Http,
                RouteKind::Http,
                RouteKind::Grpc,
                RouteKind::Tls,
                RouteKind::Tcp,
                RouteKind::Udp,
            ];
            let kind = kinds[number % kinds.len()];
            route(chance, kind, number, taste)
        })
        .collect();
    let mut taken: Vec<(u16, Protocol, Option<&str>)> = Vec::new();
    for (number, (port, protocol)) in protocols.into_iter().enumerate() {
        let hostname = if number == 0 && chance.percent(70) {
            None
        } else {
            Some(*chance.pick(&HOSTS))
        };
        let hostname = if chance.percent(25) { None } else { hostname };
        // Conflicts are removed before a plan is made.
        if chance.percent(20)
            || taken.contains(&(port, protocol, hostname))
            || (hostname.is_none() && protocol == Protocol::Tls(TlsMode::Terminate))
        {
            continue;
        }
        taken.push((port, protocol, hostname));
        let mut head =
            ListenerHead::http("n", "g", format!("l{number}"), port).with_protocol(protocol);
        if let Some(hostname) = hostname {
            head = head.with_hostname(name(hostname));
        }
        let kinds = head.kinds.clone();
        let mut routes = Vec::new();
        for route in pool.iter().filter(|route| kinds.contains(&route.kind)) {
            if !chance.percent(70) {
                continue;
            }
            let names: Vec<Hostname> = (0..chance.below(4))
                .map(|_| name(chance.pick::<&str>(&HOSTS)))
                .collect();
            let fitting: Vec<Hostname> = names
                .iter()
                .filter(|own| {
                    head.hostname
                        .as_ref()
                        .is_none_or(|of_listener| of_listener.intersect(own).is_some())
                })
                .cloned()
                .collect();
            if names.is_empty() {
                routes.push(Attachment::any_host(Arc::clone(route)));
            } else if !fitting.is_empty() {
                routes.push(Attachment::with_hostnames(Arc::clone(route), fitting));
            }
        }
        listeners.push(Listener::new(head, routes));
    }
    let mut plan = Plan::of([Gateway::new("n", "g", listeners)]);
    for service in ["s", "t"] {
        let group = |chance: &mut Chance| RouteGroup {
            routes: pool
                .iter()
                .filter(|r| r.kind != RouteKind::Udp && chance.percent(25))
                .cloned()
                .collect(),
            udp: pool
                .iter()
                .filter(|r| r.kind == RouteKind::Udp && chance.percent(50))
                .cloned()
                .collect(),
        };
        plan.frontends.push(Frontend {
            service: ObjectName::new("n", service),
            port: 80,
            producer: chance.percent(80).then(|| group(chance)),
            consumers: if chance.percent(50) {
                vec![("m".into(), group(chance))]
            } else {
                Vec::new()
            },
        });
    }
    plan
}

/// A value that meets a condition.
fn meets(chance: &mut Chance, value: &ValueMatch) -> String {
    match value {
        ValueMatch::Exact(text) => text.to_string(),
        ValueMatch::Regex(pattern) => {
            let known = VALUE_REGEXES.iter().find(|(own, _)| **own == **pattern);
            known.map_or_else(
                || (*chance.pick(&VALUES)).to_owned(),
                |(_, value)| (*value).to_owned(),
            )
        }
    }
}

fn encode(text: &str) -> String {
    text.replace(' ', "%20").replace(',', "%2c")
}

fn under(chance: &mut Chance, hostname: &str) -> String {
    match hostname.strip_prefix('*') {
        Some(suffix) => format!("{}{suffix}", chance.pick(&["x", "y", "x.y", "a", "1"])),
        None => hostname.to_owned(),
    }
}

/// A request: mostly made from something in the plan, then bent a little.
pub fn request(chance: &mut Chance, plan: &Plan) -> OwnedRequest {
    let mut request = OwnedRequest {
        version: *chance.pick(&[
            Version::Http11,
            Version::Http11,
            Version::Http2,
            Version::Http3,
        ]),
        method: "GET".to_owned(),
        host: Some(b"a.test".to_vec()),
        path: b"/a".to_vec(),
        query: None,
        headers: vec![("accept".to_owned(), b"*/*".to_vec())],
        port: 80,
        protocol: ConnectionProtocol::Http,
        sni: None,
        service: None,
    };
    let gateway = &plan.gateways[0];
    let frontends: Vec<&RouteGroup> = plan
        .frontends
        .iter()
        .filter_map(|f| f.producer.as_ref())
        .collect();
    let mut chosen: Option<Arc<Route>> = None;
    if chance.percent(12) && !frontends.is_empty() {
        let frontend = chance.pick(&plan.frontends);
        request.service = Some((
            frontend.service.name.to_string(),
            (*chance.pick(&["m", "n", "o"])).to_owned(),
        ));
        if let Some(group) = &frontend.producer
            && !group.routes.is_empty()
        {
            chosen = Some(Arc::clone(chance.pick(&group.routes)));
        }
    } else if !gateway.listeners.is_empty() {
        let is_http = |l: &&Listener| matches!(l.head.protocol, Protocol::Http | Protocol::Https);
        let usual: Vec<&Listener> = gateway
            .listeners
            .iter()
            .filter(|l| is_http(l) && !l.routes.is_empty())
            .collect();
        let listener = if usual.is_empty() || chance.percent(10) {
            chance.pick(&gateway.listeners)
        } else {
            *chance.pick(&usual)
        };
        request.port = listener.head.port;
        request.protocol = match listener.head.protocol {
            Protocol::Http => ConnectionProtocol::Http,
            Protocol::Https => ConnectionProtocol::Https,
            Protocol::Tls(_) => ConnectionProtocol::Tls,
            Protocol::Tcp => ConnectionProtocol::Tcp,
            Protocol::Udp => ConnectionProtocol::Udp,
        };
        let of_listener = listener
            .head
            .hostname
            .as_ref()
            .map(|h| h.as_str().to_owned());
        let mut hostname = of_listener.clone();
        if !listener.routes.is_empty() {
            let attachment = &listener.routes[chance.below(listener.routes.len())];
            chosen = Some(Arc::clone(&attachment.route));
            if !attachment.hostnames.is_empty() {
                let own = chance.pick(&attachment.hostnames);
                let both = listener
                    .head
                    .hostname
                    .as_ref()
                    .map_or(Some(own), |of| of.intersect(own));
                hostname = both.map(|h| h.as_str().to_owned());
            }
        }
        let host = match hostname {
            Some(hostname) => under(chance, &hostname),
            None => {
                let name = *chance.pick(&HOSTS);
                under(chance, name)
            }
        };
        request.host = Some(host.clone().into_bytes());
        if matches!(
            request.protocol,
            ConnectionProtocol::Https | ConnectionProtocol::Tls
        ) {
            request.sni = Some(host.into_bytes());
        }
    }
    if let Some(rule) = chosen
        .as_ref()
        .filter(|r| !r.rules.is_empty())
        .map(|r| chance.pick(&r.rules).clone())
    {
        satisfy(chance, &mut request, &rule.matches);
    }
    let bends = *chance.pick(&[0, 0, 0, 0, 0, 0, 1, 1, 1, 2]);
    for _ in 0..bends {
        bend(chance, &mut request);
    }
    request
}

fn satisfy(chance: &mut Chance, request: &mut OwnedRequest, matches: &Matches) {
    match matches {
        Matches::Http(list) if !list.is_empty() => {
            let own = chance.pick(list).clone();
            let path = match &own.path {
                PathMatch::Exact(path) => path.to_string(),
                PathMatch::Prefix(path) => match chance.below(4) {
                    0 => format!("{}/x", path.trim_end_matches('/')),
                    1 => format!("{}/a/b", path.trim_end_matches('/')),
                    2 => format!("{}/", path.trim_end_matches('/')),
                    _ => path.to_string(),
                },
                PathMatch::Regex(pattern) => {
                    let known = PATH_REGEXES
                        .iter()
                        .find(|(own, _)| **own == **pattern)
                        .unwrap();
                    (*chance.pick(known.1)).to_owned()
                }
            };
            request.path = path.into_bytes();
            if let Some(method) = own.method {
                request.method = method.as_str().to_owned();
                if chance.percent(15) {
                    request.method = "OPTIONS".to_owned();
                    request
                        .headers
                        .push(("Origin".to_owned(), b"https://o.test".to_vec()));
                    request.headers.push((
                        "access-control-request-method".to_owned(),
                        method.as_str().into(),
                    ));
                }
            }
            let mut pieces = Vec::new();
            for parameter in &own.query {
                pieces.push(format!(
                    "{}={}",
                    parameter.name,
                    encode(&meets(chance, &parameter.value))
                ));
            }
            if chance.percent(20) {
                pieces.insert(0, "page=2".to_owned());
            }
            if !pieces.is_empty() || chance.percent(5) {
                request.query = Some(pieces.join("&").into_bytes());
            }
            meet_headers(chance, request, &own.headers);
        }
        Matches::Grpc(list) if !list.is_empty() => {
            let own = chance.pick(list).clone();
            let side = |chance: &mut Chance, value: Option<&ValueMatch>, names: &[&str]| match value
            {
                Some(ValueMatch::Exact(text)) => text.to_string(),
                _ => (*chance.pick(names)).to_owned(),
            };
            let method = own.method.unwrap_or_default();
            let service = side(chance, method.service.as_ref(), &SERVICES);
            let call = side(chance, method.method.as_ref(), &CALLS);
            request.path = format!("/{service}/{call}").into_bytes();
            request.method = "POST".to_owned();
            request.version = Version::Http2;
            request.headers.push((
                "Content-Type".to_owned(),
                b"application/grpc+proto".to_vec(),
            ));
            meet_headers(chance, request, &own.headers);
        }
        _ => {}
    }
}

fn meet_headers(chance: &mut Chance, request: &mut OwnedRequest, headers: &[HeaderMatch]) {
    for header in headers {
        let value = meets(chance, &header.value);
        if header.name.eq_ignore_ascii_case("host") {
            if chance.percent(50) {
                request.host = Some(value.into_bytes());
            }
            continue;
        }
        let is_there = request
            .headers
            .iter()
            .any(|(own, _)| own.eq_ignore_ascii_case(&header.name));
        if is_there {
            continue;
        }
        match value.split_once(',') {
            Some((first, second)) if chance.percent(60) => {
                request
                    .headers
                    .push((header.name.to_string(), first.into()));
                request
                    .headers
                    .push((header.name.to_uppercase(), second.into()));
            }
            _ => request
                .headers
                .push((header.name.to_string(), value.into_bytes())),
        }
    }
}

/// Changes something small.
fn bend(chance: &mut Chance, request: &mut OwnedRequest) {
    let host = request.host.clone().unwrap_or_default();
    match chance.below(26) {
        0 => request.host = Some(host.to_ascii_uppercase()),
        1 => request.host = Some([&host[..], b"."].concat()),
        2 => request.host = Some([&host[..], b":8080"].concat()),
        3 => request.host = Some([b"z.", &host[..]].concat()),
        4 => {
            request.host = Some(
                (*chance.pick(&[
                    "10.0.0.1", "[::1]:80", "a..test", "a_b.test", "a@b.test", "", "a.test:x",
                    "xa.test",
                ]))
                .into(),
            )
        }
        5 => {
            request.host = None;
            request.version = *chance.pick(&[Version::Http10, Version::Http11]);
        }
        6 => request.path.push(b'/'),
        7 => request.path.extend_from_slice(b"/../x"),
        8 => request.path.insert(0, b'/'),
        9 => {
            let extra = *chance.pick::<&[u8]>(&[
                &b"%2e"[..],
                b"%2F",
                b"%zz",
                b"\xc3\xa9",
                b"%c3%a9",
                b"\\",
                b" ",
                b"x",
            ]);
            request.path.extend_from_slice(extra);
        }
        10 => request.path = request.path.to_ascii_uppercase(),
        11 => request.path = b"*".to_vec(),
        12 => {
            request.method =
                (*chance.pick(&["HEAD", "get", "OPTIONS", "PROPFIND", "POST", "PUT"])).to_owned()
        }
        13 => {
            let (name, value) = (*chance.pick(&HEADERS), *chance.pick(&VALUES));
            request.headers.push((name.to_owned(), value.into()));
        }
        14 => {
            if let Some((_, value)) = request.headers.last_mut() {
                *value = [b" \t", &value[..], b"  "].concat();
            }
        }
        15 => {
            let at = chance.below(request.headers.len());
            if at < request.headers.len() {
                request.headers.remove(at);
            }
        }
        16 => {
            if let Some((_, value)) = request.headers.last_mut() {
                value.push(*chance.pick(&[b'x', b'1', 0xFF]));
            }
        }
        17 => {
            let extra = *chance.pick::<&[u8]>(&[
                &b"&q=1"[..],
                b"&q=2&q=1",
                b"&&",
                b"&Q=1",
                b"&f[a]=1",
                b"&r=a+b",
                b"&r=a%20b",
                b"&q=%",
                b"& ",
                b"&q\\",
            ]);
            let mut query = request.query.clone().unwrap_or_default();
            query.extend_from_slice(extra);
            request.query = Some(query);
        }
        18 => {
            let query = request.query.clone().unwrap_or_default();
            request.query =
                Some([chance.pick(&[&b"q=2&"[..], b"r=1&", b"q&"]), &query[..]].concat());
        }
        19 => request.query = None,
        20 => {
            request.sni = chance
                .percent(50)
                .then(|| (*chance.pick(&["a.test", "x.a.test", "B.test.", "10.0.0.1"])).into())
        }
        21 => {
            let name = *chance.pick(&HOSTS);
            request.host = Some(under(chance, name).into_bytes());
        }
        22 => {
            request.protocol = *chance.pick(&[
                ConnectionProtocol::Http,
                ConnectionProtocol::Https,
                ConnectionProtocol::Tls,
                ConnectionProtocol::Tcp,
                ConnectionProtocol::Udp,
            ])
        }
        23 => request.port = *chance.pick(&[80, 443, 9000, 81]),
        24 => request.version = *chance.pick(&[Version::Http11, Version::Http2]),
        _ => request.path = (*chance.pick(&PATHS)).into(),
    }
}
