//! The Route passes, in their order.
//!
//! Takes the snapshot and what the Gateway passes found, gives what is attached to each listener, the frontends of the mesh,
//! and what the statuses of Routes and policies say. Each Route is first looked at alone (parents, content), then Routes
//! are compared with each other, then policies learn who reaches their targets, and last everything is put into words.

mod shared;

use std::collections::HashMap;
use std::sync::Arc;

use self::shared::{pair, targets};

use super::attach::{self, Candidate, Checks, ListenerCheck, Reached};
use super::backend::{Backends, RouteReferrer, Stance};
use super::backend_tls_policy::{TlsAncestor, TlsPolicies};
use super::backend_traffic_policy::{TrafficAncestor, TrafficPolicies};
use super::cross_kind::{self, Contender};
use super::default_gateway::default_parents;
use super::hostnames::ServedHosts;
use super::lower::{self, Lowered};
use super::mesh::{self, Frontends, Seat, Seats};
use super::parent::{Parent, ParentRef};
use super::route::{self, RouteView};
use super::state::{Attached, GatewayState, Gateways, ListenerState};
use super::status::{Finding, RouteAccepted};
use super::sums::Sums;
use super::world::World;
use crate::api::{BackendTlsPolicy, BackendTrafficPolicy, Service};
use crate::plan::check::FaultKind;
use crate::plan::{self, ObjectName, Protocol, RouteKind, TlsMode};

/// What the Route passes work with.
#[derive(Clone, Copy, Debug)]
pub(super) struct RouteWorld<'w, 's> {
    /// Everything that every pass may read.
    pub(super) world: &'w World<'s>,
    /// What the Gateway passes found.
    pub(super) gateways: &'w Gateways<'s>,
    /// What Routes that are not listed add up to; `None` when there are none and sums are not asked for.
    pub(super) others: Option<&'s Sums>,
}

