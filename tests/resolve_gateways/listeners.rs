//! GW-LSTN.

use std::sync::Arc;

use gatewright::plan::{ObjectName, Protocol, TlsMode};
use gatewright::resolve::{DataPlane, Features};
use gatewright::vocab::Release;
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

fn with(listener: Value) -> World {
    world()
        .with(secret("infra/cert"))
        .with(gateway("infra/edge", json!([listener])))
}

fn refused(listener: Value) -> String {
    let outcome = with(listener).resolve();
    assert!(outcome.heads().is_empty());
    outcome.edge("l")
}

/// GW-LSTN-01: what a CRD would refuse is refused by status: unknown words, ports out of range, equal names, too many.
#[test]
fn what_admission_refuses_is_refused_by_status() {
    for (port, reason) in [
        (json!(0), "UnsupportedPort"),
        (json!(70000), "UnsupportedValue"),
        (json!(-1), "UnsupportedValue"),
    ] {
        let told = refused(edit(http("l", 80), json!({"port": port})));
        assert!(told.starts_with(&format!("Accepted=!{reason} ")), "{told}");
    }
    let twins = json!([http("l", 80), http("l", 81), http("m", 82)]);
    let outcome = world().with(gateway("infra/edge", twins)).resolve();
    assert_eq!(outcome.served(), ["m"]);
    assert_eq!(outcome.edge_reason("l", "Accepted"), "!UnsupportedValue");
    let names = list(&outcome.status("Gateway infra/edge")["listeners"]).len();
    assert_eq!(names, 2);
    let many: Vec<Value> = (0..70u16)
        .map(|i| http(&format!("l{i}"), 1000 + i))
        .collect();
    let outcome = world().with(gateway("infra/edge", json!(many))).resolve();
    assert_eq!(outcome.heads().len(), 64);
    assert_eq!(
        list(&outcome.status("Gateway infra/edge")["listeners"]).len(),
        64
    );
}

/// GW-LSTN-02: unknown, custom and switched-off protocols.
#[test]
fn unsupported_protocols_have_nothing() {
    let expected = "Accepted=!UnsupportedProtocol Programmed=!Invalid ResolvedRefs=ResolvedRefs";
    for protocol in ["INVALID", "example.net/quic", "http", "SCTP"] {
        let world = with(edit(http("l", 80), json!({"protocol": protocol})));
        let outcome = world.with(cart_route()).resolve();
        assert_eq!(outcome.edge("l"), expected, "{protocol}");
        assert!(outcome.kinds("Gateway infra/edge", "l").is_empty());
        assert_eq!(outcome.count("Gateway infra/edge", "l"), 0);
        assert_eq!(
            outcome.verdicts("HTTPRoute shop/cart"),
            ["!NotAllowedByListeners, !BackendNotFound"]
        );
    }
    for (protocol, feature) in [
        ("TCP", "TCPRoute"),
        ("UDP", "UDPRoute"),
        ("TLS", "TLSRoute"),
    ] {
        let features = Features::default().without(feature).expect("known");
        let outcome = with(listener("l", 80, protocol))
            .controller(|controller| controller.with_features(features))
            .resolve();
        assert_eq!(outcome.edge("l"), expected, "{protocol}");
    }
}

/// GW-LSTN-03: `tls` is refused where it makes no sense, `hostname` is ignored.
#[test]
fn fields_that_do_not_fit_the_protocol() {
    for protocol in ["HTTP", "TCP", "UDP"] {
        let told = refused(edit(
            http("l", 80),
            json!({"protocol": protocol, "tls": {}}),
        ));
        assert!(
            told.starts_with("Accepted=!UnsupportedValue Programmed=!Invalid"),
            "{told}"
        );
    }
    for protocol in ["TCP", "UDP"] {
        let outcome = with(edit(
            http("l", 80),
            json!({"protocol": protocol, "hostname": "a.test"}),
        ))
        .resolve();
        assert_eq!(outcome.edge("l"), FINE);
        assert_eq!(outcome.heads()[0].hostname, None);
    }
    let outcome = with(edit(http("l", 80), json!({"hostname": ""}))).resolve();
    assert_eq!(outcome.heads()[0].hostname, None);
}

/// GW-LSTN-04, GW-LSTN-05: HTTPS ends TLS; the mode may be left out.
#[test]
fn https_terminates() {
    let outcome = with(https("l", 443, &["cert"])).resolve();
    assert_eq!(outcome.edge("l"), FINE);
    assert_eq!(outcome.heads()[0].protocol, Protocol::Https);
    let told = refused(edit(
        https("l", 443, &["cert"]),
        json!({"tls": {"mode": "Passthrough"}}),
    ));
    assert!(told.starts_with("Accepted=!UnsupportedValue "), "{told}");
}

