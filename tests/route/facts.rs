//! Facts of the specification that no worked example shows.

use std::sync::Arc;

use gatewright::plan::{
    Action, Attachment, Backend, Gateway, HeaderMatch, Listener, ListenerHead, Plan, Protocol,
    RouteKind, Rule, TlsMode, ValueMatch,
};
use gatewright::router::{
    Accepted, BadRequest, Connection, ConnectionProtocol, EscapedSlashes, GrpcDetection, Headers,
    Normalize, QueryDecoding, RawHead, Refusal, RequestHead, Router, Target, Unmet, Unservable,
    Version, Why,
};

use crate::worlds_in_words::*;

pub fn accept_http<'r>(router: &'r Router) -> gatewright::router::Listener<'r> {
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

fn raw<'r>(
    version: Version,
    method: &'r str,
    target: &'r [u8],
    authority: Option<&'r [u8]>,
    lines: &'r [(&'r str, &'r [u8])],
) -> Result<RequestHead<'r>, BadRequest> {
    RequestHead::from_raw(RawHead {
        version,
        method,
        target,
        authority,
        headers: Headers::Lines(lines),
    })
}

/// HOST-KEY-02/07: which authority counts, and which requests have none or too many.
#[test]
fn one_authority_counts() {
    let host = |head: Result<RequestHead<'_>, BadRequest>| {
        head.map(|head| head.host.map(|h| String::from_utf8(h.to_vec()).unwrap()))
    };
    let a: &[(&str, &[u8])] = &[("Host", b"a.test")];
    let two: &[(&str, &[u8])] = &[("host", b"a.test"), ("HOST", b"a.test")];
    let none: &[(&str, &[u8])] = &[];
    let found = |text: &str| Ok(Some(text.to_owned()));
    assert_eq!(
        host(raw(Version::Http11, "GET", b"/", None, a)),
        found("a.test")
    );
    assert_eq!(
        host(raw(Version::Http11, "GET", b"http://b.test/x", None, a)),
        found("b.test")
    );
    assert_eq!(
        host(raw(Version::Http11, "GET", b"/", None, two)),
        Err(BadRequest::ConflictingHosts)
    );
    assert_eq!(
        host(raw(Version::Http11, "GET", b"/", None, none)),
        Err(BadRequest::MissingHost)
    );
    assert_eq!(
        host(raw(Version::Http10, "GET", b"/", None, none)),
        Ok(None)
    );
    assert_eq!(
        host(raw(Version::Http2, "GET", b"/", Some(b"A.test"), a)),
        found("A.test")
    );
    assert_eq!(
        host(raw(
            Version::Http2,
            "GET",
            b"/",
            Some(b"a.test"),
            &[("host", b"b.test")]
        )),
        Err(BadRequest::ConflictingHosts)
    );
    assert_eq!(
        host(raw(Version::Http2, "GET", b"/", None, a)),
        found("a.test")
    );
    assert_eq!(
        host(raw(Version::Http3, "GET", b"/", None, none)),
        Err(BadRequest::MissingHost)
    );
    assert_eq!(
        host(raw(Version::Http11, "CONNECT", b"a.test:443", None, a)),
        found("a.test:443")
    );
}

/// The same from the `http` crate.
#[test]
fn heads_of_the_http_crate() {
    let request = http::Request::get("http://a.test:81/x?y=1")
        .header("host", "other.test")
        .body(())
        .unwrap();
    let head = RequestHead::from_request(&request).unwrap();
    assert_eq!(head.host, Some(&b"a.test:81"[..]));
    assert_eq!((head.path, head.query), (&b"/x"[..], Some(&b"y=1"[..])));
    let (parts, ()) = request.into_parts();
    assert_eq!(RequestHead::from_parts(&parts).unwrap().method, "GET");
    let two = http::Request::get("/")
        .header("host", "a")
        .header("host", "a")
        .body(())
        .unwrap();
    assert_eq!(
        RequestHead::from_request(&two).unwrap_err(),
        BadRequest::ConflictingHosts
    );
    let none = http::Request::get("/").body(()).unwrap();
    assert_eq!(
        RequestHead::from_request(&none).unwrap_err(),
        BadRequest::MissingHost
    );
    let old = http::Request::get("/")
        .version(http::Version::HTTP_10)
        .body(())
        .unwrap();
    assert_eq!(RequestHead::from_request(&old).unwrap().host, None);
    let connect = http::Request::connect("a.test:443").body(()).unwrap();
    assert_eq!(RequestHead::from_request(&connect).unwrap().path, b"/");
}

