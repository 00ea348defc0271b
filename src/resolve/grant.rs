//! The one gate for references.
//!
//! Stage: first pass of `resolve`. Takes the ReferenceGrants, answers whether one object may refer to another, and only
//! then lets the other one be looked up: a [`Permitted`] comes from [`Grants::permit`] alone, a [`Resolved`] from a
//! `Permitted` alone. It refuses to know what a reference is for.

use std::collections::{HashMap, HashSet};
use std::fmt;

/// The object that holds a reference, as grants name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Referrer<'a> {
    /// API group; empty for core.
    pub group: &'a str,
    /// Kind.
    pub kind: &'a str,
    /// Namespace.
    pub namespace: &'a str,
}

/// The object that a reference names, every default filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Target<'a> {
    /// API group; empty for core.
    pub group: &'a str,
    /// Kind.
    pub kind: &'a str,
    /// Namespace.
    pub namespace: &'a str,
    /// Name.
    pub name: &'a str,
}

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}/{}`", self.kind, self.namespace, self.name)
    }
}

/// What the ReferenceGrants of a snapshot allow.
///
/// Comparisons are exact: no wildcards, no versions, no labels; core is the empty group. Grants add up, none takes
/// anything away.
///
/// # Cost
///
/// Building is linear in the pairs of `from` and `to` entries; a question is one hash lookup, whatever the number of
/// grants.
///
/// # Spec
///
/// RG-01..11, MESH-13.
///
/// ```
/// use gatewright::resolve::{Grants, Referrer, Target};
///
/// let routes = Referrer { group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "shop" };
/// let cart = Target { group: "", kind: "Service", namespace: "backends", name: "cart" };
/// let mut grants = Grants::default();
/// assert!(grants.permit(routes, cart).is_err());
/// grants.allow("backends", [routes], [("", "Service", None)]);
/// assert_eq!(grants.permit(routes, cart)?.target(), cart);
/// # Ok::<(), gatewright::resolve::NotPermitted>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Grants<'s> {
    names_by_edge: HashMap<Edge<'s>, Names<'s>>,
}

/// Everything about a reference across namespaces but the name of its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Edge<'a> {
    from: Referrer<'a>,
    namespace: &'a str,
    group: &'a str,
    kind: &'a str,
}

#[derive(Clone, Debug)]
enum Names<'s> {
    Any,
    Only(HashSet<&'s str>),
}

impl<'s> Grants<'s> {
    /// Adds one ReferenceGrant: in its `namespace`, each of `from` may refer to each of `to` (group, kind, and a name or
    /// any). An empty name means any (RG-03); a grant without `from` or without `to` allows nothing (RG-10).
    pub fn allow(
        &mut self,
        namespace: &'s str,
        from: impl IntoIterator<Item = Referrer<'s>>,
        to: impl IntoIterator<Item = (&'s str, &'s str, Option<&'s str>), IntoIter: Clone>,
    ) {
        let to = to.into_iter();
        for from in from {
            for (group, kind, name) in to.clone() {
                let edge = Edge {
                    from,
                    namespace,
                    group,
                    kind,
                };
                let names = self
                    .names_by_edge
                    .entry(edge)
                    .or_insert_with(|| Names::Only(HashSet::new()));
                match (name.filter(|name| !name.is_empty()), names) {
                    (None, names) => *names = Names::Any,
                    (Some(name), Names::Only(known)) => {
                        known.insert(name);
                    }
                    (Some(_), Names::Any) => {}
                }
            }
        }
    }

    /// Whether `from` may refer to `target`: always inside a namespace, else when a grant in the target's namespace says
    /// so.
    ///
    /// # Errors
    ///
    /// [`NotPermitted`]; it tells nothing about the target that the reference itself does not say (RG-07).
    pub fn permit<'a>(
        &self,
        from: Referrer<'a>,
        target: Target<'a>,
    ) -> Result<Permitted<'a>, NotPermitted> {
        if from.namespace == target.namespace || self.has_grant(from, target) {
            Ok(Permitted { target })
        } else {
            Err(NotPermitted {
                from_kind: from.kind.into(),
                from_namespace: from.namespace.into(),
                target: target.to_string(),
                target_namespace: target.namespace.into(),
            })
        }
    }

    /// Lets a mesh Route refer to anything: it adds nothing that its clients could not reach themselves (MESH-13).
    pub(super) fn permit_in_mesh<'a>(&self, target: Target<'a>) -> Permitted<'a> {
        Permitted { target }
    }

    fn has_grant(&self, from: Referrer<'_>, target: Target<'_>) -> bool {
        let edge = Edge {
            from,
            namespace: target.namespace,
            group: target.group,
            kind: target.kind,
        };
        match self.names_by_edge.get(&edge) {
            None => false,
            Some(Names::Any) => true,
            Some(Names::Only(names)) => names.contains(target.name),
        }
    }
}

