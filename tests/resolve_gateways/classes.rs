//! GW-CLASS.

use gatewright::api::{GatewayClass, GatewayClassStatus, Object};
use gatewright::resolve::{Features, status::Status};
use gatewright::vocab::{Bundle, Channel, Release};
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

fn class(name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass",
        "metadata": {"name": name, "generation": 3}, "spec": spec,
    })
}

fn crd(version: Value) -> Value {
    let annotated = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {
            "name": "gateways.gateway.networking.k8s.io",
            "annotations": {"gateway.networking.k8s.io/bundle-version": version},
        },
        "spec": {
            "group": GROUP, "names": {"kind": "Gateway"},
            "versions": [{"name": "v1", "served": true, "storage": true}],
        },
    });
    if version.is_null() {
        return edit(annotated, json!({"metadata": {"annotations": null}}));
    }
    annotated
}

/// GW-CLASS-01, GW-STAT-12: owned byte for byte; others get nothing.
#[test]
fn only_classes_of_our_name_are_ours() {
    let outcome = world()
        .with(class("case", json!({"controllerName": "example.net/Ours"})))
        .with(class(
            "longer",
            json!({"controllerName": "example.net/ours2"}),
        ))
        .resolve();
    let classes: Vec<_> = outcome.statuses.keys().collect();
    assert_eq!(classes, ["GatewayClass ours"]);
}

/// GW-CLASS-02, GW-CLASS-03, GW-CLASS-07: several are accepted at once; `Accepted` and `SupportedVersion` come together,
/// without CRDs in the input the version is supported. `Unknown` is replaced.
#[test]
fn every_owned_class_is_decided() {
    let pending = json!({"status": {"conditions": [{
        "type": "Accepted", "status": "Unknown", "reason": "Pending", "message": "Waiting",
        "lastTransitionTime": "1970-01-01T00:00:00Z",
    }]}});
    let second = edit(class("second", json!({"controllerName": OURS})), pending);
    let outcome = world().with(second).resolve();
    for name in ["GatewayClass ours", "GatewayClass second"] {
        assert_eq!(
            outcome.told(name),
            "Accepted=Accepted SupportedVersion=SupportedVersion"
        );
    }
    let condition = &outcome.status("GatewayClass second")["conditions"][0];
    assert_eq!(condition["observedGeneration"], 3);
}

/// GW-CLASS-04, GW-CLASS-05: parameters of a kind that nobody takes; missing ones; with and without namespace.
#[test]
fn parameters_must_be_of_a_known_kind_and_there() {
    let with = |reference: Value| {
        world().with(class(
            "ours",
            json!({"controllerName": OURS, "parametersRef": reference}),
        ))
    };
    let config =
        json!({"group": "", "kind": "ConfigMap", "namespace": "infra", "name": "settings"});
    let told = |world: World| reason(&world.resolve().told("GatewayClass ours"), "Accepted");
    let settings = config_map("infra/settings", json!({}));
    assert_eq!(
        told(with(config.clone()).with(settings.clone())),
        "!InvalidParameters"
    );
    let taking = |reference: Value| {
        with(reference).controller(|controller| {
            controller
                .with_parameters("", "ConfigMap")
                .with_parameters("example.net", "Settings")
        })
    };
    assert_eq!(
        told(taking(config.clone()).with(settings.clone())),
        "Accepted"
    );
    assert_eq!(told(taking(config.clone())), "!InvalidParameters");
    let no_namespace = edit(config, json!({"namespace": null}));
    assert_eq!(
        told(taking(no_namespace).with(settings)),
        "!InvalidParameters"
    );
    let cluster = json!({"group": "example.net", "kind": "Settings", "name": "all"});
    let object =
        json!({"apiVersion": "example.net/v1", "kind": "Settings", "metadata": {"name": "all"}});
    assert_eq!(
        told(taking(cluster.clone()).with(object.clone())),
        "Accepted"
    );
    let namespaced = edit(cluster, json!({"namespace": "infra"}));
    assert_eq!(told(taking(namespaced).with(object)), "!InvalidParameters");
}

/// GW-CLASS-07, GW-CLASS-08: unknown versions are told, and Gateways are served all the same.
#[test]
fn unknown_versions_are_told_and_served() {
    let told = |version: Value| {
        let outcome = world().with(crd(version)).with(edge()).resolve();
        assert_eq!(outcome.served(), ["web"]);
        outcome
    };
    for known in ["v1.4.1", "v1.5.0", "v1.6.1"] {
        assert_eq!(
            told(json!(known)).told("GatewayClass ours"),
            "Accepted=Accepted SupportedVersion=SupportedVersion"
        );
    }
    for unknown in [json!("v1.3.0"), json!("v2.0.0"), json!("main"), json!(null)] {
        let outcome = told(unknown.clone());
        assert_eq!(
            outcome.told("GatewayClass ours"),
            "Accepted=Accepted SupportedVersion=!UnsupportedVersion",
            "{unknown}"
        );
        let message = outcome.message_of(outcome.status("GatewayClass ours"), "SupportedVersion");
        assert!(message.contains("v1.4, v1.5, v1.6"), "{message}");
        assert!(
            message.contains(unknown.as_str().unwrap_or("no version")),
            "{message}"
        );
    }
    let foreign = edit(crd(json!(null)), json!({"spec": {"group": "example.net"}}));
    let outcome = world().with(foreign).resolve();
    let version = reason(&outcome.told("GatewayClass ours"), "SupportedVersion");
    assert_eq!(version, "SupportedVersion");
}

