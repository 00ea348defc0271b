//! XMesh: the mesh as an object.

use super::class::check_parameters;
use super::status::{ClassStatus, Finding, MeshAccepted, Status};
use super::statuses::Statuses;
use super::world::World;
use crate::api::{Kind, Mesh};

/// Judges the XMesh objects of our controller; those of others are left alone.
///
/// # Spec
///
/// XMESH-01..04, XMESH-06.
pub(super) fn judge(world: &World<'_>, statuses: &mut Statuses) {
    let controller = world.controller;
    if Kind::Mesh.served_in(controller.bundle()).is_none() {
        return;
    }
    for mesh in world.snapshot.all::<Mesh>() {
        if !controller.owns(&mesh.spec.controller_name) {
            continue;
        }
        let accepted = match check_parameters(world, mesh.spec.parameters_ref.as_ref()) {
            Ok(()) => Finding::new(
                MeshAccepted::Accepted,
                format!(
                    "claimed by the mesh of controller `{}`",
                    mesh.spec.controller_name
                ),
            ),
            Err(why) => Finding::new(MeshAccepted::InvalidParameters, why),
        };
        let status = Status::Mesh(ClassStatus {
            generation: mesh.metadata.generation.unwrap_or(1),
            conditions: vec![accepted.into()],
            supported_features: controller
                .features()
                .of_meshes(controller.bundle())
                .collect(),
            is_used: false,
        });
        let version = (mesh.api_version.as_str(), mesh.kind.as_str());
        statuses.add(world.snapshot, version, None, &mesh.metadata, status);
    }
}
