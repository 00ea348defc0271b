//! A resolution that follows its snapshot, change by change.
//!
//! [`Incremental`] holds a snapshot and what it means. A change gives the statuses and the Routes on listeners that are other
//! than before; everything else stays as it is and is shared with the resolution before.
//!
//! # How
//!
//! There is one set of rules. A change is first followed to the objects that it can reach, through an index of who refers to
//! what; these and what competes with them are resolved by the passes of [`resolve`](super::resolve), with the whole snapshot
//! to look things up in, and put in the place of what was known about them. Where many Routes add up to one number (Routes
//! attached to a listener, Gateways that reach a policy's target), their share before is taken out and the share after put in.
//!
//! ```
//! use gatewright::api::Object;
//! use gatewright::plan::PlanChange;
//! use gatewright::resolve::{Change, Controller, Incremental};
//! use gatewright::router::Router;
//! use gatewright::snapshot::Snapshot;
//!
//! let mut builder = Snapshot::builder();
//! for object in [
//!     serde_json::json!({
//!         "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass", "metadata": {"name": "shared"},
//!         "spec": {"controllerName": "example.com/gateway"}
//!     }),
//!     serde_json::json!({
//!         "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
//!         "metadata": {"namespace": "shop", "name": "front"},
//!         "spec": {"gatewayClassName": "shared", "listeners": [{"name": "web", "port": 80, "protocol": "HTTP"}]}
//!     }),
//! ] {
//!     builder.add(Object::from_value(object)?)?;
//! }
//! let mut resolver = Incremental::new(builder.build(), Controller::named("example.com/gateway"));
//! let mut router = Router::compile(&resolver.resolution().plan);
//!
//! let route = Object::from_value(serde_json::json!({
//!     "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
//!     "metadata": {"namespace": "shop", "name": "cart"},
//!     "spec": {"parentRefs": [{"name": "front"}]}
//! }))?;
//! let changes = resolver.apply([Change::Put(route.into())]);
//! let names = |changes: &gatewright::resolve::Changes| -> Vec<String> {
//!     changes.statuses.iter().map(|entry| entry.object().key().to_string()).collect()
//! };
//! // The Route has a status, and the Gateway counts one Route more.
//! assert_eq!(names(&changes), ["Gateway shop/front", "HTTPRoute shop/cart"]);
//! assert!(matches!(&changes.plan, PlanChange::Routes(routes) if routes.len() == 1));
//! router = router.follow(&changes.plan, &resolver.resolution().plan);
//! # assert!(router.isolated().is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod faces;
mod focus;
mod frontends;
mod hosts;
mod listed;
mod merge;
mod plans;
mod references;
mod referents;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::focus::{Focus, Sight, Touched};
use self::merge::Domain;
use self::references::References;
use super::part::{Scope, resolve_part, sum_part, with_gateways};
use super::remembering::Remembering;
use super::route::RouteObject;
use super::routes::Unserved;
use super::status::Owners;
use super::sums::Sums;
use super::{Controller, Resolution, StatusEntry};
use crate::api::{Key, Object};
use crate::plan::PlanChange;
use crate::snapshot::Snapshot;

/// A snapshot and what it means, kept up to date.
///
/// After any changes it equals [`resolve`](super::resolve) of its snapshot from scratch.
///
/// # Cost
///
/// It keeps, beside the resolution, an index of references of some hundred bytes a Route. What a change costs follows from
/// what it can reach; *its Routes* are those that name an object as a parent, *its users* those that refer to it.
///
/// | change | is resolved anew |
/// |---|---|
/// | a Route | it, and the Gateways that it names with their ListenerSets and listeners; in a mesh all Routes of its Services |
/// | an HTTPRoute or GRPCRoute where both exclude each other (before v1.6) | the same, and Routes of the other kind at its parents with a host in common, and so on |
/// | a Service | its users; policies that target it and the users of their targets |
/// | a Secret, a ConfigMap, an object of any other kind | its users: Gateways, policies, Routes |
/// | a ReferenceGrant | those of its `from` that refer into its namespace |
/// | labels of a Namespace | the Routes in it, the Gateways of ListenerSets in it |
/// | a Gateway or a ListenerSet | the Gateway; its Routes too, but only if ports, names, hostnames, kinds, namespaces or health changed |
/// | a BackendTLSPolicy or XBackendTrafficPolicy | policies that share a target with it, users of its targets |
/// | a CRD | statuses of GatewayClasses |
/// | the spec of a GatewayClass or XMesh, or parameters of one | everything |
/// | an object that is put unchanged | nothing |
/// | metadata or status alone | as little as the rows above say; a Gateway's own status costs that Gateway |
///
/// More Routes than 1,000 and an eighth of the number of objects are not resolved as a part but as everything, which costs what
/// [`resolve`](super::resolve) does and a comparison. The same holds when a BackendTLSPolicy gets or loses Gateways that its
/// status has no room for (BTLS-21). Otherwise a part costs microseconds for each object in it, and putting it in place
/// O(log n) for each status and each Route on a listener.
#[derive(Debug)]
pub struct Incremental {
    controller: Controller,
    snapshot: Snapshot,
    resolution: Resolution,
    references: References,
    owners: Owners,
    sums: Sums,
    unserved: BTreeSet<Unserved>,
}

