//! References to backends, wherever a Route holds one.
//!
//! Part of lowering: takes one reference, gives the backend as the plan has it and, if it cannot be used, why. It
//! refuses to know which rule or filter holds the reference.

use std::sync::Arc;

use super::backend_tls_policy::{TlsEffect, TlsPolicies};
use super::backend_traffic_policy::TrafficPolicies;
use super::features::Features;
use super::grant::{Grants, Referrer, Target};
use super::parent::GATEWAY_GROUP;
use super::status::{Finding, RouteResolvedRefs};
use crate::api::{Service, ServicePort, ServiceProtocol, ServiceType};
use crate::plan::{
    Backend, BackendFault, BackendProtocol, BackendTarget, BackendTls, ObjectName, RouteKind,
};
use crate::snapshot::Snapshot;

/// What references are resolved with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backends<'w, 's> {
    /// All objects.
    pub(super) snapshot: &'s Snapshot,
    /// What may refer to what.
    pub(super) grants: &'w Grants<'s>,
    /// BackendTLSPolicies by target.
    pub(super) tls: &'w TlsPolicies<'s>,
    /// XBackendTrafficPolicies by target.
    pub(super) traffic: &'w TrafficPolicies<'s>,
    /// What is supported.
    pub(super) features: &'w Features,
}

/// For whom a Route is lowered. The same Route can mean different things behind a Gateway and in a mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stance {
    /// Behind Gateways: references need grants.
    Gateway {
        /// Whether TLS towards backends is the Gateway's business; not for passed-through TLS (BTLS-01).
        speaks_tls: bool,
        /// The Gateway, by its place in the list, when some BackendTLSPolicy cannot tell it its status (BTLS-21).
        unserved: Option<u32>,
    },
    /// In a mesh: references need no grant (MESH-13), and policies on TLS are for Gateways only.
    Mesh,
}

/// Who refers.
#[derive(Clone, Copy, Debug)]
pub(super) struct RouteReferrer<'s> {
    /// Kind of the Route.
    pub(super) kind: RouteKind,
    /// Namespace of the Route.
    pub(super) namespace: &'s str,
    /// For whom it is lowered.
    pub(super) stance: Stance,
}

/// A reference as any of the structs holds it, defaults filled in.
#[derive(Clone, Copy, Debug)]
pub(super) struct BackendQuery<'s> {
    /// API group.
    pub(super) group: &'s str,
    /// Kind.
    pub(super) kind: &'s str,
    /// Namespace as written.
    pub(super) namespace: Option<&'s str>,
    /// Name.
    pub(super) name: &'s str,
    /// Port of the Service.
    pub(super) port: Option<i32>,
}

/// What a reference comes to.
#[derive(Clone, Debug)]
pub(super) struct ResolvedBackend {
    /// As the plan has it, with weight 1 and without filters.
    pub(super) backend: Backend,
    /// Why it cannot be used.
    pub(super) failure: Option<Finding<RouteResolvedRefs>>,
    /// The policy target that it reaches, if there is a policy for it (BTLS-19).
    pub(super) policy_target: Option<PolicyTarget>,
    /// Whether, in a mesh, the Service keeps clients at one endpoint by itself (XBTP-08).
    pub(super) is_sticky: bool,
}

/// Services that policies target, as the two indexes number them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct PolicyTarget {
    /// In [`TlsPolicies`].
    pub(super) tls: Option<u32>,
    /// In [`TrafficPolicies`].
    pub(super) traffic: Option<u32>,
}

type Failure = (BackendFault, Finding<RouteResolvedRefs>);

