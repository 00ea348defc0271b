//! Mirroring of requests.

use super::backend_reference::BACKEND_OBJECT_REFERENCE;
use super::table::{Struct, fields, int32, object, optional, required};

pub(super) static REQUEST_MIRROR: Struct = fields(&[
    required("backendRef", object(&BACKEND_OBJECT_REFERENCE)),
    optional("fraction", object(&FRACTION)),
    optional("percent", int32().least(0).most(100)),
]);

pub(super) static FRACTION: Struct = fields(&[
    optional("denominator", int32().least(1)).or_number(100),
    required("numerator", int32().least(0)),
]);
