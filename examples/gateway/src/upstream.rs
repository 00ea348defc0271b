//! Connections to endpoints, kept and used again.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use gatewright::plan::{Backend, BackendProtocol, ObjectName};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::body::{Body, Error};

/// A stream to an endpoint, in clear or over TLS.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Where a request goes: what must be equal for a connection to be used again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Destination {
    /// The endpoint.
    pub address: SocketAddr,
    /// HTTP/2 rather than HTTP/1.1.
    pub is_http2: bool,
    /// The TLS settings, by the backend that they belong to and the certificate that is presented.
    pub tls: Option<(ObjectName, Option<u16>, Option<ObjectName>)>,
}

impl Destination {
    /// The destination of a backend at one endpoint.
    pub fn of(
        backend: &Backend,
        address: SocketAddr,
        client_certificate: Option<&ObjectName>,
    ) -> Self {
        let tls = backend.tls.as_ref().map(|_| {
            (
                backend.target.name.clone(),
                backend.target.port,
                client_certificate.cloned(),
            )
        });
        Destination {
            address,
            is_http2: backend.protocol == BackendProtocol::Http2,
            tls,
        }
    }
}

/// Connections that wait for their next request. One pool lives as long as its configuration.
#[derive(Default)]
pub struct Pool {
    idle: Mutex<HashMap<Destination, Idle>>,
}

#[derive(Default)]
struct Idle {
    http1: Vec<http1::SendRequest<Body>>,
    http2: Option<http2::SendRequest<Body>>,
}

/// The most connections to one destination that wait.
const MOST_IDLE: usize = 64;

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
        while let Some(sender) = waiting.pop() {
            if sender.is_ready() {
                return Some(sender);
            }
        }
        None
    }

    fn shared(&self, destination: &Destination) -> Option<http2::SendRequest<Body>> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.get(destination)?
            .http2
            .clone()
            .filter(|sender| !sender.is_closed())
    }

    fn give_back(&self, destination: Destination, sender: http1::SendRequest<Body>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = &mut idle.entry(destination).or_default().http1;
        if waiting.len() < MOST_IDLE {
            waiting.push(sender);
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
        idle.entry(destination.clone()).or_default().http2 = Some(sender.clone());
        Ok(sender)
    }
}

async fn open_http1(stream: Box<dyn Stream>) -> Result<http1::SendRequest<Body>, Error> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    Ok(sender)
}

/// Connects to an endpoint, over TLS when there are settings for it.
pub async fn connect(
    address: SocketAddr,
    tls: Option<(Arc<rustls::ClientConfig>, &str)>,
) -> io::Result<Box<dyn Stream>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let Some((config, name)) = tls else {
        return Ok(Box::new(stream));
    };
    let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
    Ok(Box::new(
        TlsConnector::from(config).connect(name, stream).await?,
    ))
}
