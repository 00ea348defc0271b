//! What the announcement of v1.4 got wrong, and the rules that the project was asked for by name.
//!
//! The manifests have the faults of the announcement's examples (catalogue GW-ANN-01..04), not their text.
#![cfg(feature = "resolve")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use gatewright::validate::{ErrorKind, Report, Sent, check, check_sent};
use gatewright::vocab::{Bundle, Channel, Release};
use serde_json::{Value, json};

const V1_4_EXPERIMENTAL: Bundle = Bundle::new(Release::V1_4, Channel::Experimental);
const V1_4_STANDARD: Bundle = Bundle::new(Release::V1_4, Channel::Standard);
const V1_5_STANDARD: Bundle = Bundle::new(Release::V1_5, Channel::Standard);

fn object(kind: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": "shop", "namespace": "shop"},
        "spec": spec,
    })
}

/// Path and type of each violation.
fn violations(report: &Report) -> Vec<(&str, ErrorKind)> {
    report
        .violations
        .iter()
        .map(|v| (v.path.as_str(), v.kind))
        .collect()
}

fn unknown(report: &Report) -> Vec<&str> {
    report
        .unknown_fields
        .iter()
        .map(|field| field.path.as_str())
        .collect()
}

/// An enumeration, a missing field and the like keep the rules from being asked, which the server says in an error of
/// its own.
const UNCHECKED: (&str, ErrorKind) = ("<nil>", ErrorKind::FieldValueInvalid);

fn gateway(tls: Value) -> Value {
    let listener = json!({"name": "http", "port": 80, "protocol": "HTTP"});
    object(
        "Gateway",
        json!({"gatewayClassName": "shop", "listeners": [listener], "tls": tls}),
    )
}

