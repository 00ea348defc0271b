//! Requests and plans that nobody checked: there is always an answer, and what leaves the gateway has its shape.

use std::sync::Arc;

use gatewright::filter::{self, AuthAnswer, AuthKind, CheckAnswer, Draw, HeaderOption, Outcome};
use gatewright::plan::*;
use gatewright::router::Headers;
use proptest::prelude::*;

use crate::world::Matched;

fn text() -> impl Strategy<Value = Box<str>> {
    prop_oneof![
        4 => "[a-z/.%*:?#;= -]{0,12}",
        1 => "\\PC{0,8}",
        1 => any::<String>().prop_map(|text| text.chars().take(8).collect()),
        1 => Just("origin".to_owned()),
        1 => Just("host".to_owned()),
        1 => Just("*".to_owned()),
        1 => Just("https://*.a.test".to_owned()),
    ]
    .prop_map(Into::into)
}

fn texts() -> impl Strategy<Value = Vec<Box<str>>> {
    prop::collection::vec(text(), 0..4)
}

fn pairs() -> impl Strategy<Value = Vec<(Box<str>, Box<str>)>> {
    prop::collection::vec((text(), text()), 0..3)
}

fn edits() -> impl Strategy<Value = HeaderEdits> {
    (pairs(), pairs(), texts()).prop_map(|(set, add, remove)| HeaderEdits { set, add, remove })
}

fn modifier() -> impl Strategy<Value = Option<PathModifier>> {
    prop_oneof![
        Just(None),
        text().prop_map(|path| Some(PathModifier::ReplaceFullPath(path))),
        text().prop_map(|path| Some(PathModifier::ReplacePrefixMatch(path))),
    ]
}

fn plain_backend() -> impl Strategy<Value = Backend> {
    (any::<u32>(), any::<bool>(), any::<bool>()).prop_map(|(weight, ready, valid)| {
        let mut backend = Backend::service("a", "b", 80).with_weight(weight % 5);
        backend.ready = ready;
        backend.fault = (!valid).then_some(BackendFault::NotFound);
        backend
    })
}

fn one_filter() -> impl Strategy<Value = Filter> {
    prop_oneof![
        edits().prop_map(Filter::RequestHeaders),
        edits().prop_map(Filter::ResponseHeaders),
        (
            modifier(),
            prop::option::of(text()),
            prop::option::of(text()),
            prop::option::of(any::<u16>()),
            any::<u16>()
        )
            .prop_map(|(path, hostname, scheme, port, status)| {
                Filter::Redirect(Redirect {
                    scheme,
                    hostname,
                    port,
                    path,
                    status,
                })
            }),
        (modifier(), prop::option::of(text()))
            .prop_map(|(path, hostname)| Filter::Rewrite(Rewrite { hostname, path })),
        (plain_backend(), any::<u32>(), any::<u32>()).prop_map(
            |(backend, numerator, denominator)| {
                Filter::Mirror(Mirror {
                    backend: Arc::new(backend),
                    numerator,
                    denominator,
                })
            }
        ),
        (
            texts(),
            any::<bool>(),
            texts(),
            texts(),
            texts(),
            any::<u32>()
        )
            .prop_map(
                |(
                    allow_origins,
                    allow_credentials,
                    allow_methods,
                    allow_headers,
                    expose_headers,
                    max_age,
                )| {
                    Filter::Cors(Cors {
                        allow_origins,
                        allow_credentials,
                        allow_methods,
                        allow_headers,
                        expose_headers,
                        max_age,
                    })
                }
            ),
        (
            text(),
            texts(),
            texts(),
            plain_backend(),
            any::<u16>(),
            any::<bool>()
        )
            .prop_map(
                |(path, allowed_headers, allowed_response_headers, backend, max_body, http)| {
                    let protocol = if http {
                        AuthProtocol::Http {
                            path,
                            allowed_headers,
                            allowed_response_headers,
                        }
                    } else {
                        AuthProtocol::Grpc { allowed_headers }
                    };
                    Filter::ExternalAuth(ExternalAuth {
                        protocol,
                        backend: Arc::new(backend),
                        max_body,
                    })
                }
            ),
        any::<bool>().prop_map(|resolved| {
            Filter::Extension(ExtensionRef {
                group: "g".into(),
                kind: "k".into(),
                name: ObjectName::new("a", "x"),
                resolved,
            })
        }),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let filters = || prop::collection::vec(one_filter(), 0..4);
    let backend = (plain_backend(), filters()).prop_map(|(mut backend, filters)| {
        backend.filters = filters;
        backend
    });
    let session = (prop::option::of(text()), any::<bool>()).prop_map(|(name, cookie)| Session {
        name,
        kind: if cookie {
            SessionKind::Cookie
        } else {
            SessionKind::Header
        },
        absolute_timeout: None,
        idle_timeout: None,
        lifetime: SessionLifetime::Session,
    });
    (
        filters(),
        prop::collection::vec(backend, 0..4),
        prop::option::of(session),
    )
        .prop_map(|(filters, backends, session)| Action {
            session,
            ..Action::forward(backends).with_filters(filters)
        })
}

/// What a request may look like when a caller has checked nothing.
#[derive(Debug)]
struct Wild {
    method: String,
    host: Option<Vec<u8>>,
    path: String,
    query: Option<Vec<u8>>,
    prefix: Option<String>,
    headers: Vec<(String, Vec<u8>)>,
    grpc: bool,
}

fn request() -> impl Strategy<Value = Wild> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..12);
    let name = prop_oneof![
        Just("origin".to_owned()),
        Just("Cookie".to_owned()),
        Just("connection".to_owned()),
        Just("access-control-request-method".to_owned()),
        Just("Access-Control-Request-Headers".to_owned()),
        "[a-z*:-]{0,8}",
    ];
    let value = prop_oneof![
        bytes(),
        Just(b"https://x.a.test".to_vec()),
        Just(b"PUT".to_vec())
    ];
    let method = prop_oneof![
        Just("OPTIONS".to_owned()),
        Just("CONNECT".to_owned()),
        "[A-Z]{0,5}"
    ];
    (
        method,
        prop::option::of(bytes()),
        "/?[a-z/.%{}\"<>]{0,16}",
        prop::option::of(bytes()),
        prop::option::of("(/[a-z]{0,2}){0,2}"),
        prop::collection::vec((name, value), 0..6),
        any::<bool>(),
    )
        .prop_map(|(method, host, path, query, prefix, headers, grpc)| Wild {
            method,
            host,
            path,
            query,
            prefix,
            headers,
            grpc,
        })
}

