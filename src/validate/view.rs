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
    value: &'v Value,
    schema: &'v Node,
    /// What lies below.
    below: &'v [Slot<'v>],
    /// All slots, for what lies further down.
    slots: &'v [Slot<'v>],
    is_default: bool,
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
    pub(crate) fn new(slot: Slot<'v>, schema: &'v Node, slots: &'v [Slot<'v>]) -> Self {
        let value = slot.value.unwrap_or(&Value::Null);
        let count = match value {
            Value::Object(object) if schema.values.is_some() => object.len(),
            Value::Object(_) => schema.fields.len(),
            Value::Array(items) if schema.items.is_some() => items.len(),
            _ => 0,
        };
        let below = slots.get(slot.below..slot.below + count);
        View {
            value,
            schema,
            below: below.unwrap_or_default(),
            slots,
            is_default: slot.is_default,
        }
    }

    /// The value as it was sent: neither pruned nor defaulted below this point.
    pub(crate) fn raw(self) -> &'v Value {
        self.value
    }

    /// The schema at this place.
    pub(crate) fn schema(self) -> &'v Node {
        self.schema
    }

    /// The value was not sent: it is the default.
    pub(crate) fn is_default(self) -> bool {
        self.is_default
    }

    /// The field `name`, or its default; `None` where it is absent, null, or not a field of this bundle.
    pub(crate) fn field(self, name: &str) -> Option<View<'v>> {
        let (at, field) = self.schema.field_at(name)?;
        self.child(at, &field.node)
    }

    /// CEL's selection `self.name`, where absence is an error of the rule.
    pub(crate) fn get(self, name: &str) -> Result<View<'v>, Absent> {
        self.field(name).ok_or(Absent)
    }

    /// CEL's `has(self.name)`.
    pub(crate) fn has(self, name: &str) -> bool {
        let at = self.schema.field_at(name).map(|(at, _)| at);
        let slot = at.and_then(|at| self.below.get(at));
        slot.is_some_and(|slot| slot.value.is_some())
    }

    /// All fields of the schema, each with its value if there is one; none for anything but a struct.
    pub(crate) fn fields(self) -> impl Iterator<Item = (&'v Field, Option<View<'v>>)> + Clone {
        let fields = if self.value.is_object() {
            self.schema.fields.as_slice()
        } else {
            &[]
        };
        let fields = fields.iter().enumerate();
        fields.map(move |(at, field)| (field, self.child(at, &field.node)))
    }

    fn child(self, at: usize, schema: &'v Node) -> Option<View<'v>> {
        let slot = self.below.get(at).filter(|slot| slot.value.is_some())?;
        Some(View::new(*slot, schema, self.slots))
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items(self) -> impl ExactSizeIterator<Item = View<'v>> + Clone {
        let (schema, below) = match (&self.schema.items, self.value) {
            (Some(schema), Value::Array(_)) => (&**schema, self.below),
            _ => (self.schema, &[][..]),
        };
        below
            .iter()
            .map(move |slot| View::new(*slot, schema, self.slots))
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
        let keys = match self.value {
            Value::Object(object) if schema.is_some() => Some(object.keys()),
            _ => None,
        };
        let entries = keys.into_iter().flatten().zip(self.below);
        entries
            .filter(|(_, slot)| slot.value.is_some())
            .filter_map(move |(key, slot)| {
                Some((key.as_str(), View::new(*slot, schema?, self.slots)))
            })
    }

    /// CEL's `size()`: items of a list, entries of a map, characters of a text; 0 for anything else.
    pub(crate) fn len(self) -> usize {
        match self.value {
            Value::Array(items) => items.len(),
            Value::Object(_) => self.entries().count(),
            Value::String(text) => text.chars().count(),
            _ => 0,
        }
    }

    /// The text; empty for anything else.
    pub(crate) fn as_str(self) -> &'v str {
        self.value.as_str().unwrap_or_default()
    }

    /// The whole number; `None` for anything else, `80.0` included.
    pub(crate) fn as_i64(self) -> Option<i64> {
        self.value.as_i64()
    }
}

/// CEL's `==` between scalars: same type and same value.
impl PartialEq for View<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl PartialEq<str> for View<'_> {
    fn eq(&self, other: &str) -> bool {
        self.value.as_str() == Some(other)
    }
}

impl PartialEq<&str> for View<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.value.as_str() == Some(*other)
    }
}

impl PartialEq<i64> for View<'_> {
    fn eq(&self, other: &i64) -> bool {
        self.as_i64() == Some(*other)
    }
}
