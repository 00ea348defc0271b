//! Rules of a TLSRoute as a whole, and where the others hang.

use super::hostname::{is_dns_name, is_ip};
use super::logic::all;
use super::place::{Kind, part, rules};
use super::{Found, backend_reference, parent_reference, route_rule, rule};
use crate::validate::rule::Rule;
use crate::validate::view::{Answer, View};
use crate::vocab::{Release, Window};

pub(super) const KIND: Kind = Kind {
    name: "TLSRoute",
    versions: &[
        ("v1", Window::since(Release::V1_5)),
        (
            "v1alpha3",
            Window::EXPERIMENTAL.or(Window::since(Release::V1_5)),
        ),
        (
            "v1alpha2",
            Window::EXPERIMENTAL.or(Window::since(Release::V1_5)),
        ),
    ],
    places: &[
        part("spec", parent_reference::PLACES),
        rules("spec.hostnames", HOSTNAMES).versions(&["v1", "v1alpha3"]),
        rules("spec.rules", route_rule::LIST).versions(&["v1alpha2"]),
        // Later releases gave v1alpha3 the schema of v1, whose single rule cannot clash with itself.
        rules("spec.rules", route_rule::LIST)
            .versions(&["v1alpha3"])
            .only(Window::before(Release::V1_5)),
        part("spec.rules[].backendRefs[]", backend_reference::PLACES),
    ],
};

const HOSTNAMES: &[Rule] = &[
    rule(
        "tls_route_spec.hostnames.no_ip_addresses",
        Window::since(Release::V1_5),
        "a hostname is not an IP address: clients send no IP addresses as server names",
        |hostnames, _| all(hostnames, is_no_ip),
    )
    .showing(Found::Item(is_no_ip)),
    rule(
        "tls_route_spec.hostnames.valid_dns_names",
        Window::since(Release::V1_5),
        "a hostname is made of lower-case letters, digits and hyphens in labels joined by dots",
        |hostnames, _| all(hostnames, is_dns_name_or_wildcard),
    )
    .showing(Found::Item(is_dns_name_or_wildcard)),
    rule(
        "tls_route_spec.hostnames.wildcard_as_first_label",
        Window::since(Release::V1_5),
        "`*` stands for the whole first label only, with a DNS name after it: `*.example.com`",
        |hostnames, _| all(hostnames, has_wildcard_first),
    )
    .showing(Found::Item(has_wildcard_first)),
];

fn is_no_ip(hostname: View<'_>) -> Answer {
    Ok(!is_ip(hostname.as_str()))
}

fn is_dns_name_or_wildcard(hostname: View<'_>) -> Answer {
    let hostname = hostname.as_str();
    Ok(hostname.contains('*') || is_dns_name(hostname))
}

fn has_wildcard_first(hostname: View<'_>) -> Answer {
    let hostname = hostname.as_str();
    Ok(!hostname.contains('*') || hostname.strip_prefix("*.").is_some_and(is_dns_name))
}
