//! VER and GW-ANN, as far as classes, Gateways and sets go.

use gatewright::vocab::{Bundle, Channel, Release};
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

/// VER-01: every served version of a kind is read alike.
#[test]
fn versions_are_read_alike() {
    let class = json!({
        "apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "GatewayClass",
        "metadata": {"name": "ours"}, "spec": {"controllerName": OURS},
    });
    let gateway = edit(
        edge(),
        json!({"apiVersion": "gateway.networking.k8s.io/v1beta1"}),
    );
    let route = edit(
        cart_route(),
        json!({"apiVersion": "gateway.networking.k8s.io/v1beta1"}),
    );
    let old = world().with(class).with(gateway).with(route).resolve();
    let new = world().with(edge()).with(cart_route()).resolve();
    assert_eq!(old.statuses, new.statuses);
    assert_eq!(old.resolution.plan, new.resolution.plan);
}

/// VER-02, VER-03, VER-04: fields of the Gateway that are experimental: `allowedListeners` and `tls` in v1.4, `defaultScope`
/// everywhere; in a standard channel they are ignored, not refused.
#[test]
fn experimental_fields_of_gateways() {
    let everything = edit(
        open_to_sets(edge()),
        json!({"spec": {"defaultScope": "All", "tls": {"backend": {"clientCertificateRef": {"name": "missing"}}}}}),
    );
    for bundle in Bundle::ALL {
        let outcome = world().bundle(bundle).with(everything.clone()).resolve();
        let told = outcome.told("Gateway infra/edge");
        let experimental = bundle.channel == Channel::Experimental;
        let since_5 = bundle.release >= Release::V1_5;
        assert_eq!(reason(&told, "Accepted"), "Accepted", "{bundle}");
        assert_eq!(
            !reason(&told, "DefaultGateway").is_empty(),
            experimental,
            "{bundle}"
        );
        let sees_tls = reason(&told, "ResolvedRefs") == "!InvalidClientCertificateRef";
        assert_eq!(sees_tls, experimental || since_5, "{bundle}");
        let tells_sets = !reason(&told, "AttachedListenerSets").is_empty();
        assert_eq!(tells_sets, experimental && !since_5, "{bundle}");
    }
}

/// VER-05, GW-ANN-01: client validation stands in `spec.tls.frontend`; the older place on the listener has no effect.
#[test]
fn validation_moved_to_the_gateway() {
    let old = edit(
        https("l", 443, &["cert"]),
        json!({"tls": {"frontendValidation": {"caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "gone"}]}}}),
    );
    let older =
        json!({"spec": {"tls": {"default": {"frontendValidation": {"caCertificateRefs": []}}}}});
    let outcome = world()
        .with(secret("infra/cert"))
        .with(edit(gateway("infra/edge", json!([old])), older))
        .resolve();
    assert_eq!(outcome.edge("l"), FINE);
    assert_eq!(outcome.heads()[0].client_validation, None);
}

/// VER-06, VER-07, VER-12: with one recommended setting all releases say the same about a Gateway with every trouble, but for
/// what the table of the module names.
#[test]
fn releases_agree_on_listeners() {
    let listeners = json!([
        http("a", 80),
        http("b", 80),
        https("c", 443, &["missing"]),
        listener("d", 81, "TCP"),
        edit(http("e", 82), json!({"protocol": "ODD"})),
        with_host(listener("f", 444, "TLS"), "f.test"),
        edit(
            listener("g", 445, "TLS"),
            json!({"allowedRoutes": {"kinds": [{"kind": "TCPRoute"}]}})
        ),
    ]);
    let at = |release| {
        let outcome = world()
            .release(release)
            .with(gateway("infra/edge", listeners.clone()))
            .resolve();
        outcome.status("Gateway infra/edge")["listeners"].clone()
    };
    assert_eq!(at(Release::V1_4), at(Release::V1_5));
    assert_eq!(at(Release::V1_5), at(Release::V1_6));
}

/// VER-09: unknown fields and words, and absent optional fields, stop nothing.
#[test]
fn reading_is_lenient() {
    let odd = json!({"spec": {"newField": {"x": 1}, "allowedListeners": {"namespaces": {"from": "Friends"}}}});
    let listener = edit(
        http("web", 80),
        json!({"brandNew": true, "allowedRoutes": {"future": []}}),
    );
    let gateway = edit(gateway("infra/edge", json!([listener])), odd);
    let outcome = world()
        .with(gateway)
        .with(set("team/set", json!([http("own", 81)])))
        .resolve();
    assert_eq!(outcome.edge("web"), FINE);
    assert_eq!(
        outcome.told("ListenerSet team/set"),
        "Accepted=!NotAllowed Programmed=!NotAllowed"
    );
    let words = edit(
        http("l", 80),
        json!({"allowedRoutes": {"namespaces": {"from": "Friends"}}}),
    );
    let outcome = world()
        .with(crate::world::gateway("infra/edge", json!([words])))
        .resolve();
    assert_eq!(outcome.edge_reason("l", "Accepted"), "!UnsupportedValue");
}

/// VER-10: a kind that the bundle lacks is as good as absent.
#[test]
fn kinds_that_are_not_installed() {
    let mesh = json!({
        "apiVersion": "gateway.networking.x-k8s.io/v1alpha1", "kind": "XMesh",
        "metadata": {"name": "m"}, "spec": {"controllerName": OURS},
    });
    let standard = Bundle::new(Release::V1_6, Channel::Standard);
    let outcome = world().bundle(standard).with(mesh).with(edge()).resolve();
    assert_eq!(outcome.status("XMesh m"), &Value::Null);
    assert_eq!(outcome.edge("web"), FINE);
}

/// VER-11, RT-PREF-06, RT-PREF-07, POL-09: what only one channel admits is read in both: rules of one name, parentRefs that
/// differ by port alone.
#[test]
fn objects_of_either_channel_resolve_alike() {
    let twins = json!({"spec": {
        "parentRefs": [edit(to_edge(), json!({"port": 80})), edit(to_edge(), json!({"port": 81}))],
        "rules": [{"name": "same"}, {"name": "same"}],
    }});
    let both = gateway("infra/edge", json!([http("web", 80), http("alt", 81)]));
    for bundle in Bundle::ALL {
        let outcome = world()
            .bundle(bundle)
            .with(both.clone())
            .with(edit(cart_route(), twins.clone()))
            .resolve();
        assert_eq!(
            outcome.verdicts("HTTPRoute shop/cart"),
            ["Accepted, ResolvedRefs"; 2],
            "{bundle}"
        );
        assert_eq!(outcome.plan_route("HTTPRoute shop/cart").rules.len(), 2);
        assert_eq!(outcome.count("Gateway infra/edge", "web"), 1);
    }
}
