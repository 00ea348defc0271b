use std::sync::Arc;

use super::*;
use crate::plan::{
    AuthProtocol, Backend, BackendFault, Cors, ExtensionRef, ExternalAuth, GrpcMatch,
    GrpcMethodMatch, HeaderEdits, HeaderMatch, HttpMatch, Mirror, ObjectName, PathModifier,
    QueryMatch, Redirect, Retry, Rewrite, ValueMatch,
};

fn backend() -> Backend {
    Backend::service("shop", "cart", 8080)
}

fn rule_with(filters: impl IntoIterator<Item = Filter>) -> Rule {
    Rule::http(0, [], Action::forward([backend()]).with_filters(filters))
}

fn rule_for(one: HttpMatch) -> Rule {
    Rule::http(0, [one], Action::forward([backend()]))
}

fn check_http(one: &Rule) -> Result<(), RuleFault> {
    rule(RouteKind::Http, one, Release::V1_5)
}

fn kind_of(one: &Rule) -> Option<FaultKind> {
    check_http(one).err().map(|fault| fault.kind)
}

fn field_of(one: &Rule) -> String {
    check_http(one).unwrap_err().field
}

fn edits(set: &[(&str, &str)], add: &[(&str, &str)], remove: &[&str]) -> HeaderEdits {
    let pairs = |list: &[(&str, &str)]| {
        list.iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect()
    };
    HeaderEdits {
        set: pairs(set),
        add: pairs(add),
        remove: remove.iter().map(|name| (*name).into()).collect(),
    }
}

fn auth(protocol: AuthProtocol) -> Filter {
    Filter::ExternalAuth(ExternalAuth {
        protocol,
        backend: Arc::new(backend()),
        max_body: 0,
    })
}

fn grpc_auth() -> Filter {
    auth(AuthProtocol::Grpc {
        allowed_headers: Vec::new(),
    })
}

fn extension(resolved: bool) -> Filter {
    Filter::Extension(ExtensionRef {
        group: "x.test".into(),
        kind: "Thing".into(),
        name: ObjectName::new("shop", "thing"),
        resolved,
    })
}

/// MATCH-PATH-15.
#[test]
fn match_path_15_values_that_normalisation_would_restructure_are_faults() {
    for good in [
        "/",
        "/a",
        "/a/",
        "/caf%c3%a9",
        "/%41",
        "/a.b",
        "/...",
        "/a/.b",
        "/%5C",
        "/a;v=1",
        "/a:b@c",
    ] {
        assert_eq!(
            check_http(&rule_for(HttpMatch::exact(good))),
            Ok(()),
            "{good}"
        );
        assert_eq!(
            check_http(&rule_for(HttpMatch::prefix(good))),
            Ok(()),
            "{good}"
        );
    }
    for bad in [
        "", "a", "//", "/a//b", "/./a", "/a/.", "/a/..", "/%2e/a", "/a/%2E.", "/a%2fb", "/a%2Fb",
        "/a%zz", "/a%4", "/a#b", "/a?b", "/a b", "/ä", "/a\\b", "/a\n",
    ] {
        let found = rule_for(HttpMatch::exact(bad));
        assert_eq!(field_of(&found), "matches[0].path.value", "{bad}");
        assert_eq!(
            kind_of(&rule_for(HttpMatch::prefix(bad))),
            Some(FaultKind::UnsupportedValue),
            "{bad}"
        );
    }
}

/// MATCH-PATH-09: patterns are checked alone first; that they match as a whole is the router's to show.
#[test]
fn match_path_09_patterns_are_checked_alone_first() {
    for good in [
        "a|ab",
        "^/foo$",
        "(?x) a b # tail",
        "/a#",
        "(?m)^a$",
        "[0-9]+",
        "é",
        "",
    ] {
        assert_eq!(check_pattern(good), Ok(()), "{good}");
    }
    for bad in [
        "(",
        "a)(b",
        "a)",
        "(?P<x",
        "[z-a]",
        r"(a)\1",
        "(?=a)",
        &"(".repeat(2000),
    ] {
        assert!(check_pattern(bad).is_err(), "{bad}");
        assert_eq!(
            field_of(&rule_for(HttpMatch::regex(bad))),
            "matches[0].path.value"
        );
    }
}

