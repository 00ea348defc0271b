//! Methods, headers and query parameters behind one path.
//!
//! The candidates of a path lie in one piece of bytes, in order of precedence, each with its conditions. A list of more
//! than [`SHAPES_FROM`] is also split by *shape* (method or not, names of headers and parameters that must have an exact
//! value), and a shape is one hash lookup keyed by the request's values: two hundred rules that differ in a tenant's name
//! cost one probe. What several shapes ask about is fetched from the request once.

use std::collections::HashMap;

use super::bytes::{equals, read_u16, read_u32, slice};
use super::conditions::{
    Field, Request, Test, field, host_holds, is_padded, method_number, parameter_holds,
    preflight_asks_for, preflight_method, split_call, trim, usual_header_holds,
};
use super::names::Interner;
use super::query;
use super::rank::Ranked;
use super::source::{Candidate, TargetCondition, ValueCondition};
use super::table::Routes;
use crate::plan::Method;
use http::header::HOST;

/// Which match of which Route, or none.
///
/// PERF: two words, so that it is handed back in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// Place among the Routes of the shard, and in the upper half place in the Route's bytes.
    places: u64,
    /// Place of the rule in the object: told here so that nothing else need be read for it. `NONE` where there is none.
    rule_index: u64,
}

/// Bytes of an [`Answer`].
pub(super) const ANSWER: usize = 12;

impl Answer {
    pub(super) const NONE: Answer = Answer {
        places: 0,
        rule_index: u64::MAX,
    };

    pub(super) fn new(route: u32, at: u32, rule_index: u32) -> Self {
        Answer {
            places: u64::from(route) | u64::from(at) << 32,
            rule_index: rule_index.into(),
        }
    }

    #[inline(always)]
    pub(super) fn read(bytes: &[u8], at: usize) -> Self {
        let own = bytes.get(at..).and_then(<[u8]>::first_chunk::<ANSWER>);
        match own {
            Some([places @ .., a, b, c, d]) => Answer {
                places: u64::from_le_bytes(*places),
                rule_index: u32::from_le_bytes([*a, *b, *c, *d]).into(),
            },
            None => Answer::NONE,
        }
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.places.to_le_bytes());
        out.extend_from_slice(&self.rule_index().to_le_bytes());
    }

    #[inline(always)]
    pub(super) fn is_some(self) -> bool {
        self.rule_index != u64::MAX
    }

    #[inline(always)]
    pub(super) fn route(self) -> usize {
        self.places as u32 as usize
    }

    pub(super) fn at(self) -> u32 {
        (self.places >> 32) as u32
    }

    #[inline(always)]
    pub(super) fn rule_index(self) -> u32 {
        self.rule_index as u32
    }
}

/// Candidates up to which a list is only scanned.
const SHAPES_FROM: usize = 6;
/// A list that asks about more names than this is only scanned.
const MAX_SLOTS: usize = 16;

/// Layout of a candidate: its size (4), answer (12), method (1: 0 for none, else its place and one), flags (1), number of
/// headers (2), of parameters (2); for a gRPC call service and method (each a length, then the text); per header: name (4),
/// length of the value (2), value; per parameter: length of the name (2), of the value (2), name, value. In place of the
/// length of a regular expression stands `REGEX`, in place of the text its place among the Route's patterns (4).
const HEADER: usize = 22;
const ENTRY_HEADER: usize = 6;
const REGEX: usize = 0xFFFF;
const ABSENT: usize = 0xFFFE;
const PREFLIGHT: u8 = 1;
const CALL: u8 = 2;

/// Candidates in order of precedence; nothing behind one without conditions is kept, as nothing there can win.
pub(super) fn reachable<'g, 's>(group: &'g [Ranked<'s>]) -> &'g [Ranked<'s>] {
    let end = group
        .iter()
        .position(|own| own.candidate.is_unconditional());
    match end.and_then(|end| group.get(..=end)) {
        Some(reachable) => reachable,
        None => group,
    }
}

