//! Input that means harm, or nothing: a defined answer whatever it is (SAFE-LIMIT-01/02).
//!
//! Sizes are such that an answer whose cost is exponential, or quadratic more than once, would not come.

use gatewright::plan::Protocol;
use gatewright::router::{BadRequest, Headers, RawHead, RequestHead, Router, Version};

use crate::plans::Chance;
use crate::worlds_in_words::*;

/// Something of every kind on one listener.
fn plan() -> gatewright::plan::Plan {
    let crowd = (0..50).map(|n| {
        rule(
            "crowd",
            &format!("P:/crowd h:tenant=t{n} | P:/crowd q:tenant=t{n}"),
        )
    });
    let rules = [
        rule("exact", "E:/a"),
        rule("deep", &format!("P:{}", "/d".repeat(400))),
        rule("regex", "X:/r/(a+)+b"),
        rule("header", "P:/h hX:x=(a*)*b"),
        rule("query", "P:/q qX:x=.*"),
        rule("root", "P:/ h:never=1"),
    ];
    gateway([
        listener(
            "any",
            80,
            Protocol::Http,
            "-",
            [at(
                route("x/r", None, rules.into_iter().chain(crowd)),
                &["a.test", "*.test"],
            )],
        ),
        listener(
            "w",
            81,
            Protocol::Http,
            "*.test",
            [at(route("x/w", None, [rule("W", "P:/")]), &[])],
        ),
    ])
}

#[test]
fn long_paths_are_answered() {
    let plan = plan();
    for path in [
        "/".repeat(65_536),
        "/a".repeat(32_768),
        "/%2e%2e".repeat(9_000),
        format!("/{}", "%".repeat(65_535)),
    ] {
        assert_eq!(get(&format!("a.test{path}")).of(&plan), "414");
    }
    // Within the limit: as long and as deep as can be.
    assert_eq!(
        get(&format!("a.test{}", "/".repeat(8_192))).of(&plan),
        "404"
    );
    assert_eq!(
        get(&format!("a.test{}", "/%2e%2e".repeat(1_170))).of(&plan),
        "404"
    );
    assert_eq!(
        get(&format!("a.test{}", "/d".repeat(4_000))).of(&plan),
        "deep"
    );
    assert_eq!(
        get(&format!("a.test/r/{}", "a".repeat(8_000))).of(&plan),
        "404"
    );
    // A caller may allow more than the positions of a short path can tell.
    let wide = get(&format!("a.test{}", "/d".repeat(40_000))).with(|o| o.limits.path = 1 << 20);
    assert_eq!(wide.of(&plan), "deep");
}

#[test]
fn many_and_long_headers_are_answered() {
    let plan = plan();
    let mut many = get("a.test/h");
    many.headers = (0..10_000)
        .map(|n| (format!("x-{n}"), vec![b'a'; 20]))
        .collect();
    assert_eq!(many.of(&plan), "404");
    many.headers = vec![("x".to_owned(), b"a".to_vec()); 10_000];
    assert_eq!(many.of(&plan), "404");
    assert_eq!(
        get("a.test/h").header("x", &"a".repeat(65_536)).of(&plan),
        "404"
    );
    assert_eq!(
        get("a.test/h")
            .header("x", &format!("{}b", "a".repeat(65_535)))
            .of(&plan),
        "header"
    );
    let mut bytes = get("a.test/h");
    bytes.headers = vec![
        ("x".to_owned(), vec![0xFF; 65_536]),
        (String::new(), Vec::new()),
    ];
    assert_eq!(bytes.of(&plan), "404");
    let mut map = http::HeaderMap::new();
    for n in 0..10_000 {
        map.append(
            http::HeaderName::from_bytes(format!("x-{n}").as_bytes()).unwrap(),
            http::HeaderValue::from_static("1"),
        );
    }
    let router = Router::compile(&plan);
    let head = RequestHead {
        version: Version::Http11,
        method: "GET",
        host: Some(b"a.test"),
        path: b"/crowd",
        query: None,
        headers: Headers::Map(&map),
    };
    assert!(crate::facts::accept_http(&router).find(&head).is_err());
}

#[test]
fn long_queries_are_answered() {
    let plan = plan();
    for query in [
        "&".repeat(65_536),
        "x".repeat(65_536),
        "%".repeat(65_536),
        "a=1&".repeat(16_384),
        format!("x={}", "%41".repeat(20_000)),
    ] {
        let found = get(&format!("a.test/q?{query}")).of(&plan);
        assert!(["404", "query"].contains(&found.as_str()), "{found}");
        assert_eq!(get(&format!("a.test/crowd?{query}")).of(&plan), "404");
    }
}

