//! External authorisation: the question, and going on with the answer.

use std::borrow::Cow;
use std::fmt;

use super::changes::HeaderLine;
use super::cors::CorsState;
use super::outcome::{MirrorCopy, Outcome, Reason};
use super::run::Run;
use super::{Oversize, answer};
use crate::plan::check::{is_field_value, is_token, sanitised_auth_path};
use crate::plan::{AuthProtocol, Backend, ExternalAuth};
use crate::router::{Headers, Scheme};
use crate::vocab::is_hop_by_hop;

/// A request that waits for the answer of an auth server.
///
/// The caller asks with [`request`](Self::request) (and, when [`body`](Self::body) says so, a part of the body) and goes on with
/// [`resume`](Self::resume). The question is asked once per request of a client: retries and mirrors do not repeat it, and the
/// time it takes counts towards the request timeout (FILTER-AUTH-18).
///
/// # Spec
///
/// FILTER-AUTH-01..19.
#[derive(Clone)]
pub struct Ask<'a> {
    run: Run<'a>,
    auth: &'a ExternalAuth,
}

/// What is sent to an auth server: for the HTTP protocol a request, for gRPC the attributes of a `Check` call.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AuthRequest<'a> {
    /// How it is sent.
    pub kind: AuthKind,
    /// To whom. TLS towards it is said there.
    pub backend: &'a Backend,
    /// The method, that of the client.
    pub method: &'a str,
    /// How the client's request came.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::scheme"))]
    pub scheme: Scheme,
    /// The client's host.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "super::serial::optional_text")
    )]
    pub host: Option<&'a [u8]>,
    /// The path, for HTTP with the configured one in front.
    pub path: Cow<'a, str>,
    /// The client's query.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "super::serial::optional_text")
    )]
    pub query: Option<&'a [u8]>,
    /// The headers: for gRPC with names in lower case, for HTTP with `Content-Length` of the body that is sent along.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serial::lines"))]
    pub headers: Vec<HeaderLine<'a>>,
}

/// How an auth server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum AuthKind {
    /// By a request of the same method.
    Http,
    /// By a call of `envoy.service.auth.v3.Authorization/Check`.
    Grpc,
}

/// What is to be done with the body before an auth server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyStep {
    /// Nothing: it is not read (FILTER-AUTH-15).
    Leave,
    /// Read until its end, but at most `limit + 1` bytes, then ask [`Ask::body_read`].
    Read {
        /// Most bytes that the auth server may get.
        limit: u64,
    },
    /// The first so many bytes go along.
    Send(u64),
    /// It is too large: the client gets what [`Ask::refuse_body`] says.
    Refuse,
}

/// What an auth server says.
#[derive(Clone, Copy, Debug)]
pub enum AuthAnswer<'x> {
    /// The response of one that is asked in HTTP.
    Http {
        /// Its status: exactly 200 allows (FILTER-AUTH-09).
        status: u16,
        /// Its headers.
        headers: Headers<'x>,
        /// Its body; only that of a denial is of interest.
        body: &'x [u8],
    },
    /// The `CheckResponse` of one that is asked in gRPC.
    Grpc(CheckAnswer<'x>),
    /// There is no answer, or none that makes sense. The client is refused (FILTER-AUTH-01).
    Failed,
}

impl AuthAnswer<'_> {
    /// What an auth server of this kind says when it allows a request and nothing more.
    pub const fn allowed(kind: AuthKind) -> AuthAnswer<'static> {
        match kind {
            AuthKind::Http => AuthAnswer::Http {
                status: 200,
                headers: Headers::Lines(&[]),
                body: &[],
            },
            AuthKind::Grpc => AuthAnswer::Grpc(CheckAnswer::ALLOWED),
        }
    }
}

