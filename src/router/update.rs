//! From a router and a change of its plan to the next router, which shares what did not change.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Router;
use super::compile::{Compiler, GatewayDoors, merged};
use super::conditions::Common;
use super::isolated::Isolated;
use super::names::Interner;
use super::pool::Served;
use super::route::RouteEntry;
use crate::plan::{
    Attachment, Frontend, Gateway, Listener, ListenerHead, ObjectName, Plan, Route, RouteGroup,
    RouteKind,
};

/// A Route on a listener, before and after a change.
#[derive(Clone, Copy, Debug)]
pub struct RouteChange<'c> {
    /// The listener; one that the router does not have is passed over.
    pub listener: &'c ListenerHead,
    /// How the Route was attached to it; `None` when it was not.
    pub before: Option<&'c Attachment>,
    /// How it is attached now; `None` when it no longer is.
    pub after: Option<&'c Attachment>,
}

impl Router {
    /// The router of a changed plan.
    ///
    /// It answers as one that is compiled from `new`, and shares with this one, which goes on serving, all that is the same
    /// in both plans. `old` is the plan that this router stands for; Routes count as the same when both plans hold the same
    /// [`Arc`]. Isolated rules of what changed stand behind the others.
    ///
    /// # Cost
    ///
    /// O(attachments) to compare the plans, then as [`update_routes`](Self::update_routes). Whoever knows what changed tells
    /// that instead.
    pub fn update(&self, old: &Plan, new: &Plan) -> Router {
        let mut update = Update::new(self);
        let gateways = new
            .gateways
            .iter()
            .map(|own| update.gateway(old, own))
            .collect();
        let frontends = new.frontends.iter().map(|own| {
            let same = old
                .frontends
                .iter()
                .position(|other| is_same_frontend(other, own));
            match same.and_then(|place| self.frontends.get(place)) {
                Some(known) => Arc::clone(known),
                None => update.compiler.frontend(own),
            }
        });
        let frontends = frontends.collect();
        let is_gone = {
            let present: HashSet<(RouteKind, &ObjectName)> = if self.isolated.is_empty() {
                HashSet::new()
            } else {
                routes_of(new)
                    .map(|route| (route.kind, &route.name))
                    .collect()
            };
            move |own: &Isolated| !present.contains(&(own.kind, &own.route))
        };
        let mut router = update.finish(&is_gone);
        router.gateways = gateways;
        router.frontends = frontends;
        router
    }

    /// The router after some Routes on listeners changed. A Route that several listeners serve is told once for each.
    ///
    /// It answers as one that is compiled from the changed plan, and shares with this one, which goes on serving, all but the
    /// hosts that the Routes have or had. A Route stands on a listener once here: attachments of one Route to one listener are
    /// to be told as one.
    ///
    /// # Cost
    ///
    /// O(Routes of the hosts that are touched + square root of hosts).
    pub fn update_routes(&self, changes: &[RouteChange<'_>]) -> Router {
        let mut update = Update::new(self);
        let mut by_listener: Vec<(&ListenerHead, Vec<&RouteChange<'_>>)> = Vec::new();
        for change in changes {
            let own = by_listener
                .iter_mut()
                .find(|(head, _)| is_same_listener(head, change.listener));
            match own {
                Some((_, own)) => own.push(change),
                None => by_listener.push((change.listener, vec![change])),
            }
        }
        let mut gateways = self.gateways.clone();
        for (head, own) in by_listener {
            for gateway in gateways
                .iter_mut()
                .filter(|gateway| gateway.name == head.gateway)
            {
                let Some(served) = served_of(gateway, head) else {
                    continue;
                };
                let before = own.iter().filter_map(|change| change.before).collect();
                let after = own.iter().filter_map(|change| change.after).collect();
                let changed = update.listener(served, before, after);
                replace(Arc::make_mut(gateway), changed);
            }
        }
        let removed: HashSet<(RouteKind, &ObjectName)> = changes
            .iter()
            .filter(|change| change.after.is_none())
            .filter_map(|change| change.before)
            .map(|own| (own.route.kind, &own.route.name))
            .collect();
        // Looked for only if something is isolated in a Route that was taken off some listener.
        let is_gone = |own: &Isolated| {
            let ports = gateways.iter().flat_map(|gateway| &gateway.ports);
            let served = ports.flat_map(|port| &port.listeners);
            let mesh = self.frontends.iter().flat_map(|own| own.tables());
            let mut tables = served.map(|served| &served.tables).chain(mesh);
            removed.contains(&(own.kind, &own.route))
                && !tables.any(|tables| tables.holds(own.kind, &own.route))
        };
        let mut router = update.finish(&is_gone);
        router.gateways = gateways;
        router.frontends.clone_from(&self.frontends);
        router
    }
}

struct Update<'r> {
    router: &'r Router,
    compiler: Compiler<'r>,
}

impl<'r> Update<'r> {
    fn new(router: &'r Router) -> Self {
        let common = &router.common;
        let names = Interner::new(common.seed, &common.names);
        Update {
            router,
            compiler: Compiler::new(&common.options, names),
        }
    }

