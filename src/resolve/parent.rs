//! What a Route's parentRef leads to.
//!
//! Part of the attachment pass: takes one parentRef with its defaults, gives the object that it names if that is ours.

use super::state::{GatewayState, Gateways, ListenerState, SetState};
use crate::api::ParentReference;
use crate::vocab::Release;

/// API group of the stable kinds.
pub(super) const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";

/// API group of the experimental kinds.
pub(super) const EXPERIMENTAL_GROUP: &str = "gateway.networking.x-k8s.io";

/// A parentRef, every default filled in (RT-PREF-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ParentRef<'s> {
    /// API group; empty for core.
    pub(super) group: &'s str,
    /// Kind.
    pub(super) kind: &'s str,
    /// Namespace.
    pub(super) namespace: &'s str,
    /// Name.
    pub(super) name: &'s str,
    /// `sectionName`; empty is none (RT-PREF-03).
    pub(super) section: Option<&'s str>,
    /// `port`.
    pub(super) port: Option<i64>,
    /// Where it comes from.
    pub(super) origin: Origin,
}

/// Where a parentRef comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// From `spec.parentRefs`, at this place.
    Listed(usize),
    /// From `useDefaultGateways` (GW-DEF-02).
    Default,
}

impl<'s> ParentRef<'s> {
    /// What a Route of a namespace lists at a place, defaults filled in (RT-PREF-01).
    pub(super) fn listed(place: usize, parent: &'s ParentReference, namespace: &'s str) -> Self {
        ParentRef {
            group: parent.group(),
            kind: parent.kind(),
            namespace: parent.namespace_or(namespace),
            name: &parent.name,
            section: parent.section().filter(|section| !section.is_empty()),
            port: parent.port.map(i64::from),
            origin: Origin::Listed(place),
        }
    }

    /// The reference that a default Gateway stands for: the whole Gateway (GW-DEF-02).
    pub(super) fn default_gateway(gateway: &GatewayState<'s>) -> Self {
        ParentRef::default_named(gateway.namespace, gateway.name)
    }

    /// See [`ParentRef::default_gateway`].
    pub(super) fn default_named(namespace: &'s str, name: &'s str) -> Self {
        ParentRef {
            group: GATEWAY_GROUP,
            kind: "Gateway",
            namespace,
            name,
            section: None,
            port: None,
            origin: Origin::Default,
        }
    }

    /// Whether it names a Service (MESH-01); the empty group must be written out (RT-PREF-01).
    pub(super) fn is_service(&self) -> bool {
        self.group.is_empty() && self.kind == "Service"
    }

    /// Whether it names this Gateway without limiting it to a section or port.
    pub(super) fn is_whole_gateway(&self, gateway: &GatewayState<'_>) -> bool {
        self.group == GATEWAY_GROUP
            && self.kind == "Gateway"
            && self.namespace == gateway.namespace
            && self.name == gateway.name
            && self.section.is_none()
            && self.port.is_none()
    }

    /// Whether the listener is one that the reference means: each of section and port that is given must fit
    /// (RT-PREF-03..05).
    pub(super) fn names_section(&self, listener: &ListenerState<'_>) -> bool {
        self.section.is_none_or(|section| section == listener.name)
    }

    /// See [`ParentRef::names_section`].
    pub(super) fn names_port(&self, listener: &ListenerState<'_>) -> bool {
        self.port
            .is_none_or(|port| listener.port.map(i64::from) == Some(port))
    }
}

/// An object of ours with listeners that a parentRef names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Parent<'w, 's> {
    /// A Gateway: its own listeners only (GW-LSET-30).
    Gateway(&'w GatewayState<'s>),
    /// A ListenerSet and its Gateway: the entries of the set only (GW-LSET-30).
    Set(&'w GatewayState<'s>, &'w SetState<'s>),
}

impl<'w, 's> Parent<'w, 's> {
    /// Follows a parentRef; `None` for missing objects, foreign ones and kinds that hold no listeners (RT-PREF-02).
    pub(super) fn find(
        reference: &ParentRef<'s>,
        gateways: &'w Gateways<'s>,
        release: Release,
    ) -> Option<Self> {
        if reference.group == GATEWAY_GROUP && reference.kind == "Gateway" {
            gateways
                .gateway(reference.namespace, reference.name)
                .map(Parent::Gateway)
        } else if (reference.group, reference.kind) == set_kind(release) {
            gateways
                .set(reference.namespace, reference.name)
                .map(|(gateway, set)| Parent::Set(gateway, set))
        } else {
            None
        }
    }

    /// The Gateway, that of the set for a set.
    pub(super) fn gateway(self) -> &'w GatewayState<'s> {
        match self {
            Parent::Gateway(gateway) | Parent::Set(gateway, _) => gateway,
        }
    }

    /// The listeners that Routes can reach here; none for a set that its Gateway does not allow (GW-LSET-34).
    pub(super) fn listeners(self) -> &'w [ListenerState<'s>] {
        match self {
            Parent::Gateway(gateway) => &gateway.listeners,
            Parent::Set(_, set) if set.allowed => &set.listeners,
            Parent::Set(..) => &[],
        }
    }
}

/// Group and kind of sets in a release (GW-LSET-29).
pub(super) fn set_kind(release: Release) -> (&'static str, &'static str) {
    match release {
        Release::V1_4 => (EXPERIMENTAL_GROUP, "XListenerSet"),
        _ => (GATEWAY_GROUP, "ListenerSet"),
    }
}
