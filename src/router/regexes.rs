//! The regular expressions for paths of one host.
//!
//! All of them are one automaton, anchored at both ends, that is run once over the path and tells every expression that
//! matches. The candidates of these are then asked in order of precedence.

use std::sync::Arc;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind, meta};

use super::conditions::Request;
use super::lists::{Answer, reachable, scan, write_candidates};
use super::names::Interner;
use super::pattern::Pattern;
use super::rank::Ranked;
use super::source::TargetCondition;
use super::table::Routes;

/// Up to this size an automaton is built ahead: no cache to fetch, no states to make under way.
const AHEAD: usize = 4 << 20;
/// Room for a lazy automaton, so that it is not thrown away under way.
const CACHE: usize = 16 << 20;
/// Bound of a compiled program of all expressions of a host; each for itself is bounded by the limits.
const SIZE_LIMIT: usize = 1 << 30;

/// Expressions in order of precedence: of each the best candidate counts.
#[derive(Debug)]
pub(super) struct Regexes {
    engine: Arc<Engine>,
    expressions: Box<[Expression]>,
}

/// The candidates of one expression, in order of precedence.
#[derive(Debug)]
struct Expression {
    /// Of each candidate its place in the order of all candidates, and where it stands in `bytes`.
    candidates: Box<[(u32, u32)]>,
    bytes: Box<[u8]>,
    /// Route and text of the expression, to be run alone.
    route: u32,
    at: u32,
    /// The best candidate, if it asks for nothing but the path.
    first: Answer,
}

/// What runs the expressions.
#[derive(Debug)]
pub(super) enum Engine {
    /// All states built ahead; it tells the first expression that matches.
    First(Box<dense::DFA<Vec<u32>>>),
    /// All states built ahead; it tells every expression that matches.
    Every(Box<dense::DFA<Vec<u32>>>, StateID),
    /// Where that would be too large or cannot be.
    Meta(Box<meta::Regex>),
    /// Where even that cannot be: one by one.
    Alone,
}

