//! Routes whose parents are Services.
//!
//! Part of the attachment pass: takes a parentRef to a Service, gives the ports that the Route takes over there; later,
//! from all Routes, the ones that give way to a more specific kind. It refuses to know listeners.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::attach::quoted;
use super::controller::Controller;
use super::parent::ParentRef;
use super::policy;
use super::status::{Finding, RouteAccepted};
use crate::api::{GatewayClass, Mesh, Service, ServiceProtocol, ServiceType};
use crate::plan::{Frontend, ObjectName, Route, RouteGroup, RouteKind};
use crate::snapshot::Snapshot;

/// The ports of a Service that a Route takes over.
///
/// # Spec
///
/// MESH-05, MESH-08, MESH-12.
pub(super) fn attempt(
    kind: RouteKind,
    reference: &ParentRef<'_>,
    service: &Service,
) -> Result<Vec<u16>, Finding<RouteAccepted>> {
    let refused = match service.type_() {
        ServiceType::ExternalName => Some("is of type ExternalName"),
        _ if service.is_headless() => Some("has no cluster IP"),
        _ => None,
    };
    if let Some(why) = refused {
        let message = format!(
            "Service `{}` {why}, so it cannot be a parent",
            reference.name
        );
        return Err(Finding::new(RouteAccepted::UnsupportedValue, message));
    }
    let mut ports: Vec<u16> = service
        .ports()
        .iter()
        .filter(|port| {
            let named = reference
                .section
                .is_none_or(|name| port.name.as_deref() == Some(name));
            let numbered = reference
                .port
                .is_none_or(|number| i64::from(port.port) == number);
            let is_udp = *port.protocol() == ServiceProtocol::Udp;
            let is_tcp = *port.protocol() == ServiceProtocol::Tcp;
            let spoken = if kind == RouteKind::Udp {
                is_udp
            } else {
                is_tcp
            };
            named && numbered && spoken
        })
        .filter_map(|port| u16::try_from(port.port).ok())
        .collect();
    ports.sort_unstable();
    ports.dedup();
    if ports.is_empty() {
        let names = service
            .ports()
            .iter()
            .filter_map(|port| port.name.as_deref());
        let message = match (reference.section, reference.port) {
            (Some(section), _) => {
                format!(
                    "no port for a {kind} is meant by `{section}`, there are {}",
                    quoted(names)
                )
            }
            (None, Some(number)) => format!("the Service has no port {number} for a {kind}"),
            (None, None) => format!("the Service has no port for a {kind}"),
        };
        return Err(Finding::new(RouteAccepted::NoMatchingParent, message));
    }
    Ok(ports)
}

/// A port of a Service, as seen from one group of clients.
///
/// The namespace is that of the consumers; `None` for the producer's Routes, which hold for everybody else (MESH-02..04).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Seat<'s> {
    /// Namespace and name of the Service.
    pub(super) service: (&'s str, &'s str),
    /// Its port.
    pub(super) port: u16,
    /// The consumers' namespace.
    pub(super) consumers: Option<&'s str>,
}

impl<'s> Seat<'s> {
    /// The seat that a Route of a namespace takes at a port.
    pub(super) fn of(namespace: &'s str, service: (&'s str, &'s str), port: u16) -> Self {
        Seat {
            service,
            port,
            consumers: (namespace != service.0).then_some(namespace),
        }
    }
}

/// The most specific kind at each seat.
///
/// # Spec
///
/// MESH-06, MESH-07, MESH-RT-10.
#[derive(Clone, Debug, Default)]
pub(super) struct Seats<'s> {
    kinds: HashMap<Seat<'s>, RouteKind>,
}

impl<'s> Seats<'s> {
    /// Enters a Route that is otherwise accepted. UDPRoutes compete with nobody.
    pub(super) fn enter(&mut self, seat: Seat<'s>, kind: RouteKind) {
        if kind != RouteKind::Udp {
            let best = self.kinds.entry(seat).or_insert(kind);
            if specificity(kind) > specificity(*best) {
                *best = kind;
            }
        }
    }

    /// Whether a Route of this kind stays there.
    pub(super) fn holds(&self, seat: Seat<'s>, kind: RouteKind) -> bool {
        kind == RouteKind::Udp || self.kinds.get(&seat) == Some(&kind)
    }
}

fn specificity(kind: RouteKind) -> u8 {
    match kind {
        RouteKind::Grpc => 4,
        RouteKind::Http => 3,
        RouteKind::Tls => 2,
        RouteKind::Tcp => 1,
        RouteKind::Udp => 0,
    }
}

/// Collects what the plan says about Services.
#[derive(Debug, Default)]
pub(super) struct Frontends<'s> {
    groups: BTreeMap<Seat<'s>, RouteGroup>,
}

impl<'s> Frontends<'s> {
    /// Adds a Route at a seat, once however often its parentRefs reach it.
    pub(super) fn add(&mut self, seat: Seat<'s>, route: &Arc<Route>) {
        let group = self.groups.entry(seat).or_default();
        let routes = match route.kind {
            RouteKind::Udp => &mut group.udp,
            _ => &mut group.routes,
        };
        if routes.last().is_none_or(|last| !Arc::ptr_eq(last, route)) {
            routes.push(route.clone());
        }
    }

    /// The frontends, ordered by Service and port, consumers by namespace.
    pub(super) fn finish(self) -> Vec<Frontend> {
        let mut frontends: Vec<Frontend> = Vec::new();
        for (seat, group) in self.groups {
            let (namespace, name) = seat.service;
            let same = |last: &Frontend| {
                *last.service.namespace == *namespace
                    && *last.service.name == *name
                    && last.port == seat.port
            };
            if frontends.last().is_none_or(|last| !same(last)) {
                frontends.push(Frontend {
                    service: ObjectName::new(namespace, name),
                    port: seat.port,
                    producer: None,
                    consumers: Vec::new(),
                });
            }
            if let Some(frontend) = frontends.last_mut() {
                match seat.consumers {
                    None => frontend.producer = Some(group),
                    Some(consumers) => frontend.consumers.push((consumers.into(), group)),
                }
            }
        }
        frontends
    }
}

/// The controller name of entries for mesh parents; `None` when nothing says it, then no entry is written.
///
/// # Spec
///
/// MESH-10, XMESH-01.
pub(super) fn controller_name<'s>(
    snapshot: &'s Snapshot,
    controller: &'s Controller,
) -> Option<&'s str> {
    let meshes = snapshot.all::<Mesh>();
    let ours = meshes
        .filter(|mesh| controller.is_experimental() && controller.owns(&mesh.spec.controller_name))
        .min_by_key(|mesh| policy::seniority(&mesh.metadata));
    if let Some(mesh) = ours {
        return Some(&mesh.spec.controller_name);
    }
    if let Some(name) = controller.name() {
        return Some(name);
    }
    let mut names = snapshot
        .all::<GatewayClass>()
        .map(|class| class.spec.controller_name.as_str());
    let first = names.next()?;
    names.all(|name| name == first).then_some(first)
}
