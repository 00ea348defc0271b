//! BackendTLSPolicies: BTLS.

use gatewright::plan::{Backend, BackendFault, BackendProtocol, SubjectAltName, TrustAnchors};
use serde_json::{Value, json};

use crate::world::*;

const PEM: &str = "-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n";

fn authority(name: &str) -> Value {
    let (namespace, name) = name.split_once('/').expect("namespace/name");
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": namespace, "name": name}, "data": {"ca.crt": PEM},
    })
}

fn policy(name: &str, section: Option<&str>) -> Value {
    let mut target = json!({"group": "", "kind": "Service", "name": "cart"});
    if let Some(section) = section {
        target["sectionName"] = json!(section);
    }
    let validation = json!({
        "hostname": "cart.test",
        "caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "ca"}],
    });
    object(
        "v1",
        "BackendTLSPolicy",
        name,
        json!({"targetRefs": [target], "validation": validation}),
    )
}

/// An HTTPRoute on `infra/edge` to ports 80 and 81 of `shop/cart`, which has an authority beside it.
fn shop() -> World {
    let backends = json!([{"name": "cart", "port": 80}, {"name": "cart", "port": 81}]);
    world()
        .with(edge())
        .with(service("shop/cart", &[80, 81]))
        .with(authority("shop/ca"))
        .with(edit(
            cart_route(),
            json!({"spec": {"rules": [{"backendRefs": backends}]}}),
        ))
}

fn backends(outcome: &Outcome) -> &[Backend] {
    &outcome.plan_route("HTTPRoute shop/cart").rules[0]
        .action
        .backends
}

/// The server names of the TLS towards the two backends; `-` without, `!` where nothing can be sent.
fn tls(outcome: &Outcome) -> Vec<String> {
    let told = backends(outcome)
        .iter()
        .map(|backend| match (&backend.fault, &backend.tls) {
            (Some(BackendFault::InvalidBackendTlsPolicy), None) => "!".to_owned(),
            (None, Some(tls)) => tls.hostname.to_string(),
            (None, None) => "-".to_owned(),
            other => panic!("{other:?}"),
        });
    told.collect()
}

fn named(hostname: &str, policy: Value) -> Value {
    edit(
        policy,
        json!({"spec": {"validation": {"hostname": hostname}}}),
    )
}

const ON_EDGE: &str = "Gateway infra/edge: Accepted, ResolvedRefs";

/// BTLS-01, BTLS-03, BTLS-08, BTLS-15, BTLS-19: a policy on a Service means TLS towards all its ports; the Gateway is the
/// ancestor.
#[test]
fn a_policy_means_tls_towards_the_service() {
    let plain = shop().resolve();
    assert_eq!(tls(&plain), ["-", "-"]);
    let outcome = shop().with(policy("shop/p", None)).resolve();
    assert_eq!(tls(&outcome), ["cart.test", "cart.test"]);
    assert_eq!(outcome.ancestors("BackendTLSPolicy shop/p"), [ON_EDGE]);
    let settings = backends(&outcome)[0].tls.as_deref().expect("it has TLS");
    assert!(settings.subject_alt_names.is_empty());
    let TrustAnchors::References(references) = &settings.trust else {
        panic!("{:?}", settings.trust);
    };
    assert_eq!(references.len(), 1);
    assert_eq!(references[0].name.to_string(), "shop/ca");
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
}

