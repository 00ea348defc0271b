//! What holds for every world: the resolver is a function of the set of objects, and each object gives and takes only what
//! is its own.

use std::collections::BTreeMap;

use gatewright::resolve::Resolution;
use gatewright::vocab::Release;
use serde_json::{Value, json};

use crate::attachment::CONTROLLER;
use crate::worlds::{Choices, world};
use crate::{mode_of, number_from, resolve_world, statuses};

type Key = (String, String, String);

/// Runs a property on random worlds; a tenth of the worlds of the comparison, for each does some resolutions.
fn for_worlds(mut property: impl FnMut(&mut Choices, Release, Vec<Value>, &str)) {
    let worlds = number_from("GATEWRIGHT_WORLDS", 2_000).div_ceil(10);
    let first = number_from("GATEWRIGHT_SEED", 0);
    for seed in first..first + worlds {
        let mut choices = Choices::new(seed ^ 0x5eed_0000);
        let release = *choices.one(&Release::ALL);
        let objects = world(&mut choices, mode_of(release));
        let texts: Vec<String> = objects.iter().map(Value::to_string).collect();
        let about = format!("seed {seed}, {release}\n{}", texts.join("\n"));
        property(&mut choices, release, objects, &about);
    }
}

fn key_of(object: &Value) -> Key {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let meta = &object["metadata"];
    (
        text(&object["kind"]),
        text(&meta["namespace"]),
        text(&meta["name"]),
    )
}

/// Everything that a resolution says, as one value.
fn everything(resolution: &Resolution) -> (BTreeMap<Key, Value>, Value, Value) {
    (
        statuses(resolution),
        serde_json::to_value(&resolution.plan).expect("a plan is serialisable"),
        serde_json::to_value(&resolution.trace).expect("a trace is serialisable"),
    )
}

/// The objects with the statuses that the resolver wants.
fn written_back(objects: &[Value], resolution: &Resolution) -> Vec<Value> {
    let statuses = statuses(resolution);
    let written = objects.iter().map(|object| {
        let mut object = object.clone();
        if let Some(status) = statuses.get(&key_of(&object)) {
            object["status"] = status.clone();
        }
        object
    });
    written.collect()
}

/// EVAL-05, GW-STAT-10, GW-CONFLICT-17: the order of objects never matters, nor does anything that changes from run to run.
#[test]
fn the_order_of_objects_never_matters() {
    for_worlds(|choices, release, mut objects, about| {
        let before = everything(&resolve_world(&objects, release));
        for index in (1..objects.len()).rev() {
            objects.swap(index, choices.below(index + 1));
        }
        let after = everything(&resolve_world(&objects, release));
        assert_eq!(before, after, "{about}");
    });
}

/// GW-STAT-11, RT-STAT-04: statuses that are written back change nothing, and nothing is left to write.
#[test]
fn statuses_written_back_change_nothing() {
    for_worlds(|_, release, objects, about| {
        let before = resolve_world(&objects, release);
        let after = resolve_world(&written_back(&objects, &before), release);
        assert_eq!(before.plan, after.plan, "{about}");
        assert_eq!(statuses(&before), statuses(&after), "{about}");
        let later = gatewright::api::Timestamp::from_seconds(1_000_000);
        for entry in after.statuses.iter() {
            assert_eq!(
                entry.patch(&later),
                None,
                "{}, {about}",
                entry.object().key()
            );
        }
    });
}

