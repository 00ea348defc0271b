//! Listeners: of Gateways, and those that ListenerSets add.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Condition, GATEWAY_GROUP, LabelSelector, Open, SecretObjectReference, open_enum};
use crate::vocab::{Hostname, SectionName};

/// One place where traffic enters: a port, a protocol, perhaps a hostname.
///
/// # Spec
///
/// GW-LSTN-01..17; in a ListenerSet also GW-LSET-22.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listener {
    /// The name, unique in its object.
    pub name: Open<SectionName>,
    /// The hostname that it serves; absent: all. Ignored for TCP and UDP (GW-LSTN-03).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<Open<Hostname>>,
    /// The port, 1 to 65535. Required but for ListenerSets of v1.4, where absence or 0 asks for any (GW-LSET-22).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// The protocol.
    pub protocol: ProtocolType,
    /// How TLS is handled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<ListenerTls>,
    /// Which Routes may attach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_routes: Option<AllowedRoutes>,
}

impl Listener {
    /// The port if it lies between 1 and 65535.
    pub fn port(&self) -> Option<u16> {
        self.port
            .and_then(|port| u16::try_from(port).ok())
            .filter(|port| *port > 0)
    }

    /// The text of the hostname; an empty one counts as absent (GW-LSTN-03).
    pub fn hostname(&self) -> Option<&str> {
        self.hostname
            .as_ref()
            .map(Open::as_str)
            .filter(|text| !text.is_empty())
    }
}

open_enum! {
    /// What a listener speaks (GW-LSTN-01).
    pub enum ProtocolType {
        /// HTTP in clear text.
        Http = "HTTP",
        /// HTTP over TLS.
        Https = "HTTPS",
        /// TLS of anything.
        Tls = "TLS",
        /// TCP.
        Tcp = "TCP",
        /// UDP.
        Udp = "UDP",
        ..
        /// Any other word, domain-prefixed ones among them.
        Unknown,
    }
}

/// How a listener handles TLS.
///
/// # Spec
///
/// GW-LSTN-04..08, GW-CERT-01..09.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerTls {
    /// Who ends the TLS session; see [`mode`](Self::mode).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<TlsModeType>,
    /// Certificates with their keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_refs: Option<Vec<SecretObjectReference>>,
    /// Settings that the controller understands (GW-CERT-09).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<BTreeMap<String, String>>,
}

impl ListenerTls {
    /// The mode, `Terminate` when unset (GW-LSTN-04).
    pub fn mode(&self) -> &TlsModeType {
        self.mode.as_ref().unwrap_or(&TlsModeType::Terminate)
    }
}

open_enum! {
    /// Who ends a TLS session.
    pub enum TlsModeType {
        /// The Gateway.
        Terminate = "Terminate",
        /// The backend.
        Passthrough = "Passthrough",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

/// Which Routes may attach to a listener.
///
/// # Spec
///
/// GW-KINDS-01..08, GW-NS-01..04.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AllowedRoutes {
    /// By their namespaces; absent: those of the listener's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespaces: Option<ListenerNamespaces>,
    /// By their kinds; absent or empty: all that fit the protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<RouteGroupKind>>,
}

impl AllowedRoutes {
    /// Which namespaces, `Same` when unset (GW-NS-01).
    pub fn from(&self) -> &FromNamespaces {
        match &self.namespaces {
            Some(ListenerNamespaces {
                from: Some(from), ..
            }) => from,
            _ => &FromNamespaces::Same,
        }
    }

    /// The selector over namespaces, if there is one.
    pub fn selector(&self) -> Option<&LabelSelector> {
        self.namespaces.as_ref()?.selector.as_ref()
    }
}

/// Namespaces that Routes or ListenerSets may come from. What an absent `from` means differs: see
/// [`AllowedRoutes::from`] and GW-LSET-01.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerNamespaces {
    /// Which of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<FromNamespaces>,
    /// Those whose labels match, with `Selector`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<LabelSelector>,
}

open_enum! {
    /// Which namespaces.
    pub enum FromNamespaces {
        /// Every one.
        All = "All",
        /// Those that a selector chooses.
        Selector = "Selector",
        /// That of the object itself.
        Same = "Same",
        /// None; for ListenerSets only (GW-LSET-01).
        None = "None",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

/// A kind of Route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteGroupKind {
    /// API group; see [`group`](Self::group).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Kind.
    pub kind: String,
}

impl RouteGroupKind {
    /// The API group, that of Gateway API when unset (GW-KINDS-01).
    pub fn group(&self) -> &str {
        self.group.as_deref().unwrap_or(GATEWAY_GROUP)
    }
}

/// What the controller found about a listener.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerStatus {
    /// The name of the listener.
    pub name: Open<SectionName>,
    /// The port in use; in ListenerSets of v1.4 only (GW-LSET-23).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// The kinds of Routes that may attach (GW-KINDS-08).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported_kinds: Option<Vec<RouteGroupKind>>,
    /// How many Routes are attached (GW-COUNT-01..06).
    pub attached_routes: i32,
    /// `Accepted`, `ResolvedRefs`, `Programmed` and so on.
    pub conditions: Vec<Condition>,
}
