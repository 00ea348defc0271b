//! Secret, of the core group.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ObjectMeta, base64};

/// A Secret: certificates with their keys, CAs.
///
/// # Spec
///
/// GW-CERT-01..04.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Secret {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// The type; see [`type_`](Self::type_).
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    /// Values in base64, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<BTreeMap<String, String>>,
    /// Values in clear text; they replace those of `data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_data: Option<BTreeMap<String, String>>,
    /// Everything else, verbatim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Secret {
    /// The type, `Opaque` when unset.
    pub fn type_(&self) -> &str {
        self.type_
            .as_deref()
            .filter(|type_| !type_.is_empty())
            .unwrap_or("Opaque")
    }

    /// The value under a key, decoded; `None` if there is none or its base64 is broken.
    ///
    /// # Cost
    ///
    /// O(length), one allocation.
    pub fn value(&self, key: &str) -> Option<Vec<u8>> {
        if let Some(text) = self.string_data.as_ref().and_then(|data| data.get(key)) {
            return Some(text.as_bytes().to_vec());
        }
        base64::decode(self.data.as_ref()?.get(key)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_text_replaces_base64() {
        let secret: Secret = serde_json::from_value(serde_json::json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
            "data": {"a": "aGk=", "b": "aGk=", "c": "?"},
            "stringData": {"b": "ho"}
        }))
        .unwrap();
        assert_eq!(secret.value("a").as_deref(), Some(&b"hi"[..]));
        assert_eq!(secret.value("b").as_deref(), Some(&b"ho"[..]));
        assert_eq!(secret.value("c"), None);
        assert_eq!(secret.value("d"), None);
        assert_eq!(secret.type_(), "Opaque");
    }
}
