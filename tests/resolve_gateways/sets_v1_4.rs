//! GW-LSET in the form of v1.4: XListenerSet.

use gatewright::vocab::{Bundle, Channel, Release};
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

const GATEWAY: &str = "Gateway infra/edge";
const SET: &str = "XListenerSet team/set";

fn old() -> World {
    world().release(Release::V1_4)
}

/// GW-LSET-05, GW-LSET-09, GW-LSET-12, GW-LSET-16: the rules of later releases hold here too.
#[test]
fn the_rules_of_later_releases_hold() {
    let entries = json!([
        with_host(http("http", 80), "team.test"),
        listener("tcp", 80, "TCP")
    ]);
    let outcome = old()
        .with(open_to_sets(edge()))
        .with(x_set("team/set", entries))
        .resolve();
    assert_eq!(outcome.told_listener(SET, "http"), FINE);
    assert_eq!(
        reason(&outcome.told_listener(SET, "tcp"), "Accepted"),
        "!ProtocolConflict"
    );
    assert_eq!(outcome.listener_status(SET, "http")["port"], 80);
    let closed = old()
        .with(edge())
        .with(x_set("team/set", json!([http("own", 81)])))
        .resolve();
    assert_eq!(
        closed.told(SET),
        "Accepted=!NotAllowed Programmed=!NotAllowed"
    );
}

/// GW-LSET-22, GW-LSET-23, GW-LSET-24, GW-LSET-25: no dynamic ports: such entries are refused, left out of the list, named in
/// the message, and clash with nobody.
#[test]
fn entries_without_a_port() {
    let portless = |name: &str, port: Value| edit(http(name, 1), json!({"port": port}));
    let entries = json!([
        portless("absent", json!(null)),
        portless("zero", json!(0)),
        http("own", 81)
    ]);
    let outcome = old()
        .with(open_to_sets(edge()))
        .with(x_set("team/set", entries))
        .resolve();
    assert_eq!(
        outcome.told(SET),
        "Accepted=ListenersNotValid Programmed=Programmed"
    );
    assert_eq!(list(&outcome.status(SET)["listeners"]).len(), 1);
    let message = outcome.message_of(outcome.status(SET), "Accepted");
    assert!(
        message.contains("`absent`") && message.contains("`zero`"),
        "{message}"
    );
    assert!(message.contains("UnsupportedPort"), "{message}");
    assert_eq!(outcome.served(), ["web", "team/set:own"]);
    // In later releases the entry can be written, with all its conditions.
    let late = world()
        .with(open_to_sets(edge()))
        .with(set("team/set", json!([portless("zero", json!(0))])))
        .resolve();
    assert_eq!(
        late.told_listener("ListenerSet team/set", "zero"),
        "Accepted=!UnsupportedPort Programmed=!UnsupportedPort ResolvedRefs=ResolvedRefs"
    );
}

/// GW-LSET-26, GW-LSET-27, GW-COND-14: the condition about sets in all its states, and no count.
#[test]
fn the_condition_about_sets() {
    let from = |from: &str| {
        edit(
            edge(),
            json!({"spec": {"allowedListeners": {"namespaces": {"from": from}}}}),
        )
    };
    let good = || x_set("team/set", json!([http("own", 81)]));
    let bad = || x_set("team/set", json!([http("own", 80)]));
    for (gateway, set, expected) in [
        (edge(), None, ""),
        (edge(), Some(good()), "!ListenerSetsNotAllowed"),
        (from("None"), None, "!NoListenerSetsAttached"),
        (from("None"), Some(good()), "!ListenerSetsNotAllowed"),
        (from("All"), None, "!NoListenerSetsAttached"),
        (from("All"), Some(bad()), "!NoListenerSetsAttached"),
        (from("All"), Some(good()), "ListenerSetsAttached"),
    ] {
        let world = old().with(gateway.clone());
        let outcome = match set {
            Some(set) => world.with(set).resolve(),
            None => world.resolve(),
        };
        assert_eq!(
            reason(&outcome.told(GATEWAY), "AttachedListenerSets"),
            expected,
            "{gateway}"
        );
        assert_eq!(outcome.status(GATEWAY).get("attachedListenerSets"), None);
    }
}

/// GW-LSET-19, GW-CERT-10: grants name XListenerSets in their own group.
#[test]
fn grants_name_the_old_kind() {
    let far = edit(
        https("own", 443, &[]),
        json!({"tls": {"certificateRefs": [{"name": "cert", "namespace": "vault"}]}}),
    );
    let world = old()
        .with(open_to_sets(edge()))
        .with(secret("vault/cert"))
        .with(x_set("team/set", json!([far])));
    for (from, expected) in [
        (
            ("gateway.networking.x-k8s.io", "XListenerSet", "team"),
            "Accepted",
        ),
        ((GROUP, "XListenerSet", "team"), "!RefNotPermitted"),
        ((GROUP, "ListenerSet", "team"), "!RefNotPermitted"),
    ] {
        let outcome = world
            .clone()
            .with(grant_for("vault", from, ("", "Secret")))
            .resolve();
        assert_eq!(
            reason(&outcome.told_listener(SET, "own"), "Accepted"),
            expected,
            "{from:?}"
        );
    }
}

/// GW-LSET-29: Routes name the old kind with its group.
#[test]
fn routes_name_the_old_kind() {
    let world = old()
        .with(open_to_sets(edge()))
        .with(x_set("team/set", json!([http("own", 81)])));
    let parents = |parent: Value| {
        let route = edit(cart_route(), json!({"spec": {"parentRefs": [parent]}}));
        world
            .clone()
            .with(route)
            .resolve()
            .parents("HTTPRoute shop/cart")
            .len()
    };
    let named = json!({"group": "gateway.networking.x-k8s.io", "kind": "XListenerSet", "namespace": "team", "name": "set"});
    assert_eq!(parents(named.clone()), 1);
    assert_eq!(parents(edit(named, json!({"group": null}))), 0);
}

/// GW-LSET-29, VER-04, VER-06, VER-10: each kind in its own releases only, and nowhere in the standard channel of v1.4.
#[test]
fn each_kind_in_its_releases() {
    let both = world()
        .with(open_to_sets(edge()))
        .with(set("team/new", json!([http("own", 81)])))
        .with(x_set("team/old", json!([http("own", 82)])));
    let at = |release, channel| {
        both.clone()
            .bundle(Bundle::new(release, channel))
            .resolve()
            .served()
    };
    assert_eq!(
        at(Release::V1_4, Channel::Experimental),
        ["web", "team/old:own"]
    );
    assert_eq!(at(Release::V1_4, Channel::Standard), ["web"]);
    assert_eq!(
        at(Release::V1_5, Channel::Standard),
        ["web", "team/new:own"]
    );
    assert_eq!(
        at(Release::V1_6, Channel::Experimental),
        ["web", "team/new:own"]
    );
}