/// SAFE-REGEX-01.
#[test]
fn safe_regex_01_size_nesting_and_length_are_limited() {
    assert!(
        check_pattern(r"\w{900}")
            .unwrap_err()
            .to_string()
            .contains("larger than")
    );
    let nested = format!("{}a{}", "(".repeat(150), ")".repeat(150));
    assert!(check_pattern(&nested).is_err());
    assert!(check_http(&rule_for(HttpMatch::regex("a".repeat(1024)))).is_ok());
    assert!(check_http(&rule_for(HttpMatch::regex("a".repeat(1025)))).is_err());
    let long = |length: usize| {
        let mut one = HttpMatch::prefix("/");
        one.headers.push(HeaderMatch {
            name: "x".into(),
            value: ValueMatch::Regex("a".repeat(length).into()),
        });
        rule_for(one)
    };
    assert!(check_http(&long(4096)).is_ok());
    assert!(check_http(&long(4097)).is_err());
}

/// MATCH-HDR-08.
#[test]
fn match_hdr_08_header_and_query_conditions_have_tokens_and_values() {
    let header =
        |name: &str, value: &str| rule_for(HttpMatch::prefix("/").with_header(name, value));
    assert!(check_http(&header("X-a_1", "v w")).is_ok());
    assert_eq!(
        field_of(&header(":path", "v")),
        "matches[0].headers[0].name"
    );
    assert_eq!(field_of(&header("", "v")), "matches[0].headers[0].name");
    assert_eq!(field_of(&header("x", "")), "matches[0].headers[0].value");
    assert_eq!(
        field_of(&header("x", "a\r\nb")),
        "matches[0].headers[0].value"
    );
    let query = |name: &str, value: ValueMatch| {
        let mut one = HttpMatch::prefix("/");
        one.query.push(QueryMatch {
            name: name.into(),
            value,
        });
        rule_for(one)
    };
    assert!(check_http(&query("filter%5Ba%5D", ValueMatch::Exact("a b".into()))).is_ok());
    assert_eq!(
        field_of(&query("a b", ValueMatch::Exact("1".into()))),
        "matches[0].queryParams[0].name"
    );
    assert_eq!(
        field_of(&query("a", ValueMatch::Regex("(".into()))),
        "matches[0].queryParams[0].value"
    );
}

/// MATCH-GRPC-05/06.
#[test]
fn match_grpc_05_06_method_conditions_need_names() {
    let call = |service: Option<&str>, method: Option<&str>| {
        let exact = |text: &str| ValueMatch::Exact(text.into());
        let one = GrpcMatch {
            method: Some(GrpcMethodMatch {
                service: service.map(exact),
                method: method.map(exact),
            }),
            headers: Vec::new(),
        };
        rule(
            RouteKind::Grpc,
            &Rule::grpc(0, [one], Action::forward([backend()])),
            Release::V1_4,
        )
    };
    assert!(call(Some("pkg.v1.S_x"), Some("Get")).is_ok());
    assert!(call(Some(".pkg.S"), None).is_ok());
    assert!(call(Some(""), Some("Get")).is_ok());
    for (service, method) in [
        (None, None),
        (Some(""), Some("")),
        (Some("a/b"), None),
        (Some("a..b"), None),
        (Some("1a"), None),
        (Some("a"), Some("G.et")),
        (Some("a"), Some("1")),
        (None, Some("G-et")),
    ] {
        assert!(call(service, method).is_err(), "{service:?} {method:?}");
    }
}

