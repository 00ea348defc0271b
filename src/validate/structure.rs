//! Walks an object along its schema: types, lengths, patterns, required fields, unknown fields.
//!
//! The walk says what the API server's structural validation says, quirks included: one value may break several
//! keywords; an array passes for a date; a text that is too long is not held against its pattern.

use serde_json::Value;

use super::format::{is_date_time, is_ip_address};
use super::message;
use super::path::Path;
use super::ratchet;
use super::report::{ErrorKind, Violation};
use super::schema::{Condition, Format, Node, Type};
use super::unknown;
use super::view::View;

/// What a walk collects.
pub(crate) struct Walk {
    pub(crate) violations: Vec<Violation>,
    /// The field that errors name which name none: `<nil>`, or `status` on the subresource.
    pub(crate) nowhere: &'static str,
}

impl Walk {
    pub(crate) fn new(nowhere: &'static str) -> Self {
        Walk {
            violations: Vec::new(),
            nowhere,
        }
    }

    /// Walks `view`, which an update made of `old`.
    pub(crate) fn value(&mut self, view: View<'_>, path: Path<'_>, old: Option<View<'_>>) {
        let before = self.violations.len();
        self.check(view, path, old);
        if self.violations.len() > before && old.is_some_and(|old| ratchet::unchanged(view, old)) {
            self.violations.truncate(before);
        }
    }

