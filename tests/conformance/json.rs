//! Small words for reading expectations.

use serde_json::Value;

/// Whether an expectation holds, or why not.
pub type Outcome = Result<(), String>;

/// The text, or nothing.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

/// The items, or none.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// An error unless something holds.
pub fn ensure(holds: bool, why: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(why()) }
}
