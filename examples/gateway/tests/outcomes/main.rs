//! What the upstream conformance suite does not cover, against the running gateway: external auth in HTTP and in gRPC, session
//! persistence, clients that say nothing, and what RFC 9110, 9112 and 9113 ask of whoever forwards.

#[allow(dead_code, reason = "shared with the replay of the conformance suite")]
#[path = "../conformance/gateway.rs"]
mod gateway;
#[allow(dead_code, reason = "shared with the replay of the conformance suite")]
#[path = "../../../../tests/conformance/json.rs"]
mod json;
#[path = "../conformance/network.rs"]
mod network;

mod auth;
mod client;
mod forwarding;
mod patience;
mod server;
mod session;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use gateway::{Gateway, Settings};
use gatewright_echo::{Echo, Identity, web};
use network::{Part, Range};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use client::{Answer, Ask};

/// The port that all backends listen on.
const PORT: u16 = 8080;

/// A gateway with one Gateway, and addresses for its backends.
struct Running {
    gateway: Gateway,
    part: Part,
    _range: Range,
}

impl Running {
    /// Starts a gateway with the rules of one HTTPRoute. A Service is its name and the numbers of its pods.
    async fn start(rules: Value, services: &[(&str, &[usize])]) -> Self {
        let range = Range::reserve();
        let part = range.part(0);
        let settings = Settings {
            part,
            offset: range.offset,
            bundle: "v1.6-experimental",
            without: Vec::new(),
            arguments: &["--client-timeout", "1"],
        };
        let objects = world(part, &rules, services);
        Running {
            gateway: Gateway::start(&settings, &objects).await,
            part,
            _range: range,
        }
    }

    /// Replaces all of it.
    async fn apply(&mut self, rules: Value, services: &[(&str, &[usize])]) {
        let objects = world(self.part, &rules, services);
        self.gateway.apply(&objects).await;
    }

    fn pod(&self, n: usize) -> Ipv4Addr {
        self.part.pod(n)
    }

    /// Starts an echo backend that is called `pod-n`.
    async fn echo(&self, n: usize) {
        let identity = Identity {
            namespace: "app".to_owned(),
            pod: format!("pod-{n}"),
            service: String::new(),
        };
        let listener = TcpListener::bind((self.pod(n), PORT)).await.unwrap();
        tokio::spawn(web::serve(listener, None, Arc::new(Echo::new(identity))));
    }

    /// Where the Gateway listens.
    fn address(&self) -> SocketAddr {
        let address = self.gateway.address("app/gateway").unwrap();
        SocketAddr::new(address.parse().unwrap(), 80 + self.gateway.offset)
    }

    async fn ask(&self, ask: Ask<'_>) -> Answer {
        ask.of(self.address()).await
    }
}

fn world(part: Part, rules: &Value, services: &[(&str, &[usize])]) -> Vec<Value> {
    const GROUP: &str = "gateway.networking.k8s.io/v1";
    let in_app = |name: &str| json!({"name": name, "namespace": "app"});
    let mut objects = vec![
        json!({"apiVersion": GROUP, "kind": "GatewayClass", "metadata": {"name": "class"},
            "spec": {"controllerName": "example.com/gateway-controller"}}),
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "app"}}),
        json!({"apiVersion": GROUP, "kind": "Gateway", "metadata": in_app("gateway"), "spec": {
            "gatewayClassName": "class",
            "listeners": [{"name": "http", "protocol": "HTTP", "port": 80}]}}),
        json!({"apiVersion": GROUP, "kind": "HTTPRoute", "metadata": in_app("route"), "spec": {
            "parentRefs": [{"name": "gateway"}], "rules": rules}}),
    ];
    for (name, pods) in services {
        let addresses: Vec<Value> = pods
            .iter()
            .map(|n| json!({"addresses": [part.pod(*n)], "conditions": {"ready": true}}))
            .collect();
        objects.push(
            json!({"apiVersion": "v1", "kind": "Service", "metadata": in_app(name),
            "spec": {"ports": [{"port": 80}]}}),
        );
        objects.push(
            json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": {"name": format!("{name}-1"), "namespace": "app",
                "labels": {"kubernetes.io/service-name": name}},
            "addressType": "IPv4", "ports": [{"port": PORT}], "endpoints": addresses}),
        );
    }
    objects
}
