//! One watch: a list, then changes, for as long as the process lives.

use std::pin::pin;
use std::sync::Arc;

use futures::StreamExt;
use kube::core::DynamicObject;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client};

use super::pause::Pause;
use super::report::Health;
use super::resources::Resource;
use super::store::Store;

/// Follows all objects of a kind.
pub async fn follow(client: Client, resource: Resource, store: Arc<Store>) {
    let api = Api::<DynamicObject>::all_with(client, resource.api());
    let events = watcher(api, watcher::Config::default()).backoff(Pause::default());
    let mut events = pin!(events);
    let mut health = Health::of(format!("watching {}", resource.api().plural));
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => {
                if !matches!(event, Event::Init) {
                    health.good();
                }
                take(&store, &resource, event);
            }
            // Read anew: changes were missed, which is no trouble.
            Err(watcher::Error::WatchError(status)) if status.code == 410 => {}
            Err(error) => {
                health.bad(&error);
                if is_refused(&error) {
                    store.absent(&resource);
                }
            }
        }
    }
}

fn take(store: &Store, resource: &Resource, event: Event<DynamicObject>) {
    match event {
        Event::Init => store.list_begins(resource),
        Event::InitApply(object) => store.listed(resource, object),
        Event::InitDone => store.list_ends(resource),
        Event::Apply(object) => store.applied(resource, object),
        Event::Delete(object) => store.deleted(resource, &object),
    }
}

/// Whether the server says that it does not have the kind, or that we may not read it: waiting for it would stop all others.
fn is_refused(error: &watcher::Error) -> bool {
    match error {
        watcher::Error::InitialListFailed(kube::Error::Api(status)) => {
            [403, 404].contains(&status.code)
        }
        _ => false,
    }
}
