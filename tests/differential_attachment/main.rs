//! The resolver held against a slow attacher that was written from the requirements alone.
//!
//! 2,000 random worlds in everyday runs; `GATEWRIGHT_WORLDS` asks for another number, `GATEWRIGHT_SEED` for another
//! beginning. Worlds are nearly consistent: few names, overlapping hosts, selectors that nearly match.

#![cfg(feature = "resolve")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may panic"
)]

#[path = "../reference/attachment.rs"]
mod attachment;
mod properties;
#[path = "../reference/worlds.rs"]
mod worlds;

use std::collections::{BTreeMap, BTreeSet};

use attachment::{Answer, CONTROLLER, Entry, ListenerKey, Mode, RouteKey, attach};
use gatewright::api::{Object, Timestamp};
use gatewright::plan::{ListenerHead, Protocol, RouteKind};
use gatewright::resolve::{Controller, Resolution, resolve};
use gatewright::snapshot::Snapshot;
use gatewright::vocab::{Bundle, Channel, Hostname, Release};
use serde_json::Value;
use worlds::{Choices, world};

fn mode_of(release: Release) -> Mode {
    Mode {
        kinds_exclude: release < Release::V1_6,
        set: match release {
            Release::V1_4 => ("gateway.networking.x-k8s.io", "XListenerSet"),
            _ => ("gateway.networking.k8s.io", "ListenerSet"),
        },
    }
}

fn number_from(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{variable}: `{text}` is no number")),
        Err(_) => default,
    }
}

fn resolve_world(objects: &[Value], release: Release) -> Resolution {
    let mut builder = Snapshot::builder();
    for object in objects {
        let object = Object::from_value(object.clone()).expect("worlds are well-formed");
        builder.put(object);
    }
    let bundle = Bundle::new(release, Channel::Experimental);
    let controller = Controller::named(CONTROLLER).with_bundle(bundle);
    resolve(&builder.build(), &controller)
}

/// The status of every object with one, as it would be written.
fn statuses(resolution: &Resolution) -> BTreeMap<(String, String, String), Value> {
    let now = Timestamp::from_seconds(0);
    let entries = resolution.statuses.iter().map(|entry| {
        let object = entry.object();
        let key = object.key();
        let key = (key.kind, key.namespace.unwrap_or_default(), key.name);
        (key, entry.merged(&now))
    });
    entries.collect()
}

