//! The worked examples of the catalogue, by number.

use gatewright::plan::{Plan, Protocol, RouteKind, TlsMode};
use gatewright::router::{ConnectionProtocol, RegexRank, Version};

use crate::worlds_in_words::*;

const HTTP: Protocol = Protocol::Http;
const HTTPS: Protocol = Protocol::Https;
const TLS: Protocol = Protocol::Tls(TlsMode::Passthrough);

fn three_listeners() -> Plan {
    gateway([
        listener(
            "any",
            80,
            HTTP,
            "-",
            [at(route("a/any", None, [rule("A", "P:/")]), &[])],
        ),
        listener(
            "w",
            80,
            HTTP,
            "*.shop.test",
            [at(route("a/w", None, [rule("B", "P:/w")]), &[])],
        ),
        listener(
            "e",
            80,
            HTTP,
            "pay.shop.test",
            [at(route("a/e", None, [rule("C", "E:/pay")]), &[])],
        ),
    ])
}

/// EX-01..04: HOST-KEY-01/03/04, HOST-MATCH-01/02, LISTEN-SEL-03/04.
#[test]
fn ex_01_to_04_a_chosen_listener_is_alone() {
    let plan = three_listeners();
    assert_eq!(get("pay.shop.test:8080/w").of(&plan), "404");
    assert_eq!(get("PAY.Shop.Test./pay").of(&plan), "C");
    assert_eq!(get("x.pay.shop.test/w").of(&plan), "B");
    assert_eq!(get("shop.test/w").of(&plan), "A");
}

/// EX-05: HOST-KEY-05.
#[test]
fn ex_05_addresses_match_no_wildcard() {
    let plan = gateway([
        listener(
            "any",
            80,
            HTTP,
            "-",
            [at(route("a/any", None, [rule("A", "P:/")]), &[])],
        ),
        listener(
            "odd",
            80,
            HTTP,
            "*.0.0.9",
            [at(route("a/odd", None, [rule("B", "P:/")]), &[])],
        ),
    ]);
    assert_eq!(get("10.0.0.9/").of(&plan), "A");
    assert_eq!(get("1.10.0.0.9/").of(&plan), "B");
}

/// EX-06: HOST-KEY-04/07.
#[test]
fn ex_06_malformed_authorities_are_refused() {
    let plan = one([rule("A", "P:/")]);
    assert_eq!(get("a..shop.test/").of(&plan), "400");
    assert_eq!(get("a.test:/").of(&plan), "A");
}

/// EX-07: HOST-MATCH-06/07, LISTEN-SEL-07.
#[test]
fn ex_07_hosts_outside_the_listener_are_not_served() {
    let route = route("x/a", None, [rule("A", "P:/")]);
    let plan = gateway([listener(
        "l",
        80,
        HTTP,
        "*.eu.test",
        [at(route, &["*.test", "pay.us.test"])],
    )]);
    assert_eq!(get("fr.eu.test/").of(&plan), "A");
    assert_eq!(get("it.test/").of(&plan), "404");
    assert_eq!(get("pay.us.test/").of(&plan), "404");
}

/// EX-08: MATCH-PREC-01/03.
#[test]
fn ex_08_hostnames_count_as_written() {
    let wild = at(route("x/wild", Some(1), [rule("A", "P:/")]), &["*.eu.test"]);
    let exact = at(
        route("x/exact", Some(9), [rule("B", "P:/")]),
        &["api.eu.test"],
    );
    let plan = gateway([listener("l", 80, HTTP, "api.eu.test", [wild, exact])]);
    assert_eq!(get("api.eu.test/").of(&plan), "B");
    assert_eq!(get("api.eu.test/").key_of(&plan), Some("hostname-exact"));
}

/// EX-09: MATCH-PREC-04.
#[test]
fn ex_09_a_better_hostname_hides_nothing() {
    let plan = any([
        at(route("x/a", None, [rule("A", "P:/a")]), &["foo.test"]),
        at(route("x/b", None, [rule("B", "P:/")]), &["*.test"]),
    ]);
    assert_eq!(get("foo.test/b").of(&plan), "B");
    assert_eq!(
        get("foo.test/b")
            .with(|o| o.hostname_fallthrough = false)
            .of(&plan),
        "404"
    );
    assert_eq!(get("foo.test/a").of(&plan), "A");
}

