//! Who refers to what.
//!
//! The other direction of references: from the object that changed to those that mean something else now.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use crate::api::{
    BackendObjectReference, DefaultScope, GrpcRouteFilter, HttpRouteFilter, Kind, Object,
    ObjectMeta,
};
use crate::plan::ObjectName;
use crate::resolve::parent::GATEWAY_GROUP;
use crate::resolve::route::RouteObject;
use crate::resolve::world::namespace_of;
use crate::snapshot::Snapshot;

/// What a reference is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// A Gateway names its class.
    Class,
    /// A Gateway is one of the default Gateways, or a Route binds to them; all of them refer to [`DEFAULTS`].
    Default,
    /// A policy targets a Service.
    Governs,
    /// A Route names a parent.
    Parent,
    /// A ListenerSet names its Gateway.
    Set,
    /// Anything else: a backend, a certificate, an authority, parameters, an extension.
    Use,
}

/// What a reference names, defaults filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Target<'a> {
    /// Namespace; empty for cluster-scoped objects.
    pub(super) namespace: &'a str,
    /// API group.
    pub(super) group: &'a str,
    /// Kind.
    pub(super) kind: &'a str,
    /// Name.
    pub(super) name: &'a str,
}

/// What default Gateways and the Routes that bind to them have in common; no object is named so.
pub(super) const DEFAULTS: Target<'static> = Target {
    namespace: "",
    group: "",
    kind: "",
    name: "",
};

impl Target<'_> {
    /// What a name in an object of a known kind stands for.
    pub(super) fn of(object: &Object) -> Target<'_> {
        Target {
            namespace: crate::snapshot::namespace_of(object).unwrap_or_default(),
            group: object.group(),
            kind: object.kind(),
            name: &object.metadata().name,
        }
    }

    /// A Service.
    pub(super) fn service<'a>(namespace: &'a str, name: &'a str) -> Target<'a> {
        Target {
            namespace,
            group: "",
            kind: "Service",
            name,
        }
    }

    /// A Gateway.
    pub(super) fn gateway<'a>(namespace: &'a str, name: &'a str) -> Target<'a> {
        Target {
            namespace,
            group: GATEWAY_GROUP,
            kind: "Gateway",
            name,
        }
    }

    /// Whether it is a Service.
    pub(super) fn is_service(&self) -> bool {
        self.group.is_empty() && self.kind == "Service"
    }

    /// Whether it is a Gateway.
    pub(super) fn is_gateway(&self) -> bool {
        self.group == GATEWAY_GROUP && self.kind == "Gateway"
    }

    /// Namespace and name.
    pub(super) fn object_name(&self) -> ObjectName {
        ObjectName::new(self.namespace, self.name)
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct OwnedTarget {
    namespace: Box<str>,
    group: Box<str>,
    kind: Box<str>,
    name: Box<str>,
}

impl OwnedTarget {
    fn of(target: Target<'_>) -> Self {
        OwnedTarget {
            namespace: target.namespace.into(),
            group: target.group.into(),
            kind: target.kind.into(),
            name: target.name.into(),
        }
    }

    fn is(&self, target: Target<'_>) -> bool {
        (&*self.namespace, &*self.group, &*self.kind, &*self.name)
            == (target.namespace, target.group, target.kind, target.name)
    }
}

/// One object that refers to one other, by target first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    target: Arc<OwnedTarget>,
    role: Role,
    referrer: Referrer,
}

/// Who refers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Referrer {
    /// Its kind.
    pub(super) kind: Kind,
    /// Its namespace, empty for cluster-scoped ones, and its name.
    pub(super) name: Arc<ObjectName>,
}

/// All references of a snapshot, by target.
#[derive(Debug, Default)]
pub(super) struct References {
    edges: BTreeSet<Edge>,
}

