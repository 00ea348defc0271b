//! CustomResourceDefinition, as far as it tells which bundle is installed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ObjectMeta;

/// The definition of a kind in a cluster.
///
/// # Spec
///
/// GW-CLASS-07, VER-01..12.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomResourceDefinition {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata; annotations name bundle version and channel.
    pub metadata: ObjectMeta,
    /// What it defines.
    pub spec: CustomResourceDefinitionSpec,
    /// Everything else, verbatim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl CustomResourceDefinition {
    /// The release of Gateway API that it comes from, as its annotation has it.
    pub fn bundle_version(&self) -> Option<&str> {
        self.annotation("gateway.networking.k8s.io/bundle-version")
    }

    /// The channel of Gateway API that it comes from, as its annotation has it.
    pub fn channel(&self) -> Option<&str> {
        self.annotation("gateway.networking.k8s.io/channel")
    }

    fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata.annotations().get(key).map(String::as_str)
    }
}

/// What a CustomResourceDefinition defines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomResourceDefinitionSpec {
    /// API group.
    pub group: String,
    /// Names of the kind.
    pub names: CustomResourceDefinitionNames,
    /// Versions of the kind.
    pub versions: Vec<CustomResourceDefinitionVersion>,
    /// Everything else, verbatim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Names of a kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomResourceDefinitionNames {
    /// The kind, as objects have it.
    pub kind: String,
    /// Everything else, verbatim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A version of a kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomResourceDefinitionVersion {
    /// Its name, as `v1beta1`.
    pub name: String,
    /// Whether clients can ask for it.
    pub served: bool,
    /// Whether objects are kept in it.
    pub storage: bool,
    /// Everything else, verbatim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}
