//! TLSRoute; `v1alpha2` asks for less.

use super::backend_reference::BACKEND_REF;
use super::parent_reference::PARENT_REFERENCE;
use super::pattern::{DNS_SUBDOMAIN, HOSTNAME};
use super::route::ROUTE_STATUS;
use super::table::{
    API_VERSION, EXPERIMENTAL, KIND_NAME, METADATA, SINCE_V1_6, Struct, atomic, fields, object,
    optional, required, text,
};

pub(super) static TLS_ROUTE: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&TLS_ROUTE_SPEC)),
    optional("status", object(&ROUTE_STATUS)),
]);

pub(super) static TLS_ROUTE_ALPHA: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&TLS_ROUTE_SPEC_ALPHA)),
    optional("status", object(&ROUTE_STATUS)),
]);

pub(super) static TLS_ROUTE_SPEC: Struct = fields(&[
    required(
        "hostnames",
        atomic(&text().least(1).most(253).like(HOSTNAME))
            .least(1)
            .most(16)
            .most_in(SINCE_V1_6, 1024),
    ),
    optional("parentRefs", atomic(&object(&PARENT_REFERENCE)).most(32)),
    required("rules", atomic(&object(&TLS_ROUTE_RULE)).least(1).most(1)),
    optional("useDefaultGateways", text().one_of(&["All", "None"])).only(EXPERIMENTAL),
]);

pub(super) static TLS_ROUTE_SPEC_ALPHA: Struct = fields(&[
    optional(
        "hostnames",
        atomic(&text().least(1).most(253).like(HOSTNAME))
            .most(16)
            .most_in(SINCE_V1_6, 1024),
    ),
    optional("parentRefs", atomic(&object(&PARENT_REFERENCE)).most(32)),
    required("rules", atomic(&object(&TLS_ROUTE_RULE)).least(1).most(16)),
    optional("useDefaultGateways", text().one_of(&["All", "None"])).only(EXPERIMENTAL),
]);

pub(super) static TLS_ROUTE_RULE: Struct = fields(&[
    required(
        "backendRefs",
        atomic(&object(&BACKEND_REF)).least(1).most(16),
    ),
    optional("name", text().least(1).most(253).like(DNS_SUBDOMAIN)),
]);
