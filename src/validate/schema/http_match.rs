//! Matches of an HTTPRoute.

use super::pattern::{HEADER_NAME, HEADER_VALUE};
use super::table::{
    EXPERIMENTAL_SINCE_V1_5, Struct, fields, keyed, object, optional, required, text,
};

pub(super) static HTTP_ROUTE_MATCH: Struct = fields(&[
    optional(
        "headers",
        keyed(&["name"], &object(&HTTP_HEADER_MATCH)).most(16),
    ),
    optional(
        "method",
        text().one_of(&[
            "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
        ]),
    ),
    optional("path", object(&HTTP_PATH_MATCH)).or_json(r#"{"type":"PathPrefix","value":"/"}"#),
    optional(
        "queryParams",
        keyed(&["name"], &object(&HTTP_QUERY_PARAM_MATCH)).most(16),
    ),
]);

pub(super) static HTTP_PATH_MATCH: Struct = fields(&[
    optional(
        "type",
        text().one_of(&["Exact", "PathPrefix", "RegularExpression"]),
    )
    .or("PathPrefix"),
    optional("value", text().most(1024)).or("/"),
]);

pub(super) static HTTP_HEADER_MATCH: Struct = fields(&[
    required("name", text().least(1).most(256).like(HEADER_NAME)),
    optional("type", text().one_of(&["Exact", "RegularExpression"])).or("Exact"),
    required(
        "value",
        text()
            .least(1)
            .most(4096)
            .like_in(EXPERIMENTAL_SINCE_V1_5, HEADER_VALUE),
    ),
]);

pub(super) static HTTP_QUERY_PARAM_MATCH: Struct = fields(&[
    required("name", text().least(1).most(256).like(HEADER_NAME)),
    optional("type", text().one_of(&["Exact", "RegularExpression"])).or("Exact"),
    required("value", text().least(1).most(1024)),
]);
