//! The way of one request through the filters.

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::auth::{Ask, is_connection_header, may_change};
use super::changes::HeaderChanges;
use super::cors::{CorsRequest, CorsState};
use super::draw::{Draw, pick};
use super::extension::Extended;
use super::outcome::{Answer, Forward, MirrorCopy, Outcome, Reason, Redirection};
use super::path::replaced;
use super::redirect;
use super::request::OutgoingRequest;
use super::retry::RetryPolicy;
use super::session::{self, StickySession};
use super::stream::{by_weight, unusable};
use super::{Options, answer};
use crate::plan::{
    Action, Backend, Cors, ExtensionRef, Filter, Mirror, Redirect, Rewrite, RouteKind, check,
};
use crate::router::{Match, RequestHead};

/// A request on its way: what was done to it so far, and what comes next.
#[derive(Clone)]
pub(super) struct Run<'a> {
    pub(super) matched: &'a Match<'a>,
    pub(super) head: &'a RequestHead<'a>,
    pub(super) options: &'a Options<'a>,
    draw: Draw<'a>,
    action: &'a Action,
    pub(super) request: OutgoingRequest<'a>,
    /// Changes of the response by rule-level filters other than the modifier, which comes last.
    pub(super) response: HeaderChanges<'a>,
    pub(super) mirrors: Vec<MirrorCopy<'a>>,
    /// How many mirrors needed a random value so far.
    draws: usize,
    cors: Option<CorsRequest<'a>>,
    /// Place of the next rule-level filter.
    next: usize,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        matched: &'a Match<'a>,
        head: &'a RequestHead<'a>,
        draw: Draw<'a>,
        options: &'a Options<'a>,
    ) -> Self {
        let action = matched.action();
        Run {
            matched,
            head,
            options,
            draw,
            action,
            request: OutgoingRequest::new(matched, head),
            response: HeaderChanges::default(),
            mirrors: Vec::new(),
            draws: 0,
            cors: cors_of(&action.filters).and_then(|filter| CorsRequest::new(filter, head)),
            next: 0,
        }
    }

    pub(super) fn cors_state(&self) -> Option<CorsState> {
        self.cors.map(|cors| cors.state())
    }

    /// The whole way. What answers first does so before any filter (FILTER-GEN-01 a).
    pub(super) fn start(self) -> Outcome<'a> {
        if let Some(fault) = check::refusal(self.matched.route().kind, self.action) {
            return self.fail(500, Reason::Refused(fault));
        }
        if self.cors.is_some_and(|cors| cors.is_preflight()) {
            return self.preflight();
        }
        self.filters()
    }

    /// The way from the next rule-level filter on.
    pub(super) fn filters(mut self) -> Outcome<'a> {
        while let Some(filter) = self.action.filters.get(self.next) {
            self.next += 1;
            let done = match filter {
                Filter::RequestHeaders(edits) => {
                    self.edit_request(edits);
                    Ok(())
                }
                Filter::Rewrite(rewrite) => self.rewrite(rewrite),
                Filter::Mirror(mirror) => {
                    self.mirror(mirror);
                    Ok(())
                }
                Filter::Extension(extension) => match self.extend(extension) {
                    Ok(None) => Ok(()),
                    Ok(Some(outcome)) => return self.answer_by_filter(outcome),
                    Err(reason) => Err(reason),
                },
                Filter::Redirect(redirect) => return self.redirect(redirect),
                Filter::ExternalAuth(auth) => return Outcome::Ask(Box::new(Ask::new(self, auth))),
                // Their turn comes with the response.
                Filter::ResponseHeaders(_) | Filter::Cors(_) => Ok(()),
            };
            if let Err(reason) = done {
                return self.fail(500, reason);
            }
        }
        self.reach_backend()
    }

    fn edit_request(&mut self, edits: &'a crate::plan::HeaderEdits) {
        let is_host = |name: &str| name.eq_ignore_ascii_case("host");
        if let Some((_, host)) = edits.set.iter().find(|(name, _)| is_host(name)) {
            self.request.host = Some(Cow::Borrowed(host.as_bytes()));
        }
        self.request.headers.edit(edits, is_host);
    }

    fn rewrite(&mut self, rewrite: &'a Rewrite) -> Result<(), Reason> {
        if let Some(host) = &rewrite.hostname {
            self.request.host = Some(Cow::Borrowed(host.as_bytes()));
        }
        if let Some(modifier) = &rewrite.path {
            // From the original path, also at the second level (FILTER-REWRITE-09).
            self.request.path = replaced(modifier, self.matched.path(), self.matched.prefix())
                .ok_or(Reason::NoPrefix)?;
        }
        Ok(())
    }

    fn mirror(&mut self, mirror: &'a Mirror) {
        // FILTER-MIRROR-03/06/09
        if mirror.numerator == 0 || mirror.backend.fault.is_some() || self.is_tunnel() {
            return;
        }
        let sampled = mirror.numerator >= mirror.denominator || {
            let x = self.draw.mirror(self.draws);
            self.draws += 1;
            pick(x, u64::from(mirror.denominator)) < u64::from(mirror.numerator)
        };
        self.mirrors.push(MirrorCopy {
            backend: &mirror.backend,
            numerator: mirror.numerator,
            denominator: mirror.denominator,
            sampled,
            request: self.request.clone(),
        });
    }

    /// Whether the request asks for a tunnel or another protocol, which cannot be copied.
    fn is_tunnel(&self) -> bool {
        let upgrades = || {
            self.head.headers.all("connection").any(|value| {
                value
                    .split(|&byte| byte == b',')
                    .any(|option| super::cors::trimmed(option).eq_ignore_ascii_case(b"upgrade"))
            })
        };
        self.head.method == "CONNECT"
            || (self.head.headers.first("upgrade").is_some() && upgrades())
    }

    fn extend(&mut self, extension: &ExtensionRef) -> Result<Option<Answer<'a>>, Reason> {
        let extended = self
            .options
            .extensions
            .filter(|_| extension.resolved)
            .and_then(|extensions| extensions.run(extension, &self.request).ok())
            .filter(Extended::is_sound);
        match extended {
            None => Err(Reason::ExtensionFailed),
            Some(Extended::Continue { request, response }) => {
                for (name, value) in request.into_iter().filter(|(name, _)| may_change(name)) {
                    if value.is_empty() {
                        self.request.headers.remove(name);
                    } else {
                        self.request.headers.put(name, value);
                    }
                }
                for (name, value) in response {
                    if !is_connection_header(&name) && check::is_token(name.as_bytes()) {
                        self.response.append(name, value);
                    }
                }
                Ok(None)
            }
            Some(Extended::Respond {
                status,
                headers,
                body,
            }) => {
                let mut own = answer(status, Reason::Extension);
                own.headers = headers;
                own.headers.retain(|(name, _)| !is_connection_header(name));
                own.body = Cow::Owned(body);
                Ok(Some(own))
            }
        }
    }

    /// Session, weights, then the filters of the backend (EVAL-02).
    fn reach_backend(mut self) -> Outcome<'a> {
        let backends = &self.action.backends;
        let kept = session::find(self.action, self.matched, self.head, self.options);
        let chosen = match &kept {
            Some(kept) => backends
                .get(kept.index)
                .map(|backend| (kept.index, backend))
                .ok_or(Reason::NoBackends),
            None => by_weight(backends, self.draw.weight()),
        };
        let (index, backend) = match chosen {
            Ok(chosen) => chosen,
            Err(reason) => return self.unavailable(500, reason),
        };
        if !backend.filters.is_empty() {
            self = match self.before_backend(backend) {
                ControlFlow::Continue(run) => run,
                ControlFlow::Break(outcome) => return outcome,
            };
        }
        match unusable(backend) {
            Some(Reason::NoEndpoints) => return self.unavailable(503, Reason::NoEndpoints),
            Some(reason) => return self.unavailable(500, reason),
            None => {}
        }
        let response_of_rule = std::mem::take(&mut self.response);
        let before = self.mirrors.len();
        for filter in &backend.filters {
            let done = match filter {
                Filter::RequestHeaders(edits) => {
                    self.edit_request(edits);
                    Ok(())
                }
                Filter::ResponseHeaders(edits) => {
                    self.response.edit(edits, |_| false);
                    Ok(())
                }
                Filter::Rewrite(rewrite) => self.rewrite(rewrite),
                Filter::Mirror(mirror) => {
                    self.mirror(mirror);
                    Ok(())
                }
                Filter::Extension(extension) => match self.extend(extension) {
                    Ok(None) => Ok(()),
                    Ok(Some(outcome)) => {
                        self.mirrors.truncate(before);
                        self.response = response_of_rule;
                        return self.answer_by_filter(outcome);
                    }
                    Err(reason) => Err(reason),
                },
                Filter::Redirect(_) | Filter::Cors(_) | Filter::ExternalAuth(_) => Ok(()),
            };
            if let Err(reason) = done {
                self.mirrors.truncate(before);
                return self.fail(500, reason);
            }
        }
        self.response.follow(&response_of_rule);
        self.edit_response();
        session::strip(self.action, self.matched, &mut self.request);
        for copy in &mut self.mirrors {
            session::strip(self.action, self.matched, &mut copy.request);
        }
        let session = StickySession::of(self.action, index, self.matched, kept);
        Outcome::Forward(Forward {
            backend,
            index,
            backends,
            cors: self.cors_state(),
            errors: self.errors(),
            request: self.request,
            response: self.response,
            mirrors: self.mirrors,
            timeouts: &self.action.timeouts,
            retry: self.action.retry.as_ref().map(RetryPolicy::new),
            session,
        })
    }

    /// What the filters of the chosen backend answer instead of forwarding, even if it is invalid (FILTER-GEN-02).
    fn before_backend(mut self, backend: &'a Backend) -> ControlFlow<Outcome<'a>, Self> {
        let unresolved =
            |filter: &Filter| matches!(filter, Filter::Extension(extension) if !extension.resolved);
        if backend.filters.iter().any(unresolved) {
            return ControlFlow::Break(self.fail(500, Reason::UnresolvedExtension));
        }
        // FILTER-CORS-23: the filter of the rule, if there is one, is the only one.
        let own = match cors_of(&self.action.filters) {
            Some(_) => None,
            None => {
                cors_of(&backend.filters).and_then(|filter| CorsRequest::new(filter, self.head))
            }
        };
        if own.is_some_and(|cors| cors.is_preflight()) {
            self.cors = own;
            return ControlFlow::Break(self.preflight());
        }
        let redirect = backend.filters.iter().find_map(|filter| match filter {
            Filter::Redirect(redirect) => Some(redirect),
            _ => None,
        });
        if let Some(redirect) = redirect {
            return ControlFlow::Break(self.redirect(redirect));
        }
        if own.is_some() && unusable(backend).is_none() {
            self.cors = own;
        }
        ControlFlow::Continue(self)
    }

    /// Does what the rule and CORS do to a response, after all else.
    fn edit_response(&mut self) {
        for filter in &self.action.filters {
            if let Filter::ResponseHeaders(edits) = filter {
                self.response.edit(edits, |_| false);
            }
        }
        if let Some(cors) = &self.cors {
            cors.mark(&mut self.response);
        }
    }

    fn preflight(self) -> Outcome<'a> {
        let allowed = self.cors.is_some_and(|cors| cors.state().allowed);
        let status = if allowed {
            204
        } else {
            self.options.rejected_preflight.status()
        };
        self.answer_by_filter(answer(status, Reason::Preflight))
    }

    fn redirect(mut self, redirect: &'a Redirect) -> Outcome<'a> {
        let location = match redirect::location(redirect, self.matched, self.head) {
            Ok(location) => location,
            Err(Reason::NoHost) => return self.fail(400, Reason::NoHost),
            Err(reason) => return self.fail(500, reason),
        };
        let mut headers = Vec::new();
        self.edit_response();
        self.response.apply_to_lines(&mut headers);
        Outcome::Redirect(Redirection {
            status: redirect.status,
            location,
            headers,
            cors: self.cors.map(|cors| cors.state()),
            mirrors: self.mirrors,
        })
    }

    /// The answer of a filter: response filters of the rule see it (OUT-08).
    pub(super) fn answer_by_filter(mut self, mut answer: Answer<'a>) -> Outcome<'a> {
        self.edit_response();
        answer.cors = self.cors_state();
        self.response.apply_to_lines(&mut answer.headers);
        answer.mirrors = self.mirrors;
        Outcome::Respond(answer)
    }

    /// An error of our own: only CORS sees it (OUT-08, FILTER-CORS-21).
    fn fail(self, status: u16, reason: Reason) -> Outcome<'a> {
        let mut answer = error(self.cors.as_ref(), status, reason);
        answer.mirrors = self.mirrors;
        Outcome::Respond(answer)
    }

    /// No backend: an HTTP error, or for a GRPCRoute a status of gRPC (MATCH-GRPC-13/16).
    pub(super) fn unavailable(self, status: u16, reason: Reason) -> Outcome<'a> {
        let mut answer = self.errors().unavailable(status, reason);
        answer.mirrors = self.mirrors;
        Outcome::Respond(answer)
    }

    fn errors(&self) -> Errors<'a> {
        Errors {
            cors: self.cors,
            kind: self.matched.route().kind,
        }
    }
}

/// What is needed for an error of our own once a request has gone to its backend.
#[derive(Clone, Debug)]
pub(super) struct Errors<'a> {
    cors: Option<CorsRequest<'a>>,
    kind: RouteKind,
}

impl<'a> Errors<'a> {
    pub(super) fn unavailable(&self, status: u16, reason: Reason) -> Answer<'a> {
        match self.kind {
            RouteKind::Grpc => super::grpc_answer(14, reason),
            _ => error(self.cors.as_ref(), status, reason),
        }
    }
}

fn error<'a>(cors: Option<&CorsRequest<'a>>, status: u16, reason: Reason) -> Answer<'a> {
    let mut answer = answer(status, reason);
    if let Some(cors) = cors {
        let mut changes = HeaderChanges::default();
        cors.mark(&mut changes);
        changes.apply_to_lines(&mut answer.headers);
        answer.cors = Some(cors.state());
    }
    answer
}

fn cors_of(filters: &[Filter]) -> Option<&Cors> {
    filters.iter().find_map(|filter| match filter {
        Filter::Cors(cors) => Some(cors),
        _ => None,
    })
}