/// EX-10: MATCH-PREC-02, HOST-MATCH-02.
#[test]
fn ex_10_the_longer_wildcard_wins() {
    let plan = any([
        at(route("x/near", Some(9), [rule("A", "P:/")]), &["*.b.test"]),
        at(route("x/far", Some(1), [rule("B", "P:/")]), &["*.test"]),
    ]);
    assert_eq!(get("q.b.test/").of(&plan), "A");
    assert_eq!(get("q.b.test/").key_of(&plan), Some("hostname-length"));
    assert_eq!(get("b.test/").of(&plan), "B");
}

/// EX-11: MATCH-PREC-01/05.
#[test]
fn ex_11_hostnames_come_before_everything() {
    let plan = any([
        at(
            route("x/none", Some(1), [rule("A", "E:/x m=GET h:a=1 h:b=2")]),
            &[],
        ),
        at(route("x/host", Some(9), [rule("B", "P:/")]), &["z.test"]),
    ]);
    assert_eq!(
        get("z.test/x").header("a", "1").header("b", "2").of(&plan),
        "B"
    );
}

fn secure_listeners(with_any: bool) -> Plan {
    let named = |name: &str, label: &str| at(route(name, None, [rule(label, "P:/")]), &[]);
    let any = listener("c", 443, HTTPS, "-", [named("n/c", "C")]);
    let others = [
        listener("s", 443, HTTPS, "*.s.test", [named("n/s", "S")]),
        listener("t", 443, HTTPS, "a.s.test", [named("n/t", "T")]),
    ];
    gateway(with_any.then_some(any).into_iter().chain(others))
}

/// EX-12: LISTEN-MIS-01/03, LISTEN-SEL-08.
#[test]
fn ex_12_requests_for_another_listener_are_misdirected() {
    let plan = secure_listeners(true);
    assert_eq!(get("a.s.test/").tls(Some("b.s.test")).of(&plan), "421");
    assert_eq!(get("b.s.test/").tls(Some("a.s.test")).of(&plan), "421");
    assert_eq!(get("A.s.test:443/").tls(Some("a.s.test")).of(&plan), "T");
    assert_eq!(get("a.s.test/").tls(None).of(&plan), "421");
}

/// EX-13: LISTEN-MIS-02, LISTEN-SEL-07.
#[test]
fn ex_13_hosts_of_no_listener_are_not_found() {
    let plan = secure_listeners(false);
    assert_eq!(get("other.test/").tls(Some("a.s.test")).of(&plan), "404");
    assert_eq!(
        get("other.test/").tls(Some("other.test")).of(&plan),
        "reset"
    );
}

/// EX-14: LISTEN-MIS-03.
#[test]
fn ex_14_server_name_and_host_may_differ_inside_a_listener() {
    let route = route("x/a", None, [rule("A", "P:/")]);
    let plan = gateway([listener("c", 443, HTTPS, "-", [at(route, &["w.test"])])]);
    assert_eq!(get("w.test/").tls(Some("q.test")).of(&plan), "A");
    assert_eq!(get("v.test/").tls(Some("q.test")).of(&plan), "404");
}

/// EX-15: LISTEN-SEL-01.
#[test]
fn ex_15_the_port_in_the_host_does_not_choose() {
    let plan = gateway([
        listener(
            "p80",
            80,
            HTTP,
            "m.test",
            [at(route("x/a", None, [rule("A", "P:/")]), &[])],
        ),
        listener(
            "p81",
            81,
            HTTP,
            "m.test",
            [at(route("x/b", None, [rule("B", "P:/")]), &[])],
        ),
    ]);
    assert_eq!(get("m.test:80/").port(81).of(&plan), "B");
}

