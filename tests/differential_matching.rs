//! The router against a slow matcher that was written from the catalogue: random plans, requests that nearly or really
//! match, no difference allowed.
//!
//! `GATEWRIGHT_DECISIONS` sets how many decisions are compared.

#[path = "reference/asked.rs"]
mod asked;
#[path = "reference/matching.rs"]
mod matching;
#[path = "reference/plans.rs"]
mod plans;

use std::collections::BTreeMap;

use gatewright::router::{Connection, Headers, RequestHead, Router, Target};
use matching::Decision;
use plans::{Chance, OwnedRequest, Taste};

const REQUESTS_PER_PLAN: usize = 25;

fn head<'r>(request: &'r OwnedRequest, lines: &'r [(&'r str, &'r [u8])]) -> RequestHead<'r> {
    RequestHead {
        version: request.version,
        method: &request.method,
        host: request.host.as_deref(),
        path: &request.path,
        query: request.query.as_deref(),
        headers: Headers::Lines(lines),
    }
}

/// MATCH-CAND-01..06, MATCH-PREC-01..17, MATCH-PATH-*, MATCH-HDR-*, MATCH-QUERY-*, MATCH-GRPC-*, LISTEN-*, MESH-RT-*.
#[test]
fn router_and_reference_decide_alike() {
    let decisions = std::env::var("GATEWRIGHT_DECISIONS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20_000);
    let seed = std::env::var("GATEWRIGHT_SEED")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(7);
    let mut chance = Chance(seed);
    let (mut requests, mut matched) = (0usize, 0usize);
    let mut by_key: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_outcome: BTreeMap<String, usize> = BTreeMap::new();
    while requests < decisions {
        let taste = Taste::draw(&mut chance);
        let plan = plans::plan(&mut chance, &taste);
        let options = plans::options(&mut chance);
        let router = Router::compile_with(&plan, &options);
        for _ in 0..REQUESTS_PER_PLAN {
            let request = plans::request(&mut chance, &plan);
            let lines: Vec<(&str, &[u8])> = request
                .headers
                .iter()
                .map(|(n, v)| (n.as_str(), &v[..]))
                .collect();
            let head = head(&request, &lines);
            let target = match &request.service {
                Some((name, client)) => Target::Service {
                    namespace: "n",
                    name,
                    client_namespace: client,
                },
                None => Target::Only,
            };
            let connection = Connection {
                target,
                port: request.port,
                protocol: request.protocol,
                sni: request.sni.as_deref(),
            };
            let expected = matching::decide(&plan, &options, &connection, Some(&head));
            let found = asked::decide(&router, &connection, Some(&head));
            assert_eq!(
                found, expected,
                "seed {seed}, request {requests}\n{request:#?}\n{options:#?}\n{plan:#?}"
            );
            requests += 1;
            let outcome = match &expected {
                Decision::Rule { key, kind, .. } => {
                    *by_key
                        .entry(key.unwrap_or("no other candidate"))
                        .or_default() += 1;
                    matched += 1;
                    format!("rule of {kind}")
                }
                Decision::Stream { .. } => {
                    matched += 1;
                    "stream".to_owned()
                }
                Decision::Status {
                    status,
                    grpc_status,
                    ..
                } => format!("{status} {grpc_status:?}"),
                other => format!("{other:?}"),
            };
            *by_outcome.entry(outcome).or_default() += 1;
        }
    }
    let share = |count: usize| format!("{:.1} %", 100.0 * count as f64 / requests as f64);
    println!("{requests} decisions, {} matched", share(matched));
    for (outcome, count) in &by_outcome {
        println!("  {outcome}: {}", share(*count));
    }
    for (key, count) in &by_key {
        println!("  decided by {key}: {}", share(*count));
    }
    assert!(
        matched * 100 >= requests * 55,
        "only {} matched",
        share(matched)
    );
    for key in gatewright::router::PrecedenceKey::ALL {
        assert!(
            by_key.contains_key(key.as_str()),
            "nothing was decided by {key}"
        );
    }
}