impl<'s> Backends<'_, 's> {
    /// Resolves a reference: kind, permission, existence, port, protocol, policies.
    ///
    /// # Cost
    ///
    /// A few hash lookups and O(ports of the Service).
    ///
    /// # Spec
    ///
    /// BE-01..09, BE-16..18, BACKEND-PROTO-01..05, RG-05, MESH-13, BTLS-17/18.
    pub(super) fn resolve(
        &self,
        referrer: RouteReferrer<'s>,
        query: BackendQuery<'s>,
    ) -> ResolvedBackend {
        let target = Target {
            group: query.group,
            kind: query.kind,
            namespace: query.namespace.unwrap_or(referrer.namespace),
            name: query.name,
        };
        let mut resolved = ResolvedBackend {
            backend: bare_backend(referrer.kind, target, query.port),
            failure: None,
            policy_target: None,
            is_sticky: false,
        };
        let outcome = self
            .find_port(referrer, target, query.port)
            .and_then(|(service, port)| {
                resolved.policy_target = self.policy_target(referrer, target);
                resolved.is_sticky = referrer.stance == Stance::Mesh && has_affinity(service);
                self.equip(&mut resolved.backend, referrer, target, service, port)
            });
        if let Err((fault, finding)) = outcome {
            resolved.backend.fault = Some(fault);
            resolved.failure = Some(finding);
        }
        resolved
    }

    /// The port that a reference means (BE-02..05).
    fn find_port(
        &self,
        referrer: RouteReferrer<'s>,
        target: Target<'s>,
        port: Option<i32>,
    ) -> Result<(&'s Service, &'s ServicePort), Failure> {
        if !target.group.is_empty() || target.kind != "Service" {
            return Err(failure(
                BackendFault::InvalidKind,
                format!(
                    "kind `{}` of group `{}` is no supported backend",
                    target.kind, target.group
                ),
            ));
        }
        let permitted = match referrer.stance {
            Stance::Mesh => self.grants.permit_in_mesh(target),
            Stance::Gateway { .. } => {
                let from = Referrer {
                    group: GATEWAY_GROUP,
                    kind: referrer.kind.as_str(),
                    namespace: referrer.namespace,
                };
                self.grants
                    .permit(from, target)
                    .map_err(|denied| failure(BackendFault::RefNotPermitted, denied.to_string()))?
            }
        };
        let found = permitted.find(|target| {
            self.snapshot
                .get::<Service>(Some(target.namespace), target.name)
        });
        let Some(service) = found.map(super::grant::Resolved::into_object) else {
            return Err(failure(
                BackendFault::NotFound,
                format!("{target} does not exist"),
            ));
        };
        if *service.type_() == ServiceType::ExternalName {
            return Err(failure(
                BackendFault::InvalidKind,
                format!("{target} is of type ExternalName, which is no supported backend"),
            ));
        }
        let Some(number) = port else {
            return Err(failure(
                BackendFault::UnsupportedValue,
                format!("the reference to {target} has no port"),
            ));
        };
        fitting_port(referrer.kind, target, service, number).map(|port| (service, port))
    }

    /// Fills in protocol and policies.
    fn equip(
        &self,
        backend: &mut Backend,
        referrer: RouteReferrer<'s>,
        target: Target<'s>,
        service: &'s Service,
        port: &'s ServicePort,
    ) -> Result<(), Failure> {
        let tls = self.tls_towards(referrer, target, port);
        backend.protocol =
            self.protocol_of(referrer.kind, port, tls.is_some())
                .map_err(|app_protocol| {
                    failure(
                        BackendFault::UnsupportedProtocol,
                        format!(
                            "port {} of {target} has appProtocol `{app_protocol}`, which a {} cannot speak{}",
                            port.port,
                            referrer.kind,
                            if app_protocol == "kubernetes.io/wss" {
                                " without a BackendTLSPolicy"
                            } else {
                                ""
                            }
                        ),
                    )
                })?;
        let effect = self
            .traffic
            .effect(target.namespace, &service.metadata.name);
        if let (Some(effect), RouteKind::Http | RouteKind::Grpc) = (effect, referrer.kind) {
            backend.session = effect.session.clone();
            backend.retry_budget = effect.retry_budget.clone();
        }
        match tls {
            None => Ok(()),
            Some(Ok(tls)) => {
                backend.tls = Some(tls);
                Ok(())
            }
            Some(Err(policy)) => Err(failure(
                BackendFault::InvalidBackendTlsPolicy,
                format!("BackendTLSPolicy `{policy}` for {target} cannot be met"),
            )),
        }
    }

    /// The TLS that a policy asks for towards a port, or the name of the policy that cannot be met (BTLS-01/02/17).
    fn tls_towards(
        &self,
        referrer: RouteReferrer<'s>,
        target: Target<'s>,
        port: &ServicePort,
    ) -> Option<Result<Arc<BackendTls>, String>> {
        let Stance::Gateway {
            speaks_tls: true,
            unserved,
        } = referrer.stance
        else {
            return None;
        };
        if referrer.kind == RouteKind::Udp {
            return None;
        }
        let policy = self
            .tls
            .governing(target.namespace, target.name, port.name.as_deref())?;
        let served = unserved.is_none_or(|gateway| !policy.unserved.contains(&gateway));
        Some(match &policy.effect {
            TlsEffect::Tls(tls) if served => Ok(tls.clone()),
            _ => Err(policy.display_name()),
        })
    }

    fn policy_target(
        &self,
        referrer: RouteReferrer<'s>,
        target: Target<'s>,
    ) -> Option<PolicyTarget> {
        if referrer.kind == RouteKind::Udp || referrer.stance == Stance::Mesh {
            return None;
        }
        let found = PolicyTarget {
            tls: self.tls.target(target.namespace, target.name),
            traffic: self.traffic.target(target.namespace, target.name),
        };
        (found != PolicyTarget::default()).then_some(found)
    }

    /// What is spoken to a port, or the `appProtocol` that the Route cannot speak.
    fn protocol_of<'p>(
        &self,
        kind: RouteKind,
        port: &'p ServicePort,
        has_tls: bool,
    ) -> Result<BackendProtocol, &'p str> {
        let usual = usual_protocol(kind);
        if usual == BackendProtocol::Stream {
            return Ok(usual);
        }
        let app_protocol = port.app_protocol.as_deref().unwrap_or_default();
        match (kind, app_protocol) {
            (RouteKind::Grpc, "kubernetes.io/h2c") => Ok(BackendProtocol::Http2),
            (RouteKind::Http, "kubernetes.io/h2c")
                if self.features.has("HTTPRouteBackendProtocolH2C") =>
            {
                Ok(BackendProtocol::Http2)
            }
            (RouteKind::Http, "kubernetes.io/ws")
                if self.features.has("HTTPRouteBackendProtocolWebSocket") =>
            {
                Ok(BackendProtocol::WebSocket)
            }
            (RouteKind::Http, "kubernetes.io/wss")
                if has_tls && self.features.has("HTTPRouteBackendProtocolWebSocket") =>
            {
                Ok(BackendProtocol::WebSocket)
            }
            (_, other) if other.starts_with("kubernetes.io/") => Err(other),
            (_, "http2" | "h2c" | "grpc") => Ok(BackendProtocol::Http2),
            _ => Ok(usual),
        }
    }
}