/// EX-104: LISTEN-SEL-12, LISTEN-MIS-03.
#[test]
fn ex_104_https_and_tls_share_a_port() {
    let tls_route = route_of(RouteKind::Tls, "x/db", None, [stream_rule("D")]);
    let plan = gateway([
        listener(
            "h",
            443,
            HTTPS,
            "*.m.test",
            [at(route("x/web", None, [rule("W", "P:/")]), &[])],
        ),
        listener("t", 443, TLS, "db.m.test", [at(tls_route, &["db.m.test"])]),
    ]);
    assert_eq!(
        connect(ConnectionProtocol::Tls, 443, Some("db.m.test")).of(&plan),
        "D"
    );
    assert_eq!(get("web.m.test/").tls(Some("web.m.test")).of(&plan), "W");
    assert_eq!(get("db.m.test/").tls(Some("web.m.test")).of(&plan), "W");
    // LISTEN-SEL-13: a raw stream whose name leads to HTTPS.
    assert_eq!(
        connect(ConnectionProtocol::Tls, 443, Some("web.m.test")).of(&plan),
        "reset"
    );
}

/// EX-105: LISTEN-SEL-06/13. A listener that is not programmed is no part of a plan.
#[test]
fn ex_105_what_is_not_in_the_pool_shadows_nothing() {
    let plan = gateway([
        listener(
            "any",
            80,
            HTTP,
            "-",
            [at(route("x/a", None, [rule("A", "P:/")]), &[])],
        ),
        listener("s", 443, HTTPS, "-", []),
    ]);
    assert_eq!(get("k.test/").of(&plan), "A");
    assert_eq!(get("k.test/").port(443).of(&plan), "reset");
}

/// EX-16: MATCH-PREC-06/08.
#[test]
fn ex_16_a_closing_slash_gives_no_length() {
    let plan = one([rule("A", "P:/app m=GET"), rule("B", "P:/app/ h:x=1")]);
    let ask = get("/app/z").header("x", "1");
    assert_eq!(
        (ask.of(&plan).as_str(), ask.key_of(&plan)),
        ("A", Some("method"))
    );
}

/// EX-17: MATCH-PREC-07.
#[test]
fn ex_17_regular_expressions_rank_between() {
    let plan = one([rule("A", "X:/app/.*"), rule("B", "P:/app/admin")]);
    assert_eq!(get("/app/admin/x").of(&plan), "A");
    assert_eq!(
        get("/app/admin/x")
            .with(|o| o.regex_rank = RegexRank::BelowPrefix)
            .of(&plan),
        "B"
    );
}

/// EX-18: MATCH-PATH-08.
#[test]
fn ex_18_every_alternative_is_tried() {
    let plan = one([rule("A", "X:/a|/a/b"), rule("B", "P:/")]);
    assert_eq!(get("/a/b").of(&plan), "A");
    assert_eq!(get("/a/bc").of(&plan), "B");
}

/// EX-19: MATCH-PREC-05.
#[test]
fn ex_19_exact_beats_any_prefix() {
    let plan = one([rule("A", "E:/a"), rule("B", "P:/a m=GET h:k=v q:z=1")]);
    assert_eq!(get("/a?z=1").header("k", "v").of(&plan), "A");
}

/// EX-20: MATCH-PREC-09/10.
#[test]
fn ex_20_headers_come_before_parameters() {
    let plan = one([rule("A", "P:/a q:a=1 q:b=1 q:c=1"), rule("B", "P:/a h:k=v")]);
    assert_eq!(get("/a?a=1&b=1&c=1").header("k", "v").of(&plan), "B");
}

/// EX-21: MATCH-PREC-13.
#[test]
fn ex_21_names_are_compared_as_one_text() {
    let plan = any([
        at(route("a/x", Some(5), [rule("A", "P:/")]), &[]),
        at(route("a-b/x", Some(5), [rule("B", "P:/")]), &[]),
    ]);
    assert_eq!(
        (get("/").of(&plan).as_str(), get("/").key_of(&plan)),
        ("B", Some("name"))
    );
}

/// EX-22: MATCH-PREC-15.
#[test]
fn ex_22_age_comes_after_the_path() {
    let plan = any([
        at(route("z/old", Some(1), [rule("A", "P:/")]), &[]),
        at(route("a/new", Some(100), [rule("B", "P:/api")]), &[]),
    ]);
    assert_eq!(get("/api/1").of(&plan), "B");
    assert_eq!(get("/x").of(&plan), "A");
}

