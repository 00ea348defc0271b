//! GW-LSET in the form of v1.5 and later.

use gatewright::resolve::Features;
use gatewright::vocab::Release;
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

const GATEWAY: &str = "Gateway infra/edge";
const SET: &str = "ListenerSet team/set";

/// A Gateway `infra/edge` with listener `web` on port 80, open to sets of all namespaces.
fn open() -> World {
    world().with(open_to_sets(edge()))
}

fn told_set(outcome: &Outcome) -> String {
    outcome.told(SET)
}

const ATTACHED: &str = "Accepted=Accepted Programmed=Programmed";
const NOT_ALLOWED: &str = "Accepted=!NotAllowed Programmed=!NotAllowed";

/// GW-LSET-01, GW-LSET-02, GW-LSET-05, GW-LSET-14: which namespaces may attach sets; others have no listeners and disturb nobody.
#[test]
fn allowed_namespaces() {
    let one = || set("team/set", json!([http("own", 81)]));
    for (allowed, attached) in [
        (json!(null), false),
        (json!({}), false),
        (json!({"namespaces": {}}), false),
        (json!({"namespaces": {"from": "None"}}), false),
        (json!({"namespaces": {"from": "Same"}}), false),
        (json!({"namespaces": {"from": "All"}}), true),
        (
            json!({"namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "a"}}}}),
            true,
        ),
        (
            json!({"namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "b"}}}}),
            false,
        ),
        (json!({"namespaces": {"from": "Selector"}}), false),
        (
            json!({"namespaces": {"from": "Selector", "selector": {"matchLabels": {"a": "-"}}}}),
            false,
        ),
    ] {
        let gateway = edit(edge(), json!({"spec": {"allowedListeners": allowed}}));
        let outcome = world()
            .with(gateway)
            .with(namespace("team", json!({"team": "a"})))
            .with(one())
            .resolve();
        assert_eq!(
            told_set(&outcome),
            if attached { ATTACHED } else { NOT_ALLOWED },
            "{allowed}"
        );
        let entries = list(&outcome.status(SET)["listeners"]).len();
        assert_eq!(entries, usize::from(attached));
        assert_eq!(
            outcome.told(GATEWAY),
            "Accepted=Accepted Programmed=Programmed ResolvedRefs=ResolvedRefs"
        );
    }
    let same = json!({"spec": {"allowedListeners": {"namespaces": {"from": "Same"}}}});
    let near = set("infra/set", json!([http("own", 81)]));
    let outcome = world().with(edit(edge(), same)).with(near).resolve();
    assert_eq!(outcome.told("ListenerSet infra/set"), ATTACHED);
}

/// GW-LSET-05: a set that is not allowed takes part in no conflict.
#[test]
fn a_set_that_is_not_allowed_blocks_nobody() {
    let selector = json!({"spec": {"allowedListeners": {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"in": "yes"}}}}}});
    let outcome = world()
        .with(edit(edge(), selector))
        .with(namespace("team", json!({"in": "yes"})))
        .with(aged(1, set("foreign/set", json!([http("own", 81)]))))
        .with(aged(2, set("team/set", json!([http("own", 81)]))))
        .resolve();
    assert_eq!(outcome.told("ListenerSet foreign/set"), NOT_ALLOWED);
    assert_eq!(told_set(&outcome), ATTACHED);
}

/// GW-LSET-03, GW-LSET-04, GW-STAT-12: defaults of the parentRef; a set of another kind of parent, of a missing Gateway or of
/// one that is not ours gets nothing. No grant is needed.
#[test]
fn whose_a_set_is() {
    let one = |parent: Value| {
        edit(
            set("infra/set", json!([http("own", 81)])),
            json!({"spec": {"parentRef": parent}}),
        )
    };
    let told = |set: Value| open().with(set).resolve().told("ListenerSet infra/set");
    assert_eq!(told(one(json!({"namespace": null}))), ATTACHED);
    for parent in [
        json!({"kind": "Service", "group": ""}),
        json!({"group": "example.net"}),
        json!({"name": "missing"}),
        json!({"namespace": "shop"}),
    ] {
        assert_eq!(told(one(parent.clone())), "", "{parent}");
    }
    let theirs = edit(
        open_to_sets(edge()),
        json!({"spec": {"gatewayClassName": "theirs"}}),
    );
    let outcome = world()
        .with(theirs)
        .with(set("team/set", json!([http("own", 81)])))
        .resolve();
    assert_eq!(told_set(&outcome), "");
}

/// GW-LSET-06, GW-COND-15: a Gateway that is refused as a whole refuses its sets; their entries keep their own merits.
#[test]
fn a_refused_gateway_refuses_its_sets() {
    let odd = json!({"spec": {"addresses": [{"type": "example.net/odd", "value": "x"}]}});
    let outcome = world()
        .with(edit(open_to_sets(edge()), odd.clone()))
        .with(set("team/set", json!([http("own", 81)])))
        .resolve();
    assert_eq!(
        told_set(&outcome),
        "Accepted=!ParentNotAccepted Programmed=!ParentNotProgrammed"
    );
    assert_eq!(
        outcome.told_listener(SET, "own"),
        "Accepted=Accepted Programmed=!Invalid ResolvedRefs=ResolvedRefs"
    );
    assert_eq!(outcome.status(GATEWAY)["attachedListenerSets"], 0);
    let closed = world()
        .with(edit(edge(), odd))
        .with(set("team/set", json!([http("own", 81)])))
        .resolve();
    assert_eq!(told_set(&closed), NOT_ALLOWED);
}

/// GW-LSET-06, GW-LSET-07, GW-COND-05: bad listeners of the Gateway neither refuse nor silence its sets; its `Programmed` is
/// true through them.
#[test]
fn bad_listeners_of_the_gateway_spare_its_sets() {
    let bad = gateway(
        "infra/edge",
        json!([edit(http("bad", 80), json!({"protocol": "ODD"}))]),
    );
    let outcome = world()
        .with(open_to_sets(bad))
        .with(set("team/set", json!([http("own", 81)])))
        .resolve();
    assert_eq!(
        outcome.told(GATEWAY),
        "Accepted=!ListenersNotValid Programmed=Programmed ResolvedRefs=ResolvedRefs"
    );
    assert_eq!(told_set(&outcome), ATTACHED);
    assert_eq!(outcome.served(), ["team/set:own"]);
}

/// GW-LSET-07, GW-LSET-14: conflicts of sets never change the Gateway or the winner.
#[test]
fn losers_change_nothing_for_winners() {
    let alone = open()
        .with(set("team/set", json!([http("fine", 81)])))
        .resolve();
    let beside = open()
        .with(set("team/set", json!([http("fine", 81), http("lost", 80)])))
        .resolve();
    assert_eq!(alone.told(GATEWAY), beside.told(GATEWAY));
    assert_eq!(beside.edge("web"), FINE);
    assert_eq!(beside.told_listener(SET, "fine"), FINE);
}

/// GW-LSET-08, GW-STAT-13: older sets first, then by `namespace/name` as one text; sets without a time come last.
#[test]
fn merge_order_of_sets() {
    let one = |name: &str| set(name, json!([http("own", 81)]));
    let winner = |world: World| {
        let outcome = world.resolve();
        let served = outcome.served();
        assert_eq!(served.len(), 2, "{served:?}");
        served[1].clone()
    };
    let aged_pair = open()
        .with(aged(5, one("a/set")))
        .with(aged(3, one("z/set")));
    assert_eq!(winner(aged_pair), "z/set:own");
    let tie = open().with(aged(3, one("a/x"))).with(aged(3, one("a-b/x")));
    assert_eq!(winner(tie), "a-b/x:own");
    let timeless = open().with(one("a/set")).with(aged(9, one("z/set")));
    assert_eq!(winner(timeless), "z/set:own");
    let gateway_first = world()
        .with(aged(9, open_to_sets(edge())))
        .with(aged(1, set("team/set", json!([http("own", 80)]))))
        .resolve();
    assert_eq!(gateway_first.served(), ["web"]);
}

/// GW-LSET-09, GW-LSET-10, GW-LSET-12, GW-LSET-13: the test of the suite: a set's TCP entry loses to the Gateway's HTTP
/// listener and takes the set's own HTTP entry along no more.
#[test]
fn earlier_resources_come_before_siblings() {
    let entries = json!([
        with_host(http("http", 80), "team.test"),
        listener("tcp", 80, "TCP"),
    ]);
    let outcome = open().with(set("team/set", entries)).resolve();
    assert_eq!(outcome.told_listener(SET, "http"), FINE);
    assert_eq!(
        outcome.told_listener(SET, "tcp"),
        "Accepted=!ProtocolConflict Programmed=!ProtocolConflict ResolvedRefs=ResolvedRefs \
         Conflicted=ProtocolConflict"
    );
    assert_eq!(
        told_set(&outcome),
        "Accepted=ListenersNotValid Programmed=Programmed"
    );
    let same = open()
        .with(set("team/set", json!([http("own", 80)])))
        .resolve();
    assert_eq!(
        same.told_listener(SET, "own"),
        "Accepted=!HostnameConflict Programmed=!HostnameConflict ResolvedRefs=ResolvedRefs \
         Conflicted=HostnameConflict"
    );
    let features = Features::default().without("TCPRoute").expect("known");
    let off = open()
        .controller(|controller| controller.with_features(features))
        .with(set(
            "team/set",
            json!([listener("tcp", 80, "TCP"), listener("far", 85, "TCP")]),
        ))
        .resolve();
    // GW-CONFLICT-09: also when TCP is switched off the conflict is told, where there is one.
    assert_eq!(
        reason(&off.told_listener(SET, "tcp"), "Conflicted"),
        "ProtocolConflict"
    );
    assert_eq!(
        reason(&off.told_listener(SET, "tcp"), "Accepted"),
        "!ProtocolConflict"
    );
    assert_eq!(
        reason(&off.told_listener(SET, "far"), "Accepted"),
        "!UnsupportedProtocol"
    );
}

/// GW-LSET-11: who lost to an earlier resource blocks nobody, who lost among siblings does.
#[test]
fn what_losers_block() {
    let outcome = open()
        .with(aged(
            1,
            set(
                "a/set",
                json!([listener("tcp", 80, "TCP"), http("x", 81), http("y", 81)]),
            ),
        ))
        .with(aged(
            2,
            set(
                "b/set",
                json!([http("x", 81), with_host(http("z", 80), "z.test")]),
            ),
        ))
        .resolve();
    assert_eq!(outcome.served(), ["web", "b/set:z"]);
    let told = outcome.told_listener("ListenerSet b/set", "x");
    assert_eq!(reason(&told, "Conflicted"), "HostnameConflict");
}

/// GW-LSET-15, GW-LSET-16, GW-LSET-17: all, some and no entries usable; usable ones without kinds.
#[test]
fn a_set_follows_its_entries() {
    let bad = edit(http("bad", 82), json!({"protocol": "ODD"}));
    let kindless = edit(
        http("kindless", 83),
        json!({"allowedRoutes": {"kinds": [{"kind": "Odd"}]}}),
    );
    let foreign = edit(
        https("tls", 443, &[]),
        json!({"tls": {"certificateRefs": [{"name": "c", "namespace": "x"}]}}),
    );
    for (entries, told) in [
        (json!([http("own", 81)]), ATTACHED),
        (
            json!([http("own", 81), bad]),
            "Accepted=ListenersNotValid Programmed=Programmed",
        ),
        (
            json!([bad]),
            "Accepted=!ListenersNotValid Programmed=!ListenersNotValid",
        ),
        (
            json!([kindless]),
            "Accepted=Accepted Programmed=!ListenersNotValid",
        ),
        (
            json!([foreign]),
            "Accepted=!ListenersNotValid Programmed=!ListenersNotValid",
        ),
        (
            json!([http("own", 80)]),
            "Accepted=!ListenersNotValid Programmed=!ListenersNotValid",
        ),
    ] {
        let outcome = open().with(set("team/set", entries.clone())).resolve();
        assert_eq!(told_set(&outcome), told, "{entries}");
    }
}

/// GW-LSET-18: entries have the conditions of listeners.
#[test]
fn entries_have_the_conditions_of_listeners() {
    let outcome = open()
        .with(set("team/set", json!([http("own", 81)])))
        .resolve();
    assert_eq!(outcome.told_listener(SET, "own"), FINE);
    assert_eq!(outcome.kinds(SET, "own"), ["HTTPRoute", "GRPCRoute"]);
}

/// GW-LSET-19, GW-CERT-10: the set is the referrer: its namespace, its kind, its grants.
#[test]
fn references_of_entries_are_those_of_the_set() {
    let own = open()
        .with(secret("team/cert"))
        .with(set("team/set", json!([https("own", 443, &["cert"])])))
        .resolve();
    assert_eq!(own.told_listener(SET, "own"), FINE);
    let far = edit(
        https("own", 443, &[]),
        json!({"tls": {"certificateRefs": [{"name": "cert", "namespace": "vault"}]}}),
    );
    let world = open()
        .with(secret("vault/cert"))
        .with(set("team/set", json!([far])));
    let accepted = |grant: Option<Value>| {
        let world = match grant {
            Some(grant) => world.clone().with(grant),
            None => world.clone(),
        };
        reason(&world.resolve().told_listener(SET, "own"), "Accepted")
    };
    assert_eq!(accepted(None), "!RefNotPermitted");
    for (from, expected) in [
        ((GROUP, "ListenerSet", "team"), "Accepted"),
        ((GROUP, "Gateway", "infra"), "!RefNotPermitted"),
        ((GROUP, "Gateway", "team"), "!RefNotPermitted"),
        (
            ("gateway.networking.x-k8s.io", "XListenerSet", "team"),
            "!RefNotPermitted",
        ),
    ] {
        let grant = grant_for("vault", from, ("", "Secret"));
        assert_eq!(accepted(Some(grant)), expected, "{from:?}");
    }
}

/// GW-LSET-20, GW-LSET-28: equal names in Gateway and sets are distinct listeners, each in the status of its own object.
#[test]
fn names_are_unique_in_their_object_only() {
    let outcome = open()
        .with(set("team/set", json!([http("web", 81)])))
        .with(set("team/more", json!([http("web", 82)])))
        .resolve();
    assert_eq!(outcome.served(), ["web", "team/more:web", "team/set:web"]);
    for holder in [GATEWAY, SET, "ListenerSet team/more"] {
        assert_eq!(list(&outcome.status(holder)["listeners"]).len(), 1);
    }
}

/// GW-LSET-21: more than a data plane takes: the lowest precedence suffers.
#[test]
fn the_last_ones_are_too_many() {
    use gatewright::resolve::DataPlane;

    #[derive(Debug)]
    struct Small;

    impl DataPlane for Small {
        fn listener_limit(&self) -> usize {
            2
        }
    }

    let outcome = open()
        .controller(|controller| controller.with_data_plane(std::sync::Arc::new(Small)))
        .with(aged(1, set("z/set", json!([http("own", 81)]))))
        .with(aged(2, set("team/set", json!([http("own", 82)]))))
        .resolve();
    assert_eq!(outcome.served(), ["web", "z/set:own"]);
    assert_eq!(
        reason(&outcome.told_listener(SET, "own"), "Accepted"),
        "!TooManyListeners"
    );
    let seventy: Vec<Value> = (0..70u16)
        .map(|i| http(&format!("l{i}"), 1000 + i))
        .collect();
    let outcome = open().with(set("team/set", json!(seventy))).resolve();
    assert_eq!(outcome.heads().len(), 65);
}

/// GW-LSET-25: no `port` in the status, `supportedKinds` there.
#[test]
fn entries_show_no_port() {
    let outcome = open()
        .with(set("team/set", json!([http("own", 81)])))
        .resolve();
    assert_eq!(outcome.listener_status(SET, "own").get("port"), None);
}

/// GW-LSET-26: allowed and accepted sets count, partly valid ones too; written when there is something to say.
#[test]
fn attached_sets_are_counted() {
    let count = |world: World| {
        world
            .resolve()
            .status(GATEWAY)
            .get("attachedListenerSets")
            .cloned()
    };
    assert_eq!(count(world().with(edge())), None);
    assert_eq!(count(open()), Some(json!(0)));
    let bad = edit(http("bad", 82), json!({"protocol": "ODD"}));
    let world = open()
        .with(set("team/part", json!([http("own", 81), bad])))
        .with(set("team/none", json!([bad])));
    assert_eq!(count(world), Some(json!(1)));
    let closed = crate::world::world()
        .with(edge())
        .with(set("team/set", json!([http("own", 81)])));
    assert_eq!(count(closed), Some(json!(0)));
}

/// GW-LSET-27, VER-06: the condition of v1.4 is gone.
#[test]
fn no_condition_about_sets() {
    for release in [Release::V1_5, Release::V1_6] {
        let outcome = open()
            .release(release)
            .with(set("team/set", json!([http("own", 81)])))
            .resolve();
        assert_eq!(reason(&outcome.told(GATEWAY), "AttachedListenerSets"), "");
    }
}

fn on_set(section: Option<&str>) -> Value {
    let parent =
        json!({"kind": "ListenerSet", "namespace": "team", "name": "set", "sectionName": section});
    edit(cart_route(), json!({"spec": {"parentRefs": [parent]}}))
}

/// GW-LSET-29, GW-LSET-30, GW-LSET-31, GW-LSET-35, GW-COUNT-08: Gateway and set are parents of their own.
#[test]
fn parents_are_direct() {
    let world = open()
        .with(service("shop/cart", &[80]))
        .with(set("team/set", json!([http("own", 81)])));
    let outcome = world.clone().with(on_set(None)).resolve();
    assert_eq!(
        outcome.parents("HTTPRoute shop/cart"),
        ["ListenerSet team/set: Accepted, ResolvedRefs"]
    );
    assert_eq!(
        (outcome.count(SET, "own"), outcome.count(GATEWAY, "web")),
        (1, 0)
    );
    assert_eq!(outcome.serving("web"), Vec::<String>::new());
    let gateway = world.clone().with(cart_route()).resolve();
    assert_eq!(
        (gateway.count(SET, "own"), gateway.count(GATEWAY, "web")),
        (0, 1)
    );
    let section = edit(to_edge(), json!({"sectionName": "own"}));
    let both = edit(
        cart_route(),
        json!({"spec": {"parentRefs": [section, {"kind": "ListenerSet", "namespace": "team", "name": "set"}]}}),
    );
    let outcome = world.clone().with(both).resolve();
    assert_eq!(
        outcome.parents("HTTPRoute shop/cart"),
        [
            "Gateway infra/edge#own: !NoMatchingParent, ResolvedRefs",
            "ListenerSet team/set: Accepted, ResolvedRefs"
        ]
    );
    let x = edit(
        on_set(None),
        json!({"spec": {"parentRefs": [{"group": "gateway.networking.x-k8s.io", "kind": "XListenerSet", "namespace": "team", "name": "set"}]}}),
    );
    assert!(
        world
            .with(x)
            .resolve()
            .parents("HTTPRoute shop/cart")
            .is_empty()
    );
}

/// GW-LSET-32, GW-NS-01: `Same` is the namespace of the set.
#[test]
fn same_means_the_namespace_of_the_set() {
    let entry = json!({"name": "own", "port": 81, "protocol": "HTTP"});
    let world = open().with(set("team/set", json!([entry])));
    let near = http_route(
        "team/near",
        json!({"parentRefs": [{"kind": "ListenerSet", "name": "set"}], "rules": []}),
    );
    let infra = http_route(
        "infra/far",
        json!({"parentRefs": [{"kind": "ListenerSet", "namespace": "team", "name": "set"}], "rules": []}),
    );
    let outcome = world.with(near).with(infra).resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute team/near"),
        ["Accepted, ResolvedRefs"]
    );
    assert_eq!(
        outcome.verdicts("HTTPRoute infra/far"),
        ["!NotAllowedByListeners, ResolvedRefs"]
    );
}