/// Appends candidates one behind the other; returns where each stands.
pub(super) fn write_candidates(
    group: &[Ranked<'_>],
    names: &mut Interner,
    out: &mut Vec<u8>,
) -> Vec<u32> {
    group
        .iter()
        .map(|own| {
            let at = out.len();
            write_candidate(own, names, out);
            let size = (out.len() - at) as u32;
            if let Some(place) = out.get_mut(at..at + 4) {
                place.copy_from_slice(&size.to_le_bytes());
            }
            at as u32
        })
        .collect()
}

fn write_candidate(own: &Ranked<'_>, names: &mut Interner, out: &mut Vec<u8>) {
    let candidate = &own.candidate;
    out.extend_from_slice(&[0; 4]);
    own.answer().write(out);
    let call = match candidate.target {
        TargetCondition::Call { service, method } if service.is_some() || method.is_some() => {
            Some([service, method])
        }
        _ => None,
    };
    let preflight = if candidate.answers_preflights {
        PREFLIGHT
    } else {
        0
    };
    let flags = preflight | if call.is_some() { CALL } else { 0 };
    out.extend_from_slice(&[candidate.method.map_or(0, |method| method as u8 + 1), flags]);
    put_u16(out, candidate.headers.len());
    put_u16(out, candidate.query.len());
    for side in call.into_iter().flatten() {
        match side {
            None => put_u16(out, ABSENT),
            Some(value) => {
                put_length(out, &value);
                put_value(out, &value);
            }
        }
    }
    for (name, value) in candidate.headers.iter() {
        let place = names.place(name);
        out.extend_from_slice(&place.to_le_bytes());
        if place != 0 && value.is_padded() {
            // No header can have that value: an expression that is nowhere.
            put_u16(out, REGEX);
            out.extend_from_slice(&u32::MAX.to_le_bytes());
            continue;
        }
        put_length(out, &value);
        put_value(out, &value);
    }
    for (name, value) in candidate.query.iter() {
        put_u16(out, name.len());
        put_length(out, &value);
        out.extend_from_slice(name);
        put_value(out, &value);
    }
}

fn put_u16(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&(number as u16).to_le_bytes());
}

fn put_length(out: &mut Vec<u8>, value: &ValueCondition<'_>) {
    match value {
        ValueCondition::Exact(text) => put_u16(out, text.len()),
        ValueCondition::Regex(..) => put_u16(out, REGEX),
    }
}

fn put_value(out: &mut Vec<u8>, value: &ValueCondition<'_>) {
    match value {
        ValueCondition::Exact(text) => out.extend_from_slice(text),
        ValueCondition::Regex(_, place, _) => out.extend_from_slice(&place.to_le_bytes()),
    }
}

/// The first of so many candidates whose conditions hold.
#[inline]
pub(super) fn scan(
    candidates: &[u8],
    count: usize,
    routes: Routes<'_>,
    request: &Request<'_>,
) -> Answer {
    let mut rest = candidates;
    for _ in 0..count {
        if holds(rest, routes, request) {
            return Answer::read(rest, 4);
        }
        rest = rest.get(read_u32(rest, 0) as usize..).unwrap_or_default();
    }
    Answer::NONE
}

/// A text in a candidate: given, or as a regular expression of the candidate's Route.
#[inline(always)]
fn test<'t>(
    candidate: &'t [u8],
    at: usize,
    length: usize,
    routes: Routes<'t>,
) -> (Option<Test<'t>>, usize) {
    if length == REGEX {
        return (regex_test(candidate, at, routes), 4);
    }
    (Some(Test::Exact(slice(candidate, at, length))), length)
}

#[cold]
fn regex_test<'t>(candidate: &'t [u8], at: usize, routes: Routes<'t>) -> Option<Test<'t>> {
    let route = routes.get(read_u32(candidate, 4) as usize)?;
    route.pattern(read_u32(candidate, at)).map(Test::Regex)
}