/// Objects that have nothing to do with a world change nothing of it: names that nobody uses, objects of others.
#[test]
fn unrelated_objects_change_nothing() {
    let group = "gateway.networking.k8s.io";
    let unrelated = [
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "apart", "labels": {"team": "shop"}}}),
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "apart", "name": "cart"},
            "spec": {"ports": [{"port": 80}]},
        }),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "shop", "name": "apart"}}),
        json!({
            "apiVersion": format!("{group}/v1"), "kind": "Gateway",
            "metadata": {"namespace": "infra", "name": "apart"},
            "spec": {
                "gatewayClassName": "theirs", "defaultScope": "All",
                "listeners": [{"name": "web", "port": 80, "protocol": "HTTP"}],
            },
        }),
        json!({
            "apiVersion": format!("{group}/v1"), "kind": "HTTPRoute",
            "metadata": {"namespace": "shop", "name": "apart"},
            "spec": {"parentRefs": [{"name": "nowhere"}], "rules": []},
        }),
        json!({
            "apiVersion": format!("{group}/v1beta1"), "kind": "ReferenceGrant",
            "metadata": {"namespace": "apart", "name": "all"},
            "spec": {
                "from": [{"group": group, "kind": "HTTPRoute", "namespace": "shop"}],
                "to": [{"group": "", "kind": "Service"}],
            },
        }),
        json!({
            "apiVersion": format!("{group}/v1"), "kind": "BackendTLSPolicy",
            "metadata": {"namespace": "apart", "name": "tls"},
            "spec": {
                "targetRefs": [{"group": "", "kind": "Service", "name": "cart"}],
                "validation": {"hostname": "a.test", "wellKnownCACertificates": "System"},
            },
        }),
    ];
    for_worlds(|choices, release, mut objects, about| {
        let before = resolve_world(&objects, release);
        let more = choices.one(&unrelated).clone();
        objects.push(more.clone());
        let after = resolve_world(&objects, release);
        assert_eq!(before.plan, after.plan, "{more}, {about}");
        assert_eq!(statuses(&before), statuses(&after), "{more}, {about}");
    });
}

/// Without what changes at every write, and without lists that say nothing.
fn settled(statuses: BTreeMap<Key, Value>) -> BTreeMap<Key, Value> {
    let mut settled = BTreeMap::new();
    for (key, mut status) in statuses {
        forget_times(&mut status);
        let is_empty = |field: &str| status[field].as_array().is_some_and(Vec::is_empty);
        if !(is_empty("parents") || is_empty("ancestors")) {
            settled.insert(key, status);
        }
    }
    settled
}

fn forget_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("lastTransitionTime");
            fields.values_mut().for_each(forget_times);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_times),
        _ => {}
    }
}

/// Takes something away from a world: an object, or a listener of a Gateway or set.
fn take_away(choices: &mut Choices, objects: &mut Vec<Value>) -> Option<String> {
    let index = choices.below(objects.len());
    let listeners = objects[index]["spec"]["listeners"].as_array_mut();
    if let Some(listeners) = listeners.filter(|listeners| listeners.len() > 1) {
        let gone = listeners.remove(choices.below(listeners.len()));
        return Some(format!("listener {gone}"));
    }
    if matches!(objects[index]["kind"].as_str(), Some("GatewayClass")) {
        return None;
    }
    Some(objects.remove(index).to_string())
}

/// RG-08, RT-STAT-05, GW-DEF-12: what an object gave is gone with it, though statuses remember it: a world that had more and
/// wrote its statuses ends as one that never had it.
#[test]
fn what_is_taken_away_leaves_nothing_behind() {
    for_worlds(|choices, release, objects, about| {
        let rich = written_back(&objects, &resolve_world(&objects, release));
        let mut fewer = rich.clone();
        let Some(gone) = take_away(choices, &mut fewer) else {
            return;
        };
        let mut bare = fewer.clone();
        for object in &mut bare {
            object.as_object_mut().expect("an object").remove("status");
        }
        let found = resolve_world(&fewer, release);
        let expected = resolve_world(&bare, release);
        assert_eq!(found.plan, expected.plan, "{gone}, {about}");
        let own = |statuses: BTreeMap<Key, Value>| settled(statuses);
        assert_eq!(
            own(statuses(&found)),
            own(statuses(&expected)),
            "{gone}, {about}"
        );
    });
}

fn parents_of(status: Option<&Value>) -> Vec<(Value, Vec<Value>)> {
    let parents = status.and_then(|status| status["parents"].as_array());
    let parents = parents.map_or(&[][..], Vec::as_slice);
    let told = parents.iter().map(|entry| {
        assert_eq!(entry["controllerName"], CONTROLLER);
        let conditions = entry["conditions"].as_array().expect("conditions").clone();
        (entry["parentRef"].clone(), conditions)
    });
    told.collect()
}

