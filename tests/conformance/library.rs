//! The library as an engine: manifests to statuses and decisions, without the program.

use std::borrow::Cow;

use gatewright::api::{Object, Timestamp};
use gatewright::filter::{self, AuthAnswer, Choice, Draw, HeaderChanges, Outcome, OutgoingRequest};
use gatewright::plan::{Backend, ObjectName, Plan};
use gatewright::resolve::{Controller, Features, Resolution, resolve};
use gatewright::router::{
    Accepted, Connection, ConnectionProtocol, Headers, RawHead, RequestHead, Router, Target,
    Version,
};
use gatewright::snapshot::Snapshot;
use gatewright::vocab::Bundle;
use gatewright::{manifest, validate};
use serde_json::{Value, json};

use super::engine::Engine;
use super::json::{list, text};

/// The library.
pub struct Library;

impl Engine for Library {
    fn statuses(&self, bundle: &str, without: &[String], objects: &[Value]) -> Vec<Value> {
        let resolution = resolution(bundle, without, objects);
        let now = Timestamp::from("2026-06-01T00:00:00Z");
        let entry = |entry: &gatewright::resolve::StatusEntry| {
            let object = entry.object();
            json!({
                "kind": object.kind(),
                "namespace": object.key().namespace,
                "name": object.metadata().name,
                "status": entry.merged(&now),
            })
        };
        resolution.statuses.iter().map(entry).collect()
    }

    fn decide(
        &self,
        bundle: &str,
        without: &[String],
        objects: &[Value],
        requests: &[Value],
    ) -> Vec<Value> {
        let resolution = resolution(bundle, without, objects);
        let router = Router::compile(&resolution.plan);
        assert!(
            router.isolated().is_empty(),
            "the resolver let a rule through: {:?}",
            router.isolated()
        );
        requests
            .iter()
            .map(|request| decide(&resolution.plan, &router, request))
            .collect()
    }
}

fn resolution(bundle: &str, without: &[String], objects: &[Value]) -> Resolution {
    let bundle: Bundle = bundle.parse().expect("bundle");
    let mut builder = Snapshot::builder();
    for object in objects {
        let mut object = object.clone();
        manifest::complete(&mut object);
        let report = validate::check(&object, bundle);
        assert!(
            report.accepted || !report.checked,
            "{}: {:?}",
            object["metadata"],
            report.violations
        );
        let object = validate::default_and_prune(&object, bundle);
        builder.put(Object::from_value(object).expect("a typed object"));
    }
    let without = without.iter().fold(Features::default(), |features, name| {
        features.without(name).expect("feature")
    });
    let controller = Controller::default()
        .with_bundle(bundle)
        .with_features(without);
    resolve(&builder.build(), &controller)
}

fn decide(plan: &Plan, router: &Router, request: &Value) -> Value {
    let (namespace, name) = text(&request["gateway"])
        .split_once('/')
        .unwrap_or_default();
    let target = match request["service"].as_str() {
        Some(service) => {
            let (namespace, name) = service.split_once('/').expect("ns/name");
            Target::Service {
                namespace,
                name,
                client_namespace: request["client_namespace"].as_str().unwrap_or(namespace),
            }
        }
        None => Target::Gateway { namespace, name },
    };
    let https = request["scheme"] == "https";
    let protocol = match request["protocol"].as_str().unwrap_or("http") {
        "tls" => ConnectionProtocol::Tls,
        "tcp" => ConnectionProtocol::Tcp,
        "udp" => ConnectionProtocol::Udp,
        _ if https => ConnectionProtocol::Https,
        _ => ConnectionProtocol::Http,
    };
    let connection = Connection {
        target,
        port: request["port"].as_u64().unwrap_or(80) as u16,
        protocol,
        sni: request["sni"].as_str().map(str::as_bytes),
    };
    let draw = Draw::at(request["draw"].as_f64().unwrap_or(0.0));
    match router.accept(&connection) {
        Accepted::Http(listener) => http(plan, &listener, request, draw),
        Accepted::Stream(stream) => match filter::choose(stream.action(), &draw) {
            Choice::Forward {
                backend: chosen, ..
            } => json!({"outcome": "forward", "backend": backend(chosen)}),
            Choice::Reset(_) => json!({"outcome": "reset"}),
        },
        Accepted::PassThrough => json!({
            "outcome": "forward",
            "backend": backend_of(text(&request["service"])),
            "request": {"method": request["method"], "path": request["path"], "host": request["host"], "headers": request["headers"]},
        }),
        Accepted::Refused(_) => json!({"outcome": "reset"}),
    }
}

