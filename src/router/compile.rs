//! From a plan to a router.

use std::collections::HashMap;
use std::sync::Arc;

use super::bytes::Seed;
use super::conditions::Common;
use super::doors::{Doors, FrontendDoors, GatewayDoors, Group};
use super::isolated::Isolated;
use super::names::Interner;
use super::options::Options;
use super::pool::Served;
use super::route::RouteEntry;
use super::table::Tables;
use crate::plan::{Frontend, Gateway, Listener, ObjectName, Plan, Route, RouteGroup, RouteKind};
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
#[derive(Clone, Debug)]
pub struct Router {
    pub(super) common: Common,
    pub(super) doors: Doors,
    pub(super) isolated: Vec<Isolated>,
}

/// Compiles Routes, each once however many listeners it is attached to.
pub(super) struct Compiler<'o> {
    pub(super) options: &'o Options,
    pub(super) names: Interner,
    done: HashMap<*const Route, Vec<Arc<RouteEntry>>>,
    pub(super) isolated: Vec<Isolated>,
}

impl<'o> Compiler<'o> {
    pub(super) fn new(options: &'o Options, names: Interner) -> Self {
        Compiler {
            options,
            names,
            done: HashMap::new(),
            isolated: Vec::new(),
        }
    }

    /// A Route where it has these hostnames.
    pub(super) fn route(&mut self, route: &Arc<Route>, hostnames: &[Hostname]) -> Arc<RouteEntry> {
        let done = self.done.entry(Arc::as_ptr(route)).or_default();
        if let Some(own) = done.iter().find(|own| *own.hostnames == *hostnames) {
            return Arc::clone(own);
        }
        // What is wrong with a Route is told once, however many forms it has.
        let mut again = Vec::new();
        let isolated = if done.is_empty() {
            &mut self.isolated
        } else {
            &mut again
        };
        let entry = Arc::new(RouteEntry::compile(
            route,
            hostnames,
            self.options,
            isolated,
        ));
        done.push(Arc::clone(&entry));
        entry
    }

    /// Kind and name of every Route that was compiled.
    pub(super) fn compiled(&self) -> impl Iterator<Item = (RouteKind, ObjectName)> {
        let all = self.done.values().flatten();
        all.map(|route| (route.kind, route.name.clone()))
    }

    pub(super) fn listener(&mut self, listener: &Listener) -> Arc<Served> {
        let routes = listener.routes.iter();
        let routes = routes
            .map(|own| self.route(&own.route, &own.hostnames))
            .collect();
        let tables = Tables::build(routes, self.options, &mut self.names);
        let seed = self.names.seed();
        Arc::new(Served::new(Arc::clone(&listener.head), tables, seed))
    }

    pub(super) fn gateway(&mut self, gateway: &Gateway) -> Arc<GatewayDoors> {
        let served = gateway
            .listeners
            .iter()
            .map(|own| self.listener(own))
            .collect();
        GatewayDoors::of(gateway.name.clone(), served, self.names.seed())
    }

    pub(super) fn frontend(&mut self, frontend: &Frontend) -> Arc<FrontendDoors> {
        let producer = frontend.producer.as_ref().map(|group| self.group(group));
        let consumers = frontend.consumers.iter();
        let consumers = consumers.map(|(namespace, group)| (namespace.clone(), self.group(group)));
        let (service, port) = (frontend.service.clone(), frontend.port);
        Arc::new(FrontendDoors::new(
            service,
            port,
            producer,
            consumers.collect(),
        ))
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
            let own = routes.iter().filter(|route| Some(route.kind) == kind);
            let own = own.map(|route| self.route(route, &[])).collect();
            Tables::build(own, self.options, &mut self.names)
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
    ///
    /// # Cost
    ///
    /// O(m log m) for m matches in all; the plan is not kept.
    pub fn compile_with(plan: &Plan, options: &Options) -> Self {
        let seed = Seed::new(options.seed);
        let mut compiler = Compiler::new(options, Interner::new(seed, &Arc::default()));
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
            doors: Doors::new(gateways, frontends, seed),
            isolated: compiler.isolated,
            common: Common {
                options: options.clone(),
                seed,
                // Beyond that there could be more labels than are counted.
                host_limit: options.limits.authority.min(1023),
                names: compiler.names.finish(),
            },
        }
    }

    /// The rules that are not served, in the order of the plan (EVAL-03/04).
    pub fn isolated(&self) -> &[Isolated] {
        &self.isolated
    }

    /// The options that it was compiled with.
    pub fn options(&self) -> &Options {
        &self.common.options
    }
}