#[inline]
fn holds(candidate: &[u8], routes: Routes<'_>, request: &Request<'_>) -> bool {
    let Some(head) = candidate.first_chunk::<HEADER>() else {
        return false;
    };
    let [
        ..,
        method,
        flags,
        headers_low,
        headers_high,
        query_low,
        query_high,
    ] = *head;
    if method != 0 && !method_holds(method, flags, request) {
        return false;
    }
    let mut at = HEADER;
    if flags & CALL != 0 {
        match call_holds(candidate, routes, request) {
            Some(end) => at = end,
            None => return false,
        }
    }
    for _ in 0..u16::from_le_bytes([headers_low, headers_high]) {
        let (name, length) = (read_u32(candidate, at), read_u16(candidate, at + 4));
        let (test, size) = test(candidate, at + 6, length, routes);
        at += 6 + size;
        let is_met = match (request.common.names.get(name as usize), test) {
            (Some(_), Some(test)) if name == 0 => host_holds(request, test),
            (Some(name), Some(test)) => usual_header_holds(request, name, test),
            _ => false,
        };
        if !is_met {
            return false;
        }
    }
    for _ in 0..u16::from_le_bytes([query_low, query_high]) {
        let (name_length, length) = (read_u16(candidate, at), read_u16(candidate, at + 2));
        let name = slice(candidate, at + 4, name_length);
        let (test, size) = test(candidate, at + 4 + name_length, length, routes);
        at += 4 + name_length + size;
        if !test.is_some_and(|test| parameter_holds(request, name, test)) {
            return false;
        }
    }
    true
}

#[inline(always)]
fn method_holds(method: u8, flags: u8, request: &Request<'_>) -> bool {
    method == method_number(request.head.method)
        || flags & PREFLIGHT != 0 && preflight_holds(method, request)
}

#[cold]
fn preflight_holds(method: u8, request: &Request<'_>) -> bool {
    let method = Method::ALL.get(usize::from(method) - 1);
    method.is_some_and(|method| preflight_asks_for(*method, request.head))
}

/// Where the conditions behind service and method begin, if both hold.
#[inline(never)]
fn call_holds(candidate: &[u8], routes: Routes<'_>, request: &Request<'_>) -> Option<usize> {
    let call = split_call(request.head.path);
    let mut at = HEADER;
    for side in 0..2 {
        let length = read_u16(candidate, at);
        at += 2;
        if length == ABSENT {
            continue;
        }
        let (service, method) = call?;
        let own = if side == 0 { service } else { method };
        let (test, size) = test(candidate, at, length, routes);
        at += size;
        let is_met = match test? {
            Test::Exact(text) => text == own,
            Test::Regex(pattern) => pattern.matches(own),
        };
        if !is_met {
            return None;
        }
    }
    Some(at)
}

/// A list that does not lie beside its path because it is long.
#[derive(Debug)]
pub(super) struct LongList {
    count: usize,
    candidates: Box<[u8]>,
    answers_preflights: bool,
    shapes: Option<Shapes>,
}

/// The shapes of a list, best class first.
#[derive(Debug, Default)]
struct Shapes {
    slots: Vec<Slot>,
    shapes: Vec<Shape>,
}

/// Something that shapes ask about.
#[derive(Debug, PartialEq)]
enum Slot {
    Header(u32),
    Parameter(Box<[u8]>),
}

#[derive(Debug)]
struct Shape {
    /// Rank of the shape: equal for shapes that compete by seniority.
    class: (bool, usize, usize),
    /// Bit of each method that its candidates ask for.
    methods: u16,
    slots: Box<[u8]>,
    /// Places of entries by the hash of their values; the better of two with one hash stands first.
    table: Table,
    /// Entry: place of the candidate (4), whether it asks for more (1), method (1), per slot length (2) and value.
    entries: Box<[u8]>,
}

