//! What one listener, or one Service port of a mesh, serves: its Routes by host.
//!
//! Hosts lie in small *shards*, each in one piece of memory: a hash table of its hosts, then per host its name and either
//! all its patterns in order of precedence or the place of an index. A change of one host makes one shard anew.

use std::collections::HashMap;
use std::sync::Arc;

use super::BadRequest;
use super::bytes::{equals, places, read_u16, read_u32, read_u64, slice};
use super::conditions::{Request, split_call};
use super::host::Host;
use super::lists::{Answer, LongList};
use super::names::Interner;
use super::options::Options;
use super::paths::{Grouped, PathIndex, judge, write_value};
use super::rank::{Ranked, by_name};
use super::route::RouteEntry;
use crate::plan::{ObjectName, RouteKind};
use crate::vocab::Hostname;

/// The Routes that a shard's answers tell places of.
pub(super) type Routes<'t> = &'t [Arc<RouteEntry>];

/// The Routes of one listener, by kind.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    pub(super) http: HostTable,
    pub(super) grpc: HostTable,
    /// TLSRoutes, TCPRoutes or UDPRoutes, the better one first.
    pub(super) streams: Vec<Arc<RouteEntry>>,
}

impl Tables {
    pub(super) fn build(
        routes: Vec<Arc<RouteEntry>>,
        options: &Options,
        names: &mut Interner,
    ) -> Self {
        let (mut http, mut grpc, mut streams) = (Vec::new(), Vec::new(), Vec::new());
        for route in routes {
            match route.kind {
                RouteKind::Http => http.push(route),
                RouteKind::Grpc => grpc.push(route),
                RouteKind::Tls | RouteKind::Tcp | RouteKind::Udp => streams.push(route),
            }
        }
        let age = |route: &RouteEntry| (route.created.is_none(), route.created);
        streams.sort_by(|a, b| age(a).cmp(&age(b)).then_with(|| by_name(a, b)));
        Tables {
            http: HostTable::build(&http, false, options, names),
            grpc: HostTable::build(&grpc, true, options, names),
            streams,
        }
    }

    /// The kind of the Routes, where there is one only.
    pub(super) fn kind(&self) -> Option<RouteKind> {
        match self.streams.first() {
            Some(own) => Some(own.kind),
            None if !self.grpc.is_empty() => Some(RouteKind::Grpc),
            None if !self.http.is_empty() => Some(RouteKind::Http),
            None => None,
        }
    }

    /// The same with some Routes taken out and others put in.
    pub(super) fn change(
        &self,
        removed: &[Arc<RouteEntry>],
        added: &[Arc<RouteEntry>],
        options: &Options,
        names: &mut Interner,
    ) -> Self {
        let of = |routes: &[Arc<RouteEntry>], kind: RouteKind| -> Vec<Arc<RouteEntry>> {
            routes
                .iter()
                .filter(|route| route.kind == kind)
                .cloned()
                .collect()
        };
        let (http, grpc) = (RouteKind::Http, RouteKind::Grpc);
        let mut tables = Tables {
            http: self
                .http
                .change(&of(removed, http), &of(added, http), options, names),
            grpc: self
                .grpc
                .change(&of(removed, grpc), &of(added, grpc), options, names),
            streams: self.streams.clone(),
        };
        let is_stream =
            |route: &&Arc<RouteEntry>| !matches!(route.kind, RouteKind::Http | RouteKind::Grpc);
        tables.streams.retain(|own| {
            !removed
                .iter()
                .any(|other| other.is_named(own.kind, &own.name))
        });
        tables
            .streams
            .extend(added.iter().filter(is_stream).cloned());
        let age = |route: &RouteEntry| (route.created.is_none(), route.created);
        tables
            .streams
            .sort_by(|a, b| age(a).cmp(&age(b)).then_with(|| by_name(a, b)));
        tables
    }

    /// Whether the Route of this kind and name is here. O(Routes).
    pub(super) fn holds(&self, kind: RouteKind, name: &ObjectName) -> bool {
        let hosted = self.http.routes().into_iter().chain(self.grpc.routes());
        hosted
            .chain(&self.streams)
            .any(|own| own.is_named(kind, name))
    }

