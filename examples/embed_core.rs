//! The core alone: a plan by hand, a router, a request, an outcome. No Kubernetes objects, no features.
//!
//! `cargo run --no-default-features --example embed_core`

#![allow(clippy::expect_used, clippy::panic, reason = "an example may stop")]

use gatewright::filter::{self, Draw, Outcome};
use gatewright::plan::{
    Action, Attachment, Backend, Filter, Gateway, HeaderEdits, HttpMatch, Listener, ListenerHead,
    Plan, Route, Rule,
};
use gatewright::router::{
    Accepted, Connection, ConnectionProtocol, RequestHead, Router, Target, Why,
};

fn main() {
    let router = Router::compile(&plan());

    // A data plane knows the port and the protocol when a client connects. Over TLS it also knows the server name.
    let connection = Connection {
        target: Target::Only,
        port: 80,
        protocol: ConnectionProtocol::Http,
        sni: None,
    };
    let Accepted::Http(listener) = router.accept(&connection) else {
        panic!("nobody listens on port 80");
    };

    // The cart, with the header that the rule sets.
    let request = http::Request::get("http://shop.example.com/cart/42")
        .body(())
        .expect("a request");
    let head = RequestHead::from_request(&request).expect("a head that HTTP allows");
    let found = listener.find(&head).expect("a rule takes it");
    let Outcome::Forward(forward) = filter::apply(&found, &head, Draw::of(0)) else {
        panic!("forwarded");
    };
    assert_eq!(&*forward.backend.target.name.name, "cart");
    let area = forward.request.lines().find(|(name, _)| *name == "x-area");
    assert_eq!(area, Some(("x-area", &b"cart"[..])));
    println!("/cart/42 goes to {}", forward.backend.target.name);

    // The catalogue is split 9 to 1. Chance is the caller's: the draw decides, and the same draw decides the same.
    let request = http::Request::get("http://shop.example.com/catalog")
        .body(())
        .expect("a request");
    let head = RequestHead::from_request(&request).expect("a head that HTTP allows");
    let found = listener.find(&head).expect("a rule takes it");
    let mut served = std::collections::BTreeMap::<String, u32>::new();
    for tenth in 0..10 {
        let draw = Draw::at((f64::from(tenth) + 0.5) / 10.0);
        let Outcome::Forward(forward) = filter::apply(&found, &head, draw) else {
            panic!("forwarded");
        };
        *served
            .entry(forward.backend.target.name.name.to_string())
            .or_default() += 1;
    }
    assert_eq!(served.get("catalog"), Some(&9));
    assert_eq!(served.get("catalog-next"), Some(&1));
    println!("/catalog is split {served:?}");

    // Nothing takes the rest.
    let request = http::Request::get("http://shop.example.com/elsewhere")
        .body(())
        .expect("a request");
    let head = RequestHead::from_request(&request).expect("a head that HTTP allows");
    let refused = listener.find(&head).expect_err("no rule takes it");
    assert_eq!((refused.status(), refused.why()), (404, Why::NoRule));
    println!("/elsewhere is answered with {}", refused.status());
}

/// A Gateway with one listener and one Route of two rules.
fn plan() -> Plan {
    let area = HeaderEdits {
        set: vec![("x-area".into(), "cart".into())],
        ..HeaderEdits::default()
    };
    let cart = Action::forward([Backend::service("shop", "cart", 8080)])
        .with_filters([Filter::RequestHeaders(area)]);
    let catalog = Action::forward([
        Backend::service("shop", "catalog", 8080).with_weight(9),
        Backend::service("shop", "catalog-next", 8080).with_weight(1),
    ]);
    let route = Route::http(
        "shop",
        "front",
        [
            Rule::http(0, [HttpMatch::prefix("/cart")], cart),
            Rule::http(1, [HttpMatch::prefix("/catalog")], catalog),
        ],
    );
    let listener = Listener::new(
        ListenerHead::http("shop", "public", "web", 80),
        [Attachment::any_host(route)],
    );
    Plan::of([Gateway::new("shop", "public", [listener])])
}