impl References {
    /// Those of all objects.
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let mut known: HashMap<Target<'_>, Arc<OwnedTarget>> = HashMap::new();
        let mut edges = Vec::new();
        for object in snapshot.objects() {
            let mut referrer = None;
            each_reference(object, &mut |role, target| {
                let target = known
                    .entry(target)
                    .or_insert_with(|| Arc::new(OwnedTarget::of(target)));
                let own = referrer.get_or_insert_with(|| referrer_of(object)).clone();
                if let Some(referrer) = own {
                    let target = Arc::clone(target);
                    edges.push(Edge {
                        target,
                        role,
                        referrer,
                    });
                }
            });
        }
        References {
            edges: edges.into_iter().collect(),
        }
    }

    /// Adds those of an object.
    pub(super) fn add(&mut self, object: &Object) {
        let Some(referrer) = referrer_of(object) else {
            return;
        };
        each_reference(object, &mut |role, target| {
            let known = self.edges_to(target).next();
            let target = match known {
                Some(edge) => Arc::clone(&edge.target),
                None => Arc::new(OwnedTarget::of(target)),
            };
            self.edges.insert(Edge {
                target,
                role,
                referrer: referrer.clone(),
            });
        });
    }

    /// Takes those of an object out that its successor has no more.
    pub(super) fn remove(&mut self, object: &Object, successor: Option<&Object>) {
        let Some(referrer) = referrer_of(object) else {
            return;
        };
        let mut kept = Vec::new();
        if let Some(successor) = successor {
            each_reference(successor, &mut |role, target| kept.push((role, target)));
        }
        each_reference(object, &mut |role, target| {
            if !kept.contains(&(role, target)) {
                self.edges.remove(&Edge {
                    target: Arc::new(OwnedTarget::of(target)),
                    role,
                    referrer: referrer.clone(),
                });
            }
        });
    }

    /// Who refers to an object in a role.
    pub(super) fn to<'r>(
        &'r self,
        target: Target<'_>,
        role: Role,
    ) -> impl Iterator<Item = &'r Referrer> {
        let target = OwnedTarget::of(target);
        let from = first(target, role, Kind::GatewayClass);
        let known = Arc::clone(&from.target);
        self.edges
            .range((Bound::Included(from), Bound::Unbounded))
            .take_while(move |edge| edge.role == role && edge.target == known)
            .map(|edge| &edge.referrer)
    }

    /// Who of a kind refers to an object in a role.
    pub(super) fn of_kind<'r>(
        &'r self,
        target: Target<'_>,
        role: Role,
        kind: Kind,
    ) -> impl Iterator<Item = &'r Referrer> {
        let from = first(OwnedTarget::of(target), role, kind);
        let known = Arc::clone(&from.target);
        self.edges
            .range((Bound::Included(from), Bound::Unbounded))
            .take_while(move |edge| {
                edge.role == role && edge.referrer.kind == kind && edge.target == known
            })
            .map(|edge| &edge.referrer)
    }

    /// Who uses anything in a namespace from another one.
    pub(super) fn outside_users<'r>(
        &'r self,
        namespace: &'r str,
    ) -> impl Iterator<Item = &'r Referrer> {
        let target = OwnedTarget::of(Target {
            namespace,
            ..DEFAULTS
        });
        self.edges
            .range((
                Bound::Included(first(target, Role::Class, Kind::GatewayClass)),
                Bound::Unbounded,
            ))
            .take_while(move |edge| *edge.target.namespace == *namespace)
            .filter(move |edge| {
                edge.role == Role::Use && *edge.referrer.name.namespace != *namespace
            })
            .map(|edge| &edge.referrer)
    }

    fn edges_to(&self, target: Target<'_>) -> impl Iterator<Item = &Edge> {
        let from = first(OwnedTarget::of(target), Role::Class, Kind::GatewayClass);
        self.edges
            .range((Bound::Included(from), Bound::Unbounded))
            .take_while(move |edge| edge.target.is(target))
    }
}

/// The least edge to a target in a role from a kind.
fn first(target: OwnedTarget, role: Role, kind: Kind) -> Edge {
    Edge {
        target: Arc::new(target),
        role,
        referrer: Referrer {
            kind,
            name: Arc::new(ObjectName::new("", "")),
        },
    }
}

fn referrer_of(object: &Object) -> Option<Referrer> {
    let kind = object.known_kind()?;
    let namespace = crate::snapshot::namespace_of(object).unwrap_or_default();
    Some(Referrer {
        kind,
        name: Arc::new(ObjectName::new(namespace, object.metadata().name.as_str())),
    })
}

