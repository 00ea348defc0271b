//! Session persistence: names, tokens, cookies.

use std::borrow::Cow;

use super::Options;
use super::request::OutgoingRequest;
use crate::plan::check::is_token;
use crate::plan::{Action, Backend, RouteKind, Session, SessionKind, SessionLifetime};
use crate::router::{Match, RequestHead, Scheme};

/// Makes and checks the seal of session tokens: a message authentication code with a key that only gateways know, for
/// example HMAC-SHA-256 with 32 random bytes.
///
/// Tokens are sent to clients. With a code that can be forged, a client chooses its endpoint. All replicas of a gateway use the
/// same key; a new key ends all sessions (their tokens count as absent).
///
/// # Spec
///
/// BACKEND-SESSION-09, SAFE-RAND-01.
pub trait SessionSeal: Send + Sync {
    /// The code of a message.
    fn seal(&self, message: &[u8]) -> [u8; 32];
}

/// What is needed to recognise and to begin sessions.
#[derive(Clone, Copy)]
pub struct Sessions<'a> {
    /// The seal of tokens.
    pub seal: &'a dyn SessionSeal,
    /// The time, in milliseconds since 1970.
    pub now: u64,
    /// Whether an endpoint is still there; a token of one that is not is ignored (BACKEND-SESSION-05). Without an answer
    /// every endpoint is taken as there.
    pub alive: Option<&'a EndpointAlive<'a>>,
}

/// Tells whether a backend still has an endpoint: whether [`is`](BoundEndpoint::is) holds for the name of any that it has.
pub type EndpointAlive<'a> = dyn Fn(&Backend, &BoundEndpoint<'_>) -> bool + Send + Sync + 'a;

/// The endpoint that a token is bound to. The token does not give its name away, but can be asked whether it is this one.
///
/// # Cost
///
/// One seal for each name that it is asked about.
#[derive(Clone, Copy)]
pub struct BoundEndpoint<'a> {
    seal: &'a dyn SessionSeal,
    rule: u64,
    backend: u64,
    tag: EndpointTag,
}

impl BoundEndpoint<'_> {
    /// Whether it is the endpoint of this name, as it was given to [`StickySession::establish`].
    pub fn is(&self, endpoint: &str) -> bool {
        EndpointTag::new(self.seal, self.rule, self.backend, endpoint) == self.tag
    }
}

/// Stands for an endpoint in tokens, without giving its address away. Equal names of one rule have equal tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EndpointTag([u8; 8]);

impl EndpointTag {
    fn new(seal: &dyn SessionSeal, rule: u64, backend: u64, endpoint: &str) -> Self {
        let mut message = Vec::with_capacity(17 + endpoint.len());
        message.push(b'e');
        message.extend_from_slice(&rule.to_be_bytes());
        message.extend_from_slice(&backend.to_be_bytes());
        message.extend_from_slice(endpoint.as_bytes());
        let mut tag = [0; 8];
        for (to, from) in tag.iter_mut().zip(seal.seal(&message)) {
            *to = from;
        }
        EndpointTag(tag)
    }
}

/// The stickiness of a forwarded request.
#[derive(Clone, Debug)]
pub struct StickySession<'a> {
    /// The configuration: the rule's, or else that of the policy on the backend (BACKEND-SESSION-03/11).
    pub config: &'a Session,
    /// Name of the cookie or header.
    pub name: Cow<'a, str>,
    /// The endpoint that the session is bound to; `None` when a session begins.
    pub endpoint: Option<EndpointTag>,
    rule: u64,
    backend: u64,
    /// When the session began, if there is one.
    began: Option<u64>,
    /// Path of the cookie; `None` for a session by policy.
    path: Option<Cow<'a, str>>,
    secure: bool,
}

/// A header that carries a session to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionHeader {
    /// Its name: `set-cookie`, or that of the session.
    pub name: String,
    /// Its value. It is one more line: cookies of the application stay (BACKEND-SESSION-10).
    pub value: String,
}

/// A valid session that a request came with.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) index: usize,
    began: u64,
    endpoint: EndpointTag,
}

impl<'a> StickySession<'a> {
    /// The stickiness of a request that goes to the backend at `index`.
    pub(super) fn of(
        action: &'a Action,
        index: usize,
        matched: &'a Match<'_>,
        kept: Option<Kept>,
    ) -> Option<Self> {
        let backend = action.backends.get(index)?;
        let config = config_of(action, backend)?;
        let kept = kept.filter(|kept| kept.index == index);
        Some(StickySession {
            config,
            name: name_of(config, matched),
            endpoint: kept.as_ref().map(|kept| kept.endpoint),
            rule: rule_id(matched),
            backend: backend_id(&action.backends, index),
            began: kept.map(|kept| kept.began),
            path: action.session.is_some().then(|| cookie_path(matched)),
            secure: matched.scheme() == Scheme::Https,
        })
    }

