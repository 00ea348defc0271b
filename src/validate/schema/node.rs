//! A schema, compiled for one kind, version and bundle.

use serde_json::Value;

use super::table::{Condition, Format, List, Shape, Struct};
use crate::validate::message;
use crate::validate::pattern::Pattern;
use crate::validate::rules::RuleGroup;
use crate::vocab::Window;

/// The schema of one place.
pub(crate) struct Node {
    pub(crate) ty: Type,
    /// What lies below is checked elsewhere: metadata.
    pub(crate) is_opaque: bool,
    /// Known fields, sorted by name.
    pub(crate) fields: Vec<Field>,
    /// Where each field stands in `fields`.
    pub(crate) index: Index,
    /// Whether any of them has a default.
    pub(crate) has_defaults: bool,
    /// The schema of the items of a list.
    pub(crate) items: Option<Box<Node>>,
    /// The schema of the values of a map with free keys.
    pub(crate) values: Option<Box<Node>>,
    pub(crate) format: Option<Format>,
    /// Least length, count or value.
    pub(crate) least: Option<i64>,
    /// Greatest length, count or value.
    pub(crate) most: Option<i64>,
    pub(crate) pattern: Option<&'static Pattern>,
    /// Texts to choose from; empty: any.
    pub(crate) choices: Vec<&'static str>,
    /// Numbers to choose from; empty: any.
    pub(crate) codes: Vec<i64>,
    pub(crate) list: Option<List>,
    pub(crate) condition: Option<Condition>,
    /// The rules that hang here, in the order of the specification.
    pub(crate) rules: Vec<RuleGroup>,
    /// Rules hang here or further down.
    pub(crate) rules_below: bool,
    /// The positions of the fields with rules at them or further down.
    pub(crate) fields_with_rules: Vec<usize>,
    /// Lists with keys, or sets, are here or further down.
    pub(crate) keys_below: bool,
    /// The positions of the fields with such lists at them or further down.
    pub(crate) fields_with_keys: Vec<usize>,
    /// The table that the node is made of, which also knows the fields of other bundles.
    pub(crate) table: Option<&'static Struct>,
    /// The row's shape, which also knows the choices of other bundles.
    pub(crate) shape: &'static Shape,
}

/// The type of a value, in the API server's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Integer,
    Boolean,
    Object,
    List,
}

impl Type {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Type::Text => "string",
            Type::Integer => "integer",
            Type::Boolean => "boolean",
            Type::Object => "object",
            Type::List => "array",
        }
    }
}

/// A field of a [`Node`].
pub(crate) struct Field {
    /// The name as it is written.
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    /// What the field becomes when it is absent or null.
    pub(crate) default: Option<Value>,
    /// The schema of its value.
    pub(crate) node: Node,
}

impl Node {
    /// The field `name`.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.field_at(name).map(|(_, field)| field)
    }

    /// The field `name` and its position.
    #[inline]
    pub(crate) fn field_at(&self, name: &str) -> Option<(usize, &Field)> {
        let at = self.index.guess(name);
        let field = self.fields.get(at)?;
        is_same(field.name, name).then_some((at, field))
    }
}

/// `a == b`.
// PERF: without the call that a comparison of texts of unknown length is.
#[inline]
fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    // Up to sixteen bytes, the first and last eight (overlapping) are all there are.
    if let (Some(first), Some(last)) = (a.first_chunk::<8>(), a.last_chunk::<8>()) {
        return b.first_chunk() == Some(first)
            && b.last_chunk() == Some(last)
            && (a.len() <= 16 || a == b);
    }
    if let (Some(first), Some(last)) = (a.first_chunk::<4>(), a.last_chunk::<4>()) {
        return b.first_chunk() == Some(first) && b.last_chunk() == Some(last);
    }
    a.iter().eq(b)
}

/// Where the fields of a node stand: a perfect hash of their names.
///
/// PERF: looking fields up is most of the work of a check; a hash leaves one comparison.
pub(crate) struct Index {
    factor: u32,
    /// Positions by hash; a name that is no field may get any.
    positions: [u8; Index::SLOTS],
}

impl Index {
    const BITS: u32 = 6;
    const SLOTS: usize = 1 << Index::BITS;

