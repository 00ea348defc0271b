//! The upstream conformance suite against the running gateway: real sockets, certificates, requests and backends.
//!
//! Reads `$GATEWRIGHT_UPSTREAM/conformance` (expectations) and `$GATEWRIGHT_UPSTREAM/upstream` (manifests); without the
//! variable the tests say so and pass. Each step of each file must hold, but for [`KNOWN_DIFFERENCES`].

#[allow(dead_code, reason = "the replay in memory uses the rest")]
#[path = "../../../../tests/conformance/expect.rs"]
mod expect;
#[path = "../../../../tests/conformance/json.rs"]
mod json;
#[path = "../../../../tests/conformance/status.rs"]
mod status;
#[allow(dead_code, reason = "the replay in memory uses the rest")]
#[path = "../../../../tests/conformance/world.rs"]
mod world;

mod certificates;
mod client;
mod gateway;
mod handshake;
mod mesh;
mod network;
mod pods;
mod replay;
mod stream;

use std::path::PathBuf;
use std::sync::Arc;

use futures::StreamExt;
use gateway::Settings;
use json::{list, text};
use network::Range;
use replay::{Done, Replay};
use world::Suite;

/// Steps that cannot hold, with the evidence: `(release, test, step, why)`.
const KNOWN_DIFFERENCES: &[(&str, &str, i64, &str)] = &[
    ("v1.4.1", "GatewayInfrastructure", 5, NOTHING_GENERATED),
    ("v1.6.1", "GatewayInfrastructure", 5, NOTHING_GENERATED),
];

/// The step looks for a ServiceAccount, Pod or Service that was made for the Gateway and carries its labels and annotations.
const NOTHING_GENERATED: &str = "this gateway is one process: it makes no objects for a Gateway";

/// So many tests run beside each other.
const BESIDE: usize = 6;

/// What a release has: files, steps about statuses, steps with traffic.
type Totals = (usize, usize, usize);

async fn replay(release: &'static str, bundle: &'static str, totals: Totals) {
    let Some(upstream) = std::env::var_os("GATEWRIGHT_UPSTREAM").map(PathBuf::from) else {
        println!("skipped: GATEWRIGHT_UPSTREAM does not name a folder with upstream data");
        return;
    };
    let suite = Suite::open_with(&upstream, release, |objects| {
        certificates::remake(objects, release);
    });
    let range = Arc::new(Range::reserve());
    let only = std::env::var("GATEWRIGHT_TEST").ok();
    let mut tests = suite.all_tests();
    tests.retain(|(name, _)| only.as_ref().is_none_or(|only| only == name));
    let files = tests.len();
    let runs = tests.iter().enumerate().map(|(n, (name, test))| {
        let (suite, range) = (&suite, Arc::clone(&range));
        async move {
            let settings = Settings {
                part: range.part(n),
                offset: range.offset,
                bundle,
                without: list(&test["only_if_features_unsupported"])
                    .iter()
                    .map(|feature| text(feature).to_owned())
                    .collect(),
                arguments: &[],
            };
            let done = Replay::start(suite, test, &settings).await.run().await;
            (name.as_str(), done)
        }
    });
    let mut runs = futures::stream::iter(runs).buffer_unordered(BESIDE);
    let mut tally = Tally::default();
    while let Some((name, done)) = runs.next().await {
        tally.add(release, name, done);
    }
    tally.report(release);
    assert!(
        tally.missed.is_empty(),
        "{} steps do not hold",
        tally.missed.len()
    );
    if only.is_none() {
        let counted = (files, tally.status.1, tally.traffic.1);
        assert_eq!(counted, totals, "files, status steps, traffic steps");
    }
}

/// How many steps hold, of how many.
#[derive(Default)]
struct Tally {
    status: (usize, usize),
    traffic: (usize, usize),
    sent: usize,
    missed: Vec<String>,
    known: Vec<String>,
    /// What did not hold at first, and then three times in a row.
    hiccups: Vec<String>,
}

impl Tally {
    fn add(&mut self, release: &str, name: &str, done: Vec<Done>) {
        for step in done {
            let sort = if step.is_traffic {
                &mut self.traffic
            } else {
                &mut self.status
            };
            sort.1 += 1;
            self.sent += step.sent;
            let known = KNOWN_DIFFERENCES
                .iter()
                .find(|(own, test, id, _)| *own == release && *test == name && *id == step.id);
            let place = format!("{release} {name} step {} ({})", step.id, step.kind);
            if let Some(why) = step.hiccup {
                self.hiccups.push(format!("{place}: {why}"));
            }
            match (step.outcome, known) {
                (Ok(()), None) => sort.0 += 1,
                (Ok(()), Some(_)) => self.missed.push(format!("{place}: holds, but is listed")),
                (Err(_), Some((.., why))) => self.known.push(format!("{place}: {why}")),
                (Err(why), None) => self.missed.push(format!("{place}: {why}")),
            }
        }
    }

    fn report(&self, release: &str) {
        for missed in &self.missed {
            println!("{missed}");
        }
        for hiccup in &self.hiccups {
            println!("not at first: {hiccup}");
        }
        for known in &self.known {
            println!("known: {known}");
        }
        println!(
            "{release}: {} of {} status steps and {} of {} traffic steps hold, with {} requests",
            self.status.0, self.status.1, self.traffic.0, self.traffic.1, self.sent
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateway_meets_v1_4() {
    replay("v1.4.1", "v1.4-experimental", (69, 284, 311)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateway_meets_v1_6() {
    replay("v1.6.1", "v1.6-experimental", (111, 532, 433)).await;
}
