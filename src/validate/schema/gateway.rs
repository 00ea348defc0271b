//! Gateway, without its listeners and TLS settings.

use super::condition::{CONDITION, WAITING, WAITING_CONDITIONS};
use super::gateway_tls::GATEWAY_TLS;
use super::listener::{LISTENER, LISTENER_NAMESPACES, LISTENER_STATUS};
use super::object_reference::LOCAL_PARAMETERS_REFERENCE;
use super::pattern::{ADDRESS_TYPE, LABEL_VALUE};
use super::table::{
    API_VERSION, Condition, EXPERIMENTAL, KIND_NAME, METADATA, SINCE_V1_5, SINCE_V1_6,
    STANDARD_SINCE_V1_5, Struct, atomic, fields, int32, keyed, map, object, optional, required,
    text,
};

pub(super) static GATEWAY: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&GATEWAY_SPEC)),
    optional("status", object(&GATEWAY_STATUS)).or_json(WAITING),
]);

pub(super) static GATEWAY_SPEC: Struct = fields(&[
    optional("addresses", atomic(&object(&GATEWAY_ADDRESS)).most(16)),
    optional("allowedListeners", object(&ALLOWED_LISTENERS)).only(STANDARD_SINCE_V1_5),
    optional("defaultScope", text().one_of(&["All", "None"])).only(EXPERIMENTAL),
    required("gatewayClassName", text().least(1).most(253)),
    optional("infrastructure", object(&GATEWAY_INFRASTRUCTURE)),
    required(
        "listeners",
        keyed(&["name"], &object(&LISTENER)).least(1).most(64),
    ),
    optional("tls", object(&GATEWAY_TLS)).only(STANDARD_SINCE_V1_5),
]);

pub(super) static GATEWAY_ADDRESS: Struct = fields(&[
    optional("type", text().least(1).most(253).like(ADDRESS_TYPE)).or("IPAddress"),
    optional("value", text().most(253)),
])
.with(Condition::AddressOfType);

pub(super) static GATEWAY_INFRASTRUCTURE: Struct = fields(&[
    optional(
        "annotations",
        map(&text().least(0).most(4096))
            .most(8)
            .most_in(SINCE_V1_6, 16),
    ),
    optional(
        "labels",
        map(&text().least(0).most(63).like(LABEL_VALUE)).most(8),
    ),
    optional("parametersRef", object(&LOCAL_PARAMETERS_REFERENCE)),
]);

pub(super) static ALLOWED_LISTENERS: Struct =
    fields(&[optional("namespaces", object(&LISTENER_NAMESPACES)).or_json(r#"{"from":"None"}"#)]);

pub(super) static GATEWAY_STATUS: Struct = fields(&[
    optional(
        "addresses",
        atomic(&object(&GATEWAY_STATUS_ADDRESS)).most(16),
    ),
    optional("attachedListenerSets", int32()).only(SINCE_V1_5),
    optional("conditions", keyed(&["type"], &object(&CONDITION)).most(8))
        .or_json(WAITING_CONDITIONS),
    optional(
        "listeners",
        keyed(&["name"], &object(&LISTENER_STATUS)).most(64),
    ),
]);

pub(super) static GATEWAY_STATUS_ADDRESS: Struct = fields(&[
    optional("type", text().least(1).most(253).like(ADDRESS_TYPE)).or("IPAddress"),
    required("value", text().least(1).most(253)),
])
.with(Condition::AddressOfType);
