//! From what a status ought to say, and what it says, to what is written.
//!
//! Pure: the time is an argument. Entries and conditions of others stay as and where they are, our own are replaced in
//! place, stale ones go, new ones come last. Two controllers that do so come to rest.

use serde::Serialize;
use serde_json::{Map, Value};

use super::desired::{
    ClassStatus, GatewayStatus, ListenerSetStatus, ListenerStatus, ParentStatus, PolicyStatus,
    RouteStatus, Status,
};
use super::{Condition, Owners};
use crate::api::{self, ConditionStatus, Object, ParentReference, SupportedFeature, Timestamp};

/// Most conditions in one list, entries of Route parents and of policy ancestors (GW-STAT-07).
const MAX_CONDITIONS: usize = 8;
const MAX_PARENTS: usize = 32;
const MAX_ANCESTORS: usize = 16;
/// Most bytes of a message (GW-STAT-08).
const MAX_MESSAGE: usize = 32_768;

const CLASS_TYPES: &[&str] = &["Accepted", "SupportedVersion"];
const MESH_TYPES: &[&str] = &["Accepted"];
const GATEWAY_TYPES: &[&str] = &[
    "Accepted",
    "Programmed",
    "ResolvedRefs",
    "AttachedListenerSets",
    "DefaultGateway",
    "InsecureFrontendValidationMode",
];
const SET_TYPES: &[&str] = &["Accepted", "Programmed"];
const LISTENER_TYPES: &[&str] = &[
    "Accepted",
    "Programmed",
    "ResolvedRefs",
    "Conflicted",
    "OverlappingTLSConfig",
];
const ROUTE_TYPES: &[&str] = &["Accepted", "ResolvedRefs", "PartiallyInvalid"];
const POLICY_TYPES: &[&str] = &["Accepted", "ResolvedRefs"];

/// What has to be written to bring an object's status up to date.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    old: Option<Value>,
    new: Value,
}

impl Patch {
    /// The whole status after the change.
    pub fn status(&self) -> &Value {
        &self.new
    }

    /// The change as a JSON merge patch of the object; fields that go are set to null.
    pub fn to_merge_patch(&self) -> Value {
        let mut status = self.new.clone();
        if let (Some(Value::Object(old)), Value::Object(new)) = (&self.old, &mut status) {
            for field in old.keys() {
                new.entry(field.as_str()).or_insert(Value::Null);
            }
        }
        Value::Object(Map::from_iter([("status".to_owned(), status)]))
    }
}

/// The change that `object`'s status needs to say `status`; `None` when nothing is to be written.
///
/// `lastTransitionTime` becomes `now` only where a condition is new or changes its status (GW-STAT-04); a condition that
/// saw a later generation than was resolved stays (GW-STAT-03). An object of another kind than `status` is for needs
/// nothing.
///
/// # Cost
///
/// O(size of both statuses).
///
/// # Spec
///
/// GW-STAT-01..12, RT-STAT-04..07.
pub fn status_patch(object: &Object, status: &Status, now: &Timestamp) -> Option<Patch> {
    fn patch<S: Serialize + PartialEq>(old: Option<&S>, new: S) -> Option<Patch> {
        if old == Some(&new) {
            return None;
        }
        Some(Patch {
            old: old.map(to_value),
            new: to_value(&new),
        })
    }
    match (object, status) {
        (Object::GatewayClass(class), Status::GatewayClass(new)) => {
            let old = class.status.as_ref();
            patch(old, merge_class(old, new, now))
        }
        (Object::Mesh(mesh), Status::Mesh(new)) => {
            let old = mesh.status.as_ref();
            patch(old, merge_mesh(old, new, now))
        }
        (Object::Gateway(gateway), Status::Gateway(new)) => {
            let old = gateway.status.as_ref();
            patch(old, merge_gateway(old, new, now))
        }
        (Object::ListenerSet(set), Status::ListenerSet(new)) => {
            let old = set.status.as_ref();
            patch(old, merge_set(old, new, now))
        }
        (_, Status::Route(new)) => {
            let old = route_status(object)?;
            patch(old, merge_route(old, new, now))
        }
        (_, Status::Policy(new)) => {
            let old = policy_status(object)?;
            patch(old, merge_policy(old, new, now))
        }
        _ => None,
    }
}

