//! Where rules hang in a UDPRoute.

use super::place::{Kind, part, rules};
use super::{backend_reference, parent_reference, route_rule};
use crate::vocab::{Release, Window};

pub(super) const KIND: Kind = Kind {
    name: "UDPRoute",
    versions: &[
        ("v1", Window::since(Release::V1_6)),
        (
            "v1alpha2",
            Window::EXPERIMENTAL.or(Window::since(Release::V1_6)),
        ),
    ],
    places: &[
        part("spec", parent_reference::PLACES),
        rules("spec.rules", route_rule::LIST).versions(&["v1alpha2"]),
        part("spec.rules[].backendRefs[]", backend_reference::PLACES),
    ],
};
