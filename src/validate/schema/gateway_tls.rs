//! TLS settings of a whole Gateway.

use super::object_reference::{OBJECT_REFERENCE, SECRET_OBJECT_REFERENCE};
use super::table::{
    SINCE_V1_6, Struct, atomic, fields, int32, keyed, object, optional, required, text,
};

pub(super) static GATEWAY_TLS: Struct = fields(&[
    optional("backend", object(&GATEWAY_BACKEND_TLS)),
    optional("frontend", object(&FRONTEND_TLS)),
]);

pub(super) static GATEWAY_BACKEND_TLS: Struct = fields(&[optional(
    "clientCertificateRef",
    object(&SECRET_OBJECT_REFERENCE),
)]);

pub(super) static FRONTEND_TLS: Struct = fields(&[
    required("default", object(&TLS_CONFIG)),
    optional(
        "perPort",
        keyed(&["port"], &object(&TLS_PORT_CONFIG)).most(64),
    ),
]);

pub(super) static TLS_PORT_CONFIG: Struct = fields(&[
    required("port", int32().least(1).most(65_535)),
    required("tls", object(&TLS_CONFIG)),
]);

pub(super) static TLS_CONFIG: Struct =
    fields(&[optional("validation", object(&FRONTEND_TLS_VALIDATION))]);

pub(super) static FRONTEND_TLS_VALIDATION: Struct = fields(&[
    required(
        "caCertificateRefs",
        atomic(&object(&OBJECT_REFERENCE))
            .least(1)
            .most(8)
            .most_in(SINCE_V1_6, 16),
    ),
    optional(
        "mode",
        text().one_of(&["AllowValidOnly", "AllowInsecureFallback"]),
    )
    .or("AllowValidOnly"),
]);
