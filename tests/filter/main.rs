//! The worked examples on filters and backends, from a plan through router and filters to what backend and client see.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod allocations;
mod hostile;
mod sessions;
mod world;

use std::sync::Arc;

use gatewright::filter::{self, AuthAnswer, Choice, Draw, Outcome};
use gatewright::plan::{Listener, *};
use gatewright::router::*;

/// A rule for a path prefix.
fn rule(prefix: &str, action: Action) -> Rule {
    Rule::http(0, [HttpMatch::prefix(prefix)], action)
}

/// What the examples see: one listener `any`, one HTTPRoute `a/r` with these rules.
struct World {
    router: Router,
    port: u16,
    tls: bool,
}

impl World {
    fn of(rules: impl IntoIterator<Item = Rule>) -> Self {
        World::on(80, Protocol::Http, rules)
    }

    fn on(port: u16, protocol: Protocol, rules: impl IntoIterator<Item = Rule>) -> Self {
        let numbered = rules.into_iter().enumerate().map(|(index, rule)| Rule {
            index: index as u32,
            ..rule
        });
        let head = ListenerHead::http("a", "g", "any", port).with_protocol(protocol);
        let listener = Listener::new(
            head,
            [Attachment::any_host(Route::http("a", "r", numbered))],
        );
        World {
            router: Router::compile(&Plan::of([Gateway::new("a", "g", [listener])])),
            port,
            tls: protocol == Protocol::Https,
        }
    }

    fn ask(&self, request: &Ask) -> String {
        let connection = Connection {
            target: Target::Only,
            port: self.port,
            protocol: if self.tls {
                ConnectionProtocol::Https
            } else {
                ConnectionProtocol::Http
            },
            sni: self.tls.then_some(&b"old.test"[..]),
        };
        let Accepted::Http(listener) = self.router.accept(&connection) else {
            return "reset".to_owned();
        };
        let mut lines: Vec<(&str, &[u8])> = vec![("host", request.host.as_bytes())];
        lines.extend(
            request
                .headers
                .iter()
                .map(|(name, value)| (*name, value.as_bytes())),
        );
        let raw = RawHead {
            version: if request.grpc {
                Version::Http2
            } else {
                Version::Http11
            },
            method: request.method,
            target: request.target.as_bytes(),
            authority: request.grpc.then_some(request.host.as_bytes()),
            headers: Headers::Lines(&lines),
        };
        let Ok(head) = RequestHead::from_raw(raw) else {
            return "400".to_owned();
        };
        match listener.find(&head) {
            Err(no_match) => match no_match.grpc_status() {
                Some(status) => format!("grpc {status}"),
                None => no_match.status().to_string(),
            },
            Ok(matched) => {
                let mut outcome = filter::apply(&matched, &head, Draw::of(request.draw));
                let mut words = String::new();
                if let Outcome::Ask(ask) = &outcome {
                    let question = ask.request(0);
                    words += &format!("asks {} {}, ", question.method, question.path);
                    outcome = outcome.resume(&request.answer.unwrap_or(AuthAnswer::Failed));
                }
                words + &said(&outcome)
            }
        }
    }
}

/// An outcome in one line: what happens, then the copies, then response headers.
fn said(outcome: &Outcome<'_>) -> String {
    let mut words = match outcome {
        Outcome::Forward(forward) => {
            let request = &forward.request;
            let host = String::from_utf8_lossy(request.host.as_deref().unwrap_or_default());
            let mut words = format!(
                "{} gets {host}{}",
                forward.backend.target.name.name,
                request.target()
            );
            for (name, value) in request.lines() {
                words += &format!(" {name}={}", String::from_utf8_lossy(value));
            }
            words
        }
        Outcome::Redirect(redirection) => {
            format!("{} {}", redirection.status, redirection.location)
        }
        Outcome::Respond(answer) => match answer.grpc_status {
            Some(status) => format!("{} grpc {status}", answer.status),
            None => answer.status.to_string(),
        },
        Outcome::Ask(_) => "asks again".to_owned(),
    };
    for copy in outcome.mirrors().iter().filter(|copy| copy.sampled) {
        words += &format!(", copy to {}", copy.backend.target.name.name);
    }
    let mut headers = http::HeaderMap::new();
    if !matches!(outcome, Outcome::Redirect(_)) {
        outcome.respond(200, &mut headers);
    }
    headers.remove("content-type");
    headers.remove("grpc-status");
    for (name, value) in &headers {
        words += &format!("; {name}: {}", value.to_str().unwrap());
    }
    words
}

