//! From a connection to what it speaks to.

use std::sync::Arc;

use super::Router;
use super::authority::parse_sni;
use super::connection::{Accepted, Connection, ConnectionProtocol, Refusal, StreamMatch, Target};
use super::doors::{GatewayDoors, Group};
use super::find::{Door, Listener};
use super::host::Host;
use super::matched::{RouteId, Scheme};
use super::pool::{Port, Served};
use super::route::RouteEntry;
use super::table::Tables;
use crate::plan::{Protocol, RouteKind};

impl Router {
    /// What a connection speaks to.
    ///
    /// # Cost
    ///
    /// O(ports of the Gateway), a lookup by hash for each name; no allocation.
    ///
    /// # Spec
    ///
    /// LISTEN-SEL-01..13, L4-TLS-01..07, L4-TCP-01..04, L4-UDP-01..03, MESH-RT-01..10.
    pub fn accept(&self, connection: &Connection<'_>) -> Accepted<'_> {
        if let Target::Service {
            namespace,
            name,
            client_namespace,
        } = connection.target
        {
            let frontend = self.doors.frontend(namespace, name, connection.port);
            let group = frontend.and_then(|own| own.group_for(client_namespace));
            return match group {
                Some(group) => self.accept_mesh(group, connection),
                None => Accepted::PassThrough,
            };
        }
        let Some(gateway) = self.gateway(connection.target) else {
            return Accepted::Refused(Refusal::UnknownGateway);
        };
        match gateway.port(connection.port) {
            Some(port) => self.accept_port(port, connection),
            None => Accepted::Refused(Refusal::NoListener),
        }
    }

    /// What a client of a port begins with, before [`accept`](Self::accept) can be asked about its connection.
    ///
    /// [`Http`](ConnectionProtocol::Http) in clear; [`Https`](ConnectionProtocol::Https) where a TLS handshake comes first,
    /// whatever the server name then chooses; [`Tcp`](ConnectionProtocol::Tcp); [`Udp`](ConnectionProtocol::Udp) where nothing
    /// but datagrams is taken. `None` for what does not listen, and for Services of a mesh.
    ///
    /// # Cost
    ///
    /// O(ports of the Gateway), no allocation.
    ///
    /// # Spec
    ///
    /// LISTEN-SEL-01/12/13: the listeners of a port that clash are settled, so they agree.
    pub fn opening(&self, target: Target<'_>, port: u16) -> Option<ConnectionProtocol> {
        let port = self.gateway(target)?.port(port)?;
        if port.http().is_some() {
            Some(ConnectionProtocol::Http)
        } else if port.secure().is_some() {
            Some(ConnectionProtocol::Https)
        } else if port.tcp().is_some() {
            Some(ConnectionProtocol::Tcp)
        } else {
            port.udp().map(|_| ConnectionProtocol::Udp)
        }
    }

    fn gateway(&self, target: Target<'_>) -> Option<&Arc<GatewayDoors>> {
        match target {
            Target::Only => match self.doors.gateways.as_slice() {
                [only] => Some(only),
                _ => None,
            },
            Target::Gateway { namespace, name } => self.doors.gateway(namespace, name),
            Target::Service { .. } => None,
        }
    }

    fn accept_port<'r>(&'r self, port: &'r Port, connection: &Connection<'_>) -> Accepted<'r> {
        let number = port.number;
        match connection.protocol {
            ConnectionProtocol::Http => {
                if let Some(pool) = port.http() {
                    return self.http(Door::Pool(pool, None), number, Scheme::Http);
                }
            }
            ConnectionProtocol::Https | ConnectionProtocol::Tls => {
                if port.secure().is_some() {
                    return self.accept_secure(port, connection);
                }
            }
            ConnectionProtocol::Tcp => {
                if let Some(served) = port.tcp() {
                    return stream(Some(served), number, served.tables.streams.first(), None);
                }
            }
            ConnectionProtocol::Udp => {
                if let Some(served) = port.udp() {
                    return stream(Some(served), number, served.tables.streams.first(), None);
                }
            }
        }
        Accepted::Refused(
            match port.has_no_stream() && connection.protocol != ConnectionProtocol::Udp {
                true => Refusal::NoListener,
                false => Refusal::WrongProtocol,
            },
        )
    }

    /// HTTPS and TLS listeners are chosen together by server name (LISTEN-SEL-12).
    fn accept_secure<'r>(&'r self, port: &'r Port, connection: &Connection<'_>) -> Accepted<'r> {
        let seed = self.common.seed;
        let mut host = Host::of_server_name(parse_sni(connection.sni), seed);
        let chosen = port.secure().and_then(|pool| pool.choose(&mut host).ok()?);
        let Some(served) = chosen else {
            return Accepted::Refused(Refusal::UnknownServerName);
        };
        if served.head.protocol != Protocol::Https {
            let place = served.by_server_name.find(&mut host).ok().flatten();
            let route = place.and_then(|place| served.tables.streams.get(place as usize));
            return stream(Some(served), port.number, route, host.name());
        }
        match (connection.protocol, port.https()) {
            (ConnectionProtocol::Https, Some(pool)) => {
                self.http(Door::Pool(pool, Some(served)), port.number, Scheme::Https)
            }
            _ => Accepted::Refused(Refusal::WrongProtocol),
        }
    }

    fn accept_mesh<'r>(&'r self, group: &'r Group, connection: &Connection<'_>) -> Accepted<'r> {
        let tables: &Tables = match connection.protocol {
            ConnectionProtocol::Udp => &group.udp,
            _ => &group.tables,
        };
        let scheme = match connection.protocol {
            ConnectionProtocol::Http => Some(Scheme::Http),
            ConnectionProtocol::Https => Some(Scheme::Https),
            _ => None,
        };
        match (tables.kind(), scheme) {
            (None, _) => Accepted::PassThrough,
            (Some(RouteKind::Http | RouteKind::Grpc), Some(scheme)) => {
                self.http(Door::Mesh(tables), connection.port, scheme)
            }
            (Some(RouteKind::Http | RouteKind::Grpc), None)
            | (Some(RouteKind::Tls), Some(Scheme::Http)) => {
                Accepted::Refused(Refusal::WrongProtocol)
            }
            (Some(_), _) => stream(None, connection.port, tables.streams.first(), None),
        }
    }

    #[inline(always)]
    fn http<'r>(&'r self, door: Door<'r>, port: u16, scheme: Scheme) -> Accepted<'r> {
        let only = match door {
            Door::Mesh(tables) => Some((tables, None)),
            Door::Pool(pool, by_name) => pool
                .only()
                .filter(|only| by_name.is_none_or(|by_name| Arc::ptr_eq(by_name, only)))
                .map(|only| (&only.tables, Some(&*only.head))),
        };
        Accepted::Http(Listener {
            door,
            only,
            port,
            scheme,
            common: &self.common,
        })
    }
}

/// The first rule of the Route that takes a stream (L4-TLS-02/04, L4-TCP-01/02).
fn stream<'r>(
    served: Option<&'r Arc<Served>>,
    port: u16,
    route: Option<&'r Arc<RouteEntry>>,
    server_name: Option<&[u8]>,
) -> Accepted<'r> {
    let Some(route) = route else {
        return Accepted::Refused(Refusal::NoRoute);
    };
    let Some(action) = route.action(0) else {
        return Accepted::Refused(Refusal::NoRule);
    };
    let hostname = server_name.and_then(|name| route.hostname_for(name));
    Accepted::Stream(StreamMatch {
        listener: served.map(|served| &*served.head),
        port,
        route: RouteId {
            kind: route.kind,
            name: &route.name,
        },
        hostname,
        rule_index: route.rule_index(0),
        rule_name: route.rule_name(0),
        action,
    })
}