    fn check(&mut self, view: View<'_>, path: Path<'_>, old: Option<View<'_>>) {
        let (value, node) = (view.raw(), view.schema());
        match value {
            Value::String(text) => {
                if node.ty == Type::Text {
                    self.text(value, text, node, path);
                } else {
                    self.wrong_type(value, node, path);
                }
                let is_choice = node.choices.is_empty() || node.choices.contains(&text.as_str());
                if !is_choice || !node.codes.is_empty() {
                    self.not_a_choice(value, node, path);
                }
            }
            Value::Object(_) if node.ty == Type::Object => self.object(view, path, old),
            Value::Array(_) if node.ty == Type::List => self.items(view, path, old),
            Value::Number(number) => {
                let whole = number.is_i64() || number.as_f64().is_some_and(is_whole);
                if node.ty != Type::Integer || !whole {
                    self.wrong_type(value, node, path);
                }
                if node.ty == Type::Integer {
                    self.number(number, node, path);
                }
                self.choices(value, node, path);
            }
            Value::Bool(_) if node.ty == Type::Boolean => {}
            // An API server does not look at the type of a list where the schema has a format for texts.
            Value::Array(_) if node.format == Some(Format::DateTime) => {}
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                self.wrong_type(value, node, path);
                self.choices(value, node, path);
            }
        }
        if node.condition == Some(Condition::AddressOfType) && !value.is_null() {
            self.address(view, path);
        }
    }

    fn text(&mut self, value: &Value, text: &str, node: &Node, path: Path<'_>) {
        // Characters are only counted where their number of bytes leaves room for doubt.
        let too_long = |most: i64| exceeds(text.len(), most) && exceeds(text.chars().count(), most);
        let too_short = |least: i64| {
            falls_short(text.len() / 4, least) && falls_short(text.chars().count(), least)
        };
        if let Some(most) = node.most.filter(|most| too_long(*most)) {
            let found = message::counted(text.chars().count(), "character");
            self.add(
                path,
                ErrorKind::FieldValueTooLong,
                "maxLength",
                format!("{found}, at most {most} allowed{}", node.other_most()),
            );
        } else if let Some(least) = node.least.filter(|least| too_short(*least)) {
            let message = match least {
                1 => "must not be empty".to_owned(),
                _ => format!("{} is shorter than {least}", message::shown(value)),
            };
            self.add(path, ErrorKind::FieldValueInvalid, "minLength", message);
        } else if let Some(pattern) = node.pattern.filter(|pattern| !pattern.is_match(text)) {
            let mut message = format!("{} {}", message::shown(value), pattern.says());
            message.push_str(&node.where_pattern());
            self.add(path, ErrorKind::FieldValueInvalid, "pattern", message);
        }
        if node.format == Some(Format::DateTime) && !is_date_time(text) {
            let message = format!(
                "{} is no date and time, as `2024-05-06T07:08:09Z` is",
                message::shown(value)
            );
            self.add(path, ErrorKind::FieldValueTypeInvalid, "format", message);
        }
    }

    fn number(&mut self, number: &serde_json::Number, node: &Node, path: Path<'_>) {
        let exact = number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            let within = float.fract() == 0.0
                && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float);
            // `as` is exact for whole numbers of this size.
            within.then_some(float as i64)
        });
        let fits = match (exact, node.format) {
            (Some(exact), Some(Format::Int32)) => i32::try_from(exact).is_ok(),
            (exact, _) => exact.is_some(),
        };
        if !fits {
            let size = match node.format {
                Some(Format::Int32) => "a 32-bit",
                _ => "a 64-bit",
            };
            let message = format!("{path}: `{number}` does not fit {size} integer");
            self.add_nowhere("format", message);
        }
        let outside =
            |limit: i64, beyond: fn(f64, f64) -> bool, exact_beyond: fn(i64, i64) -> bool| {
                match number.as_i64() {
                    Some(exact) => exact_beyond(exact, limit),
                    // Limits of the schema are small, hence exact.
                    None => number
                        .as_f64()
                        .is_some_and(|float| beyond(float, limit as f64)),
                }
            };
        if let Some(most) = node
            .most
            .filter(|m| outside(*m, |a, b| a > b, |a, b| a > b))
        {
            let message = format!("`{number}`, at most {most} allowed");
            self.add(path, ErrorKind::FieldValueInvalid, "maximum", message);
        }
        if let Some(least) = node
            .least
            .filter(|l| outside(*l, |a, b| a < b, |a, b| a < b))
        {
            let message = format!(
                "`{number}`, at least {least} required{}",
                node.where_least()
            );
            self.add(path, ErrorKind::FieldValueInvalid, "minimum", message);
        }
    }

    fn items(&mut self, view: View<'_>, path: Path<'_>, old: Option<View<'_>>) {
        let (items, node) = (view.items(), view.schema());
        for (index, item) in items.clone().enumerate() {
            let old = old.and_then(|old| ratchet::old_item(old, item, index));
            self.value(item, path.item(index), old);
        }
        let found = || message::counted(items.len(), "item");
        if let Some(least) = node.least.filter(|least| falls_short(items.len(), *least)) {
            let message = format!(
                "{}, at least {least} required{}",
                found(),
                node.where_least()
            );
            self.add(path, ErrorKind::FieldValueInvalid, "minItems", message);
        }
        if let Some(most) = node.most.filter(|most| exceeds(items.len(), *most)) {
            let message = format!("{}, at most {most} allowed{}", found(), node.other_most());
            self.add(path, ErrorKind::FieldValueTooMany, "maxItems", message);
        }
    }

    fn object(&mut self, view: View<'_>, path: Path<'_>, old: Option<View<'_>>) {
        for (field, child) in view.fields() {
            match child {
                // A default fits its schema.
                Some(child) if child.is_default() => {}
                Some(child) => {
                    let old = old.and_then(|old| old.field(field.name));
                    self.value(child, path.field(field.name), old);
                }
                None if field.required => self.required(path.field(field.name)),
                None => {}
            }
        }
        if view.schema().values.is_none() {
            return;
        }
        let node = view.schema();
        let too_many = |most: &i64| exceeds(view.len(), *most);
        if let Some(most) = node.most.filter(too_many) {
            let found = message::counted(view.len(), "entry");
            let message = format!("{found}, at most {most} allowed{}", node.other_most());
            self.add(path, ErrorKind::FieldValueTooMany, "maxProperties", message);
            // Nothing below is looked at any more.
            return;
        }
        for (key, child) in view.entries() {
            let old = old.and_then(|old| old.entry(key));
            self.value(child, path.field(key), old);
        }
    }

    /// A required field is missing.
    pub(crate) fn required(&mut self, path: Path<'_>) {
        let message = "required, but missing".to_owned();
        self.add(path, ErrorKind::FieldValueRequired, "required", message);
    }

    /// The condition on addresses: of type `IPAddress`, the value is an address.
    fn address(&mut self, view: View<'_>, path: Path<'_>) {
        if !view.raw().is_object() {
            let message = format!("{path}: {} is no address", message::shown(view.raw()));
            self.add_nowhere("oneOf", message);
            return;
        }
        if view.field("type").is_none_or(|ty| ty != "IPAddress") {
            return;
        }
        let Some(address) = view.field("value") else {
            return;
        };
        let fits = match address.raw() {
            Value::String(text) => is_ip_address(text),
            // As for dates, the type of a list is not looked at.
            Value::Array(_) => true,
            _ => false,
        };
        if fits {
            return;
        }
        let shown = message::shown(address.raw());
        let message =
            format!("{path}.value: {shown} is no IP address, which `type: IPAddress` asks for");
        self.add_nowhere("oneOf", message);
        self.add(
            path.field("value"),
            ErrorKind::FieldValueTypeInvalid,
            "format",
            format!("{shown} is no IP address"),
        );
    }

    fn wrong_type(&mut self, value: &Value, node: &Node, path: Path<'_>) {
        let expected = match node.ty {
            Type::Text => "a text",
            Type::Integer => "a whole number",
            Type::Boolean => "`true` or `false`",
            Type::Object => "an object",
            Type::List => "a list",
        };
        let found = message::shown_with_type(value);
        let message = format!("expected {expected}, found {found}");
        self.add(path, ErrorKind::FieldValueTypeInvalid, "type", message);
    }

    /// Enumerations, for a value that is no text.
    fn choices(&mut self, value: &Value, node: &Node, path: Path<'_>) {
        if !node.choices.is_empty() {
            // A number counts as the character of that number.
            let character = value.as_i64().and_then(|number| u32::try_from(number).ok());
            let character = character.and_then(char::from_u32);
            let is =
                |choice: &&str| character.is_some_and(|character| choice.chars().eq([character]));
            if !node.choices.iter().any(is) {
                self.not_a_choice(value, node, path);
            }
        }
        if !node.codes.is_empty() {
            // A fraction is cut off.
            let number = value
                .as_i64()
                .or_else(|| value.as_f64().map(|float| float as i64));
            if !number.is_some_and(|number| node.codes.contains(&number)) {
                self.not_a_choice(value, node, path);
            }
        }
    }

    fn not_a_choice(&mut self, value: &Value, node: &Node, path: Path<'_>) {
        let message = unknown::choice(value, node);
        self.add(path, ErrorKind::FieldValueNotSupported, "enum", message);
    }

    /// Adds a violation.
    pub(crate) fn add(
        &mut self,
        path: Path<'_>,
        kind: ErrorKind,
        rule: &'static str,
        message: String,
    ) {
        self.violations.push(Violation {
            path: path.to_string(),
            kind,
            rule,
            message,
        });
    }

    fn add_nowhere(&mut self, rule: &'static str, message: String) {
        self.violations.push(Violation {
            path: self.nowhere.to_owned(),
            kind: ErrorKind::FieldValueInvalid,
            rule,
            message,
        });
    }
}

fn exceeds(count: usize, most: i64) -> bool {
    i64::try_from(count).is_ok_and(|count| count > most)
}

fn falls_short(count: usize, least: i64) -> bool {
    i64::try_from(count).is_ok_and(|count| count < least)
}

/// Whether the API server takes a number with a fraction or exponent for a whole one: nearly whole is enough.
fn is_whole(float: f64) -> bool {
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    if !float.is_finite() || float.abs() > LARGEST {
        return false;
    }
    let whole = float.trunc();
    let apart = (float - whole).abs();
    float == whole || float != 0.0 && whole != 0.0 && apart / (float.abs() + whole.abs()) < 1e-9
}
