//! What `apply` allocates, as its documentation says.

use std::sync::Arc;

use gatewright::filter::{self, Choice, Draw, Outcome};
use gatewright::plan::{
    Action, AuthProtocol, Backend, Cors, ExternalAuth, Filter, HeaderEdits, Mirror, ObjectName,
    PathModifier, Redirect, Retry, Rewrite, Session, SessionKind, SessionLifetime,
};
use gatewright::vocab::Duration;

use crate::world::Matched;

/// Allocations of one `apply`, and what it gave in a word.
fn measured(action: &Action, headers: &[(&str, &[u8])], method: &str) -> (u64, &'static str) {
    let route = ObjectName::new("shop", "cart");
    let matched = Matched {
        headers,
        method,
        ..Matched::new(action, &route)
    };
    let (matched, head) = matched.parts();
    let mut word = "";
    let info = allocation_counter::measure(|| {
        word = match filter::apply(&matched, &head, Draw::of(1 << 40)) {
            Outcome::Forward(_) => "forward",
            Outcome::Redirect(_) => "redirect",
            Outcome::Respond(_) => "respond",
            Outcome::Ask(_) => "ask",
        };
    });
    (info.count_total, word)
}

fn backends() -> [Backend; 2] {
    ["a", "b"].map(|name| Backend::service("shop", name, 80))
}

fn edits() -> HeaderEdits {
    HeaderEdits {
        set: vec![("x-a".into(), "1".into()), ("x-b".into(), "2".into())],
        add: vec![("x-c".into(), "3".into())],
        remove: vec!["cookie".into(), "x-d".into(), "x-e".into()],
    }
}

fn rewrite(path: PathModifier) -> Filter {
    Filter::Rewrite(Rewrite {
        hostname: Some("int.test".into()),
        path: Some(path),
    })
}

fn mirror() -> Filter {
    Filter::Mirror(Mirror {
        backend: Arc::new(Backend::service("shop", "m", 80)),
        numerator: 1,
        denominator: 2,
    })
}

fn cors() -> Filter {
    Filter::Cors(Cors {
        allow_origins: vec!["https://*.shop.test".into()],
        ..Cors::default()
    })
}

fn auth() -> Filter {
    Filter::ExternalAuth(ExternalAuth {
        protocol: AuthProtocol::Grpc {
            allowed_headers: Vec::new(),
        },
        backend: Arc::new(Backend::service("shop", "auth", 80)),
        max_body: 0,
    })
}

const PLAIN: &[(&str, &[u8])] = &[("accept", b"*/*"), ("cookie", b"a=1; b=2")];
const WITH_ORIGIN: &[(&str, &[u8])] = &[("origin", b"https://eu.shop.test")];

#[test]
fn a_plain_forward_allocates_nothing() {
    let mut action = Action::forward(backends());
    action.retry = Some(Retry {
        codes: vec![503],
        attempts: 2,
        backoff: None,
    });
    action.timeouts.request = Some(Duration::parse("3s").unwrap());
    assert_eq!(measured(&action, PLAIN, "GET"), (0, "forward"));
    // Nor do filters that change nothing in lists.
    let replaced = |path| Action::forward(backends()).with_filters([rewrite(path)]);
    assert_eq!(
        measured(
            &replaced(PathModifier::ReplaceFullPath("/one".into())),
            PLAIN,
            "GET"
        ),
        (0, "forward")
    );
    assert_eq!(
        measured(
            &replaced(PathModifier::ReplacePrefixMatch("/".into())),
            PLAIN,
            "GET"
        ),
        (0, "forward")
    );
    let without_origin = Action::forward(backends()).with_filters([cors()]);
    assert_eq!(measured(&without_origin, PLAIN, "GET"), (0, "forward"));
    action.session = Some(Session {
        name: Some("sid".into()),
        kind: SessionKind::Cookie,
        absolute_timeout: None,
        idle_timeout: None,
        lifetime: SessionLifetime::Session,
    });
    assert_eq!(measured(&action, PLAIN, "GET"), (0, "forward"));
}

#[test]
fn one_allocation_for_each_thing_that_is_made() {
    let with = |filters: Vec<Filter>| Action::forward(backends()).with_filters(filters);
    let request = || Filter::RequestHeaders(edits());
    let response = || Filter::ResponseHeaders(edits());
    for (action, headers, expected) in [
        (with(vec![request()]), PLAIN, (1, "forward")),
        (with(vec![response()]), PLAIN, (1, "forward")),
        (with(vec![request(), response()]), PLAIN, (2, "forward")),
        (with(vec![mirror()]), PLAIN, (1, "forward")),
        (
            with(vec![mirror(), mirror(), mirror(), mirror()]),
            PLAIN,
            (1, "forward"),
        ),
        // The copy has changes of its own.
        (with(vec![request(), mirror()]), PLAIN, (3, "forward")),
        (with(vec![cors()]), WITH_ORIGIN, (1, "forward")),
        (
            with(vec![rewrite(PathModifier::ReplacePrefixMatch(
                "/basket".into(),
            ))]),
            PLAIN,
            (1, "forward"),
        ),
        (with(vec![auth()]), PLAIN, (1, "ask")),
        (
            Action::default().with_filters([Filter::Redirect(Redirect::default())]),
            PLAIN,
            (2, "redirect"),
        ),
        (Action::default(), PLAIN, (0, "respond")),
    ] {
        assert_eq!(
            measured(&action, headers, "GET"),
            expected,
            "{:?}",
            action.filters
        );
    }
}

#[test]
fn the_choice_for_connections_allocates_nothing() {
    let action = Action::forward(backends());
    let info = allocation_counter::measure(|| {
        assert!(matches!(
            filter::choose(&action, &Draw::of(u64::MAX)),
            Choice::Forward { index: 1, .. }
        ));
    });
    assert_eq!(info.count_total, 0);
}
