//! Addresses of Gateways.

use super::data_plane::{AddressFact, AddressKind};
use super::world::World;
use crate::api::{AddressType, GatewayAddress};
use crate::plan::ObjectName;

/// Most addresses that a status can list (GW-ADDR-06).
const MAX_ADDRESSES: usize = 16;

/// What the addresses of a Gateway come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    /// Those that it has, each once.
    pub(super) had: Vec<(AddressKind, String)>,
    /// Why not all are there.
    pub(super) problem: Option<AddressProblem>,
}

/// What is wrong with addresses; the first kind refuses the Gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AddressProblem {
    /// A type that is not supported (GW-ADDR-01).
    Unsupported(String),
    /// A wanted address cannot be had (GW-ADDR-02).
    NotUsable(String),
    /// None is assigned yet (GW-ADDR-04/05).
    NotAssigned(String),
}

impl AddressProblem {
    fn rank(&self) -> u8 {
        match self {
            AddressProblem::Unsupported(_) => 0,
            AddressProblem::NotUsable(_) => 1,
            AddressProblem::NotAssigned(_) => 2,
        }
    }
}

/// Judges `spec.addresses`.
///
/// # Spec
///
/// GW-ADDR-01..06.
pub(super) fn judge(
    world: &World<'_>,
    gateway: &ObjectName,
    wanted: &[GatewayAddress],
) -> Addresses {
    let controller = world.controller;
    let mut addresses = Addresses::default();
    if wanted.is_empty() {
        for address in controller.data_plane().assigned(gateway) {
            addresses.add(address);
        }
        if addresses.had.is_empty() {
            addresses.complain(AddressProblem::NotAssigned(
                "no address is assigned yet".into(),
            ));
        }
        return addresses;
    }
    for entry in wanted {
        let kind = match entry.type_() {
            _ if !controller.features().has("GatewayStaticAddresses") => {
                let why = "addresses of one's own choice are switched off";
                addresses.complain(AddressProblem::Unsupported(why.into()));
                continue;
            }
            AddressType::IpAddress => AddressKind::IpAddress,
            AddressType::Hostname => AddressKind::Hostname,
            other => {
                let why = format!("address type `{other}` is not supported");
                addresses.complain(AddressProblem::Unsupported(why));
                continue;
            }
        };
        let value = entry.value.as_deref().filter(|value| !value.is_empty());
        if value.is_none() && !controller.features().has("GatewayAddressEmpty") {
            let why = "addresses without a value are switched off";
            addresses.complain(AddressProblem::NotAssigned(why.into()));
            continue;
        }
        let shown = value.unwrap_or("any");
        match controller.data_plane().address(gateway, kind, value) {
            AddressFact::Usable(value) => addresses.add((kind, value)),
            AddressFact::NotUsable => {
                let why = format!("address `{shown}` cannot be used");
                addresses.complain(AddressProblem::NotUsable(why));
            }
            AddressFact::NotAssigned => {
                let why = format!("address `{shown}` is not assigned yet");
                addresses.complain(AddressProblem::NotAssigned(why));
            }
        }
    }
    addresses
}

impl Addresses {
    fn add(&mut self, address: (AddressKind, String)) {
        if self.had.len() < MAX_ADDRESSES && !self.had.contains(&address) {
            self.had.push(address);
        }
    }

    /// Keeps the gravest problem, the first of its sort.
    fn complain(&mut self, problem: AddressProblem) {
        let is_graver = |known: &AddressProblem| problem.rank() < known.rank();
        if self.problem.as_ref().is_none_or(is_graver) {
            self.problem = Some(problem);
        }
    }
}
