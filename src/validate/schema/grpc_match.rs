//! Matches of a GRPCRoute.

use super::pattern::HEADER_NAME;
use super::table::{Struct, fields, keyed, object, optional, required, text};

pub(super) static GRPC_ROUTE_MATCH: Struct = fields(&[
    optional(
        "headers",
        keyed(&["name"], &object(&GRPC_HEADER_MATCH)).most(16),
    ),
    optional("method", object(&GRPC_METHOD_MATCH)),
]);

pub(super) static GRPC_METHOD_MATCH: Struct = fields(&[
    optional("method", text().most(1024)),
    optional("service", text().most(1024)),
    optional("type", text().one_of(&["Exact", "RegularExpression"])).or("Exact"),
]);

pub(super) static GRPC_HEADER_MATCH: Struct = fields(&[
    required("name", text().least(1).most(256).like(HEADER_NAME)),
    optional("type", text().one_of(&["Exact", "RegularExpression"])).or("Exact"),
    required("value", text().least(1).most(4096)),
]);
