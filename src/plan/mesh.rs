//! Services with mesh Routes (GAMMA).

use std::sync::Arc;

use super::{ObjectName, Route};

/// One port of a Service that mesh Routes are attached to.
///
/// # Spec
///
/// MESH-RT-01..13. A port without any Route has no frontend: its traffic flows unchanged (MESH-RT-05).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Frontend {
    /// The Service.
    pub service: ObjectName,
    /// Its port, as clients address it.
    pub port: u16,
    /// Routes from the Service's own namespace; they hold for clients without a consumer group.
    pub producer: Option<RouteGroup>,
    /// Per client namespace the Routes from there, ordered by namespace; such a group replaces the producer's
    /// (MESH-RT-07).
    pub consumers: Vec<(Box<str>, RouteGroup)>,
}

impl Frontend {
    /// Every group, each with a namespace whose clients get it: that of the Service for the producer's (MESH-04).
    pub fn groups(&self) -> impl Iterator<Item = (&str, &RouteGroup)> {
        let producer = self.producer.iter();
        let producer = producer.map(|group| (&*self.service.namespace, group));
        let consumers = self.consumers.iter();
        producer.chain(consumers.map(|(client, group)| (&**client, group)))
    }

    /// The Routes that a client in `namespace` gets (MESH-RT-06/07, MESH-04).
    pub fn group_for(&self, namespace: &str) -> Option<&RouteGroup> {
        self.consumers
            .iter()
            .find(|(consumer, _)| **consumer == *namespace)
            .map(|(_, group)| group)
            .or(self.producer.as_ref())
    }
}

/// Routes that compete with each other, all of one kind but for UDP (MESH-RT-10). Hostnames play no role (MESH-RT-03).
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RouteGroup {
    /// HTTPRoutes, GRPCRoutes, TLSRoutes or TCPRoutes: one kind only.
    pub routes: Vec<Arc<Route>>,
    /// UDPRoutes, which are independent of the others.
    pub udp: Vec<Arc<Route>>,
}
