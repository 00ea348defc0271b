//! What becomes of one TCP connection.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt;
use gatewright::plan::{ListenerHead, ObjectName, TlsMode};
use gatewright::router::{Accepted, ConnectionProtocol};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::body::Body;
use crate::live::{Live, Shared};
use crate::patience::{Steps, within};
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
                    stream::carry(tcp, &matched, &client.gateway, &live).await
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

/// How HTTP/2 begins.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How much of it no method of HTTP/1 has.
const TELLING: usize = 3;

async fn clear(mut tcp: TcpStream, client: Client, shared: &Arc<Shared>) -> io::Result<()> {
    let mut first = [0; TELLING];
    let length = tokio::select! {
        peeked = within(shared.patience, tcp.peek(&mut first)) => peeked?,
        () = shared.draining.begun() => return Ok(()),
    };
    let seen = first.get(..length).unwrap_or_default();
    if seen.first() == Some(&HANDSHAKE) {
        return Err(refuse(&tcp));
    }
    if !PREFACE.starts_with(seen) {
        return http1(tcp, client, shared).await;
    }
    if seen.is_empty() {
        return Ok(());
    }
    // It may be `PUT` yet.
    within(shared.patience, tcp.read_exact(&mut first)).await?;
    let tcp = Rewind::new(Bytes::copy_from_slice(&first), tcp);
    if PREFACE.starts_with(&first) {
        http2(tcp, client, shared).await
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
    let (hello, ahead) = match within(shared.patience, client_hello(&mut tcp)).await {
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
            let stream = terminate(tcp, listener.by_server_name(), &live, shared).await?;
            return if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                http2(stream, client, shared).await
            } else {
                http1(stream, client, shared).await
            };
        }
        Accepted::Stream(matched) => matched,
        _ => return Err(refuse(tcp.get_ref())),
    };
    let gateway = &client.gateway;
    match (matched.tls_mode(), matched.listener()) {
        (Some(TlsMode::Terminate), head @ Some(_)) => {
            let stream = terminate(tcp, head, &live, shared).await?;
            stream::carry(stream, &matched, gateway, &live).await
        }
        _ => stream::carry(tcp, &matched, gateway, &live).await,
    }
}

/// Ends TLS with what a listener has for it.
async fn terminate(
    tcp: Rewind<TcpStream>,
    head: Option<&ListenerHead>,
    live: &Live,
    shared: &Shared,
) -> io::Result<TlsStream<Rewind<TcpStream>>> {
    let config = head.and_then(|head| live.server_tls.config(head));
    let config = config.ok_or_else(|| refuse(tcp.get_ref()))?;
    within(shared.patience, TlsAcceptor::from(config).accept(tcp)).await
}

async fn http1<S>(stream: S, client: Client, shared: &Arc<Shared>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = service(client, shared);
    let connection = http1::Builder::new()
        // The kernel takes one buffer for less than a list of two.
        .writev(false)
        .timer(Steps)
        .header_read_timeout(shared.patience)
        .serve_connection(TokioIo::new(stream), service);
    let ended = shared.draining.drive(
        connection.with_upgrades(),
        http1::UpgradeableConnection::graceful_shutdown,
    );
    ended.await.map_err(io::Error::other)
}

async fn http2<S>(mut stream: S, client: Client, shared: &Arc<Shared>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    // Pings keep watch only once it is here.
    let mut preface = [0; PREFACE.len()];
    within(shared.patience, stream.read_exact(&mut preface)).await?;
    let stream = Rewind::new(Bytes::copy_from_slice(&preface), stream);
    let service = service(client, shared);
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        // Clients may keep a connection without a request, as long as they are there.
        .keep_alive_interval(shared.patience)
        .serve_connection(TokioIo::new(stream), service);
    let ended = shared
        .draining
        .drive(connection, http2::Connection::graceful_shutdown);
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
