//! Namespace, of the core group.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ObjectMeta;

/// A Namespace; of interest for its labels (GW-NS-02).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Namespace {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// Everything else, verbatim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}
