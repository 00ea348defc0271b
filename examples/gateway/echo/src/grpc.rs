//! The gRPC service that tells what arrived.

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use prost::Message;

use crate::Echo;
use crate::web::{Body, full};

/// The service that answers; its methods are all the same.
pub const SERVICE: &str = "gateway_api_conformance.echo_basic.grpcecho.GrpcEcho";

/// The methods of the service.
pub const METHODS: [&str; 3] = ["Echo", "EchoTwo", "EchoThree"];

/// What a call is answered with.
#[derive(Clone, PartialEq, Message)]
pub struct Reply {
    /// `/service/method`.
    #[prost(string, tag = "1")]
    pub method: String,
    /// The metadata, as `name: value`.
    #[prost(string, repeated, tag = "2")]
    pub metadata: Vec<String>,
    /// The authority.
    #[prost(string, tag = "3")]
    pub authority: String,
    /// The namespace that answers.
    #[prost(string, tag = "4")]
    pub namespace: String,
    /// The pod that answers.
    #[prost(string, tag = "5")]
    pub pod: String,
}

/// Puts a message into a frame.
pub fn frame(message: &impl Message) -> Bytes {
    let encoded = message.encode_to_vec();
    let mut frame = BytesMut::with_capacity(5 + encoded.len());
    frame.put_u8(0);
    frame.put_u32(u32::try_from(encoded.len()).unwrap_or(u32::MAX));
    frame.extend_from_slice(&encoded);
    frame.freeze()
}

pub(crate) fn is_grpc(request: &Request<Incoming>) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
}

pub(crate) async fn answer(request: Request<Incoming>, echo: &Echo) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let known = path
        .strip_prefix('/')
        .and_then(|path| path.split_once('/'))
        .is_some_and(|(service, method)| service == SERVICE && METHODS.contains(&method));
    let line = |(name, value): (&http::HeaderName, &HeaderValue)| {
        format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
    };
    let reply = Reply {
        method: path,
        metadata: request.headers().iter().map(line).collect(),
        authority: request
            .uri()
            .authority()
            .map(ToString::to_string)
            .unwrap_or_default(),
        namespace: echo.identity().namespace.clone(),
        pod: echo.identity().pod.clone(),
    };
    // What is asked does not matter, but the stream must be read.
    let _ = request.into_body().collect().await;
    let mut trailers = HeaderMap::new();
    let status = if known { "0" } else { "12" };
    trailers.insert("grpc-status", HeaderValue::from_static(status));
    let body = full(if known { frame(&reply) } else { Bytes::new() });
    let mut response = Response::new(
        body.with_trailers(async move { Some(Ok(trailers)) })
            .boxed_unsync(),
    );
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/grpc"),
    );
    response
}