    /// The Route of this kind and name that has these hostnames.
    pub(super) fn route(
        &self,
        kind: RouteKind,
        name: &ObjectName,
        hostnames: &[Hostname],
        seed: super::bytes::Seed,
    ) -> Option<Arc<RouteEntry>> {
        let table = match kind {
            RouteKind::Http => &self.http,
            RouteKind::Grpc => &self.grpc,
            _ => {
                return self
                    .streams
                    .iter()
                    .find(|own| own.is_named(kind, name))
                    .cloned();
            }
        };
        let shard = match hostnames.first() {
            None => table.any.as_ref()?,
            Some(hostname) => table.shard(seed.hash_any_case(key(hostname)))?,
        };
        shard
            .extra
            .routes
            .iter()
            .find(|own| own.is_named(kind, name))
            .cloned()
    }
}

/// Candidates by hostname.
#[derive(Clone, Debug)]
pub(super) struct HostTable {
    /// Shards by bits of the hash, in two steps so that a change copies few references.
    groups: Box<[Arc<[Shard]>]>,
    group_bits: u32,
    /// Bit n: some wildcard's suffix has n dots (63: or more).
    wildcard_dots: u64,
    /// One host without name: the Routes without hostnames.
    any: Option<Shard>,
    hosts: usize,
    /// gRPC calls are looked up by their path as received, and only if it has two elements.
    is_grpc: bool,
}

/// Some hosts.
#[derive(Clone, Debug)]
struct Shard {
    /// A hash table (8 each: place of the host and one, half of the hash), then the hosts: length of the name (2), number of
    /// patterns or `INDEXED` (1), pad (1), name; then per pattern: length of the text (2), kind (1), form of the value (1),
    /// place of the text from the host on (2), pad (2); then the texts, each with its value. For an indexed host in place of
    /// the patterns: place of the index (4).
    bytes: Arc<[u8]>,
    /// Slots of the hash table, less one.
    mask: u32,
    extra: Arc<Extra>,
}

/// What the bytes of a shard refer to.
#[derive(Debug, Default)]
pub(super) struct Extra {
    pub(super) routes: Box<[Arc<RouteEntry>]>,
    indexes: Box<[PathIndex]>,
    lists: Box<[LongList]>,
}

/// Patterns up to which a host keeps them all in order.
const INLINE: usize = 12;
/// Number of patterns of a host that has an index instead.
const INDEXED: u8 = u8::MAX;
const HOST_HEADER: usize = 4;
const EXACT: u8 = 0;
const PREFIX: u8 = 1;
/// Hosts of a shard on average, at most.
const SHARD: usize = 16;
/// A host with as many dots as this is looked through with a larger buffer.
const USUAL_DOTS: usize = 16;

/// The candidate that takes a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit<'t> {
    pub(super) answer: Answer,
    pub(super) extra: &'t Extra,
    /// The hostname: a wildcard without its star, empty for none.
    pub(super) name: &'t [u8],
}

impl Hit<'_> {
    /// Whether the Route is of this kind.
    pub(super) fn is_of(&self, kind: RouteKind) -> bool {
        let route = self.extra.routes.get(self.answer.route());
        route.is_some_and(|route| route.kind == kind)
    }
}

/// What names a host in a shard: a wildcard goes by its suffix, which never equals an exact name as it begins with a dot.
fn key(hostname: &Hostname) -> &[u8] {
    hostname.suffix().unwrap_or(hostname.as_str()).as_bytes()
}

fn dots_bit(dots: usize) -> u64 {
    1 << dots.min(63)
}

