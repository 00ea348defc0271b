//! How fast objects are checked: input is a parsed JSON value, schemas are compiled before.
//!
//! `usual` has the size of the median HTTPRoute in the conformance manifests of upstream; with `GATEWRIGHT_UPSTREAM`
//! set, all valid HTTPRoutes of the verdicts' manifests are checked as well.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "benchmarks panic when their input is not what they say"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gatewright::validate::{check, default_and_prune};
use gatewright::vocab::Bundle;
use serde_json::{Value, json};

/// One rule with a match and a backend, two hostnames.
fn usual() -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "storefront", "namespace": "shop", "labels": {"team": "web"}},
        "spec": {
            "parentRefs": [{"name": "edge", "namespace": "infra"}],
            "hostnames": ["shop.example.com", "*.shop.example.com"],
            "rules": [{
                "matches": [
                    {"path": {"type": "PathPrefix", "value": "/cart"}, "headers": [{"name": "version", "value": "two"}]},
                ],
                "backendRefs": [{"name": "cart", "port": 8080}],
            }],
        },
    })
}

/// Sixteen rules, each with matches, filters and weighted backends.
fn large() -> Value {
    let rules: Vec<Value> = (0..16).map(rule).collect();
    let mut route = usual();
    route["spec"]["rules"] = Value::from(rules);
    route
}

fn rule(index: usize) -> Value {
    json!({
        "name": format!("rule-{index}"),
        "matches": [
            {"path": {"type": "Exact", "value": format!("/item/{index}")}, "method": "GET"},
            {
                "path": {"type": "PathPrefix", "value": format!("/list/{index}")},
                "headers": [{"name": "x-tenant", "value": "a"}, {"name": "x-stage", "value": "canary"}],
                "queryParams": [{"name": "page", "value": "1"}],
            },
        ],
        "filters": [
            {"type": "RequestHeaderModifier", "requestHeaderModifier": {
                "set": [{"name": "x-route", "value": format!("{index}")}],
                "remove": ["x-internal"],
            }},
            {"type": "URLRewrite", "urlRewrite": {"path": {
                "type": "ReplaceFullPath", "replaceFullPath": "/"
            }}},
        ],
        "timeouts": {"request": "10s", "backendRequest": "2s"},
        "backendRefs": [
            {"name": "stable", "port": 8080, "weight": 90},
            {"name": "canary", "port": 8080, "weight": 10},
        ],
    })
}

/// The valid HTTPRoutes of upstream manifests, if there are any.
fn upstream(bundle: Bundle) -> Vec<Value> {
    let Some(folder) = std::env::var_os("GATEWRIGHT_UPSTREAM") else {
        return Vec::new();
    };
    let name = format!(
        "{}-{}-upstream.jsonl.gz",
        bundle.release.patch(),
        bundle.channel
    );
    let path = std::path::Path::new(&folder).join("verdicts").join(name);
    let Ok(file) = std::fs::File::open(path) else {
        return Vec::new();
    };
    let lines = std::io::read_to_string(flate2::read::GzDecoder::new(file)).expect("text");
    let verdicts = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let objects = verdicts.map(|mut verdict| verdict["object"].take());
    objects
        .filter(|object| object["kind"] == "HTTPRoute" && check(object, bundle).accepted)
        .collect()
}

fn benches(c: &mut Criterion) {
    let bundle = Bundle::default();
    let mut group = c.benchmark_group("check");
    group.throughput(Throughput::Elements(1));
    for (name, route) in [("usual", usual()), ("large", large())] {
        assert!(
            check(&route, bundle).accepted,
            "{:?}",
            check(&route, bundle)
        );
        group.bench_function(name, |b| b.iter(|| check(black_box(&route), bundle)));
    }
    let mut broken = usual();
    broken["spec"]["rules"][0]["matches"][0]["path"]["type"] = json!("Prefix");
    assert!(!check(&broken, bundle).accepted);
    group.bench_function("broken", |b| b.iter(|| check(black_box(&broken), bundle)));
    let mut routes = upstream(bundle);
    routes.sort_by_key(|route| route.to_string().len());
    if let Some(median) = routes.get(routes.len() / 2) {
        group.bench_function("upstream median", |b| {
            b.iter(|| check(black_box(median), bundle))
        });
    }
    if !routes.is_empty() {
        group.throughput(Throughput::Elements(routes.len() as u64));
        let all = |routes: &[Value]| routes.iter().all(|route| check(route, bundle).accepted);
        group.bench_function("upstream all", |b| b.iter(|| all(black_box(&routes))));
    }
    group.finish();
    let route = usual();
    c.bench_function("default_and_prune/usual", |b| {
        b.iter(|| default_and_prune(black_box(&route), bundle))
    });
}

criterion_group!(all, benches);
criterion_main!(all);
