//! Where the endpoints of Services are, from EndpointSlices.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};

use gatewright::api::{Object, Resource, Service};
use gatewright::plan::Backend;
use serde_json::Value;

/// Ready endpoints by Service port, with a turn for each.
#[derive(Debug, Default)]
pub struct Endpoints {
    by_port: HashMap<(String, String, u16), Turn>,
}

#[derive(Debug, Default)]
struct Turn {
    addresses: Vec<SocketAddr>,
    next: AtomicUsize,
}

impl Endpoints {
    /// Reads the EndpointSlices and Services among some objects. Slices are objects that the library keeps as they are.
    pub fn of<'o>(objects: impl Iterator<Item = &'o Object> + Clone) -> Self {
        let mut slices: HashMap<(String, String), Vec<Value>> = HashMap::new();
        for object in objects
            .clone()
            .filter(|object| object.kind() == "EndpointSlice")
        {
            let value = object.to_value();
            let service = text(&value["metadata"]["labels"]["kubernetes.io/service-name"]);
            let namespace = text(&value["metadata"]["namespace"]);
            slices.entry((namespace, service)).or_default().push(value);
        }
        let mut endpoints = Endpoints::default();
        for service in objects.filter_map(Service::of) {
            let (namespace, name) = (
                text_of(service.metadata().namespace.as_deref()),
                service.metadata().name.clone(),
            );
            let Some(slices) = slices.get(&(namespace.clone(), name.clone())) else {
                continue;
            };
            for port in service
                .spec
                .iter()
                .flat_map(|spec| spec.ports.iter().flatten())
            {
                let Ok(number) = u16::try_from(port.port) else {
                    continue;
                };
                let addresses: BTreeSet<SocketAddr> = slices
                    .iter()
                    .flat_map(|slice| addresses(slice, port.name.as_deref()))
                    .collect();
                let turn = Turn {
                    addresses: addresses.into_iter().collect(),
                    next: AtomicUsize::new(0),
                };
                endpoints
                    .by_port
                    .insert((namespace.clone(), name.clone(), number), turn);
            }
        }
        endpoints
    }

    /// All endpoints there are.
    pub fn addresses(&self) -> HashSet<SocketAddr> {
        let all = self.by_port.values().flat_map(|turn| &turn.addresses);
        all.copied().collect()
    }

    /// All endpoints of a backend.
    pub fn all(&self, backend: &Backend) -> &[SocketAddr] {
        self.turn(backend).map_or(&[], |turn| &turn.addresses)
    }

    /// The next endpoint of a backend, in turn.
    pub fn next(&self, backend: &Backend) -> Option<SocketAddr> {
        let turn = self.turn(backend)?;
        let place = turn.next.fetch_add(1, Ordering::Relaxed);
        turn.addresses
            .get(place.checked_rem(turn.addresses.len())?)
            .copied()
    }

    fn turn(&self, backend: &Backend) -> Option<&Turn> {
        let name = &backend.target.name;
        self.by_port.get(&(
            name.namespace.to_string(),
            name.name.to_string(),
            backend.target.port?,
        ))
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

fn text(value: &Value) -> String {
    text_of(value.as_str())
}

fn text_of(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}
