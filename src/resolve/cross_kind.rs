//! HTTPRoutes and GRPCRoutes that want one host of one listener.
//!
//! Part of the attachment pass, after everything else has been decided for a listener: takes the Routes of both kinds
//! that are attached to it, gives those that lose. It runs only where the option asks for it.

use std::collections::HashSet;

use super::hostnames::ServedHosts;
use super::seniority::Seniority;
use crate::plan::RouteKind;
use crate::vocab::Hostname;

/// A Route that is otherwise accepted on a listener.
#[derive(Clone, Debug)]
pub(super) struct Contender<'a> {
    /// HTTPRoute or GRPCRoute.
    pub(super) kind: RouteKind,
    /// What decides between two Routes.
    pub(super) seniority: Seniority<'a>,
    /// What it serves on the listener.
    pub(super) hosts: ServedHosts<'a>,
}

/// Which of the contenders lose, as positions in the given list.
///
/// Walks them by seniority and takes each whose hosts no accepted Route of the other kind touches.
///
/// # Cost
///
/// O(c log c + l) for c contenders with l labels in all their hostnames.
///
/// # Spec
///
/// RT-XTYPE-01..06.
pub(super) fn losers(contenders: &[Contender<'_>]) -> Vec<usize> {
    let mut order: Vec<(usize, &Contender<'_>)> = contenders.iter().enumerate().collect();
    order.sort_by_key(|(_, contender)| contender.seniority);
    let mut accepted = [HostSet::default(), HostSet::default()];
    let mut losers = Vec::new();
    for (position, contender) in order {
        let [http, grpc] = &mut accepted;
        let (own, other) = match contender.kind {
            RouteKind::Grpc => (grpc, http),
            _ => (http, grpc),
        };
        if other.touches(&contender.hosts) {
            losers.push(position);
        } else {
            own.insert(&contender.hosts);
        }
    }
    losers
}

/// Hostnames that can be asked whether another one has hosts in common with any of them.
#[derive(Debug, Default)]
struct HostSet<'a> {
    /// Some Route takes every host.
    all: bool,
    exact: HashSet<&'a str>,
    /// Wildcards without `*.`.
    wildcards: HashSet<&'a str>,
    /// Every suffix below which some name of the set lies.
    suffixes: HashSet<&'a str>,
}

impl<'a> HostSet<'a> {
    fn insert(&mut self, hosts: &ServedHosts<'a>) {
        let ServedHosts::Names(names) = hosts else {
            self.all = true;
            return;
        };
        for name in names {
            match wildcard_base(name) {
                Some(base) => {
                    self.wildcards.insert(base);
                    self.suffixes.insert(base);
                    self.suffixes.extend(parents(base));
                }
                None => {
                    self.exact.insert(name.as_str());
                    self.suffixes.extend(parents(name.as_str()));
                }
            }
        }
    }

    fn touches(&self, hosts: &ServedHosts<'_>) -> bool {
        let empty = !self.all && self.exact.is_empty() && self.wildcards.is_empty();
        match hosts {
            _ if empty => false,
            _ if self.all => true,
            ServedHosts::All => true,
            ServedHosts::Names(names) => names.iter().any(|name| self.touches_name(name)),
        }
    }

    fn touches_name(&self, name: &Hostname) -> bool {
        match wildcard_base(name) {
            Some(base) => {
                self.suffixes.contains(base)
                    || parents(base).any(|parent| self.wildcards.contains(parent))
            }
            None => {
                self.exact.contains(name.as_str())
                    || parents(name.as_str()).any(|parent| self.wildcards.contains(parent))
            }
        }
    }
}

/// `example.com` of `*.example.com`.
fn wildcard_base(name: &Hostname) -> Option<&str> {
    name.as_str().strip_prefix("*.")
}

/// `b.c` and `c` of `a.b.c`.
fn parents(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(name.split_once('.'), |(_, rest)| rest.split_once('.'))
        .map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(texts: &[&str]) -> Vec<Hostname> {
        texts.iter().map(|t| Hostname::parse(t).unwrap()).collect()
    }

    fn contender<'a>(
        kind: RouteKind,
        created: i64,
        name: &'a str,
        hosts: &'a [Hostname],
    ) -> Contender<'a> {
        Contender {
            kind,
            seniority: Seniority {
                created: Some(created),
                namespace: "shop",
                name,
            },
            hosts: match hosts {
                [] => ServedHosts::All,
                names => ServedHosts::Names(names.iter().collect()),
            },
        }
    }

    /// RT-XTYPE-01: the older one wins, then the one whose `namespace/name` comes first.
    #[test]
    fn age_decides_then_name() {
        use RouteKind::{Grpc, Http};
        let host = names(&["a.test"]);
        let by_age = [
            contender(Http, 2, "a", &host),
            contender(Grpc, 1, "b", &host),
        ];
        assert_eq!(losers(&by_age), [0]);
        let by_name = [
            contender(Http, 1, "b", &host),
            contender(Grpc, 1, "a", &host),
        ];
        assert_eq!(losers(&by_name), [0]);
    }

    /// RT-XTYPE-05: effective hostnames count; two Routes without hostnames meet; one kind never conflicts with itself.
    #[test]
    fn only_touching_hosts_of_two_kinds_conflict() {
        use RouteKind::{Grpc, Http};
        for (http, grpc, conflict) in [
            (vec!["a.test"], vec!["b.test"], false),
            (vec!["*.test"], vec!["b.test"], true),
            (vec!["b.test"], vec!["*.test"], true),
            (vec!["*.a.test"], vec!["*.test"], true),
            (vec!["*.test"], vec!["*.a.test"], true),
            (vec!["*.a.test"], vec!["*.b.test"], false),
            (vec!["*.a.test"], vec!["a.test"], false),
            (vec!["a.test"], vec!["*.a.test"], false),
            (vec!["xa.test"], vec!["*.a.test"], false),
            (vec!["a.test", "c.test"], vec!["b.test", "c.test"], true),
            (vec![], vec![], true),
            (vec![], vec!["a.test"], true),
            (vec!["a.test"], vec![], true),
        ] {
            let (a, b) = (names(&http), names(&grpc));
            let contenders = [
                contender(Http, 1, "first", &a),
                contender(Grpc, 2, "second", &b),
            ];
            let expected: &[usize] = if conflict { &[1] } else { &[] };
            assert_eq!(losers(&contenders), expected, "{http:?} {grpc:?}");
            let alike = [
                contender(Http, 1, "first", &a),
                contender(Http, 2, "second", &b),
            ];
            assert_eq!(losers(&alike), [] as [usize; 0]);
        }
    }

    /// RT-XTYPE-06: a loser makes nobody else lose.
    #[test]
    fn chains_are_settled_greedily() {
        use RouteKind::{Grpc, Http};
        let (a, both, b) = (
            names(&["a.test"]),
            names(&["a.test", "b.test"]),
            names(&["b.test"]),
        );
        let contenders = [
            contender(Http, 3, "newest", &b),
            contender(Grpc, 2, "middle", &both),
            contender(Http, 1, "oldest", &a),
        ];
        assert_eq!(losers(&contenders), [1]);
    }
}
