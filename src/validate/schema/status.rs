//! The structure of status.

use super::pattern::{CONDITION_REASON, CONTROLLER_NAME, QUALIFIED_NAME};
use super::references::PARENT_REFERENCE;
use super::table::{
    Struct, atomic, date_time, fields, int64, keyed, object, optional, required, text,
};

pub(super) static CONDITION: Struct = fields(&[
    required("lastTransitionTime", date_time()),
    required("message", text().most(32_768)),
    optional("observedGeneration", int64().least(0)),
    required("reason", text().least(1).most(1024).like(CONDITION_REASON)),
    required("status", text().one_of(&["True", "False", "Unknown"])),
    required("type", text().most(316).like(QUALIFIED_NAME)),
]);

pub(super) static ROUTE_STATUS: Struct = fields(&[required(
    "parents",
    atomic(&object(&ROUTE_PARENT_STATUS)).most(32),
)]);

pub(super) static ROUTE_PARENT_STATUS: Struct = fields(&[
    required(
        "conditions",
        keyed(&["type"], &object(&CONDITION)).least(1).most(8),
    ),
    required(
        "controllerName",
        text().least(1).most(253).like(CONTROLLER_NAME),
    ),
    required("parentRef", object(&PARENT_REFERENCE)),
]);

pub(super) static POLICY_STATUS: Struct = fields(&[required(
    "ancestors",
    atomic(&object(&POLICY_ANCESTOR_STATUS)).most(16),
)]);

pub(super) static POLICY_ANCESTOR_STATUS: Struct = fields(&[
    required("ancestorRef", object(&PARENT_REFERENCE)),
    required(
        "conditions",
        keyed(&["type"], &object(&CONDITION)).least(1).most(8),
    ),
    required(
        "controllerName",
        text().least(1).most(253).like(CONTROLLER_NAME),
    ),
]);

pub(super) static SUPPORTED_FEATURE: Struct = fields(&[required("name", text())]);

/// The status of an object that no controller has looked at yet.
pub(super) const WAITING: &str = r#"{"conditions":[{"type":"Accepted","status":"Unknown","reason":"Pending","message":"Waiting for controller","lastTransitionTime":"1970-01-01T00:00:00Z"},{"type":"Programmed","status":"Unknown","reason":"Pending","message":"Waiting for controller","lastTransitionTime":"1970-01-01T00:00:00Z"}]}"#;
pub(super) const WAITING_ACCEPTED: &str = r#"{"conditions":[{"type":"Accepted","status":"Unknown","reason":"Pending","message":"Waiting for controller","lastTransitionTime":"1970-01-01T00:00:00Z"}]}"#;
pub(super) const WAITING_CONDITIONS: &str = r#"[{"type":"Accepted","status":"Unknown","reason":"Pending","message":"Waiting for controller","lastTransitionTime":"1970-01-01T00:00:00Z"},{"type":"Programmed","status":"Unknown","reason":"Pending","message":"Waiting for controller","lastTransitionTime":"1970-01-01T00:00:00Z"}]"#;
pub(super) const WAITING_CONDITIONS_ACCEPTED: &str = r#"[{"type":"Accepted","status":"Unknown","reason":"Pending","message":"Waiting for controller","lastTransitionTime":"1970-01-01T00:00:00Z"}]"#;
