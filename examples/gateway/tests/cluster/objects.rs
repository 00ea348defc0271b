//! Objects of the tests.

use gatewright::api::{ApiVersion, GATEWAY_GROUP, GATEWAY_X_GROUP};
use gatewright::vocab::Bundle;
use serde_json::{Value, json};

use crate::CONTROLLER;
use crate::kube_mock::Cluster;

/// The CRDs of a bundle, as far as they tell which bundle they are of.
pub fn crds(bundle: Bundle) -> Vec<Value> {
    let of_gateway_api = |row: &&ApiVersion| [GATEWAY_GROUP, GATEWAY_X_GROUP].contains(&row.group);
    ApiVersion::ALL
        .iter()
        .filter(of_gateway_api)
        .filter(|row| row.served.holds(bundle))
        .map(|row| {
            json!({
                "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "metadata": {
                    "name": format!("{}.{}", row.plural, row.group),
                    "annotations": {
                        "gateway.networking.k8s.io/bundle-version": format!("{}.1", bundle.release),
                        "gateway.networking.k8s.io/channel": bundle.channel.to_string()
                    }
                },
                "spec": {
                    "group": row.group, "scope": "Namespaced",
                    "names": {"kind": row.name, "plural": row.plural}, "versions": []
                }
            })
        })
        .collect()
}

/// A cluster with the CRDs of a bundle and some objects.
pub fn cluster(bundle: Bundle, objects: impl IntoIterator<Item = Value>) -> Cluster {
    let cluster = Cluster::new(bundle);
    cluster.serve("discovery.k8s.io/v1", "EndpointSlice", "endpointslices");
    for object in crds(bundle).into_iter().chain(objects) {
        cluster.put(object);
    }
    cluster
}

pub fn class() -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass",
        "metadata": {"name": "example"}, "spec": {"controllerName": CONTROLLER}
    })
}

pub fn namespace() -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
}

/// A Gateway for HTTP on port 80.
pub fn gateway(name: &str) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
        "metadata": {"namespace": "shop", "name": name},
        "spec": {
            "gatewayClassName": "example",
            "listeners": [{"name": "web", "port": 80, "protocol": "HTTP"}]
        }
    })
}

/// A Route of a path to the Service `cart`.
pub fn route(name: &str, path: &str) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
        "metadata": {"namespace": "shop", "name": name},
        "spec": {
            "parentRefs": [{"name": "front"}],
            "rules": [{
                "matches": [{"path": {"type": "PathPrefix", "value": path}}],
                "backendRefs": [{"name": "cart", "port": 80}]
            }]
        }
    })
}

pub fn service() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "shop", "name": "cart"},
        "spec": {"ports": [{"port": 80}]}
    })
}

/// The endpoint of the Service.
pub fn slice(address: &str, port: u16) -> Value {
    json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {
            "namespace": "shop", "name": "cart-1", "labels": {"kubernetes.io/service-name": "cart"}
        },
        "ports": [{"port": port}], "endpoints": [{"addresses": [address]}]
    })
}

/// All of them, with the endpoint of the Service at port 8080 of the network.
pub fn shop(network: u8) -> Vec<Value> {
    vec![
        class(),
        namespace(),
        gateway("front"),
        route("cart", "/cart"),
        service(),
        slice(&format!("127.90.{network}.200"), 8080),
    ]
}
