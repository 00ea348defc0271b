use serde_json::json;

use super::*;

fn round_trip(value: Value) -> Object {
    let object = Object::from_value(value.clone()).unwrap();
    assert_eq!(object.to_value(), value);
    object
}

#[test]
fn every_version_is_read_into_the_struct_of_its_kind() {
    for version in ApiVersion::ALL {
        let spec = match version.kind {
            Kind::GatewayClass | Kind::Mesh => json!({"controllerName": "example.com/c"}),
            Kind::Gateway => json!({"gatewayClassName": "c", "listeners": []}),
            Kind::ListenerSet => json!({"parentRef": {"name": "g"}, "listeners": []}),
            Kind::TlsRoute | Kind::TcpRoute | Kind::UdpRoute => json!({"rules": []}),
            Kind::BackendTlsPolicy => json!({"targetRefs": [], "validation": {"hostname": "a.b"}}),
            Kind::BackendTrafficPolicy => json!({"targetRefs": []}),
            Kind::ExternalBackend => json!({"type": "ExternalHostname", "port": {"port": 443}}),
            Kind::CustomResourceDefinition => {
                json!({"group": "g", "names": {"kind": "K", "plural": "ks"}, "scope": "Cluster",
                    "versions": [{"name": "v1", "served": true, "storage": true, "schema": {}}]})
            }
            Kind::ReferenceGrant => json!({"from": [], "to": []}),
            _ => json!({}),
        };
        let object = round_trip(json!({
            "apiVersion": version.api_version(), "kind": version.name, "metadata": {"name": "n"}, "spec": spec
        }));
        assert_eq!(object.known_kind(), Some(version.kind));
        assert_eq!(object.kind(), version.name);
    }
}

#[test]
fn an_empty_list_is_not_an_absent_one() {
    // RT-COND-05.
    let with = |spec: Value| json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "r"}, "spec": spec});
    let rules = |object: &Object| HttpRoute::of(object).map(|route| route.spec.rules.clone());
    assert_eq!(rules(&round_trip(with(json!({})))), Some(None));
    assert_eq!(
        rules(&round_trip(with(json!({"rules": []})))),
        Some(Some(vec![]))
    );
    // Null reads as absent.
    assert_eq!(
        rules(&Object::from_value(with(json!({"rules": null}))).unwrap()),
        Some(None)
    );
}

#[test]
fn unknown_versions_and_kinds_are_opaque_and_verbatim() {
    for value in [
        json!({"apiVersion": "gateway.networking.k8s.io/v9", "kind": "Gateway", "metadata": {"name": "g"}, "spec": 1}),
        json!({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t", "odd": [null]}, "x": null}),
        json!({"apiVersion": "v1", "kind": "List", "items": []}),
    ] {
        assert_eq!(round_trip(value).known_kind(), None);
    }
}

#[test]
fn metadata_keeps_everything() {
    let mut object = round_trip(json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {
            "name": "s", "namespace": "", "generation": 3, "creationTimestamp": "yesterday",
            "deletionTimestamp": "2025-11-06T11:00:00Z", "labels": {}, "annotations": {"a": ""},
            "uid": "u", "resourceVersion": "9", "finalizers": ["f"], "generateName": "s-",
            "ownerReferences": [{"apiVersion": "v1", "kind": "K", "name": "o", "uid": "1", "controller": true}],
            "managedFields": [{"manager": "m", "fieldsV1": {"f:data": {}}}], "deletionGracePeriodSeconds": 0
        },
        "type": "kubernetes.io/tls", "data": {"tls.crt": "not base64!"}, "immutable": true
    }));
    assert_eq!(object.metadata().created(), None);
    assert_eq!(object.key().namespace.as_deref(), Some("default"));
    object.metadata_mut().creation_timestamp = Some("1970-01-01T00:00:09Z".into());
    assert_eq!(object.metadata().created(), Some(9));
    object.metadata_mut().creation_timestamp = None;
    assert_eq!(object.to_value()["metadata"].get("creationTimestamp"), None);
}

#[test]
fn keys_know_the_scope_of_known_kinds() {
    let key = |value: Value| Object::from_value(value).unwrap().key();
    let class = key(json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass",
        "metadata": {"name": "c", "namespace": "ignored"}, "spec": {"controllerName": "example.com/c"}
    }));
    assert_eq!(
        (class.namespace, class.group.as_str()),
        (None, "gateway.networking.k8s.io")
    );
    let opaque =
        key(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}}));
    assert_eq!(opaque.namespace, None);
    let service = key(
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "n"}}),
    );
    assert_eq!(service.to_string(), "Service n/s");
    assert_eq!(service.group, "");
}

#[test]
fn unknown_words_survive() {
    // Design decision 5: a new enum value must not stop anything.
    let object = round_trip(json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "r"},
        "spec": {"rules": [{
            "matches": [{"path": {"type": "Glob", "value": "/*"}, "method": "BREW"}],
            "filters": [{"type": "Teleport"}],
            "timeouts": {"request": "1 hour"}
        }]}
    }));
    let rule = &HttpRoute::of(&object).unwrap().spec.rules.as_ref().unwrap()[0];
    let matches = rule.matches.as_ref().unwrap();
    assert_eq!(
        matches[0].path_type(),
        &PathMatchType::Unknown("Glob".to_owned())
    );
    assert_eq!(rule.filters.as_ref().unwrap()[0].type_.as_str(), "Teleport");
    let timeout = rule.timeouts.as_ref().unwrap().request.as_ref().unwrap();
    assert_eq!((timeout.as_str(), timeout.get()), ("1 hour", None));
}

#[test]
fn defaults_are_offered_by_accessors_only() {
    let object = round_trip(json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "r"},
        "spec": {
            "parentRefs": [{"name": "g"}],
            "rules": [{"matches": [{"headers": [{"name": "a", "value": "b"}]}], "backendRefs": [{"name": "s"}]}]
        }
    }));
    let spec = &HttpRoute::of(&object).unwrap().spec;
    let parent = &spec.parent_refs.as_ref().unwrap()[0];
    assert_eq!((parent.group(), parent.kind()), (GATEWAY_GROUP, "Gateway"));
    assert_eq!(parent.namespace_or("here"), "here");
    let rule = &spec.rules.as_ref().unwrap()[0];
    let condition = &rule.matches.as_ref().unwrap()[0];
    assert_eq!(
        (condition.path_type(), condition.path_value()),
        (&PathMatchType::PathPrefix, "/")
    );
    assert_eq!(
        condition.headers.as_ref().unwrap()[0].type_(),
        &ValueMatchType::Exact
    );
    // BE-01.
    let backend = &rule.backend_refs.as_ref().unwrap()[0];
    assert_eq!(
        (backend.group(), backend.kind(), backend.weight()),
        ("", "Service", 1)
    );
}
