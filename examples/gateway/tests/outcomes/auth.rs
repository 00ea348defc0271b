//! External auth: FILTER-AUTH.

use bytes::Bytes;
use gatewright_echo::grpc;
use http::{HeaderMap, HeaderValue, Response};
use http_body_util::{BodyExt, Full};
use prost::Message;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::client::Ask;
use crate::server::{Body, full, only, server};
use crate::{PORT, Running};

/// One rule that asks the Service `auth` and forwards to `web`.
fn rules(auth: Value) -> Value {
    let mut auth = auth;
    auth["backendRef"] = json!({"name": "auth", "port": 80});
    json!([{
        "filters": [{"type": "ExternalAuth", "externalAuth": auth}],
        "backendRefs": [{"name": "web", "port": 80}],
    }])
}

/// A gateway with the rule, an echo backend as pod 0, and a place for the auth server at pod 1.
async fn running(auth: Value) -> Running {
    let running = Running::start(rules(auth), &[("web", &[0]), ("auth", &[1])]).await;
    running.echo(0).await;
    running
}

/// EX-84, EX-86: FILTER-AUTH-05..07, FILTER-AUTH-10/11.
#[tokio::test]
async fn an_http_server_gets_what_it_may_see_and_names_the_user() {
    let running = running(json!({"protocol": "HTTP", "http": {
        "path": "/check/", "allowedHeaders": ["X-T"], "allowedResponseHeaders": ["X-User"]}}))
    .await;
    let asked = server(&running, 1, |_, _| {
        let response = Response::builder().header("x-user", "ann");
        response.header("x-other", "1").body(full("")).unwrap()
    })
    .await;
    let ask = Ask::get("/adm/x?y=1")
        .header("authorization", "Bearer 1")
        .header("x-t", "t")
        .header("cookie", "c=1")
        .header("x-user", "root");
    let answer = running.ask(ask).await;
    assert_eq!(answer.sent("x-user"), ["ann"]);
    assert_eq!(answer.sent("x-other"), [""; 0]);
    assert_eq!(answer.sent("cookie"), ["c=1"]);
    let (parts, body) = only(&asked);
    assert_eq!((parts.method.as_str(), &body[..]), ("GET", &b""[..]));
    assert_eq!(parts.uri, "/check/adm/x?y=1");
    let header = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(header("host"), Some("app.example.com"));
    assert_eq!(header("authorization"), Some("Bearer 1"));
    assert_eq!(header("x-t"), Some("t"));
    assert_eq!(header("content-length"), Some("0"));
    assert_eq!((header("cookie"), header("x-user")), (None, None));
}

/// EX-85: FILTER-AUTH-09/12.
#[tokio::test]
async fn an_http_server_denies() {
    let running = running(json!({"protocol": "HTTP", "http": {}})).await;
    // Nobody listens yet.
    assert_eq!(running.ask(Ask::get("/")).await.status, 403);
    server(&running, 1, |parts, _| {
        let status: u16 = parts.uri.path().trim_start_matches('/').parse().unwrap();
        let response = Response::builder().status(status);
        let response = response
            .header("location", "https://login.example.com/")
            .header("www-authenticate", "Basic");
        response
            .body(full(if status == 204 { "" } else { "why" }))
            .unwrap()
    })
    .await;
    for (status, expected) in [(204, 403), (302, 302), (401, 401), (503, 403)] {
        let answer = running.ask(Ask::get(&format!("/{status}"))).await;
        assert_eq!(answer.status, expected, "{status}");
        let passed = status == expected;
        assert_eq!(answer.body, if passed { "why" } else { "" }, "{status}");
        assert_eq!(answer.values("location").len(), usize::from(passed));
        assert_eq!(answer.values("www-authenticate").len(), usize::from(passed));
    }
}

/// FILTER-AUTH-18, BACKEND-TIMEOUT-01: the time of an auth server counts.
#[tokio::test]
async fn an_http_server_has_no_more_time_than_the_request() {
    let mut rules = rules(json!({"protocol": "HTTP", "http": {}}));
    rules[0]["timeouts"] = json!({"request": "1s"});
    let running = Running::start(rules, &[("web", &[0]), ("auth", &[1])]).await;
    // It takes connections, and says nothing.
    let _silent = TcpListener::bind((running.pod(1), PORT)).await.unwrap();
    assert_eq!(running.ask(Ask::get("/")).await.status, 504);
}

