//! A value as the API server sees it, without a copy.
//!
//! Before the API server looks at an object it drops unknown fields and nulls, and fills in defaults. Doing so for
//! real means a copy of every object; a [`View`] does it on the way: it is a place in a [`Sight`](super::sight::Sight),
//! and every step downwards answers for value and schema.

use serde_json::Value;

use super::schema::{Field, Node};
use super::sight::Slot;

/// A value after pruning, dropping of nulls and defaulting.
#[derive(Clone, Copy)]
pub(crate) struct View<'v> {
    slot: &'v Slot<'v>,
    schema: &'v Node,
    /// The slots of the whole object, for what lies below.
    slots: &'v [Slot<'v>],
}

/// A rule read something that is not there, or is of another type than the rule reads it as.
///
/// The rule then counts as broken, unless the other side of an "or" or "and" decides alone: see [`either`] and [`both`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Absent;

/// What a rule says: whether it holds, or that it could not be read.
pub(crate) type Answer = Result<bool, Absent>;

/// CEL's `||`: true on one side decides, whatever the other side is.
pub(crate) fn either(left: Answer, right: impl FnOnce() -> Answer) -> Answer {
    match left {
        Ok(true) => Ok(true),
        Ok(false) => right(),
        Err(Absent) => match right() {
            Ok(true) => Ok(true),
            _ => Err(Absent),
        },
    }
}

/// CEL's `&&`: false on one side decides, whatever the other side is.
pub(crate) fn both(left: Answer, right: impl FnOnce() -> Answer) -> Answer {
    match left {
        Ok(false) => Ok(false),
        Ok(true) => right(),
        Err(Absent) => match right() {
            Ok(false) => Ok(false),
            _ => Err(Absent),
        },
    }
}

impl<'v> View<'v> {
    /// The value in `slot`, as seen through `schema`.
    #[inline]
    pub(crate) fn new(slot: &'v Slot<'v>, schema: &'v Node, slots: &'v [Slot<'v>]) -> Self {
        View {
            slot,
            schema,
            slots,
        }
    }

    /// The value as it was sent: neither pruned nor defaulted below this point.
    #[inline]
    pub(crate) fn raw(self) -> &'v Value {
        self.slot.value.unwrap_or(&Value::Null)
    }

    /// The schema at this place.
    pub(crate) fn schema(self) -> &'v Node {
        self.schema
    }

    /// The value was not sent: it is the default.
    pub(crate) fn is_default(self) -> bool {
        self.slot.is_default
    }

    /// The field `name`, or its default; `None` where it is absent, null, or not a field of this bundle.
    // PERF: inlined, so that for a name written in a rule the hash is a constant.
    #[inline]
    pub(crate) fn field(self, name: &str) -> Option<View<'v>> {
        let (at, field) = self.schema.field_at(name)?;
        self.child(at, &field.node)
    }

    /// CEL's selection `self.name`, where absence is an error of the rule.
    #[inline]
    pub(crate) fn get(self, name: &str) -> Result<View<'v>, Absent> {
        self.field(name).ok_or(Absent)
    }

    /// CEL's `has(self.name)`.
    #[inline]
    pub(crate) fn has(self, name: &str) -> bool {
        self.field(name).is_some()
    }

    /// The field at a position of the schema.
    #[inline]
    pub(crate) fn child(self, at: usize, schema: &'v Node) -> Option<View<'v>> {
        let slot = self.slots.get(self.slot.below + at)?;
        slot.value.map(|_| View::new(slot, schema, self.slots))
    }

    /// All fields of the schema, each with its value if there is one; none for anything but a struct.
    pub(crate) fn fields(self) -> impl Iterator<Item = (&'v Field, Option<View<'v>>)> + Clone {
        let fields = if self.raw().is_object() {
            self.schema.fields.as_slice()
        } else {
            &[]
        };
        let fields = fields.iter().enumerate();
        fields.map(move |(at, field)| (field, self.child(at, &field.node)))
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items(self) -> impl ExactSizeIterator<Item = View<'v>> + Clone {
        let count = self.raw().as_array().map_or(0, Vec::len);
        let schema = self.schema.items.as_deref().unwrap_or(self.schema);
        let items = self.below(count).iter();
        items.map(move |slot| View::new(slot, schema, self.slots))
    }

    /// The slots of `count` items or entries.
    fn below(self, count: usize) -> &'v [Slot<'v>] {
        let start = self.slot.below;
        self.slots.get(start..start + count).unwrap_or_default()
    }

    /// The value of `key` in a map with free keys.
    pub(crate) fn entry(self, key: &str) -> Option<View<'v>> {
        self.entries()
            .find(|(k, _)| *k == key)
            .map(|(_, view)| view)
    }

    /// The keys and values of a map with free keys; none for anything else.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'v str, View<'v>)> + Clone {
        let schema = self.schema.values.as_deref();
        let object = self.raw().as_object().filter(|_| schema.is_some());
        let slots = self.below(object.map_or(0, |object| object.len()));
        let entries = object
            .into_iter()
            .flat_map(|object| object.keys())
            .zip(slots);
        entries
            .filter(|(_, slot)| slot.value.is_some())
            .filter_map(move |(key, slot)| {
                Some((key.as_str(), View::new(slot, schema?, self.slots)))
            })
    }

    /// CEL's `size()`: items of a list, entries of a map, characters of a text; 0 for anything else.
    pub(crate) fn len(self) -> usize {
        match self.raw() {
            Value::Array(items) => items.len(),
            Value::Object(_) => self.entries().count(),
            Value::String(text) => text.chars().count(),
            _ => 0,
        }
    }

    /// The text; empty for anything else.
    pub(crate) fn as_str(self) -> &'v str {
        self.raw().as_str().unwrap_or_default()
    }

    /// The whole number; `None` for anything else, `80.0` included.
    pub(crate) fn as_i64(self) -> Option<i64> {
        self.raw().as_i64()
    }
}

/// CEL's `==` between scalars: same type and same value.
impl PartialEq for View<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.raw() == other.raw()
    }
}

impl PartialEq<str> for View<'_> {
    fn eq(&self, other: &str) -> bool {
        self.raw().as_str() == Some(other)
    }
}

impl PartialEq<&str> for View<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.raw().as_str() == Some(*other)
    }
}

impl PartialEq<i64> for View<'_> {
    fn eq(&self, other: &i64) -> bool {
        self.as_i64() == Some(*other)
    }
}