    /// An index of these names; they are few, and differ in length or in one of three letters.
    pub(crate) fn of(names: &[&str]) -> Index {
        let mut index = Index {
            factor: 1,
            positions: [u8::MAX; Index::SLOTS],
        };
        // INVARIANT: a test looks every field of every schema up.
        let mut factors = (0..100_000_u32).map(|n| n.wrapping_mul(0x9e37_79b9) | 1);
        let is_perfect = |factor: &u32| {
            let mut taken = 0_u64;
            names.iter().all(|name| {
                let bit = 1 << Index::slot(name, *factor);
                let free = taken & bit == 0;
                taken |= bit;
                free
            })
        };
        index.factor = factors.find(is_perfect).unwrap_or(1);
        for (position, name) in names.iter().enumerate() {
            let slot = index.positions.get_mut(Index::slot(name, index.factor));
            if let (Some(slot), Ok(position)) = (slot, u8::try_from(position)) {
                *slot = position;
            }
        }
        index
    }

    /// Where the field `name` stands, if it is one.
    #[inline]
    fn guess(&self, name: &str) -> usize {
        let position = self.positions.get(Index::slot(name, self.factor));
        position.map_or(usize::MAX, |position| usize::from(*position))
    }

    #[inline]
    fn slot(name: &str, factor: u32) -> usize {
        let [first, middle, last] = match *name.as_bytes() {
            [] => return 0,
            [only] => [only, 0, only],
            [first, .., last] => {
                let middle = name.as_bytes().get((name.len() - 1) / 2);
                [first, middle.copied().unwrap_or_default(), last]
            }
        };
        let length = u32::try_from(name.len() & 0xff).unwrap_or_default();
        let key = length << 24 | u32::from(first) << 16 | u32::from(middle) << 8 | u32::from(last);
        let hash = key.wrapping_mul(factor) >> (u32::BITS - Index::BITS);
        usize::try_from(hash).unwrap_or_default()
    }
}

/// What to say of keywords that are others in other bundles.
impl Node {
    /// `; at most 16 since v1.6`, where more is allowed elsewhere.
    pub(crate) fn other_most(&self) -> String {
        match self.shape.most.other_than(self.most) {
            Some((window, Some(most))) if Some(most) > self.most => {
                let when = message::when(window).unwrap_or_default();
                format!("; at most {most} {when}")
            }
            Some((window, None)) => where_asked(window),
            _ => String::new(),
        }
    }

    /// Where the least is asked for, if not everywhere.
    pub(crate) fn where_least(&self) -> String {
        let other = self.shape.least.other_than(self.least);
        other.map_or_else(String::new, |(window, _)| where_asked(window))
    }

    /// Where the pattern is asked for, if not everywhere.
    pub(crate) fn where_pattern(&self) -> String {
        let here = self.pattern.map(|pattern| pattern.as_str());
        let other = self.shape.pattern.other_than(here);
        other.map_or_else(String::new, |(window, _)| where_asked(window))
    }
}

/// ` (asked for since v1.5)`, given the window where it is not.
fn where_asked(elsewhere: Window) -> String {
    let when = message::when(Window::ALWAYS.without(elsewhere));
    when.map_or_else(String::new, |when| format!(" (asked for {when})"))
}

impl Node {
    /// Whether server-side apply merges the struct as one whole.
    pub(crate) fn is_atomic(&self) -> bool {
        self.table.is_some_and(|table| table.atomic)
    }

    /// The bundles that have the field `name` here.
    pub(crate) fn window_of(&self, name: &str) -> Window {
        let rows = self.table.iter().flat_map(|table| table.fields);
        let mut rows = rows.filter(|row| row.name == name);
        rows.next().map_or(Window::NEVER, |row| row.window)
    }

    /// The bundles in which the text `choice` is a choice here.
    pub(crate) fn window_of_choice(&self, choice: &str) -> Window {
        let mut groups = self.shape.choices_in.iter();
        let group = groups.find(|(_, choices)| choices.contains(&choice));
        group.map_or(Window::NEVER, |(window, _)| *window)
    }

    /// The bundles in which the number `code` is a choice here.
    pub(crate) fn window_of_code(&self, code: i64) -> Window {
        let mut groups = self.shape.codes_in.iter();
        let group = groups.find(|(_, codes)| codes.contains(&code));
        group.map_or(Window::NEVER, |(window, _)| *window)
    }
}
