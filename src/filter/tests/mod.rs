//! Facts of sections 2.3, 7 and 8 of the catalogue, one subject per file.

mod auth;
mod backends;
mod cors;
mod extension;
mod headers;
mod mirror;
mod order;
mod redirect;
mod resilience;
mod response;
mod rewrite;
mod session;

use std::sync::Arc;

use super::*;
use crate::plan::*;
use crate::router::{Headers, MatchParts, RouteId, Scheme, Version};

/// A matched request, with what most tests do not care about filled in.
struct Case {
    action: Action,
    kind: RouteKind,
    route: ObjectName,
    rule_index: u32,
    rule_name: Option<&'static str>,
    scheme: Scheme,
    port: u16,
    version: Version,
    method: &'static str,
    host: Option<&'static str>,
    path: &'static str,
    query: Option<&'static [u8]>,
    prefix: Option<&'static str>,
    regex: Option<&'static str>,
    headers: Vec<(&'static str, &'static [u8])>,
    draw: u64,
    mirrors: Option<&'static MirrorDraws<'static>>,
    options: Options<'static>,
}

impl Case {
    fn new(action: Action) -> Self {
        Case {
            action,
            kind: RouteKind::Http,
            route: ObjectName::new("shop", "cart"),
            rule_index: 0,
            rule_name: None,
            scheme: Scheme::Http,
            port: 80,
            version: Version::Http11,
            method: "GET",
            host: Some("old.test"),
            path: "/p",
            query: None,
            prefix: Some(""),
            regex: None,
            headers: Vec::new(),
            draw: 0,
            mirrors: None,
            options: Options::default(),
        }
    }

    /// One valid backend `a` and these filters.
    fn with(filters: impl IntoIterator<Item = Filter>) -> Self {
        Case::new(Action::forward([backend("a")]).with_filters(filters))
    }

    fn get(mut self, path: &'static str, query: Option<&'static str>) -> Self {
        (self.path, self.query) = (path, query.map(str::as_bytes));
        self
    }

    fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    fn host(mut self, host: &'static str) -> Self {
        self.host = Some(host);
        self
    }

    fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value.as_bytes()));
        self
    }

    fn prefix(mut self, prefix: &'static str) -> Self {
        self.prefix = Some(prefix);
        self
    }

    fn on(mut self, scheme: Scheme, port: u16) -> Self {
        (self.scheme, self.port) = (scheme, port);
        self
    }

    fn draw(mut self, draw: u64) -> Self {
        self.draw = draw;
        self
    }

    /// The draw that gives `pick` of all weights.
    fn pick(self, pick: u64) -> Self {
        let sum: u64 = self
            .action
            .backends
            .iter()
            .map(|backend| u64::from(backend.weight))
            .sum();
        let draw = (u128::from(pick) << 64).div_ceil(u128::from(sum)) as u64;
        assert_eq!(super::pick(draw, sum), pick);
        self.draw(draw)
    }

    fn grpc(mut self) -> Self {
        self.kind = RouteKind::Grpc;
        self.prefix = None;
        self
    }

    fn run<T>(&self, look: impl FnOnce(Outcome<'_>) -> T) -> T {
        let matched = Match::new(MatchParts {
            listener: None,
            port: self.port,
            scheme: self.scheme,
            route: RouteId {
                kind: self.kind,
                name: &self.route,
            },
            hostname: None,
            rule_index: self.rule_index,
            rule_name: self.rule_name,
            match_index: 0,
            prefix: self.prefix,
            regex: self.regex,
            path: self.path.into(),
            is_grpc: self.kind == RouteKind::Grpc,
            action: &self.action,
        });
        let head = RequestHead {
            version: self.version,
            method: self.method,
            host: self.host.map(str::as_bytes),
            path: self.path.as_bytes(),
            query: self.query,
            headers: Headers::Lines(&self.headers),
        };
        let draw = match self.mirrors {
            Some(mirrors) => Draw::each(self.draw, mirrors),
            None => Draw::of(self.draw),
        };
        look(apply_with(&matched, &head, draw, &self.options))
    }

    fn seen(&self) -> Seen {
        self.run(|outcome| Seen::from(&outcome))
    }
}

/// An outcome in words that own themselves.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    word: &'static str,
    status: u16,
    grpc: Option<u8>,
    reason: Option<Reason>,
    backend: String,
    location: String,
    request: Request,
    headers: Vec<(String, String)>,
    removed: Vec<String>,
    mirrors: Vec<(String, bool, Request)>,
    body: String,
    cors: Option<CorsState>,
}

#[derive(Debug, Default, PartialEq)]
struct Request {
    host: String,
    target: String,
    headers: Vec<(String, String)>,
}

impl From<&OutgoingRequest<'_>> for Request {
    fn from(request: &OutgoingRequest<'_>) -> Self {
        Request {
            host: request.host.as_deref().map(text).unwrap_or_default(),
            target: request.target(),
            headers: request
                .lines()
                .map(|(name, value)| (name.to_owned(), text(value)))
                .collect(),
        }
    }
}

