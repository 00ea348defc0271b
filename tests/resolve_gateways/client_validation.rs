//! GW-FTLS.

use gatewright::plan::ClientValidationMode;
use gatewright::vocab::{Bundle, Channel, Release};
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

const GATEWAY: &str = "Gateway infra/edge";

fn ca(name: &str) -> Value {
    json!({"group": "", "kind": "ConfigMap", "name": name})
}

fn validation(references: Value) -> Value {
    json!({"validation": {"caCertificateRefs": references}})
}

/// Listeners `a` (HTTPS, 443), `b` (HTTPS, 8443), `plain` (HTTP, 80) and `tls` (TLS that ends here, 444).
fn with_frontend(frontend: Value) -> World {
    let ends = edit(https("tls", 444, &["cert"]), json!({"protocol": "TLS"}));
    let listeners = json!([
        https("a", 443, &["cert"]),
        https("b", 8443, &["cert"]),
        http("plain", 80),
        ends
    ]);
    let gateway = edit(
        gateway("infra/edge", listeners),
        json!({"spec": {"tls": {"frontend": frontend}}}),
    );
    world()
        .with(gateway)
        .with(secret("infra/cert"))
        .with(authority("infra/ca"))
        .with(authority("infra/port"))
        .with(authority("other/ca"))
}

/// The authorities that a listener of the plan trusts; `None` when it asks for no certificate.
fn trusted(outcome: &Outcome, listener: &str) -> Option<Vec<String>> {
    let heads = outcome.heads();
    let head = heads
        .iter()
        .find(|head| *head.name == *listener)
        .expect("programmed");
    let validation = head.client_validation.as_ref()?;
    Some(
        validation
            .authorities
            .iter()
            .map(ToString::to_string)
            .collect(),
    )
}

fn ca_of(namespace_and_name: &str) -> Option<Vec<String>> {
    Some(vec![namespace_and_name.to_owned()])
}

/// GW-FTLS-01, GW-FTLS-02, GW-FTLS-04, GW-FTLS-06, GW-ANN-01: the default, replaced as a whole on ports with an entry; other
/// protocols are not concerned.
#[test]
fn ports_replace_the_default() {
    let outcome = with_frontend(json!({
        "default": validation(json!([ca("ca")])),
        "perPort": [
            {"port": 8443, "tls": validation(json!([ca("port")]))},
            {"port": 80, "tls": validation(json!([ca("missing")]))},
        ],
    }))
    .resolve();
    assert_eq!(trusted(&outcome, "a"), ca_of("infra/ca"));
    assert_eq!(trusted(&outcome, "b"), ca_of("infra/port"));
    assert_eq!(
        (trusted(&outcome, "plain"), trusted(&outcome, "tls")),
        (None, None)
    );
    for listener in ["a", "b", "plain", "tls"] {
        assert_eq!(outcome.edge(listener), FINE, "{listener}");
    }
    let off =
        json!({"default": validation(json!([ca("ca")])), "perPort": [{"port": 443, "tls": {}}]});
    let outcome = with_frontend(off).resolve();
    assert_eq!(
        (trusted(&outcome, "a"), trusted(&outcome, "b")),
        (None, ca_of("infra/ca"))
    );
    let empty = with_frontend(json!({"default": {}})).resolve();
    assert_eq!(trusted(&empty, "a"), None);
}

/// GW-FTLS-03: entries of sets on the port are validated too; the Gateway is the referrer.
#[test]
fn sets_share_the_port_and_its_validation() {
    let world = with_frontend(json!({"default": validation(json!([ca("ca")]))}));
    let gateway = world
        .objects
        .iter()
        .find(|o| o["kind"] == "Gateway")
        .cloned()
        .expect("Gateway");
    let entry = with_host(https("own", 443, &["cert"]), "team.test");
    let outcome = world
        .with(open_to_sets(gateway))
        .with(secret("team/cert"))
        .with(set("team/set", json!([entry])))
        .resolve();
    assert_eq!(trusted(&outcome, "own"), ca_of("infra/ca"));
}

/// GW-FTLS-05, GW-FTLS-12: the modes; tolerance anywhere is told by the Gateway.
#[test]
fn tolerance_is_told() {
    let tolerant = edit(
        validation(json!([ca("ca")])),
        json!({"validation": {"mode": "AllowInsecureFallback"}}),
    );
    for (frontend, insecure) in [
        (json!({"default": tolerant}), true),
        (
            json!({"default": {}, "perPort": [{"port": 9, "tls": tolerant}]}),
            true,
        ),
        (json!({"default": validation(json!([ca("ca")]))}), false),
    ] {
        let outcome = with_frontend(frontend.clone()).resolve();
        let told = reason(&outcome.told(GATEWAY), "InsecureFrontendValidationMode");
        assert_eq!(told == "ConfigurationChanged", insecure, "{frontend}");
        assert_eq!(told.is_empty(), !insecure);
    }
    let outcome = with_frontend(json!({"default": tolerant})).resolve();
    let mode = |outcome: &Outcome| {
        outcome.heads()[0]
            .client_validation
            .as_ref()
            .map(|v| v.mode)
    };
    assert_eq!(
        mode(&outcome),
        Some(ClientValidationMode::AllowInsecureFallback)
    );
    let strict = with_frontend(json!({"default": validation(json!([ca("ca")]))})).resolve();
    assert_eq!(mode(&strict), Some(ClientValidationMode::AllowValidOnly));
}

