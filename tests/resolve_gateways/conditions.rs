//! GW-COND: conditions of Gateways and listeners together. Single reasons are with their causes.

use gatewright::vocab::Release;
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

fn refused(gateway: Value) -> Value {
    let parameters = json!({"group": "example.net", "kind": "Settings", "name": "x"});
    edit(
        gateway,
        json!({"spec": {"infrastructure": {"parametersRef": parameters}}}),
    )
}

const GATEWAY: &str = "Gateway infra/edge";

/// GW-COND-01, GW-COND-02, GW-COND-05, GW-COND-06, GW-COND-10: all, some and no listeners usable.
#[test]
fn a_gateway_follows_its_listeners() {
    let bad = edit(http("bad", 81), json!({"protocol": "ODD"}));
    for (listeners, told) in [
        (
            json!([http("web", 80)]),
            "Accepted=Accepted Programmed=Programmed ResolvedRefs=ResolvedRefs",
        ),
        (
            json!([http("web", 80), bad]),
            "Accepted=ListenersNotValid Programmed=Programmed ResolvedRefs=ResolvedRefs",
        ),
        (
            json!([bad]),
            "Accepted=!ListenersNotValid Programmed=!Invalid ResolvedRefs=ResolvedRefs",
        ),
    ] {
        let outcome = world().with(gateway("infra/edge", listeners)).resolve();
        assert_eq!(outcome.told(GATEWAY), told);
    }
}

/// GW-COND-03, GW-COND-06, GW-COND-15, GW-INFRA-03, RT-ATT-07: a Gateway-level reason hides the listeners' one and refuses the
/// Gateway; listeners keep their own merits, nothing is served, Routes are told as ever.
#[test]
fn a_refused_gateway_serves_nothing() {
    let bad = edit(http("bad", 81), json!({"protocol": "ODD"}));
    let all = refused(gateway("infra/edge", json!([http("web", 80), bad])));
    let outcome = world()
        .with(all)
        .with(cart_route())
        .with(service("shop/cart", &[80]))
        .resolve();
    assert_eq!(
        outcome.told(GATEWAY),
        "Accepted=!InvalidParameters Programmed=!Invalid ResolvedRefs=ResolvedRefs"
    );
    assert_eq!(
        outcome.edge("web"),
        "Accepted=Accepted Programmed=!Invalid ResolvedRefs=ResolvedRefs"
    );
    assert_eq!(outcome.count(GATEWAY, "web"), 1);
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
    assert!(outcome.heads().is_empty());
    let both = edit(
        refused(edge()),
        json!({"spec": {"addresses": [{"type": "example.net/odd", "value": "x"}]}}),
    );
    let outcome = world().with(both).resolve();
    assert_eq!(
        reason(&outcome.told(GATEWAY), "Accepted"),
        "!InvalidParameters"
    );
}

/// GW-INFRA-03: parameters of a kind that is taken, there and missing.
#[test]
fn infrastructure_parameters() {
    let object = json!({"apiVersion": "example.net/v1", "kind": "Settings", "metadata": {"namespace": "infra", "name": "x"}});
    let taking = || {
        world()
            .controller(|c| c.with_parameters("example.net", "Settings"))
            .with(refused(edge()))
    };
    assert_eq!(
        reason(
            &taking().with(object.clone()).resolve().told(GATEWAY),
            "Accepted"
        ),
        "Accepted"
    );
    assert_eq!(
        reason(&taking().resolve().told(GATEWAY), "Accepted"),
        "!InvalidParameters"
    );
    let elsewhere = edit(object, json!({"metadata": {"namespace": "shop"}}));
    assert_eq!(
        reason(
            &taking().with(elsewhere).resolve().told(GATEWAY),
            "Accepted"
        ),
        "!InvalidParameters"
    );
}

/// GW-COND-05, GW-COND-06, GW-COND-09: usable listeners without kinds are not programmed, hence neither is their Gateway.
#[test]
fn no_programmed_listener_no_programmed_gateway() {
    let kinds = json!({"allowedRoutes": {"kinds": [{"kind": "Odd"}]}});
    let outcome = world()
        .with(gateway("infra/edge", json!([edit(http("l", 80), kinds)])))
        .resolve();
    assert_eq!(
        outcome.told(GATEWAY),
        "Accepted=Accepted Programmed=!Invalid ResolvedRefs=!ListenersNotResolved"
    );
    assert_eq!(
        outcome.edge("l"),
        "Accepted=Accepted Programmed=!Invalid ResolvedRefs=!InvalidRouteKinds"
    );
}

