//! The stages in a row: connect, match, apply.

use std::fmt;

use gatewright::filter::{self, AuthAnswer, Choice, Draw, Outcome};
use gatewright::plan::{Action, Backend, ListenerHead, ObjectName, Plan};
use gatewright::router::{
    Accepted, BadRequest, Listener, Match, NoMatch, RequestHead, Router, StreamMatch, Target,
};

use super::{
    BackendWords, Decision, RequestLine, RequestWords, RuleWords, Spoken, UrlScheme, Word, words,
};

/// Decides requests over one plan.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Decider<'w> {
    plan: &'w Plan,
    router: &'w Router,
}

impl<'w> Decider<'w> {
    /// Decides by `router`, which was compiled from `plan`.
    pub(in crate::cli) fn new(plan: &'w Plan, router: &'w Router) -> Self {
        Decider { plan, router }
    }

    /// What becomes of a request.
    pub(in crate::cli) fn decide(&self, line: &RequestLine) -> Decision {
        let decision = match line.connection() {
            None => reset("neither a Gateway nor a Service has such a name"),
            Some(connection) => match self.router.accept(&connection) {
                Accepted::Http(listener) => self.http(line, &listener),
                Accepted::Stream(matched) => self.stream(line, &matched),
                Accepted::PassThrough => passed_through(line, connection.target),
                Accepted::Refused(refusal) => reset(refusal),
            },
        };
        Decision {
            id: line.id.clone(),
            ..decision
        }
    }

    fn http(&self, line: &RequestLine, listener: &Listener<'_>) -> Decision {
        let lines = match line.lines() {
            Ok(lines) => lines,
            Err(bad) => return bad_request(bad),
        };
        let head = match line.head(&lines) {
            Ok(head) => head,
            Err(bad) => return bad_request(bad),
        };
        match listener.find(&head) {
            Err(no_match) => unmatched(&no_match),
            Ok(matched) => {
                let key = listener.explain(&head).key().map(|key| key.as_str());
                Decision {
                    key,
                    ..self.applied(&matched, &head, Draw::at(line.draw))
                }
            }
        }
    }

    fn applied<'a>(
        &self,
        matched: &'a Match<'a>,
        head: &'a RequestHead<'a>,
        draw: Draw<'a>,
    ) -> Decision {
        let action = matched.action();
        let mut decision = Decision {
            listener: matched.listener().map(words::listener),
            hostname: matched
                .hostname()
                .map(|hostname| hostname.as_str().to_owned()),
            route: Some(words::route(matched.route())),
            rule: Some(RuleWords {
                index: matched.rule_index(),
                name: matched.rule_name().map(str::to_owned),
            }),
            match_index: Some(matched.match_index()),
            timeouts: Some(words::timeouts(action)),
            ..of_action(action)
        };
        let mut outcome = filter::apply(matched, head, draw);
        if let Outcome::Ask(ask) = &outcome {
            decision.external_auth = Some(words::question(&ask.request(0)));
            // As if it were allowed, without any headers.
            let allowed = AuthAnswer::allowed(ask.kind());
            outcome = outcome.resume(&allowed);
        }
        decision.mirrors = words::mirrors(outcome.mirrors());
        decision.cors = outcome.cors().map(words::cors);
        match outcome {
            Outcome::Forward(forward) => {
                decision.outcome = Word::Forward;
                decision.backend = Some(words::chosen(forward.backend));
                decision.request = Some(words::request(&forward.request));
                decision.response_headers = words::changes(&forward.response);
                decision.backend_tls = self.backend_tls(forward.backend, matched.listener());
                decision.reason = forwarded(forward.backend);
            }
            Outcome::Redirect(redirection) => {
                decision.outcome = Word::Redirect;
                decision.status = Some(redirection.status);
                decision.response_headers = words::lines(&redirection.headers);
                decision.reason = format!("redirected to {}", redirection.location);
                decision.location = Some(redirection.location);
            }
            Outcome::Respond(answer) => {
                decision.outcome = Word::Respond;
                decision.status = Some(answer.status);
                decision.grpc_status = answer.grpc_status;
                decision.response_headers = words::lines(&answer.headers);
                decision.reason = answer.reason.to_string();
            }
            // No rule has two questions: `check` leaves such rules with an error.
            Outcome::Ask(_) => decision.reason = "asked twice".to_owned(),
        }
        decision
    }

    fn stream(&self, line: &RequestLine, matched: &StreamMatch<'_>) -> Decision {
        let action = matched.action();
        let mut decision = Decision {
            listener: matched.listener().map(words::listener),
            hostname: matched
                .hostname()
                .map(|hostname| hostname.as_str().to_owned()),
            route: Some(words::route(matched.route())),
            rule: Some(RuleWords {
                index: matched.rule_index(),
                name: matched.rule_name().map(str::to_owned),
            }),
            ..of_action(action)
        };
        match filter::choose(action, &Draw::at(line.draw)) {
            Choice::Forward { backend, .. } => {
                decision.outcome = Word::Forward;
                decision.backend = Some(words::chosen(backend));
                decision.backend_tls = self.backend_tls(backend, matched.listener());
                decision.reason = forwarded(backend);
            }
            Choice::Reset(reason) => decision.reason = reason.to_string(),
        }
        decision
    }

    fn backend_tls(
        &self,
        backend: &Backend,
        listener: Option<&ListenerHead>,
    ) -> Option<super::BackendTlsWords> {
        let tls = backend.tls.as_deref()?;
        Some(words::backend_tls(
            tls,
            listener.and_then(|listener| self.client_certificate(listener)),
        ))
    }

    /// What the Gateway shows to backends.
    fn client_certificate(&self, listener: &ListenerHead) -> Option<&'w ObjectName> {
        let gateways = &self.plan.gateways;
        let gateway = gateways
            .iter()
            .find(|gateway| gateway.name == listener.gateway)?;
        gateway.client_certificate.as_ref()
    }
}