/// What the Route passes found.
#[derive(Debug)]
pub(super) struct Routes<'w, 's> {
    /// Every Route, by kind, namespace and name.
    pub(super) routes: Vec<RouteState<'w, 's>>,
    /// The Gateways that policies know by number: those that are listed and those that other Routes reach targets by.
    pub(super) gateways: Vec<(&'s str, &'s str)>,
    /// Per listener.
    pub(super) attached: Attached,
    /// What the Routes add up to, if that was asked for.
    pub(super) sums: Sums,
    /// BackendTLSPolicies with the Gateways that their statuses have no room for.
    pub(super) unserved: Vec<Unserved>,
    /// Services with mesh Routes.
    pub(super) frontends: Vec<plan::Frontend>,
    /// What BackendTLSPolicies say.
    pub(super) tls_policies: Vec<(&'s BackendTlsPolicy, Vec<TlsAncestor>)>,
    /// What XBackendTrafficPolicies say.
    pub(super) traffic_policies: Vec<(&'s BackendTrafficPolicy, Vec<TrafficAncestor>)>,
}

/// Namespace and name of a policy, and a Gateway that its status has no room for.
pub(super) type Unserved = (ObjectName, ObjectName);

/// A Route and what became of it.
#[derive(Debug)]
pub(super) struct RouteState<'w, 's> {
    /// The Route.
    pub(super) view: RouteView<'s>,
    /// Its parents, ours or not, in order.
    pub(super) parents: Vec<ParentState<'w, 's>>,
    /// It lowered for each stance that some parent needs.
    variants: Vec<Variant>,
}

/// A Route lowered for a stance.
#[derive(Debug)]
struct Variant {
    stance: Stance,
    lowered: Lowered,
    /// The Route of the plan, once somebody needs it.
    route: Option<Arc<plan::Route>>,
}

/// A parentRef and what became of it.
#[derive(Debug)]
pub(super) struct ParentState<'w, 's> {
    /// The parentRef.
    pub(super) reference: ParentRef<'s>,
    /// What it leads to.
    pub(super) place: Place<'w, 's>,
    /// What each listener of the parent said.
    pub(super) checks: Vec<ListenerCheck>,
    /// Where the Route is attached, or why nowhere.
    pub(super) outcome: Result<Foothold, Finding<RouteAccepted>>,
    /// For whom the Route is lowered here.
    stance: Stance,
}

/// Where a Route is attached at one parent.
#[derive(Debug)]
pub(super) enum Foothold {
    /// On these listeners.
    Listeners(Vec<Reached>),
    /// On these ports of a Service.
    Ports(Vec<u16>),
}

/// What a parentRef leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'w, 's> {
    /// A Gateway of ours, or a set of one.
    Listeners(Parent<'w, 's>),
    /// A Service.
    Service,
    /// Nothing of ours.
    Nowhere,
}

/// Runs all Route passes.
///
/// # Cost
///
/// Linear in Routes times parentRefs times listeners of the parent, plus the size of the rules, plus O(n log n) for the
/// Routes that contend on one listener. Nothing is quadratic.
///
/// # Spec
///
/// Sections 4 to 10 of the attachment part: RT, GW-DEF, BE, BTLS, XBTP, MESH; GW-COUNT-02..09.
pub(super) fn resolve_routes<'w, 's>(world: RouteWorld<'w, 's>) -> Routes<'w, 's> {
    let mut passes = Passes::new(world);
    let mut routes = passes.settle();
    let mut reach = passes.reach(&routes);
    let mut counts = passes.count(&routes);
    let mut sums = Sums::default();
    if let Some(others) = world.others {
        sums = passes.sums(&reach, &counts);
        passes.add_others(others, &mut reach, &mut counts);
    }
    let tls_policies = passes.tls.judge(&reach.tls, &world.world.owners);
    let traffic_policies = passes.traffic.judge(&reach.traffic, &world.world.owners);
    if passes.tls.has_unserved() {
        passes.turn_unserved(&mut routes);
    }
    let attached = passes.attach(&mut routes, counts);
    let frontends = collect_frontends(&mut routes);
    Routes {
        routes,
        unserved: passes.unserved(),
        gateways: passes.names,
        attached,
        sums,
        frontends,
        tls_policies,
        traffic_policies,
    }
}

/// What the listed Routes add up to, without more.
pub(super) fn sum_routes<'s>(world: RouteWorld<'_, 's>) -> Sums {
    let passes = Passes::new(world);
    let routes = passes.settle();
    passes.sums(&passes.reach(&routes), &passes.count(&routes))
}

/// What several passes need.
struct Passes<'w, 's> {
    world: RouteWorld<'w, 's>,
    tls: TlsPolicies<'s>,
    traffic: TrafficPolicies<'s>,
    defaults: Vec<&'w GatewayState<'s>>,
    /// Gateways by number, ordered by namespace and name.
    names: Vec<(&'s str, &'s str)>,
    places: HashMap<(&'s str, &'s str), u32>,
    /// By [`ListenerState::id`]; with the Gateway.
    listeners: Vec<Option<(&'w GatewayState<'s>, &'w ListenerState<'s>)>>,
}

impl<'w, 's> Passes<'w, 's> {
    fn new(world: RouteWorld<'w, 's>) -> Self {
        let gateways = &world.gateways.list;
        let mut listeners = vec![None; world.gateways.listener_count];
        for gateway in gateways {
            let entries = gateway.sets.iter().flat_map(|set| &set.listeners);
            for listener in gateway.listeners.iter().chain(entries) {
                if let Some(slot) = listeners.get_mut(listener.id) {
                    *slot = Some((gateway, listener));
                }
            }
        }
        let tls = TlsPolicies::read(world.world);
        let traffic = TrafficPolicies::read(world.world);
        let mut names: Vec<_> = gateways.iter().map(|g| (g.namespace, g.name)).collect();
        if let Some(others) = world.others {
            let known = targets(&tls, &traffic).filter_map(|(policy, (namespace, name), _)| {
                others.gateways_of(policy, &ObjectName::new(namespace, name))
            });
            names.extend(known.flat_map(|gateways| gateways.keys().map(pair)));
            names.sort_unstable();
            names.dedup();
        }
        Passes {
            world,
            tls,
            traffic,
            defaults: gateways
                .iter()
                .filter(|gateway| gateway.is_default)
                .collect(),
            places: names.iter().copied().zip(0u32..).collect(),
            names,
            listeners,
        }
    }

