//! What the fuzz targets do, as ordinary functions: `tests/regressions.rs` replays what was found through them.
//!
//! None returns anything: a panic is the only failure, apart from the assertions about what must hold on any input.

use gatewright::api::{Object, Timestamp};
use gatewright::filter::{self, AuthAnswer, Choice, Draw, Outcome};
use gatewright::plan::Plan;
use gatewright::resolve::{Controller, resolve};
use gatewright::router::{
    Accepted, Connection, ConnectionProtocol, Headers, RawHead, RequestHead, Router, Target,
    Version,
};
use gatewright::snapshot::Snapshot;
use gatewright::vocab::Bundle;
use gatewright::{manifest, validate};
use http::HeaderMap;
use serde_json::Value;

/// Kinds and versions, for documents that do not say theirs.
const KINDS: [(&str, &str); 18] = [
    ("gateway.networking.k8s.io/v1", "GatewayClass"),
    ("gateway.networking.k8s.io/v1", "Gateway"),
    ("gateway.networking.k8s.io/v1", "HTTPRoute"),
    ("gateway.networking.k8s.io/v1", "GRPCRoute"),
    ("gateway.networking.k8s.io/v1", "TLSRoute"),
    ("gateway.networking.k8s.io/v1alpha2", "TLSRoute"),
    ("gateway.networking.k8s.io/v1alpha3", "TLSRoute"),
    ("gateway.networking.k8s.io/v1", "TCPRoute"),
    ("gateway.networking.k8s.io/v1alpha2", "TCPRoute"),
    ("gateway.networking.k8s.io/v1", "UDPRoute"),
    ("gateway.networking.k8s.io/v1", "ListenerSet"),
    ("gateway.networking.x-k8s.io/v1alpha1", "XListenerSet"),
    ("gateway.networking.k8s.io/v1beta1", "ReferenceGrant"),
    ("gateway.networking.k8s.io/v1", "BackendTLSPolicy"),
    (
        "gateway.networking.x-k8s.io/v1alpha1",
        "XBackendTrafficPolicy",
    ),
    ("gateway.networking.x-k8s.io/v1alpha1", "XMesh"),
    ("gateway.networking.x-k8s.io/v1alpha1", "XBackend"),
    ("v1", "Service"),
];

/// Reads any bytes as manifests, and looks up places in what was read.
pub fn parse_manifest(bytes: &[u8]) {
    let parsed = manifest::parse(bytes, "fuzz.yaml");
    for document in &parsed.documents {
        let _ = document.locate("spec.rules[0].matches[1].path.value");
        let _ = document.locate_nearest("metadata.name");
    }
    for error in &parsed.errors {
        let _ = error.to_string();
    }
}

/// Checks any JSON value as an object of some kind, in some bundle. Byte 0 chooses the kind, byte 1 the bundle.
pub fn check_object(bytes: &[u8]) {
    let [kind, bundle, text @ ..] = bytes else {
        return;
    };
    let Ok(mut object) = serde_json::from_slice::<Value>(text) else {
        return;
    };
    let bundle = Bundle::ALL[usize::from(*bundle) % Bundle::ALL.len()];
    if let Some(fields) = object.as_object_mut() {
        let (api_version, kind) = KINDS[usize::from(*kind) % KINDS.len()];
        fields
            .entry("apiVersion")
            .or_insert_with(|| api_version.into());
        fields.entry("kind").or_insert_with(|| kind.into());
    }
    let report = validate::check(&object, bundle);
    for violation in &report.violations {
        let _ = violation.to_string();
    }
    let _ = validate::check_update(&object, &object, bundle);
    let kept = validate::default_and_prune(&object, bundle);
    assert_eq!(
        validate::default_and_prune(&kept, bundle),
        kept,
        "defaulting is done at once"
    );
    if report.checked && report.accepted {
        assert!(
            validate::admit(&object, bundle).is_ok(),
            "an accepted object is a typed one"
        );
    }
}

