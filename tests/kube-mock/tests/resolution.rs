//! A whole controller: reflectors of several kinds, one resolution, statuses of all of them.

use std::fmt::Debug;
use std::hash::Hash;
use std::time::Duration;

use futures::StreamExt;
use gatewright::api::{self, Object, Timestamp};
use gatewright::kube::status::StatusPatch;
use gatewright::kube::{self as live, Live, Parts, Served};
use gatewright::resolve::{Controller, resolve};
use gatewright::snapshot::Snapshot;
use gatewright::vocab::{Bundle, Channel, Release};
use k8s_openapi::api::core::v1::{Namespace, Service};
use kube::api::{DynamicObject, PatchParams};
use kube::runtime::reflector::store::{Store, Writer};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client, Resource};
use kube_mock::Cluster;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const CONTROLLER: &str = "example.com/gateway";

/// What the reflectors of one kind hold, as objects of the library.
type Source = Box<dyn Fn() -> Vec<Object> + Send>;

async fn reflect<K>(client: &Client, dynamic_type: K::DynamicType) -> Store<K>
where
    K: Resource + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
    K::DynamicType: Eq + Hash + Clone + Send + Sync,
{
    let writer = Writer::new(dynamic_type.clone());
    let store = writer.as_reader();
    let api = Api::<K>::all_with(client.clone(), &dynamic_type);
    let events = watcher(api, watcher::Config::default())
        .default_backoff()
        .reflect(writer);
    tokio::spawn(events.for_each(|_| async {}));
    store.wait_until_ready().await.unwrap();
    store
}

async fn of_gateway_api<K: Parts>(client: &Client, bundle: Bundle) -> Source {
    let Some(served) = Served::<K>::in_bundle(bundle) else {
        return Box::new(Vec::new);
    };
    let store = reflect::<Live<K>>(client, served).await;
    Box::new(move || {
        store
            .state()
            .iter()
            .map(|object| Object::from(Live::clone(object)))
            .collect()
    })
}

async fn of_core<K>(client: &Client) -> Source
where
    K: Resource<DynamicType = ()>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned
        + Send
        + Sync
        + 'static,
{
    let store = reflect::<K>(client, ()).await;
    Box::new(move || {
        store
            .state()
            .iter()
            .map(|object| live::read(&**object).unwrap())
            .collect()
    })
}

/// Resolves what the reflectors hold and writes what is out of date; says how much that was.
async fn reconcile(client: &Client, bundle: Bundle, sources: &[Source]) -> usize {
    let mut snapshot = Snapshot::builder();
    for object in sources.iter().flat_map(|source| source()) {
        snapshot.add(object).unwrap();
    }
    let resolution = resolve(
        &snapshot.build(),
        &Controller::named(CONTROLLER).with_bundle(bundle),
    );
    let now = Timestamp::from("2026-02-03T04:05:06Z");
    let patches: Vec<_> = resolution
        .statuses
        .iter()
        .filter_map(|entry| StatusPatch::of(entry, &now))
        .collect();
    for patch in &patches {
        let api = Api::<DynamicObject>::all_with(client.clone(), &patch.resource)
            .constrain(&patch.namespace);
        let parameters = PatchParams::apply(CONTROLLER).force();
        api.patch_status(&patch.name, &parameters, &patch.patch)
            .await
            .unwrap();
    }
    patches.len()
}

async fn settle(client: &Client, bundle: Bundle, sources: &[Source]) -> usize {
    for writes in 0..10 {
        // The reflectors hear of their own writes.
        tokio::time::sleep(Duration::from_millis(100)).await;
        if reconcile(client, bundle, sources).await == 0 {
            return writes;
        }
    }
    panic!("statuses are written again and again");
}