/// FILTER-REWRITE-06/08, SAFE-REDIR-01, SAFE-LIMIT-02: paths and URLs have their shape, whatever was configured.
fn shape_holds(outcome: &Outcome<'_>, effective: &str) -> Result<(), TestCaseError> {
    for copy in outcome.mirrors() {
        prop_assert!(copy.numerator > 0 && copy.backend.fault.is_none());
    }
    match outcome {
        Outcome::Forward(forward) => {
            prop_assert!(forward.backend.fault.is_none() && forward.backend.ready);
            prop_assert!(forward.backend.weight > 0);
            let path = &*forward.request.path;
            let kept = path == effective;
            prop_assert!(
                kept || (path.starts_with('/') && !path.starts_with("//")),
                "{path}"
            );
            forward.request.lines().for_each(drop);
        }
        Outcome::Redirect(redirection) => {
            let url = &redirection.location;
            prop_assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "{url:?}");
            let rest = url
                .strip_prefix("http://")
                .or_else(|| url.strip_prefix("https://"));
            let rest = rest.unwrap_or_default();
            let slash = rest.find('/').unwrap_or_default();
            prop_assert!(slash > 0 && !rest[slash..].starts_with("//"), "{url}");
        }
        Outcome::Respond(answer) => {
            prop_assert!(
                (200..=599).contains(&answer.status) || answer.reason == filter::Reason::Extension
            );
        }
        Outcome::Ask(_) => {}
    }
    let mut headers = http::HeaderMap::new();
    outcome.respond(200, &mut headers);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    /// SAFE-LIMIT-02, SAFE-AUTH-01.
    #[test]
    fn every_request_has_an_answer(action in action(), wild in request(), draw in any::<u64>(), allow in any::<bool>()) {
        let route = ObjectName::new("a", "r");
        let headers: Vec<(&str, &[u8])> = wild.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let (matched, head) = Matched {
            method: &wild.method,
            host: wild.host.as_deref(),
            path: &wild.path,
            query: wild.query.as_deref(),
            prefix: wild.prefix.as_deref(),
            headers: &headers,
            kind: if wild.grpc { RouteKind::Grpc } else { RouteKind::Http },
            ..Matched::new(&action, &route)
        }.parts();
        // Configured hosts and replacements are only as good as `check` found them.
        let rule = Rule {
            index: 0,
            name: None,
            matches: match wild.grpc {
                true => Matches::Grpc(vec![GrpcMatch::default()]),
                false => Matches::Http(vec![HttpMatch::prefix("/")]),
            },
            action: Arc::new(action.clone()),
        };
        let kind = if wild.grpc { RouteKind::Grpc } else { RouteKind::Http };
        let is_sound = check::rule(kind, &rule, gatewright::vocab::Release::NEWEST).is_ok();
        let mut outcome = filter::apply(&matched, &head, Draw::of(draw));
        if let Outcome::Ask(ask) = &outcome {
            let _ = (ask.request(0), ask.body(Some(draw)), ask.body_read(draw));
            let answer = match (allow, ask.kind()) {
                (false, _) => AuthAnswer::Failed,
                (true, AuthKind::Http) => AuthAnswer::Http { status: 200, headers: Headers::Lines(&headers), body: b"" },
                (true, AuthKind::Grpc) => AuthAnswer::Grpc(CheckAnswer::ALLOWED),
            };
            outcome = outcome.resume(&answer);
        }
        prop_assert!(!matches!(outcome, Outcome::Ask(_)));
        if is_sound {
            shape_holds(&outcome, &wild.path)?;
        }
    }

    /// What an auth server says is not to be trusted either.
    #[test]
    fn every_check_answer_is_taken(name in ".{0,10}", value in prop::collection::vec(any::<u8>(), 0..8), code in 0i32..2, status in any::<u16>(), query in ".{0,10}") {
        let action = Action::forward([Backend::service("a", "b", 80)]).with_filters([Filter::ExternalAuth(ExternalAuth {
            protocol: AuthProtocol::Grpc { allowed_headers: Vec::new() },
            backend: Arc::new(Backend::service("a", "auth", 80)),
            max_body: 0,
        })]);
        let route = ObjectName::new("a", "r");
        let (matched, head) = Matched { query: Some(query.as_bytes()), ..Matched::new(&action, &route) }.parts();
        let option = [HeaderOption { name: &name, value: &value, append: Default::default() }];
        let check = CheckAnswer {
            code,
            headers: &option,
            headers_to_remove: &[&name],
            response_headers_to_add: &option,
            query_parameters_to_set: &[(&name, &query)],
            query_parameters_to_remove: &[&query],
            denied: Some(filter::CheckDenial { status, headers: &option, body: &value }),
        };
        let outcome = filter::apply(&matched, &head, Draw::of(0)).resume(&AuthAnswer::Grpc(check));
        shape_holds(&outcome, "/cart/7")?;
        if let Outcome::Forward(forward) = &outcome {
            prop_assert_eq!(forward.request.host.as_deref(), Some(&b"shop.test"[..]));
        }
    }
}

