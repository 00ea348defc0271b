//! What statuses ought to say, in a form that is small and knows nothing of earlier statuses.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Condition;
use crate::api::{GATEWAY_GROUP, GATEWAY_X_GROUP, ParentReference};
use crate::plan::RouteKind;
use crate::resolve::AddressKind;

/// What one object's status ought to say about everything that is ours in it. Routes and policies, of which there are many,
/// set the size; the others are boxed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Of a GatewayClass.
    GatewayClass(Box<ClassStatus>),
    /// Of a Gateway.
    Gateway(Box<GatewayStatus>),
    /// Of a ListenerSet or an XListenerSet.
    ListenerSet(Box<ListenerSetStatus>),
    /// Of a Route of any kind.
    Route(RouteStatus),
    /// Of a BackendTLSPolicy or an XBackendTrafficPolicy.
    Policy(PolicyStatus),
    /// Of an XMesh.
    Mesh(Box<ClassStatus>),
}

/// Of a GatewayClass or an XMesh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassStatus {
    /// The generation that was resolved.
    pub generation: i64,
    /// Its conditions.
    pub conditions: Vec<Condition>,
    /// Names of features, ascending (GW-CLASS-09/10, XMESH-04).
    pub supported_features: Vec<&'static str>,
    /// Whether a Gateway uses the class: then the finalizer
    /// `gateway-exists-finalizer.gateway.networking.k8s.io` is wanted on it (GW-CLASS-14). Not part of what is written.
    pub is_used: bool,
}

/// Of a Gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayStatus {
    /// The generation that was resolved.
    pub generation: i64,
    /// Its conditions.
    pub conditions: Vec<Condition>,
    /// Its addresses.
    pub addresses: Vec<(AddressKind, String)>,
    /// One entry for each listener of its own (GW-COUNT-10, GW-LSET-28).
    pub listeners: Vec<ListenerStatus>,
    /// How many ListenerSets are attached; `None` is not written (GW-LSET-26).
    pub attached_listener_sets: Option<u32>,
}

/// Of a ListenerSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerSetStatus {
    /// The generation that was resolved.
    pub generation: i64,
    /// Its conditions.
    pub conditions: Vec<Condition>,
    /// One entry for each listener of its own; none unless the Gateway allows the set (GW-LSET-05).
    pub listeners: Vec<ListenerStatus>,
}

/// Of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerStatus {
    /// Its name.
    pub name: Box<str>,
    /// Its port; in XListenerSets only (GW-LSET-23).
    pub port: Option<u16>,
    /// The kinds of Route that it shows (GW-KINDS-08).
    pub supported_kinds: Vec<RouteKind>,
    /// How many Routes are attached (GW-COUNT-01..09).
    pub attached_routes: u32,
    /// Its conditions.
    pub conditions: Vec<Condition>,
}

/// Of a Route. Entries of other controllers are not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteStatus {
    /// The generation that was resolved.
    pub generation: i64,
    /// Whose entries are ours: those that are not wanted any more go (RT-STAT-05).
    pub owners: Owners,
    /// Wanted entries in order: those of `parentRefs`, then those of default Gateways (RT-STAT-01).
    pub parents: Vec<ParentStatus>,
}

/// Of a policy. Entries of other controllers are not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyStatus {
    /// The generation that was resolved.
    pub generation: i64,
    /// Whose entries are ours.
    pub owners: Owners,
    /// Wanted entries in order (BTLS-19, POL-06).
    pub ancestors: Vec<ParentStatus>,
}

/// About one parent of a Route, or one ancestor of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentStatus {
    /// The parent or ancestor.
    pub parent: Parent,
    /// Who says so.
    pub controller_name: Arc<str>,
    /// What is said.
    pub conditions: Vec<Condition>,
}

/// A parent as a status entry names it: group and kind always written, the rest as in the spec (RT-STAT-02).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parent {
    /// Group and kind.
    pub kind: ParentKind,
    /// The namespace, if it is written.
    pub namespace: Option<Box<str>>,
    /// The name.
    pub name: Box<str>,
    /// `sectionName`, if it is written.
    pub section: Option<Box<str>>,
    /// `port`, if it is written.
    pub port: Option<i32>,
}

/// What a parent can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParentKind {
    /// A Gateway.
    Gateway,
    /// A ListenerSet.
    ListenerSet,
    /// An XListenerSet, v1.4 only.
    XListenerSet,
    /// A Service.
    Service,
}

impl ParentKind {
    /// API group and kind.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            ParentKind::Gateway => (GATEWAY_GROUP, "Gateway"),
            ParentKind::ListenerSet => (GATEWAY_GROUP, "ListenerSet"),
            ParentKind::XListenerSet => (GATEWAY_X_GROUP, "XListenerSet"),
            ParentKind::Service => ("", "Service"),
        }
    }
}

impl Parent {
    /// The reference as it is written.
    pub fn to_reference(&self) -> ParentReference {
        let (group, kind) = self.kind.names();
        ParentReference {
            group: Some(group.to_owned()),
            kind: Some(kind.to_owned()),
            namespace: self.namespace.as_deref().map(str::to_owned),
            name: self.name.to_string(),
            section_name: self.section.as_deref().map(Into::into),
            port: self.port,
        }
    }
}

/// The controller names whose entries are ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    names: Arc<BTreeSet<Arc<str>>>,
}

impl Owners {
    /// Whether an entry of this `controllerName` is ours.
    pub fn contains(&self, controller_name: &str) -> bool {
        self.names.contains(controller_name)
    }

    /// A name, shared with the others who say it if it is one of ours.
    pub(in crate::resolve) fn shared(&self, controller_name: &str) -> Arc<str> {
        let own = self.names.get(controller_name).cloned();
        own.unwrap_or_else(|| controller_name.into())
    }
}

impl<N: Into<Arc<str>>> FromIterator<N> for Owners {
    fn from_iter<I: IntoIterator<Item = N>>(names: I) -> Self {
        Owners {
            names: Arc::new(names.into_iter().map(Into::into).collect()),
        }
    }
}
