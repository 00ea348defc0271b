//! A schema, compiled for one kind, version and bundle.

use serde_json::Value;

use super::table::{Condition, Format, List, Shape, Struct};
use crate::validate::pattern::Pattern;
use crate::validate::rule::Rule;
use crate::vocab::Window;

/// The schema of one place.
pub(crate) struct Node {
    pub(crate) ty: Type,
    /// Known fields, sorted by name.
    pub(crate) fields: Vec<Field>,
    /// How many of them are required.
    pub(crate) required: usize,
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
    pub(crate) rules: Vec<&'static Rule>,
    /// Rules hang here or further down.
    pub(crate) rules_below: bool,
    /// Lists with keys, or sets, are here or further down.
    pub(crate) keys_below: bool,
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
        let at = self.fields.binary_search_by(|field| field.name.cmp(name));
        at.ok().and_then(|at| self.fields.get(at))
    }
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
