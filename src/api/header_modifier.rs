//! Edits of headers, for HTTP and gRPC.

use serde::{Deserialize, Serialize};

/// Edits of a list of headers.
///
/// # Spec
///
/// FILTER-HDR-01..07.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeaderModifier {
    /// Headers that replace all of their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<Vec<Header>>,
    /// Headers that come on top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add: Option<Vec<Header>>,
    /// Names of headers that go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove: Option<Vec<String>>,
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// The name, without regard to case.
    pub name: String,
    /// The value.
    pub value: String,
}
