//! Which kinds of Route a listener takes.

use super::controller::Controller;
use crate::api::{GATEWAY_GROUP, RouteGroupKind};
use crate::plan::{Protocol, RouteKind};

/// The kinds that a listener takes, and those that it lists in vain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    /// In the order of the list; by default HTTPRoute, GRPCRoute (GW-KINDS-06).
    pub(super) valid: Vec<RouteKind>,
    /// Unknown, not supported, or unfit for the protocol (GW-KINDS-04).
    pub(super) invalid: Vec<String>,
}

/// The kinds that a protocol can carry (GW-KINDS-01/02).
const fn fitting(protocol: Protocol) -> &'static [RouteKind] {
    match protocol {
        Protocol::Http | Protocol::Https => &[RouteKind::Http, RouteKind::Grpc],
        Protocol::Tls(_) => &[RouteKind::Tls],
        Protocol::Tcp => &[RouteKind::Tcp],
        Protocol::Udp => &[RouteKind::Udp],
    }
}

/// Judges `allowedRoutes.kinds`; absent or empty means all that fit.
///
/// # Spec
///
/// GW-KINDS-01..06.
pub(super) fn judge(
    controller: &Controller,
    protocol: Protocol,
    listed: Option<&[RouteGroupKind]>,
) -> Kinds {
    let supported = |kind: &RouteKind| supports(controller, protocol, *kind);
    let fitting = fitting(protocol);
    let Some(listed) = listed.filter(|listed| !listed.is_empty()) else {
        return Kinds {
            valid: fitting.iter().copied().filter(supported).collect(),
            invalid: Vec::new(),
        };
    };
    let mut kinds = Kinds::default();
    for entry in listed {
        let kind = fitting
            .iter()
            .find(|kind| entry.group() == GATEWAY_GROUP && kind.as_str() == entry.kind)
            .filter(|kind| supported(kind));
        match kind {
            Some(kind) if kinds.valid.contains(kind) => {}
            Some(kind) => kinds.valid.push(*kind),
            None => kinds
                .invalid
                .push(format!("{}/{}", entry.group(), entry.kind)),
        }
    }
    kinds
}

/// Whether a list asks for GRPCRoutes alone (GW-LSTN-11).
pub(super) fn is_grpc_only(listed: Option<&[RouteGroupKind]>) -> bool {
    listed.is_some_and(|listed| {
        let is_grpc = |entry: &RouteGroupKind| {
            entry.group() == GATEWAY_GROUP && entry.kind == RouteKind::Grpc.as_str()
        };
        !listed.is_empty() && listed.iter().all(is_grpc)
    })
}

/// Whether clients can speak gRPC to listeners of a protocol (GW-LSTN-11).
pub(super) fn speaks_grpc(controller: &Controller, protocol: Protocol) -> bool {
    match protocol {
        Protocol::Http => controller.data_plane().speaks_h2c(),
        Protocol::Https => controller.data_plane().speaks_h2(),
        _ => true,
    }
}

fn supports(controller: &Controller, protocol: Protocol, kind: RouteKind) -> bool {
    controller.features().has(kind.as_str())
        && (kind != RouteKind::Grpc || speaks_grpc(controller, protocol))
}

/// Whether any kind of Route that the protocol carries is switched on (GW-LSTN-02).
pub(super) fn supports_protocol(controller: &Controller, protocol: Protocol) -> bool {
    let features = controller.features();
    fitting(protocol)
        .iter()
        .any(|kind| features.has(kind.as_str()))
}
