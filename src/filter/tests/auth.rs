use super::*;

fn asked<T>(case: &Case, look: impl FnOnce(&AuthRequest<'_>) -> T) -> T {
    case.run(|outcome| match outcome {
        Outcome::Ask(ask) => look(&ask.request(0)),
        other => panic!("{other:?}"),
    })
}

fn answered(case: &Case, answer: &AuthAnswer<'_>) -> Seen {
    case.run(|outcome| {
        assert!(matches!(outcome, Outcome::Ask(_)));
        Seen::from(&outcome.resume(answer))
    })
}

fn http<'x>(status: u16, headers: &'x [(&'x str, &'x [u8])]) -> AuthAnswer<'x> {
    AuthAnswer::Http {
        status,
        headers: Headers::Lines(headers),
        body: b"body",
    }
}

fn lines(request: &AuthRequest<'_>) -> Vec<(String, String)> {
    request
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect()
}

/// EX-84, FILTER-AUTH-05/06/07/08.
#[test]
fn ex_84_filter_auth_05_06_07_08_the_question_in_http() {
    let case = Case::with([http_auth(
        "/check/",
        &["X-T", "Content-Length", "host"],
        &[],
        0,
    )])
    .get("/adm/x", Some("y=1"))
    .host("a.test:8080")
    .header("Authorization", "Bearer t")
    .header("x-t", "1")
    .header("Cookie", "c=1")
    .header("Content-Length", "17");
    asked(&case, |question| {
        assert_eq!(question.kind, AuthKind::Http);
        assert_eq!(
            (question.method, &*question.path, question.query),
            ("GET", "/check/adm/x", Some(&b"y=1"[..]))
        );
        assert_eq!(question.host, Some(&b"a.test:8080"[..]));
        assert_eq!(&*question.backend.target.name.name, "auth");
        let expected = [
            ("content-length", "0"),
            ("Authorization", "Bearer t"),
            ("x-t", "1"),
        ];
        assert_eq!(
            lines(question),
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    });
    for (path, expected) in [
        ("", "/p"),
        ("check", "/check/p"),
        ("/", "/p"),
        ("/a/b/", "/a/b/p"),
    ] {
        asked(&Case::with([http_auth(path, &[], &[], 0)]), |question| {
            assert_eq!(question.path, expected)
        });
    }
}

/// FILTER-AUTH-06.
#[test]
fn filter_auth_06_an_empty_list_sends_the_fixed_headers_only() {
    let case = Case::with([http_auth("", &[], &[], 0)])
        .header("x-t", "1")
        .header("authorization", "b");
    asked(&case, |question| assert_eq!(question.headers.len(), 2));
    // Headers of the connection are never sent, even if listed.
    let case = Case::with([http_auth("", &["transfer-encoding", "connection"], &[], 0)])
        .header("transfer-encoding", "chunked")
        .header("connection", "close");
    asked(&case, |question| assert_eq!(question.headers.len(), 1));
}

/// EX-85, FILTER-AUTH-09/12.
#[test]
fn ex_85_filter_auth_09_12_only_200_allows_and_only_3xx_and_4xx_pass() {
    let case = Case::with([http_auth("", &[], &[], 0)]);
    assert_eq!(answered(&case, &http(200, &[])).word, "forward");
    for (status, expected, passed) in [
        (201, 403, false),
        (204, 403, false),
        (100, 403, false),
        (302, 302, true),
        (401, 401, true),
        (404, 404, true),
        (500, 403, false),
        (503, 403, false),
        (0, 403, false),
        (999, 403, false),
    ] {
        let headers: [(&str, &[u8]); 3] = [
            ("Location", b"https://login.test/"),
            ("WWW-Authenticate", b"Basic"),
            ("Connection", b"close"),
        ];
        let seen = answered(&case, &http(status, &headers));
        assert_eq!((seen.word, seen.status), ("respond", expected), "{status}");
        assert_eq!(seen.header("location").is_some(), passed, "{status}");
        assert_eq!(
            seen.header("www-authenticate").is_some(),
            passed,
            "{status}"
        );
        assert_eq!(seen.header("connection"), None);
        assert_eq!(seen.body, if passed { "body" } else { "" });
    }
    let seen = case.run(|outcome| Seen::from(&outcome.resume_failed()));
    assert_eq!(
        (seen.status, seen.reason),
        (403, Some(Reason::Denied(DenialCause::Failure)))
    );
    assert_eq!(seen.body, "");
}

/// FILTER-AUTH-01.
#[test]
fn filter_auth_01_an_answer_of_the_other_protocol_denies() {
    let seen = answered(
        &Case::with([http_auth("", &[], &[], 0)]),
        &AuthAnswer::Grpc(CheckAnswer::ALLOWED),
    );
    assert_eq!(
        (seen.status, seen.reason),
        (403, Some(Reason::Denied(DenialCause::Failure)))
    );
    let seen = answered(&Case::with([grpc_auth(&[])]), &http(200, &[]));
    assert_eq!(seen.status, 403);
}

/// FILTER-AUTH-03.
#[test]
fn filter_auth_03_an_invalid_auth_server_is_500_and_is_not_asked() {
    let seen = Case::with([broken_auth()]).seen();
    assert_eq!(
        (seen.status, seen.reason),
        (500, Some(Reason::Refused(Fault::ExternalAuth)))
    );
}

/// EX-86, FILTER-AUTH-10/11.
#[test]
fn ex_86_filter_auth_10_11_identity_headers_come_from_the_auth_server_alone() {
    let case = Case::with([http_auth("", &[], &["X-User"], 0)])
        .header("X-User", "root")
        .header("x-other", "o");
    let seen = answered(&case, &http(200, &[("x-evil", b"1")]));
    assert_eq!((seen.sent("x-user"), seen.sent("x-evil")), (None, None));
    assert_eq!(seen.sent("x-other").as_deref(), Some("o"));
    let seen = answered(&case, &http(200, &[("x-user", b"ann"), ("X-User", b"bob")]));
    assert_eq!(seen.sent("x-user").as_deref(), Some("ann,bob"));
    let seen = answered(&case, &http(200, &[("x-user", b"ann")]));
    assert_eq!(seen.sent("x-user").as_deref(), Some("ann"));
}

/// FILTER-AUTH-10.
#[test]
fn filter_auth_10_an_empty_list_copies_nearly_all() {
    let case = Case::with([http_auth("", &[], &[], 0)])
        .header("x-a", "client")
        .header("host", "old.test");
    let answer: [(&str, &[u8]); 11] = [
        ("x-a", b"auth"),
        ("X-B", b"b"),
        ("Host", b"evil.test"),
        ("Authority", b"evil.test"),
        (":authority", b"evil.test"),
        ("Set-Cookie", b"s=1"),
        ("Content-Length", b"4"),
        ("Transfer-Encoding", b"chunked"),
        ("Connection", b"close"),
        ("Proxy-Authenticate", b"x"),
        ("TE", b"trailers"),
    ];
    let seen = answered(&case, &http(200, &answer));
    assert_eq!(seen.request.host, "old.test");
    let expected =
        [("x-a", "auth"), ("X-B", "b")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(seen.request.headers, expected);
}

/// EX-87, FILTER-AUTH-15/16.
#[test]
fn ex_87_filter_auth_15_16_bodies() {
    let steps = |max_body, oversize, length: Option<u64>, read| {
        let mut case = Case::with([http_auth("", &[], &[], max_body)]);
        case.options.oversize = oversize;
        case.run(|outcome| match outcome {
            Outcome::Ask(ask) => (ask.body(length), ask.body_read(read)),
            other => panic!("{other:?}"),
        })
    };
    let read = BodyStep::Read { limit: 4 };
    assert_eq!(
        steps(4, Oversize::Reject, Some(4), 4),
        (read, BodyStep::Send(4))
    );
    assert_eq!(
        steps(4, Oversize::Reject, Some(5), 5),
        (BodyStep::Refuse, BodyStep::Refuse)
    );
    assert_eq!(
        steps(4, Oversize::Reject, None, 5),
        (read, BodyStep::Refuse)
    );
    assert_eq!(
        steps(4, Oversize::Truncate, Some(5), 5),
        (read, BodyStep::Send(4))
    );
    assert_eq!(
        steps(0, Oversize::Reject, Some(5), 0),
        (BodyStep::Leave, BodyStep::Leave)
    );
    let case = Case::with([http_auth("", &[], &[], 4)]);
    let sent = case.run(|outcome| match outcome {
        Outcome::Ask(ask) => lines(&ask.request(4)),
        other => panic!("{other:?}"),
    });
    assert_eq!(sent, [("content-length".to_owned(), "4".to_owned())]);
    let refused = case.run(|outcome| match outcome {
        Outcome::Ask(ask) => Seen::from(&ask.refuse_body()),
        other => panic!("{other:?}"),
    });
    assert_eq!(
        (refused.status, refused.reason),
        (413, Some(Reason::BodyTooLarge))
    );
}

/// EX-88, FILTER-AUTH-13/17.
#[test]
fn ex_88_filter_auth_13_17_the_question_in_grpc_sees_earlier_changes() {
    let case = Case::with([set_request("X-Req", "1"), grpc_auth(&[])])
        .header("Cookie", "c=1")
        .header("X-A", "a");
    asked(&case, |question| {
        assert_eq!(
            (question.kind, question.method, question.scheme),
            (AuthKind::Grpc, "GET", Scheme::Http)
        );
        let expected = [("cookie", "c=1"), ("x-a", "a"), ("x-req", "1")];
        assert_eq!(
            lines(question),
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    });
    let case = Case::with([grpc_auth(&["x-a"])])
        .header("Cookie", "c=1")
        .header("X-A", "a");
    asked(&case, |question| {
        assert_eq!(lines(question), [("x-a".to_owned(), "a".to_owned())])
    });
}

/// FILTER-AUTH-14.
#[test]
fn filter_auth_14_what_an_allowing_check_does() {
    let option = |name, value: &'static str, append| HeaderOption {
        name,
        value: value.as_bytes(),
        append,
    };
    let case = Case::with([grpc_auth(&[])])
        .get("/p", Some("a=1&b=2&%61=3"))
        .header("x-set", "0")
        .header("x-add", "0")
        .header("x-keep", "0")
        .header("x-gone", "0");
    let headers = [
        option("x-set", "1", HeaderAppend::OverwriteOrAdd),
        option("x-add", "1", HeaderAppend::AppendOrAdd),
        option("x-keep", "1", HeaderAppend::AddIfAbsent),
        option("x-new", "1", HeaderAppend::AddIfAbsent),
        option("x-absent", "1", HeaderAppend::OverwriteIfPresent),
        option("host", "evil.test", HeaderAppend::OverwriteOrAdd),
        option(":path", "/evil", HeaderAppend::OverwriteOrAdd),
    ];
    let to_client = [option("x-seen", "1", HeaderAppend::AppendOrAdd)];
    let check = CheckAnswer {
        headers: &headers,
        headers_to_remove: &["x-gone", "Host"],
        response_headers_to_add: &to_client,
        query_parameters_to_set: &[("c", "x y&z")],
        query_parameters_to_remove: &["a"],
        ..CheckAnswer::ALLOWED
    };
    let seen = answered(&case, &AuthAnswer::Grpc(check));
    let sent = |name| seen.sent(name);
    assert_eq!(sent("x-set").as_deref(), Some("1"));
    assert_eq!(sent("x-add").as_deref(), Some("0,1"));
    assert_eq!(sent("x-keep").as_deref(), Some("0"));
    assert_eq!(sent("x-new").as_deref(), Some("1"));
    assert_eq!(
        (sent("x-absent"), sent("x-gone"), sent(":path")),
        (None, None, None)
    );
    assert_eq!(seen.request.host, "old.test");
    assert_eq!(seen.request.target, "/p?b=2&c=x%20y%26z");
    assert_eq!(seen.header("x-seen").as_deref(), Some("1"));
}

/// FILTER-AUTH-14.
#[test]
fn filter_auth_14_what_a_denying_check_does() {
    let case = Case::with([grpc_auth(&[])]);
    let denial = |denied| {
        AuthAnswer::Grpc(CheckAnswer {
            code: 7,
            denied,
            ..CheckAnswer::ALLOWED
        })
    };
    assert_eq!(answered(&case, &denial(None)).status, 403);
    let headers = [HeaderOption {
        name: "www-authenticate",
        value: b"Basic",
        append: HeaderAppend::AppendOrAdd,
    }];
    let seen = answered(
        &case,
        &denial(Some(CheckDenial {
            status: 401,
            headers: &headers,
            body: b"no",
        })),
    );
    assert_eq!((seen.status, &*seen.body), (401, "no"));
    assert_eq!(seen.header("www-authenticate").as_deref(), Some("Basic"));
    for status in [0, 100, 600] {
        assert_eq!(
            answered(
                &case,
                &denial(Some(CheckDenial {
                    status,
                    ..CheckDenial::default()
                }))
            )
            .status,
            403
        );
    }
    let seen = case.run(|outcome| Seen::from(&outcome.resume_failed()));
    assert_eq!(seen.status, 403);
}

/// FILTER-AUTH-17.
#[test]
fn filter_auth_17_later_filters_see_and_overwrite_what_was_copied() {
    let case = Case::with([
        http_auth("", &[], &["x-user", "x-id"], 0),
        set_request("X-User", "fixed"),
        mirror_to("m"),
    ]);
    let seen = answered(&case, &http(200, &[("x-user", b"ann"), ("x-id", b"7")]));
    assert_eq!(
        (seen.sent("x-user").as_deref(), seen.sent("x-id").as_deref()),
        (Some("fixed"), Some("7"))
    );
    assert_eq!(
        joined(&seen.mirrors[0].2.headers, "x-id").as_deref(),
        Some("7")
    );
}

/// FILTER-AUTH-18.
#[test]
fn filter_auth_18_mirrors_before_the_question_are_sent_whatever_the_answer() {
    let case = Case::with([mirror_to("m"), http_auth("", &[], &[], 0), mirror_to("n")]);
    case.run(|outcome| assert_eq!(outcome.mirrors().len(), 1));
    assert_eq!(answered(&case, &http(401, &[])).mirrors.len(), 1);
    assert_eq!(answered(&case, &http(200, &[])).mirrors.len(), 2);
}

/// OUT-08.
#[test]
fn out_08_modifiers_of_the_rule_see_denials() {
    let case = Case::with([set_response("x-a", "1"), http_auth("", &[], &[], 0)]);
    assert_eq!(
        answered(&case, &http(401, &[("x-a", b"0")]))
            .header("x-a")
            .as_deref(),
        Some("1")
    );
    assert_eq!(
        answered(&case, &http(500, &[])).header("x-a").as_deref(),
        Some("1")
    );
}

#[test]
fn an_outcome_without_a_question_stays_what_it_is() {
    let seen = Case::with([]).run(|outcome| Seen::from(&outcome.resume_failed()));
    assert_eq!(seen.word, "forward");
}

/// FILTER-AUTH-01/14, SAFE-HDR-01: what cannot stand in a header makes an answer malformed. It must neither become a header of its
/// own nor leave in place what a client sent under the name.
#[test]
fn filter_auth_01_an_answer_with_a_broken_value_denies() {
    let case = || Case::with([grpc_auth(&[])]).header("x-user", "root");
    for broken in [&b"ann\nx-admin: 1"[..], b"ann\r", b"a\0", b"\x7f"] {
        let option = [HeaderOption {
            name: "x-user",
            value: broken,
            append: HeaderAppend::OverwriteOrAdd,
        }];
        let allowing = CheckAnswer {
            headers: &option,
            ..CheckAnswer::ALLOWED
        };
        let to_client = CheckAnswer {
            response_headers_to_add: &option,
            ..CheckAnswer::ALLOWED
        };
        let denying = CheckAnswer {
            code: 16,
            denied: Some(CheckDenial {
                status: 401,
                headers: &option,
                body: b"",
            }),
            ..CheckAnswer::ALLOWED
        };
        for check in [allowing, to_client, denying] {
            let seen = answered(&case(), &AuthAnswer::Grpc(check));
            let failure = Some(Reason::Denied(DenialCause::Failure));
            assert_eq!((seen.status, seen.reason), (403, failure), "{broken:?}");
        }
        let case = Case::with([http_auth("", &[], &["x-user"], 0)]).header("x-user", "root");
        for status in [200, 401] {
            let seen = answered(&case, &http(status, &[("x-user", broken)]));
            assert_eq!(seen.status, 403, "{broken:?}");
        }
    }
    // Tabs and bytes of any encoding are fine.
    let option = [HeaderOption {
        name: "x-user",
        value: b"J\xF6rg\t1",
        append: HeaderAppend::OverwriteOrAdd,
    }];
    let check = CheckAnswer {
        headers: &option,
        ..CheckAnswer::ALLOWED
    };
    assert_eq!(answered(&case(), &AuthAnswer::Grpc(check)).word, "forward");
}

/// FILTER-AUTH-18, BACKEND-TIMEOUT-01: the time of an auth server counts.
#[test]
fn filter_auth_18_the_time_may_run_out_before_an_answer() {
    let expired = |outcome: Outcome<'_>| match outcome {
        Outcome::Ask(ask) => Seen::from(&ask.expired()),
        other => panic!("{other:?}"),
    };
    let seen = Case::with([grpc_auth(&[])]).run(expired);
    assert_eq!((seen.status, seen.reason), (504, Some(Reason::Timeout)));
}
