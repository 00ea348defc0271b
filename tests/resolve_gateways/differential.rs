//! Conflicts and what follows from them, held against a slow account that compares every pair of listeners.
//!
//! Written from GW-CONFLICT, GW-LSET-05..16 and GW-COND-02/05/07/09 alone: it shares no code with the resolver. 2,000 random
//! Gateways with sets in everyday runs; `GATEWRIGHT_WORLDS` asks for another number.

use gatewright::resolve::Features;
use serde_json::{Value, json};

use crate::told::*;
use crate::world::*;

/// A reproducible source of choices (splitmix).
struct Choices(u64);

impl Choices {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn one<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Speaks {
    Http,
    Https,
    TlsEnds,
    TlsPasses,
    Tcp,
    Udp,
    Odd,
}

#[derive(Clone, Debug)]
struct Listener {
    name: String,
    port: u16,
    speaks: Speaks,
    host: &'static str,
    has_certificate: bool,
}

#[derive(Clone, Debug)]
struct Resource {
    /// `ListenerSet namespace/name`, or the Gateway.
    key: String,
    created: Option<u64>,
    is_allowed: bool,
    listeners: Vec<Listener>,
}

#[derive(Clone, Copy, Debug)]
struct Switches {
    tcp: bool,
    mixed: bool,
}

fn random_listener(choices: &mut Choices, name: String) -> Listener {
    use Speaks::{Http, Https, Odd, Tcp, TlsEnds, TlsPasses, Udp};
    Listener {
        name,
        port: choices.one(&[80, 80, 81]),
        speaks: choices.one(&[
            Http, Http, Http, Https, Https, TlsEnds, TlsPasses, Tcp, Udp, Odd,
        ]),
        host: choices.one(&["", "a.test", "*.test", "b.test", "*.a.test"]),
        has_certificate: choices.below(4) > 0,
    }
}

fn random_resources(choices: &mut Choices) -> Vec<Resource> {
    let listeners = |choices: &mut Choices, most: u64| -> Vec<Listener> {
        let count = 1 + choices.below(most);
        (0..count)
            .map(|i| random_listener(choices, format!("l{i}")))
            .collect()
    };
    let mut resources = vec![Resource {
        key: "Gateway infra/edge".to_owned(),
        created: None,
        is_allowed: true,
        listeners: listeners(choices, 4),
    }];
    for name in ["a/x", "a-b/x", "a/y", "closed/x"] {
        if choices.below(3) > 0 {
            resources.push(Resource {
                key: format!("ListenerSet {name}"),
                created: choices.one(&[None, Some(1), Some(1), Some(2)]),
                is_allowed: !name.starts_with("closed"),
                listeners: listeners(choices, 3),
            });
        }
    }
    resources
}

fn as_object(listener: &Listener) -> Value {
    let protocol = match listener.speaks {
        Speaks::Http => "HTTP",
        Speaks::Https => "HTTPS",
        Speaks::TlsEnds | Speaks::TlsPasses => "TLS",
        Speaks::Tcp => "TCP",
        Speaks::Udp => "UDP",
        Speaks::Odd => "example.net/odd",
    };
    let mut object = json!({"name": listener.name, "port": listener.port, "protocol": protocol});
    if !listener.host.is_empty() && !matches!(listener.speaks, Speaks::Tcp | Speaks::Udp) {
        object["hostname"] = json!(listener.host);
    }
    let secret = if listener.has_certificate {
        "cert"
    } else {
        "missing"
    };
    match listener.speaks {
        Speaks::Https => object["tls"] = json!({"certificateRefs": [{"name": secret}]}),
        Speaks::TlsEnds => {
            object["tls"] = json!({"mode": "Terminate", "certificateRefs": [{"name": secret}]});
        }
        Speaks::TlsPasses => object["tls"] = json!({"mode": "Passthrough"}),
        _ => {}
    }
    object
}

fn as_world(resources: &[Resource], switches: Switches) -> World {
    let mut features = Features::default();
    for (feature, is_on) in [
        ("TCPRoute", switches.tcp),
        ("TLSRouteModeMixed", switches.mixed),
    ] {
        if !is_on {
            features = features.without(feature).expect("known");
        }
    }
    let selector = json!({"spec": {"allowedListeners": {"namespaces": {"from": "Selector",
        "selector": {"matchLabels": {"open": "yes"}}}}}});
    let mut world = world()
        .controller(|controller| controller.with_features(features))
        .with(namespace("a", json!({"open": "yes"})))
        .with(namespace("a-b", json!({"open": "yes"})));
    for namespace in ["infra", "a", "a-b", "closed"] {
        world = world.with(secret(&format!("{namespace}/cert")));
    }
    for resource in resources {
        let listeners: Vec<Value> = resource.listeners.iter().map(as_object).collect();
        let object = match resource.key.strip_prefix("ListenerSet ") {
            Some(name) => set(name, json!(listeners)),
            None => edit(gateway("infra/edge", json!(listeners)), selector.clone()),
        };
        let object = match resource.created {
            Some(second) => aged(second as u32, object),
            None => object,
        };
        world = world.with(object);
    }
    world
}

/// How two listeners clash: not at all, by hostname, by TLS mode, or by protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Clash {
    Hostname,
    Mode,
    Protocol,
}

