//! Routes as the router keeps them: conditions checked, decoded and counted.

use std::slice;
use std::sync::Arc;

use http::HeaderName;

use super::isolated::{Isolated, Unservable};
use super::lists::Answer;
use super::options::{Options, QueryDecoding};
use super::path::normalize_value;
use super::pattern::{InvalidRegex, Pattern};
use super::query::decoded;
use super::source::{self, Candidate, NewTarget, NewValue, Writer};
use crate::plan::{
    Action, Filter, GrpcMatch, HeaderMatch, HttpMatch, Matches, ObjectName, PathMatch, QueryMatch,
    Route, RouteKind, Rule, ValueMatch, check,
};
use crate::vocab::Hostname;

/// A Route with everything that matching needs, on listeners where it has certain hostnames.
#[derive(Debug)]
pub(super) struct RouteEntry {
    pub(super) kind: RouteKind,
    pub(super) name: ObjectName,
    pub(super) created: Option<i64>,
    /// Empty takes every host.
    pub(super) hostnames: Box<[Hostname]>,
    /// Of the rules that are served, in list order: what happens.
    actions: Actions,
    /// Their places in the object; empty when each has the place that it has here.
    indices: Box<[u32]>,
    /// Their names, as far as they have any.
    names: Box<[(u32, Box<str>)]>,
    /// Their matches, in list order.
    matches: Box<[u8]>,
    patterns: Box<[Pattern]>,
}

/// What the rules of a Route do.
///
/// PERF: most Routes have one rule. Its action is one step away, not two, and takes no memory of its own.
#[derive(Debug)]
enum Actions {
    One(Arc<Action>),
    Many(Box<[Arc<Action>]>),
}

impl Actions {
    fn get(&self, slot: usize) -> Option<&Action> {
        let all = match self {
            Actions::One(own) => slice::from_ref(own),
            Actions::Many(all) => all,
        };
        all.get(slot).map(|own| &**own)
    }
}

impl From<Vec<Arc<Action>>> for Actions {
    fn from(all: Vec<Arc<Action>>) -> Self {
        match <[_; 1]>::try_from(all) {
            Ok([own]) => Actions::One(own),
            Err(all) => Actions::Many(all.into_boxed_slice()),
        }
    }
}

impl RouteEntry {
    /// Compiles a Route; rules that cannot be served are left out and told to `isolated`.
    pub(super) fn compile(
        route: &Route,
        hostnames: &[Hostname],
        options: &Options,
        isolated: &mut Vec<Isolated>,
    ) -> Self {
        let mut writer = Writer::default();
        let (mut actions, mut indices, mut names) = (
            Vec::with_capacity(route.rules.len()),
            Vec::new(),
            Vec::new(),
        );
        for rule in &route.rules {
            let slot = actions.len() as u32;
            let mark = writer.mark();
            match write_rule(route.kind, rule, slot, options, &mut writer) {
                Ok(()) => {
                    actions.push(Arc::clone(&rule.action));
                    indices.push(rule.index);
                    names.extend(rule.name.iter().map(|name| (slot, name.clone())));
                }
                Err(why) => {
                    writer.take_back(mark);
                    isolated.push(Isolated {
                        kind: route.kind,
                        route: route.name.clone(),
                        rule_index: rule.index,
                        why,
                    });
                }
            }
        }
        if indices
            .iter()
            .enumerate()
            .all(|(place, index)| place as u32 == *index)
        {
            indices = Vec::new();
        }
        RouteEntry {
            kind: route.kind,
            name: route.name.clone(),
            created: route.created,
            hostnames: hostnames.into(),
            actions: Actions::from(actions),
            indices: indices.into_boxed_slice(),
            names: names.into_boxed_slice(),
            matches: writer.bytes.into_boxed_slice(),
            patterns: writer.patterns.into_boxed_slice(),
        }
    }

