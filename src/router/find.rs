//! From a request head to the rule that takes it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::authority::{self, HostKey};
use super::conditions::{Request, is_grpc};
use super::explain::{self, Explanation};
use super::matched::{Match, MatchParts, RouteId, Scheme};
use super::options::Options;
use super::path::{self, Form};
use super::pool::{Served, choose};
use super::route::{Candidate, RouteEntry, TargetCondition};
use super::table::{HostTable, Tables};
use super::{BadRequest, RequestHead};
use crate::plan::{Action, ListenerHead, Protocol, RouteKind, Timeouts};
use crate::vocab::Hostname;

/// What a connection speaks to: to be asked for each of its requests.
///
/// Several listeners may share the port; which one serves a request is known once its host is.
#[derive(Clone, Copy, Debug)]
pub struct Listener<'r> {
    pub(super) door: Door<'r>,
    pub(super) port: u16,
    pub(super) scheme: Scheme,
    pub(super) options: &'r Options,
}

/// Where candidates come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Door<'r> {
    /// The listeners of a port; over TLS also the one that the server name chose.
    Pool(&'r [Arc<Served>], Option<&'r Arc<Served>>),
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
    pub(super) host: Option<Cow<'a, str>>,
    pub(super) is_grpc: bool,
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
        let mut scratch = Scratch::default();
        let found = self.search(head, &mut scratch)?;
        let path = match found.form {
            Form::AsReceived => text_of(head.path),
            Form::InBuffer => String::from_utf8(scratch.path).unwrap_or_default().into(),
        };
        Ok(self.answer(found, head, path))
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
        let found = self.search(head, scratch)?;
        let path = match found.form {
            Form::AsReceived => text_of(head.path),
            Form::InBuffer => text_of(&scratch.path),
        };
        Ok(self.answer(found, head, path))
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
        let asked = self.ask(head, &mut scratch);
        match asked {
            Ok((asked, form)) => {
                let path = match form {
                    Form::AsReceived => head.path,
                    Form::InBuffer => &scratch.path,
                };
                explain::explain(&asked, head, path, self.options)
            }
            Err(no_match) => Explanation::without_candidates(no_match),
        }
    }

    fn search(
        &self,
        head: &RequestHead<'_>,
        scratch: &mut Scratch,
    ) -> Result<Found<'r>, NoMatch<'r>> {
        let (asked, form) = self.ask(head, scratch)?;
        let path = match form {
            Form::AsReceived => head.path,
            Form::InBuffer => &scratch.path,
        };
        let request = Request {
            head,
            path,
            options: self.options,
        };
        let host = asked.host.as_deref();
        let tables = asked.tables;
        let grpc = if asked.is_grpc {
            first_hit(&tables.grpc, host, &request)
        } else {
            None
        };
        let hit = grpc.or_else(|| first_hit(&tables.http, host, &request));
        match hit {
            Some((hostname, route, candidate)) => Ok(Found {
                listener: asked.listener,
                hostname,
                route,
                candidate,
                is_grpc: asked.is_grpc,
                form,
            }),
            None => Err(NoMatch {
                why: Why::NoRule,
                is_grpc: asked.is_grpc,
                listener: asked.listener.map(|served| &*served.head),
            }),
        }
    }

    /// Checks the request and chooses the listener.
    fn ask<'a>(
        &self,
        head: &RequestHead<'a>,
        scratch: &mut Scratch,
    ) -> Result<(Asked<'r, 'a>, Form), NoMatch<'r>> {
        let refuse = |why, is_grpc, listener| NoMatch {
            why,
            is_grpc,
            listener,
        };
        let bad = |bad| refuse(Why::BadRequest(bad), false, None);
        let host = self.host(head).map_err(bad)?;
        let limits = &self.options.limits;
        if head.path.len() > limits.path {
            return Err(refuse(Why::PathTooLong, false, None));
        }
        if head
            .query
            .is_some_and(|query| query.iter().any(|b| path::is_forbidden(*b)))
        {
            return Err(bad(BadRequest::MalformedPath));
        }
        let form = if head.path == b"*" && head.method == "OPTIONS" {
            Form::AsReceived
        } else {
            path::normalize(head.path, self.options, &mut scratch.path).map_err(bad)?
        };
        let is_grpc = is_grpc(head, self.options);
        let (listener, tables) = match self.door {
            Door::Mesh(tables) => (None, tables),
            Door::Pool(pool, by_name) => {
                let peers = pool.iter().filter(|served| match self.scheme {
                    Scheme::Http => true,
                    Scheme::Https => served.head.protocol == Protocol::Https,
                });
                let Some(by_host) = choose(peers, host.as_deref()) else {
                    return Err(refuse(Why::NoListener, is_grpc, None));
                };
                if let Some(by_name) = by_name
                    && self.options.detect_misdirected
                    && !Arc::ptr_eq(by_name, by_host)
                {
                    return Err(refuse(Why::Misdirected, is_grpc, Some(&by_name.head)));
                }
                (Some(&**by_host), &by_host.tables)
            }
        };
        Ok((
            Asked {
                listener,
                tables,
                host,
                is_grpc,
            },
            form,
        ))
    }

    /// The host in lower case; `None` for one that only listeners and Routes without hostname take.
    fn host<'a>(&self, head: &RequestHead<'a>) -> Result<Option<Cow<'a, str>>, BadRequest> {
        let Some(host) = head.host else {
            return match head.version {
                super::Version::Http10 => Ok(None),
                _ => Err(BadRequest::MissingHost),
            };
        };
        Ok(
            match authority::parse(host, self.options.limits.authority)? {
                HostKey::Nameless => None,
                HostKey::Name(name) => {
                    let name =
                        std::str::from_utf8(name).map_err(|_| BadRequest::MalformedAuthority)?;
                    Some(if name.bytes().any(|b| b.is_ascii_uppercase()) {
                        name.to_ascii_lowercase().into()
                    } else {
                        name.into()
                    })
                }
            },
        )
    }

    fn answer<'a>(&self, found: Found<'a>, head: &RequestHead<'a>, path: Cow<'a, str>) -> Match<'a>
    where
        'r: 'a,
    {
        let Found {
            route, candidate, ..
        } = found;
        let rule = route.rule(candidate);
        let (prefix, regex) = match &candidate.target {
            TargetCondition::Prefix(prefix) => (Some(&**prefix), None),
            TargetCondition::Regex(pattern, _) => (None, Some(&**pattern)),
            _ => (None, None),
        };
        let path = match route.kind {
            RouteKind::Grpc => text_of(head.path),
            _ => path,
        };
        Match::new(MatchParts {
            listener: found.listener.map(|served| &*served.head),
            port: self.port,
            scheme: self.scheme,
            route: RouteId {
                kind: route.kind,
                name: &route.name,
            },
            hostname: found.hostname,
            rule_index: rule.map_or(0, |rule| rule.index),
            rule_name: rule.and_then(|rule| rule.name.as_deref()),
            match_index: candidate.match_index,
            prefix,
            regex,
            path,
            is_grpc: found.is_grpc,
            action: rule.map_or(&NOTHING, |rule| &*rule.action),
        })
    }
}