/// MATCH-PATH-06/18: targets in every form.
#[test]
fn targets() {
    let a: &[(&str, &[u8])] = &[("host", b"a.test")];
    let parts = |method: &str, target: &str| {
        raw(Version::Http11, method, target.as_bytes(), None, a).map(|head| {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            (text(head.path), head.query.map(text))
        })
    };
    let found = |path: &str, query: Option<&str>| Ok((path.to_owned(), query.map(str::to_owned)));
    assert_eq!(parts("GET", "/abc?x=/y?z"), found("/abc", Some("x=/y?z")));
    assert_eq!(parts("GET", "/abc?"), found("/abc", Some("")));
    assert_eq!(parts("GET", "http://b.test"), found("/", None));
    assert_eq!(parts("GET", "HTTPS://b.test?q"), found("/", Some("q")));
    assert_eq!(parts("OPTIONS", "*"), found("*", None));
    assert_eq!(parts("CONNECT", "b.test:443"), found("/", None));
    for target in ["", "abc", "a.test/x", "?q", "://a", "1http://a/", "http:/a"] {
        assert_eq!(
            parts("GET", target),
            Err(BadRequest::MalformedTarget),
            "{target}"
        );
    }
}

/// MATCH-PATH-18: `*` is for OPTIONS, and no path matcher takes it.
#[test]
fn the_asterisk_is_no_path() {
    let plan = one([rule("A", "P:/"), rule("B", "X:.*")]);
    assert_eq!(get("h.test*").method("OPTIONS").of(&plan), "404");
    assert_eq!(get("h.test*").of(&plan), "400");
}

/// HOST-KEY-05/06/07: hosts that only what has no hostname takes.
#[test]
fn unusual_hosts() {
    let plan = any([
        at(route("x/any", None, [rule("A", "P:/")]), &[]),
        at(route("x/wild", None, [rule("W", "P:/")]), &["*.test"]),
    ]);
    assert_eq!(get("[::1]:80/").of(&plan), "A");
    assert_eq!(get("a_b.test/").of(&plan), "W");
    assert_eq!(get("u@a.test/").of(&plan), "400");
    assert_eq!(get("b\u{fc}cher.test/").of(&plan), "400");
    assert_eq!(get("xn--bcher-kva.test/").of(&plan), "W");
    let mut old = get("/");
    old.host = None;
    assert_eq!(old.of(&plan), "400");
    old.version = Version::Http10;
    assert_eq!(old.of(&plan), "A");
}

/// HOST-KEY-08: server names are compared like hosts, and addresses are no names.
#[test]
fn server_names() {
    let plan = gateway([
        listener(
            "c",
            443,
            Protocol::Https,
            "-",
            [at(route("n/c", None, [rule("C", "P:/")]), &[])],
        ),
        listener(
            "a",
            443,
            Protocol::Https,
            "a.test",
            [at(route("n/a", None, [rule("A", "P:/")]), &[])],
        ),
    ]);
    assert_eq!(get("a.test/").tls(Some("A.TEST.")).of(&plan), "A");
    assert_eq!(get("10.0.0.1/").tls(Some("10.0.0.1")).of(&plan), "C");
}

/// HOST-MATCH-03: one rule for wildcards, of server names too.
#[test]
fn wildcards_of_server_names_cover_several_labels() {
    let own = route_of(RouteKind::Tls, "x/t", None, [stream_rule("T")]);
    let plan = gateway([listener(
        "t",
        443,
        Protocol::Tls(TlsMode::Passthrough),
        "*.com",
        [at(own, &["*.example.com"])],
    )]);
    assert_eq!(
        connect(ConnectionProtocol::Tls, 443, Some("foo.bar.example.com")).of(&plan),
        "T"
    );
}

/// HOST-MATCH-04/05, LISTEN-SEL-05: isolation cuts hostnames of Routes as well.
#[test]
fn isolation_cuts_hostnames() {
    let wide = route("x/wide", None, [rule("A", "P:/")]);
    let plan = gateway([
        listener(
            "any",
            80,
            Protocol::Http,
            "-",
            [at(wide, &["*.example.test"])],
        ),
        listener("near", 80, Protocol::Http, "*.example.test", []),
    ]);
    assert_eq!(get("a.example.test/").of(&plan), "404");
}

/// LISTEN-SEL-02/09/10/11: listeners of sets take part like any other; certificates and versions do not choose.
#[test]
fn listeners_of_sets_take_part() {
    let mut plan = gateway([listener(
        "any",
        80,
        Protocol::Http,
        "-",
        [at(route("x/a", None, [rule("A", "P:/")]), &[])],
    )]);
    let mut of_set = listener(
        "b",
        80,
        Protocol::Http,
        "b.test",
        [at(route("x/b", None, [rule("B", "P:/")]), &[])],
    );
    let mut head = (*of_set.head).clone();
    head.set = Some(gatewright::plan::ObjectName::new("app", "set"));
    of_set.head = std::sync::Arc::new(head);
    plan.gateways[0].listeners.push(of_set);
    assert_eq!(get("b.test/").of(&plan), "B");
    let mut h2 = get("b.test/");
    h2.version = Version::Http2;
    assert_eq!(h2.of(&plan), "B");
}

