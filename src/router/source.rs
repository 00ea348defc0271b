//! Matches of a Route in a compact form: what hosts are built from, explained by and built from again.

use super::bytes::slice;
use super::pattern::Pattern;
use crate::plan::Method;

/// One match of a rule: what competes for a request (0.3 of the catalogue).
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'s> {
    /// Where it stands in the Route's bytes; names the candidate within the Route.
    pub(super) at: u32,
    /// Place of its rule among the rules that are served.
    pub(super) slot: u32,
    /// Place in the rule's list of matches.
    pub(super) match_index: u32,
    pub(super) target: TargetCondition<'s>,
    pub(super) method: Option<Method>,
    /// The rule answers preflights, which may meet the method condition by what they ask for (FILTER-CORS-03).
    pub(super) answers_preflights: bool,
    /// Effective entries only (MATCH-HDR-03).
    pub(super) headers: Conditions<'s>,
    /// Effective entries only, names decoded (MATCH-QUERY-03/05).
    pub(super) query: Conditions<'s>,
}

/// Condition on what is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum TargetCondition<'s> {
    /// A whole path, normalised.
    Exact(&'s [u8]),
    /// A prefix of whole elements, normalised, without closing slash: `/` is empty.
    Prefix(&'s [u8]),
    /// A regular expression for the whole path.
    Regex(&'s [u8], &'s Pattern),
    /// A gRPC call.
    Call {
        service: Option<ValueCondition<'s>>,
        method: Option<ValueCondition<'s>>,
    },
}

/// Condition on a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum ValueCondition<'s> {
    Exact(&'s [u8]),
    /// The text, and the place among the Route's patterns with what stands there.
    Regex(&'s [u8], u32, &'s Pattern),
}

/// Conditions by name, in the order of the object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conditions<'s> {
    count: u32,
    bytes: &'s [u8],
    patterns: &'s [Pattern],
}

impl<'s> Conditions<'s> {
    pub(super) fn len(&self) -> usize {
        self.count as usize
    }

    pub(super) fn iter(self) -> impl Iterator<Item = (&'s [u8], ValueCondition<'s>)> + Clone {
        let mut cursor = Cursor {
            bytes: self.bytes,
            at: 0,
            patterns: self.patterns,
        };
        (0..self.count).map(move |_| (cursor.text(), cursor.value()))
    }
}

impl Candidate<'_> {
    /// Whether nothing is asked beside the path.
    pub(super) fn is_path_only(&self) -> bool {
        self.method.is_none() && self.headers.len() == 0 && self.query.len() == 0
    }

    /// Whether nothing is asked but what its target says.
    pub(super) fn is_unconditional(&self) -> bool {
        let asks_call = match self.target {
            TargetCondition::Call { service, method } => service.is_some() || method.is_some(),
            _ => false,
        };
        self.is_path_only() && !asks_call
    }
}

const EXACT: u8 = 0;
const PREFIX: u8 = 1;
const REGEX: u8 = 2;
const CALL: u8 = 3;
const PREFLIGHT: u8 = 0x10;

/// Writes candidates.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
    pub(super) patterns: Vec<Pattern>,
}

