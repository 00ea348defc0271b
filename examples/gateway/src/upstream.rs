//! Connections to endpoints, kept and used again.
//!
//! Each worker keeps its own: nothing is shared between cores, and no lock is taken. They outlive configurations; what must
//! be equal for a connection to be used again is in its [`Destination`].

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use foldhash::fast::RandomState;
use futures::future::BoxFuture;
use http::{Request, Response};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::backend_tls::ClientTls;
use crate::body::{Body, Error};
use crate::patience::within;

/// A stream to an endpoint, in clear or over TLS.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Where a request goes.
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

thread_local! {
    static IDLE: RefCell<HashMap<Destination, Idle, RandomState>> = RefCell::default();
}

/// Connections of a worker to one destination.
#[derive(Default)]
struct Idle {
    /// Those that wait for a request. The last one to come is the first one to go.
    http1: Vec<http1::SendRequest<Body>>,
    /// So many of them, from the front, have not been used since the last [`sweep`].
    unused: usize,
    /// Those that carry requests beside each other.
    http2: Vec<Multiplexed>,
}

/// A connection of HTTP/2.
#[derive(Clone)]
struct Multiplexed {
    sender: http2::SendRequest<Body>,
    /// Held by each request that it carries, and here.
    load: Arc<()>,
}

/// The most requests that one connection carries at a time: what most servers allow.
const MOST_STREAMS: usize = 100;

/// The most connections of a worker to one destination that wait.
const MOST_IDLE: usize = 128;

/// How often a worker should [`sweep`].
pub const SWEEP: Duration = Duration::from_secs(30);

/// Closes the connections of this worker that were not used since the last time.
pub fn sweep() {
    IDLE.with_borrow_mut(|all| {
        all.retain(|_, idle| {
            idle.http1.drain(..idle.unused.min(idle.http1.len()));
            idle.http1.retain(|sender| !sender.is_closed());
            idle.unused = idle.http1.len();
            idle.http2.retain(|open| !open.sender.is_closed());
            !idle.http1.is_empty() || !idle.http2.is_empty()
        });
    });
}

fn waiting(to: &Destination) -> Option<http1::SendRequest<Body>> {
    IDLE.with_borrow_mut(|all| {
        let idle = all.get_mut(to)?;
        loop {
            let sender = idle.http1.pop()?;
            idle.unused = idle.unused.min(idle.http1.len());
            if sender.is_ready() {
                return Some(sender);
            }
        }
    })
}

fn keep(to: Destination, sender: http1::SendRequest<Body>) {
    // Nothing is kept when the worker ends.
    let _ = IDLE.try_with(|all| {
        let mut all = all.borrow_mut();
        let waiting = &mut all.entry(to).or_default().http1;
        if waiting.len() < MOST_IDLE {
            waiting.push(sender);
        }
    });
}

/// A request under way, and the answer to come.
pub type Sending = BoxFuture<'static, Result<Response<Body>, Error>>;

/// Sends a request on a connection that waits, at once, or else on a new one.
///
/// A request is a large thing. On the usual way it goes straight to its connection, and what waits for the answer stays in its
/// place.
pub fn send(to: Destination, request: Request<Body>) -> Sending {
    if to.is_http2 {
        return Box::pin(send_http2(to, request));
    }
    let Some(mut sender) = waiting(&to) else {
        return Box::pin(send_anew(to, request));
    };
    let sending = sender.try_send_request(request);
    Box::pin(async move {
        match sending.await {
            Ok(response) => Ok(answered(response, to, sender)),
            // It was closed while it waited: nothing was sent.
            Err(mut failed) => match failed.take_message() {
                Some(unsent) => send(to, unsent).await,
                None => Err(failed.into_error().into()),
            },
        }
    })
}

async fn send_http2(to: Destination, mut request: Request<Body>) -> Result<Response<Body>, Error> {
    let mut known = with_room(&to);
    loop {
        let (mut open, is_new) = match known.take() {
            Some(open) => (open, false),
            None => (open_http2(&to).await?, true),
        };
        let load = Arc::clone(&open.load);
        match open.sender.try_send_request(request).await {
            Ok(response) => {
                let carried = Carried::Http2(load);
                return Ok(response.map(|incoming| Body::Answer(Answer::new(incoming, carried))));
            }
            // It was closing before the request was sent: on a new one it is sent once more.
            Err(mut failed) => match failed.take_message() {
                Some(unsent) if !is_new => request = unsent,
                _ => return Err(failed.into_error().into()),
            },
        }
    }
}

