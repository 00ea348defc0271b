//! To a backend and back: tries, time limits, mirrors, upgrades.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use gatewright::filter::{
    Exchange, Failure, Forward, GiveUp, MirrorCopy, Next, OutgoingRequest, Sessions,
};
use gatewright::plan::{Action, Backend, BackendProtocol, ListenerHead, ObjectName};
use gatewright::vocab::{HOP_BY_HOP, is_hop_by_hop};
use http::header::{CONNECTION, HeaderName, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;

use crate::body::{Body, Deadline, Error, MOST_KEPT, RequestBody};
use crate::live::{Live, Shared};
use crate::log::Entry;
use crate::proxy::{Asked, bare};
use crate::upstream::{self, Destination};

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
    let started = Instant::now();
    let exchange = Exchange::new(forward.timeouts, action.retry.as_ref());
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
            &forward.request,
            forward.backend,
            asked.body.take(),
            upgrade,
        );
        let tried = attempt(
            request,
            forward.backend,
            endpoint,
            context,
            exchange.try_limit(started.elapsed()),
        )
        .await;
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
        let next =
            exchange.after_within(failure, tries, started.elapsed(), fastrand::u64(..), used);
        match next {
            Next::TryAgain { wait } if asked.body.is_kept() => tokio::time::sleep(wait).await,
            Next::GiveUp(GiveUp::Status(status)) => {
                return bare(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY));
            }
            _ => {
                let Ok(response) = tried else {
                    return bare(StatusCode::BAD_GATEWAY);
                };
                let left = exchange.try_limit(started.elapsed());
                let mut response = incoming(response, asked.upgrade.take(), left);
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

async fn attempt(
    request: Request<Body>,
    backend: &Backend,
    endpoint: SocketAddr,
    context: &Context<'_>,
    limit: Option<std::time::Duration>,
) -> Result<Response<Incoming>, Failed> {
    let certificate = context
        .listener
        .and_then(|head| context.live.client_certificate(&head.gateway));
    let sending = send(request, backend, endpoint, certificate, context.live);
    match limit {
        None => sending.await.map_err(Failed::Connection),
        Some(limit) => match tokio::time::timeout(limit, sending).await {
            Ok(sent) => sent.map_err(Failed::Connection),
            Err(_) => Err(Failed::Timeout),
        },
    }
}

/// Sends a request to an endpoint of a backend.
pub async fn send(
    request: Request<Body>,
    backend: &Backend,
    endpoint: SocketAddr,
    certificate: Option<&ObjectName>,
    live: &Arc<Live>,
) -> Result<Response<Incoming>, Error> {
    let destination = Destination::of(backend, endpoint, live.client_tls(backend, certificate)?);
    let tls = destination.tls.as_deref();
    let answered = live
        .pool
        .send(&destination, request, || upstream::connect(endpoint, tls))
        .await?;
    Ok(answered.into_response(&live.pool))
}

/// The request as the backend gets it.
pub fn outgoing(
    request: &OutgoingRequest<'_>,
    backend: &Backend,
    body: Body,
    upgrade: Option<HeaderValue>,
) -> Request<Body> {
    let mut out = Request::new(body);
    *out.method_mut() = request.method.parse().unwrap_or_default();
    let host = request.host.as_deref().map(String::from_utf8_lossy);
    for (name, value) in request.lines() {
        if !is_hop_by_hop(name) || (name.eq_ignore_ascii_case("te") && value == b"trailers") {
            append(out.headers_mut(), name, value);
        }
    }
    let target = request.target();
    if backend.protocol == BackendProtocol::Http2 {
        *out.version_mut() = Version::HTTP_2;
        let scheme = if backend.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let authority = host.as_deref().unwrap_or("localhost");
        let uri = Uri::builder()
            .scheme(scheme)
            .authority(authority)
            .path_and_query(target);
        *out.uri_mut() = uri.build().unwrap_or_default();
    } else {
        *out.uri_mut() = target.parse().unwrap_or_default();
        if let Some(host) = host {
            append(out.headers_mut(), "host", host.as_bytes());
        }
        if let Some(protocol) = upgrade {
            out.headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("upgrade"));
            out.headers_mut().insert(UPGRADE, protocol);
        }
    }
    out
}

/// The protocol that the client wants to change to.
fn wants_upgrade(parts: &http::request::Parts) -> Option<HeaderValue> {
    (parts.version == Version::HTTP_11)
        .then(|| parts.headers.get(UPGRADE).cloned())
        .flatten()
}

/// The response as the client gets it, before filters.
fn incoming(
    mut response: Response<Incoming>,
    upgrade: Option<hyper::upgrade::OnUpgrade>,
    left: Option<std::time::Duration>,
) -> Response<Body> {
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let protocol = response.headers().get(UPGRADE).cloned();
        if let Some(client) = upgrade {
            let backend = hyper::upgrade::on(&mut response);
            tokio::spawn(splice(client, backend));
        }
        let (mut parts, body) = response.into_parts();
        strip(&mut parts.headers);
        parts
            .headers
            .insert(CONNECTION, HeaderValue::from_static("upgrade"));
        if let Some(protocol) = protocol {
            parts.headers.insert(UPGRADE, protocol);
        }
        return Response::from_parts(parts, body.map_err(Error::from).boxed_unsync());
    }
    let (mut parts, body) = response.into_parts();
    strip(&mut parts.headers);
    parts.version = Version::default();
    let body = match left {
        Some(left) => Deadline::new(body, left).boxed_unsync(),
        None => body.map_err(Error::from).boxed_unsync(),
    };
    Response::from_parts(parts, body)
}

async fn splice(client: hyper::upgrade::OnUpgrade, backend: hyper::upgrade::OnUpgrade) {
    if let (Ok(client), Ok(backend)) = (client.await, backend.await) {
        let (mut client, mut backend) = (TokioIo::new(client), TokioIo::new(backend));
        // Either side may end the connection at any time.
        let _ = tokio::io::copy_bidirectional(&mut client, &mut backend).await;
    }
}

fn strip(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
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
        let request = outgoing(&copy.request, copy.backend, body.take(), None);
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
