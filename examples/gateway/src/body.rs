//! Bodies of requests and responses.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use tokio::time::Sleep;

use crate::upstream::Answer;

/// Any error of a body.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The most of a body that is kept for further tries, mirrors and auth servers.
pub const MOST_KEPT: usize = 1 << 20;

/// A body that goes out.
pub enum Body {
    /// These bytes, until they are taken.
    Full(Option<Bytes>),
    /// Bytes that were read from a client, then the rest.
    Request(Option<Bytes>, Incoming),
    /// What a backend sends.
    Answer(Answer),
    /// The same, cut off when time runs out (BACKEND-TIMEOUT-06).
    Limited(Answer, Pin<Box<Sleep>>),
}

/// A body of these bytes.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    let bytes = bytes.into();
    Body::Full((!bytes.is_empty()).then_some(bytes))
}

impl Body {
    /// Cuts off what a backend sends after so much time.
    pub fn limit(&mut self, left: Duration) {
        *self = match std::mem::replace(self, Body::Full(None)) {
            Body::Answer(answer) => Body::Limited(answer, Box::pin(tokio::time::sleep(left))),
            other => other,
        };
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Body::Full(bytes) | Body::Request(bytes @ Some(_), _) = &mut *self {
            return Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes))));
        }
        match &mut *self {
            Body::Full(_) => Poll::Ready(None),
            Body::Request(_, rest) => Pin::new(rest).poll_frame(context).map_err(Error::from),
            Body::Answer(answer) => Pin::new(answer).poll_frame(context).map_err(Error::from),
            Body::Limited(answer, until) => match until.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(Some(Err("time ran out".into()))),
                Poll::Pending => Pin::new(answer).poll_frame(context).map_err(Error::from),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Full(bytes) => bytes.is_none(),
            Body::Request(start, rest) => start.is_none() && rest.is_end_stream(),
            Body::Answer(answer) | Body::Limited(answer, _) => answer.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Full(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Body::Request(None, rest) => rest.size_hint(),
            Body::Request(Some(start), rest) => match rest.size_hint().exact() {
                Some(length) => SizeHint::with_exact(start.len() as u64 + length),
                None => SizeHint::default(),
            },
            Body::Answer(answer) | Body::Limited(answer, _) => answer.size_hint(),
        }
    }
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
            RequestBody::Streaming(start, rest) => {
                Body::Request((!start.is_empty()).then_some(start), rest)
            }
            RequestBody::Sent => full(Bytes::new()),
        }
    }
}
