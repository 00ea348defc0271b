//! Random small worlds whose names, hosts and ports nearly fit one another.

use serde_json::{Value, json};

use super::attachment::{CONTROLLER, Mode};

/// A reproducible source of choices.
pub struct Choices(u64);

impl Choices {
    /// Choices that follow from a seed.
    pub fn new(seed: u64) -> Self {
        Choices(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x51_7c_c1_b7_27_22_0a_95)
    }

    /// The next 64 bits (splitmix).
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of a list.
    pub fn one<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }
}

const NAMESPACES: [&str; 4] = ["infra", "shop", "shop-a", "web"];
const HOSTS: [&str; 10] = [
    "shop.test",
    "*.shop.test",
    "a.shop.test",
    "*.a.shop.test",
    "b.a.shop.test",
    "*.test",
    "xshop.test",
    "other.example",
    "10.0.0.9",
    "*.example",
];
const PORTS: [u16; 3] = [80, 443, 8080];
const ROUTE_KINDS: [&str; 5] = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"];
const GROUP: &str = "gateway.networking.k8s.io";

/// A world of some dozen objects.
pub fn world(choices: &mut Choices, mode: Mode) -> Vec<Value> {
    let mut objects = vec![
        class("ours", CONTROLLER),
        class("theirs", "other.example/controller"),
    ];
    for namespace in NAMESPACES {
        if !choices.once_in(8) {
            objects.push(namespace_object(choices, namespace));
        }
    }
    for index in 0..1 + choices.below(3) {
        objects.push(gateway(choices, index));
    }
    for index in 0..choices.below(3) {
        objects.push(set(choices, index, mode));
    }
    for namespace in NAMESPACES {
        for name in ["cart", "stock", "dns"] {
            if !choices.once_in(8) {
                objects.push(service(choices, namespace, name));
            }
        }
    }
    for index in 0..choices.below(3) {
        objects.push(grant(choices, index));
    }
    let holders: Vec<Value> = objects
        .iter()
        .filter(|o| o["kind"] == "Gateway" || o["kind"] == mode.set.1)
        .cloned()
        .collect();
    for index in 0..2 + choices.below(7) {
        objects.push(route(choices, index, mode, &holders));
    }
    for index in (1..objects.len()).rev() {
        objects.swap(index, choices.below(index + 1));
    }
    objects
}

fn class(name: &str, controller: &str) -> Value {
    json!({
        "apiVersion": format!("{GROUP}/v1"), "kind": "GatewayClass",
        "metadata": {"name": name}, "spec": {"controllerName": controller},
    })
}

fn namespace_object(choices: &mut Choices, name: &str) -> Value {
    let mut labels = json!({});
    if !choices.once_in(3) {
        labels["team"] = json!(choices.one(&["shop", "web"]));
    }
    if choices.once_in(3) {
        labels["stage"] = json!(choices.one(&["prod", "test"]));
    }
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
}

fn selector(choices: &mut Choices) -> Value {
    match choices.below(6) {
        0 => json!({}),
        1 => json!({"matchLabels": {"team": "shop"}}),
        2 => {
            json!({"matchExpressions": [{"key": "team", "operator": "In", "values": ["web", "none"]}]})
        }
        3 => {
            json!({"matchExpressions": [{"key": "stage", "operator": "NotIn", "values": ["test"]}]})
        }
        4 => json!({"matchExpressions": [{"key": "stage", "operator": "Exists"}]}),
        _ => json!({
            "matchLabels": {"team": "shop"},
            "matchExpressions": [{"key": "stage", "operator": "DoesNotExist"}],
        }),
    }
}

fn allowed_namespaces(choices: &mut Choices) -> Option<Value> {
    match choices.below(8) {
        0 => None,
        1 => Some(json!({"from": "Same"})),
        2..=5 => Some(json!({"from": "All"})),
        6 if choices.once_in(3) => Some(json!({"from": "Selector"})),
        _ => {
            let selector = selector(choices);
            Some(json!({"from": "Selector", "selector": selector}))
        }
    }
}