fn clash(one: &Listener, other: &Listener, switches: Switches) -> Option<Clash> {
    use Speaks::{Http, Tcp, TlsEnds, TlsPasses, Udp};
    if one.port != other.port {
        return None;
    }
    match (one.speaks, other.speaks) {
        (Udp, Udp) => Some(Clash::Protocol),
        (Udp, _) | (_, Udp) => None,
        (Tcp, _) | (_, Tcp) => Some(Clash::Protocol),
        (Http, Http) => (one.host == other.host).then_some(Clash::Hostname),
        (Http, _) | (_, Http) => Some(Clash::Protocol),
        (TlsEnds, TlsPasses) | (TlsPasses, TlsEnds) if !switches.mixed => Some(Clash::Mode),
        _ => (one.host == other.host).then_some(Clash::Hostname),
    }
}

/// What is expected of one listener: the clash, and the reason of `Accepted`.
#[derive(Debug)]
struct Expected {
    clash: Option<Clash>,
    accepted: &'static str,
}

fn expect(resources: &[Resource], switches: Switches) -> Vec<Vec<Expected>> {
    let mut order: Vec<usize> = (1..resources.len()).collect();
    order.sort_by_key(|i| {
        let resource = &resources[*i];
        (
            resource.created.is_none(),
            resource.created,
            resource.key.clone(),
        )
    });
    order.insert(0, 0);
    let takes_part = |listener: &Listener| {
        listener.speaks != Speaks::Odd && (listener.speaks != Speaks::Tcp || switches.tcp)
    };
    let mut found: Vec<Vec<Expected>> = resources.iter().map(|_| Vec::new()).collect();
    let mut blocking: Vec<&Listener> = Vec::new();
    for index in order {
        let resource = &resources[index];
        if !resource.is_allowed {
            continue;
        }
        let worst = |listener: &Listener, others: &[&Listener]| {
            let clashes = others
                .iter()
                .filter_map(|other| clash(listener, other, switches));
            clashes.max()
        };
        let earlier: Vec<Option<Clash>> = resource
            .listeners
            .iter()
            .map(|listener| match listener.speaks {
                Speaks::Odd => None,
                _ => worst(listener, &blocking),
            })
            .collect();
        let left: Vec<usize> = (0..resource.listeners.len())
            .filter(|i| takes_part(&resource.listeners[*i]) && earlier[*i].is_none())
            .collect();
        for (i, listener) in resource.listeners.iter().enumerate() {
            let siblings: Vec<&Listener> = left
                .iter()
                .filter(|other| **other != i)
                .map(|other| &resource.listeners[*other])
                .collect();
            let among = left
                .contains(&i)
                .then(|| worst(listener, &siblings))
                .flatten();
            let clash = earlier[i].or(among);
            let needs_certificate = matches!(listener.speaks, Speaks::Https | Speaks::TlsEnds);
            let accepted = match clash {
                Some(Clash::Hostname) => "!HostnameConflict",
                Some(Clash::Mode | Clash::Protocol) => "!ProtocolConflict",
                None if !takes_part(listener) => "!UnsupportedProtocol",
                None if needs_certificate && !listener.has_certificate => "!InvalidCertificateRef",
                None => "Accepted",
            };
            found[index].push(Expected { clash, accepted });
        }
        blocking.extend(left.iter().map(|i| &resource.listeners[*i]));
    }
    found
}

