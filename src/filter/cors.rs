//! Cross-origin requests.

use std::borrow::Cow;

use super::changes::HeaderChanges;
use crate::plan::Cors;
use crate::plan::check::{self, origin};
use crate::router::{Headers, RequestHead};

/// What a CORS filter made of a request with an `Origin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CorsState {
    /// The request is a preflight (FILTER-CORS-02).
    pub preflight: bool,
    /// The filter allows the origin (FILTER-CORS-06..10/22).
    pub allowed: bool,
}

/// A request with an `Origin`, seen by a CORS filter.
#[derive(Clone, Copy, Debug)]
pub(super) struct CorsRequest<'a> {
    filter: &'a Cors,
    allowed: Option<AllowedOrigin<'a>>,
    /// The method that a preflight asks for; `None` for any other request.
    asked_method: Option<&'a [u8]>,
    headers: Headers<'a>,
}

/// How an allowed origin is named in the answer.
#[derive(Clone, Copy, Debug)]
enum AllowedOrigin<'a> {
    Any,
    Echo(&'a [u8]),
}

impl<'a> CorsRequest<'a> {
    /// Sees a request with the eyes of a filter; `None` without an `Origin` (FILTER-CORS-01).
    pub(super) fn new(filter: &'a Cors, head: &RequestHead<'a>) -> Option<Self> {
        let mut origins = head.headers.all("origin");
        let origin = trimmed(origins.next()?);
        let allowed = match origins.next() {
            None => allowed_origin(filter, origin),
            Some(_) => None,
        };
        let asked_method = if head.method == "OPTIONS" {
            head.headers
                .first("access-control-request-method")
                .map(trimmed)
                .filter(|method| !method.is_empty())
        } else {
            None
        };
        Some(CorsRequest {
            filter,
            allowed,
            asked_method,
            headers: head.headers,
        })
    }

    pub(super) fn is_preflight(&self) -> bool {
        self.asked_method.is_some()
    }

    pub(super) fn state(&self) -> CorsState {
        CorsState {
            preflight: self.is_preflight(),
            allowed: self.allowed.is_some(),
        }
    }

    /// Marks a response, or the answer to a preflight, after all other changes (FILTER-CORS-20/21).
    pub(super) fn mark(&self, changes: &mut HeaderChanges<'a>) {
        // All that can come: three or six headers of CORS, and `Vary`.
        changes.reserve(if self.is_preflight() { 7 } else { 4 });
        for name in [ALLOW_ORIGIN, ALLOW_CREDENTIALS, EXPOSE_HEADERS] {
            changes.remove(name);
        }
        if let Some(allowed) = self.allowed {
            changes.put(
                ALLOW_ORIGIN,
                match allowed {
                    AllowedOrigin::Any => &b"*"[..],
                    AllowedOrigin::Echo(origin) => origin,
                },
            );
            if self.filter.allow_credentials {
                changes.put(ALLOW_CREDENTIALS, &b"true"[..]);
            }
            if let Some(names) = self.exposed() {
                changes.put(EXPOSE_HEADERS, names);
            }
            if let Some(method) = self.asked_method {
                self.permit(method, changes);
            }
        }
        // FILTER-CORS-12
        let one_answer_for_all =
            !self.filter.allow_credentials && has_star(&self.filter.allow_origins);
        if !one_answer_for_all {
            changes.append("vary", &b"Origin"[..]);
        }
    }

