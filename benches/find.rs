//! How long a request takes to find its rule, by kind of match and by size of the table.
//!
//! `benches/arena` compares with other matchers, counts instructions and measures a barely warm table; this shows growth.

mod world;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use gatewright::router::{Headers, RequestHead, Router, Version};

fn find(criterion: &mut Criterion) {
    for own_hosts in [true, false] {
        let name = if own_hosts {
            "find/hosts"
        } else {
            "find/paths"
        };
        let mut group = criterion.benchmark_group(name);
        for routes in [10, 100, 1_000, 10_000] {
            let router = Router::compile(&world::plan(routes, own_hosts));
            let listener = world::listener(&router);
            // Every seventh Route is asked for, so that memory is not always the same.
            let asks: Vec<(String, String)> = (0..routes)
                .step_by(7)
                .map(|n| {
                    let host = if own_hosts {
                        format!("x.host-{n}.example.com")
                    } else {
                        "all.example.com".to_owned()
                    };
                    let host = if own_hosts && !n.is_multiple_of(5) {
                        format!("host-{n}.example.com")
                    } else {
                        host
                    };
                    (host, format!("/team-{}/service-{n}/api/items", n % 40))
                })
                .collect();
            let heads: Vec<RequestHead<'_>> =
                asks.iter().map(|(host, path)| head(host, path)).collect();
            for head in &heads {
                assert_eq!(
                    listener.find(head).map(|found| found.rule_index()).ok(),
                    Some(3)
                );
            }
            let mut next = (0..heads.len()).cycle();
            group.bench_function(BenchmarkId::from_parameter(routes), |bencher| {
                bencher.iter(|| {
                    let head = &heads[next.next().unwrap_or_default()];
                    black_box(listener.find(head).is_ok())
                });
            });
        }
        group.finish();
    }
}

fn head<'r>(host: &'r str, path: &'r str) -> RequestHead<'r> {
    RequestHead {
        version: Version::Http11,
        method: "GET",
        host: Some(host.as_bytes()),
        path: path.as_bytes(),
        query: Some(b"page=2"),
        headers: Headers::Lines(&[("accept", b"*/*"), ("user-agent", b"bench")]),
    }
}

criterion_group!(benches, find);
criterion_main!(benches);
