//! Clients that say nothing, or not enough, are let go; what takes long for other reasons is not.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Running;
use crate::client::{Ask, LONG, end};

async fn running() -> Running {
    let rules = json!([{"backendRefs": [{"name": "web", "port": 80}]}]);
    let running = Running::start(rules, &[("web", &[0])]).await;
    running.echo(0).await;
    running
}

#[tokio::test]
async fn half_a_head_is_not_waited_for() {
    let running = running().await;
    // Nothing; what both versions of HTTP may begin with; what only one may; all of a head but its end.
    for begun in [
        "",
        "P",
        "PRI * HT",
        "G",
        "GET / HTTP/1.1\r\nhost: a.test\r\n",
    ] {
        let mut stream = TcpStream::connect(running.address()).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        assert_eq!(end(&mut stream).await, "", "{begun:?}");
    }
}

#[tokio::test]
async fn a_head_that_trickles_is_not_waited_for() {
    let running = running().await;
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    let head = b"GET / HTTP/1.1\r\nhost: a.test\r\n";
    stream.write_all(head).await.unwrap();
    let (mut from, mut to) = stream.split();
    let trickle = async {
        while to.write_all(b"x-a: 1\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let mut answer = Vec::new();
    let ended = async {
        tokio::select! {
            () = trickle => {}
            _ = from.read_to_end(&mut answer) => {}
        }
    };
    tokio::time::timeout(LONG, ended).await.expect("it ends");
    assert_eq!(answer, b"");
}

#[tokio::test]
async fn a_connection_ends_some_time_after_its_last_request() {
    let running = running().await;
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: a.test\r\n\r\n";
    stream.write_all(request).await.unwrap();
    assert!(end(&mut stream).await.starts_with("HTTP/1.1 200 OK\r\n"));
}

/// `P` may begin `PRI`, with which HTTP/2 begins.
#[tokio::test]
async fn a_method_may_come_in_pieces() {
    let running = running().await;
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    for piece in [
        "P",
        "U",
        "T / HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n\r\n",
    ] {
        stream.write_all(piece.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let answer = end(&mut stream).await;
    assert!(answer.contains("\"method\": \"PUT\""), "{answer}");
}

#[tokio::test]
async fn a_slow_backend_is_waited_for() {
    let running = running().await;
    let answer = running.ask(Ask::get("/?delay=4s")).await;
    assert_eq!(answer.pod(), "pod-0");
}
