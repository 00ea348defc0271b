use gatewright::plan::{
    Action, Attachment, Backend, BackendTls, Cors, Filter, Gateway, HttpMatch, Listener,
    ListenerHead, Plan, Protocol, Redirect, Route, RouteKind, Rule, TlsMode, TrustAnchors,
};
use gatewright::router::Router;
use gatewright::vocab::Hostname;
use serde_json::{Value, json};

use super::*;

fn plan() -> Plan {
    let mut secure = Backend::service("shop", "secure", 8443);
    secure.tls = Some(
        BackendTls {
            hostname: "secure.test".into(),
            subject_alt_names: Vec::new(),
            trust: TrustAnchors::System,
        }
        .into(),
    );
    let rules = [
        Rule::http(
            0,
            [HttpMatch::prefix("/cart")],
            Action::forward([
                Backend::service("shop", "cart", 8080).with_weight(3),
                Backend::service("shop", "cart-v2", 8080),
            ]),
        )
        .named("cart"),
        Rule::http(
            1,
            [HttpMatch::prefix("/old")],
            Action::default().with_filters([Filter::Redirect(Redirect {
                hostname: Some("new.test".into()),
                ..Redirect::default()
            })]),
        ),
        Rule::http(2, [], Action::default()),
        Rule::http(3, [HttpMatch::prefix("/secure")], Action::forward([secure])),
        Rule::http(
            4,
            [HttpMatch::prefix("/cors")],
            Action::forward([Backend::service("shop", "cart", 8080)]).with_filters([Filter::Cors(
                Cors {
                    allow_origins: vec!["*".into()],
                    ..Cors::default()
                },
            )]),
        ),
    ];
    let route = Route::http("shop", "site", rules);
    let hostname = Hostname::parse("*.shop.test").unwrap();
    let web = Listener::new(
        ListenerHead::http("infra", "front", "web", 80),
        [Attachment::with_hostnames(route, [hostname])],
    );
    let database = Route::new(
        RouteKind::Tls,
        "shop",
        "db",
        [Rule::stream(
            0,
            Action::forward([Backend::service("shop", "pg", 5432)]),
        )],
    );
    let tls = Listener::new(
        ListenerHead::http("infra", "front", "db", 443)
            .with_protocol(Protocol::Tls(TlsMode::Passthrough)),
        [Attachment::with_hostnames(
            database,
            [Hostname::parse("db.test").unwrap()],
        )],
    );
    let mut gateway = Gateway::new("infra", "front", [web, tls]);
    gateway.client_certificate = Some(gatewright::plan::ObjectName::new("infra", "client"));
    Plan::of([gateway])
}

fn decided(line: Value) -> Value {
    let plan = plan();
    let router = Router::compile(&plan);
    let line = RequestLine::parse(&line.to_string()).unwrap();
    serde_json::to_value(Decider::new(&plan, &router).decide(&line)).unwrap()
}

#[test]
fn a_forwarded_request_says_who_what_and_why() {
    let decision = decided(json!({
        "id": 7, "gateway": "infra/front", "host": "eu.shop.test:80", "path": "/cart/7?a=1", "headers": [["X-A", "1"]],
    }));
    assert_eq!(
        decision,
        json!({
            "id": 7,
            "outcome": "forward",
            "status": null,
            "grpc_status": null,
            "listener": {"gateway": "infra/front", "name": "web", "set": null},
            "hostname": "*.shop.test",
            "route": {"kind": "HTTPRoute", "namespace": "shop", "name": "site"},
            "rule": {"index": 0, "name": "cart"},
            "match": 0,
            "key": "path-length",
            "backend": {"kind": "Service", "namespace": "shop", "name": "cart", "port": 8080, "weight": 3},
            "backends": [
                {"kind": "Service", "namespace": "shop", "name": "cart", "port": 8080, "weight": 3, "valid": true},
                {"kind": "Service", "namespace": "shop", "name": "cart-v2", "port": 8080, "weight": 1, "valid": true},
            ],
            "location": null,
            "request": {
                "method": "GET", "scheme": "http", "host": "eu.shop.test:80", "path": "/cart/7?a=1",
                "headers": [["X-A", "1"]],
            },
            "response_headers": {"set": [], "add": [], "remove": []},
            "mirrors": [],
            "timeouts": {"request": null, "backendRequest": null},
            "retry": null,
            "session": null,
            "cors": null,
            "external_auth": null,
            "backend_tls": null,
            "reason": "forwarded to Service shop/cart:8080",
        })
    );
}

#[test]
fn the_draw_chooses_the_backend() {
    for (draw, name) in [
        (0.0, "cart"),
        (0.7499, "cart"),
        (0.75, "cart-v2"),
        (1.0, "cart-v2"),
    ] {
        let decision = decided(json!({"host": "eu.shop.test", "path": "/cart", "draw": draw}));
        assert_eq!(decision["backend"]["name"], name, "{draw}");
    }
}

