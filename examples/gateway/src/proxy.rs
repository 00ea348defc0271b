//! One request of a client: ask the library, do what it says.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use gatewright::filter::{self, Answer, BoundEndpoint, Draw, Exchange, Outcome, Sessions};
use gatewright::plan::{Backend, ObjectName};
use gatewright::router::{Accepted, Connection, ConnectionProtocol, NoMatch, RequestHead, Target};
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;

use crate::auth;
use crate::body::{Body, RequestBody, full};
use crate::forward;
use crate::live::{Live, Shared};
use crate::log::Entry;
use crate::metrics::Responses;

/// What is known of a connection once it stands.
#[derive(Clone, Debug)]
pub struct Client {
    /// The Gateway whose address and port it came to.
    pub gateway: ObjectName,
    /// The port that the plan knows, without the offset of this process.
    pub port: u16,
    /// In clear or over TLS.
    pub protocol: ConnectionProtocol,
    /// The server name of the handshake.
    pub server_name: Option<String>,
    /// Who it is.
    pub peer: std::net::SocketAddr,
    /// Counts what it gets.
    pub responses: Arc<Responses>,
}

impl Client {
    /// The connection as the router knows it.
    pub fn connection(&self) -> Connection<'_> {
        Connection {
            target: Target::Gateway {
                namespace: &self.gateway.namespace,
                name: &self.gateway.name,
            },
            port: self.port,
            protocol: self.protocol,
            sni: self.server_name.as_deref().map(str::as_bytes),
        }
    }
}

/// Serves one request.
pub async fn serve(
    request: Request<Incoming>,
    client: Arc<Client>,
    shared: Arc<Shared>,
) -> Response<Body> {
    let live = shared.live.load_full();
    let (mut parts, body) = request.into_parts();
    let upgrade = parts.extensions.remove::<hyper::upgrade::OnUpgrade>();
    let mut entry = shared.log.entry(&parts, &client);
    let mut body = RequestBody::new(body);
    let request = Asked {
        parts: &parts,
        upgrade,
        body: &mut body,
    };
    let response = answer(request, &client, &shared, &live, &mut entry).await;
    entry.finish(response.status());
    client.responses.count(response.status());
    shared.log.write(entry);
    response
}

/// A request under way.
pub struct Asked<'p> {
    /// Its head.
    pub parts: &'p http::request::Parts,
    /// What becomes of its connection if it is upgraded.
    pub upgrade: Option<hyper::upgrade::OnUpgrade>,
    /// Its body.
    pub body: &'p mut RequestBody,
}

async fn answer(
    request: Asked<'_>,
    client: &Client,
    shared: &Arc<Shared>,
    live: &Arc<Live>,
    entry: &mut Entry,
) -> Response<Body> {
    let head = match RequestHead::from_parts(request.parts) {
        Ok(head) => head,
        Err(why) => {
            entry.reason(&why);
            return bare(StatusCode::BAD_REQUEST);
        }
    };
    let listener = match live.router.accept(&client.connection()) {
        Accepted::Http(listener) => listener,
        other => {
            entry.reason(&format_args!("{other:?}"));
            return bare(StatusCode::NOT_FOUND);
        }
    };
    let matched = match listener.find(&head) {
        Ok(matched) => matched,
        Err(no_match) => {
            entry.reason(&no_match);
            return unmatched(&no_match);
        }
    };
    entry.matched(&matched);
    let limits = Exchange::new(&matched.action().timeouts, None);
    let context = forward::Context {
        shared,
        live,
        listener: matched.listener(),
        limits,
        started: limits.is_limited().then(Instant::now),
    };
    let alive = |backend: &Backend, bound: &BoundEndpoint<'_>| {
        let all = live.endpoints.all(backend).iter();
        all.copied().any(|endpoint| bound.is(&endpoint.to_string()))
    };
    let sessions = Sessions {
        seal: &shared.seal,
        now: milliseconds(),
        alive: Some(&alive),
    };
    let options = filter::Options {
        sessions: Some(sessions),
        ..filter::Options::default()
    };
    let mirror = |_| fastrand::u64(..);
    let draw = Draw::each(fastrand::u64(..), &mirror);
    let mut outcome = filter::apply_with(&matched, &head, draw, &options);
    while let Outcome::Ask(ask) = outcome {
        // In a box, as all that is rare: what is not there must not be moved about with each request.
        outcome = Box::pin(auth::ask(ask, request.body, &context)).await;
    }
    if !outcome.mirrors().is_empty() {
        forward::mirror(request.parts, outcome.mirrors(), request.body, &context);
    }
    match &outcome {
        Outcome::Forward(forward) => {
            forward::forward(
                forward,
                matched.action(),
                &sessions,
                request,
                &context,
                entry,
            )
            .await
        }
        Outcome::Redirect(redirection) => {
            let mut response =
                bare(StatusCode::from_u16(redirection.status).unwrap_or(StatusCode::FOUND));
            redirection.write_to(response.headers_mut());
            response
        }
        Outcome::Respond(answer) => {
            entry.reason(&answer.reason);
            answered(answer)
        }
        // Nothing is forwarded before its question is answered (SAFE-AUTH-01).
        Outcome::Ask(_) => bare(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn unmatched(no_match: &NoMatch<'_>) -> Response<Body> {
    let mut response =
        bare(StatusCode::from_u16(no_match.status()).unwrap_or(StatusCode::NOT_FOUND));
    if no_match.grpc_status().is_some() {
        for (name, value) in filter::unimplemented() {
            let name = http::HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&value)) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}

/// An answer of the library's.
pub fn answered(answer: &Answer<'_>) -> Response<Body> {
    let mut response = Response::new(full(answer.body.to_vec()));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.write_to(response.headers_mut());
    response
}

/// An answer of a status and nothing else.
pub fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(full(""));
    *response.status_mut() = status;
    if status != StatusCode::NO_CONTENT {
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    response
}

fn milliseconds() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
