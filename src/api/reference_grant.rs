//! ReferenceGrant: who may refer into a namespace.

use serde::{Deserialize, Serialize};

use super::ObjectMeta;

/// Lets objects of other namespaces refer to objects of this one.
///
/// # Spec
///
/// RG-01..11. Versions v1 (since v1.5), v1beta1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReferenceGrant {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// What is granted; without it nothing is (RG-10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<ReferenceGrantSpec>,
}

/// What a ReferenceGrant grants: every `from` may refer to every `to` (RG-02).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReferenceGrantSpec {
    /// Who may refer, 1 to 16.
    pub from: Vec<ReferenceGrantFrom>,
    /// To what, 1 to 16.
    pub to: Vec<ReferenceGrantTo>,
}

/// Objects that may refer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReferenceGrantFrom {
    /// API group; empty is the core group.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Namespace.
    pub namespace: String,
}

/// Objects that may be referred to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReferenceGrantTo {
    /// API group; empty is the core group.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// One object; absent or empty: all of the kind (RG-03). See [`name`](Self::name).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl ReferenceGrantTo {
    /// The one object, if the grant is limited to one (RG-03).
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref().filter(|name| !name.is_empty())
    }
}
