use serde_json::{Value, json};

use super::*;
use crate::manifest;
use crate::resolve::{Controller, resolve};

const GATEWAY: &str = "gateway.networking.k8s.io/v1";

/// Findings as `id object path`, over a Gateway `infra/front` with listeners `web` (any host) and `shop` (shop.test),
/// a Service `shop/cart` and the objects given.
fn found(objects: Vec<Value>) -> Vec<Finding> {
    let mut all = vec![
        json!({"apiVersion": GATEWAY, "kind": "GatewayClass", "metadata": {"name": "c"},
            "spec": {"controllerName": "example.com/c"}}),
        json!({"apiVersion": GATEWAY, "kind": "Gateway", "metadata": {"name": "front", "namespace": "shop"},
        "spec": {"gatewayClassName": "c", "listeners": [
            {"name": "web", "port": 80, "protocol": "HTTP"},
            {"name": "shop", "port": 8080, "protocol": "HTTP", "hostname": "shop.test"},
        ]}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart", "namespace": "shop"},
            "spec": {"ports": [{"port": 80}]}}),
    ];
    all.extend(objects);
    let mut builder = Snapshot::builder();
    for mut object in all {
        manifest::complete(&mut object);
        builder.add(Object::from_value(object).unwrap()).unwrap();
    }
    let snapshot = builder.build();
    let resolution = resolve(&snapshot, &Controller::default());
    lint(&snapshot, &resolution)
}

fn short(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            let path = finding.path.as_deref().unwrap_or_default();
            format!("{} {} {path}", finding.kind, finding.object.name)
        })
        .collect()
}

fn route(name: &str, spec: Value) -> Value {
    let mut spec = spec;
    if spec.get("parentRefs").is_none() {
        spec["parentRefs"] = json!([{"name": "front"}]);
    }
    json!({"apiVersion": GATEWAY, "kind": "HTTPRoute", "metadata": {"name": name, "namespace": "shop"}, "spec": spec})
}

fn prefix(path: &str) -> Value {
    json!({"path": {"type": "PathPrefix", "value": path}})
}

fn to_cart() -> Value {
    json!([{"name": "cart", "port": 80}])
}

#[test]
fn a_world_in_order_has_no_findings() {
    let rules = json!([
        {"matches": [prefix("/cart"), prefix("/")], "backendRefs": to_cart()},
        {"matches": [{"path": {"type": "PathPrefix", "value": "/cart"}, "method": "POST"}], "backendRefs": to_cart()},
    ]);
    assert_eq!(
        short(&found(vec![route("r", json!({"rules": rules}))])),
        Vec::<String>::new()
    );
}

#[test]
fn the_later_of_two_equal_matches_is_shadowed() {
    let rules = json!([
        {"name": "first", "matches": [prefix("/cart")], "backendRefs": to_cart()},
        {"matches": [prefix("/cart"), prefix("/basket")], "backendRefs": to_cart()},
        {"matches": [prefix("/cart/")], "backendRefs": to_cart()},
    ]);
    let findings = found(vec![route("r", json!({"rules": rules}))]);
    assert_eq!(
        short(&findings),
        [
            "shadowed-match r spec.rules[1].matches[0]",
            "shadowed-rule r spec.rules[2]"
        ]
    );
    assert!(
        findings[0]
            .message
            .contains("rules[0].matches[0] (`first`) of HTTPRoute shop/r"),
        "{}",
        findings[0]
    );
    let witness = findings[0].witness.as_ref().unwrap();
    assert!(witness.to_string().starts_with("GET http://"), "{witness}");
    assert!(witness.path.starts_with("/cart/"), "{witness}");
}

#[test]
fn a_match_that_decides_for_one_of_its_hostnames_lives() {
    let of = |name: &str, hostnames: Value| {
        route(
            name,
            json!({"hostnames": hostnames, "rules": [{"matches": [prefix("/")], "backendRefs": to_cart()}]}),
        )
    };
    // `a` is first by name; for `other.test` the other one decides.
    let findings = found(vec![
        of("a", json!(["shop.test"])),
        of("b", json!(["shop.test", "other.test"])),
        of("c", json!(["shop.test"])),
    ]);
    assert_eq!(short(&findings), ["shadowed-rule c spec.rules[0]"]);
}

#[test]
fn a_more_specific_match_does_not_shadow() {
    let rules = json!([
        {"matches": [prefix("/")], "backendRefs": to_cart()},
        {"matches": [{"path": {"type": "PathPrefix", "value": "/"}, "headers": [{"name": "a", "value": "b"}]}], "backendRefs": to_cart()},
        {"matches": [{"path": {"type": "Exact", "value": "/x"}}], "backendRefs": to_cart()},
        {"matches": [{"path": {"type": "RegularExpression", "value": "/.*"}}], "backendRefs": to_cart()},
    ]);
    assert_eq!(
        short(&found(vec![route("r", json!({"rules": rules}))])),
        Vec::<String>::new()
    );
}

