//! Changes to a list of headers.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::plan::HeaderEdits;
use crate::router::Headers;

/// A header line: name and value.
pub type HeaderLine<'a> = (Cow<'a, str>, Cow<'a, [u8]>);

/// Changes to a list of headers, folded: what several filters do one after the other, said once.
///
/// Applied in the order remove, set, add (in fact in any order that keeps the lines of one name in order: no name is both
/// removed and set). Names keep the case they were configured in and compare without case.
///
/// # Cost
///
/// Empty changes own nothing. Each change is one entry in a vector; names and values from a plan or a request are borrowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderChanges<'a> {
    ops: Vec<Op<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Op<'a> {
    kind: OpKind,
    name: Cow<'a, str>,
    value: Cow<'a, [u8]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OpKind {
    Remove,
    Set,
    Add,
}

impl<'a> HeaderChanges<'a> {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// Names of which all lines go.
    pub fn removed(&self) -> impl Iterator<Item = &str> {
        self.of_kind(OpKind::Remove).map(|op| &*op.name)
    }

    /// Names that have this value and no other, but for lines of [`added`](Self::added) behind it.
    pub fn set(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.of_kind(OpKind::Set).map(|op| (&*op.name, &*op.value))
    }

    /// Lines that come behind those that are there.
    pub fn added(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.of_kind(OpKind::Add).map(|op| (&*op.name, &*op.value))
    }

    fn of_kind(&self, kind: OpKind) -> impl Iterator<Item = &Op<'a>> {
        self.ops.iter().filter(move |op| op.kind == kind)
    }

    /// Makes room for so many more changes.
    pub(super) fn reserve(&mut self, more: usize) {
        self.ops.reserve(more);
    }

    /// Takes a header away.
    pub(super) fn remove(&mut self, name: impl Into<Cow<'a, str>>) {
        self.replace(OpKind::Remove, name.into(), Cow::Borrowed(b""));
    }

    /// Gives a header this one value.
    pub(super) fn put(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, [u8]>>) {
        self.replace(OpKind::Set, name.into(), value.into());
    }

    /// Appends a line.
    pub(super) fn append(
        &mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, [u8]>>,
    ) {
        let (name, value) = (name.into(), value.into());
        // What was removed before is set by the first line that comes after.
        let removed = self
            .ops
            .iter_mut()
            .find(|op| op.kind == OpKind::Remove && op.name.eq_ignore_ascii_case(&name));
        match removed {
            Some(op) => {
                op.kind = OpKind::Set;
                op.value = value;
            }
            None => self.ops.push(Op {
                kind: OpKind::Add,
                name,
                value,
            }),
        }
    }

    fn replace(&mut self, kind: OpKind, name: Cow<'a, str>, value: Cow<'a, [u8]>) {
        self.ops.retain(|op| !op.name.eq_ignore_ascii_case(&name));
        self.ops.push(Op { kind, name, value });
    }

    /// Does what a filter says; of entries in one list with one name only the first counts (FILTER-HDR-05). Entries that
    /// `skip` holds for do not happen.
    pub(super) fn edit(&mut self, edits: &'a HeaderEdits, skip: impl Fn(&str) -> bool) {
        self.reserve(edits.remove.len() + edits.set.len() + edits.add.len());
        for (index, name) in edits.remove.iter().enumerate() {
            if !skip(name)
                && !edits
                    .remove
                    .iter()
                    .take(index)
                    .any(|own| own.eq_ignore_ascii_case(name))
            {
                self.remove(&**name);
            }
        }
        for (index, (name, value)) in edits.set.iter().enumerate() {
            if !skip(name)
                && !edits
                    .set
                    .iter()
                    .take(index)
                    .any(|(own, _)| own.eq_ignore_ascii_case(name))
            {
                self.put(&**name, value.as_bytes());
            }
        }
        for (index, (name, value)) in edits.add.iter().enumerate() {
            if !skip(name)
                && !edits
                    .add
                    .iter()
                    .take(index)
                    .any(|(own, _)| own.eq_ignore_ascii_case(name))
            {
                self.append(&**name, value.as_bytes());
            }
        }
    }

    /// Does what other changes say, after these.
    pub(super) fn follow(&mut self, later: &HeaderChanges<'a>) {
        for op in &later.ops {
            match op.kind {
                OpKind::Remove => self.remove(op.name.clone()),
                OpKind::Set => self.put(op.name.clone(), op.value.clone()),
                OpKind::Add => self.append(op.name.clone(), op.value.clone()),
            }
        }
    }

    /// Whether lines of this name that were there before are gone.
    fn clears(&self, name: &str) -> bool {
        self.ops
            .iter()
            .any(|op| op.kind != OpKind::Add && op.name.eq_ignore_ascii_case(name))
    }

    /// The lines of a request after these changes: those that stay, in order, then the new ones.
    ///
    /// # Cost
    ///
    /// O(lines * changes), no allocation.
    pub fn lines<'s>(&'s self, original: Headers<'s>) -> impl Iterator<Item = (&'s str, &'s [u8])> {
        original
            .iter()
            .filter(|(name, _)| !self.clears(name))
            .chain(self.new_lines())
    }

    fn new_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.ops
            .iter()
            .filter(|op| op.kind != OpKind::Remove)
            .map(|op| (&*op.name, &*op.value))
    }

    /// The values of one name after these changes.
    pub(super) fn values<'s>(
        &'s self,
        original: Headers<'s>,
        name: &'s str,
    ) -> impl Iterator<Item = &'s [u8]> {
        self.lines(original)
            .filter(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Makes these changes to a list of an answer.
    pub(super) fn apply_to_lines(self, lines: &mut Vec<HeaderLine<'a>>) {
        lines.retain(|(name, _)| !self.clears(name));
        let new = self.ops.into_iter().filter(|op| op.kind != OpKind::Remove);
        lines.extend(new.map(|op| (op.name, op.value)));
    }

    /// Makes these changes to a header map. Names and values that the `http` crate does not accept are left out, and what they
    /// were to replace goes all the same; none come from a plan that [`check`](crate::plan::check) accepts, from an auth server or
    /// an extension.
    pub fn apply_to(&self, headers: &mut HeaderMap) {
        for op in &self.ops {
            let Ok(name) = HeaderName::from_bytes(op.name.as_bytes()) else {
                continue;
            };
            let value = HeaderValue::from_bytes(&op.value);
            match (op.kind, value) {
                (OpKind::Remove, _) | (OpKind::Set, Err(_)) => {
                    headers.remove(name);
                }
                (OpKind::Set, Ok(value)) => {
                    headers.insert(name, value);
                }
                (OpKind::Add, Ok(value)) => {
                    headers.append(name, value);
                }
                (OpKind::Add, Err(_)) => {}
            }
        }
    }
}
