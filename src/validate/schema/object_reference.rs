//! References to other objects.

use super::pattern::{DNS_LABEL, GROUP, KIND};
use super::table::{Struct, fields, optional, required, text};

pub(super) static LOCAL_OBJECT_REFERENCE: Struct = fields(&[
    required("group", text().most(253).like(GROUP)),
    required("kind", text().least(1).most(63).like(KIND)),
    required("name", text().least(1).most(253)),
]);

pub(super) static OBJECT_REFERENCE: Struct = fields(&[
    required("group", text().most(253).like(GROUP)),
    required("kind", text().least(1).most(63).like(KIND)),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
]);

pub(super) static SECRET_OBJECT_REFERENCE: Struct = fields(&[
    optional("group", text().most(253).like(GROUP)).or(""),
    optional("kind", text().least(1).most(63).like(KIND)).or("Secret"),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
]);

pub(super) static LOCAL_PARAMETERS_REFERENCE: Struct = fields(&[
    required("group", text().most(253).like(GROUP)),
    required("kind", text().least(1).most(63).like(KIND)),
    required("name", text().least(1).most(253)),
]);

pub(super) static PARAMETERS_REFERENCE: Struct = fields(&[
    required("group", text().most(253).like(GROUP)),
    required("kind", text().least(1).most(63).like(KIND)),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
]);
