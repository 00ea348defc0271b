//! The kinds of gatewright with kube's client, reflectors and `Controller`, two bundles at once.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use gatewright::api::reason::{GatewayAccepted, RouteAccepted};
use gatewright::api::{
    self, Condition, ParentReference, RouteParentStatus, RouteStatus, Timestamp,
};
use gatewright::kube::{Gateway, HttpRoute, Live, Parts, Served, TlsRoute, detect, status};
use gatewright::vocab::{Bundle, Channel, Release};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{ListParams, PatchParams};
use kube::core::DeserializeGuard;
use kube::runtime::controller::{Action, Controller};
use kube::runtime::reflector::ObjectRef;
use kube::runtime::reflector::store::{Store, Writer};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Resource};
use kube_mock::Cluster;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const OLD: Bundle = Bundle::new(Release::V1_4, Channel::Experimental);
const NEW: Bundle = Bundle::new(Release::V1_6, Channel::Standard);
const MANAGER: &str = "example.com/gateway";

/// Fails after ten seconds in place of hanging.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within ten seconds: {what}");
}

/// A reflector that runs in the background, as in any controller.
fn reflect<K>(api: Api<K>, dynamic_type: K::DynamicType) -> Store<K>
where
    K: Resource + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
    K::DynamicType: Eq + Hash + Clone + Send + Sync,
{
    let writer = Writer::new(dynamic_type);
    let store = writer.as_reader();
    let events = watcher(api, watcher::Config::default())
        .default_backoff()
        .reflect(writer);
    tokio::spawn(events.for_each(|_| async {}));
    store
}

fn names<K>(store: &Store<K>) -> Vec<String>
where
    K: Resource + Clone + 'static,
    K::DynamicType: Eq + Hash + Clone,
{
    let mut names: Vec<_> = store
        .state()
        .iter()
        .filter_map(|object| object.meta().name.clone())
        .collect();
    names.sort();
    names
}

fn tls_route(version: &str, name: &str) -> Value {
    json!({
        "apiVersion": format!("gateway.networking.k8s.io/{version}"), "kind": "TLSRoute",
        "metadata": {"namespace": "shop", "name": name},
        "spec": {"hostnames": ["a.example.com"], "rules": [{"backendRefs": [{"name": "s", "port": 443}]}]}
    })
}

fn http_route(name: &str) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
        "metadata": {"namespace": "shop", "name": name},
        "spec": {"parentRefs": [{"name": "front"}], "rules": [{"backendRefs": [{"name": "s", "port": 80}]}]}
    })
}

fn gateway(name: &str) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
        "metadata": {"namespace": "shop", "name": name},
        "spec": {"gatewayClassName": "c", "listeners": [{"name": "web", "port": 80, "protocol": "HTTP"}]}
    })
}

#[tokio::test]
async fn reflectors_follow_two_bundles_at_once() {
    let (old, new) = (Cluster::new(OLD), Cluster::new(NEW));
    old.put(tls_route("v1alpha2", "old-1"));
    new.put(tls_route("v1", "new-1"));
    let served = Served::in_bundle(OLD).unwrap();
    let in_old = reflect(Api::<TlsRoute>::all_with(old.client(), &served), served);
    let in_new = reflect(Api::<TlsRoute>::all(new.client()), Served::default());
    in_old.wait_until_ready().await.unwrap();
    in_new.wait_until_ready().await.unwrap();
    assert_eq!(
        (names(&in_old), names(&in_new)),
        (vec!["old-1".to_owned()], vec!["new-1".to_owned()])
    );
    assert_eq!(
        in_old.state()[0].api_version,
        "gateway.networking.k8s.io/v1alpha3"
    );

    old.put(tls_route("v1alpha3", "old-2"));
    new.delete(&tls_route("v1", "new-1"));
    until("changes arrive", || {
        names(&in_old) == ["old-1", "old-2"] && names(&in_new).is_empty()
    })
    .await;

    // Both are the same kind for every other stage.
    let route = TlsRoute::clone(
        &in_old
            .get(&ObjectRef::new_with("old-2", served).within("shop"))
            .unwrap(),
    );
    let object: api::TlsRoute = route.into_api();
    assert_eq!(object.spec.hostnames.unwrap()[0].as_str(), "a.example.com");
    // The old cluster would not have answered to the newest version.
    let wrong = Api::<TlsRoute>::all(old.client())
        .list(&ListParams::default())
        .await;
    assert!(matches!(wrong, Err(kube::Error::Api(status)) if status.code == 404));
}

