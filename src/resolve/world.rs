//! What every pass may read.

use super::controller::Controller;
use super::grant::{Grants, Referrer};
use super::reading::Readings;
use super::status::Owners;
use crate::api::{Gateway, GatewayClass, Mesh, ReferenceGrant};
use crate::snapshot::Snapshot;

/// The snapshot and everything that stands beside it.
#[derive(Debug)]
pub(crate) struct World<'s> {
    /// All objects, to look up what others refer to.
    pub(crate) snapshot: &'s Snapshot,
    /// Those whose meaning is asked for: all, or what a change can reach. GatewayClasses and meshes are always all.
    pub(crate) listed: &'s Snapshot,
    /// On whose behalf, and by which rules.
    pub(crate) controller: &'s Controller,
    /// Who may refer to what across namespaces.
    pub(crate) grants: Grants<'s>,
    /// The controller name of status entries for mesh parents; `None` writes none (MESH-10).
    pub(crate) mesh_controller: Option<&'s str>,
    /// Whose status entries are ours.
    pub(crate) owners: Owners,
    /// Certificates and authorities that were read already.
    pub(crate) readings: Readings<'s>,
}

impl<'s> World<'s> {
    /// Gathers grants; everything else is looked up when asked for.
    pub(crate) fn new(
        (snapshot, listed): (&'s Snapshot, &'s Snapshot),
        controller: &'s Controller,
        mesh_controller: Option<&'s str>,
        known_owners: Option<&Owners>,
    ) -> Self {
        let mut grants = Grants::default();
        if controller.features().has("ReferenceGrant") {
            for grant in listed.all::<ReferenceGrant>() {
                allow(&mut grants, grant);
            }
        }
        World {
            snapshot,
            listed,
            controller,
            grants,
            mesh_controller,
            owners: known_owners.map_or_else(
                || owners(snapshot, controller, mesh_controller),
                Owners::clone,
            ),
            readings: Readings::default(),
        }
    }
}

impl World<'_> {
    /// The controller name of a Gateway's class.
    pub(crate) fn controller_of(&self, (namespace, name): (&str, &str)) -> Option<&str> {
        let gateway = self.snapshot.get::<Gateway>(Some(namespace), name)?;
        let class = &gateway.spec.gateway_class_name;
        let class = self.snapshot.get::<GatewayClass>(None, class)?;
        Some(&class.spec.controller_name)
    }
}

/// The names of our controllers: the one that was given, else all that classes and meshes of the snapshot have.
fn owners(snapshot: &Snapshot, controller: &Controller, mesh_controller: Option<&str>) -> Owners {
    let classes = snapshot.all::<GatewayClass>();
    let classes = classes.map(|class| class.spec.controller_name.as_str());
    let meshes = snapshot.all::<Mesh>();
    let meshes = meshes.map(|mesh| mesh.spec.controller_name.as_str());
    classes
        .chain(meshes)
        .chain(controller.name())
        .chain(mesh_controller)
        .filter(|name| controller.owns(name))
        .collect()
}

fn allow<'s>(grants: &mut Grants<'s>, grant: &'s ReferenceGrant) {
    let Some(spec) = &grant.spec else {
        return;
    };
    let from = spec.from.iter().map(|from| Referrer {
        group: &from.group,
        kind: &from.kind,
        namespace: &from.namespace,
    });
    let to = spec
        .to
        .iter()
        .map(|to| (to.group.as_str(), to.kind.as_str(), to.name()));
    grants.allow(namespace_of(&grant.metadata), from, to);
}

/// The namespace of a namespaced object: `default` when its manifest names none.
pub(crate) fn namespace_of(metadata: &crate::api::ObjectMeta) -> &str {
    match metadata.namespace.as_deref() {
        None | Some("") => "default",
        Some(namespace) => namespace,
    }
}
