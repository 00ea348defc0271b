//! From a router and a change of its plan to the next router, which shares what did not change.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Router;
use super::compile::Compiler;
use super::conditions::Common;
use super::doors::{Doors, FrontendDoors, GatewayDoors};
use super::isolated::Isolated;
use super::names::Interner;
use super::pool::Served;
use super::route::RouteEntry;
use crate::plan::{
    Attachment, Frontend, Gateway, ListenerHead, ObjectName, Plan, PlanChange, Route, RouteChange,
    RouteGroup, RouteKind,
};

impl Router {
    /// The router of a changed plan.
    ///
    /// It answers as one that is compiled from `new`, and shares with this one, which goes on serving, all that is the same
    /// in both plans. `old` is the plan that this router stands for; Routes count as the same when both plans hold the same
    /// [`Arc`]. Isolated rules of what changed stand behind the others.
    ///
    /// # Cost
    ///
    /// O(listeners + frontends + attachments / 48) to compare the plans when one was made from the other by changes, so that
    /// they share their lists; else O(attachments). Then as [`update_routes`](Self::update_routes). Whoever knows what changed
    /// tells that instead.
    pub fn update(&self, old: &Plan, new: &Plan) -> Router {
        let mut update = Update::new(self);
        let known = Known::of(self, old);
        let gateways = new
            .gateways
            .iter()
            .map(|own| update.gateway(&known, own))
            .collect();
        let frontends = new
            .frontends
            .iter()
            .map(|own| update.frontend(&known, own))
            .collect();
        let is_gone = {
            let present: HashSet<(RouteKind, &ObjectName)> = if self.isolated.is_empty() {
                HashSet::new()
            } else {
                new.routes()
                    .map(|route| (route.kind, &route.name))
                    .collect()
            };
            move |own: &Isolated| !present.contains(&(own.kind, &own.route))
        };
        let mut router = update.finish(&is_gone);
        router.doors = Doors::new(gateways, frontends, self.common.seed);
        router
    }

    /// The router of a plan that changed like this; see [`update_routes`](Self::update_routes) and [`update`](Self::update) for
    /// what it costs.
    pub fn follow(&self, change: &PlanChange, new: &Plan) -> Router {
        match change {
            PlanChange::Routes(changes) => self.update_routes(changes),
            PlanChange::Shape { before } => self.update(before, new),
        }
    }

    /// The router after some Routes on listeners changed. A Route that several listeners serve is told once for each.
    ///
    /// It answers as one that is compiled from the changed plan, and shares with this one, which goes on serving, all but the
    /// hosts that the Routes have or had. Listeners that it does not have are passed over.
    ///
    /// # Cost
    ///
    /// O(Routes of the hosts that are touched + square root of hosts).
    pub fn update_routes(&self, changes: &[RouteChange]) -> Router {
        let mut update = Update::new(self);
        let mut by_listener: Vec<(&ListenerHead, Vec<&RouteChange>)> = Vec::new();
        for change in changes {
            let own = by_listener
                .iter_mut()
                .find(|(head, _)| is_same_listener(head, &change.listener));
            match own {
                Some((_, own)) => own.push(change),
                None => by_listener.push((&change.listener, vec![change])),
            }
        }
        let mut doors = self.doors.clone();
        for (head, own) in by_listener {
            let Some(gateway) = doors.gateway_mut(&head.gateway) else {
                continue;
            };
            let Some(served) = served_of(gateway, head) else {
                continue;
            };
            let before = own.iter().filter_map(|change| change.before.as_ref());
            let after = own.iter().filter_map(|change| change.after.as_ref());
            let changed = update.listener(served, before.collect(), after.collect());
            replace(Arc::make_mut(gateway), changed);
        }
        let removed: HashSet<(RouteKind, &ObjectName)> = changes
            .iter()
            .filter(|change| change.after.is_none())
            .filter_map(|change| change.before.as_ref())
            .map(|own| (own.route.kind, &own.route.name))
            .collect();
        // Looked for only if something is isolated in a Route that was taken off some listener.
        let is_gone = |own: &Isolated| {
            let ports = doors.gateways.iter().flat_map(|gateway| &gateway.ports);
            let served = ports.flat_map(|port| &port.listeners);
            let mesh = doors.frontends.iter().flat_map(|own| own.tables());
            let mut tables = served.map(|served| &served.tables).chain(mesh);
            removed.contains(&(own.kind, &own.route))
                && !tables.any(|tables| tables.holds(own.kind, &own.route))
        };
        let mut router = update.finish(&is_gone);
        router.doors = doors;
        router
    }
}

/// What a router made of a plan, by name.
struct Known<'k> {
    gateways: HashMap<&'k ObjectName, (&'k Gateway, &'k Arc<GatewayDoors>)>,
    frontends: HashMap<(&'k ObjectName, u16), (&'k Frontend, &'k Arc<FrontendDoors>)>,
}

impl<'k> Known<'k> {
    fn of(router: &'k Router, plan: &'k Plan) -> Self {
        let gateways = plan.gateways.iter().zip(&router.doors.gateways);
        let frontends = plan.frontends.iter().zip(&*router.doors.frontends);
        Known {
            gateways: gateways
                .filter(|(own, doors)| own.name == doors.name)
                .map(|(own, doors)| (&own.name, (own, doors)))
                .collect(),
            frontends: frontends
                .filter(|(own, doors)| own.service == doors.service && own.port == doors.port)
                .map(|(own, doors)| ((&own.service, own.port), (own, doors)))
                .collect(),
        }
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

    /// A router with the doors of before; it keeps what is isolated in Routes that are neither compiled anew nor gone.
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
            doors: self.router.doors.clone(),
            isolated,
        }
    }

    fn gateway(&mut self, known: &Known<'_>, new: &Gateway) -> Arc<GatewayDoors> {
        let Some((before, doors)) = known.gateways.get(&new.name) else {
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
        let mut doors = Arc::clone(doors);
        for (before, after) in heads {
            let (removed, added) = before.routes.difference(&after.routes);
            if removed.is_empty() && added.is_empty() {
                continue;
            }
            let Some(served) = served_of(&doors, &after.head) else {
                return self.compiler.gateway(new);
            };
            let changed = self.listener(served, removed, added);
            replace(Arc::make_mut(&mut doors), changed);
        }
        doors
    }

    fn frontend(&mut self, known: &Known<'_>, new: &Frontend) -> Arc<FrontendDoors> {
        match known.frontends.get(&(&new.service, new.port)) {
            Some((before, doors)) if is_same_frontend(before, new) => Arc::clone(doors),
            _ => self.compiler.frontend(new),
        }
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
