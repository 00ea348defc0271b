//! How fast a matched request is acted on.
//!
//! Each line is one request with three headers. `forward` has two weighted backends and no filters; the others add what their
//! name says. `auth` is the question and going on with its answer.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use gatewright::filter::{self, AuthAnswer, AuthKind, Draw, Outcome};
use gatewright::plan::{
    Action, AuthProtocol, Backend, Cors, ExternalAuth, Filter, HeaderEdits, Mirror, ObjectName,
    PathModifier, Redirect, Rewrite, RouteKind,
};
use gatewright::router::{Headers, Match, MatchParts, RequestHead, RouteId, Scheme, Version};

const HEADERS: &[(&str, &[u8])] = &[
    ("accept", b"*/*"),
    ("origin", b"https://eu.shop.test"),
    ("access-control-request-method", b"PUT"),
];

fn edits() -> HeaderEdits {
    HeaderEdits {
        set: vec![("x-shop".into(), "eu".into())],
        add: vec![("x-via".into(), "gateway".into())],
        remove: vec!["x-internal".into()],
    }
}

fn cors() -> Filter {
    Filter::Cors(Cors {
        allow_origins: vec!["https://admin.test".into(), "https://*.shop.test".into()],
        allow_methods: vec!["GET".into(), "PUT".into()],
        allow_headers: vec!["x-shop".into()],
        ..Cors::default()
    })
}

fn cases() -> Vec<(&'static str, &'static str, Action)> {
    let backends = || {
        let mut first = Backend::service("shop", "cart", 8080);
        first.weight = 9;
        [first, Backend::service("shop", "cart-v2", 8080)]
    };
    let with = |filters: Vec<Filter>| Action::forward(backends()).with_filters(filters);
    let rewrite = Filter::Rewrite(Rewrite {
        hostname: Some("int.test".into()),
        path: Some(PathModifier::ReplacePrefixMatch("/basket".into())),
    });
    let mirror = Filter::Mirror(Mirror {
        backend: Arc::new(Backend::service("shop", "shadow", 80)),
        numerator: 1,
        denominator: 10,
    });
    let auth = Filter::ExternalAuth(ExternalAuth {
        protocol: AuthProtocol::Http {
            path: "/check".into(),
            allowed_headers: vec!["x-token".into()],
            allowed_response_headers: vec!["x-user".into()],
        },
        backend: Arc::new(Backend::service("shop", "auth", 80)),
        max_body: 0,
    });
    let redirect = Action::default().with_filters([Filter::Redirect(Redirect {
        scheme: Some("https".into()),
        ..Redirect::default()
    })]);
    vec![
        ("forward", "GET", with(Vec::new())),
        (
            "modifiers",
            "GET",
            with(vec![
                Filter::RequestHeaders(edits()),
                Filter::ResponseHeaders(edits()),
            ]),
        ),
        ("rewrite", "GET", with(vec![rewrite])),
        ("mirror", "GET", with(vec![mirror])),
        ("cors", "GET", with(vec![cors()])),
        ("preflight", "OPTIONS", with(vec![cors()])),
        ("redirect", "GET", redirect),
        ("auth", "GET", with(vec![auth])),
    ]
}

fn apply(c: &mut Criterion) {
    let mut group = c.benchmark_group("apply");
    let route = ObjectName::new("shop", "cart");
    let allowed = AuthAnswer::allowed(AuthKind::Http);
    for (name, method, action) in cases() {
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
            prefix: Some("/cart"),
            regex: None,
            path: "/cart/7".into(),
            is_grpc: false,
            action: &action,
        });
        let head = RequestHead {
            version: Version::Http11,
            method,
            host: Some(b"shop.test"),
            path: b"/cart/7",
            query: Some(b"page=2"),
            headers: Headers::Lines(HEADERS),
        };
        group.bench_function(name, |b| {
            b.iter(|| {
                match filter::apply(black_box(&matched), black_box(&head), Draw::of(1 << 60)) {
                    Outcome::Ask(ask) => {
                        black_box(ask.request(0));
                        ask.resume(&allowed)
                    }
                    outcome => outcome,
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, apply);
criterion_main!(benches);
