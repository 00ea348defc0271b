//! Small worlds for tests: objects in a line each, answers as short texts.

use std::collections::BTreeMap;

use gatewright::api::{Object, Timestamp};
use gatewright::plan::{self, ListenerHead, RouteKind};
use gatewright::resolve::{Controller, Resolution, RouteTrace, resolve};
use gatewright::snapshot::Snapshot;
use gatewright::vocab::{Bundle, Channel, Release};
use serde_json::{Value, json};

/// The controller name of everything that is ours.
pub const OURS: &str = "example.net/ours";

const GROUP: &str = "gateway.networking.k8s.io";

/// Objects and who resolves them.
#[derive(Clone)]
pub struct World {
    /// The objects as JSON.
    pub objects: Vec<Value>,
    controller: Controller,
}

/// A world with a class `ours` and a class `theirs` of somebody else.
pub fn world() -> World {
    let class = |name: &str, controller: &str| {
        json!({
            "apiVersion": format!("{GROUP}/v1"), "kind": "GatewayClass",
            "metadata": {"name": name}, "spec": {"controllerName": controller},
        })
    };
    World {
        objects: vec![class("ours", OURS), class("theirs", "example.net/theirs")],
        controller: Controller::named(OURS),
    }
}

impl World {
    /// The same with one more object; one of the same key is replaced.
    pub fn with(mut self, object: Value) -> Self {
        let key = |o: &Value| {
            (
                o["kind"].clone(),
                o["metadata"]["namespace"].clone(),
                o["metadata"]["name"].clone(),
            )
        };
        self.objects.retain(|own| key(own) != key(&object));
        self.objects.push(object);
        self
    }

    /// The same without an object, `Kind namespace/name`.
    pub fn without(mut self, name: &str) -> Self {
        let before = self.objects.len();
        self.objects.retain(|object| full_name(object) != name);
        assert_eq!(self.objects.len() + 1, before, "there is no {name}");
        self
    }

    /// The same by the rules of a release, experimental channel.
    pub fn release(self, release: Release) -> Self {
        self.bundle(Bundle::new(release, Channel::Experimental))
    }

    /// The same by the rules of a bundle.
    pub fn bundle(self, bundle: Bundle) -> Self {
        self.controller(|controller| controller.with_bundle(bundle))
    }

    /// The same with another controller.
    pub fn controller(mut self, change: impl FnOnce(Controller) -> Controller) -> Self {
        self.controller = change(self.controller);
        self
    }

    /// The objects as JSON; the tests of Gateways ask for them.
    #[allow(dead_code, reason = "used by another test that shares this file")]
    pub fn objects(&self) -> &[Value] {
        &self.objects
    }

    /// Resolves the world.
    pub fn resolve(&self) -> Outcome {
        let mut builder = Snapshot::builder();
        for object in &self.objects {
            let object = Object::from_value(object.clone()).expect("test objects are well-formed");
            builder.add(object).expect("each object once");
        }
        let resolution = resolve(&builder.build(), &self.controller);
        let now = Timestamp::from_seconds(0);
        let entries = resolution.statuses.iter();
        let statuses = entries.map(|entry| {
            let key = entry.object().key();
            let name = match &key.namespace {
                Some(namespace) => format!("{} {namespace}/{}", key.kind, key.name),
                None => format!("{} {}", key.kind, key.name),
            };
            (name, entry.merged(&now))
        });
        Outcome {
            statuses: statuses.collect(),
            resolution,
        }
    }
}

fn full_name(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, meta) = (text(&object["kind"]), &object["metadata"]);
    match meta["namespace"].as_str() {
        Some(namespace) => format!("{kind} {namespace}/{}", text(&meta["name"])),
        None => format!("{kind} {}", text(&meta["name"])),
    }
}

/// A resolved world.
pub struct Outcome {
    /// By `Kind namespace/name`, as they would be written.
    pub statuses: BTreeMap<String, Value>,
    /// Everything.
    pub resolution: Resolution,
}

impl Outcome {
    /// The entries of a Route, one text each: `parent: Accepted reason, ResolvedRefs reason`, with `!` before the
    /// reason of a false condition, and `, PartiallyInvalid` if that is there.
    pub fn parents(&self, route: &str) -> Vec<String> {
        let entries = self
            .statuses
            .get(route)
            .map_or(&[][..], |status| list(&status["parents"]));
        entries
            .iter()
            .map(|entry| told(&entry["parentRef"], &entry["conditions"]))
            .collect()
    }

    /// The entries without the parents' names.
    pub fn verdicts(&self, route: &str) -> Vec<String> {
        let tail = |entry: String| entry.split_once(": ").expect("told so").1.to_owned();
        self.parents(route).into_iter().map(tail).collect()
    }

