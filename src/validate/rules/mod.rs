//! The rules that go beyond the schema: each a row beside the struct that it hangs on.
//!
//! A file holds the rules of one struct in the order of the specification, and says in `PLACES` which of its fields
//! hold other structs with rules. Read together, [`KINDS`] and those tables form a tree in which [`rules_at`] looks a
//! place up. Release and channel are a column of the row (or of a place), never a folder.
//!
//! What an API server accepts but has no effect is no rule: see `resolve`.

mod backend_reference;
mod backend_tls_policy;
mod cors_filter;
mod duration;
mod external_auth_filter;
mod found;
mod fraction;
mod gateway;
mod gateway_address;
mod gateway_class;
mod gateway_infrastructure;
mod gateway_tls;
mod grpc_method_match;
mod grpc_route;
mod hostname;
mod http_filter;
mod http_path_match;
mod http_path_modifier;
mod http_route;
mod http_route_rule;
mod http_timeouts;
mod listener;
mod listener_tls;
mod logic;
mod parent_reference;
mod place;
mod policy_target;
mod request_mirror_filter;
mod retry_constraint;
mod route_filter;
mod route_rule;
mod session_persistence;
mod subject_alt_name;
mod tcp_route;
mod tls_route;
mod tls_validation;
mod udp_route;
mod x_backend;
mod x_backend_traffic_policy;
mod x_mesh;

pub(crate) use self::found::{Found, message};
pub use self::place::PlacedRule;
pub(crate) use self::place::RuleGroup;

use self::place::Kind;
use super::ErrorKind;
use super::rule::Rule;
use super::view::{Answer, View};
use crate::vocab::{Bundle, Window};

/// Every kind that has rules, and in which versions.
const KINDS: &[Kind] = &[
    gateway_class::KIND,
    gateway::KIND,
    listener::SET,
    listener::EXPERIMENTAL_SET,
    http_route::KIND,
    grpc_route::KIND,
    tls_route::KIND,
    tcp_route::KIND,
    udp_route::KIND,
    backend_tls_policy::KIND,
    x_backend::KIND,
    x_backend_traffic_policy::KIND,
    x_mesh::KIND,
];

/// The rules that hang on one place of a kind: `spec.rules[].filters[]`, empty for the object itself.
///
/// Asked once per place and bundle, when a schema is compiled.
pub(crate) fn rules_at(kind: &str, version: &str, place: &str, bundle: Bundle) -> Vec<RuleGroup> {
    let mut found = Vec::new();
    for table in KINDS.iter().filter(|table| table.name == kind) {
        table.at(version, place, bundle, &mut found);
    }
    found
}

/// Every rule at every place where it hangs, in all bundles.
///
/// # Cost
///
/// Builds the list anew each time: about 400 places with a path each.
pub fn placed_rules() -> Vec<PlacedRule> {
    KINDS.iter().flat_map(Kind::placed).collect()
}

/// A row whose breach is an invalid value at the place of the rule: what all rules of the known bundles are.
const fn rule(
    id: &'static str,
    window: Window,
    message: &'static str,
    holds: fn(View<'_>, Option<View<'_>>) -> Answer,
) -> Rule {
    Rule {
        id,
        window,
        kind: ErrorKind::FieldValueInvalid,
        field: "",
        message,
        found: Found::Nothing,
        holds,
        transition: false,
    }
}

impl Rule {
    /// The row, whose breach shows this of the value.
    const fn showing(self, found: Found) -> Rule {
        Rule { found, ..self }
    }
}

