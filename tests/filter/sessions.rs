//! Sessions of rules that a router has found.

use gatewright::filter::{self, Draw, Outcome, SessionSeal, Sessions};
use gatewright::plan::{Action, Backend, HttpMatch, Rule, Session, SessionKind, SessionLifetime};
use gatewright::router::{Accepted, Connection, ConnectionProtocol, RequestHead, Router, Target};

use crate::World;

/// No code that anybody should use: it sums.
struct Sum;

impl SessionSeal for Sum {
    fn seal(&self, message: &[u8]) -> [u8; 32] {
        let mut sum = [0u8; 32];
        for (place, byte) in message.iter().enumerate() {
            sum[place % 32] = sum[place % 32].wrapping_mul(31).wrapping_add(*byte);
        }
        sum
    }
}

/// Where a request goes, whether its session was known, and the token that the answer brings.
fn ask(router: &Router, path: &str, token: Option<&str>) -> (bool, Option<String>) {
    let connection = Connection {
        target: Target::Only,
        port: 80,
        protocol: ConnectionProtocol::Http,
        sni: None,
    };
    let Accepted::Http(listener) = router.accept(&connection) else {
        panic!("an HTTP listener")
    };
    let mut request = http::Request::get(path).header("host", "a.example.com");
    if let Some(token) = token {
        request = request.header("x-session", token);
    }
    let request = request.body(()).unwrap();
    let head = RequestHead::from_request(&request).unwrap();
    let matched = listener.find(&head).unwrap();
    let options = filter::Options {
        sessions: Some(Sessions {
            seal: &Sum,
            now: 1_800_000_000_000,
            alive: None,
        }),
        ..filter::Options::default()
    };
    let outcome = filter::apply_with(&matched, &head, Draw::of(0), &options);
    let Outcome::Forward(forward) = outcome else {
        panic!("it is forwarded")
    };
    let session = forward.session.unwrap();
    let header = session.establish(&options.sessions.unwrap(), "10.0.0.1:80");
    (
        session.endpoint.is_some(),
        header.map(|header| header.value),
    )
}

/// BACKEND-SESSION-02/08, ROUTE-NAME-03: two rules never share a session, not even by a name that both have.
#[test]
fn rules_of_one_name_share_no_session() {
    let rule = |path: &str, name: &str| {
        let mut action = Action::forward([Backend::service("x", "web", 80)]);
        action.session = Some(Session {
            name: Some("x-session".into()),
            kind: SessionKind::Header,
            absolute_timeout: None,
            idle_timeout: None,
            lifetime: SessionLifetime::Session,
        });
        Rule::http(0, [HttpMatch::prefix(path)], action).named(name)
    };
    let router = |rules: Vec<Rule>| World::of(rules).router;
    let both = router(vec![rule("/a", "same"), rule("/b", "same")]);
    let (_, token) = ask(&both, "/a", None);
    assert!(ask(&both, "/a", token.as_deref()).0);
    assert!(!ask(&both, "/b", token.as_deref()).0);
    // A name of its own tells a rule wherever it stands.
    let before = router(vec![rule("/a", "a"), rule("/b", "b")]);
    let after = router(vec![rule("/b", "b"), rule("/a", "a")]);
    let (_, token) = ask(&before, "/a", None);
    assert!(ask(&after, "/a", token.as_deref()).0);
    assert!(!ask(&after, "/b", token.as_deref()).0);
}
