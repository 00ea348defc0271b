//! HTTPRoute, without matches and filters.

use super::backend_reference::HTTP_BACKEND_REF;
use super::http_filter::HTTP_ROUTE_FILTER;
use super::http_match::HTTP_ROUTE_MATCH;
use super::parent_reference::PARENT_REFERENCE;
use super::pattern::{DNS_SUBDOMAIN, DURATION, HOSTNAME};
use super::route::ROUTE_STATUS;
use super::session_persistence::SESSION_PERSISTENCE;
use super::table::{
    API_VERSION, EXPERIMENTAL, KIND_NAME, List, METADATA, SINCE_V1_5, SINCE_V1_6, Struct, atomic,
    fields, integer, object, optional, required, text,
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
