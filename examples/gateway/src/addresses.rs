//! Which addresses Gateways have, and which ports could not be had: what the resolver asks about this data plane.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::{Mutex, MutexGuard, PoisonError};

use gatewright::api::{
    AddressType, Gateway, GatewayAddress, GatewayClass, ObjectMeta, Resource, Timestamp,
};
use gatewright::plan::ObjectName;
use gatewright::resolve::{AddressFact, AddressKind, Controller, DataPlane};
use gatewright::snapshot::Snapshot;
use ipnet::IpNet;

/// Addresses and ports of Gateways. Dealt out before a snapshot is resolved, so that answers do not change meanwhile.
#[derive(Debug)]
pub struct Addresses {
    range: Option<IpNet>,
    published: Vec<IpAddr>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: BTreeMap<ObjectName, Held>,
    refused: BTreeSet<(ObjectName, u16)>,
    /// Counts the changes of the other two.
    version: u64,
}

/// What one Gateway has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Held {
    /// Those of `spec.addresses` that it got.
    wanted: BTreeSet<IpAddr>,
    /// The one that was chosen for it.
    assigned: Option<IpAddr>,
}

/// What one Gateway asks for.
struct Claim {
    name: ObjectName,
    /// Its age, in seconds of its birth.
    since: i64,
    wanted: BTreeSet<IpAddr>,
    /// Whether it takes any address.
    takes_any: bool,
    /// What its status says, from an earlier run.
    before: Vec<IpAddr>,
}

impl Addresses {
    /// With a range each Gateway has an address of its own: one that it wants, else the lowest that is free. Without one all
    /// Gateways that want none share every address of the machine, and statuses say `published`.
    pub fn new(range: Option<IpNet>, published: Vec<IpAddr>) -> Self {
        let published = match published.is_empty() {
            true => vec![own_address()],
            false => published,
        };
        Addresses {
            range,
            published,
            state: Mutex::default(),
        }
    }

    /// Deals out addresses to the Gateways of a snapshot whose classes are the controller's. What a Gateway has it keeps;
    /// then those who want certain addresses get them, then the others; older Gateways before younger ones.
    pub fn deal(&self, snapshot: &Snapshot, controller: &Controller) {
        let is_ours = |gateway: &&Gateway| {
            let class = snapshot.get::<GatewayClass>(None, &gateway.spec.gateway_class_name);
            class.is_some_and(|class| controller.owns(&class.spec.controller_name))
        };
        let gateways = snapshot.all::<Gateway>().filter(is_ours);
        let mut claims: Vec<Claim> = gateways.map(Claim::of).collect();
        claims.sort_by(|a, b| (a.since, &a.name).cmp(&(b.since, &b.name)));

        let mut state = self.state();
        let before = std::mem::take(&mut state.held);
        for claim in &claims {
            let known = before.get(&claim.name).cloned().unwrap_or_default();
            let kept = Held {
                wanted: &known.wanted & &claim.wanted,
                assigned: known.assigned.filter(|_| claim.takes_any),
            };
            state.held.insert(claim.name.clone(), kept);
        }
        for claim in &claims {
            for wanted in &claim.wanted {
                if self.is_free(&state, *wanted) {
                    let own = state.held.entry(claim.name.clone()).or_default();
                    own.wanted.insert(*wanted);
                }
            }
        }
        for claim in claims.iter().filter(|claim| claim.takes_any) {
            let has_one = state
                .held
                .get(&claim.name)
                .is_some_and(|own| own.assigned.is_some());
            if let Some(range) = self.range.filter(|_| !has_one) {
                let taken = state.taken();
                let is_free =
                    |address: &IpAddr| range.contains(address) && !taken.contains(address);
                let earlier = claim.before.iter().copied();
                let free = earlier.chain(range.hosts()).find(is_free);
                state.held.entry(claim.name.clone()).or_default().assigned = free;
            }
        }
        state.version += u64::from(state.held != before);
    }

    /// Where a Gateway listens.
    pub fn bound(&self, gateway: &ObjectName) -> Vec<IpAddr> {
        let state = self.state();
        let held = state.held.get(gateway);
        let held: BTreeSet<IpAddr> = held
            .into_iter()
            .flat_map(|own| own.wanted.iter().copied().chain(own.assigned))
            .collect();
        match self.range {
            None if held.is_empty() => vec![Ipv4Addr::UNSPECIFIED.into()],
            _ => held.into_iter().collect(),
        }
    }

