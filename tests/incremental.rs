//! A resolution that follows its snapshot equals one from scratch, whatever changes.
//!
//! Everyday runs make some thousand changes; `GATEWRIGHT_WORLDS` asks for another number of worlds, with ten times one to four
//! changes each, `GATEWRIGHT_SEED` for another beginning.

#![cfg(feature = "resolve")]

#[path = "reference/asked.rs"]
mod asked;
#[path = "reference/matching.rs"]
mod matching;

mod reference {
    #[expect(dead_code, reason = "only names and modes are used here")]
    pub mod attachment;
    pub mod changes;
    pub mod scrambled;
    pub mod worlds;
}

use std::collections::BTreeMap;

use gatewright::api::{Key, Object};
use gatewright::plan::{Plan, PlanChange, Protocol};
use gatewright::resolve::{
    Change, Changes, Controller, Incremental, Resolution, RouteTrace, StatusEntry, resolve,
};
use gatewright::router::{
    Connection, ConnectionProtocol, Headers, RequestHead, Router, Target, Version,
};
use gatewright::snapshot::Snapshot;
use gatewright::vocab::{Bundle, Channel, Release};
use reference::attachment::{CONTROLLER, Mode};
use reference::changes::{changes, wide_world};
use reference::worlds::Choices;

fn number_from(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{variable}: `{text}` is no number")),
        Err(_) => default,
    }
}

fn mode_of(release: Release) -> Mode {
    Mode {
        kinds_exclude: release < Release::V1_6,
        set: match release {
            Release::V1_4 => ("gateway.networking.x-k8s.io", "XListenerSet"),
            _ => ("gateway.networking.k8s.io", "ListenerSet"),
        },
    }
}

fn controller(choices: &mut Choices, release: Release) -> Controller {
    let channel = match choices.below(5) {
        0 => Channel::Standard,
        _ => Channel::Experimental,
    };
    let controller = match choices.below(4) {
        0 => Controller::default(),
        _ => Controller::named(CONTROLLER),
    };
    controller
        .with_bundle(Bundle::new(release, channel))
        .with_parameters("example.com", "Thing")
        .with_extension("example.com", "Thing")
        .with_mesh("mesh")
        .with_refused_defaults_shown(choices.once_in(2))
}

/// The status of every object that has one.
fn statuses(resolution: &Resolution) -> BTreeMap<Key, StatusEntry> {
    let entries = resolution.statuses.iter();
    entries
        .map(|entry| (entry.object().key(), entry.clone()))
        .collect()
}

fn assert_equal(found: &Resolution, expected: &Resolution) {
    assert_eq!(found.plan, expected.plan);
    for (found, expected) in found.statuses.iter().zip(expected.statuses.iter()) {
        assert_eq!(
            found.status(),
            expected.status(),
            "{}",
            found.object().key()
        );
        assert_eq!(found.object(), expected.object());
    }
    assert_eq!(found.statuses.len(), expected.statuses.len());
    let traces = |of: &Resolution| -> Vec<RouteTrace> { of.trace.routes().collect() };
    assert_eq!(traces(found), traces(expected));
    assert_eq!(found.mesh, expected.mesh);
}

/// What is told is exactly what differs.
fn assert_told(changes: &Changes, before: &Resolution, after: &Resolution) {
    let (old, new) = (statuses(before), statuses(after));
    let differing = new
        .iter()
        .filter(|(key, entry)| old.get(key) != Some(entry));
    let mut expected: Vec<&Key> = differing.map(|(key, _)| key).collect();
    let mut found: Vec<Key> = changes
        .statuses
        .iter()
        .map(|entry| entry.object().key())
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found.iter().collect::<Vec<_>>(), expected);
    for entry in &changes.statuses {
        assert_eq!(new.get(&entry.object().key()), Some(entry));
    }
    let mut removed = changes.removed.clone();
    removed.sort();
    let gone: Vec<Key> = old
        .into_keys()
        .filter(|key| !new.contains_key(key))
        .collect();
    assert_eq!(removed, gone);
    assert_eq!(changes.plan.is_empty(), before.plan == after.plan);
    match &changes.plan {
        PlanChange::Shape { before: old } => assert_eq!(**old, before.plan),
        PlanChange::Routes(routes) => {
            let mut plan = before.plan.clone();
            for change in routes {
                let gateways = plan.gateways.iter_mut();
                let mut listeners = gateways.flat_map(|gateway| &mut gateway.listeners);
                let listener = listeners
                    .find(|own| own.head == change.listener)
                    .expect("listeners stay");
                let one = change.after.as_ref().or(change.before.as_ref());
                let one = &one.expect("before or after").route;
                let found = match &change.after {
                    Some(after) => listener.routes.put(after.clone()),
                    None => listener.routes.remove(one.kind, &one.name),
                };
                assert_eq!(found, change.before);
            }
            assert_eq!(plan, after.plan);
        }
    }
}

const HOSTS: [&str; 6] = [
    "shop.test",
    "a.shop.test",
    "b.a.shop.test",
    "x.test",
    "a.example",
    "other.example",
];

