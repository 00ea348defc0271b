//! HTTP in clear and over TLS, both versions on one port, with gRPC and WebSocket.
//!
//! What a request can ask for:
//!
//! - `/status/NNN` as path: this status;
//! - `delay=500ms` in the query: an answer after that time (`ms` or `s`);
//! - header `X-Echo-Set-Header: name:value,...`: these headers in the answer;
//! - `/retry/...?uuid=U&succeedAfter=N&responseCode=NNN`: the first N requests with this `uuid` fail with the status, or with a
//!   closed connection where there is none.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, Version, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{Echo, grpc, secure, websocket};

/// The body of an answer.
pub type Body = UnsyncBoxBody<Bytes, io::Error>;

/// A body of these bytes.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// Serves a port until the task is dropped.
pub async fn serve(listener: TcpListener, tls: Option<Arc<ServerConfig>>, echo: Arc<Echo>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        // Small answers must not wait for each other; a socket that is gone needs no option.
        let _ = stream.set_nodelay(true);
        let (tls, echo) = (tls.clone(), Arc::clone(&echo));
        tokio::spawn(async move {
            let Some(config) = tls else {
                return connection(stream, None, echo).await;
            };
            if let Ok(stream) = TlsAcceptor::from(config).accept(stream).await {
                let report = secure::report(stream.get_ref().1);
                connection(stream, Some(report), echo).await;
            }
        });
    }
}

async fn connection<S>(stream: S, tls: Option<Value>, echo: Arc<Echo>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let tls = Arc::new(tls);
    let service = service_fn(move |request| {
        let (tls, echo) = (Arc::clone(&tls), Arc::clone(&echo));
        async move { answer(request, &tls, &echo).await }
    });
    // The peer may go away at any time.
    let _ = auto::Builder::new(TokioExecutor::new())
        .serve_connection_with_upgrades(TokioIo::new(stream), service)
        .await;
}

/// An error closes the connection.
async fn answer(
    mut request: Request<Incoming>,
    tls: &Option<Value>,
    echo: &Echo,
) -> io::Result<Response<Body>> {
    let report = report(&request, tls, echo);
    if let Some(observer) = &echo.observer {
        observer(&report);
    }
    let query = request.uri().query().unwrap_or_default().to_owned();
    if let Some(delay) = parameter(&query, "delay").and_then(duration) {
        tokio::time::sleep(delay).await;
    }
    if grpc::is_grpc(&request) {
        return Ok(grpc::answer(request, echo).await);
    }
    if let Some(response) = websocket::accept(&mut request) {
        return Ok(response);
    }
    let path = request.uri().path();
    let status = match path.strip_prefix("/status/") {
        Some(code) => code.parse().unwrap_or(StatusCode::BAD_REQUEST),
        None if path.starts_with("/retry/") => retried(&query, echo)?,
        None => StatusCode::OK,
    };
    let mut response = Response::new(full(format!("{report:#}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    for (name, value) in wanted_headers(&request) {
        headers.append(name, value);
    }
    // The request is read to its end so that its connection can be used again.
    let _ = request.into_body().collect().await;
    Ok(response)
}

fn report(request: &Request<Incoming>, tls: &Option<Value>, echo: &Echo) -> Value {
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in request.headers() {
        let value = json!(String::from_utf8_lossy(value.as_bytes()));
        let values = headers
            .entry(canonical(name.as_str()))
            .or_insert_with(|| json!([]));
        if let Some(values) = values.as_array_mut() {
            values.push(value);
        }
    }
    let host = request
        .headers()
        .get(header::HOST)
        .map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned())
        .or_else(|| request.uri().authority().map(ToString::to_string));
    let identity = echo.identity();
    let mut report = json!({
        "path": request.uri().path_and_query().map_or("/", |path| path.as_str()),
        "host": host,
        "method": request.method().as_str(),
        "proto": match request.version() {
            Version::HTTP_2 => "HTTP/2.0",
            Version::HTTP_10 => "HTTP/1.0",
            _ => "HTTP/1.1",
        },
        "headers": headers,
        "namespace": identity.namespace,
        "pod": identity.pod,
        "service": identity.service,
    });
    if let Some(tls) = tls {
        report["tls"] = tls.clone();
    }
    report
}

/// `x-header-add` as `X-Header-Add`.
fn canonical(name: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    };
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}

fn wanted_headers(request: &Request<Incoming>) -> Vec<(HeaderName, HeaderValue)> {
    let values = request.headers().get_all("x-echo-set-header").iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    let pairs = texts
        .flat_map(|text| text.split(','))
        .filter_map(|pair| pair.split_once(':'));
    pairs
        .filter_map(|(name, value)| {
            let name = name.trim().parse().ok()?;
            Some((name, value.trim().parse().ok()?))
        })
        .collect()
}

fn retried(query: &str, echo: &Echo) -> io::Result<StatusCode> {
    let number = |name| parameter(query, name).and_then(|value| value.parse::<u16>().ok());
    let uuid = parameter(query, "uuid").unwrap_or_default();
    let succeed_after = number("succeedAfter").unwrap_or(0);
    if echo.earlier_tries(uuid) >= u32::from(succeed_after) {
        return Ok(StatusCode::OK);
    }
    let code = number("responseCode").ok_or(io::ErrorKind::ConnectionReset)?;
    StatusCode::from_u16(code).map_err(io::Error::other)
}

fn parameter<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .filter(|(own, _)| *own == name)
        .map(|(_, value)| value)
        .next()
}

fn duration(text: &str) -> Option<Duration> {
    match text.strip_suffix("ms") {
        Some(number) => number.parse().ok().map(Duration::from_millis),
        None => text
            .strip_suffix('s')?
            .parse()
            .ok()
            .map(Duration::from_secs),
    }
}
