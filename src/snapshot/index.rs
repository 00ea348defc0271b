//! Finding objects by what identifies them.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;

use crate::api::{Key, Object};

/// What identifies an object, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct KeyRef<'a> {
    group: &'a str,
    kind: &'a str,
    namespace: Option<&'a str>,
    name: &'a str,
}

impl<'a> KeyRef<'a> {
    pub(super) fn new(
        group: &'a str,
        kind: &'a str,
        namespace: Option<&'a str>,
        name: &'a str,
    ) -> Self {
        KeyRef {
            group,
            kind,
            namespace,
            name,
        }
    }

    /// The key of an object, as [`Object::key`] has it.
    pub(super) fn of(object: &'a Object) -> Self {
        let metadata = object.metadata();
        KeyRef {
            group: object.group(),
            kind: object.kind(),
            namespace: namespace_of(object),
            name: &metadata.name,
        }
    }
}

/// The namespace that an object lies in: `default` unless it says otherwise, none for cluster-scoped kinds.
pub(crate) fn namespace_of(object: &Object) -> Option<&str> {
    let written = object.metadata().namespace.as_deref();
    let written = written.filter(|namespace| !namespace.is_empty());
    match object.known_kind() {
        Some(kind) if kind.is_namespaced() => Some(written.unwrap_or("default")),
        Some(_) => None,
        None => written,
    }
}

/// Positions of objects in a list, by key.
///
/// Keys are not stored: objects of one hash are chained and compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    hasher: RandomState,
    head_by_hash: HashMap<u64, u32>,
    /// For each object one more than the position of the next one of the same hash; 0 ends the chain.
    next: Vec<u32>,
}

impl Index {
    /// An index of objects with different keys.
    pub(super) fn of(objects: &[Arc<Object>]) -> Self {
        let mut index = Index::default();
        for object in objects {
            index.append(KeyRef::of(object));
        }
        index
    }

    /// Makes room for the key of an object that will stand behind those indexed so far.
    pub(super) fn append(&mut self, key: KeyRef<'_>) {
        let position = u32::try_from(self.next.len()).unwrap_or(u32::MAX);
        let head = self.head_by_hash.insert(self.hash(key), position);
        self.next.push(head.map_or(0, |head| head + 1));
    }

    /// The position of an object.
    pub(super) fn find(&self, objects: &[Arc<Object>], key: KeyRef<'_>) -> Option<usize> {
        let mut position = *self.head_by_hash.get(&self.hash(key))? as usize;
        loop {
            if KeyRef::of(objects.get(position)?) == key {
                return Some(position);
            }
            position = (*self.next.get(position)?).checked_sub(1)? as usize;
        }
    }

    fn hash(&self, key: KeyRef<'_>) -> u64 {
        self.hasher.hash_one(key)
    }
}

/// Two objects of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateKey {
    key: Key,
}

impl DuplicateKey {
    pub(super) fn of(object: &Object) -> Self {
        DuplicateKey { key: object.key() }
    }

    /// What identifies both.
    pub fn key(&self) -> &Key {
        &self.key
    }
}

impl fmt::Display for DuplicateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "two objects `{}`", self.key)
    }
}

impl std::error::Error for DuplicateKey {}