/// MATCH-GRPC-17.
#[test]
fn match_grpc_17_a_grpc_rule_has_no_redirect_rewrite_or_cors() {
    for filter in [
        Filter::Redirect(Redirect::default()),
        Filter::Rewrite(Rewrite::default()),
        Filter::Cors(Cors::default()),
    ] {
        let one = Rule::grpc(0, [], Action::forward([backend()]).with_filters([filter]));
        let fault = rule(RouteKind::Grpc, &one, Release::V1_6).unwrap_err();
        assert_eq!(
            (fault.kind, &*fault.field),
            (FaultKind::UnsupportedValue, "filters[0].type")
        );
    }
    let headers = Filter::RequestHeaders(edits(&[("a", "b")], &[], &[]));
    let one = Rule::grpc(0, [], Action::forward([backend()]).with_filters([headers]));
    assert_eq!(rule(RouteKind::Grpc, &one, Release::V1_6), Ok(()));
}

/// FILTER-GEN-04.
#[test]
fn filter_gen_04_only_mirrors_and_extensions_repeat() {
    let mirror = || {
        Filter::Mirror(Mirror {
            backend: Arc::new(backend()),
            numerator: 1,
            denominator: 1,
        })
    };
    assert_eq!(
        kind_of(&rule_with([
            mirror(),
            mirror(),
            extension(true),
            extension(true)
        ])),
        None
    );
    let one_of_each = [
        Filter::RequestHeaders(HeaderEdits::default()),
        Filter::ResponseHeaders(HeaderEdits::default()),
        Filter::Rewrite(Rewrite::default()),
        Filter::Cors(Cors::default()),
    ];
    assert_eq!(kind_of(&rule_with(one_of_each.clone())), None);
    for filter in one_of_each {
        let twice = rule_with([filter.clone(), mirror(), filter.clone()]);
        let fault = check_http(&twice).unwrap_err();
        assert_eq!(
            (fault.kind, &*fault.field),
            (FaultKind::UnsupportedValue, "filters[2].type")
        );
        let mut on_backend = backend();
        on_backend.filters = vec![filter.clone(), filter];
        let fault = check_http(&Rule::http(0, [], Action::forward([on_backend]))).unwrap_err();
        assert_eq!(fault.field, "backendRefs[0].filters[1].type");
    }
}

/// FILTER-GEN-05/06.
#[test]
fn filter_gen_05_06_redirect_excludes_rewrite_and_backends() {
    let redirect = || Filter::Redirect(Redirect::default());
    let rewrite = || Filter::Rewrite(Rewrite::default());
    let alone = Rule::http(0, [], Action::default().with_filters([redirect()]));
    assert_eq!(kind_of(&alone), None);
    let both = Rule::http(
        0,
        [],
        Action::default().with_filters([rewrite(), redirect()]),
    );
    assert_eq!(kind_of(&both), Some(FaultKind::IncompatibleFilters));
    assert_eq!(
        kind_of(&rule_with([redirect()])),
        Some(FaultKind::IncompatibleFilters)
    );
    let mut on_backend = backend();
    on_backend.filters = vec![redirect()];
    let levels = Rule::http(
        0,
        [],
        Action::forward([on_backend.clone()]).with_filters([rewrite()]),
    );
    assert_eq!(kind_of(&levels), Some(FaultKind::IncompatibleFilters));
    let backend_only = Rule::http(0, [], Action::forward([on_backend]));
    assert_eq!(kind_of(&backend_only), None);
}

/// FILTER-HDR-05.
#[test]
fn filter_hdr_05_one_action_per_name_and_no_empty_value() {
    let modifier = |edits: HeaderEdits| kind_of(&rule_with([Filter::RequestHeaders(edits)]));
    let bad = Some(FaultKind::UnsupportedValue);
    assert_eq!(modifier(edits(&[("a", "1")], &[("b", "2")], &["c"])), None);
    // EX-59
    assert_eq!(modifier(edits(&[("X-A", "1")], &[], &["x-a"])), bad);
    assert_eq!(modifier(edits(&[("a", "1"), ("A", "2")], &[], &[])), bad);
    assert_eq!(modifier(edits(&[("a", "1")], &[("a", "2")], &[])), bad);
    assert_eq!(modifier(edits(&[], &[], &["a", "A"])), bad);
    assert_eq!(modifier(edits(&[("a", "")], &[], &[])), bad);
    assert_eq!(modifier(edits(&[], &[("a", "")], &[])), bad);
}

