//! Random changes of random worlds: what the worlds of `worlds.rs` hold and everything that they do not.

use gatewright::api::{Gateway, Object, Timestamp};
use gatewright::resolve::{Change, Resolution};
use gatewright::snapshot::Snapshot;
use serde_json::{Value, json};

use super::attachment::{CONTROLLER, Mode};
use super::scrambled::scramble;
use super::worlds::{Choices, world};

const GROUP: &str = "gateway.networking.k8s.io";
const NAMESPACES: [&str; 4] = ["infra", "shop", "shop-a", "web"];
const SERVICES: [&str; 3] = ["cart", "stock", "dns"];
const PEM: &str = "-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n";

/// A world with objects of every kind. Names are few, so that an object of one world often has the name of one in another.
pub fn wide_world(choices: &mut Choices, mode: Mode) -> Vec<Value> {
    let mut objects = world(choices, mode);
    for object in &mut objects {
        decorate(object, choices);
    }
    for namespace in NAMESPACES {
        objects.push(material(choices, namespace, "Secret"));
        objects.push(material(choices, namespace, "ConfigMap"));
        if choices.once_in(2) {
            objects.push(json!({
                "apiVersion": "example.com/v1", "kind": "Thing",
                "metadata": {"namespace": namespace, "name": "thing"},
            }));
        }
    }
    for index in 0..choices.below(4) {
        objects.push(tls_policy(choices, index));
    }
    for index in 0..choices.below(3) {
        objects.push(traffic_policy(choices, index));
    }
    if choices.once_in(2) {
        let controller = choices.one(&[CONTROLLER, CONTROLLER, "other.example/controller"]);
        objects.push(json!({
            "apiVersion": "gateway.networking.x-k8s.io/v1alpha1", "kind": "XMesh",
            "metadata": {"name": choices.one(&["mesh", "other"])}, "spec": {"controllerName": controller},
        }));
    }
    if choices.once_in(2) {
        let version = choices.one(&["v1.4.1", "v1.5.0", "v0.0.1"]);
        objects.push(json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {
                "name": "gateways.gateway.networking.k8s.io",
                "annotations": {"gateway.networking.k8s.io/bundle-version": version},
            },
            "spec": {"group": GROUP, "names": {"kind": "Gateway"}, "versions": []},
        }));
    }
    objects
}

/// References that the plain worlds do not have.
fn decorate(object: &mut Value, choices: &mut Choices) {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    let thing = json!({"group": "example.com", "kind": "Thing", "name": "thing"});
    match kind.as_str() {
        "Gateway" => {
            object["spec"]["gatewayClassName"] =
                json!(choices.one(&["ours", "ours", "ours", "theirs"]));
            if !choices.once_in(3) {
                open(object, choices);
            }
            if choices.once_in(4) {
                object["spec"]["tls"] =
                    json!({"backend": {"clientCertificateRef": secret(choices)}});
            }
            if choices.once_in(4) {
                object["spec"]["tls"]["frontend"] = json!({"default": {"validation": {
                    "caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "missing",
                        "namespace": choices.one(&NAMESPACES)}],
                }}});
            }
            if choices.once_in(6) {
                object["spec"]["infrastructure"] = json!({"parametersRef": thing});
            }
        }
        "GatewayClass" if choices.once_in(12) => {
            let mut parameters = thing;
            parameters["namespace"] = json!("infra");
            object["spec"]["parametersRef"] = parameters;
        }
        "HTTPRoute" | "GRPCRoute" if choices.once_in(6) => {
            let filter = json!({"type": "ExtensionRef", "extensionRef": thing});
            object["spec"]["rules"][0]["filters"] = json!([filter]);
        }
        "HTTPRoute" if choices.once_in(6) => {
            let auth = json!({"protocol": "HTTP", "http": {},
                "backendRef": {"name": choices.one(&SERVICES), "port": 80}});
            let filter = json!({"type": "ExternalAuth", "externalAuth": auth});
            object["spec"]["rules"][0]["filters"] = json!([filter]);
        }
        "HTTPRoute" if choices.once_in(3) => {
            if let Some(backend) = object.pointer_mut("/spec/rules/0/backendRefs/0") {
                backend["weight"] = json!(choices.below(4));
            }
        }
        "Service" if choices.once_in(6) => object["spec"]["sessionAffinity"] = json!("ClientIP"),
        _ => {}
    }
    if !choices.once_in(3) {
        object["metadata"]["generation"] = json!(1 + choices.below(2));
    }
}

/// Lets more Routes in than the plain worlds do.
fn open(gateway: &mut Value, choices: &mut Choices) {
    let listeners = gateway["spec"]["listeners"].as_array_mut();
    for (listener, port) in listeners.into_iter().flatten().zip([80, 8080, 443]) {
        listener["allowedRoutes"] = json!({"namespaces": {"from": "All"}});
        if choices.once_in(2) {
            listener["protocol"] = json!("HTTP");
            listener["port"] = json!(port);
            listener["tls"] = json!(null);
        }
    }
}

fn secret(choices: &mut Choices) -> Value {
    let mut reference = json!({"name": "missing"});
    if choices.once_in(3) {
        reference["namespace"] = json!(choices.one(&NAMESPACES));
    }
    reference
}

