//! BackendTLSPolicy: TLS from Gateway to backend.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    LocalObjectReference, ObjectMeta, Open, PolicyStatus, PolicyTargetReference, open_enum,
};
use crate::vocab::Hostname;

/// Demands TLS towards Services, and says how they prove who they are.
///
/// # Spec
///
/// BTLS-01..27. Versions v1, v1alpha3.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendTlsPolicy {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// What is asked for.
    pub spec: BackendTlsPolicySpec,
    /// What controllers found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<PolicyStatus>,
}

/// What a BackendTLSPolicy asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendTlsPolicySpec {
    /// The Services, 1 to 16.
    pub target_refs: Vec<PolicyTargetReference>,
    /// How they prove who they are.
    pub validation: BackendTlsValidation,
    /// Settings that the controller understands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<BTreeMap<String, String>>,
}

/// How a backend proves who it is. Exactly one of the two sources of CAs is to be given (BTLS-10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendTlsValidation {
    /// The CAs that are trusted, at most 8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_certificate_refs: Option<Vec<LocalObjectReference>>,
    /// A set of CAs by name.
    #[serde(rename = "wellKnownCACertificates")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub well_known_ca_certificates: Option<WellKnownCaCertificates>,
    /// The name that the backend is asked for, and proves unless `subject_alt_names` lists others (BTLS-08).
    pub hostname: Open<Hostname>,
    /// Names of which it must prove one, at most 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_alt_names: Option<Vec<SubjectAltName>>,
}

open_enum! {
    /// A set of CAs by name (BTLS-11).
    pub enum WellKnownCaCertificates {
        /// Those of the system.
        System = "System",
        ..
        /// Any other word, domain-prefixed ones among them.
        Unknown,
    }
}

/// A name in a certificate. `type` says which of the other fields counts (BTLS-09).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectAltName {
    /// Which sort of name.
    #[serde(rename = "type")]
    pub type_: SubjectAltNameType,
    /// A DNS name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<Open<Hostname>>,
    /// A URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
}

open_enum! {
    /// Which sort of name in a certificate.
    pub enum SubjectAltNameType {
        /// A DNS name.
        Hostname = "Hostname",
        /// A URI.
        Uri = "URI",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}
