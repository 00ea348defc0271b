//! To a backend and back: tries, time limits, mirrors, upgrades.

use std::future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gatewright::filter::{
    Exchange, Failure, Forward, GiveUp, MirrorCopy, Next, OutgoingRequest, Reason, Sessions,
};
use gatewright::plan::{Action, Backend, BackendProtocol, ListenerHead, ObjectName};
use gatewright::vocab::is_hop_by_hop;
use http::header::{CONNECTION, COOKIE, HOST, HeaderName, TE, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use crate::body::{Body, Error, MOST_KEPT, RequestBody, full};
use crate::live::{Live, Shared};
use crate::log::Entry;
use crate::proxy::{Asked, answered, bare};
use crate::upstream::{self, Destination, Sending};

/// What all that is sent for a request has in common: questions to auth servers, mirrors, tries.
pub struct Context<'c> {
    /// This process.
    pub shared: &'c Arc<Shared>,
    /// The configuration of the moment.
    pub live: &'c Arc<Live>,
    /// The listener.
    pub listener: Option<&'c ListenerHead>,
    /// Its time limits.
    pub limits: Exchange<'c>,
    /// When it came, if its time as a whole is limited.
    pub started: Option<Instant>,
}

impl Context<'_> {
    /// How long ago it came; zero where nothing depends on it.
    fn elapsed(&self) -> Duration {
        self.started
            .map_or(Duration::ZERO, |started| started.elapsed())
    }

    /// What is left of its time.
    pub fn left(&self) -> Option<Duration> {
        self.limits.left(self.elapsed())
    }

    /// The Gateway's own certificate, where a backend may ask for one.
    pub fn certificate(&self, backend: &Backend) -> Option<&ObjectName> {
        let head = self.listener.filter(|_| backend.tls.is_some())?;
        self.live.client_certificate(&head.gateway)
    }
}

/// Sends a request to its backend, as often as the rule allows.
pub async fn forward(
    forward: &Forward<'_>,
    action: &Action,
    sessions: &Sessions<'_>,
    mut asked: Asked<'_>,
    context: &Context<'_>,
    entry: &mut Entry,
) -> Response<Body> {
    let failed = |status, reason| answered(&forward.fail(status, reason));
    let upgrade = wants_upgrade(asked.parts);
    let is_websocket = |protocol: &HeaderValue| has_option(protocol, "websocket");
    if forward.backend.protocol == BackendProtocol::Http2
        && upgrade.as_ref().is_some_and(is_websocket)
    {
        // BACKEND-PROTO-05
        entry.reason(&"the backend speaks HTTP/2: no WebSocket");
        return failed(502, Reason::NoConnection);
    }
    if forward.retry.is_some() {
        match within(context.left(), asked.body.keep(MOST_KEPT)).await {
            Ok(()) => {}
            Err(Failed::Timeout) => return failed(504, Reason::Timeout),
            Err(Failed::Connection(_)) => return bare(StatusCode::BAD_REQUEST),
        }
    }
    // A body that is too large to be kept is sent once.
    let retry = action.retry.as_ref().filter(|_| asked.body.is_kept());
    let exchange = Exchange::new(forward.timeouts, retry);
    let (mut tries, mut tried_last) = (0, None);
    loop {
        let Some(endpoint) = choose(forward, sessions, tried_last, context) else {
            entry.reason(&"the backend has no endpoints");
            return failed(503, Reason::NoEndpoints);
        };
        tried_last = Some(endpoint);
        entry.backend(forward.backend, endpoint);
        if let Some(budget) = &forward.backend.retry_budget {
            context
                .shared
                .budgets
                .note(&forward.backend.target, budget, tries > 0);
        }
        tries += 1;
        let request = outgoing(
            asked.parts,
            &forward.request,
            forward.backend,
            asked.body.take(),
            upgrade.clone(),
        );
        let certificate = context.certificate(forward.backend);
        let sending = send(
            request,
            forward.backend,
            endpoint,
            certificate,
            context.live,
        );
        let limit = exchange.try_limit(context.elapsed());
        let began = limit.map(|_| Instant::now());
        let tried = within(limit, sending).await;
        let failure = match &tried {
            Ok(response) => Failure::Status(response.status().as_u16()),
            Err(Failed::Connection(why)) => {
                entry.reason(why);
                Failure::Connection
            }
            Err(Failed::Timeout) => Failure::Timeout,
        };
        let budget = forward.backend.retry_budget.as_ref();
        let used = budget.map(|budget| {
            (
                budget,
                context.shared.budgets.used(&forward.backend.target, budget),
            )
        });
        let elapsed = context.elapsed();
        let next = exchange.after_within(failure, tries, elapsed, fastrand::u64(..), used);
        match next {
            Next::TryAgain { wait } => tokio::time::sleep(wait).await,
            Next::GiveUp(GiveUp::Status(status)) => {
                let reason = match failure {
                    Failure::Timeout => Reason::Timeout,
                    _ => Reason::NoConnection,
                };
                return failed(status, reason);
            }
            Next::GiveUp(GiveUp::LastResponse) => {
                let Ok(mut response) = tried else {
                    return failed(502, Reason::NoConnection);
                };
                take_in(&mut response, asked.upgrade.take(), context.shared);
                // The rest of the time of the try is for the body (BACKEND-TIMEOUT-02).
                if let (Some(limit), Some(began)) = (limit, began) {
                    response
                        .body_mut()
                        .limit(limit.saturating_sub(began.elapsed()));
                }
                let status = response.status().as_u16();
                forward.respond(status, response.headers_mut());
                if let Some(session) = &forward.session
                    && let Some(header) = session.establish(sessions, &endpoint.to_string())
                {
                    append(
                        response.headers_mut(),
                        &header.name,
                        header.value.as_bytes(),
                    );
                }
                return response;
            }
        }
    }
}