/// Both routers decide the same for every listener and every frontend.
fn assert_alike(found: &Router, expected: &Router, plan: &Plan) {
    let ask = |connection: Connection<'_>, host: &str| {
        for (method, content) in [("GET", "text/plain"), ("POST", "application/grpc")] {
            let lines: [(&str, &[u8]); 1] = [("content-type", content.as_bytes())];
            let head = RequestHead {
                version: Version::Http2,
                method,
                host: Some(host.as_bytes()),
                path: b"/a.B/c",
                query: None,
                headers: Headers::Lines(&lines),
            };
            let decisions =
                [found, expected].map(|router| asked::decide(router, &connection, Some(&head)));
            assert_eq!(decisions[0], decisions[1], "{connection:?} {host}");
        }
    };
    for gateway in &plan.gateways {
        for listener in &gateway.listeners {
            let protocol = match listener.head.protocol {
                Protocol::Http => ConnectionProtocol::Http,
                Protocol::Https => ConnectionProtocol::Https,
                Protocol::Tls(_) => ConnectionProtocol::Tls,
                Protocol::Tcp => ConnectionProtocol::Tcp,
                Protocol::Udp => ConnectionProtocol::Udp,
            };
            for host in HOSTS {
                let target = Target::Gateway {
                    namespace: &gateway.name.namespace,
                    name: &gateway.name.name,
                };
                let is_tls = matches!(
                    protocol,
                    ConnectionProtocol::Https | ConnectionProtocol::Tls
                );
                let connection = Connection {
                    target,
                    port: listener.head.port,
                    protocol,
                    sni: is_tls.then_some(host.as_bytes()),
                };
                ask(connection, host);
            }
        }
    }
    for frontend in &plan.frontends {
        let consumers = frontend.consumers.iter().map(|(namespace, _)| &**namespace);
        for client_namespace in consumers.chain(["elsewhere"]) {
            for protocol in [ConnectionProtocol::Http, ConnectionProtocol::Tcp] {
                let target = Target::Service {
                    namespace: &frontend.service.namespace,
                    name: &frontend.service.name,
                    client_namespace,
                };
                let connection = Connection {
                    target,
                    port: frontend.port,
                    protocol,
                    sni: None,
                };
                ask(connection, "shop.test");
            }
        }
    }
}

/// How often something happened: changes that never get there prove nothing.
#[derive(Debug, Default)]
struct Tally {
    changes: u64,
    same: u64,
    routes: u64,
    shapes: u64,
    statuses: u64,
    removed: u64,
}

impl Tally {
    fn add(&mut self, count: usize, changes: &Changes) {
        self.changes += count as u64;
        self.same += u64::from(changes.is_empty());
        self.statuses += changes.statuses.len() as u64;
        self.removed += changes.removed.len() as u64;
        match &changes.plan {
            PlanChange::Routes(routes) => self.routes += u64::from(!routes.is_empty()),
            PlanChange::Shape { .. } => self.shapes += 1,
        }
    }

    fn assert_wide(&self) {
        for (what, count) in [
            ("same", self.same),
            ("routes", self.routes),
            ("shapes", self.shapes),
            ("statuses", self.statuses),
            ("removed", self.removed),
        ] {
            assert!(count * 50 > self.changes, "{what}: {self:?}");
        }
    }
}

/// GW-COUNT-01..09, BTLS-19..21, MESH-06/07, RT-XTYPE-01..07, RT-STAT-05, GW-CLASS-14 and all else that follows from several
/// objects at once: after any changes, step by step and from scratch say the same of everything.
#[test]
fn following_equals_resolving_anew() {
    let first = number_from("GATEWRIGHT_SEED", 0);
    let mut tally = Tally::default();
    for seed in first..first + number_from("GATEWRIGHT_WORLDS", 200) {
        let mut choices = Choices::new(seed);
        let release = *choices.one(&Release::ALL);
        let mode = mode_of(release);
        let mut builder = Snapshot::builder();
        for object in wide_world(&mut choices, mode) {
            let read = Object::from_value(object.clone());
            builder.put(read.unwrap_or_else(|why| panic!("{why}: {object}")));
        }
        let snapshot = builder.build();
        let controller = controller(&mut choices, release);
        let mut resolver = Incremental::new(snapshot, controller.clone());
        let mut router = Router::compile(&resolver.resolution().plan);
        for step in 0..10 {
            let before = resolver.resolution().clone();
            let batch = changes(&mut choices, mode, resolver.snapshot(), &before);
            let told = resolver.apply(batch.iter().cloned());
            let expected = resolve(resolver.snapshot(), &controller);
            let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let found = resolver.resolution();
                assert_equal(found, &expected);
                assert_told(&told, &before, found);
                router = router.follow(&told.plan, &found.plan);
                assert_alike(&router, &Router::compile(&found.plan), &found.plan);
            }));
            if checked.is_err() {
                panic!("seed {seed}, step {step}, {release}\n{}", describe(&batch));
            }
            tally.add(batch.len(), &told);
        }
    }
    println!("{tally:?}");
    tally.assert_wide();
}

fn describe(batch: &[Change]) -> String {
    let lines = batch.iter().map(|change| match change {
        Change::Put(object) => format!("put {}", object.to_value()),
        Change::Remove(key) => format!("remove {key}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}
