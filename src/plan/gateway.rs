//! Gateways and their listeners.

use std::fmt;
use std::sync::Arc;

use super::{Attachment, Attachments, Frontend, Route, RouteKind};
use crate::vocab::Hostname;

/// Everything that the objects of one controller ask a data plane to do.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Plan {
    /// The Gateways, ordered by namespace and name.
    pub gateways: Vec<Gateway>,
    /// The Services that mesh Routes are attached to, ordered by namespace, name and port.
    pub frontends: Vec<Frontend>,
}

impl Plan {
    /// A plan of these Gateways and no mesh.
    pub fn of(gateways: impl IntoIterator<Item = Gateway>) -> Self {
        Plan {
            gateways: gateways.into_iter().collect(),
            frontends: Vec::new(),
        }
    }

    /// Every Route, on listeners and then in the mesh, as often as it is attached.
    pub fn routes(&self) -> impl Iterator<Item = &Arc<Route>> {
        let listeners = self.gateways.iter().flat_map(|gateway| &gateway.listeners);
        let attached = listeners.flat_map(|listener| &listener.routes);
        let groups = self.frontends.iter().flat_map(Frontend::groups);
        let meshed = groups.flat_map(|(_, group)| group.routes.iter().chain(&group.udp));
        attached.map(|own| &own.route).chain(meshed)
    }
}

/// A namespace and a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ObjectName {
    /// The namespace.
    pub namespace: Box<str>,
    /// The name.
    pub name: Box<str>,
}

impl ObjectName {
    /// A name from its parts.
    pub fn new(namespace: impl Into<Box<str>>, name: impl Into<Box<str>>) -> Self {
        ObjectName {
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// One Gateway with the listeners that take traffic: its own and those of its ListenerSets.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Gateway {
    /// The object.
    pub name: ObjectName,
    /// Exactly the listeners with `Programmed=True` (LISTEN-SEL-06): own ones in list order, then those of the sets in
    /// merge order (GW-LSET-08).
    pub listeners: Vec<Listener>,
    /// The Secret presented to backends that speak TLS (GW-BCC-01), if there is a usable one.
    pub client_certificate: Option<ObjectName>,
}

impl Gateway {
    /// A Gateway without a client certificate.
    pub fn new(
        namespace: impl Into<Box<str>>,
        name: impl Into<Box<str>>,
        listeners: impl IntoIterator<Item = Listener>,
    ) -> Self {
        Gateway {
            name: ObjectName::new(namespace, name),
            listeners: listeners.into_iter().collect(),
            client_certificate: None,
        }
    }
}

/// A listener and what is attached to it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Listener {
    /// What the listener is.
    pub head: Arc<ListenerHead>,
    /// The Routes attached to it. Their order plays no role: precedence comes from their content.
    pub routes: Attachments,
}

impl Listener {
    /// A listener from its parts.
    pub fn new(head: ListenerHead, routes: impl IntoIterator<Item = Attachment>) -> Self {
        Listener {
            head: Arc::new(head),
            routes: routes.into_iter().collect(),
        }
    }
}

/// What a listener is, without its Routes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ListenerHead {
    /// The Gateway that the listener belongs to, by itself or through a ListenerSet.
    pub gateway: ObjectName,
    /// The ListenerSet whose entry it is; `None` for a listener of the Gateway itself.
    pub set: Option<ObjectName>,
    /// Its name, unique inside the Gateway or the set.
    pub name: Box<str>,
    /// The port.
    pub port: u16,
    /// What it speaks.
    pub protocol: Protocol,
    /// The hostname; `None` takes every host. Ignored for TCP and UDP.
    pub hostname: Option<Hostname>,
    /// Secrets with usable certificates, in list order; empty unless TLS ends here.
    pub certificates: Vec<ObjectName>,
    /// How clients must identify themselves (GW-FTLS-01); `None` asks for no client certificate.
    pub client_validation: Option<ClientValidation>,
    /// Kinds of Route that may attach, in `supportedKinds` order.
    pub kinds: Vec<RouteKind>,
}

impl ListenerHead {
    /// A cleartext HTTP listener for every host.
    pub fn http(
        namespace: impl Into<Box<str>>,
        gateway: impl Into<Box<str>>,
        name: impl Into<Box<str>>,
        port: u16,
    ) -> Self {
        ListenerHead {
            gateway: ObjectName::new(namespace, gateway),
            set: None,
            name: name.into(),
            port,
            protocol: Protocol::Http,
            hostname: None,
            certificates: Vec::new(),
            client_validation: None,
            kinds: vec![RouteKind::Http, RouteKind::Grpc],
        }
    }

    /// The same listener with another protocol; the kinds become the protocol's usual ones.
    pub fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.kinds = match protocol {
            Protocol::Http | Protocol::Https => vec![RouteKind::Http, RouteKind::Grpc],
            Protocol::Tls(_) => vec![RouteKind::Tls],
            Protocol::Tcp => vec![RouteKind::Tcp],
            Protocol::Udp => vec![RouteKind::Udp],
        };
        self.protocol = protocol;
        self
    }

    /// The same listener for one hostname.
    pub fn with_hostname(mut self, hostname: Hostname) -> Self {
        self.hostname = Some(hostname);
        self
    }
}

/// What a listener speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Protocol {
    /// Cleartext HTTP.
    Http,
    /// HTTP over TLS that ends here.
    Https,
    /// TLS, selected by server name.
    Tls(TlsMode),
    /// Any TCP stream.
    Tcp,
    /// UDP datagrams.
    Udp,
}

/// Where TLS ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum TlsMode {
    /// At the Gateway; the backend gets the plain stream.
    Terminate,
    /// At the backend; bytes pass unchanged.
    Passthrough,
}

/// How clients of an HTTPS listener must identify themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ClientValidation {
    /// What happens to a client without a valid certificate.
    pub mode: ClientValidationMode,
    /// The ConfigMaps (or other objects) whose `ca.crt` is trusted; only usable ones.
    pub authorities: Vec<ObjectName>,
}

/// What happens to a client without a valid certificate (GW-FTLS-05).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ClientValidationMode {
    /// The handshake fails.
    AllowValidOnly,
    /// The connection is tolerated; the backend decides.
    AllowInsecureFallback,
}
