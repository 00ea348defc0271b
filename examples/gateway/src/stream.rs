//! TCP and TLS connections whose bytes pass as they come.

use std::io;
use std::sync::Arc;

use gatewright::filter::{self, Choice, Draw};
use gatewright::plan::{Backend, ObjectName};
use gatewright::router::StreamMatch;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::live::Live;
use crate::rewind::Rewind;
use crate::upstream;

/// The stream of a client, over a TCP connection that can be reset.
pub trait Client: AsyncRead + AsyncWrite + Send + Unpin {
    /// The TCP connection.
    fn tcp(&self) -> &TcpStream;
}

impl Client for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Client for Rewind<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref()
    }
}

impl<C: Client> Client for TlsStream<C> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0.tcp()
    }
}

/// Carries a connection to the backend that its Route chooses. Where there is none, or it fails, the client sees a reset
/// (L4-TCP-03/04, L4-TLS-08, BTLS-17).
pub async fn carry<C: Client>(
    mut client: C,
    matched: &StreamMatch<'_>,
    gateway: &ObjectName,
    live: &Arc<Live>,
) -> io::Result<()> {
    let passed = pass(&mut client, matched, gateway, live).await;
    if passed.is_err() {
        reset(client.tcp());
    }
    passed
}

async fn pass<C: Client>(
    client: &mut C,
    matched: &StreamMatch<'_>,
    gateway: &ObjectName,
    live: &Arc<Live>,
) -> io::Result<()> {
    let backend = backend(matched)?;
    let endpoint = live
        .endpoints
        .next(backend)
        .ok_or(io::ErrorKind::HostUnreachable)?;
    let tls = live.client_tls(backend, live.client_certificate(gateway))?;
    let mut server = upstream::connect(endpoint, tls.as_deref()).await?;
    // When the process is to end, it waits for this as long as it may.
    tokio::io::copy_bidirectional(client, &mut server).await?;
    Ok(())
}

/// The backend of a new connection.
pub fn backend<'r>(matched: &StreamMatch<'r>) -> io::Result<&'r Backend> {
    match filter::choose(matched.action(), &Draw::of(fastrand::u64(..))) {
        Choice::Forward { backend, .. } => Ok(backend),
        Choice::Reset(why) => Err(io::Error::other(why.to_string())),
    }
}

/// Makes the end of a connection a reset: what closes it next sends RST in place of FIN.
pub fn reset(stream: &TcpStream) {
    // A connection that is gone already needs no reset.
    let _ = stream.set_zero_linger();
}