    /// A router without doors yet; it keeps what is isolated in Routes that are neither compiled anew nor gone.
    fn finish(self, is_gone: &dyn Fn(&Isolated) -> bool) -> Router {
        let compiled: HashSet<(RouteKind, ObjectName)> = self.compiler.compiled().collect();
        let kept = self
            .router
            .isolated
            .iter()
            .filter(|own| !compiled.contains(&(own.kind, own.route.clone())) && !is_gone(own));
        let isolated = kept.cloned().chain(self.compiler.isolated).collect();
        Router {
            common: Common {
                names: self.compiler.names.finish(),
                ..self.router.common.clone()
            },
            gateways: Vec::new(),
            frontends: Vec::new(),
            isolated,
        }
    }

    fn gateway(&mut self, old: &Plan, new: &Gateway) -> Arc<GatewayDoors> {
        let before = old.gateways.iter().find(|own| own.name == new.name);
        let known = self.router.gateways.iter().find(|own| own.name == new.name);
        let (Some(before), Some(known)) = (before, known) else {
            return self.compiler.gateway(new);
        };
        let heads = before.listeners.iter().zip(&new.listeners);
        let is_comparable = before.listeners.len() == new.listeners.len()
            && heads
                .clone()
                .all(|(a, b)| Arc::ptr_eq(&a.head, &b.head) || a.head == b.head);
        if !is_comparable {
            return self.compiler.gateway(new);
        }
        let mut doors = Arc::clone(known);
        for (before, after) in heads {
            let (removed, added) = difference(before, after);
            if removed.is_empty() && added.is_empty() {
                continue;
            }
            let Some(served) = served_of(&doors, &after.head) else {
                return self.compiler.gateway(new);
            };
            let is_simple = is_merged(before) && is_merged(after);
            let changed = match is_simple {
                true => self.listener(served, removed, added),
                false => self.compiler.listener(after),
            };
            replace(Arc::make_mut(&mut doors), changed);
        }
        doors
    }

    /// A listener with some attachments taken off and others put on.
    fn listener(
        &mut self,
        served: &Served,
        removed: Vec<&Attachment>,
        added: Vec<&Attachment>,
    ) -> Arc<Served> {
        let seed = self.compiler.names.seed();
        let entry = |own: &&Attachment| {
            served
                .tables
                .route(own.route.kind, &own.route.name, &own.hostnames, seed)
        };
        let removed: Vec<Arc<RouteEntry>> = removed.iter().filter_map(entry).collect();
        let added: Vec<Arc<RouteEntry>> = added
            .into_iter()
            .map(|own| self.compiler.route(&own.route, &distinct(&own.hostnames)))
            .collect();
        let (options, names) = (self.compiler.options, &mut self.compiler.names);
        let tables = served.tables.change(&removed, &added, options, names);
        Arc::new(Served::new(Arc::clone(&served.head), tables, seed))
    }
}

fn distinct(hostnames: &[crate::vocab::Hostname]) -> Vec<crate::vocab::Hostname> {
    let mut seen = HashSet::new();
    hostnames
        .iter()
        .filter(|own| seen.insert(*own))
        .cloned()
        .collect()
}

fn is_same_listener(a: &ListenerHead, b: &ListenerHead) -> bool {
    (&a.gateway, &a.set, &a.name) == (&b.gateway, &b.set, &b.name)
}

fn served_of<'d>(doors: &'d GatewayDoors, head: &ListenerHead) -> Option<&'d Arc<Served>> {
    let port = doors.ports.iter().find(|port| port.number == head.port)?;
    port.listeners
        .iter()
        .find(|own| is_same_listener(&own.head, head))
}

