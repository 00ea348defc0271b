use super::*;

fn rewrite(hostname: Option<&str>, path: Option<PathModifier>) -> Filter {
    Filter::Rewrite(Rewrite {
        hostname: hostname.map(Into::into),
        path,
    })
}

fn prefix(value: &str) -> Filter {
    rewrite(None, Some(PathModifier::ReplacePrefixMatch(value.into())))
}

fn full(value: &str) -> Filter {
    rewrite(None, Some(PathModifier::ReplaceFullPath(value.into())))
}

/// EX-69.
#[test]
fn ex_69_an_empty_replacement_strips_the_prefix() {
    for (path, expected) in [
        ("/api", "/"),
        ("/api/", "/"),
        ("/api/v1", "/v1"),
        ("/api//evil", "/evil"),
    ] {
        let seen = Case::with([prefix("")])
            .prefix("/api")
            .get(path, None)
            .seen();
        assert_eq!(seen.request.target, expected);
    }
}

/// EX-70, FILTER-REWRITE-02/05/09.
#[test]
fn ex_70_filter_rewrite_02_05_09_replacements_and_levels() {
    for (path, query, expected) in [("/", None, "/base/"), ("/x", Some("y"), "/base/x?y")] {
        assert_eq!(
            Case::with([prefix("/base")])
                .get(path, query)
                .seen()
                .request
                .target,
            expected
        );
    }
    let seen = Case::with([full("/one")])
        .prefix("/s")
        .get("/s/t", Some("u=1"))
        .seen();
    assert_eq!(seen.request.target, "/one?u=1");
    let action =
        Action::forward([with_filters(backend("a"), [prefix("y")])]).with_filters([prefix("x")]);
    let seen = Case::new(action).prefix("/s").get("/s/t", None).seen();
    assert_eq!(seen.request.target, "/y/t");
}

/// FILTER-REWRITE-09.
#[test]
fn filter_rewrite_09_levels_merge_field_by_field() {
    let rule = rewrite(
        Some("rule.test"),
        Some(PathModifier::ReplaceFullPath("/rule".into())),
    );
    let action = Action::forward([with_filters(
        backend("a"),
        [rewrite(Some("backend.test"), None)],
    )])
    .with_filters([rule]);
    let seen = Case::new(action).seen();
    assert_eq!(
        (&*seen.request.host, &*seen.request.target),
        ("backend.test", "/rule")
    );
}

/// EX-71, FILTER-REWRITE-01.
#[test]
fn ex_71_filter_rewrite_01_the_host_is_replaced_completely_and_earlier_copies_keep_theirs() {
    let seen = Case::with([mirror_to("m"), rewrite(Some("int.test"), None)])
        .host("a.test:8080")
        .seen();
    assert_eq!(seen.request.host, "int.test");
    assert_eq!(seen.mirrors[0].2.host, "a.test:8080");
}

/// FILTER-REWRITE-07.
#[test]
fn filter_rewrite_07_nothing_said_changes_nothing() {
    let seen = Case::with([rewrite(None, None)])
        .host("a.test:8080")
        .get("/x/", Some("a=%zz&b"))
        .header("h", "v")
        .seen();
    assert_eq!(
        seen.request,
        Request {
            host: "a.test:8080".to_owned(),
            target: "/x/?a=%zz&b".to_owned(),
            headers: vec![("h".to_owned(), "v".to_owned())],
        }
    );
}

/// FILTER-GEN-10.
#[test]
fn filter_gen_10_a_redirect_after_a_rewrite_still_sees_the_request_as_it_came() {
    // Such a rule is dropped by `check`; filters that are run all the same do not see each other's request line.
    let action =
        Action::default().with_filters([full("/rewritten"), Filter::Redirect(Redirect::default())]);
    assert_eq!(
        Case::new(action).get("/p", None).seen().location,
        "http://old.test/p"
    );
}

/// SAFE-AUTH-01.
#[test]
fn safe_auth_01_a_replacement_without_its_prefix_is_an_error() {
    let mut case = Case::with([prefix("/x")]);
    case.prefix = None;
    let seen = case.seen();
    assert_eq!((seen.status, seen.reason), (500, Some(Reason::NoPrefix)));
}

/// MATCH-PATH-16: what arrives as a byte goes on as that byte, written so that it can stand in a request line.
#[test]
fn match_path_16_bytes_that_are_no_text_stay_in_the_query() {
    let mut case = Case::with([]);
    case.query = Some(b"q=\xE9&r=1");
    assert_eq!(case.seen().request.target, "/p?q=%E9&r=1");
}