/// A change of a snapshot.
#[derive(Clone, Debug)]
pub enum Change {
    /// The object is there, in place of one with the same group, kind, namespace and name.
    Put(Arc<Object>),
    /// The object is gone.
    Remove(Key),
}

/// What follows from changes of a snapshot.
#[derive(Clone, Debug)]
pub struct Changes {
    /// Objects whose status ought to say something else, or that changed themselves, by kind, namespace and name. Those whose
    /// status says it already have no [`patch`](StatusEntry::patch).
    pub statuses: Vec<StatusEntry>,
    /// Objects that have no status of ours any more, most of them because they are gone.
    pub removed: Vec<Key>,
    /// What is different in the plan, in the form that a router takes.
    pub plan: PlanChange,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.statuses.is_empty() && self.removed.is_empty() && self.plan.is_empty()
    }
}

impl Default for Changes {
    fn default() -> Self {
        Changes {
            statuses: Vec::new(),
            removed: Vec::new(),
            plan: PlanChange::Routes(Vec::new()),
        }
    }
}

impl Incremental {
    /// Resolves a snapshot. The certificate reader is asked once about each content.
    pub fn new(snapshot: Snapshot, controller: Controller) -> Self {
        let reader = Remembering::new(controller.shared_certificate_reader());
        let controller = controller.with_certificate_reader(Arc::new(reader));
        let none = Sums::default();
        let part = resolve_part(Scope::all(&snapshot, &controller), Some(&none));
        Incremental {
            references: References::of(&snapshot),
            resolution: part.resolution,
            owners: part.owners,
            sums: part.sums,
            unserved: part.unserved.into_iter().collect(),
            snapshot,
            controller,
        }
    }

    /// The objects as they are now.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// What they mean.
    pub fn resolution(&self) -> &Resolution {
        &self.resolution
    }

    /// On whose behalf.
    pub fn controller(&self) -> &Controller {
        &self.controller
    }

    /// Changes some objects at once; of several changes of one object the last one counts.
    ///
    /// # Cost
    ///
    /// See [`Incremental`].
    pub fn apply(&mut self, changes: impl IntoIterator<Item = Change>) -> Changes {
        let before = self.snapshot.clone();
        let touched = self.take_over(changes, &before);
        if touched.is_empty() {
            return Changes::default();
        }
        let (focus, lists) = self.find_reach(&before, &touched);
        for own in &touched {
            if let Some(old) = &own.old {
                self.references.remove(old, own.new.as_deref());
            }
        }
        match lists {
            Some((old, new)) => self.follow(&focus, &before, (&old, &new)),
            None => self.follow_all(),
        }
    }

    /// Resolves everything anew and compares, for example after facts about the data plane changed.
    pub fn refresh(&mut self) -> Changes {
        self.follow_all()
    }

