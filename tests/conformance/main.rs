//! The expectations of the upstream conformance suite, replayed against the library and the program.
//!
//! Reads `$GATEWRIGHT_UPSTREAM/conformance` (expectations) and `$GATEWRIGHT_UPSTREAM/upstream` (manifests); without the
//! variable the tests say so and pass. Each counted step of each test must hold, but for [`KNOWN_DIFFERENCES`].
#![cfg(feature = "cli")]

mod engine;
#[allow(
    dead_code,
    reason = "the end-to-end tests of examples/gateway use the rest"
)]
mod expect;
mod json;
mod library;
mod status;
mod traffic;
#[allow(
    dead_code,
    reason = "the end-to-end tests of examples/gateway use the rest"
)]
mod world;

use std::path::PathBuf;

use engine::{Engine, Program};
use json::{list, text};
use library::Library;
use serde_json::Value;
use status::Statuses;
use traffic::Traffic;
use world::Suite;

/// Steps that cannot hold, with the evidence: `(release, test, step, why)`.
const KNOWN_DIFFERENCES: &[(&str, &str, i64, &str)] = &[];

/// Counted steps and how many hold.
#[derive(Default)]
struct Tally {
    status: (usize, usize),
    traffic: (usize, usize),
    missed: Vec<String>,
}

fn replay(engine: &dyn Engine, name: &str, release: &'static str, bundle: &str) {
    let Some(upstream) = std::env::var_os("GATEWRIGHT_UPSTREAM").map(PathBuf::from) else {
        println!("skipped: GATEWRIGHT_UPSTREAM does not name a folder with upstream data");
        return;
    };
    let suite = Suite::open(&upstream, release);
    let mut tally = Tally::default();
    for (test_name, test, counted) in suite.tests() {
        replay_test(
            engine,
            &suite,
            bundle,
            (&test_name, &test, &counted),
            &mut tally,
        );
    }
    for missed in &tally.missed {
        println!("{missed}");
    }
    println!(
        "{name}, {release}: {} of {} status steps and {} of {} traffic steps hold",
        tally.status.0, tally.status.1, tally.traffic.0, tally.traffic.1
    );
    assert!(
        tally.status.1 > 0 && tally.traffic.1 > 0,
        "no steps were found"
    );
    assert!(
        tally.missed.is_empty(),
        "{} steps do not hold",
        tally.missed.len()
    );
}

fn replay_test(
    engine: &dyn Engine,
    suite: &Suite,
    bundle: &str,
    (name, test, counted): (&str, &Value, &Value),
    tally: &mut Tally,
) {
    let without: Vec<String> = list(&test["only_if_features_unsupported"])
        .iter()
        .map(|f| text(f).to_owned())
        .collect();
    let mut world = suite.world(test);
    let mut entries: Option<Vec<Value>> = None;
    for step in list(&test["steps"]) {
        if suite.change(&mut world, step) {
            entries = None;
            continue;
        }
        let id = step["id"].as_i64().unwrap_or(0);
        let is_counted = |kind: &str| {
            list(&counted[kind])
                .iter()
                .any(|own| own.as_i64() == Some(id))
        };
        let (held, sort) = if is_counted("status") {
            let entries = entries
                .get_or_insert_with(|| engine.statuses(bundle, &without, &world.objects))
                .clone();
            let parents_in_order = suite.release == "v1.4.1";
            let statuses = Statuses {
                world: &world,
                entries,
                parents_in_order,
            };
            (statuses.check(step), &mut tally.status)
        } else if is_counted("traffic") {
            let decisions =
                engine.decide(bundle, &without, &world.objects, &traffic::requests(step));
            let traffic = Traffic { test, step };
            (traffic.check(&decisions), &mut tally.traffic)
        } else {
            continue;
        };
        sort.1 += 1;
        match held {
            Ok(()) => sort.0 += 1,
            Err(why) => {
                let known = KNOWN_DIFFERENCES.iter().any(|(release, test, step, _)| {
                    *release == suite.release && *test == name && *step == id
                });
                if !known {
                    tally
                        .missed
                        .push(format!("{name} step {id} ({}): {why}", text(&step["kind"])));
                }
            }
        }
    }
}

#[test]
fn the_program_meets_v1_4() {
    replay(
        &Program::new("v1.4"),
        "program",
        "v1.4.1",
        "v1.4-experimental",
    );
}

#[test]
fn the_program_meets_v1_6() {
    replay(
        &Program::new("v1.6"),
        "program",
        "v1.6.1",
        "v1.6-experimental",
    );
}

#[test]
fn the_library_meets_v1_4() {
    replay(&Library, "library", "v1.4.1", "v1.4-experimental");
}

#[test]
fn the_library_meets_v1_6() {
    replay(&Library, "library", "v1.6.1", "v1.6-experimental");
}
