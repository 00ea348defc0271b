use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::*;

/// A keyed hash for tests. Not a MAC that anybody should use.
struct Key(u64);

impl SessionSeal for Key {
    fn seal(&self, message: &[u8]) -> [u8; 32] {
        let mut out = [0; 32];
        for (part, bytes) in out.chunks_mut(8).enumerate() {
            let mut hasher = DefaultHasher::new();
            (self.0, part, message).hash(&mut hasher);
            bytes.copy_from_slice(&hasher.finish().to_be_bytes());
        }
        out
    }
}

static KEY: Key = Key(42);
static OTHER_KEY: Key = Key(43);
const NOON: u64 = 1_800_000_000_000;

fn sessions(now: u64) -> Sessions<'static> {
    Sessions {
        seal: &KEY,
        now,
        alive: None,
    }
}

fn session(kind: SessionKind) -> Session {
    Session {
        name: Some("sid".into()),
        kind,
        absolute_timeout: None,
        idle_timeout: None,
        lifetime: SessionLifetime::Session,
    }
}

fn sticky(backends: &[(&str, u32)]) -> Case {
    let mut case = Case::new(Action::forward(
        backends
            .iter()
            .map(|(name, weight)| backend(name).with_weight(*weight)),
    ));
    case.action.session = Some(session(SessionKind::Cookie));
    case.options.sessions = Some(sessions(NOON));
    case
}

fn establish(case: &Case, endpoint: &str) -> Option<SessionHeader> {
    case.run(|outcome| match outcome {
        Outcome::Forward(forward) => forward
            .session
            .and_then(|session| session.establish(&case.options.sessions.unwrap(), endpoint)),
        other => panic!("{other:?}"),
    })
}

/// The pair of a `Set-Cookie`, for the next request.
fn pair(header: &SessionHeader) -> &'static str {
    let pair = header.value.split(';').next().unwrap();
    Box::leak(pair.to_owned().into_boxed_str())
}

/// EX-96, BACKEND-SESSION-02/04/05/08.
#[test]
fn ex_96_backend_session_02_04_05_08_a_valid_token_beats_weights() {
    let first = sticky(&[("a", 1), ("b", 1)]).pick(1);
    assert_eq!(first.seen().backend, "b");
    let cookie = pair(&establish(&first, "10.0.0.7:80").unwrap());
    // weight 0 now
    let later = sticky(&[("a", 1), ("b", 0)]).header("cookie", cookie);
    assert_eq!(later.seen().backend, "b");
    assert_eq!(establish(&later, "10.0.0.7:80"), None);
    // gone from the rule: a new choice and a new session
    let removed = sticky(&[("a", 1)]).header("cookie", cookie);
    assert_eq!(removed.seen().backend, "a");
    assert!(establish(&removed, "10.0.0.8:80").is_some());
    // of another rule
    let mut other = sticky(&[("a", 1), ("b", 0)]).header("cookie", cookie);
    other.rule_index = 1;
    assert_eq!(other.seen().backend, "a");
    let mut other = sticky(&[("a", 1), ("b", 0)]).header("cookie", cookie);
    other.route = ObjectName::new("shop", "other");
    assert_eq!(other.seen().backend, "a");
}

/// BACKEND-SESSION-05.
#[test]
fn backend_session_05_invalid_unready_and_gone_are_chosen_anew() {
    let cookie = pair(&establish(&sticky(&[("a", 1), ("b", 1)]).pick(1), "e").unwrap());
    let again = || {
        sticky(&[("a", 1), ("b", 1)])
            .header("cookie", cookie)
            .draw(0)
    };
    assert_eq!(again().seen().backend, "b");
    let mut invalid = again();
    invalid.action.backends[1].fault = Some(BackendFault::RefNotPermitted);
    assert_eq!(invalid.seen().backend, "a");
    let mut unready = again();
    unready.action.backends[1].ready = false;
    assert_eq!(unready.seen().backend, "a");
    let with = |alive: &'static EndpointAlive<'static>| {
        let mut case = again();
        case.options.sessions = Some(Sessions {
            alive: Some(alive),
            ..sessions(NOON)
        });
        case.seen().backend
    };
    assert_eq!(
        with(&|_, bound| ["d", "e"].iter().any(|e| bound.is(e))),
        "b"
    );
    assert_eq!(
        with(&|_, bound| ["d", "f"].iter().any(|e| bound.is(e))),
        "a"
    );
    assert_eq!(with(&|backend, _| &*backend.target.name.name == "b"), "b");
    // The same backend with another endpoint gets a new token.
    assert!(establish(&again(), "other").is_some());
}