/// 64 kB of everything, and ten thousand header lines.
#[test]
fn large_requests_take_bounded_time() {
    let long = "a".repeat(64 << 10);
    let path = format!("/cart/{long}");
    let names: Vec<String> = (0..10_000).map(|n| format!("x-{n}")).collect();
    let headers: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (&**name, &b"v"[..]))
        .chain([("origin", long.as_bytes()), ("cookie", long.as_bytes())])
        .collect();
    let edits = HeaderEdits {
        remove: (0..16).map(|n| format!("x-{n}").into()).collect(),
        ..HeaderEdits::default()
    };
    let mut action = Action::forward([Backend::service("a", "b", 80)]).with_filters([
        Filter::RequestHeaders(edits),
        Filter::Cors(Cors {
            allow_origins: vec!["https://*.a.test".into()],
            ..Cors::default()
        }),
        Filter::Rewrite(Rewrite {
            hostname: None,
            path: Some(PathModifier::ReplacePrefixMatch("/x".into())),
        }),
    ]);
    action.session = Some(Session {
        name: Some("sid".into()),
        kind: SessionKind::Cookie,
        absolute_timeout: None,
        idle_timeout: None,
        lifetime: SessionLifetime::Session,
    });
    let route = ObjectName::new("a", "r");
    let (matched, head) = Matched {
        path: &path,
        query: Some(long.as_bytes()),
        headers: &headers,
        ..Matched::new(&action, &route)
    }
    .parts();
    let outcome = filter::apply(&matched, &head, Draw::of(0));
    let Outcome::Forward(forward) = &outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(forward.request.lines().count(), 10_002 - 16);
}
