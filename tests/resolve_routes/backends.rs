//! References to backends: BE, and what is spoken to them: BACKEND-PROTO.

use gatewright::plan::{Backend, BackendFault, BackendProtocol};
use serde_json::{Value, json};

use crate::world::*;

/// The verdict and the backend of a Route of a kind with one backendRef.
fn one_backend(kind: &str, reference: Value, target: Option<Value>) -> (String, Backend) {
    let protocol = match kind {
        "HTTPRoute" | "GRPCRoute" => "HTTP",
        "TLSRoute" => "TLS",
        "TCPRoute" => "TCP",
        _ => "UDP",
    };
    let spec = json!({"parentRefs": [to_edge()], "rules": [{"backendRefs": [reference]}]});
    let mut world = world()
        .with(gateway(
            "infra/edge",
            json!([listener("l", 4000, protocol)]),
        ))
        .with(route(kind, "shop/r", spec));
    if let Some(target) = target {
        world = world.with(target);
    }
    let outcome = world.resolve();
    let name = format!("{kind} shop/r");
    let verdict = outcome.verdicts(&name).remove(0);
    let reason = verdict
        .strip_prefix("Accepted, ")
        .expect("it is accepted")
        .to_owned();
    let backend = outcome.plan_route(&name).rules[0].action.backends[0].clone();
    (reason, backend)
}

fn cart(port: Value) -> Value {
    json!({"name": "cart", "port": port})
}

fn speaking(app_protocol: &str) -> Value {
    edit(
        service("shop/cart", &[]),
        json!({"spec": {"ports": [{"name": "p", "port": 80, "appProtocol": app_protocol}]}}),
    )
}

/// BE-01: group, kind, namespace and weight have defaults.
#[test]
fn references_have_defaults() {
    let (reason, backend) = one_backend(
        "HTTPRoute",
        cart(json!(80)),
        Some(service("shop/cart", &[80])),
    );
    assert_eq!(reason, "ResolvedRefs");
    assert_eq!(backend, Backend::service("shop", "cart", 80));
}

/// BE-01, BE-02, BE-18, BACKEND-WEIGHT-09: other kinds are not supported, before anything else is asked.
#[test]
fn other_kinds_are_not_supported() {
    for (group, kind) in [
        ("multicluster.x-k8s.io", "ServiceImport"),
        ("gateway.networking.x-k8s.io", "XBackend"),
        ("", "Pod"),
        ("example.net", "Service"),
    ] {
        for namespace in ["shop", "store"] {
            let reference = json!({
                "group": group, "kind": kind, "name": "cart", "namespace": namespace, "port": 80,
            });
            let (reason, backend) =
                one_backend("HTTPRoute", reference, Some(service("shop/cart", &[80])));
            assert_eq!(reason, "!InvalidKind", "{group} {kind}");
            assert_eq!(backend.fault, Some(BackendFault::InvalidKind));
            assert_eq!(&*backend.target.kind, kind);
        }
    }
}

/// BE-02: permission before existence before port before protocol.
#[test]
fn checks_come_in_order() {
    let far = json!({"name": "cart", "namespace": "store"});
    assert_eq!(one_backend("HTTPRoute", far, None).0, "!RefNotPermitted");
    assert_eq!(
        one_backend("HTTPRoute", json!({"name": "cart"}), None).0,
        "!BackendNotFound"
    );
    let udp = edit(
        service("shop/cart", &[]),
        json!({"spec": {"ports": [{"port": 80, "protocol": "UDP"}]}}),
    );
    assert_eq!(
        one_backend("HTTPRoute", cart(json!(81)), Some(udp.clone())).0,
        "!BackendNotFound"
    );
    assert_eq!(
        one_backend("HTTPRoute", cart(json!(80)), Some(udp)).0,
        "!UnsupportedProtocol"
    );
}

/// BE-03, BE-04: a Service needs a port, and must have it.
#[test]
fn the_port_must_be_there() {
    let service = || Some(service("shop/cart", &[80]));
    let (reason, backend) = one_backend("HTTPRoute", json!({"name": "cart"}), service());
    assert_eq!(reason, "!UnsupportedValue");
    assert_eq!(backend.fault, Some(BackendFault::UnsupportedValue));
    let (reason, backend) = one_backend("HTTPRoute", cart(json!(8080)), service());
    assert_eq!(reason, "!BackendNotFound");
    assert_eq!(backend.fault, Some(BackendFault::NotFound));
}