    /// The matches of all rules that are served.
    pub(super) fn candidates(&self) -> impl Iterator<Item = Candidate<'_>> {
        source::read_all(&self.matches, &self.patterns)
    }

    /// The match at a place.
    pub(super) fn candidate(&self, at: u32) -> Candidate<'_> {
        source::read(&self.matches, &self.patterns, at)
    }

    /// The rule of an answer.
    ///
    /// PERF: the answer tells the place in the object, which mostly is the place here too; the matches are another miss of the
    /// cache.
    pub(super) fn slot(&self, answer: Answer) -> u32 {
        if self.indices.is_empty() {
            answer.rule_index()
        } else {
            source::read_slot(&self.matches, answer.at())
        }
    }

    /// The regular expression at a place.
    pub(super) fn pattern(&self, place: u32) -> Option<&Pattern> {
        self.patterns.get(place as usize)
    }

    /// The most specific of its hostnames that covers a host, in any case.
    pub(super) fn hostname_for(&self, host: &[u8]) -> Option<&Hostname> {
        let covers = |name: &&Hostname| {
            let own = name.suffix().unwrap_or(name.as_str()).as_bytes();
            let end = host
                .len()
                .checked_sub(own.len())
                .and_then(|at| host.get(at..));
            let fits = if name.is_wildcard() {
                host.len() > own.len()
            } else {
                host.len() == own.len()
            };
            fits && end.is_some_and(|end| end.eq_ignore_ascii_case(own))
        };
        let covering = self.hostnames.iter().filter(covers);
        covering.max_by_key(|name| (!name.is_wildcard(), name.as_str().len()))
    }

    /// The place in the object of a rule that is served.
    pub(super) fn rule_index(&self, slot: u32) -> u32 {
        self.indices.get(slot as usize).copied().unwrap_or(slot)
    }

    pub(super) fn rule_name(&self, slot: u32) -> Option<&str> {
        let place = self
            .names
            .binary_search_by_key(&slot, |(own, _)| *own)
            .ok()?;
        self.names.get(place).map(|(_, name)| &**name)
    }

    /// Whether no other rule that is served has the same name.
    pub(super) fn has_own_name(&self, slot: u32) -> bool {
        let name = self.rule_name(slot);
        let same = self.names.iter().filter(|(_, own)| Some(&**own) == name);
        same.count() <= 1
    }

    pub(super) fn action(&self, slot: u32) -> Option<&Action> {
        self.actions.get(slot as usize)
    }

    /// Whether this is the Route of this kind and name.
    pub(super) fn is_named(&self, kind: RouteKind, name: &ObjectName) -> bool {
        self.kind == kind && self.name == *name
    }
}

fn write_rule(
    kind: RouteKind,
    rule: &Rule,
    slot: u32,
    options: &Options,
    writer: &mut Writer,
) -> Result<(), Unservable> {
    check::contents(kind, rule, options.release).map_err(Unservable::Fault)?;
    match &rule.matches {
        Matches::Http(matches) => {
            let answers_preflights = options.cors_implicit_preflight
                && rule
                    .action
                    .filters
                    .iter()
                    .any(|filter| matches!(filter, Filter::Cors(_)));
            let default = [HttpMatch::prefix("/")];
            let matches = if matches.is_empty() {
                &default
            } else {
                &matches[..]
            };
            for (index, own) in matches.iter().enumerate() {
                let normal = |value: &str| {
                    normalize_value(value, options)
                        .map(|normal| normal.into_owned())
                        .ok_or_else(|| Unservable::Path(value.into()))
                };
                let path;
                let target =
                    match &own.path {
                        PathMatch::Exact(value) => {
                            path = normal(value)?;
                            NewTarget::Exact(&path)
                        }
                        PathMatch::Prefix(value) => {
                            path = normal(value)?;
                            NewTarget::Prefix(path.strip_suffix('/').unwrap_or(&path))
                        }
                        PathMatch::Regex(pattern) => {
                            let limits = &options.limits;
                            let checked = Pattern::check(pattern, limits.path_regex, limits)
                                .map_err(|why| Unservable::Regex {
                                    field: "path".to_owned(),
                                    why,
                                })?;
                            NewTarget::Regex(pattern, checked)
                        }
                    };
                writer.start(slot, index as u32, target, own.method, answers_preflights);
                write_headers(&own.headers, options, writer)?;
                write_query(&own.query, options, writer)?;
            }
        }
        Matches::Grpc(matches) => {
            let default = [GrpcMatch::default()];
            let matches = if matches.is_empty() {
                &default
            } else {
                &matches[..]
            };
            for (index, own) in matches.iter().enumerate() {
                let (service, method) = match &own.method {
                    Some(own) => (
                        call_value(own.service.as_ref(), "service", options)?,
                        call_value(own.method.as_ref(), "method", options)?,
                    ),
                    None => (None, None),
                };
                writer.start(
                    slot,
                    index as u32,
                    NewTarget::Call(service, method),
                    None,
                    false,
                );
                write_headers(&own.headers, options, writer)?;
                writer.count(0);
            }
        }
        // Streams have no conditions of their own.
        Matches::Always => {}
    }
    Ok(())
}

