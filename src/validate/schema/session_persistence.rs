//! Session persistence.

use super::pattern::DURATION;
use super::table::{BEFORE_V1_6, Struct, fields, object, optional, text};

pub(super) static SESSION_PERSISTENCE: Struct = fields(&[
    optional("absoluteTimeout", text().like(DURATION)),
    optional("cookieConfig", object(&COOKIE_CONFIG)),
    optional("sessionName", text().most(128)),
    optional("type", text().one_of(&["Cookie", "Header"])).or("Cookie"),
    optional("idleTimeout", text().like(DURATION)).only(BEFORE_V1_6),
]);

pub(super) static COOKIE_CONFIG: Struct =
    fields(&[optional("lifetimeType", text().one_of(&["Permanent", "Session"])).or("Session")]);