/// LISTEN-SEL-12: equal hostnames in both protocols cannot be told apart.
#[test]
fn ambiguous_listeners_are_not_selectable() {
    let plan = gateway([
        listener(
            "h",
            443,
            Protocol::Https,
            "a.test",
            [at(route("x/h", None, [rule("H", "P:/")]), &[])],
        ),
        listener(
            "t",
            443,
            Protocol::Tls(TlsMode::Passthrough),
            "a.test",
            [at(
                route_of(RouteKind::Tls, "x/t", None, [stream_rule("T")]),
                &[],
            )],
        ),
    ]);
    assert_eq!(get("a.test/").tls(Some("a.test")).of(&plan), "reset");
    assert_eq!(
        connect(ConnectionProtocol::Tls, 443, Some("a.test")).of(&plan),
        "reset"
    );
}

/// LISTEN-SEL-13, L4-TCP-04, L4-UDP-03: traffic of the wrong kind, and what has no Route.
#[test]
fn refusals_say_why() {
    let empty = route_of(RouteKind::Tcp, "x/e", None, []);
    let plan = gateway([
        listener("w", 80, Protocol::Http, "-", []),
        listener("t", 9000, Protocol::Tcp, "-", [at(empty, &[])]),
        listener("u", 53, Protocol::Udp, "-", []),
    ]);
    let router = Router::compile(&plan);
    let refusal = |protocol, port| match router.accept(&Connection {
        target: Target::Only,
        port,
        protocol,
        sni: None,
    }) {
        Accepted::Refused(why) => Some(why),
        _ => None,
    };
    use ConnectionProtocol::{Http, Https, Tcp, Udp};
    assert_eq!(refusal(Tcp, 80), Some(Refusal::WrongProtocol));
    assert_eq!(refusal(Https, 80), Some(Refusal::WrongProtocol));
    assert_eq!(refusal(Http, 9000), Some(Refusal::WrongProtocol));
    assert_eq!(refusal(Http, 81), Some(Refusal::NoListener));
    assert_eq!(refusal(Tcp, 9000), Some(Refusal::NoRule));
    assert_eq!(refusal(Udp, 53), Some(Refusal::NoRoute));
    assert_eq!(refusal(Udp, 9000), Some(Refusal::WrongProtocol));
    let two = Plan::of([Gateway::new("n", "a", []), Gateway::new("n", "b", [])]);
    let router = Router::compile(&two);
    let accepted = router.accept(&Connection {
        target: Target::Only,
        port: 80,
        protocol: Http,
        sni: None,
    });
    assert!(matches!(
        accepted,
        Accepted::Refused(Refusal::UnknownGateway)
    ));
}

/// LISTEN-SEL-01: a Gateway is found among many, and so is a Service port of a mesh; others of the same name are not taken for it.
#[test]
fn one_of_many_is_found_by_name() {
    let names = (0..500).map(|n| (format!("n{}", n % 50), format!("g{n}")));
    let names: Vec<(String, String)> = names.collect();
    let gateways = names.iter().map(|(namespace, name)| {
        let mut head = ListenerHead::http(&**namespace, &**name, "web", 80);
        head.hostname = Some(crate::worlds_in_words::name(&format!("{name}.test")));
        Gateway::new(&**namespace, &**name, [Listener::new(head, [])])
    });
    let mut plan = Plan::of(gateways);
    plan.frontends = names
        .iter()
        .map(|(namespace, service)| {
            let name = format!("{namespace}/{service}");
            let route = route(&name, None, [rule(service, "P:/")]);
            frontend(&name, 80, &[route], &[])
        })
        .collect();
    let router = Router::compile(&plan);
    let connection = |target| Connection {
        target,
        port: 80,
        protocol: ConnectionProtocol::Http,
        sni: None,
    };
    for (namespace, name) in &names {
        let (namespace, name) = (namespace.as_str(), name.as_str());
        let target = Target::Gateway { namespace, name };
        let Accepted::Http(listener) = router.accept(&connection(target)) else {
            panic!("{name} is there");
        };
        let host = format!("{name}.test");
        let lines = [("host", host.as_bytes())];
        let head = raw(Version::Http11, "GET", b"/", None, &lines).unwrap();
        assert_eq!(listener.find(&head).unwrap_err().why(), Why::NoRule);
        let elsewhere = Target::Gateway {
            namespace: "elsewhere",
            name,
        };
        assert!(matches!(
            router.accept(&connection(elsewhere)),
            Accepted::Refused(Refusal::UnknownGateway)
        ));
        let service = Target::Service {
            namespace,
            name,
            client_namespace: "else",
        };
        let Accepted::Http(listener) = router.accept(&connection(service)) else {
            panic!("{name} is there");
        };
        let found = listener.find(&head).unwrap();
        assert_eq!(&*found.route().name.name, name);
        let other_port = Connection {
            port: 81,
            ..connection(service)
        };
        assert!(matches!(router.accept(&other_port), Accepted::PassThrough));
    }
}

