//! Sockets: one for each Gateway's addresses and ports, opened and closed as the plan changes.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use gatewright::plan::{ObjectName, Plan, Protocol};
use tokio::task::JoinHandle;

use crate::addresses::Addresses;
use crate::live::Shared;
use crate::worker::Workers;
use crate::{connection, udp};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Family {
    Tcp,
    Udp,
}

/// Where a Gateway listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Place {
    gateway: ObjectName,
    /// The port that the plan knows, without the offset of this process.
    port: u16,
    family: Family,
    address: IpAddr,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {} port {}", self.gateway, self.address, self.port)
    }
}

/// A socket that nobody serves yet. Clients can connect already; they wait.
enum Bound {
    Tcp(TcpListener),
    Udp(UdpSocket),
}

/// The open sockets.
pub struct Sockets {
    workers: Workers,
    port_offset: u16,
    bound: HashMap<Place, Bound>,
    /// Each with the tasks that serve it.
    served: HashMap<Place, Vec<JoinHandle<()>>>,
    /// What could not be bound and was complained about.
    failing: BTreeSet<Place>,
}

impl Sockets {
    /// No sockets yet. `workers` will serve them, and `port_offset` be added to every port.
    pub fn new(workers: Workers, port_offset: u16) -> Self {
        Sockets {
            workers,
            port_offset,
            bound: HashMap::new(),
            served: HashMap::new(),
            failing: BTreeSet::new(),
        }
    }

    /// Closes what a plan does not ask for any more, and binds what it asks for and is not open. Connections that stand go on.
    /// What cannot be bound is noted with the addresses, as a fact for the resolver; whether there is a new one.
    pub async fn bind(&mut self, plan: &Plan, addresses: &Addresses) -> bool {
        let wanted = wanted(plan, addresses);
        self.bound.retain(|place, _| wanted.contains(place));
        let closed = self.served.extract_if(|place, _| !wanted.contains(place));
        for task in closed.flat_map(|(_, tasks)| tasks).collect::<Vec<_>>() {
            task.abort();
            // Its address is free once the task is gone.
            let _ = task.await;
        }
        let mut has_failed = false;
        for place in wanted {
            if self.bound.contains_key(&place) || self.served.contains_key(&place) {
                continue;
            }
            match self.open(&place) {
                Ok(socket) => {
                    self.failing.remove(&place);
                    self.bound.insert(place, socket);
                }
                Err(why) => {
                    has_failed |= addresses.refuse(&place.gateway, place.port);
                    if self.failing.insert(place.clone()) {
                        eprintln!("{place}: {why}");
                    }
                }
            }
        }
        has_failed
    }

    /// Serves what was bound.
    pub fn serve(&mut self, shared: &Arc<Shared>) {
        for (place, socket) in self.bound.drain() {
            match socket.serve(&self.workers, &place, shared) {
                Ok(tasks) => {
                    self.served.insert(place, tasks);
                }
                Err(why) => eprintln!("{place}: {why}"),
            }
        }
    }

    /// Stops taking connections.
    pub fn close(&mut self) {
        self.bound.clear();
        for task in self.served.drain().flat_map(|(_, tasks)| tasks) {
            task.abort();
        }
    }

    fn open(&self, place: &Place) -> io::Result<Bound> {
        let port = place
            .port
            .checked_add(self.port_offset)
            .ok_or(io::ErrorKind::InvalidInput)?;
        let local = SocketAddr::new(place.address, port);
        Ok(match place.family {
            Family::Tcp => Bound::Tcp(TcpListener::bind(local)?),
            Family::Udp => Bound::Udp(UdpSocket::bind(local)?),
        })
    }
}

/// Where the listeners of a plan listen: each on every address of its Gateway (GW-LSTN-12).
fn wanted(plan: &Plan, addresses: &Addresses) -> BTreeSet<Place> {
    let mut wanted = BTreeSet::new();
    for gateway in &plan.gateways {
        for address in addresses.bound(&gateway.name) {
            for listener in &gateway.listeners {
                wanted.insert(Place {
                    gateway: gateway.name.clone(),
                    port: listener.head.port,
                    family: match listener.head.protocol {
                        Protocol::Udp => Family::Udp,
                        _ => Family::Tcp,
                    },
                    address,
                });
            }
        }
    }
    wanted
}

impl Bound {
    fn serve(
        self,
        workers: &Workers,
        place: &Place,
        shared: &Arc<Shared>,
    ) -> io::Result<Vec<JoinHandle<()>>> {
        let (gateway, port) = (&place.gateway, place.port);
        match self {
            Bound::Udp(socket) => workers.give(socket, |socket| {
                udp::serve(socket, gateway.clone(), port, Arc::clone(shared))
            }),
            Bound::Tcp(listener) => workers.share(&listener, |listener| {
                accept(listener, gateway.clone(), port, Arc::clone(shared))
            }),
        }
    }
}

/// After a failure to accept: descriptors may have run out, and trying at once would not help.
const PAUSE: Duration = Duration::from_millis(10);

async fn accept(
    listener: tokio::net::TcpListener,
    gateway: ObjectName,
    port: u16,
    shared: Arc<Shared>,
) {
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let (gateway, shared) = (gateway.clone(), Arc::clone(&shared));
        tokio::spawn(connection::serve(stream, peer, gateway, port, shared));
    }
}