/// EX-23: MATCH-PREC-12/13.
#[test]
fn ex_23_age_comes_before_the_name() {
    let with = |old: Option<i64>, new: Option<i64>| {
        let plan = any([
            at(route("z/old", old, [rule("A", "P:/")]), &[]),
            at(route("a/new", new, [rule("B", "P:/")]), &[]),
        ]);
        get("/").of(&plan)
    };
    assert_eq!(with(Some(1), Some(100)), "A");
    assert_eq!(with(None, None), "B");
    assert_eq!(with(Some(1), None), "A");
    assert_eq!(with(None, Some(100)), "B");
}

/// EX-24: MATCH-CAND-01, MATCH-PREC-14.
#[test]
fn ex_24_a_rule_ranks_by_its_best_match() {
    let plan = one([rule("A", "P:/x h:v=1 | P:/x/y"), rule("B", "P:/x/y")]);
    assert_eq!(get("/x/y").of(&plan), "A");
    assert_eq!(get("/x/y").header("v", "1").of(&plan), "A");
    assert_eq!(get("/x/y").key_of(&plan), Some("rule"));
}

/// EX-25: MATCH-HDR-03, MATCH-PREC-09.
#[test]
fn ex_25_only_effective_headers_count() {
    let plan = one([
        rule("A", "h:bar=c h:baz=d"),
        rule("B", "h:Foo=a h:foo=b h:bar=c"),
    ]);
    assert_eq!(
        get("/")
            .header("Foo", "a")
            .header("bar", "c")
            .header("baz", "d")
            .of(&plan),
        "A"
    );
}

/// EX-26: MATCH-CAND-02.
#[test]
fn ex_26_no_match_is_every_path() {
    assert_eq!(
        get("/any/thing?x")
            .method("DELETE")
            .of(&one([rule("A", "")])),
        "A"
    );
    assert_eq!(
        get("/any/thing?x")
            .method("DELETE")
            .of(&one([rule("A", "P:/")])),
        "A"
    );
}

/// EX-27: MATCH-CAND-03. Without `rules` the plan holds one rule without backends; `rules: []` holds none.
#[test]
fn ex_27_a_route_without_rules_serves_nothing() {
    assert_eq!(get("/x").of(&one([rule("A", "")])), "A");
    assert_eq!(get("/x").of(&one([])), "404");
}

/// EX-28, EX-29: MATCH-PREC-16. Backends do not influence matching.
#[test]
fn ex_28_29_a_rule_that_cannot_forward_still_wins() {
    let plan = one([rule("A", "E:/a"), rule("B", "P:/")]);
    assert_eq!(get("/a").of(&plan), "A");
    assert_eq!(get("/b").of(&plan), "B");
}

/// EX-30: MATCH-PREC-08/10/15.
#[test]
fn ex_30_method_beats_parameters_and_age() {
    let plan = any([
        at(route("x/r", Some(9), [rule("A", "P:/ m=GET")]), &[]),
        at(route("x/other", Some(1), [rule("B", "P:/ q:a=1")]), &[]),
    ]);
    assert_eq!(get("/?a=1").of(&plan), "A");
}

/// EX-106: MATCH-PREC-06/08.
#[test]
fn ex_106_a_triplet_gives_no_length() {
    let plan = one([rule("A", "P:/A m=GET"), rule("B", "P:/%41 h:x=1")]);
    assert_eq!(get("/A").header("x", "1").of(&plan), "A");
}

/// EX-31: MATCH-PATH-02/11/12/13/17.
#[test]
fn ex_31_prefixes_of_elements() {
    let plan = one([rule("A", "P:/foo")]);
    for (path, expected) in [
        ("/foo", "A"),
        ("/foo/", "A"),
        ("/foo//bar", "A"),
        ("/foobar", "404"),
        ("/foo;v=1", "404"),
        ("/foo%2Fbar", "404"),
        ("/f%6Fo/x", "A"),
        ("/Foo", "404"),
        ("//foo", "A"),
    ] {
        assert_eq!(get(path).of(&plan), expected, "{path}");
    }
    assert_eq!(get("/foo//bar").path_of(&plan), "/foo/bar");
    assert_eq!(get("/f%6Fo/x").path_of(&plan), "/foo/x");
}

