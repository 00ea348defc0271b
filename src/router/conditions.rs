//! Whether a request meets conditions.

use std::sync::Arc;

use http::HeaderName;
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, COOKIE, HOST, ORIGIN, SET_COOKIE};

use super::bytes::{Seed, equals};
use super::options::{GrpcDetection, Options};
use super::pattern::Pattern;
use super::query;
use super::source::{Candidate, TargetCondition, ValueCondition};
use super::{Headers, RequestHead, Version};
use crate::plan::Method;

/// What all tables of a router share.
#[derive(Clone, Debug)]
pub(super) struct Common {
    pub(super) options: Options,
    pub(super) seed: Seed,
    /// Longest host that is looked at.
    pub(super) host_limit: usize,
    /// Every header that some condition asks about; conditions tell places in it.
    pub(super) names: Arc<Vec<HeaderName>>,
}

/// A request head with what matching has found out about it.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) head: &'a RequestHead<'a>,
    /// The path in normal form; for gRPC conditions the path as received counts (MATCH-GRPC-02).
    pub(super) path: &'a [u8],
    pub(super) common: &'a Common,
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

impl Candidate<'_> {
    /// The first condition that does not hold: what a search by table decides together, one by one.
    pub(super) fn unmet(&self, request: &Request<'_>) -> Option<Unmet> {
        let head = request.head;
        match &self.target {
            TargetCondition::Exact(path) if *path != request.path => return Some(Unmet::Path),
            TargetCondition::Prefix(prefix) if !is_under(request.path, prefix) => {
                return Some(Unmet::Path);
            }
            TargetCondition::Regex(_, pattern)
                if !request.path.starts_with(b"/") || !pattern.matches(request.path) =>
            {
                return Some(Unmet::Path);
            }
            TargetCondition::Call { service, method } => {
                let call = split_call(head.path);
                let is_met = |condition: &Option<ValueCondition<'_>>, own: Option<&[u8]>| {
                    condition
                        .is_none_or(|condition| own.is_some_and(|own| condition.holds_for(own)))
                };
                if !is_met(service, call.map(|(service, _)| service)) {
                    return Some(Unmet::Service);
                }
                if !is_met(method, call.map(|(_, method)| method)) {
                    return Some(Unmet::GrpcMethod);
                }
            }
            _ => {}
        }
        if let Some(method) = self.method
            && !takes_method(method, self.answers_preflights, head)
        {
            return Some(Unmet::Method);
        }
        let text = |name: &[u8]| String::from_utf8_lossy(name).into();
        for (name, value) in self.headers.iter() {
            if value.is_padded() && name != HOST.as_str().as_bytes() {
                return Some(Unmet::Header(text(name)));
            }
            let known = HeaderName::from_bytes(name).ok();
            if !known.is_some_and(|known| header_holds(request, &known, value.as_test())) {
                return Some(Unmet::Header(text(name)));
            }
        }
        self.query
            .iter()
            .find(|(name, value)| !parameter_holds(request, name, value.as_test()))
            .map(|(name, _)| Unmet::Query(text(name)))
    }
}

/// What a value must be.
#[derive(Clone, Copy)]
pub(super) enum Test<'t> {
    Exact(&'t [u8]),
    Regex(&'t Pattern),
}

impl Test<'_> {
    #[inline]
    fn holds_for(self, value: &[u8]) -> bool {
        match self {
            Test::Exact(text) => text == value,
            Test::Regex(pattern) => pattern.matches(value),
        }
    }
}

impl<'s> ValueCondition<'s> {
    pub(super) fn as_test(&self) -> Test<'s> {
        match self {
            ValueCondition::Exact(text) => Test::Exact(text),
            ValueCondition::Regex(_, _, pattern) => Test::Regex(pattern),
        }
    }

    fn holds_for(&self, value: &[u8]) -> bool {
        self.as_test().holds_for(value)
    }

    /// Whether no header can have this value, as blanks at its ends do not count.
    pub(super) fn is_padded(&self) -> bool {
        matches!(self, ValueCondition::Exact(text) if is_padded(text))
    }
}