    /// What only an allowed preflight gets (FILTER-CORS-14/15/17).
    fn permit(&self, asked_method: &'a [u8], changes: &mut HeaderChanges<'a>) {
        let Cors {
            allow_methods,
            allow_headers,
            allow_credentials,
            max_age,
            ..
        } = self.filter;
        let methods = if !has_star(allow_methods) {
            joined(allow_methods)
        } else if !allow_credentials {
            Some(Cow::Borrowed(&b"*"[..]))
        } else {
            // SAFE-CORS-01
            check::is_token(asked_method).then_some(Cow::Borrowed(asked_method))
        };
        if let Some(methods) = methods {
            changes.put("access-control-allow-methods", methods);
        }
        let headers = if !has_star(allow_headers) {
            joined(allow_headers)
        } else {
            let asked = self.asked_headers();
            let names_authorization = asked.as_ref().is_some_and(|asked| {
                asked
                    .split(|&byte| byte == b',')
                    .any(|name| trimmed(name).eq_ignore_ascii_case(b"authorization"))
            });
            if *allow_credentials || names_authorization {
                asked.filter(|asked| is_name_list(asked))
            } else {
                Some(Cow::Borrowed(&b"*"[..]))
            }
        };
        if let Some(headers) = headers {
            changes.put("access-control-allow-headers", headers);
        }
        let seconds = if *max_age == 0 { 5 } else { *max_age };
        changes.put("access-control-max-age", seconds.to_string().into_bytes());
    }

    /// FILTER-CORS-16
    fn exposed(&self) -> Option<Cow<'a, [u8]>> {
        if !has_star(&self.filter.expose_headers) {
            joined(&self.filter.expose_headers)
        } else {
            (!self.filter.allow_credentials).then_some(Cow::Borrowed(&b"*"[..]))
        }
    }

    /// What `Access-Control-Request-Headers` says, several lines joined.
    fn asked_headers(&self) -> Option<Cow<'a, [u8]>> {
        let mut lines = self.headers.all("access-control-request-headers");
        let first = trimmed(lines.next()?);
        let mut all = Cow::Borrowed(first);
        for line in lines {
            let all = all.to_mut();
            all.extend_from_slice(b", ");
            all.extend_from_slice(trimmed(line));
        }
        (!all.is_empty()).then_some(all)
    }
}

const ALLOW_ORIGIN: &str = "access-control-allow-origin";
const ALLOW_CREDENTIALS: &str = "access-control-allow-credentials";
const EXPOSE_HEADERS: &str = "access-control-expose-headers";

/// How the origin is named in the answer if the filter allows it (FILTER-CORS-06/07/10/11/22).
fn allowed_origin<'a>(filter: &Cors, text: &'a [u8]) -> Option<AllowedOrigin<'a>> {
    let everyone = has_star(&filter.allow_origins);
    if text == b"null" {
        return (everyone && !filter.allow_credentials).then_some(AllowedOrigin::Any);
    }
    let text_of_origin = std::str::from_utf8(text)
        .ok()
        .filter(|text| is_origin(text))?;
    if everyone {
        return Some(if filter.allow_credentials {
            AllowedOrigin::Echo(text)
        } else {
            AllowedOrigin::Any
        });
    }
    let own = origin::Origin::parse(text_of_origin)?;
    filter
        .allow_origins
        .iter()
        .filter_map(|entry| origin::OriginPattern::parse(entry))
        .any(|pattern| pattern.covers(&own))
        .then_some(AllowedOrigin::Echo(text))
}

/// Whether this has the shape of one origin, of whatever scheme.
fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else {
        return false;
    };
    let scheme_is_sound = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    if matches!(scheme, "http" | "https") {
        return origin::Origin::parse(text).is_some();
    }
    scheme_is_sound
        && !host.is_empty()
        && host.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':' | b'[' | b']')
        })
}

fn has_star(values: &[Box<str>]) -> bool {
    values.iter().any(|value| &**value == "*")
}

/// The values as one; `None` if there are none.
fn joined(values: &[Box<str>]) -> Option<Cow<'_, [u8]>> {
    match values {
        [] => None,
        [one] => Some(Cow::Borrowed(one.as_bytes())),
        several => Some(Cow::Owned(several.join(", ").into_bytes())),
    }
}

/// Whether there is nothing but names, commas, spaces and tabs (SAFE-CORS-01).
fn is_name_list(text: &[u8]) -> bool {
    text.split(|byte| matches!(byte, b',' | b' ' | b'\t'))
        .all(|name| name.is_empty() || check::is_token(name))
}

/// The value without spaces and tabs around it.
pub(super) fn trimmed(value: &[u8]) -> &[u8] {
    let mut value = value;
    while let [b' ' | b'\t', rest @ ..] = value {
        value = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}
