//! GW-COAL: what listeners are told about names that clients could mix up. Requests are with the tests of the router.

use std::sync::Arc;

use gatewright::resolve::{CertificateReader, InvalidCertificate};
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

fn overlaps(outcome: &Outcome, names: &[&str]) -> Vec<String> {
    let told = names
        .iter()
        .map(|name| outcome.edge_reason(name, "OverlappingTLSConfig"));
    told.collect()
}

fn with(listeners: Value) -> World {
    world()
        .with(secret("infra/cert"))
        .with(gateway("infra/edge", listeners))
}

const HOSTS: &str = "OverlappingHostnames";

/// GW-COAL-01, GW-COAL-02: the wildcard and what it covers, not the third; nothing is ever `False`.
#[test]
fn wildcards_overlap_with_what_they_cover() {
    let host = |name: &str, host: &str| with_host(https(name, 443, &["cert"]), host);
    let outcome = with(json!([
        host("a", "foo.example.com"),
        host("b", "foo.example.org"),
        host("c", "*.example.com"),
        with_host(https("d", 444, &["cert"]), "foo.example.com"),
    ]))
    .resolve();
    assert_eq!(
        overlaps(&outcome, &["a", "b", "c", "d"]),
        [HOSTS, "", HOSTS, ""]
    );
    let outcome = with(json!([
        host("a", "a.test"),
        https("any", 443, &["cert"]),
        host("b", "b.test")
    ]))
    .resolve();
    assert_eq!(overlaps(&outcome, &["a", "any", "b"]), [HOSTS; 3]);
}

/// GW-COAL-03: accepted listeners that end TLS, those of allowed sets too; kinds play no role, Passthrough is out.
#[test]
fn which_listeners_are_compared() {
    let no_kinds = json!({"allowedRoutes": {"kinds": [{"kind": "Odd"}]}});
    let ends = edit(
        with_host(https("ends", 443, &["cert"]), "b.x.test"),
        json!({"protocol": "TLS"}),
    );
    let outcome = with(json!([
        with_host(https("bad", 443, &["missing"]), "*.x.test"),
        with_host(listener("through", 443, "TLS"), "*.b.x.test"),
        ends,
        edit(
            with_host(https("odd", 443, &["cert"]), "*.c.x.test"),
            no_kinds
        ),
        with_host(https("c", 443, &["cert"]), "a.c.x.test"),
        with_host(http("plain", 80), "*.x.test"),
    ]))
    .resolve();
    let names = ["bad", "through", "ends", "odd", "c", "plain"];
    assert_eq!(overlaps(&outcome, &names), ["", "", "", HOSTS, HOSTS, ""]);
    let entry = |host: &str| json!([with_host(https("own", 443, &["cert"]), host)]);
    let world = world()
        .with(secret("infra/cert"))
        .with(secret("team/cert"))
        .with(open_to_sets(gateway(
            "infra/edge",
            json!([with_host(https("a", 443, &["cert"]), "*.a.test")]),
        )))
        .with(set("team/set", entry("x.a.test")));
    let outcome = world.clone().resolve();
    assert_eq!(overlaps(&outcome, &["a"]), [HOSTS]);
    let own = outcome.told_listener("ListenerSet team/set", "own");
    assert_eq!(reason(&own, "OverlappingTLSConfig"), HOSTS);
    let closed = gateway(
        "infra/edge",
        json!([with_host(https("a", 443, &["cert"]), "*.a.test")]),
    );
    assert_eq!(overlaps(&world.with(closed).resolve(), &["a"]), [""]);
}

#[derive(Debug)]
struct Named;

impl CertificateReader for Named {
    fn read_pair(&self, chain: &[u8], _: &[u8]) -> Result<Vec<String>, InvalidCertificate> {
        let text = String::from_utf8_lossy(chain);
        Ok(text.split_whitespace().map(str::to_owned).collect())
    }

    fn read_authorities(&self, _: &[u8]) -> Result<(), InvalidCertificate> {
        Ok(())
    }
}

/// GW-COAL-01: names in certificates, known to a full reader, come before hostnames.
#[test]
fn certificates_overlap_by_their_names() {
    let named = |name: &str, names: &str| secret_of(name, json!({"tls.crt": names, "tls.key": ""}));
    let outcome = with(json!([
        with_host(https("a", 443, &["both"]), "a.test"),
        with_host(https("b", 443, &["both"]), "b.test"),
        with_host(https("c", 443, &["own"]), "*.c.test"),
        with_host(https("d", 443, &["own2"]), "d.c.test"),
    ]))
    .with(named("infra/both", "a.test b.test"))
    .with(named("infra/own", "x.c.test"))
    .with(named("infra/own2", "d.c.test"))
    .controller(|controller| controller.with_certificate_reader(Arc::new(Named)))
    .resolve();
    let certificates = "OverlappingCertificates";
    assert_eq!(
        overlaps(&outcome, &["a", "b", "c", "d"]),
        [certificates, certificates, HOSTS, HOSTS]
    );
}

/// GW-COAL-04, GW-COAL-05, GW-COAL-06: the pool of requests is the plan: programmed HTTPS listeners, entries of sets
/// included, without those that are conflicted, unusable or without kinds.
#[test]
fn the_pool_of_requests_is_the_plan() {
    let no_kinds = json!({"allowedRoutes": {"kinds": [{"kind": "Odd"}]}});
    let outcome = world()
        .with(secret("infra/cert"))
        .with(secret("team/cert"))
        .with(open_to_sets(gateway(
            "infra/edge",
            json!([
                https("any", 443, &["cert"]),
                edit(
                    with_host(https("odd", 443, &["cert"]), "odd.test"),
                    no_kinds
                ),
                with_host(https("bad", 443, &["missing"]), "bad.test"),
                with_host(https("one", 443, &["cert"]), "same.test"),
                with_host(https("two", 443, &["cert"]), "same.test"),
            ]),
        )))
        .with(set(
            "team/set",
            json!([with_host(https("own", 443, &["cert"]), "own.test")]),
        ))
        .resolve();
    assert_eq!(outcome.served(), ["any", "team/set:own"]);
}