/// MATCH-METHOD-01, FILTER-CORS-03.
fn takes_method(method: Method, answers_preflights: bool, head: &RequestHead<'_>) -> bool {
    method.as_str() == head.method || (answers_preflights && preflight_asks_for(method, head))
}

/// Whether the request is a preflight for a method.
#[cold]
pub(super) fn preflight_asks_for(method: Method, head: &RequestHead<'_>) -> bool {
    preflight_method(head) == Some(method.as_str().as_bytes())
}

/// The place of a method among those that a match may ask for, and one; 0 for others.
#[inline(always)]
pub(super) fn method_number(method: &str) -> u8 {
    match method {
        "GET" => 1,
        "HEAD" => 2,
        "POST" => 3,
        "PUT" => 4,
        "DELETE" => 5,
        "CONNECT" => 6,
        "OPTIONS" => 7,
        "TRACE" => 8,
        "PATCH" => 9,
        _ => 0,
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
#[inline]
pub(super) fn is_grpc(head: &RequestHead<'_>, options: &Options) -> bool {
    match options.grpc_detection {
        GrpcDetection::PathOnly => split_call(head.path).is_some(),
        GrpcDetection::Strict => {
            head.version >= Version::Http2
                && head.method == "POST"
                && head
                    .headers
                    .first_of(&CONTENT_TYPE)
                    .is_some_and(is_grpc_type)
        }
    }
}

fn is_grpc_type(content_type: &[u8]) -> bool {
    const GRPC: &[u8] = b"application/grpc";
    let content_type = trim(content_type);
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
    head.headers.first_of(&ORIGIN)?;
    let asked = trim(head.headers.first_of(&ACCESS_CONTROL_REQUEST_METHOD)?);
    (!asked.is_empty()).then_some(asked)
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Without spaces and tabs at either end (MATCH-HDR-02).
#[inline]
pub(super) fn trim(mut value: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = value
        && is_blank(*first)
    {
        value = rest;
    }
    while let [rest @ .., last] = value
        && is_blank(*last)
    {
        value = rest;
    }
    value
}

/// The lines of a header that take part (SAFE-LIMIT-01).
fn lines<'req>(
    headers: Headers<'req>,
    name: &HeaderName,
    limit: usize,
) -> impl Iterator<Item = &'req [u8]> {
    let is_within = headers.len() <= limit;
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

/// The value of a header that has one line.
pub(super) enum Field<'req> {
    None,
    /// As received: blanks around it do not count.
    One(&'req [u8]),
    /// Several lines, or more lines in all than are looked at.
    Unusual,
}

/// The one value of a header, if that is how it is. Not for `host`.
#[inline(always)]
pub(super) fn field<'req>(request: &Request<'req>, name: &HeaderName) -> Field<'req> {
    match request.head.headers {
        Headers::Map(map) => {
            if map.len() > request.common.options.limits.header_lines {
                return Field::Unusual;
            }
            match map.get(name) {
                None => Field::None,
                Some(_)
                    if map.len() != map.keys_len() && map.get_all(name).iter().nth(1).is_some() =>
                {
                    Field::Unusual
                }
                Some(value) => Field::One(value.as_bytes()),
            }
        }
        Headers::Lines(lines) => {
            if lines.len() > request.common.options.limits.header_lines {
                return Field::Unusual;
            }
            let mut own = lines
                .iter()
                .filter(|(own, _)| own.eq_ignore_ascii_case(name.as_str()));
            match (own.next(), own.next()) {
                (None, _) => Field::None,
                (Some((_, value)), None) => Field::One(value),
                _ => Field::Unusual,
            }
        }
    }
}

/// MATCH-HDR-01..06.
pub(super) fn header_holds(request: &Request<'_>, name: &HeaderName, test: Test<'_>) -> bool {
    if *name == HOST {
        return host_holds(request, test);
    }
    usual_header_holds(request, name, test)
}