/// The endpoint of a session, else the next one in turn; after a try that failed another one, if there is any.
fn choose(
    forward: &Forward<'_>,
    sessions: &Sessions<'_>,
    tried_last: Option<SocketAddr>,
    context: &Context<'_>,
) -> Option<SocketAddr> {
    let endpoints = &context.live.endpoints;
    if let Some(failed) = tried_last {
        return endpoints.next_after(forward.backend, failed);
    }
    let bound = forward.session.as_ref().and_then(|session| {
        let tag = session.endpoint?;
        let all = endpoints.all(forward.backend).iter();
        all.copied()
            .find(|endpoint| session.tag(sessions.seal, &endpoint.to_string()) == tag)
    });
    bound.or_else(|| endpoints.next(forward.backend))
}

enum Failed {
    Connection(Error),
    Timeout,
}

async fn within<T>(
    limit: Option<Duration>,
    done: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failed> {
    match limit {
        None => done.await.map_err(Failed::Connection),
        Some(limit) => match tokio::time::timeout(limit, done).await {
            Ok(done) => done.map_err(Failed::Connection),
            Err(_) => Err(Failed::Timeout),
        },
    }
}

/// Sends a request to an endpoint of a backend. It is on its way, or waits for a new connection, before the future is polled.
pub fn send(
    request: Request<Body>,
    backend: &Backend,
    endpoint: SocketAddr,
    certificate: Option<&ObjectName>,
    live: &Live,
) -> Sending {
    let tls = match live.client_tls(backend, certificate) {
        Ok(tls) => tls,
        Err(why) => return Box::pin(future::ready(Err(why.into()))),
    };
    let destination = Destination {
        address: endpoint,
        is_http2: backend.protocol == BackendProtocol::Http2,
        tls,
    };
    upstream::send(destination, request)
}

/// The request as the backend gets it, made from the client's.
pub fn outgoing(
    client: &Parts,
    request: &OutgoingRequest<'_>,
    backend: &Backend,
    body: Body,
    upgrade: Option<HeaderValue>,
) -> Request<Body> {
    let mut out = Request::new(body);
    *out.method_mut() = client.method.clone();
    // Names and values are shared, not copied.
    let mut headers = client.headers.clone();
    let trailers = headers.get(TE).is_some_and(|te| te == "trailers");
    // Before filters: what a client says of its connection must not take away what they add. They themselves may not speak of
    // it (FILTER-HDR-07).
    strip(&mut headers);
    request.apply_to(&mut headers);
    if backend.protocol == BackendProtocol::Http2 {
        if trailers {
            headers.insert(TE, HeaderValue::from_static("trailers"));
        }
        *out.version_mut() = Version::HTTP_2;
        headers.remove(HOST);
        *out.uri_mut() = absolute(request, backend);
    } else {
        *out.uri_mut() = relative(client, request);
        // It came as `:authority` or in the target; without any there must be an empty one (RFC 9112, section 3.2).
        if !headers.contains_key(HOST) {
            let host = HeaderValue::from_bytes(request.host.as_deref().unwrap_or_default());
            headers.insert(HOST, host.unwrap_or(HeaderValue::from_static("")));
        }
        if client.version == Version::HTTP_2 {
            join_cookies(&mut headers);
        }
        // Of a GET hyper expects no body unless it is told.
        let is_chunked = !out.body().is_end_stream() && out.body().size_hint().exact().is_none();
        if is_chunked {
            headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        if let Some(protocol) = upgrade {
            headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(UPGRADE, protocol);
        }
    }
    *out.headers_mut() = headers;
    out
}

fn absolute(request: &OutgoingRequest<'_>, backend: &Backend) -> Uri {
    let scheme = if backend.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let host = request.host.as_deref().map(String::from_utf8_lossy);
    let uri = Uri::builder()
        .scheme(scheme)
        .authority(host.as_deref().unwrap_or("localhost"))
        .path_and_query(request.target());
    uri.build().unwrap_or_default()
}

fn relative(client: &Parts, request: &OutgoingRequest<'_>) -> Uri {
    let is_same = client.uri.path() == request.path
        && client.uri.query().map(str::as_bytes) == request.query.as_deref();
    match client.uri.path_and_query() {
        Some(target) if is_same => Uri::from(target.clone()),
        _ => request.target().parse().unwrap_or_default(),
    }
}

/// The protocol that the client wants to change to (RFC 9110, section 7.8). HTTP/2 in clear is none: what is asked that way would
/// pass all rules.
fn wants_upgrade(parts: &Parts) -> Option<HeaderValue> {
    let protocol = parts.headers.get(UPGRADE)?;
    let asks = |line: &HeaderValue| has_option(line, "upgrade");
    let is_asked = parts.headers.get_all(CONNECTION).iter().any(asks);
    let is_upgrade = parts.version == Version::HTTP_11 && is_asked && !has_option(protocol, "h2c");
    is_upgrade.then(|| protocol.clone())
}

/// The options of a list.
fn options(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    let options = line.as_bytes().split(|byte| *byte == b',');
    options.map(<[u8]>::trim_ascii)
}

fn has_option(line: &HeaderValue, option: &str) -> bool {
    options(line).any(|own| own.eq_ignore_ascii_case(option.as_bytes()))
}

/// Makes one line of the lines that HTTP/2 may split cookies into (RFC 9113, section 8.2.3).
pub fn join_cookies(headers: &mut HeaderMap) {
    let lines: Vec<&[u8]> = headers
        .get_all(COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if lines.len() > 1
        && let Ok(line) = HeaderValue::from_bytes(&lines.join(&b"; "[..]))
    {
        headers.insert(COOKIE, line);
    }
}

/// Makes a backend's response the one that the client gets, before filters.
fn take_in(response: &mut Response<Body>, upgrade: Option<OnUpgrade>, shared: &Arc<Shared>) {
    *response.version_mut() = Version::default();
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return strip(response.headers_mut());
    }
    if let Some(client) = upgrade {
        let backend = hyper::upgrade::on(&mut *response);
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let _open = shared.metrics.connection();
            splice(client, backend).await;
        });
    }
    let headers = response.headers_mut();
    let protocol = headers.remove(UPGRADE);
    strip(headers);
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    if let Some(protocol) = protocol {
        headers.insert(UPGRADE, protocol);
    }
}