    fn listener(&self, id: u32) -> Option<(&'w GatewayState<'s>, &'w ListenerState<'s>)> {
        *self.listeners.get(usize::try_from(id).ok()?)?
    }

    fn place_of(&self, gateway: &GatewayState<'s>) -> Option<u32> {
        self.places.get(&(gateway.namespace, gateway.name)).copied()
    }

    /// Decides where each Route is attached.
    fn settle(&self) -> Vec<RouteState<'w, 's>> {
        let mut routes = self.attempt_all();
        self.judge_contents(&mut routes);
        if self.world.world.controller.has_exclusive_hostnames() {
            self.settle_kinds(&mut routes);
        }
        settle_mesh_kinds(&mut routes);
        routes
    }

    /// Follows every parentRef of every Route, and the default Gateways after them (RT-STAT-01).
    fn attempt_all(&self) -> Vec<RouteState<'w, 's>> {
        let views = route::routes(self.world.world.listed, self.world.world.controller);
        let states = views.into_iter().map(|view| {
            let listed = view.parent_refs();
            let defaults = default_parents(&view, &self.defaults);
            let parents = listed.chain(defaults);
            let parents = parents.map(|parent| self.attempt(&view, parent)).collect();
            RouteState {
                view,
                parents,
                variants: Vec::with_capacity(1),
            }
        });
        states.collect()
    }

    fn attempt(&self, view: &RouteView<'s>, reference: ParentRef<'s>) -> ParentState<'w, 's> {
        let snapshot = self.world.world.snapshot;
        let release = self.world.world.controller.release();
        if reference.is_service() {
            let service = snapshot.get::<Service>(Some(reference.namespace), reference.name);
            return ParentState {
                reference,
                place: service.map_or(Place::Nowhere, |_| Place::Service),
                checks: Vec::new(),
                outcome: match service {
                    Some(service) => {
                        mesh::attempt(view.kind, &reference, service).map(Foothold::Ports)
                    }
                    None => Err(nothing_of_ours()),
                },
                stance: Stance::Mesh,
            };
        }
        let Some(parent) = Parent::find(&reference, self.world.gateways, release) else {
            return ParentState {
                reference,
                place: Place::Nowhere,
                checks: Vec::new(),
                outcome: Err(nothing_of_ours()),
                stance: Stance::Mesh,
            };
        };
        let candidate = Candidate {
            kind: view.kind,
            namespace: view.namespace,
            labels: Some(snapshot.namespace_labels(view.namespace)),
            hostnames: &view.hostnames,
            written: view.written,
        };
        let attempt = attach::attempt(candidate, &reference, parent.listeners());
        let speaks_tls = match &attempt.outcome {
            Ok(reached) if view.kind == RouteKind::Tls => {
                reached.iter().any(|one| !self.passes_through(one.listener))
            }
            _ => true,
        };
        ParentState {
            reference,
            place: Place::Listeners(parent),
            checks: attempt.checks,
            outcome: attempt.outcome.map(Foothold::Listeners),
            stance: Stance::Gateway {
                speaks_tls,
                unserved: None,
            },
        }
    }

    fn passes_through(&self, listener: u32) -> bool {
        self.listener(listener).is_some_and(|(_, listener)| {
            listener.protocol == Some(Protocol::Tls(TlsMode::Passthrough))
        })
    }

