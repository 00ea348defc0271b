//! From a plan to a router, and from a connection to what it speaks to.

use std::collections::HashMap;
use std::sync::Arc;

use super::authority::parse_sni;
use super::connection::{Accepted, Connection, ConnectionProtocol, Refusal, StreamMatch, Target};
use super::find::{Door, Listener};
use super::isolated::Isolated;
use super::matched::{RouteId, Scheme};
use super::options::Options;
use super::pool::{Port, Served, choose};
use super::route::RouteEntry;
use super::table::{Attached, Tables};
use crate::plan::{Frontend, Gateway, ObjectName, Plan, Protocol, Route, RouteGroup, RouteKind};
use crate::vocab::Hostname;

/// A plan, compiled: an immutable table to be shared behind an [`Arc`].
///
/// ```
/// use gatewright::plan::{Action, Attachment, Gateway, HttpMatch, Listener, ListenerHead, Plan, Route, Rule};
/// use gatewright::router::{Accepted, Connection, ConnectionProtocol, RequestHead, Router, Target};
///
/// let rule = Rule::http(0, [HttpMatch::prefix("/cart")], Action::default());
/// let route = Route::http("shop", "cart", [rule]);
/// let listener = Listener::new(ListenerHead::http("shop", "front", "web", 80), [Attachment::any_host(route)]);
/// let router = Router::compile(&Plan::of([Gateway::new("shop", "front", [listener])]));
///
/// let connection = Connection { target: Target::Only, port: 80, protocol: ConnectionProtocol::Http, sni: None };
/// let Accepted::Http(listener) = router.accept(&connection) else { panic!("an HTTP listener") };
/// let request = http::Request::get("/cart/7").header("host", "shop.example.com").body(())?;
/// let head = RequestHead::from_request(&request)?;
/// assert_eq!(listener.find(&head).map(|found| found.rule_index()).ok(), Some(0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Router {
    options: Options,
    gateways: Vec<GatewayDoors>,
    frontends: Vec<FrontendDoors>,
    isolated: Vec<Isolated>,
}

#[derive(Debug)]
struct GatewayDoors {
    name: ObjectName,
    ports: Vec<Port>,
}

#[derive(Debug)]
struct FrontendDoors {
    service: ObjectName,
    port: u16,
    producer: Option<Group>,
    consumers: Vec<(Box<str>, Group)>,
}

#[derive(Debug)]
struct Group {
    tables: Tables,
    udp: Tables,
}

/// Compiles Routes, each once however many listeners it is attached to.
struct Compiler<'p> {
    options: &'p Options,
    done: HashMap<*const Route, Arc<RouteEntry>>,
    isolated: Vec<Isolated>,
}

impl Compiler<'_> {
    fn route(&mut self, route: &Arc<Route>) -> Arc<RouteEntry> {
        let isolated = &mut self.isolated;
        let options = self.options;
        let compile = || Arc::new(RouteEntry::compile(route, options, isolated));
        Arc::clone(self.done.entry(Arc::as_ptr(route)).or_insert_with(compile))
    }

    fn gateway(&mut self, gateway: &Gateway) -> GatewayDoors {
        let mut ports: Vec<Port> = Vec::new();
        for listener in &gateway.listeners {
            let attached = listener.routes.iter().map(|own| Attached {
                route: self.route(&own.route),
                hostnames: own.hostnames.clone(),
            });
            let tables = Tables::build(attached.collect(), self.options);
            let served = Arc::new(Served {
                head: Arc::clone(&listener.head),
                tables,
            });
            let number = listener.head.port;
            match ports.iter_mut().find(|port| port.number == number) {
                Some(port) => port.add(served),
                None => {
                    let mut port = Port {
                        number,
                        ..Port::default()
                    };
                    port.add(served);
                    ports.push(port);
                }
            }
        }
        GatewayDoors {
            name: gateway.name.clone(),
            ports,
        }
    }

    fn frontend(&mut self, frontend: &Frontend) -> FrontendDoors {
        let consumers = frontend.consumers.iter();
        FrontendDoors {
            service: frontend.service.clone(),
            port: frontend.port,
            producer: frontend.producer.as_ref().map(|group| self.group(group)),
            consumers: consumers
                .map(|(namespace, group)| (namespace.clone(), self.group(group)))
                .collect(),
        }
    }

    /// Hostnames play no role (MESH-RT-03), and one kind only is in force (MESH-RT-10).
    fn group(&mut self, group: &RouteGroup) -> Group {
        let order = [
            RouteKind::Grpc,
            RouteKind::Http,
            RouteKind::Tls,
            RouteKind::Tcp,
        ];
        let in_force = order
            .into_iter()
            .find(|kind| group.routes.iter().any(|route| route.kind == *kind));
        let mut tables = |routes: &[Arc<Route>], kind: Option<RouteKind>| {
            let attached = routes
                .iter()
                .filter(|route| Some(route.kind) == kind)
                .map(|route| Attached {
                    route: self.route(route),
                    hostnames: Vec::new(),
                });
            Tables::build(attached.collect(), self.options)
        };
        Group {
            tables: tables(&group.routes, in_force),
            udp: tables(&group.udp, Some(RouteKind::Udp)),
        }
    }
}