    /// Puts the changes into the snapshot, and new references beside the old ones.
    fn take_over(
        &mut self,
        changes: impl IntoIterator<Item = Change>,
        before: &Snapshot,
    ) -> Vec<Touched> {
        let mut keys: BTreeSet<Key> = BTreeSet::new();
        for change in changes {
            match change {
                Change::Put(object) => {
                    let key = object.key();
                    if find(&self.snapshot, &key) != Some(&object) {
                        self.snapshot.put(object);
                        keys.insert(key);
                    }
                }
                Change::Remove(key) => {
                    if self.snapshot.remove(&key).is_some() {
                        keys.insert(key);
                    }
                }
            }
        }
        let touched = keys.into_iter().map(|key| Touched {
            old: find(before, &key).cloned(),
            new: find(&self.snapshot, &key).cloned(),
        });
        let touched: Vec<Touched> = touched.filter(|own| own.old != own.new).collect();
        for own in &touched {
            if let Some(new) = &own.new {
                self.references.add(new);
            }
        }
        touched
    }

    /// What the changes reach, with the objects to resolve as they were and as they are; no objects stand for all.
    fn find_reach(
        &self,
        before: &Snapshot,
        touched: &[Touched],
    ) -> (Focus, Option<(Snapshot, Snapshot)>) {
        let sight = Sight {
            before,
            after: &self.snapshot,
            references: &self.references,
            controller: &self.controller,
        };
        let mut focus = Focus::default();
        for own in touched {
            focus.touch(own, sight);
        }
        if !focus.everything && !focus.gateways.is_empty() {
            let old = focus.list_gateways(before, sight);
            let new = focus.list_gateways(&self.snapshot, sight);
            let changed = with_gateways(self.scope(before, &old), |_, before| {
                with_gateways(self.scope(&self.snapshot, &new), |_, after| {
                    faces::changed(before, after)
                })
            });
            focus.add_attached(&changed, sight);
        }
        if !focus.everything {
            focus.close(sight);
        }
        let lists = (!focus.everything)
            .then(|| (focus.list(before, sight), focus.list(&self.snapshot, sight)));
        (focus, lists)
    }

    fn scope<'s>(&'s self, snapshot: &'s Snapshot, listed: &'s Snapshot) -> Scope<'s> {
        Scope {
            snapshot,
            listed,
            controller: &self.controller,
            with_classes: false,
            owners: Some(&self.owners),
        }
    }

    /// What the Routes of a part added up to. Where no policy is reached this is told by the trace.
    fn share_of(&self, focus: &Focus, before: &Snapshot, old: &Snapshot) -> Sums {
        if !focus.policies.is_empty() {
            return sum_part(self.scope(before, old));
        }
        let mut share = Sums::default();
        let routes = old.objects().filter_map(|object| RouteObject::of(object));
        for (holder, place) in routes.flat_map(|route| self.resolution.trace.attached(route)) {
            share.add_attached(holder, place);
        }
        share
    }

    /// Resolves a part and puts it in place.
    fn follow(
        &mut self,
        focus: &Focus,
        before: &Snapshot,
        (old, new): (&Snapshot, &Snapshot),
    ) -> Changes {
        let share = self.share_of(focus, before, old);
        self.sums.subtract(&share);
        let scope = Scope {
            with_classes: !focus.classes.is_empty(),
            ..self.scope(&self.snapshot, new)
        };
        let part = resolve_part(scope, Some(&self.sums));
        let policies = &focus.policies;
        let is_in_part = |(policy, _): &&Unserved| {
            let kind = crate::api::Kind::BackendTlsPolicy;
            policies.contains(&(kind, policy.clone()))
        };
        let known: BTreeSet<&Unserved> = self.unserved.iter().filter(is_in_part).collect();
        if known != part.unserved.iter().collect() {
            return self.follow_all();
        }
        self.sums.add(part.sums);
        let domain = Domain::Part {
            focus,
            before,
            after: &self.snapshot,
            old,
            new,
        };
        merge::merge(&mut self.resolution, part.resolution, domain)
    }

    /// Resolves everything and compares.
    fn follow_all(&mut self) -> Changes {
        let none = Sums::default();
        let part = resolve_part(Scope::all(&self.snapshot, &self.controller), Some(&none));
        self.owners = part.owners;
        self.sums = part.sums;
        self.unserved = part.unserved.into_iter().collect();
        merge::merge(&mut self.resolution, part.resolution, Domain::All)
    }
}

fn find<'s>(snapshot: &'s Snapshot, key: &Key) -> Option<&'s Arc<Object>> {
    snapshot.shared(&key.group, &key.kind, key.namespace.as_deref(), &key.name)
}