    /// The entries of a policy.
    pub fn ancestors(&self, policy: &str) -> Vec<String> {
        let entries = self
            .statuses
            .get(policy)
            .map_or(&[][..], |status| list(&status["ancestors"]));
        entries
            .iter()
            .map(|entry| told(&entry["ancestorRef"], &entry["conditions"]))
            .collect()
    }

    /// A condition of an entry of a Route.
    pub fn condition(&self, route: &str, entry: usize, wanted: &str) -> &Value {
        let conditions = list(&self.statuses[route]["parents"][entry]["conditions"]);
        let found = conditions
            .iter()
            .find(|condition| condition["type"] == wanted);
        found.unwrap_or_else(|| panic!("{route} has no condition {wanted}"))
    }

    /// The message of a condition of an entry of a Route.
    pub fn message(&self, route: &str, entry: usize, wanted: &str) -> &str {
        self.condition(route, entry, wanted)["message"]
            .as_str()
            .expect("always written")
    }

    /// `attachedRoutes` of a listener of `Kind namespace/name`.
    pub fn count(&self, holder: &str, listener: &str) -> u64 {
        let listeners = list(&self.statuses[holder]["listeners"]);
        let found = listeners
            .iter()
            .find(|own| own["name"] == listener)
            .expect("listener");
        found["attachedRoutes"].as_u64().expect("always written")
    }

    /// What serves at a listener of the plan: `Kind namespace/name` and the hostnames, sorted. Panics if the plan does
    /// not have the listener.
    pub fn serving(&self, listener: &str) -> Vec<String> {
        let found = self
            .listeners()
            .find(|own| *own.head.name == *listener)
            .expect("programmed");
        let mut serving: Vec<String> = found
            .routes
            .iter()
            .map(|attachment| {
                let names = attachment.hostnames.iter().map(ToString::to_string);
                let names: Vec<String> = names.collect();
                let route = &attachment.route;
                format!("{} {} [{}]", route.kind, route.name, names.join(" "))
            })
            .collect();
        serving.sort();
        serving
    }

    /// All listeners of the plan.
    pub fn listeners(&self) -> impl Iterator<Item = &plan::Listener> {
        self.resolution
            .plan
            .gateways
            .iter()
            .flat_map(|gateway| &gateway.listeners)
    }

    /// The heads of all listeners of the plan.
    pub fn heads(&self) -> Vec<&ListenerHead> {
        self.listeners().map(|listener| &*listener.head).collect()
    }

    /// The Route of the plan, from the first listener that it is attached to.
    pub fn plan_route(&self, name: &str) -> &plan::Route {
        let mut attachments = self.listeners().flat_map(|listener| &listener.routes);
        let named = |route: &plan::Route| format!("{} {}", route.kind, route.name) == name;
        let found = attachments.find(|attachment| named(&attachment.route));
        &found
            .unwrap_or_else(|| panic!("{name} is attached nowhere"))
            .route
    }

    /// The trace of a Route.
    pub fn trace(&self, kind: RouteKind, namespace: &str, name: &str) -> RouteTrace {
        let trace = &self.resolution.trace;
        trace
            .explain(kind, namespace, name)
            .expect("every Route has a trace")
    }

    /// The routes of a group of a mesh frontend: `Kind namespace/name`.
    pub fn frontend(&self, service: &str, port: u16, client: &str) -> Vec<String> {
        let mut frontends = self.resolution.plan.frontends.iter();
        let found = frontends.find(|f| f.service.to_string() == service && f.port == port);
        let group = found.and_then(|frontend| frontend.group_for(client));
        let routes = group
            .iter()
            .flat_map(|group| group.routes.iter().chain(&group.udp));
        routes
            .map(|route| format!("{} {}", route.kind, route.name))
            .collect()
    }
}

fn told(parent: &Value, conditions: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut name = format!("{} ", text(&parent["kind"]));
    if let Some(namespace) = parent["namespace"].as_str() {
        name += &format!("{namespace}/");
    }
    name += &text(&parent["name"]);
    if let Some(section) = parent["sectionName"].as_str() {
        name += &format!("#{section}");
    }
    if let Some(port) = parent["port"].as_u64() {
        name += &format!(":{port}");
    }
    let conditions = list(conditions).iter().map(|condition| {
        let reason = text(&condition["reason"]);
        match (
            text(&condition["type"]).as_str(),
            text(&condition["status"]).as_str(),
        ) {
            ("PartiallyInvalid", "True") => "PartiallyInvalid".to_owned(),
            (_, "True") => reason,
            (_, "False") => format!("!{reason}"),
            (type_, status) => panic!("{type_} is {status}"),
        }
    });
    format!("{name}: {}", conditions.collect::<Vec<_>>().join(", "))
}