/// BTLS-01, BTLS-02: all kinds but UDPRoute; TLS that passes through is left alone, though the Gateway is an ancestor.
#[test]
fn kinds_of_routes_differ() {
    for (kind, protocol, tls, ancestor) in [
        ("HTTPRoute", "HTTP", true, true),
        ("GRPCRoute", "HTTP", true, true),
        ("TCPRoute", "TCP", true, true),
        ("TLSRoute", "TLS", false, true),
        ("UDPRoute", "UDP", false, false),
    ] {
        let rules = json!([{"backendRefs": [{"name": "cart", "port": 80}]}]);
        let target = edit(
            service("shop/cart", &[]),
            json!({"spec": {"ports": [
                {"name": "t", "port": 80}, {"name": "u", "port": 80, "protocol": "UDP"},
            ]}}),
        );
        for hostname in ["cart.test", "*.not.precise"] {
            let outcome = world()
                .with(gateway(
                    "infra/edge",
                    json!([listener("l", 4000, protocol)]),
                ))
                .with(target.clone())
                .with(authority("shop/ca"))
                .with(named(hostname, policy("shop/p", None)))
                .with(route(
                    kind,
                    "shop/r",
                    json!({"parentRefs": [to_edge()], "rules": rules}),
                ))
                .resolve();
            let backend = &outcome.plan_route(&format!("{kind} shop/r")).rules[0]
                .action
                .backends[0];
            let is_valid = hostname == "cart.test";
            assert_eq!(backend.tls.is_some(), tls && is_valid, "{kind} {hostname}");
            assert_eq!(
                backend.fault.is_some(),
                tls && !is_valid,
                "{kind} {hostname}"
            );
            let ancestors = outcome.ancestors("BackendTLSPolicy shop/p");
            assert_eq!(ancestors.len(), usize::from(ancestor), "{kind}");
        }
    }
}

/// BTLS-01, L4-TLS-06: where the Gateway ends TLS, it speaks TLS anew; one TLSRoute can have it both ways.
#[test]
fn terminated_tls_is_encrypted_anew() {
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "infra", "name": "cert"},
        "stringData": {
            "tls.crt": PEM,
            "tls.key": "-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n",
        },
    });
    let end = edit(
        listener("end", 443, "TLS"),
        json!({
            "hostname": "end.test",
            "tls": {"mode": "Terminate", "certificateRefs": [{"name": "cert"}]},
        }),
    );
    let pass = edit(
        listener("pass", 443, "TLS"),
        json!({"hostname": "pass.test"}),
    );
    let rules = json!([{"backendRefs": [{"name": "cart", "port": 80}]}]);
    let spec = json!({"parentRefs": [to_edge()], "hostnames": ["*.test"], "rules": rules});
    let outcome = world()
        .with(secret)
        .with(gateway("infra/edge", json!([end, pass])))
        .with(service("shop/cart", &[80]))
        .with(authority("shop/ca"))
        .with(policy("shop/p", None))
        .with(route("TLSRoute", "shop/r", spec))
        .resolve();
    for listener in outcome.listeners() {
        let backend = &listener.routes[0].route.rules[0].action.backends[0];
        assert_eq!(
            backend.tls.is_some(),
            &*listener.head.name == "end",
            "{}",
            listener.head.name
        );
    }
    assert_eq!(outcome.listeners().count(), 2);
}

/// BTLS-02: backends of filters get TLS as well.
#[test]
fn backends_of_filters_get_tls() {
    let filter = json!({
        "type": "ExternalAuth",
        "externalAuth": {"protocol": "GRPC", "backendRef": {"name": "cart", "port": 80}},
    });
    let rule = edit(forward("other"), json!({"filters": [filter]}));
    let outcome = shop()
        .with(edit(cart_route(), json!({"spec": {"rules": [rule]}})))
        .with(service("shop/other", &[80]))
        .with(policy("shop/p", None))
        .resolve();
    let action = &outcome.plan_route("HTTPRoute shop/cart").rules[0].action;
    let gatewright::plan::Filter::ExternalAuth(auth) = &action.filters[0] else {
        panic!("{:?}", action.filters);
    };
    assert!(auth.backend.tls.is_some());
    assert_eq!(outcome.ancestors("BackendTLSPolicy shop/p"), [ON_EDGE]);
}

