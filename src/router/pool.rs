//! Listeners that share a port and a protocol, and the choice among them.

use std::sync::Arc;

use super::BadRequest;
use super::bytes::{Seed, places};
use super::host::Host;
use super::lists::Table;
use super::table::Tables;
use crate::plan::{ListenerHead, Protocol};
use crate::vocab::Hostname;

/// A listener with what it serves.
#[derive(Clone, Debug)]
pub(super) struct Served {
    pub(super) head: Arc<ListenerHead>,
    pub(super) tables: Tables,
    /// Places of `tables.streams` by server name.
    pub(super) by_server_name: Names,
}

impl Served {
    pub(super) fn new(head: Arc<ListenerHead>, tables: Tables, seed: Seed) -> Self {
        let mut named = Vec::new();
        for (place, route) in tables.streams.iter().enumerate() {
            match head.protocol {
                Protocol::Tls(_) if !route.hostnames.is_empty() => {
                    named.extend(
                        route
                            .hostnames
                            .iter()
                            .map(|name| (Some(name), place as u32)),
                    );
                }
                _ => named.push((None, place as u32)),
            }
        }
        let by_server_name = Names::build(named.into_iter(), seed);
        Served {
            head,
            tables,
            by_server_name,
        }
    }
}

/// Everything behind one port of a Gateway (LISTEN-SEL-01).
#[derive(Clone, Debug, Default)]
pub(super) struct Port {
    pub(super) number: u16,
    /// In the order of the plan.
    pub(super) listeners: Vec<Arc<Served>>,
    /// Places of cleartext listeners.
    http: Option<Names>,
    /// Places of HTTPS listeners, by host.
    https: Option<Names>,
    /// Places of HTTPS and TLS listeners, which are chosen together by server name (LISTEN-SEL-12).
    secure: Option<Names>,
    tcp: Option<u32>,
    udp: Option<u32>,
}

/// Some of the listeners of a port, by name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pool<'p> {
    names: &'p Names,
    listeners: &'p [Arc<Served>],
}

impl<'p> Pool<'p> {
    /// The one listener that takes every host, if there is no other.
    #[inline(always)]
    pub(super) fn only(self) -> Option<&'p Arc<Served>> {
        match self.names.only_any {
            true => self.listeners.get(self.names.any? as usize),
            false => None,
        }
    }

    /// The listener with the most specific hostname that covers a host (LISTEN-SEL-03).
    #[inline(always)]
    pub(super) fn choose(self, host: &mut Host<'_>) -> Result<Option<&'p Arc<Served>>, BadRequest> {
        let place = match self.names.only_any {
            true => self.names.any,
            false => self.names.find(host)?,
        };
        Ok(place.and_then(|place| self.listeners.get(place as usize)))
    }
}

impl Port {
    pub(super) fn new(number: u16, listeners: Vec<Arc<Served>>, seed: Seed) -> Self {
        let is_https = |served: &Served| served.head.protocol == Protocol::Https;
        let is_secure =
            |served: &Served| matches!(served.head.protocol, Protocol::Https | Protocol::Tls(_));
        // Equal hostnames in both protocols cannot be told apart.
        let is_ambiguous = |served: &Served| {
            listeners.iter().any(|other| {
                is_secure(other)
                    && is_https(other) != is_https(served)
                    && other.head.hostname == served.head.hostname
            })
        };
        let names = |is_wanted: &dyn Fn(&Served) -> bool| {
            let wanted = listeners
                .iter()
                .enumerate()
                .filter(|(_, served)| is_wanted(served));
            let named = wanted.map(|(place, served)| (served.head.hostname.as_ref(), place as u32));
            let mut named = named.peekable();
            named.peek()?;
            Some(Names::build(named, seed))
        };
        let first = |protocol: Protocol| {
            let place = listeners
                .iter()
                .position(|served| served.head.protocol == protocol);
            place.map(|place| place as u32)
        };
        let has_both = listeners.iter().any(|own| is_https(own))
            && listeners.iter().any(|own| is_secure(own) && !is_https(own));
        let has_secure = listeners.iter().any(|own| is_secure(own));
        Port {
            number,
            http: names(&|own| own.head.protocol == Protocol::Http),
            https: names(&is_https),
            secure: names(&|own| is_secure(own) && !(has_both && is_ambiguous(own)))
                .or(has_secure.then(Names::default)),
            tcp: first(Protocol::Tcp),
            udp: first(Protocol::Udp),
            listeners,
        }
    }

