//! What costs no allocation: accepting a connection and finding the rule of a request, whatever kind of match it is.

#[path = "reference/asked.rs"]
mod asked;
#[path = "reference/matching.rs"]
mod matching;
#[path = "reference/worlds_in_words.rs"]
mod worlds_in_words;

use gatewright::plan::{Plan, Protocol, RouteKind, TlsMode};
use gatewright::router::{
    Accepted, Connection, ConnectionProtocol, Headers, RequestHead, Router, Scratch, Target,
    Version,
};
use worlds_in_words::*;

/// Conditions of every kind, many on one path, many paths, several hosts and listeners, streams, a mesh.
fn plan() -> Plan {
    let crowd = (0..40).map(|n| {
        rule(
            "crowd",
            &format!("P:/crowd h:tenant=t{n} h:version=2 | P:/crowd q:tenant=t{n}"),
        )
    });
    let paths = (0..40).map(|n| rule("paths", &format!("P:/paths/p{n} | E:/exact/e{n}")));
    let regexes = (0..5).map(|n| {
        rule(
            "regex",
            &format!(r"X:/regex/r{n}/\d+ | X:/regex/h{n}/.* hX:x=[a-z]+"),
        )
    });
    let few = [
        rule("exact", "E:/a"),
        rule("prefix", "P:/p"),
        rule("header", "P:/h h:x=1 h:y=2"),
        rule("header-regex", "P:/hr hX:x=[0-9]+"),
        rule("query", "P:/q q:a=1"),
        rule("query-regex", "P:/qr qX:a=[0-9]+"),
        rule("method", "P:/m m=PUT"),
    ];
    let grpc = route_of(
        RouteKind::Grpc,
        "x/grpc",
        None,
        [
            grpc_rule("call", "p.S", "Get", ""),
            grpc_regex_rule("calls", "q\\..*", "G.*"),
        ],
    );
    let tls = route_of(RouteKind::Tls, "x/tls", None, [stream_rule("tls")]);
    let tcp = route_of(RouteKind::Tcp, "x/tcp", None, [stream_rule("tcp")]);
    let many = route("x/many", None, crowd.chain(paths).chain(regexes));
    let mut plan = gateway([
        listener(
            "any",
            80,
            Protocol::Http,
            "-",
            [
                at(many.clone(), &["many.test"]),
                at(route("x/few", None, few), &["few.test", "*.few.test"]),
                at(grpc, &[]),
            ],
        ),
        listener("a", 81, Protocol::Http, "a.test", [at(many.clone(), &[])]),
        listener("w", 81, Protocol::Http, "*.test", [at(many.clone(), &[])]),
        listener("s", 443, Protocol::Https, "a.test", [at(many.clone(), &[])]),
        listener(
            "t",
            443,
            Protocol::Tls(TlsMode::Passthrough),
            "*.tls.test",
            [at(tls, &["*.tls.test"])],
        ),
        listener("c", 9000, Protocol::Tcp, "-", [at(tcp, &[])]),
    ]);
    plan.frontends.push(frontend("shop/cart", 80, &[many], &[]));
    plan
}

/// How many allocations a connection and its request cost, the first time aside: expressions make their working memory
/// then, once for each thread.
fn allocations(router: &Router, connection: &Connection<'_>, head: &RequestHead<'_>) -> u64 {
    let ask = || match router.accept(connection) {
        Accepted::Http(listener) => listener.find(head).is_ok(),
        Accepted::Stream(_) => true,
        _ => false,
    };
    ask();
    allocation_counter::measure(|| {
        std::hint::black_box(ask());
    })
    .count_total
}

fn connection(protocol: ConnectionProtocol, port: u16, sni: Option<&[u8]>) -> Connection<'_> {
    Connection {
        target: Target::Only,
        port,
        protocol,
        sni,
    }
}