#[tokio::test]
async fn a_cluster_that_goes_away_and_comes_back_is_caught_up_with() {
    let cluster = Cluster::new(NEW);
    cluster.put(http_route("one"));
    let store = reflect(Api::<HttpRoute>::all(cluster.client()), Served::default());
    store.wait_until_ready().await.unwrap();
    cluster.go_down();
    cluster.put(http_route("two"));
    cluster.delete(&http_route("one"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(names(&store), ["one"]);
    cluster.come_back();
    until("the store has caught up", || names(&store) == ["two"]).await;
}

#[tokio::test]
async fn one_object_that_does_not_parse_stops_no_other() {
    let cluster = Cluster::new(NEW);
    let mut broken = http_route("broken");
    broken["spec"]["rules"] = json!("none");
    let mut future = http_route("future");
    future["spec"]["rules"][0]["filters"] = json!([{"type": "Teleport"}]);
    cluster.put(broken.clone());
    cluster.put(future);
    cluster.put(http_route("plain"));
    // An unknown word is no trouble, a mistyped field is.
    let bare = Api::<HttpRoute>::all(cluster.client())
        .list(&ListParams::default())
        .await;
    assert!(matches!(bare, Err(kube::Error::SerdeError(_))), "{bare:?}");

    let store = reflect(
        Api::<DeserializeGuard<HttpRoute>>::all(cluster.client()),
        Served::default(),
    );
    store.wait_until_ready().await.unwrap();
    let read = |name: &str| {
        let object = store
            .get(&ObjectRef::new_with(name, Served::default()).within("shop"))
            .unwrap();
        object.0.clone().map_err(|error| error.error)
    };
    assert!(read("plain").is_ok());
    let rules = read("future").unwrap().spec.rules.unwrap();
    assert_eq!(
        rules[0].filters.as_ref().unwrap()[0].type_.as_str(),
        "Teleport"
    );
    let problem = read("broken").unwrap_err();
    assert!(problem.contains("\"none\""), "{problem}");

    cluster.put(http_route("broken"));
    until("the repaired object is read", || read("broken").is_ok()).await;
}

/// Writes `Accepted` of a Gateway, unless it is there already.
async fn accept(
    gateway: Arc<Gateway>,
    context: Arc<(kube::Client, Served<api::Gateway>)>,
) -> Result<Action, kube::Error> {
    let condition = Condition {
        last_transition_time: Some(Timestamp::from_seconds(0)),
        ..Condition::of(GatewayAccepted::Accepted, "", gateway.metadata.generation)
    };
    let mut new = gateway.status.clone().unwrap_or_default();
    let conditions = new.conditions.get_or_insert_default();
    match conditions
        .iter_mut()
        .find(|old| old.type_ == condition.type_)
    {
        Some(old) => *old = condition,
        None => conditions.push(condition),
    }
    if gateway.status.as_ref() != Some(&new) {
        let (client, served) = &*context;
        write(client, served, &gateway, &new).await?;
    }
    Ok(Action::await_change())
}

async fn write<K: Parts<Scope = NamespaceResourceScope>>(
    client: &kube::Client,
    served: &Served<K>,
    object: &Live<K>,
    new: &K::Status,
) -> Result<Live<K>, kube::Error> {
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let name = object.metadata.name.as_deref().unwrap_or_default();
    let api = Api::<Live<K>>::all_with(client.clone(), served).constrain(namespace);
    let parameters = PatchParams::apply(MANAGER).force();
    api.patch_status(name, &parameters, &status::patch(object, new))
        .await
}

#[tokio::test]
async fn controllers_write_statuses_in_two_bundles_at_once() {
    let clusters = [(OLD, Cluster::new(OLD)), (NEW, Cluster::new(NEW))];
    for (bundle, cluster) in &clusters {
        let mut foreign = gateway("front");
        foreign["status"] = json!({"conditions": [
            {"type": "example.com/Scanned", "status": "True", "reason": "Clean", "message": ""}
        ]});
        cluster.put(foreign);
        let (client, served) = (
            cluster.client(),
            Served::<api::Gateway>::in_bundle(*bundle).unwrap(),
        );
        let routes = Served::<api::HttpRoute>::in_bundle(*bundle).unwrap();
        let of_route = move |route: HttpRoute| {
            let namespace = route.metadata.namespace.unwrap_or_default();
            let parents = route.spec.parent_refs.unwrap_or_default();
            let gateways = parents.into_iter().map(move |parent| {
                ObjectRef::new_with(&parent.name, served).within(parent.namespace_or(&namespace))
            });
            gateways.collect::<Vec<_>>()
        };
        let controller = Controller::new_with(
            Api::<Gateway>::all_with(client.clone(), &served),
            watcher::Config::default(),
            served,
        )
        .watches_with(
            Api::<HttpRoute>::all_with(client.clone(), &routes),
            routes,
            watcher::Config::default(),
            of_route,
        )
        .run(
            accept,
            |_, _, _| Action::requeue(Duration::from_millis(10)),
            Arc::new((client, served)),
        );
        tokio::spawn(controller.for_each(|_| async {}));
    }
    for (_, cluster) in &clusters {
        let observed = |generation: u64| {
            let gateway = cluster.get("Gateway", "shop", "front").unwrap();
            let conditions = gateway["status"]["conditions"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            // The foreign condition stays.
            assert!(
                conditions
                    .iter()
                    .any(|c| c["type"] == "example.com/Scanned")
            );
            conditions
                .iter()
                .any(|c| c["type"] == "Accepted" && c["observedGeneration"] == generation)
        };
        until("the first status", || observed(1)).await;
        let mut changed = gateway("front");
        changed["spec"]["listeners"][0]["port"] = json!(8080);
        cluster.put(changed);
        until("the status of the new generation", || observed(2)).await;
        cluster.put(http_route("cart"));
        tokio::time::sleep(Duration::from_millis(100)).await;
        // GW-STAT-11: a status that is there already is not written again.
        let writes: Vec<_> = cluster
            .requests()
            .into_iter()
            .filter(|seen| seen.method == "PATCH")
            .collect();
        assert_eq!(writes.len(), 2, "{writes:#?}");
        for seen in &writes {
            assert_eq!(
                seen.path,
                "/apis/gateway.networking.k8s.io/v1/namespaces/shop/gateways/front/status"
            );
            assert!(
                seen.query.contains("force=true")
                    && seen.query.contains("fieldManager=example.com")
            );
            assert_eq!(
                seen.body["status"]["conditions"].as_array().unwrap().len(),
                1
            );
            assert_eq!(seen.status, 200);
        }
    }
}

#[tokio::test]
async fn entries_of_other_controllers_survive_and_a_slower_writer_is_told() {
    let cluster = Cluster::new(NEW);
    cluster.put(http_route("cart"));
    let routes = Api::<HttpRoute>::namespaced(cluster.client(), "shop");
    let served = Served::default();
    let entry = |controller: &str| RouteParentStatus {
        parent_ref: ParentReference {
            group: None,
            kind: None,
            namespace: None,
            name: "front".to_owned(),
            section_name: None,
            port: None,
        },
        controller_name: controller.to_owned(),
        conditions: vec![Condition::of(RouteAccepted::Accepted, "", Some(1))],
    };
    let read_early = routes.get("cart").await.unwrap();
    let other = RouteStatus {
        parents: vec![entry("example.com/other")],
    };
    let parameters = PatchParams::apply("example.com/other").force();
    routes
        .patch_status("cart", &parameters, &status::patch(&read_early, &other))
        .await
        .unwrap();

    let client = cluster.client();
    let ours = RouteStatus {
        parents: vec![entry(MANAGER)],
    };
    let late = write(&client, &served, &read_early, &ours).await;
    assert!(matches!(late, Err(kube::Error::Api(status)) if status.code == 409));

    let fresh = routes.get("cart").await.unwrap();
    let mut both = fresh.status.clone().unwrap();
    both.parents.extend(ours.parents);
    let written = write(&client, &served, &fresh, &both).await.unwrap();
    assert_eq!(written.status.as_ref(), Some(&both));
    assert_eq!(routes.get("cart").await.unwrap().status, Some(both));
}

#[tokio::test]
async fn the_bundle_is_detected_before_anything_else() {
    let cluster = Cluster::new(OLD);
    for (name, kind) in [("tlsroutes", "TLSRoute"), ("gateways", "Gateway")] {
        cluster.put(json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("{name}.gateway.networking.k8s.io"), "annotations": {
                "gateway.networking.k8s.io/bundle-version": "v1.4.1",
                "gateway.networking.k8s.io/channel": "experimental"
            }},
            "spec": {"group": "gateway.networking.k8s.io", "scope": "Namespaced",
                "names": {"kind": kind, "plural": name}, "versions": []}
        }));
    }
    cluster.put(tls_route("v1alpha3", "r"));
    let client = cluster.client();
    let crds = Api::<CustomResourceDefinition>::all(client.clone());
    let crds = crds.list_metadata(&ListParams::default()).await.unwrap();
    let bundle = detect::detect(crds.iter().map(|crd| &crd.metadata))
        .bundle()
        .unwrap();
    assert_eq!(bundle, OLD);
    let served = Served::in_bundle(bundle).unwrap();
    let routes = Api::<TlsRoute>::all_with(client, &served)
        .list(&ListParams::default())
        .await
        .unwrap();
    assert_eq!(routes.items.len(), 1);
}