/// A row that compares with the old object.
const fn transition(
    id: &'static str,
    window: Window,
    message: &'static str,
    holds: fn(View<'_>, Option<View<'_>>) -> Answer,
) -> Rule {
    Rule {
        transition: true,
        ..rule(id, window, message, holds)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::validate::schema;
    use crate::validate::sight::Sight;

    #[test]
    fn looking_up_a_place_finds_what_the_list_says() {
        let all = placed_rules();
        for bundle in Bundle::ALL {
            for placed in &all {
                let (kind, version, place) = (placed.kind(), placed.version(), placed.place());
                let listed: Vec<&str> = all
                    .iter()
                    .filter(|other| {
                        (other.kind(), other.version(), other.place()) == (kind, version, place)
                            && other.window().holds(bundle)
                    })
                    .map(PlacedRule::id)
                    .collect();
                let found: Vec<&str> = rules_at(kind, version, place, bundle)
                    .iter()
                    .flat_map(|group| &group.rules)
                    .map(|rule| rule.id)
                    .collect();
                assert_eq!(found, listed, "{kind} {version} {place} in {bundle}");
            }
        }
    }

    /// Where a glance is content, every rule holds: over paths, filters and parents, good and bad.
    #[test]
    fn a_glance_never_hides_a_breach() {
        let mut rules = Vec::new();
        for path_type in ["Exact", "PathPrefix", "RegularExpression", "Glob"] {
            for value in [
                "/",
                "/a",
                "/a/",
                "a",
                "",
                "//",
                "/a//b",
                "/.",
                "/..",
                "/./",
                "/a/.",
                "/a/..",
                "/a/../b",
                "/a.",
                "/a..b",
                "/%2f",
                "/%2F",
                "/%41",
                "/%zz",
                "/a#b",
                "/a b",
                "/a?b",
                "/\u{e9}",
                "/-._~!$&'()*+,;=:@",
            ] {
                rules.push(json!({"matches": [{"path": {"type": path_type, "value": value}}]}));
            }
        }
        let bodies = [
            ("requestHeaderModifier", json!({})),
            ("responseHeaderModifier", json!({})),
            ("requestMirror", json!({"backendRef": {"name": "a"}})),
            (
                "extensionRef",
                json!({"group": "a", "kind": "b", "name": "c"}),
            ),
            (
                "requestRedirect",
                json!({"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}}),
            ),
            (
                "urlRewrite",
                json!({"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}}),
            ),
            ("cors", json!({})),
            ("externalAuth", json!({"protocol": "HTTP"})),
        ];
        let types = [
            "RequestHeaderModifier",
            "ResponseHeaderModifier",
            "RequestMirror",
            "ExtensionRef",
            "RequestRedirect",
            "URLRewrite",
            "CORS",
            "ExternalAuth",
            "Other",
        ];
        let mut filters = Vec::new();
        for filter_type in types {
            filters.push(json!({"type": filter_type}));
            for (field, body) in &bodies {
                filters.push(json!({"type": filter_type, *field: body}));
                filters.push(json!({"type": filter_type, *field: body, "cors": {}}));
            }
        }
        for (at, filter) in filters.iter().enumerate() {
            let backend = json!({"name": "a", "port": 1, "filters": [filter]});
            let matches = json!([{"path": {"type": "Exact", "value": "/"}}]);
            rules.push(json!({"filters": [filter], "backendRefs": [{"name": "a"}]}));
            rules.push(json!({"filters": [filter], "matches": matches}));
            rules.push(json!({"backendRefs": [backend], "matches": matches}));
            for other in filters.iter().skip(at % 7).step_by(7) {
                rules.push(json!({"filters": [filter, other]}));
            }
        }
        let parents = [
            json!([]),
            json!([{"name": "a"}]),
            json!([{"name": "a", "port": 80.0}]),
            json!([{"name": "a", "port": 80, "sectionName": "b"}]),
            json!([{"kind": "Gateway"}]),
            json!([{"name": "a"}, {"name": "a"}]),
            json!([{"name": "a"}, {"name": "a", "sectionName": "b"}]),
        ];
        let (mut content, mut broken) = (0, 0);
        for bundle in Bundle::ALL {
            for kind in ["HTTPRoute", "GRPCRoute"] {
                let table = schema::find("gateway.networking.k8s.io", kind).unwrap();
                let node = table.compiled("v1", bundle).unwrap();
                let routes = parents
                    .iter()
                    .map(|refs| json!({"spec": {"parentRefs": refs}}));
                let routes =
                    routes.chain(rules.iter().map(|rule| json!({"spec": {"rules": [rule]}})));
                for route in routes {
                    glance_below(Sight::of(&route, node).view(), &mut content, &mut broken);
                }
            }
        }
        assert!(content > 1_000 && broken > 1_000, "{content} {broken}");
    }

    fn glance_below(view: View<'_>, content: &mut usize, broken: &mut usize) {
        for group in &view.schema().rules {
            let Some(glance) = group.glance else { continue };
            let breach = group
                .rules
                .iter()
                .find(|rule| (rule.holds)(view, None) != Ok(true));
            *broken += usize::from(breach.is_some());
            if glance(view) {
                *content += 1;
                assert!(
                    breach.is_none(),
                    "{} {}",
                    breach.map_or("", |rule| rule.id),
                    view.raw()
                );
            }
        }
        for below in view
            .fields()
            .filter_map(|(_, below)| below)
            .chain(view.items())
        {
            glance_below(below, content, broken);
        }
    }

    #[test]
    fn nothing_hangs_on_other_places() {
        for (kind, version, place) in [
            ("HTTPRoute", "v1", ""),
            ("HTTPRoute", "v1", "spec.rules[].filters[]."),
            ("HTTPRoute", "v1", "spec.rules[].filters[]x"),
            ("HTTPRoute", "v2", "spec.rules"),
            ("TLSRoute", "v1alpha2", "spec.hostnames"),
            ("ReferenceGrant", "v1", "spec"),
        ] {
            for bundle in Bundle::ALL {
                assert!(rules_at(kind, version, place, bundle).is_empty(), "{place}");
            }
        }
    }
}
