use super::*;

fn location(redirect: Redirect, case: impl FnOnce(Case) -> Case) -> String {
    let action = Action::default().with_filters([Filter::Redirect(redirect)]);
    let seen = case(Case::new(action)).seen();
    assert_eq!(seen.word, "redirect", "{seen:?}");
    seen.location
}

fn scheme(name: &str) -> Redirect {
    Redirect {
        scheme: Some(name.into()),
        ..Redirect::default()
    }
}

fn port(port: u16) -> Redirect {
    Redirect {
        port: Some(port),
        ..Redirect::default()
    }
}

/// FILTER-REDIR-01.
#[test]
fn filter_redir_01_the_status_is_302_unless_said_otherwise() {
    for (redirect, status) in [
        (Redirect::default(), 302),
        (
            Redirect {
                status: 301,
                ..Redirect::default()
            },
            301,
        ),
        (
            Redirect {
                status: 308,
                ..Redirect::default()
            },
            308,
        ),
    ] {
        let action = Action::default().with_filters([Filter::Redirect(redirect)]);
        assert_eq!(Case::new(action).seen().status, status);
    }
}

/// FILTER-REDIR-02/03/05/06: absolute URLs.
#[test]
fn filter_redir_03_05_06_scheme_and_port() {
    use Scheme::{Http, Https};
    for (redirect, from, listener_port, expected) in [
        // EX-62
        (scheme("https"), Http, 8080, "https://old.test/p"),
        // EX-63
        (
            Redirect {
                port: Some(80),
                ..scheme("https")
            },
            Http,
            8080,
            "https://old.test:80/p",
        ),
        (
            Redirect {
                port: Some(443),
                ..scheme("http")
            },
            Http,
            8080,
            "http://old.test:443/p",
        ),
        // EX-64
        (Redirect::default(), Https, 8443, "https://old.test:8443/p"),
        // EX-65
        (port(80), Https, 443, "https://old.test:80/p"),
        (port(80), Http, 8080, "http://old.test/p"),
        (port(443), Https, 8443, "https://old.test/p"),
        (port(8080), Http, 80, "http://old.test:8080/p"),
        (scheme("http"), Https, 443, "http://old.test/p"),
        (scheme("http"), Http, 8080, "http://old.test/p"),
        (Redirect::default(), Http, 80, "http://old.test/p"),
        (Redirect::default(), Https, 443, "https://old.test/p"),
        (Redirect::default(), Http, 443, "http://old.test:443/p"),
        (
            Redirect {
                port: Some(8443),
                ..scheme("https")
            },
            Http,
            80,
            "https://old.test:8443/p",
        ),
    ] {
        let name = format!("{redirect:?} {from:?} {listener_port}");
        let found = location(redirect, |case| {
            case.host("old.test:9999").on(from, listener_port)
        });
        assert_eq!(found, expected, "{name}");
    }
}

/// EX-61.
#[test]
fn ex_61_the_port_is_that_of_the_listener_and_the_query_stays() {
    let redirect = Redirect {
        hostname: Some("new.test".into()),
        ..Redirect::default()
    };
    let found = location(redirect, |case| {
        case.host("old.test:80")
            .on(Scheme::Http, 8080)
            .get("/p", Some("q=1"))
    });
    assert_eq!(found, "http://new.test:8080/p?q=1");
}

/// FILTER-REDIR-04.
#[test]
fn filter_redir_04_the_host_of_the_request_keeps_its_spelling_and_loses_its_port() {
    for (host, expected) in [
        ("Old.Test:8080", "http://Old.Test/p"),
        ("old.test.", "http://old.test./p"),
        ("old.test:", "http://old.test/p"),
        ("[2001:db8::1]:80", "http://[2001:db8::1]/p"),
        ("[2001:db8::1]", "http://[2001:db8::1]/p"),
        ("10.0.0.1:1", "http://10.0.0.1/p"),
    ] {
        assert_eq!(
            location(Redirect::default(), |case| case.host(host)),
            expected
        );
    }
}