/// What matters of a `CheckResponse` (FILTER-AUTH-14).
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckAnswer<'x> {
    /// `status.code`; 0 allows.
    pub code: i32,
    /// `ok_response.headers`: what the backend gets.
    pub headers: &'x [HeaderOption<'x>],
    /// `ok_response.headers_to_remove`; done after `headers`.
    pub headers_to_remove: &'x [&'x str],
    /// `ok_response.response_headers_to_add`: what the client gets. The response is not there yet: what depends on its having a
    /// header counts as [`OverwriteOrAdd`](HeaderAppend::OverwriteOrAdd).
    pub response_headers_to_add: &'x [HeaderOption<'x>],
    /// `ok_response.query_parameters_to_set`, decoded.
    pub query_parameters_to_set: &'x [(&'x str, &'x str)],
    /// `ok_response.query_parameters_to_remove`, decoded.
    pub query_parameters_to_remove: &'x [&'x str],
    /// `denied_response`.
    pub denied: Option<CheckDenial<'x>>,
}

impl CheckAnswer<'_> {
    /// Allowed, and nothing more.
    pub const ALLOWED: CheckAnswer<'static> = CheckAnswer {
        code: 0,
        headers: &[],
        headers_to_remove: &[],
        response_headers_to_add: &[],
        query_parameters_to_set: &[],
        query_parameters_to_remove: &[],
        denied: None,
    };
}

/// A header in a `CheckResponse`.
#[derive(Clone, Copy, Debug)]
pub struct HeaderOption<'x> {
    /// The name.
    pub name: &'x str,
    /// The value.
    pub value: &'x [u8],
    /// What happens when it is there already.
    pub append: HeaderAppend,
}

/// What happens to a header that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeaderAppend {
    /// It is replaced, or made.
    #[default]
    OverwriteOrAdd,
    /// It gets one more line, or is made.
    AppendOrAdd,
    /// It stays; only otherwise it is made.
    AddIfAbsent,
    /// It is replaced; otherwise nothing happens.
    OverwriteIfPresent,
}

/// `denied_response` of a `CheckResponse`.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckDenial<'x> {
    /// The status; 0 and what is no final status is 403.
    pub status: u16,
    /// The headers.
    pub headers: &'x [HeaderOption<'x>],
    /// The body.
    pub body: &'x [u8],
}

/// Why a request is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum DenialCause {
    /// The auth server says so.
    Answer,
    /// There is no answer, or none that makes sense.
    Failure,
}

impl<'a> Ask<'a> {
    pub(super) fn new(run: Run<'a>, auth: &'a ExternalAuth) -> Self {
        Ask { run, auth }
    }

