use super::*;

fn cors(origins: &[&str], build: impl FnOnce(&mut Cors)) -> Filter {
    let mut cors = Cors {
        allow_origins: list(origins),
        ..Cors::default()
    };
    build(&mut cors);
    Filter::Cors(cors)
}

fn usual() -> Filter {
    cors(&["https://*.a.test"], |cors| {
        cors.allow_methods = list(&["PUT"]);
        cors.allow_credentials = true;
    })
}

fn preflight(filter: Filter, origin: &'static str, method: &'static str) -> Case {
    Case::with([filter])
        .method("OPTIONS")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", method)
}

fn simple(filter: Filter, origin: &'static str) -> Case {
    Case::with([filter]).header("Origin", origin)
}

/// The headers of the client's view: changes applied to what a backend sent.
fn response(case: &Case, from_backend: &[(&'static str, &'static str)]) -> Vec<(String, String)> {
    case.run(|outcome| {
        let mut headers = http::HeaderMap::new();
        for (name, value) in from_backend {
            headers.append(*name, http::HeaderValue::from_static(value));
        }
        outcome.respond(200, &mut headers);
        headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
            .collect()
    })
}

const ACAO: &str = "access-control-allow-origin";
const ACAC: &str = "access-control-allow-credentials";
const ACAM: &str = "access-control-allow-methods";
const ACAH: &str = "access-control-allow-headers";
const ACEH: &str = "access-control-expose-headers";
const ACMA: &str = "access-control-max-age";

/// EX-75, FILTER-CORS-05/11/13/14/17.
#[test]
fn ex_75_filter_cors_05_11_13_14_17_an_allowed_preflight() {
    let seen = preflight(usual(), "https://x.y.a.test", "DELETE").seen();
    assert_eq!(
        (seen.word, seen.status, seen.reason),
        ("respond", 204, Some(Reason::Preflight))
    );
    assert_eq!(
        seen.cors,
        Some(CorsState {
            preflight: true,
            allowed: true
        })
    );
    assert_eq!(seen.header(ACAO).as_deref(), Some("https://x.y.a.test"));
    assert_eq!(seen.header(ACAC).as_deref(), Some("true"));
    assert_eq!(seen.header(ACAM).as_deref(), Some("PUT"));
    assert_eq!(seen.header(ACMA).as_deref(), Some("5"));
    assert_eq!(seen.header("vary").as_deref(), Some("Origin"));
    assert_eq!(seen.header(ACAH), None);
    assert_eq!(seen.headers.len(), 5);
}

/// EX-76, FILTER-CORS-01/05/12/19/20.
#[test]
fn ex_76_filter_cors_01_05_12_19_20_other_origins_and_none() {
    let seen = preflight(usual(), "https://a.test", "DELETE").seen();
    assert_eq!(seen.status, 204);
    assert_eq!(seen.headers, [("vary".to_owned(), "Origin".to_owned())]);
    let case = simple(usual(), "https://a.test");
    assert_eq!(case.seen().word, "forward");
    assert_eq!(
        case.seen().cors,
        Some(CorsState {
            preflight: false,
            allowed: false
        })
    );
    assert_eq!(
        response(&case, &[(ACAO, "*"), ("x", "y")]),
        [("x".into(), "y".into()), ("vary".into(), "Origin".into())]
    );
    let case = Case::with([usual()]);
    assert_eq!(case.seen().cors, None);
    assert_eq!(
        response(&case, &[(ACAO, "*")]),
        [(ACAO.to_owned(), "*".to_owned())]
    );
}

/// FILTER-CORS-05.
#[test]
fn filter_cors_05_rejected_preflights_may_be_403() {
    let mut case = preflight(usual(), "https://a.test", "PUT");
    case.options.rejected_preflight = RejectedPreflight::Forbidden;
    assert_eq!(case.seen().status, 403);
    let mut case = preflight(usual(), "https://b.a.test", "PUT");
    case.options.rejected_preflight = RejectedPreflight::Forbidden;
    assert_eq!(case.seen().status, 204);
}

/// EX-77, FILTER-CORS-06/07.
#[test]
fn ex_77_filter_cors_06_07_ports_and_schemes() {
    for (origin, allowed) in [
        ("https://x.a.test:443", true),
        ("https://X.A.Test", true),
        ("https://x.a.test:8443", false),
        ("http://x.a.test", false),
        ("https://a.test", false),
    ] {
        let seen = simple(usual(), origin).seen();
        assert_eq!(
            seen.header(ACAO).as_deref(),
            allowed.then_some(origin),
            "{origin}"
        );
    }
}

