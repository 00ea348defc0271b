//! What becomes of a matched request.

use std::borrow::Cow;
use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::auth::{Ask, AuthAnswer, DenialCause};
use super::changes::{HeaderChanges, HeaderLine};
use super::cors::CorsState;
use super::request::OutgoingRequest;
use super::retry::RetryPolicy;
use super::run::Errors;
use super::session::StickySession;
use crate::plan::{Backend, BackendFault, Fault, Timeouts};

/// What becomes of a matched request.
#[derive(Clone, Debug)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "outcome", rename_all = "lowercase")
)]
#[expect(
    clippy::large_enum_variant,
    reason = "it lives on the stack, once per request"
)]
pub enum Outcome<'a> {
    /// It goes to a backend.
    Forward(Forward<'a>),
    /// The client is sent elsewhere.
    Redirect(Redirection<'a>),
    /// It is answered here.
    Respond(Answer<'a>),
    /// Another server must be asked first; what becomes of the request is said by [`Ask::resume`]. There is no other way
    /// past this value, so a question cannot be forgotten (FILTER-AUTH-01, SAFE-AUTH-01).
    Ask(Box<Ask<'a>>),
}

impl<'a> Outcome<'a> {
    /// Goes on with the answer of an auth server. An outcome without a question stays what it is.
    pub fn resume(self, answer: &AuthAnswer<'_>) -> Outcome<'a> {
        match self {
            Outcome::Ask(ask) => ask.resume(answer),
            settled => settled,
        }
    }

    /// Goes on without an answer: the auth server could not be asked, or what it said made no sense. The client is refused
    /// (FILTER-AUTH-01).
    pub fn resume_failed(self) -> Outcome<'a> {
        self.resume(&AuthAnswer::Failed)
    }

    /// Turns the head of the backend's response into what the client gets. For a redirect or an answer of our own the
    /// headers are those of that answer, added to what is there.
    pub fn respond(&self, status: u16, headers: &mut HeaderMap) {
        match self {
            Outcome::Forward(forward) => forward.respond(status, headers),
            Outcome::Redirect(redirection) => redirection.write_to(headers),
            Outcome::Respond(answer) => answer.write_to(headers),
            Outcome::Ask(_) => {}
        }
    }

    /// The copies that the filters so far ask for.
    pub fn mirrors(&self) -> &[MirrorCopy<'a>] {
        match self {
            Outcome::Forward(forward) => &forward.mirrors,
            Outcome::Redirect(redirection) => &redirection.mirrors,
            Outcome::Respond(answer) => &answer.mirrors,
            Outcome::Ask(ask) => ask.mirrors(),
        }
    }

    /// What a CORS filter made of the request; `None` without filter or without `Origin`.
    pub fn cors(&self) -> Option<CorsState> {
        match self {
            Outcome::Forward(forward) => forward.cors,
            Outcome::Redirect(redirection) => redirection.cors,
            Outcome::Respond(answer) => answer.cors,
            Outcome::Ask(ask) => ask.cors(),
        }
    }
}

/// A request that goes to a backend.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Forward<'a> {
    /// The backend: its TLS, protocol and retry budget are said there.
    pub backend: &'a Backend,
    /// Its place in `backends`.
    pub index: usize,
    /// All backends of the rule.
    pub backends: &'a [Backend],
    /// What the backend receives.
    pub request: OutgoingRequest<'a>,
    /// What happens to the response: filters of the backend, then of the rule, then CORS (FILTER-GEN-03, FILTER-CORS-21).
    pub response: HeaderChanges<'a>,
    /// Copies for mirrors.
    pub mirrors: Vec<MirrorCopy<'a>>,
    /// Time limits as written; [`Exchange`](super::Exchange) keeps account of them.
    pub timeouts: &'a Timeouts,
    /// When a failed try is repeated, defaults filled in; `None` never.
    pub retry: Option<RetryPolicy<'a>>,
    /// Stickiness; `None` without.
    pub session: Option<StickySession<'a>>,
    /// What a CORS filter made of the request.
    pub cors: Option<CorsState>,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) errors: Errors<'a>,
}

impl<'a> Forward<'a> {
    /// The answer when the backend gives none: 503 or 504 as [`GiveUp`](super::GiveUp) and [`Expiry`](super::Expiry) say, 503 when
    /// it turns out that it has no endpoints ([`Reason::NoEndpoints`]). Scripts of an allowed origin can read it; header
    /// modifiers do not see it (OUT-08). A GRPCRoute answers with a status of gRPC, `UNAVAILABLE`.
    ///
    /// # Cost
    ///
    /// Allocates the list of headers, if there are any.
    ///
    /// # Spec
    ///
    /// FILTER-CORS-12/21, MATCH-GRPC-13, OUT-06/08.
    pub fn fail(&self, status: u16, reason: Reason) -> Answer<'a> {
        self.errors.unavailable(status, reason)
    }

    /// Turns the head of the backend's response into what the client gets: the changes of both levels and those of CORS.
    /// Interim responses (1xx) are left alone (FILTER-HDR-08). Cookies of sessions come from
    /// [`StickySession::establish`].
    ///
    /// # Cost
    ///
    /// O(changes).
    ///
    /// # Spec
    ///
    /// EVAL-02, FILTER-GEN-01/03, FILTER-HDR-01..03/08, FILTER-CORS-18..21.
    pub fn respond(&self, status: u16, headers: &mut HeaderMap) {
        if status >= 200 {
            self.response.apply_to(headers);
        }
    }
}

