//! The five kinds of Route as the passes see them.
//!
//! Part of the attachment pass: takes the Route objects of a snapshot, gives what they have in common. It refuses to know
//! their rules.

use super::controller::Controller;
use super::hostnames::RouteHostnames;
use super::parent::{Origin, ParentRef};
use super::policy;
use super::seniority::Seniority;
use crate::api::{
    DefaultScope, GrpcRoute, HttpRoute, Kind, ObjectMeta, Open, ParentReference, Resource,
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

impl<'s> RouteObject<'s> {
    /// Its metadata.
    pub(super) fn metadata(self) -> &'s ObjectMeta {
        match self {
            RouteObject::Http(route) => route.metadata(),
            RouteObject::Grpc(route) => route.metadata(),
            RouteObject::Tls(route) => route.metadata(),
            RouteObject::Tcp(route) => route.metadata(),
            RouteObject::Udp(route) => route.metadata(),
        }
    }

    /// `apiVersion` as written.
    pub(super) fn api_version(self) -> &'s str {
        match self {
            RouteObject::Http(route) => &route.api_version,
            RouteObject::Grpc(route) => &route.api_version,
            RouteObject::Tls(route) => &route.api_version,
            RouteObject::Tcp(route) => &route.api_version,
            RouteObject::Udp(route) => &route.api_version,
        }
    }

    /// Its status as it came.
    pub(super) fn status(self) -> Option<&'s RouteStatus> {
        match self {
            RouteObject::Http(route) => route.status.as_ref(),
            RouteObject::Grpc(route) => route.status.as_ref(),
            RouteObject::Tls(route) => route.status.as_ref(),
            RouteObject::Tcp(route) => route.status.as_ref(),
            RouteObject::Udp(route) => route.status.as_ref(),
        }
    }
}

impl<'s> RouteView<'s> {
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
        self.parents.iter().enumerate().map(move |(place, parent)| {
            let section = parent.section().filter(|section| !section.is_empty());
            ParentRef {
                group: parent.group(),
                kind: parent.kind(),
                namespace: parent.namespace_or(namespace),
                name: &parent.name,
                section,
                port: parent.port.map(i64::from),
                origin: Origin::Listed(place),
            }
        })
    }
}

/// All Routes of a snapshot whose kind the bundle has and the controller supports (VER-10), by kind, namespace and name.
pub(super) fn routes<'s>(snapshot: &'s Snapshot, controller: &Controller) -> Vec<RouteView<'s>> {
    let served = |kind: Kind, feature: &'static str| {
        kind.served_in(controller.bundle()).is_some() && controller.features().has(feature)
    };
    let view = |kind, object: RouteObject<'s>, spec: Spec<'s>| RouteView {
        kind,
        namespace: policy::namespace_of(object.metadata()),
        object,
        hostnames: RouteHostnames::read(spec.hostnames.unwrap_or_default()),
        written: spec.hostnames.unwrap_or_default(),
        parents: spec.parents.as_deref().unwrap_or_default(),
        binds_by_default: controller.is_experimental() && *spec.scope == Some(DefaultScope::All),
    };
    let mut routes = Vec::new();
    macro_rules! collect {
        ($kind:ident, $object:ident, $feature:literal, $route_kind:ident, $hostnames:expr) => {
            if served(Kind::$object, $feature) {
                routes.extend(snapshot.all::<$object>().map(|route| {
                    let hostnames: fn(&'s $object) -> Option<&'s [Open<Hostname>]> = $hostnames;
                    let spec = Spec {
                        parents: &route.spec.parent_refs,
                        scope: &route.spec.use_default_gateways,
                        hostnames: hostnames(route),
                    };
                    view(RouteKind::$route_kind, RouteObject::$kind(route), spec)
                }));
            }
        };
    }
    collect!(Http, HttpRoute, "HTTPRoute", Http, |r| r
        .spec
        .hostnames
        .as_deref());
    collect!(Grpc, GrpcRoute, "GRPCRoute", Grpc, |r| r
        .spec
        .hostnames
        .as_deref());
    collect!(Tls, TlsRoute, "TLSRoute", Tls, |r| r
        .spec
        .hostnames
        .as_deref());
    collect!(Tcp, TcpRoute, "TCPRoute", Tcp, |_| None);
    collect!(Udp, UdpRoute, "UDPRoute", Udp, |_| None);
    routes
}

/// What the specs of all kinds have in common.
struct Spec<'s> {
    parents: &'s Option<Vec<ParentReference>>,
    scope: &'s Option<DefaultScope>,
    hostnames: Option<&'s [Open<Hostname>]>,
}