/// LISTEN-SEL-12/13: what a client begins with is known before its connection is.
#[test]
fn ports_tell_what_clients_begin_with() {
    let plan = gateway([
        listener("w", 80, Protocol::Http, "-", []),
        listener("s", 443, Protocol::Https, "a.test", []),
        listener("p", 443, Protocol::Tls(TlsMode::Passthrough), "b.test", []),
        listener("q", 8443, Protocol::Tls(TlsMode::Terminate), "-", []),
        listener("u", 53, Protocol::Udp, "-", []),
        listener("t", 53, Protocol::Tcp, "-", []),
        listener("v", 54, Protocol::Udp, "-", []),
    ]);
    let router = Router::compile(&plan);
    let opening = |port| router.opening(Target::Only, port);
    use ConnectionProtocol::{Http, Https, Tcp, Udp};
    assert_eq!(opening(80), Some(Http));
    assert_eq!(opening(443), Some(Https));
    assert_eq!(opening(8443), Some(Https));
    assert_eq!(opening(53), Some(Tcp));
    assert_eq!(opening(54), Some(Udp));
    assert_eq!(opening(81), None);
    let unknown = Target::Gateway {
        namespace: "x",
        name: "y",
    };
    assert_eq!(router.opening(unknown, 80), None);
}

/// LISTEN-MIS-04/05: detection can be switched off; a listener without Routes is a target all the same.
#[test]
fn misdirection_is_of_listeners_alone() {
    let plan = gateway([
        listener(
            "a",
            443,
            Protocol::Https,
            "a.test",
            [at(route("n/a", None, [rule("A", "P:/")]), &[])],
        ),
        listener("b", 443, Protocol::Https, "b.test", []),
    ]);
    assert_eq!(get("b.test/").tls(Some("a.test")).of(&plan), "421");
    assert_eq!(
        get("a.test/")
            .tls(Some("b.test"))
            .with(|o| o.detect_misdirected = false)
            .of(&plan),
        "A"
    );
    assert_eq!(
        get("b.test/")
            .tls(Some("a.test"))
            .with(|o| o.detect_misdirected = false)
            .of(&plan),
        "404"
    );
    assert_eq!(call("b.test/p.S/M").tls(Some("a.test")).of(&plan), "421");
}

/// MATCH-CAND-04/05/06: Routes are merged, each listener for itself, and nothing counts twice.
#[test]
fn routes_are_merged_per_listener() {
    let a = route("x/a", None, [rule("A", "P:/a")]);
    let b = route("x/b", None, [rule("B", "P:/a/b")]);
    let twice = [
        Attachment::any_host(a.clone()),
        Attachment::any_host(b.clone()),
        Attachment::any_host(a.clone()),
    ];
    let plan = gateway([
        listener("p", 80, Protocol::Http, "-", twice),
        listener("q", 81, Protocol::Http, "-", [Attachment::any_host(a)]),
    ]);
    assert_eq!(get("/a/b").of(&plan), "B");
    assert_eq!(get("/a").of(&plan), "A");
    assert_eq!(get("/a").key_of(&plan), None);
    assert_eq!(get("/a/b").port(81).of(&plan), "A");
}

/// MATCH-PREC-11: the kind of condition does not count.
#[test]
fn kinds_of_conditions_do_not_count() {
    let plan = one([rule("A", "P:/ hX:a=.* h:b=1"), rule("B", "P:/ h:a=1 h:b=1")]);
    let ask = get("/").header("a", "1").header("b", "1");
    assert_eq!(
        (ask.of(&plan).as_str(), ask.key_of(&plan)),
        ("A", Some("rule"))
    );
}

/// MATCH-PREC-17: equal expressions tie and the further keys decide.
#[test]
fn equal_expressions_tie() {
    let plan = one([
        rule("A", "X:/a.* h:a=1"),
        rule("B", "X:/a.* m=GET"),
        rule("C", "X:/ab?c?.*"),
    ]);
    let ask = get("/ab").header("a", "1");
    assert_eq!(
        (ask.of(&plan).as_str(), ask.key_of(&plan)),
        ("C", Some("path-length"))
    );
    assert_eq!(
        (
            get("/ax").header("a", "1").of(&plan).as_str(),
            get("/ax").header("a", "1").key_of(&plan)
        ),
        ("C", Some("path-length"))
    );
    let plan = one([rule("A", "X:/a.* h:a=1"), rule("B", "X:/a.* m=GET")]);
    assert_eq!(get("/ab").header("a", "1").key_of(&plan), Some("method"));
    assert_eq!(get("/ab").header("a", "1").of(&plan), "B");
}

