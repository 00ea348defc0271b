//! The paths of one host that has many, or has regular expressions or gRPC calls.
//!
//! A hash over whole patterns is probed with the whole path first, then with its parts up to the element borders at which
//! some prefix ends, from the deepest upwards: a handful of predictable probes.

use std::cmp::Ordering;

use super::bytes::{equals, places, read_u16, read_u32, slice};
use super::conditions::Request;
use super::lists::{ANSWER, Answer, LongList, Table, reachable, scan, write_candidates};
use super::names::Interner;
use super::options::{Options, RegexRank};
use super::rank::Ranked;
use super::regexes::Regexes;
use super::source::{TargetCondition, ValueCondition};
use super::table::Routes;

/// Elements of the deepest prefix that has a bit of its own; the last bit stands for all deeper ones.
const MAX_DEPTH: usize = 63;

/// An index over the patterns of one host.
#[derive(Debug)]
pub(super) struct PathIndex {
    /// Places of records by the hash of their text.
    table: Table,
    /// Record: length of the text (2), form of the exact value (1), of the prefix value (1), text, exact value, prefix
    /// value.
    records: Box<[u8]>,
    /// Bit n: some prefix has n elements.
    depths: u64,
    /// Bytes of the longest prefix.
    longest: usize,
    lists: Box<[LongList]>,
    regexes: Option<Regexes>,
    regexes_first: bool,
    /// Candidates for calls of which the service is not exact, behind all others.
    calls: Option<LongList>,
}

/// What a pattern leads to, and how it is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Form {
    Nothing = 0,
    /// An [`Answer`].
    Direct = 1,
    /// Size (4), number of candidates (2), candidates.
    List = 2,
    /// Place of a [`LongList`] (4).
    Long = 3,
}

const HEADER: usize = 4;
/// Size and number in front of a list.
pub(super) const LIST_HEADER: usize = 6;

/// Exact or prefix, and the text.
pub(super) type PatternKey<'s> = (bool, &'s [u8]);

