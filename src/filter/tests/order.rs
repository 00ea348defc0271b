use super::*;

/// FILTER-GEN-01.
#[test]
fn filter_gen_01_an_error_of_the_rule_comes_before_everything() {
    for broken in [extension(false), broken_auth()] {
        let action =
            Action::default().with_filters([mirror_to("m"), redirect_to("n.test"), broken]);
        let seen = Case::new(action).seen();
        assert_eq!(
            (seen.word, seen.status, seen.mirrors.len()),
            ("respond", 500, 0),
            "{seen:?}"
        );
    }
    let mut case = Case::with([redirect_to("n.test")]);
    case.action.fault = Some(Fault::ExternalAuth);
    assert_eq!(
        case.seen().reason,
        Some(Reason::Refused(Fault::ExternalAuth))
    );
}

/// FILTER-GEN-01.
#[test]
fn filter_gen_01_a_redirect_answers_at_its_place() {
    let before =
        Action::default().with_filters([http_auth("", &[], &[], 0), redirect_to("n.test")]);
    assert_eq!(Case::new(before).seen().word, "ask");
    let after = Action::default().with_filters([redirect_to("n.test"), http_auth("", &[], &[], 0)]);
    assert_eq!(Case::new(after).seen().word, "redirect");
}

/// FILTER-GEN-02.
#[test]
fn filter_gen_02_filters_of_other_backends_and_of_gateway_answers_do_not_run() {
    let action = Action::forward([
        with_filters(
            backend("a"),
            [set_request("x", "a"), set_response("y", "a")],
        ),
        with_filters(
            backend("b"),
            [set_request("x", "b"), set_response("y", "b")],
        ),
        with_filters(missing(), [set_response("y", "missing")]),
    ]);
    let case = Case::new(action).pick(1);
    let seen = case.seen();
    assert_eq!(
        (
            &*seen.backend,
            seen.sent("x").as_deref(),
            seen.header("y").as_deref()
        ),
        ("b", Some("b"), Some("b"))
    );
    let seen = case.pick(2).seen();
    assert_eq!((seen.status, seen.headers.len()), (500, 0));
}

/// FILTER-GEN-02.
#[test]
fn filter_gen_02_extension_error_then_preflight_then_redirect_of_a_backend() {
    let cors = || {
        Filter::Cors(Cors {
            allow_origins: list(&["*"]),
            ..Cors::default()
        })
    };
    let preflight = |filters: Vec<Filter>| {
        Case::new(Action::forward([with_filters(missing(), filters)]))
            .method("OPTIONS")
            .header("origin", "https://o.test")
            .header("access-control-request-method", "PUT")
            .seen()
    };
    let seen = preflight(vec![redirect_to("n.test"), cors(), extension(false)]);
    assert_eq!(
        (seen.status, seen.reason),
        (500, Some(Reason::UnresolvedExtension))
    );
    let seen = preflight(vec![redirect_to("n.test"), cors()]);
    assert_eq!((seen.status, seen.reason), (204, Some(Reason::Preflight)));
    let seen = preflight(vec![redirect_to("n.test")]);
    assert_eq!((seen.word, seen.status), ("redirect", 302));
}

/// FILTER-GEN-08/09.
#[test]
fn filter_gen_08_09_an_external_auth_on_a_backend_makes_the_rule_refuse() {
    let action = Action::forward([backend("a"), with_filters(backend("b"), [grpc_auth(&[])])]);
    let seen = Case::new(action).pick(0).seen();
    assert_eq!(
        (seen.status, seen.reason),
        (500, Some(Reason::Refused(Fault::ExternalAuth)))
    );
}

/// FILTER-GEN-10.
#[test]
fn filter_gen_10_auth_and_mirrors_see_changed_headers_and_the_original_request_line() {
    let rewrite = Filter::Rewrite(Rewrite {
        hostname: Some("int.test".into()),
        path: Some(PathModifier::ReplaceFullPath("/one".into())),
    });
    let case =
        Case::with([set_request("X-Req", "1"), rewrite, grpc_auth(&[])]).get("/p", Some("q"));
    case.run(|outcome| {
        let Outcome::Ask(ask) = outcome else { panic!() };
        let question = ask.request(0);
        assert_eq!(
            (&*question.path, question.host),
            ("/p", Some(&b"old.test"[..]))
        );
        assert_eq!(
            question.headers,
            [("X-Req".to_ascii_lowercase().into(), b"1".into())] as [HeaderLine<'_>; 1]
        );
    });
}

/// EVAL-05.
#[test]
fn eval_05_the_same_draw_gives_the_same_outcome() {
    let action = Action::forward([backend("a").with_weight(3), backend("b").with_weight(5)])
        .with_filters([share_to(backend("m"), 1, 3)]);
    let case = Case::new(action).draw(0x7777_0000_1234_5678);
    assert_eq!(case.seen(), case.seen());
}

/// MATCH-GRPC-17.
#[test]
fn match_grpc_17_a_grpc_route_runs_modifiers_mirrors_and_extensions() {
    let action = Action::forward([backend("a")]).with_filters([
        set_request("x", "1"),
        mirror_to("m"),
        set_response("y", "2"),
    ]);
    let seen = Case::new(action).grpc().method("POST").seen();
    assert_eq!((seen.word, seen.mirrors.len()), ("forward", 1));
    assert_eq!(
        (seen.sent("x").as_deref(), seen.header("y").as_deref()),
        (Some("1"), Some("2"))
    );
}
