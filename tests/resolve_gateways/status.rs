//! GW-STAT and RT-STAT-04..07: merging what ought to be said with what is there.

use std::borrow::Cow;

use gatewright::api::{Object, Timestamp};
use gatewright::resolve::status::{
    Condition, Owners, Parent, ParentKind, ParentStatus, PolicyStatus, RouteStatus, Status,
};
use gatewright::resolve::{Statuses, merged_status, status_patch};
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

const OLD: &str = "2026-01-01T00:00:00Z";
const NOW: &str = "2026-06-01T12:00:00Z";

fn now() -> Timestamp {
    Timestamp::from(NOW)
}

fn statuses(world: &World) -> Statuses {
    world.resolve().resolution.statuses
}

/// The patch of an object's status in a world; the whole status.
fn patched(world: &World, kind: &str, namespace: &str, name: &str) -> Option<Value> {
    let statuses = statuses(world);
    let entry = statuses.find(kind, Some(namespace), name).expect("ours");
    entry.patch(&now()).map(|patch| patch.status().clone())
}

fn condition(kind: &str, status: &str, reason: &str, generation: i64) -> Value {
    json!({
        "type": kind, "status": status, "reason": reason, "message": "old",
        "observedGeneration": generation, "lastTransitionTime": OLD,
    })
}

fn find<'v>(conditions: &'v Value, kind: &str) -> &'v Value {
    let found = list(conditions)
        .iter()
        .find(|condition| condition["type"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} in {conditions}"))
}

/// GW-STAT-01, GW-STAT-02: own types are replaced in place or go, foreign ones stay where they are.
#[test]
fn foreign_conditions_stay_and_stale_own_ones_go() {
    let status = json!({"status": {
        "conditions": [
            condition("example.com/First", "True", "X", 1),
            condition("Programmed", "False", "Invalid", 1),
            condition("AttachedListenerSets", "True", "ListenerSetsAttached", 1),
            condition("Scheduled", "True", "Scheduled", 1),
        ],
        "listeners": [
            {"name": "web", "attachedRoutes": 3, "supportedKinds": [], "conditions": [
                condition("Conflicted", "True", "HostnameConflict", 1),
                condition("example.com/Odd", "True", "X", 1),
            ]},
            {"name": "gone", "attachedRoutes": 0, "supportedKinds": [], "conditions": []},
        ],
    }});
    let world = world().with(edit(
        edit(edge(), json!({"metadata": {"generation": 2}})),
        status,
    ));
    let new = patched(&world, "Gateway", "infra", "edge").expect("a change");
    let types = |conditions: &Value| -> Vec<String> {
        let all = list(conditions).iter();
        all.map(|c| {
            format!(
                "{} {}",
                c["type"].as_str().expect("type"),
                c["observedGeneration"]
            )
        })
        .collect()
    };
    assert_eq!(
        types(&new["conditions"]),
        [
            "example.com/First 1",
            "Programmed 2",
            "Scheduled 1",
            "Accepted 2",
            "ResolvedRefs 2"
        ]
    );
    assert_eq!(list(&new["listeners"]).len(), 1);
    assert_eq!(
        types(&new["listeners"][0]["conditions"]),
        [
            "example.com/Odd 1",
            "Accepted 2",
            "Programmed 2",
            "ResolvedRefs 2"
        ]
    );
}

/// GW-STAT-03: what saw a later generation is not overwritten, not even taken away.
#[test]
fn later_generations_are_left_alone() {
    let status = json!({"metadata": {"generation": 4}, "status": {"conditions": [
        condition("Accepted", "False", "Invalid", 5),
        condition("DefaultGateway", "True", "DefaultGateway", 5),
        condition("Programmed", "False", "Invalid", 4),
    ]}});
    let world = world().with(edit(edge(), status));
    let new = patched(&world, "Gateway", "infra", "edge").expect("a change");
    assert_eq!(find(&new["conditions"], "Accepted")["reason"], "Invalid");
    assert_eq!(
        find(&new["conditions"], "DefaultGateway")["observedGeneration"],
        5
    );
    assert_eq!(
        find(&new["conditions"], "Programmed")["reason"],
        "Programmed"
    );
}

