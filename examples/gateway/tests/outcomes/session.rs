//! Session persistence: BACKEND-SESSION.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::Running;
use crate::client::{Answer, Ask};

fn rules(session: Value, backends: Value) -> Value {
    json!([{"sessionPersistence": session, "backendRefs": backends}])
}

/// The cookie that an answer sets, without its attributes.
fn cookie(answer: &Answer) -> String {
    let all = answer.values("set-cookie");
    let [one] = all[..] else { panic!("{answer:?}") };
    one.split(';').next().unwrap().to_owned()
}

/// BACKEND-SESSION-04/06/07/10.
#[tokio::test]
async fn a_cookie_keeps_its_endpoint() {
    let rules = rules(
        json!({"sessionName": "sid"}),
        json!([{"name": "web", "port": 80}]),
    );
    let running = Running::start(rules, &[("web", &[0, 1])]).await;
    running.echo(0).await;
    running.echo(1).await;
    let first = running.ask(Ask::get("/")).await;
    let attributes: Vec<&str> = first.values("set-cookie")[0].split("; ").skip(1).collect();
    assert_eq!(attributes, ["Path=/", "HttpOnly", "SameSite=Strict"]);
    let cookie = cookie(&first);
    assert!(cookie.starts_with("sid="));
    for _ in 0..8 {
        let ask = Ask::get("/").header("cookie", &format!("theme=dark; {cookie}"));
        let again = running.ask(ask).await;
        assert_eq!(again.pod(), first.pod());
        assert_eq!(again.values("set-cookie"), [""; 0]);
        assert_eq!(again.sent("cookie"), ["theme=dark"]);
    }
    let mut others = BTreeSet::new();
    for _ in 0..8 {
        others.insert(running.ask(Ask::get("/")).await.pod());
    }
    assert_eq!(
        others.len(),
        2,
        "without a cookie all endpoints have their turn"
    );
}

/// BACKEND-SESSION-01/04: the same name in the request and in the answer.
#[tokio::test]
async fn a_header_keeps_its_endpoint() {
    let rules = rules(
        json!({"sessionName": "X-Session", "type": "Header"}),
        json!([{"name": "web", "port": 80}]),
    );
    let running = Running::start(rules, &[("web", &[0, 1])]).await;
    running.echo(0).await;
    running.echo(1).await;
    let first = running.ask(Ask::get("/")).await;
    let token = first.values("x-session")[0].to_owned();
    for _ in 0..8 {
        let ask = Ask::get("/").header("x-session", &token);
        assert_eq!(running.ask(ask).await.pod(), first.pod());
    }
}

/// BACKEND-SESSION-05: weights do not count for a session, but one whose endpoint is gone is chosen anew by weight, even if its
/// backend has others.
#[tokio::test]
async fn a_session_ends_with_its_endpoint() {
    let rules = |old: u32, new: u32| {
        rules(
            json!({"sessionName": "sid"}),
            json!([{"name": "old", "port": 80, "weight": old}, {"name": "new", "port": 80, "weight": new}]),
        )
    };
    let (old, new): (&[usize], &[usize]) = (&[0, 1], &[2]);
    let mut running = Running::start(rules(1, 0), &[("old", old), ("new", new)]).await;
    for pod in 0..3 {
        running.echo(pod).await;
    }
    let first = running.ask(Ask::get("/")).await;
    let cookie_of_old = cookie(&first);
    let again = |running: &Running| {
        let ask = Ask::get("/").header("cookie", &cookie_of_old);
        ask.of(running.address())
    };
    running
        .apply(rules(0, 1), &[("old", old), ("new", new)])
        .await;
    assert_eq!(again(&running).await.pod(), first.pod());
    let left = if first.pod() == "pod-0" { 1 } else { 0 };
    running
        .apply(rules(0, 1), &[("old", &[left]), ("new", new)])
        .await;
    let moved = again(&running).await;
    assert_eq!(moved.pod(), "pod-2");
    assert_ne!(cookie(&moved), cookie_of_old);
}