    /// Lowers every Route for the stances that its parents need, and refuses those without a valid rule.
    fn judge_contents(&self, routes: &mut [RouteState<'w, 's>]) {
        for route in routes {
            for place in 0..route.parents.len() {
                let Some(parent) = route.parents.get(place) else {
                    continue;
                };
                if matches!(parent.place, Place::Nowhere) {
                    continue;
                }
                let stance = parent.stance;
                self.lower_for(route, stance);
                let refusal = route.lowered(stance).and_then(refusal_of);
                if let (Some(refusal), Some(parent)) = (refusal, route.parents.get_mut(place))
                    && parent.outcome.is_ok()
                {
                    parent.outcome = Err(refusal);
                }
            }
        }
    }

    /// Lowers a Route for a stance, once.
    fn lower_for(&self, route: &mut RouteState<'w, 's>, stance: Stance) {
        if route.lowered(stance).is_some() {
            return;
        }
        let backends = Backends {
            snapshot: self.world.world.snapshot,
            grants: &self.world.world.grants,
            tls: &self.tls,
            traffic: &self.traffic,
            features: self.world.world.controller.features(),
        };
        let referrer = RouteReferrer {
            kind: route.view.kind,
            namespace: route.view.namespace,
            stance,
        };
        let lowered = lower::lower(&route.view, referrer, backends, self.world.world.controller);
        route.variants.push(Variant {
            stance,
            lowered,
            route: None,
        });
    }

    /// Lets HTTPRoutes and GRPCRoutes on one host of one listener exclude each other (RT-XTYPE).
    fn settle_kinds(&self, routes: &mut [RouteState<'w, 's>]) {
        let mut by_listener: Vec<Vec<(usize, usize, usize)>> =
            vec![Vec::new(); self.listeners.len()];
        for (r, route) in routes.iter().enumerate() {
            if !matches!(route.view.kind, RouteKind::Http | RouteKind::Grpc) {
                continue;
            }
            for (p, parent) in route.parents.iter().enumerate() {
                for (l, reached) in parent.reached().iter().enumerate() {
                    let id = usize::try_from(reached.listener).unwrap_or(usize::MAX);
                    let Some(entries) = by_listener.get_mut(id) else {
                        continue;
                    };
                    // A Route contends once, however many parentRefs reach the listener.
                    if entries.last().is_none_or(|(last, ..)| *last != r) {
                        entries.push((r, p, l));
                    }
                }
            }
        }
        let mut losers: Vec<(usize, u32)> = Vec::new();
        for (id, entries) in (0u32..).zip(&by_listener) {
            let Some((_, listener)) = self.listener(id) else {
                continue;
            };
            let contenders = entries.iter().filter_map(|(r, p, l)| {
                let route = routes.get(*r)?;
                let reached = route.parents.get(*p)?.reached().get(*l)?;
                Some(Contender {
                    kind: route.view.kind,
                    seniority: route.view.seniority(),
                    hosts: ServedHosts::of(&reached.hostnames, &listener.hostname),
                })
            });
            let contenders: Vec<Contender<'_>> = contenders.collect();
            let mixed = |kind| contenders.iter().any(|contender| contender.kind == kind);
            if !(mixed(RouteKind::Http) && mixed(RouteKind::Grpc)) {
                continue;
            }
            for place in cross_kind::losers(&contenders) {
                losers.extend(entries.get(place).map(|(r, ..)| (*r, id)));
            }
        }
        for (route, listener) in losers {
            if let Some(route) = routes.get_mut(route) {
                route.lose(listener);
            }
        }
    }

    /// Lowers Routes anew at Gateways that a BackendTLSPolicy of theirs cannot list (BTLS-21).
    fn turn_unserved(&self, routes: &mut [RouteState<'w, 's>]) {
        for route in routes {
            for place in 0..route.parents.len() {
                let Some(parent) = route.parents.get(place) else {
                    continue;
                };
                let (Place::Listeners(to), Stance::Gateway { speaks_tls, .. }) =
                    (parent.place, parent.stance)
                else {
                    continue;
                };
                let Some(gateway) = self.place_of(to.gateway()) else {
                    continue;
                };
                let lowered = route.lowered(parent.stance);
                let mut targets = lowered.iter().flat_map(|lowered| &lowered.policy_targets);
                let is_unserved = targets.any(|target| {
                    target
                        .tls
                        .is_some_and(|number| self.tls.is_unserved(number, gateway))
                });
                if !is_unserved {
                    continue;
                }
                let stance = Stance::Gateway {
                    speaks_tls,
                    unserved: Some(gateway),
                };
                self.lower_for(route, stance);
                if let Some(parent) = route.parents.get_mut(place) {
                    parent.stance = stance;
                }
            }
        }
    }

