//! Whether a request meets the conditions of a candidate.

use http::HeaderName;
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, COOKIE, HOST, ORIGIN, SET_COOKIE};

use super::options::{GrpcDetection, Options};
use super::query;
use super::route::{Candidate, TargetCondition, ValueCondition};
use super::{Headers, RequestHead, Version};
use crate::plan::Method;

/// A request head with what matching has found out about it.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) head: &'a RequestHead<'a>,
    /// The path in normal form; for gRPC conditions the path as received counts (MATCH-GRPC-02).
    pub(super) path: &'a [u8],
    pub(super) options: &'a Options,
}

/// The first condition of a candidate that a request does not meet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unmet {
    /// The hostname.
    Hostname,
    /// The path.
    Path,
    /// The method.
    Method,
    /// The gRPC service.
    Service,
    /// The gRPC method.
    GrpcMethod,
    /// The header of this name.
    Header(Box<str>),
    /// The query parameter of this (decoded) name.
    Query(Box<str>),
}

impl std::fmt::Display for Unmet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unmet::Hostname => f.write_str("hostname"),
            Unmet::Path => f.write_str("path"),
            Unmet::Method => f.write_str("method"),
            Unmet::Service => f.write_str("service"),
            Unmet::GrpcMethod => f.write_str("grpc-method"),
            Unmet::Header(name) => write!(f, "header `{name}`"),
            Unmet::Query(name) => write!(f, "query parameter `{name}`"),
        }
    }
}

/// Which condition failed, without allocating.
enum Failed<'c> {
    Path,
    Method,
    Service,
    GrpcMethod,
    Header(&'c HeaderName),
    Query(&'c [u8]),
}

impl Candidate {
    /// Whether all conditions hold.
    pub(super) fn holds(&self, request: &Request<'_>) -> bool {
        self.first_failed(request).is_none()
    }

    /// The first condition that does not hold, for people.
    pub(super) fn unmet(&self, request: &Request<'_>) -> Option<Unmet> {
        Some(match self.first_failed(request)? {
            Failed::Path => Unmet::Path,
            Failed::Method => Unmet::Method,
            Failed::Service => Unmet::Service,
            Failed::GrpcMethod => Unmet::GrpcMethod,
            Failed::Header(name) => Unmet::Header(name.as_str().into()),
            Failed::Query(name) => Unmet::Query(String::from_utf8_lossy(name).into()),
        })
    }

    fn first_failed(&self, request: &Request<'_>) -> Option<Failed<'_>> {
        let head = request.head;
        match &self.target {
            TargetCondition::Exact(path) => {
                if path.as_bytes() != request.path {
                    return Some(Failed::Path);
                }
            }
            TargetCondition::Prefix(prefix) => {
                if !is_under(request.path, prefix.as_bytes()) {
                    return Some(Failed::Path);
                }
            }
            TargetCondition::Regex(_, pattern) => {
                if !request.path.starts_with(b"/") || !pattern.matches(request.path) {
                    return Some(Failed::Path);
                }
            }
            TargetCondition::Call { service, method } => {
                let call = split_call(head.path);
                let side = |condition: &Option<ValueCondition>, own: Option<&[u8]>| {
                    condition
                        .as_ref()
                        .is_none_or(|condition| own.is_some_and(|own| condition.holds_for(own)))
                };
                if !side(service, call.map(|(service, _)| service)) {
                    return Some(Failed::Service);
                }
                if !side(method, call.map(|(_, method)| method)) {
                    return Some(Failed::GrpcMethod);
                }
            }
        }
        if let Some(method) = self.method
            && !self.takes_method(method, head)
        {
            return Some(Failed::Method);
        }
        if let Some((name, _)) = self
            .headers
            .iter()
            .find(|(name, condition)| !header_holds(request, name, condition))
        {
            return Some(Failed::Header(name));
        }
        self.query
            .iter()
            .find(|(name, condition)| !parameter_holds(request, name, condition))
            .map(|(name, _)| Failed::Query(name))
    }

    /// MATCH-METHOD-01, FILTER-CORS-03.
    fn takes_method(&self, method: Method, head: &RequestHead<'_>) -> bool {
        method.as_str() == head.method
            || (self.answers_preflights
                && preflight_method(head) == Some(method.as_str().as_bytes()))
    }
}

impl ValueCondition {
    fn holds_for(&self, value: &[u8]) -> bool {
        match self {
            ValueCondition::Exact(text) => text.as_bytes() == value,
            ValueCondition::Regex(_, pattern) => pattern.matches(value),
        }
    }
}

/// Whether a path lies under a prefix of whole elements, given without closing slash (MATCH-PATH-02).
pub(super) fn is_under(path: &[u8], prefix: &[u8]) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
        && path.starts_with(b"/")
}

/// Service and method of a path of exactly two elements that are not empty (MATCH-GRPC-02).
pub(super) fn split_call(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = path.strip_prefix(b"/")?;
    let slash = rest.iter().position(|b| *b == b'/')?;
    let (service, method) = (rest.get(..slash)?, rest.get(slash + 1..)?);
    let is_call = !service.is_empty() && !method.is_empty() && !method.contains(&b'/');
    is_call.then_some((service, method))
}

/// Whether a request is a gRPC call (MATCH-GRPC-01).
pub(super) fn is_grpc(head: &RequestHead<'_>, options: &Options) -> bool {
    match options.grpc_detection {
        GrpcDetection::PathOnly => split_call(head.path).is_some(),
        GrpcDetection::Strict => {
            head.version >= Version::Http2
                && head.method == "POST"
                && head
                    .headers
                    .first(CONTENT_TYPE.as_str())
                    .is_some_and(is_grpc_type)
        }
    }
}

fn is_grpc_type(content_type: &[u8]) -> bool {
    const GRPC: &[u8] = b"application/grpc";
    let content_type = content_type.trim_ascii();
    let Some((own, rest)) = content_type.split_at_checked(GRPC.len()) else {
        return false;
    };
    own.eq_ignore_ascii_case(GRPC) && matches!(rest.first(), None | Some(b'+' | b';'))
}

/// The method that a CORS preflight asks for; `None` for other requests (FILTER-CORS-02).
pub(super) fn preflight_method<'req>(head: &RequestHead<'req>) -> Option<&'req [u8]> {
    if head.method != "OPTIONS" {
        return None;
    }
    head.headers.first(ORIGIN.as_str())?;
    let asked = trim(head.headers.first(ACCESS_CONTROL_REQUEST_METHOD.as_str())?);
    (!asked.is_empty()).then_some(asked)
}

