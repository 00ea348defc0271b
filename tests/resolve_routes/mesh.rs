//! Routes whose parents are Services: MESH, and what the plan says about them: MESH-RT.

use gatewright::plan::RouteKind;
use gatewright::resolve::Controller;
use serde_json::{Value, json};

use crate::world::*;

fn to_cart(more: Value) -> Value {
    edit(
        json!({"group": "", "kind": "Service", "namespace": "shop", "name": "cart"}),
        more,
    )
}

fn mesh_route(kind: &str, name: &str, parent: Value) -> Value {
    let rules = json!([{"backendRefs": [{"name": "v2", "port": 80}]}]);
    route(kind, name, json!({"parentRefs": [parent], "rules": rules}))
}

/// Service `shop/cart` with ports 80 and 8080, and a `v2` beside it.
fn shop() -> World {
    world()
        .with(service("shop/cart", &[80, 8080]))
        .with(service("shop/v2", &[80]))
}

/// MESH-01, MESH-10, MESH-RT-01, MESH-RT-05: a Route with a Service as parent takes its ports over; the entry names the core
/// group; ports without Routes have no frontend.
#[test]
fn a_route_takes_a_service_over() {
    let outcome = shop()
        .with(mesh_route("HTTPRoute", "shop/r", to_cart(json!({}))))
        .resolve();
    assert_eq!(
        outcome.parents("HTTPRoute shop/r"),
        ["Service shop/cart: Accepted, ResolvedRefs"]
    );
    let entry = &outcome.statuses["HTTPRoute shop/r"]["parents"][0];
    assert_eq!(
        entry["parentRef"],
        json!({"group": "", "kind": "Service", "namespace": "shop", "name": "cart"})
    );
    assert_eq!(entry["controllerName"], OURS);
    assert_eq!(outcome.resolution.plan.frontends.len(), 2);
    assert_eq!(
        outcome.frontend("shop/cart", 80, "web"),
        ["HTTPRoute shop/r"]
    );
    assert!(outcome.frontend("shop/v2", 80, "web").is_empty());
    assert!(shop().resolve().resolution.plan.frontends.is_empty());
}

/// MESH-02, MESH-03, MESH-04, MESH-RT-06, MESH-RT-07: Routes of the Service's namespace hold for everybody, Routes of another
/// one for clients there, in place of the others, port by port.
#[test]
fn consumers_replace_the_producer_in_their_namespace() {
    let outcome = shop()
        .with(mesh_route("HTTPRoute", "shop/producer", to_cart(json!({}))))
        .with(mesh_route(
            "HTTPRoute",
            "web/consumer",
            to_cart(json!({"port": 80})),
        ))
        .resolve();
    for (port, client, expected) in [
        (80, "web", "HTTPRoute web/consumer"),
        (80, "shop", "HTTPRoute shop/producer"),
        (80, "other", "HTTPRoute shop/producer"),
        (8080, "web", "HTTPRoute shop/producer"),
    ] {
        assert_eq!(
            outcome.frontend("shop/cart", port, client),
            [expected],
            "{port} {client}"
        );
    }
    let alone = shop()
        .with(mesh_route("HTTPRoute", "web/consumer", to_cart(json!({}))))
        .resolve();
    assert!(alone.frontend("shop/cart", 80, "other").is_empty());
    let refused = edit(
        mesh_route("HTTPRoute", "web/consumer", to_cart(json!({}))),
        json!({"spec": {"rules": [{"filters": [{"type": "Teleport"}]}]}}),
    );
    let outcome = shop()
        .with(mesh_route("HTTPRoute", "shop/producer", to_cart(json!({}))))
        .with(refused)
        .resolve();
    assert_eq!(
        outcome.frontend("shop/cart", 80, "web"),
        ["HTTPRoute shop/producer"]
    );
}

/// MESH-05, MESH-RT-04: `port` and `sectionName` limit the ports; both must mean the same one.
#[test]
fn ports_can_be_limited() {
    for (limit, ports) in [
        (json!({}), vec![80, 8080]),
        (json!({"port": 80}), vec![80]),
        (json!({"sectionName": "p8080"}), vec![8080]),
        (json!({"sectionName": "p8080", "port": 8080}), vec![8080]),
        (json!({"sectionName": "p8080", "port": 80}), vec![]),
        (json!({"port": 81}), vec![]),
        (json!({"sectionName": "other"}), vec![]),
    ] {
        let outcome = shop()
            .with(mesh_route("HTTPRoute", "shop/r", to_cart(limit.clone())))
            .resolve();
        let found: Vec<u16> = outcome
            .resolution
            .plan
            .frontends
            .iter()
            .map(|f| f.port)
            .collect();
        assert_eq!(found, ports, "{limit}");
        let expected = if ports.is_empty() {
            "!NoMatchingParent"
        } else {
            "Accepted"
        };
        assert_eq!(
            outcome.verdicts("HTTPRoute shop/r"),
            [format!("{expected}, ResolvedRefs")],
            "{limit}"
        );
    }
}