/// A list, empty when absent.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// An object of a Gateway API kind, named `namespace/name`.
pub fn object(version: &str, kind: &str, name: &str, spec: Value) -> Value {
    let (namespace, name) = name.split_once('/').expect("namespace/name");
    json!({
        "apiVersion": format!("{GROUP}/{version}"), "kind": kind,
        "metadata": {"namespace": namespace, "name": name}, "spec": spec,
    })
}

/// A Gateway of class `ours`.
pub fn gateway(name: &str, listeners: Value) -> Value {
    object(
        "v1",
        "Gateway",
        name,
        json!({"gatewayClassName": "ours", "listeners": listeners}),
    )
}

/// An HTTP listener that takes Routes from everywhere.
pub fn http(name: &str, port: u16) -> Value {
    json!({"name": name, "port": port, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "All"}}})
}

/// An HTTP listener for one hostname that takes Routes from everywhere.
pub fn http_for(name: &str, port: u16, hostname: &str) -> Value {
    edit(http(name, port), json!({"hostname": hostname}))
}

/// A listener of any protocol that takes Routes from everywhere; TLS passes through.
pub fn listener(name: &str, port: u16, protocol: &str) -> Value {
    let mut listener = edit(http(name, port), json!({"protocol": protocol}));
    if protocol == "TLS" {
        listener["tls"] = json!({"mode": "Passthrough"});
    }
    listener
}

/// A Gateway `infra/edge` with one HTTP listener `web` on port 80 for everybody.
pub fn edge() -> Value {
    gateway("infra/edge", json!([http("web", 80)]))
}

/// An HTTPRoute.
pub fn http_route(name: &str, spec: Value) -> Value {
    object("v1", "HTTPRoute", name, spec)
}

/// A Route of any kind.
pub fn route(kind: &str, name: &str, spec: Value) -> Value {
    let version = match kind {
        "HTTPRoute" | "GRPCRoute" => "v1",
        _ => "v1alpha2",
    };
    object(version, kind, name, spec)
}

/// The parentRef to `infra/edge`.
pub fn to_edge() -> Value {
    json!({"namespace": "infra", "name": "edge"})
}

/// A rule that forwards to port 80 of a Service in the Route's namespace.
pub fn forward(service: &str) -> Value {
    json!({"backendRefs": [{"name": service, "port": 80}]})
}

/// An HTTPRoute on `infra/edge` that forwards to Service `cart`.
pub fn cart_route() -> Value {
    http_route(
        "shop/cart",
        json!({"parentRefs": [to_edge()], "rules": [forward("cart")]}),
    )
}

/// A Service with TCP ports; their names are `p80` and so on.
pub fn service(name: &str, ports: &[u16]) -> Value {
    let (namespace, name) = name.split_once('/').expect("namespace/name");
    let ports: Vec<Value> = ports
        .iter()
        .map(|port| json!({"name": format!("p{port}"), "port": port}))
        .collect();
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"clusterIP": "10.96.0.1", "ports": ports},
    })
}

/// A Namespace with labels.
pub fn namespace(name: &str, labels: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
}

/// A grant in a namespace: Routes of a kind in `from` may refer to Services.
pub fn grant(namespace: &str, kind: &str, from: &str) -> Value {
    object(
        "v1beta1",
        "ReferenceGrant",
        &format!("{namespace}/{}-{from}", kind.to_lowercase()),
        json!({
            "from": [{"group": GROUP, "kind": kind, "namespace": from}],
            "to": [{"group": "", "kind": "Service"}],
        }),
    )
}

/// The same object, created so many seconds into 2026.
pub fn aged(seconds: u32, object: Value) -> Value {
    let time = format!("2026-01-01T00:00:{seconds:02}Z");
    edit(object, json!({"metadata": {"creationTimestamp": time}}))
}

/// The object with fields of another laid over it; lists are replaced, `null` removes.
pub fn edit(mut object: Value, changes: Value) -> Value {
    lay_over(&mut object, changes);
    object
}

fn lay_over(object: &mut Value, changes: Value) {
    match (object, changes) {
        (Value::Object(object), Value::Object(changes)) => {
            for (key, value) in changes {
                if value.is_null() {
                    object.remove(&key);
                } else {
                    lay_over(object.entry(key).or_insert(Value::Null), value);
                }
            }
        }
        (place, value) => *place = value,
    }
}
