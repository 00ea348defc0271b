//! From the library's values to words.

use gatewright::filter::{
    AuthKind, AuthRequest, CorsState, HeaderChanges, HeaderLine, MirrorCopy, OutgoingRequest,
};
use gatewright::plan::{
    Action, Backend, BackendTarget, BackendTls, ListenerHead, ObjectName, Retry, Session,
    SessionKind, SessionLifetime, SubjectAltName, TrustAnchors,
};
use gatewright::router::RouteId;

use super::{
    AltNameWords, AuthWords, AuthoritiesWords, BackendTlsWords, BackendWords, CookieWords,
    CorsWords, EditWords, ListenerWords, MirrorWords, ObjectWords, RequestWords, RetryWords,
    RouteWords, SessionWords, TimeoutWords,
};

pub(super) fn listener(head: &ListenerHead) -> ListenerWords {
    ListenerWords {
        gateway: head.gateway.to_string(),
        name: head.name.to_string(),
        set: head.set.as_ref().map(ObjectName::to_string),
    }
}

pub(super) fn route(route: RouteId<'_>) -> RouteWords {
    RouteWords {
        kind: route.kind.as_str(),
        namespace: route.name.namespace.to_string(),
        name: route.name.name.to_string(),
    }
}

fn target(target: &BackendTarget) -> BackendWords {
    BackendWords {
        kind: target.kind.to_string(),
        namespace: target.name.namespace.to_string(),
        name: target.name.name.to_string(),
        port: target.port,
        weight: None,
        valid: None,
    }
}

pub(super) fn chosen(backend: &Backend) -> BackendWords {
    BackendWords {
        weight: Some(backend.weight),
        ..target(&backend.target)
    }
}

pub(super) fn all(backends: &[Backend]) -> Vec<BackendWords> {
    let one = |backend: &Backend| BackendWords {
        valid: Some(backend.fault.is_none()),
        ..chosen(backend)
    };
    backends.iter().map(one).collect()
}

pub(super) fn request(request: &OutgoingRequest<'_>) -> RequestWords {
    RequestWords {
        method: request.method.to_owned(),
        scheme: request.scheme.as_str(),
        host: request.host.as_deref().map(text),
        path: request.target(),
        headers: request.lines().map(pair).collect(),
    }
}

pub(super) fn changes(changes: &HeaderChanges<'_>) -> EditWords {
    EditWords {
        set: changes.set().map(pair).collect(),
        add: changes.added().map(pair).collect(),
        remove: changes.removed().map(str::to_owned).collect(),
    }
}

/// The headers of an answer of our own: the first line of each name is set, further ones are added.
pub(super) fn lines(lines: &[HeaderLine<'_>]) -> EditWords {
    let mut edits = EditWords::default();
    for (name, value) in lines {
        let line = pair((name, value));
        if edits
            .set
            .iter()
            .any(|(own, _)| own.eq_ignore_ascii_case(name))
        {
            edits.add.push(line);
        } else {
            edits.set.push(line);
        }
    }
    edits
}

pub(super) fn mirrors(copies: &[MirrorCopy<'_>]) -> Vec<MirrorWords> {
    let one = |copy: &MirrorCopy<'_>| MirrorWords {
        backend: target(&copy.backend.target),
        numerator: copy.numerator,
        denominator: copy.denominator,
        request: request(&copy.request),
    };
    copies.iter().map(one).collect()
}

pub(super) fn timeouts(action: &Action) -> TimeoutWords {
    let written = |limit: &Option<gatewright::vocab::Duration>| {
        limit.as_ref().map(|limit| limit.as_str().to_owned())
    };
    TimeoutWords {
        request: written(&action.timeouts.request),
        backend_request: written(&action.timeouts.backend_request),
    }
}

pub(super) fn retry(retry: &Retry) -> RetryWords {
    RetryWords {
        codes: retry.codes.clone(),
        attempts: retry.attempts,
        backoff: retry
            .backoff
            .as_ref()
            .map_or("25ms", |backoff| backoff.as_str())
            .to_owned(),
    }
}

pub(super) fn session(session: &Session) -> SessionWords {
    let written = |limit: &Option<gatewright::vocab::Duration>| {
        limit.as_ref().map(|limit| limit.as_str().to_owned())
    };
    let (kind, cookie_config) = match session.kind {
        SessionKind::Header => ("Header", None),
        SessionKind::Cookie => {
            let lifetime_type = match session.lifetime {
                SessionLifetime::Session => "Session",
                SessionLifetime::Permanent => "Permanent",
            };
            ("Cookie", Some(CookieWords { lifetime_type }))
        }
    };
    SessionWords {
        session_name: session.name.as_deref().map(str::to_owned),
        kind,
        absolute_timeout: written(&session.absolute_timeout),
        idle_timeout: written(&session.idle_timeout),
        cookie_config,
    }
}

pub(super) fn cors(state: CorsState) -> CorsWords {
    CorsWords {
        preflight: state.preflight,
        allowed: state.allowed,
    }
}

pub(super) fn question(question: &AuthRequest<'_>) -> AuthWords {
    let query = question
        .query
        .map(|query| format!("?{}", text(query)))
        .unwrap_or_default();
    AuthWords {
        protocol: match question.kind {
            AuthKind::Http => "HTTP",
            AuthKind::Grpc => "GRPC",
        },
        backend: target(&question.backend.target),
        request: RequestWords {
            method: question.method.to_owned(),
            scheme: question.scheme.as_str(),
            host: question.host.map(text),
            path: format!("{}{query}", question.path),
            headers: question
                .headers
                .iter()
                .map(|(name, value)| pair((name, value)))
                .collect(),
        },
    }
}

pub(super) fn backend_tls(
    tls: &BackendTls,
    client_certificate: Option<&ObjectName>,
) -> BackendTlsWords {
    let alt_name = |name: &SubjectAltName| match name {
        SubjectAltName::Hostname(hostname) => AltNameWords::Hostname {
            hostname: hostname.to_string(),
        },
        SubjectAltName::Uri(uri) => AltNameWords::Uri {
            uri: uri.to_string(),
        },
    };
    BackendTlsWords {
        hostname: tls.hostname.to_string(),
        subject_alt_names: tls.subject_alt_names.iter().map(alt_name).collect(),
        ca: match &tls.trust {
            TrustAnchors::System => AuthoritiesWords::System("System"),
            TrustAnchors::References(references) => AuthoritiesWords::References(
                references
                    .iter()
                    .map(|own| object(&own.kind, &own.name))
                    .collect(),
            ),
        },
        client_certificate: client_certificate.map(|name| object("Secret", name)),
    }
}

fn object(kind: &str, name: &ObjectName) -> ObjectWords {
    ObjectWords {
        kind: kind.to_owned(),
        namespace: name.namespace.to_string(),
        name: name.name.to_string(),
    }
}

fn pair((name, value): (&str, &[u8])) -> (String, String) {
    (name.to_owned(), text(value))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