/// GW-ANN-01: `default` and `perPort` stand below `frontend`. Where they stood in the announcement they are dropped.
#[test]
fn gw_ann_01_frontend_settings_stand_below_frontend() {
    let validation = json!({"validation": {"caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "ca"}]}});
    let announced = gateway(json!({
        "default": validation,
        "perPort": [{"port": 443, "tls": validation}],
    }));
    let report = check(&announced, V1_4_EXPERIMENTAL);
    assert!(report.accepted, "{:?}", report.violations);
    assert_eq!(unknown(&report), ["spec.tls.default", "spec.tls.perPort"]);

    let released = gateway(json!({
        "frontend": {"default": validation, "perPort": [{"port": 443, "tls": validation}]},
    }));
    for bundle in [V1_4_EXPERIMENTAL, V1_5_STANDARD] {
        let report = check(&released, bundle);
        assert!(report.accepted, "{:?}", report.violations);
        assert_eq!(unknown(&report), Vec::<&str>::new());
    }
    assert_eq!(unknown(&check(&released, V1_4_STANDARD)), ["spec.tls"]);
}

/// GW-ANN-01: the name that GEP-91's own example has is gone as well, and `default` without `validation` is nothing.
#[test]
fn gw_ann_01_frontend_validation_is_no_field() {
    let gep = gateway(json!({"default": {"frontendValidation": {}}}));
    let report = check(&gep, V1_4_EXPERIMENTAL);
    assert_eq!(unknown(&report), ["spec.tls.default"]);
    let below_frontend = gateway(json!({"frontend": {"default": {"frontendValidation": {}}}}));
    let report = check(&below_frontend, V1_4_EXPERIMENTAL);
    assert_eq!(
        unknown(&report),
        ["spec.tls.frontend.default.frontendValidation"]
    );
}

/// GW-ANN-02: features are objects with a name. An API server refuses plain texts, though readers take them
/// (GW-CLASS-12).
#[test]
fn gw_ann_02_features_are_objects() {
    let class = |features: Value| {
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": "shop"},
            "spec": {"controllerName": "example.com/shop"},
            "status": {"supportedFeatures": features},
        })
    };
    for bundle in Bundle::ALL {
        let names = class(json!(["HTTPRoute"]));
        let report = check_sent(&names, None, Sent::Status, bundle);
        assert!(!report.accepted);
        assert!(
            report
                .violations
                .iter()
                .any(|v| v.path == "status.supportedFeatures[0]"
                    && v.kind == ErrorKind::FieldValueTypeInvalid),
            "{:?}",
            report.violations
        );
        let objects = class(json!([{"name": "HTTPRoute"}]));
        let report = check_sent(&objects, None, Sent::Status, bundle);
        assert!(report.accepted, "{:?}", report.violations);
        assert!(report.unknown_fields.is_empty());
    }
}

/// GW-ANN-03: a BackendTLSPolicy must say the hostname.
#[test]
fn gw_ann_03_a_backend_tls_policy_needs_a_hostname() {
    let policy = |validation: Value| {
        let targets = json!([{"group": "", "kind": "Service", "name": "shop"}]);
        object(
            "BackendTLSPolicy",
            json!({"targetRefs": targets, "validation": validation}),
        )
    };
    for bundle in Bundle::ALL {
        let report = check(
            &policy(json!({"wellKnownCACertificates": "System"})),
            bundle,
        );
        assert_eq!(
            violations(&report),
            [
                ("spec.validation.hostname", ErrorKind::FieldValueRequired),
                UNCHECKED
            ]
        );
        let with_hostname =
            json!({"wellKnownCACertificates": "System", "hostname": "shop.example.com"});
        assert!(check(&policy(with_hostname), bundle).accepted);
    }
}

/// GW-ANN-03, FILTER-AUTH-04: the type of a path match is `PathPrefix`; `Prefix` is of the time before.
#[test]
fn gw_ann_03_prefix_is_no_type_of_path_match() {
    let route = |path_type: &str| {
        object(
            "HTTPRoute",
            json!({"rules": [{"matches": [{"path": {"type": path_type, "value": "/"}}]}]}),
        )
    };
    for bundle in Bundle::ALL {
        let report = check(&route("Prefix"), bundle);
        assert_eq!(
            violations(&report),
            [
                (
                    "spec.rules[0].matches[0].path.type",
                    ErrorKind::FieldValueNotSupported
                ),
                UNCHECKED
            ]
        );
        let help = report
            .violations
            .iter()
            .find(|v| v.kind == ErrorKind::FieldValueNotSupported);
        assert!(
            help.unwrap().message.contains("PathPrefix"),
            "{:?}",
            report.violations
        );
        for good in ["Exact", "PathPrefix", "RegularExpression"] {
            assert!(check(&route(good), bundle).accepted);
        }
    }
}

/// GW-ANN-03, FILTER-AUTH-04: an authorizer that is a Service needs a port.
#[test]
fn gw_ann_03_an_external_authorizer_needs_a_port() {
    let route = |backend: Value| {
        let filter = json!({
            "type": "ExternalAuth",
            "externalAuth": {"protocol": "HTTP", "http": {"path": "/check"}, "backendRef": backend},
        });
        object("HTTPRoute", json!({"rules": [{"filters": [filter]}]}))
    };
    for release in Release::ALL {
        let bundle = Bundle::new(release, Channel::Experimental);
        let report = check(&route(json!({"name": "authorizer"})), bundle);
        let place = "spec.rules[0].filters[0].externalAuth.backendRef";
        assert_eq!(violations(&report), [(place, ErrorKind::FieldValueInvalid)]);
        assert_eq!(
            report.violations[0].rule,
            "backend_object_reference.port.given_for_service"
        );
        assert!(check(&route(json!({"name": "authorizer", "port": 8080})), bundle).accepted);
    }
}

/// GW-ANN-04: `allowCredentials` is a boolean, and either will do; a text never did.
#[test]
fn gw_ann_04_allow_credentials_is_a_boolean() {
    let route = |allow: Value| {
        let cors = json!({"allowOrigins": ["https://shop.example.com"], "allowCredentials": allow});
        object(
            "HTTPRoute",
            json!({"rules": [{"filters": [{"type": "CORS", "cors": cors}]}]}),
        )
    };
    for bundle in Bundle::ALL
        .into_iter()
        .filter(|&bundle| bundle != V1_4_STANDARD)
    {
        for good in [true, false] {
            let report = check(&route(json!(good)), bundle);
            assert!(report.accepted, "{:?}", report.violations);
            assert!(report.unknown_fields.is_empty());
        }
        let report = check(&route(json!("true")), bundle);
        let place = "spec.rules[0].filters[0].cors.allowCredentials";
        assert_eq!(
            violations(&report),
            [(place, ErrorKind::FieldValueTypeInvalid), UNCHECKED]
        );
    }
}

/// GW-ANN-04: names of features are free, so an API server takes those of the announcement that do not exist.
#[test]
fn gw_ann_04_unknown_features_of_a_mesh_are_accepted() {
    let mesh = json!({
        "apiVersion": "gateway.networking.x-k8s.io/v1alpha1",
        "kind": "XMesh",
        "metadata": {"name": "shop"},
        "spec": {"controllerName": "example.com/mesh"},
        "status": {"supportedFeatures": [{"name": "MeshHTTPRoute"}, {"name": "OffClusterGateway"}]},
    });
    for release in Release::ALL {
        let bundle = Bundle::new(release, Channel::Experimental);
        let report = check_sent(&mesh, None, Sent::Status, bundle);
        assert!(report.accepted, "{:?}", report.violations);
    }
}

/// Rules have names in both channels, but only the experimental CRDs ask that they differ.
#[test]
fn names_of_rules_differ_in_experimental() {
    for kind in ["HTTPRoute", "GRPCRoute"] {
        let route = object(kind, json!({"rules": [{"name": "cart"}, {"name": "cart"}]}));
        for bundle in Bundle::ALL {
            let report = check(&route, bundle);
            match bundle.channel {
                Channel::Standard => {
                    assert!(report.accepted, "{bundle} {:?}", report.violations);
                    assert_eq!(unknown(&report), Vec::<&str>::new());
                }
                Channel::Experimental => {
                    assert_eq!(
                        violations(&report),
                        [("spec.rules", ErrorKind::FieldValueInvalid)]
                    );
                    assert_eq!(report.violations[0].rule, "route_rule.name.unique");
                }
            }
        }
    }
}

/// VER-05: `spec` has to be there, as in every route, though an empty one will do.
#[test]
fn a_grpc_route_needs_a_spec() {
    let mut route = object("GRPCRoute", json!({}));
    for bundle in Bundle::ALL {
        assert!(check(&route, bundle).accepted);
    }
    route.as_object_mut().unwrap().remove("spec");
    for bundle in Bundle::ALL {
        let report = check(&route, bundle);
        assert_eq!(
            violations(&report),
            [("spec", ErrorKind::FieldValueRequired), UNCHECKED]
        );
    }
}

/// BACKEND-TIMEOUT-07: only rules of an HTTPRoute have timeouts, in both channels, and the grammar knows nothing below a
/// millisecond.
#[test]
fn only_http_rules_have_timeouts() {
    let rule = json!([{"timeouts": {"request": "1ms"}}]);
    let too_fine = json!([{"timeouts": {"request": "999us"}}]);
    for bundle in Bundle::ALL {
        let http = check(&object("HTTPRoute", json!({"rules": rule})), bundle);
        assert!(http.accepted, "{bundle} {:?}", http.violations);
        assert_eq!(unknown(&http), Vec::<&str>::new());
        let finer = check(&object("HTTPRoute", json!({"rules": too_fine})), bundle);
        assert!(!finer.accepted);
        let grpc = check(&object("GRPCRoute", json!({"rules": rule})), bundle);
        assert_eq!(unknown(&grpc), ["spec.rules[0].timeouts"]);
    }
}
