//! TLS settings of a Gateway as a whole: towards backends, and what clients must show.

use serde::{Deserialize, Serialize};

use super::{ObjectReference, SecretObjectReference, open_enum};

/// TLS on both sides of a Gateway.
///
/// # Spec
///
/// GW-ANN-01, GW-FTLS-01..12.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayTls {
    /// Towards backends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<GatewayBackendTls>,
    /// Towards clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontend: Option<FrontendTls>,
}

/// What a Gateway shows to backends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayBackendTls {
    /// The certificate and key that it proves itself with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate_ref: Option<SecretObjectReference>,
}

/// What clients must show, for all ports and for some.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrontendTls {
    /// For every port without an entry of its own.
    pub default: TlsConfig,
    /// For single ports, in place of the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_port: Option<Vec<TlsPortConfig>>,
}

/// What clients must show on one port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsPortConfig {
    /// The port, 1 to 65535.
    pub port: i32,
    /// What holds there.
    pub tls: TlsConfig,
}

/// What clients must show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsConfig {
    /// How their certificates are checked; absent: they need none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<FrontendTlsValidation>,
}

/// How certificates of clients are checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrontendTlsValidation {
    /// The CAs that are trusted.
    pub ca_certificate_refs: Vec<ObjectReference>,
    /// What happens to clients without a valid certificate; see [`mode`](Self::mode).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<FrontendValidationMode>,
}

impl FrontendTlsValidation {
    /// The mode, `AllowValidOnly` when unset (GW-FTLS-11).
    pub fn mode(&self) -> &FrontendValidationMode {
        self.mode
            .as_ref()
            .unwrap_or(&FrontendValidationMode::AllowValidOnly)
    }
}

open_enum! {
    /// What happens to clients without a valid certificate.
    pub enum FrontendValidationMode {
        /// The handshake fails.
        AllowValidOnly = "AllowValidOnly",
        /// They are let in.
        AllowInsecureFallback = "AllowInsecureFallback",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}