/// BE-05, BACKEND-PROTO-02: UDPRoutes need a UDP port, all others a TCP port; of one number the fitting one is taken.
#[test]
fn the_protocol_of_the_port_must_fit() {
    let ports = |protocols: &[&str]| {
        let ports: Vec<Value> = protocols
            .iter()
            .map(|protocol| json!({"name": protocol.to_lowercase(), "port": 80, "protocol": protocol}))
            .collect();
        edit(service("shop/cart", &[]), json!({"spec": {"ports": ports}}))
    };
    for kind in ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"] {
        let fit = if kind == "UDPRoute" { "UDP" } else { "TCP" };
        for (protocols, resolved) in [
            (&["TCP"][..], fit == "TCP"),
            (&["UDP"], fit == "UDP"),
            (&["SCTP"], false),
            (&["UDP", "TCP"], true),
            (&["SCTP", "UDP", "TCP"], true),
        ] {
            let (reason, _) = one_backend(kind, cart(json!(80)), Some(ports(protocols)));
            let expected = if resolved {
                "ResolvedRefs"
            } else {
                "!UnsupportedProtocol"
            };
            assert_eq!(reason, expected, "{kind} {protocols:?}");
        }
    }
}

/// BE-06, BACKEND-PROTO-01, BACKEND-PROTO-02, BACKEND-PROTO-03, BACKEND-PROTO-04: what `appProtocol` means for each kind.
#[test]
fn app_protocols_decide_what_is_spoken() {
    use BackendProtocol::{Http1, Http2, Stream, WebSocket};
    for (kind, app_protocol, spoken) in [
        ("HTTPRoute", "kubernetes.io/h2c", Some(Http2)),
        ("HTTPRoute", "kubernetes.io/ws", Some(WebSocket)),
        ("HTTPRoute", "kubernetes.io/wss", None),
        ("HTTPRoute", "kubernetes.io/other", None),
        ("HTTPRoute", "http", Some(Http1)),
        ("HTTPRoute", "http2", Some(Http2)),
        ("HTTPRoute", "grpc", Some(Http2)),
        ("HTTPRoute", "https", Some(Http1)),
        ("HTTPRoute", "mysql", Some(Http1)),
        ("HTTPRoute", "example.net/odd", Some(Http1)),
        ("GRPCRoute", "kubernetes.io/h2c", Some(Http2)),
        ("GRPCRoute", "kubernetes.io/ws", None),
        ("GRPCRoute", "kubernetes.io/wss", None),
        ("GRPCRoute", "https", Some(Http2)),
        ("TLSRoute", "kubernetes.io/wss", Some(Stream)),
        ("TLSRoute", "kubernetes.io/h2c", Some(Stream)),
        ("TCPRoute", "kubernetes.io/other", Some(Stream)),
    ] {
        let (reason, backend) = one_backend(kind, cart(json!(80)), Some(speaking(app_protocol)));
        match spoken {
            Some(spoken) => {
                assert_eq!(reason, "ResolvedRefs", "{kind} {app_protocol}");
                assert_eq!(backend.protocol, spoken, "{kind} {app_protocol}");
            }
            None => {
                assert_eq!(reason, "!UnsupportedProtocol", "{kind} {app_protocol}");
                assert_eq!(backend.fault, Some(BackendFault::UnsupportedProtocol));
            }
        }
    }
    for (kind, usual) in [
        ("HTTPRoute", Http1),
        ("GRPCRoute", Http2),
        ("TCPRoute", Stream),
    ] {
        let (_, backend) = one_backend(kind, cart(json!(80)), Some(service("shop/cart", &[80])));
        assert_eq!(backend.protocol, usual, "{kind}");
    }
}

/// BACKEND-PROTO-05: what is spoken belongs to the backend, not to the rule.
#[test]
fn one_rule_may_speak_several_protocols() {
    let ports = json!([
        {"name": "a", "port": 80, "appProtocol": "kubernetes.io/h2c"},
        {"name": "b", "port": 81},
    ]);
    let target = edit(service("shop/cart", &[]), json!({"spec": {"ports": ports}}));
    let rules = json!([{"backendRefs": [cart(json!(80)), cart(json!(81))]}]);
    let outcome = world()
        .with(edge())
        .with(target)
        .with(edit(cart_route(), json!({"spec": {"rules": rules}})))
        .resolve();
    let backends = &outcome.plan_route("HTTPRoute shop/cart").rules[0]
        .action
        .backends;
    let spoken: Vec<BackendProtocol> = backends.iter().map(|backend| backend.protocol).collect();
    assert_eq!(spoken, [BackendProtocol::Http2, BackendProtocol::Http1]);
}

