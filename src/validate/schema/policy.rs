//! What policies share: targets and statuses.

use super::condition::CONDITION;
use super::parent_reference::PARENT_REFERENCE;
use super::pattern::{CONTROLLER_NAME, DNS_SUBDOMAIN, GROUP, KIND};
use super::table::{Struct, atomic, fields, keyed, object, optional, required, text};

pub(super) static POLICY_TARGET: Struct = fields(&[
    required("group", text().most(253).like(GROUP)),
    required("kind", text().least(1).most(63).like(KIND)),
    required("name", text().least(1).most(253)),
]);

pub(super) static POLICY_TARGET_SECTION: Struct = fields(&[
    required("group", text().most(253).like(GROUP)),
    required("kind", text().least(1).most(63).like(KIND)),
    required("name", text().least(1).most(253)),
    optional("sectionName", text().least(1).most(253).like(DNS_SUBDOMAIN)),
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
