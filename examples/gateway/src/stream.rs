//! TCP and TLS connections whose bytes pass as they come.

use std::io;
use std::sync::Arc;

use gatewright::filter::{self, Choice, Draw};
use gatewright::plan::Backend;
use gatewright::router::StreamMatch;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::live::{Live, Shared};
use crate::upstream;

/// Carries a connection to the backend that its Route chooses. An error resets it (L4-TCP-04).
pub async fn carry<S>(
    mut client: S,
    backend: &Backend,
    live: &Arc<Live>,
    shared: &Arc<Shared>,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let endpoint = live
        .endpoints
        .next(backend)
        .ok_or(io::ErrorKind::HostUnreachable)?;
    let tls = match &backend.tls {
        Some(tls) => Some((live.client_config(backend, None)?, &*tls.hostname)),
        None => None,
    };
    let mut server = upstream::connect(endpoint, tls).await?;
    tokio::select! {
        copied = tokio::io::copy_bidirectional(&mut client, &mut server) => copied.map(|_| ()),
        () = shared.draining.cancelled() => Ok(()),
    }
}

/// The backend of a new connection.
pub fn backend<'r>(matched: &StreamMatch<'r>) -> io::Result<&'r Backend> {
    match filter::choose(matched.action(), &Draw::of(fastrand::u64(..))) {
        Choice::Forward { backend, .. } => Ok(backend),
        Choice::Reset(why) => Err(io::Error::other(why.to_string())),
    }
}

/// Closes a connection so that the client sees a reset, not an end.
pub fn reset(stream: &TcpStream) {
    // A connection that is gone already needs no reset.
    let _ = stream.set_zero_linger();
}