/// The whole status of `object` as it would be written, whether it changes or not.
pub fn merged_status(object: &Object, status: &Status, now: &Timestamp) -> Value {
    match status_patch(object, status, now) {
        Some(patch) => patch.new,
        None => object
            .to_value()
            .get_mut("status")
            .map(Value::take)
            .unwrap_or_default(),
    }
}

fn to_value<S: Serialize>(status: &S) -> Value {
    serde_json::to_value(status).unwrap_or_default()
}

/// `None` for what is no Route.
fn route_status(object: &Object) -> Option<Option<&api::RouteStatus>> {
    match object {
        Object::HttpRoute(route) => Some(route.status.as_ref()),
        Object::GrpcRoute(route) => Some(route.status.as_ref()),
        Object::TlsRoute(route) => Some(route.status.as_ref()),
        Object::TcpRoute(route) => Some(route.status.as_ref()),
        Object::UdpRoute(route) => Some(route.status.as_ref()),
        _ => None,
    }
}

/// `None` for what is no policy.
fn policy_status(object: &Object) -> Option<Option<&api::PolicyStatus>> {
    match object {
        Object::BackendTlsPolicy(policy) => Some(policy.status.as_ref()),
        Object::BackendTrafficPolicy(policy) => Some(policy.status.as_ref()),
        _ => None,
    }
}

