//! Connections, and what a router says to them.

use std::fmt;

use super::find::Listener;
use super::matched::RouteId;
use crate::plan::{Action, ListenerHead, TlsMode};
use crate::vocab::Hostname;

/// A connection as it arrives, or for UDP a flow of datagrams.
#[derive(Clone, Copy, Debug)]
pub struct Connection<'a> {
    /// What it was made to.
    pub target: Target<'a>,
    /// The local port that received it (LISTEN-SEL-01); in a mesh the Service port that the client addressed.
    pub port: u16,
    /// What the client is said to speak (LISTEN-SEL-13).
    pub protocol: ConnectionProtocol,
    /// The server name of the TLS handshake, as received; `None` without TLS or without a name.
    pub sni: Option<&'a [u8]>,
}

/// What a connection was made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// The one Gateway of the plan; refused when there are several.
    Only,
    /// A Gateway.
    Gateway {
        /// Its namespace.
        namespace: &'a str,
        /// Its name.
        name: &'a str,
    },
    /// A Service of the mesh (MESH-RT-01/02).
    Service {
        /// Its namespace.
        namespace: &'a str,
        /// Its name.
        name: &'a str,
        /// Where the client lives (MESH-RT-06).
        client_namespace: &'a str,
    },
}

/// What a client is said to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionProtocol {
    /// Cleartext HTTP of any version.
    Http,
    /// HTTP over TLS.
    Https,
    /// Something else over TLS.
    Tls,
    /// A TCP stream.
    Tcp,
    /// UDP datagrams.
    Udp,
}

/// What a router says to a connection.
#[derive(Clone, Debug)]
pub enum Accepted<'r> {
    /// HTTP: ask for each request.
    Http(Listener<'r>),
    /// TLS, TCP or UDP: the Route that takes it.
    Stream(StreamMatch<'r>),
    /// A Service port without Routes in force: its traffic flows unchanged (MESH-RT-05).
    PassThrough,
    /// The connection is reset, the handshake refused or the datagram dropped.
    Refused(Refusal),
}

/// Why a connection is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// No Gateway of this name; or none was named and there is not exactly one.
    UnknownGateway,
    /// Nothing listens on the port.
    NoListener,
    /// What listens on the port speaks something else (LISTEN-SEL-13).
    WrongProtocol,
    /// No listener takes the server name, or none was sent (LISTEN-SEL-07/08).
    UnknownServerName,
    /// No Route of the listener takes the connection (L4-TLS-01, L4-TCP-04).
    NoRoute,
    /// The Route has no rule that can be served (L4-TCP-04).
    NoRule,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::UnknownGateway => "no such gateway",
            Refusal::NoListener => "nothing listens on the port",
            Refusal::WrongProtocol => "what listens on the port speaks another protocol",
            Refusal::UnknownServerName => "no listener takes the server name",
            Refusal::NoRoute => "no route of the listener takes the connection",
            Refusal::NoRule => "the route has no rule that can be served",
        })
    }
}

impl std::error::Error for Refusal {}

/// The Route that takes a TLS, TCP or UDP connection. The backend is chosen by its weights later.
///
/// # Spec
///
/// L4-TLS-01..08, L4-TCP-01..04, L4-UDP-01..03.
#[derive(Clone, Copy, Debug)]
pub struct StreamMatch<'r> {
    pub(super) listener: Option<&'r ListenerHead>,
    pub(super) port: u16,
    pub(super) route: RouteId<'r>,
    pub(super) hostname: Option<&'r Hostname>,
    pub(super) rule_index: u32,
    pub(super) rule_name: Option<&'r str>,
    pub(super) action: &'r Action,
}

impl<'r> StreamMatch<'r> {
    /// The listener; `None` in a mesh.
    pub fn listener(&self) -> Option<&'r ListenerHead> {
        self.listener
    }

    /// The port that the client connected to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where TLS ends; `None` for TCP and UDP, and in a mesh.
    pub fn tls_mode(&self) -> Option<TlsMode> {
        match self.listener?.protocol {
            crate::plan::Protocol::Tls(mode) => Some(mode),
            _ => None,
        }
    }

    /// The Route.
    pub fn route(&self) -> RouteId<'r> {
        self.route
    }

    /// The hostname of a TLSRoute that the server name fell under, as written there.
    pub fn hostname(&self) -> Option<&'r Hostname> {
        self.hostname
    }

    /// Place of the rule in the Route: the first one that can be served (L4-TLS-04, L4-TCP-02).
    pub fn rule_index(&self) -> u32 {
        self.rule_index
    }

    /// Name of the rule.
    pub fn rule_name(&self) -> Option<&'r str> {
        self.rule_name
    }

    /// What happens now.
    pub fn action(&self) -> &'r Action {
        self.action
    }
}
