use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1 as apiextensions;
use kube_core::Resource;
use kube_core::params::Patch;
use serde_json::{Value, json};

use super::*;
use crate::api::{ApiVersion, Kind, Object};
use crate::vocab::{Bundle, Channel, Release};

const OLD: Bundle = Bundle::new(Release::V1_4, Channel::Experimental);

fn route() -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
        "metadata": {
            "name": "cart", "namespace": "shop", "uid": "u", "resourceVersion": "7", "generation": 2,
            "creationTimestamp": "2025-11-06T11:00:00Z", "deletionTimestamp": "2025-11-06T11:00:01Z",
            "deletionGracePeriodSeconds": 0, "generateName": "c-", "selfLink": "/x",
            "labels": {"team": "shop"}, "annotations": {}, "finalizers": ["example.com/f"],
            "ownerReferences": [{"apiVersion": "v1", "kind": "K", "name": "o", "uid": "1", "controller": true}],
            "managedFields": [{"manager": "m", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1",
                "fieldsV1": {"f:spec": {}}, "time": "2025-11-06T11:00:00Z"}]
        },
        "spec": {"rules": [{"filters": [{"type": "Teleport"}], "timeouts": {"request": "soon"}}]},
        "status": {"parents": [{
            "parentRef": {"group": "", "kind": "Service", "name": "s"}, "controllerName": "example.com/c",
            "conditions": [{"type": "Accepted", "status": "True", "reason": "Accepted", "message": "",
                "lastTransitionTime": "2025-11-06T11:00:00Z"}]
        }]}
    })
}

#[test]
fn objects_go_to_api_and_back_without_loss() {
    let live: HttpRoute = serde_json::from_value(route()).unwrap();
    assert_eq!(serde_json::to_value(&live).unwrap(), route());
    let object = live.clone().into_api();
    assert_eq!(Object::from(object.clone()).to_value(), route());
    assert_eq!(HttpRoute::from_api(object).unwrap(), live);
    assert_eq!(read(&live).unwrap(), Object::from(live));
}

#[test]
fn grants_may_have_no_spec_and_have_no_status() {
    let json = json!({
        "apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant", "metadata": {"name": "g"}
    });
    let grant: ReferenceGrant = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(grant.spec, None);
    assert_eq!(serde_json::to_value(&grant).unwrap(), json);
    assert_eq!(
        ReferenceGrant::from_api(grant.clone().into_api()).unwrap(),
        grant
    );
}

#[test]
fn metadata_that_kube_cannot_hold_is_refused() {
    for (field, value) in [
        ("creationTimestamp", json!("yesterday")),
        ("odd", json!(1)),
        ("managedFields", json!("none")),
        ("ownerReferences", json!([{"kind": "K"}])),
    ] {
        let mut json = route();
        json["metadata"][field] = value;
        let Ok(Object::HttpRoute(object)) = Object::from_value(json) else {
            panic!("{field} is read openly")
        };
        let error = HttpRoute::from_api(object).unwrap_err().to_string();
        assert!(error.starts_with(&format!("metadata.{field}")), "{error}");
    }
}

#[test]
fn items_of_lists_may_leave_their_names_out() {
    let live: GrpcRoute =
        serde_json::from_value(json!({"metadata": {"name": "r"}, "spec": {}})).unwrap();
    assert_eq!(
        (live.api_version.as_str(), live.kind.as_str()),
        ("gateway.networking.k8s.io/v1", "GRPCRoute")
    );
    assert_eq!(live, GrpcRoute::new("r", Default::default()));
}

#[test]
fn urls_follow_the_served_version() {
    let old = |bundle| Served::<api::ListenerSet>::in_bundle(bundle).unwrap();
    assert_eq!(
        ListenerSet::url_path(&old(OLD), Some("a")),
        "/apis/gateway.networking.x-k8s.io/v1alpha1/namespaces/a/xlistenersets"
    );
    assert_eq!(
        ListenerSet::url_path(&Served::default(), Some("a")),
        "/apis/gateway.networking.k8s.io/v1/namespaces/a/listenersets"
    );
    assert_eq!(
        GatewayClass::url_path(&Served::default(), None),
        "/apis/gateway.networking.k8s.io/v1/gatewayclasses"
    );
    let new = ListenerSet::served_as(
        old(OLD),
        "s",
        serde_json::from_value(json!({
            "parentRef": {"name": "g"}, "listeners": []
        }))
        .unwrap(),
    );
    assert_eq!(new.kind, "XListenerSet");
    assert_eq!(new.served(), Some(old(OLD)));
}

#[test]
fn the_default_is_the_newest_version_of_each_kind() {
    fn newest<K: Parts>() -> &'static ApiVersion {
        let served = Served::<K>::default();
        assert_eq!(
            Some(served),
            Served::in_bundle(Bundle::default()),
            "{served:?}"
        );
        assert_eq!(Some(served.version().kind), K::KIND);
        served.version()
    }
    let kinds = [
        newest::<api::GatewayClass>(),
        newest::<api::Gateway>(),
        newest::<api::ListenerSet>(),
        newest::<api::HttpRoute>(),
        newest::<api::GrpcRoute>(),
        newest::<api::TlsRoute>(),
        newest::<api::TcpRoute>(),
        newest::<api::UdpRoute>(),
        newest::<api::ReferenceGrant>(),
        newest::<api::BackendTlsPolicy>(),
        newest::<api::BackendTrafficPolicy>(),
        newest::<api::Mesh>(),
        newest::<api::ExternalBackend>(),
    ];
    let of_gateway_api: std::collections::BTreeSet<Kind> = ApiVersion::ALL
        .iter()
        .filter(|row| row.group.starts_with("gateway."))
        .map(|row| row.kind)
        .collect();
    assert_eq!(
        kinds
            .map(|row| row.kind)
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>(),
        of_gateway_api
    );
}