/// EX-87: FILTER-AUTH-15/16.
#[tokio::test]
async fn an_http_server_gets_small_bodies() {
    let running =
        running(json!({"protocol": "HTTP", "http": {}, "forwardBody": {"maxSize": 4}})).await;
    let asked = server(&running, 1, |_, _| Response::new(full(""))).await;
    let answer = running.ask(Ask::post("/", "abcd")).await;
    assert_eq!(answer.sent("content-length"), ["4"]);
    assert_eq!(running.ask(Ask::post("/", "abcde")).await.status, 413);
    let asked = asked.lock().unwrap();
    let bodies: Vec<&[u8]> = asked.iter().map(|(_, body)| &body[..]).collect();
    assert_eq!(bodies, [b"abcd"]);
}

/// FILTER-AUTH-13/14: a header replaces what a client sent unless `append` is true, whatever `append_action` 0 means elsewhere;
/// the numbers of all fields are Envoy's.
#[tokio::test]
async fn a_grpc_server_changes_what_it_allows() {
    let running = running(json!({"protocol": "GRPC", "grpc": {}})).await;
    let asked = server(&running, 1, |_, _| {
        answered(&CheckResponse {
            status: Some(Code { code: 0 }),
            denied: None,
            ok: Some(Allowed {
                headers: vec![
                    option("x-user", "ann", None),
                    option("x-role", "reader", Some(true)),
                    option("x-team", "blue", Some(false)),
                ],
                headers_to_remove: vec!["x-secret".to_owned()],
                response_headers_to_add: vec![option("x-checked", "yes", None)],
                query_parameters_to_set: vec![pair("tenant", "7")],
                query_parameters_to_remove: vec!["debug".to_owned()],
            }),
        })
    })
    .await;
    let ask = Ask::get("/adm?debug=1&y=1")
        .header("X-User", "root")
        .header("x-role", "guest")
        .header("x-team", "red")
        .header("x-secret", "1");
    let answer = running.ask(ask).await;
    assert_eq!(answer.sent("x-user"), ["ann"]);
    assert_eq!(answer.sent("x-role"), ["guest", "reader"]);
    assert_eq!(answer.sent("x-team"), ["blue"]);
    assert_eq!(answer.sent("x-secret"), [""; 0]);
    assert_eq!(answer.values("x-checked"), ["yes"]);
    assert_eq!(answer.seen()["path"], "/adm?y=1&tenant=7");
    let (parts, body) = only(&asked);
    assert_eq!(
        parts.uri.path(),
        "/envoy.service.auth.v3.Authorization/Check"
    );
    let http = CheckRequest::decode(&body[5..]).unwrap().http();
    assert_eq!((&*http.method, &*http.scheme), ("GET", "http"));
    assert_eq!(http.path, "/adm?debug=1&y=1");
    assert_eq!(http.host, "app.example.com");
    assert_eq!(http.headers["x-user"], "root");
}

/// FILTER-AUTH-12/14: the status is 403 unless the server names one; a call that fails denies.
#[tokio::test]
async fn a_grpc_server_denies() {
    let running = running(json!({"protocol": "GRPC", "grpc": {}})).await;
    server(&running, 1, |_, body| {
        let denied = match CheckRequest::decode(&body[5..])
            .unwrap()
            .http()
            .path
            .as_str()
        {
            "/named" => Some(Denied {
                status: Some(Code { code: 401 }),
                headers: vec![option("www-authenticate", "Basic", None)],
                body: "who?".to_owned(),
            }),
            "/bare" => None,
            "/cut" => return cut(),
            _ => return called(&(), "2"),
        };
        answered(&CheckResponse {
            status: Some(Code { code: 7 }),
            denied,
            ok: None,
        })
    })
    .await;
    let named = running.ask(Ask::get("/named")).await;
    assert_eq!((named.status, &*named.body), (401, "who?"));
    assert_eq!(named.values("www-authenticate"), ["Basic"]);
    assert_eq!(running.ask(Ask::get("/bare")).await.status, 403);
    assert_eq!(running.ask(Ask::get("/failed")).await.status, 403);
    assert_eq!(running.ask(Ask::get("/cut")).await.status, 403);
}

