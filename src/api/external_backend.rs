//! XBackend: a destination outside of the cluster.

use serde::{Deserialize, Serialize};

use super::{
    BackendTlsValidation, Condition, ObjectMeta, Open, ParentReference, SecretObjectReference,
    open_enum,
};
use crate::vocab::Hostname;

/// A destination that is no Service: a host outside of the cluster; `XBackend` on the wire.
///
/// # Spec
///
/// BE-18. Version v1alpha1 of `gateway.networking.x-k8s.io`, v1.6 experimental.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalBackend {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// What is asked for.
    pub spec: ExternalBackendSpec,
    /// What controllers found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ExternalBackendStatus>,
}

/// What an XBackend describes. `type` says which of the destinations counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalBackendSpec {
    /// Which sort of destination.
    #[serde(rename = "type")]
    pub type_: ExternalBackendType,
    /// A host outside of the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_hostname: Option<ExternalHostname>,
    /// The port.
    pub port: ExternalBackendPort,
    /// What it speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<ExternalBackendProtocol>,
    /// How TLS is used towards it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<ExternalBackendTls>,
}

open_enum! {
    /// Which sort of destination.
    pub enum ExternalBackendType {
        /// A host outside of the cluster.
        ExternalHostname = "ExternalHostname",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

/// A host outside of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalHostname {
    /// Its name.
    pub hostname: Open<Hostname>,
}

/// The port of a destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalBackendPort {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The number, 1 to 65535.
    pub port: i32,
}

open_enum! {
    /// What a destination speaks.
    pub enum ExternalBackendProtocol {
        /// HTTP of any version.
        Http = "HTTP",
        /// HTTP/1.1.
        Http11 = "HTTP11",
        /// HTTP/2.
        Http2 = "HTTP2",
        /// HTTP/2 in clear text.
        H2c = "H2C",
        /// TCP.
        Tcp = "TCP",
        /// The Model Context Protocol.
        Mcp = "MCP",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

/// How TLS is used towards a destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalBackendTls {
    /// Who proves itself.
    pub mode: ExternalBackendTlsMode,
    /// How the destination proves who it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<BackendTlsValidation>,
    /// What we prove ourselves with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate_ref: Option<SecretObjectReference>,
}

open_enum! {
    /// Who proves itself in TLS.
    pub enum ExternalBackendTlsMode {
        /// No TLS.
        None = "None",
        /// The destination.
        ServerOnly = "ServerOnly",
        /// Both sides.
        ClientAndServer = "ClientAndServer",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

/// What controllers found about an XBackend, parent by parent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalBackendStatus {
    /// One entry for each parent and controller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parents: Option<Vec<ExternalBackendParentStatus>>,
}

/// What one controller found about an XBackend at one parent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalBackendParentStatus {
    /// The parent.
    pub parent_ref: ParentReference,
    /// The controller that wrote the entry.
    pub controller_name: String,
    /// What it found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<Condition>>,
}
