//! The objects of a cluster as they were last seen.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gatewright::api::Object;
use gatewright::validate;
use gatewright::vocab::Bundle;
use kube::core::DynamicObject;
use serde_json::Value;
use tokio::sync::Notify;

use super::resources::Resource;
use crate::provider::World;

/// What all watches have seen.
#[derive(Default)]
pub struct Store {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    bundle: Bundle,
    kinds: HashMap<Resource, Seen>,
}

/// Objects of one kind.
#[derive(Default)]
struct Seen {
    objects: HashMap<Place, Entry>,
    /// What a new list has so far.
    listing: Option<HashMap<Place, Entry>>,
    /// Whether a list was read to its end.
    is_complete: bool,
}

/// Namespace (empty for none) and name.
type Place = (String, String);

struct Entry {
    revision: Option<String>,
    /// `None` for an object that cannot be used.
    object: Option<Arc<Object>>,
}

impl Store {
    /// Resolves after something changed.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// All objects; `None` until all kinds were listed.
    pub fn world(&self) -> Option<World> {
        let state = self.state();
        let is_complete =
            !state.kinds.is_empty() && state.kinds.values().all(|seen| seen.is_complete);
        is_complete.then(|| World {
            bundle: state.bundle,
            objects: state
                .kinds
                .values()
                .flat_map(|seen| seen.objects.values())
                .filter_map(|entry| entry.object.clone())
                .collect(),
        })
    }

    /// From now on these kinds are watched, by the rules of this bundle. What was seen by the rules of another is forgotten.
    pub fn begin(&self, bundle: Bundle, resources: &[Resource]) {
        let mut state = self.state();
        let mut known = match state.bundle == bundle {
            true => std::mem::take(&mut state.kinds),
            false => HashMap::new(),
        };
        state.bundle = bundle;
        state.kinds = resources
            .iter()
            .map(|resource| (resource.clone(), known.remove(resource).unwrap_or_default()))
            .collect();
        self.changed.notify_one();
    }

    /// A list begins.
    pub fn list_begins(&self, resource: &Resource) {
        if let Some(seen) = self.state().kinds.get_mut(resource) {
            seen.listing = Some(HashMap::new());
        }
    }

    /// An object is part of a list.
    pub fn listed(&self, resource: &Resource, object: DynamicObject) {
        let mut state = self.state();
        let bundle = state.bundle;
        let Some(seen) = state.kinds.get_mut(resource) else {
            return;
        };
        let place = place(&object);
        let known = seen.objects.get(&place);
        let entry = Entry::next(known, resource, object, bundle);
        seen.listing.get_or_insert_default().insert(place, entry);
    }

    /// A list ends: what it does not have is gone.
    pub fn list_ends(&self, resource: &Resource) {
        let mut state = self.state();
        let Some(seen) = state.kinds.get_mut(resource) else {
            return;
        };
        let listed = seen.listing.take().unwrap_or_default();
        let is_same = seen.is_complete
            && listed.len() == seen.objects.len()
            && listed.iter().all(|(place, entry)| {
                let known = seen.objects.get(place);
                known.is_some_and(|known| known.is_same(entry))
            });
        seen.objects = listed;
        seen.is_complete = true;
        if !is_same {
            self.changed.notify_one();
        }
    }

    /// An object is new or changed.
    pub fn applied(&self, resource: &Resource, object: DynamicObject) {
        let mut state = self.state();
        let bundle = state.bundle;
        let Some(seen) = state.kinds.get_mut(resource) else {
            return;
        };
        let place = place(&object);
        let known = seen.objects.get(&place);
        let entry = Entry::next(known, resource, object, bundle);
        if !known.is_some_and(|known| known.is_same(&entry)) {
            self.changed.notify_one();
        }
        seen.objects.insert(place, entry);
    }

    /// An object is gone.
    pub fn deleted(&self, resource: &Resource, object: &DynamicObject) {
        let mut state = self.state();
        let seen = state.kinds.get_mut(resource);
        if seen.is_some_and(|seen| seen.objects.remove(&place(object)).is_some()) {
            self.changed.notify_one();
        }
    }

    /// The cluster does not have a kind: as if it had no objects.
    pub fn absent(&self, resource: &Resource) {
        if let Some(seen) = self.state().kinds.get_mut(resource)
            && !std::mem::replace(&mut seen.is_complete, true)
        {
            self.changed.notify_one();
        }
    }

    /// An object as it is after its status was written. Only our own change is in it if it was written onto the object that is
    /// known; then nothing has to be resolved again.
    pub fn written(&self, onto: &Object, object: DynamicObject) {
        let mut state = self.state();
        let bundle = state.bundle;
        let mut kinds = state.kinds.iter_mut();
        let kind = kinds.find(|(resource, _)| {
            let api = resource.api();
            (&*api.api_version, &*api.kind) == (onto.api_version(), onto.kind())
        });
        let Some((resource, seen)) = kind else { return };
        if let Some(known) = seen.objects.get_mut(&place(&object))
            && known.revision == onto.metadata().resource_version
        {
            *known = Entry::next(Some(known), resource, object, bundle);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// What is kept of an object; an unchanged one stays the same `Arc`. One that cannot be used is reported and left out.
    fn next(
        known: Option<&Entry>,
        resource: &Resource,
        object: DynamicObject,
        bundle: Bundle,
    ) -> Entry {
        let revision = object.metadata.resource_version.clone();
        if let Some(known) = known.filter(|known| revision.is_some() && known.revision == revision)
        {
            return Entry {
                revision,
                object: known.object.clone(),
            };
        }
        let object = read(resource, object, bundle).map(|object| {
            let same = known.and_then(|known| known.object.as_ref());
            match same.filter(|same| ***same == object) {
                Some(same) => Arc::clone(same),
                None => Arc::new(object),
            }
        });
        Entry { revision, object }
    }

    fn is_same(&self, other: &Entry) -> bool {
        match (&self.object, &other.object) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (None, None) => true,
            _ => false,
        }
    }
}

/// An object as the library has it, as the API server would take it; `None` if it would not.
fn read(resource: &Resource, object: DynamicObject, bundle: Bundle) -> Option<Object> {
    let shown = {
        let (namespace, name) = place(&object);
        let slash = if namespace.is_empty() { "" } else { "/" };
        format!("{} {namespace}{slash}{name}", resource.api().kind)
    };
    match validate::admit(&value(resource, object), bundle) {
        Ok(object) => Some(object.into_inner()),
        Err(report) => {
            for violation in &report.violations {
                eprintln!("{shown} is left out: {violation}");
            }
            None
        }
    }
}

fn value(resource: &Resource, object: DynamicObject) -> Value {
    let mut value = match object.data {
        Value::Object(data) => Value::Object(data),
        _ => Value::Object(serde_json::Map::new()),
    };
    value["metadata"] = serde_json::to_value(object.metadata).unwrap_or_default();
    resource.trim(&mut value);
    value
}

/// An object that was just read, as the library has it; `None` if the library cannot.
pub fn fresh(object: DynamicObject) -> Option<Object> {
    Object::from_value(serde_json::to_value(object).ok()?).ok()
}

fn place(object: &DynamicObject) -> Place {
    let metadata = &object.metadata;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    (text(&metadata.namespace), text(&metadata.name))
}
