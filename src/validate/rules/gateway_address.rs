//! Rules of a Gateway's addresses: those asked for in the spec, and those assigned in the status.

use super::hostname::is_hostname;
use super::logic::{all, is, only_one, same, text, when};
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View, both};
use crate::vocab::Window;

/// On the list of the spec.
pub(super) const LIST: &[Rule] = &[
    rule(
        "gateway_spec.addresses.unique_ip_addresses",
        Window::ALWAYS,
        "the same IP address is asked for twice",
        |addresses, _| unique_values(addresses, "IPAddress"),
    )
    .showing(Found::Twins(&["type", "value"])),
    rule(
        "gateway_spec.addresses.unique_hostnames",
        Window::ALWAYS,
        "the same hostname is asked for twice",
        |addresses, _| unique_values(addresses, "Hostname"),
    )
    .showing(Found::Twins(&["type", "value"])),
];

/// On one address of the spec, whose value may be left out: any address will do.
pub(super) const REQUESTED: &[Rule] = &[rule(
    "gateway_spec_address.value.hostname_of_valid_characters",
    Window::ALWAYS,
    "an address of type `Hostname` must be a lower-case DNS name, at most with `*.` in front",
    |address, _| {
        when(is(address, "type", "Hostname"), || {
            Ok(address
                .field("value")
                .is_none_or(|value| is_hostname(value.as_str())))
        })
    },
)
.showing(Found::Fields(&["value"]))];

/// On one address of the status.
pub(super) const ASSIGNED: &[Rule] = &[rule(
    "gateway_status_address.value.hostname_of_valid_characters",
    Window::ALWAYS,
    "an address of type `Hostname` must be a lower-case DNS name, at most with `*.` in front",
    |address, _| {
        when(is(address, "type", "Hostname"), || {
            Ok(is_hostname(text(address, "value")?))
        })
    },
)
.showing(Found::Fields(&["value"]))];

fn unique_values(addresses: View<'_>, of_type: &str) -> Answer {
    all(addresses, |one| {
        let applies = both(is(one, "type", of_type), || Ok(one.has("value")));
        when(applies, || {
            only_one(addresses, |other| {
                both(same("type", one, other), || {
                    both(Ok(other.has("value")), || same("value", one, other))
                })
            })
        })
    })
}
