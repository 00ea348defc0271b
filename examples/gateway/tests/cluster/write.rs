//! Statuses are written, once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::objects::{gateway, route, shop};
use crate::{CONTROLLER, NEW, Running, backend, condition, is_accepted, until};

/// GW-STAT-01/11/12, GW-COND-05, GW-ADDR-05.
#[tokio::test]
async fn statuses_are_applied_by_the_controller_and_not_written_again() {
    let mut objects = shop(11);
    let mut foreign = gateway("front");
    foreign["status"] = json!({"conditions": [
        {"type": "example.com/Scanned", "status": "True", "reason": "Clean", "message": ""}
    ]});
    objects[2] = foreign;
    let running = Running::start(11, NEW, objects).await;
    running
        .status("GatewayClass", "example", |status| {
            condition(&status["conditions"], "Accepted") == ("True", "Accepted")
        })
        .await;
    running
        .status("Gateway", "front", |status| {
            condition(&status["conditions"], "Programmed") == ("True", "Programmed")
                && condition(&status["conditions"], "example.com/Scanned") == ("True", "Clean")
                && status["addresses"] == json!([{"type": "IPAddress", "value": "127.90.11.1"}])
                && status["listeners"][0]["attachedRoutes"] == 1
        })
        .await;
    running.status("HTTPRoute", "cart", is_accepted).await;

    // Another Route is attached: the Gateway counts it, nobody else has anything new to say.
    running.cluster.put(route("second", "/second"));
    running.status("HTTPRoute", "second", is_accepted).await;
    running
        .status("Gateway", "front", |status| {
            status["listeners"][0]["attachedRoutes"] == 2
        })
        .await;
    let mut changed = route("second", "/second");
    changed["spec"]["hostnames"] = json!(["second.test"]);
    running.cluster.put(changed);
    running
        .status("HTTPRoute", "second", |status| {
            status["parents"][0]["conditions"][0]["observedGeneration"] == 2
        })
        .await;
    assert_eq!(running.writes("gatewayclasses", "example").len(), 1);
    assert_eq!(running.writes("httproutes", "cart").len(), 1);
    assert_eq!(running.writes("httproutes", "second").len(), 2);
    let requests = running.cluster.requests();
    let mut last: BTreeMap<&str, Value> = BTreeMap::new();
    for seen in requests.iter().filter(|seen| seen.method == "PATCH") {
        assert_eq!(seen.status, 200, "{seen:?}");
        assert_eq!(seen.content_type, "application/apply-patch+yaml");
        let manager = CONTROLLER.replace('/', "%2F");
        assert!(
            seen.query.contains(&format!("fieldManager={manager}"))
                || seen.query.contains(&format!("fieldManager={CONTROLLER}")),
            "{}",
            seen.query
        );
        let said = timeless(seen.body["status"].clone());
        assert_ne!(
            last.insert(&seen.path, said.clone()),
            Some(said),
            "{}",
            seen.path
        );
    }
}

/// A status without the times of its conditions.
fn timeless(mut status: Value) -> Value {
    match &mut status {
        Value::Object(fields) => {
            fields.remove("lastTransitionTime");
            for value in fields.values_mut() {
                *value = timeless(value.take());
            }
        }
        Value::Array(items) => {
            for item in items {
                *item = timeless(item.take());
            }
        }
        _ => {}
    }
    status
}

/// RT-STAT-04: entries of others stay. The list is written as a whole, so a writer that was overtaken has to look again.
#[tokio::test]
async fn a_status_that_others_wrote_meanwhile_is_written_onto_theirs() {
    backend("127.90.12.200:8080", "one").await;
    let running = Running::start(12, NEW, shop(12)).await;
    running.status("HTTPRoute", "cart", is_accepted).await;
    let others = json!({
        "parentRef": {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "front"},
        "controllerName": "example.com/other",
        "conditions": [{
            "type": "Accepted", "status": "False", "reason": "NotAllowedByListeners", "message": "",
            "observedGeneration": 1, "lastTransitionTime": "2026-01-01T00:00:00Z"
        }]
    });
    running
        .cluster
        .overtake(&route("late", "/late"), json!({"parents": [others]}));
    running.cluster.put(route("late", "/late"));
    running
        .status("HTTPRoute", "late", |status| {
            let parents = status["parents"].as_array();
            is_accepted(status) && parents.is_some_and(|parents| parents.contains(&others))
        })
        .await;
    let answers: Vec<u16> = running
        .writes("httproutes", "late")
        .iter()
        .map(|seen| seen.status)
        .collect();
    assert_eq!(answers, [409, 200]);
    running.serves("/late", 200).await;

    // What others take away is put back; what they say themselves is left.
    let mut robbed = route("late", "/late");
    robbed["status"] = json!({"parents": [others]});
    running.cluster.put(robbed);
    running
        .status("HTTPRoute", "late", |status| {
            let parents = status["parents"].as_array();
            is_accepted(status) && parents.is_some_and(|parents| parents.contains(&others))
        })
        .await;
}

/// GW-STAT-11: two processes of one controller say the same, and then nothing more.
#[tokio::test]
async fn two_processes_of_one_controller_come_to_rest() {
    backend("127.90.13.200:8080", "one").await;
    let mut running = Running::start(13, NEW, shop(13)).await;
    running.start_process(30_000);
    running.status("HTTPRoute", "cart", is_accepted).await;
    until("both serve", async || {
        let mut statuses = Vec::new();
        for port in [80, 10_080] {
            let answer = running.get_from(1, port, "shop.test", "/cart").await;
            statuses.push(answer.map(|(status, _)| status));
        }
        statuses == [Some(200), Some(200)]
    })
    .await;
    // Both have seen the first change when they serve the second.
    let change = async |path: &str| {
        let name = path.trim_start_matches('/');
        running.cluster.put(route(name, path));
        running.status("HTTPRoute", name, is_accepted).await;
        for port in [80, 10_080] {
            until(path, async || {
                let answer = running.get_from(1, port, "shop.test", path).await;
                answer.is_some_and(|(status, _)| status == 200)
            })
            .await;
        }
    };
    change("/first").await;
    change("/second").await;
    let written = || ["cart", "first"].map(|name| running.writes("httproutes", name).len());
    let before = written();
    for path in ["/third", "/fourth", "/fifth"] {
        change(path).await;
    }
    assert_eq!(written(), before);
}