/// MESH-06, MESH-07, MESH-RT-10: on a port the most specific kind of a group has its way; the others are `Conflicted` when no
/// port is left; UDPRoutes stand apart.
#[test]
fn the_most_specific_kind_has_its_way() {
    let kinds = ["GRPCRoute", "HTTPRoute", "TLSRoute", "TCPRoute"];
    for (stronger, weaker) in kinds.iter().zip(&kinds[1..]) {
        let outcome = shop()
            .with(mesh_route(weaker, "shop/weak", to_cart(json!({}))))
            .with(mesh_route(stronger, "shop/strong", to_cart(json!({}))))
            .resolve();
        let weak = format!("{weaker} shop/weak");
        assert_eq!(outcome.verdicts(&weak), ["!Conflicted, ResolvedRefs"]);
        assert_eq!(
            outcome.frontend("shop/cart", 80, "web"),
            [format!("{stronger} shop/strong")]
        );
        let partly = shop()
            .with(mesh_route(weaker, "shop/weak", to_cart(json!({}))))
            .with(mesh_route(
                stronger,
                "shop/strong",
                to_cart(json!({"port": 80})),
            ))
            .resolve();
        assert_eq!(partly.verdicts(&weak), ["Accepted, ResolvedRefs"]);
        assert_eq!(partly.frontend("shop/cart", 8080, "web"), [weak.as_str()]);
        let groups = shop()
            .with(mesh_route(weaker, "shop/weak", to_cart(json!({}))))
            .with(mesh_route(stronger, "web/strong", to_cart(json!({}))))
            .resolve();
        assert_eq!(groups.verdicts(&weak), ["Accepted, ResolvedRefs"]);
    }
    let invalid = edit(
        mesh_route("GRPCRoute", "shop/strong", to_cart(json!({}))),
        json!({"spec": {"rules": [{"filters": [{"type": "Teleport"}]}]}}),
    );
    let outcome = shop()
        .with(mesh_route("HTTPRoute", "shop/weak", to_cart(json!({}))))
        .with(invalid)
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/weak"),
        ["Accepted, ResolvedRefs"]
    );

    let both = edit(
        service("shop/cart", &[]),
        json!({"spec": {"ports": [
            {"name": "t", "port": 53}, {"name": "u", "port": 53, "protocol": "UDP"},
        ]}}),
    );
    let outcome = shop()
        .with(both)
        .with(mesh_route("TCPRoute", "shop/tcp", to_cart(json!({}))))
        .with(mesh_route("UDPRoute", "shop/udp", to_cart(json!({}))))
        .resolve();
    assert_eq!(
        outcome.frontend("shop/cart", 53, "web"),
        ["TCPRoute shop/tcp", "UDPRoute shop/udp"]
    );
}

/// MESH-06, MESH-RT-08: Routes of one kind share a port.
#[test]
fn routes_of_one_kind_share_a_port() {
    let outcome = shop()
        .with(mesh_route("HTTPRoute", "shop/a", to_cart(json!({}))))
        .with(mesh_route("HTTPRoute", "shop/b", to_cart(json!({}))))
        .resolve();
    assert_eq!(
        outcome.frontend("shop/cart", 80, "web"),
        ["HTTPRoute shop/a", "HTTPRoute shop/b"]
    );
}

/// MESH-08, MESH-09, MESH-RT-11: which Services can be parents.
#[test]
fn some_services_cannot_be_parents() {
    for (spec, verdict) in [
        (
            json!({"clusterIP": "None"}),
            "!UnsupportedValue, ResolvedRefs",
        ),
        (
            json!({"type": "ExternalName", "externalName": "a.test"}),
            "!UnsupportedValue, ResolvedRefs",
        ),
        (json!({"type": "NodePort"}), "Accepted, ResolvedRefs"),
        (json!({"type": "LoadBalancer"}), "Accepted, ResolvedRefs"),
        (json!({"selector": null}), "Accepted, ResolvedRefs"),
    ] {
        let parent = edit(service("shop/cart", &[80]), json!({"spec": spec}));
        let outcome = shop()
            .with(parent)
            .with(mesh_route("HTTPRoute", "shop/r", to_cart(json!({}))))
            .resolve();
        assert_eq!(outcome.verdicts("HTTPRoute shop/r"), [verdict], "{spec}");
    }
    let gone = shop().with(mesh_route(
        "HTTPRoute",
        "shop/r",
        to_cart(json!({"name": "gone"})),
    ));
    assert!(gone.resolve().parents("HTTPRoute shop/r").is_empty());
    let import = to_cart(json!({"group": "multicluster.x-k8s.io", "kind": "ServiceImport"}));
    let world = shop().with(mesh_route("HTTPRoute", "shop/r", import));
    assert!(world.resolve().parents("HTTPRoute shop/r").is_empty());
}