/// GW-FTLS-07, GW-FTLS-08, GW-FTLS-09, GW-FTLS-10: reasons of bad references, on every HTTPS listener of the port and nowhere
/// else; without any usable authority the listener is refused; all releases alike.
#[test]
fn bad_authorities_refuse_https_listeners() {
    let elsewhere = edit(ca("ca"), json!({"namespace": "other"}));
    for release in Release::ALL {
        for (reference, why) in [
            (ca("missing"), "InvalidCACertificateRef"),
            (ca("empty"), "InvalidCACertificateRef"),
            (ca("text"), "InvalidCACertificateRef"),
            (
                json!({"group": "", "kind": "Service", "name": "ca"}),
                "InvalidCACertificateKind",
            ),
            (
                json!({"group": "example.net", "kind": "ConfigMap", "name": "ca"}),
                "InvalidCACertificateKind",
            ),
            (elsewhere.clone(), "RefNotPermitted"),
        ] {
            let world = with_frontend(json!({"default": validation(json!([reference]))}))
                .release(release)
                .with(config_map("infra/empty", json!({})))
                .with(config_map("infra/text", json!({"ca.crt": "hello"})));
            let outcome = world.resolve();
            for listener in ["a", "b"] {
                assert_eq!(
                    outcome.edge(listener),
                    format!(
                        "Accepted=!NoValidCACertificate Programmed=!Invalid ResolvedRefs=!{why}"
                    ),
                    "{release} {reference}"
                );
                assert_eq!(outcome.kinds(GATEWAY, listener), ["HTTPRoute", "GRPCRoute"]);
            }
            assert_eq!(
                (outcome.edge("plain"), outcome.edge("tls")),
                (FINE.to_owned(), FINE.to_owned())
            );
            assert_eq!(outcome.served(), ["plain", "tls"]);
        }
    }
    let granted = grant_for("other", (GROUP, "Gateway", "infra"), ("", "ConfigMap"));
    let outcome = with_frontend(json!({"default": validation(json!([elsewhere]))}))
        .with(granted)
        .resolve();
    assert_eq!(trusted(&outcome, "a"), ca_of("other/ca"));
}

/// GW-FTLS-09: some usable authorities are enough.
#[test]
fn some_usable_authorities_are_enough() {
    let outcome =
        with_frontend(json!({"default": validation(json!([ca("missing"), ca("ca")]))})).resolve();
    assert_eq!(
        outcome.edge("a"),
        "Accepted=Accepted Programmed=Programmed ResolvedRefs=!InvalidCACertificateRef"
    );
    assert_eq!(trusted(&outcome, "a"), ca_of("infra/ca"));
}

/// GW-FTLS-11: tolerance changes nothing about authorities.
#[test]
fn tolerance_needs_authorities_too() {
    let tolerant = edit(
        validation(json!([ca("missing")])),
        json!({"validation": {"mode": "AllowInsecureFallback"}}),
    );
    let outcome = with_frontend(json!({"default": tolerant})).resolve();
    assert_eq!(
        outcome.edge_reason("a", "Accepted"),
        "!NoValidCACertificate"
    );
}

/// GW-FTLS-08, GW-COND-12: bad references for ports without any HTTPS listener show in a message only.
#[test]
fn unused_bad_references_are_named() {
    let frontend = json!({"default": {}, "perPort": [
        {"port": 80, "tls": validation(json!([ca("gone")]))},
        {"port": 9443, "tls": validation(json!([ca("lost")]))},
    ]});
    for release in Release::ALL {
        let outcome = with_frontend(frontend.clone()).release(release).resolve();
        let plain = with_frontend(json!({"default": {}}))
            .release(release)
            .resolve();
        assert_eq!(outcome.told(GATEWAY), plain.told(GATEWAY));
        let message = outcome.message_of(outcome.status(GATEWAY), "Accepted");
        assert!(
            message.contains("infra/gone") && message.contains("infra/lost"),
            "{message}"
        );
    }
}

/// GW-FTLS-13: both sides are independent of each other.
#[test]
fn frontend_and_backend_are_independent() {
    let world = with_frontend(json!({"default": validation(json!([ca("missing")]))}));
    let gateway = world
        .objects
        .iter()
        .find(|o| o["kind"] == "Gateway")
        .cloned()
        .expect("Gateway");
    let both = edit(
        gateway,
        json!({"spec": {"tls": {"backend": {"clientCertificateRef": {"name": "cert"}}}}}),
    );
    let outcome = world.with(both).resolve();
    let plan = &outcome.resolution.plan.gateways[0];
    assert!(plan.client_certificate.is_some());
    assert_eq!(
        outcome.edge_reason("a", "Accepted"),
        "!NoValidCACertificate"
    );
}

/// VER-02, VER-04: the field is experimental in v1.4 and ignored in its standard channel.
#[test]
fn ignored_where_it_is_experimental() {
    let world = with_frontend(json!({"default": validation(json!([ca("missing")]))}));
    let at = |release, channel| {
        world
            .clone()
            .bundle(Bundle::new(release, channel))
            .resolve()
            .edge("a")
    };
    assert_eq!(at(Release::V1_4, Channel::Standard), FINE);
    assert_ne!(at(Release::V1_4, Channel::Experimental), FINE);
    assert_ne!(at(Release::V1_5, Channel::Standard), FINE);
}
