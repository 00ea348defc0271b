//! Finding objects by what identifies them.

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

    /// Whether it is of this group and kind.
    pub(super) fn has_names(&self, (group, kind): (&str, &str)) -> bool {
        self.group == group && self.kind == kind
    }

    /// The namespace.
    pub(super) fn namespace(&self) -> Option<&'a str> {
        self.namespace
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

/// Objects by key, in two levels of shards, so that a change of a clone copies few of them.
///
/// Keys are not stored: objects of one hash are compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    hasher: RandomState,
    len: usize,
    /// Their number is a power of two, as is that of the shards of each.
    groups: Vec<Arc<[Shard]>>,
}

/// Some objects, each with its hash.
type Shard = Arc<[(u64, Arc<Object>)]>;

/// Objects of a shard when built at once.
const FULL: usize = 8;

impl Index {
    /// An index of objects with different keys.
    pub(super) fn of<'o>(objects: impl Iterator<Item = &'o Arc<Object>>, len: usize) -> Self {
        let hasher = RandomState::new();
        let count = len.div_ceil(FULL).next_power_of_two();
        let mut entries: Vec<(u64, Arc<Object>)> = Vec::with_capacity(len);
        entries.extend(objects.map(|object| (hasher.hash_one(KeyRef::of(object)), object.clone())));
        entries.sort_unstable_by_key(|(hash, _)| place(*hash, count));
        let mut rest = entries.as_slice();
        let mut shards = (0..count).map(|at| {
            let (own, others) =
                rest.split_at(rest.partition_point(|(h, _)| place(*h, count) <= at));
            rest = others;
            Shard::from(own)
        });
        let each = 1 << (count.ilog2() / 2);
        let groups = (0..count / each).map(|_| shards.by_ref().take(each).collect());
        let groups = groups.collect();
        Index {
            hasher,
            len: entries.len(),
            groups,
        }
    }

    /// The object of a key.
    pub(super) fn find(&self, key: KeyRef<'_>) -> Option<&Arc<Object>> {
        let hash = self.hasher.hash_one(key);
        let (group, shard) = self.place(hash)?;
        let mut entries = self.groups.get(group)?.get(shard)?.iter();
        let found = entries.find(|(other, object)| *other == hash && KeyRef::of(object) == key);
        found.map(|(_, object)| object)
    }

    /// Puts an object in, in place of one of the same key.
    pub(super) fn put(&mut self, object: &Arc<Object>) {
        let shards = self.groups.iter().map(|group| group.len()).sum::<usize>();
        if self.len >= 8 * FULL * shards {
            let groups = std::mem::take(&mut self.groups);
            let all = groups.iter().flat_map(|group| group.iter());
            let all = all.flat_map(|shard| shard.iter().map(|(_, object)| object));
            *self = Index::of(all, 2 * self.len + 1);
        }
        let key = KeyRef::of(object);
        let hash = self.hasher.hash_one(key);
        self.change(hash, key, Some((hash, object.clone())));
    }

    /// Takes an object out.
    pub(super) fn remove(&mut self, key: KeyRef<'_>) {
        self.change(self.hasher.hash_one(key), key, None);
    }

    fn change(&mut self, hash: u64, key: KeyRef<'_>, new: Option<(u64, Arc<Object>)>) {
        let Some((group, shard)) = self.place(hash) else {
            return;
        };
        let group = self.groups.get_mut(group);
        let Some(shard) = group.and_then(|group| Arc::make_mut(group).get_mut(shard)) else {
            return;
        };
        let others = shard
            .iter()
            .filter(|(other, object)| *other != hash || KeyRef::of(object) != key);
        let changed: Shard = others.cloned().chain(new).collect();
        self.len = (self.len + changed.len()).saturating_sub(shard.len());
        *shard = changed;
    }

    fn place(&self, hash: u64) -> Option<(usize, usize)> {
        let each = self.groups.first()?.len();
        let place = place(hash, self.groups.len() * each);
        Some((place / each, place % each))
    }
}

/// The shard of a hash among a power of two of them.
fn place(hash: u64, count: usize) -> usize {
    let low = usize::try_from(hash & u64::from(u32::MAX)).unwrap_or_default();
    low & (count - 1)
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