/// Stands where a candidate without a rule would leave nothing: it answers 500 and forwards nothing (SAFE-AUTH-01).
static NOTHING: Action = Action {
    fault: None,
    filters: Vec::new(),
    backends: Vec::new(),
    timeouts: Timeouts {
        request: None,
        backend_request: None,
    },
    retry: None,
    session: None,
};

/// The text of a path; bytes that are no text become triplets.
fn text_of(path: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(path) {
        Ok(text) => text.into(),
        Err(_) => {
            let mut encoded = Vec::with_capacity(path.len() + 8);
            for byte in path {
                match byte {
                    0x80.. => path::push_triplet(*byte, &mut encoded),
                    _ => encoded.push(*byte),
                }
            }
            String::from_utf8(encoded).unwrap_or_default().into()
        }
    }
}

struct Found<'r> {
    listener: Option<&'r Served>,
    hostname: Option<&'r Hostname>,
    route: &'r RouteEntry,
    candidate: &'r Candidate,
    is_grpc: bool,
    form: Form,
}

type Hit<'t> = (Option<&'t Hostname>, &'t RouteEntry, &'t Candidate);

/// The first candidate in order of precedence whose conditions hold.
fn first_hit<'t>(
    table: &'t HostTable,
    host: Option<&str>,
    request: &Request<'_>,
) -> Option<Hit<'t>> {
    let depth = if request.options.hostname_fallthrough {
        usize::MAX
    } else {
        1
    };
    table.levels(host).take(depth).find_map(|rules| {
        let (route, candidate) = rules
            .iter()
            .find(|(_, candidate)| candidate.holds(request))?;
        Some((rules.hostname.as_ref(), &**route, candidate))
    })
}