    /// Attaches Routes to the listeners that take traffic (MATCH-CAND-05/06).
    fn attach(&self, routes: &mut [RouteState<'w, 's>], counts: Vec<u32>) -> Attached {
        let mut attached = Attached {
            counts,
            routes: vec![Vec::new(); self.listeners.len()],
        };
        for route in routes {
            for (listener, p) in route.footholds() {
                self.attach_at(route, p, listener, &mut attached);
            }
        }
        for routes in &mut attached.routes {
            routes.shrink_to_fit();
        }
        attached
    }

    fn attach_at(
        &self,
        route: &mut RouteState<'w, 's>,
        parent: usize,
        id: u32,
        attached: &mut Attached,
    ) {
        let Some((gateway, listener)) = self.listener(id) else {
            return;
        };
        if gateway.refused || !listener.programmed {
            return;
        }
        let Some(parent) = route.parents.get(parent) else {
            return;
        };
        let mut reached = parent.reached().iter();
        let hostnames = reached.find(|one| one.listener == id);
        let hostnames = hostnames
            .map(|one| one.hostnames.clone())
            .unwrap_or_default();
        let stance = match parent.stance {
            // What is passed through is passed through, whatever other listeners do.
            Stance::Gateway { unserved, .. } if self.passes_through(id) => Stance::Gateway {
                speaks_tls: false,
                unserved,
            },
            stance => stance,
        };
        self.lower_for(route, stance);
        if let (Some(route), Some(list)) = (
            route.plan_route(stance),
            attached.routes.get_mut(listener.id),
        ) {
            list.push(plan::Attachment { route, hostnames });
        }
    }
}

impl<'w, 's> RouteState<'w, 's> {
    /// The Route lowered for a stance.
    fn lowered(&self, stance: Stance) -> Option<&Lowered> {
        let mut variants = self.variants.iter();
        variants
            .find(|variant| variant.stance == stance)
            .map(|variant| &variant.lowered)
    }

    /// The listeners that it is attached to, each with the first parent by which.
    fn footholds(&self) -> Vec<(u32, usize)> {
        let mut footholds: Vec<(u32, usize)> = Vec::new();
        for (p, parent) in self.parents.iter().enumerate() {
            footholds.extend(parent.reached().iter().map(|one| (one.listener, p)));
        }
        footholds.sort_unstable();
        footholds.dedup_by_key(|(listener, _)| *listener);
        footholds
    }

    /// The Route lowered for a parent; `None` when the parent is not ours.
    pub(super) fn lowered_at(&self, parent: &ParentState<'_, '_>) -> Option<&Lowered> {
        self.lowered(parent.stance)
    }

    /// The Route of the plan for a stance, shared by everybody who needs it.
    fn plan_route(&mut self, stance: Stance) -> Option<Arc<plan::Route>> {
        let mut variants = self.variants.iter_mut();
        let variant = variants.find(|variant| variant.stance == stance)?;
        if variant.route.is_none() {
            // PERF: the plan outlives the passes, so nothing is kept in reserve.
            variant.lowered.rules.shrink_to_fit();
            variant.route = Some(Arc::new(plan::Route {
                kind: self.view.kind,
                name: plan::ObjectName::new(self.view.namespace, self.view.name()),
                created: self.view.object.metadata().created(),
                rules: std::mem::take(&mut variant.lowered.rules),
            }));
        }
        variant.route.clone()
    }

