//! A value as the API server sees it, without a copy.
//!
//! Before the API server looks at an object it drops unknown fields and nulls, and fills in defaults. Doing so for
//! real means a copy of every object; a [`View`] does it on the way: it pairs a value with its schema, and every step
//! downwards answers for both.

use serde_json::{Map, Value};

use super::schema::Node;

/// A value after pruning, dropping of nulls and defaulting.
#[derive(Clone, Copy)]
pub(crate) struct View<'v> {
    value: &'v Value,
    schema: &'v Node,
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
    /// `value` as seen through `schema`.
    pub(crate) fn new(value: &'v Value, schema: &'v Node) -> Self {
        View { value, schema }
    }

    /// The value as it was sent: neither pruned nor defaulted below this point.
    pub(crate) fn raw(self) -> &'v Value {
        self.value
    }

    /// The schema at this place.
    pub(crate) fn schema(self) -> &'v Node {
        self.schema
    }

    /// The field `name`, or its default; `None` where it is absent, null, or not a field of this bundle.
    pub(crate) fn field(self, name: &str) -> Option<View<'v>> {
        let field = self.schema.field(name)?;
        let value = match lookup(self.value.as_object()?, name) {
            Some(value) if !value.is_null() => value,
            _ => field.default.as_ref()?,
        };
        Some(View::new(value, &field.node))
    }

    /// CEL's selection `self.name`, where absence is an error of the rule.
    pub(crate) fn get(self, name: &str) -> Result<View<'v>, Absent> {
        self.field(name).ok_or(Absent)
    }

    /// CEL's `has(self.name)`.
    pub(crate) fn has(self, name: &str) -> bool {
        self.field(name).is_some()
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items(self) -> impl ExactSizeIterator<Item = View<'v>> + Clone + 'v {
        let items = match (self.value, &self.schema.items) {
            (Value::Array(items), Some(_)) => items.as_slice(),
            _ => &[],
        };
        let schema = self.schema.items.as_deref().unwrap_or(self.schema);
        items.iter().map(move |item| View::new(item, schema))
    }

    /// The value of `key` in a map with free keys.
    pub(crate) fn entry(self, key: &str) -> Option<View<'v>> {
        let schema = self.schema.values.as_deref()?;
        let value = self.value.as_object()?.get(key)?;
        (!value.is_null()).then(|| View::new(value, schema))
    }

    /// The keys and values of a map with free keys; none for anything else.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'v str, View<'v>)> + Clone + 'v {
        let schema = self.schema.values.as_deref();
        self.value
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null())
            .filter_map(move |(key, value)| Some((key.as_str(), View::new(value, schema?))))
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

/// `object.get(name)`.
///
/// PERF: an ordered map compares texts from the front, by a call each; in a small one, comparing lengths first is faster.
fn lookup<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    const SMALL: usize = 8;
    if object.len() > SMALL {
        return object.get(name);
    }
    let mut entries = object.iter();
    entries
        .find(|(key, _)| key.len() == name.len() && *key == name)
        .map(|(_, value)| value)
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
