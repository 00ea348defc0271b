//! Rules of a Gateway's own TLS settings (`spec.tls`).

use super::logic::{integer, unique};
use super::place::{Place, rules};
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::vocab::{Release, Window};

/// Below `spec.tls`, which came to standard with v1.5.
pub(super) const PLACES: &[Place] = &[rules("frontend.perPort", PER_PORT)];

const PER_PORT: &[Rule] = &[rule(
    "frontend_tls_config.per_port.unique_ports",
    Window::EXPERIMENTAL.or(Window::since(Release::V1_5)),
    "two entries of `perPort` have the same `port`: each port can have its own settings once",
    |ports, _| {
        unique(ports, |one, other| {
            Ok(integer(one, "port")? == integer(other, "port")?)
        })
    },
)
.showing(Found::Twins(&["port"]))];
