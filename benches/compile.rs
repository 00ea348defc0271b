//! How long a plan takes to become a router, and a change the next router; what a router keeps in memory.

mod world;

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use gatewright::plan::{Attachment, Plan};
use gatewright::router::{RouteChange, Router};

fn compile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compile");
    group.sample_size(10);
    for (name, own_hosts) in [("hosts", true), ("paths", false)] {
        for routes in [10, 100, 1_000, 10_000, 100_000] {
            if routes == 100_000 && !own_hosts {
                continue;
            }
            let plan = world::plan(routes, own_hosts);
            let mut kept = None;
            let memory = allocation_counter::measure(|| kept = Some(Router::compile(&plan)));
            drop(kept);
            println!(
                "{name} {routes}: {:.0} bytes a rule stay",
                memory.bytes_current as f64 / (5 * routes) as f64
            );
            group.bench_function(BenchmarkId::new(name, routes), |bencher| {
                bencher.iter_batched(
                    || (),
                    |()| Router::compile(black_box(&plan)),
                    BatchSize::PerIteration,
                );
            });
        }
    }
    group.finish();
}

/// One Route with other rules, in a table of many: told as such, and found by comparing two plans.
fn update(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("update");
    group.sample_size(20);
    for routes in [100, 10_000, 100_000] {
        let old = world::plan(routes, true);
        let router = Router::compile(&old);
        let new = changed(&old, routes / 2);
        let (before, after) = (attachment(&old, routes / 2), attachment(&new, routes / 2));
        let change = RouteChange {
            listener: old.gateways[0].listeners[0].head.clone(),
            before: Some(before.clone()),
            after: Some(after.clone()),
        };
        group.bench_function(BenchmarkId::new("one route", routes), |bencher| {
            bencher.iter(|| router.update_routes(black_box(std::slice::from_ref(&change))));
        });
        group.bench_function(BenchmarkId::new("two plans", routes), |bencher| {
            bencher.iter(|| router.update(black_box(&old), black_box(&new)));
        });
    }
    group.finish();
}

fn attachment(plan: &Plan, number: usize) -> &Attachment {
    &plan.gateways[0].listeners[0].routes[number]
}

fn changed(plan: &Plan, number: usize) -> Plan {
    let mut new = plan.clone();
    let routes = &mut new.gateways[0].listeners[0].routes;
    let mut own = routes[number].clone();
    let mut route = (*own.route).clone();
    route.rules.truncate(3);
    own.route = route.into();
    routes.put(own);
    new
}

criterion_group!(benches, compile, update);
criterion_main!(benches);
