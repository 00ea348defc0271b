//! Who refers to what.
//!
//! The other direction of references: from the object that changed to those that mean something else now.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use super::referents::each_reference;
use crate::api::{Kind, Object};
use crate::plan::ObjectName;
use crate::resolve::parent::GATEWAY_GROUP;
use crate::snapshot::Snapshot;

/// What a reference is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// A Gateway names its class.
    Class,
    /// A Gateway is one of the default Gateways, or a Route binds to them; all of them refer to [`DEFAULTS`].
    Default,
    /// A policy targets a Service.
    Governs,
    /// A Route names a parent.
    Parent,
    /// A ListenerSet names its Gateway.
    Set,
    /// Anything else: a backend, a certificate, an authority, parameters, an extension.
    Use,
}

/// What a reference names, defaults filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Target<'a> {
    /// Namespace; empty for cluster-scoped objects.
    pub(super) namespace: &'a str,
    /// API group.
    pub(super) group: &'a str,
    /// Kind.
    pub(super) kind: &'a str,
    /// Name.
    pub(super) name: &'a str,
}

/// What default Gateways and the Routes that bind to them have in common; no object is named so.
pub(super) const DEFAULTS: Target<'static> = Target {
    namespace: "",
    group: "",
    kind: "",
    name: "",
};

impl Target<'_> {
    /// What a name in an object of a known kind stands for.
    pub(super) fn of(object: &Object) -> Target<'_> {
        Target {
            namespace: crate::snapshot::namespace_of(object).unwrap_or_default(),
            group: object.group(),
            kind: object.kind(),
            name: &object.metadata().name,
        }
    }

    /// A Service.
    pub(super) fn service<'a>(namespace: &'a str, name: &'a str) -> Target<'a> {
        Target {
            namespace,
            group: "",
            kind: "Service",
            name,
        }
    }

    /// A Gateway.
    pub(super) fn gateway<'a>(namespace: &'a str, name: &'a str) -> Target<'a> {
        Target {
            namespace,
            group: GATEWAY_GROUP,
            kind: "Gateway",
            name,
        }
    }

    /// Whether it is a Service.
    pub(super) fn is_service(&self) -> bool {
        self.group.is_empty() && self.kind == "Service"
    }

    /// Whether it is a Gateway.
    pub(super) fn is_gateway(&self) -> bool {
        self.group == GATEWAY_GROUP && self.kind == "Gateway"
    }

    /// Namespace and name.
    pub(super) fn object_name(&self) -> ObjectName {
        ObjectName::new(self.namespace, self.name)
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct OwnedTarget {
    namespace: Box<str>,
    group: Box<str>,
    kind: Box<str>,
    name: Box<str>,
}

impl OwnedTarget {
    fn of(target: Target<'_>) -> Self {
        OwnedTarget {
            namespace: target.namespace.into(),
            group: target.group.into(),
            kind: target.kind.into(),
            name: target.name.into(),
        }
    }

    fn is(&self, target: Target<'_>) -> bool {
        (&*self.namespace, &*self.group, &*self.kind, &*self.name)
            == (target.namespace, target.group, target.kind, target.name)
    }
}

/// One object that refers to one other, by target first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    target: Arc<OwnedTarget>,
    role: Role,
    referrer: Referrer,
}

/// Who refers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Referrer {
    /// Its kind.
    pub(super) kind: Kind,
    /// Its namespace, empty for cluster-scoped ones, and its name.
    pub(super) name: Arc<ObjectName>,
}

/// All references of a snapshot, by target.
#[derive(Debug, Default)]
pub(super) struct References {
    edges: BTreeSet<Edge>,
}