/// Writes down what a pattern leads to.
pub(super) fn write_value(
    group: &[Ranked<'_>],
    lists: &mut Vec<LongList>,
    names: &mut Interner,
    out: &mut Vec<u8>,
) -> Form {
    let group = reachable(group);
    match group {
        [] => Form::Nothing,
        [only] if only.candidate.is_unconditional() => {
            only.answer().write(out);
            Form::Direct
        }
        _ if LongList::is_for(group.len()) => {
            out.extend_from_slice(&(lists.len() as u32).to_le_bytes());
            lists.push(LongList::build(group, names));
            Form::Long
        }
        _ => {
            let start = out.len();
            out.extend_from_slice(&[0; 4]);
            out.extend_from_slice(&(group.len() as u16).to_le_bytes());
            write_candidates(group, names, out);
            let size = (out.len() - start) as u32;
            if let Some(place) = out.get_mut(start..start + 4) {
                place.copy_from_slice(&size.to_le_bytes());
            }
            Form::List
        }
    }
}

/// What stands at a place, and its size.
#[inline(always)]
pub(super) fn judge(
    form: u8,
    bytes: &[u8],
    at: usize,
    lists: &[LongList],
    routes: Routes<'_>,
    request: &Request<'_>,
) -> Answer {
    if form == Form::Direct as u8 {
        return Answer::read(bytes, at);
    }
    judge_list(form, bytes, at, lists, routes, request)
}

fn judge_list(
    form: u8,
    bytes: &[u8],
    at: usize,
    lists: &[LongList],
    routes: Routes<'_>,
    request: &Request<'_>,
) -> Answer {
    if form == Form::List as u8 {
        let list = bytes
            .get(at..)
            .and_then(<[u8]>::split_first_chunk::<LIST_HEADER>);
        let Some(([_, _, _, _, low, high], candidates)) = list else {
            return Answer::NONE;
        };
        let count = u16::from_le_bytes([*low, *high]);
        return scan(candidates, count.into(), routes, request);
    }
    if form == Form::Long as u8
        && let Some(list) = lists.get(read_u32(bytes, at) as usize)
    {
        return list.find(routes, request);
    }
    Answer::NONE
}

#[inline(always)]
fn size_of(form: u8, bytes: &[u8], at: usize) -> usize {
    match form {
        1 => ANSWER,
        2 => read_u32(bytes, at) as usize,
        3 => 4,
        _ => 0,
    }
}

/// The pattern of a candidate, unless it is one for the regular expressions or for calls by anything but exact names.
fn key_of<'k>(own: &Ranked<'_>, buffer: &'k mut Vec<u8>) -> Option<PatternKey<'k>> {
    buffer.clear();
    let is_exact = match own.candidate.target {
        TargetCondition::Exact(path) => {
            buffer.extend_from_slice(path);
            true
        }
        TargetCondition::Prefix(path) => {
            buffer.extend_from_slice(path);
            false
        }
        TargetCondition::Call {
            service: Some(ValueCondition::Exact(service)),
            method,
        } => {
            buffer.push(b'/');
            buffer.extend_from_slice(service);
            match method {
                Some(ValueCondition::Exact(method)) => {
                    buffer.push(b'/');
                    buffer.extend_from_slice(method);
                    true
                }
                _ => false,
            }
        }
        TargetCondition::Regex(..) | TargetCondition::Call { .. } => return None,
    };
    Some((is_exact, buffer))
}

/// Candidates grouped by pattern, each group in order of precedence; exact ones first, longer ones first. Then those that
/// have none.
pub(super) struct Grouped<'s> {
    pub(super) groups: Vec<(bool, Vec<u8>, Vec<Ranked<'s>>)>,
    pub(super) regexes: Vec<Ranked<'s>>,
    pub(super) calls: Vec<Ranked<'s>>,
}

impl<'s> Grouped<'s> {
    pub(super) fn of(candidates: Vec<Ranked<'s>>, options: &Options) -> Self {
        let mut keyed: Vec<(bool, Vec<u8>, Ranked<'s>)> = Vec::with_capacity(candidates.len());
        let (mut regexes, mut calls) = (Vec::new(), Vec::new());
        let mut buffer = Vec::new();
        for own in candidates {
            match key_of(&own, &mut buffer) {
                Some((is_exact, text)) => keyed.push((is_exact, text.to_vec(), own)),
                None if matches!(own.candidate.target, TargetCondition::Regex(..)) => {
                    regexes.push(own)
                }
                None => calls.push(own),
            }
        }
        keyed.sort_by(|(exact_a, text_a, a), (exact_b, text_b, b)| {
            let by_text = text_b
                .len()
                .cmp(&text_a.len())
                .then_with(|| text_a.cmp(text_b));
            exact_b
                .cmp(exact_a)
                .then(by_text)
                .then_with(|| a.compare(b, options))
        });
        regexes.sort_by(|a, b| a.compare(b, options));
        calls.sort_by(|a, b| a.compare(b, options));
        let mut groups: Vec<(bool, Vec<u8>, Vec<Ranked<'s>>)> = Vec::new();
        for (is_exact, text, own) in keyed {
            match groups.last_mut() {
                Some((other_exact, other, group)) if *other_exact == is_exact && *other == text => {
                    group.push(own)
                }
                _ => groups.push((is_exact, text, vec![own])),
            }
        }
        Grouped {
            groups,
            regexes,
            calls,
        }
    }
}

impl PathIndex {
    pub(super) fn build(grouped: &Grouped<'_>, options: &Options, names: &mut Interner) -> Self {
        let seed = names.seed();
        let mut by_text: Vec<(&[u8], [&[Ranked<'_>]; 2])> =
            Vec::with_capacity(grouped.groups.len());
        let mut order: Vec<&(bool, Vec<u8>, Vec<Ranked<'_>>)> = grouped.groups.iter().collect();
        order.sort_by(|a, b| match a.1.cmp(&b.1) {
            Ordering::Equal => b.0.cmp(&a.0),
            other => other,
        });
        for (is_exact, text, group) in order {
            let place = usize::from(!*is_exact);
            match by_text.last_mut() {
                Some((other, values)) if *other == text.as_slice() => {
                    if let Some(value) = values.get_mut(place) {
                        *value = group;
                    }
                }
                _ => {
                    let none: &[Ranked<'_>] = &[];
                    by_text.push((
                        text,
                        if *is_exact {
                            [group, none]
                        } else {
                            [none, group]
                        },
                    ));
                }
            }
        }
        let mut index = PathIndex {
            table: Table::with_room(by_text.len()),
            records: Box::default(),
            depths: 0,
            longest: 0,
            lists: Box::default(),
            regexes: (!grouped.regexes.is_empty()).then(|| Regexes::build(&grouped.regexes, names)),
            regexes_first: options.regex_rank == RegexRank::BetweenExactAndPrefix,
            calls: (!grouped.calls.is_empty())
                .then(|| LongList::build(reachable(&grouped.calls), names)),
        };
        let (mut records, mut lists) = (Vec::new(), Vec::new());
        for (text, values) in by_text {
            let at = records.len();
            records.extend_from_slice(&(text.len() as u16).to_le_bytes());
            records.extend_from_slice(&[0, 0]);
            records.extend_from_slice(text);
            for (place, group) in values.into_iter().enumerate() {
                let form = write_value(group, &mut lists, names, &mut records);
                if let Some(own) = records.get_mut(at + 2 + place) {
                    *own = form as u8;
                }
                if place == 1 && form != Form::Nothing {
                    let depth = text.iter().filter(|b| **b == b'/').count();
                    index.depths |= 1 << depth.min(MAX_DEPTH);
                    index.longest = index.longest.max(text.len());
                }
            }
            index.table.insert(seed.hash(text), at as u32);
        }
        index.records = records.into_boxed_slice();
        index.lists = lists.into_boxed_slice();
        index
    }

    /// Tries, in this order: the exact pattern, regular expressions, prefixes from the longest down (or these before the
    /// expressions), what has no pattern.
    pub(super) fn find(&self, path: &[u8], routes: Routes<'_>, request: &Request<'_>) -> Answer {
        let whole = self.record(path, request);
        if let Some(record) = whole {
            let found = self.exact(record, path.len(), routes, request);
            if found.is_some() {
                return found;
            }
        }
        if self.regexes_first
            && let Some(regexes) = &self.regexes
        {
            let found = regexes.find(routes, request);
            if found.is_some() {
                return found;
            }
        }
        if let Some(record) = whole {
            let found = self.prefix(record, path.len(), routes, request);
            if found.is_some() {
                return found;
            }
        }
        let found = self.find_prefix(path, routes, request);
        if found.is_some() {
            return found;
        }
        if !self.regexes_first
            && let Some(regexes) = &self.regexes
        {
            let found = regexes.find(routes, request);
            if found.is_some() {
                return found;
            }
        }
        self.find_call(routes, request)
    }

    /// What takes calls whatever their path.
    pub(super) fn find_call(&self, routes: Routes<'_>, request: &Request<'_>) -> Answer {
        let calls = self.calls.as_ref();
        calls.map_or(Answer::NONE, |calls| calls.find(routes, request))
    }

    /// A prefix of n elements ends before border n, counted from 0.
    #[inline(always)]
    fn find_prefix(&self, path: &[u8], routes: Routes<'_>, request: &Request<'_>) -> Answer {
        let mut borders = [0; MAX_DEPTH + 1];
        let count = places(path, b'/', &mut borders);
        if count > MAX_DEPTH || path.len() > usize::from(u16::MAX) {
            return self.find_deep_prefix(path, routes, request);
        }
        let mut depths = self.depths & ((1 << count) - 1);
        while depths != 0 {
            let depth = 63 - depths.leading_zeros();
            let end = borders.get(depth as usize).copied().unwrap_or_default();
            let part = path.get(..usize::from(end)).unwrap_or_default();
            if let Some(record) = self.record(part, request) {
                let found = self.prefix(record, part.len(), routes, request);
                if found.is_some() {
                    return found;
                }
            }
            depths ^= 1 << depth;
        }
        Answer::NONE
    }

    /// The same for paths of more elements than there are bits.
    #[cold]
    fn find_deep_prefix(&self, path: &[u8], routes: Routes<'_>, request: &Request<'_>) -> Answer {
        // No prefix ends beyond that, so that the work is bounded by what is configured, not by what is asked.
        let mut rest = path.get(..=self.longest).unwrap_or(path);
        let mut depth = rest.iter().filter(|b| **b == b'/').count();
        while let Some(end) = rest.iter().rposition(|b| *b == b'/') {
            rest = rest.get(..end).unwrap_or_default();
            depth -= 1;
            if self.depths >> depth.min(MAX_DEPTH) & 1 != 0
                && let Some(record) = self.record(rest, request)
            {
                let found = self.prefix(record, rest.len(), routes, request);
                if found.is_some() {
                    return found;
                }
            }
        }
        Answer::NONE
    }

    #[inline(always)]
    fn record(&self, text: &[u8], request: &Request<'_>) -> Option<&[u8]> {
        let is_right = |at: u32| {
            let at = at as usize;
            read_u16(&self.records, at) == text.len()
                && equals(slice(&self.records, at + HEADER, text.len()), text)
        };
        let at = self.table.find(request.common.seed.hash(text), is_right)?;
        self.records.get(at as usize..)
    }

    #[inline(always)]
    fn exact(
        &self,
        record: &[u8],
        length: usize,
        routes: Routes<'_>,
        request: &Request<'_>,
    ) -> Answer {
        let form = record.get(2).copied().unwrap_or_default();
        judge(form, record, HEADER + length, &self.lists, routes, request)
    }

    #[inline(always)]
    fn prefix(
        &self,
        record: &[u8],
        length: usize,
        routes: Routes<'_>,
        request: &Request<'_>,
    ) -> Answer {
        let Some([_, _, exact, prefix]) = record.first_chunk().copied() else {
            return Answer::NONE;
        };
        let at = HEADER + length;
        judge(
            prefix,
            record,
            at + size_of(exact, record, at),
            &self.lists,
            routes,
            request,
        )
    }
}