/// BTLS-04: every target is honoured; losing one of them is told at all ancestors.
#[test]
fn all_targets_are_honoured() {
    let two = |name: &str, first: &str, second: &str| {
        let target = |name: &str| json!({"group": "", "kind": "Service", "name": name});
        edit(
            policy(name, None),
            json!({"spec": {"targetRefs": [target(first), target(second)]}}),
        )
    };
    let backends = json!([{"name": "cart", "port": 80}, {"name": "stock", "port": 80}]);
    let outcome = shop()
        .with(service("shop/stock", &[80]))
        .with(edit(
            cart_route(),
            json!({"spec": {"rules": [{"backendRefs": backends}]}}),
        ))
        .with(aged(1, named("old.test", policy("shop/old", None))))
        .with(aged(
            2,
            named("young.test", two("shop/young", "cart", "stock")),
        ))
        .resolve();
    assert_eq!(tls(&outcome), ["old.test", "young.test"]);
    assert_eq!(outcome.ancestors("BackendTLSPolicy shop/old"), [ON_EDGE]);
    assert_eq!(
        outcome.ancestors("BackendTLSPolicy shop/young"),
        ["Gateway infra/edge: !Conflicted, ResolvedRefs"]
    );
    let conditions = &outcome.statuses["BackendTLSPolicy shop/young"]["ancestors"][0]["conditions"];
    let message = conditions[0]["message"].as_str().expect("message");
    assert!(
        message.contains("`cart`") && message.contains("shop/old"),
        "{message}"
    );
}

