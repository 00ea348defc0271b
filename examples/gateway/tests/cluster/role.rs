//! What the manifests under `deploy/` allow.

use gatewright::manifest;
use serde_json::Value;

use crate::kube_mock::Seen;
use crate::objects::{route, shop};
use crate::{NEW, Running, is_accepted};

fn manifests() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/gateway.yaml");
    let text = std::fs::read(path).unwrap();
    let parsed = manifest::parse(&text, "gateway.yaml");
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let documents = parsed.documents.iter();
    documents.map(|document| document.value().clone()).collect()
}

/// Verb, group and resource of a request.
fn asked(seen: &Seen) -> (&'static str, String, String) {
    let steps: Vec<&str> = seen.path.trim_start_matches('/').split('/').collect();
    let (group, rest) = match &*steps {
        ["api", _, rest @ ..] => ("", rest),
        ["apis", group, _, rest @ ..] => (*group, rest),
        _ => panic!("{}", seen.path),
    };
    let rest = match rest {
        ["namespaces", _, rest @ ..] if !rest.is_empty() => rest,
        rest => rest,
    };
    let verb = match (&*seen.method, rest.len()) {
        ("GET", 1) if seen.query.contains("watch=true") => "watch",
        ("GET", 1) => "list",
        ("GET", _) => "get",
        ("PATCH", _) => "patch",
        _ => panic!("{} {}", seen.method, seen.path),
    };
    let resource = match rest {
        [plural, _, part] => format!("{plural}/{part}"),
        [plural, ..] => (*plural).to_owned(),
        [] => panic!("{}", seen.path),
    };
    (verb, group.to_owned(), resource)
}

fn allows(rule: &Value, (verb, group, resource): &(&str, String, String)) -> bool {
    let has = |field: &str, wanted: &str| {
        let all = rule[field].as_array().into_iter().flatten();
        all.into_iter().any(|own| {
            own == wanted
                || (own == "*" && !wanted.contains('/'))
                || (own == "*/status" && wanted.ends_with("/status"))
        })
    };
    has("verbs", verb) && has("apiGroups", group) && has("resources", resource)
}

/// A write, a conflict and all lists and watches are within the role.
#[tokio::test]
async fn the_role_allows_what_is_asked_for() {
    let running = Running::start(61, NEW, shop(61)).await;
    running.status("HTTPRoute", "cart", is_accepted).await;
    running
        .cluster
        .overtake(&route("late", "/late"), serde_json::json!({"parents": []}));
    running.cluster.put(route("late", "/late"));
    running.status("HTTPRoute", "late", is_accepted).await;
    let manifests = manifests();
    let role = manifests.iter().find(|own| own["kind"] == "ClusterRole");
    let rules = role.unwrap()["rules"].as_array().unwrap();
    let requests = running.cluster.requests();
    assert!(
        requests.iter().any(|seen| asked(seen).0 == "get"),
        "no conflict"
    );
    for seen in &requests {
        let asked = asked(seen);
        assert!(rules.iter().any(|rule| allows(rule, &asked)), "{asked:?}");
    }
}

#[test]
fn the_class_and_the_process_agree_on_the_name_of_the_controller() {
    let manifests = manifests();
    let of = |kind: &str| manifests.iter().find(|own| own["kind"] == kind).unwrap();
    let name = of("GatewayClass")["spec"]["controllerName"]
        .as_str()
        .unwrap();
    let container = &of("Deployment")["spec"]["template"]["spec"]["containers"][0];
    let arguments = container["args"].as_array().unwrap();
    assert!(arguments.contains(&format!("--controller={name}").into()));
}
