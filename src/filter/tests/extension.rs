use super::*;

/// Does what the name of the header `x-do` says.
struct Obedient;

impl Extensions for Obedient {
    fn run(
        &self,
        _: &ExtensionRef,
        request: &OutgoingRequest<'_>,
    ) -> Result<Extended, ExtensionFailed> {
        match request.values("x-do").next() {
            Some(b"fail") => Err(ExtensionFailed),
            Some(b"answer") => Ok(Extended::Respond {
                status: 418,
                headers: vec![
                    ("x-own".into(), b"1"[..].into()),
                    ("content-length".into(), b"9"[..].into()),
                ],
                body: b"tea".to_vec(),
            }),
            Some(b"change") => Ok(Extended::Continue {
                request: vec![
                    ("x-new".into(), b"1"[..].into()),
                    ("x-old".into(), b""[..].into()),
                    ("host".into(), b"evil.test"[..].into()),
                ],
                response: vec![("x-seen".into(), b"1"[..].into())],
            }),
            Some(b"break") => Ok(Extended::Continue {
                request: vec![("x-new".into(), b"1\nx-more: 2"[..].into())],
                response: Vec::new(),
            }),
            _ => Ok(Extended::UNCHANGED),
        }
    }
}

/// SAFE-HDR-01, SAFE-AUTH-01.
#[test]
fn safe_hdr_01_a_value_with_a_line_break_is_a_failure() {
    let seen = case(vec![extension(true)], "break").seen();
    assert_eq!(
        (seen.status, seen.reason),
        (500, Some(Reason::ExtensionFailed))
    );
}

/// OUT-08, FILTER-GEN-01: an answer of a filter of the backend has what filters of the rule add to responses.
#[test]
fn out_08_an_answer_at_the_backend_keeps_what_the_rule_adds() {
    // The first one changes, the second one, at the backend, answers.
    let mut own = case(vec![extension(true), set_response("x-rule", "1")], "");
    own.options.extensions = Some(&ChangeThenAnswer);
    own.action.backends = vec![with_filters(backend("a"), [extension(true)])];
    let seen = own.seen();
    assert_eq!(seen.status, 418);
    assert_eq!(seen.header("x-seen").as_deref(), Some("1"));
    assert_eq!(seen.header("x-rule").as_deref(), Some("1"));
}

/// Changes a request, and answers one that it has changed.
struct ChangeThenAnswer;

impl Extensions for ChangeThenAnswer {
    fn run(
        &self,
        _: &ExtensionRef,
        request: &OutgoingRequest<'_>,
    ) -> Result<Extended, ExtensionFailed> {
        if request.values("x-new").next().is_some() {
            return Ok(Extended::Respond {
                status: 418,
                headers: Vec::new(),
                body: Vec::new(),
            });
        }
        Ok(Extended::Continue {
            request: vec![("x-new".into(), b"1"[..].into())],
            response: vec![("x-seen".into(), b"1"[..].into())],
        })
    }
}

fn case(filters: Vec<Filter>, order: &'static str) -> Case {
    let mut case = Case::with(filters)
        .header("x-do", order)
        .header("x-old", "1");
    case.options.extensions = Some(&Obedient);
    case
}

/// FILTER-EXT-02/03.
#[test]
fn filter_ext_02_03_an_unresolved_reference_is_500_at_any_place() {
    let seen = case(vec![extension(false)], "").seen();
    assert_eq!(
        (seen.status, seen.reason),
        (500, Some(Reason::Refused(Fault::ExtensionRef)))
    );
    let action = Action::default().with_filters([redirect_to("n.test"), extension(false)]);
    assert_eq!(Case::new(action).seen().status, 500);
    // MATCH-GRPC-19: a plain status for gRPC too
    let seen = Case::with([extension(false)]).grpc().seen();
    assert_eq!((seen.status, seen.grpc), (500, None));
    assert_eq!(seen.header("grpc-status"), None);
}

/// SAFE-AUTH-01.
#[test]
fn safe_auth_01_a_resolved_reference_without_anyone_to_run_it_is_500() {
    let seen = Case::with([extension(true)]).seen();
    assert_eq!(
        (seen.status, seen.reason),
        (500, Some(Reason::ExtensionFailed))
    );
}

/// FILTER-EXT-01.
#[test]
fn filter_ext_01_extensions_run_in_list_order_and_may_repeat() {
    let seen = case(
        vec![extension(true), extension(true), mirror_to("m")],
        "change",
    )
    .seen();
    assert_eq!((seen.word, &*seen.request.host), ("forward", "old.test"));
    assert_eq!(
        (seen.sent("x-new").as_deref(), seen.sent("x-old")),
        (Some("1"), None)
    );
    assert_eq!(seen.header("x-seen").as_deref(), Some("1,1"));
    assert_eq!(
        joined(&seen.mirrors[0].2.headers, "x-new").as_deref(),
        Some("1")
    );
    assert_eq!(case(vec![extension(true)], "").seen().word, "forward");
}

/// FILTER-EXT-01.
#[test]
fn filter_ext_01_failure_and_answer() {
    let seen = case(vec![extension(true)], "fail").seen();
    assert_eq!(
        (seen.status, seen.reason),
        (500, Some(Reason::ExtensionFailed))
    );
    let seen = case(vec![set_response("x-rule", "1"), extension(true)], "answer").seen();
    assert_eq!(
        (seen.status, &*seen.body, seen.reason),
        (418, "tea", Some(Reason::Extension))
    );
    assert_eq!(
        (
            seen.header("x-own").as_deref(),
            seen.header("x-rule").as_deref()
        ),
        (Some("1"), Some("1"))
    );
    assert_eq!(seen.header("content-length"), None);
}

/// FILTER-EXT-04.
#[test]
fn filter_ext_04_on_a_backend_only_its_share_is_concerned() {
    let action = Action::forward([with_filters(backend("a"), [extension(false)]), backend("b")]);
    let case = Case::new(action).pick(0);
    assert_eq!(case.seen().reason, Some(Reason::UnresolvedExtension));
    let case = case.pick(1);
    assert_eq!(case.seen().backend, "b");
}

/// FILTER-EXT-01.
#[test]
fn filter_ext_01_on_a_backend_the_extension_runs_when_forwarding() {
    let run = |order| {
        let action = Action::forward([with_filters(
            backend("a"),
            [
                mirror_to("m"),
                extension(true),
                set_response("x-backend", "1"),
            ],
        )]);
        let mut case = Case::new(action).header("x-do", order);
        case.options.extensions = Some(&Obedient);
        case.seen()
    };
    assert_eq!(
        (run("change").word, run("change").mirrors.len()),
        ("forward", 1)
    );
    assert_eq!((run("fail").status, run("fail").mirrors.len()), (500, 0));
    assert_eq!(
        (run("answer").status, run("answer").header("x-backend")),
        (418, None)
    );
}