/// HOST-KEY-04..07.
#[test]
fn absurd_authorities_are_refused() {
    let plan = plan();
    let dots = ".".repeat(65_536);
    let labels = format!("{}test", "a.".repeat(32_768));
    let port = format!("a.test:{}", "9".repeat(65_536));
    let zeros = format!("a.test:{}80", "0".repeat(65_536));
    for (host, expected) in [
        (dots.as_str(), "400"),
        (&labels, "400"),
        (&port, "400"),
        (&zeros, "exact"),
        ("a.test:65535", "exact"),
        ("a.test:65536", "400"),
        ("a.test:-1", "400"),
        ("a.test:0x50", "400"),
        ("a.test\0", "400"),
        ("a.test\r\nx: y", "400"),
        ("[", "400"),
        ("[]", "400"),
        ("[::1", "400"),
        ("[::ffff:1.2.3.4]", "404"),
        ("@", "400"),
        (":", "400"),
        ("a.test@b.test", "400"),
        ("a.test.", "exact"),
        ("a.test..", "400"),
        ("*.test", "exact"),
        ("\u{e4}.test", "400"),
    ] {
        for port in [80, 81] {
            let mut ask = get("/a").port(port);
            ask.host = Some(host.to_owned());
            let expected = match (expected, port) {
                ("exact", 81) => "W",
                (other, _) => other,
            };
            assert_eq!(ask.of(&plan), expected, "{:.40} {port}", host);
        }
    }
}

/// MATCH-PATH-11/14/18/19, SAFE-PATH-01: nothing is decoded twice, and what is no path is refused.
#[test]
fn odd_bytes_in_paths() {
    let plan = plan();
    let path = |bytes: &[u8]| {
        let mut ask = get("a.test/");
        ask.path = bytes.to_vec();
        ask.of(&plan)
    };
    for bytes in [
        &b"/\0"[..],
        b"/a\x7f",
        b"/a\r\nb",
        b"/%",
        b"/%0",
        b"/%zz",
        b"/\\",
        b"a",
        b"",
        b"*",
        b"\xff",
    ] {
        assert_eq!(path(bytes), "400", "{bytes:?}");
    }
    assert_eq!(path(b"/\xff\xfe"), "404");
    assert_eq!(path(b"/%2561"), "404");
    assert_eq!(path(b"/%61"), "exact");
    assert_eq!(path(b"/%00"), "404");
    assert_eq!(path(b"/./././a"), "exact");
    assert_eq!(path(b"/../../../../a"), "exact");
}

/// Any bytes in any place: router and reference agree, and nothing panics. Seeds of what failed once are added here.
#[test]
fn any_bytes_have_an_answer() {
    let plan = plan();
    let router = Router::compile(&plan);
    let listener = crate::facts::accept_http(&router);
    let pool: &[u8] = b"/..%2eE5cF\\ \0\x7f\x80\xff:@[]?#&=+;,*aA.-_test\r\n";
    for seed in 0..4_000 {
        let mut chance = Chance(seed);
        let mut text = |most: usize| -> Vec<u8> {
            let length = chance.below(most);
            (0..length).map(|_| *chance.pick(pool)).collect()
        };
        let (path, host, query, value) = (text(40), text(20), text(30), text(10));
        let lines: [(&str, &[u8]); 2] = [("x", &value), ("tenant", &value)];
        for prefix in [&b"/"[..], b"", b"http://", b"/crowd/"] {
            let target = [prefix, &path].concat();
            let raw = RawHead {
                version: Version::Http2,
                method: "GET",
                target: &target,
                authority: Some(&host),
                headers: Headers::Lines(&lines),
            };
            match RequestHead::from_raw(raw) {
                Ok(head) => drop(listener.find(&head).map(|found| found.path().len())),
                Err(bad) => assert_ne!(bad, BadRequest::MissingHost),
            }
        }
        let mut ask = get("a.test/");
        if let (Ok(host), true) = (String::from_utf8(host), seed % 2 == 0) {
            ask.host = Some(host);
        }
        ask.path = [b"/", &path[..]].concat();
        ask.query = Some(query);
        ask.headers = lines
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.to_vec()))
            .collect();
        if seed % 8 == 0 {
            ask.decide(&plan);
        }
    }
}
