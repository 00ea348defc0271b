//! Filters of a GRPCRoute.

use super::header_modifier::HEADER_MODIFIER;
use super::object_reference::LOCAL_OBJECT_REFERENCE;
use super::request_mirror::REQUEST_MIRROR;
use super::table::{Struct, fields, object, optional, required, text};

pub(super) static GRPC_ROUTE_FILTER: Struct = fields(&[
    optional("extensionRef", object(&LOCAL_OBJECT_REFERENCE)),
    optional("requestHeaderModifier", object(&HEADER_MODIFIER)),
    optional("requestMirror", object(&REQUEST_MIRROR)),
    optional("responseHeaderModifier", object(&HEADER_MODIFIER)),
    required(
        "type",
        text().one_of(&[
            "ResponseHeaderModifier",
            "RequestHeaderModifier",
            "RequestMirror",
            "ExtensionRef",
        ]),
    ),
]);