/// EX-78, FILTER-CORS-11/14/15.
#[test]
fn ex_78_filter_cors_11_14_15_stars() {
    let stars = |credentials: bool| {
        cors(&["*"], |cors| {
            cors.allow_methods = list(&["*"]);
            cors.allow_headers = list(&["*"]);
            cors.allow_credentials = credentials;
        })
    };
    let seen = preflight(stars(true), "https://o.test", "PATCH").seen();
    assert_eq!(seen.header(ACAO).as_deref(), Some("https://o.test"));
    assert_eq!(seen.header(ACAM).as_deref(), Some("PATCH"));
    assert_eq!(seen.header(ACAH), None);
    assert_eq!(seen.header("vary").as_deref(), Some("Origin"));
    let seen = preflight(stars(false), "https://o.test", "PATCH").seen();
    for name in [ACAO, ACAM, ACAH] {
        assert_eq!(seen.header(name).as_deref(), Some("*"), "{name}");
    }
    assert_eq!(seen.header(ACAC), None);
    assert_eq!(seen.header("vary"), None);
}

/// FILTER-CORS-15.
#[test]
fn filter_cors_15_what_allow_headers_says() {
    let named =
        |values: &'static [&'static str], credentials: bool, asked: Option<&'static str>| {
            let filter = cors(&["*"], |cors| {
                cors.allow_headers = list(values);
                cors.allow_credentials = credentials;
            });
            let mut case = preflight(filter, "https://o.test", "PUT");
            if let Some(asked) = asked {
                case = case.header("Access-Control-Request-Headers", asked);
            }
            case.seen().header(ACAH)
        };
    assert_eq!(
        named(&["X-A", "x-b"], false, Some("z")).as_deref(),
        Some("X-A, x-b")
    );
    assert_eq!(
        named(&["*"], true, Some("x-a, x-b")).as_deref(),
        Some("x-a, x-b")
    );
    assert_eq!(named(&["*"], false, Some("x-a")).as_deref(), Some("*"));
    assert_eq!(
        named(&["*"], false, Some("x-a,Authorization")).as_deref(),
        Some("x-a,Authorization")
    );
    assert_eq!(named(&[], false, Some("x-a")), None);
    // FILTER-CORS-09: a star beside other names is a star.
    assert_eq!(named(&["*", "x-a"], false, None).as_deref(), Some("*"));
}

/// FILTER-CORS-14/17.
#[test]
fn filter_cors_14_17_methods_are_listed_as_configured_and_max_age_is_sent() {
    let filter = cors(&["https://o.test"], |cors| {
        cors.allow_methods = list(&["GET", "OPTIONS"]);
        cors.max_age = 3600;
    });
    let seen = preflight(filter, "https://o.test", "PUT").seen();
    assert_eq!(seen.header(ACAM).as_deref(), Some("GET, OPTIONS"));
    assert_eq!(seen.header(ACMA).as_deref(), Some("3600"));
    assert_eq!(seen.header(ACAC), None);
    let seen = preflight(cors(&["https://o.test"], |_| {}), "https://o.test", "PUT").seen();
    assert_eq!(seen.header(ACAM), None);
}

/// EX-79, FILTER-CORS-16.
#[test]
fn ex_79_filter_cors_16_exposed_headers() {
    let exposed = |values: &[&str], credentials: bool| {
        let filter = cors(&["*"], |cors| {
            cors.expose_headers = list(values);
            cors.allow_credentials = credentials;
        });
        simple(filter, "https://o.test").seen().header(ACEH)
    };
    assert_eq!(exposed(&["*"], true), None);
    assert_eq!(exposed(&["*"], false).as_deref(), Some("*"));
    assert_eq!(exposed(&["X-A", "x-b"], true).as_deref(), Some("X-A, x-b"));
    assert_eq!(exposed(&[], true), None);
    let filter = cors(&["*"], |cors| cors.expose_headers = list(&["x-a"]));
    assert_eq!(
        preflight(filter, "https://o.test", "PUT")
            .seen()
            .header(ACEH)
            .as_deref(),
        Some("x-a")
    );
}