impl Regexes {
    /// From candidates in order of precedence, all with regular expressions.
    pub(super) fn build(ranked: &[Ranked<'_>], names: &mut Interner) -> Self {
        let mut places: std::collections::HashMap<&[u8], usize> = std::collections::HashMap::new();
        let mut groups: Vec<(&Pattern, Vec<(u32, Ranked<'_>)>)> = Vec::new();
        for (order, own) in ranked.iter().enumerate() {
            let TargetCondition::Regex(text, pattern) = own.candidate.target else {
                continue;
            };
            let place = *places.entry(text).or_insert(groups.len());
            if place == groups.len() {
                groups.push((pattern, Vec::new()));
            }
            if let Some((_, group)) = groups.get_mut(place) {
                group.push((order as u32, *own));
            }
        }
        let texts: Vec<&str> = groups
            .iter()
            .map(|(pattern, _)| pattern.anchored())
            .collect();
        // If the best candidate of each expression asks for nothing else, the first expression that matches decides.
        let is_plain = groups.iter().all(|(_, group)| {
            group
                .first()
                .is_some_and(|(_, own)| own.candidate.is_path_only())
        });
        let engine = names.engine(&texts, is_plain);
        let expression = |(_, group): (&Pattern, Vec<(u32, Ranked<'_>)>)| {
            let own: Vec<Ranked<'_>> = group.iter().map(|(_, own)| *own).collect();
            let mut bytes = Vec::new();
            let starts = write_candidates(reachable(&own), names, &mut bytes);
            let orders = group.iter().map(|(order, _)| *order);
            Expression {
                candidates: orders.zip(starts).collect(),
                bytes: bytes.into_boxed_slice(),
                route: own.first().map_or(0, |own| own.place),
                at: own.first().map_or(0, |own| own.candidate.at),
                first: match own.first() {
                    Some(own) if own.candidate.is_path_only() => own.answer(),
                    _ => Answer::NONE,
                },
            }
        };
        Regexes {
            engine,
            expressions: groups.into_iter().map(expression).collect(),
        }
    }

    /// The best candidate whose expression matches the whole path and whose conditions hold.
    #[inline]
    pub(super) fn find(&self, routes: Routes<'_>, request: &Request<'_>) -> Answer {
        match &*self.engine {
            Engine::First(dfa) => {
                let input = Input::new(request.path).anchored(Anchored::Yes);
                // Only automata that may stop at some byte fail; they are not made here, as that is off by default.
                let Ok(Some(half)) = dfa.try_search_fwd(&input) else {
                    return Answer::NONE;
                };
                let expression = self.expressions.get(half.pattern().as_usize());
                expression.map_or(Answer::NONE, |own| own.first)
            }
            Engine::Every(dfa, start) => self.find_every(dfa, *start, routes, request),
            Engine::Meta(regex) => {
                let input = Input::new(request.path).anchored(Anchored::Yes);
                match regex.search_half(&input) {
                    Some(half) => self.find_from(half.pattern().as_usize(), true, routes, request),
                    None => Answer::NONE,
                }
            }
            Engine::Alone => self.find_from(0, false, routes, request),
        }
    }

    fn find_every(
        &self,
        dfa: &dense::DFA<Vec<u32>>,
        start: StateID,
        routes: Routes<'_>,
        request: &Request<'_>,
    ) -> Answer {
        let mut state = start;
        for byte in request.path {
            state = dfa.next_state(state, *byte);
            if dfa.is_special_state(state) && (dfa.is_dead_state(state) || dfa.is_quit_state(state))
            {
                return Answer::NONE;
            }
        }
        let state = dfa.next_eoi_state(state);
        if !dfa.is_match_state(state) {
            return Answer::NONE;
        }
        let mut best = None;
        for place in 0..dfa.match_len(state) {
            let expression = self
                .expressions
                .get(dfa.match_pattern(state, place).as_usize());
            best = expression
                .and_then(|own| own.better(best, routes, request))
                .or(best);
        }
        best.map_or(Answer::NONE, |(_, answer)| answer)
    }

    /// Asks the expressions one by one from a certain one on, which may be known to match.
    fn find_from(
        &self,
        first: usize,
        is_known: bool,
        routes: Routes<'_>,
        request: &Request<'_>,
    ) -> Answer {
        let mut best = None;
        for (place, expression) in self.expressions.iter().enumerate().skip(first) {
            let is_match = is_known && place == first
                || expression
                    .pattern(routes)
                    .is_some_and(|pattern| pattern.matches(request.path));
            if is_match {
                best = expression.better(best, routes, request).or(best);
            }
        }
        best.map_or(Answer::NONE, |(_, answer)| answer)
    }
}

impl Expression {
    /// The first candidate that holds and stands before the best one so far.
    #[inline]
    fn better(
        &self,
        best: Option<(u32, Answer)>,
        routes: Routes<'_>,
        request: &Request<'_>,
    ) -> Option<(u32, Answer)> {
        let limit = best.map_or(u32::MAX, |(order, _)| order);
        for (order, start) in &self.candidates {
            if *order >= limit {
                return None;
            }
            let candidate = self.bytes.get(*start as usize..).unwrap_or_default();
            let answer = scan(candidate, 1, routes, request);
            if answer.is_some() {
                return Some((*order, answer));
            }
        }
        None
    }

    fn pattern<'t>(&self, routes: Routes<'t>) -> Option<&'t Pattern> {
        let route = routes.get(self.route as usize)?;
        match route.candidate(self.at).target {
            TargetCondition::Regex(_, pattern) => Some(pattern),
            _ => None,
        }
    }
}

impl Engine {
    /// Paths are bytes, so that expressions need not keep to borders of characters.
    pub(super) fn build(expressions: &[&str], first_decides: bool) -> Self {
        let syntax = syntax::Config::new().utf8(false);
        let config = dense::Config::new()
            .match_kind(if first_decides {
                MatchKind::LeftmostFirst
            } else {
                MatchKind::All
            })
            .start_kind(StartKind::Anchored)
            .accelerate(false)
            .dfa_size_limit(Some(AHEAD))
            .determinize_size_limit(Some(AHEAD));
        let dense = dense::Builder::new()
            .configure(config)
            .syntax(syntax)
            .build_many(expressions);
        let start = start::Config::new().anchored(Anchored::Yes);
        if let Ok(dfa) = dense {
            if first_decides {
                return Engine::First(Box::new(dfa));
            }
            if let Ok(state) = dfa.start_state(&start) {
                return Engine::Every(Box::new(dfa), state);
            }
        }
        let config = meta::Config::new()
            .nfa_size_limit(Some(SIZE_LIMIT))
            .hybrid_cache_capacity(CACHE)
            .utf8_empty(false);
        let meta = meta::Regex::builder()
            .configure(config)
            .syntax(syntax)
            .build_many(expressions);
        meta.map_or(Engine::Alone, |regex| Engine::Meta(Box::new(regex)))
    }
}
