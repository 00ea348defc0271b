//! XMESH.

use gatewright::resolve::MeshNeed;
use gatewright::vocab::{Bundle, Channel, Release};
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

fn mesh(name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "gateway.networking.x-k8s.io/v1alpha1", "kind": "XMesh",
        "metadata": {"name": name, "generation": 2}, "spec": spec,
    })
}

/// XMESH-01, XMESH-02, XMESH-04: owned byte for byte; accepted with a message that names the mesh; features of the mesh,
/// ascending, and no others; in all releases.
#[test]
fn our_mesh_is_claimed() {
    for release in Release::ALL {
        let outcome = world()
            .release(release)
            .with(mesh("own", json!({"controllerName": OURS})))
            .with(mesh("case", json!({"controllerName": "example.net/Ours"})))
            .resolve();
        assert_eq!(outcome.told("XMesh own"), "Accepted=Accepted");
        assert_eq!(outcome.status("XMesh case"), &Value::Null);
        let status = outcome.status("XMesh own");
        assert!(outcome.message_of(status, "Accepted").contains(OURS));
        let names: Vec<_> = list(&status["supportedFeatures"])
            .iter()
            .map(|feature| feature["name"].as_str().expect("name"))
            .collect();
        assert!(names.contains(&"Mesh") && names.len() <= 64);
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(names.iter().all(|name| name.starts_with("Mesh")));
    }
}

/// XMESH-02: a defaulted `Programmed` stays, being nobody's.
#[test]
fn programmed_is_never_written() {
    let defaulted = json!({"status": {"conditions": [
        {"type": "Accepted", "status": "Unknown", "reason": "Pending", "message": "", "lastTransitionTime": "1970-01-01T00:00:00Z"},
        {"type": "Programmed", "status": "Unknown", "reason": "Pending", "message": "", "lastTransitionTime": "1970-01-01T00:00:00Z"},
    ]}});
    let outcome = world()
        .with(edit(
            mesh("own", json!({"controllerName": OURS})),
            defaulted,
        ))
        .resolve();
    let conditions = list(&outcome.status("XMesh own")["conditions"]);
    assert_eq!(conditions.len(), 2);
    assert_eq!(conditions[0]["reason"], "Accepted");
    assert_eq!(conditions[1]["reason"], "Pending");
}

/// XMESH-03: parameters as for classes.
#[test]
fn parameters_of_a_mesh() {
    let with = json!({"controllerName": OURS, "parametersRef": {"group": "", "kind": "ConfigMap", "namespace": "infra", "name": "m"}});
    let told = |world: World| {
        world
            .with(mesh("own", with.clone()))
            .resolve()
            .told("XMesh own")
    };
    assert_eq!(told(world()), "Accepted=!InvalidParameters");
    let taking = || world().controller(|controller| controller.with_parameters("", "ConfigMap"));
    assert_eq!(told(taking()), "Accepted=!InvalidParameters");
    assert_eq!(
        told(taking().with(config_map("infra/m", json!({})))),
        "Accepted=Accepted"
    );
}

/// XMESH-05: what is to be done about the mesh that the controller wants.
#[test]
fn the_wanted_mesh() {
    let need = |world: World| {
        let world = world.controller(|controller| controller.with_mesh("default"));
        world.resolve().resolution.mesh
    };
    let (name, controller_name) = ("default".into(), OURS.into());
    assert_eq!(
        need(world()),
        MeshNeed::Create {
            name,
            controller_name
        }
    );
    let own = mesh(
        "default",
        json!({"controllerName": OURS, "description": "ours"}),
    );
    assert_eq!(need(world().with(own)), MeshNeed::Nothing);
    let theirs = mesh("default", json!({"controllerName": "example.net/theirs"}));
    let taken = MeshNeed::Taken {
        name: "default".into(),
        controller_name: "example.net/theirs".into(),
    };
    assert_eq!(need(world().with(theirs)), taken);
    assert_eq!(world().resolve().resolution.mesh, MeshNeed::Nothing);
    let standard = Bundle::new(Release::V1_6, Channel::Standard);
    assert_eq!(need(world().bundle(standard)), MeshNeed::Nothing);
}

/// XMESH-06, VER-10: without an XMesh, mesh Routes are served and told all the same.
#[test]
fn a_mesh_needs_no_object() {
    let route = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [{"group": "", "kind": "Service", "name": "cart"}]}}),
    );
    let outcome = world()
        .with(service("shop/cart", &[80]))
        .with(route)
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
    assert_eq!(
        outcome.frontend("shop/cart", 80, "any"),
        ["HTTPRoute shop/cart"]
    );
}