struct Ask {
    method: &'static str,
    target: &'static str,
    host: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    draw: u64,
    grpc: bool,
    answer: Option<AuthAnswer<'static>>,
}

fn get(target: &'static str) -> Ask {
    Ask {
        method: "GET",
        target,
        host: "old.test",
        headers: Vec::new(),
        draw: 0,
        grpc: false,
        answer: None,
    }
}

fn call(target: &'static str) -> Ask {
    Ask {
        method: "POST",
        headers: vec![("content-type", "application/grpc")],
        grpc: true,
        ..get(target)
    }
}

impl Ask {
    fn method(self, method: &'static str) -> Self {
        Ask { method, ..self }
    }

    fn host(self, host: &'static str) -> Self {
        Ask { host, ..self }
    }

    fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    fn draw(self, draw: u64) -> Self {
        Ask { draw, ..self }
    }

    fn answer(self, answer: AuthAnswer<'static>) -> Self {
        Ask {
            answer: Some(answer),
            ..self
        }
    }
}

fn to(backends: impl IntoIterator<Item = Backend>) -> Action {
    Action::forward(backends)
}

fn backend(name: &str) -> Backend {
    Backend::service("a", name, 80)
}

fn missing() -> Backend {
    backend("Missing").with_fault(BackendFault::NotFound)
}

fn with(mut backend: Backend, filters: impl IntoIterator<Item = Filter>) -> Backend {
    backend.filters = filters.into_iter().collect();
    backend
}

fn modify(set: &[(&str, &str)], add: &[(&str, &str)]) -> HeaderEdits {
    let pairs = |list: &[(&str, &str)]| {
        list.iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect()
    };
    HeaderEdits {
        set: pairs(set),
        add: pairs(add),
        remove: Vec::new(),
    }
}

fn set(name: &str, value: &str) -> Filter {
    Filter::RequestHeaders(modify(&[(name, value)], &[]))
}

fn mirror(backend: Backend, numerator: u32, denominator: u32) -> Filter {
    Filter::Mirror(Mirror {
        backend: Arc::new(backend),
        numerator,
        denominator,
    })
}

fn unresolved() -> Filter {
    Filter::Extension(ExtensionRef {
        group: "x.test".into(),
        kind: "X".into(),
        name: ObjectName::new("a", "x"),
        resolved: false,
    })
}

fn redirect(build: impl FnOnce(&mut Redirect)) -> Action {
    let mut redirect = Redirect::default();
    build(&mut redirect);
    Action::default().with_filters([Filter::Redirect(redirect)])
}

fn rewrite(path: PathModifier) -> Filter {
    Filter::Rewrite(Rewrite {
        hostname: None,
        path: Some(path),
    })
}

fn full(value: &str) -> PathModifier {
    PathModifier::ReplaceFullPath(value.into())
}

fn prefix(value: &str) -> PathModifier {
    PathModifier::ReplacePrefixMatch(value.into())
}

fn list(values: &[&str]) -> Vec<Box<str>> {
    values.iter().map(|value| (*value).into()).collect()
}

fn cors(build: impl FnOnce(&mut Cors)) -> Filter {
    let mut cors = Cors::default();
    build(&mut cors);
    Filter::Cors(cors)
}

fn http_auth(path: &str, allowed: &[&str], allowed_response: &[&str], backend: Backend) -> Filter {
    Filter::ExternalAuth(ExternalAuth {
        protocol: AuthProtocol::Http {
            path: path.into(),
            allowed_headers: list(allowed),
            allowed_response_headers: list(allowed_response),
        },
        backend: Arc::new(backend),
        max_body: 0,
    })
}

