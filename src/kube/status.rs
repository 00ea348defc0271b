//! Patches that write statuses, by server-side apply.
//!
//! What the cluster merges by key (conditions and listeners of classes, Gateways, ListenerSets and meshes) is sent with our
//! own conditions only: foreign ones stay with their owners, and own ones that are no longer there go, because the same
//! field manager no longer applies them. What it takes as a whole (parents of Routes, ancestors of policies) is sent as a
//! whole, entries of other controllers included, with the `resourceVersion` that they were read at: if another controller
//! was faster the answer is 409, and the status is to be computed again. Such lists have several writers, so apply with
//! `force`.
//!
//! Sent with `Api::patch_status` and `PatchParams::apply("example.com/gateway").force()`. See GW-STAT-01 and GW-STAT-12.

use kube_core::ApiResource;
use kube_core::params::Patch;
use serde_json::{Map, Value, json};

use super::{Live, Parts};
use crate::api::reason::{
    GatewayAccepted, GatewayAttachedListenerSets, GatewayClassAccepted,
    GatewayClassSupportedVersion, GatewayDefaultGateway, GatewayInsecureFrontendValidationMode,
    GatewayProgrammed, GatewayResolvedRefs, ListenerAccepted, ListenerConflicted,
    ListenerOverlappingTlsConfig, ListenerProgrammed, ListenerResolvedRefs, ListenerSetAccepted,
    ListenerSetProgrammed, MeshAccepted, Reason,
};
use crate::api::{ApiVersion, Kind, Object, Timestamp};
use crate::resolve::status::Status;
use crate::resolve::{StatusEntry, status_patch};

/// What is to be sent to bring the status of one object up to date, whatever its kind.
///
/// Made for `Api::<DynamicObject>::all_with(client, &resource).constrain(&namespace)`.
#[derive(Clone, Debug)]
pub struct StatusPatch {
    /// The kind and version of the object, as it was read.
    pub resource: ApiResource,
    /// Its namespace; empty for a cluster-scoped object.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The patch of its status.
    pub patch: Patch<Value>,
}

impl StatusPatch {
    /// What a resolution wants of an object; `None` when its status says it already (GW-STAT-11).
    ///
    /// # Cost
    ///
    /// O(size of both statuses).
    pub fn of(entry: &StatusEntry, now: &Timestamp) -> Option<StatusPatch> {
        Self::onto(entry.object(), entry.status(), now)
    }

    /// The same onto an object that was read again, after its cluster answered that the first one is out of date (409).
    ///
    /// # Cost
    ///
    /// O(size of both statuses).
    pub fn onto(object: &Object, status: &Status, now: &Timestamp) -> Option<StatusPatch> {
        let version = ApiVersion::find(object.api_version(), object.kind())?;
        let status = status_patch(object, status, now)?.status().clone();
        let key = object.key();
        let revision = object.metadata().resource_version.as_deref();
        let target = Target {
            api_version: object.api_version(),
            kind: object.kind(),
            namespace: key.namespace.as_deref(),
            name: Some(&key.name),
            revision,
        };
        Some(StatusPatch {
            resource: ApiResource {
                group: version.group.to_owned(),
                version: version.version.to_owned(),
                api_version: version.api_version(),
                kind: version.name.to_owned(),
                plural: version.plural.to_owned(),
            },
            patch: target.patch(version.kind, status),
            namespace: key.namespace.unwrap_or_default(),
            name: key.name,
        })
    }
}

/// The patch that makes `status` the status of an object of a known kind.
///
/// # Cost
///
/// O(status).
pub fn patch<K: Parts>(object: &Live<K>, status: &K::Status) -> Patch<Value> {
    let target = Target {
        api_version: &object.api_version,
        kind: &object.kind,
        namespace: object.metadata.namespace.as_deref(),
        name: object.metadata.name.as_deref(),
        revision: object.metadata.resource_version.as_deref(),
    };
    let status = serde_json::to_value(status).unwrap_or_default();
    target.patch(K::NEWEST.kind, status)
}

/// The object that a patch is for.
struct Target<'a> {
    api_version: &'a str,
    kind: &'a str,
    namespace: Option<&'a str>,
    name: Option<&'a str>,
    revision: Option<&'a str>,
}

impl Target<'_> {
    fn patch(&self, kind: Kind, mut status: Value) -> Patch<Value> {
        let own = own_conditions(kind);
        if let Some((conditions, listener_conditions)) = own {
            retain(&mut status, conditions);
            let listeners = status.get_mut("listeners").and_then(Value::as_array_mut);
            for listener in listeners.into_iter().flatten() {
                retain(listener, listener_conditions);
            }
        }
        let metadata: Map<String, Value> = [
            ("name", self.name),
            ("namespace", self.namespace),
            ("resourceVersion", self.revision.filter(|_| own.is_none())),
        ]
        .into_iter()
        .filter_map(|(field, value)| Some((field.to_owned(), Value::from(value?))))
        .collect();
        Patch::Apply(json!({
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": metadata,
            "status": status,
        }))
    }
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
