//! Bodies of requests and responses.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;
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
    /// The same, kept for mirrors as it passes.
    Copied(Option<Bytes>, Box<Copied>),
    /// What a client did not send to its end: it must not pass for an empty one.
    Broken,
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
        if let Body::Full(bytes)
        | Body::Request(bytes @ Some(_), _)
        | Body::Copied(bytes @ Some(_), _) = &mut *self
        {
            return Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes))));
        }
        match &mut *self {
            Body::Full(_) => Poll::Ready(None),
            Body::Request(_, rest) => Pin::new(rest).poll_frame(context).map_err(Error::from),
            Body::Copied(_, rest) => rest.poll_frame(context).map_err(Error::from),
            Body::Broken => Poll::Ready(Some(Err("the body did not come to its end".into()))),
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
            Body::Copied(start, rest) => start.is_none() && rest.rest.is_end_stream(),
            Body::Broken => false,
            Body::Answer(answer) | Body::Limited(answer, _) => answer.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Full(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Body::Request(start, rest) => hint(start.as_ref(), rest),
            Body::Copied(start, rest) => hint(start.as_ref(), &rest.rest),
            Body::Broken => SizeHint::default(),
            Body::Answer(answer) | Body::Limited(answer, _) => answer.size_hint(),
        }
    }
}

fn hint(start: Option<&Bytes>, rest: &Incoming) -> SizeHint {
    let before = start.map_or(0, |start| start.len() as u64);
    match rest.size_hint().exact() {
        Some(length) => SizeHint::with_exact(before + length),
        None => SizeHint::default(),
    }
}

/// Who waits for a whole body. A sender that is dropped says that there is none.
type Waiting = Vec<oneshot::Sender<Bytes>>;

fn give(bytes: &Bytes, waiting: &mut Waiting) {
    for copy in waiting.drain(..) {
        // Nobody may be there any more.
        let _ = copy.send(bytes.clone());
    }
}

/// What comes from a client, and a copy of what came.
pub struct Copied {
    rest: Incoming,
    kept: BytesMut,
    waiting: Waiting,
}

impl Copied {
    fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let frame = Pin::new(&mut self.rest).poll_frame(context);
        match &frame {
            Poll::Pending => return frame,
            Poll::Ready(Some(Err(_))) => self.waiting.clear(),
            Poll::Ready(Some(Ok(frame))) => {
                let data = frame.data_ref().map_or(&[][..], |data| data);
                if self.kept.len() + data.len() > MOST_KEPT {
                    self.waiting.clear();
                }
                if !self.waiting.is_empty() {
                    self.kept.extend_from_slice(data);
                }
            }
            Poll::Ready(None) => {}
        }
        // Who knows the length does not ask for more than the last frame.
        if matches!(frame, Poll::Ready(None)) || self.rest.is_end_stream() {
            give(&self.kept.split().freeze(), &mut self.waiting);
        }
        frame
    }
}

/// The body of a client's request: it streams until somebody needs to keep it.
pub enum RequestBody {
    /// Kept as a whole: it can be sent again.
    Kept(Bytes),
    /// The beginning that was read, the rest that was not, and who waits for all of it. It can be sent once.
    Streaming(Bytes, Incoming, Waiting),
    /// It was sent, or its client did not send it to its end.
    Gone,
}

impl RequestBody {
    /// A body that nobody has read from.
    pub fn new(incoming: Incoming) -> Self {
        if incoming.is_end_stream() {
            RequestBody::Kept(Bytes::new())
        } else {
            RequestBody::Streaming(Bytes::new(), incoming, Waiting::new())
        }
    }

    /// Reads until the end or until more than `limit` bytes are there. After an error there is no body any more.
    pub async fn keep(&mut self, limit: usize) -> Result<(), Error> {
        let (start, mut incoming, mut waiting) = match std::mem::replace(self, RequestBody::Gone) {
            RequestBody::Streaming(start, incoming, waiting) => (start, incoming, waiting),
            RequestBody::Kept(bytes) => {
                *self = RequestBody::Kept(bytes);
                return Ok(());
            }
            RequestBody::Gone => return Err("there is no body any more".into()),
        };
        let mut kept = BytesMut::from(&*start);
        while kept.len() <= limit {
            match incoming.frame().await {
                None => {
                    let kept = kept.freeze();
                    give(&kept, &mut waiting);
                    *self = RequestBody::Kept(kept);
                    return Ok(());
                }
                Some(frame) => {
                    if let Ok(data) = frame?.into_data() {
                        kept.extend_from_slice(&data);
                    }
                }
            }
        }
        *self = RequestBody::Streaming(kept.freeze(), incoming, waiting);
        Ok(())
    }

    /// All of it, once it is through; nothing if it is more than [`MOST_KEPT`] or does not come to its end. Nobody is held up.
    pub fn copy(&mut self) -> oneshot::Receiver<Bytes> {
        let (sender, receiver) = oneshot::channel();
        match self {
            RequestBody::Kept(bytes) => give(bytes, &mut vec![sender]),
            RequestBody::Streaming(_, _, waiting) => waiting.push(sender),
            RequestBody::Gone => {}
        }
        receiver
    }

    /// What was read so far.
    pub fn start(&self) -> &Bytes {
        static NONE: Bytes = Bytes::new();
        match self {
            RequestBody::Kept(bytes) | RequestBody::Streaming(bytes, ..) => bytes,
            RequestBody::Gone => &NONE,
        }
    }

    /// Whether it can be sent again and again.
    pub fn is_kept(&self) -> bool {
        matches!(self, RequestBody::Kept(_))
    }

    /// The body for one try. One that was not kept is gone afterwards.
    pub fn take(&mut self) -> Body {
        match std::mem::replace(self, RequestBody::Gone) {
            RequestBody::Kept(bytes) => {
                *self = RequestBody::Kept(bytes.clone());
                full(bytes)
            }
            RequestBody::Streaming(start, rest, mut waiting) => {
                if rest.is_end_stream() {
                    give(&start, &mut waiting);
                }
                let kept = BytesMut::from(&*start);
                let start = (!start.is_empty()).then_some(start);
                if waiting.is_empty() {
                    return Body::Request(start, rest);
                }
                let copied = Copied {
                    rest,
                    kept,
                    waiting,
                };
                Body::Copied(start, Box::new(copied))
            }
            RequestBody::Gone => Body::Broken,
        }
    }
}
