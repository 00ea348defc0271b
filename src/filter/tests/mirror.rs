use super::*;

/// FILTER-MIRROR-01: whatever becomes of a copy, the client's request is the same with and without it.
#[test]
fn filter_mirror_01_a_mirror_changes_nothing_else() {
    let mut unready = backend("m");
    unready.ready = false;
    for mirror in [
        mirror_to("m"),
        share_to(unready, 1, 1),
        share_to(missing(), 1, 1),
    ] {
        let mut seen = Case::with([set_request("x", "1"), mirror, set_response("y", "2")]).seen();
        seen.mirrors.clear();
        assert_eq!(
            seen,
            Case::with([set_request("x", "1"), set_response("y", "2")]).seen()
        );
    }
}

/// FILTER-MIRROR-02.
#[test]
fn filter_mirror_02_each_filter_sends_its_own_copy() {
    let seen = Case::with([mirror_to("m"), mirror_to("n")]).seen();
    let names: Vec<_> = seen
        .mirrors
        .iter()
        .map(|(name, sampled, _)| (&**name, *sampled))
        .collect();
    assert_eq!(names, [("m", true), ("n", true)]);
    assert_eq!(seen.backend, "a");
}

/// EX-72, FILTER-MIRROR-03/05.
#[test]
fn ex_72_filter_mirror_03_05_shares() {
    let sampled = |numerator, denominator, x| {
        let seen = Case::with([share_to(backend("m"), numerator, denominator)])
            .draw(x)
            .seen();
        seen.mirrors.first().map(|(_, sampled, _)| *sampled)
    };
    assert_eq!(sampled(25, 100, 0x3FFF_FFFF_FFFF_FFFF), Some(true));
    assert_eq!(sampled(25, 100, 0x4000_0000_0000_0000), Some(false));
    assert_eq!(sampled(0, 7, 0), None);
    assert_eq!(sampled(100, 100, u64::MAX), Some(true));
}

/// FILTER-MIRROR-05.
#[test]
fn filter_mirror_05_a_full_share_consumes_no_value() {
    let mut case = Case::with([
        mirror_to("m"),
        share_to(backend("n"), 1, 2),
        share_to(backend("o"), 1, 2),
    ]);
    case.mirrors = Some(&|nth| if nth == 0 { 0 } else { u64::MAX });
    let seen = case.seen();
    let sampled: Vec<_> = seen
        .mirrors
        .iter()
        .map(|(_, sampled, _)| *sampled)
        .collect();
    assert_eq!(sampled, [true, true, false]);
}

/// EX-73, FILTER-MIRROR-06/08.
#[test]
fn ex_73_filter_mirror_06_08_mirror_and_main_backend_are_independent() {
    let seen = Case::with([share_to(missing(), 100, 100)]).seen();
    assert_eq!(
        (seen.word, &*seen.backend, seen.mirrors.len()),
        ("forward", "a", 0)
    );
    let action = Action::forward([missing()]).with_filters([mirror_to("m")]);
    let seen = Case::new(action).seen();
    assert_eq!(
        (seen.word, seen.status, seen.mirrors.len()),
        ("respond", 500, 1)
    );
    let mut unready = backend("a");
    unready.ready = false;
    let seen = Case::new(Action::forward([unready]).with_filters([mirror_to("m")])).seen();
    assert_eq!((seen.status, seen.mirrors.len()), (503, 1));
}

/// EX-74, FILTER-MIRROR-07.
#[test]
fn ex_74_filter_mirror_07_a_copy_is_the_request_at_its_place_in_the_list() {
    let on_backend = with_filters(backend("a"), [set_request("X", "2"), mirror_to("o")]);
    let action = Action::forward([on_backend]).with_filters([
        mirror_to("m"),
        set_request("X", "1"),
        mirror_to("n"),
    ]);
    let seen = Case::new(action).seen();
    let copies: Vec<_> = seen
        .mirrors
        .iter()
        .map(|(name, _, copy)| (&**name, joined(&copy.headers, "x")))
        .collect();
    assert_eq!(
        copies,
        [
            ("m", None),
            ("n", Some("1".to_owned())),
            ("o", Some("2".to_owned()))
        ]
    );
    assert_eq!(seen.sent("x").as_deref(), Some("2"));
    let plain = Case::with([mirror_to("m"), set_request("X", "1"), mirror_to("n")]).seen();
    assert_eq!(plain.sent("x").as_deref(), Some("1"));
}

/// FILTER-MIRROR-07.
#[test]
fn filter_mirror_07_only_what_stands_before_a_terminal_answer_is_mirrored() {
    let action =
        Action::default().with_filters([mirror_to("m"), redirect_to("n.test"), mirror_to("n")]);
    let seen = Case::new(action).seen();
    assert_eq!(seen.mirrors.len(), 1);
    assert_eq!(seen.mirrors[0].0, "m");
    // A mirror of a backend that answers with a redirect, or is invalid, is not reached.
    let action = Action::forward([with_filters(
        backend("a"),
        [mirror_to("m"), redirect_to("n.test")],
    )]);
    assert_eq!(Case::new(action).seen().mirrors.len(), 0);
    let action = Action::forward([with_filters(missing(), [mirror_to("m")])]);
    assert_eq!(Case::new(action).seen().mirrors.len(), 0);
}

/// FILTER-MIRROR-09.
#[test]
fn filter_mirror_09_tunnels_are_not_mirrored() {
    assert_eq!(
        Case::with([mirror_to("m")])
            .method("CONNECT")
            .seen()
            .mirrors
            .len(),
        0
    );
    let upgrade = |connection| {
        Case::with([mirror_to("m")])
            .header("connection", connection)
            .header("upgrade", "websocket")
            .seen()
            .mirrors
            .len()
    };
    assert_eq!(upgrade("keep-alive, Upgrade"), 0);
    assert_eq!(upgrade("keep-alive"), 1);
}
