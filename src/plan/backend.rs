//! Backends and how they are reached.

use std::sync::Arc;

use super::{Filter, ObjectName, Session};
use crate::vocab::Duration;

/// One entry of a rule's list of backends.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Backend {
    /// What is meant.
    pub target: BackendTarget,
    /// Its share of the sum of all weights, invalid entries included; 0 gets nothing.
    pub weight: u32,
    /// Why nothing can be sent there; its share of requests gets 500, `UNAVAILABLE` or a reset (OUT-03).
    pub fault: Option<BackendFault>,
    /// Whether it has endpoints; without any its share gets 503 (OUT-06). True unless the caller knows better.
    pub ready: bool,
    /// Filters for requests that go here.
    pub filters: Vec<Filter>,
    /// What is spoken.
    pub protocol: BackendProtocol,
    /// TLS towards the backend (BackendTLSPolicy).
    pub tls: Option<Arc<BackendTls>>,
    /// Stickiness by policy on the backend; a rule's own replaces it.
    pub session: Option<Arc<Session>>,
    /// Limit on retries by policy on the backend.
    pub retry_budget: Option<RetryBudget>,
}

impl Backend {
    /// A valid, ready Service port with weight 1, spoken to in HTTP/1.1.
    pub fn service(namespace: impl Into<Box<str>>, name: impl Into<Box<str>>, port: u16) -> Self {
        Backend {
            target: BackendTarget {
                group: "".into(),
                kind: "Service".into(),
                name: ObjectName::new(namespace, name),
                port: Some(port),
            },
            weight: 1,
            fault: None,
            ready: true,
            filters: Vec::new(),
            protocol: BackendProtocol::Http1,
            tls: None,
            session: None,
            retry_budget: None,
        }
    }

    /// The same with another weight.
    pub fn with_weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// The same as an invalid entry.
    pub fn with_fault(mut self, fault: BackendFault) -> Self {
        self.fault = Some(fault);
        self
    }
}

/// What a backendRef names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BackendTarget {
    /// API group; empty for core.
    pub group: Box<str>,
    /// Kind.
    pub kind: Box<str>,
    /// Namespace and name.
    pub name: ObjectName,
    /// Port of the Service, not of its endpoints.
    pub port: Option<u16>,
}

/// Why nothing can be sent to a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum BackendFault {
    /// No ReferenceGrant allows the reference.
    RefNotPermitted,
    /// Unknown or unsupported kind.
    InvalidKind,
    /// No such object, or no such port.
    NotFound,
    /// The port speaks nothing that the Route could.
    UnsupportedProtocol,
    /// The reference itself is malformed, for example without port.
    UnsupportedValue,
    /// A BackendTLSPolicy applies that cannot be met (BTLS-17/18).
    InvalidBackendTlsPolicy,
}

/// What is spoken to a backend (BACKEND-PROTO-01..04).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum BackendProtocol {
    /// HTTP/1.1, upgrades allowed.
    Http1,
    /// HTTP/2: prior knowledge in cleartext, by ALPN over TLS.
    Http2,
    /// HTTP/1.1 meant for WebSocket upgrades.
    WebSocket,
    /// Bytes as they come.
    Stream,
}

/// TLS towards a backend (BTLS-08..13, GW-BCC-01).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BackendTls {
    /// Server name sent; also the name to authenticate when `subject_alt_names` is empty.
    pub hostname: Box<str>,
    /// Names of which one must be in the certificate.
    pub subject_alt_names: Vec<SubjectAltName>,
    /// What is trusted.
    pub trust: TrustAnchors,
}

/// A name that a backend's certificate may carry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SubjectAltName {
    /// A DNS name, possibly a wildcard of one label (BTLS-09).
    Hostname(Box<str>),
    /// A URI, for example a SPIFFE id.
    Uri(Box<str>),
}

/// Which authorities are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum TrustAnchors {
    /// The `ca.crt` of these objects, ConfigMaps unless the kind says otherwise; only usable ones.
    References(Vec<BackendTarget>),
    /// Those of the system.
    System,
}

/// Limit on retries towards a backend (BACKEND-BUDGET-01..03).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RetryBudget {
    /// Percent of the requests in `interval` that may be retries.
    pub percent: u32,
    /// The window that requests are counted in.
    pub interval: Duration,
    /// Retries that are always allowed per `min_interval`.
    pub min_retries: u32,
    /// The window of `min_retries`.
    pub min_interval: Duration,
}