/// A hash table of places with open addressing: place and one in the lower half, hash in the upper.
#[derive(Clone, Debug, Default)]
pub(super) struct Table(Box<[u64]>);

impl Table {
    /// Room for so many entries.
    pub(super) fn with_room(entries: usize) -> Self {
        let slots = (entries + entries / 3 + 1).next_power_of_two();
        Table(vec![0; slots].into_boxed_slice())
    }

    /// Adds a place; INVARIANT: no more than there is room for.
    pub(super) fn insert(&mut self, hash: u64, place: u32) {
        let mask = self.0.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        for _ in 0..self.0.len() {
            if let Some(slot) = self.0.get_mut(at)
                && *slot == 0
            {
                *slot = (hash & !0xFFFF_FFFF) | u64::from(place + 1);
                return;
            }
            at = (at + 1) & mask;
        }
    }

    /// The first place with this hash that is the right one, in the order in which they were added.
    #[inline(always)]
    pub(super) fn find(&self, hash: u64, is_right: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.0.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        loop {
            let slot = *self.0.get(at)?;
            if slot == 0 {
                return None;
            }
            let place = slot as u32 - 1;
            if (slot ^ hash) >> 32 == 0 && is_right(place) {
                return Some(place);
            }
            at = (at + 1) & mask;
        }
    }
}