/// A connection that can carry one more request.
fn with_room(to: &Destination) -> Option<Multiplexed> {
    IDLE.with_borrow_mut(|all| {
        let open = &mut all.get_mut(to)?.http2;
        open.retain(|open| !open.sender.is_closed());
        let has_room = |open: &&Multiplexed| Arc::strong_count(&open.load) <= MOST_STREAMS;
        open.iter().find(has_room).cloned()
    })
}

async fn send_anew(to: Destination, request: Request<Body>) -> Result<Response<Body>, Error> {
    let mut sender = open_http1(&to).await?;
    let response = sender.send_request(request).await?;
    Ok(answered(response, to, sender))
}

fn answered(
    response: Response<Incoming>,
    to: Destination,
    sender: http1::SendRequest<Body>,
) -> Response<Body> {
    response.map(|incoming| Body::Answer(Answer::new(incoming, Carried::Http1(to, sender))))
}

async fn open_http1(to: &Destination) -> Result<http1::SendRequest<Body>, Error> {
    let stream = connect(to.address, to.tls.as_deref()).await?;
    let (sender, connection) = http1::Builder::new()
        // The kernel takes one buffer for less than a list of two.
        .writev(false)
        .handshake(TokioIo::new(stream))
        .await?;
    tokio::spawn(connection.with_upgrades());
    Ok(sender)
}

async fn open_http2(to: &Destination) -> Result<Multiplexed, Error> {
    let stream = connect(to.address, to.tls.as_deref()).await?;
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        // A client that does not read its response holds up that stream alone.
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .timer(TokioTimer::new())
        .keep_alive_interval(SWEEP)
        .handshake(TokioIo::new(stream))
        .await?;
    tokio::spawn(connection);
    let open = Multiplexed {
        sender,
        load: Arc::default(),
    };
    IDLE.with_borrow_mut(|all| {
        let all = &mut all.entry(to.clone()).or_default().http2;
        all.push(open.clone());
    });
    Ok(open)
}

/// How much of a response may be on its way, in bytes.
const STREAM_WINDOW: u32 = 1 << 20;

/// As much as RFC 9113 allows for all responses of a connection: more than [`MOST_STREAMS`] of them need.
const CONNECTION_WINDOW: u32 = (1 << 31) - 1;

/// The longest that a backend may take until a connection to it stands, TLS included.
const CONNECT: Duration = Duration::from_secs(10);

/// Connects to an endpoint, over TLS when there are settings for it.
pub async fn connect(address: SocketAddr, tls: Option<&ClientTls>) -> io::Result<Box<dyn Stream>> {
    within(CONNECT, open(address, tls)).await
}

async fn open(address: SocketAddr, tls: Option<&ClientTls>) -> io::Result<Box<dyn Stream>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let Some(tls) = tls else {
        return Ok(Box::new(stream));
    };
    let connector = TlsConnector::from(Arc::clone(&tls.config));
    let name = tls.server_name.clone();
    Ok(Box::new(connector.connect(name, stream).await?))
}

/// The body of a response. When it is through, its connection can carry the next request.
pub struct Answer {
    incoming: Incoming,
    is_through: bool,
    carried: Carried,
}

/// What carries a response.
enum Carried {
    /// A connection of its own, to be kept.
    Http1(Destination, http1::SendRequest<Body>),
    /// One stream of a connection.
    Http2(#[expect(dead_code, reason = "it is there to be counted")] Arc<()>),
    /// Nothing any more.
    Gone,
}

impl Answer {
    fn new(incoming: Incoming, carried: Carried) -> Self {
        Answer {
            incoming,
            is_through: false,
            carried,
        }
    }
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let frame = Pin::new(&mut self.incoming).poll_frame(context);
        self.is_through |= matches!(frame, Poll::Ready(None));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        let carried = std::mem::replace(&mut self.carried, Carried::Gone);
        let Carried::Http1(to, mut sender) = carried else {
            return;
        };
        if !self.is_through && !self.incoming.is_end_stream() {
            return;
        }
        if sender.is_ready() {
            keep(to, sender);
        } else if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // The rest of the request is still on its way.
            runtime.spawn(async move {
                if sender.ready().await.is_ok() {
                    keep(to, sender);
                }
            });
        }
    }
}
