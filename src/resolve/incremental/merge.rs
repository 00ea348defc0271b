//! Puts what was resolved anew in the place of what was known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::focus::{Focus, name_of};
use super::{Changes, frontends, plans};
use crate::api::{Kind, Object};
use crate::plan::{ObjectName, PlanChange, Route, RouteKind};
use crate::resolve::route::RouteObject;
use crate::resolve::statuses::Statuses;
use crate::resolve::sums::Holder;
use crate::resolve::trace::Trace;
use crate::resolve::{Resolution, StatusEntry};
use crate::snapshot::Snapshot;

/// About which objects something was resolved.
#[derive(Clone, Copy)]
pub(super) enum Domain<'d> {
    /// All.
    All,
    /// Those of a part.
    Part {
        focus: &'d Focus,
        /// All objects.
        before: &'d Snapshot,
        after: &'d Snapshot,
        /// Those of the part.
        old: &'d Snapshot,
        new: &'d Snapshot,
    },
}

/// Merges and tells the difference.
pub(super) fn merge(known: &mut Resolution, part: Resolution, domain: Domain<'_>) -> Changes {
    let mut changes = Changes::default();
    merge_statuses(&mut known.statuses, &part.statuses, domain, &mut changes);
    merge_traces(&mut known.trace, part.trace, domain);
    known.mesh = part.mesh;
    let edits = plans::compare(&known.plan, &part.plan, domain);
    let frontends = frontends::compare(&known.plan.frontends, part.plan.frontends, domain);
    changes.plan = match edits.is_shape() || frontends.is_some() {
        true => PlanChange::Shape {
            before: Box::new(known.plan.clone()),
        },
        false => PlanChange::Routes(edits.routes()),
    };
    edits.apply(&mut known.plan);
    if let Some(frontends) = frontends {
        known.plan.frontends = frontends;
    }
    changes
}

fn merge_statuses(known: &mut Statuses, new: &Statuses, domain: Domain<'_>, changes: &mut Changes) {
    // By the order of the snapshot; of an object that is in both, the new one.
    let mut objects: Vec<Arc<Object>> = match domain {
        Domain::All => {
            let entries = new.iter().chain(known.iter());
            entries.map(StatusEntry::object).cloned().collect()
        }
        Domain::Part { .. } => domain.objects().cloned().collect(),
    };
    objects.sort_by(|a, b| crate::snapshot::order(a).cmp(&crate::snapshot::order(b)));
    objects.dedup_by(|b, a| crate::snapshot::order(a) == crate::snapshot::order(b));
    for object in objects {
        match new.of(&object) {
            Some(entry) => {
                if known.of(&object) != Some(entry) {
                    known.put(entry.clone());
                    changes.statuses.push(entry.clone());
                }
            }
            None => {
                if known.remove(&object).is_some() {
                    changes.removed.push(object.key());
                }
            }
        }
    }
}

fn merge_traces(known: &mut Trace, part: Trace, domain: Domain<'_>) {
    let Domain::Part { old, new, .. } = domain else {
        *known = part;
        return;
    };
    for objects in [new, old] {
        for object in objects.objects() {
            let is_set = match object.known_kind() {
                Some(Kind::Gateway) => false,
                Some(Kind::ListenerSet) => true,
                _ => continue,
            };
            let holder = Holder {
                is_set,
                name: name_of(object),
            };
            let facts = part.holder(&holder).cloned();
            known.set_holder(holder, facts);
        }
    }
    for route in old.objects().filter_map(|object| RouteObject::of(object)) {
        known.remove(route);
    }
    for record in part.into_records().iter() {
        known.put(record.clone());
    }
}

impl<'d> Domain<'d> {
    /// The objects of a part that can have a status, as they are and as they were.
    fn objects(self) -> impl Iterator<Item = &'d Arc<Object>> {
        let parts = match self {
            Domain::All => None,
            Domain::Part {
                focus,
                before,
                after,
                old,
                new,
            } => Some((focus, [(new, after), (old, before)])),
        };
        parts.into_iter().flat_map(|(focus, snapshots)| {
            snapshots.into_iter().flat_map(move |(part, all)| {
                let classes = all.of_kind(Some(Kind::GatewayClass));
                let classes =
                    classes.filter(|class| focus.classes.contains(class.metadata().name.as_str()));
                part.objects()
                    .chain(classes)
                    .chain(all.of_kind(Some(Kind::Mesh)))
            })
        })
    }

    /// The Gateways whose plan may be another; `None` stands for all.
    pub(super) fn gateways(self) -> Option<&'d BTreeSet<ObjectName>> {
        match self {
            Domain::All => None,
            Domain::Part { focus, .. } => Some(&focus.gateways),
        }
    }

    /// The Routes that may be attached otherwise; `None` stands for all.
    pub(super) fn routes(self) -> Option<BTreeSet<(RouteKind, ObjectName)>> {
        match self {
            Domain::All => None,
            Domain::Part { old, new, .. } => {
                let objects = old.objects().chain(new.objects());
                let routes = objects.filter_map(|object| {
                    let kind = RouteObject::of(object)?.kind();
                    Some((kind, name_of(object)))
                });
                Some(routes.collect())
            }
        }
    }

    /// The Services that Routes of the part have or had as parents; `None` stands for all.
    pub(super) fn services(self) -> Option<BTreeSet<ObjectName>> {
        use super::references::Role;
        use super::referents::each_reference;
        match self {
            Domain::All => None,
            Domain::Part { old, new, .. } => {
                let mut services = BTreeSet::new();
                for object in old.objects().chain(new.objects()) {
                    each_reference(object, &mut |role, target| {
                        if role == Role::Parent && target.is_service() {
                            services.insert(target.object_name());
                        }
                    });
                }
                Some(services)
            }
        }
    }
}

/// The Routes of a plan before, to go on where nothing changed.
#[derive(Debug, Default)]
pub(super) struct KnownRoutes<'p> {
    by_name: BTreeMap<(RouteKind, &'p ObjectName), Vec<&'p Arc<Route>>>,
}

impl<'p> KnownRoutes<'p> {
    /// Remembers a Route.
    pub(super) fn add(&mut self, route: &'p Arc<Route>) {
        let known = self.by_name.entry((route.kind, &route.name)).or_default();
        if !known.iter().any(|own| Arc::ptr_eq(own, route)) {
            known.push(route);
        }
    }

    /// The one that is equal, if there is one.
    pub(super) fn share(&self, route: &Arc<Route>) -> Arc<Route> {
        let known = self.by_name.get(&(route.kind, &route.name));
        let equal = known.and_then(|known| known.iter().find(|own| **own == route));
        Arc::clone(equal.copied().unwrap_or(route))
    }
}