/// BTLS-05, BTLS-25, POL-04: for one target and section the older policy wins, then the name; losers have no effect and
/// still tell their references.
#[test]
fn the_older_policy_wins() {
    let loser = named("loser.test", policy("shop/a", None));
    let winner = named("winner.test", policy("shop/b", None));
    let by_age = shop()
        .with(aged(2, loser.clone()))
        .with(aged(1, winner.clone()))
        .resolve();
    assert_eq!(tls(&by_age), ["winner.test", "winner.test"]);
    assert_eq!(
        by_age.ancestors("BackendTLSPolicy shop/a"),
        ["Gateway infra/edge: !Conflicted, ResolvedRefs"]
    );
    assert_eq!(by_age.ancestors("BackendTLSPolicy shop/b"), [ON_EDGE]);
    let by_name = shop()
        .with(aged(1, loser.clone()))
        .with(aged(1, winner.clone()))
        .resolve();
    assert_eq!(tls(&by_name), ["loser.test", "loser.test"]);
    let unaged = shop().with(loser).with(aged(9, winner)).resolve();
    assert_eq!(tls(&unaged), ["winner.test", "winner.test"]);
    let broken = edit(
        policy("shop/c", None),
        json!({"spec": {"validation": {"caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "gone"}]}}}),
    );
    let outcome = shop()
        .with(aged(1, policy("shop/b", None)))
        .with(aged(2, broken))
        .resolve();
    assert_eq!(
        outcome.ancestors("BackendTLSPolicy shop/c"),
        ["Gateway infra/edge: !Conflicted, !InvalidCACertificateRef"]
    );
}

/// BTLS-06, POL-05: a policy for a port and one for the Service live side by side, whatever their age.
#[test]
fn a_policy_for_a_port_governs_it() {
    for (service_age, port_age) in [(1, 2), (2, 1)] {
        let outcome = shop()
            .with(aged(
                service_age,
                named("service.test", policy("shop/s", None)),
            ))
            .with(aged(
                port_age,
                named("port.test", policy("shop/p", Some("p81"))),
            ))
            .resolve();
        assert_eq!(tls(&outcome), ["service.test", "port.test"]);
        assert_eq!(outcome.ancestors("BackendTLSPolicy shop/s"), [ON_EDGE]);
        assert_eq!(outcome.ancestors("BackendTLSPolicy shop/p"), [ON_EDGE]);
    }
    let two = shop()
        .with(aged(1, named("first.test", policy("shop/a", Some("p81")))))
        .with(aged(2, named("second.test", policy("shop/b", Some("p81")))))
        .resolve();
    assert_eq!(tls(&two), ["-", "first.test"]);
}

/// BTLS-07, BTLS-17, BTLS-18, BE-16: an older policy that cannot be met still wins; nothing is sent, least of all in clear.
#[test]
fn an_invalid_policy_still_wins() {
    let broken = named("*.broken.test", policy("shop/a", None));
    let outcome = shop()
        .with(aged(1, broken))
        .with(aged(2, policy("shop/b", None)))
        .resolve();
    assert_eq!(tls(&outcome), ["!", "!"]);
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, !InvalidBackendTLSPolicy"]
    );
    assert_eq!(
        outcome.ancestors("BackendTLSPolicy shop/a"),
        ["Gateway infra/edge: !Invalid, ResolvedRefs"]
    );
    assert_eq!(
        outcome.ancestors("BackendTLSPolicy shop/b"),
        ["Gateway infra/edge: !Conflicted, ResolvedRefs"]
    );
}

fn with_validation(validation: Value) -> Outcome {
    let spec = json!({
        "targetRefs": [{"group": "", "kind": "Service", "name": "cart"}],
        "validation": validation,
    });
    shop()
        .with(object("v1", "BackendTLSPolicy", "shop/p", spec))
        .resolve()
}

/// BTLS-08, BTLS-09: names of the certificate.
#[test]
fn alternative_names_go_into_the_plan() {
    let names = |names: Value| json!({"hostname": "cart.test", "wellKnownCACertificates": "System", "subjectAltNames": names});
    let outcome = with_validation(names(json!([
        {"type": "Hostname", "hostname": "*.cart.test"},
        {"type": "URI", "uri": "spiffe://shop/cart"},
    ])));
    let settings = backends(&outcome)[0].tls.as_deref().expect("TLS");
    assert_eq!(&*settings.hostname, "cart.test");
    assert_eq!(
        settings.subject_alt_names,
        [
            SubjectAltName::Hostname("*.cart.test".into()),
            SubjectAltName::Uri("spiffe://shop/cart".into()),
        ]
    );
    for wrong in [
        json!([{"type": "Hostname"}]),
        json!([{"type": "Hostname", "hostname": "a.test", "uri": "spiffe://a"}]),
        json!([{"type": "URI", "uri": "no-scheme"}]),
        json!([{"type": "URI", "hostname": "a.test"}]),
        json!([{"type": "Email", "uri": "mailto://a"}]),
    ] {
        let outcome = with_validation(names(wrong.clone()));
        assert_eq!(tls(&outcome), ["!", "!"], "{wrong}");
    }
}

/// BTLS-10, BTLS-11: exactly one source of trust, and of the well-known ones `System` alone.
#[test]
fn there_is_one_source_of_trust() {
    let config_map = json!([{"group": "", "kind": "ConfigMap", "name": "ca"}]);
    for (references, well_known, valid) in [
        (json!(null), json!("System"), true),
        (json!([]), json!("System"), true),
        (config_map.clone(), json!(null), true),
        (config_map, json!("System"), false),
        (json!(null), json!(null), false),
        (json!([]), json!(null), false),
        (json!(null), json!("example.net/Ours"), false),
    ] {
        let mut validation = json!({"hostname": "cart.test"});
        if !references.is_null() {
            validation["caCertificateRefs"] = references.clone();
        }
        if !well_known.is_null() {
            validation["wellKnownCACertificates"] = well_known.clone();
        }
        let outcome = with_validation(validation);
        let expected = if valid { "Accepted" } else { "!Invalid" };
        assert_eq!(
            outcome.ancestors("BackendTLSPolicy shop/p"),
            [format!("Gateway infra/edge: {expected}, ResolvedRefs")],
            "{references} {well_known}"
        );
        assert_eq!(tls(&outcome)[0] == "cart.test", valid);
    }
    let system =
        with_validation(json!({"hostname": "cart.test", "wellKnownCACertificates": "System"}));
    assert_eq!(
        backends(&system)[0].tls.as_deref().expect("TLS").trust,
        TrustAnchors::System
    );
}

/// BTLS-12, BTLS-13, BTLS-14: authorities must be there and usable; the first bad one gives the reason; the usable ones are
/// trusted, and with none left nothing is sent.
#[test]
fn authorities_must_be_usable() {
    let reference = |kind: &str, name: &str| json!({"group": "", "kind": kind, "name": name});
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "shop", "name": "secret"},
        "stringData": {"ca.crt": PEM},
    });
    let empty = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "shop", "name": "empty"},
        "data": {"other": PEM},
    });
    let garbled = edit(
        authority("shop/garbled"),
        json!({"data": {"ca.crt": "not a certificate"}}),
    );
    let world = shop()
        .with(secret)
        .with(empty)
        .with(garbled)
        .with(authority("other/far"));
    let odd = json!({"group": "example.net", "kind": "Vault", "name": "ca"});
    for (references, verdict, trusted) in [
        (
            json!([reference("ConfigMap", "ca")]),
            "Accepted, ResolvedRefs",
            1,
        ),
        (
            json!([reference("Secret", "secret")]),
            "Accepted, ResolvedRefs",
            1,
        ),
        (
            json!([reference("ConfigMap", "gone")]),
            "!NoValidCACertificate, !InvalidCACertificateRef",
            0,
        ),
        (
            json!([reference("ConfigMap", "far")]),
            "!NoValidCACertificate, !InvalidCACertificateRef",
            0,
        ),
        (
            json!([reference("ConfigMap", "empty")]),
            "!NoValidCACertificate, !InvalidCACertificateRef",
            0,
        ),
        (
            json!([reference("ConfigMap", "garbled")]),
            "!NoValidCACertificate, !InvalidCACertificateRef",
            0,
        ),
        (json!([odd]), "!NoValidCACertificate, !InvalidKind", 0),
        (
            json!([odd, reference("ConfigMap", "gone")]),
            "!NoValidCACertificate, !InvalidKind",
            0,
        ),
        (
            json!([reference("ConfigMap", "gone"), reference("ConfigMap", "ca")]),
            "Accepted, !InvalidCACertificateRef",
            1,
        ),
    ] {
        let validation = json!({"caCertificateRefs": references});
        let policy = edit(
            policy("shop/p", None),
            json!({"spec": {"validation": validation}}),
        );
        let outcome = world.clone().with(policy).resolve();
        assert_eq!(
            outcome.ancestors("BackendTLSPolicy shop/p"),
            [format!("Gateway infra/edge: {verdict}")],
            "{references}"
        );
        let found = match backends(&outcome)[0].tls.as_deref().map(|tls| &tls.trust) {
            Some(TrustAnchors::References(references)) => references.len(),
            _ => 0,
        };
        assert_eq!(found, trusted, "{references}");
        assert_eq!(tls(&outcome)[0] == "!", trusted == 0, "{references}");
    }
}