/// FILTER-REDIR-07/08/09.
#[test]
fn filter_redir_07_08_09_paths_are_replaced_and_the_query_is_kept() {
    let full = |value: &str| Redirect {
        path: Some(PathModifier::ReplaceFullPath(value.into())),
        ..Redirect::default()
    };
    let prefix = |value: &str| Redirect {
        path: Some(PathModifier::ReplacePrefixMatch(value.into())),
        ..Redirect::default()
    };
    // EX-66
    for (path, query, expected) in [
        ("/old/x%20y/", Some("a=b"), "http://old.test/new/x%20y/?a=b"),
        ("/old", None, "http://old.test/new"),
        ("/old/", None, "http://old.test/new/"),
    ] {
        assert_eq!(
            location(prefix("/new/"), |case| case.prefix("/old").get(path, query)),
            expected
        );
    }
    for (value, expected) in [("/one", "/one?u=1"), ("", "/?u=1"), ("one", "/one?u=1")] {
        let found = location(full(value), |case| case.get("/s/t", Some("u=1")));
        assert_eq!(found, format!("http://old.test{expected}"));
    }
    assert_eq!(
        location(Redirect::default(), |case| case.get("/p", Some(""))),
        "http://old.test/p?"
    );
}

/// FILTER-REDIR-11, EX-107.
#[test]
fn filter_redir_11_ex_107_a_redirect_of_a_backend_has_its_share_even_if_that_is_invalid() {
    let action = Action::forward([
        with_filters(backend("a"), [extension(false)]),
        with_filters(missing(), [redirect_to("n.test")]),
        backend("c"),
    ]);
    let case = Case::new(action).pick(0);
    let seen = case.seen();
    assert_eq!(
        (seen.word, seen.status, seen.reason),
        ("respond", 500, Some(Reason::UnresolvedExtension))
    );
    let case = case.pick(1);
    let seen = case.seen();
    assert_eq!(
        (seen.word, seen.status, &*seen.location),
        ("redirect", 302, "http://n.test/p")
    );
    let case = case.pick(2);
    assert_eq!((case.seen().word, &*case.seen().backend), ("forward", "c"));
}

/// FILTER-REDIR-12.
#[test]
fn filter_redir_12_the_method_does_not_matter() {
    for method in ["POST", "HEAD", "DELETE", "PROPFIND"] {
        let action = Action::default().with_filters([Filter::Redirect(Redirect {
            status: 301,
            ..Redirect::default()
        })]);
        let seen = Case::new(action).method(method).seen();
        assert_eq!((seen.word, seen.status), ("redirect", 301), "{method}");
    }
}

/// FILTER-REDIR-13.
#[test]
fn filter_redir_13_without_any_host_there_is_no_url() {
    let action = |filter| Action::default().with_filters([filter]);
    let mut case = Case::new(action(Filter::Redirect(Redirect::default())));
    (case.version, case.host) = (Version::Http10, None);
    let seen = case.seen();
    assert_eq!(
        (seen.word, seen.status, seen.reason),
        ("respond", 400, Some(Reason::NoHost))
    );
    case.action = action(redirect_to("n.test"));
    assert_eq!(case.seen().location, "http://n.test/p");
}

/// SAFE-REDIR-01.
#[test]
fn safe_redir_01_nothing_from_the_request_breaks_the_url() {
    let found = location(Redirect::default(), |case| {
        case.get("/a\"b{c}<d>", Some("x=\"<y>"))
    });
    assert_eq!(found, "http://old.test/a%22b%7Bc%7D%3Cd%3E?x=%22%3Cy%3E");
    assert_eq!(
        location(Redirect::default(), |case| case.get("//evil.test/x", None)),
        "http://old.test/evil.test/x"
    );
    // SAFE-HDR-02: what got past a parser is looked at again.
    for host in [
        "a@b",
        "a/b",
        "a\r\nb",
        "a b",
        "\u{e4}.test",
        "a#b",
        "a?b",
        "",
    ] {
        let action = Action::default().with_filters([Filter::Redirect(Redirect::default())]);
        let seen = Case::new(action).host(host).seen();
        assert_eq!((seen.word, seen.status), ("respond", 400), "{host:?}");
    }
}

/// OUT-07/08.
#[test]
fn out_07_08_a_redirect_needs_no_backends_and_carries_the_modifiers_of_the_rule() {
    let action = Action::default().with_filters([redirect_to("n.test"), set_response("X-A", "1")]);
    let seen = Case::new(action).seen();
    assert_eq!(seen.headers, [("X-A".to_owned(), "1".to_owned())]);
    Case::new(Action::default().with_filters([redirect_to("n.test")])).run(|outcome| {
        let mut headers = http::HeaderMap::new();
        outcome.respond(302, &mut headers);
        assert_eq!(headers["location"], "http://n.test/p");
    });
}