impl References {
    /// Those of all objects.
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let mut known: HashMap<Target<'_>, Arc<OwnedTarget>> = HashMap::new();
        let mut edges = Vec::new();
        for object in snapshot.objects() {
            let mut referrer = None;
            each_reference(object, &mut |role, target| {
                let target = known
                    .entry(target)
                    .or_insert_with(|| Arc::new(OwnedTarget::of(target)));
                let own = referrer.get_or_insert_with(|| referrer_of(object)).clone();
                if let Some(referrer) = own {
                    let target = Arc::clone(target);
                    edges.push(Edge {
                        target,
                        role,
                        referrer,
                    });
                }
            });
        }
        References {
            edges: edges.into_iter().collect(),
        }
    }

    /// Adds those of an object.
    pub(super) fn add(&mut self, object: &Object) {
        let Some(referrer) = referrer_of(object) else {
            return;
        };
        each_reference(object, &mut |role, target| {
            let known = self.edges_to(target).next();
            let target = match known {
                Some(edge) => Arc::clone(&edge.target),
                None => Arc::new(OwnedTarget::of(target)),
            };
            self.edges.insert(Edge {
                target,
                role,
                referrer: referrer.clone(),
            });
        });
    }

    /// Takes those of an object out that its successor has no more.
    pub(super) fn remove(&mut self, object: &Object, successor: Option<&Object>) {
        let Some(referrer) = referrer_of(object) else {
            return;
        };
        let mut kept = Vec::new();
        if let Some(successor) = successor {
            each_reference(successor, &mut |role, target| kept.push((role, target)));
        }
        each_reference(object, &mut |role, target| {
            if !kept.contains(&(role, target)) {
                self.edges.remove(&Edge {
                    target: Arc::new(OwnedTarget::of(target)),
                    role,
                    referrer: referrer.clone(),
                });
            }
        });
    }

    /// Who refers to an object in a role.
    pub(super) fn to<'r>(
        &'r self,
        target: Target<'_>,
        role: Role,
    ) -> impl Iterator<Item = &'r Referrer> {
        let target = OwnedTarget::of(target);
        let from = first(target, role, Kind::GatewayClass);
        let known = Arc::clone(&from.target);
        self.edges
            .range((Bound::Included(from), Bound::Unbounded))
            .take_while(move |edge| edge.role == role && edge.target == known)
            .map(|edge| &edge.referrer)
    }

    /// Who of a kind refers to an object in a role.
    pub(super) fn of_kind<'r>(
        &'r self,
        target: Target<'_>,
        role: Role,
        kind: Kind,
    ) -> impl Iterator<Item = &'r Referrer> {
        let from = first(OwnedTarget::of(target), role, kind);
        let known = Arc::clone(&from.target);
        self.edges
            .range((Bound::Included(from), Bound::Unbounded))
            .take_while(move |edge| {
                edge.role == role && edge.referrer.kind == kind && edge.target == known
            })
            .map(|edge| &edge.referrer)
    }

    /// Who uses anything in a namespace from another one.
    pub(super) fn outside_users<'r>(
        &'r self,
        namespace: &'r str,
    ) -> impl Iterator<Item = &'r Referrer> {
        let target = OwnedTarget::of(Target {
            namespace,
            ..DEFAULTS
        });
        self.edges
            .range((
                Bound::Included(first(target, Role::Class, Kind::GatewayClass)),
                Bound::Unbounded,
            ))
            .take_while(move |edge| *edge.target.namespace == *namespace)
            .filter(move |edge| {
                edge.role == Role::Use && *edge.referrer.name.namespace != *namespace
            })
            .map(|edge| &edge.referrer)
    }

    fn edges_to(&self, target: Target<'_>) -> impl Iterator<Item = &Edge> {
        let from = first(OwnedTarget::of(target), Role::Class, Kind::GatewayClass);
        self.edges
            .range((Bound::Included(from), Bound::Unbounded))
            .take_while(move |edge| edge.target.is(target))
    }
}

/// The least edge to a target in a role from a kind.
fn first(target: OwnedTarget, role: Role, kind: Kind) -> Edge {
    Edge {
        target: Arc::new(target),
        role,
        referrer: Referrer {
            kind,
            name: Arc::new(ObjectName::new("", "")),
        },
    }
}

fn referrer_of(object: &Object) -> Option<Referrer> {
    let kind = object.known_kind()?;
    let namespace = crate::snapshot::namespace_of(object).unwrap_or_default();
    Some(Referrer {
        kind,
        name: Arc::new(ObjectName::new(namespace, object.metadata().name.as_str())),
    })
}
