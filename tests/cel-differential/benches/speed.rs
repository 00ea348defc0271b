//! How fast an HTTPRoute is validated: by us in full, and its rules alone by `kube-cel`.
//!
//! The object is the median, by size, of the valid HTTPRoutes in the conformance manifests of v1.6.1. Ours is all of
//! `check`: structure, keys, metadata, rules, unknown fields. `kube-cel` fills in defaults and runs the rules, with the
//! schema compiled beforehand. Both start from a parsed JSON value, take turns in the same run, and are asked for the
//! same answer. Of many rounds the fastest of each side counts, as whatever else the machine does only ever adds time;
//! median and slowest are printed too.
//!
//! `GATEWRIGHT_UPSTREAM=... cargo bench` prints the figures, and fails below a hundred times the speed or below
//! 200,000 objects a second.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use gatewright::manifest::{Document, read};
use gatewright::validate::check;
use gatewright::vocab::{Bundle, Channel, Release};
use gatewright_cel_differential::{Upstream, upstream_data};
use serde_json::Value;

const ROUNDS: usize = 400;
const OF_OURS: u32 = 200;
const OF_THEIRS: u32 = 2;

fn main() {
    let Some(root) = upstream_data() else { return };
    let bundle = Bundle::new(Release::V1_6, Channel::Experimental);
    let upstream = Upstream::load(&root);
    let routes = routes(&root, bundle);
    println!(
        "{} valid HTTPRoutes in the conformance manifests of {bundle}",
        routes.len()
    );
    let median = &routes[routes.len() / 2];
    compare("median", median, bundle, &upstream, true);
    compare(
        "largest",
        &routes[routes.len() - 1],
        bundle,
        &upstream,
        false,
    );
}

/// Valid HTTPRoutes of the conformance manifests, by size.
fn routes(root: &Path, bundle: Bundle) -> Vec<Value> {
    let folder = root
        .join("upstream")
        .join(bundle.release.patch())
        .join("conformance");
    let reading = read(&[folder]);
    let mut routes: Vec<Value> = reading
        .parsed
        .documents
        .into_iter()
        .map(Document::into_value)
        .filter(|object| object["kind"] == "HTTPRoute" && check(object, bundle).accepted)
        .collect();
    routes.sort_by_key(|route| route.to_string().len());
    routes
}

fn compare(name: &str, route: &Value, bundle: Bundle, upstream: &Upstream, must_hold: bool) {
    let version = route["apiVersion"]
        .as_str()
        .and_then(|v| v.split_once('/'))
        .expect("a group")
        .1;
    let schema = upstream
        .schema(bundle, "HTTPRoute", version)
        .expect("a served version");
    assert!(check(route, bundle).accepted && upstream.holds(schema, route));

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(each(OF_OURS, || {
            black_box(check(black_box(route), bundle)).accepted
        }));
        theirs.push(each(OF_THEIRS, || upstream.holds(schema, black_box(route))));
    }
    let (ours, theirs) = (Spread::of(ours), Spread::of(theirs));
    let times = theirs.least.as_secs_f64() / ours.least.as_secs_f64();
    let a_second = 1.0 / ours.least.as_secs_f64();
    println!(
        "{name} HTTPRoute, {} bytes as JSON",
        route.to_string().len()
    );
    println!("  gatewright {ours}, {a_second:.0} objects a second");
    println!("  kube-cel   {theirs}");
    println!("  {times:.0} times as fast");
    if must_hold {
        assert!(times >= 100.0, "less than 100 times as fast as kube-cel");
        assert!(a_second >= 200_000.0, "less than 200,000 objects a second");
    }
}

/// The time of one call, over `count` calls.
fn each(count: u32, mut call: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        assert!(call());
    }
    start.elapsed() / count
}

struct Spread {
    least: Duration,
    median: Duration,
    most: Duration,
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Spread {
        times.sort();
        Spread {
            least: times[0],
            median: times[times.len() / 2],
            most: times[times.len() - 1],
        }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:?} (median {:?}, slowest {:?})",
            self.least, self.median, self.most
        )
    }
}
