//! The one total order of candidates.

use std::cmp::Ordering;
use std::fmt;

use super::lists::Answer;
use super::options::{Options, RegexRank};
use super::route::RouteEntry;
use super::source::{Candidate, TargetCondition, ValueCondition};
use crate::vocab::Hostname;

/// What decided between two candidates (OUT-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PrecedenceKey {
    /// Characters of the matching hostname without wildcard (MATCH-PREC-01).
    HostnameExact,
    /// Characters of the matching hostname (MATCH-PREC-02).
    HostnameLength,
    /// Exact, regular expression, prefix (MATCH-PREC-05/07).
    PathType,
    /// Characters of the path condition (MATCH-PREC-05/06/07).
    PathLength,
    /// With or without a method (MATCH-PREC-08).
    Method,
    /// The gRPC service (MATCH-GRPC-10/11).
    Service,
    /// The gRPC method (MATCH-GRPC-10/11).
    GrpcMethod,
    /// Number of header conditions (MATCH-PREC-09).
    Headers,
    /// Number of query conditions (MATCH-PREC-10).
    Query,
    /// The older Route (MATCH-PREC-12).
    Age,
    /// Namespace and name of the Route (MATCH-PREC-13).
    Name,
    /// The earlier rule of a Route (MATCH-PREC-14).
    Rule,
    /// The earlier match of a rule (MATCH-PREC-14).
    Match,
}

impl PrecedenceKey {
    /// All keys, in the order in which they are asked.
    pub const ALL: [PrecedenceKey; 13] = [
        PrecedenceKey::HostnameExact,
        PrecedenceKey::HostnameLength,
        PrecedenceKey::PathType,
        PrecedenceKey::PathLength,
        PrecedenceKey::Method,
        PrecedenceKey::Service,
        PrecedenceKey::GrpcMethod,
        PrecedenceKey::Headers,
        PrecedenceKey::Query,
        PrecedenceKey::Age,
        PrecedenceKey::Name,
        PrecedenceKey::Rule,
        PrecedenceKey::Match,
    ];

    /// The key as reports write it: `hostname-exact`, `path-type`, ...
    pub const fn as_str(self) -> &'static str {
        match self {
            PrecedenceKey::HostnameExact => "hostname-exact",
            PrecedenceKey::HostnameLength => "hostname-length",
            PrecedenceKey::PathType => "path-type",
            PrecedenceKey::PathLength => "path-length",
            PrecedenceKey::Method => "method",
            PrecedenceKey::Service => "service",
            PrecedenceKey::GrpcMethod => "grpc-method",
            PrecedenceKey::Headers => "headers",
            PrecedenceKey::Query => "query",
            PrecedenceKey::Age => "age",
            PrecedenceKey::Name => "name",
            PrecedenceKey::Rule => "rule",
            PrecedenceKey::Match => "match",
        }
    }
}

impl fmt::Display for PrecedenceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The keys of hostnames: the better one first (MATCH-PREC-01/02).
pub(super) fn by_hostname(a: Option<&Hostname>, b: Option<&Hostname>) -> (Ordering, PrecedenceKey) {
    let exact = |name: Option<&Hostname>| match name {
        Some(name) if !name.is_wildcard() => name.as_str().len(),
        _ => 0,
    };
    let length = |name: Option<&Hostname>| name.map_or(0, |name| name.as_str().len());
    match exact(b).cmp(&exact(a)) {
        Ordering::Equal => (length(b).cmp(&length(a)), PrecedenceKey::HostnameLength),
        other => (other, PrecedenceKey::HostnameExact),
    }
}

