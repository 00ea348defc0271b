//! Sockets: one for each Gateway's address and port, opened and closed as the plan changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use gatewright::plan::{ObjectName, Plan, Protocol};
use ipnet::IpNet;
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinHandle;

use crate::live::Shared;
use crate::{connection, udp};

/// Which addresses Gateways get.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// Each Gateway gets one of these, in the order of first sight; `None` binds all of them to every address.
    pub range: Option<IpNet>,
    /// Added to every port.
    pub port_offset: u16,
    given: BTreeMap<ObjectName, IpAddr>,
}

impl Pool {
    /// Addresses from a range, or none of their own.
    pub fn new(range: Option<IpNet>, port_offset: u16) -> Self {
        Pool {
            range,
            port_offset,
            given: BTreeMap::new(),
        }
    }

    /// The address of a Gateway; `None` when the range is used up.
    pub fn address(&mut self, gateway: &ObjectName) -> Option<IpAddr> {
        let Some(range) = self.range else {
            return Some(Ipv4Addr::UNSPECIFIED.into());
        };
        if let Some(address) = self.given.get(gateway) {
            return Some(*address);
        }
        let taken: BTreeSet<IpAddr> = self.given.values().copied().collect();
        let address = range.hosts().find(|address| !taken.contains(address))?;
        self.given.insert(gateway.clone(), address);
        Some(address)
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
    pub async fn follow(&mut self, plan: &Plan, pool: &mut Pool, shared: &Arc<Shared>) {
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
    pool: &mut Pool,
    shared: &Arc<Shared>,
) -> std::io::Result<JoinHandle<()>> {
    let address = pool
        .address(gateway)
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
