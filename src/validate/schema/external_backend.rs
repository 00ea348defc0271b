//! XBackend.

use super::backend_tls_policy::BACKEND_TLS_VALIDATION;
use super::condition::CONDITION;
use super::object_reference::SECRET_OBJECT_REFERENCE;
use super::parent_reference::PARENT_REFERENCE;
use super::pattern::{CONTROLLER_NAME, DNS_SUBDOMAIN};
use super::table::{
    API_VERSION, KIND_NAME, METADATA, Struct, atomic, fields, int32, keyed, object, optional,
    required, text,
};

pub(super) static EXTERNAL_BACKEND: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&EXTERNAL_BACKEND_SPEC)),
    optional("status", object(&EXTERNAL_BACKEND_STATUS)),
]);

pub(super) static EXTERNAL_BACKEND_SPEC: Struct = fields(&[
    optional("externalHostname", object(&EXTERNAL_HOSTNAME)),
    required("port", object(&EXTERNAL_BACKEND_PORT)),
    optional(
        "protocol",
        text().one_of(&["TCP", "HTTP", "HTTP2", "HTTP11", "H2C", "MCP"]),
    ),
    optional("tls", object(&EXTERNAL_BACKEND_TLS)),
    required("type", text().one_of(&["ExternalHostname"])),
]);

pub(super) static EXTERNAL_HOSTNAME: Struct = fields(&[required(
    "hostname",
    text().least(1).most(253).like(DNS_SUBDOMAIN),
)]);

pub(super) static EXTERNAL_BACKEND_PORT: Struct = fields(&[
    optional("name", text().most(63)),
    required("port", int32().least(1).most(65_535)),
]);

pub(super) static EXTERNAL_BACKEND_TLS: Struct = fields(&[
    optional("clientCertificateRef", object(&SECRET_OBJECT_REFERENCE)),
    required(
        "mode",
        text().one_of(&["None", "ServerOnly", "ClientAndServer"]),
    ),
    optional("validation", object(&BACKEND_TLS_VALIDATION)),
]);

pub(super) static EXTERNAL_BACKEND_STATUS: Struct = fields(&[optional(
    "parents",
    atomic(&object(&EXTERNAL_BACKEND_PARENT_STATUS)).most(32),
)]);

pub(super) static EXTERNAL_BACKEND_PARENT_STATUS: Struct = fields(&[
    optional("conditions", keyed(&["type"], &object(&CONDITION))),
    required(
        "controllerName",
        text().least(1).most(253).like(CONTROLLER_NAME),
    ),
    required("parentRef", object(&PARENT_REFERENCE)),
]);