/// Tells every reference of an object.
pub(super) fn each_reference<'o>(object: &'o Object, tell: &mut dyn FnMut(Role, Target<'o>)) {
    match object {
        Object::GatewayClass(class) => parameters(class.spec.parameters_ref.as_ref(), tell),
        Object::Mesh(mesh) => parameters(mesh.spec.parameters_ref.as_ref(), tell),
        Object::Gateway(gateway) => of_gateway(gateway, tell),
        Object::ListenerSet(set) => {
            let own = namespace_of(&set.metadata);
            let parent = &set.spec.parent_ref;
            if parent.group() == GATEWAY_GROUP && parent.kind() == "Gateway" {
                let namespace = parent.namespace_or(own);
                tell(Role::Set, Target::gateway(namespace, &parent.name));
            }
            certificates(&set.spec.listeners, own, tell);
        }
        Object::BackendTlsPolicy(policy) => {
            of_policy(&policy.metadata, &policy.spec.target_refs, tell);
            let own = namespace_of(&policy.metadata);
            let authorities = policy.spec.validation.ca_certificate_refs.iter().flatten();
            for reference in authorities {
                tell(Role::Use, local(reference, own));
            }
        }
        Object::BackendTrafficPolicy(policy) => {
            of_policy(&policy.metadata, &policy.spec.target_refs, tell);
        }
        _ => {
            if let Some(route) = RouteObject::of(object) {
                of_route(route, tell);
            }
        }
    }
}

fn parameters<'o>(
    reference: Option<&'o crate::api::ParametersReference>,
    tell: &mut dyn FnMut(Role, Target<'o>),
) {
    if let Some(reference) = reference {
        let target = Target {
            namespace: reference.namespace.as_deref().unwrap_or_default(),
            group: &reference.group,
            kind: &reference.kind,
            name: &reference.name,
        };
        tell(Role::Use, target);
    }
}

fn of_gateway<'o>(gateway: &'o crate::api::Gateway, tell: &mut dyn FnMut(Role, Target<'o>)) {
    let own = namespace_of(&gateway.metadata);
    let spec = &gateway.spec;
    let class = Target {
        namespace: "",
        group: GATEWAY_GROUP,
        kind: "GatewayClass",
        name: &spec.gateway_class_name,
    };
    tell(Role::Class, class);
    if spec.default_scope == Some(DefaultScope::All) {
        tell(Role::Default, DEFAULTS);
    }
    let infrastructure = spec.infrastructure.as_ref();
    if let Some(reference) = infrastructure.and_then(|own| own.parameters_ref.as_ref()) {
        tell(Role::Use, local(reference, own));
    }
    certificates(&spec.listeners, own, tell);
    let Some(tls) = &spec.tls else { return };
    let backend = tls.backend.as_ref();
    if let Some(reference) = backend.and_then(|backend| backend.client_certificate_ref.as_ref()) {
        tell(Role::Use, secret(reference, own));
    }
    let Some(frontend) = &tls.frontend else {
        return;
    };
    let ports = frontend.per_port.iter().flatten().map(|port| &port.tls);
    for config in std::iter::once(&frontend.default).chain(ports) {
        let references = config
            .validation
            .iter()
            .flat_map(|v| &v.ca_certificate_refs);
        for reference in references {
            let target = Target {
                namespace: reference.namespace.as_deref().unwrap_or(own),
                group: &reference.group,
                kind: &reference.kind,
                name: &reference.name,
            };
            tell(Role::Use, target);
        }
    }
}

fn certificates<'o>(
    listeners: &'o [crate::api::Listener],
    own: &'o str,
    tell: &mut dyn FnMut(Role, Target<'o>),
) {
    let tls = listeners
        .iter()
        .filter_map(|listener| listener.tls.as_ref());
    for reference in tls.flat_map(|tls| tls.certificate_refs.iter().flatten()) {
        tell(Role::Use, secret(reference, own));
    }
}

fn of_policy<'o>(
    metadata: &'o ObjectMeta,
    targets: &'o [crate::api::PolicyTargetReference],
    tell: &mut dyn FnMut(Role, Target<'o>),
) {
    let own = namespace_of(metadata);
    for target in targets {
        if target.group.is_empty() && target.kind == "Service" {
            tell(Role::Governs, Target::service(own, &target.name));
        }
    }
}

