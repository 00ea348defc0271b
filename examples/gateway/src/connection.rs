//! What becomes of one TCP connection.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use futures::FutureExt;
use gatewright::plan::{ObjectName, TlsMode};
use gatewright::router::{Accepted, ConnectionProtocol};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::body::Body;
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

/// How HTTP/2 begins; no method of HTTP/1 does.
const PREFACE: &[u8] = b"PRI";

async fn clear(tcp: TcpStream, client: Client, shared: &Arc<Shared>) -> io::Result<()> {
    let mut first = [0; PREFACE.len()];
    let length = tokio::select! {
        peeked = tcp.peek(&mut first) => peeked?,
        () = shared.draining.begun() => return Ok(()),
    };
    let first = first.get(..length).unwrap_or_default();
    if first.first() == Some(&HANDSHAKE) {
        return Err(refuse(&tcp));
    }
    if PREFACE.starts_with(first) {
        http(tcp, client, shared).await
    } else {
        http1(tcp, client, shared).await
    }
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

/// HTTP of whichever version the client speaks.
async fn http<S>(stream: S, client: Client, shared: &Arc<Shared>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let builder = auto::Builder::new(TokioExecutor::new());
    let service = service(client, shared);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    let ended = shared
        .draining
        .drive(connection, auto::UpgradeableConnection::graceful_shutdown);
    ended.await.map_err(io::Error::other)
}

/// HTTP/1, when the first bytes say so: nothing is to be kept that could be the other version.
async fn http1(tcp: TcpStream, client: Client, shared: &Arc<Shared>) -> io::Result<()> {
    let service = service(client, shared);
    let connection = http1::Builder::new()
        // The kernel takes one buffer for less than a list of two.
        .writev(false)
        .serve_connection(TokioIo::new(tcp), service);
    let ended = shared.draining.drive(
        connection.with_upgrades(),
        http1::UpgradeableConnection::graceful_shutdown,
    );
    ended.await.map_err(io::Error::other)
}

fn service(
    client: Client,
    shared: &Arc<Shared>,
) -> impl Service<Request<Incoming>, Response = Response<Body>, Error = Infallible, Future: Send> + use<>
{
    let (client, shared) = (Arc::new(client), Arc::clone(shared));
    service_fn(move |request| {
        let served = proxy::serve(request, Arc::clone(&client), Arc::clone(&shared));
        served.map(Ok)
    })
}
