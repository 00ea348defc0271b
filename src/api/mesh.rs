//! XMesh: a service mesh as an object.

use serde::{Deserialize, Serialize};

use super::{Condition, ObjectMeta, ParametersReference, SupportedFeature};

/// A service mesh, owned by one controller; cluster-scoped; `XMesh` on the wire.
///
/// # Spec
///
/// XMESH-01..06. Version v1alpha1 of `gateway.networking.x-k8s.io`, experimental.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mesh {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// What is asked for.
    pub spec: MeshSpec,
    /// What the controller found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<MeshStatus>,
}

/// What an XMesh asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeshSpec {
    /// The controller, compared byte for byte (XMESH-01).
    pub controller_name: String,
    /// Where the controller finds more settings (XMESH-03).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters_ref: Option<ParametersReference>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What the controller found about an XMesh.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeshStatus {
    /// `Accepted` (XMESH-02).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<Condition>>,
    /// What the mesh can do, sorted by name (XMESH-04).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported_features: Option<Vec<SupportedFeature>>,
}