fn status(status: u16) -> AuthAnswer<'static> {
    AuthAnswer::Http {
        status,
        headers: Headers::Lines(&[]),
        body: b"",
    }
}

/// The draw for a pick out of `sum`.
fn pick(pick: u64, sum: u64) -> u64 {
    (u128::from(pick) << 64).div_ceil(u128::from(sum)) as u64
}

/// EX-51, EX-53: MATCH-GRPC-12/13/16, OUT-02, BACKEND-WEIGHT-03.
#[test]
fn ex_51_53_errors_of_grpc_and_of_http_routes() {
    let grpc = |action: Action| {
        let route = Route::new(RouteKind::Grpc, "a", "r", [Rule::grpc(0, [], action)]);
        let listener = Listener::new(
            ListenerHead::http("a", "g", "any", 80),
            [Attachment::any_host(route)],
        );
        World {
            router: Router::compile(&Plan::of([Gateway::new("a", "g", [listener])])),
            port: 80,
            tls: false,
        }
    };
    let world = grpc(to([backend("A").with_weight(3), missing()]));
    assert_eq!(world.ask(&call("/pkg.S/M").draw(pick(3, 4))), "200 grpc 14");
    assert!(
        world
            .ask(&call("/pkg.S/M").draw(pick(2, 4)))
            .starts_with("A gets")
    );
    let world = World::of([Rule::http(
        0,
        [HttpMatch::exact("/pkg.S/M")],
        to([missing()]),
    )]);
    assert_eq!(world.ask(&call("/pkg.S/M")), "500");
    assert_eq!(world.ask(&call("/pkg.S/N")), "grpc 12");
    assert_eq!(grpc(to([missing()])).ask(&call("/pkg.S/M")), "200 grpc 14");
}

/// EX-56: L4-TCP-03, BACKEND-WEIGHT-02.
#[test]
fn ex_56_a_share_without_backend_is_reset() {
    let route = Route::new(
        RouteKind::Tcp,
        "a",
        "r",
        [Rule::stream(
            0,
            to([backend("A").with_weight(0), missing()]),
        )],
    );
    let head = ListenerHead::http("a", "g", "t", 9000).with_protocol(Protocol::Tcp);
    let listener = Listener::new(head, [Attachment::any_host(route)]);
    let router = Router::compile(&Plan::of([Gateway::new("a", "g", [listener])]));
    let connection = Connection {
        target: Target::Only,
        port: 9000,
        protocol: ConnectionProtocol::Tcp,
        sni: None,
    };
    let Accepted::Stream(matched) = router.accept(&connection) else {
        panic!("a TCPRoute takes it");
    };
    for draw in [0, 1 << 63, u64::MAX] {
        assert!(matches!(
            filter::choose(matched.action(), &Draw::of(draw)),
            Choice::Reset(_)
        ));
    }
}

/// EX-58, EX-60: FILTER-GEN-03, FILTER-HDR-01/02.
#[test]
fn ex_58_60_modifiers_at_both_levels() {
    let on_backend = Filter::RequestHeaders(modify(&[("x-a", "2")], &[("X-B", "b")]));
    let action = to([with(backend("A"), [on_backend])]).with_filters([set("X-A", "1")]);
    let world = World::of([rule("/", action)]);
    let said = world.ask(&get("/").header("X-A", "0").header("X-B", "a"));
    assert_eq!(said, "A gets old.test/ X-B=a x-a=2 X-B=b");
    let cookie = Filter::ResponseHeaders(modify(&[], &[("Set-Cookie", "s=1")]));
    let world = World::of([rule("/", to([backend("A")]).with_filters([cookie]))]);
    assert_eq!(world.ask(&get("/")), "A gets old.test/; set-cookie: s=1");
}