/// GW-STAT-04: the time moves with `status` alone; the API server's 1970 goes with `Unknown`.
#[test]
fn time_moves_with_status() {
    let status = json!({"metadata": {"generation": 9}, "status": {"conditions": [
        condition("Accepted", "True", "Other", 1),
        condition("Programmed", "False", "Invalid", 9),
        {"type": "ResolvedRefs", "status": "Unknown", "reason": "Pending", "message": "",
            "lastTransitionTime": "1970-01-01T00:00:00Z"},
    ]}});
    let world = world().with(edit(edge(), status));
    let new = patched(&world, "Gateway", "infra", "edge").expect("a change");
    for (kind, time) in [
        ("Accepted", OLD),
        ("Programmed", NOW),
        ("ResolvedRefs", NOW),
    ] {
        let found = find(&new["conditions"], kind);
        assert_eq!(found["lastTransitionTime"], time, "{kind}");
        assert_eq!(found["status"], "True");
    }
    assert_eq!(find(&new["conditions"], "Accepted")["reason"], "Accepted");
}

/// GW-STAT-05, GW-STAT-06: positive conditions are there, negative ones only when true, none is unknown.
#[test]
fn nothing_is_unknown() {
    let outcome = world()
        .with(secret("infra/cert"))
        .with(edge())
        .with(cart_route())
        .resolve();
    assert!(
        !outcome
            .statuses
            .values()
            .any(|status| status.to_string().contains("Unknown"))
    );
    assert_eq!(outcome.edge("web"), FINE);
    assert_eq!(
        outcome.told("Gateway infra/edge"),
        "Accepted=Accepted Programmed=Programmed ResolvedRefs=ResolvedRefs"
    );
}

/// GW-STAT-07: at most eight conditions; own ones give way.
#[test]
fn own_conditions_give_way() {
    let foreign: Vec<Value> = (0..7)
        .map(|i| condition(&format!("example.com/C{i}"), "True", "X", 1))
        .collect();
    let world = world().with(edit(edge(), json!({"status": {"conditions": foreign}})));
    let new = patched(&world, "Gateway", "infra", "edge").expect("a change");
    let all = list(&new["conditions"]);
    assert_eq!(all.len(), 8);
    assert_eq!(all[7]["type"], "Accepted");
    // With nothing but foreign ones nothing of ours is written, and they stay.
    let foreign: Vec<Value> = (0..9)
        .map(|i| condition(&format!("example.com/C{i}"), "True", "X", 1))
        .collect();
    let world =
        crate::world::world().with(edit(edge(), json!({"status": {"conditions": foreign}})));
    let new = patched(&world, "Gateway", "infra", "edge").expect("a change");
    assert_eq!(list(&new["conditions"]).len(), 9);
}

fn route_object(status: Value) -> Object {
    Object::from_value(edit(cart_route(), json!({"status": status}))).expect("HTTPRoute")
}

fn fine(parent: &str, message: impl Into<Cow<'static, str>>) -> ParentStatus {
    ParentStatus {
        parent: Parent {
            kind: ParentKind::Gateway,
            namespace: None,
            name: parent.into(),
            section: None,
            port: None,
        },
        controller_name: OURS.into(),
        conditions: vec![Condition {
            kind: "Accepted",
            status: true,
            reason: "Accepted",
            message: message.into(),
        }],
    }
}

fn wanted(parents: Vec<ParentStatus>) -> Status {
    Status::Route(RouteStatus {
        generation: 1,
        owners: [OURS].into_iter().collect(),
        parents,
    })
}

/// GW-STAT-08: messages are cut to what the API server takes, between characters.
#[test]
fn long_messages_are_cut() {
    let new = merged_status(
        &route_object(json!(null)),
        &wanted(vec![fine("a", "é".repeat(20_000))]),
        &now(),
    );
    let message = new["parents"][0]["conditions"][0]["message"]
        .as_str()
        .expect("message");
    assert!(message.len() <= 32_768 && message.len() > 32_760);
    // Long names of many objects make no long message either.
    let long = "x".repeat(100_000);
    let odd = edit(http("l", 80), json!({"protocol": long}));
    let outcome = world().with(gateway("infra/edge", json!([odd]))).resolve();
    let status = outcome.listener_status("Gateway infra/edge", "l");
    assert!(outcome.message_of(status, "Accepted").len() <= 32_768);
}

