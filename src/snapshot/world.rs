//! The world and its builder.

use std::cmp::Ordering;
use std::collections::hash_map::{Entry, RandomState};
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;
use std::sync::Arc;

use super::index::{DuplicateKey, Index, KeyRef};
use crate::api::{Key, Kind, Namespace, Object, Resource};
use crate::sequence::{IterFrom, Sequence};

static NO_LABELS: BTreeMap<String, String> = BTreeMap::new();

/// A set of objects with an index.
///
/// Two snapshots of the same objects answer alike, whatever order the objects came in. Clones share what does not change:
/// one that is kept stays as it is while another one goes on.
///
/// # Cost
///
/// Building sorts: O(n log n) for n objects. A lookup is one hash and, as a rule, one comparison, without allocation. A change
/// copies some hundred pointers, those near the object. The objects themselves are shared, never copied.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Sorted by kind as an enum (unknown ones last), then by key.
    objects: Sequence<Arc<Object>>,
    index: Index,
}

impl Snapshot {
    /// An empty builder.
    pub fn builder() -> SnapshotBuilder {
        SnapshotBuilder::default()
    }

    /// Puts an object in, in place of one of the same group, kind, namespace and name, which is returned.
    ///
    /// ```
    /// use gatewright::api::Object;
    /// use gatewright::snapshot::Snapshot;
    ///
    /// let route = |name: &str| Object::from_value(serde_json::json!({
    ///     "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
    ///     "metadata": {"namespace": "shop", "name": name}, "spec": {}
    /// }));
    /// let mut snapshot = Snapshot::default();
    /// assert!(snapshot.put(route("cart")?).is_none());
    /// let earlier = snapshot.clone();
    /// assert!(snapshot.put(route("stock")?).is_none());
    /// assert!(snapshot.remove(&route("cart")?.key()).is_some());
    /// assert!(earlier.shared("gateway.networking.k8s.io", "HTTPRoute", Some("shop"), "cart").is_some());
    /// assert_eq!((snapshot.len(), earlier.len()), (1, 1));
    /// # Ok::<(), gatewright::api::InvalidObject>(())
    /// ```
    pub fn put(&mut self, object: impl Into<Arc<Object>>) -> Option<Arc<Object>> {
        let object = object.into();
        self.index.put(&object);
        match self
            .objects
            .search(|other| order(other).cmp(&order(&object)))
        {
            Ok(place) => self
                .objects
                .at_mut(place)
                .map(|old| std::mem::replace(old, object)),
            Err(place) => {
                self.objects.insert(place, object);
                None
            }
        }
    }

    /// Takes an object out.
    pub fn remove(&mut self, key: &Key) -> Option<Arc<Object>> {
        let key = KeyRef::new(&key.group, &key.kind, key.namespace.as_deref(), &key.name);
        let object = self.index.find(key)?.clone();
        self.index.remove(key);
        let place = self
            .objects
            .search(|other| order(other).cmp(&order(&object)));
        self.objects.remove(place.ok()?)
    }

    /// The object of any kind with this key; `namespace` is `None` for cluster-scoped objects.
    pub fn find(
        &self,
        group: &str,
        kind: &str,
        namespace: Option<&str>,
        name: &str,
    ) -> Option<&Object> {
        self.shared(group, kind, namespace, name).map(Arc::as_ref)
    }

    /// The same, to be shared.
    pub fn shared(
        &self,
        group: &str,
        kind: &str,
        namespace: Option<&str>,
        name: &str,
    ) -> Option<&Arc<Object>> {
        self.index.find(KeyRef::new(group, kind, namespace, name))
    }

    /// The object of a known kind with this name. Of a ListenerSet and an XListenerSet of one name, the ListenerSet.
    pub fn get<T: Resource>(&self, namespace: Option<&str>, name: &str) -> Option<&T> {
        let kind = T::KIND?;
        let mut names: Option<(&str, &str)> = None;
        for version in kind.versions() {
            let wire = (version.group, version.name);
            if names == Some(wire) {
                continue;
            }
            names = Some(wire);
            let found = self.find(wire.0, wire.1, namespace, name);
            if let Some(object) = found.and_then(T::of) {
                return Some(object);
            }
        }
        None
    }

    /// All objects of a kind, ordered by group, kind on the wire, namespace and name.
    pub fn all<T: Resource>(&self) -> impl Iterator<Item = &T> + Clone {
        self.of_kind(T::KIND).filter_map(|object| T::of(object))
    }

    /// All objects of a kind; `None` stands for those of unknown kinds.
    pub(crate) fn of_kind(&self, kind: Option<Kind>) -> impl Iterator<Item = &Arc<Object>> + Clone {
        self.since(kind, |_| Ordering::Greater)
            .take_while(move |object| object.known_kind() == kind)
    }