/// EX-32: MATCH-PATH-14, SAFE-PATH-01/02.
#[test]
fn ex_32_what_is_matched_is_forwarded() {
    let plan = one([rule("A", "P:/public"), rule("B", "P:/admin")]);
    assert_eq!(get("/public/../admin").of(&plan), "B");
    assert_eq!(get("/public/../admin").path_of(&plan), "/admin");
    assert_eq!(get("/public/%2e%2e/admin").of(&plan), "B");
    assert_eq!(get("/public/%252e%252e/admin").of(&plan), "A");
    assert_eq!(
        get("/public/%252e%252e/admin").path_of(&plan),
        "/public/%252e%252e/admin"
    );
}

/// EX-33: MATCH-PATH-01/13/14.
#[test]
fn ex_33_exact_paths_keep_their_slash() {
    let plan = one([rule("A", "E:/a/")]);
    for (path, expected) in [
        ("/a", "404"),
        ("/a//", "A"),
        ("/a/.", "A"),
        ("/a/b/..", "A"),
    ] {
        assert_eq!(get(path).of(&plan), expected, "{path}");
    }
}

/// EX-34: MATCH-PATH-15/19.
#[test]
fn ex_34_values_are_normalised_like_requests() {
    let plan = one([rule("A", "E:/caf%c3%a9")]);
    for path in ["/caf%C3%A9", "/caf%c3%a9", "/caf\u{e9}"] {
        assert_eq!(get(path).of(&plan), "A", "{path}");
    }
}

/// EX-35: MATCH-PATH-11/18, HOST-KEY-02.
#[test]
fn ex_35_special_targets() {
    let plan = any([at(route("x/a", None, [rule("A", "P:/")]), &["h.test"])]);
    assert_eq!(get("h.test*").method("OPTIONS").of(&plan), "404");
    assert_eq!(get("h.test/a%zz").of(&plan), "400");
    let raw = gatewright::router::RawHead {
        version: Version::Http11,
        method: "GET",
        target: b"http://h.test",
        authority: None,
        headers: gatewright::router::Headers::Lines(&[("Host", b"other.test")]),
    };
    let head = gatewright::router::RequestHead::from_raw(raw).unwrap();
    assert_eq!((head.host, head.path), (Some(&b"h.test"[..]), &b"/"[..]));
}

/// EX-36: MATCH-PATH-07/08.
#[test]
fn ex_36_regular_expressions_match_the_whole_path() {
    let plan = one([rule("A", r"X:/api/v\d+")]);
    for (path, expected) in [
        ("/api/v2", "A"),
        ("/api/v2/x", "404"),
        ("/x/api/v2", "404"),
        ("/API/v2", "404"),
    ] {
        assert_eq!(get(path).of(&plan), expected, "{path}");
    }
}

/// EX-38: MATCH-CAND-02. A plan holds the defaults filled in; the values are those of the example.
#[test]
fn ex_38_a_path_without_value_is_the_root() {
    let plan = one([rule("A", "E:/"), rule("B", "P:/x")]);
    assert_eq!(get("/").of(&plan), "A");
    assert_eq!(get("/y").of(&plan), "404");
    assert_eq!(get("/x/y").of(&plan), "B");
}

/// EX-39: MATCH-METHOD-01.
#[test]
fn ex_39_methods_are_compared_exactly() {
    let plan = one([rule("A", "P:/ m=GET")]);
    assert_eq!(get("/").of(&plan), "A");
    assert_eq!(get("/").method("HEAD").of(&plan), "404");
    assert_eq!(get("/").method("get").of(&plan), "404");
}

/// EX-40: MATCH-HDR-04.
#[test]
fn ex_40_repeated_lines_are_one_value() {
    let plan = one([
        rule("A", "h:accept=text/html"),
        rule("B", "h:accept=text/html,text/plain"),
    ]);
    let ask = get("/")
        .header("Accept", "text/html")
        .header("Accept", "text/plain");
    assert_eq!(ask.of(&plan), "B");
}

