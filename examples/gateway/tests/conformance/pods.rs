//! Echo backends for the Deployments of a world, and EndpointSlices that lead Services to them.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use gatewright_echo::{Echo, Identity, datagram, line, secure, web};
use serde_json::{Map, Value, json};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

use crate::json::{list, text};
use crate::network::Part;
use crate::world::{Suite, World, full_name};

/// The pods of one test.
pub struct Pods<'s> {
    suite: &'s Suite,
    part: Part,
    pods: Vec<Pod>,
    /// Deployment and path of each HTTP request that arrived.
    arrivals: Arc<Mutex<Vec<(String, String)>>>,
    tasks: JoinSet<()>,
}

struct Pod {
    namespace: String,
    deployment: String,
    name: String,
    labels: Map<String, Value>,
    address: Ipv4Addr,
}

/// What a container does, by its image and environment.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Web,
    Mesh,
    Lines,
    Datagrams,
    Dns,
}

impl<'s> Pods<'s> {
    pub fn new(suite: &'s Suite, part: Part) -> Self {
        Pods {
            suite,
            part,
            pods: Vec::new(),
            arrivals: Arc::default(),
            tasks: JoinSet::new(),
        }
    }

    /// Starts the pods of Deployments that have none yet.
    pub async fn follow(&mut self, world: &World) {
        for deployment in world.objects.iter().filter(|o| o["kind"] == "Deployment") {
            let full = full_name(deployment);
            let (namespace, name) = full.split_once('/').expect("ns/name");
            let known = |pod: &Pod| pod.namespace == namespace && pod.deployment == name;
            if self.pods.iter().any(known) {
                continue;
            }
            for n in 0..deployment["spec"]["replicas"].as_u64().unwrap_or(1) {
                let labels = &deployment["spec"]["template"]["metadata"]["labels"];
                let pod = Pod {
                    namespace: namespace.to_owned(),
                    deployment: name.to_owned(),
                    name: format!("{name}-0-{n}"),
                    labels: labels.as_object().cloned().unwrap_or_default(),
                    address: self.part.pod(self.pods.len()),
                };
                self.start(&pod, &deployment["spec"]["template"]["spec"])
                    .await;
                self.pods.push(pod);
            }
        }
    }

    async fn start(&mut self, pod: &Pod, spec: &Value) {
        let container = &spec["containers"][0];
        let echo = self.echo(pod, container);
        let secure = |is_http| self.settings(&pod.namespace, spec, container, is_http);
        match role(container) {
            Role::Dns => {
                let socket = UdpSocket::bind((pod.address, real(53))).await;
                self.tasks.spawn(datagram::serve_dns(socket.expect("port")));
            }
            Role::Datagrams => {
                for port in list(&container["ports"]) {
                    let port = port["containerPort"].as_u64().expect("port") as u16;
                    let socket = UdpSocket::bind((pod.address, real(port))).await;
                    self.tasks
                        .spawn(datagram::serve(socket.expect("port"), Arc::clone(&echo)));
                }
            }
            Role::Lines => {
                let tls = secure(false);
                let listener = listen(pod, 3000).await;
                self.tasks
                    .spawn(line::serve(listener, None, Arc::clone(&echo)));
                if tls.is_some() {
                    let listener = listen(pod, 8443).await;
                    self.tasks.spawn(line::serve(listener, tls, echo));
                }
            }
            Role::Mesh => {
                for port in [8080, 7070] {
                    let listener = listen(pod, port).await;
                    self.tasks
                        .spawn(web::serve(listener, None, Arc::clone(&echo)));
                }
            }
            Role::Web => {
                let tls = secure(true);
                for port in [3000, 3001] {
                    let listener = listen(pod, port).await;
                    self.tasks
                        .spawn(web::serve(listener, None, Arc::clone(&echo)));
                }
                if tls.is_some() {
                    let listener = listen(pod, 8443).await;
                    self.tasks.spawn(web::serve(listener, tls, echo));
                }
            }
        }
    }

    fn echo(&self, pod: &Pod, container: &Value) -> Arc<Echo> {
        let (arrivals, deployment) = (Arc::clone(&self.arrivals), pod.deployment.clone());
        let echo = Echo::new(Identity {
            namespace: pod.namespace.clone(),
            pod: pod.name.clone(),
            service: variable(container, "SERVICE_NAME").unwrap_or_default(),
        });
        Arc::new(echo.observed(Box::new(move |report| {
            let arrival = (deployment.clone(), text(&report["path"]).to_owned());
            arrivals.lock().expect("arrivals").push(arrival);
        })))
    }

    /// The certificate that is mounted into a container that serves TLS.
    fn settings(
        &self,
        namespace: &str,
        spec: &Value,
        container: &Value,
        is_http: bool,
    ) -> Option<Arc<rustls::ServerConfig>> {
        variable(container, "TLS_SERVER_CERT")?;
        let mounted = |source: &str, name: &str| {
            list(&spec["volumes"])
                .iter()
                .find_map(|volume| volume[source][name].as_str())
                .map(|name| format!("{namespace}/{name}"))
        };
        let secret = mounted("secret", "secretName").expect("a Secret");
        let authorities = variable(container, "TLS_CLIENT_CACERTS").map(|_| {
            let map = mounted("configMap", "name").expect("a ConfigMap");
            self.suite
                .pem(&format!("ConfigMap {map} ca.crt"))
                .as_bytes()
        });
        let config = secure::config(
            self.suite
                .pem(&format!("Secret {secret} tls.crt"))
                .as_bytes(),
            self.suite
                .pem(&format!("Secret {secret} tls.key"))
                .as_bytes(),
            authorities,
            is_http,
        );
        Some(config.expect("TLS settings"))
    }

