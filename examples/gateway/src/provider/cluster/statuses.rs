//! Statuses, written to a cluster by server-side apply.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use gatewright::api::{Key, Object, Timestamp};
use gatewright::kube::status::StatusPatch;
use gatewright::resolve::StatusEntry;
use gatewright::resolve::status::Status;
use kube::api::PatchParams;
use kube::core::DynamicObject;
use kube::{Api, Client};
use tokio::sync::watch::Receiver;

use super::pause::Pause;
use super::report::Health;
use super::store::{Store, fresh};
use crate::live::Live;

/// Writes that are under way at a time.
const AT_ONCE: usize = 8;

/// How long one write may take.
const LONGEST: Duration = Duration::from_secs(15);

/// How often a write is tried when others are faster.
const TRIES: usize = 5;

/// Writes the statuses of the newest configuration, what differs and no more.
pub struct Writer {
    client: Client,
    manager: String,
    store: Arc<Store>,
    written: Mutex<HashMap<Key, Written>>,
}

/// What was written last: onto which revision, and what it said. The object as it was resolved may be older than the write.
struct Written {
    onto: Option<String>,
    said: Status,
}

/// What became of one write.
enum Outcome {
    /// It is there, or the object is gone.
    Done,
    /// The server did not take it.
    Refused(kube::Error),
    /// The server did not answer.
    Away(String),
}

impl Writer {
    /// A writer under the name of a field manager.
    pub fn new(client: Client, manager: &str, store: Arc<Store>) -> Self {
        Writer {
            client,
            manager: manager.to_owned(),
            store,
            written: Mutex::default(),
        }
    }

    /// Writes for as long as there are new configurations.
    pub async fn run(self, mut newest: Receiver<Option<Arc<Live>>>) {
        let mut health = Health::of("writing statuses");
        let mut pauses = Pause::default();
        let mut again = false;
        loop {
            let pause = pauses
                .clone()
                .next()
                .filter(|_| again)
                .unwrap_or(Duration::MAX);
            tokio::select! {
                changed = newest.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(pause) => {}
            }
            let Some(live) = newest.borrow_and_update().clone() else {
                continue;
            };
            again = match self.write_all(&live, &newest).await {
                None => {
                    health.good();
                    pauses = Pause::default();
                    false
                }
                Some(why) => {
                    health.bad(&why);
                    pauses.next();
                    true
                }
            };
        }
    }

    /// Writes all statuses of a configuration that is still the newest; why not all could be written.
    async fn write_all(&self, live: &Live, newest: &Receiver<Option<Arc<Live>>>) -> Option<String> {
        let statuses = &live.resolution.statuses;
        self.forget_others(statuses.iter());
        let mut wanted = statuses.iter().filter(|entry| !self.is_written(entry));
        let mut under_way = FuturesUnordered::new();
        let mut problem = None;
        loop {
            let is_newest = !newest.has_changed().unwrap_or(true);
            while is_newest
                && under_way.len() < AT_ONCE
                && let Some(entry) = wanted.next()
            {
                under_way.push(self.write(entry));
            }
            match under_way.next().await {
                None => return problem,
                Some(Outcome::Done) => {}
                Some(Outcome::Refused(why)) => problem = Some(why.to_string()),
                // The others would fare no better.
                Some(Outcome::Away(why)) => return Some(why),
            }
        }
    }

    async fn write(&self, entry: &StatusEntry) -> Outcome {
        let mut object = Arc::clone(entry.object());
        for _ in 0..TRIES {
            let Some(patch) = StatusPatch::onto(&object, entry.status(), &now()) else {
                return Outcome::Done;
            };
            let api = api(&self.client, &patch);
            let parameters = PatchParams::apply(&self.manager).force();
            let sent = api.patch_status(&patch.name, &parameters, &patch.patch);
            let error = match answered(sent).await {
                Ok(written) => {
                    self.store.written(&object, written);
                    self.remember(entry);
                    return Outcome::Done;
                }
                Err(outcome) => outcome,
            };
            match error {
                Outcome::Refused(kube::Error::Api(status)) if status.code == 404 => {
                    return Outcome::Done;
                }
                // Others were faster: again, onto what they left.
                Outcome::Refused(kube::Error::Api(status)) if status.code == 409 => {}
                other => return other,
            }
            object = match answered(api.get(&patch.name)).await.map(fresh) {
                Ok(Some(object)) => Arc::new(object),
                Ok(None) => return Outcome::Done,
                Err(outcome) => return outcome,
            };
            if !is_of_same_generation(&object, entry.object()) {
                // News of it is on the way, and with it another status.
                return Outcome::Done;
            }
        }
        Outcome::Away(format!("{}: others write it all the time", object.key()))
    }

    fn is_written(&self, entry: &StatusEntry) -> bool {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.get(&entry.object().key()).is_some_and(|last| {
            last.onto == revision(entry.object()) && last.said == *entry.status()
        })
    }

    fn remember(&self, entry: &StatusEntry) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(
            entry.object().key(),
            Written {
                onto: revision(entry.object()),
                said: entry.status().clone(),
            },
        );
    }

    fn forget_others<'e>(&self, entries: impl Iterator<Item = &'e StatusEntry>) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if !written.is_empty() {
            let present: HashSet<Key> = entries.map(|entry| entry.object().key()).collect();
            written.retain(|key, _| present.contains(key));
        }
    }
}

fn api(client: &Client, patch: &StatusPatch) -> Api<DynamicObject> {
    let client = client.clone();
    match &*patch.namespace {
        "" => Api::all_with(client, &patch.resource),
        namespace => Api::namespaced_with(client, namespace, &patch.resource),
    }
}

/// What the server says, unless it says nothing for long.
async fn answered<T>(request: impl Future<Output = kube::Result<T>>) -> Result<T, Outcome> {
    match tokio::time::timeout(LONGEST, request).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error @ kube::Error::Api(_))) => Err(Outcome::Refused(error)),
        Ok(Err(error)) => Err(Outcome::Away(error.to_string())),
        Err(_) => Err(Outcome::Away("the API server does not answer".to_owned())),
    }
}

fn is_of_same_generation(a: &Object, b: &Object) -> bool {
    (&a.metadata().uid, a.metadata().generation) == (&b.metadata().uid, b.metadata().generation)
}

fn revision(object: &Object) -> Option<String> {
    object.metadata().resource_version.clone()
}

fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_seconds(i64::try_from(since.as_secs()).unwrap_or_default())
}