/// EX-41: MATCH-HDR-01/02.
#[test]
fn ex_41_values_keep_their_case_and_lose_their_blanks() {
    let plan = one([rule("A", "h:X-Env=Prod")]);
    assert_eq!(get("/").header("x-env", "prod").of(&plan), "404");
    assert_eq!(get("/").header("X-ENV", "   Prod  ").of(&plan), "A");
}

/// EX-42: MATCH-QUERY-03, MATCH-PATH-19.
#[test]
fn ex_42_parameters_are_decoded() {
    let mut tagged = rule("A", "P:/ q:tag=x");
    if let gatewright::plan::Matches::Http(matches) = &mut tagged.matches {
        matches[0].query[0].value = gatewright::plan::ValueMatch::Exact("a b".into());
    }
    let plan = one([tagged]);
    assert_eq!(get("/?tag=a+b").of(&plan), "A");
    assert_eq!(get("/?tag=a%20b").of(&plan), "A");
    assert_eq!(get("/?tag=a%2Bb").of(&plan), "404");
    assert_eq!(get("/?tag=a b&x").of(&plan), "400");
}

/// EX-43: MATCH-QUERY-01/02/04.
#[test]
fn ex_43_the_first_parameter_counts() {
    let plan = one([rule("A", "P:/ q:a=1")]);
    for (query, expected) in [
        ("a=2&a=1", "404"),
        ("a=1&a=2", "A"),
        ("A=1", "404"),
        ("b&&a=1", "A"),
        ("x;a=1", "404"),
    ] {
        assert_eq!(get(&format!("/?{query}")).of(&plan), expected, "{query}");
    }
}

/// EX-44: MATCH-QUERY-06.
#[test]
fn ex_44_a_parameter_without_value_is_there() {
    let plan = one([rule("A", "P:/ qX:flag=.*")]);
    for (query, expected) in [("flag", "A"), ("flag=", "A"), ("", "404")] {
        assert_eq!(get(&format!("/?{query}")).of(&plan), expected, "{query}");
    }
}

/// EX-45: MATCH-QUERY-03.
#[test]
fn ex_45_configured_names_are_decoded() {
    let plan = one([rule("A", "P:/ q:filter%5Ba%5D=1")]);
    assert_eq!(get("/?filter[a]=1").of(&plan), "A");
    assert_eq!(get("/?filter%5Ba%5D=1").of(&plan), "A");
}

/// EX-46: MATCH-HDR-06.
#[test]
fn ex_46_host_is_a_header_to_match() {
    let plan = one([rule("A", "h:host=m.test:8443")]);
    let mut ask = get("m.test:8443/");
    ask.version = Version::Http2;
    assert_eq!(ask.of(&plan), "A");
    assert_eq!(get("m.test/").of(&plan), "404");
}

fn grpc(rules: impl IntoIterator<Item = gatewright::plan::Rule>) -> Plan {
    any([at(route_of(RouteKind::Grpc, "x/g", None, rules), &[])])
}

/// EX-47: MATCH-GRPC-10/11.
#[test]
fn ex_47_the_service_comes_first() {
    let plan = grpc([
        grpc_rule("A", "pkg.S", "-", ""),
        grpc_rule("B", "-", "Get", "h:a=1 h:b=2"),
    ]);
    let ask = call("/pkg.S/Get").header("a", "1").header("b", "2");
    assert_eq!(
        (ask.of(&plan).as_str(), ask.key_of(&plan)),
        ("A", Some("service"))
    );
}

/// EX-48, EX-49: MATCH-GRPC-03/07/11/12.
#[test]
fn ex_48_49_services_exact_and_by_expression() {
    let plan = grpc([
        grpc_rule("A", "pkg.S", "-", ""),
        grpc_regex_rule("B", r"pkg\..*", "G.*"),
    ]);
    for (path, expected) in [
        ("/pkg.S/Get", "A"),
        ("/pkg.T/Get", "B"),
        ("/pkg.T/Put", "grpc 12"),
        ("/pkg.s/Get", "B"),
        ("/Pkg.S/Get", "grpc 12"),
    ] {
        assert_eq!(call(path).of(&plan), expected, "{path}");
    }
}

