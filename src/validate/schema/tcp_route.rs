//! TCPRoute; `v1alpha2` allows more rules.

use super::backend_reference::BACKEND_REF;
use super::parent_reference::PARENT_REFERENCE;
use super::pattern::DNS_SUBDOMAIN;
use super::route::ROUTE_STATUS;
use super::table::{
    API_VERSION, EXPERIMENTAL, KIND_NAME, METADATA, Struct, atomic, fields, object, optional,
    required, text,
};

pub(super) static TCP_ROUTE: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&TCP_ROUTE_SPEC)),
    optional("status", object(&ROUTE_STATUS)),
]);

pub(super) static TCP_ROUTE_ALPHA: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&TCP_ROUTE_SPEC_ALPHA)),
    optional("status", object(&ROUTE_STATUS)),
]);

pub(super) static TCP_ROUTE_SPEC: Struct = fields(&[
    optional("parentRefs", atomic(&object(&PARENT_REFERENCE)).most(32)),
    required("rules", atomic(&object(&TCP_ROUTE_RULE)).least(1).most(1)),
    optional("useDefaultGateways", text().one_of(&["All", "None"])).only(EXPERIMENTAL),
]);

pub(super) static TCP_ROUTE_SPEC_ALPHA: Struct = fields(&[
    optional("parentRefs", atomic(&object(&PARENT_REFERENCE)).most(32)),
    required("rules", atomic(&object(&TCP_ROUTE_RULE)).least(1).most(16)),
    optional("useDefaultGateways", text().one_of(&["All", "None"])).only(EXPERIMENTAL),
]);

pub(super) static TCP_ROUTE_RULE: Struct = fields(&[
    required(
        "backendRefs",
        atomic(&object(&BACKEND_REF)).least(1).most(16),
    ),
    optional("name", text().least(1).most(253).like(DNS_SUBDOMAIN)),
]);