    /// EndpointSlices of Services with a selector.
    pub fn slices(&self, world: &World) -> Vec<Value> {
        let services = world.objects.iter().filter(|o| o["kind"] == "Service");
        services.filter_map(|service| self.slice(service)).collect()
    }

    fn slice(&self, service: &Value) -> Option<Value> {
        let pods = self.selected(service);
        let metadata = &service["metadata"];
        service["spec"]["selector"].as_object()?;
        let port = |port: &Value| {
            let target = target_port(port);
            json!({"name": port["name"].as_str().unwrap_or(""), "port": real(target), "protocol": port["protocol"].as_str().unwrap_or("TCP")})
        };
        let endpoint = |pod: &&Pod| json!({"addresses": [pod.address.to_string()], "conditions": {"ready": true}, "targetRef": {"kind": "Pod", "name": pod.name, "namespace": pod.namespace}});
        Some(json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "namespace": metadata["namespace"],
                "name": format!("{}-pods", text(&metadata["name"])),
                "labels": {"kubernetes.io/service-name": metadata["name"]},
            },
            "addressType": "IPv4",
            "ports": list(&service["spec"]["ports"]).iter().map(port).collect::<Vec<_>>(),
            "endpoints": pods.iter().map(endpoint).collect::<Vec<_>>(),
        }))
    }

    fn selected(&self, service: &Value) -> Vec<&Pod> {
        let Some(selector) = service["spec"]["selector"].as_object() else {
            return Vec::new();
        };
        self.matching(text(&service["metadata"]["namespace"]), selector)
    }

    fn matching(&self, namespace: &str, selector: &Map<String, Value>) -> Vec<&Pod> {
        let fits = |pod: &&Pod| {
            pod.namespace == namespace
                && selector
                    .iter()
                    .all(|(name, value)| pod.labels.get(name) == Some(value))
        };
        self.pods.iter().filter(fits).collect()
    }

    /// The endpoints of a Service's port.
    pub fn endpoints(&self, service: &Value, port: u16) -> Vec<SocketAddr> {
        let ports = list(&service["spec"]["ports"]);
        let Some(own) = ports.iter().find(|own| own["port"] == port) else {
            return Vec::new();
        };
        let target = real(target_port(own));
        let pods = self.selected(service);
        pods.iter()
            .map(|pod| SocketAddr::from((pod.address, target)))
            .collect()
    }

    /// A pod by `name=value,...`.
    pub fn by_selector(&self, namespace: &str, selector: &str) -> Option<Ipv4Addr> {
        let pairs = selector.split(',').filter_map(|pair| pair.split_once('='));
        let labels: Map<String, Value> = pairs.map(|(n, v)| (n.to_owned(), json!(v))).collect();
        Some(self.matching(namespace, &labels).first()?.address)
    }

    /// Puts the real addresses of pods into a slice that names pods.
    pub fn fill_in(&self, slice: &mut Value) {
        let endpoints = slice["endpoints"].as_array_mut().into_iter().flatten();
        for endpoint in endpoints {
            let name = &endpoint["targetRef"]["name"];
            if let Some(pod) = self.pods.iter().find(|pod| *name == pod.name) {
                endpoint["addresses"] = json!([pod.address.to_string()]);
            }
        }
    }

    /// Forgets what arrived.
    pub fn forget(&self) {
        self.arrivals.lock().expect("arrivals").clear();
    }

    /// How many requests for a path a Deployment got.
    pub fn arrived(&self, deployment: &str, path: &str) -> usize {
        let arrivals = self.arrivals.lock().expect("arrivals");
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (own, path) in arrivals.iter() {
            *counts.entry((own, path)).or_default() += 1;
        }
        counts.get(&(deployment, path)).copied().unwrap_or(0)
    }
}

/// The Deployment of a pod that names itself.
pub fn deployment(pod: &str) -> String {
    pod.rsplitn(3, '-').nth(2).unwrap_or(pod).to_owned()
}

async fn listen(pod: &Pod, port: u16) -> TcpListener {
    let listener = TcpListener::bind((pod.address, real(port))).await;
    listener.unwrap_or_else(|e| panic!("{}:{port}: {e}", pod.address))
}

fn role(container: &Value) -> Role {
    let image = text(&container["image"]);
    if image.contains("coredns") {
        Role::Dns
    } else if image.contains("echo-advanced") {
        Role::Mesh
    } else if variable(container, "UDP_ECHO_SERVER").is_some() {
        Role::Datagrams
    } else if variable(container, "TCP_ECHO_SERVER").is_some() {
        Role::Lines
    } else {
        Role::Web
    }
}

fn variable(container: &Value, name: &str) -> Option<String> {
    let variable = list(&container["env"]).iter().find(|v| v["name"] == name)?;
    Some(text(&variable["value"]).to_owned())
}

fn target_port(port: &Value) -> u16 {
    let number = port["targetPort"].as_u64().or(port["port"].as_u64());
    number.expect("port") as u16
}

/// Ports below 1024 are out of reach for most users.
fn real(port: u16) -> u16 {
    if port < 1024 { port + 10_000 } else { port }
}
