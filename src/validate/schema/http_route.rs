//! The structure of http route.

use super::http_filter::HTTP_ROUTE_FILTER;
use super::pattern::{
    DNS_LABEL, DNS_SUBDOMAIN, DURATION, GROUP, HEADER_NAME, HEADER_VALUE, HOSTNAME, KIND,
};
use super::references::PARENT_REFERENCE;
use super::session_persistence::SESSION_PERSISTENCE;
use super::status::ROUTE_STATUS;
use super::table::{
    API_VERSION, EXPERIMENTAL, EXPERIMENTAL_SINCE_V1_5, KIND_NAME, List, METADATA, SINCE_V1_5,
    SINCE_V1_6, Struct, atomic, fields, int32, integer, keyed, object, optional, required, text,
};

pub(super) static HTTP_ROUTE: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&HTTP_ROUTE_SPEC)),
    optional("status", object(&ROUTE_STATUS)),
]);

pub(super) static HTTP_ROUTE_SPEC: Struct = fields(&[
    optional(
        "hostnames",
        atomic(&text().least(1).most(253).like(HOSTNAME)).most(16),
    ),
    optional("parentRefs", atomic(&object(&PARENT_REFERENCE)).most(32)),
    optional(
        "rules",
        atomic(&object(&HTTP_ROUTE_RULE))
            .least_in(SINCE_V1_5, 1)
            .most(16),
    )
    .or_json(r#"[{"matches":[{"path":{"type":"PathPrefix","value":"/"}}]}]"#),
    optional("useDefaultGateways", text().one_of(&["All", "None"])).only(EXPERIMENTAL),
]);

pub(super) static HTTP_ROUTE_RULE: Struct = fields(&[
    optional("backendRefs", atomic(&object(&HTTP_BACKEND_REF)).most(16)),
    optional("filters", atomic(&object(&HTTP_ROUTE_FILTER)).most(16)),
    optional("matches", atomic(&object(&HTTP_ROUTE_MATCH)).most(64))
        .or_json(r#"[{"path":{"type":"PathPrefix","value":"/"}}]"#),
    optional("name", text().least(1).most(253).like(DNS_SUBDOMAIN)),
    optional("retry", object(&HTTP_ROUTE_RETRY)).only(EXPERIMENTAL),
    optional("sessionPersistence", object(&SESSION_PERSISTENCE)).only(EXPERIMENTAL),
    optional("timeouts", object(&HTTP_ROUTE_TIMEOUTS)),
]);

pub(super) static HTTP_ROUTE_MATCH: Struct = fields(&[
    optional(
        "headers",
        keyed(&["name"], &object(&HTTP_HEADER_MATCH)).most(16),
    ),
    optional(
        "method",
        text().one_of(&[
            "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
        ]),
    ),
    optional("path", object(&HTTP_PATH_MATCH)).or_json(r#"{"type":"PathPrefix","value":"/"}"#),
    optional(
        "queryParams",
        keyed(&["name"], &object(&HTTP_QUERY_PARAM_MATCH)).most(16),
    ),
]);

pub(super) static HTTP_PATH_MATCH: Struct = fields(&[
    optional(
        "type",
        text().one_of(&["Exact", "PathPrefix", "RegularExpression"]),
    )
    .or("PathPrefix"),
    optional("value", text().most(1024)).or("/"),
]);

pub(super) static HTTP_HEADER_MATCH: Struct = fields(&[
    required("name", text().least(1).most(256).like(HEADER_NAME)),
    optional("type", text().one_of(&["Exact", "RegularExpression"])).or("Exact"),
    required(
        "value",
        text()
            .least(1)
            .most(4096)
            .like_in(EXPERIMENTAL_SINCE_V1_5, HEADER_VALUE),
    ),
]);

pub(super) static HTTP_QUERY_PARAM_MATCH: Struct = fields(&[
    required("name", text().least(1).most(256).like(HEADER_NAME)),
    optional("type", text().one_of(&["Exact", "RegularExpression"])).or("Exact"),
    required("value", text().least(1).most(1024)),
]);

pub(super) static HTTP_BACKEND_REF: Struct = fields(&[
    optional("filters", atomic(&object(&HTTP_ROUTE_FILTER)).most(16)),
    optional("group", text().most(253).like(GROUP)).or(""),
    optional("kind", text().least(1).most(63).like(KIND)).or("Service"),
    required("name", text().least(1).most(253)),
    optional("namespace", text().least(1).most(63).like(DNS_LABEL)),
    optional("port", int32().least(1).most(65_535)),
    optional("weight", int32().least(0).most(1_000_000)).or_number(1),
]);

pub(super) static HTTP_ROUTE_TIMEOUTS: Struct = fields(&[
    optional("backendRequest", text().like(DURATION)),
    optional("request", text().like(DURATION)),
]);

pub(super) static HTTP_ROUTE_RETRY: Struct = fields(&[
    optional("attempts", integer().least_in(SINCE_V1_6, 1)),
    optional("backoff", text().like(DURATION)),
    optional(
        "codes",
        atomic(&integer().least(400).most(599)).kept_in(SINCE_V1_6, List::Set),
    ),
]);