/// BTLS-15, BTLS-16: both conditions carry the generation; content that changes is seen.
#[test]
fn content_that_changes_is_seen() {
    let policy = edit(
        policy("shop/p", None),
        json!({"metadata": {"generation": 4}}),
    );
    let world = shop().with(policy);
    let outcome = world.resolve();
    let conditions = &outcome.statuses["BackendTLSPolicy shop/p"]["ancestors"][0]["conditions"];
    assert_eq!(list(conditions).len(), 2);
    assert!(
        list(conditions)
            .iter()
            .all(|condition| condition["observedGeneration"] == 4)
    );
    let broken = edit(authority("shop/ca"), json!({"data": {"ca.crt": ""}}));
    assert_eq!(tls(&world.with(broken).resolve()), ["!", "!"]);
}

/// BTLS-19, BTLS-20: only Gateways whose accepted Routes reach the Service by permitted references are ancestors; a Route of
/// a set makes the set's Gateway one.
#[test]
fn ancestors_are_gateways_that_reach_the_target() {
    let world = shop().with(policy("shop/p", None));
    let unused = gateway("infra/unused", json!([http("web", 80)]));
    let outcome = world.clone().with(unused).resolve();
    assert_eq!(outcome.ancestors("BackendTLSPolicy shop/p"), [ON_EDGE]);

    let refused = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [edit(to_edge(), json!({"port": 1}))]}}),
    );
    assert!(
        world
            .clone()
            .with(refused)
            .resolve()
            .ancestors("BackendTLSPolicy shop/p")
            .is_empty()
    );

    let far = http_route(
        "web/far",
        json!({
            "parentRefs": [to_edge()],
            "rules": [{"backendRefs": [{"namespace": "shop", "name": "cart", "port": 80}]}],
        }),
    );
    let denied = world.without("HTTPRoute shop/cart").with(far);
    assert!(
        denied
            .resolve()
            .ancestors("BackendTLSPolicy shop/p")
            .is_empty()
    );
    let granted = denied.with(grant("shop", "HTTPRoute", "web"));
    assert_eq!(
        granted.resolve().ancestors("BackendTLSPolicy shop/p"),
        [ON_EDGE]
    );

    let set = json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "ListenerSet",
        "metadata": {"namespace": "shop", "name": "more"},
        "spec": {"parentRef": {"namespace": "infra", "name": "edge"}, "listeners": [http("entry", 81)]},
    });
    let allowing = edit(
        edge(),
        json!({"spec": {"allowedListeners": {"namespaces": {"from": "All"}}}}),
    );
    let route = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [{"kind": "ListenerSet", "name": "more"}]}}),
    );
    let outcome = shop()
        .with(allowing)
        .with(set)
        .with(route)
        .with(policy("shop/p", None))
        .resolve();
    assert_eq!(outcome.ancestors("BackendTLSPolicy shop/p"), [ON_EDGE]);
}

