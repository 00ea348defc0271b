//! A server that notes what it is asked: an auth server, a mirror, a backend.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

use crate::{PORT, Running};

pub type Body = UnsyncBoxBody<Bytes, std::convert::Infallible>;

pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).boxed_unsync()
}

/// What a server was asked, one after the other.
pub type Asked = Arc<Mutex<Vec<(Parts, Bytes)>>>;

/// Starts a server that answers as it is told, once it has all of a request.
pub async fn server(
    running: &Running,
    pod: usize,
    answer: impl Fn(&Parts, &Bytes) -> Response<Body> + Clone + Send + Sync + 'static,
) -> Asked {
    let asked = Asked::default();
    let listener = TcpListener::bind((running.pod(pod), PORT)).await.unwrap();
    let noted = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (noted, answer) = (Arc::clone(&noted), answer.clone());
            let service = service_fn(move |request: Request<Incoming>| {
                let (noted, answer) = (Arc::clone(&noted), answer.clone());
                async move {
                    let (parts, body) = request.into_parts();
                    let body = body.collect().await?.to_bytes();
                    let response = answer(&parts, &body);
                    noted.lock().unwrap().push((parts, body));
                    hyper::Result::Ok(response)
                }
            });
            let builder = auto::Builder::new(TokioExecutor::new());
            tokio::spawn(async move {
                let served = builder.serve_connection(TokioIo::new(stream), service);
                served.await.ok()
            });
        }
    });
    asked
}

/// The only request that came.
pub fn only(asked: &Asked) -> (Parts, Bytes) {
    let asked = asked.lock().unwrap();
    let [one] = &asked[..] else {
        panic!("{} requests", asked.len())
    };
    one.clone()
}
