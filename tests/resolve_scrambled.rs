//! Nothing that objects hold makes the resolver panic: random worlds with odd values in random places.
//!
//! 400 worlds in everyday runs; `GATEWRIGHT_WORLDS` asks for another number, `GATEWRIGHT_SEED` for another beginning.

#![cfg(feature = "resolve")]

mod reference {
    #[expect(dead_code, reason = "only names and modes are used here")]
    pub mod attachment;
    pub mod scrambled;
    pub mod worlds;
}

use gatewright::api::{Object, Timestamp};
use gatewright::plan::RouteKind;
use gatewright::resolve::{Controller, Resolution, resolve};
use gatewright::router::Router;
use gatewright::snapshot::Snapshot;
use gatewright::vocab::{Bundle, Channel, Release};
use reference::attachment::{CONTROLLER, Mode};
use reference::scrambled::scramble;
use reference::worlds::{Choices, world};
use serde_json::Value;

fn number_from(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{variable}: `{text}` is no number")),
        Err(_) => default,
    }
}

/// The objects that can be read; how many that are.
fn snapshot(objects: &[Value]) -> (Snapshot, usize) {
    let mut builder = Snapshot::builder();
    let readable = objects
        .iter()
        .filter_map(|object| Object::from_value(object.clone()).ok());
    let count = readable.map(|object| builder.put(object)).count();
    (builder.build(), count)
}

fn statuses(resolution: &Resolution) -> Vec<Value> {
    let now = Timestamp::from_seconds(1_000);
    resolution
        .statuses
        .iter()
        .map(|entry| entry.merged(&now))
        .collect()
}

/// Whatever the objects hold, they resolve, twice the same; the plan compiles, every Route can be explained.
fn resolve_anything(snapshot: &Snapshot, release: Release) {
    for channel in Channel::ALL {
        let named = Controller::named(CONTROLLER);
        for controller in [named, Controller::default()] {
            let controller = controller.with_bundle(Bundle::new(release, channel));
            let first = resolve(snapshot, &controller);
            let second = resolve(snapshot, &controller);
            assert_eq!(first.plan, second.plan);
            assert_eq!(statuses(&first), statuses(&second));
            let _ = Router::compile(&first.plan);
            for object in snapshot.objects() {
                let key = object.key();
                let namespace = key.namespace.unwrap_or_default();
                for kind in [RouteKind::Http, RouteKind::Tls] {
                    let _ = first.trace.explain(kind, &namespace, &key.name);
                }
            }
        }
    }
}

/// GW-LSTN-01, VER-09: odd words, numbers, lengths and types, absent fields and repeated entries.
#[test]
fn nothing_panics() {
    let seed = number_from("GATEWRIGHT_SEED", 1);
    let (mut all, mut read) = (0, 0);
    for number in 0..number_from("GATEWRIGHT_WORLDS", 400) {
        let release = Release::ALL[(number % 3) as usize];
        let mode = Mode {
            kinds_exclude: release < Release::V1_6,
            set: match release {
                Release::V1_4 => ("gateway.networking.x-k8s.io", "XListenerSet"),
                _ => ("gateway.networking.k8s.io", "ListenerSet"),
            },
        };
        let mut choices = Choices::new(seed.wrapping_add(number));
        let mut objects = world(&mut choices, mode);
        for _ in 0..2 {
            scramble(&mut objects, &mut choices);
            let (snapshot, readable) = snapshot(&objects);
            (all, read) = (all + objects.len(), read + readable);
            resolve_anything(&snapshot, release);
        }
    }
    // Most of what is scrambled must still get as far as the resolver.
    assert!(read * 10 > all * 9, "{read} of {all} objects can be read");
}
