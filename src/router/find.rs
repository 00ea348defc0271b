//! From a request head to the rule that takes it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::bytes::{ends_with_port, is_plain_path, is_plain_query};
use super::conditions::{Common, Request, is_grpc};
use super::explain::{self, Explanation};
use super::host::Host;
use super::matched::{Found, Match, Scheme};
use super::options::{GrpcDetection, Normalize};
use super::path::{self, Form};
use super::pool::{Pool, Served};
use super::table::{Exact, Hit, Tables};
use super::{BadRequest, RequestHead, Version};
use crate::plan::{ListenerHead, RouteKind};

/// What a connection speaks to: to be asked for each of its requests.
///
/// Several listeners may share the port; which one serves a request is known once its host is.
#[derive(Clone, Copy, Debug)]
pub struct Listener<'r> {
    pub(super) door: Door<'r>,
    /// What is served where there is one listener for every host, or a mesh.
    pub(super) only: Option<(&'r Tables, Option<&'r ListenerHead>)>,
    pub(super) port: u16,
    pub(super) scheme: Scheme,
    pub(super) common: &'r Common,
}

/// Where candidates come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Door<'r> {
    /// The listeners of a port; over TLS also the one that the server name chose.
    Pool(Pool<'r>, Option<&'r Arc<Served>>),
    /// A Service port in a mesh.
    Mesh(&'r Tables),
}

/// Buffers that callers may keep from request to request, so that requests out of normal form need no allocation either.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    path: Vec<u8>,
}

/// Why no rule takes a request, and what it is answered.
#[derive(Clone, Debug)]
pub struct NoMatch<'r> {
    why: Why,
    is_grpc: bool,
    listener: Option<&'r ListenerHead>,
}

/// Why no rule takes a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Why {
    /// The request is malformed: 400.
    BadRequest(BadRequest),
    /// The path is longer than the limits allow: 414 (SAFE-LIMIT-01).
    PathTooLong,
    /// No listener takes the host: 404 (LISTEN-SEL-07).
    NoListener,
    /// The host belongs to another listener than the one that the connection was made to: 421 (LISTEN-MIS-01).
    Misdirected,
    /// No rule of the listener takes the request: 404 (OUT-01).
    NoRule,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::BadRequest(bad) => bad.fmt(f),
            Why::PathTooLong => f.write_str("path longer than allowed"),
            Why::NoListener => f.write_str("no listener takes the host"),
            Why::Misdirected => f.write_str("the host belongs to another listener of the port"),
            Why::NoRule => f.write_str("no rule takes the request"),
        }
    }
}

impl<'r> NoMatch<'r> {
    /// The HTTP status of the answer: 400, 404, 414 or 421; 200 for a gRPC call, which gets
    /// [`grpc_status`](Self::grpc_status) instead of a 404.
    pub fn status(&self) -> u16 {
        match self.why {
            Why::BadRequest(_) => 400,
            Why::PathTooLong => 414,
            Why::Misdirected => 421,
            Why::NoListener | Why::NoRule if self.is_grpc => 200,
            Why::NoListener | Why::NoRule => 404,
        }
    }

    /// `UNIMPLEMENTED` (12) for a gRPC call that nothing takes, to be sent with `content-type: application/grpc` and
    /// without a body (MATCH-GRPC-12); `None` where the HTTP status says it all (MATCH-GRPC-19).
    pub fn grpc_status(&self) -> Option<u8> {
        let is_unmatched = matches!(self.why, Why::NoListener | Why::NoRule);
        (self.is_grpc && is_unmatched).then_some(12)
    }

    /// Whether the request is a gRPC call.
    pub fn is_grpc(&self) -> bool {
        self.is_grpc
    }

    /// The listener chosen by host; of a misdirected request the one chosen by server name; `None` when there is none.
    pub fn listener(&self) -> Option<&'r ListenerHead> {
        self.listener
    }

    /// Why nothing takes the request.
    pub fn why(&self) -> Why {
        self.why
    }
}

impl fmt::Display for NoMatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(f)
    }
}

impl std::error::Error for NoMatch<'_> {}

/// What is known once a listener is chosen.
pub(super) struct Asked<'r, 'a> {
    pub(super) listener: Option<&'r Served>,
    pub(super) tables: &'r Tables,
    pub(super) host: Host<'a>,
    pub(super) is_grpc: bool,
    form: Form,
}