/// EX-59, EX-67, EX-68, EX-88: FILTER-HDR-05, FILTER-REDIR-01/10, FILTER-GEN-04. A rule that is invalid takes no part.
#[test]
fn ex_59_67_68_88_invalid_rules_leave_their_requests_to_others() {
    let mut both = modify(&[("X-A", "1")], &[]);
    both.remove = list(&["x-a"]);
    let replace = || rewrite(prefix("/x"));
    let invalid = [
        rule(
            "/bad",
            to([backend("A")]).with_filters([Filter::RequestHeaders(both)]),
        ),
        Rule::http(
            0,
            [HttpMatch::prefix("/bad"), HttpMatch::prefix("/b")],
            to([backend("A")]).with_filters([replace()]),
        ),
        Rule::http(
            0,
            [HttpMatch::exact("/bad")],
            to([backend("A")]).with_filters([replace()]),
        ),
        rule(
            "/bad",
            to([backend("A")]).with_filters([
                set("X-Req", "1"),
                http_auth("", &[], &[], backend("auth")),
                set("X-Other", "1"),
            ]),
        ),
        rule("/bad", redirect(|redirect| redirect.status = 300)),
    ];
    for bad in invalid {
        let shown = format!("{bad:?}");
        let world = World::of([bad, rule("/", to([backend("B")]))]);
        assert_eq!(world.ask(&get("/bad")), "B gets old.test/bad", "{shown}");
    }
    let legal = World::of([Rule::http(
        0,
        [],
        to([backend("A")]).with_filters([replace()]),
    )]);
    assert_eq!(legal.ask(&get("/y")), "A gets old.test/x/y");
    let permanent = World::of([rule("/", redirect(|redirect| redirect.status = 308))]);
    assert_eq!(permanent.ask(&get("/")), "308 http://old.test/");
}

/// EX-61..65: FILTER-REDIR-03..06/08.
#[test]
fn ex_61_to_65_scheme_host_and_port_of_redirects() {
    let ask = |port, protocol, request: &Ask, build: &dyn Fn(&mut Redirect)| {
        World::on(port, protocol, [rule("/", redirect(build))]).ask(request)
    };
    let https = |redirect: &mut Redirect| redirect.scheme = Some("https".into());
    let (clear, tls) = (Protocol::Http, Protocol::Https);
    let to_new = |redirect: &mut Redirect| redirect.hostname = Some("new.test".into());
    assert_eq!(
        ask(8080, clear, &get("/p?q=1").host("old.test:80"), &to_new),
        "302 http://new.test:8080/p?q=1"
    );
    assert_eq!(
        ask(8080, clear, &get("/p").host("old.test:8080"), &https),
        "302 https://old.test/p"
    );
    let https_80 = |redirect: &mut Redirect| {
        https(redirect);
        redirect.port = Some(80);
    };
    assert_eq!(
        ask(8080, clear, &get("/p"), &https_80),
        "302 https://old.test:80/p"
    );
    let http_443 = |redirect: &mut Redirect| {
        redirect.scheme = Some("http".into());
        redirect.port = Some(443);
    };
    assert_eq!(
        ask(8080, clear, &get("/p"), &http_443),
        "302 http://old.test:443/p"
    );
    assert_eq!(
        ask(8443, tls, &get("/p"), &|_| {}),
        "302 https://old.test:8443/p"
    );
    let port_80 = |redirect: &mut Redirect| redirect.port = Some(80);
    assert_eq!(
        ask(443, tls, &get("/p"), &port_80),
        "302 https://old.test:80/p"
    );
    assert_eq!(
        ask(8080, clear, &get("/p"), &port_80),
        "302 http://old.test/p"
    );
}