fn http(
    plan: &Plan,
    listener: &gatewright::router::Listener<'_>,
    request: &Value,
    draw: Draw<'_>,
) -> Value {
    let is_grpc = request["protocol"] == "grpc";
    let mut lines: Vec<(&str, &[u8])> = list(&request["headers"])
        .iter()
        .map(|line| (text(&line[0]), text(&line[1]).as_bytes()))
        .collect();
    let (mut authority, mut version) = (None, Version::Http11);
    let host = request["host"].as_str().map(str::as_bytes);
    if is_grpc {
        (authority, version) = (host, Version::Http2);
        lines.push(("content-type", b"application/grpc"));
    } else if let Some(host) = host {
        lines.push(("host", host));
    }
    let raw = RawHead {
        version,
        method: if is_grpc {
            "POST"
        } else {
            request["method"].as_str().unwrap_or("GET")
        },
        target: text(&request["path"]).as_bytes(),
        authority,
        headers: Headers::Lines(&lines),
    };
    let Ok(head) = RequestHead::from_raw(raw) else {
        return json!({"outcome": "respond", "status": 400});
    };
    let matched = match listener.find(&head) {
        Ok(matched) => matched,
        Err(none) => {
            return json!({"outcome": "respond", "status": none.status(), "grpc_status": none.grpc_status()});
        }
    };
    let mut outcome = filter::apply(&matched, &head, draw);
    while let Outcome::Ask(ask) = outcome {
        let kind = ask.kind();
        outcome = ask.resume(&AuthAnswer::allowed(kind));
    }
    let mirrors: Vec<Value> = outcome
        .mirrors()
        .iter()
        .map(|copy| json!({"backend": backend(copy.backend), "numerator": copy.numerator, "denominator": copy.denominator}))
        .collect();
    let mut decision = match &outcome {
        Outcome::Forward(forward) => {
            let gateway = matched
                .listener()
                .and_then(|head| plan.gateways.iter().find(|own| own.name == head.gateway));
            json!({
                "outcome": "forward",
                "backend": backend(forward.backend),
                "request": outgoing(&forward.request),
                "response_headers": changes(&forward.response),
                "timeouts": {
                    "request": forward.timeouts.request.as_ref().map(|limit| limit.as_str()),
                    "backendRequest": forward.timeouts.backend_request.as_ref().map(|limit| limit.as_str()),
                },
                "backend_tls": forward.backend.tls.as_ref().map(|tls| json!({
                    "hostname": tls.hostname,
                    "client_certificate": gateway.and_then(|own| own.client_certificate.as_ref()).map(ObjectName::to_string),
                })),
            })
        }
        Outcome::Redirect(redirection) => json!({
            "outcome": "redirect", "status": redirection.status, "location": redirection.location,
        }),
        Outcome::Respond(answer) => json!({
            "outcome": "respond",
            "status": answer.status,
            "grpc_status": answer.grpc_status,
            "response_headers": {"set": pairs(answer.headers.iter().map(|(n, v)| (&**n, &**v)))},
        }),
        Outcome::Ask(_) => unreachable!("every question was answered"),
    };
    decision["mirrors"] = mirrors.into();
    decision
}

fn backend(backend: &Backend) -> Value {
    json!({"namespace": backend.target.name.namespace, "name": backend.target.name.name})
}

fn backend_of(service: &str) -> Value {
    let (namespace, name) = service.split_once('/').unwrap_or_default();
    json!({"namespace": namespace, "name": name})
}

fn outgoing(request: &OutgoingRequest<'_>) -> Value {
    json!({
        "method": request.method,
        "host": request.host.as_deref().map(String::from_utf8_lossy),
        "path": request.target(),
        "headers": pairs(request.lines()),
    })
}

fn changes(changes: &HeaderChanges<'_>) -> Value {
    let removed: Vec<&str> = changes.removed().collect();
    json!({"set": pairs(changes.set()), "add": pairs(changes.added()), "remove": removed})
}

fn pairs<'p>(lines: impl Iterator<Item = (&'p str, &'p [u8])>) -> Value {
    let line = |(name, value): (&'p str, &'p [u8])| -> (&'p str, Cow<'p, str>) {
        (name, String::from_utf8_lossy(value))
    };
    json!(lines.map(line).collect::<Vec<_>>())
}