/// What the resolver says, in the words of the attacher.
fn answer_of(objects: &[Value], resolution: &Resolution, mode: Mode) -> Answer {
    let statuses = statuses(resolution);
    let mut answer = Answer::default();
    for object in objects {
        let kind = object["kind"].as_str().unwrap_or_default();
        let meta = |field: &str| {
            object["metadata"][field]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        let key = (kind.to_owned(), meta("namespace"), meta("name"));
        let status = statuses.get(&key).unwrap_or(&Value::Null);
        if kind.ends_with("Route") {
            let parents = status["parents"].as_array().map_or(&[][..], Vec::as_slice);
            let entries: Vec<Entry> = parents.iter().map(|p| entry_of(p, &key.1)).collect();
            answer.entries.insert(key, entries);
        } else if kind == "Gateway" || kind == mode.set.1 {
            let listeners = status["listeners"]
                .as_array()
                .map_or(&[][..], Vec::as_slice);
            for listener in listeners {
                let name = listener["name"].as_str().unwrap_or_default().to_owned();
                let count = listener["attachedRoutes"].as_u64().expect("always written");
                let key = (key.0.clone(), key.1.clone(), key.2.clone(), name);
                answer.counts.insert(key, u32::try_from(count).unwrap());
            }
        }
    }
    answer.served = served_by(resolution, mode);
    answer
}

fn entry_of(parent: &Value, own_namespace: &str) -> Entry {
    let reference = &parent["parentRef"];
    let text = |field: &str| reference[field].as_str().unwrap_or_default().to_owned();
    let conditions = parent["conditions"].as_array().expect("conditions");
    let condition = |wanted: &str| {
        let found = conditions.iter().find(|c| c["type"] == wanted)?;
        let status = found["status"] == "True";
        Some((
            status,
            found["reason"].as_str().unwrap_or_default().to_owned(),
        ))
    };
    let namespace = match text("namespace") {
        empty if empty.is_empty() => own_namespace.to_owned(),
        namespace => namespace,
    };
    assert_eq!(parent["controllerName"], CONTROLLER);
    assert!(reference["group"].is_string() && reference["kind"].is_string());
    Entry {
        parent: (text("kind"), namespace, text("name")),
        section: reference["sectionName"].as_str().map(str::to_owned),
        port: reference["port"].as_u64(),
        accepted: condition("Accepted").expect("always there"),
        resolved: condition("ResolvedRefs").expect("always there"),
        partially_invalid: condition("PartiallyInvalid").is_some(),
    }
}

/// The listeners of the plan.
fn programmed(resolution: &Resolution, mode: Mode) -> BTreeSet<ListenerKey> {
    let listeners = resolution
        .plan
        .gateways
        .iter()
        .flat_map(|gateway| &gateway.listeners);
    listeners
        .map(|listener| listener_key(&listener.head, mode))
        .collect()
}

fn listener_key(head: &ListenerHead, mode: Mode) -> ListenerKey {
    let (kind, holder) = match &head.set {
        Some(set) => (mode.set.1, set),
        None => ("Gateway", &head.gateway),
    };
    (
        kind.to_owned(),
        holder.namespace.to_string(),
        holder.name.to_string(),
        head.name.to_string(),
    )
}

/// The hosts of every attachment in the plan, as intersections.
fn served_by(
    resolution: &Resolution,
    mode: Mode,
) -> BTreeMap<(ListenerKey, RouteKey), BTreeSet<String>> {
    let mut served = BTreeMap::new();
    for gateway in &resolution.plan.gateways {
        for listener in &gateway.listeners {
            let head = &listener.head;
            let key = listener_key(head, mode);
            for attachment in &listener.routes {
                let route = &attachment.route;
                let route_key = (
                    route.kind.to_string(),
                    route.name.namespace.to_string(),
                    route.name.name.to_string(),
                );
                let hosts: BTreeSet<String> = match (&head.hostname, &*attachment.hostnames) {
                    _ if matches!(route.kind, RouteKind::Tcp | RouteKind::Udp) => BTreeSet::new(),
                    (None, names) => names.iter().map(ToString::to_string).collect(),
                    (Some(own), []) => BTreeSet::from([own.to_string()]),
                    (Some(own), names) => names
                        .iter()
                        .filter_map(|name| own.intersect(name))
                        .map(Hostname::to_string)
                        .collect(),
                };
                assert!(head.protocol != Protocol::Udp || route.kind == RouteKind::Udp);
                let before = served.insert((key.clone(), route_key), hosts);
                assert!(before.is_none(), "a Route is attached once");
            }
        }
    }
    served
}

/// How often something happened over all worlds: a generator that never gets there proves nothing.
#[derive(Debug, Default)]
struct Tally {
    by_reason: BTreeMap<String, u32>,
    attached: u32,
    partially_invalid: u32,
}

impl Tally {
    fn add(&mut self, answer: &Answer) {
        for entry in answer.entries.values().flatten() {
            for (_, reason) in [&entry.accepted, &entry.resolved] {
                *self.by_reason.entry(reason.clone()).or_default() += 1;
            }
            self.partially_invalid += u32::from(entry.partially_invalid);
        }
        self.attached += answer.counts.values().sum::<u32>();
    }

    fn assert_wide(&self, worlds: u64) {
        for reason in [
            "Accepted",
            "NoMatchingParent",
            "NotAllowedByListeners",
            "NoMatchingListenerHostname",
            "UnsupportedValue",
            "IncompatibleFilters",
            "Conflicted",
            "ResolvedRefs",
            "RefNotPermitted",
            "InvalidKind",
            "BackendNotFound",
            "UnsupportedProtocol",
        ] {
            let count = self.by_reason.get(reason).copied().unwrap_or_default();
            assert!(
                u64::from(count) * 200 > worlds,
                "{reason} occurs {count} times only"
            );
        }
        assert!(u64::from(self.attached) * 2 > worlds, "{self:?}");
        assert!(u64::from(self.partially_invalid) * 50 > worlds, "{self:?}");
    }
}

/// RT-ATT-01..07, RT-PREF-01..09, RT-HOST-01..08, RT-COND-01..12, RT-STAT-01/02, RT-XTYPE-01..07, GW-COUNT-02..08, GW-DEF-01..14,
/// GW-NS-01..05, GW-LSET-30..35, RG-01..04, BE-01..08, MESH-01..10.
#[test]
fn resolver_and_slow_attacher_agree_on_random_worlds() {
    let worlds = number_from("GATEWRIGHT_WORLDS", 2_000);
    let first = number_from("GATEWRIGHT_SEED", 0);
    let mut tally = Tally::default();
    for seed in first..first + worlds {
        let mut choices = Choices::new(seed);
        let release = *choices.one(&Release::ALL);
        let mode = mode_of(release);
        let objects = world(&mut choices, mode);
        let expected = attach(&objects, mode);
        let resolution = resolve_world(&objects, release);
        let found = answer_of(&objects, &resolution, mode);
        let describe = || {
            let objects: Vec<String> = objects.iter().map(Value::to_string).collect();
            format!("seed {seed}, {release}\n{}", objects.join("\n"))
        };
        for (route, entries) in &expected.entries {
            assert_eq!(
                found.entries.get(route),
                Some(entries),
                "{route:?}, {}",
                describe()
            );
        }
        assert_eq!(found.counts, expected.counts, "{}", describe());
        let programmed = programmed(&resolution, mode);
        let mut wanted = expected.served.clone();
        wanted.retain(|(listener, _), _| programmed.contains(listener));
        assert_eq!(found.served, wanted, "{}", describe());
        tally.add(&expected);
    }
    tally.assert_wide(worlds);
}
