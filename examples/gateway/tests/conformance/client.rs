//! HTTP and gRPC clients.

use std::io;

use bytes::Bytes;
use gatewright_echo::grpc;
use http::{Method, Request, Response, Uri, Version, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::expect::{Answer, Seen, Server};
use crate::json::{list, text};
use crate::pods::deployment;
use crate::world::Suite;

type Body = Full<Bytes>;

/// A connection to a gateway, for one request after the other.
pub enum Connection {
    Http1(http1::SendRequest<Body>),
    Http2(http2::SendRequest<Body>),
}

impl Connection {
    pub async fn open<S>(stream: S, is_http2: bool) -> io::Result<Self>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let stream = TokioIo::new(stream);
        if is_http2 {
            let (sender, connection) = http2::handshake(TokioExecutor::new(), stream)
                .await
                .map_err(io::Error::other)?;
            tokio::spawn(connection);
            Ok(Connection::Http2(sender))
        } else {
            let (sender, connection) = http1::handshake(stream).await.map_err(io::Error::other)?;
            tokio::spawn(connection.with_upgrades());
            Ok(Connection::Http1(sender))
        }
    }

    pub async fn send(&mut self, request: Request<Body>) -> io::Result<Response<Incoming>> {
        match self {
            Connection::Http1(sender) => {
                sender.ready().await.map_err(io::Error::other)?;
                sender.send_request(request).await
            }
            Connection::Http2(sender) => {
                sender.ready().await.map_err(io::Error::other)?;
                sender.send_request(request).await
            }
        }
        .map_err(io::Error::other)
    }

    fn is_http2(&self) -> bool {
        matches!(self, Connection::Http2(_))
    }

    /// Sends what a step says and reads the answer of the backend, or of the gateway.
    pub async fn ask(&mut self, suite: &Suite, asked: &Asked<'_>) -> io::Result<Answer> {
        let request = asked.request(self.is_http2())?;
        let (parts, body) = self.send(request).await?.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let report: Option<Value> = serde_json::from_slice(&body).ok();
        let lines = parts.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        let location = parts.headers.get(header::LOCATION);
        Ok(Answer {
            status: i64::from(parts.status.as_u16()),
            location: location.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            headers: lines.collect(),
            seen: report
                .filter(|report| report["pod"].is_string())
                .map(|report| seen(suite, &report)),
        })
    }
}

/// A request, as a step says it.
pub struct Asked<'t> {
    pub step: &'t Value,
    /// The path, where it is not that of the step.
    pub path: Option<&'t str>,
    pub scheme: &'t str,
    /// Host of requests that name none.
    pub authority: &'t str,
}

impl Asked<'_> {
    fn request(&self, is_http2: bool) -> io::Result<Request<Body>> {
        let request = &self.step["request"];
        let method = request["method"]
            .as_str()
            .filter(|method| !method.is_empty());
        let path = self.path.unwrap_or(text(&request["path"]));
        let host = request["host"].as_str().unwrap_or(self.authority);
        let mut builder = Request::builder().method(method.unwrap_or("GET"));
        builder = if is_http2 {
            let uri = Uri::builder()
                .scheme(self.scheme)
                .authority(host)
                .path_and_query(path);
            builder
                .version(Version::HTTP_2)
                .uri(uri.build().map_err(io::Error::other)?)
        } else {
            builder.uri(path).header(header::HOST, host)
        };
        for (name, value) in request["headers"].as_object().into_iter().flatten() {
            builder = builder.header(name, text(value));
        }
        let set = self.step["backend_sets_response_headers"].as_object();
        let set: Vec<String> = set
            .into_iter()
            .flatten()
            .map(|(name, value)| format!("{name}:{}", text(value)))
            .collect();
        builder
            .header("X-Echo-Set-Header", set.join(","))
            .body(Body::default())
            .map_err(io::Error::other)
    }
}

fn seen(suite: &Suite, report: &Value) -> Seen {
    let mut headers = Vec::new();
    for (name, values) in report["headers"].as_object().into_iter().flatten() {
        headers.extend(list(values).iter().map(|value| json!([name, value])));
    }
    let tls = &report["tls"];
    let certificate = list(&tls["peerCertificates"]).first();
    Seen {
        server: Server::Pod {
            namespace: text(&report["namespace"]).to_owned(),
            deployment: deployment(text(&report["pod"])),
        },
        request: json!({
            "path": report["path"],
            "method": report["method"],
            "host": report["host"],
            "headers": headers,
        }),
        sni: tls["serverName"].as_str().map(str::to_owned),
        client_certificate: certificate.and_then(|pem| suite.secret_of(text(pem))),
    }
}

/// What a gRPC call gave.
pub struct Called {
    pub code: i64,
    pub reply: Option<grpc::Reply>,
}

/// Calls a method with an empty message.
pub async fn call(
    connection: &mut Connection,
    request: &Value,
    authority: &str,
) -> io::Result<Called> {
    let uri = Uri::builder()
        .scheme("http")
        .authority(request["authority"].as_str().unwrap_or(authority))
        .path_and_query(text(&request["path"]))
        .build()
        .map_err(io::Error::other)?;
    let mut builder = Request::builder()
        .method(Method::POST)
        .version(Version::HTTP_2)
        .uri(uri)
        .header(header::CONTENT_TYPE, "application/grpc")
        .header(header::TE, "trailers");
    for (name, value) in request["metadata"].as_object().into_iter().flatten() {
        builder = builder.header(name, text(value));
    }
    let request = builder
        .body(Body::from(grpc::frame(&())))
        .map_err(io::Error::other)?;
    let (parts, body) = connection.send(request).await?.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?;
    let trailers = body.trailers().cloned().unwrap_or_default();
    let code = trailers
        .get("grpc-status")
        .or(parts.headers.get("grpc-status"))
        .and_then(|code| code.to_str().ok()?.parse().ok())
        .ok_or_else(|| io::Error::other(format!("no grpc-status, status {}", parts.status)))?;
    let message = body.to_bytes();
    let reply = message.get(5..).filter(|message| !message.is_empty());
    Ok(Called {
        code,
        reply: reply.and_then(|message| grpc::Reply::decode(message).ok()),
    })
}
