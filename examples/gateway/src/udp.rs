//! UDP: one backend for each flow.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gatewright::plan::ObjectName;
use gatewright::router::{Accepted, Connection, ConnectionProtocol, Target};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use crate::live::Shared;
use crate::stream;

/// A flow without datagrams for so long is over.
const IDLE: Duration = Duration::from_secs(60);

/// The most flows of one listener at a time.
const MOST_FLOWS: usize = 4096;

/// The largest datagram.
const MOST: usize = 65_535;

/// Serves the datagrams of one socket until the task is dropped.
pub async fn serve(socket: UdpSocket, gateway: ObjectName, port: u16, shared: Arc<Shared>) {
    let socket = Arc::new(socket);
    let mut flows: HashMap<SocketAddr, mpsc::Sender<Vec<u8>>> = HashMap::new();
    let mut buffer = vec![0; MOST];
    loop {
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        let datagram = buffer.get(..length).unwrap_or_default().to_vec();
        let open = flows.get(&peer).filter(|flow| !flow.is_closed());
        let flow = match open {
            Some(flow) => flow,
            None => {
                flows.retain(|_, flow| !flow.is_closed());
                // Addresses of senders can be forged: a flood must not take the sockets of all.
                if flows.len() >= MOST_FLOWS {
                    continue;
                }
                let Some(endpoint) = choose(&gateway, port, &shared) else {
                    continue;
                };
                let (sender, receiver) = mpsc::channel(64);
                tokio::spawn(carry(Arc::clone(&socket), peer, endpoint, receiver));
                flows.entry(peer).or_insert(sender)
            }
        };
        // A full queue drops the datagram, as a network does.
        let _ = flow.try_send(datagram);
    }
}

fn choose(gateway: &ObjectName, port: u16, shared: &Arc<Shared>) -> Option<SocketAddr> {
    let live = shared.live.load_full();
    let connection = Connection {
        target: Target::Gateway {
            namespace: &gateway.namespace,
            name: &gateway.name,
        },
        port,
        protocol: ConnectionProtocol::Udp,
        sni: None,
    };
    match live.router.accept(&connection) {
        Accepted::Stream(matched) => live.endpoints.next_udp(stream::backend(&matched).ok()?),
        _ => None,
    }
}

async fn carry(
    socket: Arc<UdpSocket>,
    peer: SocketAddr,
    endpoint: SocketAddr,
    mut datagrams: mpsc::Receiver<Vec<u8>>,
) -> std::io::Result<()> {
    let local = if endpoint.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let upstream = UdpSocket::bind(local).await?;
    upstream.connect(endpoint).await?;
    let mut buffer = vec![0; MOST];
    loop {
        let answered = tokio::select! {
            datagram = datagrams.recv() => match datagram {
                Some(datagram) => {
                    upstream.send(&datagram).await?;
                    continue;
                }
                None => return Ok(()),
            },
            answered = tokio::time::timeout(IDLE, upstream.recv(&mut buffer)) => answered,
        };
        let Ok(length) = answered else { return Ok(()) };
        socket
            .send_to(buffer.get(..length?).unwrap_or_default(), peer)
            .await?;
    }
}
