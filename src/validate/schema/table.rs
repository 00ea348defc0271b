//! The language in which the structure of each struct is written down.
//!
//! One row a field, in the words of the API server's schema. What does not hold in every bundle carries a
//! [`Window`]; the tables in the files beside this one are the only place where structure is stated, and
//! [`super::compile`] makes of them what the walker reads.

use crate::vocab::{Bundle, Release, Window};

pub(super) const ALWAYS: Window = Window::ALWAYS;
pub(super) const EXPERIMENTAL: Window = Window::EXPERIMENTAL;
pub(super) const BEFORE_V1_5: Window = Window::before(Release::V1_5);
pub(super) const BEFORE_V1_6: Window = Window::before(Release::V1_6);
pub(super) const SINCE_V1_5: Window = Window::since(Release::V1_5);
pub(super) const SINCE_V1_6: Window = Window::since(Release::V1_6);
/// Experimental first, in the standard channel from v1.5 on.
pub(super) const STANDARD_SINCE_V1_5: Window = EXPERIMENTAL.or(SINCE_V1_5);
/// Experimental first, in the standard channel from v1.6 on.
pub(super) const STANDARD_SINCE_V1_6: Window = EXPERIMENTAL.or(SINCE_V1_6);
pub(super) const EXPERIMENTAL_SINCE_V1_5: Window = EXPERIMENTAL.and(SINCE_V1_5);
pub(super) const EXPERIMENTAL_SINCE_V1_6: Window = EXPERIMENTAL.and(SINCE_V1_6);

/// A struct: its fields, and the one extra condition that two of them have.
pub(crate) struct Struct {
    pub(super) fields: &'static [Row],
    pub(super) condition: Option<Condition>,
    pub(super) atomic: bool,
}

/// A condition on a whole struct that is neither a keyword of one field nor a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// When `type` is `IPAddress`, `value` is an IPv4 or IPv6 address.
    AddressOfType,
}

pub(super) const fn fields(fields: &'static [Row]) -> Struct {
    Struct {
        fields,
        condition: None,
        atomic: false,
    }
}

impl Struct {
    pub(super) const fn with(mut self, condition: Condition) -> Self {
        self.condition = Some(condition);
        self
    }

    /// Merged as one whole by server-side apply.
    pub(super) const fn atomic(mut self) -> Self {
        self.atomic = true;
        self
    }
}

/// A field of a struct.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// Where the field exists.
    pub(super) window: Window,
    /// Where it must be given.
    pub(super) required: Window,
    pub(super) default: Default,
    /// Where it has the default.
    pub(super) default_window: Window,
}

/// What a field becomes when it is absent.
#[derive(Clone, Copy)]
pub(crate) enum Default {
    None,
    Text(&'static str),
    Number(i64),
    /// A value written as JSON.
    Json(&'static str),
}

pub(super) const fn optional(name: &'static str, shape: Shape) -> Row {
    Row {
        name,
        shape,
        window: Window::ALWAYS,
        required: Window::NEVER,
        default: Default::None,
        default_window: Window::ALWAYS,
    }
}

pub(super) const fn required(name: &'static str, shape: Shape) -> Row {
    let mut row = optional(name, shape);
    row.required = Window::ALWAYS;
    row
}

impl Row {
    /// The field exists in these bundles only.
    pub(super) const fn only(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// The field must be given in these bundles only.
    pub(super) const fn required_in(mut self, window: Window) -> Self {
        self.required = window;
        self
    }

    pub(super) const fn or(mut self, text: &'static str) -> Self {
        self.default = Default::Text(text);
        self
    }

    pub(super) const fn or_number(mut self, number: i64) -> Self {
        self.default = Default::Number(number);
        self
    }

    pub(super) const fn or_json(mut self, json: &'static str) -> Self {
        self.default = Default::Json(json);
        self
    }

    /// The default holds in these bundles only.
    pub(super) const fn default_in(mut self, window: Window) -> Self {
        self.default_window = window;
        self
    }
}

/// A keyword's value, and another one in some bundles.
#[derive(Clone, Copy)]
pub(super) struct Varying<T> {
    usual: Option<T>,
    there: Option<T>,
    window: Window,
}

impl<T: Copy> Varying<T> {
    const NONE: Varying<T> = Varying {
        usual: None,
        there: None,
        window: Window::NEVER,
    };

    const fn usually(mut self, value: T) -> Self {
        self.usual = Some(value);
        self
    }

    const fn in_window(mut self, window: Window, value: T) -> Self {
        self.there = Some(value);
        self.window = window;
        self
    }

    /// The other value and where it holds, seen from where `value` holds.
    pub(super) fn other_than(self, value: Option<T>) -> Option<(Window, Option<T>)>
    where
        T: PartialEq,
    {
        if self.window == Window::NEVER || self.usual == self.there {
            None
        } else if value == self.there {
            Some((Window::ALWAYS.without(self.window), self.usual))
        } else {
            Some((self.window, self.there))
        }
    }

    /// The value in `bundle`.
    pub(super) fn at(self, bundle: Bundle) -> Option<T> {
        if self.window.holds(bundle) {
            self.there
        } else {
            self.usual
        }
    }
}

/// The type of a value and all keywords that constrain it.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(super) kind: Kind,
    pub(super) format: Option<Format>,
    /// Least length of a text, items of a list, or value of a number.
    pub(super) least: Varying<i64>,
    /// Greatest length of a text, items of a list, entries of a map, or value of a number.
    pub(super) most: Varying<i64>,
    pub(super) pattern: Varying<&'static str>,
    pub(super) choices: &'static [&'static str],
    pub(super) choices_in: &'static [(Window, &'static [&'static str])],
    pub(super) codes: &'static [i64],
    pub(super) codes_in: &'static [(Window, &'static [i64])],
    pub(super) list: Varying<List>,
}

