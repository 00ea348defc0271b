//! The API server in memory, served over HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, base64};
use crate::kube_mock::Cluster;

/// A cluster that can be reached. Dropped, it is gone: connections end, new ones are refused.
pub struct Server {
    /// Where it is.
    pub address: SocketAddr,
    task: JoinHandle<()>,
    authority: Option<Authority>,
}

impl Server {
    /// Serves a cluster at an address; again at one that it had before, as soon as it is free.
    pub async fn start(cluster: Cluster, address: &str) -> Self {
        Self::serve(cluster, address, None).await
    }

    /// The same over TLS, with a certificate for the name `kubernetes`, for those who have one of its authority.
    pub async fn start_tls(cluster: Cluster, address: &str) -> Self {
        Self::serve(cluster, address, Some(Authority::new())).await
    }

    async fn serve(cluster: Cluster, address: &str, authority: Option<Authority>) -> Self {
        let listener = loop {
            match TcpListener::bind(address).await {
                Ok(listener) => break listener,
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        };
        let address = listener.local_addr().unwrap();
        let config = authority.as_ref().map(|own| own.server("kubernetes"));
        let acceptor = config.map(TlsAcceptor::from);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (cluster, acceptor) = (cluster.clone(), acceptor.clone());
                connections.spawn(async move {
                    match acceptor {
                        None => answer(stream, cluster).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                answer(stream, cluster).await;
                            }
                        }
                    }
                });
            }
        });
        Server {
            address,
            task,
            authority,
        }
    }

    /// What a client reads to find it.
    pub fn kubeconfig(&self) -> String {
        let scheme = if self.authority.is_some() {
            "https"
        } else {
            "http"
        };
        let mut cluster = json!({"server": format!("{scheme}://{}", self.address)});
        let mut user = json!({});
        if let Some(authority) = &self.authority {
            let (chain, key) = authority.pair("client");
            cluster["certificate-authority-data"] = base64(&authority.pem).into();
            cluster["tls-server-name"] = "kubernetes".into();
            user["client-certificate-data"] = base64(&chain).into();
            user["client-key-data"] = base64(&key).into();
        }
        let config: Value = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "mock",
            "clusters": [{"name": "mock", "cluster": cluster}],
            "contexts": [{"name": "mock", "context": {"cluster": "mock", "user": "somebody"}}],
            "users": [{"name": "somebody", "user": user}]
        });
        config.to_string()
    }
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin>(stream: S, cluster: Cluster) {
    let service = service_fn(move |request| {
        let cluster = cluster.clone();
        async move { cluster.answer(request).await }
    });
    let connection = hyper::server::conn::http1::Builder::new();
    // Clients end connections as they like.
    let _ = connection
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
