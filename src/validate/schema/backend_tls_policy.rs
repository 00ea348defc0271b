//! BackendTLSPolicy.

use super::object_reference::LOCAL_OBJECT_REFERENCE;
use super::pattern::{ABSOLUTE_URI, DNS_SUBDOMAIN, HOSTNAME, WELL_KNOWN_CA};
use super::policy::{POLICY_STATUS, POLICY_TARGET_SECTION};
use super::table::{
    API_VERSION, BEFORE_V1_5, KIND_NAME, METADATA, SINCE_V1_5, Struct, atomic, fields, map, object,
    optional, required, text,
};

pub(super) static BACKEND_TLS_POLICY: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&BACKEND_TLS_POLICY_SPEC)),
    optional("status", object(&POLICY_STATUS)),
]);

pub(super) static BACKEND_TLS_POLICY_SPEC: Struct = fields(&[
    optional("options", map(&text().least(0).most(4096)).most(16)),
    required(
        "targetRefs",
        atomic(&object(&POLICY_TARGET_SECTION)).least(1).most(16),
    ),
    required("validation", object(&BACKEND_TLS_VALIDATION)),
]);

pub(super) static BACKEND_TLS_VALIDATION: Struct = fields(&[
    optional(
        "caCertificateRefs",
        atomic(&object(&LOCAL_OBJECT_REFERENCE)).most(8),
    ),
    required("hostname", text().least(1).most(253).like(DNS_SUBDOMAIN)),
    optional(
        "subjectAltNames",
        atomic(&object(&SUBJECT_ALT_NAME)).most(5),
    ),
    optional(
        "wellKnownCACertificates",
        text()
            .least_in(SINCE_V1_5, 1)
            .most_in(SINCE_V1_5, 253)
            .like_in(SINCE_V1_5, WELL_KNOWN_CA)
            .one_of_in(&[(BEFORE_V1_5, &["System"])]),
    ),
]);

pub(super) static SUBJECT_ALT_NAME: Struct = fields(&[
    optional("hostname", text().least(1).most(253).like(HOSTNAME)),
    required("type", text().one_of(&["Hostname", "URI"])),
    optional("uri", text().least(1).most(253).like(ABSOLUTE_URI)),
]);
