//! CORS.

use super::pattern::{HEADER_NAME, ORIGIN, ORIGIN_OF_ANY_SCHEME};
use super::table::{SINCE_V1_5, Struct, boolean, fields, int32, optional, set, text};

pub(super) static CORS: Struct = fields(&[
    optional("allowCredentials", boolean()),
    optional(
        "allowHeaders",
        set(&text().least(1).most(256).like(HEADER_NAME)).most(64),
    ),
    optional(
        "allowMethods",
        set(&text().one_of(&[
            "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*",
        ]))
        .most(9),
    ),
    optional(
        "allowOrigins",
        set(&text()
            .least(1)
            .most(253)
            .like(ORIGIN_OF_ANY_SCHEME)
            .like_in(SINCE_V1_5, ORIGIN))
        .most(64),
    ),
    optional(
        "exposeHeaders",
        set(&text().least(1).most(256).like(HEADER_NAME)).most(64),
    ),
    optional("maxAge", int32().least(1)).or_number(5),
]);
