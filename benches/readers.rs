//! What readers at full speed lose while Routes change a hundred times a second.
//!
//! Two threads look requests up in a table of 100,000 Routes (500,000 rules), taking the router of the moment for each of
//! them. In every other window a third thread changes a Route each 10 ms: makes the next router and swaps it in. Windows
//! with and without changes take turns, so that what else the machine does hits both. On two cores the third thread's own
//! time is part of the loss.
//!
//! `cargo bench --no-default-features --bench readers [ROUTES]`

mod world;

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use gatewright::plan::{Attachment, Plan};
use gatewright::router::{Headers, RequestHead, RouteChange, Router, Version};

const READERS: usize = 2;
const WINDOW: Duration = Duration::from_millis(500);
const PAIRS: usize = 30;
const BETWEEN_CHANGES: Duration = Duration::from_millis(10);
/// Lookups between two looks at the clock's flag.
const LAP: u64 = 64;

struct Shared {
    router: ArcSwap<Router>,
    lookups: AtomicU64,
    misses: AtomicU64,
    changes: AtomicBool,
    ends: AtomicBool,
}

fn main() {
    let routes = std::env::args()
        .skip(1)
        .find_map(|word| word.parse().ok())
        .unwrap_or(100_000);
    let plan = world::plan(routes, true);
    let shared = Shared {
        router: ArcSwap::from_pointee(Router::compile(&plan)),
        lookups: AtomicU64::new(0),
        misses: AtomicU64::new(0),
        changes: AtomicBool::new(false),
        ends: AtomicBool::new(false),
    };
    let (mut losses, mut rates) = (Vec::new(), Vec::new());
    let made = std::thread::scope(|scope| {
        for reader in 0..READERS {
            let shared = &shared;
            scope.spawn(move || read(shared, routes, reader));
        }
        let writer = scope.spawn(|| write(&shared, &plan));
        window(&shared);
        for _ in 0..PAIRS {
            shared.changes.store(false, Ordering::Relaxed);
            let quiet = window(&shared);
            shared.changes.store(true, Ordering::Relaxed);
            let changing = window(&shared);
            losses.push(100.0 * (1.0 - changing / quiet));
            rates.push(quiet);
        }
        shared.ends.store(true, Ordering::Relaxed);
        writer.join().expect("the writer ends")
    });
    assert_eq!(shared.misses.into_inner(), 0, "every lookup finds its rule");
    let (updates, spent) = made;
    losses.sort_by(f64::total_cmp);
    rates.sort_by(f64::total_cmp);
    let at = |sorted: &[f64], part: usize| sorted[(sorted.len() - 1) * part / 4];
    println!(
        "{routes} routes, {READERS} readers: {:.2} million lookups a second without changes; with a hundred changes a second \
         {:.2} % fewer [quartiles {:.2} to {:.2}]; {updates} changes, {:.0} us each",
        at(&rates, 2) / 1e6,
        at(&losses, 2),
        at(&losses, 1),
        at(&losses, 3),
        spent.as_secs_f64() * 1e6 / updates as f64,
    );
}

/// Lookups a second over one window.
fn window(shared: &Shared) -> f64 {
    let (before, started) = (shared.lookups.load(Ordering::Relaxed), Instant::now());
    std::thread::sleep(WINDOW);
    let done = shared.lookups.load(Ordering::Relaxed) - before;
    done as f64 / started.elapsed().as_secs_f64()
}

fn read(shared: &Shared, routes: usize, reader: usize) {
    let asks: Vec<(String, String)> = (reader..routes)
        .step_by(7)
        .map(|n| {
            let label = if n.is_multiple_of(5) { "x." } else { "" };
            (
                format!("{label}host-{n}.example.com"),
                format!("/team-{}/service-{n}/api/items", n % 40),
            )
        })
        .collect();
    let mut next = asks.iter().cycle();
    while !shared.ends.load(Ordering::Relaxed) {
        let mut misses = 0;
        for (host, path) in next.by_ref().take(LAP as usize) {
            let router = shared.router.load();
            let head = RequestHead {
                version: Version::Http11,
                method: "GET",
                host: Some(host.as_bytes()),
                path: path.as_bytes(),
                query: None,
                headers: Headers::Lines(&[("accept", b"*/*"), ("user-agent", b"bench")]),
            };
            let found = world::listener(&router).find(&head).is_ok();
            misses += u64::from(!black_box(found));
        }
        shared.lookups.fetch_add(LAP, Ordering::Relaxed);
        shared.misses.fetch_add(misses, Ordering::Relaxed);
    }
}

/// Takes the last rule off a Route and puts it back at the next turn, Route by Route; how many changes were made, and the time
/// that they took, the end of the router before included.
fn write(shared: &Shared, plan: &Plan) -> (u32, Duration) {
    let listener = &plan.gateways[0].listeners[0];
    let (mut updates, mut spent) = (0, Duration::ZERO);
    let mut numbers = (0..listener.routes.len()).step_by(4099).cycle();
    while !shared.ends.load(Ordering::Relaxed) {
        if !shared.changes.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
            continue;
        }
        let whole = &listener.routes[numbers.next().unwrap_or_default()];
        let short = shortened(whole);
        for (before, after) in [(whole, &short), (&short, whole)] {
            let started = Instant::now();
            let change = RouteChange {
                listener: listener.head.clone(),
                before: Some(before.clone()),
                after: Some(after.clone()),
            };
            swap(shared, change);
            spent += started.elapsed();
            updates += 1;
            std::thread::sleep(BETWEEN_CHANGES.saturating_sub(started.elapsed()));
        }
    }
    (updates, spent)
}

fn swap(shared: &Shared, change: RouteChange) {
    let router = shared.router.load().update_routes(&[change]);
    shared.router.store(router.into());
}

fn shortened(whole: &Attachment) -> Attachment {
    let mut short = whole.clone();
    let mut route = (*short.route).clone();
    route.rules.truncate(4);
    short.route = route.into();
    short
}
