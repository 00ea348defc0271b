//! A directory of manifests, watched.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gatewright::api::{Key, Object, Timestamp};
use gatewright::vocab::Bundle;
use gatewright::{manifest, validate};
use notify::{RecursiveMode, Watcher};
use serde_json::json;
use tokio::sync::mpsc;

use super::{Provider, World};
use crate::live::Live;

/// Changes within this time are taken together.
const QUIET: Duration = Duration::from_millis(100);

/// A directory of manifests. Statuses are printed, one JSON object a line, whenever they change; a line with the
/// number of the configuration follows once all of its statuses are out.
pub struct Directory {
    path: PathBuf,
    bundle: Bundle,
    changes: mpsc::Receiver<()>,
    // Watching ends when it is dropped.
    _watcher: notify::RecommendedWatcher,
    is_first: bool,
    has_changed: bool,
    known: HashMap<Key, Arc<Object>>,
    printed: HashMap<String, String>,
    prints_statuses: bool,
    published: u64,
}

impl Directory {
    /// Watches a directory.
    pub fn watch(path: PathBuf, bundle: Bundle, prints_statuses: bool) -> io::Result<Self> {
        let (sender, changes) = mpsc::channel(1);
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                // Our own reading is an event too.
                if event.is_ok_and(|event| !event.kind.is_access()) {
                    // One waiting change stands for all.
                    let _ = sender.try_send(());
                }
            })
            .map_err(io::Error::other)?;
        watcher
            .watch(&path, RecursiveMode::Recursive)
            .map_err(io::Error::other)?;
        Ok(Directory {
            path,
            bundle,
            changes,
            _watcher: watcher,
            is_first: true,
            has_changed: false,
            known: HashMap::new(),
            printed: HashMap::new(),
            prints_statuses,
            published: 0,
        })
    }

    fn read(&mut self) -> Vec<Arc<Object>> {
        let reading = manifest::read(&[&self.path]);
        for error in &reading.unreadable {
            eprintln!("{error}");
        }
        for error in &reading.parsed.errors {
            eprintln!("{error}");
        }
        let mut known = HashMap::new();
        for mut document in reading.parsed.documents {
            manifest::complete(document.value_mut());
            match validate::admit(document.value(), self.bundle) {
                // Of two with one name the last counts.
                Ok(object) => {
                    let object = self.shared(object.into_inner());
                    known.insert(object.key(), object);
                }
                Err(report) => {
                    for violation in &report.violations {
                        eprintln!("{}: {violation}", document.origin());
                    }
                }
            }
        }
        self.known = known;
        self.known.values().cloned().collect()
    }

    /// The object as it was read before, if it did not change.
    fn shared(&self, object: Object) -> Arc<Object> {
        match self.known.get(&object.key()) {
            Some(known) if **known == object => Arc::clone(known),
            _ => Arc::new(object),
        }
    }
}

impl Provider for Directory {
    async fn next(&mut self) -> io::Result<World> {
        if !self.is_first {
            if !self.has_changed {
                self.changes.recv().await.ok_or(io::ErrorKind::BrokenPipe)?;
                self.has_changed = true;
            }
            tokio::time::sleep(QUIET).await;
            while self.changes.try_recv().is_ok() {}
        }
        self.is_first = false;
        self.has_changed = false;
        Ok(World {
            bundle: self.bundle,
            objects: self.read(),
        })
    }

    async fn publish(&mut self, live: &Arc<Live>) -> io::Result<()> {
        if !self.prints_statuses {
            return Ok(());
        }
        let epoch = Timestamp::from_seconds(0);
        for entry in live.resolution.statuses.iter() {
            let name = entry.object().key().to_string();
            let status = entry.merged(&epoch);
            let text = status.to_string();
            if self.printed.get(&name) != Some(&text) {
                println!("{}", json!({"object": name, "status": status}));
                self.printed.insert(name, text);
            }
        }
        self.published += 1;
        println!("{}", json!({"configuration": self.published}));
        Ok(())
    }
}
