//! Label selectors.

use super::table::{Struct, atomic, fields, map, object, optional, required, text};

pub(super) static LABEL_SELECTOR: Struct = fields(&[
    optional(
        "matchExpressions",
        atomic(&object(&LABEL_SELECTOR_REQUIREMENT)),
    ),
    optional("matchLabels", map(&text())),
])
.atomic();

pub(super) static LABEL_SELECTOR_REQUIREMENT: Struct = fields(&[
    required("key", text()),
    required("operator", text()),
    optional("values", atomic(&text())),
]);