fn listener(choices: &mut Choices, index: usize) -> Value {
    let protocol = *choices.one(&[
        "HTTP",
        "HTTP",
        "HTTP",
        "HTTPS",
        "TLS",
        "TCP",
        "UDP",
        "HTTP",
        "example.com/x",
    ]);
    let mut listener = json!({
        "name": (["web", "alt", "third"][index]), "port": choices.one(&PORTS), "protocol": protocol,
    });
    if matches!(protocol, "HTTP" | "HTTPS" | "TLS") && choices.once_in(2) {
        listener["hostname"] = json!(choices.one(&HOSTS));
    }
    match protocol {
        "HTTPS" => {
            listener["tls"] =
                json!({"mode": "Terminate", "certificateRefs": [{"name": "missing"}]});
        }
        "TLS" => listener["tls"] = json!({"mode": "Passthrough"}),
        _ => {}
    }
    let mut allowed = json!({});
    if let Some(namespaces) = allowed_namespaces(choices) {
        allowed["namespaces"] = namespaces;
    }
    if choices.once_in(6) {
        let kinds: Vec<Value> = (0..1 + choices.below(2))
            .map(|_| {
                let kind = *choices.one(&ROUTE_KINDS);
                if choices.once_in(4) {
                    json!({"group": "other.example", "kind": kind})
                } else {
                    json!({"kind": kind})
                }
            })
            .collect();
        allowed["kinds"] = json!(kinds);
    }
    if allowed != json!({}) {
        listener["allowedRoutes"] = allowed;
    }
    listener
}

fn listeners(choices: &mut Choices) -> Vec<Value> {
    (0..1 + choices.below(3))
        .map(|index| listener(choices, index))
        .collect()
}

fn gateway(choices: &mut Choices, index: usize) -> Value {
    let class = if choices.once_in(6) { "theirs" } else { "ours" };
    let mut spec = json!({"gatewayClassName": class, "listeners": listeners(choices)});
    if choices.once_in(3) {
        spec["defaultScope"] = json!(choices.one(&["All", "All", "None"]));
    }
    if !choices.once_in(4) {
        let mut namespaces = json!({"from": choices.one(&["All", "Same", "None", "All"])});
        if choices.once_in(4) {
            namespaces = json!({"from": "Selector", "selector": selector(choices)});
        }
        spec["allowedListeners"] = json!({"namespaces": namespaces});
    }
    json!({
        "apiVersion": format!("{GROUP}/v1"), "kind": "Gateway",
        "metadata": {"namespace": choices.one(&["infra", "shop"]), "name": (["edge", "inner", "edge-2"][index])},
        "spec": spec,
    })
}

fn set(choices: &mut Choices, index: usize, mode: Mode) -> Value {
    let (group, kind) = mode.set;
    let version = if group == GROUP { "v1" } else { "v1alpha1" };
    json!({
        "apiVersion": format!("{group}/{version}"), "kind": kind,
        "metadata": {"namespace": choices.one(&NAMESPACES), "name": (["more", "extra"][index])},
        "spec": {
            "parentRef": {
                "namespace": choices.one(&["infra", "shop"]),
                "name": choices.one(&["edge", "edge", "inner"]),
            },
            "listeners": listeners(choices),
        },
    })
}

fn service(choices: &mut Choices, namespace: &str, name: &str) -> Value {
    let mut ports = vec![json!({"name": "web", "port": 80})];
    if choices.once_in(3) {
        ports.push(json!({"name": "alt", "port": 8080, "protocol": choices.one(&["TCP", "UDP"])}));
    }
    if choices.once_in(3) {
        ports.push(json!({"name": "udp", "port": 80, "protocol": "UDP"}));
    }
    if choices.once_in(3) {
        let protocol = choices.one(&[
            "kubernetes.io/h2c",
            "kubernetes.io/ws",
            "kubernetes.io/wss",
            "kubernetes.io/new",
            "https",
        ]);
        ports[0]["appProtocol"] = json!(protocol);
    }
    if choices.once_in(8) {
        ports.remove(0);
    }
    let mut spec = json!({"ports": ports, "clusterIP": "10.96.0.1"});
    if choices.once_in(8) {
        spec = json!({"type": "ExternalName", "externalName": "a.example", "ports": ports});
    } else if choices.once_in(8) {
        spec["clusterIP"] = json!("None");
    }
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": namespace, "name": name}, "spec": spec,
    })
}

fn grant(choices: &mut Choices, index: usize) -> Value {
    let mut to = json!({"group": "", "kind": choices.one(&["Service", "Service", "Secret"])});
    if choices.once_in(2) {
        to["name"] = json!(choices.one(&["cart", "stock"]));
    }
    let from: Vec<Value> = (0..1 + choices.below(3))
        .map(|_| {
            json!({
                "group": GROUP, "kind": choices.one(&ROUTE_KINDS), "namespace": choices.one(&NAMESPACES),
            })
        })
        .collect();
    json!({
        "apiVersion": format!("{GROUP}/v1beta1"), "kind": "ReferenceGrant",
        "metadata": {"namespace": choices.one(&NAMESPACES), "name": (["first", "second"][index])},
        "spec": {"from": from, "to": [to]},
    })
}