/// GW-LSET-33, GW-LSET-34: Routes attach to conflicted entries and to sets of refused Gateways, not to sets that are not
/// allowed.
#[test]
fn routes_on_sets_in_trouble() {
    let world = || {
        world()
            .with(service("shop/cart", &[80]))
            .with(on_set(Some("own")))
    };
    let conflicted = set("team/set", json!([http("own", 80)]));
    let outcome = world()
        .with(open_to_sets(edge()))
        .with(conflicted.clone())
        .resolve();
    assert_eq!(
        outcome.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
    assert_eq!(outcome.count(SET, "own"), 1);
    let closed = world().with(edge()).with(conflicted.clone()).resolve();
    assert_eq!(
        closed.verdicts("HTTPRoute shop/cart"),
        ["!NoMatchingParent, ResolvedRefs"]
    );
    let odd = json!({"spec": {"addresses": [{"type": "example.net/odd", "value": "x"}]}});
    let refused = world()
        .with(edit(open_to_sets(edge()), odd))
        .with(conflicted)
        .resolve();
    assert_eq!(
        refused.verdicts("HTTPRoute shop/cart"),
        ["Accepted, ResolvedRefs"]
    );
}

/// GW-LSET-36: messages about conflicts name no other object.
#[test]
fn messages_name_no_other_tenant() {
    let outcome = open()
        .with(aged(
            1,
            set("secretive/hidden", json!([http("private", 81)])),
        ))
        .with(aged(2, set("team/set", json!([http("own", 81)]))))
        .resolve();
    let text = outcome.status(SET).to_string();
    assert!(
        text.contains("conflicts with another listener of the Gateway"),
        "{text}"
    );
    assert!(
        ["secretive", "hidden", "private"]
            .iter()
            .all(|name| !text.contains(name)),
        "{text}"
    );
}

/// GW-LSET-37: both kinds of policy target Services only; a set as a target has no effect and no entry.
#[test]
fn no_policy_targets_a_set() {
    let policy = object(
        "v1",
        "BackendTLSPolicy",
        "team/policy",
        json!({"targetRefs": [{"group": GROUP, "kind": "ListenerSet", "name": "set"}],
            "validation": {"hostname": "a.test", "wellKnownCACertificates": "System"}}),
    );
    let outcome = open()
        .with(set("team/set", json!([http("own", 81)])))
        .with(policy)
        .resolve();
    assert_eq!(outcome.status("BackendTLSPolicy team/policy"), &Value::Null);
    assert_eq!(outcome.told_listener(SET, "own"), FINE);
}

/// GW-LSET-38: a Gateway without listeners is accepted, and programmed by its sets.
#[test]
fn a_gateway_without_listeners_lives_by_its_sets() {
    let empty = || open_to_sets(gateway("infra/edge", json!([])));
    let outcome = world().with(empty()).resolve();
    assert_eq!(
        outcome.told(GATEWAY),
        "Accepted=Accepted Programmed=!Invalid ResolvedRefs=ResolvedRefs"
    );
    assert_eq!(outcome.status(GATEWAY)["listeners"], json!([]));
    let outcome = world()
        .with(empty())
        .with(set("team/set", json!([http("own", 81)])))
        .resolve();
    assert_eq!(
        outcome.told(GATEWAY),
        "Accepted=Accepted Programmed=Programmed ResolvedRefs=ResolvedRefs"
    );
}
