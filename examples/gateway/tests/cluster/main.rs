//! The gateway in a cluster: the program itself, against an API server in this process, over HTTP on loopback.

#[allow(
    dead_code,
    reason = "shared with the tests of the library's feature `kube`"
)]
#[path = "../../../../tests/kube-mock/src/lib.rs"]
mod kube_mock;

mod addresses;
mod away;
mod certificates;
mod follow;
mod objects;
mod reuse;
mod role;
mod server;
mod streams;
mod write;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use gatewright::vocab::{Bundle, Channel, Release};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use kube_mock::{Cluster, Seen};
use server::Server;

/// The name of the controller under test, and so its field manager.
const CONTROLLER: &str = "example.com/gateway";

const NEW: Bundle = Bundle::new(Release::V1_6, Channel::Standard);

/// Polls until something holds; half a minute is long for anything here.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..1_500 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not within half a minute: {what}");
}

/// A gateway at work on a cluster. Each test has a network of its own: 127.90.N.0/24.
struct Running {
    cluster: Cluster,
    server: Option<Server>,
    network: u8,
    processes: Vec<Child>,
    kubeconfig: PathBuf,
}

impl Running {
    /// A cluster with the CRDs of a bundle and some objects, and a gateway that watches it.
    async fn start(network: u8, bundle: Bundle, objects: impl IntoIterator<Item = Value>) -> Self {
        let cluster = objects::cluster(bundle, objects);
        let address = format!("127.90.{network}.250:0");
        let server = Server::start(cluster.clone(), &address).await;
        Self::on(cluster, server, network)
    }

    /// A gateway that watches a cluster through a server.
    fn on(cluster: Cluster, server: Server, network: u8) -> Self {
        let kubeconfig = std::env::temp_dir().join(format!(
            "gatewright-cluster-{}-{network}.yaml",
            std::process::id()
        ));
        std::fs::write(&kubeconfig, server.kubeconfig()).unwrap();
        let mut running = Running {
            cluster,
            server: Some(server),
            network,
            processes: Vec::new(),
            kubeconfig,
        };
        running.start_process(20_000);
        running
    }

    /// Starts a gateway, whose listeners have this added to their ports.
    fn start_process(&mut self, port_offset: u16) {
        let process = Command::new(env!("CARGO_BIN_EXE_gatewright-gateway"))
            .env("KUBECONFIG", &self.kubeconfig)
            .args(["--cluster", "--quiet", "--controller", CONTROLLER])
            .args(["--drain", "0"])
            .arg(format!("--port-offset={port_offset}"))
            .arg(format!("--bind-pool=127.90.{}.0/25", self.network))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        self.processes.push(process);
    }

    /// What a request to the first address of the pool gets: status and body.
    async fn get(&self, host: &str, path: &str) -> Option<(u16, String)> {
        self.get_from(1, 80, host, path).await
    }

    /// The same from another address of the pool, and another port.
    async fn get_from(
        &self,
        address: u8,
        port: u16,
        host: &str,
        path: &str,
    ) -> Option<(u16, String)> {
        let address = format!("127.90.{}.{address}:{}", self.network, port + 20_000);
        let mut stream = TcpStream::connect(address).await.ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.ok()?;
        let status = text.split(' ').nth(1)?.parse().ok()?;
        let body = text.split("\r\n\r\n").nth(1).unwrap_or_default();
        Some((status, body.to_owned()))
    }

    /// Waits until a request is answered so.
    async fn serves(&self, path: &str, status: u16) {
        until(&format!("{path} gives {status}"), async || {
            self.get("shop.test", path)
                .await
                .is_some_and(|(own, _)| own == status)
        })
        .await;
    }

    /// Waits until an object has a status of which something holds.
    async fn status(&self, kind: &str, name: &str, holds: impl Fn(&Value) -> bool) {
        let namespace = if kind == "GatewayClass" { "" } else { "shop" };
        let read = || self.cluster.get(kind, namespace, name).unwrap();
        for _ in 0..1_500 {
            if holds(&read()["status"]) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{kind} {name} has {:#}", read()["status"]);
    }

    /// The writes of an object's status so far.
    fn writes(&self, plural: &str, name: &str) -> Vec<Seen> {
        let end = format!("/{plural}/{name}/status");
        let requests = self.cluster.requests().into_iter();
        requests
            .filter(|seen| seen.method == "PATCH" && seen.path.ends_with(&end))
            .collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // It may have ended by itself.
            let _ = process.kill();
            let _ = process.wait();
        }
        let _ = std::fs::remove_file(&self.kubeconfig);
    }
}

/// A backend that answers every request with a text.
async fn backend(address: &str, text: &'static str) {
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else {
                return;
            };
            tokio::spawn(async move {
                let mut bytes = [0; 4096];
                while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}",
                        text.len()
                    );
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
}

/// Reason and status of a condition of a list.
fn condition<'c>(conditions: &'c Value, type_: &str) -> (&'c str, &'c str) {
    let all = conditions.as_array().into_iter().flatten();
    all.into_iter()
        .find(|own| own["type"] == type_)
        .map_or(("", ""), |own| {
            let text = |field: &str| own[field].as_str().unwrap_or_default();
            (text("status"), text("reason"))
        })
}

/// Whether a Route's status has an entry of ours that accepts it.
fn is_accepted(status: &Value) -> bool {
    let parents = status["parents"].as_array().into_iter().flatten();
    parents
        .into_iter()
        .filter(|parent| parent["controllerName"] == CONTROLLER)
        .any(|parent| condition(&parent["conditions"], "Accepted") == ("True", "Accepted"))
}