    /// Who is asked.
    pub fn backend(&self) -> &'a Backend {
        &self.auth.backend
    }

    /// How it is asked.
    pub fn kind(&self) -> AuthKind {
        match self.auth.protocol {
            AuthProtocol::Http { .. } => AuthKind::Http,
            AuthProtocol::Grpc { .. } => AuthKind::Grpc,
        }
    }

    /// Copies that filters before this one ask for: they are sent whatever the answer (FILTER-MIRROR-07).
    pub fn mirrors(&self) -> &[MirrorCopy<'a>] {
        &self.run.mirrors
    }

    /// What a CORS filter makes of the request.
    pub fn cors(&self) -> Option<CorsState> {
        self.run.cors_state()
    }

    /// Says what to do with the body of the client's request; `content_length` as the client gave it.
    ///
    /// # Spec
    ///
    /// FILTER-AUTH-15/16.
    pub fn body(&self, content_length: Option<u64>) -> BodyStep {
        let limit = u64::from(self.auth.max_body);
        match content_length {
            _ if limit == 0 => BodyStep::Leave,
            Some(length) if length > limit && self.run.options.oversize == Oversize::Reject => {
                BodyStep::Refuse
            }
            _ => BodyStep::Read { limit },
        }
    }

    /// Says what goes along after `read` bytes of the body: all there is, or more than the limit.
    pub fn body_read(&self, read: u64) -> BodyStep {
        let limit = u64::from(self.auth.max_body);
        if limit == 0 {
            BodyStep::Leave
        } else if read <= limit {
            BodyStep::Send(read)
        } else {
            match self.run.options.oversize {
                Oversize::Reject => BodyStep::Refuse,
                Oversize::Truncate => BodyStep::Send(limit),
            }
        }
    }

    /// What the client gets when its body is too large: 413. The auth server is not asked.
    pub fn refuse_body(self: Box<Self>) -> Outcome<'a> {
        self.run.answer_by_filter(answer(413, Reason::BodyTooLarge))
    }

    /// What the client gets when the time of the request runs out before an answer is there: 504. The time of an auth server counts
    /// (FILTER-AUTH-18, BACKEND-TIMEOUT-01).
    pub fn expired(self: Box<Self>) -> Outcome<'a> {
        self.run.unavailable(504, Reason::Timeout)
    }

    /// The question, with `body_length` bytes of the body.
    ///
    /// # Cost
    ///
    /// O(header lines); allocates their list, and the path when one is configured.
    ///
    /// # Spec
    ///
    /// FILTER-AUTH-05..08/13/17, FILTER-GEN-10: the request line is the client's (path and query without rewrites), the headers
    /// are as changed by the filters before. A server that is asked in HTTP never gets hop-by-hop headers, even if listed.
    pub fn request(&self, body_length: u64) -> AuthRequest<'_> {
        let head = self.run.head;
        let effective = self.run.matched.path();
        let (kind, path, headers) = match &self.auth.protocol {
            AuthProtocol::Http {
                path,
                allowed_headers,
                ..
            } => {
                let prefix = sanitised_auth_path(path).unwrap_or_default();
                let path = if prefix.is_empty() {
                    Cow::Borrowed(effective)
                } else {
                    Cow::Owned(format!("{prefix}{effective}"))
                };
                (
                    AuthKind::Http,
                    path,
                    self.http_headers(allowed_headers, body_length),
                )
            }
            AuthProtocol::Grpc { allowed_headers } => (
                AuthKind::Grpc,
                Cow::Borrowed(effective),
                self.grpc_headers(allowed_headers),
            ),
        };
        AuthRequest {
            kind,
            backend: &self.auth.backend,
            method: head.method,
            scheme: self.run.matched.scheme(),
            host: head.host,
            path,
            query: head.query,
            headers,
        }
    }

    fn http_headers(&self, allowed: &[Box<str>], body_length: u64) -> Vec<HeaderLine<'_>> {
        let mut headers: Vec<HeaderLine<'_>> = vec![(
            Cow::Borrowed("content-length"),
            Cow::Owned(body_length.to_string().into_bytes()),
        )];
        let sent = self.run.request.lines().filter(|(name, _)| {
            name.eq_ignore_ascii_case("authorization")
                || (!is_fixed(name) && allowed.iter().any(|own| own.eq_ignore_ascii_case(name)))
        });
        headers.extend(sent.map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value))));
        headers
    }

    fn grpc_headers(&self, allowed: &[Box<str>]) -> Vec<HeaderLine<'_>> {
        self.run
            .request
            .lines()
            .filter(|(name, _)| {
                allowed.is_empty() || allowed.iter().any(|own| own.eq_ignore_ascii_case(name))
            })
            .map(|(name, value)| {
                let name = if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    Cow::Owned(name.to_ascii_lowercase())
                } else {
                    Cow::Borrowed(name)
                };
                (name, Cow::Borrowed(value))
            })
            .collect()
    }

    /// Goes on with the answer: to the filters behind, or with a denial. An answer of the other protocol makes no sense, nor does
    /// one with a value that cannot stand in a header: the client is refused.
    ///
    /// # Spec
    ///
    /// FILTER-AUTH-01/09..12/14/17.
    pub fn resume(self: Box<Self>, answer: &AuthAnswer<'_>) -> Outcome<'a> {
        let Ask { run, auth } = *self;
        match (&auth.protocol, answer) {
            (
                AuthProtocol::Http {
                    allowed_response_headers,
                    ..
                },
                AuthAnswer::Http {
                    status,
                    headers,
                    body,
                },
            ) => resume_http(run, allowed_response_headers, *status, *headers, body),
            (AuthProtocol::Grpc { .. }, AuthAnswer::Grpc(check)) => resume_grpc(run, check),
            _ => deny(run, DenialCause::Failure),
        }
    }
}