impl Router {
    /// Compiles a plan with the usual options.
    pub fn compile(plan: &Plan) -> Self {
        Router::compile_with(plan, &Options::default())
    }

    /// Compiles a plan.
    ///
    /// It never fails: rules that cannot be served are left out and listed by [`isolated`](Self::isolated).
    pub fn compile_with(plan: &Plan, options: &Options) -> Self {
        let mut compiler = Compiler {
            options,
            done: HashMap::new(),
            isolated: Vec::new(),
        };
        let gateways = plan
            .gateways
            .iter()
            .map(|own| compiler.gateway(own))
            .collect();
        let frontends = plan
            .frontends
            .iter()
            .map(|own| compiler.frontend(own))
            .collect();
        Router {
            options: options.clone(),
            gateways,
            frontends,
            isolated: compiler.isolated,
        }
    }

    /// The rules that are not served, in the order of the plan (EVAL-03/04).
    pub fn isolated(&self) -> &[Isolated] {
        &self.isolated
    }

    /// The options that it was compiled with.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What a connection speaks to.
    ///
    /// # Cost
    ///
    /// O(Gateways + listeners of the port), no allocation.
    ///
    /// # Spec
    ///
    /// LISTEN-SEL-01..13, L4-TLS-01..07, L4-TCP-01..04, L4-UDP-01..03, MESH-RT-01..10.
    pub fn accept(&self, connection: &Connection<'_>) -> Accepted<'_> {
        let gateway = match connection.target {
            Target::Only => match &self.gateways[..] {
                [only] => Some(only),
                _ => None,
            },
            Target::Gateway { namespace, name } => self
                .gateways
                .iter()
                .find(|own| *own.name.namespace == *namespace && *own.name.name == *name),
            Target::Service {
                namespace,
                name,
                client_namespace,
            } => {
                let is_asked = |own: &&FrontendDoors| {
                    own.port == connection.port
                        && *own.service.namespace == *namespace
                        && *own.service.name == *name
                };
                let frontend = self.frontends.iter().find(is_asked);
                let group = frontend.and_then(|own| own.group_for(client_namespace));
                return match group {
                    Some(group) => self.accept_mesh(group, connection),
                    None => Accepted::PassThrough,
                };
            }
        };
        let Some(gateway) = gateway else {
            return Accepted::Refused(Refusal::UnknownGateway);
        };
        match gateway
            .ports
            .iter()
            .find(|port| port.number == connection.port)
        {
            Some(port) => self.accept_port(port, connection),
            None => Accepted::Refused(Refusal::NoListener),
        }
    }

    fn accept_port<'r>(&'r self, port: &'r Port, connection: &Connection<'_>) -> Accepted<'r> {
        let refused = match connection.protocol {
            ConnectionProtocol::Udp => match &port.udp {
                Some(served) => return stream(Some(served), port.number, &served.tables, None),
                None => port.has_no_stream().then_some(Refusal::NoListener),
            },
            ConnectionProtocol::Tcp => match &port.tcp {
                Some(served) => return stream(Some(served), port.number, &served.tables, None),
                None => port.has_no_stream().then_some(Refusal::NoListener),
            },
            ConnectionProtocol::Http if !port.http.is_empty() => {
                return self.http(Door::Pool(&port.http, None), port.number, Scheme::Http);
            }
            ConnectionProtocol::Https | ConnectionProtocol::Tls if !port.secure.is_empty() => {
                return self.accept_secure(port, connection);
            }
            _ => port.has_no_stream().then_some(Refusal::NoListener),
        };
        Accepted::Refused(refused.unwrap_or(Refusal::WrongProtocol))
    }

    /// HTTPS and TLS listeners are chosen together by server name (LISTEN-SEL-12).
    fn accept_secure<'r>(&'r self, port: &'r Port, connection: &Connection<'_>) -> Accepted<'r> {
        let sni = parse_sni(connection.sni)
            .and_then(|sni| std::str::from_utf8(sni).ok())
            .map(str::to_ascii_lowercase);
        let is_https = |served: &Served| served.head.protocol == Protocol::Https;
        let is_ambiguous = |served: &Served| {
            port.secure.iter().any(|other| {
                is_https(other) != is_https(served) && other.head.hostname == served.head.hostname
            })
        };
        let pool = port.secure.iter().filter(|served| !is_ambiguous(served));
        match choose(pool, sni.as_deref()) {
            None => Accepted::Refused(Refusal::UnknownServerName),
            Some(served) if is_https(served) => match connection.protocol {
                ConnectionProtocol::Https => {
                    let door = Door::Pool(&port.secure, Some(served));
                    self.http(door, port.number, Scheme::Https)
                }
                _ => Accepted::Refused(Refusal::WrongProtocol),
            },
            Some(served) => stream(Some(served), port.number, &served.tables, sni.as_deref()),
        }
    }

    fn accept_mesh<'r>(&'r self, group: &'r Group, connection: &Connection<'_>) -> Accepted<'r> {
        let tables = match connection.protocol {
            ConnectionProtocol::Udp => &group.udp,
            _ => &group.tables,
        };
        let kind = tables.kind();
        let scheme = match connection.protocol {
            ConnectionProtocol::Http => Some(Scheme::Http),
            ConnectionProtocol::Https => Some(Scheme::Https),
            _ => None,
        };
        match (kind, scheme) {
            (None, _) => Accepted::PassThrough,
            (Some(RouteKind::Http | RouteKind::Grpc), Some(scheme)) => {
                self.http(Door::Mesh(tables), connection.port, scheme)
            }
            (Some(RouteKind::Http | RouteKind::Grpc), None) => {
                Accepted::Refused(Refusal::WrongProtocol)
            }
            (Some(RouteKind::Tls), Some(Scheme::Http)) => Accepted::Refused(Refusal::WrongProtocol),
            (Some(_), _) => stream(None, connection.port, tables, None),
        }
    }

    fn http<'r>(&'r self, door: Door<'r>, port: u16, scheme: Scheme) -> Accepted<'r> {
        Accepted::Http(Listener {
            door,
            port,
            scheme,
            options: &self.options,
        })
    }
}

