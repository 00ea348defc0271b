//! Where the endpoints of Services are, from EndpointSlices.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use foldhash::fast::RandomState;
use gatewright::api::{Object, Service, ServicePort, ServiceProtocol};
use gatewright::plan::{Backend, ObjectName};
use serde_json::Value;

/// Ready endpoints by Service port, with a turn for each.
#[derive(Debug, Default)]
pub struct Endpoints {
    by_service: HashMap<ObjectName, Arc<Ports>, RandomState>,
}

/// The ports of a Service, and the objects that they were read from.
#[derive(Debug)]
struct Ports {
    service: Arc<Object>,
    slices: Vec<Arc<Object>>,
    /// By number, and whether it is one of UDP: a number may stand for a port of each.
    by_number: BTreeMap<(u16, bool), Turn>,
}

#[derive(Debug, Default)]
struct Turn {
    addresses: Vec<SocketAddr>,
    next: AtomicUsize,
}

impl Endpoints {
    /// Reads the EndpointSlices and Services among some objects. Services whose objects are the same are taken over as they
    /// are. Slices are objects that the library keeps verbatim.
    pub fn updated<'o>(&self, objects: impl Iterator<Item = &'o Arc<Object>> + Clone) -> Self {
        let mut slices: HashMap<(&str, &str), Vec<&Arc<Object>>> = HashMap::new();
        for object in objects.clone() {
            if let Some(service) = service_of(object) {
                let namespace = object.metadata().namespace.as_deref().unwrap_or("default");
                slices.entry((namespace, service)).or_default().push(object);
            }
        }
        let mut endpoints = Endpoints::default();
        for service in objects {
            let Object::Service(spec) = &**service else {
                continue;
            };
            let namespace = spec.metadata.namespace.as_deref().unwrap_or("default");
            let name = spec.metadata.name.as_str();
            let Some(slices) = slices.get(&(namespace, name)) else {
                continue;
            };
            let name = ObjectName::new(namespace, name);
            let known = self.by_service.get(&name);
            let ports = match known.filter(|known| known.are_of(service, slices)) {
                Some(known) => Arc::clone(known),
                None => Arc::new(Ports::read(service, spec, slices, known)),
            };
            endpoints.by_service.insert(name, ports);
        }
        endpoints
    }

    /// All endpoints of a backend.
    pub fn all(&self, backend: &Backend) -> &[SocketAddr] {
        let turn = self.turn(backend, false);
        turn.map_or(&[], |turn| &turn.addresses)
    }

    /// The next endpoint of a backend, in turn.
    pub fn next(&self, backend: &Backend) -> Option<SocketAddr> {
        self.turn(backend, false)?.next()
    }

    /// The next endpoint of a backend after one that failed: another one, if there is any (BACKEND-RETRY-08).
    pub fn next_after(&self, backend: &Backend, failed: SocketAddr) -> Option<SocketAddr> {
        let turn = self.turn(backend, false)?;
        turn.next()
            .filter(|next| *next != failed)
            .or_else(|| turn.next())
    }

    /// The next endpoint of a backend for datagrams.
    pub fn next_udp(&self, backend: &Backend) -> Option<SocketAddr> {
        self.turn(backend, true)?.next()
    }

    fn turn(&self, backend: &Backend, is_udp: bool) -> Option<&Turn> {
        let ports = self.by_service.get(&backend.target.name)?;
        ports.by_number.get(&(backend.target.port?, is_udp))
    }
}

impl Turn {
    fn next(&self) -> Option<SocketAddr> {
        let place = self.next.fetch_add(1, Ordering::Relaxed);
        let place = place.checked_rem(self.addresses.len())?;
        self.addresses.get(place).copied()
    }
}

/// The Service of an EndpointSlice; `None` for other objects.
fn service_of(object: &Object) -> Option<&str> {
    if object.kind() != "EndpointSlice" {
        return None;
    }
    let labels = object.metadata().labels.as_ref()?;
    labels.get("kubernetes.io/service-name").map(String::as_str)
}

impl Ports {
    fn are_of(&self, service: &Arc<Object>, slices: &[&Arc<Object>]) -> bool {
        let same = |(own, other): (&Arc<Object>, &&Arc<Object>)| Arc::ptr_eq(own, other);
        Arc::ptr_eq(&self.service, service)
            && self.slices.len() == slices.len()
            && self.slices.iter().zip(slices).all(same)
    }

