//! GatewayClass.

use super::condition::{CONDITION, WAITING_ACCEPTED, WAITING_CONDITIONS_ACCEPTED};
use super::object_reference::PARAMETERS_REFERENCE;
use super::pattern::CONTROLLER_NAME;
use super::table::{
    API_VERSION, KIND_NAME, METADATA, Struct, fields, keyed, object, optional, required, text,
};

pub(super) static GATEWAY_CLASS: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&GATEWAY_CLASS_SPEC)),
    optional("status", object(&GATEWAY_CLASS_STATUS)).or_json(WAITING_ACCEPTED),
]);

pub(super) static GATEWAY_CLASS_SPEC: Struct = fields(&[
    required(
        "controllerName",
        text().least(1).most(253).like(CONTROLLER_NAME),
    ),
    optional("description", text().most(64)),
    optional("parametersRef", object(&PARAMETERS_REFERENCE)),
]);

pub(super) static GATEWAY_CLASS_STATUS: Struct = fields(&[
    optional("conditions", keyed(&["type"], &object(&CONDITION)).most(8))
        .or_json(WAITING_CONDITIONS_ACCEPTED),
    optional(
        "supportedFeatures",
        keyed(&["name"], &object(&SUPPORTED_FEATURE)).most(64),
    ),
]);

pub(super) static SUPPORTED_FEATURE: Struct = fields(&[required("name", text())]);
