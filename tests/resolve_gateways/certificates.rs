//! GW-CERT and GW-BCC.

use gatewright::vocab::Release;
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

fn with_references(references: Value) -> World {
    let listener = edit(
        https("l", 443, &[]),
        json!({"tls": {"certificateRefs": references}}),
    );
    world()
        .with(gateway("infra/edge", json!([listener])))
        .with(secret("infra/cert"))
        .with(secret("other/cert"))
}

fn grant_secrets() -> Value {
    grant_for("other", (GROUP, "Gateway", "infra"), ("", "Secret"))
}

const NOT_PERMITTED: &str =
    "Accepted=!RefNotPermitted Programmed=!Invalid ResolvedRefs=!RefNotPermitted";
const INVALID: &str =
    "Accepted=!InvalidCertificateRef Programmed=!Invalid ResolvedRefs=!InvalidCertificateRef";

/// GW-CERT-01, RG-04: group, kind and namespace may be left out or spelled out.
#[test]
fn references_have_defaults() {
    for reference in [
        json!({"name": "cert"}),
        json!({"group": "", "kind": "Secret", "name": "cert", "namespace": "infra"}),
    ] {
        let outcome = with_references(json!([reference])).resolve();
        assert_eq!(outcome.edge("l"), FINE);
        assert_eq!(outcome.heads()[0].certificates[0].to_string(), "infra/cert");
    }
}

/// GW-CERT-02, GW-CERT-03, GW-CERT-06, RG-07: permission first, then kind, existence, content; a refused reference tells
/// nothing about its target.
#[test]
fn checks_run_in_order() {
    for (reference, expected) in [
        (json!({"name": "cert", "namespace": "other"}), NOT_PERMITTED),
        (
            json!({"name": "missing", "namespace": "other"}),
            NOT_PERMITTED,
        ),
        (
            json!({"group": "example.net", "kind": "Vault", "name": "x", "namespace": "other"}),
            NOT_PERMITTED,
        ),
        (
            json!({"group": "example.net", "kind": "Secret", "name": "cert"}),
            INVALID,
        ),
        (json!({"kind": "ConfigMap", "name": "cert"}), INVALID),
        (json!({"name": "missing"}), INVALID),
    ] {
        let outcome = with_references(json!([reference])).resolve();
        assert_eq!(outcome.edge("l"), expected, "{reference}");
        assert_eq!(
            outcome.kinds("Gateway infra/edge", "l"),
            ["HTTPRoute", "GRPCRoute"]
        );
        assert!(outcome.served().is_empty());
    }
    let there = with_references(json!([{"name": "cert", "namespace": "other"}])).resolve();
    let gone = with_references(json!([{"name": "cert", "namespace": "other"}]))
        .without("Secret other/cert")
        .resolve();
    assert_eq!(
        there.status("Gateway infra/edge"),
        gone.status("Gateway infra/edge")
    );
}

/// GW-CERT-04: what is malformed without a full reader; the type of the Secret plays no role.
#[test]
fn content_must_be_a_pair() {
    for (texts, good) in [
        (json!({"tls.crt": CERTIFICATE, "tls.key": KEY}), true),
        (json!({"tls.crt": CERTIFICATE}), false),
        (json!({"tls.key": KEY}), false),
        (
            json!({"tls.crt": "Hello world\n", "tls.key": "Hello world\n"}),
            false,
        ),
        (json!({"tls.crt": KEY, "tls.key": KEY}), false),
        (
            json!({"tls.crt": CERTIFICATE, "tls.key": CERTIFICATE}),
            false,
        ),
        (
            json!({"tls.crt": CERTIFICATE, "tls.key": format!("{KEY}{KEY}")}),
            false,
        ),
    ] {
        let odd = edit(
            secret_of("infra/odd", texts.clone()),
            json!({"type": "Opaque"}),
        );
        let outcome = with_references(json!([{"name": "odd"}]))
            .with(odd)
            .resolve();
        let expected = if good { FINE } else { INVALID };
        assert_eq!(outcome.edge("l"), expected, "{texts}");
    }
}

/// GW-CERT-05, GW-CERT-07, GW-CERT-08: usable ones are served, the worst reason is told, the message names each.
#[test]
fn some_usable_certificates_are_enough() {
    let references = json!([
        {"name": "missing"},
        {"name": "cert"},
        {"name": "cert", "namespace": "other"},
        {"name": "second"},
    ]);
    let outcome = with_references(references)
        .with(secret("infra/second"))
        .resolve();
    assert_eq!(
        outcome.edge("l"),
        "Accepted=Accepted Programmed=Programmed ResolvedRefs=!RefNotPermitted"
    );
    let names: Vec<_> = outcome.heads()[0]
        .certificates
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(names, ["infra/cert", "infra/second"]);
    let status = outcome.listener_status("Gateway infra/edge", "l");
    let message = outcome.message_of(status, "ResolvedRefs");
    assert!(
        message.contains("infra/missing") && message.contains("other/cert"),
        "{message}"
    );
}