/// Puts a listener in the place of the one that it was made from: names and ports are the same.
fn replace(doors: &mut GatewayDoors, changed: Arc<Served>) {
    let listeners = doors
        .ports
        .iter_mut()
        .flat_map(|port| port.listeners.iter_mut());
    for own in listeners.filter(|own| is_same_listener(&own.head, &changed.head)) {
        *own = Arc::clone(&changed);
    }
}

/// Whether every Route stands on the listener once.
fn is_merged(listener: &Listener) -> bool {
    merged(&listener.routes).len() == listener.routes.len()
}

fn is_same(a: &Attachment, b: &Attachment) -> bool {
    Arc::ptr_eq(&a.route, &b.route) && a.hostnames == b.hostnames
}

/// What was attached before only, and what is attached after only.
fn difference<'l>(
    before: &'l Listener,
    after: &'l Listener,
) -> (Vec<&'l Attachment>, Vec<&'l Attachment>) {
    let (mut before, mut after) = (before.routes.as_slice(), after.routes.as_slice());
    while let ([a, rest_a @ ..], [b, rest_b @ ..]) = (before, after)
        && is_same(a, b)
    {
        (before, after) = (rest_a, rest_b);
    }
    while let ([rest_a @ .., a], [rest_b @ .., b]) = (before, after)
        && is_same(a, b)
    {
        (before, after) = (rest_a, rest_b);
    }
    let by_route = |all: &'l [Attachment]| -> HashMap<*const Route, &'l Attachment> {
        all.iter()
            .map(|own| (Arc::as_ptr(&own.route), own))
            .collect()
    };
    let (known_before, known_after) = (by_route(before), by_route(after));
    let only = |own: &'l Attachment, others: &HashMap<*const Route, &'l Attachment>| {
        let other = others.get(&Arc::as_ptr(&own.route));
        !other.is_some_and(|other| is_same(own, other))
    };
    (
        before
            .iter()
            .filter(|own| only(own, &known_after))
            .collect(),
        after
            .iter()
            .filter(|own| only(own, &known_before))
            .collect(),
    )
}

fn is_same_frontend(a: &Frontend, b: &Frontend) -> bool {
    let same_routes = |a: &[Arc<Route>], b: &[Arc<Route>]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Arc::ptr_eq(a, b))
    };
    let same_group = |a: &RouteGroup, b: &RouteGroup| {
        same_routes(&a.routes, &b.routes) && same_routes(&a.udp, &b.udp)
    };
    let same_producer = match (&a.producer, &b.producer) {
        (Some(a), Some(b)) => same_group(a, b),
        (None, None) => true,
        _ => false,
    };
    (&a.service, a.port) == (&b.service, b.port)
        && same_producer
        && a.consumers.len() == b.consumers.len()
        && a.consumers
            .iter()
            .zip(&b.consumers)
            .all(|((name_a, a), (name_b, b))| name_a == name_b && same_group(a, b))
}

/// Every Route of a plan, as often as it is attached.
fn routes_of(plan: &Plan) -> impl Iterator<Item = &Arc<Route>> {
    let listeners = plan.gateways.iter().flat_map(|gateway| &gateway.listeners);
    let attached = listeners
        .flat_map(|listener| &listener.routes)
        .map(|own| &own.route);
    let groups = plan.frontends.iter().flat_map(|own| {
        own.producer
            .iter()
            .chain(own.consumers.iter().map(|(_, group)| group))
    });
    attached.chain(groups.flat_map(|group| group.routes.iter().chain(&group.udp)))
}