impl HostTable {
    fn build(
        routes: &[Arc<RouteEntry>],
        is_grpc: bool,
        options: &Options,
        names: &mut Interner,
    ) -> Self {
        let hosts: usize = routes.iter().map(|route| route.hostnames.len()).sum();
        let shard_bits = (hosts / SHARD).next_power_of_two().trailing_zeros().min(20);
        let group_bits = shard_bits / 2;
        let mut table = HostTable {
            groups: Box::default(),
            group_bits,
            wildcard_dots: 0,
            any: None,
            hosts,
            is_grpc,
        };
        if hosts > 0 {
            let seed = names.seed();
            let mut by_shard: Vec<Vec<Named<'_>>> = Vec::new();
            by_shard.resize_with(1 << shard_bits, Vec::new);
            for route in routes {
                for hostname in &route.hostnames {
                    table.see(hostname);
                    let hash = seed.hash_any_case(key(hostname));
                    let place = shard_of(hash, shard_bits);
                    if let Some(shard) = by_shard.get_mut(place) {
                        shard.push(Named {
                            hash,
                            name: key(hostname),
                            route,
                        });
                    }
                }
            }
            let per_group = 1 << (shard_bits - group_bits);
            let group = |shards: &[Vec<Named<'_>>]| -> Arc<[Shard]> {
                shards
                    .iter()
                    .map(|named| Shard::build(named, is_grpc, options, names))
                    .collect()
            };
            table.groups = by_shard.chunks(per_group).map(group).collect();
        }
        let without: Vec<Named<'_>> = routes
            .iter()
            .filter(|route| route.hostnames.is_empty())
            .map(|route| Named {
                hash: 0,
                name: b"",
                route,
            })
            .collect();
        if !without.is_empty() {
            table.any = Some(Shard::build(&without, is_grpc, options, names));
        }
        table
    }

    fn see(&mut self, hostname: &Hostname) {
        if let Some(suffix) = hostname.suffix() {
            self.wildcard_dots |= dots_bit(suffix.bytes().filter(|b| *b == b'.').count());
        }
    }

