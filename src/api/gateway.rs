//! Gateway: where traffic enters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Condition, DefaultScope, GatewayTls, Listener, ListenerNamespaces, ListenerStatus,
    LocalObjectReference, ObjectMeta, open_enum,
};

/// Listeners on common addresses, run by the controller of a GatewayClass.
///
/// # Spec
///
/// GW-LSTN-01..17, GW-COND-01..15, GW-ADDR-01..06, GW-INFRA-01..03. Versions v1, v1beta1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gateway {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// What is asked for.
    pub spec: GatewaySpec,
    /// What the controller found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<GatewayStatus>,
}

/// What a Gateway asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewaySpec {
    /// The GatewayClass.
    pub gateway_class_name: String,
    /// The listeners, 1 to 64.
    pub listeners: Vec<Listener>,
    /// Addresses that are asked for; none lets the controller choose (GW-ADDR-05).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Vec<GatewayAddress>>,
    /// What the objects made for the Gateway look like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infrastructure: Option<GatewayInfrastructure>,
    /// Which ListenerSets may add listeners (GW-LSET-01).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_listeners: Option<AllowedListeners>,
    /// TLS settings of the Gateway as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<GatewayTls>,
    /// Whether Routes that name no parent may come here (GW-DEF-01).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_scope: Option<DefaultScope>,
}

/// An address that a Gateway asks for or has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayAddress {
    /// The type; see [`type_`](Self::type_).
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_: Option<AddressType>,
    /// The address; absent in a spec asks for any of the type (GW-ADDR-04).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl GatewayAddress {
    /// The type, `IPAddress` when unset (GW-ADDR-01).
    pub fn type_(&self) -> &AddressType {
        self.type_.as_ref().unwrap_or(&AddressType::IpAddress)
    }
}

open_enum! {
    /// What an address of a Gateway is (GW-ADDR-01).
    pub enum AddressType {
        /// An IPv4 or IPv6 address.
        IpAddress = "IPAddress",
        /// A DNS name.
        Hostname = "Hostname",
        /// A name that the controller understands; deprecated upstream.
        NamedAddress = "NamedAddress",
        ..
        /// Any other word, domain-prefixed ones among them.
        Unknown,
    }
}

/// What the objects made for a Gateway look like (GW-INFRA-01..03).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayInfrastructure {
    /// Labels for each of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// Annotations for each of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
    /// Where the controller finds more settings, in the Gateway's namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters_ref: Option<LocalObjectReference>,
}

/// Which ListenerSets may add listeners to a Gateway.
///
/// # Spec
///
/// GW-LSET-01, GW-LSET-02: by default none may.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AllowedListeners {
    /// By their namespaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespaces: Option<ListenerNamespaces>,
}

/// What the controller found about a Gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayStatus {
    /// Addresses in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Vec<GatewayAddress>>,
    /// `Accepted`, `Programmed` and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<Condition>>,
    /// One entry for each listener of the spec.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listeners: Option<Vec<ListenerStatus>>,
    /// How many ListenerSets are attached, since v1.5 (GW-LSET-26).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attached_listener_sets: Option<i32>,
}