/// The keys behind the hostname: the better candidate first, and what decided (MATCH-PREC-05..15, MATCH-GRPC-10/11).
pub(super) fn by_conditions(
    (route_a, a): (&RouteEntry, &Candidate<'_>),
    (route_b, b): (&RouteEntry, &Candidate<'_>),
    options: &Options,
) -> (Ordering, PrecedenceKey) {
    use PrecedenceKey as Key;
    let age = |route: &RouteEntry| (route.created.is_none(), route.created);
    let rule = |route: &RouteEntry, own: &Candidate<'_>| route.rule_index(own.slot);
    let steps = by_target(&a.target, &b.target, options).into_iter().chain([
        (b.method.is_some().cmp(&a.method.is_some()), Key::Method),
        (b.headers.len().cmp(&a.headers.len()), Key::Headers),
        (b.query.len().cmp(&a.query.len()), Key::Query),
        (age(route_a).cmp(&age(route_b)), Key::Age),
        (by_name(route_a, route_b), Key::Name),
        (rule(route_a, a).cmp(&rule(route_b, b)), Key::Rule),
    ]);
    steps
        .into_iter()
        .find(|(order, _)| order.is_ne())
        .unwrap_or((a.match_index.cmp(&b.match_index), Key::Match))
}

/// `namespace/name` as one text, byte by byte (MATCH-PREC-13).
pub(super) fn by_name(a: &RouteEntry, b: &RouteEntry) -> Ordering {
    bytes_of_name(a).cmp(bytes_of_name(b))
}

fn bytes_of_name(route: &RouteEntry) -> impl Iterator<Item = u8> + '_ {
    let (namespace, name) = (&route.name.namespace, &route.name.name);
    namespace.bytes().chain([b'/']).chain(name.bytes())
}

fn by_target(
    a: &TargetCondition<'_>,
    b: &TargetCondition<'_>,
    options: &Options,
) -> [(Ordering, PrecedenceKey); 2] {
    use PrecedenceKey as Key;
    if let (
        TargetCondition::Call {
            service: service_a,
            method: method_a,
        },
        TargetCondition::Call {
            service: service_b,
            method: method_b,
        },
    ) = (a, b)
    {
        let rank = |value: &Option<ValueCondition<'_>>| match value {
            Some(ValueCondition::Exact(text)) => (2, text.len()),
            Some(ValueCondition::Regex(text, ..)) => (1, text.len()),
            None => (0, 0),
        };
        return [
            (rank(service_b).cmp(&rank(service_a)), Key::Service),
            (rank(method_b).cmp(&rank(method_a)), Key::GrpcMethod),
        ];
    }
    let regex = match options.regex_rank {
        RegexRank::BetweenExactAndPrefix => 2,
        RegexRank::BelowPrefix => 0,
    };
    let rank = |target: &TargetCondition<'_>| match target {
        TargetCondition::Exact(path) => (3, path.len()),
        TargetCondition::Regex(pattern, _) => (regex, pattern.len()),
        TargetCondition::Prefix(path) => (1, path.len().max(1)),
        TargetCondition::Call { .. } => (0, 0),
    };
    let ((kind_a, length_a), (kind_b, length_b)) = (rank(a), rank(b));
    [
        (kind_b.cmp(&kind_a), Key::PathType),
        (length_b.cmp(&length_a), Key::PathLength),
    ]
}

/// A candidate with what ranks it, and its Route's place in the shard that is being built.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranked<'s> {
    pub(super) place: u32,
    pub(super) route: &'s RouteEntry,
    pub(super) candidate: Candidate<'s>,
}

impl Ranked<'_> {
    /// The better one first.
    pub(super) fn compare(&self, other: &Self, options: &Options) -> Ordering {
        by_conditions(
            (self.route, &self.candidate),
            (other.route, &other.candidate),
            options,
        )
        .0
    }

    pub(super) fn answer(&self) -> Answer {
        let rule_index = self.route.rule_index(self.candidate.slot);
        Answer::new(self.place, self.candidate.at, rule_index)
    }

    /// Whether both ask for the same beside their targets.
    pub(super) fn asks_the_same(&self, other: &Self) -> bool {
        let text = |value: ValueCondition<'_>| match value {
            ValueCondition::Exact(text) => (false, text.to_vec()),
            ValueCondition::Regex(text, ..) => (true, text.to_vec()),
        };
        let conditions = |own: &Candidate<'_>| {
            let all = own.headers.iter().chain(own.query.iter());
            let mut all: Vec<_> = all
                .map(|(name, value)| (name.to_vec(), text(value)))
                .collect();
            all.sort_unstable();
            all
        };
        let (a, b) = (&self.candidate, &other.candidate);
        a.method == b.method && a.headers.len() == b.headers.len() && conditions(a) == conditions(b)
    }
}