/// EX-66, EX-69..71: FILTER-REWRITE-01/02/04..06/09, FILTER-REDIR-07..09, FILTER-MIRROR-07.
#[test]
fn ex_66_69_70_71_paths_and_hosts() {
    let world = World::of([rule(
        "/old",
        redirect(|redirect| redirect.path = Some(prefix("/new/"))),
    )]);
    for (target, path) in [
        ("/old/x%20y/?a=b", "/new/x%20y/?a=b"),
        ("/old", "/new"),
        ("/old/", "/new/"),
    ] {
        assert_eq!(
            world.ask(&get(target)),
            format!("302 http://old.test{path}")
        );
    }
    let rewritten = |own: &str, modifier: PathModifier, target: &'static str| {
        World::of([rule(
            own,
            to([backend("A")]).with_filters([rewrite(modifier)]),
        )])
        .ask(&get(target))
    };
    for (target, path) in [
        ("/api", "/"),
        ("/api/", "/"),
        ("/api/v1", "/v1"),
        ("/api//evil", "/evil"),
    ] {
        assert_eq!(
            rewritten("/api/", prefix(""), target),
            format!("A gets old.test{path}")
        );
    }
    assert_eq!(
        rewritten("/", prefix("/base"), "/"),
        "A gets old.test/base/"
    );
    assert_eq!(
        rewritten("/", prefix("/base"), "/x?y"),
        "A gets old.test/base/x?y"
    );
    assert_eq!(
        rewritten("/s", full("/one"), "/s/t?u=1"),
        "A gets old.test/one?u=1"
    );
    let levels =
        to([with(backend("A"), [rewrite(prefix("y"))])]).with_filters([rewrite(prefix("x"))]);
    assert_eq!(
        World::of([rule("/s", levels)]).ask(&get("/s/t")),
        "A gets old.test/y/t"
    );
    let host = Filter::Rewrite(Rewrite {
        hostname: Some("int.test".into()),
        path: None,
    });
    let world = World::of([rule(
        "/",
        to([backend("A")]).with_filters([mirror(backend("M"), 1, 1), host]),
    )]);
    assert_eq!(
        world.ask(&get("/").host("a.test:8080")),
        "A gets int.test/, copy to M"
    );
}

/// EX-72..74: FILTER-MIRROR-03/05..08.
#[test]
fn ex_72_73_74_mirrors() {
    let share = |numerator, denominator, draw| {
        let action =
            to([backend("A")]).with_filters([mirror(backend("M"), numerator, denominator)]);
        World::of([rule("/", action)])
            .ask(&get("/").draw(draw))
            .ends_with(", copy to M")
    };
    assert!(share(25, 100, 0x3FFF_FFFF_FFFF_FFFF));
    assert!(!share(25, 100, 0x4000_0000_0000_0000));
    assert!(!share(0, 7, 0));
    assert!(share(100, 100, u64::MAX));
    let world = World::of([rule(
        "/",
        to([backend("A")]).with_filters([mirror(missing(), 1, 1)]),
    )]);
    assert_eq!(world.ask(&get("/")), "A gets old.test/");
    let world = World::of([rule(
        "/",
        to([missing()]).with_filters([mirror(backend("M"), 1, 1)]),
    )]);
    assert_eq!(world.ask(&get("/")), "500, copy to M");
    let on_backend = with(backend("A"), [set("X", "2"), mirror(backend("O"), 1, 1)]);
    let action = to([on_backend]).with_filters([
        mirror(backend("M"), 1, 1),
        set("X", "1"),
        mirror(backend("N"), 1, 1),
    ]);
    let said = World::of([rule("/", action)]).ask(&get("/"));
    assert_eq!(
        said,
        "A gets old.test/ X=2, copy to M, copy to N, copy to O"
    );
}