/// FILTER-HDR-07.
#[test]
fn filter_hdr_07_framing_is_out_of_reach_and_host_can_only_be_set_on_requests() {
    let request = |edits: HeaderEdits| kind_of(&rule_with([Filter::RequestHeaders(edits)]));
    let response = |edits: HeaderEdits| kind_of(&rule_with([Filter::ResponseHeaders(edits)]));
    let bad = Some(FaultKind::UnsupportedValue);
    for name in [
        "Content-Length",
        "transfer-encoding",
        "Connection",
        "Keep-Alive",
        "Proxy-Connection",
        "Upgrade",
        "TE",
        "Trailer",
        ":path",
    ] {
        assert_eq!(request(edits(&[(name, "1")], &[], &[])), bad, "{name}");
        assert_eq!(request(edits(&[], &[], &[name])), bad, "{name}");
        assert_eq!(response(edits(&[], &[(name, "1")], &[])), bad, "{name}");
    }
    assert_eq!(request(edits(&[("Host", "a.test")], &[], &[])), None);
    assert_eq!(request(edits(&[], &[("host", "a.test")], &[])), bad);
    assert_eq!(request(edits(&[], &[], &["Host"])), bad);
    assert_eq!(response(edits(&[], &[("Host", "a.test")], &["x"])), None);
    let rewrite = Filter::Rewrite(Rewrite {
        hostname: Some("b.test".into()),
        path: None,
    });
    let host = Filter::RequestHeaders(edits(&[("Host", "a.test")], &[], &[]));
    assert_eq!(kind_of(&rule_with([host.clone(), rewrite.clone()])), bad);
    // At another level the last one to run wins (FILTER-REWRITE-09).
    let mut on_backend = backend();
    on_backend.filters = vec![host];
    assert_eq!(
        kind_of(&Rule::http(
            0,
            [],
            Action::forward([on_backend]).with_filters([rewrite])
        )),
        None
    );
}

/// FILTER-HDR-09, SAFE-HDR-01.
#[test]
fn filter_hdr_09_and_safe_hdr_01_limits_and_characters() {
    let modifier = |edits: HeaderEdits| kind_of(&rule_with([Filter::ResponseHeaders(edits)]));
    let bad = Some(FaultKind::UnsupportedValue);
    let names: Vec<String> = (0..17).map(|n| format!("x-{n}")).collect();
    let many = |count: usize| HeaderEdits {
        remove: names
            .iter()
            .take(count)
            .map(|name| name.as_str().into())
            .collect(),
        ..HeaderEdits::default()
    };
    assert_eq!(modifier(many(16)), None);
    assert_eq!(modifier(many(17)), bad);
    assert_eq!(modifier(edits(&[], &[], &["a b"])), bad);
    assert_eq!(modifier(edits(&[(&"a".repeat(256), "v")], &[], &[])), None);
    assert_eq!(modifier(edits(&[(&"a".repeat(257), "v")], &[], &[])), bad);
    assert_eq!(modifier(edits(&[("a", &"v".repeat(4096))], &[], &[])), None);
    assert_eq!(modifier(edits(&[("a", &"v".repeat(4097))], &[], &[])), bad);
    for value in ["a\rb", "a\nb", "a\0b", "a\x7fb", "a\x1bb"] {
        assert_eq!(modifier(edits(&[("a", value)], &[], &[])), bad, "{value:?}");
    }
    assert_eq!(modifier(edits(&[("a", "a\tb, c")], &[], &[])), None);
}

/// FILTER-REDIR-01.
#[test]
fn filter_redir_01_status_codes_by_release() {
    let one = |status| {
        let redirect = Redirect {
            status,
            ..Redirect::default()
        };
        Rule::http(
            0,
            [],
            Action::default().with_filters([Filter::Redirect(redirect)]),
        )
    };
    for (status, in_v1_4, later) in [
        (301, true, true),
        (302, true, true),
        (303, false, true),
        (307, false, true),
        (308, false, true),
        (300, false, false),
        (200, false, false),
    ] {
        // EX-67 among them
        assert_eq!(
            rule(RouteKind::Http, &one(status), Release::V1_4).is_ok(),
            in_v1_4,
            "{status}"
        );
        assert_eq!(
            rule(RouteKind::Http, &one(status), Release::V1_5).is_ok(),
            later,
            "{status}"
        );
        assert_eq!(
            rule(RouteKind::Http, &one(status), Release::V1_6).is_ok(),
            later,
            "{status}"
        );
    }
}

