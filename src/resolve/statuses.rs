//! The statuses of all objects that get one of ours.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::Value;

use super::status::{Patch, Status, merged_status, status_patch};
use crate::api::{Object, ObjectMeta, Timestamp, split_api_version};
use crate::sequence::Sequence;
use crate::snapshot::Snapshot;

/// What every object of ours ought to say in its status, ordered as the snapshot orders its objects: by kind, namespace
/// and name. Objects that get no status of ours are left out (GW-STAT-12).
#[derive(Clone, Debug, Default)]
pub struct Statuses {
    entries: Sequence<StatusEntry>,
}

/// An object and what its status ought to say.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusEntry {
    object: Arc<Object>,
    status: Status,
}

impl StatusEntry {
    /// The object as it was resolved, with the status that it has.
    pub fn object(&self) -> &Arc<Object> {
        &self.object
    }

    /// What its status ought to say.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// What has to be written; `None` when the object says it already (GW-STAT-11).
    pub fn patch(&self, now: &Timestamp) -> Option<Patch> {
        status_patch(&self.object, &self.status, now)
    }

    /// The whole status as it would be written.
    pub fn merged(&self, now: &Timestamp) -> Value {
        merged_status(&self.object, &self.status, now)
    }
}

impl Statuses {
    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &StatusEntry> + Clone {
        self.entries.iter()
    }

    /// How many objects get a status.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no object gets one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the status of an object ought to say. A namespaced object without a namespace lies in `default`.
    ///
    /// # Cost
    ///
    /// O(entries).
    pub fn find(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<&StatusEntry> {
        self.entries.iter().find(|entry| {
            let object = &entry.object;
            object.kind() == kind
                && object.metadata().name == name
                && crate::snapshot::namespace_of(object) == namespace
        })
    }

    /// Puts an entry in, in place of that of an object of the same key, which is returned.
    pub(super) fn put(&mut self, entry: StatusEntry) -> Option<StatusEntry> {
        match self.entries.search(|other| order(other, &entry.object)) {
            Ok(place) => self
                .entries
                .at_mut(place)
                .map(|old| std::mem::replace(old, entry)),
            Err(place) => {
                self.entries.insert(place, entry);
                None
            }
        }
    }

    /// Takes the entry of an object out.
    pub(super) fn remove(&mut self, object: &Object) -> Option<StatusEntry> {
        let place = self.entries.search(|other| order(other, object)).ok()?;
        self.entries.remove(place)
    }

    /// The entry of an object.
    pub(super) fn of(&self, object: &Object) -> Option<&StatusEntry> {
        let place = self.entries.search(|other| order(other, object)).ok()?;
        self.entries.at(place)
    }
}

fn order(entry: &StatusEntry, object: &Object) -> Ordering {
    crate::snapshot::order(&entry.object).cmp(&crate::snapshot::order(object))
}

/// Collects statuses, pass by pass.
#[derive(Debug, Default)]
pub(super) struct StatusList {
    entries: Vec<StatusEntry>,
}

impl StatusList {
    /// Adds the status of an object of the snapshot.
    pub(super) fn add(
        &mut self,
        snapshot: &Snapshot,
        (api_version, kind): (&str, &str),
        namespace: Option<&str>,
        metadata: &ObjectMeta,
        status: Status,
    ) {
        let group = split_api_version(api_version).0;
        if let Some(object) = snapshot.shared(group, kind, namespace, &metadata.name) {
            self.add_for(object, status);
        }
    }

    /// Adds the status of an object.
    pub(super) fn add_for(&mut self, object: &Arc<Object>, status: Status) {
        self.entries.push(StatusEntry {
            object: Arc::clone(object),
            status,
        });
    }

    /// Brings the entries into order; an object has one status.
    pub(super) fn finish(mut self) -> Statuses {
        self.entries.sort_by(|a, b| order(a, &b.object));
        Statuses {
            entries: self.entries.into_iter().collect(),
        }
    }
}