impl<'r> Listener<'r> {
    /// The port that the client connected to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How requests come.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The listener chosen by server name; `None` in clear and in a mesh, where each request has its own or none.
    pub fn by_server_name(&self) -> Option<&'r ListenerHead> {
        match self.door {
            Door::Pool(_, by_name) => by_name.map(|served| &*served.head),
            Door::Mesh(_) => None,
        }
    }

    /// The rule that takes a request.
    ///
    /// # Errors
    ///
    /// [`NoMatch`] says why none does and what the request is answered.
    ///
    /// # Cost
    ///
    /// No allocation for paths in normal form.
    ///
    /// # Spec
    ///
    /// EVAL-01/02, LISTEN-SEL-03/04/05/07, LISTEN-MIS-01..05, MATCH-PREC-01..17, MATCH-GRPC-12/16/19.
    pub fn find<'a>(&self, head: &'a RequestHead<'a>) -> Result<Match<'a>, NoMatch<'r>>
    where
        'r: 'a,
    {
        match self.find_usual(head) {
            Some(usual) => usual,
            None => self.find_unusual(head),
        }
    }

    /// A request with nothing unusual about it, on a port with one listener: the same, with less to keep in mind.
    #[inline(always)]
    fn find_usual<'a>(&self, head: &'a RequestHead<'a>) -> Option<Result<Match<'a>, NoMatch<'r>>>
    where
        'r: 'a,
    {
        let common = self.common;
        let (tables, listener) = self.only?;
        let authority = head.host?;
        let is_usual = authority.len() <= common.host_limit
            && !ends_with_port(authority)
            && head.path.len() <= common.options.limits.path
            && is_plain_path(head.path)
            && head.query.is_none_or(is_plain_query)
            && (head.version < Version::Http2 || head.method != "POST")
            && common.options.grpc_detection == GrpcDetection::Strict;
        if !is_usual {
            return None;
        }
        let name = authority.strip_suffix(b".").unwrap_or(authority);
        let hash = common.seed.hash_any_case(name);
        let request = Request {
            head,
            path: head.path,
            common,
        };
        let hit = match tables.http.find_exact(name, hash, &request) {
            Exact::Found(hit) => hit,
            other => {
                let is_known = matches!(other, Exact::Known);
                let mut host =
                    Host::unchecked(authority, name, hash, common.host_limit, common.seed);
                match tables.http.find_beyond_exact(is_known, &mut host, &request) {
                    Ok(Some(hit)) => hit,
                    Ok(None) => return Some(Err(refuse(Why::NoRule, false, listener))),
                    Err(bad) => return Some(Err(refuse(Why::BadRequest(bad), false, None))),
                }
            }
        };
        Some(Ok(Match::found(Found {
            listener,
            port: self.port,
            scheme: self.scheme,
            is_grpc: false,
            hit,
            path: Cow::Borrowed(head.path),
        })))
    }

    #[inline(never)]
    fn find_unusual<'a>(&self, head: &'a RequestHead<'a>) -> Result<Match<'a>, NoMatch<'r>>
    where
        'r: 'a,
    {
        let mut scratch = Scratch::default();
        let mut asked = self.ask(head, &mut scratch)?;
        match asked.form {
            Form::AsReceived => {
                let hit = self.search(&mut asked, head, head.path)?;
                Ok(self.answer(&asked, hit, head, Cow::Borrowed(head.path)))
            }
            Form::InBuffer => {
                let hit = self.search(&mut asked, head, &scratch.path)?;
                Ok(self.answer(&asked, hit, head, Cow::Owned(scratch.path)))
            }
        }
    }

    /// The same with buffers that the caller keeps, so that no request needs an allocation.
    ///
    /// # Errors
    ///
    /// As [`find`](Self::find).
    pub fn find_with<'a>(
        &self,
        head: &'a RequestHead<'a>,
        scratch: &'a mut Scratch,
    ) -> Result<Match<'a>, NoMatch<'r>>
    where
        'r: 'a,
    {
        if let Some(usual) = self.find_usual(head) {
            return usual;
        }
        let mut asked = self.ask(head, scratch)?;
        let path = match asked.form {
            Form::AsReceived => head.path,
            Form::InBuffer => &scratch.path,
        };
        let hit = self.search(&mut asked, head, path)?;
        Ok(self.answer(&asked, hit, head, Cow::Borrowed(path)))
    }

    /// Every candidate of the listener that the request falls to, in order of precedence, and what became of each.
    ///
    /// # Cost
    ///
    /// O(candidates of the listener), with allocation: meant for people.
    ///
    /// # Spec
    ///
    /// OUT-10.
    pub fn explain(&self, head: &RequestHead<'_>) -> Explanation<'r> {
        let mut scratch = Scratch::default();
        let asked = self
            .ask(head, &mut scratch)
            .and_then(|mut asked| match asked.host.check() {
                Ok(_) => Ok(asked),
                Err(bad) => Err(refuse(Why::BadRequest(bad), false, None)),
            });
        match asked {
            Ok(asked) => {
                let path = match asked.form {
                    Form::AsReceived => head.path,
                    Form::InBuffer => &scratch.path,
                };
                let request = Request {
                    head,
                    path,
                    common: self.common,
                };
                explain::explain(&asked, &request)
            }
            Err(no_match) => Explanation::without_candidates(no_match),
        }
    }

    /// Checks the request and chooses the listener.
    #[inline(always)]
    fn ask<'a>(
        &self,
        head: &RequestHead<'a>,
        scratch: &mut Scratch,
    ) -> Result<Asked<'r, 'a>, NoMatch<'r>> {
        let options = &self.common.options;
        let bad = |bad| refuse(Why::BadRequest(bad), false, None);
        let mut host = Host::of(head, self.common.host_limit, self.common.seed).map_err(bad)?;
        let is_plain = is_plain_path(head.path) && head.query.is_none_or(is_plain_query);
        let form = if is_plain && head.path.len() <= options.limits.path {
            Form::AsReceived
        } else {
            self.normalize(head, &mut host, scratch)?
        };
        let is_grpc = is_grpc(head, options);
        let (pool, by_name) = match self.door {
            Door::Mesh(tables) => {
                return Ok(Asked {
                    listener: None,
                    tables,
                    host,
                    is_grpc,
                    form,
                });
            }
            Door::Pool(pool, by_name) => (pool, by_name),
        };
        let Some(by_host) = pool.choose(&mut host).map_err(bad)? else {
            host.check().map_err(bad)?;
            return Err(refuse(Why::NoListener, is_grpc, None));
        };
        if let Some(by_name) = by_name
            && options.detect_misdirected
            && !Arc::ptr_eq(by_name, by_host)
        {
            host.check().map_err(bad)?;
            return Err(refuse(Why::Misdirected, is_grpc, Some(&by_name.head)));
        }
        Ok(Asked {
            listener: Some(by_host),
            tables: &by_host.tables,
            host,
            is_grpc,
            form,
        })
    }

    /// Looks closely at a target that is not in normal form for sure.
    #[cold]
    fn normalize(
        &self,
        head: &RequestHead<'_>,
        host: &mut Host<'_>,
        scratch: &mut Scratch,
    ) -> Result<Form, NoMatch<'r>> {
        let options = &self.common.options;
        let bad = |bad| refuse(Why::BadRequest(bad), false, None);
        host.check().map_err(bad)?;
        if head.path.len() > options.limits.path {
            return Err(refuse(Why::PathTooLong, false, None));
        }
        if !head.query.is_none_or(is_plain_query) {
            return Err(bad(BadRequest::MalformedPath));
        }
        if head.path == b"*" && head.method == "OPTIONS" {
            return Ok(Form::AsReceived);
        }
        path::normalize(head.path, options, &mut scratch.path).map_err(bad)
    }

    /// The candidate that takes a request.
    #[inline(always)]
    fn search(
        &self,
        asked: &mut Asked<'r, '_>,
        head: &RequestHead<'_>,
        path: &[u8],
    ) -> Result<Hit<'r>, NoMatch<'r>> {
        let request = Request {
            head,
            path,
            common: self.common,
        };
        let host = &mut asked.host;
        let bad = |bad| refuse(Why::BadRequest(bad), false, None);
        let tables = asked.tables;
        // No path matcher takes `*` (MATCH-PATH-18).
        if path.first() == Some(&b'/') {
            if asked.is_grpc
                && let Some(hit) = tables.grpc.find_grpc(host, &request).map_err(bad)?
            {
                return Ok(hit);
            }
            if let Some(hit) = tables.http.find(host, &request).map_err(bad)? {
                return Ok(hit);
            }
        }
        host.check().map_err(bad)?;
        Err(refuse(
            Why::NoRule,
            asked.is_grpc,
            asked.listener.map(|served| &*served.head),
        ))
    }

    #[inline(always)]
    fn answer<'a>(
        &self,
        asked: &Asked<'a, '_>,
        hit: Hit<'a>,
        head: &RequestHead<'a>,
        path: Cow<'a, [u8]>,
    ) -> Match<'a>
    where
        'r: 'a,
    {
        // A GRPCRoute forwards what was received (MATCH-GRPC-02).
        let path = match path {
            _ if asked.is_grpc && hit.is_of(RouteKind::Grpc) => as_text(head.path),
            path if self.common.options.normalize == Normalize::None && !path.is_ascii() => {
                Cow::Owned(as_text(&path).into_owned())
            }
            path => path,
        };
        Match::found(Found {
            listener: asked.listener.map(|served| &*served.head),
            port: self.port,
            scheme: self.scheme,
            is_grpc: asked.is_grpc,
            hit,
            path,
        })
    }
}

fn refuse<'r>(why: Why, is_grpc: bool, listener: Option<&'r ListenerHead>) -> NoMatch<'r> {
    NoMatch {
        why,
        is_grpc,
        listener,
    }
}

/// A path as text; where bytes are none, those beyond ASCII become triplets.
fn as_text(path: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(path).is_ok() {
        return Cow::Borrowed(path);
    }
    let mut encoded = Vec::with_capacity(path.len() + 8);
    for byte in path {
        match byte {
            0x80.. => path::push_triplet(*byte, &mut encoded),
            _ => encoded.push(*byte),
        }
    }
    Cow::Owned(encoded)
}
