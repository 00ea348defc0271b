//! A cluster, watched through its API server.
//!
//! ```text
//! crds: which bundle -> one watch for each kind -> store (objects as the library has them) -> next
//! publish -> statuses -> server-side apply -> the answer goes into the store, so that it is no news
//! ```
//!
//! The server may go away at any time: watches are taken up again with growing pauses, what is in force stays so, and statuses
//! that could not be written are written later.

mod pause;
mod report;
mod resources;
mod statuses;
mod store;
mod supervise;
mod watch;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use gatewright::vocab::Bundle;
use kube::config::KubeConfigOptions;
use kube::{Client, Config};
use tokio::sync::watch::Sender;

use super::{Provider, World};
use crate::live::Live;
use store::Store;

/// Changes within this time are taken together.
const QUIET: Duration = Duration::from_millis(50);

/// How long a connection to the API server may take.
const CONNECT: Duration = Duration::from_secs(5);

/// A cluster. Statuses are written to it.
pub struct Cluster {
    store: Arc<Store>,
    has_changed: bool,
    newest: Sender<Option<Arc<Live>>>,
}

impl Cluster {
    /// Begins to watch a cluster: one of the kubeconfig, its current one unless `context` says otherwise; without a kubeconfig
    /// the one that this process runs in. `bundle` overrides what its CRDs say, `manager` owns the statuses that are written.
    pub async fn watch(
        context: Option<String>,
        bundle: Option<Bundle>,
        manager: &str,
    ) -> io::Result<Self> {
        let mut config = match context {
            Some(context) => {
                let options = KubeConfigOptions {
                    context: Some(context),
                    ..KubeConfigOptions::default()
                };
                Config::from_kubeconfig(&options)
                    .await
                    .map_err(io::Error::other)?
            }
            None => Config::infer().await.map_err(io::Error::other)?,
        };
        config.connect_timeout = Some(CONNECT);
        let client = Client::try_from(config).map_err(io::Error::other)?;
        let store = Arc::new(Store::default());
        let (newest, published) = tokio::sync::watch::channel(None);
        tokio::spawn(supervise::supervise(
            client.clone(),
            bundle,
            Arc::clone(&store),
        ));
        let writer = statuses::Writer::new(client, manager, Arc::clone(&store));
        tokio::spawn(writer.run(published));
        Ok(Cluster {
            store,
            has_changed: false,
            newest,
        })
    }
}

impl Provider for Cluster {
    async fn next(&mut self) -> io::Result<World> {
        loop {
            if !self.has_changed {
                self.store.changed().await;
                self.has_changed = true;
            }
            tokio::time::sleep(QUIET).await;
            self.has_changed = false;
            if let Some(world) = self.store.world() {
                return Ok(world);
            }
        }
    }

    async fn publish(&mut self, live: &Arc<Live>) -> io::Result<()> {
        self.newest.send_replace(Some(Arc::clone(live)));
        Ok(())
    }
}