/// EX-75..79, EX-81, EX-82: FILTER-CORS-01/02/05..07/11..20/22.
#[test]
fn ex_75_to_82_cors() {
    let world = |build: &dyn Fn(&mut Cors)| {
        World::of([rule("/", to([backend("A")]).with_filters([cors(build)]))])
    };
    let usual = world(&|cors: &mut Cors| {
        cors.allow_origins = list(&["https://*.a.test"]);
        cors.allow_methods = list(&["PUT"]);
        cors.allow_credentials = true;
    });
    let preflight = |origin: &'static str, asked: &'static str| {
        get("/")
            .method("OPTIONS")
            .header("origin", origin)
            .header("access-control-request-method", asked)
    };
    assert_eq!(
        usual.ask(&preflight("https://x.y.a.test", "DELETE")),
        "204; access-control-allow-origin: https://x.y.a.test; access-control-allow-credentials: true; \
         access-control-allow-methods: PUT; access-control-max-age: 5; vary: Origin"
    );
    assert_eq!(
        usual.ask(&preflight("https://a.test", "DELETE")),
        "204; vary: Origin"
    );
    assert_eq!(
        usual.ask(&get("/").header("origin", "https://a.test")),
        "A gets old.test/ origin=https://a.test; vary: Origin"
    );
    assert_eq!(usual.ask(&get("/")), "A gets old.test/");
    for (origin, allowed) in [
        ("https://x.a.test:443", true),
        ("https://x.a.test:8443", false),
        ("http://x.a.test", false),
    ] {
        let said = usual.ask(&get("/").header("origin", origin));
        assert_eq!(
            said.contains(&format!("access-control-allow-origin: {origin};")),
            allowed,
            "{said}"
        );
    }
    let stars = |credentials: bool| {
        world(&move |cors: &mut Cors| {
            cors.allow_origins = list(&["*"]);
            cors.allow_methods = list(&["*"]);
            cors.allow_headers = list(&["*"]);
            cors.expose_headers = list(&["*"]);
            cors.allow_credentials = credentials;
        })
    };
    assert_eq!(
        stars(true).ask(&preflight("https://o.test", "PATCH")),
        "204; access-control-allow-origin: https://o.test; access-control-allow-credentials: true; \
         access-control-allow-methods: PATCH; access-control-max-age: 5; vary: Origin"
    );
    assert_eq!(
        stars(false).ask(&preflight("https://o.test", "PATCH")),
        "204; access-control-allow-origin: *; access-control-expose-headers: *; access-control-allow-methods: *; \
         access-control-allow-headers: *; access-control-max-age: 5"
    );
    assert_eq!(
        stars(false).ask(&get("/").header("origin", "null")),
        "A gets old.test/ origin=null; access-control-allow-origin: *; access-control-expose-headers: *"
    );
    assert_eq!(
        stars(true).ask(&get("/").header("origin", "null")),
        "A gets old.test/ origin=null; vary: Origin"
    );
    let said = stars(true).ask(
        &get("/")
            .method("OPTIONS")
            .header("origin", "https://o.test"),
    );
    assert!(
        said.starts_with("A gets") && said.contains("access-control-allow-origin: https://o.test"),
        "{said}"
    );
    let said = stars(true).ask(&preflight("https://o.test", "PUT").method("POST"));
    assert!(
        said.starts_with("A gets") && said.contains("access-control-allow-origin: https://o.test"),
        "{said}"
    );
}

/// EX-80: FILTER-CORS-03.
#[test]
fn ex_80_a_preflight_meets_the_method_that_it_asks_for() {
    let all = cors(|cors| cors.allow_origins = list(&["*"]));
    let put = HttpMatch::prefix("/c").with_method(Method::Put);
    let world = World::of([Rule::http(0, [put], to([backend("A")]).with_filters([all]))]);
    let options = |asked: &'static str| {
        get("/c")
            .method("OPTIONS")
            .header("origin", "https://o.test")
            .header("access-control-request-method", asked)
    };
    assert!(world.ask(&options("PUT")).starts_with("204;"));
    assert_eq!(world.ask(&options("DELETE")), "404");
    assert_eq!(
        world.ask(
            &get("/c")
                .method("OPTIONS")
                .header("access-control-request-method", "PUT")
        ),
        "404"
    );
}

