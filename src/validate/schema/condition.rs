//! Conditions of statuses.

use super::pattern::{CONDITION_REASON, QUALIFIED_NAME};
use super::table::{Struct, date_time, fields, int64, optional, required, text};

pub(super) static CONDITION: Struct = fields(&[
    required("lastTransitionTime", date_time()),
    required("message", text().most(32_768)),
    optional("observedGeneration", int64().least(0)),
    required("reason", text().least(1).most(1024).like(CONDITION_REASON)),
    required("status", text().one_of(&["True", "False", "Unknown"])),
    required("type", text().most(316).like(QUALIFIED_NAME)),
]);

/// A condition that no controller has looked at yet.
macro_rules! waiting {
    ($kind:literal) => {
        concat!(
            r#"{"type":""#,
            $kind,
            r#"","status":"Unknown","reason":"Pending","message":"Waiting for controller","#,
            r#""lastTransitionTime":"1970-01-01T00:00:00Z"}"#
        )
    };
}

/// The conditions of a new object.
pub(super) const WAITING_CONDITIONS_ACCEPTED: &str = concat!("[", waiting!("Accepted"), "]");
pub(super) const WAITING_CONDITIONS: &str =
    concat!("[", waiting!("Accepted"), ",", waiting!("Programmed"), "]");

/// The status of a new object.
pub(super) const WAITING_ACCEPTED: &str = concat!(r#"{"conditions":["#, waiting!("Accepted"), "]}");
pub(super) const WAITING: &str = concat!(
    r#"{"conditions":["#,
    waiting!("Accepted"),
    ",",
    waiting!("Programmed"),
    "]}"
);
