//! ListenerSet: listeners that a team adds to a Gateway of another.

use serde::{Deserialize, Serialize};

use super::{Condition, Listener, ListenerStatus, ObjectMeta, ParentGatewayReference};

/// Further listeners for a Gateway.
///
/// The same struct for `XListenerSet` of `gateway.networking.x-k8s.io/v1alpha1` (v1.4) and `ListenerSet` of
/// `gateway.networking.k8s.io/v1` (since v1.5).
///
/// # Spec
///
/// GW-LSET-01..38.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerSet {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written: `ListenerSet` or `XListenerSet`.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// What is asked for.
    pub spec: ListenerSetSpec,
    /// What the controller found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ListenerSetStatus>,
}

/// What a ListenerSet asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerSetSpec {
    /// The Gateway.
    pub parent_ref: ParentGatewayReference,
    /// The listeners, 1 to 64.
    pub listeners: Vec<Listener>,
}

/// What the controller found about a ListenerSet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerSetStatus {
    /// `Accepted`, `Programmed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<Condition>>,
    /// One entry for each listener of the spec (GW-LSET-23, GW-LSET-28).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listeners: Option<Vec<ListenerStatus>>,
}
