//! Objects are listed and watched.

use gatewright::vocab::{Bundle, Channel, Release};
use serde_json::json;

use crate::objects::{cluster, crds, route, shop, slice};
use crate::server::Server;
use crate::{NEW, Running, backend, condition, is_accepted, until};

#[tokio::test]
async fn objects_are_listed_watched_and_served() {
    backend("127.90.1.200:8080", "one").await;
    backend("127.90.1.201:8080", "two").await;
    let gateway = Running::start(1, NEW, shop(1)).await;
    gateway.serves("/cart", 200).await;
    assert_eq!(gateway.get("shop.test", "/other").await.unwrap().0, 404);

    gateway.cluster.put(route("other", "/other"));
    gateway.serves("/other", 200).await;
    gateway.cluster.delete(&route("cart", "/cart"));
    gateway.serves("/cart", 404).await;
    // Endpoints move.
    gateway.cluster.put(slice("127.90.1.201", 8080));
    until("the second endpoint answers", async || {
        gateway
            .get("shop.test", "/other")
            .await
            .is_some_and(|(_, body)| body == "two")
    })
    .await;
}

#[tokio::test]
async fn the_api_server_is_reached_over_tls_by_a_client_certificate() {
    backend("127.90.5.200:8080", "one").await;
    let cluster = cluster(NEW, shop(5));
    let server = Server::start_tls(cluster.clone(), "127.90.5.250:0").await;
    let gateway = Running::on(cluster, server, 5);
    gateway.serves("/cart", 200).await;
    gateway.status("HTTPRoute", "cart", is_accepted).await;
}

#[tokio::test]
async fn watches_that_break_go_on_where_they_were_or_list_again() {
    backend("127.90.2.200:8080", "one").await;
    let gateway = Running::start(2, NEW, shop(2)).await;
    gateway.serves("/cart", 200).await;
    gateway.cluster.break_watches();
    gateway.cluster.put(route("second", "/second"));
    gateway.serves("/second", 200).await;
    // What happened while nobody watched is no longer told (410, Expired): lists must be read again.
    gateway.cluster.go_down();
    gateway.cluster.put(route("third", "/third"));
    gateway.cluster.delete(&route("second", "/second"));
    gateway.cluster.come_back();
    gateway.serves("/third", 200).await;
    gateway.serves("/second", 404).await;
    gateway.serves("/cart", 200).await;
    gateway.status("HTTPRoute", "third", is_accepted).await;
}

#[tokio::test]
async fn an_object_that_cannot_be_used_stops_no_other() {
    backend("127.90.3.200:8080", "one").await;
    let mut mistyped = route("mistyped", "/mistyped");
    mistyped["spec"]["rules"] = json!("none");
    let mut invalid = route("invalid", "/invalid");
    invalid["spec"]["rules"][0]["matches"][0]["path"]["value"] = json!("no-slash");
    let mut objects = shop(3);
    objects.extend([mistyped, invalid]);
    let gateway = Running::start(3, NEW, objects).await;
    gateway.serves("/cart", 200).await;
    gateway.status("HTTPRoute", "cart", is_accepted).await;
    for name in ["mistyped", "invalid"] {
        let object = gateway.cluster.get("HTTPRoute", "shop", name).unwrap();
        assert_eq!(object.get("status"), None, "{name}");
        assert_eq!(
            gateway
                .get("shop.test", &format!("/{name}"))
                .await
                .unwrap()
                .0,
            404
        );
    }
    // Repaired, they take part; broken while they are watched, they do not.
    gateway.cluster.put(route("mistyped", "/mistyped"));
    gateway.serves("/mistyped", 200).await;
    gateway.status("HTTPRoute", "mistyped", is_accepted).await;
    let mut broken = route("cart", "/cart");
    broken["spec"]["rules"][0]["backendRefs"] = json!({});
    gateway.cluster.put(broken);
    gateway.serves("/cart", 404).await;
    gateway.serves("/mistyped", 200).await;
}

/// VER-06, GW-LSET-29: v1.4 has XListenerSets, and TLSRoutes in v1alpha3.
#[tokio::test]
async fn the_versions_of_the_bundle_that_the_crds_name_are_watched() {
    let old = Bundle::new(Release::V1_4, Channel::Experimental);
    let gateway = Running::start(4, old, shop(4)).await;
    gateway.status("HTTPRoute", "cart", is_accepted).await;
    let listed = |path: &str| {
        let requests = gateway.cluster.requests();
        let mut own = requests.iter().filter(|seen| seen.path == path);
        own.any(|seen| seen.method == "GET" && seen.status == 200)
    };
    assert!(listed(
        "/apis/gateway.networking.x-k8s.io/v1alpha1/xlistenersets"
    ));
    assert!(listed("/apis/gateway.networking.k8s.io/v1alpha3/tlsroutes"));
    assert!(!listed("/apis/gateway.networking.k8s.io/v1/listenersets"));
    for core in ["namespaces", "services", "secrets", "configmaps"] {
        assert!(listed(&format!("/api/v1/{core}")), "{core}");
    }
    assert!(listed("/apis/discovery.k8s.io/v1/endpointslices"));
    assert!(
        gateway
            .cluster
            .requests()
            .iter()
            .all(|seen| seen.status != 404),
        "only what is served is asked for"
    );
    // GW-CLASS-07: the class says that it knows the version.
    gateway
        .status("GatewayClass", "example", |status| {
            condition(&status["conditions"], "SupportedVersion").0 == "True"
        })
        .await;

    // The CRDs are replaced by those of another release: what they serve is watched from then on.
    let newer = Bundle::new(Release::V1_4, Channel::Standard);
    for crd in crds(newer) {
        gateway.cluster.put(crd);
    }
    let gone = |crd: &serde_json::Value| {
        !crds(newer)
            .iter()
            .any(|kept| kept["metadata"]["name"] == crd["metadata"]["name"])
    };
    for crd in crds(old).iter().filter(|crd| gone(crd)) {
        gateway.cluster.delete(crd);
    }
    let before = gateway.cluster.requests().len();
    until("HTTPRoutes are listed anew", async || {
        let requests = gateway.cluster.requests();
        let new = requests.get(before..).unwrap_or_default();
        new.iter()
            .any(|seen| seen.path.ends_with("/v1/httproutes") && !seen.query.contains("watch=true"))
    })
    .await;
}