impl fmt::Debug for Ask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("kind", &self.kind())
            .field("backend", &self.auth.backend.target)
            .finish_non_exhaustive()
    }
}

fn deny(run: Run<'_>, cause: DenialCause) -> Outcome<'_> {
    run.answer_by_filter(answer(403, Reason::Denied(cause)))
}

fn resume_http<'a>(
    mut run: Run<'a>,
    allowed: &'a [Box<str>],
    status: u16,
    headers: Headers<'_>,
    body: &[u8],
) -> Outcome<'a> {
    if !headers.iter().all(|(_, value)| is_field_value(value)) {
        return deny(run, DenialCause::Failure);
    }
    match status {
        200 => {}
        // FILTER-AUTH-12
        300..=499 => {
            let mut denial = answer(status, Reason::Denied(DenialCause::Answer));
            denial.headers = headers
                .iter()
                .filter(|(name, _)| !is_connection_header(name) && is_token(name.as_bytes()))
                .map(|(name, value)| (Cow::Owned(name.to_owned()), Cow::Owned(value.to_vec())))
                .collect();
            denial.body = Cow::Owned(body.to_vec());
            return run.answer_by_filter(denial);
        }
        _ => return deny(run, DenialCause::Answer),
    }
    // FILTER-AUTH-11: what the client says on its own about these names is not to be believed.
    for name in allowed {
        if may_change(name) {
            run.request.headers.remove(&**name);
        }
    }
    // FILTER-AUTH-10: the first line of a name replaces, further ones follow.
    let mut copied: Vec<&str> = Vec::new();
    for (name, value) in headers.iter() {
        let wanted = if allowed.is_empty() {
            !name.eq_ignore_ascii_case("authority")
        } else {
            allowed.iter().any(|own| own.eq_ignore_ascii_case(name))
        };
        if !wanted || !may_change(name) || name.eq_ignore_ascii_case("set-cookie") {
            continue;
        }
        if copied.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            run.request.headers.append(name.to_owned(), value.to_vec());
        } else {
            run.request.headers.put(name.to_owned(), value.to_vec());
            copied.push(name);
        }
    }
    run.filters()
}

