//! What each object refers to.

use super::references::{DEFAULTS, Role, Target};
use crate::api::{
    BackendObjectReference, DefaultScope, GrpcRouteFilter, HttpRouteFilter, Object, ObjectMeta,
};
use crate::resolve::parent::GATEWAY_GROUP;
use crate::resolve::route::RouteObject;
use crate::resolve::world::namespace_of;

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
