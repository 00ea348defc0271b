//! What becomes of one TCP connection.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use gatewright::plan::{ObjectName, TlsMode};
use gatewright::router::{Accepted, ConnectionProtocol};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::live::{Live, Shared};
use crate::proxy::{self, Client};
use crate::rewind::{Rewind, client_hello};
use crate::stream;

/// Serves a connection to its end. An error resets it.
pub async fn serve(
    tcp: TcpStream,
    peer: SocketAddr,
    gateway: ObjectName,
    port: u16,
    shared: Arc<Shared>,
) -> io::Result<()> {
    let _open = shared.metrics.connection();
    // Small answers must not wait for each other.
    tcp.set_nodelay(true)?;
    let live = shared.live.load_full();
    let mut client = Client {
        responses: shared.metrics.responses(&gateway),
        gateway,
        port,
        protocol: ConnectionProtocol::Http,
        server_name: None,
        peer,
    };
    let target = client.connection().target;
    match live.router.opening(target, port) {
        Some(ConnectionProtocol::Http) => clear(tcp, client, &shared).await,
        Some(ConnectionProtocol::Tcp) => {
            client.protocol = ConnectionProtocol::Tcp;
            match live.router.accept(&client.connection()) {
                Accepted::Stream(matched) => {
                    stream::carry(tcp, &matched, &client.gateway, &live, &shared).await
                }
                _ => Err(refuse(&tcp)),
            }
        }
        Some(ConnectionProtocol::Https | ConnectionProtocol::Tls) => {
            tls(tcp, client, live, &shared).await
        }
        Some(ConnectionProtocol::Udp) | None => Err(refuse(&tcp)),
    }
}

/// Resets a connection that nothing is there for (LISTEN-SEL-13, L4-TCP-04, L4-TLS-01).
fn refuse(tcp: &TcpStream) -> io::Error {
    stream::reset(tcp);
    io::ErrorKind::ConnectionRefused.into()
}

/// How a TLS record with a handshake message begins; no HTTP request does.
const HANDSHAKE: u8 = 0x16;

async fn clear(tcp: TcpStream, client: Client, shared: &Arc<Shared>) -> io::Result<()> {
    let mut first = [0];
    tokio::select! {
        peeked = tcp.peek(&mut first) => peeked?,
        () = shared.draining.cancelled() => return Ok(()),
    };
    if first == [HANDSHAKE] {
        return Err(refuse(&tcp));
    }
    http(tcp, client, shared).await
}

async fn tls(
    mut tcp: TcpStream,
    mut client: Client,
    live: Arc<Live>,
    shared: &Arc<Shared>,
) -> io::Result<()> {
    let (hello, ahead) = match client_hello(&mut tcp).await {
        Ok(read) => read,
        Err(why) => {
            stream::reset(&tcp);
            return Err(why);
        }
    };
    let tcp = Rewind::new(ahead, tcp);
    client.server_name = hello.server_name;
    client.protocol = ConnectionProtocol::Https;
    // The server name chooses among HTTPS and TLS listeners alike.
    let matched = match live.router.accept(&client.connection()) {
        Accepted::Http(listener) => {
            let head = listener.by_server_name();
            let config = head.and_then(|head| live.server_tls.config(head));
            let config = config.ok_or_else(|| refuse(tcp.get_ref()))?;
            let stream = TlsAcceptor::from(config).accept(tcp).await?;
            return http(stream, client, shared).await;
        }
        Accepted::Stream(matched) => matched,
        _ => return Err(refuse(tcp.get_ref())),
    };
    let gateway = &client.gateway;
    match (matched.tls_mode(), matched.listener()) {
        (Some(TlsMode::Terminate), Some(head)) => {
            let config = live.server_tls.config(head);
            let config = config.ok_or_else(|| refuse(tcp.get_ref()))?;
            let stream = TlsAcceptor::from(config).accept(tcp).await?;
            stream::carry(stream, &matched, gateway, &live, shared).await
        }
        _ => stream::carry(tcp, &matched, gateway, &live, shared).await,
    }
}

async fn http<S>(stream: S, client: Client, shared: &Arc<Shared>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let client = Arc::new(client);
    let service = {
        let shared = Arc::clone(shared);
        service_fn(move |request| {
            let (client, shared) = (Arc::clone(&client), Arc::clone(&shared));
            async move { Ok::<_, std::convert::Infallible>(proxy::serve(request, client, shared).await) }
        })
    };
    let builder = auto::Builder::new(TokioExecutor::new());
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let mut draining = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => return ended.map_err(io::Error::other),
            () = shared.draining.cancelled(), if !draining => {
                draining = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