/// FILTER-REDIR-04/09.
#[test]
fn filter_redir_04_09_hostnames_schemes_and_replacements_have_a_shape() {
    let redirect = |redirect: Redirect| {
        kind_of(&Rule::http(
            0,
            [],
            Action::default().with_filters([Filter::Redirect(redirect)]),
        ))
    };
    let bad = Some(FaultKind::UnsupportedValue);
    let host = |name: &str| Redirect {
        hostname: Some(name.into()),
        ..Redirect::default()
    };
    assert_eq!(redirect(host("a-1.test")), None);
    for name in [
        "",
        "*.a.test",
        "A.test",
        "a..test",
        "a.test.",
        "-a.test",
        "a_b.test",
        "a.test:80",
        &"a".repeat(254),
    ] {
        assert_eq!(redirect(host(name)), bad, "{name}");
        let rewrite = Rewrite {
            hostname: Some(name.into()),
            path: None,
        };
        assert_eq!(
            kind_of(&rule_with([Filter::Rewrite(rewrite)])),
            bad,
            "{name}"
        );
    }
    let scheme = |name: &str| Redirect {
        scheme: Some(name.into()),
        ..Redirect::default()
    };
    assert_eq!(redirect(scheme("https")), None);
    assert_eq!(redirect(scheme("HTTPS")), bad);
    assert_eq!(
        redirect(Redirect {
            port: Some(0),
            ..Redirect::default()
        }),
        bad
    );
    for (value, sound) in [
        ("", true),
        ("x", true),
        ("/x%20y", true),
        ("/x?y", false),
        ("/x#y", false),
        ("/x y", false),
        ("/x\n", false),
        ("/\0", false),
    ] {
        for modifier in [
            PathModifier::ReplaceFullPath(value.into()),
            PathModifier::ReplacePrefixMatch(value.into()),
        ] {
            let expected = if sound { None } else { bad };
            assert_eq!(
                redirect(Redirect {
                    path: Some(modifier.clone()),
                    ..Redirect::default()
                }),
                expected,
                "{value:?}"
            );
            let rewrite = Rewrite {
                hostname: None,
                path: Some(modifier),
            };
            assert_eq!(
                kind_of(&rule_with([Filter::Rewrite(rewrite)])),
                expected,
                "{value:?}"
            );
        }
    }
}

/// FILTER-REDIR-10.
#[test]
fn filter_redir_10_prefix_replacement_needs_exactly_one_prefix() {
    let replace = || {
        Filter::Rewrite(Rewrite {
            hostname: None,
            path: Some(PathModifier::ReplacePrefixMatch("/x".into())),
        })
    };
    let with = |matches: Vec<HttpMatch>| {
        Rule::http(
            0,
            matches,
            Action::forward([backend()]).with_filters([replace()]),
        )
    };
    // EX-68
    assert_eq!(kind_of(&with(vec![])), None);
    assert_eq!(kind_of(&with(vec![HttpMatch::prefix("/a")])), None);
    for matches in [
        vec![HttpMatch::prefix("/a"), HttpMatch::prefix("/b")],
        vec![HttpMatch::exact("/a")],
        vec![HttpMatch::regex("/a")],
    ] {
        assert_eq!(kind_of(&with(matches)), Some(FaultKind::UnsupportedValue));
    }
    let mut on_backend = backend();
    on_backend.filters = vec![replace()];
    let one = Rule::http(0, [HttpMatch::exact("/a")], Action::forward([on_backend]));
    assert_eq!(kind_of(&one), Some(FaultKind::UnsupportedValue));
}

