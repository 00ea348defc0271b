//! Routes as the router keeps them: conditions checked, decoded and counted.

use std::sync::Arc;

use http::HeaderName;

use super::isolated::{Isolated, Unservable};
use super::options::{Options, QueryDecoding};
use super::path::normalize_value;
use super::pattern::Pattern;
use super::query::decoded;
use crate::plan::{
    Action, Filter, GrpcMatch, GrpcMethodMatch, HeaderMatch, HttpMatch, Matches, Method,
    ObjectName, PathMatch, QueryMatch, Route, RouteKind, Rule, ValueMatch, check,
};

/// A Route with everything that matching needs.
#[derive(Debug)]
pub(super) struct RouteEntry {
    pub(super) kind: RouteKind,
    pub(super) name: ObjectName,
    pub(super) created: Option<i64>,
    /// The rules that are served, in list order.
    pub(super) rules: Box<[RuleEntry]>,
    /// The matches of these rules, in list order.
    pub(super) candidates: Box<[Candidate]>,
}

/// A rule that is served.
#[derive(Debug)]
pub(super) struct RuleEntry {
    pub(super) index: u32,
    pub(super) name: Option<Box<str>>,
    pub(super) action: Arc<Action>,
}

/// One match of a rule: what competes for a request (0.3 of the catalogue).
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Place in [`RouteEntry::rules`].
    pub(super) slot: u32,
    /// Place in the rule's list of matches.
    pub(super) match_index: u32,
    pub(super) target: TargetCondition,
    pub(super) method: Option<Method>,
    /// The rule answers preflights, which may meet the method condition by what they ask for (FILTER-CORS-03).
    pub(super) answers_preflights: bool,
    /// Effective entries only (MATCH-HDR-03).
    pub(super) headers: Box<[(HeaderName, ValueCondition)]>,
    /// Effective entries only, names decoded (MATCH-QUERY-03/05).
    pub(super) query: Box<[(Box<[u8]>, ValueCondition)]>,
}

/// Condition on what is asked for.
#[derive(Clone, Debug)]
pub(super) enum TargetCondition {
    /// A whole path, normalised.
    Exact(Box<str>),
    /// A prefix of whole elements, normalised, without closing slash: `/` is empty.
    Prefix(Box<str>),
    /// A regular expression for the whole path.
    Regex(Box<str>, Pattern),
    /// A gRPC call.
    Call {
        service: Option<ValueCondition>,
        method: Option<ValueCondition>,
    },
}

/// Condition on a value.
#[derive(Clone, Debug)]
pub(super) enum ValueCondition {
    Exact(Box<str>),
    Regex(Box<str>, Pattern),
}

impl RouteEntry {
    /// Compiles a Route; rules that cannot be served are left out and told to `isolated`.
    pub(super) fn compile(route: &Route, options: &Options, isolated: &mut Vec<Isolated>) -> Self {
        let mut rules = Vec::with_capacity(route.rules.len());
        let mut candidates = Vec::new();
        for rule in &route.rules {
            match compile_rule(route.kind, rule, rules.len() as u32, options) {
                Ok(own) => {
                    candidates.extend(own);
                    rules.push(RuleEntry {
                        index: rule.index,
                        name: rule.name.clone(),
                        action: Arc::clone(&rule.action),
                    });
                }
                Err(why) => isolated.push(Isolated {
                    kind: route.kind,
                    route: route.name.clone(),
                    rule_index: rule.index,
                    why,
                }),
            }
        }
        RouteEntry {
            kind: route.kind,
            name: route.name.clone(),
            created: route.created,
            rules: rules.into_boxed_slice(),
            candidates: candidates.into_boxed_slice(),
        }
    }

    /// The rule of a candidate.
    pub(super) fn rule(&self, candidate: &Candidate) -> Option<&RuleEntry> {
        self.rules.get(candidate.slot as usize)
    }
}

fn compile_rule(
    kind: RouteKind,
    rule: &Rule,
    slot: u32,
    options: &Options,
) -> Result<Vec<Candidate>, Unservable> {
    check::contents(kind, rule, options.release).map_err(Unservable::Fault)?;
    let answers_preflights = options.cors_implicit_preflight
        && rule
            .action
            .filters
            .iter()
            .any(|filter| matches!(filter, Filter::Cors(_)));
    match (kind, &rule.matches) {
        (RouteKind::Http, Matches::Http(matches)) => {
            let default = [HttpMatch::prefix("/")];
            let matches = if matches.is_empty() {
                &default
            } else {
                &matches[..]
            };
            let compile = |(index, own): (usize, &HttpMatch)| {
                Ok(Candidate {
                    slot,
                    match_index: index as u32,
                    answers_preflights,
                    ..compile_http(own, options)?
                })
            };
            matches.iter().enumerate().map(compile).collect()
        }
        (RouteKind::Grpc, Matches::Grpc(matches)) => {
            let default = [GrpcMatch::default()];
            let matches = if matches.is_empty() {
                &default
            } else {
                &matches[..]
            };
            let compile = |(index, own): (usize, &GrpcMatch)| {
                Ok(Candidate {
                    slot,
                    match_index: index as u32,
                    ..compile_grpc(own, options)?
                })
            };
            matches.iter().enumerate().map(compile).collect()
        }
        // Streams have no conditions of their own; matches of another kind have been refused.
        _ => Ok(Vec::new()),
    }
}