/// BACKEND-SESSION-04.
#[test]
fn backend_session_04_the_tag_finds_the_endpoint() {
    let cookie = pair(&establish(&sticky(&[("a", 1)]), "10.0.0.7:80").unwrap());
    assert!(!cookie.contains("10.0.0.7"));
    sticky(&[("a", 1)]).header("cookie", cookie).run(|outcome| {
        let Outcome::Forward(forward) = outcome else {
            panic!()
        };
        let session = forward.session.unwrap();
        let endpoint = session.endpoint.unwrap();
        assert_eq!(session.tag(&KEY, "10.0.0.7:80"), endpoint);
        assert_ne!(session.tag(&KEY, "10.0.0.8:80"), endpoint);
    });
}

/// BACKEND-SESSION-09, SAFE-RAND-01: only the key makes tokens.
#[test]
fn backend_session_09_bad_foreign_and_expired_tokens_are_absent() {
    let cookie = pair(&establish(&sticky(&[("a", 1), ("b", 1)]).pick(1), "e").unwrap());
    let served = |cookie: String, key: &'static Key| {
        let cookie: &'static str = Box::leak(cookie.into_boxed_str());
        let mut case = sticky(&[("a", 1), ("b", 1)])
            .header("cookie", cookie)
            .draw(0);
        case.options.sessions = Some(Sessions {
            seal: key,
            ..sessions(NOON)
        });
        case.seen().backend
    };
    assert_eq!(served(cookie.to_owned(), &KEY), "b");
    assert_eq!(served(cookie.to_owned(), &OTHER_KEY), "a");
    for at in 4..cookie.len() {
        let mut forged = cookie.to_owned().into_bytes();
        forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
        assert_eq!(
            served(String::from_utf8(forged).unwrap(), &KEY),
            "a",
            "{at}"
        );
    }
    for bad in ["sid=", "sid", "sid=xyz", "sid=\u{e4}"] {
        assert_eq!(served(bad.to_owned(), &KEY), "a");
    }
    // Several cookies of the name: each is tried.
    assert_eq!(served(format!("x=1; sid=bad; {cookie}"), &KEY), "b");
}

/// BACKEND-SESSION-06.
#[test]
fn backend_session_06_timeouts_are_kept_by_the_gateway() {
    let with = |absolute: Option<&str>, idle: Option<&str>, now: u64| {
        let mut case = sticky(&[("a", 1), ("b", 1)]).pick(1);
        let own = case.action.session.as_mut().unwrap();
        (own.absolute_timeout, own.idle_timeout) = (absolute.map(millis), idle.map(millis));
        case.options.sessions = Some(sessions(now));
        case
    };
    let after = |absolute, idle, wait: u64| {
        let cookie = pair(&establish(&with(absolute, idle, NOON), "e").unwrap());
        let case = with(absolute, idle, NOON + wait)
            .header("cookie", cookie)
            .draw(0);
        (case.seen().backend, establish(&case, "e").is_some())
    };
    let (kept, anew) = ("b".to_owned(), "a".to_owned());
    assert_eq!(after(Some("1h"), None, 3_600_000), (kept.clone(), false));
    assert_eq!(after(Some("1h"), None, 3_600_001), (anew.clone(), true));
    // Use refreshes the token.
    assert_eq!(after(None, Some("10m"), 600_000), (kept.clone(), true));
    assert_eq!(after(None, Some("10m"), 600_001), (anew, true));
    // BACKEND-SESSION-09: zero is no limit.
    assert_eq!(after(Some("0s"), None, u64::MAX / 4), (kept, false));
}

