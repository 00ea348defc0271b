//! GW-ADDR and GW-INFRA.

use std::sync::Arc;

use gatewright::api::Gateway;
use gatewright::plan::ObjectName;
use gatewright::resolve::{AddressFact, AddressKind, DataPlane, Features, infrastructure};
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

const GATEWAY: &str = "Gateway infra/edge";

fn wanting(addresses: Value) -> World {
    world().with(edit(edge(), json!({"spec": {"addresses": addresses}})))
}

#[derive(Debug, Default)]
struct Plane {
    not_usable: Vec<&'static str>,
    not_assigned: Vec<&'static str>,
    assigned: Vec<(AddressKind, String)>,
}

impl DataPlane for Plane {
    fn address(&self, _: &ObjectName, _: AddressKind, value: Option<&str>) -> AddressFact {
        let value = value.unwrap_or("192.0.2.99");
        if self.not_usable.contains(&value) {
            AddressFact::NotUsable
        } else if self.not_assigned.contains(&value) {
            AddressFact::NotAssigned
        } else {
            AddressFact::Usable(value.to_owned())
        }
    }

    fn assigned(&self, _: &ObjectName) -> Vec<(AddressKind, String)> {
        self.assigned.clone()
    }
}

fn on(world: World, plane: Plane) -> Outcome {
    let plane = Arc::new(plane);
    world
        .controller(|controller| controller.with_data_plane(plane))
        .resolve()
}

fn told(outcome: &Outcome) -> (String, String) {
    let told = outcome.told(GATEWAY);
    (reason(&told, "Accepted"), reason(&told, "Programmed"))
}

fn pair(accepted: &str, programmed: &str) -> (String, String) {
    (accepted.to_owned(), programmed.to_owned())
}

fn addresses(outcome: &Outcome) -> Vec<String> {
    let all = list(&outcome.status(GATEWAY)["addresses"]);
    all.iter()
        .map(|address| {
            format!(
                "{} {}",
                address["type"].as_str().expect("type"),
                address["value"].as_str().expect("value")
            )
        })
        .collect()
}

/// GW-ADDR-01: two types and no others; one bad entry refuses the Gateway.
#[test]
fn types_of_addresses() {
    let good = json!([{"value": "192.0.2.7"}, {"type": "Hostname", "value": "gw.example.net"}]);
    let outcome = wanting(good).resolve();
    assert_eq!(told(&outcome), pair("Accepted", "Programmed"));
    assert_eq!(
        addresses(&outcome),
        ["IPAddress 192.0.2.7", "Hostname gw.example.net"]
    );
    for odd in ["NamedAddress", "example.net/odd", "test/fake-invalid-type"] {
        let outcome =
            wanting(json!([{"value": "192.0.2.7"}, {"type": odd, "value": "x"}])).resolve();
        assert_eq!(
            told(&outcome),
            pair("!UnsupportedAddress", "!Invalid"),
            "{odd}"
        );
        assert!(outcome.heads().is_empty());
    }
    let features = Features::default()
        .without("GatewayStaticAddresses")
        .expect("known");
    let outcome = wanting(json!([{"value": "192.0.2.7"}]))
        .controller(|controller| controller.with_features(features))
        .resolve();
    assert_eq!(told(&outcome), pair("!UnsupportedAddress", "!Invalid"));
}

/// GW-ADDR-02, GW-ADDR-03: what cannot be had is named and left out of the status.
#[test]
fn addresses_that_cannot_be_had() {
    let plane = || Plane {
        not_usable: vec!["192.0.2.8"],
        ..Plane::default()
    };
    let outcome = on(
        wanting(json!([{"value": "192.0.2.7"}, {"value": "192.0.2.8"}])),
        plane(),
    );
    assert_eq!(told(&outcome), pair("Accepted", "!AddressNotUsable"));
    assert_eq!(addresses(&outcome), ["IPAddress 192.0.2.7"]);
    let message = outcome.message_of(outcome.status(GATEWAY), "Programmed");
    assert!(message.contains("192.0.2.8"), "{message}");
    let outcome = on(wanting(json!([{"value": "192.0.2.7"}])), plane());
    assert_eq!(told(&outcome), pair("Accepted", "Programmed"));
}

/// GW-ADDR-04: an entry without value takes any of its type, unless that is switched off.
#[test]
fn addresses_without_value() {
    let any = || wanting(json!([{"type": "IPAddress"}]));
    let outcome = any().resolve();
    assert_eq!(told(&outcome), pair("Accepted", "Programmed"));
    assert_eq!(addresses(&outcome).len(), 1);
    assert_eq!(
        told(&on(
            any(),
            Plane {
                not_assigned: vec!["192.0.2.99"],
                ..Plane::default()
            }
        )),
        pair("Accepted", "!AddressNotAssigned")
    );
    let features = Features::default()
        .without("GatewayAddressEmpty")
        .expect("known");
    let outcome = any()
        .controller(|controller| controller.with_features(features))
        .resolve();
    assert_eq!(told(&outcome), pair("Accepted", "!AddressNotAssigned"));
}

/// GW-ADDR-05, GW-STAT-06: nothing wanted: one is assigned, unless the data plane says not yet.
#[test]
fn assigned_addresses() {
    let outcome = world().with(edge()).resolve();
    assert_eq!(told(&outcome), pair("Accepted", "Programmed"));
    assert_eq!(addresses(&outcome).len(), 1);
    let outcome = on(world().with(edge()), Plane::default());
    assert_eq!(told(&outcome), pair("Accepted", "!AddressNotAssigned"));
    let assigned = vec![(AddressKind::Hostname, "lb.example.net".to_owned())];
    let outcome = on(
        world().with(edge()),
        Plane {
            assigned,
            ..Plane::default()
        },
    );
    assert_eq!(addresses(&outcome), ["Hostname lb.example.net"]);
}

/// GW-ADDR-06, GW-STAT-07: each once, at most 16, types written out.
#[test]
fn addresses_are_few_and_different() {
    let mut wanted: Vec<Value> = (0..20)
        .map(|i| json!({"value": format!("192.0.2.{i}")}))
        .collect();
    wanted.insert(1, json!({"type": "IPAddress", "value": "192.0.2.0"}));
    let found = addresses(&wanting(json!(wanted)).resolve());
    assert_eq!(found.len(), 16);
    assert_eq!(found[..2], ["IPAddress 192.0.2.0", "IPAddress 192.0.2.1"]);
}

/// GW-INFRA-01, GW-INFRA-02: metadata for everything that is made for a Gateway; its own labels cannot be taken over.
#[test]
fn metadata_of_made_objects() {
    let wanted = json!({"spec": {"infrastructure": {
        "labels": {"team": "shop", "gateway.networking.k8s.io/gateway-name": "forged"},
        "annotations": {"cost": "low"},
    }}});
    let gateway: Gateway = serde_json::from_value(edit(edge(), wanted)).expect("Gateway");
    let made = infrastructure(&gateway);
    assert_eq!(
        (made.namespace.as_str(), made.name.as_str()),
        ("infra", "edge-ours")
    );
    let labels: Vec<_> = made
        .labels
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    assert_eq!(
        labels,
        [
            "gateway.networking.k8s.io/gateway-class-name=ours",
            "gateway.networking.k8s.io/gateway-name=edge",
            "team=shop",
        ]
    );
    assert_eq!(made.annotations.len(), 1);
}
