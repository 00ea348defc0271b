//! The whole way: manifests, validation, a snapshot, a resolution, a router, a decision.
//!
//! `cargo run --features yaml --example manifests_to_decision`

use std::error::Error;
use std::path::Path;

use gatewright::api::{Object, Timestamp};
use gatewright::filter::{self, Draw, Outcome};
use gatewright::manifest;
use gatewright::resolve::{Controller, resolve};
use gatewright::router::{Accepted, Connection, ConnectionProtocol, RequestHead, Router, Target};
use gatewright::snapshot::Snapshot;
use gatewright::validate;
use gatewright::vocab::Bundle;

fn main() -> Result<(), Box<dyn Error>> {
    let bundle = Bundle::default();

    // Read: documents with their origin. What cannot be read does not keep the rest from being read.
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop");
    let reading = manifest::read(&[shop]);
    assert!(reading.unreadable.is_empty() && reading.parsed.errors.is_empty());

    // Check and gather: what an API server would reject stays out; what it would add is added.
    let mut builder = Snapshot::builder();
    for mut document in reading.parsed.documents {
        manifest::complete(document.value_mut());
        let report = validate::check(document.value(), bundle);
        if report.checked && !report.accepted {
            eprintln!("{}: {:?}", document.origin(), report.violations);
            continue;
        }
        let stored = validate::default_and_prune(document.value(), bundle);
        builder.add(Object::from_value(stored)?)?;
    }
    let snapshot = builder.build();

    // Resolve: a plan for the data plane, a status for every object of ours.
    let controller = Controller::named("example.com/edge-gateway").with_bundle(bundle);
    let resolution = resolve(&snapshot, &controller);
    let gateway = resolution
        .statuses
        .find("Gateway", Some("platform"), "public")
        .ok_or("the Gateway gets a status")?;
    let status = gateway.merged(&Timestamp::from("2026-01-01T00:00:00Z"));
    let accepted = status
        .pointer("/conditions/0")
        .ok_or("a condition is written")?;
    assert_eq!(accepted.get("type"), Some(&"Accepted".into()));
    assert_eq!(accepted.get("status"), Some(&"True".into()));

    // Compile, connect, match, apply.
    let router = Router::compile(&resolution.plan);
    let connection = Connection {
        target: Target::Gateway {
            namespace: "platform",
            name: "public",
        },
        port: 443,
        protocol: ConnectionProtocol::Https,
        sni: Some(b"shop.example.com"),
    };
    let Accepted::Http(listener) = router.accept(&connection) else {
        return Err("the listener takes HTTP".into());
    };
    let request = http::Request::get("https://shop.example.com/cart/42").body(())?;
    let head = RequestHead::from_request(&request)?;
    let found = listener.find(&head).map_err(|none| none.to_string())?;
    assert_eq!(found.rule_name(), Some("cart"));
    let Outcome::Forward(forward) = filter::apply(&found, &head, Draw::of(0)) else {
        return Err("the cart is forwarded".into());
    };
    assert_eq!(forward.backend.target.name.to_string(), "storefront/cart");

    println!(
        "https://shop.example.com/cart/42: rule `{}` of {} {}, backend {}",
        found.rule_name().unwrap_or_default(),
        found.route().kind,
        found.route().name,
        forward.backend.target.name
    );
    Ok(())
}