/// A reference that may be followed. Only [`Grants`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permitted<'a> {
    target: Target<'a>,
}

impl<'a> Permitted<'a> {
    /// What the reference names.
    pub fn target(&self) -> Target<'a> {
        self.target
    }

    /// Follows the reference: `lookup` finds the object of this namespace and name, `None` when there is none.
    pub fn find<T>(self, lookup: impl FnOnce(Target<'a>) -> Option<T>) -> Option<Resolved<'a, T>> {
        lookup(self.target).map(|object| Resolved {
            target: self.target,
            object,
        })
    }
}

/// A reference that was permitted and leads somewhere. Only [`Permitted::find`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved<'a, T> {
    target: Target<'a>,
    object: T,
}

impl<'a, T> Resolved<'a, T> {
    /// What the reference names.
    pub fn target(&self) -> Target<'a> {
        self.target
    }

    /// The object.
    pub fn object(&self) -> &T {
        &self.object
    }

    /// The object, the reference forgotten.
    pub fn into_object(self) -> T {
        self.object
    }
}

/// A reference that no ReferenceGrant allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotPermitted {
    from_kind: Box<str>,
    from_namespace: Box<str>,
    target: String,
    target_namespace: Box<str>,
}

impl fmt::Display for NotPermitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: no ReferenceGrant in namespace `{}` lets {} of namespace `{}` refer to it",
            self.target, self.target_namespace, self.from_kind, self.from_namespace
        )
    }
}

impl std::error::Error for NotPermitted {}

#[cfg(test)]
mod tests {
    use super::*;

    const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";

    fn route<'a>(kind: &'a str, namespace: &'a str) -> Referrer<'a> {
        Referrer {
            group: GATEWAY_GROUP,
            kind,
            namespace,
        }
    }

    fn service<'a>(namespace: &'a str, name: &'a str) -> Target<'a> {
        Target {
            group: "",
            kind: "Service",
            namespace,
            name,
        }
    }

