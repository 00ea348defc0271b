//! Patches that write statuses, by server-side apply.
//!
//! ```no_run
//! # use gatewright::kube::{HttpRoute, status};
//! # async fn write<Client>(routes: Client, route: HttpRoute, new: gatewright::api::RouteStatus) {
//! use gatewright::kube::kube_core::params::PatchParams;
//!
//! let patch = status::patch(&route, &new);
//! let params = PatchParams::apply("example.com/gateway").force();
//! // api.patch_status("cart", &params, &patch).await?;
//! # }
//! ```

use kube_core::params::Patch;
use serde_json::{Map, Value, json};

use super::{Live, Parts};
use crate::api::Kind;
use crate::api::reason::{
    GatewayAccepted, GatewayAttachedListenerSets, GatewayClassAccepted,
    GatewayClassSupportedVersion, GatewayDefaultGateway, GatewayInsecureFrontendValidationMode,
    GatewayProgrammed, GatewayResolvedRefs, ListenerAccepted, ListenerConflicted,
    ListenerOverlappingTlsConfig, ListenerProgrammed, ListenerResolvedRefs, ListenerSetAccepted,
    ListenerSetProgrammed, MeshAccepted, Reason,
};

/// The patch that makes `status` the status of an object, for `Api::patch_status` with `PatchParams::apply`.
///
/// What the cluster merges by key (conditions and listeners of classes, Gateways, ListenerSets and meshes) is sent with our
/// own conditions only: foreign ones stay with their owners, and own ones that are no longer there go, because the same
/// field manager no longer applies them. What it takes as a whole (parents of Routes, ancestors of policies) is sent as
/// a whole, entries of other controllers included, with the `resourceVersion` that they were read at: if another
/// controller was faster the answer is 409, and the status is to be computed again. Such lists have several writers, so
/// apply with `force`.
///
/// # Spec
///
/// GW-STAT-01, GW-STAT-12.
///
/// # Cost
///
/// O(status).
pub fn patch<K: Parts>(object: &Live<K>, status: &K::Status) -> Patch<Value> {
    let mut metadata = Map::new();
    let mut keep = |field: &str, value: Option<&String>| {
        if let Some(value) = value {
            metadata.insert(field.to_owned(), Value::String(value.clone()));
        }
    };
    keep("name", object.metadata.name.as_ref());
    keep("namespace", object.metadata.namespace.as_ref());
    let mut status = serde_json::to_value(status).unwrap_or_default();
    match own_conditions(K::NEWEST.kind) {
        Some((conditions, listener_conditions)) => {
            retain(&mut status, conditions);
            for listener in status
                .get_mut("listeners")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                retain(listener, listener_conditions);
            }
        }
        None => keep("resourceVersion", object.metadata.resource_version.as_ref()),
    }
    Patch::Apply(json!({
        "apiVersion": object.api_version,
        "kind": object.kind,
        "metadata": metadata,
        "status": status,
    }))
}

/// The conditions that we write where lists are merged by key: of the object, and of its listeners.
fn own_conditions(kind: Kind) -> Option<(&'static [&'static str], &'static [&'static str])> {
    const LISTENER: &[&str] = &[
        ListenerAccepted::CONDITION,
        ListenerResolvedRefs::CONDITION,
        ListenerProgrammed::CONDITION,
        ListenerConflicted::CONDITION,
        ListenerOverlappingTlsConfig::CONDITION,
    ];
    match kind {
        Kind::GatewayClass => Some((
            &[
                GatewayClassAccepted::CONDITION,
                GatewayClassSupportedVersion::CONDITION,
            ],
            &[],
        )),
        Kind::Gateway => Some((
            &[
                GatewayAccepted::CONDITION,
                GatewayProgrammed::CONDITION,
                GatewayResolvedRefs::CONDITION,
                GatewayAttachedListenerSets::CONDITION,
                GatewayInsecureFrontendValidationMode::CONDITION,
                GatewayDefaultGateway::CONDITION,
            ],
            LISTENER,
        )),
        Kind::ListenerSet => Some((
            &[
                ListenerSetAccepted::CONDITION,
                ListenerSetProgrammed::CONDITION,
            ],
            LISTENER,
        )),
        Kind::Mesh => Some((&[MeshAccepted::CONDITION], &[])),
        _ => None,
    }
}

fn retain(holder: &mut Value, own: &[&str]) {
    if let Some(conditions) = holder.get_mut("conditions").and_then(Value::as_array_mut) {
        conditions.retain(|condition| {
            condition
                .get("type")
                .and_then(Value::as_str)
                .is_some_and(|type_| own.contains(&type_))
        });
    }
}
