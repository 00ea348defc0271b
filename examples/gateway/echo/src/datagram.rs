//! UDP: each datagram is answered with a JSON object, or a DNS query with an address.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use serde_json::json;
use tokio::net::UdpSocket;

use crate::Echo;

/// Serves a port until the task is dropped.
pub async fn serve(socket: UdpSocket, echo: Arc<Echo>) {
    let mut buffer = vec![0; 65_535];
    loop {
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        let identity = echo.identity();
        let answer = json!({
            "payload": String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()),
            "namespace": identity.namespace,
            "pod": identity.pod,
            "service": identity.service,
        });
        // An answer may be lost, as UDP is.
        let _ = socket.send_to(answer.to_string().as_bytes(), peer).await;
    }
}

/// Answers DNS queries for addresses with the address of who asks (RFC 1035).
pub async fn serve_dns(socket: UdpSocket) {
    let mut buffer = vec![0; 512];
    loop {
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        if let Some(answer) = dns_answer(buffer.get(..length).unwrap_or_default(), peer) {
            // An answer may be lost, as UDP is.
            let _ = socket.send_to(&answer, peer).await;
        }
    }
}

/// A query for one A record, as clients send it.
pub fn dns_query(id: u16, name: &str) -> Vec<u8> {
    let mut query = id.to_be_bytes().to_vec();
    // Recursion desired; one question, nothing else.
    query.extend_from_slice(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.trim_end_matches('.').split('.') {
        query.push(label.len() as u8);
        query.extend_from_slice(label.as_bytes());
    }
    query.extend_from_slice(&[0, 0, 1, 0, 1]);
    query
}

fn dns_answer(query: &[u8], peer: SocketAddr) -> Option<Vec<u8>> {
    let (id, questions) = (query.get(..2)?, query.get(4..6)?);
    if questions != [0, 1] {
        return None;
    }
    let mut end = 12;
    while let length @ 1.. = usize::from(*query.get(end)?) {
        end += 1 + length;
    }
    let question = query.get(12..end + 5)?;
    let mut answer = id.to_vec();
    // A response with authority and recursion; one question, one answer.
    answer.extend_from_slice(&[0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    answer.extend_from_slice(question);
    let IpAddr::V4(address) = peer.ip() else {
        return None;
    };
    // The name of the question, type A, class IN, a minute, four bytes.
    answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
    answer.extend_from_slice(&address.octets());
    Some(answer)
}