/// Resolves any set of objects, compiles the plan and asks it something; nothing is validated before.
pub fn resolve_world(bytes: &[u8]) {
    let parsed = manifest::parse(bytes, "fuzz.yaml");
    let mut builder = Snapshot::builder();
    for mut document in parsed.documents {
        manifest::complete(document.value_mut());
        if let Ok(object) = Object::from_value(document.into_value()) {
            builder.put(object);
        }
    }
    let snapshot = builder.build();
    let now = Timestamp::from_seconds(0);
    for bundle in Bundle::ALL {
        let resolution = resolve(&snapshot, &Controller::default().with_bundle(bundle));
        for entry in resolution.statuses.iter() {
            let _ = entry.merged(&now);
        }
        let router = Router::compile(&resolution.plan);
        assert!(
            router.isolated().is_empty(),
            "the resolver lets no bad rule through: {:?}",
            router.isolated()
        );
        ask(&resolution.plan, &router, bytes);
    }
}

/// Sends any request to a fixed world. The bytes are a method, a target, a host and headers, a line each.
pub fn find_and_apply(bytes: &[u8]) {
    use std::sync::OnceLock;
    static WORLD: OnceLock<(Plan, Router)> = OnceLock::new();
    let (plan, router) = WORLD.get_or_init(|| {
        let parsed = manifest::parse(include_bytes!("world.yaml"), "world.yaml");
        let mut builder = Snapshot::builder();
        for document in parsed.documents {
            builder.put(Object::from_value(document.into_value()).expect("world.yaml is typed"));
        }
        let plan = resolve(&builder.build(), &Controller::default()).plan;
        let router = Router::compile(&plan);
        (plan, router)
    });
    ask(plan, router, bytes);
}

fn ask(plan: &Plan, router: &Router, bytes: &[u8]) {
    let mut lines = bytes.split(|b| *b == b'\n');
    let method = std::str::from_utf8(lines.next().unwrap_or_default()).unwrap_or("GET");
    let target = lines.next().unwrap_or(b"/");
    let host = lines.next();
    let headers: Vec<(&str, &[u8])> = lines
        .filter_map(|line| {
            let (name, value) = line.split_at(line.iter().position(|b| *b == b':')?);
            Some((std::str::from_utf8(name).ok()?, value.get(1..)?))
        })
        .collect();
    for gateway in &plan.gateways {
        for listener in &gateway.listeners {
            for protocol in [
                ConnectionProtocol::Http,
                ConnectionProtocol::Https,
                ConnectionProtocol::Tls,
                ConnectionProtocol::Tcp,
                ConnectionProtocol::Udp,
            ] {
                let connection = Connection {
                    target: Target::Gateway {
                        namespace: &gateway.name.namespace,
                        name: &gateway.name.name,
                    },
                    port: listener.head.port,
                    protocol,
                    sni: host,
                };
                match router.accept(&connection) {
                    Accepted::Http(listener) => {
                        for version in [Version::Http10, Version::Http11, Version::Http2] {
                            let raw = RawHead {
                                version,
                                method,
                                target,
                                authority: host,
                                headers: Headers::Lines(&headers),
                            };
                            if let Ok(head) = RequestHead::from_raw(raw) {
                                request(&listener, &head);
                            }
                        }
                    }
                    Accepted::Stream(stream) => {
                        let (Choice::Forward { .. } | Choice::Reset(_)) =
                            filter::choose(stream.action(), &Draw::of(u64::MAX));
                    }
                    Accepted::PassThrough | Accepted::Refused(_) => {}
                }
            }
        }
    }
}

fn request(listener: &gatewright::router::Listener<'_>, head: &RequestHead<'_>) {
    let found = listener.find(head);
    let explained = listener.explain(head);
    assert_eq!(
        found.is_ok(),
        explained.winner().is_some(),
        "explain agrees with find"
    );
    let Ok(matched) = found else { return };
    assert!(
        matched.path().starts_with('/'),
        "a path that matched is absolute"
    );
    let mut outcome = filter::apply(&matched, head, Draw::at(0.5));
    let mut questions = 0;
    while let Outcome::Ask(ask) = outcome {
        questions += 1;
        assert!(questions <= 16, "questions come to an end");
        let kind = ask.kind();
        let _ = ask.request(0);
        outcome = ask.resume(&AuthAnswer::allowed(kind));
    }
    let mut headers = HeaderMap::new();
    outcome.respond(200, &mut headers);
    if let Outcome::Forward(forward) = &outcome {
        assert!(
            forward.request.path.starts_with('/'),
            "a forwarded path is absolute"
        );
        assert!(
            !forward.request.path.starts_with("//"),
            "a forwarded path names no authority"
        );
    }
}
