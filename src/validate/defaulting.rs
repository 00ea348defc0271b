//! The object as the API server keeps it: pruned, without nulls, with defaults.

use serde_json::{Map, Number, Value};

use super::metadata;
use super::schema::Node;
use super::sight::Sight;
use super::view::View;

/// The object after pruning, dropping of nulls and defaulting.
pub(crate) fn whole(object: &Value, schema: &Node) -> Value {
    let mut out = Map::new();
    let sight = Sight::of(object, schema);
    let root = sight.view();
    for field in &schema.fields {
        let value = match field.name {
            // The three that no schema prunes.
            "metadata" => object.get("metadata").map(metadata::normal),
            "apiVersion" | "kind" => object.get(field.name).cloned(),
            _ => root.field(field.name).map(view),
        };
        if let Some(value) = value {
            out.insert(field.name.to_owned(), value);
        }
    }
    Value::Object(out)
}

fn view(view: View<'_>) -> Value {
    let schema = view.schema();
    match view.raw() {
        Value::Object(_) => {
            let fields = view
                .fields()
                .filter_map(|(field, child)| Some((field.name.to_owned(), self::view(child?))));
            let entries = view
                .entries()
                .map(|(key, child)| (key.to_owned(), self::view(child)));
            Value::Object(fields.chain(entries).collect())
        }
        Value::Array(items) => match &schema.items {
            Some(_) => view.items().map(self::view).collect(),
            None => items.iter().map(|item| emptied(item, 0)).collect(),
        },
        other => scalar(other),
    }
}

/// A scalar; a whole number that came with a fraction or exponent is kept without.
fn scalar(value: &Value) -> Value {
    // From here on the API server writes an exponent.
    const LARGE: f64 = 1e21;
    let float = match value {
        Value::Number(number) if !number.is_i64() => number.as_f64(),
        _ => None,
    };
    match float.filter(|float| float.fract() == 0.0 && float.abs() < LARGE) {
        Some(float) => whole_number(float).map_or_else(|| value.clone(), Value::Number),
        None => value.clone(),
    }
}

/// A whole float as the fewest digits that tell it from its neighbours, filled up with zeros.
fn whole_number(float: f64) -> Option<Number> {
    // `-0` is read as a float, and is the integer zero for an API server.
    if float == 0.0 {
        return Some(Number::from(0));
    }
    let text = format!("{float:e}");
    let (mantissa, exponent) = text.split_once('e')?;
    let exponent: usize = exponent.parse().ok()?;
    let (head, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    serde_json::from_str(&format!("{head}{fraction:0<exponent$}")).ok()
}

/// A value where the schema has none: objects lose everything.
fn emptied(value: &Value, depth: usize) -> Value {
    const DEEPEST: usize = 128;
    match value {
        Value::Object(_) => Value::Object(Map::new()),
        Value::Array(items) if depth < DEEPEST => {
            items.iter().map(|item| emptied(item, depth + 1)).collect()
        }
        other => scalar(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_lose_fraction_and_exponent() {
        for (sent, kept) in [
            ("80", "80"),
            ("80.0", "80"),
            ("-8e1", "-80"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("80.5", "80.5"),
            ("9223372036854775808", "9223372036854776000"),
        ] {
            let sent: Value = serde_json::from_str(sent).unwrap();
            assert_eq!(scalar(&sent).to_string(), kept);
        }
    }
}
