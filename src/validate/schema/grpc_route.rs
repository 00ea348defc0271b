//! The structure of grpc route.

use super::http_filter::{HTTP_HEADER_FILTER, REQUEST_MIRROR_FILTER};
use super::pattern::{DNS_LABEL, DNS_SUBDOMAIN, GROUP, HEADER_NAME, HOSTNAME, KIND};
use super::references::{LOCAL_OBJECT_REFERENCE, PARENT_REFERENCE};
use super::session_persistence::SESSION_PERSISTENCE;
use super::status::ROUTE_STATUS;
use super::table::{
    API_VERSION, EXPERIMENTAL, KIND_NAME, METADATA, Struct, atomic, fields, int32, keyed, object,
    optional, required, text,
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

pub(super) static GRPC_ROUTE_MATCH: Struct = fields(&[
    optional(
        "headers",
        keyed(&["name"], &object(&GRPC_HEADER_MATCH)).most(16),
    ),
    optional("method", object(&GRPC_METHOD_MATCH)),
]);

pub(super) static GRPC_METHOD_MATCH: Struct = fields(&[
    optional("method", text().most(1024)),
    optional("service", text().most(1024)),
    optional("type", text().one_of(&["Exact", "RegularExpression"])).or("Exact"),
]);

pub(super) static GRPC_HEADER_MATCH: Struct = fields(&[
    required("name", text().least(1).most(256).like(HEADER_NAME)),
    optional("type", text().one_of(&["Exact", "RegularExpression"])).or("Exact"),
    required("value", text().least(1).most(4096)),
]);

pub(super) static GRPC_ROUTE_FILTER: Struct = fields(&[
    optional("extensionRef", object(&LOCAL_OBJECT_REFERENCE)),
    optional("requestHeaderModifier", object(&HTTP_HEADER_FILTER)),
    optional("requestMirror", object(&REQUEST_MIRROR_FILTER)),
    optional("responseHeaderModifier", object(&HTTP_HEADER_FILTER)),
    required(
        "type",
        text().one_of(&[
            "ResponseHeaderModifier",
            "RequestHeaderModifier",
            "RequestMirror",
            "ExtensionRef",
        ]),
    ),
]);

pub(super) static GRPC_BACKEND_REF: Struct = fields(&[
    optional("filters", atomic(&object(&GRPC_ROUTE_FILTER)).most(16)),
    optional("group", text().most(253).like(GROUP)).or(""),
    optional("kind", text().least(1).most(63).like(KIND)).or("Service"),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
    optional("port", int32().least(1).most(65_535)),
    optional("weight", int32().least(0).most(1_000_000)).or_number(1),
]);
