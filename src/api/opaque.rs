//! Objects of all other kinds.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ObjectMeta;

/// An object of a kind or version that is not known here: references can find it, nothing looks inside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Opaque {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata; may be absent, since not all that has a kind is an object of the API.
    #[serde(default, skip_serializing_if = "ObjectMeta::is_empty")]
    pub metadata: ObjectMeta,
    /// Everything else, verbatim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}
