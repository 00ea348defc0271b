//! Connections to endpoints, kept and used again.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gatewright::plan::{Backend, BackendProtocol};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::backend_tls::ClientTls;
use crate::body::{Body, Error};

/// A stream to an endpoint, in clear or over TLS.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Where a request goes: what must be equal for a connection to be used again.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The endpoint.
    pub address: SocketAddr,
    /// HTTP/2 rather than HTTP/1.1.
    pub is_http2: bool,
    /// TLS; settings are the same object if they have the same values.
    pub tls: Option<Arc<ClientTls>>,
}

impl Destination {
    /// The destination of a backend at one endpoint.
    pub fn of(backend: &Backend, address: SocketAddr, tls: Option<Arc<ClientTls>>) -> Self {
        Destination {
            address,
            is_http2: backend.protocol == BackendProtocol::Http2,
            tls,
        }
    }

    fn key(&self) -> (SocketAddr, bool, Option<*const ClientTls>) {
        let tls = self.tls.as_ref().map(Arc::as_ptr);
        (self.address, self.is_http2, tls)
    }
}

impl PartialEq for Destination {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Destination {}

impl Hash for Destination {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// Connections that wait for their next request. They outlive the configuration that opened them: only what a destination
/// says decides whether one is used again.
#[derive(Default)]
pub struct Pool {
    idle: Mutex<HashMap<Destination, Idle>>,
}

#[derive(Default)]
struct Idle {
    http1: Vec<Waiting>,
    http2: Option<http2::SendRequest<Body>>,
    used: Option<Instant>,
}

struct Waiting {
    sender: http1::SendRequest<Body>,
    since: Instant,
}

/// The most connections to one destination that wait.
const MOST_IDLE: usize = 64;

/// How long a connection waits for its next request.
const LONGEST_IDLE: Duration = Duration::from_secs(60);

/// What a try gave.
pub struct Answered {
    /// The response.
    pub response: Response<Incoming>,
    /// The connection, to be handed back when the response is through.
    connection: Option<(Destination, http1::SendRequest<Body>)>,
}

impl Answered {
    /// Takes the response and lets the connection return to the pool once it is ready for another request.
    pub fn into_response(self, pool: &Arc<Pool>) -> Response<Incoming> {
        if let Some((destination, mut sender)) = self.connection {
            let pool = Arc::clone(pool);
            tokio::spawn(async move {
                if sender.ready().await.is_ok() {
                    pool.give_back(destination, sender);
                }
            });
        }
        self.response
    }
}

impl Pool {
    /// Sends a request. `connect` makes a stream when no connection waits.
    pub async fn send<F>(
        &self,
        destination: &Destination,
        request: Request<Body>,
        connect: impl FnOnce() -> F,
    ) -> Result<Answered, Error>
    where
        F: Future<Output = io::Result<Box<dyn Stream>>>,
    {
        if destination.is_http2 {
            let mut sender = match self.shared(destination) {
                Some(sender) => sender,
                None => self.open_http2(destination, connect().await?).await?,
            };
            let response = sender.send_request(request).await?;
            return Ok(Answered {
                response,
                connection: None,
            });
        }
        let mut sender = match self.waiting(destination) {
            Some(sender) => sender,
            None => open_http1(connect().await?).await?,
        };
        let response = sender.send_request(request).await?;
        Ok(Answered {
            response,
            connection: Some((destination.clone(), sender)),
        })
    }

    fn waiting(&self, destination: &Destination) -> Option<http1::SendRequest<Body>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = &mut idle.get_mut(destination)?.http1;
        while let Some(Waiting { sender, .. }) = waiting.pop() {
            if sender.is_ready() {
                return Some(sender);
            }
        }
        None
    }

    fn shared(&self, destination: &Destination) -> Option<http2::SendRequest<Body>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = idle.get_mut(destination)?;
        idle.used = Some(Instant::now());
        idle.http2.clone().filter(|sender| !sender.is_closed())
    }

    /// Closes what will not be used again: connections to endpoints that are gone, and those that waited for long.
    pub fn sweep(&self, is_endpoint: impl Fn(&SocketAddr) -> bool) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|destination, idle| {
            let is_recent = |since: Instant| since.elapsed() < LONGEST_IDLE;
            idle.http1
                .retain(|waiting| !waiting.sender.is_closed() && is_recent(waiting.since));
            let is_used = idle.used.is_some_and(is_recent);
            idle.http2.take_if(|sender| sender.is_closed() || !is_used);
            is_endpoint(&destination.address) && !(idle.http1.is_empty() && idle.http2.is_none())
        });
    }

    fn give_back(&self, destination: Destination, sender: http1::SendRequest<Body>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = &mut idle.entry(destination).or_default().http1;
        if waiting.len() < MOST_IDLE {
            waiting.push(Waiting {
                sender,
                since: Instant::now(),
            });
        }
    }

    async fn open_http2(
        &self,
        destination: &Destination,
        stream: Box<dyn Stream>,
    ) -> Result<http2::SendRequest<Body>, Error> {
        let (sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = idle.entry(destination.clone()).or_default();
        idle.http2 = Some(sender.clone());
        idle.used = Some(Instant::now());
        Ok(sender)
    }
}

async fn open_http1(stream: Box<dyn Stream>) -> Result<http1::SendRequest<Body>, Error> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    Ok(sender)
}

/// Connects to an endpoint, over TLS when there are settings for it.
pub async fn connect(address: SocketAddr, tls: Option<&ClientTls>) -> io::Result<Box<dyn Stream>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let Some(tls) = tls else {
        return Ok(Box::new(stream));
    };
    let connector = TlsConnector::from(Arc::clone(&tls.config));
    let name = tls.server_name.clone();
    Ok(Box::new(connector.connect(name, stream).await?))
}
