//! Rules of the list of listeners that a Gateway and a ListenerSet have.

use super::listener_tls;
use super::logic::{
    all, has_integer, integer, is, is_one_of, not, only_one, same, text, unique, when,
};
use super::place::{Kind, Place, part, rules};
use super::{Found, rule};
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View, both, either};
use crate::vocab::{Release, Window};

pub(super) const SET: Kind = Kind {
    name: "ListenerSet",
    versions: &[("v1", Window::since(Release::V1_5))],
    places: SET_PLACES,
};

/// The same under its first name.
pub(super) const EXPERIMENTAL_SET: Kind = Kind {
    name: "XListenerSet",
    versions: &[(
        "v1alpha1",
        Window::EXPERIMENTAL.and(Window::before(Release::V1_5)),
    )],
    places: SET_PLACES,
};

const SET_PLACES: &[Place] = &[part("spec", PLACES), rules("spec.listeners", OF_A_SET)];

/// Below the spec of a Gateway or a ListenerSet.
pub(super) const PLACES: &[Place] = &[
    rules("listeners", LIST),
    rules("listeners[].tls", listener_tls::RULES),
];

const LIST: &[Rule] = &[
    rule(
        "listener.tls.absent_for_plain_protocols",
        Window::ALWAYS,
        "a listener for `HTTP`, `TCP` or `UDP` has no `tls`: remove it, or use `HTTPS` or `TLS`",
        |listeners, _| all(listeners, has_tls_by_protocol),
    )
    .showing(Found::Item(has_tls_by_protocol)),
    rule(
        "listener.tls.https_terminates",
        Window::ALWAYS,
        "an `HTTPS` listener ends TLS itself: `tls.mode` must be `Terminate`; `Passthrough` needs protocol `TLS`",
        |listeners, _| all(listeners, terminates_https),
    )
    .showing(Found::Item(terminates_https)),
    rule(
        "listener.tls.mode_given_for_tls",
        Window::since(Release::V1_5),
        "a `TLS` listener needs `tls` with a `mode`, `Terminate` or `Passthrough`",
        |listeners, _| all(listeners, has_mode_for_tls),
    )
    .showing(Found::Item(has_mode_for_tls)),
    rule(
        "listener.hostname.absent_for_layer_4",
        Window::ALWAYS,
        "a listener for `TCP` or `UDP` has no `hostname`: nothing in the traffic names a host",
        |listeners, _| all(listeners, has_hostname_by_protocol),
    )
    .showing(Found::Item(has_hostname_by_protocol)),
    rule(
        "listener.name.unique",
        Window::ALWAYS,
        "two listeners have the same `name`",
        |listeners, _| unique(listeners, |one, other| same("name", one, other)),
    )
    .showing(Found::Twins(&["name"])),
];

/// A Gateway's listeners always have a port.
pub(super) const OF_A_GATEWAY: &[Rule] = &[rule(
    "gateway_spec.listeners.unique_port_protocol_hostname",
    Window::ALWAYS,
    "two listeners have the same `port`, `protocol` and `hostname`: they must differ in one of them",
    |listeners, _| unique(listeners, same_traffic),
).showing(Found::Twins(&["port", "protocol", "hostname"]))];

/// Where a listener of a set has no port, it is not compared.
const OF_A_SET: &[Rule] = &[rule(
    "listener_set_spec.listeners.unique_port_protocol_hostname",
    Window::ALWAYS,
    "two listeners have the same `port`, `protocol` and `hostname`: they must differ in one of them",
    |listeners, _| {
        all(listeners, |one| {
            either(not(has_integer(one, "port")), || {
                only_one(listeners, |other| {
                    both(has_integer(other, "port"), || same_traffic(one, other))
                })
            })
        })
    },
).showing(Found::Twins(&["port", "protocol", "hostname"]))];

fn has_tls_by_protocol(listener: View<'_>) -> Answer {
    let is_plain = is_one_of(listener, "protocol", &["HTTP", "TCP", "UDP"]);
    when(is_plain, || Ok(!listener.has("tls")))
}

fn terminates_https(listener: View<'_>) -> Answer {
    let applies = both(
        is(listener, "protocol", "HTTPS"),
        || Ok(listener.has("tls")),
    );
    when(applies, || mode_is_one_of(listener, &["", "Terminate"]))
}

fn has_mode_for_tls(listener: View<'_>) -> Answer {
    when(is(listener, "protocol", "TLS"), || {
        let mode = listener.field("tls").and_then(|tls| tls.field("mode"));
        Ok(mode.is_some_and(|mode| !mode.as_str().is_empty()))
    })
}

fn has_hostname_by_protocol(listener: View<'_>) -> Answer {
    when(is_one_of(listener, "protocol", &["TCP", "UDP"]), || {
        either(Ok(!listener.has("hostname")), || {
            is(listener, "hostname", "")
        })
    })
}

fn mode_is_one_of(listener: View<'_>, modes: &[&str]) -> Answer {
    Ok(modes.contains(&text(listener.get("tls")?, "mode")?))
}

/// No hostname and an empty one differ here.
fn same_traffic(one: View<'_>, other: View<'_>) -> Answer {
    let same_port = || Ok(integer(one, "port")? == integer(other, "port")?);
    both(same_port(), || {
        both(same("protocol", one, other), || {
            Ok(one.field("hostname") == other.field("hostname"))
        })
    })
}
