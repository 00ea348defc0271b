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

impl<'req> RequestHead<'req> {
    /// Takes the head of a request of the `http` crate apart.
    ///
    /// # Errors
    ///
    /// Without a host (HTTP/1.0 excepted), with several, or with two that differ (HOST-KEY-07). What the parts themselves
    /// hold is looked at while matching.
    ///
    /// # Cost
    ///
    /// Two lookups in the header map, no allocation. The authority is not parsed.
    ///
    /// # Spec
    ///
    /// HOST-KEY-02, MATCH-PATH-18.
    pub fn from_parts(parts: &'req http::request::Parts) -> Result<Self, BadRequest> {
        Self::assemble(&parts.method, &parts.uri, parts.version, &parts.headers)
    }

    /// Takes the head of a request of the `http` crate apart, like [`from_parts`](Self::from_parts).
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// ```
    /// use gatewright::router::RequestHead;
    ///
    /// let request = http::Request::get("/cart?page=2").header("host", "shop.example.com").body(())?;
    /// let head = RequestHead::from_request(&request)?;
    /// assert_eq!(head.host, Some(&b"shop.example.com"[..]));
    /// assert_eq!((head.path, head.query), (&b"/cart"[..], Some(&b"page=2"[..])));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_request<T>(request: &'req http::Request<T>) -> Result<Self, BadRequest> {
        let (method, version) = (request.method(), request.version());
        Self::assemble(method, request.uri(), version, request.headers())
    }

    fn assemble(
        method: &'req http::Method,
        uri: &'req http::Uri,
        version: http::Version,
        headers: &'req HeaderMap,
    ) -> Result<Self, BadRequest> {
        let version = match version {
            http::Version::HTTP_09 | http::Version::HTTP_10 => Version::Http10,
            http::Version::HTTP_2 => Version::Http2,
            http::Version::HTTP_3 => Version::Http3,
            _ => Version::Http11,
        };
        let authority = uri
            .authority()
            .map(|authority| authority.as_str().as_bytes());
        // `http` reads a lone word as an authority, as CONNECT has it (RFC 9112, section 3.2.3); in HTTP/1 no other method has.
        let is_authority_form = authority.is_some() && uri.scheme().is_none();
        if is_authority_form && version <= Version::Http11 && method != http::Method::CONNECT {
            return Err(BadRequest::MalformedTarget);
        }
        let headers = Headers::Map(headers);
        let path = uri.path();
        Ok(RequestHead {
            version,
            method: method.as_str(),
            host: one_host(version, authority, headers)?,
            path: if path.is_empty() {
                b"/"
            } else {
                path.as_bytes()
            },
            query: uri.query().map(str::as_bytes),
            headers,
        })
    }

    /// Reads a head from what a parser of the wire format has: the target as it came, and header lines with `Host` among
    /// them.
    ///
    /// # Errors
    ///
    /// As [`from_parts`](Self::from_parts), and for targets that are neither absolute nor `*` (MATCH-PATH-18).
    ///
    /// # Cost
    ///
    /// O(target + header lines), no allocation.
    ///
    /// # Spec
    ///
    /// HOST-KEY-02, MATCH-PATH-06/18.
    pub fn from_raw(raw: RawHead<'req>) -> Result<Self, BadRequest> {
        let target = Target::parse(raw.method, raw.target)?;
        let authority = match raw.version {
            // The pseudo header outranks whatever a target in absolute form says.
            Version::Http2 | Version::Http3 => raw.authority.or(target.authority),
            Version::Http10 | Version::Http11 => target.authority,
        };
        Ok(RequestHead {
            version: raw.version,
            method: raw.method,
            host: one_host(raw.version, authority, raw.headers)?,
            path: target.path,
            query: target.query,
            headers: raw.headers,
        })
    }
}

/// A request head as a parser of the wire format hands it over.
#[derive(Clone, Copy, Debug)]
pub struct RawHead<'req> {
    /// The version of HTTP.
    pub version: Version,
    /// The method.
    pub method: &'req str,
    /// The target of the request line, or `:path`.
    pub target: &'req [u8],
    /// `:authority` of HTTP/2 and HTTP/3; not looked at for older versions.
    pub authority: Option<&'req [u8]>,
    /// The header lines, `Host` among them.
    pub headers: Headers<'req>,
}

/// A request target taken apart (RFC 9112, 3.2).
struct Target<'req> {
    authority: Option<&'req [u8]>,
    path: &'req [u8],
    query: Option<&'req [u8]>,
}

impl<'req> Target<'req> {
    fn parse(method: &str, target: &'req [u8]) -> Result<Self, BadRequest> {
        let (authority, rest) = match target.first() {
            Some(b'/') => (None, target),
            _ if target == b"*" => (None, target),
            _ if method == "CONNECT" && !target.is_empty() => (Some(target), &b"/"[..]),
            _ => {
                let (authority, rest) =
                    split_absolute(target).ok_or(BadRequest::MalformedTarget)?;
                (Some(authority), rest)
            }
        };
        let (path, query) = match rest.iter().position(|b| *b == b'?') {
            Some(at) => (rest.get(..at).unwrap_or_default(), rest.get(at + 1..)),
            None => (rest, None),
        };
        Ok(Target {
            authority,
            path: if path.is_empty() { b"/" } else { path },
            query,
        })
    }
}

/// Authority and what follows it, of a target like `http://a.test/b`.
fn split_absolute(target: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = target.iter().position(|b| *b == b':')?;
    let scheme = target.get(..colon)?;
    let is_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b));
    let rest = target.get(colon + 1..)?.strip_prefix(b"//")?;
    let end = rest
        .iter()
        .position(|b| matches!(b, b'/' | b'?'))
        .unwrap_or(rest.len());
    is_scheme.then_some(rest.split_at_checked(end)?)
}

/// The one authority that counts (HOST-KEY-02/07).
fn one_host<'req>(
    version: Version,
    authority: Option<&'req [u8]>,
    headers: Headers<'req>,
) -> Result<Option<&'req [u8]>, BadRequest> {
    let mut lines = headers.all("host");
    let line = lines.next();
    if lines.next().is_some() {
        return Err(BadRequest::ConflictingHosts);
    }
    match (authority, line) {
        (Some(authority), Some(line))
            if version >= Version::Http2 && !authority.eq_ignore_ascii_case(line) =>
        {
            Err(BadRequest::ConflictingHosts)
        }
        (Some(authority), _) => Ok(Some(authority)),
        (None, Some(line)) => Ok(Some(line)),
        (None, None) if version == Version::Http10 => Ok(None),
        (None, None) => Err(BadRequest::MissingHost),
    }
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

    /// The value of the first line with this name.
    pub(super) fn first_of(self, name: &http::HeaderName) -> Option<&'req [u8]> {
        match self {
            Headers::Map(map) => map.get(name).map(|value| value.as_bytes()),
            Headers::Lines(_) => self.first(name.as_str()),
        }
    }

    /// How many lines there are.
    pub fn len(self) -> usize {
        match self {
            Headers::Map(map) => map.len(),
            Headers::Lines(lines) => lines.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
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