/// GW-STAT-09: reasons of conflicts are those of the listed words wherever one fits.
#[test]
fn listed_reasons_are_preferred() {
    let outcome = world()
        .with(gateway("infra/edge", json!([http("a", 80), http("b", 80)])))
        .resolve();
    assert_eq!(outcome.edge_reason("a", "Accepted"), "!HostnameConflict");
}

/// GW-STAT-10, GW-STAT-11: written back, the same objects give no change, byte for byte.
#[test]
fn what_was_written_is_not_written_again() {
    let mut world = world()
        .with(secret("infra/cert"))
        .with(open_to_sets(gateway(
            "infra/edge",
            json!([
                http("a", 80),
                http("b", 80),
                https("c", 443, &["cert"]),
                https("d", 443, &["missing"])
            ]),
        )))
        .with(set("team/set", json!([http("own", 81), http("lost", 80)])))
        .with(cart_route());
    let first = world.resolve().statuses;
    let before = world.objects.clone();
    for object in before {
        let key = |kind: &str| match object["metadata"]["namespace"].as_str() {
            Some(namespace) => format!(
                "{kind} {namespace}/{}",
                object["metadata"]["name"].as_str().expect("name")
            ),
            None => format!(
                "{kind} {}",
                object["metadata"]["name"].as_str().expect("name")
            ),
        };
        if let Some(status) = first.get(&key(object["kind"].as_str().expect("kind"))) {
            world = world.with(edit(object, json!({"status": status})));
        }
    }
    let again = world.resolve();
    assert_eq!(again.statuses, first);
    for entry in again.resolution.statuses.iter() {
        assert_eq!(entry.patch(&now()), None, "{}", entry.object().key());
    }
}

/// GW-STAT-12: grants and Services get no status, classes and Gateways of others neither.
#[test]
fn only_own_objects_get_a_status() {
    let outcome = world()
        .with(edge())
        .with(service("shop/cart", &[80]))
        .with(grant("shop", "HTTPRoute", "other"))
        .resolve();
    let names: Vec<_> = outcome.statuses.keys().collect();
    assert_eq!(names, ["Gateway infra/edge", "GatewayClass ours"]);
}

fn entry(controller: &str, parent: &str) -> Value {
    json!({
        "parentRef": {"group": GROUP, "kind": "Gateway", "name": parent}, "controllerName": controller,
        "conditions": [condition("Accepted", "True", "Accepted", 1), condition("example.com/Odd", "True", "X", 1)],
    })
}

fn names(status: &Value, list_name: &str, reference: &str) -> Vec<String> {
    let entries = list(&status[list_name]).iter();
    let name = |entry: &Value| {
        let controller = entry["controllerName"].as_str().expect("name");
        let whose = if controller == OURS { "our" } else { "their" };
        format!(
            "{whose} {}",
            entry[reference]["name"].as_str().expect("name")
        )
    };
    entries.map(name).collect()
}

/// RT-STAT-04, RT-STAT-05, RT-STAT-07: entries of others stay as they are and in their order, ours are replaced where they
/// are, stale ones go.
#[test]
fn entries_of_others_are_sacred() {
    let theirs = "example.net/theirs";
    let object = route_object(json!({"parents": [
        entry(OURS, "stale"), entry(theirs, "a"), entry(OURS, "b"), entry(theirs, "b"),
    ]}));
    let status = wanted(vec![fine("b", "new"), fine("c", "new"), fine("d", "new")]);
    let new = merged_status(&object, &status, &now());
    assert_eq!(
        names(&new, "parents", "parentRef"),
        ["our b", "their a", "our c", "their b", "our d"]
    );
    assert_eq!(new["parents"][1], entry(theirs, "a"));
    assert_eq!(new["parents"][3], entry(theirs, "b"));
    // The history of an entry goes with its parent, foreign conditions included.
    let kept = &new["parents"][0]["conditions"];
    assert_eq!(find(kept, "Accepted")["lastTransitionTime"], OLD);
    assert_eq!(find(kept, "Accepted")["message"], "new");
    find(kept, "example.com/Odd");
    let fresh = &new["parents"][2]["conditions"];
    assert_eq!(find(fresh, "Accepted")["lastTransitionTime"], NOW);
    let none = merged_status(&object, &wanted(vec![]), &now());
    assert_eq!(names(&none, "parents", "parentRef"), ["their a", "their b"]);
    let only_ours = route_object(json!({"parents": [entry(OURS, "stale")]}));
    assert_eq!(
        merged_status(&only_ours, &wanted(vec![]), &now()),
        json!({"parents": []})
    );
}