/// EX-81, FILTER-CORS-22.
#[test]
fn ex_81_filter_cors_22_null_several_and_malformed_origins() {
    let star = |credentials: bool| cors(&["*"], |cors| cors.allow_credentials = credentials);
    assert_eq!(simple(star(true), "null").seen().header(ACAO), None);
    assert_eq!(
        simple(star(false), "null").seen().header(ACAO).as_deref(),
        Some("*")
    );
    for origin in [
        "",
        "https://",
        "https://a.test/",
        "https://a b",
        "x",
        "https://a.test, https://b.test",
    ] {
        let seen = simple(star(false), origin).seen();
        assert_eq!(
            seen.cors,
            Some(CorsState {
                preflight: false,
                allowed: false
            }),
            "{origin:?}"
        );
        assert_eq!(
            simple(star(true), origin).seen().header(ACAO),
            None,
            "{origin:?}"
        );
    }
    let seen = simple(star(false), "https://a.test")
        .header("origin", "https://a.test")
        .seen();
    assert_eq!(seen.header(ACAO), None);
    // Other schemes are origins too, and fall under `*` alone.
    assert_eq!(
        simple(star(true), "app://x.test")
            .seen()
            .header(ACAO)
            .as_deref(),
        Some("app://x.test")
    );
    assert_eq!(
        simple(cors(&["https://*"], |_| {}), "app://x.test")
            .seen()
            .header(ACAO),
        None
    );
}

/// FILTER-CORS-10.
#[test]
fn filter_cors_10_without_origins_none_is_allowed() {
    let seen = simple(cors(&[], |_| {}), "https://o.test").seen();
    assert_eq!(seen.header(ACAO), None);
    assert_eq!(seen.header("vary").as_deref(), Some("Origin"));
}

/// EX-82, FILTER-CORS-02/18.
#[test]
fn ex_82_filter_cors_02_18_what_is_no_preflight_is_forwarded() {
    let star = || cors(&["*"], |cors| cors.allow_methods = list(&["PUT"]));
    let options = simple(star(), "https://o.test").method("OPTIONS").seen();
    assert_eq!(
        (options.word, options.header(ACAO).as_deref()),
        ("forward", Some("*"))
    );
    let empty = simple(star(), "https://o.test")
        .method("OPTIONS")
        .header("access-control-request-method", " ")
        .seen();
    assert_eq!(empty.word, "forward");
    let post = simple(star(), "https://o.test")
        .method("POST")
        .header("access-control-request-method", "PUT")
        .seen();
    assert_eq!(
        (post.word, post.header(ACAO).as_deref()),
        ("forward", Some("*"))
    );
    // Allow-Methods, Allow-Headers and Max-Age belong to preflights.
    assert_eq!((post.header(ACAM), post.header(ACMA)), (None, None));
    let no_origin = Case::with([star()])
        .method("OPTIONS")
        .header("access-control-request-method", "PUT")
        .seen();
    assert_eq!(no_origin.word, "forward");
}

/// EX-83, FILTER-CORS-04/21.
#[test]
fn ex_83_filter_cors_04_21_preflights_pass_auth_and_errors_carry_cors() {
    let star = || cors(&["*"], |cors| cors.allow_methods = list(&["PUT"]));
    let ask = |case: Case| {
        case.header("Origin", "https://o.test")
            .header("Access-Control-Request-Method", "PUT")
    };
    let auth_first = || Case::with([http_auth("", &[], &[], 0), star()]);
    let seen = ask(auth_first().method("OPTIONS")).seen();
    assert_eq!((seen.word, seen.status), ("respond", 204));
    let denied = ask(auth_first().method("PUT")).run(|outcome| {
        let answer = AuthAnswer::Http {
            status: 401,
            headers: Headers::Lines(&[
                ("www-authenticate", b"Basic"),
                ("access-control-allow-origin", b"https://evil.test"),
            ]),
            body: b"no",
        };
        Seen::from(&outcome.resume(&answer))
    });
    assert_eq!((denied.status, &*denied.body), (401, "no"));
    assert_eq!(denied.header(ACAO).as_deref(), Some("*"));
    assert_eq!(denied.header("www-authenticate").as_deref(), Some("Basic"));
    for broken in [broken_auth(), extension(false)] {
        for method in ["OPTIONS", "PUT"] {
            let seen = ask(Case::with([broken.clone(), star()]).method(method)).seen();
            assert_eq!((seen.word, seen.status), ("respond", 500), "{method}");
            assert_eq!(seen.header(ACAO).as_deref(), Some("*"));
            // On a preflight all headers of a preflight answer.
            assert_eq!(seen.header(ACAM).is_some(), method == "OPTIONS");
        }
    }
}