    /// Takes a listener away that a Route of another kind has won (RT-XTYPE-05).
    fn lose(&mut self, listener: u32) {
        for parent in &mut self.parents {
            let Ok(Foothold::Listeners(reached)) = &mut parent.outcome else {
                continue;
            };
            let before = reached.len();
            reached.retain(|one| one.listener != listener);
            let is_empty = reached.is_empty();
            if reached.len() == before {
                continue;
            }
            for check in &mut parent.checks {
                if check.listener == listener {
                    check.passed = check.passed.without(Checks::PRECEDENCE);
                }
            }
            if is_empty {
                parent.outcome = Err(Finding::new(
                    RouteAccepted::Conflicted,
                    match self.view.kind {
                        RouteKind::Grpc => "an older HTTPRoute serves the same hostnames",
                        _ => "an older GRPCRoute serves the same hostnames",
                    },
                ));
            }
        }
    }

    /// The Service that a mesh parent names.
    fn service_of(parent: &ParentState<'_, 's>) -> (&'s str, &'s str) {
        (parent.reference.namespace, parent.reference.name)
    }
}

impl ParentState<'_, '_> {
    /// The listeners that the Route is attached to here.
    pub(super) fn reached(&self) -> &[Reached] {
        match &self.outcome {
            Ok(Foothold::Listeners(reached)) => reached,
            _ => &[],
        }
    }

    /// The ports of a Service that the Route takes over here.
    fn ports(&self) -> &[u16] {
        match &self.outcome {
            Ok(Foothold::Ports(ports)) => ports,
            _ => &[],
        }
    }
}

/// Lets the most specific kind have each port of a Service (MESH-06, MESH-07).
fn settle_mesh_kinds(routes: &mut [RouteState<'_, '_>]) {
    let mut seats = Seats::default();
    for route in routes.iter() {
        for parent in &route.parents {
            let service = RouteState::service_of(parent);
            for port in parent.ports() {
                seats.enter(
                    Seat::of(route.view.namespace, service, *port),
                    route.view.kind,
                );
            }
        }
    }
    for route in routes {
        let (namespace, kind) = (route.view.namespace, route.view.kind);
        for parent in &mut route.parents {
            let service = RouteState::service_of(parent);
            let Ok(Foothold::Ports(ports)) = &mut parent.outcome else {
                continue;
            };
            ports.retain(|port| seats.holds(Seat::of(namespace, service, *port), kind));
            if ports.is_empty() {
                parent.outcome = Err(Finding::new(
                    RouteAccepted::Conflicted,
                    "Routes of a more specific kind have every port of the Service",
                ));
            }
        }
    }
}

fn collect_frontends(routes: &mut [RouteState<'_, '_>]) -> Vec<plan::Frontend> {
    let mut frontends = Frontends::default();
    for route in routes {
        let seats: Vec<Seat<'_>> = route
            .parents
            .iter()
            .flat_map(|parent| {
                let service = RouteState::service_of(parent);
                let namespace = route.view.namespace;
                let ports = parent.ports().iter();
                ports.map(move |port| Seat::of(namespace, service, *port))
            })
            .collect();
        if let (false, Some(plan)) = (seats.is_empty(), route.plan_route(Stance::Mesh)) {
            for seat in seats {
                frontends.add(seat, &plan);
            }
        }
    }
    frontends.finish()
}

/// Why a Route without a valid rule is not accepted (RT-COND-06, RT-COND-07).
fn refusal_of(lowered: &Lowered) -> Option<Finding<RouteAccepted>> {
    let reason = match lowered.refusal()? {
        FaultKind::UnsupportedValue => RouteAccepted::UnsupportedValue,
        FaultKind::IncompatibleFilters => RouteAccepted::IncompatibleFilters,
    };
    Some(match lowered.rejection {
        Some(text) => Finding::new(reason, text),
        None => {
            let messages = lowered.faults.iter().map(|fault| fault.message.clone());
            Finding::new(reason, attach::listed(messages))
        }
    })
}

/// What is thought of a parent that gets no entry.
fn nothing_of_ours() -> Finding<RouteAccepted> {
    Finding::new(
        RouteAccepted::NoMatchingParent,
        "the parent is missing or not ours",
    )
}
