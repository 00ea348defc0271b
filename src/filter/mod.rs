//! From a match to what happens: what the backend gets, what the client sees, where copies go.
//!
//! Stage: apply, go on. [`apply`] takes a [`Match`], the request head and a [`Draw`], and gives an [`Outcome`]: the request is
//! forwarded, redirected, answered here, or an auth server must be asked first. [`Outcome::resume`] goes on with the auth
//! server's answer, [`Outcome::respond`] turns the backend's response head into what the client gets. For connections that are
//! not taken apart [`choose`] gives the backend. The stage refuses to know sockets, bodies, clocks and chance: what depends on
//! them is said as a value ([`Exchange`], [`StickySession`]) or comes from the caller.
//!
//! ```
//! use gatewright::filter::{self, Draw, Outcome};
//! use gatewright::plan::{Action, Backend, Filter, HeaderEdits, ObjectName, RouteKind};
//! use gatewright::router::{Headers, Match, MatchParts, RequestHead, RouteId, Scheme, Version};
//!
//! let edits = HeaderEdits { set: vec![("x-shop".into(), "eu".into())], ..HeaderEdits::default() };
//! let action = Action::forward([Backend::service("shop", "cart", 8080)])
//!     .with_filters([Filter::RequestHeaders(edits)]);
//! let route = ObjectName::new("shop", "cart");
//! // A router finds this; here it is made by hand.
//! let matched = Match::new(MatchParts {
//!     listener: None,
//!     port: 80,
//!     scheme: Scheme::Http,
//!     route: RouteId { kind: RouteKind::Http, name: &route },
//!     hostname: None,
//!     rule_index: 0,
//!     rule_name: None,
//!     match_index: 0,
//!     prefix: Some("/cart"),
//!     regex: None,
//!     path: "/cart/7".into(),
//!     is_grpc: false,
//!     action: &action,
//! });
//! let head = RequestHead {
//!     version: Version::Http11,
//!     method: "GET",
//!     host: Some(b"shop.example.com"),
//!     path: b"/cart/7",
//!     query: None,
//!     headers: Headers::Lines(&[("accept", b"*/*")]),
//! };
//! let Outcome::Forward(forward) = filter::apply(&matched, &head, Draw::of(0)) else { panic!() };
//! assert_eq!(&*forward.backend.target.name.name, "cart");
//! let lines: Vec<_> = forward.request.lines().collect();
//! assert_eq!(lines, [("accept", &b"*/*"[..]), ("x-shop", &b"eu"[..])]);
//! ```

mod auth;
mod changes;
mod cors;
mod draw;
mod extension;
mod outcome;
mod path;
mod redirect;
mod request;
mod retry;
mod run;
#[cfg(feature = "serde")]
mod serial;
mod session;
mod stream;

use std::borrow::Cow;
use std::fmt;

pub use auth::{
    Ask, AuthAnswer, AuthKind, AuthRequest, BodyStep, CheckAnswer, CheckDenial, DenialCause,
    HeaderAppend, HeaderOption,
};
pub use changes::{HeaderChanges, HeaderLine};
pub use cors::CorsState;
pub use draw::{Draw, MirrorDraws, pick};
pub use extension::{Extended, ExtensionFailed, Extensions};
pub use outcome::{Answer, Forward, MirrorCopy, Outcome, Reason, Redirection};
pub use request::OutgoingRequest;
pub use retry::{BudgetUse, Exchange, Expiry, Failure, GiveUp, Next, RetryPolicy, budget_allows};
pub use session::{
    BoundEndpoint, EndpointAlive, EndpointTag, SessionHeader, SessionSeal, Sessions, StickySession,
};
pub use stream::{Choice, choose};

use crate::router::{Match, RequestHead};

