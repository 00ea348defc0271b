//! Requests that leave the gateway.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, header};

use super::changes::HeaderChanges;
use crate::router::{Headers, Match, RequestHead, Scheme};

/// A request as a backend, or the backend of a mirror, receives it.
///
/// Hop-by-hop headers and headers that a proxy adds on its own account (`X-Forwarded-For`, `Via`) are the caller's matter.
#[derive(Clone, Debug)]
pub struct OutgoingRequest<'a> {
    /// The method; no filter changes it.
    pub method: &'a str,
    /// How the client's request came. How the backend is spoken to is said by [`Backend`](crate::plan::Backend).
    pub scheme: Scheme,
    /// The Host or `:authority`: as received, port included, unless a filter gave another (HOST-KEY-01, FILTER-REWRITE-01).
    pub host: Option<Cow<'a, [u8]>>,
    /// The path, never empty: the effective one unless it was rewritten (MATCH-PATH-16).
    pub path: Cow<'a, str>,
    /// The query without `?`, byte by byte as received; only the answer of an auth server can change it.
    pub query: Option<Cow<'a, [u8]>>,
    /// What happens to the headers of the client's request.
    pub headers: HeaderChanges<'a>,
    original: Headers<'a>,
}

impl<'a> OutgoingRequest<'a> {
    pub(super) fn new(matched: &'a Match<'a>, head: &RequestHead<'a>) -> Self {
        OutgoingRequest {
            method: head.method,
            scheme: matched.scheme(),
            host: head.host.map(Cow::Borrowed),
            path: Cow::Borrowed(matched.path()),
            query: head.query.map(Cow::Borrowed),
            headers: HeaderChanges::default(),
            original: head.headers,
        }
    }

    /// All header lines but `Host`: those of the client that stay, in order, then the new ones.
    ///
    /// # Cost
    ///
    /// O(lines * changes), no allocation.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers
            .lines(self.original)
            .filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
    }

    /// The values of one header, in order; `name` in any case.
    pub fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s [u8]> {
        self.headers.values(self.original, name)
    }

    /// The path with its query, as it stands in a request line. Bytes of a query that is no text are percent-encoded.
    pub fn target(&self) -> String {
        let mut target = String::with_capacity(
            self.path.len() + 1 + self.query.as_ref().map_or(0, |query| query.len()),
        );
        target.push_str(&self.path);
        if let Some(query) = &self.query {
            target.push('?');
            match str::from_utf8(query) {
                Ok(query) => target.push_str(query),
                Err(_) => {
                    for byte in &**query {
                        if byte.is_ascii() {
                            target.push(char::from(*byte));
                        } else {
                            target.push_str(&format!("%{byte:02X}"));
                        }
                    }
                }
            }
        }
        target
    }

    /// Makes the changes to the header map of the client's request. A `Host` in it becomes that of this request.
    pub fn apply_to(&self, headers: &mut HeaderMap) {
        self.headers.apply_to(headers);
        if headers.contains_key(header::HOST)
            && let Some(Ok(host)) = self.host.as_deref().map(HeaderValue::from_bytes)
        {
            headers.insert(header::HOST, host);
        }
    }
}
