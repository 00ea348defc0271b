//! A request as the matcher sees it.

use std::fmt;

use http::HeaderMap;

/// A request head, taken apart: every part is a reference into what the caller already has.
///
/// Nothing is decoded, lowered or copied; that is done, where needed, while matching.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'req> {
    /// The version of HTTP that carried it.
    pub version: Version,
    /// The method.
    pub method: &'req str,
    /// The authority that counts (HOST-KEY-02), as received: `:authority`, the authority of an absolute target, or the
    /// one `Host` field, with its port. `None` only for HTTP/1.0 without `Host`.
    pub host: Option<&'req [u8]>,
    /// The path as received, without query: `/...`, or `*`.
    pub path: &'req [u8],
    /// What follows the first `?` of the target, undecoded.
    pub query: Option<&'req [u8]>,
    /// The headers. Those named `host` are not looked at: `host` above says what counts.
    pub headers: Headers<'req>,
}

/// The version of HTTP that carried a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// HTTP/1.0, which may lack a host.
    Http10,
    /// HTTP/1.1.
    Http11,
    /// HTTP/2.
    Http2,
    /// HTTP/3.
    Http3,
}

/// Headers of a request, in the form that the caller has them.
#[derive(Clone, Copy, Debug)]
pub enum Headers<'req> {
    /// As the `http` crate keeps them.
    Map(&'req HeaderMap),
    /// As lines in order; names in any case.
    Lines(&'req [(&'req str, &'req [u8])]),
}

impl<'req> Headers<'req> {
    /// The values of all lines with this name, in order; `name` in lower case.
    pub fn all<'n>(self, name: &'n str) -> impl Iterator<Item = &'req [u8]> + use<'req, 'n> {
        let (map, lines) = match self {
            Headers::Map(map) => (Some(map.get_all(name)), None),
            Headers::Lines(lines) => (None, Some(lines)),
        };
        let from_map = map
            .into_iter()
            .flat_map(|values| values.iter().map(|value| value.as_bytes()));
        let from_lines = lines
            .into_iter()
            .flatten()
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value);
        from_map.chain(from_lines)
    }

    /// The value of the first line with this name; `name` in lower case.
    pub fn first(self, name: &str) -> Option<&'req [u8]> {
        match self {
            Headers::Map(map) => map.get(name).map(|value| value.as_bytes()),
            Headers::Lines(lines) => lines
                .iter()
                .find(|(own, _)| own.eq_ignore_ascii_case(name))
                .map(|(_, value)| *value),
        }
    }

    /// All lines in order.
    pub fn iter(self) -> impl Iterator<Item = (&'req str, &'req [u8])> {
        let (map, lines) = match self {
            Headers::Map(map) => (Some(map), None),
            Headers::Lines(lines) => (None, Some(lines)),
        };
        let from_map = map.into_iter().flat_map(|map| {
            map.iter()
                .map(|(name, value)| (name.as_str(), value.as_bytes()))
        });
        from_map.chain(lines.into_iter().flatten().copied())
    }
}

/// Why a request is answered 400 before any listener is asked (HOST-KEY-07, MATCH-PATH-11/14/18/19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BadRequest {
    /// HTTP/1.1 or later without any host.
    MissingHost,
    /// Several `Host` fields, or one that differs from `:authority`.
    ConflictingHosts,
    /// The authority breaks the rules of HOST-KEY-04/06/07.
    MalformedAuthority,
    /// The target is neither absolute nor `*`.
    MalformedTarget,
    /// The path or query holds a control character, a space, a backslash or a `%` without two hex digits.
    MalformedPath,
}

impl fmt::Display for BadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadRequest::MissingHost => "no host in the request",
            BadRequest::ConflictingHosts => "more than one host in the request",
            BadRequest::MalformedAuthority => "malformed authority",
            BadRequest::MalformedTarget => "target that is neither absolute nor `*`",
            BadRequest::MalformedPath => "forbidden character or malformed `%` in the target",
        })
    }
}

impl std::error::Error for BadRequest {}