#[test]
fn a_grpc_call_can_be_shadowed() {
    let rule = |service: &str| json!({"matches": [{"method": {"service": service}}], "backendRefs": to_cart()});
    let grpc = json!({"apiVersion": GATEWAY, "kind": "GRPCRoute", "metadata": {"name": "g", "namespace": "shop"},
        "spec": {"parentRefs": [{"name": "front"}], "rules": [rule("a.B"), rule("a.C"), rule("a.B")]}});
    let findings = found(vec![grpc]);
    assert_eq!(short(&findings), ["shadowed-rule g spec.rules[2]"]);
    assert_eq!(findings[0].witness.as_ref().unwrap().scheme, "grpc");
}

/// MESH-RT-06/07: the Routes of a consumer's namespace compete among each other alone, and those of the producer too.
#[test]
fn in_a_mesh_a_match_is_shadowed_within_its_group() {
    let rules = |more: &str| {
        json!([
            {"matches": [prefix("/cart")], "backendRefs": to_cart()},
            {"matches": [prefix(more)], "backendRefs": to_cart()},
        ])
    };
    let of_service = json!([{"group": "", "kind": "Service", "name": "cart", "namespace": "shop"}]);
    let meshed = |name: &str, namespace: &str, more: &str| {
        let spec = json!({"parentRefs": of_service, "rules": rules(more)});
        let mut route = route(name, spec);
        route["metadata"]["namespace"] = namespace.into();
        for rule in route["spec"]["rules"].as_array_mut().unwrap() {
            rule["backendRefs"][0]["namespace"] = "shop".into();
        }
        route
    };
    let grant = json!({"apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant",
    "metadata": {"name": "g", "namespace": "shop"}, "spec": {
        "from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "tests"}],
        "to": [{"group": "", "kind": "Service"}],
    }});
    let shadows = |objects: Vec<Value>| -> Vec<Finding> {
        let findings = found(objects).into_iter();
        findings
            .filter(|one| one.kind == FindingKind::ShadowedRule)
            .collect()
    };
    let findings = shadows(vec![
        meshed("producer", "shop", "/cart"),
        meshed("consumer", "tests", "/basket"),
        grant.clone(),
    ]);
    // The first rules of both are equal and shadow nothing: they never meet.
    assert_eq!(short(&findings), ["shadowed-rule producer spec.rules[1]"]);
    let witness = findings[0].witness.as_ref().unwrap().to_string();
    assert!(
        witness.starts_with("GET http://cart.shop/cart/"),
        "{witness}"
    );
    let findings = shadows(vec![
        meshed("producer", "shop", "/"),
        meshed("consumer", "tests", "/cart/"),
        grant,
    ]);
    assert_eq!(short(&findings), ["shadowed-rule consumer spec.rules[1]"]);
}

#[test]
fn a_hostname_that_meets_no_listener_is_dead() {
    let spec = json!({
        "parentRefs": [{"name": "front", "sectionName": "shop"}],
        "hostnames": ["shop.test", "cart.test"],
        "rules": [{"backendRefs": to_cart()}],
    });
    let findings = found(vec![
        route("r", spec),
        route("all", json!({"rules": [{"backendRefs": to_cart()}]})),
    ]);
    assert_eq!(short(&findings), ["dead-hostname r spec.hostnames[1]"]);
}

#[test]
fn listeners_and_routes_without_each_other_are_found() {
    let spec = json!({"parentRefs": [{"name": "front", "sectionName": "nope"}], "rules": [{"backendRefs": to_cart()}]});
    let findings = found(vec![route("r", spec)]);
    assert_eq!(
        short(&findings),
        [
            "idle-listener front spec.listeners[0]",
            "idle-listener front spec.listeners[1]",
            "unattached-route r "
        ]
    );
    assert!(
        findings[2].message.contains("NoMatchingParent"),
        "{}",
        findings[2]
    );
}

#[test]
fn backends_without_requests_are_found() {
    let rules = json!([
        {"backendRefs": [{"name": "cart", "port": 80}, {"name": "cart", "port": 80, "weight": 0}, {"name": "gone", "port": 80}]},
        {"matches": [prefix("/none")], "backendRefs": [{"name": "cart", "port": 80, "weight": 0}]},
    ]);
    let findings = found(vec![route("r", json!({"rules": rules}))]);
    assert_eq!(
        short(&findings),
        [
            "weightless-backend r spec.rules[0].backendRefs[1].weight",
            "unreachable-backend r spec.rules[0].backendRefs[2]",
            "unserved-rule r spec.rules[1]",
        ]
    );
    assert_eq!(findings[1].severity(), Severity::Error);
}

#[test]
fn a_grant_that_nobody_needs_is_unused() {
    let grant = json!({"apiVersion": GATEWAY, "kind": "ReferenceGrant", "metadata": {"name": "g", "namespace": "other"},
    "spec": {
        "from": [
            {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "shop"},
            {"group": "gateway.networking.k8s.io", "kind": "GRPCRoute", "namespace": "shop"},
        ],
        "to": [{"group": "", "kind": "Service", "name": "stock"}, {"group": "", "kind": "Service", "name": "old"}],
    }});
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "stock", "namespace": "other"},
        "spec": {"ports": [{"port": 80}]}});
    let spec =
        json!({"rules": [{"backendRefs": [{"name": "stock", "namespace": "other", "port": 80}]}]});
    let findings = found(vec![grant, service, route("r", spec)]);
    assert_eq!(
        short(&findings),
        ["unused-grant g spec.from[1]", "unused-grant g spec.to[1]"]
    );
}
