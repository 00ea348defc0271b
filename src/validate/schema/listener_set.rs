//! ListenerSet, and XListenerSet before it.

use super::condition::{CONDITION, WAITING, WAITING_CONDITIONS};
use super::listener::{ALLOWED_ROUTES, LISTENER_TLS, ROUTE_GROUP_KIND};
use super::parent_reference::PARENT_GATEWAY_REFERENCE;
use super::pattern::{DNS_SUBDOMAIN, HOSTNAME, PROTOCOL};
use super::table::{
    API_VERSION, BEFORE_V1_5, KIND_NAME, METADATA, SINCE_V1_5, Struct, atomic, fields, int32,
    keyed, object, optional, required, text,
};

pub(super) static LISTENER_SET: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&LISTENER_SET_SPEC)),
    optional("status", object(&LISTENER_SET_STATUS)).or_json(WAITING),
]);

pub(super) static EXPERIMENTAL_LISTENER_SET: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&LISTENER_SET_SPEC)),
    optional("status", object(&LISTENER_SET_STATUS)).or_json(WAITING),
]);

pub(super) static LISTENER_SET_SPEC: Struct = fields(&[
    required(
        "listeners",
        keyed(&["name"], &object(&LISTENER_ENTRY)).least(1).most(64),
    ),
    required("parentRef", object(&PARENT_GATEWAY_REFERENCE)),
]);

pub(super) static LISTENER_ENTRY: Struct = fields(&[
    optional("allowedRoutes", object(&ALLOWED_ROUTES)).or_json(r#"{"namespaces":{"from":"Same"}}"#),
    optional("hostname", text().least(1).most(253).like(HOSTNAME)),
    required("name", text().least(1).most(253).like(DNS_SUBDOMAIN)),
    optional(
        "port",
        int32().least(0).least_in(SINCE_V1_5, 1).most(65_535),
    )
    .required_in(SINCE_V1_5)
    .or_number(0)
    .default_in(BEFORE_V1_5),
    required("protocol", text().least(1).most(255).like(PROTOCOL)),
    optional("tls", object(&LISTENER_TLS)),
]);

pub(super) static LISTENER_SET_STATUS: Struct = fields(&[
    optional("conditions", keyed(&["type"], &object(&CONDITION)).most(8))
        .or_json(WAITING_CONDITIONS),
    optional(
        "listeners",
        keyed(&["name"], &object(&LISTENER_ENTRY_STATUS)).most(64),
    ),
]);

pub(super) static LISTENER_ENTRY_STATUS: Struct = fields(&[
    required("attachedRoutes", int32()),
    required("conditions", keyed(&["type"], &object(&CONDITION)).most(8)),
    required("name", text().least(1).most(253).like(DNS_SUBDOMAIN)),
    optional("supportedKinds", atomic(&object(&ROUTE_GROUP_KIND)).most(8)).required_in(BEFORE_V1_5),
    required("port", int32().least(1).most(65_535)).only(BEFORE_V1_5),
]);
