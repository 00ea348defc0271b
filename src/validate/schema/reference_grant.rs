//! ReferenceGrant.

use super::pattern::{DNS_LABEL, GROUP, KIND};
use super::table::{
    API_VERSION, KIND_NAME, METADATA, SINCE_V1_6, Struct, atomic, fields, object, optional,
    required, text,
};

pub(super) static REFERENCE_GRANT: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    optional("spec", object(&REFERENCE_GRANT_SPEC)).required_in(SINCE_V1_6),
]);

pub(super) static REFERENCE_GRANT_SPEC: Struct = fields(&[
    required(
        "from",
        atomic(&object(&REFERENCE_GRANT_FROM)).least(1).most(16),
    ),
    required("to", atomic(&object(&REFERENCE_GRANT_TO)).least(1).most(16)),
]);

pub(super) static REFERENCE_GRANT_FROM: Struct = fields(&[
    required("group", text().most(253).like(GROUP)),
    required("kind", text().least(1).most(63).like(KIND)),
    required("namespace", text().least(1).most(63).like(DNS_LABEL)),
]);

pub(super) static REFERENCE_GRANT_TO: Struct = fields(&[
    required("group", text().most(253).like(GROUP)),
    required("kind", text().least(1).most(63).like(KIND)),
    optional("name", text().least(1).most(253)),
]);
