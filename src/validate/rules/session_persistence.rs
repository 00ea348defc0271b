//! Rules of session persistence, on routes and on backend policies.

use super::logic::is;
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::validate::view::either;
use crate::vocab::{Release, Window};

/// On `sessionPersistence`.
pub(super) const RULES: &[Rule] = &[
    rule(
        "session_persistence.absolute_timeout.given_for_permanent_cookie",
        Window::EXPERIMENTAL,
        "a cookie with `lifetimeType: Permanent` needs an `absoluteTimeout`",
        |session, _| {
            let lifetime = session
                .field("cookieConfig")
                .and_then(|cookie| cookie.field("lifetimeType"));
            let is_permanent = lifetime.is_some_and(|lifetime| lifetime == "Permanent");
            Ok(!is_permanent || session.has("absoluteTimeout"))
        },
    ),
    rule(
        "session_persistence.cookie_config.only_for_type_cookie",
        Window::EXPERIMENTAL.and(Window::since(Release::V1_5)),
        "`cookieConfig` goes with type `Cookie` only",
        |session, _| {
            either(Ok(!session.has("cookieConfig")), || {
                is(session, "type", "Cookie")
            })
        },
    )
    .showing(Found::Fields(&["type"])),
];
