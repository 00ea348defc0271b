//! Where rules hang in a Gateway.

use super::place::{Kind, part, rules};
use super::{gateway_address, gateway_infrastructure, gateway_tls, listener};
use crate::vocab::Window;

pub(super) const KIND: Kind = Kind {
    name: "Gateway",
    versions: &[("v1", Window::ALWAYS), ("v1beta1", Window::ALWAYS)],
    places: &[
        rules("spec.addresses", gateway_address::LIST),
        rules("spec.addresses[]", gateway_address::REQUESTED),
        part("spec.infrastructure", gateway_infrastructure::PLACES),
        part("spec", listener::PLACES),
        rules("spec.listeners", listener::OF_A_GATEWAY),
        part("spec.tls", gateway_tls::PLACES),
        rules("status.addresses[]", gateway_address::ASSIGNED),
    ],
};
