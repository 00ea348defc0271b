//! Facts about the data plane, as an argument.

use std::fmt;

use crate::plan::ObjectName;

/// What a data plane can do for Gateways. Every method has the answer of an ideal data plane (GW-STAT-06): each port can
/// be bound, wanted addresses are had, one is assigned where none is wanted.
///
/// Answers must not change while a snapshot is resolved.
pub trait DataPlane: fmt::Debug + Send + Sync {
    /// Whether the Gateway can listen on the port (GW-LSTN-10).
    fn can_bind(&self, gateway: &ObjectName, port: u16) -> bool {
        let _ = (gateway, port);
        true
    }

    /// What becomes of an address that the Gateway wants (GW-ADDR-02..04). `value` is `None` for an entry that asks for any
    /// address of the type.
    fn address(&self, gateway: &ObjectName, kind: AddressKind, value: Option<&str>) -> AddressFact {
        let _ = gateway;
        AddressFact::Usable(match (value, kind) {
            (Some(value), _) => value.to_owned(),
            (None, AddressKind::IpAddress) => IDEAL_ADDRESS.to_owned(),
            (None, AddressKind::Hostname) => IDEAL_HOSTNAME.to_owned(),
        })
    }

    /// The addresses of a Gateway that wants none in particular; none means that they are not assigned yet (GW-ADDR-05).
    fn assigned(&self, gateway: &ObjectName) -> Vec<(AddressKind, String)> {
        let _ = gateway;
        vec![(AddressKind::IpAddress, IDEAL_ADDRESS.to_owned())]
    }

    /// Whether clients can speak HTTP/2 without TLS and without upgrade; GRPCRoutes on `HTTP` need it (GW-LSTN-11).
    fn speaks_h2c(&self) -> bool {
        true
    }

    /// Whether clients can choose HTTP/2 in the TLS handshake; GRPCRoutes on `HTTPS` need it (GW-LSTN-11).
    fn speaks_h2(&self) -> bool {
        true
    }

    /// Most listeners that one Gateway with its ListenerSets may have (GW-LSET-21).
    fn listener_limit(&self) -> usize {
        usize::MAX
    }
}

/// The address of a Gateway that nobody said anything about; from a range reserved for documentation.
const IDEAL_ADDRESS: &str = "192.0.2.1";
/// The same as a name.
const IDEAL_HOSTNAME: &str = "gateway.invalid";

/// The data plane of a resolver that was told nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdealDataPlane;

impl DataPlane for IdealDataPlane {}

/// The types of address that are supported (GW-ADDR-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressKind {
    /// `IPAddress`.
    IpAddress,
    /// `Hostname`.
    Hostname,
}

impl AddressKind {
    /// The type as objects write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            AddressKind::IpAddress => "IPAddress",
            AddressKind::Hostname => "Hostname",
        }
    }
}

/// What becomes of a wanted address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressFact {
    /// It is had, with this value.
    Usable(String),
    /// It cannot be had: unknown, in use, wrong.
    NotUsable,
    /// It will be assigned, but is not yet.
    NotAssigned,
}