/// What a rule says, whatever becomes of the request.
fn of_action(action: &Action) -> Decision {
    Decision {
        backends: words::all(&action.backends),
        retry: action.retry.as_ref().map(words::retry),
        session: action.session.as_ref().map(words::session),
        ..Decision::default()
    }
}

fn forwarded(backend: &Backend) -> String {
    let target = &backend.target;
    match target.port {
        Some(port) => format!("forwarded to {} {}:{port}", target.kind, target.name),
        None => format!("forwarded to {} {}", target.kind, target.name),
    }
}

fn reset(why: impl fmt::Display) -> Decision {
    Decision {
        outcome: Word::Reset,
        reason: why.to_string(),
        ..Decision::default()
    }
}

fn bad_request(bad: BadRequest) -> Decision {
    Decision {
        outcome: Word::Respond,
        status: Some(400),
        reason: bad.to_string(),
        ..Decision::default()
    }
}

fn unmatched(no_match: &NoMatch<'_>) -> Decision {
    let headers = match no_match.grpc_status() {
        Some(_) => words::lines(&filter::unimplemented()),
        None => super::EditWords::default(),
    };
    Decision {
        outcome: Word::Respond,
        status: Some(no_match.status()),
        grpc_status: no_match.grpc_status(),
        listener: no_match.listener().map(words::listener),
        response_headers: headers,
        reason: no_match.to_string(),
        ..Decision::default()
    }
}

/// A Service port without Routes: its traffic flows unchanged (MESH-RT-05).
fn passed_through(line: &RequestLine, target: Target<'_>) -> Decision {
    let backend = match target {
        Target::Service {
            namespace, name, ..
        } => Some(BackendWords {
            kind: "Service".to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            port: Some(line.port()),
            weight: Some(1),
            valid: None,
        }),
        Target::Only | Target::Gateway { .. } => None,
    };
    let request = matches!(line.protocol, Spoken::Http | Spoken::Grpc).then(|| RequestWords {
        method: line.method().to_owned(),
        scheme: match line.scheme {
            UrlScheme::Http => "http",
            UrlScheme::Https => "https",
        },
        host: line.host.clone(),
        path: line.target().into_owned(),
        headers: line
            .headers
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
            .cloned()
            .collect(),
    });
    Decision {
        outcome: Word::Forward,
        backend,
        request,
        reason: "no route is attached to the port of the service: its traffic flows unchanged"
            .to_owned(),
        ..Decision::default()
    }
}
