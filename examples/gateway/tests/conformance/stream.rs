//! Clients of TCP, UDP and WebSocket.

use std::io;
use std::time::Duration;

use gatewright_echo::datagram::dns_query;
use gatewright_echo::websocket::{self, Frame};
use http::{Request, StatusCode, header};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, UdpSocket};

use crate::client::Connection;

/// How often a datagram is sent again when no answer comes, and after which time.
const SENDINGS: usize = 8;
const WAIT: Duration = Duration::from_secs(2);

/// Sends a line and reads the line that comes back: what the backend says of itself.
pub async fn line(stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<Value> {
    let mut stream = BufReader::new(stream);
    stream.get_mut().write_all(b"hello\n").await?;
    stream.get_mut().flush().await?;
    let mut answer = String::new();
    stream.read_line(&mut answer).await?;
    serde_json::from_str(&answer).map_err(|e| io::Error::other(format!("{e}: {answer:?}")))
}

/// Sends a datagram and waits for the answer. UDP may lose either.
pub async fn datagram(address: (&str, u16), payload: &str) -> io::Result<Vec<u8>> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.connect(address).await?;
    let query = payload.strip_prefix("DNS query A ");
    let bytes = match query {
        Some(name) => dns_query(7, name.trim_end_matches('.')),
        None => payload.as_bytes().to_vec(),
    };
    let mut buffer = vec![0; 65_535];
    for _ in 0..SENDINGS {
        socket.send(&bytes).await?;
        let Ok(received) = tokio::time::timeout(WAIT, socket.recv(&mut buffer)).await else {
            continue;
        };
        let answer = buffer[..received?].to_vec();
        // A response to this query, with an answer.
        let is_fine =
            query.is_none() || (answer[..2] == [0, 7] && answer[2] & 0x80 != 0 && answer[7] == 1);
        return if is_fine {
            Ok(answer)
        } else {
            Err(io::Error::other(format!("no DNS answer: {answer:?}")))
        };
    }
    Err(io::ErrorKind::TimedOut.into())
}

/// Upgrades a connection and sends a text and a binary message; each must come back.
pub async fn websocket(stream: TcpStream, path: &str, authority: &str) -> io::Result<()> {
    let key = "Z2F0ZXdyaWdodCB0ZXN0cyE=";
    let mut connection = Connection::open(stream, false).await?;
    let request = Request::builder()
        .uri(path)
        .header(header::HOST, authority)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, key)
        .body(Full::default())
        .map_err(io::Error::other)?;
    let mut response = connection.send(request).await?;
    let accept = response.headers().get(header::SEC_WEBSOCKET_ACCEPT);
    if response.status() != StatusCode::SWITCHING_PROTOCOLS
        || accept.is_none_or(|accept| *accept != websocket::accept_key(key))
    {
        return Err(io::Error::other(format!("not upgraded: {response:?}")));
    }
    let upgraded = hyper::upgrade::on(&mut response)
        .await
        .map_err(io::Error::other)?;
    let mut stream = TokioIo::new(upgraded);
    for (opcode, payload) in [(1, &b"text frame"[..]), (2, b"binary \x00\xff frame")] {
        let frame = Frame {
            opcode,
            payload: payload.to_vec(),
        };
        websocket::write(&mut stream, &frame, Some([1, 2, 3, 4])).await?;
        let back = websocket::read(&mut stream).await?;
        if back != frame {
            return Err(io::Error::other(format!("{back:?} instead of {frame:?}")));
        }
    }
    Ok(())
}