/// BACKEND-SESSION-06/07.
#[test]
fn backend_session_06_07_attributes_of_the_cookie() {
    let mut case = sticky(&[("a", 1)]);
    let value = |case: &Case| {
        let header = establish(case, "e").unwrap();
        assert_eq!(header.name, "set-cookie");
        header.value.split_once("; ").unwrap().1.to_owned()
    };
    assert_eq!(value(&case), "Path=/; HttpOnly; SameSite=Strict");
    case.scheme = Scheme::Https;
    assert_eq!(value(&case), "Path=/; HttpOnly; SameSite=Strict; Secure");
    case.scheme = Scheme::Http;
    let own = case.action.session.as_mut().unwrap();
    (own.lifetime, own.absolute_timeout) = (SessionLifetime::Permanent, Some(millis("1500ms")));
    assert_eq!(value(&case), "Path=/; Max-Age=2; HttpOnly; SameSite=Strict");
    // Permanent without a limit cannot be written; a browser session is what is left.
    case.action.session.as_mut().unwrap().absolute_timeout = None;
    assert_eq!(value(&case), "Path=/; HttpOnly; SameSite=Strict");
}

/// BACKEND-SESSION-07.
#[test]
fn backend_session_07_the_path_of_the_cookie() {
    let path = |prefix, regex, path| {
        let mut case = sticky(&[("a", 1)]).get(path, None);
        (case.prefix, case.regex) = (prefix, regex);
        let value = establish(&case, "e").unwrap().value;
        value
            .split("Path=")
            .nth(1)
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(path(Some(""), None, "/x"), "/");
    assert_eq!(path(Some("/shop"), None, "/shop/x"), "/shop");
    assert_eq!(path(None, None, "/exact/path"), "/exact/path");
    assert_eq!(path(None, None, "/items/x;v=1/y"), "/items");
    for (regex, expected) in [
        (r"/api/v\d+", "/api"),
        ("/api/v1/.*", "/api/v1"),
        ("^/api/x", "/api"),
        (r"\A/a\.b/c", "/a.b"),
        ("/api/", "/api"),
        ("/a/b?", "/a"),
        ("/a/?", "/"),
        ("/a/*b", "/"),
        ("/a|/b/c", "/"),
        ("/a/(b|c)/d", "/a"),
        ("(?i)/a/b", "/"),
        (".*", "/"),
        (r"\d/", "/"),
        ("/a;b/c", "/"),
    ] {
        assert_eq!(path(None, Some(regex), "/api/v1"), expected, "{regex}");
    }
    let mut grpc = sticky(&[("a", 1)]).grpc();
    grpc.path = "/pkg.S/M";
    assert!(establish(&grpc, "e").unwrap().value.contains("; Path=/;"));
}

/// BACKEND-SESSION-07.
#[test]
fn backend_session_07_sessions_in_headers() {
    let mut case = sticky(&[("a", 1), ("b", 1)]).pick(1);
    case.action.session = Some(session(SessionKind::Header));
    let header = establish(&case, "e").unwrap();
    assert_eq!(header.name, "sid");
    let token: &'static str = Box::leak(header.value.into_boxed_str());
    let mut later = sticky(&[("a", 1), ("b", 1)]).header("SID", token).draw(0);
    later.action.session = Some(session(SessionKind::Header));
    assert_eq!(later.seen().backend, "b");
}

/// BACKEND-SESSION-03/11.
#[test]
fn backend_session_03_11_the_rule_outranks_policies_which_concern_their_backends_only() {
    let mut case = sticky(&[("a", 1), ("b", 1)]);
    let by_policy = Session {
        name: Some("policy".into()),
        ..session(SessionKind::Cookie)
    };
    case.action.backends[0].session = Some(Arc::new(by_policy));
    let name = |case: &Case| {
        establish(case, "e").map(|header| header.value.split('=').next().unwrap().to_owned())
    };
    assert_eq!(name(&case).as_deref(), Some("sid"));
    case.action.session = None;
    assert_eq!(name(&case).as_deref(), Some("policy"));
    // BACKEND-SESSION-07: no path for a policy
    assert!(!establish(&case, "e").unwrap().value.contains("Path"));
    let cookie = pair(&establish(&case, "e").unwrap());
    let mut other = sticky(&[("a", 1), ("b", 1)]).pick(1);
    other.action = case.action.clone();
    assert_eq!(establish(&other, "e"), None);
    // A token for the backend with the policy binds later requests, whatever the draw.
    assert_eq!(other.header("cookie", cookie).seen().backend, "a");
}

/// BACKEND-SESSION-08.
#[test]
fn backend_session_08_a_name_follows_from_the_rule() {
    let mut case = sticky(&[("a", 1)]);
    case.action.session.as_mut().unwrap().name = None;
    let name = |case: &Case| {
        establish(case, "e")
            .unwrap()
            .value
            .split('=')
            .next()
            .unwrap()
            .to_owned()
    };
    let first = name(&case);
    assert!(first.starts_with("gateway-session-"));
    assert_eq!(name(&case), first);
    case.rule_index = 1;
    assert_ne!(name(&case), first);
    case.rule_name = Some("named");
    let named = name(&case);
    case.rule_index = 2;
    assert_eq!(name(&case), named);
}

/// BACKEND-SESSION-10.
#[test]
fn backend_session_10_the_backend_sees_the_cookies_of_the_application_only() {
    let case = sticky(&[("a", 1)])
        .header("Cookie", "app=1; sid=x; sidx=2")
        .header("cookie", "sid=y");
    assert_eq!(case.seen().sent("cookie").as_deref(), Some("app=1; sidx=2"));
    let only = sticky(&[("a", 1)]).header("Cookie", "sid=x");
    assert_eq!(only.seen().sent("cookie"), None);
    let none = sticky(&[("a", 1)]).header("Cookie", "app=1");
    assert_eq!(
        none.seen().request.headers,
        [("Cookie".to_owned(), "app=1".to_owned())]
    );
}

/// BACKEND-WEIGHT-04.
#[test]
fn backend_weight_04_equal_backends_are_different_slots_of_a_session() {
    let case = sticky(&[("a", 1), ("a", 1)]).pick(1);
    let cookie = pair(&establish(&case, "e").unwrap());
    sticky(&[("a", 1), ("a", 1)])
        .draw(0)
        .header("cookie", cookie)
        .run(|outcome| {
            let Outcome::Forward(forward) = outcome else {
                panic!()
            };
            assert_eq!(forward.index, 1);
        });
}

/// BACKEND-SESSION-10/11: no backend gets the token of any session of the rule, nor does a mirror.
#[test]
fn backend_session_10_no_backend_gets_the_token_of_another() {
    let mut case = sticky(&[("a", 0), ("b", 1)])
        .header("cookie", "one=1; theme=dark; two=2")
        .header("cookie", "sid=3");
    case.action.session = None;
    for (own, name) in case.action.backends.iter_mut().zip(["one", "two"]) {
        own.session = Some(Arc::new(Session {
            name: Some(name.into()),
            ..session(SessionKind::Cookie)
        }));
    }
    case.action.filters.push(mirror_to("m"));
    let seen = case.seen();
    assert_eq!(seen.backend, "b");
    assert_eq!(seen.sent("cookie").as_deref(), Some("theme=dark; sid=3"));
    let (_, _, copy) = &seen.mirrors[0];
    let cookies = joined(&copy.headers, "cookie");
    assert_eq!(cookies.as_deref(), Some("theme=dark; sid=3"));
}