/// A parentRef: mostly to something that is there.
fn parent(choices: &mut Choices, mode: Mode, holders: &[Value]) -> Value {
    let mut parent = match choices.below(8) {
        0 => {
            let name = choices.one(&["cart", "stock", "dns"]);
            json!({"group": "", "kind": "Service", "name": name})
        }
        1 => {
            let name = choices.one(&["more", "extra"]);
            json!({"group": mode.set.0, "kind": mode.set.1, "name": name})
        }
        2 => json!({"name": choices.one(&["edge", "inner", "edge-2"])}),
        _ => {
            let holder = choices.one(holders);
            let meta = &holder["metadata"];
            let mut parent = json!({"name": meta["name"], "namespace": meta["namespace"]});
            if holder["kind"] != "Gateway" {
                parent["group"] = json!(mode.set.0);
                parent["kind"] = json!(mode.set.1);
            } else if choices.once_in(3) {
                parent["kind"] = json!("Gateway");
                parent["group"] = json!(GROUP);
            }
            parent
        }
    };
    if choices.once_in(4) {
        parent["namespace"] = json!(choices.one(&["infra", "shop", "web"]));
    }
    if choices.once_in(4) {
        parent["sectionName"] = json!(choices.one(&["web", "alt", "udp", "nothing"]));
    }
    if choices.once_in(6) {
        parent["port"] = json!(choices.one(&PORTS));
    }
    parent
}

fn backend(choices: &mut Choices) -> Value {
    let mut backend =
        json!({"name": choices.one(&["cart", "stock", "dns", "cart", "stock", "gone"])});
    match choices.below(12) {
        0 => {
            backend["group"] = json!("multicluster.x-k8s.io");
            backend["kind"] = json!("ServiceImport");
        }
        1 => backend["kind"] = json!("Service"),
        _ => {}
    }
    if !choices.once_in(12) {
        backend["port"] = json!(choices.one(&[80, 80, 80, 80, 8080, 9000]));
    }
    if choices.once_in(5) {
        backend["namespace"] = json!(choices.one(&NAMESPACES));
    }
    backend
}

fn rule(choices: &mut Choices, kind: &str) -> Value {
    let backends: Vec<Value> = (0..1 + choices.below(2))
        .map(|_| backend(choices))
        .collect();
    let mut rule = json!({"backendRefs": backends});
    let mut filters = Vec::new();
    if matches!(kind, "HTTPRoute" | "GRPCRoute") {
        if choices.once_in(6) {
            filters.push(json!({"type": "Bogus"}));
        }
        if choices.once_in(6) {
            let mut mirrored = backend(choices);
            if mirrored.get("port").is_none() {
                mirrored["port"] = json!(80);
            }
            filters
                .push(json!({"type": "RequestMirror", "requestMirror": {"backendRef": mirrored}}));
        }
    }
    if kind == "HTTPRoute" && choices.once_in(6) {
        filters.push(json!({"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}}));
        if choices.once_in(3) {
            rule["backendRefs"] = json!([]);
        }
    }
    if !filters.is_empty() {
        rule["filters"] = json!(filters);
    }
    rule
}

fn route(choices: &mut Choices, index: usize, mode: Mode, holders: &[Value]) -> Value {
    let kind = *choices.one(&[
        "HTTPRoute",
        "HTTPRoute",
        "GRPCRoute",
        "HTTPRoute",
        "TLSRoute",
        "TCPRoute",
        "UDPRoute",
        "GRPCRoute",
    ]);
    let version = match kind {
        "HTTPRoute" | "GRPCRoute" => "v1",
        _ => "v1alpha2",
    };
    let parents: Vec<Value> = (0..1 + choices.below(3))
        .map(|_| parent(choices, mode, holders))
        .collect();
    let rules: Vec<Value> = (0..1 + choices.below(2))
        .map(|_| rule(choices, kind))
        .collect();
    let mut spec = json!({"parentRefs": parents, "rules": rules});
    if matches!(kind, "HTTPRoute" | "GRPCRoute" | "TLSRoute") && !choices.once_in(3) {
        let hosts: Vec<&str> = (0..1 + choices.below(3))
            .map(|_| *choices.one(&HOSTS))
            .collect();
        spec["hostnames"] = json!(hosts);
    }
    if choices.once_in(4) {
        spec["useDefaultGateways"] = json!(choices.one(&["All", "All", "None"]));
    }
    let mut metadata = json!({
        "namespace": choices.one(&NAMESPACES), "name": format!("r{index}"),
    });
    if !choices.once_in(3) {
        metadata["creationTimestamp"] = json!(format!("2026-01-01T00:00:0{}Z", choices.below(3)));
    }
    json!({
        "apiVersion": format!("{GROUP}/{version}"), "kind": kind, "metadata": metadata, "spec": spec,
    })
}