/// A copy of the request for a mirror. Its answer is of no interest and never changes that to the client (FILTER-MIRROR-01).
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MirrorCopy<'a> {
    /// Where it goes.
    pub backend: &'a Backend,
    /// Of `denominator` requests so many are copied; more than 0.
    pub numerator: u32,
    /// At least 1.
    pub denominator: u32,
    /// Whether this request is among them, by the draw (FILTER-MIRROR-05). Only then is the copy sent.
    pub sampled: bool,
    /// The copy.
    pub request: OutgoingRequest<'a>,
}

/// An answer that sends the client elsewhere.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Redirection<'a> {
    /// The status.
    pub status: u16,
    /// The absolute URL for `Location` (FILTER-REDIR-02).
    pub location: String,
    /// All other headers of the answer. A `Location` among them, by a header modifier, does not count: there is one.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::lines"))]
    pub headers: Vec<HeaderLine<'a>>,
    /// Copies for mirrors that stood before the redirect.
    pub mirrors: Vec<MirrorCopy<'a>>,
    /// What a CORS filter made of the request.
    pub cors: Option<CorsState>,
}

impl Redirection<'_> {
    /// Writes the headers of the answer, `Location` among them.
    pub fn write_to(&self, headers: &mut HeaderMap) {
        write_lines(&self.headers, headers);
        if let Ok(location) = HeaderValue::from_str(&self.location) {
            headers.insert(http::header::LOCATION, location);
        }
    }
}

/// An answer that the gateway gives itself.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The status of gRPC, when the answer is one of gRPC without body: `content-type` and `grpc-status` are among the headers
    /// (MATCH-GRPC-13).
    pub grpc_status: Option<u8>,
    /// Why it is given.
    pub reason: Reason,
    /// Headers, without those of framing.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::lines"))]
    pub headers: Vec<HeaderLine<'a>>,
    /// The body; empty but for denials of an auth server and answers of extensions.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::text"))]
    pub body: Cow<'a, [u8]>,
    /// Copies for mirrors that stood before what gave the answer.
    pub mirrors: Vec<MirrorCopy<'a>>,
    /// What a CORS filter made of the request.
    pub cors: Option<CorsState>,
}

impl Answer<'_> {
    /// Writes the headers of the answer.
    pub fn write_to(&self, headers: &mut HeaderMap) {
        write_lines(&self.headers, headers);
    }
}

fn write_lines(lines: &[HeaderLine<'_>], headers: &mut HeaderMap) {
    for (name, value) in lines {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(value),
        ) {
            headers.append(name, value);
        }
    }
}

/// Why the gateway answers itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Reason {
    /// A CORS filter answers a preflight.
    Preflight,
    /// The rule refuses all its requests.
    Refused(Fault),
    /// The rule has no backends (OUT-04).
    NoBackends,
    /// The weights of all backends are 0 (OUT-05).
    NoWeight,
    /// The chosen backend is invalid (OUT-02/03).
    InvalidBackend(BackendFault),
    /// The chosen backend has no endpoints (OUT-06).
    NoEndpoints,
    /// The chosen backend holds an unresolved ExtensionRef (FILTER-EXT-04).
    UnresolvedExtension,
    /// An extension failed, or nobody is there to run it.
    ExtensionFailed,
    /// An extension gave the answer.
    Extension,
    /// The auth server denies the request, or could not be asked.
    Denied(DenialCause),
    /// The body is larger than the auth server may get (FILTER-AUTH-16).
    BodyTooLarge,
    /// A redirect without hostname meets a request without host (FILTER-REDIR-13).
    NoHost,
    /// A prefix is to be replaced that the match does not have. No plan that `check` accepts leads here (SAFE-AUTH-01).
    NoPrefix,
    /// The backend could not be reached, or went away. Given by callers to [`Forward::fail`].
    NoConnection,
    /// The time of the request or of its last try ran out (BACKEND-TIMEOUT-01/02).
    Timeout,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Preflight => "preflight answered by the CORS filter",
            Reason::Refused(Fault::ExternalAuth) => {
                "the rule has an ExternalAuth filter that cannot be used"
            }
            Reason::Refused(Fault::ExtensionRef) => {
                "the rule has an ExtensionRef that is not resolved"
            }
            Reason::NoBackends => "the rule has no backends",
            Reason::NoWeight => "all backends of the rule have weight 0",
            Reason::InvalidBackend(fault) => match fault {
                BackendFault::RefNotPermitted => {
                    "the chosen backend is in another namespace and no ReferenceGrant allows it"
                }
                BackendFault::InvalidKind => "the chosen backend has an unknown kind",
                BackendFault::NotFound => "the chosen backend does not exist",
                BackendFault::UnsupportedProtocol => {
                    "the chosen backend speaks a protocol that the route cannot"
                }
                BackendFault::UnsupportedValue => {
                    "the reference to the chosen backend is malformed"
                }
                BackendFault::InvalidBackendTlsPolicy => {
                    "the chosen backend has a BackendTLSPolicy that cannot be met"
                }
            },
            Reason::NoEndpoints => "the chosen backend has no endpoints",
            Reason::UnresolvedExtension => {
                "the chosen backend has an ExtensionRef that is not resolved"
            }
            Reason::ExtensionFailed => "an extension failed or is not there",
            Reason::Extension => "answered by an extension",
            Reason::Denied(DenialCause::Answer) => "denied by the auth server",
            Reason::Denied(DenialCause::Failure) => "the auth server could not be asked",
            Reason::BodyTooLarge => "the body is larger than the auth server may get",
            Reason::NoHost => "a redirect to the host of a request that has none",
            Reason::NoPrefix => "a prefix is to be replaced that the match does not have",
            Reason::NoConnection => "the backend could not be reached",
            Reason::Timeout => "the time ran out",
        })
    }
}
