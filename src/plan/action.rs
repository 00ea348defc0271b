//! What happens to a request that a rule matched.

use super::{Backend, Filter};
use crate::vocab::Duration;

/// What happens to a request that a rule matched: filters in list order, then one of the backends.
///
/// An action without backends and without a filter that answers itself is an error of 500 (OUT-04).
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Action {
    /// Set when the rule stays in place only to refuse its requests (EVAL-04). References that could not be resolved are
    /// told by the filters and backends that hold them, not here.
    pub fault: Option<Fault>,
    /// Filters of the rule, in list order.
    pub filters: Vec<Filter>,
    /// Backends with their shares, in list order; invalid ones keep their place and share (OUT-03).
    pub backends: Vec<Backend>,
    /// Time limits.
    pub timeouts: Timeouts,
    /// When a failed try is repeated; `None` never.
    pub retry: Option<Retry>,
    /// Stickiness of the rule's own (`sessionPersistence` of the rule); it replaces that of the backends
    /// (BACKEND-SESSION-03).
    pub session: Option<Session>,
}

impl Action {
    /// Forwards to these backends.
    pub fn forward(backends: impl IntoIterator<Item = Backend>) -> Self {
        Action {
            backends: backends.into_iter().collect(),
            ..Action::default()
        }
    }

    /// The same with these filters.
    pub fn with_filters(mut self, filters: impl IntoIterator<Item = Filter>) -> Self {
        self.filters = filters.into_iter().collect();
        self
    }
}

/// Why a rule refuses all its requests with 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Fault {
    /// It holds an ExternalAuth filter that is not supported where it stands or not usable (EVAL-04, FILTER-GEN-08).
    ExternalAuth,
    /// It holds an ExtensionRef that is not resolved (FILTER-EXT-02).
    ExtensionRef,
}

/// Time limits of a rule, as written; zero disables (BACKEND-TIMEOUT-03), `None` leaves it to the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Timeouts {
    /// For the whole exchange with the client, retries included.
    pub request: Option<Duration>,
    /// For one try towards a backend.
    pub backend_request: Option<Duration>,
}

/// When a failed try is repeated (BACKEND-RETRY-01..08).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Retry {
    /// Response codes that are retried, beside connection errors and timeouts.
    pub codes: Vec<u16>,
    /// Further tries after the first; 1 when the object does not say (BACKEND-RETRY-05).
    pub attempts: u32,
    /// Shortest wait before each further try; `None` is 25 ms (BACKEND-RETRY-06).
    pub backoff: Option<Duration>,
}

/// Stickiness: later requests of a session go where its first one went (BACKEND-SESSION-01..11).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Session {
    /// Name of the cookie or header; `None` asks the data plane to derive one.
    pub name: Option<Box<str>>,
    /// How the session travels.
    pub kind: SessionKind,
    /// Longest life of a session; zero and `None` are no limit.
    pub absolute_timeout: Option<Duration>,
    /// Longest pause between two requests; `None` is no limit. Gone from v1.6 on.
    pub idle_timeout: Option<Duration>,
    /// How long the cookie lives in the client.
    pub lifetime: SessionLifetime,
}

/// How a session travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SessionKind {
    /// In a cookie.
    #[default]
    Cookie,
    /// In a header of the same name on request and response.
    Header,
}

/// How long a session cookie lives in the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SessionLifetime {
    /// Until the client ends its own session: neither `Expires` nor `Max-Age`.
    #[default]
    Session,
    /// For [`Session::absolute_timeout`].
    Permanent,
}