    /// Whether no Route is here.
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.any.is_none()
    }

    /// Every Route, each once, in no particular order.
    pub(super) fn routes(&self) -> Vec<&Arc<RouteEntry>> {
        let shards = self
            .groups
            .iter()
            .flat_map(|group| group.iter())
            .chain(&self.any);
        let mut all: Vec<&Arc<RouteEntry>> = shards.flat_map(|shard| &shard.extra.routes).collect();
        all.sort_by_key(|route| Arc::as_ptr(route));
        all.dedup_by_key(|route| Arc::as_ptr(route));
        all
    }

    /// The same with some Routes taken out and others put in. O(Routes of the shards that are touched).
    fn change(
        &self,
        removed: &[Arc<RouteEntry>],
        added: &[Arc<RouteEntry>],
        options: &Options,
        names: &mut Interner,
    ) -> Self {
        if removed.is_empty() && added.is_empty() {
            return self.clone();
        }
        let is_removed = |own: &Arc<RouteEntry>| {
            removed
                .iter()
                .any(|other| other.is_named(own.kind, &own.name))
        };
        let count = |routes: &[Arc<RouteEntry>]| {
            routes.iter().map(|own| own.hostnames.len()).sum::<usize>()
        };
        let hosts = (self.hosts + count(added)).saturating_sub(count(removed));
        let shards: usize = self.groups.iter().map(|group| group.len()).sum();
        if shards * 4 * SHARD < hosts || self.groups.is_empty() {
            let kept = self.routes().into_iter().filter(|own| !is_removed(own));
            let all: Vec<Arc<RouteEntry>> = kept.chain(added).cloned().collect();
            return HostTable::build(&all, self.is_grpc, options, names);
        }
        let seed = names.seed();
        let mut table = HostTable {
            hosts,
            ..self.clone()
        };
        let shard_bits = shards.trailing_zeros();
        let touched = removed.iter().chain(added);
        let mut places: Vec<usize> = touched
            .clone()
            .flat_map(|route| &route.hostnames)
            .map(|hostname| shard_of(seed.hash_any_case(key(hostname)), shard_bits))
            .collect();
        places.sort_unstable();
        places.dedup();
        added
            .iter()
            .flat_map(|route| &route.hostnames)
            .for_each(|hostname| table.see(hostname));
        let per_group = shard_bits - self.group_bits;
        for place in places {
            let (group, own) = (place >> per_group, place & ((1 << per_group) - 1));
            let Some(group) = table.groups.get_mut(group) else {
                continue;
            };
            let Some(old) = group.get(own) else { continue };
            let kept = old.extra.routes.iter().filter(|own| !is_removed(own));
            let all: Vec<&Arc<RouteEntry>> = kept.chain(added).collect();
            let named = all.iter().flat_map(|route| {
                let hostnames = route.hostnames.iter().map(key);
                hostnames.map(|name| Named {
                    hash: seed.hash_any_case(name),
                    name,
                    route,
                })
            });
            let named: Vec<Named<'_>> = named
                .filter(|named| shard_of(named.hash, shard_bits) == place)
                .collect();
            let new = Shard::build(&named, self.is_grpc, options, names);
            let shards = group.iter().enumerate();
            *group = shards
                .map(|(at, old)| if at == own { new.clone() } else { old.clone() })
                .collect();
        }
        if touched.clone().any(|route| route.hostnames.is_empty()) {
            let old = self.any.iter().flat_map(|shard| &shard.extra.routes);
            let kept = old.filter(|own| !is_removed(own));
            let added = added.iter().filter(|own| own.hostnames.is_empty());
            let named: Vec<Named<'_>> = kept
                .chain(added)
                .map(|route| Named {
                    hash: 0,
                    name: b"",
                    route,
                })
                .collect();
            table.any =
                (!named.is_empty()).then(|| Shard::build(&named, self.is_grpc, options, names));
        }
        table
    }

    #[inline(always)]
    fn shard(&self, hash: u64) -> Option<&Shard> {
        let high = (hash >> 32) as usize;
        let group = self.groups.get(high & ((1 << self.group_bits) - 1))?;
        group.get(high >> self.group_bits & (group.len() - 1))
    }

    /// The host of a shard that has this name.
    #[inline(always)]
    fn host(&self, name: &[u8], hash: u64) -> Option<(&Shard, usize)> {
        let shard = self.shard(hash)?;
        let mut at = hash as u32 & shard.mask;
        loop {
            let slot = read_u64(&shard.bytes, 8 * at as usize);
            if slot == 0 {
                return None;
            }
            if (slot ^ hash) >> 32 == 0 {
                let place = slot as u32 as usize - 1;
                let own = slice(
                    &shard.bytes,
                    place + HOST_HEADER,
                    read_u16(&shard.bytes, place),
                );
                // The usual host is in lower case already.
                if equals(own, name) || own.eq_ignore_ascii_case(name) {
                    return Some((shard, place));
                }
            }
            at = (at + 1) & shard.mask;
        }
    }

    /// The best candidate whose conditions hold: hostnames from the most specific on (MATCH-PREC-01..04).
    ///
    /// The host is checked when no exact hostname equals it.
    #[inline(always)]
    pub(super) fn find<'t>(
        &'t self,
        host: &mut Host<'_>,
        request: &Request<'_>,
    ) -> Result<Option<Hit<'t>>, BadRequest> {
        let falls_through = request.common.options.hostname_fallthrough;
        let mut exact = self.host_of(host);
        if exact.is_none() && host.check()? {
            exact = self.host_of(host);
        }
        if let Some((shard, place)) = exact {
            let found = self.find_in_host(shard, place, request);
            if found.is_some() || !falls_through {
                return Ok(found);
            }
        }
        Ok(self.find_less_specific(host, request))
    }

    /// The same, not laid into its caller: calls are looked for in a second table.
    #[inline(never)]
    pub(super) fn find_grpc<'t>(
        &'t self,
        host: &mut Host<'_>,
        request: &Request<'_>,
    ) -> Result<Option<Hit<'t>>, BadRequest> {
        self.find(host, request)
    }

    #[inline(always)]
    fn host_of(&self, host: &Host<'_>) -> Option<(&Shard, usize)> {
        self.host(host.name()?, host.hash())
    }

    #[inline(never)]
    fn find_less_specific<'t>(&'t self, host: &Host<'_>, request: &Request<'_>) -> Option<Hit<'t>> {
        if let Some(name) = host.name()
            && self.wildcard_dots != 0
        {
            let mut dots = [0; USUAL_DOTS];
            let count = places(name, b'.', &mut dots);
            let found = if count < USUAL_DOTS {
                self.find_wildcard(name, dots.get(..count).unwrap_or_default(), host, request)
            } else {
                self.find_wildcard_of_many(name, host, request)
            };
            match found {
                Level::Found(hit) => return Some(hit),
                Level::Closed => return None,
                Level::Open => {}
            }
        }
        let any = self.any.as_ref()?;
        self.find_in_host(any, 8 * (any.mask as usize + 1), request)
    }

    /// Longest suffix first.
    #[inline(always)]
    fn find_wildcard<'t>(
        &'t self,
        name: &[u8],
        dots: &[u16],
        host: &Host<'_>,
        request: &Request<'_>,
    ) -> Level<'t> {
        for (place, dot) in dots.iter().enumerate() {
            if self.wildcard_dots & dots_bit(dots.len() - place) == 0 || *dot == 0 {
                continue;
            }
            let suffix = name.get(usize::from(*dot)..).unwrap_or_default();
            if let Some((shard, place)) = self.host(suffix, host.seed().hash_any_case(suffix)) {
                match self.find_in_host(shard, place, request) {
                    Some(hit) => return Level::Found(hit),
                    None if !request.common.options.hostname_fallthrough => return Level::Closed,
                    None => {}
                }
            }
        }
        Level::Open
    }

    #[cold]
    fn find_wildcard_of_many<'t>(
        &'t self,
        name: &[u8],
        host: &Host<'_>,
        request: &Request<'_>,
    ) -> Level<'t> {
        let mut dots = [0; 512];
        let count = places(name, b'.', &mut dots);
        self.find_wildcard(name, dots.get(..count).unwrap_or_default(), host, request)
    }

    /// The best candidate of a host.
    #[inline(always)]
    fn answer(&self, shard: &Shard, place: usize, request: &Request<'_>) -> Answer {
        let Some(record) = shard.bytes.get(place..) else {
            return Answer::NONE;
        };
        let Some((head, rest)) = record.split_first_chunk::<HOST_HEADER>() else {
            return Answer::NONE;
        };
        let [low, high, patterns, _] = *head;
        let length = usize::from(u16::from_le_bytes([low, high]));
        let extra = &*shard.extra;
        if patterns == INDEXED {
            return self.answer_by_index(rest, length, extra, request);
        }
        find_inline(
            record,
            rest.get(length..).unwrap_or_default(),
            patterns,
            extra,
            request,
        )
    }

    #[inline(always)]
    fn answer_by_index(
        &self,
        rest: &[u8],
        length: usize,
        extra: &Extra,
        request: &Request<'_>,
    ) -> Answer {
        let Some(index) = extra.indexes.get(read_u32(rest, length) as usize) else {
            return Answer::NONE;
        };
        if !self.is_grpc {
            index.find(request.path, &extra.routes, request)
        } else if split_call(request.head.path).is_some() {
            index.find(request.head.path, &extra.routes, request)
        } else {
            index.find_call(&extra.routes, request)
        }
    }

    #[inline(never)]
    fn find_in_host<'t>(
        &'t self,
        shard: &'t Shard,
        place: usize,
        request: &Request<'_>,
    ) -> Option<Hit<'t>> {
        let answer = self.answer(shard, place, request);
        answer.is_some().then(|| shard.hit(place, answer))
    }

    /// What a host that equals an exact hostname gets: the fast way to [`find`](Self::find).
    #[inline(always)]
    pub(super) fn find_exact<'t>(
        &'t self,
        name: &[u8],
        hash: u64,
        request: &Request<'_>,
    ) -> Exact<'t> {
        let Some((shard, place)) = self.host(name, hash) else {
            return Exact::Unknown;
        };
        let answer = self.answer(shard, place, request);
        if answer.is_some() {
            return Exact::Found(shard.hit(place, answer));
        }
        Exact::Known
    }

    /// What a host gets that [`find_exact`](Self::find_exact) found nothing for.
    #[inline(never)]
    pub(super) fn find_beyond_exact<'t>(
        &'t self,
        is_known: bool,
        host: &mut Host<'_>,
        request: &Request<'_>,
    ) -> Result<Option<Hit<'t>>, BadRequest> {
        if is_known && !request.common.options.hostname_fallthrough {
            return Ok(None);
        }
        if !is_known && host.check()? {
            return self.find(host, request);
        }
        Ok(self.find_less_specific(host, request))
    }
}