/// Without spaces and tabs at either end (MATCH-HDR-02).
pub(super) fn trim(value: &[u8]) -> &[u8] {
    let is_blank = |b: &u8| matches!(b, b' ' | b'\t');
    let start = value
        .iter()
        .position(|b| !is_blank(b))
        .unwrap_or(value.len());
    let end = value
        .iter()
        .rposition(|b| !is_blank(b))
        .map_or(start, |at| at + 1);
    value.get(start..end).unwrap_or_default()
}

/// The lines of a header that take part (SAFE-LIMIT-01).
fn lines<'req>(
    headers: Headers<'req>,
    name: &HeaderName,
    limit: usize,
) -> impl Iterator<Item = &'req [u8]> {
    let is_within = match headers {
        Headers::Map(map) => map.len() <= limit,
        Headers::Lines(lines) => lines.len() <= limit,
    };
    let by_name = is_within.then(|| headers.all(name.as_str()));
    let counted = (!is_within).then(|| {
        headers
            .iter()
            .take(limit)
            .filter(|(own, _)| own.eq_ignore_ascii_case(name.as_str()))
            .map(|(_, value)| value)
    });
    by_name
        .into_iter()
        .flatten()
        .chain(counted.into_iter().flatten())
        .map(trim)
}

/// MATCH-HDR-01..06.
fn header_holds(request: &Request<'_>, name: &HeaderName, condition: &ValueCondition) -> bool {
    let head = request.head;
    if *name == HOST {
        return head.host.is_some_and(|host| match condition {
            ValueCondition::Exact(text) => text.as_bytes().eq_ignore_ascii_case(host),
            ValueCondition::Regex(_, pattern) => pattern.matches(host),
        });
    }
    let mut lines = lines(head.headers, name, request.options.limits.header_lines);
    let Some(first) = lines.next() else {
        return false;
    };
    if *name == SET_COOKIE {
        return condition.holds_for(first) || lines.any(|line| condition.holds_for(line));
    }
    let separator: &[u8] = if *name == COOKIE { b"; " } else { b"," };
    match condition {
        ValueCondition::Exact(text) => {
            let rest = text.as_bytes().strip_prefix(first);
            let rest = lines.fold(rest, |rest, line| {
                rest?.strip_prefix(separator)?.strip_prefix(line)
            });
            rest.is_some_and(<[u8]>::is_empty)
        }
        ValueCondition::Regex(_, pattern) => match lines.next() {
            None => pattern.matches(first),
            Some(second) => {
                let mut joined = first.to_vec();
                for line in std::iter::once(second).chain(lines) {
                    joined.extend_from_slice(separator);
                    joined.extend_from_slice(line);
                }
                pattern.matches(&joined)
            }
        },
    }
}

/// MATCH-QUERY-01..07.
fn parameter_holds(request: &Request<'_>, name: &[u8], condition: &ValueCondition) -> bool {
    let options = request.options;
    let query = request.head.query.unwrap_or_default();
    let Some(raw) = query::first(query, name, options) else {
        return false;
    };
    match condition {
        ValueCondition::Exact(text) => query::equals(raw, text.as_bytes(), options),
        ValueCondition::Regex(_, pattern) => {
            if query::is_raw(raw, options) {
                pattern.matches(raw)
            } else {
                pattern.matches(&query::decoded(raw).collect::<Vec<u8>>())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MATCH-PATH-02..04.
    #[test]
    fn prefixes_end_at_borders_of_elements() {
        for (path, prefix, is) in [
            ("/abc", "/abc", true),
            ("/abc/", "/abc", true),
            ("/abc/def", "/abc", true),
            ("/abcd", "/abc", false),
            ("/ab", "/abc", false),
            ("/x/abc", "/abc", false),
            ("/", "", true),
            ("/x", "", true),
            ("*", "", false),
        ] {
            assert_eq!(
                is_under(path.as_bytes(), prefix.as_bytes()),
                is,
                "{path} {prefix}"
            );
        }
    }

    /// MATCH-GRPC-01: content types.
    #[test]
    fn grpc_is_told_by_content_type() {
        for (content_type, is) in [
            ("application/grpc", true),
            ("Application/gRPC+proto", true),
            ("application/grpc;charset=utf-8", true),
            ("application/grpc-web", false),
            ("application/grpc-web+proto", false),
            ("application/grpcx", false),
            ("application/json", false),
        ] {
            assert_eq!(is_grpc_type(content_type.as_bytes()), is, "{content_type}");
        }
    }

    /// MATCH-GRPC-02: exactly two elements that are not empty.
    #[test]
    fn calls_have_two_elements() {
        assert_eq!(
            split_call(b"/pkg.S/Get"),
            Some((&b"pkg.S"[..], &b"Get"[..]))
        );
        for path in ["/", "/a", "/a/", "//a", "/a/b/", "/a/b/c", "a/b", ""] {
            assert_eq!(split_call(path.as_bytes()), None, "{path}");
        }
    }
}