/// OUT-01, OUT-09: other methods match or do not, like every method.
#[test]
fn unusual_methods_get_no_special_outcome() {
    let plan = one([rule("A", "P:/ m=CONNECT"), rule("B", "P:/b")]);
    assert_eq!(get("/").method("CONNECT").of(&plan), "A");
    assert_eq!(get("/b").method("TRACE").of(&plan), "B");
    // MATCH-METHOD-02: a method that no match may ask for meets only matches without one.
    assert_eq!(get("/b").method("PROPFIND").of(&plan), "B");
    assert_eq!(get("/").method("PROPFIND").of(&plan), "404");
}

/// MATCH-PATH-04/05/09, EVAL-03/04: a bad rule is isolated and takes no other down.
#[test]
fn bad_rules_are_isolated() {
    let plan = one([rule("A", "X:/a("), rule("B", "P:/"), rule("C", "E:/a//b")]);
    let router = Router::compile(&plan);
    let isolated = router.isolated();
    assert_eq!(
        isolated
            .iter()
            .map(|own| own.rule_index)
            .collect::<Vec<_>>(),
        [0, 2]
    );
    assert!(matches!(isolated[0].why, Unservable::Regex { .. }));
    assert!(matches!(isolated[1].why, Unservable::Fault(_)));
    assert!(
        isolated[0]
            .to_string()
            .starts_with("HTTPRoute `x/one`: rules[0]: path: regular expression: ")
    );
    assert_eq!(get("/a(").of(&plan), "B");
    assert_eq!(get("/").of(&plan), "B");
}

/// MATCH-PATH-18: a lone word is a target of CONNECT alone, also where a parser took it for an authority.
#[test]
fn only_connect_has_an_authority_for_a_target() {
    let read = |method: &str, target: &str| {
        let request = http::Request::builder().method(method).uri(target);
        let request = request.header("host", "a.test").body(()).unwrap();
        RequestHead::from_request(&request).map(|head| head.path.to_vec())
    };
    assert_eq!(read("GET", "a.test"), Err(BadRequest::MalformedTarget));
    assert_eq!(read("GET", "a.test:80"), Err(BadRequest::MalformedTarget));
    assert_eq!(read("CONNECT", "a.test:80"), Ok(b"/".to_vec()));
    assert_eq!(read("GET", "http://a.test"), Ok(b"/".to_vec()));
    assert_eq!(read("GET", "/x"), Ok(b"/x".to_vec()));
}

/// EVAL-01, EVAL-03: what happens is the action of the rule that took the request, also beside rules that are left out.
#[test]
fn each_rule_has_its_own_action() {
    let to = |label: &str, matches: &str| {
        let mut own = rule(label, matches);
        own.action = Arc::new(Action::forward([Backend::service("x", label, 80)]));
        own
    };
    let backend = |rules: Vec<Rule>, path: &str| {
        let router = Router::compile(&one(rules));
        let request = http::Request::get(path).header("host", "a.example.com");
        let request = request.body(()).unwrap();
        let head = RequestHead::from_request(&request).unwrap();
        let found = accept_http(&router).find(&head).unwrap();
        found.action().backends[0].target.name.name.to_string()
    };
    let broken = || to("broken", "X:/a(");
    let (b, c) = (|| to("b", "P:/b"), || to("c", "P:/c"));
    for (rules, path, expected) in [
        (vec![b()], "/b", "b"),
        (vec![b(), c()], "/c", "c"),
        (vec![broken(), b()], "/b", "b"),
        (vec![broken(), b(), broken(), c()], "/b", "b"),
        (vec![broken(), b(), broken(), c()], "/c", "c"),
        (vec![b(), broken()], "/b", "b"),
    ] {
        assert_eq!(backend(rules, path), expected);
    }
}

/// MATCH-PATH-10/12: the options of normalisation.
#[test]
fn normalisation_can_be_chosen() {
    let plan = one([rule("A", "P:/a"), rule("B", "P:/")]);
    let raw = |path: &str| get(path).with(|o| o.normalize = Normalize::None);
    assert_eq!(raw("/%61").of(&plan), "B");
    assert_eq!(raw("/b/../a").path_of(&plan), "/b/../a");
    assert_eq!(raw("/a b").of(&plan), "400");
    assert_eq!(get("//a").with(|o| o.merge_slashes = false).of(&plan), "B");
    assert_eq!(
        get("/a//x")
            .with(|o| o.merge_slashes = false)
            .path_of(&plan),
        "/a//x"
    );
    assert_eq!(
        get("/a%2fb")
            .with(|o| o.escaped_slashes = EscapedSlashes::Reject)
            .of(&plan),
        "400"
    );
    assert_eq!(
        get("/a%5Cb")
            .with(|o| o.escaped_slashes = EscapedSlashes::Reject)
            .of(&plan),
        "400"
    );
}