fn of_route<'o>(route: RouteObject<'o>, tell: &mut dyn FnMut(Role, Target<'o>)) {
    let own = namespace_of(route.metadata());
    for parent in route.parents() {
        let target = Target {
            namespace: parent.namespace_or(own),
            group: parent.group(),
            kind: parent.kind(),
            name: &parent.name,
        };
        tell(Role::Parent, target);
    }
    if *route.default_scope() == Some(DefaultScope::All) {
        tell(Role::Default, DEFAULTS);
    }
    let mut backend = |group, kind, namespace: Option<&'o str>, name| {
        let target = Target {
            namespace: namespace.unwrap_or(own),
            group,
            kind,
            name,
        };
        tell(Role::Use, target);
    };
    macro_rules! backends {
        ($references:expr) => {
            for reference in $references {
                let namespace = reference.namespace.as_deref();
                backend(
                    reference.group(),
                    reference.kind(),
                    namespace,
                    &reference.name,
                );
            }
        };
    }
    match route {
        RouteObject::Http(route) => {
            for rule in route.spec.rules.iter().flatten() {
                let references = || rule.backend_refs.iter().flatten();
                backends!(references());
                let inner = references().flat_map(|reference| reference.filters.iter().flatten());
                for filter in rule.filters.iter().flatten().chain(inner) {
                    http_filter(filter, own, &mut backend);
                }
            }
        }
        RouteObject::Grpc(route) => {
            for rule in route.spec.rules.iter().flatten() {
                let references = || rule.backend_refs.iter().flatten();
                backends!(references());
                let inner = references().flat_map(|reference| reference.filters.iter().flatten());
                for filter in rule.filters.iter().flatten().chain(inner) {
                    grpc_filter(filter, own, &mut backend);
                }
            }
        }
        RouteObject::Tls(route) => {
            backends!(route.spec.rules.iter().flat_map(|rule| &rule.backend_refs));
        }
        RouteObject::Tcp(route) => {
            backends!(route.spec.rules.iter().flat_map(|rule| &rule.backend_refs));
        }
        RouteObject::Udp(route) => {
            backends!(route.spec.rules.iter().flat_map(|rule| &rule.backend_refs));
        }
    }
}

type Backend<'b, 'o> = &'b mut dyn FnMut(&'o str, &'o str, Option<&'o str>, &'o str);

fn http_filter<'o>(filter: &'o HttpRouteFilter, own: &'o str, backend: Backend<'_, 'o>) {
    if let Some(mirror) = &filter.request_mirror {
        server(&mirror.backend_ref, backend);
    }
    if let Some(auth) = &filter.external_auth {
        server(&auth.backend_ref, backend);
    }
    if let Some(extension) = &filter.extension_ref {
        backend(
            &extension.group,
            &extension.kind,
            Some(own),
            &extension.name,
        );
    }
}

fn grpc_filter<'o>(filter: &'o GrpcRouteFilter, own: &'o str, backend: Backend<'_, 'o>) {
    if let Some(mirror) = &filter.request_mirror {
        server(&mirror.backend_ref, backend);
    }
    if let Some(extension) = &filter.extension_ref {
        backend(
            &extension.group,
            &extension.kind,
            Some(own),
            &extension.name,
        );
    }
}

fn server<'o>(reference: &'o BackendObjectReference, backend: Backend<'_, 'o>) {
    let namespace = reference.namespace.as_deref();
    backend(
        reference.group(),
        reference.kind(),
        namespace,
        &reference.name,
    );
}

fn secret<'o>(reference: &'o crate::api::SecretObjectReference, own: &'o str) -> Target<'o> {
    Target {
        namespace: reference.namespace.as_deref().unwrap_or(own),
        group: reference.group(),
        kind: reference.kind(),
        name: &reference.name,
    }
}

fn local<'o>(reference: &'o crate::api::LocalObjectReference, own: &'o str) -> Target<'o> {
    Target {
        namespace: own,
        group: &reference.group,
        kind: &reference.kind,
        name: &reference.name,
    }
}