fn features(names: &[&'static str]) -> Vec<SupportedFeature> {
    let feature = |name: &&str| SupportedFeature {
        name: (*name).to_owned(),
    };
    names.iter().map(feature).collect()
}

fn merge_class(
    old: Option<&api::GatewayClassStatus>,
    new: &ClassStatus,
    now: &Timestamp,
) -> api::GatewayClassStatus {
    let written = Written {
        types: CLASS_TYPES,
        generation: new.generation,
        now,
    };
    let conditions = old.and_then(|old| old.conditions.as_deref());
    api::GatewayClassStatus {
        conditions: Some(written.merge(conditions.unwrap_or_default(), &new.conditions)),
        supported_features: Some(features(&new.supported_features)),
    }
}

fn merge_mesh(
    old: Option<&api::MeshStatus>,
    new: &ClassStatus,
    now: &Timestamp,
) -> api::MeshStatus {
    let written = Written {
        types: MESH_TYPES,
        generation: new.generation,
        now,
    };
    let conditions = old.and_then(|old| old.conditions.as_deref());
    api::MeshStatus {
        conditions: Some(written.merge(conditions.unwrap_or_default(), &new.conditions)),
        supported_features: Some(features(&new.supported_features)),
    }
}

fn merge_gateway(
    old: Option<&api::GatewayStatus>,
    new: &GatewayStatus,
    now: &Timestamp,
) -> api::GatewayStatus {
    let written = Written {
        types: GATEWAY_TYPES,
        generation: new.generation,
        now,
    };
    let conditions = old.and_then(|old| old.conditions.as_deref());
    let listeners = old.and_then(|old| old.listeners.as_deref());
    let address = |(kind, value): &(crate::resolve::AddressKind, String)| api::GatewayAddress {
        type_: Some(kind.as_str().into()),
        value: Some(value.clone()),
    };
    api::GatewayStatus {
        addresses: Some(new.addresses.iter().map(address).collect()),
        conditions: Some(written.merge(conditions.unwrap_or_default(), &new.conditions)),
        listeners: Some(written.merge_listeners(listeners.unwrap_or_default(), &new.listeners)),
        attached_listener_sets: new
            .attached_listener_sets
            .map(|count| i32::try_from(count).unwrap_or(i32::MAX)),
    }
}

fn merge_set(
    old: Option<&api::ListenerSetStatus>,
    new: &ListenerSetStatus,
    now: &Timestamp,
) -> api::ListenerSetStatus {
    let written = Written {
        types: SET_TYPES,
        generation: new.generation,
        now,
    };
    let conditions = old.and_then(|old| old.conditions.as_deref());
    let listeners = old.and_then(|old| old.listeners.as_deref());
    api::ListenerSetStatus {
        conditions: Some(written.merge(conditions.unwrap_or_default(), &new.conditions)),
        listeners: Some(written.merge_listeners(listeners.unwrap_or_default(), &new.listeners)),
    }
}

fn merge_route(
    old: Option<&api::RouteStatus>,
    new: &RouteStatus,
    now: &Timestamp,
) -> api::RouteStatus {
    let written = Written {
        types: ROUTE_TYPES,
        generation: new.generation,
        now,
    };
    let old = old.map(|old| old.parents.as_slice()).unwrap_or_default();
    api::RouteStatus {
        parents: written.merge_entries(old, &new.parents, &new.owners, MAX_PARENTS),
    }
}

fn merge_policy(
    old: Option<&api::PolicyStatus>,
    new: &PolicyStatus,
    now: &Timestamp,
) -> api::PolicyStatus {
    let written = Written {
        types: POLICY_TYPES,
        generation: new.generation,
        now,
    };
    let old = old.map(|old| old.ancestors.as_slice()).unwrap_or_default();
    api::PolicyStatus {
        ancestors: written.merge_entries(old, &new.ancestors, &new.owners, MAX_ANCESTORS),
    }
}

/// An entry about a parent or an ancestor.
trait Entry: Clone {
    fn parent(&self) -> &ParentReference;
    fn controller_name(&self) -> &str;
    fn conditions(&self) -> &[api::Condition];
    fn make(
        parent: ParentReference,
        controller_name: String,
        conditions: Vec<api::Condition>,
    ) -> Self;
}

macro_rules! entry {
    ($name:ty, $parent:ident) => {
        impl Entry for $name {
            fn parent(&self) -> &ParentReference {
                &self.$parent
            }

            fn controller_name(&self) -> &str {
                &self.controller_name
            }

            fn conditions(&self) -> &[api::Condition] {
                &self.conditions
            }

            fn make(
                $parent: ParentReference,
                controller_name: String,
                conditions: Vec<api::Condition>,
            ) -> Self {
                Self {
                    $parent,
                    controller_name,
                    conditions,
                }
            }
        }
    };
}

entry!(api::RouteParentStatus, parent_ref);
entry!(api::PolicyAncestorStatus, ancestor_ref);

/// What is the same for all lists of one object.
#[derive(Clone, Copy)]
struct Written<'w> {
    /// The types of conditions that are ours.
    types: &'static [&'static str],
    generation: i64,
    now: &'w Timestamp,
}