/// MATCH-PATH-16, MATCH-GRPC-02: an HTTPRoute forwards the effective path, a GRPCRoute what was received.
#[test]
fn forwarded_paths() {
    let own = route_of(RouteKind::Grpc, "x/g", None, [grpc_rule("G", "-", "-", "")]);
    let plan = any([
        at(own, &["g.test"]),
        at(route("x/h", None, [rule("H", "P:/")]), &[]),
    ]);
    assert_eq!(call("g.test/a//b").path_of(&plan), "/a//b");
    assert_eq!(call("h.test/a//b").path_of(&plan), "/a/b");
}

/// MATCH-GRPC-02/04/19: calls of another shape, and requests that are malformed.
#[test]
fn calls_of_another_shape() {
    let own = route_of(
        RouteKind::Grpc,
        "x/g",
        None,
        [
            grpc_rule("S", "p.S", "-", ""),
            grpc_rule("M", "-", "Get", ""),
        ],
    );
    let plan = any([at(own, &[])]);
    assert_eq!(call("/p.S/X").of(&plan), "S");
    assert_eq!(call("/q.S/Get").of(&plan), "M");
    for path in ["/p.S", "/p.S/", "/p.S/Get/x", "//Get", "/p.S//Get"] {
        assert_eq!(call(path).of(&plan), "grpc 12", "{path}");
    }
    assert_eq!(call("/p.S/%zz").of(&plan), "400");
    assert_eq!(call("a..b/p.S/Get").of(&plan), "400");
    let all = any([at(
        route_of(RouteKind::Grpc, "x/g", None, [grpc_rule("A", "-", "-", "")]),
        &[],
    )]);
    assert_eq!(call("/p.S/Get/x").of(&all), "A");
}

/// MATCH-GRPC-05/06/08: what is checked, and metadata.
#[test]
fn grpc_names_and_metadata() {
    let own = route_of(
        RouteKind::Grpc,
        "x/g",
        None,
        [
            grpc_rule("bad", "p/S", "-", ""),
            grpc_rule("dot", ".p.S", "-", ""),
            grpc_rule("bin", "p.S", "-", "h:trace-bin=AAEC"),
        ],
    );
    let plan = any([at(own, &[])]);
    assert_eq!(Router::compile(&plan).isolated().len(), 1);
    assert_eq!(call("/p.S/M").of(&plan), "grpc 12");
    assert_eq!(call("/p.S/M").header("Trace-Bin", "AAEC").of(&plan), "bin");
    assert_eq!(call("/.p.S/M").of(&plan), "dot");
}

/// MATCH-GRPC-01: the option.
#[test]
fn grpc_by_path_alone() {
    let plan = any([at(
        route_of(RouteKind::Grpc, "x/g", None, [grpc_rule("A", "-", "-", "")]),
        &[],
    )]);
    assert_eq!(
        get("/p.S/M")
            .with(|o| o.grpc_detection = GrpcDetection::PathOnly)
            .of(&plan),
        "A"
    );
    assert_eq!(
        get("/p.S")
            .with(|o| o.grpc_detection = GrpcDetection::PathOnly)
            .of(&plan),
        "404"
    );
}

/// MATCH-GRPC-13/17/18, L4-TLS-05/06: which rule, not what becomes of it, is decided here; a call to a listener that no
/// host leads to is unimplemented as well (LISTEN-SEL-07).
#[test]
fn calls_to_no_listener_are_unimplemented() {
    let plan = gateway([listener("l", 80, Protocol::Http, "a.test", [])]);
    assert_eq!(call("b.test/p.S/M").of(&plan), "grpc 12");
    assert_eq!(call("a.test/p.S/M").of(&plan), "grpc 12");
}

/// MATCH-HDR-04/05/07: cookies, several lines under a regular expression, bytes that are no text.
#[test]
fn header_values() {
    let plan = one([
        rule("A", "hX:cookie=a=1;.b=2"),
        rule("B", "hX:x=1,2"),
        rule("C", "hX:y=.+"),
        rule("D", "h:set-cookie=b"),
    ]);
    assert_eq!(
        get("/")
            .header("Cookie", "a=1")
            .header("cookie", "b=2")
            .of(&plan),
        "A"
    );
    assert_eq!(get("/").header("x", "1").header("X", " 2 ").of(&plan), "B");
    assert_eq!(get("/").header("x", "1").of(&plan), "404");
    let mut bytes = get("/");
    bytes.headers.push(("y".to_owned(), vec![0xFF, 0xFE]));
    assert_eq!(bytes.of(&plan), "C");
    assert_eq!(
        get("/")
            .header("set-cookie", "a")
            .header("set-cookie", "b")
            .of(&plan),
        "D"
    );
    assert_eq!(get("/").header("y", "").of(&plan), "404");
}