/// What became of the exact hostname.
pub(super) enum Exact<'t> {
    Found(Hit<'t>),
    /// There is one; none of its rules takes the request.
    Known,
    Unknown,
}

/// What became of the wildcards.
enum Level<'t> {
    Found(Hit<'t>),
    /// One covers the host and hides what is less specific (MATCH-PREC-04).
    Closed,
    Open,
}

/// The first pattern that fits and leads to something.
#[inline(always)]
fn find_inline(
    record: &[u8],
    heads: &[u8],
    patterns: u8,
    extra: &Extra,
    request: &Request<'_>,
) -> Answer {
    let path = request.path;
    let heads = slice(heads, 0, 8 * usize::from(patterns));
    for head in heads.as_chunks::<8>().0 {
        let head = u64::from_le_bytes(*head);
        let length = head as u16 as usize;
        let Some((own, rest)) = path.split_at_checked(length) else {
            continue;
        };
        let fits = match rest.first() {
            None => true,
            Some(next) => *next == b'/' && (head >> 16) as u8 == PREFIX,
        };
        if !fits {
            continue;
        }
        let at = (head >> 32) as u16 as usize;
        if equals(own, slice(record, at, length)) {
            let form = (head >> 24) as u8;
            let found = judge(
                form,
                record,
                at + length,
                &extra.lists,
                &extra.routes,
                request,
            );
            if found.is_some() {
                return found;
            }
        }
    }
    Answer::NONE
}