/// FILTER-CORS-21.
#[test]
fn filter_cors_21_redirects_and_errors_of_the_rule_carry_cors_after_all_modifiers() {
    let filters = [
        cors(&["https://o.test"], |_| {}),
        set_response("Access-Control-Allow-Origin", "https://corrupt.test"),
    ];
    let mut with_redirect = filters.to_vec();
    with_redirect.push(redirect_to("n.test"));
    let redirected = Case::new(Action::default().with_filters(with_redirect));
    let seen = redirected.header("origin", "https://o.test").seen();
    assert_eq!(
        (seen.word, seen.header(ACAO).as_deref()),
        ("redirect", Some("https://o.test"))
    );
    let failed = Case::new(Action::forward([missing()]).with_filters(filters.clone()));
    let seen = failed.header("origin", "https://o.test").seen();
    assert_eq!(
        (seen.status, seen.header(ACAO).as_deref()),
        (500, Some("https://o.test"))
    );
    let failed = Case::new(Action::forward([missing()]).with_filters(filters.clone()));
    let seen = failed.header("origin", "https://other.test").seen();
    assert_eq!(seen.headers, [("vary".to_owned(), "Origin".to_owned())]);
    let seen = Case::with(filters)
        .header("origin", "https://o.test")
        .seen();
    assert_eq!(seen.header(ACAO).as_deref(), Some("https://o.test"));
}

/// FILTER-CORS-23.
#[test]
fn filter_cors_23_on_a_backend_only_when_the_rule_has_none() {
    let of_backend = cors(&["https://b.test"], |_| {});
    let action = Action::forward([
        with_filters(backend("a"), [of_backend.clone()]),
        backend("b"),
    ]);
    let case = Case::new(action).header("origin", "https://b.test");
    let case = case.pick(0);
    assert_eq!(case.seen().header(ACAO).as_deref(), Some("https://b.test"));
    let case = case.pick(1);
    assert_eq!(case.seen().header(ACAO), None);
    let action = Action::forward([with_filters(backend("a"), [of_backend])])
        .with_filters([cors(&["https://r.test"], |_| {})]);
    let seen = Case::new(action).header("origin", "https://b.test").seen();
    assert_eq!(seen.header(ACAO), None);
    assert_eq!(seen.header("vary").as_deref(), Some("Origin"));
}

/// SAFE-CORS-01.
#[test]
fn safe_cors_01_nothing_unsafe_is_echoed() {
    let filter = cors(&["*"], |cors| {
        cors.allow_methods = list(&["*"]);
        cors.allow_headers = list(&["*"]);
        cors.allow_credentials = true;
    });
    let seen = preflight(filter, "https://o.test", "PUT\u{1}")
        .header("Access-Control-Request-Headers", "x-a;evil")
        .seen();
    assert_eq!(seen.status, 204);
    assert_eq!((seen.header(ACAM), seen.header(ACAH)), (None, None));
    // Only what would echo is left out.
    assert_eq!(seen.header(ACAO).as_deref(), Some("https://o.test"));
    assert_eq!(seen.header(ACMA).as_deref(), Some("5"));
}

/// OUT-08.
#[test]
fn out_08_modifiers_of_the_rule_see_preflight_answers() {
    let mut case = preflight(usual(), "https://x.a.test", "PUT");
    case.action.filters.push(set_response("X-A", "1"));
    assert_eq!(case.seen().header("x-a").as_deref(), Some("1"));
}

/// FILTER-CORS-12/21, OUT-06/08: errors that show once the request is on its way are as readable as those before.
#[test]
fn filter_cors_21_a_failing_backend_can_be_read_by_scripts() {
    let failed = |case: Case, status| {
        case.run(|outcome| match outcome {
            Outcome::Forward(forward) => {
                let reason = Reason::NoConnection;
                Seen::from(&Outcome::Respond(forward.fail(status, reason)))
            }
            other => panic!("{other:?}"),
        })
    };
    let filters = || [usual(), set_response("x-rule", "1")];
    let allowed = Case::with(filters()).header("origin", "https://b.a.test");
    let seen = failed(allowed, 503);
    assert_eq!((seen.word, seen.status), ("respond", 503));
    let header = |name| seen.header(name);
    assert_eq!(
        header("access-control-allow-origin").as_deref(),
        Some("https://b.a.test")
    );
    assert_eq!(header("vary").as_deref(), Some("Origin"));
    assert_eq!(header("x-rule"), None);
    let other = Case::with(filters()).header("origin", "https://b.test");
    let seen = failed(other, 504);
    assert_eq!(seen.status, 504);
    assert_eq!(seen.headers, [("vary".to_owned(), "Origin".to_owned())]);
    assert_eq!(failed(Case::with(filters()), 504).headers, []);
    // MATCH-GRPC-13
    let seen = failed(Case::with([]).grpc(), 503);
    assert_eq!((seen.status, seen.grpc), (200, Some(14)));
}
