//! XMesh.

use super::condition::{CONDITION, WAITING_ACCEPTED, WAITING_CONDITIONS};
use super::gateway_class::SUPPORTED_FEATURE;
use super::object_reference::PARAMETERS_REFERENCE;
use super::pattern::CONTROLLER_NAME;
use super::table::{
    API_VERSION, KIND_NAME, METADATA, Struct, fields, keyed, object, optional, required, text,
};

pub(super) static MESH: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&MESH_SPEC)),
    optional("status", object(&MESH_STATUS)).or_json(WAITING_ACCEPTED),
]);

pub(super) static MESH_SPEC: Struct = fields(&[
    required(
        "controllerName",
        text().least(1).most(253).like(CONTROLLER_NAME),
    ),
    optional("description", text().most(64)),
    optional("parametersRef", object(&PARAMETERS_REFERENCE)),
]);

pub(super) static MESH_STATUS: Struct = fields(&[
    optional("conditions", keyed(&["type"], &object(&CONDITION)).most(8))
        .or_json(WAITING_CONDITIONS),
    optional(
        "supportedFeatures",
        keyed(&["name"], &object(&SUPPORTED_FEATURE)).most(64),
    ),
]);