    pub(super) fn http(&self) -> Option<Pool<'_>> {
        self.pool(self.http.as_ref())
    }

    pub(super) fn https(&self) -> Option<Pool<'_>> {
        self.pool(self.https.as_ref())
    }

    pub(super) fn secure(&self) -> Option<Pool<'_>> {
        self.pool(self.secure.as_ref())
    }

    pub(super) fn tcp(&self) -> Option<&Arc<Served>> {
        self.listeners.get(self.tcp? as usize)
    }

    pub(super) fn udp(&self) -> Option<&Arc<Served>> {
        self.listeners.get(self.udp? as usize)
    }

    fn pool<'p>(&'p self, names: Option<&'p Names>) -> Option<Pool<'p>> {
        Some(Pool {
            names: names?,
            listeners: &self.listeners,
        })
    }

    /// Whether nothing of TCP listens here.
    pub(super) fn has_no_stream(&self) -> bool {
        self.http.is_none() && self.secure.is_none() && self.tcp.is_none()
    }
}

/// Numbers by hostname: the most specific hostname that covers a host decides.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    table: Table,
    entries: Box<[(Box<[u8]>, u32)]>,
    /// Bit n: some wildcard's suffix has n dots (63: or more).
    wildcard_dots: u64,
    any: Option<u32>,
    /// Nothing has a hostname, so that no host need be looked at.
    only_any: bool,
}

impl Names {
    /// Of equal names the first counts.
    fn build<'n>(named: impl Iterator<Item = (Option<&'n Hostname>, u32)>, seed: Seed) -> Self {
        let mut names = Names::default();
        let mut entries: Vec<(Box<[u8]>, u32)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for (hostname, number) in named {
            let Some(hostname) = hostname else {
                names.any.get_or_insert(number);
                continue;
            };
            let key = hostname.suffix().unwrap_or(hostname.as_str()).as_bytes();
            if hostname.is_wildcard() {
                let dots = key.iter().filter(|b| **b == b'.').count();
                names.wildcard_dots |= 1 << dots.min(63);
            }
            if seen.insert(key) {
                entries.push((key.into(), number));
            }
        }
        names.table = Table::with_room(entries.len());
        for (place, (key, _)) in entries.iter().enumerate() {
            names.table.insert(seed.hash_any_case(key), place as u32);
        }
        names.only_any = entries.is_empty();
        names.entries = entries.into_boxed_slice();
        names
    }

    /// The number of the most specific hostname; the host is checked when no exact one equals it.
    #[inline(never)]
    pub(super) fn find(&self, host: &mut Host<'_>) -> Result<Option<u32>, BadRequest> {
        if let found @ Some(_) = self.exact(host) {
            return Ok(found);
        }
        if host.check()?
            && let found @ Some(_) = self.exact(host)
        {
            return Ok(found);
        }
        Ok(self.wildcard(host).or(self.any))
    }

    fn exact(&self, host: &Host<'_>) -> Option<u32> {
        self.get(host.name()?, host.hash())
    }

    fn wildcard(&self, host: &Host<'_>) -> Option<u32> {
        let name = host.name()?;
        if self.wildcard_dots == 0 {
            return None;
        }
        let mut dots = [0; 512];
        let count = places(name, b'.', &mut dots);
        dots.iter()
            .take(count)
            .enumerate()
            .find_map(|(place, dot)| {
                let bit = 1 << (count - place).min(63);
                if self.wildcard_dots & bit == 0 || *dot == 0 {
                    return None;
                }
                let suffix = name.get(usize::from(*dot)..)?;
                self.get(suffix, host.seed().hash_any_case(suffix))
            })
    }

    fn get(&self, name: &[u8], hash: u64) -> Option<u32> {
        let entry = |place: u32| self.entries.get(place as usize);
        let is_right =
            |place: u32| entry(place).is_some_and(|(own, _)| own.eq_ignore_ascii_case(name));
        entry(self.table.find(hash, is_right)?).map(|(_, number)| *number)
    }
}