/// EX-83: FILTER-CORS-04/21, FILTER-AUTH-03/12, FILTER-EXT-02.
#[test]
fn ex_83_preflights_pass_auth_but_not_errors() {
    let all = || cors(|cors| cors.allow_origins = list(&["*"]));
    let world =
        |first: Filter| World::of([rule("/", to([backend("A")]).with_filters([first, all()]))]);
    let preflight = || {
        get("/")
            .method("OPTIONS")
            .header("origin", "https://o.test")
            .header("access-control-request-method", "PUT")
    };
    let put = || get("/").method("PUT").header("origin", "https://o.test");
    let auth = world(http_auth("", &[], &[], backend("auth")));
    assert!(auth.ask(&preflight()).starts_with("204;"));
    assert_eq!(
        auth.ask(&put().answer(status(401))),
        "asks PUT /, 401; access-control-allow-origin: *"
    );
    for broken in [http_auth("", &[], &[], missing()), unresolved()] {
        let world = world(broken);
        assert_eq!(world.ask(&put()), "500; access-control-allow-origin: *");
        let said = world.ask(&preflight());
        assert!(
            said.starts_with("500; access-control-allow-origin: *"),
            "{said}"
        );
    }
}

/// EX-84..87: FILTER-AUTH-05..12/15/16; the lists of headers and bodies are looked at beside the code.
#[test]
fn ex_84_85_86_external_auth() {
    let world = World::of([rule(
        "/",
        to([backend("A")]).with_filters([http_auth(
            "/check/",
            &["X-T"],
            &["X-User"],
            backend("auth"),
        )]),
    )]);
    let request = || get("/adm/x?y=1").header("X-User", "root");
    let asks = "asks GET /check/adm/x, ";
    assert_eq!(
        world.ask(&request().answer(status(200))),
        format!("{asks}A gets old.test/adm/x?y=1")
    );
    let named = AuthAnswer::Http {
        status: 200,
        headers: Headers::Lines(&[("x-user", b"ann")]),
        body: b"",
    };
    assert_eq!(
        world.ask(&request().answer(named)),
        format!("{asks}A gets old.test/adm/x?y=1 x-user=ann")
    );
    for (answer, expected) in [(204, "403"), (302, "302"), (401, "401"), (503, "403")] {
        assert_eq!(
            world.ask(&request().answer(status(answer))),
            format!("{asks}{expected}")
        );
    }
    assert_eq!(world.ask(&request()), format!("{asks}403"));
}