/// MATCH-HDR-06.
#[cold]
pub(super) fn host_holds(request: &Request<'_>, test: Test<'_>) -> bool {
    request.head.host.is_some_and(|host| match test {
        Test::Exact(text) => text.eq_ignore_ascii_case(host),
        Test::Regex(pattern) => pattern.matches(host),
    })
}

/// The same for any header but `host`.
///
/// An exact text begins and ends with something else than a blank, or nothing equals it.
#[inline(always)]
pub(super) fn usual_header_holds(request: &Request<'_>, name: &HeaderName, test: Test<'_>) -> bool {
    match field(request, name) {
        Field::None => false,
        Field::One(value) => match test {
            Test::Exact(text) => equals(text, value) || is_padded(value) && text == trim(value),
            Test::Regex(pattern) => pattern.matches(trim(value)),
        },
        Field::Unusual => joined_holds(request, name, test),
    }
}

/// Whether a value has blanks at an end.
#[inline(always)]
pub(super) fn is_padded(value: &[u8]) -> bool {
    matches!((value.first(), value.last()), (Some(first), Some(last)) if is_blank(*first) || is_blank(*last))
}

/// Several lines count as one value (MATCH-HDR-04).
#[cold]
fn joined_holds(request: &Request<'_>, name: &HeaderName, test: Test<'_>) -> bool {
    let limit = request.common.options.limits.header_lines;
    let mut lines = lines(request.head.headers, name, limit);
    let Some(first) = lines.next() else {
        return false;
    };
    if *name == SET_COOKIE {
        return test.holds_for(first) || lines.any(|line| test.holds_for(line));
    }
    let separator: &[u8] = if *name == COOKIE { b"; " } else { b"," };
    match test {
        Test::Exact(text) => {
            let rest = lines.fold(text.strip_prefix(first), |rest, line| {
                rest?.strip_prefix(separator)?.strip_prefix(line)
            });
            rest.is_some_and(<[u8]>::is_empty)
        }
        Test::Regex(pattern) => {
            let rest = lines.flat_map(|line| separator.iter().chain(line));
            with_text(first.iter().chain(rest).copied(), |joined| {
                pattern.matches(joined)
            })
        }
    }
}

/// MATCH-QUERY-01..07.
#[inline]
pub(super) fn parameter_holds(request: &Request<'_>, name: &[u8], test: Test<'_>) -> bool {
    let options = &request.common.options;
    let query = request.head.query.unwrap_or_default();
    let Some(raw) = query::first(query, name, options) else {
        return false;
    };
    match test {
        Test::Exact(text) => query::equals(raw, text, options),
        Test::Regex(pattern) if query::is_raw(raw, options) => pattern.matches(raw),
        Test::Regex(pattern) => with_text(query::decoded(raw), |value| pattern.matches(value)),
    }
}

/// Lays bytes one behind the other: short texts on the stack.
fn with_text<T>(bytes: impl Iterator<Item = u8>, read: impl FnOnce(&[u8]) -> T) -> T {
    let mut bytes = bytes;
    let mut short = [0; 512];
    for length in 0..short.len() {
        match (bytes.next(), short.get_mut(length)) {
            (Some(byte), Some(place)) => *place = byte,
            _ => return read(short.get(..length).unwrap_or_default()),
        }
    }
    let mut long = short.to_vec();
    long.extend(bytes);
    read(&long)
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

    /// The numbers are those of `Method::ALL`.
    #[test]
    fn methods_have_the_numbers_of_their_places() {
        for (place, method) in Method::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(method_number(method.as_str())), place + 1);
        }
        assert_eq!(method_number("get"), 0);
    }

    /// Texts of every length are laid together whole.
    #[test]
    fn long_texts_are_laid_together_too() {
        for length in [0, 1, 511, 512, 513, 5000] {
            let text = vec![b'x'; length];
            assert!(with_text(text.iter().copied(), |own| own == text));
        }
    }
}