/// The reason of `Accepted` of an object from those of its listeners.
fn summary(expected: &[Expected]) -> &'static str {
    let usable = expected
        .iter()
        .filter(|one| one.accepted == "Accepted")
        .count();
    match usable {
        0 => "!ListenersNotValid",
        usable if usable < expected.len() => "ListenersNotValid",
        _ => "Accepted",
    }
}

fn compare(resources: &[Resource], switches: Switches) {
    let outcome = as_world(resources, switches).resolve();
    let expected = expect(resources, switches);
    let mut served = 0;
    for (resource, expected) in resources.iter().zip(&expected) {
        if !resource.is_allowed {
            assert_eq!(
                outcome.told(&resource.key),
                "Accepted=!NotAllowed Programmed=!NotAllowed"
            );
            continue;
        }
        for (listener, expected) in resource.listeners.iter().zip(expected) {
            let told = outcome.told_listener(&resource.key, &listener.name);
            let context = format!("{} {listener:?} {told}", resource.key);
            assert_eq!(reason(&told, "Accepted"), expected.accepted, "{context}");
            let conflicted = match expected.clash {
                None => "",
                Some(Clash::Hostname) => "HostnameConflict",
                Some(Clash::Mode | Clash::Protocol) => "ProtocolConflict",
            };
            assert_eq!(reason(&told, "Conflicted"), conflicted, "{context}");
            let programmed = match expected.accepted {
                "Accepted" => "Programmed",
                clash if expected.clash.is_some() => clash,
                _ => "!Invalid",
            };
            assert_eq!(reason(&told, "Programmed"), programmed, "{context}");
            let no_kinds = expected.clash == Some(Clash::Mode)
                || listener.speaks == Speaks::Odd
                || listener.speaks == Speaks::Tcp && !switches.tcp;
            assert_eq!(
                outcome.kinds(&resource.key, &listener.name).is_empty(),
                no_kinds,
                "{context}"
            );
            served += usize::from(expected.accepted == "Accepted");
        }
        assert_eq!(
            reason(&outcome.told(&resource.key), "Accepted"),
            summary(expected)
        );
        if resource.key.starts_with("ListenerSet") {
            let any = expected.iter().any(|one| one.accepted == "Accepted");
            let programmed = if any {
                "Programmed"
            } else {
                "!ListenersNotValid"
            };
            assert_eq!(
                reason(&outcome.told(&resource.key), "Programmed"),
                programmed
            );
        }
    }
    assert_eq!(outcome.heads().len(), served);
    let programmed = if served > 0 { "Programmed" } else { "!Invalid" };
    let gateway = outcome.told("Gateway infra/edge");
    assert_eq!(reason(&gateway, "Programmed"), programmed);
    let attached = resources.iter().zip(&expected).skip(1);
    let attached = attached
        .filter(|(_, one)| one.iter().any(|e| e.accepted == "Accepted"))
        .count();
    let told = &outcome.status("Gateway infra/edge")["attachedListenerSets"];
    assert_eq!(*told, json!(attached));
}

/// GW-CONFLICT-01..14, GW-CONFLICT-17, GW-LSET-05, GW-LSET-08..16, GW-COND-02, GW-COND-05, GW-COND-07, GW-COND-09: every pair.
#[test]
fn conflicts_agree_with_every_pair() {
    let worlds = std::env::var("GATEWRIGHT_WORLDS").map_or(2_000, |n| n.parse().expect("a number"));
    let mut clashes = 0;
    for seed in 0..worlds {
        let mut choices = Choices(seed);
        let switches = Switches {
            tcp: choices.below(4) > 0,
            mixed: choices.below(3) > 0,
        };
        let resources = random_resources(&mut choices);
        compare(&resources, switches);
        let found = expect(&resources, switches);
        clashes += found
            .iter()
            .flatten()
            .filter(|one| one.clash.is_some())
            .count();
    }
    // Random listeners must meet each other often, or nothing was shown.
    assert!(clashes as u64 > worlds, "{clashes} clashes");
}
