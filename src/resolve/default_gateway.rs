//! Gateways that Routes bind to without naming them.
//!
//! Part of the attachment pass: takes a Route that asks for it and the Gateways, gives the parents that are added.

use super::parent::ParentRef;
use super::route::RouteView;
use super::state::GatewayState;

/// The parents that a Route has by default, in the order of the Gateways (namespace, name): each default Gateway of ours
/// as a whole, but for those that the Route names as a whole itself.
///
/// # Spec
///
/// GW-DEF-01..08, GW-DEF-11..14.
pub(super) fn default_parents<'s>(
    route: &RouteView<'s>,
    defaults: &[&GatewayState<'s>],
) -> Vec<ParentRef<'s>> {
    if !route.binds_by_default {
        return Vec::new();
    }
    let named =
        |gateway: &GatewayState<'_>| route.parent_refs().any(|p| p.is_whole_gateway(gateway));
    let defaults = defaults.iter().filter(|gateway| !named(gateway));
    defaults
        .map(|gateway| ParentRef::default_gateway(gateway))
        .collect()
}
