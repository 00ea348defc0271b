//! Which bundle a cluster has, and so which kinds are watched.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use gatewright::kube::detect::{Detection, detect};
use gatewright::vocab::Bundle;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::core::PartialObjectMeta;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client};
use tokio::sync::watch::{Receiver, Sender};
use tokio::task::JoinSet;

use super::pause::Pause;
use super::report::Health;
use super::resources::Resource;
use super::store::Store;
use super::watch::follow;

/// CRDs are installed one after the other: they are looked at when none came for so long.
const QUIET: Duration = Duration::from_millis(300);

/// Watches what the CRDs of the cluster serve, and begins anew when they become those of another bundle.
pub async fn supervise(client: Client, bundle: Option<Bundle>, store: Arc<Store>) {
    let (sender, mut crds) = tokio::sync::watch::channel(None);
    let reading = read_crds(client.clone(), sender);
    let watching = async {
        let mut watches = JoinSet::new();
        let mut begun = None;
        let mut health = Health::of("CRDs of Gateway API");
        while let Some(found) = settled(&mut crds).await {
            let Some(bundle) = bundle.or_else(|| found.bundle()) else {
                health.bad(&Unclear(&found));
                continue;
            };
            health.good();
            let wanted = (bundle, Resource::all(bundle, &found));
            if begun.as_ref() == Some(&wanted) {
                continue;
            }
            watches.shutdown().await;
            store.begin(bundle, &wanted.1);
            for resource in &wanted.1 {
                watches.spawn(follow(client.clone(), resource.clone(), Arc::clone(&store)));
            }
            begun = Some(wanted);
        }
    };
    tokio::join!(reading, watching);
}

/// What the CRDs say once they stopped changing.
async fn settled(crds: &mut Receiver<Option<Detection>>) -> Option<Detection> {
    loop {
        crds.changed().await.ok()?;
        while let Ok(changed) = tokio::time::timeout(QUIET, crds.changed()).await {
            changed.ok()?;
        }
        if let Some(found) = crds.borrow_and_update().clone() {
            return Some(found);
        }
    }
}

/// Follows the metadata of all CRDs; what they hold beside it is large and not needed.
async fn read_crds(client: Client, found: Sender<Option<Detection>>) {
    let api = Api::<PartialObjectMeta<CustomResourceDefinition>>::all(client);
    let events = watcher(api, watcher::Config::default()).backoff(Pause::default());
    let mut health = Health::of("watching customresourcedefinitions");
    let mut crds = BTreeMap::new();
    let mut listing = BTreeMap::new();
    let mut events = pin!(events);
    while let Some(event) = events.next().await {
        match event {
            Err(watcher::Error::WatchError(status)) if status.code == 410 => continue,
            Err(error) => {
                health.bad(&error);
                continue;
            }
            Ok(Event::Init) => {
                listing = BTreeMap::new();
                continue;
            }
            Ok(Event::InitApply(crd)) => {
                listing.insert(crd.metadata.name.clone(), crd.metadata);
                continue;
            }
            Ok(Event::InitDone) => crds = std::mem::take(&mut listing),
            Ok(Event::Apply(crd)) => {
                crds.insert(crd.metadata.name.clone(), crd.metadata);
            }
            Ok(Event::Delete(crd)) => {
                crds.remove(&crd.metadata.name);
            }
        }
        health.good();
        found.send_replace(Some(detect(crds.values())));
    }
}

/// CRDs that tell no bundle.
struct Unclear<'d>(&'d Detection);

impl fmt::Display for Unclear<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.by_crd.is_empty() {
            return f.write_str("none are installed");
        }
        f.write_str("they are not of one known bundle, `--bundle` chooses:")?;
        for (name, bundle) in &self.0.by_crd {
            match bundle {
                Some(bundle) => write!(f, " {name} ({bundle})")?,
                None => write!(f, " {name} (unknown)")?,
            }
        }
        Ok(())
    }
}
