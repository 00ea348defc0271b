//! Sockets: one for each Gateway's address and port, opened and closed as the plan changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use gatewright::plan::{ObjectName, Plan, Protocol};
use gatewright::resolve::{AddressFact, AddressKind, DataPlane, IdealDataPlane};
use ipnet::IpNet;
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinHandle;

use crate::live::Shared;
use crate::{connection, udp};

/// Which addresses Gateways get. It is also what the resolver asks about addresses, so that statuses show them.
#[derive(Debug, Default)]
pub struct Pool {
    range: Option<IpNet>,
    port_offset: u16,
    given: Mutex<BTreeMap<ObjectName, IpAddr>>,
}

impl Pool {
    /// Addresses from a range: each Gateway gets one, in the order of first sight. Without a range all of them are bound to
    /// every address. `port_offset` is added to every port.
    pub fn new(range: Option<IpNet>, port_offset: u16) -> Self {
        Pool {
            range,
            port_offset,
            given: Mutex::default(),
        }
    }

    /// The address of a Gateway; `None` when the range is used up.
    fn bound(&self, gateway: &ObjectName) -> Option<IpAddr> {
        let Some(range) = self.range else {
            return Some(Ipv4Addr::UNSPECIFIED.into());
        };
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(address) = given.get(gateway) {
            return Some(*address);
        }
        let taken: BTreeSet<IpAddr> = given.values().copied().collect();
        let address = range.hosts().find(|address| !taken.contains(address))?;
        given.insert(gateway.clone(), address);
        Some(address)
    }

    /// Gives a Gateway the address that it wants, when the range has it and no other Gateway does.
    fn want(&self, gateway: &ObjectName, wanted: IpAddr) -> bool {
        let Some(range) = self.range else { return true };
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let other = |(name, address): (&ObjectName, &IpAddr)| name != gateway && *address == wanted;
        if !range.contains(&wanted) || given.iter().any(other) {
            return false;
        }
        given.insert(gateway.clone(), wanted);
        true
    }
}

impl DataPlane for Pool {
    fn address(&self, gateway: &ObjectName, kind: AddressKind, value: Option<&str>) -> AddressFact {
        if kind != AddressKind::IpAddress {
            return AddressFact::NotUsable;
        }
        match value.map(str::parse) {
            None => match self.assigned(gateway).into_iter().next() {
                Some((_, address)) => AddressFact::Usable(address),
                None => AddressFact::NotAssigned,
            },
            Some(Ok(wanted)) if self.want(gateway, wanted) => {
                AddressFact::Usable(wanted.to_string())
            }
            Some(_) => AddressFact::NotUsable,
        }
    }

    fn assigned(&self, gateway: &ObjectName) -> Vec<(AddressKind, String)> {
        match (self.range, self.bound(gateway)) {
            (Some(_), Some(address)) => vec![(AddressKind::IpAddress, address.to_string())],
            (Some(_), None) => Vec::new(),
            // Bound everywhere: the ideal answer says as much as any address of the machine.
            (None, _) => IdealDataPlane.assigned(gateway),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Family {
    Tcp,
    Udp,
}

/// The open sockets.
#[derive(Default)]
pub struct Sockets {
    open: HashMap<(ObjectName, u16, Family), JoinHandle<()>>,
}

impl Sockets {
    /// Opens what a plan asks for and is not open, closes what it does not ask for any more. Connections that stand go on.
    pub async fn follow(&mut self, plan: &Plan, pool: &Pool, shared: &Arc<Shared>) {
        let mut wanted = BTreeSet::new();
        for gateway in &plan.gateways {
            for listener in &gateway.listeners {
                let family = match listener.head.protocol {
                    Protocol::Udp => Family::Udp,
                    _ => Family::Tcp,
                };
                wanted.insert((gateway.name.clone(), listener.head.port, family));
            }
        }
        self.open.retain(|socket, task| {
            let keep = wanted.contains(socket);
            if !keep {
                task.abort();
            }
            keep
        });
        for socket in wanted {
            if self.open.contains_key(&socket) {
                continue;
            }
            match open(&socket, pool, shared).await {
                Ok(task) => {
                    self.open.insert(socket, task);
                }
                Err(why) => eprintln!("{} port {}: {why}", socket.0, socket.1),
            }
        }
    }

    /// Stops taking connections.
    pub fn close(&mut self) {
        for (_, task) in self.open.drain() {
            task.abort();
        }
    }
}

async fn open(
    (gateway, port, family): &(ObjectName, u16, Family),
    pool: &Pool,
    shared: &Arc<Shared>,
) -> std::io::Result<JoinHandle<()>> {
    let address = pool
        .bound(gateway)
        .ok_or(std::io::ErrorKind::AddrNotAvailable)?;
    let real = port
        .checked_add(pool.port_offset)
        .ok_or(std::io::ErrorKind::InvalidInput)?;
    let (gateway, port, shared) = (gateway.clone(), *port, Arc::clone(shared));
    let local = SocketAddr::new(address, real);
    Ok(match family {
        Family::Udp => tokio::spawn(udp::serve(
            UdpSocket::bind(local).await?,
            gateway,
            port,
            shared,
        )),
        Family::Tcp => {
            let listener = TcpListener::bind(local).await?;
            tokio::spawn(async move {
                loop {
                    let Ok((stream, peer)) = listener.accept().await else {
                        continue;
                    };
                    let (gateway, shared) = (gateway.clone(), Arc::clone(&shared));
                    tokio::spawn(connection::serve(stream, peer, gateway, port, shared));
                }
            })
        }
    })
}
