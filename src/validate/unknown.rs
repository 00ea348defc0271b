//! Fields that the API server drops, and what was probably meant.

use serde_json::Value;

use super::message;
use super::path::Path;
use super::report::UnknownField;
use super::schema::Node;
use crate::vocab::Window;

/// `name` is no field of `node`.
pub(crate) fn field(name: &str, node: &Node, path: Path<'_>, into: &mut Vec<UnknownField>) {
    let window = node.window_of(name);
    let near = if window == Window::NEVER {
        message::nearest(name, node.fields.iter().map(|field| field.name))
    } else {
        None
    };
    into.push(UnknownField {
        path: path.field(name).to_string(),
        window,
        near,
    });
}

/// All unknown fields at and below `value`.
pub(crate) fn below(value: &Value, node: &Node, path: Path<'_>, into: &mut Vec<UnknownField>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if let Some(of) = node.values.as_deref() {
                    below(value, of, path.field(name), into);
                } else if let Some(known) = node.field(name) {
                    below(value, &known.node, path.field(name), into);
                } else {
                    field(name, node, path, into);
                }
            }
        }
        Value::Array(items) => match node.items.as_deref() {
            Some(of) => {
                for (index, item) in items.iter().enumerate() {
                    below(item, of, path.item(index), into);
                }
            }
            None => in_unknown_list(items, path, into),
        },
        _ => {}
    }
}

/// A list where the schema has none: everything in its objects is unknown.
pub(crate) fn in_unknown_list(items: &[Value], path: Path<'_>, into: &mut Vec<UnknownField>) {
    in_nested_list(items, path, 0, into);
}

fn in_nested_list(items: &[Value], path: Path<'_>, depth: usize, into: &mut Vec<UnknownField>) {
    // Parsers stop at this depth too.
    const DEEPEST: usize = 128;
    for (index, item) in items.iter().enumerate() {
        match item {
            Value::Object(object) => into.extend(object.keys().map(|name| UnknownField {
                path: path.item(index).field(name).to_string(),
                window: Window::NEVER,
                near: None,
            })),
            Value::Array(items) if depth < DEEPEST => {
                in_nested_list(items, path.item(index), depth + 1, into);
            }
            _ => {}
        }
    }
}

/// What to say of a value that is none of the choices.
pub(crate) fn choice(value: &Value, node: &Node) -> String {
    let allowed = if node.choices.is_empty() {
        message::choice(&node.codes)
    } else {
        message::choice(&node.choices)
    };
    let mut out = format!("{} is not supported; use {allowed}", message::shown(value));
    let window = match value {
        Value::String(text) => node.window_of_choice(text),
        Value::Number(number) => {
            let code = number.as_i64();
            code.map_or(Window::NEVER, |code| node.window_of_code(code))
        }
        _ => Window::NEVER,
    };
    if window != Window::NEVER {
        let when = message::when(window).unwrap_or_default();
        out.push_str(&format!("; {} exists {when}", message::shown(value)));
    } else if let Value::String(text) = value
        && let Some(near) = message::nearest(text, node.choices.iter().copied())
    {
        out.push_str(&format!("; did you mean `{near}`?"));
    }
    out
}