/// BTLS-21, POL-06: at most 16 ancestors, those of others included; a Gateway that finds no room treats the policy as one
/// that cannot be met.
#[test]
fn a_gateway_without_room_sends_nothing() {
    let foreign: Vec<Value> = (0..15)
        .map(|n| {
            json!({
                "ancestorRef": {"name": format!("g{n}")}, "controllerName": "example.net/theirs",
                "conditions": [{
                    "type": "Accepted", "status": "True", "reason": "Accepted", "message": "",
                    "lastTransitionTime": "2026-01-01T00:00:00Z",
                }],
            })
        })
        .collect();
    let full = edit(
        policy("shop/p", None),
        json!({"status": {"ancestors": foreign}}),
    );
    let second = gateway("infra/second", json!([http("second", 80)]));
    let route = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [to_edge(), {"namespace": "infra", "name": "second"}]}}),
    );
    let outcome = shop().with(route).with(second).with(full).resolve();
    let ancestors = outcome.ancestors("BackendTLSPolicy shop/p");
    assert_eq!(ancestors.len(), 16);
    assert_eq!(ancestors[15], ON_EDGE);
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        [
            "Accepted, ResolvedRefs",
            "Accepted, !InvalidBackendTLSPolicy"
        ]
    );
    for listener in outcome.listeners() {
        let backend = &listener.routes[0].route.rules[0].action.backends[0];
        let is_second = &*listener.head.name == "second";
        assert_eq!(backend.tls.is_none(), is_second);
        assert_eq!(backend.fault.is_some(), is_second);
    }
}

/// BTLS-22, POL-03: a missing port is told where the Service is reached, other ports are not concerned; a missing Service
/// leads to no entry.
#[test]
fn missing_targets_do_not_attach() {
    let outcome = shop().with(policy("shop/p", Some("none"))).resolve();
    assert_eq!(tls(&outcome), ["-", "-"]);
    assert_eq!(
        outcome.ancestors("BackendTLSPolicy shop/p"),
        ["Gateway infra/edge: !TargetNotFound, ResolvedRefs"]
    );
    let elsewhere = edit(
        policy("shop/p", None),
        json!({"spec": {"targetRefs": [{"group": "", "kind": "Service", "name": "gone"}]}}),
    );
    let outcome = shop().with(elsewhere).resolve();
    assert!(!outcome.statuses.contains_key("BackendTLSPolicy shop/p"));
}