/// EX-50: MATCH-GRPC-01/09/14.
#[test]
fn ex_50_what_is_a_call() {
    let plan = grpc([grpc_rule("A", "-", "-", "")]);
    let mut plain = get("/x");
    plain.version = Version::Http2;
    assert_eq!(plain.of(&plan), "404");
    let typed = |content_type: &str| {
        let mut ask = get("/p.S/M")
            .method("POST")
            .header("content-type", content_type);
        ask.version = Version::Http2;
        ask
    };
    assert_eq!(typed("application/grpc-web+proto").of(&plan), "404");
    assert_eq!(typed("application/grpc+json").of(&plan), "A");
    let mut old = typed("application/grpc");
    old.version = Version::Http11;
    assert_eq!(old.of(&plan), "404");
}

/// EX-52: MATCH-GRPC-15/16.
#[test]
fn ex_52_calls_fall_back_to_http_routes() {
    let http = at(route("x/h", Some(1), [rule("A", "P:/")]), &["g.test"]);
    let own = route_of(
        RouteKind::Grpc,
        "x/g",
        Some(9),
        [grpc_rule("B", "pkg.S", "-", "")],
    );
    let plan = any([http.clone(), at(own, &["g.test"])]);
    assert_eq!(call("g.test/pkg.S/M").of(&plan), "B");
    assert_eq!(call("g.test/o.S/M").of(&plan), "A");
    assert_eq!(get("g.test/pkg.S/M").of(&plan), "A");
    // Where the kinds may not share a hostname the GRPCRoute is not in the plan.
    let plan = any([http]);
    assert_eq!(call("g.test/pkg.S/M").of(&plan), "A");
}

/// EX-53: MATCH-GRPC-12/16.
#[test]
fn ex_53_unmatched_calls_are_unimplemented() {
    let plan = one([rule("A", "E:/pkg.S/M")]);
    assert_eq!(call("/pkg.S/M").of(&plan), "A");
    assert_eq!(call("/pkg.S/N").of(&plan), "grpc 12");
}

/// EX-54: L4-TLS-01/02, LISTEN-SEL-08.
#[test]
fn ex_54_server_names_choose_tls_routes() {
    let wide = route_of(RouteKind::Tls, "x/wide", Some(1), [stream_rule("A")]);
    let pg = route_of(RouteKind::Tls, "x/pg", Some(9), [stream_rule("B")]);
    let plan = gateway([listener(
        "d",
        5432,
        TLS,
        "*.db.test",
        [at(wide, &["*.test"]), at(pg, &["pg.db.test"])],
    )]);
    let ask = |sni: Option<&str>| connect(ConnectionProtocol::Tls, 5432, sni).of(&plan);
    assert_eq!(ask(Some("PG.DB.TEST")), "B");
    assert_eq!(ask(Some("my.db.test")), "A");
    assert_eq!(ask(Some("x.test")), "reset");
    assert_eq!(ask(None), "reset");
}

/// EX-55: L4-TCP-01.
#[test]
fn ex_55_the_first_tcp_route_gets_everything() {
    let b = route_of(RouteKind::Tcp, "n/b", Some(5), [stream_rule("B")]);
    let a = route_of(RouteKind::Tcp, "n/a", Some(5), [stream_rule("A")]);
    let ask = connect(ConnectionProtocol::Tcp, 9000, None);
    let with = |routes: Vec<_>| gateway([listener("t", 9000, Protocol::Tcp, "-", routes)]);
    assert_eq!(ask.of(&with(vec![at(b.clone(), &[]), at(a, &[])])), "A");
    assert_eq!(ask.of(&with(vec![at(b, &[])])), "B");
}