#[test]
fn answers_of_our_own_have_a_status_and_their_headers() {
    let redirect = decided(json!({"host": "eu.shop.test", "path": "/old/x"}));
    assert_eq!(
        (&redirect["outcome"], &redirect["status"]),
        (&json!("redirect"), &json!(302))
    );
    assert_eq!(redirect["location"], "http://new.test/old/x");
    let error = decided(json!({"host": "eu.shop.test", "path": "/else"}));
    assert_eq!(
        (&error["outcome"], &error["status"], &error["rule"]["index"]),
        (&json!("respond"), &json!(500), &json!(2))
    );
    let preflight = decided(json!({
        "host": "eu.shop.test", "path": "/cors", "method": "OPTIONS",
        "headers": [["origin", "https://o.test"], ["access-control-request-method", "PUT"]],
    }));
    assert_eq!(
        (&preflight["status"], &preflight["cors"]),
        (&json!(204), &json!({"preflight": true, "allowed": true}))
    );
    let set = preflight["response_headers"]["set"].as_array().unwrap();
    assert!(
        set.contains(&json!(["access-control-allow-origin", "*"])),
        "{set:?}"
    );
    let missing = decided(json!({"host": "other.test"}));
    assert_eq!(
        (&missing["status"], &missing["listener"]["name"]),
        (&json!(404), &json!("web"))
    );
    let call = decided(json!({"host": "other.test", "protocol": "grpc", "path": "/p.S/M"}));
    assert_eq!(
        (&call["status"], &call["grpc_status"]),
        (&json!(200), &json!(12))
    );
}

#[test]
fn malformed_requests_are_400_without_listener() {
    for line in [
        json!({}),
        json!({"host": "a..b"}),
        json!({"host": "eu.shop.test", "path": "/%zz"}),
        json!({"host": "eu.shop.test", "path": "x"}),
        json!({"host": "eu.shop.test", "headers": [["Host", "other.test"]]}),
    ] {
        let decision = decided(line.clone());
        assert_eq!(
            (&decision["status"], &decision["listener"]),
            (&json!(400), &Value::Null),
            "{line}"
        );
    }
    let same = decided(
        json!({"host": "eu.shop.test", "path": "/cart", "headers": [["Host", "EU.shop.test"]]}),
    );
    assert_eq!(same["outcome"], "forward");
    assert_eq!(same["request"]["headers"], json!([]));
}

#[test]
fn connections_are_reset_or_forwarded() {
    for line in [
        json!({"gateway": "infra/other"}),
        json!({"gateway": "front"}),
        json!({"port": 81}),
        json!({"protocol": "tcp"}),
        json!({"protocol": "tls", "sni": null, "host": "db.test"}),
        json!({"protocol": "tls", "sni": "x.test"}),
    ] {
        assert_eq!(decided(line.clone())["outcome"], "reset", "{line}");
    }
    let decision = decided(json!({"protocol": "tls", "host": "db.test:443"}));
    assert_eq!(
        (&decision["outcome"], &decision["backend"]["name"]),
        (&json!("forward"), &json!("pg"))
    );
    assert_eq!(
        (&decision["match"], &decision["request"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn a_service_without_routes_passes_traffic_through() {
    let decision =
        decided(json!({"service": "shop/cart", "port": 8080, "path": "/x?y", "host": "cart"}));
    assert_eq!(
        (&decision["outcome"], &decision["route"]),
        (&json!("forward"), &Value::Null)
    );
    let backend =
        json!({"kind": "Service", "namespace": "shop", "name": "cart", "port": 8080, "weight": 1});
    assert_eq!(decision["backend"], backend);
    assert_eq!(decision["request"]["path"], "/x?y");
}

#[test]
fn tls_towards_backends_tells_both_sides() {
    let decision = decided(json!({"host": "eu.shop.test", "path": "/secure"}));
    let expected = json!({
        "hostname": "secure.test",
        "subject_alt_names": [],
        "ca": "System",
        "client_certificate": {"kind": "Secret", "namespace": "infra", "name": "client"},
    });
    assert_eq!(decision["backend_tls"], expected);
}

#[test]
fn what_is_no_request_is_not_read() {
    for line in [
        "",
        "{",
        "[]",
        "7",
        r#"{"port": 70000}"#,
        r#"{"port": -1}"#,
        r#"{"scheme": "ftp"}"#,
        r#"{"protocol": "x"}"#,
    ] {
        assert!(RequestLine::parse(line).is_err(), "{line}");
    }
    assert!(RequestLine::parse("{}").is_ok());
}