/// MATCH-HDR-06/08, SAFE-HDR-01: names and values that cannot be.
#[test]
fn impossible_headers_are_isolated() {
    let with = |name: &str, value: &str| {
        let mut own = rule("A", "h:x=1");
        if let gatewright::plan::Matches::Http(matches) = &mut own.matches {
            matches[0].headers[0] = HeaderMatch {
                name: name.into(),
                value: ValueMatch::Exact(value.into()),
            };
        }
        Router::compile(&one([own])).isolated().len()
    };
    assert_eq!(with("x", "1"), 0);
    assert_eq!(with(":path", "1"), 1);
    assert_eq!(with("x y", "1"), 1);
    assert_eq!(with("x", ""), 1);
    assert_eq!(with("x", "a\r\nb"), 1);
}

/// SAFE-HDR-03: underscore and hyphen differ.
#[test]
fn underscores_are_no_hyphens() {
    let plan = one([rule("A", "h:x_user=1")]);
    assert_eq!(get("/").header("x-user", "1").of(&plan), "404");
    assert_eq!(get("/").header("x_user", "1").of(&plan), "A");
}

/// MATCH-QUERY-03/05/07: the option, repeated entries, other parameters.
#[test]
fn query_entries() {
    let plan = one([rule("A", "q:a%5Bb=1 q:a%5bb=2 q:c=3")]);
    assert_eq!(get("/?x=9&c=3&a[b=1").of(&plan), "A");
    assert_eq!(get("/?c=3&a%5Bb=1").of(&plan), "A");
    let raw = |target: &str| get(target).with(|o| o.query_decoding = QueryDecoding::Raw);
    let plan = one([rule("A", "q:a%5Bb=x+y")]);
    assert_eq!(raw("/?a%5Bb=x+y").of(&plan), "A");
    assert_eq!(raw("/?a[b=x+y").of(&plan), "404");
    assert_eq!(get("/?a%5Bb=x+y").of(&plan), "404");
    assert_eq!(get("/?a%5Bb=x%2By").of(&plan), "A");
}

/// SAFE-LIMIT-01: what is too long.
#[test]
fn requests_have_limits() {
    let plan = one([
        rule("A", "P:/"),
        rule("B", "P:/ h:last=1"),
        rule("C", "P:/ q:last=1"),
    ]);
    let path = |length: usize| format!("/{}", "a".repeat(length - 1));
    assert_eq!(get(&path(8192)).of(&plan), "A");
    assert_eq!(get(&path(8193)).of(&plan), "414");
    let mut many = get("/");
    many.headers
        .extend((0..99).map(|n| (format!("x-{n}"), b"1".to_vec())));
    assert_eq!(many.clone().header("last", "1").of(&plan), "B");
    assert_eq!(many.header("x", "1").header("last", "1").of(&plan), "A");
    let pairs = |count: usize| format!("/?{}last=1", "a&".repeat(count));
    assert_eq!(get(&pairs(999)).of(&plan), "C");
    assert_eq!(get(&pairs(1000)).of(&plan), "A");
}

/// SAFE-REGEX-01, SAFE-LIMIT-02: huge expressions are isolated by their length.
#[test]
fn huge_expressions_are_isolated() {
    let huge = "a|".repeat(2 << 20);
    let plan = one([rule("A", &format!("X:{huge}")), rule("B", "P:/")]);
    assert_eq!(Router::compile(&plan).isolated().len(), 1);
    let nested = format!("{}a{}", "(".repeat(500), ")".repeat(500));
    assert_eq!(
        Router::compile(&one([rule("A", &format!("X:{nested}"))]))
            .isolated()
            .len(),
        1
    );
}

/// L4-TLS-03/04/07/08, L4-TCP-02: Routes without hostnames, several rules, ages and names.
#[test]
fn streams_take_the_first_rule_of_the_best_route() {
    let own = |kind, name: &str, created, labels: &[&str]| {
        route_of(kind, name, created, labels.iter().map(|l| stream_rule(l)))
    };
    let plan = gateway([listener(
        "t",
        443,
        Protocol::Tls(TlsMode::Terminate),
        "-",
        [
            at(own(RouteKind::Tls, "x/none", Some(1), &["N"]), &[]),
            at(
                own(RouteKind::Tls, "x/b", Some(5), &["B", "C"]),
                &["*.test"],
            ),
            at(own(RouteKind::Tls, "x/a", Some(5), &["A"]), &["*.test"]),
        ],
    )]);
    let tls = |sni| connect(ConnectionProtocol::Tls, 443, sni).of(&plan);
    assert_eq!(tls(Some("a.test")), "A");
    assert_eq!(tls(Some("a.other")), "N");
    assert_eq!(tls(None), "N");
    let plan = gateway([listener(
        "t",
        9000,
        Protocol::Tcp,
        "-",
        [at(own(RouteKind::Tcp, "x/t", None, &["0", "1"]), &[])],
    )]);
    assert_eq!(connect(ConnectionProtocol::Tcp, 9000, None).of(&plan), "0");
    let router = Router::compile(&plan);
    let connection = Connection {
        target: Target::Gateway {
            namespace: "infra",
            name: "front",
        },
        port: 9000,
        protocol: ConnectionProtocol::Tcp,
        sni: None,
    };
    let Accepted::Stream(found) = router.accept(&connection) else {
        panic!("a stream")
    };
    assert_eq!((found.rule_name(), found.tls_mode()), (Some("0"), None));
}

