//! Why a request gets the rule that it gets.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::RequestHead;
use super::conditions::{Request, Unmet};
use super::find::{Asked, NoMatch, Why};
use super::matched::RouteId;
use super::options::Options;
use super::rank::{PrecedenceKey, by_conditions, by_hostname};
use super::route::{Candidate, RouteEntry};
use super::table::HostTable;
use crate::plan::ListenerHead;
use crate::vocab::Hostname;

/// Every candidate that a request was held against, in order of precedence, and what decided.
///
/// # Spec
///
/// OUT-10.
#[derive(Clone, Debug)]
pub struct Explanation<'r> {
    listener: Option<&'r ListenerHead>,
    considered: Vec<Considered<'r>>,
    winner: Option<usize>,
    key: Option<PrecedenceKey>,
    no_match: Option<Why>,
}

/// A candidate and what became of it.
#[derive(Clone, Debug)]
pub struct Considered<'r> {
    /// The Route.
    pub route: RouteId<'r>,
    /// The best of its hostnames for the request; of a Route that none covers the first one, `None` without hostnames.
    pub hostname: Option<&'r Hostname>,
    /// Place of the rule in the Route.
    pub rule_index: u32,
    /// Name of the rule.
    pub rule_name: Option<&'r str>,
    /// Place of the match in the rule.
    pub match_index: u32,
    /// The first condition that the request does not meet; `None` if it meets all.
    pub unmet: Option<Unmet>,
    /// What ranked it behind the one that won; `None` for that one and those that do not match.
    pub lost_by: Option<PrecedenceKey>,
}

impl<'r> Explanation<'r> {
    pub(super) fn without_candidates(no_match: NoMatch<'r>) -> Self {
        Explanation {
            listener: no_match.listener(),
            considered: Vec::new(),
            winner: None,
            key: None,
            no_match: Some(no_match.why()),
        }
    }

    /// The listener that the request falls to.
    pub fn listener(&self) -> Option<&'r ListenerHead> {
        self.listener
    }

    /// The candidates: those whose hostname covers the host in order of precedence, then the others. Of a gRPC call the
    /// GRPCRoutes come first; other requests are not held against them (MATCH-GRPC-16).
    pub fn considered(&self) -> &[Considered<'r>] {
        &self.considered
    }

    /// The one that takes the request.
    pub fn winner(&self) -> Option<&Considered<'r>> {
        self.considered.get(self.winner?)
    }

    /// What decided over the next candidate that matches; `None` if there is none.
    pub fn key(&self) -> Option<PrecedenceKey> {
        self.key
    }

    /// Why there is no winner.
    pub fn no_match(&self) -> Option<Why> {
        self.no_match
    }
}

/// A candidate with what ranks it.
struct Line<'r> {
    hostname: Option<&'r Hostname>,
    covers: bool,
    route: &'r RouteEntry,
    candidate: &'r Candidate,
}

pub(super) fn explain<'r>(
    asked: &Asked<'r, '_>,
    head: &RequestHead<'_>,
    path: &[u8],
    options: &Options,
) -> Explanation<'r> {
    let request = Request {
        head,
        path,
        options,
    };
    let host = asked.host.as_deref();
    let mut explanation = Explanation {
        listener: asked.listener.map(|served| &*served.head),
        considered: Vec::new(),
        winner: None,
        key: None,
        no_match: None,
    };
    if asked.is_grpc {
        add(&mut explanation, &asked.tables.grpc, host, &request);
    }
    add(&mut explanation, &asked.tables.http, host, &request);
    if explanation.winner.is_none() {
        explanation.no_match = Some(Why::NoRule);
    }
    explanation
}

/// Holds the request against one kind of Route; the kinds are never merged (MATCH-GRPC-16).
fn add<'r>(
    explanation: &mut Explanation<'r>,
    table: &'r HostTable,
    host: Option<&str>,
    request: &Request<'_>,
) {
    let lines = in_order(table, host, request.options);
    let mut winner: Option<&Line<'r>> = None;
    let has_winner = explanation.winner.is_some();
    for line in &lines {
        let unmet = if line.covers {
            line.candidate.unmet(request)
        } else {
            Some(Unmet::Hostname)
        };
        let mut lost_by = None;
        if unmet.is_none() && !has_winner {
            match winner {
                None => {
                    winner = Some(line);
                    explanation.winner = Some(explanation.considered.len());
                }
                Some(winner) => {
                    let key = compare(winner, line, request.options).1;
                    lost_by = Some(key);
                    explanation.key.get_or_insert(key);
                }
            }
        }
        let rule = line.route.rule(line.candidate);
        explanation.considered.push(Considered {
            route: RouteId {
                kind: line.route.kind,
                name: &line.route.name,
            },
            hostname: line.hostname,
            rule_index: rule.map_or(0, |rule| rule.index),
            rule_name: rule.and_then(|rule| rule.name.as_deref()),
            match_index: line.candidate.match_index,
            unmet,
            lost_by,
        });
    }
}

/// The candidates of a table, each once with its best hostname: those that cover the host first.
fn in_order<'r>(table: &'r HostTable, host: Option<&str>, options: &Options) -> Vec<Line<'r>> {
    let depth = if options.hostname_fallthrough {
        usize::MAX
    } else {
        1
    };
    let covering = table.levels(host).take(depth).map(|rules| (true, rules));
    let mut seen = HashSet::new();
    let mut lines = Vec::new();
    for (covers, rules) in covering.chain(table.all().map(|rules| (false, rules))) {
        for (route, candidate) in rules.iter() {
            if seen.insert(std::ptr::from_ref(candidate)) {
                lines.push(Line {
                    hostname: rules.hostname.as_ref(),
                    covers,
                    route,
                    candidate,
                });
            }
        }
    }
    lines.sort_by(|a, b| {
        b.covers
            .cmp(&a.covers)
            .then_with(|| compare(a, b, options).0)
    });
    lines
}

fn compare(a: &Line<'_>, b: &Line<'_>, options: &Options) -> (Ordering, PrecedenceKey) {
    match by_hostname(a.hostname, b.hostname) {
        (Ordering::Equal, _) => {
            by_conditions((a.route, a.candidate), (b.route, b.candidate), options)
        }
        decided => decided,
    }
}
