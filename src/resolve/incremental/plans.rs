//! Gateways of a plan, before and after.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::merge::{Domain, KnownRoutes};
use crate::plan::{
    Attachment, Attachments, Gateway, Listener, ListenerHead, ObjectName, Plan, RouteChange,
    RouteKind,
};

/// What to do with a plan.
#[derive(Debug, Default)]
pub(super) struct Edits {
    /// Routes of listeners that stay, with the places of Gateway and listener.
    routes: Vec<(usize, usize, RouteChange)>,
    /// Gateways that are other than before, or gone.
    gateways: BTreeMap<ObjectName, Option<Gateway>>,
}

type RouteName = (RouteKind, ObjectName);

/// The difference between the Gateways of two plans, as far as the second one tells.
pub(super) fn compare(known: &Plan, new: &Plan, domain: Domain<'_>) -> Edits {
    let names: BTreeSet<&ObjectName> = match domain.gateways() {
        Some(names) => names.iter().collect(),
        None => {
            let all = known.gateways.iter().chain(&new.gateways);
            all.map(|gateway| &gateway.name).collect()
        }
    };
    let routes = domain.routes();
    let comparison = Comparison {
        known: known_routes(known, &names, routes.as_ref()),
        routes: routes.as_ref(),
    };
    let mut edits = Edits::default();
    for name in names {
        let old = place_of(known, name).ok();
        let old = old.and_then(|place| Some((place, known.gateways.get(place)?)));
        let new = place_of(new, name)
            .ok()
            .and_then(|place| new.gateways.get(place));
        comparison.gateway(name, old, new, &mut edits);
    }
    edits
}

fn place_of(plan: &Plan, name: &ObjectName) -> Result<usize, usize> {
    plan.gateways
        .binary_search_by(|gateway| gateway.name.cmp(name))
}

fn known_routes<'p>(
    plan: &'p Plan,
    names: &BTreeSet<&ObjectName>,
    routes: Option<&BTreeSet<RouteName>>,
) -> KnownRoutes<'p> {
    let mut known = KnownRoutes::default();
    let gateways = names.iter().filter_map(|name| {
        let place = place_of(plan, name).ok()?;
        plan.gateways.get(place)
    });
    for listener in gateways.flat_map(|gateway| &gateway.listeners) {
        for own in among(&listener.routes, routes) {
            known.add(&own.route);
        }
    }
    known
}

/// The attachments of these Routes.
fn among<'p>(all: &'p Attachments, routes: Option<&BTreeSet<RouteName>>) -> Vec<&'p Attachment> {
    match routes {
        None => all.iter().collect(),
        Some(routes) if routes.len() < all.len() => {
            let found = routes
                .iter()
                .filter_map(|(kind, name)| all.get(*kind, name));
            found.collect()
        }
        Some(routes) => {
            let is_meant = |own: &&Attachment| {
                let name = (own.route.kind, own.route.name.clone());
                routes.contains(&name)
            };
            all.iter().filter(is_meant).collect()
        }
    }
}

struct Comparison<'c> {
    known: KnownRoutes<'c>,
    /// The Routes that were resolved; `None` stands for all.
    routes: Option<&'c BTreeSet<RouteName>>,
}

impl Comparison<'_> {
    fn gateway(
        &self,
        name: &ObjectName,
        old: Option<(usize, &Gateway)>,
        new: Option<&Gateway>,
        edits: &mut Edits,
    ) {
        let (Some((place, old)), Some(new)) = (old, new) else {
            if old.is_some() || new.is_some() {
                let new = new.map(|new| self.whole(None, new));
                edits.gateways.insert(name.clone(), new);
            }
            return;
        };
        let heads = old.listeners.iter().zip(&new.listeners);
        let is_same_shape = old.client_certificate == new.client_certificate
            && old.listeners.len() == new.listeners.len()
            && heads.clone().all(|(old, new)| old.head == new.head);
        if !is_same_shape {
            let whole = self.whole(Some(old), new);
            edits.gateways.insert(name.clone(), Some(whole));
            return;
        }
        for (at, (old, new)) in heads.enumerate() {
            let changes = self.changes(&old.head, &old.routes, &new.routes);
            let changes = changes.into_iter().map(|change| (place, at, change));
            edits.routes.extend(changes);
        }
    }

    /// A Gateway of another shape, with the Routes that it keeps.
    fn whole(&self, old: Option<&Gateway>, new: &Gateway) -> Gateway {
        let known = old.iter().flat_map(|old| &old.listeners);
        let known: HashMap<_, &Listener> = known.map(|own| (identity(&own.head), own)).collect();
        let none = Attachments::default();
        let listeners = new.listeners.iter().map(|new| {
            let old = known.get(&identity(&new.head));
            let mut routes = old.map_or(&none, |old| &old.routes).clone();
            for change in self.changes(&new.head, &routes, &new.routes) {
                put(&mut routes, change);
            }
            let head = old.filter(|old| old.head == new.head);
            Listener {
                head: Arc::clone(head.map_or(&new.head, |old| &old.head)),
                routes,
            }
        });
        Gateway {
            name: new.name.clone(),
            listeners: listeners.collect(),
            client_certificate: new.client_certificate.clone(),
        }
    }

    fn changes(
        &self,
        head: &Arc<ListenerHead>,
        old: &Attachments,
        new: &Attachments,
    ) -> Vec<RouteChange> {
        let mut changes = Vec::new();
        for before in among(old, self.routes) {
            if new.get(before.route.kind, &before.route.name).is_none() {
                changes.push(RouteChange {
                    listener: Arc::clone(head),
                    before: Some(before.clone()),
                    after: None,
                });
            }
        }
        for after in new {
            let before = old.get(after.route.kind, &after.route.name);
            if before == Some(after) {
                continue;
            }
            changes.push(RouteChange {
                listener: Arc::clone(head),
                before: before.cloned(),
                after: Some(Attachment {
                    route: self.known.share(&after.route),
                    hostnames: after.hostnames.clone(),
                }),
            });
        }
        changes
    }
}

fn identity(head: &ListenerHead) -> (&ObjectName, &Option<ObjectName>, &str) {
    (&head.gateway, &head.set, &head.name)
}

fn put(routes: &mut Attachments, change: RouteChange) {
    match (change.before, change.after) {
        (_, Some(after)) => _ = routes.put(after),
        (Some(before), None) => _ = routes.remove(before.route.kind, &before.route.name),
        (None, None) => {}
    }
}

impl Edits {
    /// Whether Gateways or listeners change.
    pub(super) fn is_shape(&self) -> bool {
        !self.gateways.is_empty()
    }

    /// The Routes that change on listeners that stay.
    pub(super) fn routes(&self) -> Vec<RouteChange> {
        self.routes
            .iter()
            .map(|(.., change)| change.clone())
            .collect()
    }

    /// Changes the plan.
    pub(super) fn apply(self, plan: &mut Plan) {
        for (gateway, listener, change) in self.routes {
            let gateway = plan.gateways.get_mut(gateway);
            if let Some(own) = gateway.and_then(|gateway| gateway.listeners.get_mut(listener)) {
                put(&mut own.routes, change);
            }
        }
        for (name, new) in self.gateways {
            match (place_of(plan, &name), new) {
                (Ok(place), Some(new)) => {
                    if let Some(own) = plan.gateways.get_mut(place) {
                        *own = new;
                    }
                }
                (Ok(place), None) => _ = plan.gateways.remove(place),
                (Err(place), Some(new)) => plan.gateways.insert(place, new),
                (Err(_), None) => {}
            }
        }
    }
}