/// RG-02, RG-07, RG-08: a grant changes `ResolvedRefs` of Routes of its kinds and namespaces, and nothing else; it never takes
/// anything away.
#[test]
fn a_grant_gives_only_what_it_names() {
    for_worlds(|choices, release, objects, about| {
        let grants: Vec<usize> = (0..objects.len())
            .filter(|index| objects[*index]["kind"] == "ReferenceGrant")
            .collect();
        if grants.is_empty() {
            return;
        }
        let mut without = objects.clone();
        let grant = without.remove(*choices.one(&grants));
        let (with, without) = (
            statuses(&resolve_world(&objects, release)),
            statuses(&resolve_world(&without, release)),
        );
        assert!(with.keys().eq(without.keys()), "{about}");
        for (key, status) in &with {
            if status == &without[key] {
                continue;
            }
            let froms = grant["spec"]["from"].as_array().expect("a list");
            let named = froms
                .iter()
                .any(|from| from["kind"] == key.0.as_str() && from["namespace"] == key.1.as_str());
            assert!(named, "{grant} changes {key:?}, {about}");
            let (with, without) = (parents_of(Some(status)), parents_of(without.get(key)));
            assert_eq!(with.len(), without.len());
            for ((parent, given), (_, missing)) in with.iter().zip(&without) {
                assert_eq!(
                    given[0], missing[0],
                    "`Accepted` of {key:?} at {parent}, {about}"
                );
                // The message lists every reference that fails; the verdict is that of the first (RT-COND-11).
                let verdict =
                    |condition: &Value| (condition["status"].clone(), condition["reason"].clone());
                if verdict(&given[1]) != verdict(&missing[1]) {
                    assert_eq!(
                        missing[1]["reason"], "RefNotPermitted",
                        "{key:?} at {parent}, {about}"
                    );
                }
            }
        }
    });
}

/// GW-COUNT-05, RT-ATT-08: a listener that goes takes its own count with it and leaves those of others alone.
#[test]
fn a_listener_takes_only_its_own_routes() {
    for_worlds(|choices, release, objects, about| {
        let holders: Vec<usize> = (0..objects.len())
            .filter(|index| {
                objects[*index]["spec"]["listeners"]
                    .as_array()
                    .is_some_and(|l| l.len() > 1)
            })
            .collect();
        if holders.is_empty() {
            return;
        }
        let holder = *choices.one(&holders);
        let mut fewer = objects.clone();
        let listeners = fewer[holder]["spec"]["listeners"]
            .as_array_mut()
            .expect("a list");
        let gone = listeners.remove(choices.below(listeners.len()));
        let counts = |objects: &[Value]| {
            let mut counts = BTreeMap::new();
            for (key, status) in statuses(&resolve_world(objects, release)) {
                for listener in status["listeners"].as_array().into_iter().flatten() {
                    counts.insert(
                        (key.clone(), listener["name"].clone().to_string()),
                        listener["attachedRoutes"].clone(),
                    );
                }
            }
            counts
        };
        let mut expected = counts(&objects);
        expected.remove(&(key_of(&objects[holder]), gone["name"].to_string()));
        assert_eq!(counts(&fewer), expected, "{gone}, {about}");
    });
}

/// BE-02, RT-COND-04: a Service that goes never costs a Route its Gateways, only its references; Routes that do not name it
/// stay as they are.
#[test]
fn a_service_takes_only_references_to_it() {
    for_worlds(|choices, release, objects, about| {
        let services: Vec<usize> = (0..objects.len())
            .filter(|index| objects[*index]["kind"] == "Service")
            .collect();
        if services.is_empty() {
            return;
        }
        let mut fewer = objects.clone();
        let gone = fewer.remove(*choices.one(&services));
        let name = gone["metadata"]["name"].as_str().expect("a name");
        let (before, after) = (
            statuses(&resolve_world(&objects, release)),
            statuses(&resolve_world(&fewer, release)),
        );
        let at_gateways = |status: Option<&Value>| {
            let mut parents = parents_of(status);
            parents.retain(|(parent, _)| parent["kind"] != "Service");
            parents
        };
        for object in &objects {
            let key = key_of(object);
            if !key.0.ends_with("Route") {
                if key.0 != "Service" {
                    assert_eq!(
                        before.get(&key),
                        after.get(&key),
                        "{gone} changes {key:?}, {about}"
                    );
                }
                continue;
            }
            let names_it = object["spec"]["rules"]
                .to_string()
                .contains(&format!("\"{name}\""));
            let (with, without) = (at_gateways(before.get(&key)), at_gateways(after.get(&key)));
            assert_eq!(with.len(), without.len(), "{gone} changes {key:?}, {about}");
            for ((parent, with), (_, without)) in with.iter().zip(&without) {
                assert_eq!(
                    with[0], without[0],
                    "`Accepted` of {key:?} at {parent}, {about}"
                );
                assert!(
                    names_it || with == without,
                    "{gone} changes {key:?} at {parent}, {about}"
                );
            }
        }
    });
}
