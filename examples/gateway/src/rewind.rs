//! A stream whose first bytes were looked at already.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The most that a first TLS record may hold.
const MOST: usize = 16 << 10;

/// A stream that gives back what was read ahead before it goes on.
#[derive(Debug)]
pub struct Rewind<S> {
    ahead: Bytes,
    stream: S,
}

impl<S> Rewind<S> {
    /// `ahead`, then what `stream` has.
    pub fn new(ahead: Bytes, stream: S) -> Self {
        Rewind { ahead, stream }
    }

    /// The stream itself.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }
}

/// What a client says in its first message.
#[derive(Debug)]
pub struct Hello {
    /// The server name it asks for.
    pub server_name: Option<String>,
}

/// Reads a ClientHello, and gives it with the bytes that it came in.
pub async fn client_hello(stream: &mut TcpStream) -> io::Result<(Hello, Bytes)> {
    let mut acceptor = rustls::server::Acceptor::default();
    let mut ahead = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await?;
        if read == 0 || ahead.len() > MOST {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut fresh = chunk.get(..read).unwrap_or_default();
        ahead.extend_from_slice(fresh);
        while !fresh.is_empty() {
            acceptor.read_tls(&mut fresh)?;
        }
        let accepted = acceptor
            .accept()
            .map_err(|(error, _)| io::Error::other(error))?;
        if let Some(accepted) = accepted {
            let server_name = accepted.client_hello().server_name().map(str::to_owned);
            return Ok((Hello { server_name }, ahead.into()));
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Rewind<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let length = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(self.ahead.get(..length).unwrap_or_default());
        self.ahead.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rewind<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