/// What the caller brings to [`apply_with`]. The default is what [`apply`] does.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// The answer to preflights of origins that are not allowed (FILTER-CORS-05).
    pub rejected_preflight: RejectedPreflight,
    /// What happens to bodies that are larger than an auth server may get (FILTER-AUTH-16).
    pub oversize: Oversize,
    /// Runs the filters that ExtensionRefs name. Without it, rules with one answer 500.
    pub extensions: Option<&'a dyn Extensions>,
    /// Recognises sessions. Without it, every request is one without a session.
    pub sessions: Option<Sessions<'a>>,
}

impl fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("rejected_preflight", &self.rejected_preflight)
            .field("oversize", &self.oversize)
            .field("extensions", &self.extensions.is_some())
            .field("sessions", &self.sessions.is_some())
            .finish()
    }
}

/// The answer to a preflight of an origin that is not allowed; none has CORS headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RejectedPreflight {
    /// 204, as for those that are.
    #[default]
    NoContent,
    /// 403.
    Forbidden,
}

impl RejectedPreflight {
    const fn status(self) -> u16 {
        match self {
            RejectedPreflight::NoContent => 204,
            RejectedPreflight::Forbidden => 403,
        }
    }
}

/// What happens to a body that is larger than an auth server may get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Oversize {
    /// The client gets 413.
    #[default]
    Reject,
    /// The auth server gets the beginning. It then decides about a body that it has not seen the end of.
    Truncate,
}

/// Applies the filters of a matched request and chooses its backend.
///
/// Never fails and never panics: what cannot be done is an answer of 500, never a forwarded request (SAFE-AUTH-01).
///
/// # Cost
///
/// O(filters + backends + header lines * header changes). Allocates nothing for a request that is forwarded without filters;
/// one vector for the header changes of a request, one for those of a response, one for mirrors, when there are any; a string
/// where a path is joined with its replacement; the `Location` of a redirect; the list of headers of an answer; a box for
/// the question to an auth server; the default name of a session. Names and values of a plan and a request are borrowed.
///
/// # Spec
///
/// EVAL-01/02/04/05, OUT-02..08, FILTER-*, BACKEND-WEIGHT-*, BACKEND-SESSION-*, MATCH-GRPC-13/16..19.
pub fn apply<'a>(matched: &'a Match<'a>, head: &'a RequestHead<'a>, draw: Draw<'a>) -> Outcome<'a> {
    static DEFAULT: Options<'static> = Options {
        rejected_preflight: RejectedPreflight::NoContent,
        oversize: Oversize::Reject,
        extensions: None,
        sessions: None,
    };
    apply_with(matched, head, draw, &DEFAULT)
}

/// The same with options.
pub fn apply_with<'a>(
    matched: &'a Match<'a>,
    head: &'a RequestHead<'a>,
    draw: Draw<'a>,
    options: &'a Options<'a>,
) -> Outcome<'a> {
    run::Run::new(matched, head, draw, options).start()
}

/// The answer to a gRPC call that nothing takes: status `UNIMPLEMENTED` (MATCH-GRPC-12).
pub fn unimplemented() -> Vec<HeaderLine<'static>> {
    grpc_headers(12)
}

/// An answer of a status and nothing else.
fn answer<'a>(status: u16, reason: Reason) -> Answer<'a> {
    Answer {
        status,
        grpc_status: None,
        reason,
        headers: Vec::new(),
        body: Cow::Borrowed(b""),
        mirrors: Vec::new(),
        cors: None,
    }
}

/// An answer of gRPC without body: all is said in the headers (MATCH-GRPC-13).
fn grpc_answer<'a>(status: u8, reason: Reason) -> Answer<'a> {
    Answer {
        grpc_status: Some(status),
        headers: grpc_headers(status),
        ..answer(200, reason)
    }
}

fn grpc_headers(status: u8) -> Vec<HeaderLine<'static>> {
    vec![
        (
            Cow::Borrowed("content-type"),
            Cow::Borrowed(b"application/grpc"),
        ),
        (
            Cow::Borrowed("grpc-status"),
            Cow::Owned(status.to_string().into_bytes()),
        ),
    ]
}

#[cfg(test)]
mod tests;