    /// The tag of an endpoint of the chosen backend, to find the one that [`endpoint`](Self::endpoint) stands for.
    pub fn tag(&self, seal: &dyn SessionSeal, endpoint: &str) -> EndpointTag {
        EndpointTag::new(seal, self.rule, self.backend, endpoint)
    }

    /// The header that binds the client to the endpoint that served it. `None` when the client has what it needs: its session is
    /// of this endpoint, and no idle timeout asks for a fresh token.
    ///
    /// # Spec
    ///
    /// BACKEND-SESSION-04..09.
    pub fn establish(&self, sessions: &Sessions<'_>, endpoint: &str) -> Option<SessionHeader> {
        let tag = self.tag(sessions.seal, endpoint);
        let began = self.began.filter(|_| self.endpoint == Some(tag));
        if began.is_some() && limit(&self.config.idle_timeout).is_none() {
            return None;
        }
        let began = began.unwrap_or(sessions.now);
        let token = Token {
            rule: self.rule,
            backend: self.backend,
            endpoint: tag,
            began,
            used: sessions.now,
        };
        let token = token.seal(sessions.seal);
        Some(match self.config.kind {
            SessionKind::Header => SessionHeader {
                name: self.name.clone().into_owned(),
                value: token,
            },
            SessionKind::Cookie => SessionHeader {
                name: "set-cookie".to_owned(),
                value: self.cookie(&token, sessions.now.saturating_sub(began)),
            },
        })
    }

    /// The cookie of a session that is `age` milliseconds old (BACKEND-SESSION-06/07).
    fn cookie(&self, token: &str, age: u64) -> String {
        let mut cookie = format!("{}={token}", self.name);
        if let Some(path) = &self.path {
            cookie.push_str("; Path=");
            cookie.push_str(path);
        }
        if self.config.lifetime == SessionLifetime::Permanent
            && let Some(limit) = limit(&self.config.absolute_timeout)
        {
            let seconds = limit.saturating_sub(age).div_ceil(1000);
            cookie.push_str(&format!("; Max-Age={seconds}"));
        }
        cookie.push_str("; HttpOnly; SameSite=Strict");
        if self.secure {
            cookie.push_str("; Secure");
        }
        cookie
    }
}

/// Takes the cookies of all sessions of a rule out of what a backend gets, also of those that are not of this backend
/// (BACKEND-SESSION-10/11).
pub(super) fn strip<'a>(
    action: &'a Action,
    matched: &Match<'_>,
    request: &mut OutgoingRequest<'a>,
) {
    let backends = action.backends.iter();
    let configs = backends.filter_map(|backend| config_of(action, backend));
    for config in configs.filter(|config| config.kind == SessionKind::Cookie) {
        strip_cookie(&name_of(config, matched), request);
    }
}

fn strip_cookie(name: &str, request: &mut OutgoingRequest<'_>) {
    let is_own = |pair: &[u8]| cookie_value(pair, name).is_some();
    let has_own = request
        .values("cookie")
        .any(|line| line.split(|&byte| byte == b';').any(is_own));
    if !has_own {
        return;
    }
    let mut rest: Vec<u8> = Vec::new();
    for line in request.values("cookie") {
        for pair in line.split(|&byte| byte == b';') {
            let pair = super::cors::trimmed(pair);
            if !pair.is_empty() && !is_own(pair) {
                if !rest.is_empty() {
                    rest.extend_from_slice(b"; ");
                }
                rest.extend_from_slice(pair);
            }
        }
    }
    if rest.is_empty() {
        request.headers.remove("cookie");
    } else {
        request.headers.put("cookie", rest);
    }
}

