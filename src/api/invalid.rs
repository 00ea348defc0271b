//! Objects that cannot be read.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// An object with a field of the wrong type, or without one that it must have.
///
/// Prints as ``HTTPRoute `shop/cart`: spec.rules[0].backendRefs[0].port: found `"http"`, expected an integer``.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidObject {
    kind: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
    path: String,
    problem: String,
}

impl InvalidObject {
    /// The object's `kind`, if it says one.
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// The object's namespace, if it says one.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The object's name, if it says one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Where the trouble is, as `spec.rules[0].name`; empty for the object as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What was found there, and what was expected.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    fn about(value: &Value, path: String, problem: String) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let metadata = value.get("metadata");
        InvalidObject {
            kind: text(value.get("kind")),
            namespace: text(metadata.and_then(|metadata| metadata.get("namespace"))),
            name: text(metadata.and_then(|metadata| metadata.get("name"))),
            path,
            problem,
        }
    }
}

impl fmt::Display for InvalidObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_deref().unwrap_or("object"))?;
        match (&self.namespace, &self.name) {
            (Some(namespace), Some(name)) => write!(f, " `{namespace}/{name}`")?,
            (None, Some(name)) => write!(f, " `{name}`")?,
            (_, None) => {}
        }
        if !self.path.is_empty() {
            write!(f, ": {}", self.path)?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for InvalidObject {}

/// `apiVersion` and `kind`.
pub(super) fn names(value: &Value) -> Result<(&str, &str), InvalidObject> {
    let text = |field: &str| match value.get(field) {
        Some(Value::String(text)) => Ok(text.as_str()),
        found => Err(InvalidObject::about(
            value,
            field.to_owned(),
            format!("{}, expected a string", found_words(found)),
        )),
    };
    if !value.is_object() {
        let problem = format!("{}, expected an object", found_words(Some(value)));
        return Err(InvalidObject::about(value, String::new(), problem));
    }
    Ok((text("apiVersion")?, text("kind")?))
}

/// Reads a struct, and on failure reads once more to learn where it was.
pub(super) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, InvalidObject> {
    T::deserialize(value).or_else(|_| {
        serde_path_to_error::deserialize(value).map_err(|error| {
            let path = match error.path().to_string() {
                root if root == "." => String::new(),
                path => path,
            };
            let message = error.inner().to_string();
            let (path, problem) = words(value, path, &message);
            InvalidObject::about(value, path, problem)
        })
    })
}

/// Turns a message of serde into ours. A field that is absent is named in the path, like one that is there.
fn words(value: &Value, path: String, message: &str) -> (String, String) {
    if let Some(field) = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next())
    {
        let path = if path.is_empty() {
            field.to_owned()
        } else {
            format!("{path}.{field}")
        };
        return (path, "absent, but required".to_owned());
    }
    let expected = message
        .rsplit_once("expected ")
        .map_or(message, |(_, expected)| expected_words(expected));
    let problem = format!("{}, expected {expected}", found_words(find(value, &path)));
    (path, problem)
}

/// The value at a path of serde_path_to_error: names after dots, indexes in brackets.
fn find<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let pointer: String = path
        .split(['.', '[', ']'])
        .filter(|step| !step.is_empty())
        .flat_map(|step| ["/", step])
        .collect();
    value.pointer(&pointer)
}

fn found_words(found: Option<&Value>) -> String {
    const LIMIT: usize = 60;
    match found {
        None => "absent".to_owned(),
        Some(Value::Array(_)) => "found a list".to_owned(),
        Some(Value::Object(_)) => "found an object".to_owned(),
        Some(scalar) => {
            let text = scalar.to_string();
            match text.char_indices().nth(LIMIT) {
                Some((end, _)) => format!("found `{}…`", text.get(..end).unwrap_or_default()),
                None => format!("found `{text}`"),
            }
        }
    }
}

fn expected_words(expected: &str) -> &str {
    match expected {
        "i32" => "an integer of 32 bits",
        "i64" => "an integer of 64 bits",
        "a sequence" => "a list",
        "a map" => "an object",
        "a boolean" => "true or false",
        _ if expected.starts_with("struct ") => "an object",
        _ => expected,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Object;
    use super::*;

    fn problem(value: Value) -> String {
        Object::from_value(value).unwrap_err().to_string()
    }

    fn route(spec: Value) -> Value {
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": {"namespace": "shop", "name": "cart"}, "spec": spec
        })
    }

    #[test]
    fn errors_name_object_field_found_and_expected() {
        for (spec, expected) in [
            (
                json!({"rules": [{"backendRefs": [{"name": "a", "port": "http"}]}]}),
                "spec.rules[0].backendRefs[0].port: found `\"http\"`, expected an integer of 32 bits",
            ),
            (
                json!({"rules": [{"backendRefs": [{"name": "a", "port": 99_999_999_999i64}]}]}),
                "spec.rules[0].backendRefs[0].port: found `99999999999`, expected an integer of 32 bits",
            ),
            (
                json!({"rules": {}}),
                "spec.rules: found an object, expected a list",
            ),
            (
                json!({"hostnames": [1]}),
                "spec.hostnames[0]: found `1`, expected a string",
            ),
            (json!([]), "spec: found a list, expected an object"),
            (
                json!({"parentRefs": [{"namespace": "a"}]}),
                "spec.parentRefs[0].name: absent, but required",
            ),
            (
                json!({"rules": [{"filters": [{"type": null}]}]}),
                "spec.rules[0].filters[0].type: found `null`, expected a string",
            ),
        ] {
            assert_eq!(
                problem(route(spec)),
                format!("HTTPRoute `shop/cart`: {expected}")
            );
        }
    }

    #[test]
    fn what_is_no_object_is_said_so() {
        assert_eq!(
            problem(json!([1])),
            "object: found a list, expected an object"
        );
        assert_eq!(
            problem(json!({"kind": "X"})),
            "X: apiVersion: absent, expected a string"
        );
        assert_eq!(
            problem(json!({"apiVersion": "v1", "kind": 7})),
            "object: kind: found `7`, expected a string"
        );
    }

    #[test]
    fn long_values_are_cut() {
        let error = problem(route(json!({"rules": "é".repeat(500)})));
        assert!(error.len() < 300, "{error}");
    }
}