fn resume_grpc<'a>(mut run: Run<'a>, check: &CheckAnswer<'_>) -> Outcome<'a> {
    // No parser of HTTP has seen these: a line break in a value would be a header of its own, or leave the client's in place.
    let denied = check.denied.iter().flat_map(|denied| denied.headers);
    let mut all = check
        .headers
        .iter()
        .chain(check.response_headers_to_add)
        .chain(denied);
    if !all.all(|header| is_field_value(header.value)) {
        return deny(run, DenialCause::Failure);
    }
    if check.code != 0 {
        let denied = check.denied.unwrap_or_default();
        let status = if (200..=599).contains(&denied.status) {
            denied.status
        } else {
            403
        };
        let mut denial = answer(status, Reason::Denied(DenialCause::Answer));
        denial.headers = denied
            .headers
            .iter()
            .filter(|header| !is_connection_header(header.name) && is_token(header.name.as_bytes()))
            .map(|header| {
                (
                    Cow::Owned(header.name.to_owned()),
                    Cow::Owned(header.value.to_vec()),
                )
            })
            .collect();
        denial.body = Cow::Owned(denied.body.to_vec());
        return run.answer_by_filter(denial);
    }
    for header in check
        .headers
        .iter()
        .filter(|header| may_change(header.name))
    {
        let present = run.request.values(header.name).next().is_some();
        let (name, value) = (header.name.to_owned(), header.value.to_vec());
        match header.append {
            HeaderAppend::OverwriteOrAdd => run.request.headers.put(name, value),
            HeaderAppend::AppendOrAdd => run.request.headers.append(name, value),
            HeaderAppend::AddIfAbsent if !present => run.request.headers.put(name, value),
            HeaderAppend::OverwriteIfPresent if present => run.request.headers.put(name, value),
            HeaderAppend::AddIfAbsent | HeaderAppend::OverwriteIfPresent => {}
        }
    }
    for name in check
        .headers_to_remove
        .iter()
        .filter(|name| may_change(name))
    {
        run.request.headers.remove((*name).to_owned());
    }
    for header in check.response_headers_to_add {
        if is_connection_header(header.name) || !is_token(header.name.as_bytes()) {
            continue;
        }
        let (name, value) = (header.name.to_owned(), header.value.to_vec());
        match header.append {
            HeaderAppend::AppendOrAdd => run.response.append(name, value),
            _ => run.response.put(name, value),
        }
    }
    edit_query(&mut run, check);
    run.filters()
}

fn edit_query(run: &mut Run<'_>, check: &CheckAnswer<'_>) {
    let (set, gone) = (
        check.query_parameters_to_set,
        check.query_parameters_to_remove,
    );
    if set.is_empty() && gone.is_empty() {
        return;
    }
    let old = run.request.query.take().unwrap_or_default();
    let mut query: Vec<u8> = Vec::with_capacity(old.len());
    let mut push = |piece: &[u8]| {
        if !query.is_empty() {
            query.push(b'&');
        }
        query.extend_from_slice(piece);
    };
    for piece in old.split(|&byte| byte == b'&') {
        let name = decoded(piece.split(|&byte| byte == b'=').next().unwrap_or_default());
        let named = |own: &str| own.as_bytes() == name;
        if !piece.is_empty()
            && !set.iter().any(|(own, _)| named(own))
            && !gone.iter().any(|own| named(own))
        {
            push(piece);
        }
    }
    for (name, value) in set {
        let mut piece = Vec::new();
        form_encode(name, &mut piece);
        piece.push(b'=');
        form_encode(value, &mut piece);
        push(&piece);
    }
    run.request.query = (!query.is_empty()).then_some(Cow::Owned(query));
}

/// The text of a query parameter: `+` is a space, triplets are bytes, a stray `%` stays.
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return out,
            [b'+', after @ ..] => {
                out.push(b' ');
                after
            }
            [b'%', high, low, after @ ..]
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or_default() as u8;
                out.push(digit(high) << 4 | digit(low));
                after
            }
            [byte, after @ ..] => {
                out.push(*byte);
                after
            }
        };
    }
}

fn form_encode(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
}

/// Headers of an auth request in HTTP that are always or never there, whatever is listed.
fn is_fixed(name: &str) -> bool {
    is_connection_header(name)
        || ["host", "method", "path"]
            .iter()
            .any(|own| own.eq_ignore_ascii_case(name))
}

/// Whether an answer may change this header of a request: no framing, nothing of the connection, no Host.
pub(super) fn may_change(name: &str) -> bool {
    is_token(name.as_bytes()) && !name.eq_ignore_ascii_case("host") && !is_connection_header(name)
}

/// Headers of framing and of the connection, which are never copied from one message to another (FILTER-AUTH-10).
pub(super) fn is_connection_header(name: &str) -> bool {
    is_hop_by_hop(name)
        || name.eq_ignore_ascii_case("content-length")
        || name
            .get(..6)
            .is_some_and(|start| start.eq_ignore_ascii_case("proxy-"))
}
