//! ConfigMap, of the core group.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ObjectMeta, base64};

/// A ConfigMap: CAs, parameters.
///
/// # Spec
///
/// BTLS-12, GW-FTLS-03.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMap {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// Values in clear text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<BTreeMap<String, String>>,
    /// Values in base64, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binary_data: Option<BTreeMap<String, String>>,
    /// Everything else, verbatim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl ConfigMap {
    /// The value under a key, decoded; `None` if there is none or its base64 is broken.
    ///
    /// # Cost
    ///
    /// O(length), one allocation.
    pub fn value(&self, key: &str) -> Option<Vec<u8>> {
        if let Some(text) = self.data.as_ref().and_then(|data| data.get(key)) {
            return Some(text.as_bytes().to_vec());
        }
        base64::decode(self.binary_data.as_ref()?.get(key)?)
    }
}
