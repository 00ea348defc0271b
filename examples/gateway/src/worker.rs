//! Workers: one thread for each core, each with a runtime of its own.
//!
//! A connection stays with the worker that took it, and so do its requests and the connections to backends that they use.
//! Nothing is handed from core to core.

use std::io;
use std::net::{TcpListener, UdpSocket};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;

use crate::{patience, upstream};

/// The workers of this process. They end with it.
pub struct Workers(Vec<Handle>);

impl Workers {
    /// Starts so many workers. Their clients have so much time for what they want.
    pub fn start(count: usize, patience: Duration) -> io::Result<Self> {
        (0..count.max(1))
            .map(|number| start(number, patience))
            .collect::<io::Result<_>>()
            .map(Workers)
    }

    /// Has all workers accept from one socket.
    pub fn share<F>(
        &self,
        socket: &TcpListener,
        serve: impl Fn(tokio::net::TcpListener) -> F,
    ) -> io::Result<Vec<JoinHandle<()>>>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        socket.set_nonblocking(true)?;
        let on = |worker: &Handle| {
            let _inside = worker.enter();
            let socket = tokio::net::TcpListener::from_std(socket.try_clone()?)?;
            Ok(worker.spawn(serve(socket)))
        };
        self.0.iter().map(on).collect()
    }

    /// Has one worker serve a socket: datagrams of a flow must stay together.
    pub fn give<F>(
        &self,
        socket: UdpSocket,
        serve: impl Fn(tokio::net::UdpSocket) -> F,
    ) -> io::Result<Vec<JoinHandle<()>>>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        socket.set_nonblocking(true)?;
        let Some(worker) = self.0.first() else {
            return Ok(Vec::new());
        };
        let _inside = worker.enter();
        let socket = tokio::net::UdpSocket::from_std(socket)?;
        Ok(vec![worker.spawn(serve(socket))])
    }
}

/// How many steps of tasks a worker takes at most before it asks for new events. The default, 61, cuts what one answer of the
/// kernel brought in two under load, and each cut is a further system call for fewer events.
const STEPS: u32 = 1024;

fn start(number: usize, patience: Duration) -> io::Result<Handle> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .event_interval(STEPS)
        .build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name(format!("worker-{number}"))
        .spawn(move || runtime.block_on(keep_house(patience)))?;
    Ok(handle)
}

/// Runs as long as the worker does.
async fn keep_house(patience: Duration) {
    let steps = every(patience::step_for(patience), patience::step);
    tokio::join!(every(upstream::SWEEP, upstream::sweep), steps);
}

async fn every(period: Duration, work: impl Fn()) {
    loop {
        tokio::time::sleep(period).await;
        work();
    }
}
