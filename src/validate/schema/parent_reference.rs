//! References to parents.

use super::pattern::{DNS_LABEL, DNS_SUBDOMAIN, GROUP, KIND};
use super::table::{Struct, fields, int32, optional, required, text};

pub(super) static PARENT_REFERENCE: Struct = fields(&[
    optional("group", text().most(253).like(GROUP)).or("gateway.networking.k8s.io"),
    optional("kind", text().least(1).most(63).like(KIND)).or("Gateway"),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
    optional("port", int32().least(1).most(65_535)),
    optional("sectionName", text().least(1).most(253).like(DNS_SUBDOMAIN)),
]);

pub(super) static PARENT_GATEWAY_REFERENCE: Struct = fields(&[
    optional("group", text().most(253).like(GROUP)).or("gateway.networking.k8s.io"),
    optional("kind", text().least(1).most(63).like(KIND)).or("Gateway"),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
]);