/// EX-87: FILTER-AUTH-15/16.
#[test]
fn ex_87_bodies_are_refused_before_the_question() {
    let mut auth = http_auth("", &[], &[], backend("auth"));
    if let Filter::ExternalAuth(auth) = &mut auth {
        auth.max_body = 4;
    }
    let action = to([backend("A")]).with_filters([auth]);
    let route = ObjectName::new("a", "r");
    let matched = Match::new(MatchParts {
        listener: None,
        port: 80,
        scheme: Scheme::Http,
        route: RouteId {
            kind: RouteKind::Http,
            name: &route,
        },
        hostname: None,
        rule_index: 0,
        rule_name: None,
        match_index: 0,
        prefix: Some(""),
        regex: None,
        path: "/".into(),
        is_grpc: false,
        action: &action,
    });
    let head = RequestHead {
        version: Version::Http11,
        method: "POST",
        host: Some(b"old.test"),
        path: b"/",
        query: None,
        headers: Headers::Lines(&[]),
    };
    let Outcome::Ask(ask) = filter::apply(&matched, &head, Draw::of(0)) else {
        panic!("an auth server is asked");
    };
    assert_eq!(ask.body(Some(4)), filter::BodyStep::Read { limit: 4 });
    assert_eq!(ask.body_read(4), filter::BodyStep::Send(4));
    assert_eq!(
        ask.request(4).headers,
        [("content-length".into(), b"4"[..].into())] as [filter::HeaderLine<'_>; 1]
    );
    assert_eq!(ask.body(Some(5)), filter::BodyStep::Refuse);
    assert_eq!(said(&ask.refuse_body()), "413");
}

/// EX-89, EX-107: FILTER-EXT-02/04, EVAL-04, FILTER-REDIR-11, OUT-07.
#[test]
fn ex_89_107_unresolved_extensions() {
    let world = World::of([
        rule("/x", to([backend("A")]).with_filters([unresolved()])),
        rule("/", to([backend("B")])),
    ]);
    assert_eq!(world.ask(&get("/x")), "500");
    assert_eq!(world.ask(&get("/y")), "B gets old.test/y");
    let away = Filter::Redirect(Redirect {
        hostname: Some("n.test".into()),
        ..Redirect::default()
    });
    let action = to([
        with(backend("A"), [unresolved()]),
        with(missing(), [away]),
        backend("C"),
    ]);
    let world = World::of([rule("/", action)]);
    assert_eq!(world.ask(&get("/").draw(pick(0, 3))), "500");
    assert_eq!(world.ask(&get("/").draw(pick(1, 3))), "302 http://n.test/");
    assert_eq!(world.ask(&get("/").draw(pick(2, 3))), "C gets old.test/");
}

/// EX-90..92: BACKEND-WEIGHT-06, OUT-03/05/06.
#[test]
fn ex_90_91_92_weights_and_shares() {
    let world = |backends: Vec<Backend>| World::of([rule("/", to(backends))]);
    let weighted = world(vec![
        backend("A").with_weight(2),
        backend("B").with_weight(0),
        backend("C").with_weight(3),
    ]);
    for (draw, name) in [
        (0, "A"),
        (0x6666_6666_6666_6666, "A"),
        (0x6666_6666_6666_6667, "C"),
        (u64::MAX, "C"),
    ] {
        assert_eq!(
            weighted.ask(&get("/").draw(draw)),
            format!("{name} gets old.test/")
        );
    }
    let partly = world(vec![backend("A"), missing().with_weight(3)]);
    assert_eq!(partly.ask(&get("/").draw(pick(0, 4))), "A gets old.test/");
    for share in 1..4 {
        assert_eq!(partly.ask(&get("/").draw(pick(share, 4))), "500");
    }
    let unready = Backend {
        ready: false,
        ..backend("A")
    };
    let both = world(vec![unready, missing()]);
    assert_eq!(both.ask(&get("/").draw(pick(0, 2))), "503");
    assert_eq!(both.ask(&get("/").draw(pick(1, 2))), "500");
    let nothing = world(vec![
        backend("A").with_weight(0),
        backend("B").with_weight(0),
    ]);
    assert_eq!(nothing.ask(&get("/")), "500");
}

/// EX-99: ROUTE-NAME-03/05.
#[test]
fn ex_99_names_of_rules_do_not_matter() {
    let world = World::of([
        rule("/1", to([backend("A")])).named("a"),
        rule("/2", to([backend("B")])),
        rule("/3", to([backend("C")])).named("a"),
    ]);
    for (target, name) in [("/1", "A"), ("/2", "B"), ("/3", "C")] {
        assert_eq!(
            world.ask(&get(target)),
            format!("{name} gets old.test{target}")
        );
    }
}

/// MESH-RT-12: the port of a redirect in a mesh is that of the Service.
#[test]
fn mesh_rt_12_redirects_lead_to_the_port_of_the_service() {
    let plan = Plan {
        gateways: Vec::new(),
        frontends: vec![Frontend {
            service: ObjectName::new("a", "cart"),
            port: 8080,
            producer: Some(RouteGroup {
                routes: vec![Route::http("a", "r", [rule("/", redirect(|_| {}))]).into()],
                udp: Vec::new(),
            }),
            consumers: Vec::new(),
        }],
    };
    let router = Router::compile(&plan);
    let connection = Connection {
        target: Target::Service {
            namespace: "a",
            name: "cart",
            client_namespace: "b",
        },
        port: 8080,
        protocol: ConnectionProtocol::Http,
        sni: None,
    };
    let Accepted::Http(listener) = router.accept(&connection) else {
        panic!("a route is attached");
    };
    let lines: [(&str, &[u8]); 1] = [("host", b"cart")];
    let head = RequestHead::from_raw(RawHead {
        version: Version::Http11,
        method: "GET",
        target: b"/p",
        authority: None,
        headers: Headers::Lines(&lines),
    })
    .unwrap();
    let matched = listener.find(&head).unwrap();
    assert_eq!(
        said(&filter::apply(&matched, &head, Draw::of(0))),
        "302 http://cart:8080/p"
    );
}