    /// The objects of a kind in a namespace, whichever names the kind has on the wire.
    pub(crate) fn in_namespace<'n>(
        &'n self,
        kind: Kind,
        namespace: &'n str,
    ) -> impl Iterator<Item = &'n Arc<Object>> {
        let mut names: Vec<(&str, &str)> = kind.versions().map(|v| (v.group, v.name)).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().flat_map(move |(group, name)| {
            let first = KeyRef::new(group, name, Some(namespace), "");
            self.since(Some(kind), |key| key.cmp(&first))
                .take_while(move |object| {
                    let key = KeyRef::of(object);
                    object.known_kind() == Some(kind)
                        && key.has_names((group, name))
                        && key.namespace() == Some(namespace)
                })
        })
    }

    /// The objects from the first one on that has the kind and is not less than what is sought there.
    fn since(
        &self,
        kind: Option<Kind>,
        sought: impl Fn(KeyRef<'_>) -> Ordering,
    ) -> IterFrom<'_, Arc<Object>> {
        let wanted = (kind.is_none(), kind);
        let place = self.objects.search(|other| {
            let (is_unknown, kind, key) = order(other);
            (is_unknown, kind).cmp(&wanted).then_with(|| sought(key))
        });
        self.objects.iter_from(place.unwrap_or_else(|place| place))
    }

    /// All objects: known kinds first, each kind ordered by namespace and name.
    pub fn objects(&self) -> impl ExactSizeIterator<Item = &Arc<Object>> + Clone {
        self.objects.iter()
    }

    /// The labels of a namespace; none for one that nobody described (GW-NS-05).
    pub fn namespace_labels(&self, name: &str) -> &BTreeMap<String, String> {
        self.get::<Namespace>(None, name)
            .map_or(&NO_LABELS, |namespace| namespace.metadata.labels())
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Collects the objects of a [`Snapshot`].
#[derive(Clone, Debug, Default)]
pub struct SnapshotBuilder {
    objects: Vec<Arc<Object>>,
    hasher: RandomState,
    /// Positions of the objects by hash; those of objects whose hash another one had first are in the second list.
    by_hash: HashMap<u64, usize>,
    others: Vec<usize>,
}

impl SnapshotBuilder {
    /// Adds an object; shared ones are not copied.
    ///
    /// # Errors
    ///
    /// [`DuplicateKey`] when there is one of the same group, kind, namespace and name, in whatever version; the earlier one
    /// stays.
    pub fn add(&mut self, object: impl Into<Arc<Object>>) -> Result<&mut Self, DuplicateKey> {
        let object = object.into();
        if self.position(KeyRef::of(&object)).is_some() {
            return Err(DuplicateKey::of(&object));
        }
        self.append(object);
        Ok(self)
    }

    /// Adds an object in place of one with the same key, which is returned.
    pub fn put(&mut self, object: impl Into<Arc<Object>>) -> Option<Arc<Object>> {
        let object = object.into();
        match self.position(KeyRef::of(&object)) {
            Some(position) => {
                let place = self.objects.get_mut(position)?;
                Some(std::mem::replace(place, object))
            }
            None => {
                self.append(object);
                None
            }
        }
    }

    fn position(&self, key: KeyRef<'_>) -> Option<usize> {
        let is_it = |position: &&usize| {
            let object = self.objects.get(**position);
            object.is_some_and(|object| KeyRef::of(object) == key)
        };
        let first = self.by_hash.get(&self.hasher.hash_one(key))?;
        std::iter::once(first)
            .chain(&self.others)
            .find(is_it)
            .copied()
    }

    fn append(&mut self, object: Arc<Object>) {
        let hash = self.hasher.hash_one(KeyRef::of(&object));
        let position = self.objects.len();
        match self.by_hash.entry(hash) {
            Entry::Vacant(free) => _ = free.insert(position),
            Entry::Occupied(_) => self.others.push(position),
        }
        self.objects.push(object);
    }

    /// Sorts and indexes.
    pub fn build(self) -> Snapshot {
        let mut objects = self.objects;
        objects.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
        Snapshot {
            index: Index::of(objects.iter(), objects.len()),
            objects: objects.into_iter().collect(),
        }
    }
}

/// What objects are ordered by.
pub(crate) fn order(object: &Object) -> (bool, Option<Kind>, KeyRef<'_>) {
    let kind = object.known_kind();
    (kind.is_none(), kind, KeyRef::of(object))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Gateway, HttpRoute, ListenerSet, Secret};
    use serde_json::json;

    fn object(api_version: &str, kind: &str, namespace: &str, name: &str) -> Object {
        let spec = match kind {
            "ListenerSet" | "XListenerSet" => json!({"parentRef": {"name": "g"}, "listeners": []}),
            _ => json!({"gatewayClassName": "c", "listeners": []}),
        };
        Object::from_value(json!({
            "apiVersion": api_version, "kind": kind,
            "metadata": {"namespace": namespace, "name": name}, "spec": spec
        }))
        .unwrap()
    }

    const V1: &str = "gateway.networking.k8s.io/v1";

    #[test]
    fn order_of_adding_plays_no_role() {
        let objects = [
            object(V1, "Gateway", "b", "x"),
            object(V1, "Gateway", "a", "y"),
            object(V1, "Gateway", "a", "x"),
            object("v1", "Secret", "a", "x"),
            object("example.com/v1", "Thing", "", "x"),
        ];
        let names = |order: &[usize]| {
            let mut builder = Snapshot::builder();
            for i in order {
                builder.add(objects[*i].clone()).unwrap();
            }
            let snapshot = builder.build();
            assert_eq!(snapshot.all::<Gateway>().count(), 3);
            assert_eq!(snapshot.all::<Secret>().count(), 1);
            assert_eq!(snapshot.all::<HttpRoute>().count(), 0);
            let keys = snapshot.objects().map(|object| object.key());
            keys.map(|key| key.to_string()).collect::<Vec<_>>()
        };
        let expected = [
            "Gateway a/x",
            "Gateway a/y",
            "Gateway b/x",
            "Secret a/x",
            "Thing x",
        ];
        assert_eq!(names(&[0, 1, 2, 3, 4]), expected);
        assert_eq!(names(&[4, 2, 3, 1, 0]), expected);
    }

    #[test]
    fn one_key_one_object() {
        let mut builder = Snapshot::builder();
        builder.add(object(V1, "Gateway", "", "x")).unwrap();
        let same = object(
            "gateway.networking.k8s.io/v1beta1",
            "Gateway",
            "default",
            "x",
        );
        let error = builder.add(same.clone()).unwrap_err();
        assert_eq!(error.to_string(), "two objects `Gateway default/x`");
        assert!(builder.put(same).is_some());
        assert!(builder.put(object(V1, "Gateway", "a", "x")).is_none());
        let snapshot = builder.build();
        assert_eq!(snapshot.len(), 2);
        let found: &Gateway = snapshot.get(Some("default"), "x").unwrap();
        assert_eq!(found.api_version, "gateway.networking.k8s.io/v1beta1");
    }

    /// However a snapshot came about: the same objects, the same answers; clones stay as they are.
    #[test]
    fn changes_equal_building_anew() {
        let mut snapshot = Snapshot::default();
        let mut kept: BTreeMap<String, Object> = BTreeMap::new();
        let mut earlier = Vec::new();
        for round in 0..4_000usize {
            let number = round.wrapping_mul(2_654_435_761) % 1_500;
            let kind = ["Gateway", "Secret", "ConfigMap"][number % 3];
            let version = if kind == "Gateway" { V1 } else { "v1" };
            let new = object(version, kind, ["a", "b"][number % 2], &format!("x{number}"));
            let name = format!("{kind} {}", new.key());
            if round % 5 == 4 {
                let found = snapshot.remove(&new.key());
                assert_eq!(found.as_deref(), kept.remove(&name).as_ref());
            } else {
                let found = snapshot.put(new.clone());
                assert_eq!(found.as_deref(), kept.insert(name, new).as_ref());
            }
            if round % 1_000 == 0 {
                earlier.push((snapshot.clone(), kept.clone()));
            }
        }
        earlier.push((snapshot, kept));
        for (snapshot, kept) in &earlier {
            let mut builder = Snapshot::builder();
            for object in kept.values() {
                builder.add(object.clone()).unwrap();
            }
            let built = builder.build();
            assert!(snapshot.objects().eq(built.objects()));
            assert!(snapshot.all::<Secret>().eq(built.all::<Secret>()));
            for object in built.objects() {
                let key = object.key();
                let found = |snapshot: &Snapshot| {
                    let namespace = key.namespace.as_deref();
                    let found = snapshot.find(&key.group, &key.kind, namespace, &key.name);
                    found.cloned()
                };
                assert_eq!(found(snapshot), found(&built));
            }
            assert_eq!(snapshot.find("", "Secret", Some("a"), "none"), None);
        }
    }

    #[test]
    fn both_names_of_a_kind_are_found() {
        let mut builder = Snapshot::builder();
        builder
            .add(object(
                "gateway.networking.x-k8s.io/v1alpha1",
                "XListenerSet",
                "a",
                "x",
            ))
            .unwrap();
        builder.add(object(V1, "ListenerSet", "a", "y")).unwrap();
        let snapshot = builder.build();
        assert!(snapshot.get::<ListenerSet>(Some("a"), "x").is_some());
        assert!(snapshot.get::<ListenerSet>(Some("a"), "y").is_some());
        assert!(snapshot.find("", "ListenerSet", Some("a"), "y").is_none());
        assert!(
            snapshot
                .find("gateway.networking.k8s.io", "ListenerSet", Some("a"), "y")
                .is_some()
        );
    }

    #[test]
    fn opaque_objects_are_found_as_written() {
        let mut builder = Snapshot::builder();
        builder
            .add(object("example.com/v1", "Thing", "a", "x"))
            .unwrap();
        let snapshot = builder.build();
        assert!(
            snapshot
                .find("example.com", "Thing", Some("a"), "x")
                .is_some()
        );
        assert!(snapshot.find("example.com", "Thing", None, "x").is_none());
        assert!(snapshot.namespace_labels("a").is_empty());
    }
}
