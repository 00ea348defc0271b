//! GRPCRoute, without matches and filters.

use super::backend_reference::GRPC_BACKEND_REF;
use super::grpc_filter::GRPC_ROUTE_FILTER;
use super::grpc_match::GRPC_ROUTE_MATCH;
use super::parent_reference::PARENT_REFERENCE;
use super::pattern::{DNS_SUBDOMAIN, HOSTNAME};
use super::route::ROUTE_STATUS;
use super::session_persistence::SESSION_PERSISTENCE;
use super::table::{
    API_VERSION, EXPERIMENTAL, KIND_NAME, METADATA, Struct, atomic, fields, object, optional,
    required, text,
};

pub(super) static GRPC_ROUTE: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&GRPC_ROUTE_SPEC)),
    optional("status", object(&ROUTE_STATUS)),
]);

pub(super) static GRPC_ROUTE_SPEC: Struct = fields(&[
    optional(
        "hostnames",
        atomic(&text().least(1).most(253).like(HOSTNAME)).most(16),
    ),
    optional("parentRefs", atomic(&object(&PARENT_REFERENCE)).most(32)),
    optional("rules", atomic(&object(&GRPC_ROUTE_RULE)).most(16)),
    optional("useDefaultGateways", text().one_of(&["All", "None"])).only(EXPERIMENTAL),
]);

pub(super) static GRPC_ROUTE_RULE: Struct = fields(&[
    optional("backendRefs", atomic(&object(&GRPC_BACKEND_REF)).most(16)),
    optional("filters", atomic(&object(&GRPC_ROUTE_FILTER)).most(16)),
    optional("matches", atomic(&object(&GRPC_ROUTE_MATCH)).most(64)),
    optional("name", text().least(1).most(253).like(DNS_SUBDOMAIN)),
    optional("sessionPersistence", object(&SESSION_PERSISTENCE)).only(EXPERIMENTAL),
]);