/// A Secret or a ConfigMap, most of them usable; listeners of the plain worlds call their Secret `missing`.
fn material(choices: &mut Choices, namespace: &str, kind: &str) -> Value {
    let mut texts = json!({"tls.crt": PEM, "tls.key": KEY, "ca.crt": PEM});
    if choices.once_in(4) {
        let field = *choices.one(&["tls.crt", "tls.key", "ca.crt"]);
        texts[field] = json!("nothing");
    }
    let field = if kind == "Secret" {
        "stringData"
    } else {
        "data"
    };
    json!({
        "apiVersion": "v1", "kind": kind, "metadata": {"namespace": namespace, "name": "missing"}, field: texts,
    })
}

fn policy_metadata(choices: &mut Choices, index: usize) -> Value {
    let mut metadata = json!({
        "namespace": choices.one(&NAMESPACES), "name": (["one", "two", "three", "four"][index]),
    });
    if choices.once_in(2) {
        metadata["creationTimestamp"] = json!(format!("2026-01-01T00:00:0{}Z", choices.below(3)));
    }
    metadata
}

fn targets(choices: &mut Choices) -> Vec<Value> {
    (0..1 + choices.below(2))
        .map(|_| {
            let kind = if choices.once_in(12) {
                "Pod"
            } else {
                "Service"
            };
            json!({"group": "", "kind": kind, "name": choices.one(&SERVICES)})
        })
        .collect()
}

fn tls_policy(choices: &mut Choices, index: usize) -> Value {
    let mut targets = targets(choices);
    for target in &mut targets {
        if choices.once_in(3) {
            target["sectionName"] = json!(choices.one(&["web", "alt", "udp", "nothing"]));
        }
    }
    let validation = match choices.below(3) {
        0 => json!({"hostname": "a.test", "wellKnownCACertificates": "System"}),
        _ => json!({"hostname": "a.test", "caCertificateRefs": [
            {"group": "", "kind": choices.one(&["ConfigMap", "Secret"]), "name": "missing"},
        ]}),
    };
    json!({
        "apiVersion": format!("{GROUP}/v1"), "kind": "BackendTLSPolicy",
        "metadata": policy_metadata(choices, index),
        "spec": {"targetRefs": targets, "validation": validation},
        "status": foreign_ancestors(choices),
    })
}

/// Entries of others leave little room, so that Gateways without a place in the status are common (BTLS-21).
fn foreign_ancestors(choices: &mut Choices) -> Value {
    let count = *choices.one(&[0, 0, 2, 14, 15, 16]);
    let entries: Vec<Value> = (0..count)
        .map(|n| {
            json!({
                "ancestorRef": {"name": format!("g{n}")}, "controllerName": "other.example/controller",
                "conditions": [],
            })
        })
        .collect();
    json!({"ancestors": entries})
}

fn traffic_policy(choices: &mut Choices, index: usize) -> Value {
    let mut spec = json!({"targetRefs": targets(choices)});
    if choices.once_in(2) {
        spec["retryConstraint"] = json!({"budget": {"percent": choices.one(&[10, 20, 200])}});
    }
    if choices.once_in(2) {
        spec["sessionPersistence"] = json!({"type": choices.one(&["Cookie", "Header"])});
    }
    json!({
        "apiVersion": "gateway.networking.x-k8s.io/v1alpha1", "kind": "XBackendTrafficPolicy",
        "metadata": policy_metadata(choices, index), "spec": spec,
    })
}

/// Some changes of a world.
pub fn changes(
    choices: &mut Choices,
    mode: Mode,
    snapshot: &Snapshot,
    resolution: &Resolution,
) -> Vec<Change> {
    let pool = wide_world(choices, mode);
    let count = 1 + choices.below(2) * choices.below(4);
    (0..count)
        .filter_map(|_| change(choices, &pool, snapshot, resolution))
        .collect()
}

fn change(
    choices: &mut Choices,
    pool: &[Value],
    snapshot: &Snapshot,
    resolution: &Resolution,
) -> Option<Change> {
    let put = |value: Value| Some(Change::Put(Object::from_value(value).ok()?.into()));
    let is_route = |object: &Value| {
        object["kind"]
            .as_str()
            .is_some_and(|kind| kind.ends_with("Route"))
    };
    let mut present = snapshot.objects().nth(choices.below(snapshot.len().max(1)));
    let is_class = present.is_some_and(|object| object.kind() == "GatewayClass");
    if is_class && !choices.once_in(8) {
        present = snapshot.objects().last();
    }
    match choices.below(18) {
        // Another object of the name, or a new one.
        0..=4 => put(choices.one(pool).clone()),
        12..=17 => {
            let routes: Vec<&Value> = pool.iter().filter(|object| is_route(object)).collect();
            let mut route = (*choices.one(&routes)).clone();
            let gateways: Vec<&Gateway> = snapshot.all::<Gateway>().collect();
            if !gateways.is_empty() && !choices.once_in(3) {
                let metadata = &choices.one(&gateways).metadata;
                route["spec"]["parentRefs"][0] =
                    json!({"namespace": metadata.namespace, "name": metadata.name});
            }
            put(route)
        }
        5 | 6 => Some(Change::Remove(present?.key())),
        // Odd values.
        7 | 8 => {
            let mut values = [present?.to_value()];
            scramble(&mut values, choices);
            let [value] = values;
            put(value)
        }
        // What is written to a status comes back.
        9 => {
            let at = choices.below(resolution.statuses.len().max(1));
            let entry = resolution.statuses.iter().nth(at)?;
            let mut value = entry.object().to_value();
            value["status"] = entry.merged(&Timestamp::from_seconds(1_000));
            put(value)
        }
        10 => {
            let mut value = present?.to_value();
            value["metadata"]["generation"] = json!(choices.below(9));
            put(value)
        }
        _ => put(present?.to_value()),
    }
}
