//! Bodies, mirrors, upgrades and errors on the way to a backend.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::client::{Ask, LONG, end};
use crate::server::{full, only, server};
use crate::{PORT, Running};

fn to_web(rest: Value) -> Value {
    let mut rule = rest;
    rule["backendRefs"] = json!([{"name": "web", "port": 80}]);
    json!([rule])
}

fn mirror() -> Value {
    json!({"filters": [{"type": "RequestMirror",
        "requestMirror": {"backendRef": {"name": "other", "port": 80}}}]})
}

/// The services `web` at pod 0 and `other` at pod 1.
async fn running(rule: Value) -> Running {
    Running::start(to_web(rule), &[("web", &[0]), ("other", &[1])]).await
}

/// RFC 9112, sections 6.3 and 8: a body that its client broke off must not be taken for one that ended. The backend answers
/// without reading it; its connection must not carry another request, whose beginning would be read as that body.
#[tokio::test]
async fn a_broken_body_ends_the_connection_to_its_backend() {
    // Each has its own addresses as long as it lives.
    let mut all = Vec::new();
    for rule in [json!({}), mirror(), json!({"retry": {}})] {
        let running = running(rule).await;
        let seen = hasty(&running).await;
        let mut client = TcpStream::connect(running.address()).await.unwrap();
        let head = b"POST /1 HTTP/1.1\r\nhost: a.test\r\ncontent-length: 1000\r\n\r\nbegun";
        client.write_all(head).await.unwrap();
        client.shutdown().await.unwrap();
        end(&mut client).await;
        assert_eq!(running.ask(Ask::get("/2")).await.status, 200);
        let seen = seen.lock().unwrap();
        let own = seen.iter().find(|bytes| bytes.contains("GET /2"));
        assert!(own.unwrap().starts_with("GET /2 HTTP/1.1\r\n"), "{seen:?}");
        all.push(running);
    }
}

/// A backend that answers whatever comes first, as often as something comes. What came on each connection.
async fn hasty(running: &Running) -> Arc<Mutex<Vec<String>>> {
    let listener = TcpListener::bind((running.pod(0), PORT)).await.unwrap();
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let noted = Arc::clone(&seen);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let noted = Arc::clone(&noted);
            let own = {
                let mut noted = noted.lock().unwrap();
                noted.push(String::new());
                noted.len() - 1
            };
            tokio::spawn(async move {
                let mut bytes = [0; 4096];
                while let Ok(read @ 1..) = stream.read(&mut bytes).await {
                    noted.lock().unwrap()[own] += &String::from_utf8_lossy(&bytes[..read]);
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                    let _ = stream.write_all(answer).await;
                }
            });
        }
    });
    seen
}

/// FILTER-MIRROR-01: a request whose body goes on for long is answered before it ends, and its copy has all of it.
#[tokio::test]
async fn a_mirror_waits_for_the_body_alone() {
    let running = running(mirror()).await;
    hasty(&running).await;
    let copied = server(&running, 1, |_, _| Response::new(full(""))).await;
    let mut client = TcpStream::connect(running.address()).await.unwrap();
    let head =
        b"POST /1 HTTP/1.1\r\nhost: a.test\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n";
    client.write_all(head).await.unwrap();
    let mut first = [0; 15];
    let read = tokio::time::timeout(LONG, client.read_exact(&mut first)).await;
    read.expect("an answer before the end of the body").unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    assert!(copied.lock().unwrap().is_empty());
    client.write_all(b"6\r\n world\r\n0\r\n\r\n").await.unwrap();
    for _ in 0..600 {
        if !copied.lock().unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (parts, body) = only(&copied);
    assert_eq!((parts.uri.path(), &body[..]), ("/1", &b"hello world"[..]));
}

/// RFC 9110, section 7.8; RFC 9113, section 3.1.
#[tokio::test]
async fn only_upgrades_that_are_asked_for_go_on() {
    let running = running(json!({})).await;
    running.echo(0).await;
    let ask = |connection: &str, protocol: &str| {
        let ask = Ask::get("/").header("connection", connection);
        ask.header("upgrade", protocol)
    };
    for (connection, protocol) in [
        ("keep-alive", "websocket"),
        ("upgrade", "h2c"),
        ("upgrade, http2-settings", "h2c"),
        ("upgrade", "websocket, h2c"),
    ] {
        let answer = running.ask(ask(connection, protocol)).await;
        assert_eq!(answer.sent("upgrade"), [""; 0], "{connection} {protocol}");
        assert_eq!(answer.sent("connection"), [""; 0]);
    }
    let answer = running.ask(ask("upgrade", "example/1")).await;
    assert_eq!(answer.sent("upgrade"), ["example/1"]);
    assert_eq!(answer.sent("connection"), ["upgrade"]);
}

/// RFC 9112, section 6.1: a GET may have a body, of a length that nobody knows.
#[tokio::test]
async fn a_get_keeps_its_body() {
    let running = running(json!({})).await;
    let seen = server(&running, 0, |_, _| Response::new(full(""))).await;
    let mut client = TcpStream::connect(running.address()).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    client.write_all(request).await.unwrap();
    let answer = end(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert_eq!(&only(&seen).1[..], b"hello");
}

/// RFC 9113, section 8.2.3.
#[tokio::test]
async fn cookies_of_http2_become_one_line() {
    let running = running(json!({})).await;
    let seen = server(&running, 0, |_, _| Response::new(full(""))).await;
    let stream = TcpStream::connect(running.address()).await.unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = Request::get("http://a.test/")
        .header("cookie", "a=1")
        .header("cookie", "b=2");
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
    let (parts, _) = only(&seen);
    let cookies: Vec<_> = parts.headers.get_all("cookie").iter().collect();
    assert_eq!(cookies, ["a=1; b=2"]);
}

/// FILTER-CORS-12/21, OUT-08.
#[tokio::test]
async fn scripts_can_read_that_a_backend_is_away() {
    let running = running(json!({"filters": [
        {"type": "CORS", "cors": {"allowOrigins": ["https://a.example.com"]}},
        {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"set": [{"name": "x-rule", "value": "1"}]}},
    ]}))
    .await;
    let answer = running
        .ask(Ask::get("/").header("origin", "https://a.example.com"))
        .await;
    assert_eq!(answer.status, 503);
    assert_eq!(
        answer.values("access-control-allow-origin"),
        ["https://a.example.com"]
    );
    assert_eq!(answer.values("vary"), ["Origin"]);
    assert_eq!(answer.values("x-rule"), [""; 0]);
}

/// BACKEND-TIMEOUT-02, BACKEND-RETRY-04: a body that cannot be sent again is sent once, and what then happened is told.
#[tokio::test]
async fn a_body_too_large_for_another_try_times_out_once() {
    let running = running(json!({"retry": {}, "timeouts": {"backendRequest": "1s"}})).await;
    let listener = TcpListener::bind((running.pod(0), PORT)).await.unwrap();
    let body = "x".repeat(2 << 20);
    let silent = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 1 << 16];
        while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
        std::future::pending::<()>().await
    };
    let answer = tokio::select! {
        answer = running.ask(Ask::post("/", &body)) => answer,
        () = silent => unreachable!("it is pending"),
    };
    assert_eq!(answer.status, 504);
}
