//! The structure of mesh.

use super::pattern::CONTROLLER_NAME;
use super::references::PARAMETERS_REFERENCE;
use super::status::{CONDITION, SUPPORTED_FEATURE, WAITING_ACCEPTED, WAITING_CONDITIONS};
use super::table::{
    API_VERSION, KIND_NAME, METADATA, Struct, fields, keyed, object, optional, required, text,
};

pub(super) static X_MESH: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&X_MESH_SPEC)),
    optional("status", object(&X_MESH_STATUS)).or_json(WAITING_ACCEPTED),
]);

pub(super) static X_MESH_SPEC: Struct = fields(&[
    required(
        "controllerName",
        text().least(1).most(253).like(CONTROLLER_NAME),
    ),
    optional("description", text().most(64)),
    optional("parametersRef", object(&PARAMETERS_REFERENCE)),
]);

pub(super) static X_MESH_STATUS: Struct = fields(&[
    optional("conditions", keyed(&["type"], &object(&CONDITION)).most(8))
        .or_json(WAITING_CONDITIONS),
    optional(
        "supportedFeatures",
        keyed(&["name"], &object(&SUPPORTED_FEATURE)).most(64),
    ),
]);