/// BE-07, BE-09, OUT-06: headless Services and Services without selector are backends, and whatever exists is ready.
#[test]
fn every_service_that_exists_is_ready() {
    for spec in [
        json!({"clusterIP": "None"}),
        json!({"selector": null}),
        json!({"type": "LoadBalancer"}),
    ] {
        let target = edit(service("shop/cart", &[80]), json!({"spec": spec}));
        let (reason, backend) = one_backend("HTTPRoute", cart(json!(80)), Some(target));
        assert_eq!(reason, "ResolvedRefs", "{spec}");
        assert!(backend.ready);
    }
}

/// BE-08, BE-17: a Service that only is a name is no backend, and the message says why.
#[test]
fn external_names_are_no_backends() {
    let external = edit(
        service("shop/cart", &[80]),
        json!({"spec": {"type": "ExternalName"}}),
    );
    let (reason, _) = one_backend("HTTPRoute", cart(json!(80)), Some(external.clone()));
    assert_eq!(reason, "!InvalidKind");
    let outcome = world()
        .with(edge())
        .with(cart_route())
        .with(external)
        .resolve();
    let message = outcome.message("HTTPRoute shop/cart", 0, "ResolvedRefs");
    assert!(
        message.contains("ExternalName") && message.contains("shop/cart"),
        "{message}"
    );
}

/// BE-17: messages say which kind, resource or reference is meant.
#[test]
fn messages_name_what_is_wrong() {
    for (reference, words) in [
        (
            json!({"name": "gone", "port": 80}),
            ["Service", "shop/gone"],
        ),
        (
            json!({"name": "x", "namespace": "store", "port": 80}),
            ["store/x", "ReferenceGrant"],
        ),
        (
            json!({"name": "x", "kind": "Teapot", "group": "example.net"}),
            ["Teapot", "example.net"],
        ),
    ] {
        let route = edit(
            cart_route(),
            json!({"spec": {"rules": [{"backendRefs": [reference]}]}}),
        );
        let outcome = world().with(edge()).with(route).resolve();
        let message = outcome.message("HTTPRoute shop/cart", 0, "ResolvedRefs");
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
    }
}

/// BE-10, BE-11, BE-13, BE-14, BE-15, BACKEND-WEIGHT-03, BACKEND-WEIGHT-04: backends keep place and weight, also invalid
/// ones, ones of weight 0 and repeated ones; all of them are resolved.
#[test]
fn backends_keep_place_and_weight() {
    let references = json!([
        {"name": "cart", "port": 80, "weight": 8},
        {"name": "gone", "port": 80, "weight": 0},
        {"name": "cart", "port": 80, "weight": 2},
    ]);
    let route = edit(
        cart_route(),
        json!({"spec": {"rules": [{"backendRefs": references}]}}),
    );
    let outcome = world()
        .with(edge())
        .with(service("shop/cart", &[80]))
        .with(route)
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, !BackendNotFound"]
    );
    let backends = &outcome.plan_route("HTTPRoute shop/cart").rules[0]
        .action
        .backends;
    let told: Vec<(u32, Option<BackendFault>)> = backends
        .iter()
        .map(|backend| (backend.weight, backend.fault))
        .collect();
    assert_eq!(
        told,
        [(8, None), (0, Some(BackendFault::NotFound)), (2, None)]
    );
}

/// BE-12: no backends are no unresolved ones.
#[test]
fn no_backends_are_resolved() {
    for rule in [json!({}), json!({"backendRefs": []})] {
        let route = edit(cart_route(), json!({"spec": {"rules": [rule]}}));
        let outcome = world().with(edge()).with(route).resolve();
        assert_eq!(
            outcome.verdicts("HTTPRoute shop/cart"),
            ["Accepted, ResolvedRefs"]
        );
        let action = &outcome.plan_route("HTTPRoute shop/cart").rules[0].action;
        assert!(action.backends.is_empty() && action.fault.is_none());
    }
}
