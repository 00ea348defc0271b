//! Changes to headers.

use super::pattern::{HEADER_NAME, HEADER_VALUE};
use super::table::{
    EXPERIMENTAL_SINCE_V1_5, Struct, fields, keyed, object, optional, required, set, text,
};

pub(super) static HEADER_MODIFIER: Struct = fields(&[
    optional("add", keyed(&["name"], &object(&HEADER)).most(16)),
    optional("remove", set(&text()).most(16)),
    optional("set", keyed(&["name"], &object(&HEADER)).most(16)),
]);

pub(super) static HEADER: Struct = fields(&[
    required("name", text().least(1).most(256).like(HEADER_NAME)),
    required(
        "value",
        text()
            .least(1)
            .most(4096)
            .like_in(EXPERIMENTAL_SINCE_V1_5, HEADER_VALUE),
    ),
]);