/// BTLS-23: ports that do not speak TCP.
#[test]
fn udp_ports_are_no_targets() {
    let ports = |ports: Value| edit(service("shop/cart", &[]), json!({"spec": {"ports": ports}}));
    let tcp = json!({"name": "p80", "port": 80});
    let udp = json!({"name": "udp", "port": 81, "protocol": "UDP"});
    let mixed = shop().with(ports(json!([tcp, udp])));
    let on_both = mixed.clone().with(policy("shop/p", None)).resolve();
    assert_eq!(on_both.ancestors("BackendTLSPolicy shop/p"), [ON_EDGE]);
    assert_eq!(
        &*backends(&on_both)[0].tls.as_deref().expect("TLS").hostname,
        "cart.test"
    );
    let on_udp = mixed.with(policy("shop/p", Some("udp"))).resolve();
    assert_eq!(
        on_udp.ancestors("BackendTLSPolicy shop/p"),
        ["Gateway infra/edge: !Invalid, ResolvedRefs"]
    );
    assert!(backends(&on_udp)[0].tls.is_none());
}

/// BTLS-24: targets of other kinds are not looked at.
#[test]
fn other_kinds_are_no_targets() {
    let odd = edit(
        policy("shop/p", None),
        json!({"spec": {"targetRefs": [{"group": "example.net", "kind": "Service", "name": "cart"}]}}),
    );
    let outcome = shop().with(odd).resolve();
    assert_eq!(tls(&outcome), ["-", "-"]);
    assert!(!outcome.statuses.contains_key("BackendTLSPolicy shop/p"));
}

/// BTLS-25: of several faults one is told: target, conflict, content, authorities.
#[test]
fn faults_have_an_order() {
    let broken = |policy: Value| {
        let gone = json!([{"group": "", "kind": "ConfigMap", "name": "gone"}]);
        edit(
            policy,
            json!({"spec": {"validation": {"caCertificateRefs": gone}}}),
        )
    };
    let invalid = |policy: Value| named("*.a.test", policy);
    let world = shop().with(aged(1, policy("shop/first", None)));
    for (policy, verdict) in [
        (
            invalid(broken(policy("shop/p", Some("none")))),
            "!TargetNotFound",
        ),
        (invalid(broken(policy("shop/p", None))), "!Conflicted"),
        (invalid(broken(policy("shop/p", Some("p80")))), "!Invalid"),
        (
            broken(policy("shop/p", Some("p80"))),
            "!NoValidCACertificate",
        ),
    ] {
        let outcome = world.clone().with(aged(2, policy)).resolve();
        assert_eq!(
            outcome.ancestors("BackendTLSPolicy shop/p"),
            [format!(
                "Gateway infra/edge: {verdict}, !InvalidCACertificateRef"
            )]
        );
    }
}

/// BTLS-26, BTLS-27: the older version is read as well, and unknown fields are no errors.
#[test]
fn older_versions_and_unknown_fields_are_read() {
    let older = edit(
        policy("shop/p", None),
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1alpha3",
            "spec": {"mode": "Strict", "options": {"example.net/x": "y"}},
        }),
    );
    let outcome = shop().with(older).resolve();
    assert_eq!(tls(&outcome), ["cart.test", "cart.test"]);
}

/// BE-06, BACKEND-PROTO-02: WebSocket over TLS needs a policy.
#[test]
fn secure_websockets_need_a_policy() {
    let ports = json!([
        {"name": "p80", "port": 80, "appProtocol": "kubernetes.io/wss"},
        {"name": "p81", "port": 81},
    ]);
    let world = shop().with(edit(
        service("shop/cart", &[]),
        json!({"spec": {"ports": ports}}),
    ));
    assert_eq!(
        world.resolve().verdicts("HTTPRoute shop/cart"),
        ["Accepted, !UnsupportedProtocol"]
    );
    let outcome = world.with(policy("shop/p", Some("p80"))).resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
    assert_eq!(backends(&outcome)[0].protocol, BackendProtocol::WebSocket);
}