/// Finds the valid session that a request came with, and the backend it is bound to.
///
/// # Spec
///
/// BACKEND-SESSION-02/05/08/09/11.
pub(super) fn find(
    action: &Action,
    matched: &Match<'_>,
    head: &RequestHead<'_>,
    options: &Options<'_>,
) -> Option<Kept> {
    let sessions = options.sessions.as_ref()?;
    action
        .backends
        .iter()
        .enumerate()
        .find_map(|(index, backend)| {
            let config = config_of(action, backend)?;
            if backend.fault.is_some() || !backend.ready {
                return None;
            }
            let name = name_of(config, matched);
            let (rule, id) = (rule_id(matched), backend_id(&action.backends, index));
            let valid = |text: &[u8]| {
                let token = Token::open(text, sessions.seal)?;
                let fits = token.rule == rule
                    && token.backend == id
                    && within(&config.absolute_timeout, token.began, sessions.now)
                    && within(&config.idle_timeout, token.used, sessions.now)
                    && sessions.alive.is_none_or(|alive| {
                        let bound = BoundEndpoint {
                            seal: sessions.seal,
                            rule,
                            backend: id,
                            tag: token.endpoint,
                        };
                        alive(backend, &bound)
                    });
                fits.then_some(Kept {
                    index,
                    began: token.began,
                    endpoint: token.endpoint,
                })
            };
            match config.kind {
                SessionKind::Cookie => head
                    .headers
                    .all("cookie")
                    .flat_map(|line| line.split(|&byte| byte == b';'))
                    .filter_map(|pair| cookie_value(pair, &name))
                    .find_map(valid),
                SessionKind::Header => head
                    .headers
                    .iter()
                    .filter(|(own, _)| own.eq_ignore_ascii_case(&name))
                    .find_map(|(_, value)| valid(super::cors::trimmed(value))),
            }
        })
}

/// The rule's own configuration, or that of the policy on a backend (BACKEND-SESSION-03/11).
fn config_of<'a>(action: &'a Action, backend: &'a Backend) -> Option<&'a Session> {
    action.session.as_ref().or(backend.session.as_deref())
}

/// The name of the cookie or header: the configured one, or one that follows from the rule (BACKEND-SESSION-08).
fn name_of<'a>(config: &'a Session, matched: &Match<'_>) -> Cow<'a, str> {
    match config.name.as_deref() {
        Some(name) if is_token(name.as_bytes()) => Cow::Borrowed(name),
        _ => Cow::Owned(format!("gateway-session-{:016x}", rule_id(matched))),
    }
}

/// What stands for a rule in names and tokens: its Route, and its name, if that is its alone, or else its place.
fn rule_id(matched: &Match<'_>) -> u64 {
    let route = matched.route();
    let mut hash = Fnv::new();
    hash.text(route.kind.as_str());
    hash.text(&route.name.namespace);
    hash.text(&route.name.name);
    // A name that several rules have tells none of them (ROUTE-NAME-03).
    match matched.rule_name().filter(|_| matched.has_own_name()) {
        Some(name) => hash.text(name),
        None => hash.bytes(&matched.rule_index().to_be_bytes()),
    }
    hash.0
}

/// What stands for a backend in tokens: what it names, and how often the same stands before it in the list.
fn backend_id(backends: &[Backend], index: usize) -> u64 {
    let mut hash = Fnv::new();
    if let Some(Backend { target, .. }) = backends.get(index) {
        hash.text(&target.group);
        hash.text(&target.kind);
        hash.text(&target.name.namespace);
        hash.text(&target.name.name);
        hash.bytes(&target.port.unwrap_or_default().to_be_bytes());
        let same = backends
            .iter()
            .take(index)
            .filter(|other| other.target == *target)
            .count();
        hash.bytes(&(same as u64).to_be_bytes());
    }
    hash.0
}

/// The hash of Fowler, Noll and Vo in its 1a form: stable over releases and platforms. Not for secrets.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// A text and its end, so that the border between two texts counts.
    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(&[0xff]);
    }
}

/// A limit in milliseconds; zero is none (BACKEND-SESSION-09).
fn limit(written: &Option<crate::vocab::Duration>) -> Option<u64> {
    written
        .as_ref()
        .map(|limit| limit.as_millis())
        .filter(|&limit| limit > 0)
}

fn within(written: &Option<crate::vocab::Duration>, from: u64, now: u64) -> bool {
    limit(written).is_none_or(|limit| now.saturating_sub(from) <= limit)
}

/// The value of a cookie pair if it has this name.
fn cookie_value<'p>(pair: &'p [u8], name: &str) -> Option<&'p [u8]> {
    super::cors::trimmed(pair)
        .strip_prefix(name.as_bytes())?
        .strip_prefix(b"=")
}