    fn read(
        service: &Arc<Object>,
        spec: &Service,
        slices: &[&Arc<Object>],
        known: Option<&Arc<Ports>>,
    ) -> Self {
        let values: Vec<Value> = slices.iter().map(|slice| slice.to_value()).collect();
        let ports = spec
            .spec
            .iter()
            .flat_map(|spec| spec.ports.iter().flatten());
        let turn = |port: &ServicePort| {
            let number = u16::try_from(port.port).ok()?;
            let number = (number, *port.protocol() == ServiceProtocol::Udp);
            let addresses: BTreeSet<SocketAddr> = values
                .iter()
                .flat_map(|slice| addresses(slice, port.name.as_deref()))
                .collect();
            // Whose turn it is stays, so that frequent changes do not favour the first endpoint.
            let before = known.and_then(|known| known.by_number.get(&number));
            let next = before.map_or(0, |turn| turn.next.load(Ordering::Relaxed));
            let addresses = addresses.into_iter().collect();
            Some((
                number,
                Turn {
                    addresses,
                    next: AtomicUsize::new(next),
                },
            ))
        };
        Ports {
            service: Arc::clone(service),
            slices: slices.iter().map(|slice| Arc::clone(slice)).collect(),
            by_number: ports.filter_map(turn).collect(),
        }
    }
}

/// The ready addresses of a slice for the Service port of this name.
fn addresses(slice: &Value, port_name: Option<&str>) -> Vec<SocketAddr> {
    let ports = slice["ports"].as_array().into_iter().flatten();
    let wanted = port_name.unwrap_or("");
    let port = ports
        .filter(|port| port["name"].as_str().unwrap_or("") == wanted)
        .find_map(|port| u16::try_from(port["port"].as_u64()?).ok());
    let Some(port) = port else { return Vec::new() };
    let endpoints = slice["endpoints"].as_array().into_iter().flatten();
    endpoints
        .filter(|endpoint| endpoint["conditions"]["ready"] != false)
        .flat_map(|endpoint| endpoint["addresses"].as_array().into_iter().flatten())
        .filter_map(|address| address.as_str()?.parse::<IpAddr>().ok())
        .map(|address| SocketAddr::new(address, port))
        .collect()
}

#[cfg(test)]
mod tests {
    use gatewright::validate;
    use gatewright::vocab::Bundle;
    use serde_json::json;

    use super::*;

    fn endpoints(objects: Vec<Value>) -> Endpoints {
        let admit = |object: Value| {
            let admitted = validate::admit(&object, Bundle::default()).unwrap();
            Arc::new(admitted.into_inner())
        };
        let objects: Vec<Arc<Object>> = objects.into_iter().map(admit).collect();
        Endpoints::default().updated(objects.iter())
    }

    fn slice(ports: Value, addresses: &[&str]) -> Value {
        json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": {"name": "dns-1", "namespace": "x", "labels": {"kubernetes.io/service-name": "dns"}},
            "addressType": "IPv4", "ports": ports,
            "endpoints": [{"addresses": addresses, "conditions": {"ready": true}}]})
    }

    fn service(ports: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "dns", "namespace": "x"},
            "spec": {"ports": ports}})
    }

    /// BACKEND-PROTO-02: a number may stand for a port of TCP and for one of UDP.
    #[test]
    fn tcp_and_udp_have_ports_of_one_number() {
        let own = json!([
            {"name": "tcp", "port": 53, "protocol": "TCP"},
            {"name": "udp", "port": 53, "protocol": "UDP"},
        ]);
        let of_pods = json!([
            {"name": "tcp", "port": 5353, "protocol": "TCP"},
            {"name": "udp", "port": 5300, "protocol": "UDP"},
        ]);
        let endpoints = endpoints(vec![service(own), slice(of_pods, &["10.0.0.1"])]);
        let backend = Backend::service("x", "dns", 53);
        assert_eq!(endpoints.next(&backend).unwrap().port(), 5353);
        assert_eq!(endpoints.next_udp(&backend).unwrap().port(), 5300);
    }

    /// BACKEND-RETRY-08.
    #[test]
    fn after_a_failure_it_is_the_turn_of_another() {
        let of = |addresses: &[&str]| {
            let ports = json!([{"port": 80}]);
            endpoints(vec![service(ports.clone()), slice(ports, addresses)])
        };
        let backend = Backend::service("x", "dns", 80);
        let several = of(&["10.0.0.1", "10.0.0.2"]);
        for _ in 0..4 {
            let failed = several.next(&backend).unwrap();
            // Another request has its turn meanwhile.
            several.next(&backend);
            assert_ne!(several.next_after(&backend, failed), Some(failed));
        }
        let one = of(&["10.0.0.1"]);
        let failed = one.next(&backend).unwrap();
        assert_eq!(one.next_after(&backend, failed), Some(failed));
        assert_eq!(of(&[]).next_after(&backend, failed), None);
    }
}
