//! To a backend and back: tries, time limits, mirrors, upgrades.

use std::future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gatewright::filter::{
    Exchange, Failure, Forward, GiveUp, MirrorCopy, Next, OutgoingRequest, Sessions,
};
use gatewright::plan::{Action, Backend, BackendProtocol, ListenerHead, ObjectName};
use gatewright::vocab::is_hop_by_hop;
use http::header::{CONNECTION, HOST, HeaderName, TE, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version};
use http_body_util::BodyExt;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use crate::body::{Body, Error, MOST_KEPT, RequestBody};
use crate::live::{Live, Shared};
use crate::log::Entry;
use crate::proxy::{Asked, bare};
use crate::upstream::{self, Destination, Sending};

/// What all tries of a request share.
pub struct Context<'c> {
    /// This process.
    pub shared: &'c Arc<Shared>,
    /// The configuration of the moment.
    pub live: &'c Arc<Live>,
    /// The listener.
    pub listener: Option<&'c ListenerHead>,
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
    let exchange = Exchange::new(forward.timeouts, action.retry.as_ref());
    let started = exchange.is_limited().then(Instant::now);
    let elapsed = || started.map_or(Duration::ZERO, |started| started.elapsed());
    if forward.retry.is_some() && asked.body.keep(MOST_KEPT).await.is_err() {
        return bare(StatusCode::BAD_REQUEST);
    }
    let mut tries = 0;
    loop {
        let Some(endpoint) = choose(forward, sessions, context) else {
            entry.reason(&"the backend has no endpoints");
            return bare(StatusCode::SERVICE_UNAVAILABLE);
        };
        entry.backend(forward.backend, endpoint);
        if let Some(budget) = &forward.backend.retry_budget {
            context
                .shared
                .budgets
                .note(&forward.backend.target, budget, tries > 0);
        }
        tries += 1;
        let upgrade = wants_upgrade(asked.parts);
        let request = outgoing(
            asked.parts,
            &forward.request,
            forward.backend,
            asked.body.take(),
            upgrade,
        );
        let sending = start(request, forward.backend, endpoint, context);
        let tried = within(sending, exchange.try_limit(elapsed())).await;
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
        let elapsed = elapsed();
        let next = exchange.after_within(failure, tries, elapsed, fastrand::u64(..), used);
        match next {
            Next::TryAgain { wait } if asked.body.is_kept() => tokio::time::sleep(wait).await,
            Next::GiveUp(GiveUp::Status(status)) => {
                return bare(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY));
            }
            _ => {
                let Ok(mut response) = tried else {
                    return bare(StatusCode::BAD_GATEWAY);
                };
                take_in(&mut response, asked.upgrade.take());
                if let Some(left) = exchange.try_limit(elapsed) {
                    response.body_mut().limit(left);
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

/// The endpoint of a session, else the next one in turn.
fn choose(
    forward: &Forward<'_>,
    sessions: &Sessions<'_>,
    context: &Context<'_>,
) -> Option<SocketAddr> {
    let bound = forward.session.as_ref().and_then(|session| {
        let tag = session.endpoint?;
        let all = context.live.endpoints.all(forward.backend).iter();
        all.copied()
            .find(|endpoint| session.tag(sessions.seal, &endpoint.to_string()) == tag)
    });
    bound.or_else(|| context.live.endpoints.next(forward.backend))
}

enum Failed {
    Connection(Error),
    Timeout,
}

/// Begins to send a request with the Gateway's own certificate where the backend may ask for one.
fn start(
    request: Request<Body>,
    backend: &Backend,
    endpoint: SocketAddr,
    context: &Context<'_>,
) -> Sending {
    let certificate = match (&backend.tls, context.listener) {
        (Some(_), Some(head)) => context.live.client_certificate(&head.gateway),
        _ => None,
    };
    send(request, backend, endpoint, certificate, context.live)
}

async fn within(sending: Sending, limit: Option<Duration>) -> Result<Response<Body>, Failed> {
    match limit {
        None => sending.await.map_err(Failed::Connection),
        Some(limit) => match tokio::time::timeout(limit, sending).await {
            Ok(sent) => sent.map_err(Failed::Connection),
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
    if trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    if backend.protocol == BackendProtocol::Http2 {
        *out.version_mut() = Version::HTTP_2;
        headers.remove(HOST);
        *out.uri_mut() = absolute(request, backend);
    } else {
        *out.uri_mut() = relative(client, request);
        // It came as `:authority` or in the target.
        if !headers.contains_key(HOST)
            && let Some(Ok(host)) = request.host.as_deref().map(HeaderValue::from_bytes)
        {
            headers.insert(HOST, host);
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

/// The protocol that the client wants to change to.
fn wants_upgrade(parts: &Parts) -> Option<HeaderValue> {
    (parts.version == Version::HTTP_11)
        .then(|| parts.headers.get(UPGRADE).cloned())
        .flatten()
}

/// Makes a backend's response the one that the client gets, before filters.
fn take_in(response: &mut Response<Body>, upgrade: Option<OnUpgrade>) {
    *response.version_mut() = Version::default();
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return strip(response.headers_mut());
    }
    if let Some(client) = upgrade {
        let backend = hyper::upgrade::on(&mut *response);
        tokio::spawn(splice(client, backend));
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
    let lines = headers.get_all(CONNECTION).iter();
    let options = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    let is_known = |option: &[u8]| {
        option.eq_ignore_ascii_case(b"close") || str::from_utf8(option).is_ok_and(is_hop_by_hop)
    };
    options
        .map(<[u8]>::trim_ascii)
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

/// Sends the sampled copies and forgets about them (FILTER-MIRROR-01).
pub async fn mirror(
    client: &Parts,
    copies: &[MirrorCopy<'_>],
    body: &mut RequestBody,
    shared: &Arc<Shared>,
    live: &Arc<Live>,
) {
    let sampled = copies.iter().filter(|copy| copy.sampled);
    for copy in sampled {
        if body.keep(MOST_KEPT).await.is_err() || !body.is_kept() {
            return;
        }
        let Some(endpoint) = live.endpoints.next(copy.backend) else {
            continue;
        };
        let request = outgoing(client, &copy.request, copy.backend, body.take(), None);
        let (backend, live, shared) = (copy.backend.clone(), Arc::clone(live), Arc::clone(shared));
        tokio::spawn(async move {
            match send(request, &backend, endpoint, None, &live).await {
                // The answer is read to its end so that the connection can be used again.
                Ok(response) => drop(response.into_body().collect().await),
                Err(_) => shared.metrics.lost_mirror(),
            }
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