/// EX-57: L4-UDP-01.
#[test]
fn ex_57_udp_and_tcp_do_not_meet() {
    let udp = route_of(RouteKind::Udp, "n/u", None, [stream_rule("A")]);
    let tcp = route_of(RouteKind::Tcp, "n/t", None, [stream_rule("B")]);
    let plan = gateway([
        listener("u", 53, Protocol::Udp, "-", [at(udp, &[])]),
        listener("v", 53, Protocol::Tcp, "-", [at(tcp, &[])]),
    ]);
    assert_eq!(connect(ConnectionProtocol::Udp, 53, None).of(&plan), "A");
    assert_eq!(connect(ConnectionProtocol::Tcp, 53, None).of(&plan), "B");
}

/// EX-80: FILTER-CORS-02/03, the part of matching.
#[test]
fn ex_80_preflights_match_by_the_method_that_they_ask_for() {
    let plan = one([rule_with_cors("A", "P:/c m=PUT")]);
    let preflight = |asked: &str| {
        get("/c")
            .method("OPTIONS")
            .header("origin", "https://o.test")
            .header("access-control-request-method", asked)
    };
    assert_eq!(preflight("PUT").of(&plan), "A");
    assert_eq!(preflight("DELETE").of(&plan), "404");
    assert_eq!(
        get("/c")
            .method("OPTIONS")
            .header("access-control-request-method", "PUT")
            .of(&plan),
        "404"
    );
    assert_eq!(
        preflight("PUT")
            .with(|o| o.cors_implicit_preflight = false)
            .of(&plan),
        "404"
    );
    assert_eq!(preflight("PUT").of(&one([rule("A", "P:/c m=PUT")])), "404");
}

fn mesh(frontends: impl IntoIterator<Item = gatewright::plan::Frontend>) -> Plan {
    let mut plan = Plan::default();
    plan.frontends.extend(frontends);
    plan
}

/// EX-100: MESH-RT-06/07.
#[test]
fn ex_100_consumer_routes_are_used_alone() {
    let producer = route("shop/p", None, [rule("P", "P:/")]);
    let consumer = route("app/c", None, [rule("C", "E:/x")]);
    let plan = mesh([frontend(
        "shop/cart",
        80,
        &[producer],
        &[("app", &[consumer])],
    )]);
    assert_eq!(get("/x").towards_service("shop/cart", "app").of(&plan), "C");
    assert_eq!(
        get("/y").towards_service("shop/cart", "app").of(&plan),
        "404"
    );
    assert_eq!(get("/y").towards_service("shop/cart", "web").of(&plan), "P");
}

/// EX-101: MESH-RT-02/03/04/05.
#[test]
fn ex_101_the_service_counts_and_not_the_host() {
    let plan = mesh([frontend(
        "shop/cart",
        80,
        &[route("shop/p", None, [rule("P", "P:/")])],
        &[],
    )]);
    assert_eq!(
        get("cart/").towards_service("shop/cart", "web").of(&plan),
        "P"
    );
    assert_eq!(
        get("cart/")
            .towards_service("shop/cart", "web")
            .port(8080)
            .of(&plan),
        "pass"
    );
    assert_eq!(
        get("cart/").towards_service("shop/other", "web").of(&plan),
        "pass"
    );
}

/// EX-102: MESH-RT-05/10.
#[test]
fn ex_102_one_kind_is_in_force() {
    let http = route("shop/h", None, [rule("H", "P:/")]);
    let own = route_of(
        RouteKind::Grpc,
        "shop/g",
        None,
        [grpc_rule("G", "-", "-", "")],
    );
    let plan = mesh([frontend("shop/cart", 80, &[http, own], &[])]);
    assert_eq!(
        get("/").towards_service("shop/cart", "web").of(&plan),
        "404"
    );
    assert_eq!(
        call("/p.S/M").towards_service("shop/cart", "web").of(&plan),
        "G"
    );
}

/// EX-103: MESH-RT-09. A decision names a rule; it never goes on into the Routes of that rule's backend.
#[test]
fn ex_103_only_the_first_level_is_applied() {
    let plan = mesh([
        frontend(
            "shop/a",
            80,
            &[route("shop/p", None, [rule("P", "P:/")])],
            &[],
        ),
        frontend(
            "shop/b",
            80,
            &[route("shop/q", None, [rule("Q", "P:/")])],
            &[],
        ),
    ]);
    assert_eq!(get("/").towards_service("shop/a", "web").of(&plan), "P");
}