fn crd(
    name: &str,
    version: &str,
    channel: &str,
    served: &[&str],
) -> apiextensions::CustomResourceDefinition {
    let (plural, group) = name.split_once('.').unwrap();
    let kind = ApiVersion::ALL
        .iter()
        .find(|row| row.plural == plural)
        .map_or("Thing", |row| row.name);
    let versions: Vec<_> = served
        .iter()
        .map(|name| json!({"name": name, "served": !name.ends_with('!'), "storage": false}))
        .collect();
    serde_json::from_value(json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": name, "annotations": {
            "gateway.networking.k8s.io/bundle-version": version, "gateway.networking.k8s.io/channel": channel
        }},
        "spec": {"group": group, "scope": "Namespaced", "names": {"kind": kind, "plural": plural}, "versions": versions}
    }))
    .unwrap()
}

#[test]
fn bundles_are_detected_from_annotations() {
    // GW-CLASS-07.
    let gateways = crd(
        "gateways.gateway.networking.k8s.io",
        "v1.4.0",
        "experimental",
        &["v1"],
    );
    let meshes = crd(
        "xmeshes.gateway.networking.x-k8s.io",
        "v1.4.1",
        "experimental",
        &["v1alpha1"],
    );
    let routes = crd(
        "httproutes.gateway.networking.k8s.io",
        "v1.5.1",
        "standard",
        &["v1"],
    );
    let future = crd(
        "grpcroutes.gateway.networking.k8s.io",
        "v9.0.0",
        "standard",
        &["v1"],
    );
    let foreign = crd("things.example.com", "v9", "beta", &["v1"]);

    let detect = |crds: &[&apiextensions::CustomResourceDefinition]| {
        detect::detect(crds.iter().map(|crd| &crd.metadata))
    };
    assert_eq!(detect(&[]).bundle(), None);
    assert_eq!(detect(&[&foreign]), detect(&[]));
    assert_eq!(detect(&[&gateways, &meshes, &foreign]).bundle(), Some(OLD));
    let mixed = detect(&[&gateways, &routes]);
    assert_eq!(mixed.bundle(), None);
    assert_eq!(mixed.bundle_of(Kind::Gateway), Some(OLD));
    assert_eq!(
        mixed.bundle_of(Kind::HttpRoute),
        Some("v1.5-standard".parse().unwrap())
    );
    assert_eq!(mixed.bundle_of(Kind::TlsRoute), None);
    let unknown = detect(&[&gateways, &future]);
    assert_eq!(unknown.bundle(), None);
    assert!(
        unknown
            .unknown()
            .eq(["grpcroutes.gateway.networking.k8s.io"])
    );

    let ours = [&gateways, &meshes].map(|crd| match read(crd) {
        Ok(Object::CustomResourceDefinition(crd)) => crd,
        other => panic!("{other:?}"),
    });
    assert_eq!(Bundle::detect(&ours), Some(OLD));
}

#[test]
fn served_versions_are_found_in_crds() {
    let read = |crd: &apiextensions::CustomResourceDefinition| match read(crd) {
        Ok(Object::CustomResourceDefinition(crd)) => crd,
        other => panic!("{other:?}"),
    };
    let mut tls = read(&crd(
        "tlsroutes.gateway.networking.k8s.io",
        "v1.4.1",
        "experimental",
        &["v1alpha2", "v1alpha3"],
    ));
    fn newest(crd: &api::CustomResourceDefinition) -> Option<&'static str> {
        Served::<api::TlsRoute>::by_crds([crd]).map(|served| served.version().version)
    }
    assert_eq!(newest(&tls), Some("v1alpha3"));
    tls.spec.versions[1].served = false;
    assert_eq!(newest(&tls), Some("v1alpha2"));
    tls.spec.versions[0].served = false;
    assert_eq!(newest(&tls), None);
    assert_eq!(Served::<api::HttpRoute>::by_crds([&tls]), None);
}

fn applied(patch: Patch<Value>) -> Value {
    match patch {
        Patch::Apply(value) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn statuses_of_routes_are_sent_whole_and_guarded() {
    let live: HttpRoute = serde_json::from_value(route()).unwrap();
    let status = live.status.clone().unwrap();
    assert_eq!(
        applied(status::patch(&live, &status)),
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": {"name": "cart", "namespace": "shop", "resourceVersion": "7"},
            "status": route()["status"]
        })
    );
}

#[test]
fn statuses_of_gateways_leave_foreign_conditions_to_their_owners() {
    // GW-STAT-01.
    let condition =
        |type_: &str| json!({"type": type_, "status": "True", "reason": "R", "message": ""});
    let gateway: Gateway = serde_json::from_value(json!({
        "apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "Gateway",
        "metadata": {"name": "g", "namespace": "n", "resourceVersion": "7"},
        "spec": {"gatewayClassName": "c", "listeners": []},
        "status": {
            "conditions": [condition("example.com/Odd"), condition("Accepted")],
            "listeners": [{
                "name": "web", "attachedRoutes": 0, "supportedKinds": [],
                "conditions": [condition("Programmed"), condition("example.com/Odd")]
            }]
        }
    }))
    .unwrap();
    let status = gateway.status.clone().unwrap();
    assert_eq!(
        applied(status::patch(&gateway, &status)),
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "Gateway",
            "metadata": {"name": "g", "namespace": "n"},
            "status": {
                "conditions": [condition("Accepted")],
                "listeners": [{
                    "name": "web", "attachedRoutes": 0, "supportedKinds": [], "conditions": [condition("Programmed")]
                }]
            }
        })
    );
}