/// FILTER-MIRROR-03.
#[test]
fn filter_mirror_03_shares_are_at_most_one() {
    let mirror = |numerator, denominator| {
        kind_of(&rule_with([Filter::Mirror(Mirror {
            backend: Arc::new(backend()),
            numerator,
            denominator,
        })]))
    };
    assert_eq!(mirror(0, 7), None);
    assert_eq!(mirror(7, 7), None);
    assert_eq!(mirror(8, 7), Some(FaultKind::UnsupportedValue));
    assert_eq!(mirror(0, 0), Some(FaultKind::UnsupportedValue));
}

/// FILTER-CORS-08/09.
#[test]
fn filter_cors_08_09_origins_are_strict_and_stars_stand_alone() {
    let list = |values: &[&str]| {
        values
            .iter()
            .map(|value| (*value).into())
            .collect::<Vec<Box<str>>>()
    };
    let with = |cors: Cors, release| {
        rule(RouteKind::Http, &rule_with([Filter::Cors(cors)]), release)
            .map_err(|fault| fault.field)
    };
    let origins = |values: &[&str]| {
        with(
            Cors {
                allow_origins: list(values),
                ..Cors::default()
            },
            Release::V1_4,
        )
    };
    assert_eq!(origins(&["https://a.test", "http://*.b.test:8080"]), Ok(()));
    assert_eq!(
        origins(&["https://a.test", "https://*b.test"]),
        Err("filters[0].cors.allowOrigins[1]".to_owned())
    );
    assert_eq!(
        origins(&["*", "https://a.test"]),
        Err("filters[0].cors.allowOrigins".to_owned())
    );
    let methods = |values: &[&str]| {
        with(
            Cors {
                allow_methods: list(values),
                ..Cors::default()
            },
            Release::V1_4,
        )
    };
    assert_eq!(methods(&["GET", "PATCH"]), Ok(()));
    assert_eq!(
        methods(&["get"]),
        Err("filters[0].cors.allowMethods[0]".to_owned())
    );
    assert_eq!(
        methods(&["*", "GET"]),
        Err("filters[0].cors.allowMethods".to_owned())
    );
    let headers = |release| {
        with(
            Cors {
                allow_headers: list(&["*", "x-a"]),
                ..Cors::default()
            },
            release,
        )
    };
    assert_eq!(headers(Release::V1_4), Ok(()));
    assert_eq!(
        headers(Release::V1_5),
        Err("filters[0].cors.allowHeaders".to_owned())
    );
    assert_eq!(
        with(
            Cors {
                expose_headers: list(&["a\r\nb"]),
                ..Cors::default()
            },
            Release::V1_6
        ),
        Err("filters[0].cors.exposeHeaders[0]".to_owned())
    );
}

/// BACKEND-WEIGHT-05, BACKEND-RETRY-02.
#[test]
fn backend_weight_05_and_backend_retry_02_numbers_have_bounds() {
    let weighted = |weight| {
        kind_of(&Rule::http(
            0,
            [],
            Action::forward([backend().with_weight(weight)]),
        ))
    };
    assert_eq!(weighted(1_000_000), None);
    assert_eq!(weighted(1_000_001), Some(FaultKind::UnsupportedValue));
    let stream = Rule::stream(0, Action::forward([backend().with_weight(1_000_001)]));
    assert!(rule(RouteKind::Tcp, &stream, Release::V1_6).is_err());
    let retried = |code| {
        let mut action = Action::forward([backend()]);
        action.retry = Some(Retry {
            codes: vec![code],
            attempts: 1,
            backoff: None,
        });
        kind_of(&Rule::http(0, [], action))
    };
    for (code, sound) in [(399, false), (400, true), (599, true), (600, false)] {
        assert_eq!(retried(code).is_none(), sound, "{code}");
    }
}