fn compile_http(own: &HttpMatch, options: &Options) -> Result<Candidate, Unservable> {
    let value = |path: &str| {
        normalize_value(path, options)
            .map(|normal| normal.into_owned())
            .ok_or_else(|| Unservable::Path(path.into()))
    };
    let target = match &own.path {
        PathMatch::Exact(path) => TargetCondition::Exact(value(path)?.into()),
        PathMatch::Prefix(path) => {
            let normal = value(path)?;
            TargetCondition::Prefix(normal.strip_suffix('/').unwrap_or(&normal).into())
        }
        PathMatch::Regex(pattern) => {
            let limits = &options.limits;
            let compiled = Pattern::compile(pattern, limits.path_regex, limits).map_err(|why| {
                Unservable::Regex {
                    field: "path".to_owned(),
                    why,
                }
            })?;
            TargetCondition::Regex(pattern.clone(), compiled)
        }
    };
    Ok(Candidate {
        slot: 0,
        match_index: 0,
        target,
        method: own.method,
        answers_preflights: false,
        headers: compile_headers(&own.headers, options)?,
        query: compile_query(&own.query, options)?,
    })
}

fn compile_grpc(own: &GrpcMatch, options: &Options) -> Result<Candidate, Unservable> {
    let (service, method) = match &own.method {
        Some(method) => compile_call(method, options)?,
        None => (None, None),
    };
    Ok(Candidate {
        slot: 0,
        match_index: 0,
        target: TargetCondition::Call { service, method },
        method: None,
        answers_preflights: false,
        headers: compile_headers(&own.headers, options)?,
        query: Box::default(),
    })
}

type Call = (Option<ValueCondition>, Option<ValueCondition>);

/// An empty name asks for nothing (MATCH-GRPC-04).
fn compile_call(own: &GrpcMethodMatch, options: &Options) -> Result<Call, Unservable> {
    let side = |value: &Option<ValueMatch>, field: &str| match value {
        None => Ok(None),
        Some(ValueMatch::Exact(text) | ValueMatch::Regex(text)) if text.is_empty() => Ok(None),
        Some(value) => compile_value(value, options.limits.grpc_regex, options)
            .map(Some)
            .map_err(|why| Unservable::Regex {
                field: format!("method.{field}"),
                why,
            }),
    };
    Ok((side(&own.service, "service")?, side(&own.method, "method")?))
}

type Headers = Box<[(HeaderName, ValueCondition)]>;

fn compile_headers(own: &[HeaderMatch], options: &Options) -> Result<Headers, Unservable> {
    let mut effective: Vec<(HeaderName, ValueCondition)> = Vec::with_capacity(own.len());
    for header in own {
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|_| Unservable::HeaderName(header.name.clone()))?;
        if effective.iter().any(|(other, _)| *other == name) {
            continue;
        }
        let value =
            compile_value(&header.value, options.limits.header_regex, options).map_err(|why| {
                Unservable::Regex {
                    field: format!("headers[{name}]"),
                    why,
                }
            })?;
        effective.push((name, value));
    }
    Ok(effective.into_boxed_slice())
}

type Query = Box<[(Box<[u8]>, ValueCondition)]>;

fn compile_query(own: &[QueryMatch], options: &Options) -> Result<Query, Unservable> {
    let mut effective: Vec<(Box<[u8]>, ValueCondition)> = Vec::with_capacity(own.len());
    for parameter in own {
        let name: Box<[u8]> = match options.query_decoding {
            QueryDecoding::Decode => decoded(parameter.name.as_bytes()).collect(),
            QueryDecoding::Raw => parameter.name.as_bytes().into(),
        };
        if effective.iter().any(|(other, _)| *other == name) {
            continue;
        }
        let value = compile_value(&parameter.value, options.limits.query_regex, options).map_err(
            |why| Unservable::Regex {
                field: format!("queryParams[{}]", parameter.name),
                why,
            },
        )?;
        effective.push((name, value));
    }
    Ok(effective.into_boxed_slice())
}

fn compile_value(
    value: &ValueMatch,
    longest: usize,
    options: &Options,
) -> Result<ValueCondition, super::pattern::InvalidRegex> {
    Ok(match value {
        ValueMatch::Exact(text) => ValueCondition::Exact(text.clone()),
        ValueMatch::Regex(pattern) => ValueCondition::Regex(
            pattern.clone(),
            Pattern::compile(pattern, longest, &options.limits)?,
        ),
    })
}