fn pair(key: &str, value: &str) -> Header {
    Header {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

fn option(key: &str, value: &str, append: Option<bool>) -> HeaderValueOption {
    HeaderValueOption {
        header: Some(pair(key, value)),
        append: append.map(|value| BoolValue { value }),
    }
}

fn answered(response: &CheckResponse) -> Response<Body> {
    called(response, "0")
}

fn called(message: &impl Message, status: &'static str) -> Response<Body> {
    framed(grpc::frame(message), status)
}

/// A message that is not all there: what is would allow.
fn cut() -> Response<Body> {
    framed(Bytes::from_static(&[0, 0, 0, 0, 9]), "0")
}

fn framed(frame: Bytes, status: &'static str) -> Response<Body> {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(status));
    let body = Full::new(frame).with_trailers(async move { Some(Ok(trailers)) });
    let response = Response::builder().header("content-type", "application/grpc");
    response.body(body.boxed_unsync()).unwrap()
}

// The messages of envoy.service.auth.v3 as far as they are looked at, by field number.

#[derive(Clone, PartialEq, Message)]
struct CheckRequest {
    #[prost(message, optional, tag = "1")]
    attributes: Option<Attributes>,
}

impl CheckRequest {
    fn http(self) -> HttpRequest {
        self.attributes.unwrap().request.unwrap().http.unwrap()
    }
}

#[derive(Clone, PartialEq, Message)]
struct Attributes {
    #[prost(message, optional, tag = "4")]
    request: Option<RequestAttributes>,
}

#[derive(Clone, PartialEq, Message)]
struct RequestAttributes {
    #[prost(message, optional, tag = "2")]
    http: Option<HttpRequest>,
}

#[derive(Clone, PartialEq, Message)]
struct HttpRequest {
    #[prost(string, tag = "2")]
    method: String,
    #[prost(map = "string, string", tag = "3")]
    headers: std::collections::HashMap<String, String>,
    #[prost(string, tag = "4")]
    path: String,
    #[prost(string, tag = "5")]
    host: String,
    #[prost(string, tag = "6")]
    scheme: String,
}

#[derive(Clone, PartialEq, Message)]
struct CheckResponse {
    #[prost(message, optional, tag = "1")]
    status: Option<Code>,
    #[prost(message, optional, tag = "2")]
    denied: Option<Denied>,
    #[prost(message, optional, tag = "3")]
    ok: Option<Allowed>,
}

/// A status of gRPC or of HTTP: both have their number first.
#[derive(Clone, PartialEq, Message)]
struct Code {
    #[prost(int32, tag = "1")]
    code: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Denied {
    #[prost(message, optional, tag = "1")]
    status: Option<Code>,
    #[prost(message, repeated, tag = "2")]
    headers: Vec<HeaderValueOption>,
    #[prost(string, tag = "3")]
    body: String,
}

#[derive(Clone, PartialEq, Message)]
struct Allowed {
    #[prost(message, repeated, tag = "2")]
    headers: Vec<HeaderValueOption>,
    #[prost(string, repeated, tag = "5")]
    headers_to_remove: Vec<String>,
    #[prost(message, repeated, tag = "6")]
    response_headers_to_add: Vec<HeaderValueOption>,
    #[prost(message, repeated, tag = "7")]
    query_parameters_to_set: Vec<Header>,
    #[prost(string, repeated, tag = "8")]
    query_parameters_to_remove: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
struct HeaderValueOption {
    #[prost(message, optional, tag = "1")]
    header: Option<Header>,
    #[prost(message, optional, tag = "2")]
    append: Option<BoolValue>,
}

/// A header or a query parameter: name and value.
#[derive(Clone, PartialEq, Message)]
struct Header {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct BoolValue {
    #[prost(bool, tag = "1")]
    value: bool,
}