fn objects(set_api_version: &str, set_kind: &str) -> Vec<Value> {
    let gateway_api = "gateway.networking.k8s.io/v1";
    vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "shop", "name": "cart"},
            "spec": {"ports": [{"port": 80}]}}),
        json!({"apiVersion": gateway_api, "kind": "GatewayClass", "metadata": {"name": "c"},
            "spec": {"controllerName": CONTROLLER}}),
        json!({"apiVersion": gateway_api, "kind": "Gateway", "metadata": {"namespace": "shop", "name": "front"},
            "spec": {"gatewayClassName": "c", "listeners": [{"name": "web", "port": 80, "protocol": "HTTP"}],
                "allowedListeners": {"namespaces": {"from": "Same"}}}}),
        json!({"apiVersion": set_api_version, "kind": set_kind, "metadata": {"namespace": "shop", "name": "more"},
            "spec": {"parentRef": {"name": "front"}, "listeners": [{"name": "alt", "port": 8080, "protocol": "HTTP"}]}}),
        json!({"apiVersion": gateway_api, "kind": "HTTPRoute", "metadata": {"namespace": "shop", "name": "cart"},
        "spec": {"parentRefs": [{"name": "front"}], "rules": [{"backendRefs": [{"name": "cart", "port": 80}]}]},
        "status": {"parents": [{
            "parentRef": {"name": "elsewhere"}, "controllerName": "example.com/other",
            "conditions": [{"type": "Accepted", "status": "True", "reason": "Accepted", "message": "",
                "lastTransitionTime": "2026-01-01T00:00:00Z"}]
        }]}}),
    ]
}

fn condition<'a>(conditions: &'a Value, type_: &str) -> &'a Value {
    let all = conditions.as_array().into_iter().flatten();
    all.into_iter()
        .find(|condition| condition["type"] == type_)
        .unwrap_or(&Value::Null)
}

#[tokio::test]
async fn statuses_of_two_clusters_come_to_rest() {
    let old = Bundle::new(Release::V1_4, Channel::Experimental);
    let new = Bundle::new(Release::V1_6, Channel::Standard);
    for (bundle, set_api_version, set_kind) in [
        (old, "gateway.networking.x-k8s.io/v1alpha1", "XListenerSet"),
        (new, "gateway.networking.k8s.io/v1", "ListenerSet"),
    ] {
        let cluster = Cluster::new(bundle);
        for object in objects(set_api_version, set_kind) {
            cluster.put(object);
        }
        let client = cluster.client();
        let sources = [
            of_gateway_api::<api::GatewayClass>(&client, bundle).await,
            of_gateway_api::<api::Gateway>(&client, bundle).await,
            of_gateway_api::<api::ListenerSet>(&client, bundle).await,
            of_gateway_api::<api::HttpRoute>(&client, bundle).await,
            of_gateway_api::<api::Mesh>(&client, bundle).await,
            of_core::<Namespace>(&client).await,
            of_core::<Service>(&client).await,
        ];
        // GW-STAT-11: one round writes everything, the next nothing.
        assert_eq!(settle(&client, bundle, &sources).await, 1, "{bundle}");

        let class = cluster.get("GatewayClass", "", "c").unwrap();
        assert_eq!(
            condition(&class["status"]["conditions"], "Accepted")["status"],
            "True"
        );
        let gateway = cluster.get("Gateway", "shop", "front").unwrap();
        assert_eq!(
            condition(&gateway["status"]["conditions"], "Programmed")["status"],
            "True"
        );
        assert_eq!(gateway["status"]["listeners"][0]["attachedRoutes"], 1);
        let set = cluster.get(set_kind, "shop", "more").unwrap();
        assert_eq!(
            condition(&set["status"]["conditions"], "Accepted")["status"],
            "True"
        );
        // RT-STAT-04: entries of other controllers stay.
        let parents = &cluster.get("HTTPRoute", "shop", "cart").unwrap()["status"]["parents"];
        assert_eq!(parents[0]["controllerName"], "example.com/other");
        assert_eq!(parents[1]["controllerName"], CONTROLLER);
        assert_eq!(
            condition(&parents[1]["conditions"], "ResolvedRefs")["reason"],
            "ResolvedRefs"
        );

        cluster.delete(&json!({"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "shop", "name": "cart"}}));
        assert_eq!(settle(&client, bundle, &sources).await, 1, "{bundle}");
        let parents = &cluster.get("HTTPRoute", "shop", "cart").unwrap()["status"]["parents"];
        let resolved_refs = condition(&parents[1]["conditions"], "ResolvedRefs");
        assert_eq!(resolved_refs["reason"], "BackendNotFound");
        assert_eq!(resolved_refs["lastTransitionTime"], "2026-02-03T04:05:06Z");
    }
}