/// GW-COND-07, GW-COND-08: of several reasons one by rank; a bad certificate comes before a bad authority.
#[test]
fn one_reason_by_rank() {
    let frontend = json!({"spec": {"tls": {"frontend": {"default": {"validation": {"caCertificateRefs": [
        {"group": "", "kind": "ConfigMap", "name": "ca", "namespace": "other"},
    ]}}}}}});
    let kinds = json!({"allowedRoutes": {"kinds": [{"kind": "Odd"}]}});
    let bad = edit(https("l", 443, &["missing"]), kinds);
    let outcome = world()
        .with(edit(gateway("infra/edge", json!([bad])), frontend))
        .resolve();
    assert_eq!(
        outcome.edge("l"),
        "Accepted=!InvalidCertificateRef Programmed=!Invalid ResolvedRefs=!RefNotPermitted"
    );
    let message = outcome.message_of(outcome.listener_status(GATEWAY, "l"), "ResolvedRefs");
    assert!(
        ["infra/missing", "other/ca", "Odd"]
            .iter()
            .all(|part| message.contains(part)),
        "{message}"
    );
    // A value that is not supported comes before a conflict, a conflict before a certificate.
    let twins = json!([https("a", 443, &["missing"]), https("b", 443, &["missing"])]);
    let outcome = world().with(gateway("infra/edge", twins)).resolve();
    assert_eq!(
        outcome.edge("a"),
        "Accepted=!HostnameConflict Programmed=!HostnameConflict ResolvedRefs=!InvalidCertificateRef \
         Conflicted=HostnameConflict"
    );
    let odd = edit(
        https("l", 443, &["missing"]),
        json!({"protocol": "ODD", "allowedRoutes": {"namespaces": {"from": "Selector"}}}),
    );
    let outcome = world().with(gateway("infra/edge", json!([odd]))).resolve();
    assert_eq!(outcome.edge_reason("l", "Accepted"), "!UnsupportedProtocol");
}

/// GW-COND-11, GW-STAT-05: nothing but the conditions that are wanted, on a Gateway with everything.
#[test]
fn no_deprecated_condition() {
    let everything = json!([
        http("a", 80),
        http("b", 80),
        https("c", 443, &["missing"]),
        https("d", 444, &["cert"]),
        with_host(https("e", 444, &["cert"]), "e.test"),
        listener("f", 53, "UDP"),
    ]);
    let outcome = world()
        .with(secret("infra/cert"))
        .with(gateway("infra/edge", everything))
        .resolve();
    for listener in list(&outcome.status(GATEWAY)["listeners"]) {
        for condition in list(&listener["conditions"]) {
            let kind = condition["type"].as_str().expect("type");
            assert!(
                [
                    "Accepted",
                    "Programmed",
                    "ResolvedRefs",
                    "Conflicted",
                    "OverlappingTLSConfig"
                ]
                .contains(&kind),
                "{kind}"
            );
            if ["Conflicted", "OverlappingTLSConfig"].contains(&kind) {
                assert_eq!(condition["status"], "True");
            }
        }
    }
}

/// GW-COND-12: `ResolvedRefs` of a Gateway: always since v1.5, in v1.4 with a client certificate only.
#[test]
fn resolved_refs_of_a_gateway() {
    for release in Release::ALL {
        let outcome = world()
            .release(release)
            .with(gateway(
                "infra/edge",
                json!([https("bad", 443, &["missing"]), http("web", 80)]),
            ))
            .resolve();
        let expected = if release == Release::V1_4 {
            ""
        } else {
            "!ListenersNotResolved"
        };
        assert_eq!(reason(&outcome.told(GATEWAY), "ResolvedRefs"), expected);
    }
}

/// GW-COND-13, GW-STAT-02: the generation is on every condition, nested ones included.
#[test]
fn generation_is_everywhere() {
    let old = edit(edge(), json!({"metadata": {"generation": 7}}));
    let outcome = world().with(old).resolve();
    let status = outcome.status(GATEWAY);
    let nested = list(&status["listeners"])
        .iter()
        .flat_map(|listener| list(&listener["conditions"]));
    for condition in list(&status["conditions"]).iter().chain(nested) {
        assert_eq!(condition["observedGeneration"], 7, "{condition}");
    }
}

/// GW-DEF-10: the condition `DefaultGateway` is there with scope `All` only, and only where the field exists.
#[test]
fn default_gateways_say_so() {
    use gatewright::vocab::{Bundle, Channel};
    let scoped = |scope: Value| edit(edge(), json!({"spec": {"defaultScope": scope}}));
    for (scope, there) in [
        (json!("All"), true),
        (json!("None"), false),
        (json!(""), false),
        (json!(null), false),
    ] {
        let outcome = world().with(scoped(scope.clone())).resolve();
        assert_eq!(
            !reason(&outcome.told(GATEWAY), "DefaultGateway").is_empty(),
            there,
            "{scope}"
        );
    }
    let standard = Bundle::new(Release::V1_6, Channel::Standard);
    let outcome = world()
        .bundle(standard)
        .with(scoped(json!("All")))
        .resolve();
    assert_eq!(reason(&outcome.told(GATEWAY), "DefaultGateway"), "");
    let outcome = world().with(scoped(json!("All"))).resolve();
    let message = outcome.message_of(outcome.status(GATEWAY), "DefaultGateway");
    assert!(message.contains("All"), "{message}");
}
