//! JSON values as YAML for people.

use serde_json::Value;

/// Words that YAML 1.1 or 1.2 does not take as text; in lower case.
const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];

/// The value as one YAML document, closed by a line end.
pub(super) fn to_string(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(fields) if !fields.is_empty() => block(value, 0, &mut out),
        Value::Array(items) if !items.is_empty() => block(value, 0, &mut out),
        _ => {
            scalar(value, &mut out);
            out.push('\n');
        }
    }
    out
}

/// Writes a list or an object that is not empty, each line behind `indent` spaces, the first one too.
fn block(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                spaces(indent, out);
                text(key, out);
                out.push(':');
                if is_block(field) {
                    out.push('\n');
                    // A list may stand below its key without being indented.
                    let deeper = if field.is_array() { indent } else { indent + 2 };
                    block(field, deeper, out);
                } else {
                    out.push(' ');
                    scalar(field, out);
                    out.push('\n');
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                spaces(indent, out);
                out.push_str("- ");
                if is_block(item) {
                    // The first line of the item goes on behind the dash.
                    let mut lines = String::new();
                    block(item, indent + 2, &mut lines);
                    out.push_str(lines.trim_start_matches(' '));
                } else {
                    scalar(item, out);
                    out.push('\n');
                }
            }
        }
        _ => {}
    }
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

fn spaces(count: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', count));
}

fn scalar(value: &Value, out: &mut String) {
    match value {
        Value::String(string) => text(string, out),
        // Empty lists and objects are written as in JSON.
        other => out.push_str(&other.to_string()),
    }
}

/// Text plain where every reader takes it as text, in double quotes elsewhere.
fn text(string: &str, out: &mut String) {
    let starts_plain = string.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let is_plain = starts_plain
        && string
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/_.-".contains(c))
        && !WORDS.contains(&string.to_ascii_lowercase().as_str());
    if is_plain {
        out.push_str(string);
    } else {
        out.push_str(&Value::from(string).to_string());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_reads_as_the_same_value() {
        let value = json!({
            "apiVersion": "v1", "kind": "Thing", "empty": {}, "none": [], "null": null, "no": "yes", "n": 1,
            "time": "2024-01-01T00:00:00Z", "text": "a: b # c\n\"d\"", "path": "/cart", "number": "80", "float": 1.5,
            "list": [[1, [2, {"a": {"b": [true]}}]], {"x": "é", "z": []}, "- a", ""],
        });
        let yaml = to_string(&value);
        let parsed = gatewright::manifest::parse(yaml.as_bytes(), "written.yaml");
        assert!(parsed.errors.is_empty(), "{:?}\n{yaml}", parsed.errors);
        assert_eq!(parsed.documents[0].value(), &value, "{yaml}");
        assert!(yaml.contains("\npath: /cart\n"), "{yaml}");
    }
}
