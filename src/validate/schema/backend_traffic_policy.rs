//! XBackendTrafficPolicy.

use super::pattern::DURATION;
use super::policy::{POLICY_STATUS, POLICY_TARGET};
use super::session_persistence::SESSION_PERSISTENCE;
use super::table::{
    API_VERSION, KIND_NAME, METADATA, Struct, fields, integer, keyed, object, optional, required,
    text,
};

pub(super) static BACKEND_TRAFFIC_POLICY: Struct = fields(&[
    API_VERSION,
    KIND_NAME,
    METADATA,
    required("spec", object(&BACKEND_TRAFFIC_POLICY_SPEC)),
    optional("status", object(&POLICY_STATUS)),
]);

pub(super) static BACKEND_TRAFFIC_POLICY_SPEC: Struct = fields(&[
    optional("retryConstraint", object(&RETRY_CONSTRAINT)),
    optional("sessionPersistence", object(&SESSION_PERSISTENCE)),
    required(
        "targetRefs",
        keyed(&["group", "kind", "name"], &object(&POLICY_TARGET))
            .least(1)
            .most(16),
    ),
]);

pub(super) static RETRY_CONSTRAINT: Struct = fields(&[
    optional("budget", object(&RETRY_BUDGET)).or_json(r#"{"interval":"10s","percent":20}"#),
    optional("minRetryRate", object(&REQUEST_RATE)).or_json(r#"{"count":10,"interval":"1s"}"#),
]);

pub(super) static RETRY_BUDGET: Struct = fields(&[
    optional("interval", text().like(DURATION)).or("10s"),
    optional("percent", integer().least(0).most(100)).or_number(20),
]);

pub(super) static REQUEST_RATE: Struct = fields(&[
    optional("count", integer().least(1).most(1_000_000)),
    optional("interval", text().like(DURATION)),
]);