/// MESH-RT-01/06/08/11/12/13, ROUTE-NAME-01/04/05: groups compete like listeners, UDP is apart, names do not count.
#[test]
fn mesh_groups_compete_inside() {
    let a = route("shop/a", Some(1), [rule("A", "P:/")]);
    let b = route("shop/b", Some(2), [rule("B", "P:/b")]);
    let udp = route_of(RouteKind::Udp, "shop/u", None, [stream_rule("U")]);
    let mut plan = one([rule("G", "P:/")]);
    plan.frontends
        .push(frontend("shop/cart", 80, &[a, b, udp], &[]));
    assert_eq!(get("/b").towards_service("shop/cart", "x").of(&plan), "B");
    assert_eq!(get("/").towards_service("shop/cart", "x").of(&plan), "A");
    assert_eq!(get("/").of(&plan), "G");
    let mut datagrams =
        connect(ConnectionProtocol::Udp, 80, None).towards_service("shop/cart", "x");
    assert_eq!(datagrams.of(&plan), "U");
    datagrams.protocol = ConnectionProtocol::Tcp;
    assert_eq!(datagrams.of(&plan), "reset");
    let router = Router::compile(&plan);
    let connection = Connection {
        target: Target::Service {
            namespace: "shop",
            name: "cart",
            client_namespace: "x",
        },
        port: 80,
        protocol: ConnectionProtocol::Http,
        sni: None,
    };
    let Accepted::Http(listener) = router.accept(&connection) else {
        panic!("a mesh port")
    };
    assert_eq!((listener.port(), listener.scheme().as_str()), (80, "http"));
}

/// OUT-10, EVAL-01: everything about a decision can be asked, and every loser says why.
#[test]
fn decisions_are_explained() {
    let plan = any([
        at(
            route(
                "x/a",
                None,
                [
                    rule("A", "P:/a m=GET | P:/"),
                    rule("B", "P:/a q:x=1"),
                    rule("C", "P:/b"),
                ],
            ),
            &["a.test"],
        ),
        at(route("x/b", None, [rule("D", "P:/ h:k=1")]), &["b.test"]),
    ]);
    let router = Router::compile(&plan);
    let head = RequestHead {
        version: Version::Http11,
        method: "GET",
        host: Some(b"a.test"),
        path: b"/a/x",
        query: None,
        headers: Headers::Lines(&[]),
    };
    let explanation = accept_http(&router).explain(&head);
    let lines: Vec<(Option<&str>, u32, Option<Unmet>)> = explanation
        .considered()
        .iter()
        .map(|own| (own.rule_name, own.match_index, own.unmet.clone()))
        .collect();
    assert_eq!(
        lines,
        [
            (Some("A"), 0, None),
            (Some("B"), 0, Some(Unmet::Query("x".into()))),
            (Some("C"), 0, Some(Unmet::Path)),
            (Some("A"), 1, None),
            (Some("D"), 0, Some(Unmet::Hostname)),
        ]
    );
    assert_eq!(
        explanation.winner().and_then(|own| own.rule_name),
        Some("A")
    );
    assert_eq!(
        explanation.key().map(|key| key.as_str()),
        Some("path-length")
    );
    assert_eq!(explanation.listener().map(|head| &*head.name), Some("any"));
    let malformed = RequestHead {
        host: Some(b"a b"),
        ..head
    };
    assert_eq!(
        accept_http(&router).explain(&malformed).no_match(),
        Some(Why::BadRequest(BadRequest::MalformedAuthority))
    );
}

/// EVAL-05: order of objects and seed change nothing.
#[test]
fn order_and_seed_change_nothing() {
    let routes: Vec<_> = (0..6)
        .map(|n| {
            at(
                route(&format!("x/r{n}"), Some(3), [rule(&n.to_string(), "P:/a")]),
                &[],
            )
        })
        .collect();
    let mut turned = routes.clone();
    turned.reverse();
    for seed in [None, Some(0), Some(u64::MAX)] {
        assert_eq!(
            get("/a").with(|o| o.seed = seed).of(&any(routes.clone())),
            "0"
        );
        assert_eq!(
            get("/a").with(|o| o.seed = seed).of(&any(turned.clone())),
            "0"
        );
    }
}