/// The path that a cookie is limited to (BACKEND-SESSION-07).
fn cookie_path<'a>(matched: &'a Match<'_>) -> Cow<'a, str> {
    let path = match (matched.prefix(), matched.regex()) {
        _ if matched.route().kind != RouteKind::Http => "/",
        (Some(""), _) => "/",
        (Some(prefix), _) => prefix,
        (None, Some(regex)) => return literal_directory(regex),
        (None, None) => matched.path(),
    };
    // A `;` would end the attribute: then the directory before it.
    let path = match path.split_once(';') {
        Some((before, _)) => before
            .rsplit_once('/')
            .map_or("/", |(directory, _)| directory),
        None => path,
    };
    Cow::Borrowed(if path.is_empty() { "/" } else { path })
}

/// The longest directory that every path of a regular expression lies in, as far as its literal beginning tells.
fn literal_directory(regex: &str) -> Cow<'_, str> {
    let text = regex
        .strip_prefix('^')
        .or_else(|| regex.strip_prefix(r"\A"))
        .unwrap_or(regex);
    let mut literal = String::new();
    // An alternative outside of all groups could begin otherwise.
    if !has_outer_alternative(text) {
        let mut chars = text.chars().peekable();
        while let Some(next) = chars.next() {
            let plain = match next {
                '\\' => match chars.next() {
                    Some(escaped) if escaped.is_ascii_punctuation() => escaped,
                    _ => break,
                },
                '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' => {
                    break;
                }
                other => other,
            };
            if matches!(chars.peek(), Some('*' | '?' | '{')) {
                break;
            }
            literal.push(plain);
        }
    }
    let directory = match literal.rsplit_once('/') {
        Some((directory, _)) if !directory.contains(';') => directory,
        _ => "",
    };
    match directory {
        "" => Cow::Borrowed("/"),
        directory => Cow::Owned(directory.to_owned()),
    }
}

fn has_outer_alternative(regex: &str) -> bool {
    let (mut depth, mut class, mut escaped) = (0usize, false, false);
    for next in regex.chars() {
        match next {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            _ if class => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

/// What a token says. On the wire: hexadecimal, 40 bytes of content and 16 of the seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Token {
    rule: u64,
    backend: u64,
    endpoint: EndpointTag,
    began: u64,
    used: u64,
}

/// Bytes of content in a token.
const CONTENT: usize = 40;
/// Bytes of the seal in a token.
const SEAL: usize = 16;

impl Token {
    fn content(&self) -> [u8; CONTENT] {
        let fields = [
            self.rule.to_be_bytes(),
            self.backend.to_be_bytes(),
            self.endpoint.0,
            self.began.to_be_bytes(),
            self.used.to_be_bytes(),
        ];
        let mut content = [0; CONTENT];
        for (to, from) in content.iter_mut().zip(fields.as_flattened()) {
            *to = *from;
        }
        content
    }

    fn seal(&self, seal: &dyn SessionSeal) -> String {
        let content = self.content();
        let mut text = String::with_capacity(2 * (CONTENT + SEAL));
        for byte in content
            .iter()
            .chain(seal_of(&content, seal).iter().take(SEAL))
        {
            text.push_str(&format!("{byte:02x}"));
        }
        text
    }

    /// Reads a token; `None` for everything that was not sealed with this key.
    fn open(text: &[u8], seal: &dyn SessionSeal) -> Option<Self> {
        if text.len() != 2 * (CONTENT + SEAL) {
            return None;
        }
        let mut bytes = [0u8; CONTENT + SEAL];
        for (byte, pair) in bytes.iter_mut().zip(text.as_chunks::<2>().0) {
            let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
            *byte = u8::try_from(high? * 16 + low?).ok()?;
        }
        let (content, found) = bytes.split_at_checked(CONTENT)?;
        // All bytes are compared, so that the time tells nothing.
        let differences = seal_of(content, seal)
            .iter()
            .zip(found)
            .fold(0, |sum, (own, other)| sum | (own ^ other));
        if differences != 0 {
            return None;
        }
        let mut fields = content.as_chunks::<8>().0.iter().copied();
        Some(Token {
            rule: u64::from_be_bytes(fields.next()?),
            backend: u64::from_be_bytes(fields.next()?),
            endpoint: EndpointTag(fields.next()?),
            began: u64::from_be_bytes(fields.next()?),
            used: u64::from_be_bytes(fields.next()?),
        })
    }
}

fn seal_of(content: &[u8], seal: &dyn SessionSeal) -> [u8; 32] {
    let mut message = Vec::with_capacity(1 + content.len());
    message.push(b't');
    message.extend_from_slice(content);
    seal.seal(&message)
}
