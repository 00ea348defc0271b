//! What a router opens to connections: Gateways by name, Service ports of a mesh by name and number.

use std::sync::Arc;

use super::bytes::Seed;
use super::lists::Table;
use super::pool::{Port, Served};
use super::table::Tables;
use crate::plan::ObjectName;

/// Gateways and Service ports, in the order of the plan, found by hash.
#[derive(Clone, Debug)]
pub(super) struct Doors {
    pub(super) gateways: Vec<Arc<GatewayDoors>>,
    pub(super) frontends: Arc<[Arc<FrontendDoors>]>,
    /// Places of `gateways` and of `frontends`.
    by_gateway: Arc<Table>,
    by_service: Arc<Table>,
    seed: Seed,
}

/// The ports of a Gateway.
#[derive(Clone, Debug)]
pub(super) struct GatewayDoors {
    pub(super) name: ObjectName,
    pub(super) ports: Vec<Port>,
}

/// The groups of a Service port.
#[derive(Debug)]
pub(super) struct FrontendDoors {
    pub(super) service: ObjectName,
    pub(super) port: u16,
    producer: Option<Group>,
    /// By namespace, in order.
    consumers: Vec<(Box<str>, Group)>,
}

/// A group of Routes of a mesh.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) tables: Tables,
    pub(super) udp: Tables,
}

impl Doors {
    pub(super) fn new(
        gateways: Vec<Arc<GatewayDoors>>,
        frontends: Vec<Arc<FrontendDoors>>,
        seed: Seed,
    ) -> Self {
        let mut by_gateway = Table::with_room(gateways.len());
        for (place, own) in gateways.iter().enumerate() {
            let hash = hash(seed, &own.name.namespace, &own.name.name, 0);
            by_gateway.insert(hash, place as u32);
        }
        let mut by_service = Table::with_room(frontends.len());
        for (place, own) in frontends.iter().enumerate() {
            let hash = hash(seed, &own.service.namespace, &own.service.name, own.port);
            by_service.insert(hash, place as u32);
        }
        Doors {
            gateways,
            frontends: frontends.into(),
            by_gateway: Arc::new(by_gateway),
            by_service: Arc::new(by_service),
            seed,
        }
    }

    /// The Gateway of this name.
    pub(super) fn gateway(&self, namespace: &str, name: &str) -> Option<&Arc<GatewayDoors>> {
        self.gateways.get(self.place(namespace, name)?)
    }

    /// The Gateway of this name, to be changed.
    pub(super) fn gateway_mut(&mut self, own: &ObjectName) -> Option<&mut Arc<GatewayDoors>> {
        let place = self.place(&own.namespace, &own.name)?;
        self.gateways.get_mut(place)
    }

    /// The port of the Service of this name.
    pub(super) fn frontend(
        &self,
        namespace: &str,
        name: &str,
        port: u16,
    ) -> Option<&Arc<FrontendDoors>> {
        let own = |place: u32| self.frontends.get(place as usize);
        let is_right = |place: u32| {
            own(place)
                .is_some_and(|own| own.port == port && is_named(&own.service, namespace, name))
        };
        let hash = hash(self.seed, namespace, name, port);
        own(self.by_service.find(hash, is_right)?)
    }

    fn place(&self, namespace: &str, name: &str) -> Option<usize> {
        // PERF: most data planes serve one Gateway.
        if let [only] = self.gateways.as_slice() {
            return is_named(&only.name, namespace, name).then_some(0);
        }
        let is_right = |place: u32| {
            let own = self.gateways.get(place as usize);
            own.is_some_and(|own| is_named(&own.name, namespace, name))
        };
        let hash = hash(self.seed, namespace, name, 0);
        self.by_gateway
            .find(hash, is_right)
            .map(|place| place as usize)
    }
}

fn is_named(own: &ObjectName, namespace: &str, name: &str) -> bool {
    *own.name == *name && *own.namespace == *namespace
}

fn hash(seed: Seed, namespace: &str, name: &str, port: u16) -> u64 {
    let named = seed.join(seed.hash(namespace.as_bytes()), seed.hash(name.as_bytes()));
    seed.join(named, port.into())
}

impl GatewayDoors {
    /// Listeners by port, in the order of the plan.
    pub(super) fn of(name: ObjectName, served: Vec<Arc<Served>>, seed: Seed) -> Arc<Self> {
        let mut by_port: Vec<(u16, Vec<Arc<Served>>)> = Vec::new();
        for served in served {
            let number = served.head.port;
            match by_port.iter_mut().find(|(port, _)| *port == number) {
                Some((_, own)) => own.push(served),
                None => by_port.push((number, vec![served])),
            }
        }
        let ports = by_port
            .into_iter()
            .map(|(number, served)| Port::new(number, served, seed));
        Arc::new(GatewayDoors {
            name,
            ports: ports.collect(),
        })
    }

    /// What listens on a port.
    pub(super) fn port(&self, number: u16) -> Option<&Port> {
        self.ports.iter().find(|port| port.number == number)
    }
}

impl FrontendDoors {
    pub(super) fn new(
        service: ObjectName,
        port: u16,
        producer: Option<Group>,
        mut consumers: Vec<(Box<str>, Group)>,
    ) -> Self {
        consumers.sort_by(|(a, _), (b, _)| a.cmp(b));
        FrontendDoors {
            service,
            port,
            producer,
            consumers,
        }
    }

    /// What all groups serve.
    pub(super) fn tables(&self) -> impl Iterator<Item = &Tables> {
        let consumers = self.consumers.iter().map(|(_, group)| group);
        let groups = self.producer.iter().chain(consumers);
        groups.flat_map(|group| [&group.tables, &group.udp])
    }

    /// The group that a client in a namespace gets (MESH-RT-06/07).
    pub(super) fn group_for(&self, namespace: &str) -> Option<&Group> {
        let place = self
            .consumers
            .binary_search_by(|(own, _)| (**own).cmp(namespace));
        let own = place.ok().and_then(|place| self.consumers.get(place));
        own.map(|(_, group)| group).or(self.producer.as_ref())
    }
}
