//! The structure of backend.

use super::backend_tls_policy::BACKEND_TLS_POLICY_VALIDATION;
use super::pattern::{CONTROLLER_NAME, DNS_SUBDOMAIN};
use super::references::{PARENT_REFERENCE, SECRET_OBJECT_REFERENCE};
use super::status::CONDITION;
use super::table::{
    API_VERSION, KIND_NAME, METADATA, Struct, atomic, fields, int32, keyed, object, optional,
    required, text,
};

pub(super) static X_BACKEND: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&X_BACKEND_SPEC)),
    optional("status", object(&X_BACKEND_STATUS)),
]);

pub(super) static X_BACKEND_SPEC: Struct = fields(&[
    optional("externalHostname", object(&X_BACKEND_EXTERNAL_HOSTNAME)),
    required("port", object(&X_BACKEND_PORT)),
    optional(
        "protocol",
        text().one_of(&["TCP", "HTTP", "HTTP2", "HTTP11", "H2C", "MCP"]),
    ),
    optional("tls", object(&X_BACKEND_TLS)),
    required("type", text().one_of(&["ExternalHostname"])),
]);

pub(super) static X_BACKEND_EXTERNAL_HOSTNAME: Struct = fields(&[required(
    "hostname",
    text().least(1).most(253).like(DNS_SUBDOMAIN),
)]);

pub(super) static X_BACKEND_PORT: Struct = fields(&[
    optional("name", text().most(63)),
    required("port", int32().least(1).most(65_535)),
]);

pub(super) static X_BACKEND_TLS: Struct = fields(&[
    optional("clientCertificateRef", object(&SECRET_OBJECT_REFERENCE)),
    required(
        "mode",
        text().one_of(&["None", "ServerOnly", "ClientAndServer"]),
    ),
    optional("validation", object(&BACKEND_TLS_POLICY_VALIDATION)),
]);

pub(super) static X_BACKEND_STATUS: Struct = fields(&[optional(
    "parents",
    atomic(&object(&X_BACKEND_PARENT_STATUS)).most(32),
)]);

pub(super) static X_BACKEND_PARENT_STATUS: Struct = fields(&[
    optional("conditions", keyed(&["type"], &object(&CONDITION))),
    required(
        "controllerName",
        text().least(1).most(253).like(CONTROLLER_NAME),
    ),
    required("parentRef", object(&PARENT_REFERENCE)),
]);
