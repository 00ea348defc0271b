//! XMesh: the mesh as an object.

use super::class::check_parameters;
use super::status::{ClassStatus, Finding, MeshAccepted, Status};
use super::statuses::StatusList;
use super::world::World;
use crate::api::{Kind, Mesh};

/// Whether the controller has the XMesh that it wants (XMESH-05/06).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MeshNeed {
    /// It wants none, or has it; its spec is never to be changed.
    #[default]
    Nothing,
    /// It is to be created, with nothing but this name and this `controllerName`.
    Create {
        /// `metadata.name`.
        name: Box<str>,
        /// `spec.controllerName`.
        controller_name: Box<str>,
    },
    /// One of this name belongs to another controller and is to be left alone; its owner should be warned.
    Taken {
        /// `metadata.name`.
        name: Box<str>,
        /// `spec.controllerName` of the other one.
        controller_name: Box<str>,
    },
}

/// Looks for the XMesh that the controller wants.
pub(super) fn need(world: &World<'_>) -> MeshNeed {
    let controller = world.controller;
    let (Some(wanted), Some(own)) = (controller.mesh_name(), controller.name()) else {
        return MeshNeed::Nothing;
    };
    if Kind::Mesh.served_in(controller.bundle()).is_none() {
        return MeshNeed::Nothing;
    }
    match world.snapshot.get::<Mesh>(None, wanted) {
        None => MeshNeed::Create {
            name: wanted.into(),
            controller_name: own.into(),
        },
        Some(mesh) if controller.owns(&mesh.spec.controller_name) => MeshNeed::Nothing,
        Some(mesh) => MeshNeed::Taken {
            name: wanted.into(),
            controller_name: mesh.spec.controller_name.as_str().into(),
        },
    }
}

/// Judges the XMesh objects of our controller; those of others are left alone.
///
/// # Spec
///
/// XMESH-01..04, XMESH-06.
pub(super) fn judge(world: &World<'_>, statuses: &mut StatusList) {
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
        let status = Status::Mesh(Box::new(ClassStatus {
            generation: mesh.metadata.generation.unwrap_or(1),
            conditions: vec![accepted.into()],
            supported_features: controller
                .features()
                .of_meshes(controller.bundle())
                .collect(),
            is_used: false,
        }));
        let version = (mesh.api_version.as_str(), mesh.kind.as_str());
        statuses.add(world.snapshot, version, None, &mesh.metadata, status);
    }
}
