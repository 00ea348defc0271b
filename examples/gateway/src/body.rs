//! Bodies of requests and responses.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Frame, Incoming};
use tokio::time::Sleep;

/// Any error of a body.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A body that goes out.
pub type Body = UnsyncBoxBody<Bytes, Error>;

/// The most of a body that is kept for further tries, mirrors and auth servers.
pub const MOST_KEPT: usize = 1 << 20;

/// A body of these bytes.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// The body of a client's request: it streams until somebody needs to keep it.
pub enum RequestBody {
    /// Kept as a whole: it can be sent again.
    Kept(Bytes),
    /// The beginning that was read, and the rest that was not. It can be sent once.
    Streaming(Bytes, Incoming),
    /// It was sent.
    Sent,
}

impl RequestBody {
    /// A body that nobody has read from.
    pub fn new(incoming: Incoming) -> Self {
        if incoming.is_end_stream() {
            RequestBody::Kept(Bytes::new())
        } else {
            RequestBody::Streaming(Bytes::new(), incoming)
        }
    }

    /// Reads until the end or until more than `limit` bytes are there.
    pub async fn keep(&mut self, limit: usize) -> Result<(), Error> {
        let (start, mut incoming) = match std::mem::replace(self, RequestBody::Sent) {
            RequestBody::Streaming(start, incoming) => (start, incoming),
            done => {
                *self = done;
                return Ok(());
            }
        };
        let mut kept = BytesMut::from(&*start);
        while kept.len() <= limit {
            match incoming.frame().await {
                None => {
                    *self = RequestBody::Kept(kept.freeze());
                    return Ok(());
                }
                Some(frame) => {
                    if let Ok(data) = frame?.into_data() {
                        kept.extend_from_slice(&data);
                    }
                }
            }
        }
        *self = RequestBody::Streaming(kept.freeze(), incoming);
        Ok(())
    }

    /// What was read so far.
    pub fn start(&self) -> &Bytes {
        static NONE: Bytes = Bytes::new();
        match self {
            RequestBody::Kept(bytes) | RequestBody::Streaming(bytes, _) => bytes,
            RequestBody::Sent => &NONE,
        }
    }

    /// Whether it can be sent again and again.
    pub fn is_kept(&self) -> bool {
        matches!(self, RequestBody::Kept(_))
    }

    /// The body for one try. One that was not kept is gone afterwards.
    pub fn take(&mut self) -> Body {
        match std::mem::replace(self, RequestBody::Sent) {
            RequestBody::Kept(bytes) => {
                *self = RequestBody::Kept(bytes.clone());
                full(bytes)
            }
            RequestBody::Streaming(start, incoming) if start.is_empty() => {
                incoming.map_err(Error::from).boxed_unsync()
            }
            RequestBody::Streaming(start, incoming) => Resumed {
                start: Some(start),
                incoming,
            }
            .boxed_unsync(),
            RequestBody::Sent => full(Bytes::new()),
        }
    }
}

/// Bytes that were read, then the rest.
struct Resumed {
    start: Option<Bytes>,
    incoming: Incoming,
}

impl hyper::body::Body for Resumed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(start) = self.start.take() {
            return Poll::Ready(Some(Ok(Frame::data(start))));
        }
        Pin::new(&mut self.incoming)
            .poll_frame(context)
            .map_err(Error::from)
    }
}

/// A response body that is cut off when time runs out (BACKEND-TIMEOUT-06).
pub struct Deadline {
    incoming: Incoming,
    until: Pin<Box<Sleep>>,
}

impl Deadline {
    /// A body with so much time left.
    pub fn new(incoming: Incoming, left: Duration) -> Self {
        Deadline {
            incoming,
            until: Box::pin(tokio::time::sleep(left)),
        }
    }
}

impl hyper::body::Body for Deadline {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.until.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err("time ran out".into())));
        }
        Pin::new(&mut self.incoming)
            .poll_frame(context)
            .map_err(Error::from)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }
}
