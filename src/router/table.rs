//! What one listener, or one Service port of a mesh, serves.

use std::collections::HashMap;
use std::sync::Arc;

use super::options::Options;
use super::rank::{by_conditions, by_name};
use super::route::{Candidate, RouteEntry};
use crate::plan::RouteKind;
use crate::vocab::Hostname;

/// The Routes of one listener, by kind.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) http: HostTable,
    pub(super) grpc: HostTable,
    /// TLSRoutes, TCPRoutes or UDPRoutes, the better one first.
    pub(super) streams: Vec<Attached>,
}

/// A Route with the hostnames that it has on a listener.
#[derive(Clone, Debug)]
pub(super) struct Attached {
    pub(super) route: Arc<RouteEntry>,
    pub(super) hostnames: Vec<Hostname>,
}

/// Candidates by hostname. Hosts are given in lower case, and must be names.
#[derive(Debug, Default)]
pub(super) struct HostTable {
    exact: HashMap<Box<str>, HostRules>,
    /// By suffix with its dot.
    wildcard: HashMap<Box<str>, HostRules>,
    any: Option<HostRules>,
}

/// The candidates of one hostname, in order of precedence.
#[derive(Debug)]
pub(super) struct HostRules {
    pub(super) hostname: Option<Hostname>,
    pub(super) entries: Vec<(Arc<RouteEntry>, u32)>,
}

impl HostRules {
    /// Each candidate with its Route.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<RouteEntry>, &Candidate)> {
        self.entries
            .iter()
            .filter_map(|(route, place)| Some((route, route.candidates.get(*place as usize)?)))
    }
}

impl Tables {
    pub(super) fn build(attached: Vec<Attached>, options: &Options) -> Self {
        let mut tables = Tables::default();
        for own in &merge(attached) {
            match own.route.kind {
                RouteKind::Http => tables.http.add(own),
                RouteKind::Grpc => tables.grpc.add(own),
                RouteKind::Tls | RouteKind::Tcp | RouteKind::Udp => {
                    tables.streams.push(own.clone());
                }
            }
        }
        tables.http.sort(options);
        tables.grpc.sort(options);
        let age = |own: &Attached| (own.route.created.is_none(), own.route.created);
        tables.streams.sort_by(|a, b| {
            age(a)
                .cmp(&age(b))
                .then_with(|| by_name(&a.route, &b.route))
        });
        tables
    }
}

impl Tables {
    /// The kind of the Routes, where there is one only.
    pub(super) fn kind(&self) -> Option<RouteKind> {
        match self.streams.first() {
            Some(own) => Some(own.route.kind),
            None if !self.grpc.is_empty() => Some(RouteKind::Grpc),
            None if !self.http.is_empty() => Some(RouteKind::Http),
            None => None,
        }
    }
}

/// One entry for each Route, with all its hostnames: several parentRefs may choose one listener (MATCH-CAND-06).
fn merge(attached: Vec<Attached>) -> Vec<Attached> {
    let mut place_of: HashMap<(RouteKind, String), usize> = HashMap::with_capacity(attached.len());
    let mut merged: Vec<Attached> = Vec::with_capacity(attached.len());
    for own in attached {
        let key = (own.route.kind, own.route.name.to_string());
        let place = *place_of.entry(key).or_insert(merged.len());
        match merged.get_mut(place) {
            Some(earlier) if earlier.hostnames.is_empty() || own.hostnames.is_empty() => {
                earlier.hostnames.clear();
            }
            Some(earlier) => {
                for hostname in own.hostnames {
                    if !earlier.hostnames.contains(&hostname) {
                        earlier.hostnames.push(hostname);
                    }
                }
            }
            None => merged.push(own),
        }
    }
    merged
}

impl HostTable {
    fn add(&mut self, own: &Attached) {
        let new = |hostname: Option<&Hostname>| HostRules {
            hostname: hostname.cloned(),
            entries: Vec::new(),
        };
        let add = |rules: &mut HostRules| {
            let places = 0..own.route.candidates.len() as u32;
            rules
                .entries
                .extend(places.map(|place| (Arc::clone(&own.route), place)));
        };
        if own.hostnames.is_empty() {
            add(self.any.get_or_insert_with(|| new(None)));
        }
        for hostname in &own.hostnames {
            let (map, key) = match hostname.suffix() {
                Some(suffix) => (&mut self.wildcard, suffix),
                None => (&mut self.exact, hostname.as_str()),
            };
            add(map.entry(key.into()).or_insert_with(|| new(Some(hostname))));
        }
    }

    fn sort(&mut self, options: &Options) {
        let all = self.exact.values_mut().chain(self.wildcard.values_mut());
        for rules in all.chain(&mut self.any) {
            rules.entries.sort_by(|(route_a, a), (route_b, b)| {
                let own = |route: &'_ RouteEntry, place: &u32| {
                    route.candidates.get(*place as usize).cloned()
                };
                match (own(route_a, a), own(route_b, b)) {
                    (Some(a), Some(b)) => by_conditions((route_a, &a), (route_b, &b), options).0,
                    _ => std::cmp::Ordering::Equal,
                }
            });
        }
    }

    /// The hostnames that cover a host, most specific first.
    pub(super) fn levels<'t, 'h>(
        &'t self,
        host: Option<&'h str>,
    ) -> impl Iterator<Item = &'t HostRules> + use<'t, 'h> {
        let exact = host.and_then(|host| self.exact.get(host));
        let wildcard = host.into_iter().flat_map(move |host| {
            host.match_indices('.')
                .filter(|(at, _)| *at > 0)
                .filter_map(|(at, _)| self.wildcard.get(host.get(at..)?))
        });
        exact.into_iter().chain(wildcard).chain(&self.any)
    }

    /// Whether no Route is here.
    pub(super) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.wildcard.is_empty() && self.any.is_none()
    }

    /// Every hostname, in no particular order.
    pub(super) fn all(&self) -> impl Iterator<Item = &HostRules> {
        self.exact
            .values()
            .chain(self.wildcard.values())
            .chain(&self.any)
    }
}
