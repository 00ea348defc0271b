//! The world and its builder.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::index::{DuplicateKey, Index, KeyRef};
use crate::api::{Kind, Namespace, Object, Resource};

static NO_LABELS: BTreeMap<String, String> = BTreeMap::new();

/// An immutable set of objects with an index.
///
/// Two snapshots of the same objects answer alike, whatever order the objects came in.
///
/// # Cost
///
/// Building sorts: O(n log n) for n objects. A lookup is one hash and, as a rule, one comparison, without allocation. The
/// objects themselves are shared, never copied.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Sorted by kind as an enum (unknown ones last), then by key.
    objects: Vec<Arc<Object>>,
    index: Index,
    range_by_kind: BTreeMap<Option<Kind>, Range<usize>>,
}

impl Snapshot {
    /// An empty builder.
    pub fn builder() -> SnapshotBuilder {
        SnapshotBuilder::default()
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
        let key = KeyRef::new(group, kind, namespace, name);
        let position = self.index.find(&self.objects, key)?;
        self.objects.get(position)
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
        self.range(T::KIND)
            .iter()
            .filter_map(|object| T::of(object))
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
        self.objects.is_empty()
    }

    fn range(&self, kind: Option<Kind>) -> &[Arc<Object>] {
        let range = self.range_by_kind.get(&kind).cloned();
        range
            .and_then(|range| self.objects.get(range))
            .unwrap_or_default()
    }
}

/// Collects the objects of a [`Snapshot`].
#[derive(Clone, Debug, Default)]
pub struct SnapshotBuilder {
    objects: Vec<Arc<Object>>,
    index: Index,
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
        let key = KeyRef::of(&object);
        if self.index.find(&self.objects, key).is_some() {
            return Err(DuplicateKey::of(&object));
        }
        self.index.append(key);
        self.objects.push(object);
        Ok(self)
    }

    /// Adds an object in place of one with the same key, which is returned.
    pub fn put(&mut self, object: impl Into<Arc<Object>>) -> Option<Arc<Object>> {
        let object = object.into();
        let key = KeyRef::of(&object);
        if let Some(position) = self.index.find(&self.objects, key) {
            let place = self.objects.get_mut(position)?;
            return Some(std::mem::replace(place, object));
        }
        self.index.append(key);
        self.objects.push(object);
        None
    }

    /// Sorts and indexes.
    pub fn build(self) -> Snapshot {
        let mut objects = self.objects;
        objects.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
        let mut range_by_kind: BTreeMap<Option<Kind>, Range<usize>> = BTreeMap::new();
        for (position, object) in objects.iter().enumerate() {
            let range = range_by_kind
                .entry(object.known_kind())
                .or_insert(position..position);
            range.end = position + 1;
        }
        Snapshot {
            index: Index::of(&objects),
            objects,
            range_by_kind,
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