impl From<&Outcome<'_>> for Seen {
    fn from(outcome: &Outcome<'_>) -> Self {
        let mut seen = Seen {
            cors: outcome.cors(),
            mirrors: outcome
                .mirrors()
                .iter()
                .map(|copy| {
                    (
                        copy.backend.target.name.name.to_string(),
                        copy.sampled,
                        Request::from(&copy.request),
                    )
                })
                .collect(),
            ..Seen::default()
        };
        let lines = |lines: &[HeaderLine<'_>]| {
            lines
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect()
        };
        match outcome {
            Outcome::Forward(forward) => {
                seen.word = "forward";
                seen.backend = forward.backend.target.name.name.to_string();
                seen.request = Request::from(&forward.request);
                seen.removed = forward.response.removed().map(str::to_owned).collect();
                let changes = forward.response.set().chain(forward.response.added());
                seen.headers = changes
                    .map(|(name, value)| (name.to_owned(), text(value)))
                    .collect();
            }
            Outcome::Redirect(redirection) => {
                seen.word = "redirect";
                seen.status = redirection.status;
                seen.location = redirection.location.clone();
                seen.headers = lines(&redirection.headers);
            }
            Outcome::Respond(answer) => {
                seen.word = "respond";
                seen.status = answer.status;
                seen.grpc = answer.grpc_status;
                seen.reason = Some(answer.reason);
                seen.headers = lines(&answer.headers);
                seen.body = text(&answer.body);
            }
            Outcome::Ask(_) => seen.word = "ask",
        }
        seen
    }
}

impl Seen {
    /// All values of a header joined with `,`; `None` if it is not there.
    fn header(&self, name: &str) -> Option<String> {
        joined(&self.headers, name)
    }

    /// The same of the request that the backend gets.
    fn sent(&self, name: &str) -> Option<String> {
        joined(&self.request.headers, name)
    }
}

fn joined(headers: &[(String, String)], name: &str) -> Option<String> {
    let values: Vec<&str> = headers
        .iter()
        .filter(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn backend(name: &str) -> Backend {
    Backend::service("shop", name, 8080)
}

fn missing() -> Backend {
    backend("missing").with_fault(BackendFault::NotFound)
}

fn with_filters(mut backend: Backend, filters: impl IntoIterator<Item = Filter>) -> Backend {
    backend.filters = filters.into_iter().collect();
    backend
}

fn edits(set: &[(&str, &str)], add: &[(&str, &str)], remove: &[&str]) -> HeaderEdits {
    let pairs = |list: &[(&str, &str)]| {
        list.iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect()
    };
    HeaderEdits {
        set: pairs(set),
        add: pairs(add),
        remove: remove.iter().map(|name| (*name).into()).collect(),
    }
}

fn set_request(name: &str, value: &str) -> Filter {
    Filter::RequestHeaders(edits(&[(name, value)], &[], &[]))
}

fn set_response(name: &str, value: &str) -> Filter {
    Filter::ResponseHeaders(edits(&[(name, value)], &[], &[]))
}

fn redirect_to(hostname: &str) -> Filter {
    Filter::Redirect(Redirect {
        hostname: Some(hostname.into()),
        ..Redirect::default()
    })
}

fn mirror_to(name: &str) -> Filter {
    share_to(backend(name), 100, 100)
}

fn share_to(backend: Backend, numerator: u32, denominator: u32) -> Filter {
    Filter::Mirror(Mirror {
        backend: Arc::new(backend),
        numerator,
        denominator,
    })
}

fn list(values: &[&str]) -> Vec<Box<str>> {
    values.iter().map(|value| (*value).into()).collect()
}

fn http_auth(path: &str, allowed: &[&str], allowed_response: &[&str], max_body: u16) -> Filter {
    Filter::ExternalAuth(ExternalAuth {
        protocol: AuthProtocol::Http {
            path: path.into(),
            allowed_headers: list(allowed),
            allowed_response_headers: list(allowed_response),
        },
        backend: Arc::new(backend("auth")),
        max_body,
    })
}

fn grpc_auth(allowed: &[&str]) -> Filter {
    Filter::ExternalAuth(ExternalAuth {
        protocol: AuthProtocol::Grpc {
            allowed_headers: list(allowed),
        },
        backend: Arc::new(backend("auth")),
        max_body: 0,
    })
}

fn broken_auth() -> Filter {
    Filter::ExternalAuth(ExternalAuth {
        protocol: AuthProtocol::Grpc {
            allowed_headers: Vec::new(),
        },
        backend: Arc::new(missing()),
        max_body: 0,
    })
}

fn extension(resolved: bool) -> Filter {
    Filter::Extension(ExtensionRef {
        group: "x.test".into(),
        kind: "Thing".into(),
        name: ObjectName::new("shop", "thing"),
        resolved,
    })
}

fn millis(text: &str) -> crate::vocab::Duration {
    crate::vocab::Duration::parse(text).unwrap()
}
