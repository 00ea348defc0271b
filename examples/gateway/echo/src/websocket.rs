//! WebSocket (RFC 6455): each message comes back as it was sent.

use std::io;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use ring::digest;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::web::{Body, full};

/// What the key of the client is joined with (RFC 6455, section 1.3).
const MAGIC: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The longest message that is taken.
const MOST: u64 = 1 << 20;

/// A frame: all messages of this backend fit into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// 1 for text, 2 for binary, 8 for the end, 9 and 10 for ping and pong.
    pub opcode: u8,
    /// The payload, unmasked.
    pub payload: Vec<u8>,
}

/// The `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`.
pub fn accept_key(key: &str) -> String {
    let joined = format!("{key}{MAGIC}");
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, joined.as_bytes());
    BASE64_STANDARD.encode(hash)
}

/// Takes the upgrade that a request asks for; `None` when it asks for none.
pub(crate) fn accept(request: &mut Request<Incoming>) -> Option<Response<Body>> {
    let wanted = |headers: &HeaderMap| {
        let upgrade = headers.get(header::UPGRADE)?.to_str().ok()?;
        let key = headers.get(header::SEC_WEBSOCKET_KEY)?.to_str().ok()?;
        upgrade
            .eq_ignore_ascii_case("websocket")
            .then(|| accept_key(key))
    };
    let accept = HeaderValue::try_from(wanted(request.headers())?).ok()?;
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let stream = upgrade.await.map_err(io::Error::other)?;
        echo(TokioIo::new(stream)).await
    });
    let mut response = Response::new(full(""));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    Some(response)
}

async fn echo(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    loop {
        let mut frame = read(&mut stream).await?;
        let ends = frame.opcode == 8;
        if frame.opcode == 9 {
            frame.opcode = 10;
        }
        write(&mut stream, &frame, None).await?;
        if ends {
            return stream.shutdown().await;
        }
    }
}

/// Reads one frame.
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Frame> {
    let opcode = stream.read_u8().await? & 0x0f;
    let second = stream.read_u8().await?;
    let length = match second & 0x7f {
        126 => u64::from(stream.read_u16().await?),
        127 => stream.read_u64().await?,
        short => u64::from(short),
    };
    if length > MOST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut mask = [0; 4];
    if second & 0x80 != 0 {
        stream.read_exact(&mut mask).await?;
    }
    let mut payload = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    stream.read_exact(&mut payload).await?;
    masked(&mut payload, mask);
    Ok(Frame { opcode, payload })
}

/// Writes one frame, masked as clients must.
pub async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    frame: &Frame,
    mask: Option<[u8; 4]>,
) -> io::Result<()> {
    let flag = if mask.is_some() { 0x80 } else { 0 };
    let mut bytes = vec![0x80 | frame.opcode];
    match frame.payload.len() {
        short @ 0..126 => bytes.push(flag | short as u8),
        middle @ 126..0x1_0000 => {
            bytes.push(flag | 126);
            bytes.extend_from_slice(&(middle as u16).to_be_bytes());
        }
        long => {
            bytes.push(flag | 127);
            bytes.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    let mut payload = frame.payload.clone();
    if let Some(mask) = mask {
        bytes.extend_from_slice(&mask);
        masked(&mut payload, mask);
    }
    bytes.extend_from_slice(&payload);
    stream.write_all(&bytes).await?;
    stream.flush().await
}

fn masked(payload: &mut [u8], mask: [u8; 4]) {
    for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

#[cfg(test)]
mod tests {
    /// The example of RFC 6455, section 1.3.
    #[test]
    fn the_accept_key_is_that_of_the_rfc() {
        assert_eq!(
            super::accept_key("dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }
}