/// RT-STAT-05, GW-DEF-12: a Route whose Gateway went, or changed hands, loses our entry and nothing else.
#[test]
fn routes_out_of_scope_are_cleaned_up() {
    let route = edit(
        cart_route(),
        json!({"status": {"parents": [entry(OURS, "edge"), entry("example.net/theirs", "edge")]}}),
    );
    let gone = world().with(route.clone());
    let new = patched(&gone, "HTTPRoute", "shop", "cart").expect("a change");
    assert_eq!(names(&new, "parents", "parentRef"), ["their edge"]);
    let theirs = edit(edge(), json!({"spec": {"gatewayClassName": "theirs"}}));
    let new = patched(&gone.with(theirs), "HTTPRoute", "shop", "cart").expect("a change");
    assert_eq!(names(&new, "parents", "parentRef"), ["their edge"]);
    // A Route that we never touched stays untouched.
    let foreign = edit(
        cart_route(),
        json!({"status": {"parents": [entry("example.net/theirs", "edge")]}}),
    );
    assert!(
        statuses(&world().with(foreign))
            .find("HTTPRoute", Some("shop"), "cart")
            .is_none()
    );
}

/// RT-STAT-06, GW-STAT-07: 32 entries at most: foreign ones first, then ours in order.
#[test]
fn entries_are_limited() {
    let foreign: Vec<Value> = (0..30)
        .map(|i| entry("example.net/theirs", &format!("g{i}")))
        .collect();
    let object = route_object(json!({"parents": foreign}));
    let status = wanted(vec![
        fine("listed", ""),
        fine("second", ""),
        fine("default", ""),
    ]);
    let new = merged_status(&object, &status, &now());
    let names = names(&new, "parents", "parentRef");
    assert_eq!(names.len(), 32);
    assert_eq!(names[30..], ["our listed", "our second"]);
}

/// BTLS-21, POL-06: 16 ancestors at most, those of others stay.
#[test]
fn ancestors_are_limited() {
    let policy = object(
        "v1",
        "BackendTLSPolicy",
        "shop/policy",
        json!({"targetRefs": [], "validation": {"hostname": "a.test"}}),
    );
    let foreign: Vec<Value> = (0..15)
        .map(|i| {
            let mut entry = entry("example.net/theirs", &format!("g{i}"));
            let reference = entry["parentRef"].take();
            entry["ancestorRef"] = reference;
            entry.as_object_mut().expect("object").remove("parentRef");
            entry
        })
        .collect();
    let policy = Object::from_value(edit(policy, json!({"status": {"ancestors": foreign}})))
        .expect("policy");
    let status = Status::Policy(PolicyStatus {
        generation: 1,
        owners: [OURS].into_iter().collect::<Owners>(),
        ancestors: vec![fine("a", ""), fine("b", "")],
    });
    let new = merged_status(&policy, &status, &now());
    let names = names(&new, "ancestors", "ancestorRef");
    assert_eq!((names.len(), names[15].as_str()), (16, "our a"));
}

/// GW-STAT-11: the patch is a merge patch: fields that go are null, an equal status is no patch.
#[test]
fn patches_say_what_goes() {
    let status = json!({"status": {"attachedListenerSets": 3}});
    let statuses = statuses(&world().with(edit(edge(), status)));
    let entry = statuses
        .find("Gateway", Some("infra"), "edge")
        .expect("ours");
    let patch = entry.patch(&now()).expect("a change");
    let merge = patch.to_merge_patch();
    assert_eq!(merge["status"]["attachedListenerSets"], Value::Null);
    assert!(
        merge["status"]
            .as_object()
            .expect("object")
            .contains_key("attachedListenerSets")
    );
    assert_eq!(patch.status().get("attachedListenerSets"), None);
    let mut written = entry.object().to_value();
    written["status"] = patch.status().clone();
    let written = Object::from_value(written).expect("Gateway");
    assert_eq!(status_patch(&written, entry.status(), &now()), None);
    // A status for another kind of object changes nothing.
    assert_eq!(
        status_patch(&route_object(json!(null)), entry.status(), &now()),
        None
    );
}