fn features(outcome: &Outcome) -> Vec<String> {
    let names = list(&outcome.status("GatewayClass ours")["supportedFeatures"]);
    names
        .iter()
        .map(|feature| feature["name"].as_str().expect("name").to_owned())
        .collect()
}

/// GW-CLASS-09, GW-CLASS-10, GW-CLASS-11, GW-CLASS-13: features come with `Accepted`, ascending, unique, at most 64, none
/// of the mesh.
#[test]
fn features_are_listed_with_acceptance() {
    for bundle in Bundle::ALL {
        let names = features(&world().bundle(bundle).resolve());
        assert!(!names.is_empty() && names.len() <= 64);
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{bundle}");
        assert!(names.iter().all(|name| !name.starts_with("Mesh")));
        assert!(
            names.iter().all(|name| {
                name.len() <= 128 && name.bytes().all(|b| b.is_ascii_alphanumeric())
            })
        );
    }
}

/// GW-CLASS-12, GW-ANN-02: both forms are read, objects are written.
#[test]
fn features_are_read_in_both_forms() {
    let old: GatewayClassStatus =
        serde_json::from_value(json!({"supportedFeatures": ["HTTPRoute", {"name": "Gateway"}]}))
            .expect("both forms");
    let written = serde_json::to_value(&old).expect("writable");
    assert_eq!(
        written["supportedFeatures"],
        json!([{"name": "HTTPRoute"}, {"name": "Gateway"}])
    );
}

/// GW-CLASS-14: the finalizer is wanted while a Gateway uses the class.
#[test]
fn a_used_class_says_so() {
    let used =
        |outcome: &Outcome| match outcome
            .resolution
            .statuses
            .find("GatewayClass", None, "ours")
        {
            Some(entry) => match entry.status() {
                Status::GatewayClass(class) => class.is_used,
                other => panic!("{other:?}"),
            },
            None => panic!("no status"),
        };
    assert!(!used(&world().resolve()));
    assert!(used(&world().with(edge()).resolve()));
}

/// GW-CLASS-06, GW-CLASS-15: class and Gateway are judged by what they say now; parameters of the one are not asked for the
/// other's sake, and changes of a class reach existing Gateways.
#[test]
fn a_class_is_read_as_it_is_now() {
    let world = world().with(edge());
    assert_eq!(world.clone().resolve().served(), ["web"]);
    let spoiled = class(
        "ours",
        json!({"controllerName": OURS, "parametersRef": {"group": "x", "kind": "Y", "name": "z"}}),
    );
    let outcome = world.with(spoiled).resolve();
    assert_eq!(outcome.status("Gateway infra/edge"), &Value::Null);
}

/// GW-CLASS-16, GW-STAT-12: Gateways of missing, foreign and unaccepted classes stay untouched, their Routes too.
#[test]
fn gateways_of_other_classes_stay_untouched() {
    for class in ["theirs", "missing"] {
        let gateway = edit(edge(), json!({"spec": {"gatewayClassName": class}}));
        let outcome = world().with(gateway).with(cart_route()).resolve();
        let names: Vec<_> = outcome.statuses.keys().collect();
        assert_eq!(names, ["GatewayClass ours"], "{class}");
        assert!(outcome.resolution.plan.gateways.is_empty());
    }
}

/// GW-CLASS-17, GW-CLASS-18: names by release and channel; every feature is on, each can be switched off.
#[test]
fn features_follow_bundle_and_switches() {
    let has = |release, channel, name: &str| {
        let bundle = Bundle::new(release, channel);
        features(&world().bundle(bundle).resolve()).contains(&name.to_owned())
    };
    assert!(!has(Release::V1_4, Channel::Standard, "TLSRoute"));
    assert!(has(Release::V1_4, Channel::Experimental, "TLSRoute"));
    assert!(!has(Release::V1_4, Channel::Experimental, "ListenerSet"));
    assert!(has(Release::V1_5, Channel::Standard, "ListenerSet"));
    assert!(has(Release::V1_6, Channel::Standard, "TCPRoute"));
    assert!(!has(Release::V1_5, Channel::Experimental, "TCPRoute"));
    let without = Features::default().without("TCPRoute").expect("known");
    let less = world().controller(|controller| controller.with_features(without));
    assert!(!features(&less.resolve()).contains(&"TCPRoute".to_owned()));
    assert!(Features::default().without("TCPRoutes").is_err());
}

/// GW-CLASS-01: without a name every class is ours, each under its own name.
#[test]
fn a_nameless_controller_owns_every_class() {
    let gateway = edit(edge(), json!({"spec": {"gatewayClassName": "theirs"}}));
    let outcome = world()
        .controller(|_| gatewright::resolve::Controller::default())
        .with(gateway)
        .with(cart_route())
        .resolve();
    let entry = &outcome.status("HTTPRoute shop/cart")["parents"][0];
    assert_eq!(entry["controllerName"], "example.net/theirs");
    let object: Object =
        Object::from_value(class("x", json!({"controllerName": ""}))).expect("class");
    assert!(matches!(&object, Object::GatewayClass(GatewayClass { .. })));
}
