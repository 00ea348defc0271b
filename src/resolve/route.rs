//! The five kinds of Route as the passes see them.
//!
//! Part of the attachment pass: takes the Route objects of a snapshot, gives what they have in common. It refuses to know
//! their rules.

use std::sync::Arc;

use super::controller::Controller;
use super::hostnames::RouteHostnames;
use super::parent::ParentRef;
use super::policy;
use super::seniority::Seniority;
use crate::api::{
    DefaultScope, GrpcRoute, HttpRoute, Kind, Object, ObjectMeta, Open, ParentReference, Resource,
    RouteStatus, TcpRoute, TlsRoute, UdpRoute,
};
use crate::plan::RouteKind;
use crate::snapshot::Snapshot;
use crate::vocab::Hostname;

/// A Route.
#[derive(Clone, Debug)]
pub(super) struct RouteView<'s> {
    /// Its kind.
    pub(super) kind: RouteKind,
    /// Its namespace.
    pub(super) namespace: &'s str,
    /// The object.
    pub(super) object: RouteObject<'s>,
    /// The same, to be shared.
    pub(super) shared: &'s Arc<Object>,
    /// Its hostnames.
    pub(super) hostnames: RouteHostnames,
    /// Its hostnames as written.
    pub(super) written: &'s [Open<Hostname>],
    /// Its parentRefs as written.
    pub(super) parents: &'s [ParentReference],
    /// Whether it binds to default Gateways (GW-DEF-01).
    pub(super) binds_by_default: bool,
}

/// A Route object.
#[derive(Clone, Copy, Debug)]
pub(super) enum RouteObject<'s> {
    /// HTTPRoute.
    Http(&'s HttpRoute),
    /// GRPCRoute.
    Grpc(&'s GrpcRoute),
    /// TLSRoute.
    Tls(&'s TlsRoute),
    /// TCPRoute.
    Tcp(&'s TcpRoute),
    /// UDPRoute.
    Udp(&'s UdpRoute),
}

/// Something of the object, whatever its kind.
macro_rules! of_any_kind {
    ($object:expr, $route:ident => $value:expr) => {
        match $object {
            RouteObject::Http($route) => $value,
            RouteObject::Grpc($route) => $value,
            RouteObject::Tls($route) => $value,
            RouteObject::Tcp($route) => $value,
            RouteObject::Udp($route) => $value,
        }
    };
}

impl<'s> RouteObject<'s> {
    /// The Route, if the object is one.
    pub(super) fn of(object: &'s Object) -> Option<Self> {
        match object {
            Object::HttpRoute(route) => Some(RouteObject::Http(route)),
            Object::GrpcRoute(route) => Some(RouteObject::Grpc(route)),
            Object::TlsRoute(route) => Some(RouteObject::Tls(route)),
            Object::TcpRoute(route) => Some(RouteObject::Tcp(route)),
            Object::UdpRoute(route) => Some(RouteObject::Udp(route)),
            _ => None,
        }
    }

    /// Its kind.
    pub(super) fn kind(self) -> RouteKind {
        match self {
            RouteObject::Http(_) => RouteKind::Http,
            RouteObject::Grpc(_) => RouteKind::Grpc,
            RouteObject::Tls(_) => RouteKind::Tls,
            RouteObject::Tcp(_) => RouteKind::Tcp,
            RouteObject::Udp(_) => RouteKind::Udp,
        }
    }

    /// Its parentRefs as written.
    pub(super) fn parents(self) -> &'s [ParentReference] {
        of_any_kind!(self, route => route.spec.parent_refs.as_deref().unwrap_or_default())
    }

    /// Its hostnames as written; none for kinds that have none (RT-HOST-01).
    pub(super) fn hostnames(self) -> &'s [Open<Hostname>] {
        let written = match self {
            RouteObject::Http(route) => &route.spec.hostnames,
            RouteObject::Grpc(route) => &route.spec.hostnames,
            RouteObject::Tls(route) => &route.spec.hostnames,
            RouteObject::Tcp(_) | RouteObject::Udp(_) => &None,
        };
        written.as_deref().unwrap_or_default()
    }

    /// Whether it binds to default Gateways.
    pub(super) fn default_scope(self) -> &'s Option<DefaultScope> {
        of_any_kind!(self, route => &route.spec.use_default_gateways)
    }

    /// Its metadata.
    pub(super) fn metadata(self) -> &'s ObjectMeta {
        of_any_kind!(self, route => route.metadata())
    }

    /// Its status as it came.
    pub(super) fn status(self) -> Option<&'s RouteStatus> {
        of_any_kind!(self, route => route.status.as_ref())
    }
}

impl<'s> RouteView<'s> {
    /// Reads what all kinds have in common; default Gateways exist in experimental channels only.
    fn of(shared: &'s Arc<Object>, is_experimental: bool) -> Option<Self> {
        let object = RouteObject::of(shared)?;
        let scope = object.default_scope();
        let written = object.hostnames();
        Some(RouteView {
            kind: object.kind(),
            namespace: policy::namespace_of(object.metadata()),
            object,
            shared,
            hostnames: RouteHostnames::read(written),
            written,
            parents: object.parents(),
            binds_by_default: is_experimental && *scope == Some(DefaultScope::All),
        })
    }

    /// Its name.
    pub(super) fn name(&self) -> &'s str {
        &self.object.metadata().name
    }

    /// What decides between it and another Route.
    pub(super) fn seniority(&self) -> Seniority<'s> {
        policy::seniority(self.object.metadata())
    }

    /// Its parentRefs, defaults filled in.
    pub(super) fn parent_refs(&self) -> impl Iterator<Item = ParentRef<'s>> + use<'s> {
        let namespace = self.namespace;
        let parents = self.parents.iter().enumerate();
        parents.map(move |(place, parent)| ParentRef::listed(place, parent, namespace))
    }
}

/// The kinds of Route, each with the kind of the objects and the feature that switches it on.
const KINDS: [(Kind, &str); 5] = [
    (Kind::HttpRoute, "HTTPRoute"),
    (Kind::GrpcRoute, "GRPCRoute"),
    (Kind::TlsRoute, "TLSRoute"),
    (Kind::TcpRoute, "TCPRoute"),
    (Kind::UdpRoute, "UDPRoute"),
];

/// All Routes of a snapshot whose kind the bundle has and the controller supports (VER-10), by kind, namespace and name.
pub(super) fn routes<'s>(snapshot: &'s Snapshot, controller: &Controller) -> Vec<RouteView<'s>> {
    let served = |(kind, feature): &(Kind, &'static str)| {
        kind.served_in(controller.bundle()).is_some() && controller.features().has(feature)
    };
    let kinds = KINDS.into_iter().filter(served);
    let objects = kinds.flat_map(|(kind, _)| snapshot.of_kind(Some(kind)));
    let views = objects.map(|object| RouteView::of(object, controller.is_experimental()));
    views.flatten().collect()
}
