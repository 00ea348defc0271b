//! What the statuses of all Routes share.

use super::condition::CONDITION;
use super::parent_reference::PARENT_REFERENCE;
use super::pattern::CONTROLLER_NAME;
use super::table::{Struct, atomic, fields, keyed, object, required, text};

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