async fn splice(client: OnUpgrade, backend: OnUpgrade) {
    if let (Ok(client), Ok(backend)) = (client.await, backend.await) {
        let (mut client, mut backend) = (TokioIo::new(client), TokioIo::new(backend));
        // Either side may end the connection at any time.
        let _ = tokio::io::copy_bidirectional(&mut client, &mut backend).await;
    }
}

/// Takes out what is between two neighbours only, and what `Connection` names (RFC 9110, section 7.6.1).
fn strip(headers: &mut HeaderMap) {
    // Mostly there is none: one look at the few names is less than to hash each of those that could be there.
    while let Some(name) = headers.keys().find(|name| is_hop_by_hop(name.as_str())) {
        let name = name.clone();
        if name == CONNECTION {
            for named in named(headers) {
                headers.remove(named);
            }
        }
        headers.remove(name);
    }
}

/// The headers that `Connection` names, without those that are stripped anyway and `close`, which is not one.
fn named(headers: &HeaderMap) -> Vec<HeaderName> {
    let options = headers.get_all(CONNECTION).iter().flat_map(options);
    let is_known = |option: &[u8]| {
        option.eq_ignore_ascii_case(b"close") || str::from_utf8(option).is_ok_and(is_hop_by_hop)
    };
    options
        .filter(|option| !is_known(option))
        .filter_map(|option| HeaderName::from_bytes(option).ok())
        .collect()
}

