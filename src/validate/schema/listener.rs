//! Listeners of a Gateway, and what they share with those of a ListenerSet.

use super::condition::CONDITION;
use super::label_selector::LABEL_SELECTOR;
use super::object_reference::SECRET_OBJECT_REFERENCE;
use super::pattern::{DNS_SUBDOMAIN, GROUP, HOSTNAME, KIND, PROTOCOL};
use super::table::{
    BEFORE_V1_5, Struct, atomic, fields, int32, keyed, map, object, optional, required, text,
};

pub(super) static LISTENER: Struct = fields(&[
    optional("allowedRoutes", object(&ALLOWED_ROUTES)).or_json(r#"{"namespaces":{"from":"Same"}}"#),
    optional("hostname", text().least(1).most(253).like(HOSTNAME)),
    required("name", text().least(1).most(253).like(DNS_SUBDOMAIN)),
    required("port", int32().least(1).most(65_535)),
    required("protocol", text().least(1).most(255).like(PROTOCOL)),
    optional("tls", object(&LISTENER_TLS)),
]);

pub(super) static LISTENER_TLS: Struct = fields(&[
    optional(
        "certificateRefs",
        atomic(&object(&SECRET_OBJECT_REFERENCE)).most(64),
    ),
    optional("mode", text().one_of(&["Terminate", "Passthrough"])).or("Terminate"),
    optional("options", map(&text().least(0).most(4096)).most(16)),
]);

pub(super) static ALLOWED_ROUTES: Struct = fields(&[
    optional("kinds", atomic(&object(&ROUTE_GROUP_KIND)).most(8)),
    optional("namespaces", object(&ROUTE_NAMESPACES)).or_json(r#"{"from":"Same"}"#),
]);

pub(super) static ROUTE_NAMESPACES: Struct = fields(&[
    optional("from", text().one_of(&["All", "Selector", "Same"])).or("Same"),
    optional("selector", object(&LABEL_SELECTOR)),
]);

pub(super) static LISTENER_NAMESPACES: Struct = fields(&[
    optional("from", text().one_of(&["All", "Selector", "Same", "None"])).or("None"),
    optional("selector", object(&LABEL_SELECTOR)),
]);

pub(super) static ROUTE_GROUP_KIND: Struct = fields(&[
    optional("group", text().most(253).like(GROUP)).or("gateway.networking.k8s.io"),
    required("kind", text().least(1).most(63).like(KIND)),
]);

pub(super) static LISTENER_STATUS: Struct = fields(&[
    required("attachedRoutes", int32()),
    required("conditions", keyed(&["type"], &object(&CONDITION)).most(8)),
    required("name", text().least(1).most(253).like(DNS_SUBDOMAIN)),
    optional("supportedKinds", atomic(&object(&ROUTE_GROUP_KIND)).most(8)).required_in(BEFORE_V1_5),
]);