    fn http_to_all_services(namespace: &'static str) -> Grants<'static> {
        let mut grants = Grants::default();
        grants.allow(
            namespace,
            [route("HTTPRoute", "shop")],
            [("", "Service", None)],
        );
        grants
    }

    /// RG-01, RG-03: group, kind and namespace of both sides must be equal, the grant must lie beside the target.
    #[test]
    fn each_part_of_a_grant_must_be_equal() {
        let grants = http_to_all_services("backends");
        let permitted = |from, to| grants.permit(from, to).is_ok();
        assert!(permitted(
            route("HTTPRoute", "shop"),
            service("backends", "cart")
        ));
        assert!(!permitted(
            route("GRPCRoute", "shop"),
            service("backends", "cart")
        ));
        assert!(!permitted(
            route("HTTPRoute", "shop2"),
            service("backends", "cart")
        ));
        assert!(!permitted(
            route("HTTPRoute", "shop"),
            service("other", "cart")
        ));
        let x_group = Referrer {
            group: "gateway.networking.x-k8s.io",
            ..route("HTTPRoute", "shop")
        };
        assert!(!permitted(x_group, service("backends", "cart")));
        let secret = Target {
            kind: "Secret",
            ..service("backends", "cart")
        };
        assert!(!permitted(route("HTTPRoute", "shop"), secret));
        let core = Target {
            group: "core",
            ..service("backends", "cart")
        };
        assert!(!permitted(route("HTTPRoute", "shop"), core));
    }

    /// RG-03: the group of core is empty; `core` matches nothing real.
    #[test]
    fn the_group_core_is_not_the_core_group() {
        let mut grants = Grants::default();
        grants.allow(
            "backends",
            [route("HTTPRoute", "shop")],
            [("core", "Service", None)],
        );
        assert!(
            grants
                .permit(route("HTTPRoute", "shop"), service("backends", "cart"))
                .is_err()
        );
    }

    /// RG-01, RG-03: a name limits a grant to one object; none or an empty one means any.
    #[test]
    fn a_name_limits_the_grant() {
        for (name, cart, stock) in [
            (Some("cart"), true, false),
            (Some(""), true, true),
            (None, true, true),
        ] {
            let mut grants = Grants::default();
            grants.allow(
                "backends",
                [route("HTTPRoute", "shop")],
                [("", "Service", name)],
            );
            for (target, expected) in [("cart", cart), ("stock", stock)] {
                let answer = grants.permit(route("HTTPRoute", "shop"), service("backends", target));
                assert_eq!(answer.is_ok(), expected, "{name:?} {target}");
            }
        }
    }

    /// RG-02: inside a grant every `from` goes with every `to`; entries of two grants do not mix.
    #[test]
    fn entries_combine_inside_one_grant_only() {
        let mut grants = Grants::default();
        grants.allow(
            "backends",
            [route("HTTPRoute", "a"), route("TLSRoute", "b")],
            [("", "Service", Some("cart")), ("", "Secret", None)],
        );
        grants.allow(
            "backends",
            [route("UDPRoute", "c")],
            [("", "Service", Some("dns"))],
        );
        for (from, name, expected) in [
            (route("HTTPRoute", "a"), "cart", true),
            (route("TLSRoute", "b"), "cart", true),
            (route("UDPRoute", "c"), "dns", true),
            (route("HTTPRoute", "a"), "dns", false),
            (route("UDPRoute", "c"), "cart", false),
            (route("HTTPRoute", "b"), "cart", false),
        ] {
            let answer = grants.permit(from, service("backends", name));
            assert_eq!(answer.is_ok(), expected, "{from:?} {name}");
        }
    }

    /// RG-02: grants add up in any order; a narrow one never takes from a wide one.
    #[test]
    fn grants_add_up() {
        let names = [Some("cart"), None, Some("stock")];
        for order in [[0, 1, 2], [1, 0, 2], [2, 0, 1], [2, 1, 0]] {
            let mut grants = Grants::default();
            for index in order {
                grants.allow(
                    "backends",
                    [route("HTTPRoute", "shop")],
                    [("", "Service", names[index])],
                );
            }
            for name in ["cart", "stock", "third"] {
                let answer = grants.permit(route("HTTPRoute", "shop"), service("backends", name));
                assert!(answer.is_ok(), "{order:?} {name}");
            }
        }
    }

    /// RG-04: inside a namespace nothing needs a grant.
    #[test]
    fn inside_a_namespace_no_grant_is_needed() {
        let grants = Grants::default();
        assert!(
            grants
                .permit(route("UDPRoute", "shop"), service("shop", "cart"))
                .is_ok()
        );
    }

    /// RG-09: a kind that nobody knows simply never matches; sets are referrers of their own kind (GW-CERT-10).
    #[test]
    fn sets_are_not_gateways() {
        let mut grants = Grants::default();
        grants.allow(
            "certs",
            [route("ListenerSet", "shop"), route("Whatever", "shop")],
            [("", "Secret", None)],
        );
        let secret = Target {
            kind: "Secret",
            ..service("certs", "tls")
        };
        assert!(grants.permit(route("ListenerSet", "shop"), secret).is_ok());
        assert!(grants.permit(route("Gateway", "shop"), secret).is_err());
    }

    /// RG-10: a grant without one side allows nothing.
    #[test]
    fn half_a_grant_is_none() {
        let mut grants = Grants::default();
        grants.allow("backends", [], [("", "Service", None)]);
        grants.allow("backends", [route("HTTPRoute", "shop")], []);
        assert!(
            grants
                .permit(route("HTTPRoute", "shop"), service("backends", "cart"))
                .is_err()
        );
    }

    /// RG-07: the refusal names the reference only, and nothing is looked up before permission.
    #[test]
    fn a_refusal_tells_nothing_about_the_target() {
        let grants = Grants::default();
        let refusal = grants
            .permit(route("HTTPRoute", "shop"), service("backends", "cart"))
            .unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "Service `backends/cart`: no ReferenceGrant in namespace `backends` lets HTTPRoute of namespace `shop` refer to it"
        );
    }

    /// MESH-13: mesh Routes need no grant.
    #[test]
    fn mesh_routes_need_no_grant() {
        let permitted = Grants::default().permit_in_mesh(service("backends", "cart"));
        let found = permitted.find(|target| (target.name == "cart").then_some(7));
        assert_eq!(found.map(Resolved::into_object), Some(7));
        assert!(permitted.find(|_| None::<u8>).is_none());
    }
}