fn append(headers: &mut HeaderMap, name: &str, value: &[u8]) {
    if let (Ok(name), Ok(value)) = (
        HeaderName::from_bytes(name.as_bytes()),
        HeaderValue::from_bytes(value),
    ) {
        headers.append(name, value);
    }
}

/// The longest that a mirror may take for a copy.
const MIRROR: Duration = Duration::from_secs(30);

/// Sends the sampled copies, each when its body is there, and forgets about them: they hold up nobody (FILTER-MIRROR-01).
pub fn mirror(
    client: &Parts,
    copies: &[MirrorCopy<'_>],
    body: &mut RequestBody,
    context: &Context<'_>,
) {
    for copy in copies.iter().filter(|copy| copy.sampled) {
        let Some(endpoint) = context.live.endpoints.next(copy.backend) else {
            continue;
        };
        let shared = Arc::clone(context.shared);
        let Ok(permit) = Arc::clone(&shared.mirrors).try_acquire_owned() else {
            shared.metrics.lost_mirror();
            continue;
        };
        let whole = body.copy();
        let mut request = outgoing(client, &copy.request, copy.backend, full(""), None);
        let certificate = context.certificate(copy.backend).cloned();
        let (backend, live) = (copy.backend.clone(), Arc::clone(context.live));
        tokio::spawn(async move {
            let sent = async {
                *request.body_mut() = full(whole.await?);
                let sending = send(request, &backend, endpoint, certificate.as_ref(), &live);
                let mut answer = sending.await?.into_body();
                // The answer is read to its end so that the connection can be used again.
                while answer.frame().await.transpose()?.is_some() {}
                Ok::<_, Error>(())
            };
            if !matches!(tokio::time::timeout(MIRROR, sent).await, Ok(Ok(()))) {
                shared.metrics.lost_mirror();
            }
            drop(permit);
        });
    }
}

#[cfg(test)]
mod tests {
    use gatewright::vocab::HOP_BY_HOP;

    use super::*;

    fn stripped(lines: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        strip(&mut headers);
        headers.keys().map(ToString::to_string).collect()
    }

    /// RFC 9110, section 7.6.1.
    #[test]
    fn what_connection_names_goes_no_further() {
        let left = stripped(&[
            ("host", "a.example.com"),
            ("connection", "close, X-One"),
            ("x-one", "1"),
            ("x-two", "2"),
            ("connection", "x-two , keep-alive,,"),
            ("keep-alive", "timeout=5"),
            ("x-three", "3"),
        ]);
        assert_eq!(left, ["host", "x-three"]);
    }

    #[test]
    fn each_header_of_a_connection_goes_without_being_named() {
        for name in HOP_BY_HOP {
            let left = stripped(&[("accept", "*/*"), (name, "x"), ("x-one", "1")]);
            assert_eq!(left, ["accept", "x-one"], "{name}");
        }
    }
}