/// EVAL-04.
#[test]
fn eval_04_a_broken_external_auth_keeps_the_rule_with_an_error() {
    let http_auth = |path: &str, names: &[&str]| {
        auth(AuthProtocol::Http {
            path: path.into(),
            allowed_headers: names.iter().map(|name| (*name).into()).collect(),
            allowed_response_headers: Vec::new(),
        })
    };
    let reported =
        |one: &Rule| stays_with_error(RouteKind::Http, one, Release::V1_5).map(|fault| fault.field);
    let sound = rule_with([http_auth("check/", &["x-t"])]);
    assert_eq!(reported(&sound), None);
    assert_eq!(refusal(RouteKind::Http, &sound.action), None);
    // FILTER-AUTH-08/19, FILTER-GEN-04
    for filters in [
        vec![http_auth("/a//b", &[])],
        vec![http_auth("/a/../b", &[])],
        vec![http_auth("/a/%2e%2e", &[])],
        vec![http_auth("/a%2fb", &[])],
        vec![http_auth("/a?b", &[])],
        vec![http_auth("", &["a b"])],
        vec![http_auth("", &["x"; 65])],
        vec![grpc_auth(), grpc_auth()],
    ] {
        let one = rule_with(filters);
        assert_eq!(check_http(&one), Ok(()), "{one:?}");
        assert_eq!(
            refusal(RouteKind::Http, &one.action),
            Some(Fault::ExternalAuth)
        );
        assert!(reported(&one).is_some(), "{one:?}");
    }
    // FILTER-GEN-08: not on a backend; MATCH-GRPC-17: not in a GRPCRoute
    let mut on_backend = backend();
    on_backend.filters = vec![grpc_auth()];
    let one = Rule::http(0, [], Action::forward([on_backend]));
    assert_eq!(
        reported(&one).as_deref(),
        Some("backendRefs[0].filters[0].type")
    );
    let one = Rule::grpc(
        0,
        [],
        Action::forward([backend()]).with_filters([grpc_auth()]),
    );
    assert!(stays_with_error(RouteKind::Grpc, &one, Release::V1_5).is_some());
    assert_eq!(rule(RouteKind::Grpc, &one, Release::V1_5), Ok(()));
    // An auth server that cannot be resolved is a matter of ResolvedRefs alone (RT-COND-09).
    let unresolved = rule_with([Filter::ExternalAuth(ExternalAuth {
        protocol: AuthProtocol::Grpc {
            allowed_headers: Vec::new(),
        },
        backend: Arc::new(backend().with_fault(BackendFault::NotFound)),
        max_body: 0,
    })]);
    assert_eq!(
        refusal(RouteKind::Http, &unresolved.action),
        Some(Fault::ExternalAuth)
    );
    assert_eq!(reported(&unresolved), None);
    // Without usable matches nothing can stay.
    let no_match = Rule::http(
        0,
        [HttpMatch::regex("(")],
        Action::forward([backend()]).with_filters([grpc_auth(), grpc_auth()]),
    );
    assert_eq!(kind_of(&no_match), Some(FaultKind::UnsupportedValue));
}

/// FILTER-EXT-02.
#[test]
fn filter_ext_02_an_unresolved_extension_refuses_and_is_no_fault() {
    let one = rule_with([extension(false)]);
    assert_eq!(check_http(&one), Ok(()));
    assert_eq!(stays_with_error(RouteKind::Http, &one, Release::V1_5), None);
    assert_eq!(
        refusal(RouteKind::Http, &one.action),
        Some(Fault::ExtensionRef)
    );
    let worse = rule_with([
        extension(false),
        Filter::RequestHeaders(edits(&[("a", "")], &[], &[])),
    ]);
    assert_eq!(check_http(&worse), Ok(()));
    assert!(stays_with_error(RouteKind::Http, &worse, Release::V1_5).is_some());
}

/// EX-88.
#[test]
fn ex_88_a_repeated_modifier_around_external_auth_is_invalid() {
    let modifier = || Filter::RequestHeaders(edits(&[("X-Req", "1")], &[], &[]));
    assert_eq!(
        kind_of(&rule_with([modifier(), grpc_auth(), modifier()])),
        Some(FaultKind::UnsupportedValue)
    );
    assert_eq!(kind_of(&rule_with([modifier(), grpc_auth()])), None);
}