/// What a kind of Route speaks when the Service says nothing (BACKEND-PROTO-03).
fn usual_protocol(kind: RouteKind) -> BackendProtocol {
    match kind {
        RouteKind::Http => BackendProtocol::Http1,
        RouteKind::Grpc => BackendProtocol::Http2,
        RouteKind::Tls | RouteKind::Tcp | RouteKind::Udp => BackendProtocol::Stream,
    }
}

/// The port of this number that speaks what the Route does (BE-04/05).
fn fitting_port<'s>(
    kind: RouteKind,
    target: Target<'_>,
    service: &'s Service,
    number: i32,
) -> Result<&'s ServicePort, Failure> {
    let wanted = match kind {
        RouteKind::Udp => ServiceProtocol::Udp,
        _ => ServiceProtocol::Tcp,
    };
    let numbered = || service.ports().iter().filter(|port| port.port == number);
    if let Some(port) = numbered().find(|port| *port.protocol() == wanted) {
        return Ok(port);
    }
    Err(match numbered().next() {
        None => failure(
            BackendFault::NotFound,
            format!("{target} has no port {number}"),
        ),
        Some(port) => failure(
            BackendFault::UnsupportedProtocol,
            format!(
                "port {number} of {target} speaks {}, but a {kind} needs {wanted}",
                port.protocol()
            ),
        ),
    })
}

fn has_affinity(service: &Service) -> bool {
    let spec = service.spec.as_ref();
    spec.and_then(|spec| spec.session_affinity.as_deref()) == Some("ClientIP")
}

fn bare_backend(kind: RouteKind, target: Target<'_>, port: Option<i32>) -> Backend {
    Backend {
        target: BackendTarget {
            group: target.group.into(),
            kind: target.kind.into(),
            name: ObjectName::new(target.namespace, target.name),
            port: port.and_then(|port| u16::try_from(port).ok()),
        },
        weight: 1,
        fault: None,
        ready: true,
        filters: Vec::new(),
        protocol: usual_protocol(kind),
        tls: None,
        session: None,
        retry_budget: None,
    }
}

fn failure(fault: BackendFault, message: String) -> Failure {
    let reason = match fault {
        BackendFault::RefNotPermitted => RouteResolvedRefs::RefNotPermitted,
        BackendFault::InvalidKind => RouteResolvedRefs::InvalidKind,
        BackendFault::NotFound => RouteResolvedRefs::BackendNotFound,
        BackendFault::UnsupportedProtocol => RouteResolvedRefs::UnsupportedProtocol,
        BackendFault::UnsupportedValue => RouteResolvedRefs::UnsupportedValue,
        BackendFault::InvalidBackendTlsPolicy => RouteResolvedRefs::InvalidBackendTlsPolicy,
    };
    (fault, Finding::new(reason, message))
}
