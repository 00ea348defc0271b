//! Rules of a listener's TLS settings.

use super::logic::{is, when};
use super::rule;
use crate::validate::rule::Rule;
use crate::validate::view::either;
use crate::vocab::Window;

/// On `tls` of a listener.
pub(super) const RULES: &[Rule] = &[rule(
    "listener_tls_config.certificate_refs.given_to_terminate",
    Window::ALWAYS,
    "mode `Terminate` needs something to terminate with: `certificateRefs` (an explicit empty list reads as none) or `options`",
    |tls, _| {
        when(is(tls, "mode", "Terminate"), || {
            let some = |field| tls.get(field).map(|found| found.len() > 0);
            either(some("certificateRefs"), || some("options"))
        })
    },
)];