impl FrontendDoors {
    fn group_for(&self, namespace: &str) -> Option<&Group> {
        let own = self
            .consumers
            .iter()
            .find(|(consumer, _)| **consumer == *namespace);
        own.map(|(_, group)| group).or(self.producer.as_ref())
    }
}

/// The Route that takes a stream: the one with the best hostname, then the oldest; its first rule (L4-TLS-02/04,
/// L4-TCP-01/02).
fn stream<'r>(
    served: Option<&'r Arc<Served>>,
    port: u16,
    tables: &'r Tables,
    sni: Option<&str>,
) -> Accepted<'r> {
    let best_of = |own: &'r Attached| -> Option<Option<&'r Hostname>> {
        if own.hostnames.is_empty() || own.route.kind != RouteKind::Tls {
            return Some(None);
        }
        let covering = own
            .hostnames
            .iter()
            .filter(|name| sni.is_some_and(|sni| name.covers(sni)));
        Some(Some(covering.max_by_key(|name| rank(Some(name)))?))
    };
    let mut best: Option<(Option<&Hostname>, &Attached)> = None;
    for own in &tables.streams {
        if let Some(hostname) = best_of(own)
            && best.is_none_or(|(other, _)| rank(hostname) > rank(other))
        {
            best = Some((hostname, own));
        }
    }
    let Some((hostname, own)) = best else {
        return Accepted::Refused(Refusal::NoRoute);
    };
    let Some(rule) = own.route.rules.first() else {
        return Accepted::Refused(Refusal::NoRule);
    };
    Accepted::Stream(StreamMatch {
        listener: served.map(|served| &*served.head),
        port,
        route: RouteId {
            kind: own.route.kind,
            name: &own.route.name,
        },
        hostname,
        rule_index: rule.index,
        rule_name: rule.name.as_deref(),
        action: &rule.action,
    })
}

/// More is better: exact names, then the longer (L4-TLS-02).
fn rank(hostname: Option<&Hostname>) -> (bool, usize) {
    hostname.map_or((false, 0), |name| {
        (!name.is_wildcard(), name.as_str().len())
    })
}
