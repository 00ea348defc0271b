//! Why a request gets the rule that it gets.

use std::cmp::Ordering;

use super::conditions::{Request, Unmet};
use super::find::{Asked, NoMatch, Why};
use super::matched::RouteId;
use super::options::Options;
use super::rank::{PrecedenceKey, by_conditions, by_hostname};
use super::route::RouteEntry;
use super::source::Candidate;
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
    candidate: Candidate<'r>,
}

pub(super) fn explain<'r>(asked: &Asked<'r, '_>, request: &Request<'_>) -> Explanation<'r> {
    let mut explanation = Explanation {
        listener: asked.listener.map(|served| &*served.head),
        considered: Vec::new(),
        winner: None,
        key: None,
        no_match: None,
    };
    let host = asked.host.name();
    let host = host.map(|name| String::from_utf8_lossy(name).to_ascii_lowercase());
    if asked.is_grpc {
        add(
            &mut explanation,
            &asked.tables.grpc,
            host.as_deref(),
            request,
        );
    }
    add(
        &mut explanation,
        &asked.tables.http,
        host.as_deref(),
        request,
    );
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
    let options = &request.common.options;
    let lines = in_order(table, host, options);
    let mut winner: Option<&Line<'r>> = None;
    let has_winner = explanation.winner.is_some();
    for line in &lines {
        let unmet = match line.covers {
            true => line.candidate.unmet(request),
            false => Some(Unmet::Hostname),
        };
        let mut lost_by = None;
        if unmet.is_none() && !has_winner {
            match winner {
                None => {
                    winner = Some(line);
                    explanation.winner = Some(explanation.considered.len());
                }
                Some(winner) => {
                    let key = compare(winner, line, options).1;
                    lost_by = Some(key);
                    explanation.key.get_or_insert(key);
                }
            }
        }
        explanation.considered.push(Considered {
            route: RouteId {
                kind: line.route.kind,
                name: &line.route.name,
            },
            hostname: line.hostname,
            rule_index: line.route.rule_index(line.candidate.slot),
            rule_name: line.route.rule_name(line.candidate.slot),
            match_index: line.candidate.match_index,
            unmet,
            lost_by,
        });
    }
}

/// The candidates of a table, each once with its best hostname: those that cover the host first.
fn in_order<'r>(table: &'r HostTable, host: Option<&str>, options: &Options) -> Vec<Line<'r>> {
    let best_of = |route: &'r RouteEntry| -> (bool, Option<&'r Hostname>) {
        let covering = route
            .hostnames
            .iter()
            .filter(|name| host.is_some_and(|host| name.covers(host)));
        let best = covering.min_by(|a, b| by_hostname(Some(a), Some(b)).0);
        match best {
            Some(best) => (true, Some(best)),
            None => (route.hostnames.is_empty(), route.hostnames.first()),
        }
    };
    let routes: Vec<_> = table
        .routes()
        .into_iter()
        .map(|route| (route, best_of(route)))
        .collect();
    let covering = routes
        .iter()
        .filter(|(_, (covers, _))| *covers)
        .map(|(_, (_, name))| *name);
    let best = covering.min_by(|a, b| by_hostname(*a, *b).0);
    let is_open = |name: Option<&Hostname>| {
        options.hostname_fallthrough || best.is_none_or(|best| by_hostname(best, name).0.is_eq())
    };
    let mut lines: Vec<Line<'r>> = Vec::new();
    for (route, (covers, hostname)) in routes {
        let covers = covers && is_open(hostname);
        lines.extend(route.candidates().map(|candidate| Line {
            hostname,
            covers,
            route,
            candidate,
        }));
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
            by_conditions((a.route, &a.candidate), (b.route, &b.candidate), options)
        }
        decided => decided,
    }
}