/// A value to be written.
pub(super) enum NewValue<'v> {
    Exact(&'v str),
    Regex(&'v str, Pattern),
}

/// A target to be written.
pub(super) enum NewTarget<'v> {
    Exact(&'v str),
    Prefix(&'v str),
    Regex(&'v str, Pattern),
    Call(Option<NewValue<'v>>, Option<NewValue<'v>>),
}

impl Writer {
    /// Place and kind of a candidate; conditions follow.
    pub(super) fn start(
        &mut self,
        slot: u32,
        match_index: u32,
        target: NewTarget<'_>,
        method: Option<Method>,
        answers_preflights: bool,
    ) {
        self.number(slot);
        self.number(match_index);
        let preflight = if answers_preflights { PREFLIGHT } else { 0 };
        let kind = match target {
            NewTarget::Exact(_) => EXACT,
            NewTarget::Prefix(_) => PREFIX,
            NewTarget::Regex(..) => REGEX,
            NewTarget::Call(..) => CALL,
        };
        self.bytes.push(kind | preflight);
        self.bytes.push(method.map_or(0, |method| method as u8 + 1));
        match target {
            NewTarget::Exact(path) | NewTarget::Prefix(path) => self.text(path.as_bytes()),
            NewTarget::Regex(text, pattern) => self.value(NewValue::Regex(text, pattern)),
            NewTarget::Call(service, method) => {
                for side in [service, method] {
                    match side {
                        Some(value) => {
                            self.bytes.push(1);
                            self.value(value);
                        }
                        None => self.bytes.push(0),
                    }
                }
            }
        }
    }

    /// A list of conditions; as many calls of [`condition`](Self::condition) follow.
    pub(super) fn count(&mut self, count: usize) {
        self.number(count as u32);
    }

    pub(super) fn condition(&mut self, name: &[u8], value: NewValue<'_>) {
        self.text(name);
        self.value(value);
    }

    /// What has been written for a rule that turns out bad is taken back to here.
    pub(super) fn mark(&self) -> (usize, usize) {
        (self.bytes.len(), self.patterns.len())
    }

    pub(super) fn take_back(&mut self, (bytes, patterns): (usize, usize)) {
        self.bytes.truncate(bytes);
        self.patterns.truncate(patterns);
    }

    fn value(&mut self, value: NewValue<'_>) {
        match value {
            NewValue::Exact(text) => {
                self.bytes.push(0);
                self.text(text.as_bytes());
            }
            NewValue::Regex(text, pattern) => {
                self.bytes.push(1);
                self.number(self.patterns.len() as u32);
                self.patterns.push(pattern);
                self.text(text.as_bytes());
            }
        }
    }

    fn text(&mut self, text: &[u8]) {
        self.number(text.len() as u32);
        self.bytes.extend_from_slice(text);
    }

    /// Seven bits a byte, the lowest first.
    fn number(&mut self, mut number: u32) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

/// Reads what a [`Writer`] has written. INVARIANT: it is only given such bytes; reading past the end gives empty values.
#[derive(Clone, Copy)]
struct Cursor<'s> {
    bytes: &'s [u8],
    at: usize,
    patterns: &'s [Pattern],
}

impl<'s> Cursor<'s> {
    fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        byte
    }

    fn number(&mut self) -> u32 {
        let mut number = 0;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte();
            number |= u32::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                break;
            }
        }
        number
    }

    fn text(&mut self) -> &'s [u8] {
        let length = self.number() as usize;
        let text = slice(self.bytes, self.at, length);
        self.at += length;
        text
    }

    fn value(&mut self) -> ValueCondition<'s> {
        if self.byte() == 0 {
            return ValueCondition::Exact(self.text());
        }
        let place = self.number();
        let text = self.text();
        match self.patterns.get(place as usize) {
            Some(pattern) => ValueCondition::Regex(text, place, pattern),
            None => ValueCondition::Exact(text),
        }
    }

    fn candidate(&mut self) -> Candidate<'s> {
        let at = self.at as u32;
        let (slot, match_index) = (self.number(), self.number());
        let kind = self.byte();
        let method = self.byte();
        let target = match kind & 0x0F {
            EXACT => TargetCondition::Exact(self.text()),
            PREFIX => TargetCondition::Prefix(self.text()),
            REGEX => match self.value() {
                ValueCondition::Regex(text, _, pattern) => TargetCondition::Regex(text, pattern),
                ValueCondition::Exact(text) => TargetCondition::Exact(text),
            },
            _ => {
                let mut side = || (self.byte() == 1).then(|| self.value());
                TargetCondition::Call {
                    service: side(),
                    method: side(),
                }
            }
        };
        let mut conditions = || {
            let count = self.number();
            let start = self.at;
            for _ in 0..count {
                self.text();
                self.value();
            }
            let bytes = self.bytes.get(start..self.at).unwrap_or_default();
            Conditions {
                count,
                bytes,
                patterns: self.patterns,
            }
        };
        Candidate {
            at,
            slot,
            match_index,
            target,
            method: Method::ALL
                .get(usize::from(method).wrapping_sub(1))
                .copied(),
            answers_preflights: kind & PREFLIGHT != 0,
            headers: conditions(),
            query: conditions(),
        }
    }
}

/// The candidate at a place.
pub(super) fn read<'s>(bytes: &'s [u8], patterns: &'s [Pattern], at: u32) -> Candidate<'s> {
    Cursor {
        bytes,
        at: at as usize,
        patterns,
    }
    .candidate()
}

/// All candidates, in list order.
pub(super) fn read_all<'s>(
    bytes: &'s [u8],
    patterns: &'s [Pattern],
) -> impl Iterator<Item = Candidate<'s>> {
    let mut cursor = Cursor {
        bytes,
        at: 0,
        patterns,
    };
    std::iter::from_fn(move || (cursor.at < bytes.len()).then(|| cursor.candidate()))
}

/// The slot of the candidate at a place, without reading on.
pub(super) fn read_slot(bytes: &[u8], at: u32) -> u32 {
    Cursor {
        bytes,
        at: at as usize,
        patterns: &[],
    }
    .number()
}
