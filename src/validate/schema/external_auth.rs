//! External authorisation.

use super::backend_reference::BACKEND_OBJECT_REFERENCE;
use super::pattern::URI_PATH;
use super::table::{SINCE_V1_5, Struct, fields, integer, object, optional, required, set, text};

pub(super) static EXTERNAL_AUTH: Struct = fields(&[
    required("backendRef", object(&BACKEND_OBJECT_REFERENCE)),
    optional("forwardBody", object(&FORWARD_BODY)),
    optional("grpc", object(&GRPC_AUTH)),
    optional("http", object(&HTTP_AUTH)),
    required("protocol", text().one_of(&["HTTP", "GRPC"])),
]);

pub(super) static HTTP_AUTH: Struct = fields(&[
    optional("allowedHeaders", set(&text()).most_in(SINCE_V1_5, 64)),
    optional(
        "allowedResponseHeaders",
        set(&text()).most_in(SINCE_V1_5, 64),
    ),
    optional("path", text().most(1024).like(URI_PATH)),
]);

pub(super) static GRPC_AUTH: Struct = fields(&[optional(
    "allowedHeaders",
    set(&text()).most_in(SINCE_V1_5, 64),
)]);

pub(super) static FORWARD_BODY: Struct = fields(&[optional("maxSize", integer())]);