impl Written<'_> {
    /// GW-STAT-01..05/07.
    fn merge(self, old: &[api::Condition], new: &[Condition]) -> Vec<api::Condition> {
        let wanted = |kind: &str| new.iter().find(|condition| condition.kind == kind);
        let mut merged: Vec<api::Condition> = Vec::with_capacity(old.len().max(new.len()));
        for condition in old {
            let is_twin = merged.iter().any(|known| known.type_ == condition.type_);
            let is_ours = self.types.contains(&condition.type_.as_str());
            if !is_ours || self.is_from_later(condition) {
                merged.push(condition.clone());
            } else if let Some(wanted) = wanted(&condition.type_).filter(|_| !is_twin) {
                merged.push(self.condition(Some(condition), wanted));
            }
        }
        for condition in new {
            if !merged.iter().any(|known| known.type_ == condition.kind) {
                merged.push(self.condition(None, condition));
            }
        }
        let mut surplus = merged.len().saturating_sub(MAX_CONDITIONS);
        for position in (0..merged.len()).rev() {
            let is_ours = |known: &api::Condition| self.types.contains(&known.type_.as_str());
            if surplus > 0 && merged.get(position).is_some_and(is_ours) {
                merged.remove(position);
                surplus -= 1;
            }
        }
        merged
    }

    /// GW-STAT-03.
    fn is_from_later(self, condition: &api::Condition) -> bool {
        condition.observed_generation > Some(self.generation)
    }

    fn condition(self, old: Option<&api::Condition>, new: &Condition) -> api::Condition {
        let status = if new.status {
            ConditionStatus::True
        } else {
            ConditionStatus::False
        };
        let since = old
            .filter(|old| old.status == status)
            .and_then(|old| old.last_transition_time.clone());
        api::Condition {
            type_: new.kind.to_owned(),
            status,
            observed_generation: Some(self.generation),
            last_transition_time: Some(since.unwrap_or_else(|| self.now.clone())),
            reason: new.reason.to_owned(),
            message: cut(&new.message).to_owned(),
        }
    }

    /// GW-COUNT-10, GW-LSET-28: the listeners that are wanted and no others.
    fn merge_listeners(
        self,
        old: &[api::ListenerStatus],
        new: &[ListenerStatus],
    ) -> Vec<api::ListenerStatus> {
        let written = Written {
            types: LISTENER_TYPES,
            ..self
        };
        let merge = |listener: &ListenerStatus| {
            let old = old.iter().find(|old| old.name == *listener.name);
            let conditions = old.map(|old| old.conditions.as_slice()).unwrap_or_default();
            let kind = |kind: &crate::plan::RouteKind| api::RouteGroupKind {
                group: Some(api::GATEWAY_GROUP.to_owned()),
                kind: kind.as_str().to_owned(),
            };
            api::ListenerStatus {
                name: (&*listener.name).into(),
                port: listener.port.map(i32::from),
                supported_kinds: Some(listener.supported_kinds.iter().map(kind).collect()),
                attached_routes: i32::try_from(listener.attached_routes).unwrap_or(i32::MAX),
                conditions: written.merge(conditions, &listener.conditions),
            }
        };
        new.iter().map(merge).collect()
    }

    /// RT-STAT-04..06. Places of our old entries are filled with the wanted ones in order; what is left comes last.
    fn merge_entries<E: Entry>(
        self,
        old: &[E],
        new: &[ParentStatus],
        owners: &Owners,
        limit: usize,
    ) -> Vec<E> {
        let is_ours = |entry: &&E| owners.contains(entry.controller_name());
        let foreign = old.iter().filter(|entry| !is_ours(entry)).count();
        let room = limit.saturating_sub(foreign);
        let mut known: Vec<Option<&E>> = old.iter().filter(is_ours).map(Some).collect();
        let entries = new.iter().take(room).map(|wanted| {
            let parent = wanted.parent.to_reference();
            let is_same = |entry: &E| {
                *entry.parent() == parent && entry.controller_name() == &*wanted.controller_name
            };
            // Each old entry serves once, so that equal references keep a history each.
            let before = known
                .iter_mut()
                .find(|entry| entry.is_some_and(is_same))
                .and_then(Option::take);
            let conditions = before.map(Entry::conditions).unwrap_or_default();
            let conditions = self.merge(conditions, &wanted.conditions);
            E::make(parent, wanted.controller_name.to_string(), conditions)
        });
        let mut entries = entries.collect::<Vec<_>>().into_iter();
        let mut merged = Vec::with_capacity(foreign + new.len());
        for entry in old {
            if is_ours(&entry) {
                merged.extend(entries.next());
            } else {
                merged.push(entry.clone());
            }
        }
        merged.extend(entries);
        merged
    }
}

/// A message that is not too long, cut between characters.
fn cut(message: &str) -> &str {
    let mut end = message.len().min(MAX_MESSAGE);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    message.get(..end).unwrap_or_default()
}