fn mesh(name: &str, controller: &str) -> Value {
    json!({
        "apiVersion": "gateway.networking.x-k8s.io/v1alpha1", "kind": "XMesh",
        "metadata": {"name": name}, "spec": {"controllerName": controller},
    })
}

/// MESH-10, XMESH-01: whose name an entry carries: that of our XMesh, else the name given, else the only name of all
/// classes; without one no entry is written, and traffic is routed all the same.
#[test]
fn entries_carry_the_name_of_the_mesh() {
    let name = |world: World| {
        let outcome = world.resolve();
        assert_eq!(
            outcome.frontend("shop/cart", 80, "web"),
            ["HTTPRoute shop/r"]
        );
        let status = outcome.statuses.get("HTTPRoute shop/r")?;
        status["parents"][0]["controllerName"]
            .as_str()
            .map(str::to_owned)
    };
    let world = shop().with(mesh_route("HTTPRoute", "shop/r", to_cart(json!({}))));
    assert_eq!(name(world.clone()), Some(OURS.to_owned()));
    let foreign = world.clone().with(mesh("m", "example.net/theirs"));
    assert_eq!(name(foreign), Some(OURS.to_owned()));
    let nameless = world.controller(|_| Controller::default());
    assert_eq!(name(nameless.clone()), None, "the classes disagree");
    assert_eq!(
        name(nameless.clone().with(mesh("m", "example.net/mesh"))),
        Some("example.net/mesh".to_owned())
    );
    let agreeing = nameless.without("GatewayClass theirs");
    assert_eq!(name(agreeing), Some(OURS.to_owned()));
}

/// MESH-11, RT-COND-10: Gateway and Service are parents of their own.
#[test]
fn gateway_and_service_parents_are_independent() {
    let outcome = shop()
        .with(edge())
        .with(edit(
            mesh_route("HTTPRoute", "shop/r", to_cart(json!({"port": 81}))),
            json!({"spec": {"parentRefs": [to_edge(), to_cart(json!({"port": 81}))]}}),
        ))
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/r"),
        ["Accepted, ResolvedRefs", "!NoMatchingParent, ResolvedRefs"]
    );
}

/// MESH-12, RT-HOST-09, MESH-RT-02, MESH-RT-03: hostnames play no role.
#[test]
fn hostnames_play_no_role() {
    let hosted = edit(
        mesh_route("HTTPRoute", "shop/r", to_cart(json!({}))),
        json!({"spec": {"hostnames": ["10.0.0.1", "other.test"]}}),
    );
    let outcome = shop().with(hosted).resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/r"),
        ["Accepted, ResolvedRefs"]
    );
    assert_eq!(
        outcome.frontend("shop/cart", 80, "web"),
        ["HTTPRoute shop/r"]
    );
}

/// MESH-13, MESH-RT-11: backends across namespaces need no grant, and the plan can reach them.
#[test]
fn mesh_routes_need_no_grants() {
    let far = edit(
        mesh_route("HTTPRoute", "shop/r", to_cart(json!({}))),
        json!({"spec": {"rules": [{"backendRefs": [{"name": "stock", "namespace": "store", "port": 80}]}]}}),
    );
    let outcome = shop()
        .with(service("store/stock", &[80]))
        .with(far)
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/r"),
        ["Accepted, ResolvedRefs"]
    );
    let group = outcome.resolution.plan.frontends[0]
        .producer
        .as_ref()
        .expect("a producer");
    assert_eq!(group.routes[0].rules[0].action.backends[0].fault, None);
}

/// MESH-RT-09: a backend that has Routes itself is reached directly: the plan names Services, never frontends.
#[test]
fn only_the_first_hop_is_routed() {
    let second = edit(
        mesh_route("HTTPRoute", "shop/second", to_cart(json!({"name": "v2"}))),
        json!({"spec": {"rules": []}}),
    );
    let outcome = shop()
        .with(mesh_route("HTTPRoute", "shop/first", to_cart(json!({}))))
        .with(second)
        .resolve();
    let frontend = &outcome.resolution.plan.frontends[0];
    let route = &frontend.producer.as_ref().expect("a producer").routes[0];
    let backend = &route.rules[0].action.backends[0];
    assert_eq!(backend.target.name.to_string(), "shop/v2");
    assert_eq!(backend.fault, None);
}

/// The trace of a mesh parent names the ports.
#[test]
fn the_trace_names_the_ports() {
    let outcome = shop()
        .with(mesh_route("HTTPRoute", "shop/r", to_cart(json!({}))))
        .resolve();
    let trace = outcome.trace(RouteKind::Http, "shop", "r");
    assert_eq!(trace.parents[0].ports, [80, 8080]);
    assert!(trace.parents[0].is_accepted && trace.parents[0].listeners.is_empty());
}
