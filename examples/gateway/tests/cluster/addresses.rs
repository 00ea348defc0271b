//! Addresses and ports of Gateways.

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::objects::{gateway, shop};
use crate::{NEW, Running, backend, condition, until};

/// A Gateway that wants addresses.
fn wanting(name: &str, addresses: Value) -> Value {
    let mut gateway = gateway(name);
    gateway["spec"]["addresses"] = addresses;
    gateway
}

fn programmed(status: &Value) -> (&str, &str) {
    condition(&status["conditions"], "Programmed")
}

/// GW-ADDR-05, GW-LSTN-12: each Gateway listens on an address of its own, and says so.
#[tokio::test]
async fn gateways_get_addresses_of_the_pool_and_keep_them() {
    backend("127.90.31.200:8080", "one").await;
    let mut objects = shop(31);
    // It had this one before the process started.
    let mut kept = gateway("kept");
    kept["status"] = json!({"addresses": [{"type": "IPAddress", "value": "127.90.31.9"}]});
    objects.extend([kept, gateway("second")]);
    let running = Running::start(31, NEW, objects).await;
    for (name, address) in [("front", 1), ("kept", 9), ("second", 2)] {
        let value = format!("127.90.31.{address}");
        running
            .status("Gateway", name, |status| {
                status["addresses"] == json!([{"type": "IPAddress", "value": value}])
                    && programmed(status) == ("True", "Programmed")
            })
            .await;
        let answer = running.get_from(address, 80, "shop.test", "/cart").await;
        let expected = if name == "front" { 200 } else { 404 };
        assert_eq!(answer.unwrap().0, expected, "{name}");
    }
    // One goes; its address is free again, the others stay where they are.
    running.cluster.delete(&gateway("front"));
    until("nobody listens on the address", async || {
        running.get_from(1, 80, "shop.test", "/").await.is_none()
    })
    .await;
    running.cluster.put(gateway("third"));
    running
        .status("Gateway", "third", |status| {
            status["addresses"][0]["value"] == "127.90.31.1"
        })
        .await;
    running
        .status("Gateway", "second", |status| {
            status["addresses"][0]["value"] == "127.90.31.2"
        })
        .await;
}

/// GW-ADDR-02..04.
#[tokio::test]
async fn wanted_addresses_are_had_if_the_pool_has_them() {
    let ip = |value: &str| json!({"type": "IPAddress", "value": value});
    let objects = shop(32).into_iter().chain([
        wanting("wants", json!([ip("127.90.32.77"), ip("127.90.32.78")])),
        wanting("too-late", json!([ip("127.90.32.77")])),
        wanting("outside", json!([ip("127.90.33.1"), ip("127.90.32.79")])),
        wanting(
            "named",
            json!([{"type": "Hostname", "value": "gateway.test"}]),
        ),
        wanting("any", json!([{"type": "IPAddress"}])),
    ]);
    let running = Running::start(32, NEW, objects).await;
    running
        .status("Gateway", "wants", |status| {
            status["addresses"] == json!([ip("127.90.32.77"), ip("127.90.32.78")])
                && programmed(status) == ("True", "Programmed")
        })
        .await;
    for address in [77, 78] {
        let answer = running.get_from(address, 80, "shop.test", "/").await;
        assert_eq!(answer.unwrap().0, 404);
    }
    for (name, address) in [
        ("too-late", "127.90.32.77"),
        ("outside", "127.90.33.1"),
        ("named", "gateway.test"),
    ] {
        running
            .status("Gateway", name, |status| {
                let conditions = status["conditions"].as_array().into_iter().flatten();
                let mut own = conditions
                    .into_iter()
                    .filter(|own| own["type"] == "Programmed");
                let names_it = own.any(|own| own["message"].to_string().contains(address));
                programmed(status) == ("False", "AddressNotUsable")
                    && condition(&status["conditions"], "Accepted") == ("True", "Accepted")
                    && names_it
            })
            .await;
    }
    // GW-ADDR-03: those that could be had are listed, refused ones are not.
    running
        .status("Gateway", "outside", |status| {
            status["addresses"] == json!([ip("127.90.32.79")])
        })
        .await;
    running
        .status("Gateway", "any", |status| {
            status["addresses"] == json!([ip("127.90.32.2")])
                && programmed(status) == ("True", "Programmed")
        })
        .await;
}

/// GW-LSTN-10: a port that cannot be bound shows, and is had as soon as it can be.
#[tokio::test]
async fn ports_of_others_are_told_and_tried_again() {
    let taken = TcpListener::bind("127.90.34.1:20080").await.unwrap();
    let mut two = gateway("front");
    two["spec"]["listeners"] = json!([
        {"name": "web", "port": 80, "protocol": "HTTP"},
        {"name": "other", "port": 81, "protocol": "HTTP"}
    ]);
    let mut objects = shop(34);
    objects[2] = two;
    let running = Running::start(34, NEW, objects).await;
    let listener = |status: &Value, name: &str, type_: &str| {
        let all = status["listeners"].as_array().into_iter().flatten();
        let own = all.into_iter().find(|own| own["name"] == name);
        let (status, reason) = condition(&own.unwrap_or(&Value::Null)["conditions"], type_);
        (status.to_owned(), reason.to_owned())
    };
    let text = |status: &str, reason: &str| (status.to_owned(), reason.to_owned());
    running
        .status("Gateway", "front", |status| {
            listener(status, "web", "Accepted") == text("False", "PortUnavailable")
                && listener(status, "web", "Programmed").0 == "False"
                && listener(status, "other", "Programmed") == text("True", "Programmed")
        })
        .await;
    let other = running.get_from(1, 81, "shop.test", "/").await;
    assert_eq!(other.unwrap().0, 404);
    drop(taken);
    running
        .status("Gateway", "front", |status| {
            listener(status, "web", "Accepted") == text("True", "Accepted")
                && listener(status, "web", "Programmed") == text("True", "Programmed")
        })
        .await;
    let web = running.get_from(1, 80, "shop.test", "/").await;
    assert_eq!(web.unwrap().0, 404);
}