    /// Notes that a Gateway cannot listen on a port; whether that is news.
    pub fn refuse(&self, gateway: &ObjectName, port: u16) -> bool {
        let mut state = self.state();
        let is_new = state.refused.insert((gateway.clone(), port));
        state.version += u64::from(is_new);
        is_new
    }

    /// Another one after each change of what the resolver is told.
    pub fn version(&self) -> u64 {
        self.state().version
    }

    /// Whether some port could not be had.
    pub fn has_refused(&self) -> bool {
        !self.state().refused.is_empty()
    }

    /// Forgets which ports could not be had, so that they are tried again.
    pub fn forgive(&self) {
        let mut state = self.state();
        state.refused.clear();
        state.version += 1;
    }

    /// Whether an address can be had by one more Gateway.
    fn is_free(&self, state: &State, address: IpAddr) -> bool {
        match self.range {
            Some(range) => range.contains(&address) && !state.taken().contains(&address),
            // Any address of the machine; Gateways may share it.
            None => TcpListener::bind(SocketAddr::new(address, 0)).is_ok(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn taken(&self) -> BTreeSet<IpAddr> {
        let of = |own: &Held| {
            own.wanted
                .iter()
                .copied()
                .chain(own.assigned)
                .collect::<Vec<_>>()
        };
        self.held.values().flat_map(of).collect()
    }
}

impl Claim {
    fn of(gateway: &Gateway) -> Self {
        let wanted = gateway.spec.addresses.as_deref().unwrap_or_default();
        let is_ip = |entry: &&GatewayAddress| *entry.type_() == AddressType::IpAddress;
        let is_open = |entry: &GatewayAddress| entry.value.as_deref().unwrap_or("").is_empty();
        let status = gateway.status.as_ref();
        let before = status.and_then(|status| status.addresses.as_deref());
        let created = gateway.metadata.creation_timestamp.as_ref();
        Claim {
            name: name_of(gateway.metadata()),
            since: created.and_then(Timestamp::seconds).unwrap_or(i64::MAX),
            wanted: wanted.iter().filter(is_ip).filter_map(parsed).collect(),
            takes_any: wanted.is_empty() || wanted.iter().filter(is_ip).any(is_open),
            before: before
                .unwrap_or_default()
                .iter()
                .filter_map(parsed)
                .collect(),
        }
    }
}

fn parsed(entry: &GatewayAddress) -> Option<IpAddr> {
    entry.value.as_deref()?.parse().ok()
}

fn name_of(metadata: &ObjectMeta) -> ObjectName {
    let namespace = metadata.namespace.as_deref().unwrap_or("default");
    ObjectName::new(namespace, metadata.name.as_str())
}

/// The address that this machine reaches others from. Nothing is sent to find out.
fn own_address() -> IpAddr {
    let found = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect("192.0.2.1:9")?;
        socket.local_addr()
    });
    found.map_or(Ipv4Addr::LOCALHOST.into(), |local| local.ip())
}

impl DataPlane for Addresses {
    fn can_bind(&self, gateway: &ObjectName, port: u16) -> bool {
        !self.state().refused.contains(&(gateway.clone(), port))
    }

    fn address(&self, gateway: &ObjectName, kind: AddressKind, value: Option<&str>) -> AddressFact {
        match (kind, value) {
            (AddressKind::Hostname, Some(_)) => AddressFact::NotUsable,
            (AddressKind::Hostname, None) => AddressFact::NotAssigned,
            (AddressKind::IpAddress, Some(value)) => {
                let wanted = value.parse().ok();
                let state = self.state();
                let held = state.held.get(gateway);
                match wanted.filter(|wanted| held.is_some_and(|own| own.wanted.contains(wanted))) {
                    Some(wanted) => AddressFact::Usable(wanted.to_string()),
                    None => AddressFact::NotUsable,
                }
            }
            (AddressKind::IpAddress, None) => match self.assigned(gateway).into_iter().next() {
                Some((_, address)) => AddressFact::Usable(address),
                None => AddressFact::NotAssigned,
            },
        }
    }

    fn assigned(&self, gateway: &ObjectName) -> Vec<(AddressKind, String)> {
        let assigned = match self.range {
            Some(_) => {
                let state = self.state();
                let held = state.held.get(gateway);
                held.and_then(|own| own.assigned).into_iter().collect()
            }
            None => self.published.clone(),
        };
        let named = |address: IpAddr| (AddressKind::IpAddress, address.to_string());
        assigned.into_iter().map(named).collect()
    }
}