/// The shard of a hash among two to the power of so many.
fn shard_of(hash: u64, shard_bits: u32) -> usize {
    let group_bits = shard_bits / 2;
    let high = (hash >> 32) as usize;
    let group = high & ((1 << group_bits) - 1);
    let own = high >> group_bits & ((1 << (shard_bits - group_bits)) - 1);
    group << (shard_bits - group_bits) | own
}

/// A hostname of a Route.
struct Named<'s> {
    hash: u64,
    name: &'s [u8],
    route: &'s Arc<RouteEntry>,
}

impl Shard {
    #[inline(always)]
    fn hit(&self, place: usize, answer: Answer) -> Hit<'_> {
        let name = slice(
            &self.bytes,
            place + HOST_HEADER,
            read_u16(&self.bytes, place),
        );
        Hit {
            answer,
            extra: &self.extra,
            name,
        }
    }

    fn build(named: &[Named<'_>], is_grpc: bool, options: &Options, names: &mut Interner) -> Self {
        let mut draft = Draft::default();
        let mut hosts: Vec<(&Named<'_>, Vec<u32>)> = Vec::new();
        let mut place_of: HashMap<&[u8], usize> = HashMap::with_capacity(named.len());
        for own in named {
            let route = draft.route(own.route);
            let place = *place_of.entry(own.name).or_insert(hosts.len());
            match hosts.get_mut(place) {
                // The hostnames of a Route follow each other.
                Some((_, routes)) if routes.last() == Some(&route) => {}
                Some((_, routes)) => routes.push(route),
                None => hosts.push((own, vec![route])),
            }
        }
        let slots = (2 * hosts.len()).next_power_of_two();
        draft.bytes.resize(8 * slots, 0);
        let mask = slots - 1;
        for (own, routes) in hosts {
            let place = draft.host(own.name, &routes, is_grpc, options, names) as u64;
            let entry = (own.hash & !0xFFFF_FFFF) | (place + 1);
            let mut at = own.hash as usize & mask;
            for _ in 0..slots {
                match draft.bytes.get_mut(8 * at..8 * at + 8) {
                    Some(slot) if slot.iter().all(|b| *b == 0) => {
                        slot.copy_from_slice(&entry.to_le_bytes());
                        break;
                    }
                    _ => at = (at + 1) & mask,
                }
            }
        }
        Shard {
            bytes: draft.bytes.into(),
            mask: mask as u32,
            extra: Arc::new(Extra {
                routes: draft.routes.into_boxed_slice(),
                indexes: draft.indexes.into_boxed_slice(),
                lists: draft.lists.into_boxed_slice(),
            }),
        }
    }
}

/// A shard being built.
#[derive(Default)]
struct Draft {
    bytes: Vec<u8>,
    routes: Vec<Arc<RouteEntry>>,
    places: HashMap<*const RouteEntry, u32>,
    indexes: Vec<PathIndex>,
    lists: Vec<LongList>,
}

impl Draft {
    fn route(&mut self, route: &Arc<RouteEntry>) -> u32 {
        let place = *self
            .places
            .entry(Arc::as_ptr(route))
            .or_insert(self.routes.len() as u32);
        if place as usize == self.routes.len() {
            self.routes.push(Arc::clone(route));
        }
        place
    }

    /// Writes a host down; where it stands.
    fn host(
        &mut self,
        name: &[u8],
        routes: &[u32],
        is_grpc: bool,
        options: &Options,
        names: &mut Interner,
    ) -> usize {
        let all = std::mem::take(&mut self.routes);
        let ranked = routes
            .iter()
            .filter_map(|place| Some((*place, all.get(*place as usize)?)));
        let candidates = ranked.flat_map(|(place, route)| {
            route.candidates().map(move |candidate| Ranked {
                place,
                route,
                candidate,
            })
        });
        let grouped = Grouped::of(candidates.collect(), options);
        let at = self.bytes.len();
        self.bytes
            .extend_from_slice(&(name.len() as u16).to_le_bytes());
        self.bytes.extend_from_slice(&[0, 0]);
        self.bytes.extend_from_slice(name);
        let is_inline = !is_grpc
            && grouped.groups.len() <= INLINE
            && grouped.regexes.is_empty()
            && grouped.calls.is_empty();
        if !(is_inline && self.patterns(at, &grouped, names)) {
            if let Some(count) = self.bytes.get_mut(at + 2) {
                *count = INDEXED;
            }
            self.bytes
                .extend_from_slice(&(self.indexes.len() as u32).to_le_bytes());
            self.indexes
                .push(PathIndex::build(&grouped, options, names));
        }
        drop(grouped);
        self.routes = all;
        at
    }

    /// Writes the patterns of the host at a place; takes it back and says no when they take too much room.
    fn patterns(&mut self, host: usize, grouped: &Grouped<'_>, names: &mut Interner) -> bool {
        let (start, lists) = (self.bytes.len(), self.lists.len());
        self.bytes.resize(start + 8 * grouped.groups.len(), 0);
        for (place, (is_exact, text, group)) in grouped.groups.iter().enumerate() {
            let at = self.bytes.len() - host;
            self.bytes.extend_from_slice(text);
            let form = write_value(group, &mut self.lists, names, &mut self.bytes);
            let kind = if *is_exact { EXACT } else { PREFIX };
            let (Ok(length), Ok(at)) = (u16::try_from(text.len()), u16::try_from(at)) else {
                self.bytes.truncate(start);
                self.lists.truncate(lists);
                return false;
            };
            let head = u64::from(length)
                | u64::from(kind) << 16
                | u64::from(form as u8) << 24
                | u64::from(at) << 32;
            if let Some(own) = self.bytes.get_mut(start + 8 * place..start + 8 * place + 8) {
                own.copy_from_slice(&head.to_le_bytes());
            }
        }
        if let Some(count) = self.bytes.get_mut(host + 2) {
            *count = grouped.groups.len() as u8;
        }
        true
    }
}