impl LongList {
    pub(super) fn build(group: &[Ranked<'_>], names: &mut Interner) -> Self {
        let mut candidates = Vec::new();
        let places = write_candidates(group, names, &mut candidates);
        let asks_calls = group
            .iter()
            .any(|own| matches!(own.candidate.target, TargetCondition::Call { service, method } if service.is_some() || method.is_some()));
        let shapes = if group.len() > SHAPES_FROM && !asks_calls {
            Shapes::build(group, &places, names)
        } else {
            None
        };
        LongList {
            count: group.len(),
            candidates: candidates.into_boxed_slice(),
            answers_preflights: group.iter().any(|own| own.candidate.answers_preflights),
            shapes,
        }
    }

    /// Whether a list of so many candidates is worth a place of its own.
    pub(super) fn is_for(count: usize) -> bool {
        count > SHAPES_FROM
    }

    /// The best candidate whose conditions hold.
    pub(super) fn find(&self, routes: Routes<'_>, request: &Request<'_>) -> Answer {
        let shapes = match &self.shapes {
            Some(shapes)
                if !self.answers_preflights || preflight_method(request.head).is_none() =>
            {
                shapes
            }
            _ => return scan(&self.candidates, self.count, routes, request),
        };
        match shapes.find(&self.candidates, routes, request) {
            Ok(Some(place)) => Answer::read(&self.candidates, place as usize + 4),
            Ok(None) => Answer::NONE,
            Err(Unusual) => scan(&self.candidates, self.count, routes, request),
        }
    }
}

/// A header of several lines or an encoded query: rare, and left to the scan.
struct Unusual;

/// What a request says about a slot.
#[derive(Clone, Copy)]
enum Asked<'r> {
    Unasked,
    Nothing,
    /// The value and its hash.
    Value(&'r [u8], u64),
}

impl Shapes {
    /// `None` when they ask about too many names.
    fn build(group: &[Ranked<'_>], places: &[u32], names: &mut Interner) -> Option<Self> {
        let seed = names.seed();
        let mut slots: Vec<Slot> = Vec::new();
        // Per shape what identifies it, and its candidates with the hashes of their values.
        type Draft = (Shape, Vec<(u64, u32, usize)>);
        let mut drafts: Vec<Draft> = Vec::new();
        for (number, own) in group.iter().enumerate() {
            let candidate = &own.candidate;
            let mut asked: Vec<(u8, &[u8])> = Vec::new();
            for (slot, value) in slots_of(candidate, names) {
                let place = slots
                    .iter()
                    .position(|other| *other == slot)
                    .unwrap_or(slots.len());
                if place == slots.len() {
                    slots.push(slot);
                }
                asked.push((u8::try_from(place).ok()?, value));
            }
            if slots.len() > MAX_SLOTS {
                return None;
            }
            asked.sort_unstable_by_key(|(slot, _)| *slot);
            let method = candidate.method.map_or(0, |method| method as u16 + 1);
            let class = (method != 0, candidate.headers.len(), candidate.query.len());
            let own_slots: Box<[u8]> = asked.iter().map(|(slot, _)| *slot).collect();
            let found = drafts
                .iter()
                .position(|(s, _)| s.class == class && s.slots == own_slots);
            let draft = match found {
                Some(found) => drafts.get_mut(found)?,
                None => {
                    let shape = Shape {
                        class,
                        methods: 0,
                        slots: own_slots,
                        table: Table::default(),
                        entries: Box::default(),
                    };
                    drafts.push((shape, Vec::new()));
                    drafts.last_mut()?
                }
            };
            draft.0.methods |= 1 << method;
            let start = seed.join(0, u64::from(method));
            let key = asked
                .iter()
                .fold(start, |key, (_, value)| seed.join(key, seed.hash(value)));
            draft.1.push((key, *places.get(number)?, number));
        }
        let shapes = drafts.into_iter().map(|(mut shape, drafted)| {
            shape.table = Table::with_room(drafted.len());
            let mut seen: HashMap<u64, usize> = HashMap::new();
            let mut entries = Vec::new();
            for (key, place, number) in drafted {
                let Some(own) = group.get(number) else {
                    continue;
                };
                // Of several that ask for the same only the first can win.
                let earlier = seen.get(&key).and_then(|earlier| group.get(*earlier));
                if earlier.is_some_and(|earlier| earlier.asks_the_same(own)) {
                    continue;
                }
                seen.entry(key).or_insert(number);
                shape.table.insert(key, entries.len() as u32);
                write_entry(own, place, &slots, names, &mut entries);
            }
            shape.entries = entries.into_boxed_slice();
            shape
        });
        let shapes = shapes.collect();
        Some(Shapes { shapes, slots })
    }

    /// One lookup per shape; the place of the best candidate.
    fn find(
        &self,
        candidates: &[u8],
        routes: Routes<'_>,
        request: &Request<'_>,
    ) -> Result<Option<u32>, Unusual> {
        let seed = request.common.seed;
        let mut best: Option<(u32, (bool, usize, usize))> = None;
        let method = u16::from(method_number(request.head.method));
        let mut asked = [Asked::Unasked; MAX_SLOTS];
        'shapes: for shape in &self.shapes {
            if best.is_some_and(|(_, class)| class != shape.class) {
                break;
            }
            let own = if shape.class.0 { method } else { 0 };
            if shape.methods >> own & 1 == 0 {
                continue;
            }
            let mut key = seed.join(0, u64::from(own));
            for slot in &shape.slots {
                let Some(answer) = asked.get_mut(usize::from(*slot)) else {
                    continue 'shapes;
                };
                if let Asked::Unasked = answer {
                    *answer = match self.slots.get(usize::from(*slot)) {
                        Some(slot) => slot.ask(request)?,
                        None => Asked::Nothing,
                    };
                }
                let Asked::Value(_, hash) = answer else {
                    continue 'shapes;
                };
                key = seed.join(key, *hash);
            }
            let is_right = |entry: u32| {
                let entry = shape.entries.get(entry as usize..).unwrap_or_default();
                shape.entry_holds(entry, own as u8, &asked, candidates, routes, request)
            };
            if let Some(entry) = shape.table.find(key, is_right) {
                let place = read_u32(&shape.entries, entry as usize);
                if best.is_none_or(|(other, _)| place < other) {
                    best = Some((place, shape.class));
                }
            }
        }
        Ok(best.map(|(place, _)| place))
    }
}

impl Shape {
    /// Whether an entry asks for the values of the request, and all else that it asks for holds.
    #[inline(always)]
    fn entry_holds(
        &self,
        entry: &[u8],
        method: u8,
        asked: &[Asked<'_>; MAX_SLOTS],
        candidates: &[u8],
        routes: Routes<'_>,
        request: &Request<'_>,
    ) -> bool {
        let mut at = ENTRY_HEADER;
        for slot in &self.slots {
            let length = read_u16(entry, at);
            let value = slice(entry, at + 2, length);
            at += 2 + length;
            match asked.get(usize::from(*slot)) {
                Some(Asked::Value(own, _)) if equals(own, value) => {}
                _ => return false,
            }
        }
        let Some([a, b, c, d, asks_for_more, own_method]) = entry.first_chunk::<ENTRY_HEADER>()
        else {
            return false;
        };
        let place = u32::from_le_bytes([*a, *b, *c, *d]);
        let all_holds = || {
            let candidate = candidates.get(place as usize..);
            candidate.is_some_and(|own| holds(own, routes, request))
        };
        *own_method == method && (*asks_for_more == 0 || all_holds())
    }
}

/// Writes what a shape compares of a candidate: its exact values in the order of the slots.
fn write_entry(
    own: &Ranked<'_>,
    place: u32,
    slots: &[Slot],
    names: &mut Interner,
    out: &mut Vec<u8>,
) {
    let candidate = &own.candidate;
    let mut asked: Vec<(usize, &[u8])> = slots_of(candidate, names)
        .into_iter()
        .filter_map(|(slot, value)| Some((slots.iter().position(|other| *other == slot)?, value)))
        .collect();
    asked.sort_unstable_by_key(|(slot, _)| *slot);
    out.extend_from_slice(&place.to_le_bytes());
    let conditions = candidate.headers.len() + candidate.query.len();
    out.push(u8::from(asked.len() < conditions));
    out.push(candidate.method.map_or(0, |method| method as u8 + 1));
    for (_, value) in asked {
        put_u16(out, value.len());
        out.extend_from_slice(value);
    }
}

/// The slots that a candidate asks an exact value of.
fn slots_of<'s>(candidate: &Candidate<'s>, names: &mut Interner) -> Vec<(Slot, &'s [u8])> {
    let exact = |value: ValueCondition<'s>| match value {
        ValueCondition::Exact(text) => Some(text),
        ValueCondition::Regex(..) => None,
    };
    let mut slots = Vec::new();
    for (name, value) in candidate.headers.iter() {
        // Hosts are compared in any case: no key of a table.
        if let Some(text) = exact(value)
            && name != HOST.as_str().as_bytes()
        {
            slots.push((Slot::Header(names.place(name)), text));
        }
    }
    for (name, value) in candidate.query.iter() {
        if let Some(text) = exact(value) {
            slots.push((Slot::Parameter(name.into()), text));
        }
    }
    slots
}

impl Slot {
    #[inline(always)]
    fn ask<'r>(&self, request: &Request<'r>) -> Result<Asked<'r>, Unusual> {
        let value = match self {
            Slot::Header(name) => match request.common.names.get(*name as usize) {
                None => None,
                Some(name) => match field(request, name) {
                    Field::None => None,
                    Field::One(value) if is_padded(value) => Some(trim(value)),
                    Field::One(value) => Some(value),
                    Field::Unusual => return Err(Unusual),
                },
            },
            Slot::Parameter(name) => {
                let options = &request.common.options;
                let query = request.head.query.unwrap_or_default();
                if !query::is_raw(query, options) {
                    return Err(Unusual);
                }
                query::first(query, name, options)
            }
        };
        Ok(match value {
            Some(value) => Asked::Value(value, request.common.seed.hash(value)),
            None => Asked::Nothing,
        })
    }
}
