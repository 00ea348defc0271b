//! The structure of references.

use super::pattern::{DNS_LABEL, DNS_SUBDOMAIN, GROUP, KIND};
use super::table::{Struct, atomic, fields, int32, map, object, optional, required, text};

pub(super) static PARENT_REFERENCE: Struct = fields(&[
    optional("group", text().most(253).like(GROUP)).or("gateway.networking.k8s.io"),
    optional("kind", text().least(1).most(63).like(KIND)).or("Gateway"),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
    optional("port", int32().least(1).most(65_535)),
    optional("sectionName", text().least(1).most(253).like(DNS_SUBDOMAIN)),
]);

pub(super) static BACKEND_OBJECT_REFERENCE: Struct = fields(&[
    optional("group", text().most(253).like(GROUP)).or(""),
    optional("kind", text().least(1).most(63).like(KIND)).or("Service"),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
    optional("port", int32().least(1).most(65_535)),
]);

pub(super) static BACKEND_REF: Struct = fields(&[
    optional("group", text().most(253).like(GROUP)).or(""),
    optional("kind", text().least(1).most(63).like(KIND)).or("Service"),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
    optional("port", int32().least(1).most(65_535)),
    optional("weight", int32().least(0).most(1_000_000)).or_number(1),
]);

pub(super) static SECRET_OBJECT_REFERENCE: Struct = fields(&[
    optional("group", text().most(253).like(GROUP)).or(""),
    optional("kind", text().least(1).most(63).like(KIND)).or("Secret"),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
]);

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

pub(super) static LOCAL_POLICY_TARGET_REFERENCE: Struct = fields(&[
    required("group", text().most(253).like(GROUP)),
    required("kind", text().least(1).most(63).like(KIND)),
    required("name", text().least(1).most(253)),
]);

pub(super) static LOCAL_POLICY_TARGET_REFERENCE_WITH_SECTION_NAME: Struct = fields(&[
    required("group", text().most(253).like(GROUP)),
    required("kind", text().least(1).most(63).like(KIND)),
    required("name", text().least(1).most(253)),
    optional("sectionName", text().least(1).most(253).like(DNS_SUBDOMAIN)),
]);

pub(super) static LABEL_SELECTOR: Struct = fields(&[
    optional(
        "matchExpressions",
        atomic(&object(&LABEL_SELECTOR_REQUIREMENT)),
    ),
    optional("matchLabels", map(&text())),
])
.atomic();

pub(super) static LABEL_SELECTOR_REQUIREMENT: Struct = fields(&[
    required("key", text()),
    required("operator", text()),
    optional("values", atomic(&text())),
]);