/// GW-CERT-10, RG-01, RG-03, RG-08: a grant for this Gateway's namespace, kind and Secret; taking it away takes it back.
#[test]
fn grants_open_secrets_of_other_namespaces() {
    let world = with_references(json!([{"name": "cert", "namespace": "other"}]));
    assert_eq!(
        world.clone().with(grant_secrets()).resolve().edge("l"),
        FINE
    );
    let named = |name: &str| {
        edit(
            grant_secrets(),
            json!({"spec": {"to": [{"group": "", "kind": "Secret", "name": name}]}}),
        )
    };
    assert_eq!(world.clone().with(named("cert")).resolve().edge("l"), FINE);
    assert_eq!(
        world.clone().with(named("cert2")).resolve().edge("l"),
        NOT_PERMITTED
    );
    for (from, to) in [
        ((GROUP, "Gateway", "elsewhere"), ("", "Secret")),
        ((GROUP, "ListenerSet", "infra"), ("", "Secret")),
        (("", "Gateway", "infra"), ("", "Secret")),
        ((GROUP, "Gateway", "infra"), ("core", "Secret")),
        ((GROUP, "Gateway", "infra"), ("", "Service")),
    ] {
        let outcome = world.clone().with(grant_for("other", from, to)).resolve();
        assert_eq!(outcome.edge("l"), NOT_PERMITTED, "{from:?} {to:?}");
    }
    let here = grant_for("infra", (GROUP, "Gateway", "infra"), ("", "Secret"));
    assert_eq!(world.clone().with(here).resolve().edge("l"), NOT_PERMITTED);
    let without = world
        .clone()
        .with(grant_secrets())
        .without("ReferenceGrant other/gateway-secret");
    assert_eq!(without.resolve().edge("l"), world.resolve().edge("l"));
}

/// GW-COND-04: unresolved references do not refuse the Gateway while a listener is usable.
#[test]
fn bad_certificates_refuse_no_gateway() {
    let outcome = world()
        .with(gateway(
            "infra/edge",
            json!([https("bad", 443, &["missing"]), http("web", 80)]),
        ))
        .resolve();
    assert_eq!(
        outcome.told("Gateway infra/edge"),
        "Accepted=ListenersNotValid Programmed=Programmed ResolvedRefs=!ListenersNotResolved"
    );
}

fn with_client_certificate(reference: Value) -> World {
    let tls = json!({"spec": {"tls": {"backend": {"clientCertificateRef": reference}}}});
    world()
        .with(edit(edge(), tls))
        .with(secret("infra/cert"))
        .with(secret("other/cert"))
}

fn client_certificate(outcome: &Outcome) -> Option<String> {
    let gateway = &outcome.resolution.plan.gateways[0];
    gateway.client_certificate.as_ref().map(ToString::to_string)
}

/// GW-BCC-01, GW-BCC-02, GW-BCC-03, GW-BCC-04, GW-BCC-05, GW-COND-12, GW-ANN-01: told by the Gateway, in every release; nothing
/// else changes; without a usable one the Gateway connects without.
#[test]
fn client_certificates_are_told_by_the_gateway() {
    for release in Release::ALL {
        for (reference, reason, used) in [
            (json!({"name": "cert"}), "ResolvedRefs", Some("infra/cert")),
            (
                json!({"name": "missing"}),
                "!InvalidClientCertificateRef",
                None,
            ),
            (
                json!({"name": "empty"}),
                "!InvalidClientCertificateRef",
                None,
            ),
            (
                json!({"group": "wrong.example", "kind": "Secret", "name": "cert"}),
                "!InvalidClientCertificateRef",
                None,
            ),
            (
                json!({"kind": "WrongKind", "name": "cert"}),
                "!InvalidClientCertificateRef",
                None,
            ),
            (
                json!({"name": "cert", "namespace": "other"}),
                "!RefNotPermitted",
                None,
            ),
        ] {
            let outcome = with_client_certificate(reference.clone())
                .release(release)
                .with(secret_of("infra/empty", json!({})))
                .resolve();
            assert_eq!(
                outcome.told("Gateway infra/edge"),
                format!("Accepted=Accepted Programmed=Programmed ResolvedRefs={reason}"),
                "{release} {reference}"
            );
            assert_eq!(outcome.edge("web"), FINE);
            assert_eq!(client_certificate(&outcome).as_deref(), used);
        }
        let granted = with_client_certificate(json!({"name": "cert", "namespace": "other"}))
            .release(release)
            .with(grant_secrets())
            .resolve();
        assert_eq!(client_certificate(&granted).as_deref(), Some("other/cert"));
    }
}

/// GW-BCC-06: the certificate belongs to the Gateway, hence holds for the entries of its sets too; grants for sets do not
/// help it.
#[test]
fn client_certificates_are_read_for_the_gateway() {
    let for_sets = grant_for("other", (GROUP, "ListenerSet", "infra"), ("", "Secret"));
    let outcome = with_client_certificate(json!({"name": "cert", "namespace": "other"}))
        .with(for_sets)
        .resolve();
    assert_eq!(client_certificate(&outcome), None);
    let gateway = edit(
        open_to_sets(edge()),
        json!({"spec": {"tls": {"backend": {"clientCertificateRef": {"name": "cert"}}}}}),
    );
    let outcome = world()
        .with(gateway)
        .with(secret("infra/cert"))
        .with(set("team/set", json!([http("own", 81)])))
        .resolve();
    assert_eq!(outcome.served(), ["web", "team/set:own"]);
    assert_eq!(client_certificate(&outcome).as_deref(), Some("infra/cert"));
}

/// GW-CERT-09: options are ignored, and the message says so.
#[test]
fn unknown_options_are_named() {
    let options = json!({"tls": {"options": {"example.net/ciphers": "modern", "reserved": "x"}}});
    let listener = edit(https("l", 443, &["cert"]), options);
    let outcome = world()
        .with(secret("infra/cert"))
        .with(gateway("infra/edge", json!([listener])))
        .resolve();
    assert_eq!(outcome.edge("l"), FINE);
    let status = outcome.listener_status("Gateway infra/edge", "l");
    let message = outcome.message_of(status, "Accepted");
    assert!(
        message.contains("example.net/ciphers; reserved"),
        "{message}"
    );
}