/// GW-LSTN-05, GW-LSTN-06, GW-CERT-09, GW-COND-08: no TLS configuration at all: no reference exists that could be unresolved;
/// options are not understood; bad kinds still show.
#[test]
fn no_tls_configuration_is_an_unsupported_value() {
    let expected = "Accepted=!UnsupportedValue Programmed=!Invalid ResolvedRefs=ResolvedRefs";
    for tls in [
        json!(null),
        json!({}),
        json!({"certificateRefs": []}),
        json!({"mode": "Terminate", "options": {"example.net/profile": "modern"}}),
    ] {
        for (protocol, kinds) in [
            ("HTTPS", vec!["HTTPRoute", "GRPCRoute"]),
            ("TLS", vec!["TLSRoute"]),
        ] {
            let plain = json!({"name": "l", "port": 443, "protocol": protocol, "tls": tls});
            let outcome = with(plain).resolve();
            assert_eq!(outcome.edge("l"), expected, "{protocol} {tls}");
            assert_eq!(outcome.kinds("Gateway infra/edge", "l"), kinds);
            assert!(outcome.heads().is_empty());
        }
    }
    let kinds = json!({"allowedRoutes": {"kinds": [{"kind": "TCPRoute"}]}, "tls": null});
    let told = refused(edit(https("l", 443, &[]), kinds));
    assert_eq!(
        told,
        "Accepted=!UnsupportedValue Programmed=!Invalid ResolvedRefs=!InvalidRouteKinds"
    );
}

/// GW-LSTN-07: certificates of a listener that passes TLS through are not looked at; Terminate is supported too.
#[test]
fn passthrough_ignores_certificates() {
    let through = edit(
        listener("l", 443, "TLS"),
        json!({"tls": {"certificateRefs": [{"name": "missing", "namespace": "elsewhere"}]}}),
    );
    let outcome = with(through).resolve();
    assert_eq!(outcome.edge("l"), FINE);
    assert_eq!(
        outcome.heads()[0].protocol,
        Protocol::Tls(TlsMode::Passthrough)
    );
    assert!(outcome.heads()[0].certificates.is_empty());
    for release in Release::ALL {
        let ends = edit(https("l", 443, &["cert"]), json!({"protocol": "TLS"}));
        let outcome = with(ends).release(release).resolve();
        assert_eq!(outcome.edge("l"), FINE, "{release}");
        assert_eq!(outcome.kinds("Gateway infra/edge", "l"), ["TLSRoute"]);
        // GW-LSTN-09: what the backend gets is for the data plane, which learns the mode here.
        assert_eq!(
            outcome.heads()[0].protocol,
            Protocol::Tls(TlsMode::Terminate)
        );
    }
}

/// GW-LSTN-08, GW-KINDS-08, RT-ATT-06: with the feature off, a TLS listener that ends TLS takes nothing, in any release.
#[test]
fn terminate_can_be_switched_off() {
    let without = Features::default()
        .without("TLSRouteModeTerminate")
        .expect("known");
    for release in Release::ALL {
        let ends = edit(https("l", 443, &["cert"]), json!({"protocol": "TLS"}));
        let tls_route = route(
            "TLSRoute",
            "shop/tls",
            json!({"parentRefs": [to_edge()], "hostnames": ["a.test"], "rules": []}),
        );
        let outcome = with(ends)
            .with(tls_route)
            .release(release)
            .controller(|controller| controller.with_features(without.clone()))
            .resolve();
        assert_eq!(
            outcome.edge("l"),
            "Accepted=!UnsupportedValue Programmed=!Invalid ResolvedRefs=ResolvedRefs"
        );
        assert!(outcome.kinds("Gateway infra/edge", "l").is_empty());
        let verdict = &outcome.verdicts("TLSRoute shop/tls")[0];
        assert!(verdict.starts_with("!NotAllowedByListeners"), "{verdict}");
    }
    let unknown = edit(
        https("l", 443, &["cert"]),
        json!({"protocol": "TLS", "tls": {"mode": "Half"}}),
    );
    let outcome = with(unknown).resolve();
    assert_eq!(outcome.edge_reason("l", "Accepted"), "!UnsupportedValue");
    assert!(outcome.kinds("Gateway infra/edge", "l").is_empty());
}

#[derive(Debug)]
struct Old {
    h2c: bool,
    h2: bool,
    bindable: Option<u16>,
}

impl DataPlane for Old {
    fn can_bind(&self, gateway: &ObjectName, port: u16) -> bool {
        assert_eq!(gateway.to_string(), "infra/edge");
        self.bindable.is_none_or(|bindable| bindable == port)
    }

    fn speaks_h2c(&self) -> bool {
        self.h2c
    }

    fn speaks_h2(&self) -> bool {
        self.h2
    }
}

/// GW-LSTN-10, GW-STAT-06, RT-ATT-06: ports are bindable unless the data plane says otherwise; Routes attach all the same.
#[test]
fn ports_that_cannot_be_bound() {
    let old = Arc::new(Old {
        h2c: true,
        h2: true,
        bindable: Some(80),
    });
    let outcome = world()
        .controller(|controller| controller.with_data_plane(old))
        .with(gateway(
            "infra/edge",
            json!([http("good", 80), http("bad", 81)]),
        ))
        .with(cart_route())
        .resolve();
    assert_eq!(outcome.edge("good"), FINE);
    assert_eq!(
        outcome.edge("bad"),
        "Accepted=!PortUnavailable Programmed=!Invalid ResolvedRefs=ResolvedRefs"
    );
    assert_eq!(outcome.count("Gateway infra/edge", "bad"), 1);
    assert_eq!(outcome.served(), ["good"]);
}

