use http::{HeaderMap, HeaderValue};

use super::*;

/// EX-58, FILTER-GEN-03.
#[test]
fn ex_58_filter_gen_03_the_backend_wins_on_requests() {
    let on_backend = Filter::RequestHeaders(edits(&[("x-a", "2")], &[("X-B", "b")], &[]));
    let action = Action::forward([with_filters(backend("a"), [on_backend])])
        .with_filters([set_request("X-A", "1")]);
    let seen = Case::new(action)
        .header("X-A", "0")
        .header("X-B", "a")
        .seen();
    assert_eq!(seen.sent("x-a").as_deref(), Some("2"));
    assert_eq!(seen.sent("x-b").as_deref(), Some("a,b"));
    assert_eq!(seen.request.headers.len(), 3);
}

/// FILTER-GEN-03.
#[test]
fn filter_gen_03_the_rule_wins_on_responses() {
    let action = Action::forward([with_filters(backend("a"), [set_response("x", "backend")])])
        .with_filters([set_response("X", "rule")]);
    let seen = Case::new(action).seen();
    assert_eq!(seen.headers, [("X".to_owned(), "rule".to_owned())]);
}

/// FILTER-HDR-01.
#[test]
fn filter_hdr_01_set_leaves_one_line() {
    let seen = Case::with([set_request("X-Set", "new")])
        .header("x-set", "1")
        .header("X-SET", "2")
        .header("other", "o")
        .seen();
    assert_eq!(seen.sent("x-set").as_deref(), Some("new"));
    assert_eq!(seen.sent("other").as_deref(), Some("o"));
    let created = Case::with([set_request("X-Set", "new")]).seen();
    assert_eq!(created.sent("x-set").as_deref(), Some("new"));
}

/// FILTER-HDR-02.
#[test]
fn filter_hdr_02_add_appends_a_line() {
    let add = || Filter::RequestHeaders(edits(&[], &[("X-Add", "add-appends")], &[]));
    let seen = Case::with([add()]).header("x-add", "some-other").seen();
    assert_eq!(
        seen.sent("x-add").as_deref(),
        Some("some-other,add-appends")
    );
    assert_eq!(seen.request.headers.len(), 2);
    assert_eq!(
        Case::with([add()]).seen().sent("x-add").as_deref(),
        Some("add-appends")
    );
}

/// EX-60.
#[test]
fn ex_60_an_added_set_cookie_is_a_line_of_its_own() {
    let add = Filter::ResponseHeaders(edits(&[], &[("Set-Cookie", "s=1")], &[]));
    Case::with([add]).run(|outcome| {
        let mut headers = HeaderMap::new();
        headers.append("set-cookie", HeaderValue::from_static("t=2"));
        outcome.respond(200, &mut headers);
        let cookies: Vec<_> = headers.get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["t=2", "s=1"]);
    });
}

/// FILTER-HDR-03/04.
#[test]
fn filter_hdr_03_04_remove_takes_all_lines_in_any_case() {
    let remove = Filter::RequestHeaders(edits(&[], &[], &["X-Gone", "absent"]));
    let seen = Case::with([remove])
        .header("x-gone", "1")
        .header("X-GONE", "2")
        .header("x-stay", "3")
        .seen();
    assert_eq!(
        seen.request.headers,
        [("x-stay".to_owned(), "3".to_owned())]
    );
}

/// FILTER-HDR-05.
#[test]
fn filter_hdr_05_in_lenient_mode_first_entries_win_and_the_order_is_remove_set_add() {
    let both = Filter::RequestHeaders(edits(
        &[("a", "1"), ("A", "2")],
        &[("a", "3"), ("a", "4")],
        &["a"],
    ));
    let seen = Case::with([both]).header("a", "0").seen();
    assert_eq!(seen.sent("a").as_deref(), Some("1,3"));
}

/// FILTER-HDR-06.
#[test]
fn filter_hdr_06_values_are_literal() {
    let seen = Case::with([set_request("x", "${host} %REQ(a)%, b")]).seen();
    assert_eq!(seen.sent("x").as_deref(), Some("${host} %REQ(a)%, b"));
}

