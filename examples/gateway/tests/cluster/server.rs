//! The API server in memory, served over HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::kube_mock::Cluster;

/// A cluster that can be reached. Dropped, it is gone: connections end, new ones are refused.
pub struct Server {
    /// Where it is.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves a cluster at an address; again at one that it had before, as soon as it is free.
    pub async fn start(cluster: Cluster, address: &str) -> Self {
        let listener = loop {
            match TcpListener::bind(address).await {
                Ok(listener) => break listener,
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        };
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let cluster = cluster.clone();
                let service = service_fn(move |request| {
                    let cluster = cluster.clone();
                    async move { cluster.answer(request).await }
                });
                let serving = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                connections.spawn(async move { serving.await.is_ok() });
            }
        });
        Server { address, task }
    }

    /// What a client reads to find it.
    pub fn kubeconfig(&self) -> String {
        let cluster = serde_json::json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "mock",
            "clusters": [{"name": "mock", "cluster": {"server": format!("http://{}", self.address)}}],
            "contexts": [{"name": "mock", "context": {"cluster": "mock", "user": "nobody"}}],
            "users": [{"name": "nobody", "user": {}}]
        });
        cluster.to_string()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