/// An empty name asks for nothing (MATCH-GRPC-04).
fn call_value<'v>(
    value: Option<&'v ValueMatch>,
    field: &str,
    options: &Options,
) -> Result<Option<NewValue<'v>>, Unservable> {
    match value {
        None => Ok(None),
        Some(ValueMatch::Exact(text) | ValueMatch::Regex(text)) if text.is_empty() => Ok(None),
        Some(value) => new_value(value, options.limits.grpc_regex, options)
            .map(Some)
            .map_err(|why| Unservable::Regex {
                field: format!("method.{field}"),
                why,
            }),
    }
}

fn write_headers(
    own: &[HeaderMatch],
    options: &Options,
    writer: &mut Writer,
) -> Result<(), Unservable> {
    let is_effective = |(place, header): (usize, &HeaderMatch)| {
        let earlier = own.get(..place).unwrap_or_default();
        !earlier
            .iter()
            .any(|other| other.name.eq_ignore_ascii_case(&header.name))
    };
    let effective = || {
        own.iter()
            .enumerate()
            .filter(|(place, header)| is_effective((*place, header)))
    };
    writer.count(effective().count());
    for (_, header) in effective() {
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|_| Unservable::HeaderName(header.name.clone()))?;
        let value =
            new_value(&header.value, options.limits.header_regex, options).map_err(|why| {
                Unservable::Regex {
                    field: format!("headers[{name}]"),
                    why,
                }
            })?;
        writer.condition(name.as_str().as_bytes(), value);
    }
    Ok(())
}

fn write_query(
    own: &[QueryMatch],
    options: &Options,
    writer: &mut Writer,
) -> Result<(), Unservable> {
    let name_of = |parameter: &QueryMatch| -> Vec<u8> {
        match options.query_decoding {
            QueryDecoding::Decode => decoded(parameter.name.as_bytes()).collect(),
            QueryDecoding::Raw => parameter.name.as_bytes().into(),
        }
    };
    let mut effective: Vec<(Vec<u8>, &QueryMatch)> = Vec::new();
    for parameter in own {
        let name = name_of(parameter);
        if !effective.iter().any(|(other, _)| *other == name) {
            effective.push((name, parameter));
        }
    }
    writer.count(effective.len());
    for (name, parameter) in effective {
        let value =
            new_value(&parameter.value, options.limits.query_regex, options).map_err(|why| {
                Unservable::Regex {
                    field: format!("queryParams[{}]", parameter.name),
                    why,
                }
            })?;
        writer.condition(&name, value);
    }
    Ok(())
}

fn new_value<'v>(
    value: &'v ValueMatch,
    longest: usize,
    options: &Options,
) -> Result<NewValue<'v>, InvalidRegex> {
    Ok(match value {
        ValueMatch::Exact(text) => NewValue::Exact(text),
        ValueMatch::Regex(pattern) => NewValue::Regex(
            pattern,
            Pattern::compile(pattern, longest, &options.limits)?,
        ),
    })
}