/// GW-LSTN-11: without HTTP/2 a listener for GRPCRoutes alone is refused, others lose the kind.
#[test]
fn grpc_needs_http_2() {
    let old = |h2c, h2| {
        let plane = Arc::new(Old {
            h2c,
            h2,
            bindable: None,
        });
        move |listener: Value| {
            let plane = Arc::clone(&plane);
            with(listener)
                .controller(|controller| controller.with_data_plane(plane))
                .resolve()
        }
    };
    let only_grpc = json!({"allowedRoutes": {"kinds": [{"kind": "GRPCRoute"}]}});
    let refused = old(false, true)(edit(http("l", 80), only_grpc.clone()));
    assert_eq!(refused.edge_reason("l", "Accepted"), "!UnsupportedProtocol");
    assert!(refused.kinds("Gateway infra/edge", "l").is_empty());
    let usual = old(false, true)(http("l", 80));
    assert_eq!(usual.edge("l"), FINE);
    assert_eq!(usual.kinds("Gateway infra/edge", "l"), ["HTTPRoute"]);
    let secure = old(false, true)(edit(https("l", 443, &["cert"]), only_grpc.clone()));
    assert_eq!(secure.kinds("Gateway infra/edge", "l"), ["GRPCRoute"]);
    let refused = old(true, false)(edit(https("l", 443, &["cert"]), only_grpc));
    assert_eq!(refused.edge_reason("l", "Accepted"), "!UnsupportedProtocol");
}

/// GW-LSTN-12: a Gateway has its listeners once, whatever the number of its addresses.
#[test]
fn listeners_are_on_every_address() {
    let two = json!({"spec": {"addresses": [{"value": "192.0.2.7"}, {"value": "192.0.2.8"}]}});
    let outcome = world().with(edit(edge(), two)).resolve();
    assert_eq!(
        list(&outcome.status("Gateway infra/edge")["addresses"]).len(),
        2
    );
    assert_eq!(outcome.served(), ["web"]);
}

/// GW-LSTN-13, GW-LSTN-14, GW-LSTN-15, GW-LSTN-16: each listener of a port is in the plan with its own hostname and its own
/// Routes only, from which the router chooses.
#[test]
fn hostname_distinct_listeners_keep_their_routes_apart() {
    let listeners = json!([
        http("any", 80),
        http_for("wild", 80, "*.example.com"),
        http_for("exact", 80, "a.example.com"),
    ]);
    let to = |section: &str| json!([edit(to_edge(), json!({"sectionName": section}))]);
    let mut world = world().with(gateway("infra/edge", listeners));
    for section in ["any", "wild", "exact"] {
        let spec = json!({"parentRefs": to(section), "rules": [forward("cart")]});
        world = world.with(http_route(&format!("shop/{section}"), spec));
    }
    let outcome = world.resolve();
    let hosts: Vec<_> = outcome
        .heads()
        .iter()
        .map(|head| head.hostname.as_ref().map(ToString::to_string))
        .collect();
    let hosts: Vec<_> = hosts.iter().map(Option::as_deref).collect();
    assert_eq!(hosts, [None, Some("*.example.com"), Some("a.example.com")]);
    for section in ["any", "wild", "exact"] {
        assert_eq!(
            outcome.serving(section),
            [format!("HTTPRoute shop/{section} []")]
        );
    }
}

/// GW-LSTN-17, HOST-KEY-03, HOST-KEY-05, RT-HOST-07: upper case is lowered; an IP address matches nothing.
#[test]
fn odd_hostnames() {
    let outcome = with(with_host(http("l", 80), "Shop.Example.COM")).resolve();
    let hostname = outcome.heads()[0]
        .hostname
        .as_ref()
        .map(ToString::to_string);
    assert_eq!(hostname.as_deref(), Some("shop.example.com"));
    let equal = json!([
        with_host(http("a", 80), "A.test"),
        with_host(http("b", 80), "a.test")
    ]);
    let outcome = world().with(gateway("infra/edge", equal)).resolve();
    assert_eq!(outcome.edge_reason("a", "Conflicted"), "HostnameConflict");
    for name in ["192.0.2.1", "a_b.test", "*"] {
        let named = edit(cart_route(), json!({"spec": {"hostnames": [name]}}));
        let outcome = with(with_host(http("l", 80), name)).with(named).resolve();
        assert_eq!(outcome.edge("l"), FINE, "{name}");
        // The port answers, to nobody.
        let head = outcome.heads()[0].hostname.clone().expect("no catch-all");
        assert!(!head.covers(name) && !head.covers("a.test"));
        let verdict = &outcome.verdicts("HTTPRoute shop/cart")[0];
        assert!(
            verdict.starts_with("!NoMatchingListenerHostname"),
            "{name}: {verdict}"
        );
    }
}