/// Every kind of match, and misses.
#[test]
fn finding_a_rule_allocates_nothing() {
    let router = Router::compile(&plan());
    assert!(router.isolated().is_empty());
    let headers: [(&str, &[u8]); 5] = [
        ("x", b"abc"),
        ("tenant", b"t7"),
        ("version", b"2"),
        ("accept", b"*/*"),
        ("accept", b"text/html"),
    ];
    let (mut hits, mut misses) = (0, 0);
    for host in [
        "few.test",
        "FEW.test:80",
        "x.y.few.test.",
        "many.test",
        "a.test",
        "unknown.test",
        "10.0.0.1",
        "[::1]:80",
    ] {
        for path in [
            "/a",
            "/p/x/y",
            "/h",
            "/hr",
            "/q",
            "/qr",
            "/m",
            "/crowd/x",
            "/paths/p3/x",
            "/exact/e9",
            "/regex/r1/12",
            "/regex/h2/x",
            "/none",
            "/a/%20b",
            "/p.S/Get",
        ] {
            for query in [None, Some(&b"a=1"[..]), Some(b"b=%20&tenant=t9")] {
                for own in [
                    &headers[..],
                    &headers[..1],
                    &[("x", &b"12"[..]), ("y", b"2")],
                ] {
                    for (version, method) in [
                        (Version::Http11, "GET"),
                        (Version::Http2, "PUT"),
                        (Version::Http2, "POST"),
                    ] {
                        let head = RequestHead {
                            version,
                            method,
                            host: Some(host.as_bytes()),
                            path: path.as_bytes(),
                            query,
                            headers: Headers::Lines(own),
                        };
                        for (protocol, port, sni) in [
                            (ConnectionProtocol::Http, 80, None),
                            (ConnectionProtocol::Http, 81, None),
                            (ConnectionProtocol::Https, 443, Some(&b"a.test"[..])),
                        ] {
                            let connection = connection(protocol, port, sni);
                            let Accepted::Http(listener) = router.accept(&connection) else {
                                panic!("a listener")
                            };
                            match listener.find(&head).is_ok() {
                                true => hits += 1,
                                false => misses += 1,
                            }
                            assert_eq!(
                                allocations(&router, &connection, &head),
                                0,
                                "{head:?} {port}"
                            );
                        }
                    }
                }
            }
        }
    }
    assert!(hits > 500 && misses > 500, "{hits} hits, {misses} misses");
}

/// The same with headers of the `http` crate, in a mesh, for calls, and of streams.
#[test]
fn maps_meshes_calls_and_streams_allocate_nothing() {
    let router = Router::compile(&plan());
    let request = http::Request::post("/p.S/Get")
        .version(http::Version::HTTP_2)
        .header("host", "grpc.test")
        .header("content-type", "application/grpc")
        .body(())
        .unwrap();
    let head = RequestHead::from_request(&request).unwrap();
    let plain = connection(ConnectionProtocol::Http, 80, None);
    assert_eq!(allocations(&router, &plain, &head), 0);
    let call = |path| RequestHead { path, ..head };
    for path in [&b"/q.S/Get"[..], b"/q.S/Put", b"/r.S/Get"] {
        assert_eq!(allocations(&router, &plain, &call(path)), 0);
    }
    let mesh = Connection {
        target: Target::Service {
            namespace: "shop",
            name: "cart",
            client_namespace: "web",
        },
        ..plain
    };
    let browser = RequestHead {
        version: Version::Http11,
        method: "GET",
        path: b"/exact/e3",
        ..head
    };
    assert_eq!(allocations(&router, &mesh, &browser), 0);
    for sni in ["db.tls.test", "DB.TLS.test.", "none.test"] {
        assert_eq!(
            allocations(
                &router,
                &connection(ConnectionProtocol::Tls, 443, Some(sni.as_bytes())),
                &head
            ),
            0
        );
    }
    assert_eq!(
        allocations(
            &router,
            &connection(ConnectionProtocol::Tcp, 9000, None),
            &head
        ),
        0
    );
    assert_eq!(
        allocations(
            &router,
            &connection(ConnectionProtocol::Udp, 9000, None),
            &head
        ),
        0
    );
}

/// Paths out of normal form need a buffer: one allocation, none if the caller keeps it.
#[test]
fn buffers_can_be_kept() {
    let router = Router::compile(&plan());
    let plain = connection(ConnectionProtocol::Http, 80, None);
    let Accepted::Http(listener) = router.accept(&plain) else {
        panic!("a listener")
    };
    let head = RequestHead {
        version: Version::Http11,
        method: "GET",
        host: Some(b"few.test"),
        path: b"/x/..//%61",
        query: None,
        headers: Headers::Lines(&[]),
    };
    let mut scratch = Scratch::default();
    assert_eq!(
        listener
            .find_with(&head, &mut scratch)
            .map(|found| found.path().to_owned())
            .ok()
            .as_deref(),
        Some("/a")
    );
    let kept = allocation_counter::measure(|| {
        std::hint::black_box(listener.find_with(&head, &mut scratch).is_ok());
    });
    assert_eq!(kept.count_total, 0);
    assert!(allocations(&router, &plain, &head) <= 2);
}