/// FILTER-HDR-07.
#[test]
fn filter_hdr_07_host_set_on_a_request_is_a_rewrite() {
    let seen = Case::with([set_request("Host", "int.test")])
        .host("old.test:8080")
        .seen();
    assert_eq!(seen.request.host, "int.test");
    assert_eq!(seen.sent("host"), None);
    // FILTER-REWRITE-09: the last one to run wins.
    let rewrite = Filter::Rewrite(Rewrite {
        hostname: Some("rule.test".into()),
        path: None,
    });
    let action = Action::forward([with_filters(
        backend("a"),
        [set_request("host", "backend.test")],
    )])
    .with_filters([rewrite]);
    assert_eq!(Case::new(action).seen().request.host, "backend.test");
}

/// FILTER-HDR-07.
#[test]
fn filter_hdr_07_host_on_a_response_is_a_name_like_any_other() {
    let seen = Case::with([set_response("Host", "x")]).seen();
    assert_eq!(seen.header("host").as_deref(), Some("x"));
}

/// FILTER-HDR-08.
#[test]
fn filter_hdr_08_both_modifiers_are_independent_and_interim_responses_stay() {
    let case = Case::with([set_request("x", "request"), set_response("x", "response")]);
    let seen = case.seen();
    assert_eq!(seen.sent("x").as_deref(), Some("request"));
    assert_eq!(seen.header("x").as_deref(), Some("response"));
    case.run(|outcome| {
        let mut headers = HeaderMap::new();
        outcome.respond(103, &mut headers);
        assert!(headers.is_empty());
        outcome.respond(500, &mut headers);
        assert_eq!(headers["x"], "response");
    });
}

/// SAFE-HDR-03.
#[test]
fn safe_hdr_03_underscore_and_hyphen_are_different_names() {
    let remove = Filter::RequestHeaders(edits(&[], &[], &["x-user"]));
    let seen = Case::with([remove])
        .header("x_user", "1")
        .header("x-user", "2")
        .seen();
    assert_eq!(
        seen.request.headers,
        [("x_user".to_owned(), "1".to_owned())]
    );
}

#[test]
fn changes_fold_into_one_list_of_the_same_effect() {
    // remove after add, set after remove, add after remove: what counts is what comes last
    let first = edits(&[("s", "1")], &[("a", "1"), ("r", "1")], &["n"]);
    let second = edits(&[("a", "2")], &[("n", "2"), ("s", "2")], &["r"]);
    let mut changes = HeaderChanges::default();
    changes.edit(&first, |_| false);
    changes.edit(&second, |_| false);
    assert_eq!(changes.removed().collect::<Vec<_>>(), ["r"]);
    // The order of different names means nothing.
    let mut set: Vec<_> = changes.set().collect();
    set.sort();
    assert_eq!(set, [("a", &b"2"[..]), ("n", b"2"), ("s", b"1")]);
    assert_eq!(changes.added().collect::<Vec<_>>(), [("s", &b"2"[..])]);
}

#[test]
fn a_header_map_and_lines_get_the_same_changes() {
    let modifier = Filter::RequestHeaders(edits(&[("b", "2")], &[("a", "3")], &["c"]));
    let case = Case::with([modifier])
        .header("a", "1")
        .header("b", "1")
        .header("c", "1")
        .header("host", "old.test");
    case.run(|outcome| {
        let Outcome::Forward(forward) = outcome else {
            panic!()
        };
        let mut headers = HeaderMap::new();
        for (name, value) in &case.headers {
            headers.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        forward.request.apply_to(&mut headers);
        headers.remove("host");
        let mut from_map: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let mut from_lines: Vec<_> = forward.request.lines().collect();
        from_map.sort();
        from_lines.sort();
        assert_eq!(from_map, from_lines);
        assert_eq!(from_map, [("a", &b"1"[..]), ("a", b"3"), ("b", b"2")]);
    });
}

/// FILTER-REWRITE-01.
#[test]
fn filter_rewrite_01_a_host_line_of_a_header_map_is_rewritten_too() {
    let case = Case::with([set_request("Host", "int.test")]);
    case.run(|outcome| {
        let Outcome::Forward(forward) = outcome else {
            panic!()
        };
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("old.test"));
        forward.request.apply_to(&mut headers);
        assert_eq!(headers["host"], "int.test");
    });
}
