//! The objects of a part, gathered from a snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::focus::Sight;
use super::references::{Role, Target};
use super::referents::each_reference;
use crate::api::{Key, Kind, Object};
use crate::plan::ObjectName;
use crate::snapshot::Snapshot;

/// Objects that are resolved, while they are gathered.
pub(super) struct Listed<'a> {
    snapshot: &'a Snapshot,
    objects: BTreeMap<Key, Arc<Object>>,
    /// Namespaces that something refers into from elsewhere.
    namespaces: BTreeSet<String>,
}

impl<'a> Listed<'a> {
    /// None yet.
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        Listed {
            snapshot,
            objects: BTreeMap::new(),
            namespaces: BTreeSet::new(),
        }
    }

    /// Gateways with their sets.
    pub(super) fn add_gateways(&mut self, gateways: &BTreeSet<ObjectName>, sight: Sight<'_>) {
        for gateway in gateways {
            self.add(Kind::Gateway, gateway);
            let target = Target::gateway(&gateway.namespace, &gateway.name);
            for set in sight.references.to(target, Role::Set) {
                self.add(Kind::ListenerSet, &set.name);
            }
        }
    }

    /// An object under every name that its kind has on the wire.
    pub(super) fn add(&mut self, kind: Kind, name: &ObjectName) {
        let sight = (kind.is_namespaced()).then_some(&*name.namespace);
        let mut wire = None;
        for version in kind.versions() {
            if wire.replace((version.group, version.name)) == Some((version.group, version.name)) {
                continue;
            }
            let found = self
                .snapshot
                .shared(version.group, version.name, sight, &name.name);
            let Some(object) = found else { continue };
            each_reference(object, &mut |_, target| {
                if *target.namespace != *name.namespace
                    && !self.namespaces.contains(target.namespace)
                {
                    self.namespaces.insert(target.namespace.to_owned());
                }
            });
            self.objects.insert(object.key(), Arc::clone(object));
        }
    }

    /// All of them, with the grants that they need.
    pub(super) fn finish(mut self) -> Snapshot {
        for namespace in &self.namespaces {
            for grant in self.snapshot.in_namespace(Kind::ReferenceGrant, namespace) {
                self.objects.insert(grant.key(), Arc::clone(grant));
            }
        }
        let mut builder = Snapshot::builder();
        for object in self.objects.into_values() {
            builder.put(object);
        }
        builder.build()
    }
}
