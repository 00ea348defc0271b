//! Metadata that every object has.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::Timestamp;

static NO_ENTRIES: BTreeMap<String, String> = BTreeMap::new();

/// Name, age, labels and the rest of what the API server keeps about an object.
///
/// Fields without a place of their own lie in `rest` and are written back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectMeta {
    /// The name; empty if the manifest gives none (the API server would then want `generateName`).
    #[serde(
        default,
        deserialize_with = "text_or_null",
        skip_serializing_if = "String::is_empty"
    )]
    pub name: String,
    /// The namespace as written; see [`Object::key`](super::Object::key) for the one that it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Counts changes of the spec; conditions say which one they saw (GW-STAT-02).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<i64>,
    /// When the object was made: the older one wins most conflicts (GW-STAT-13).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_timestamp: Option<Timestamp>,
    /// When deletion was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_timestamp: Option<Timestamp>,
    /// Labels, which selectors see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// Annotations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
    /// Distinguishes objects that had the same name at different times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The version for optimistic locking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_version: Option<String>,
    /// Who must agree before the object goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finalizers: Option<Vec<String>>,
    /// Objects that this one belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_references: Option<Vec<OwnerReference>>,
    /// Everything else, verbatim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl ObjectMeta {
    /// Metadata with name and namespace only.
    pub fn named(namespace: Option<&str>, name: &str) -> Self {
        ObjectMeta {
            name: name.to_owned(),
            namespace: namespace.map(str::to_owned),
            ..ObjectMeta::default()
        }
    }

    /// The labels; none if absent.
    pub fn labels(&self) -> &BTreeMap<String, String> {
        self.labels.as_ref().unwrap_or(&NO_ENTRIES)
    }

    /// The annotations; none if absent.
    pub fn annotations(&self) -> &BTreeMap<String, String> {
        self.annotations.as_ref().unwrap_or(&NO_ENTRIES)
    }

    /// When the object was made, in seconds since 1970; `None` if unset or unreadable (GW-STAT-13: sorts last).
    pub fn created(&self) -> Option<i64> {
        self.creation_timestamp
            .as_ref()
            .and_then(Timestamp::seconds)
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == ObjectMeta::default()
    }
}

/// A link to the owner of an object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerReference {
    /// Group and version of the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Kind of the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name of the owner, in the same namespace or cluster-scoped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Identity of the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// Whether it is the one owner that manages the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controller: Option<bool>,
    /// Whether the owner stays until this object is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_owner_deletion: Option<bool>,
    /// Everything else, verbatim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

fn text_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::<String>::deserialize(deserializer).map(Option::unwrap_or_default)
}
