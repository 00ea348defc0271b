//! Worlds with values that nobody expects, for the promise that nothing makes the resolver panic.

use serde_json::{Value, json};

use super::worlds::Choices;

/// Puts odd values into random places of random objects. What cannot be read as an object at all is left out by the
/// caller; everything else must resolve.
pub fn scramble(objects: &mut [Value], choices: &mut Choices) {
    for _ in 0..1 + choices.below(6) {
        let object = choices.below(objects.len());
        let Some(place) = random_place(&mut objects[object], choices, 0) else {
            continue;
        };
        *place = odd_value(choices, place);
    }
}

/// A random value inside another one; never `apiVersion`, `kind` or the metadata as a whole.
fn random_place<'v>(
    value: &'v mut Value,
    choices: &mut Choices,
    depth: usize,
) -> Option<&'v mut Value> {
    let is_scalar = match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    };
    if depth > 0 && (is_scalar || choices.once_in(4)) {
        return Some(value);
    }
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let key = fields.keys().nth(choices.below(fields.len()))?.clone();
            if depth == 0 && ["apiVersion", "kind"].contains(&key.as_str()) {
                return None;
            }
            random_place(fields.get_mut(&key)?, choices, depth + 1)
        }
        Value::Array(items) if !items.is_empty() => {
            let index = choices.below(items.len());
            random_place(items.get_mut(index)?, choices, depth + 1)
        }
        _ => None,
    }
}

/// A value of the same type, if possible an extreme one, sometimes of another.
fn odd_value(choices: &mut Choices, old: &Value) -> Value {
    let texts = [
        "",
        " ",
        "*",
        "*.",
        ".",
        "-",
        "a..b",
        "All",
        "Same",
        "Selector",
        "None",
        "Terminate",
        "TLS",
        "UDP",
        "10.0.0.1",
        "::1",
        "\u{0}",
        "é",
        "HTTPRoute",
        "ListenerSet",
        "Service",
        "Secret",
        "default",
        "1s",
        "99999h",
        "a/b",
        "[",
        "(?",
    ];
    let numbers = [
        0,
        -1,
        1,
        65_535,
        65_536,
        i64::from(i32::MAX),
        i64::from(i32::MIN),
        1_000_000,
    ];
    if choices.once_in(6) {
        return choices
            .one(&[json!(null), json!([]), json!({}), json!(""), json!(0)])
            .clone();
    }
    match old {
        Value::String(text) => match choices.below(4) {
            0 => json!(text.to_uppercase()),
            1 => json!(text.repeat(1 + choices.below(300))),
            _ => json!(choices.one(&texts)),
        },
        Value::Number(_) => json!(choices.one(&numbers)),
        Value::Array(items) => match items.first() {
            Some(first) => json!(vec![first.clone(); choices.below(70)]),
            None => json!([]),
        },
        _ => json!(choices.one(&texts)),
    }
}