/// The type of a value.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Integer,
    Boolean,
    Object(&'static Struct),
    /// An object whose content is checked elsewhere: metadata.
    Opaque,
    /// Free keys, one shape for all values.
    Map(&'static Shape),
    ListOf(&'static Shape),
}

/// How the items of a list belong together (`x-kubernetes-list-type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// One whole.
    Atomic,
    /// Each item at most once.
    Set,
    /// Items with a key: these fields together occur at most once.
    Map(&'static [&'static str]),
}

/// A format that the API server enforces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    DateTime,
    Int32,
    Int64,
}

/// The fields that every object has.
pub(super) const API_VERSION: Row = optional("apiVersion", text());
pub(super) const KIND_NAME: Row = optional("kind", text());
pub(super) const METADATA: Row = optional("metadata", opaque());

const fn shape(kind: Kind) -> Shape {
    Shape {
        kind,
        format: None,
        least: Varying::NONE,
        most: Varying::NONE,
        pattern: Varying::NONE,
        choices: &[],
        choices_in: &[],
        codes: &[],
        codes_in: &[],
        list: Varying::NONE,
    }
}

pub(super) const fn text() -> Shape {
    shape(Kind::Text)
}

pub(super) const fn boolean() -> Shape {
    shape(Kind::Boolean)
}

/// A whole number without a stated size.
pub(super) const fn integer() -> Shape {
    shape(Kind::Integer)
}

pub(super) const fn int32() -> Shape {
    let mut shape = integer();
    shape.format = Some(Format::Int32);
    shape
}

pub(super) const fn int64() -> Shape {
    let mut shape = integer();
    shape.format = Some(Format::Int64);
    shape
}

pub(super) const fn date_time() -> Shape {
    let mut shape = text();
    shape.format = Some(Format::DateTime);
    shape
}

pub(super) const fn object(of: &'static Struct) -> Shape {
    shape(Kind::Object(of))
}

pub(super) const fn opaque() -> Shape {
    shape(Kind::Opaque)
}

pub(super) const fn map(of: &'static Shape) -> Shape {
    shape(Kind::Map(of))
}

/// A list without a list type.
pub(super) const fn list(of: &'static Shape) -> Shape {
    shape(Kind::ListOf(of))
}

pub(super) const fn atomic(of: &'static Shape) -> Shape {
    list(of).kept(List::Atomic)
}

pub(super) const fn set(of: &'static Shape) -> Shape {
    list(of).kept(List::Set)
}

pub(super) const fn keyed(keys: &'static [&'static str], of: &'static Shape) -> Shape {
    list(of).kept(List::Map(keys))
}

impl Shape {
    const fn kept(mut self, list: List) -> Self {
        self.list = self.list.usually(list);
        self
    }

    /// The list is of this type in these bundles.
    pub(super) const fn kept_in(mut self, window: Window, list: List) -> Self {
        self.list = self.list.in_window(window, list);
        self
    }

    pub(super) const fn least(mut self, least: i64) -> Self {
        self.least = self.least.usually(least);
        self
    }

    pub(super) const fn least_in(mut self, window: Window, least: i64) -> Self {
        self.least = self.least.in_window(window, least);
        self
    }

    pub(super) const fn most(mut self, most: i64) -> Self {
        self.most = self.most.usually(most);
        self
    }

    pub(super) const fn most_in(mut self, window: Window, most: i64) -> Self {
        self.most = self.most.in_window(window, most);
        self
    }

    /// A text that the pattern is found in.
    pub(super) const fn like(mut self, pattern: &'static str) -> Self {
        self.pattern = self.pattern.usually(pattern);
        self
    }

    pub(super) const fn like_in(mut self, window: Window, pattern: &'static str) -> Self {
        self.pattern = self.pattern.in_window(window, pattern);
        self
    }

    /// One of these texts.
    pub(super) const fn one_of(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    /// One of these texts too, each group in its bundles.
    pub(super) const fn one_of_in(
        mut self,
        choices: &'static [(Window, &'static [&'static str])],
    ) -> Self {
        self.choices_in = choices;
        self
    }

    /// One of these numbers.
    pub(super) const fn one_of_codes(mut self, codes: &'static [i64]) -> Self {
        self.codes = codes;
        self
    }

    /// One of these numbers too, each group in its bundles.
    pub(super) const fn one_of_codes_in(
        mut self,
        codes: &'static [(Window, &'static [i64])],
    ) -> Self {
        self.codes_in = codes;
        self
    }
}
