//! Patterns, compiled once each.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use regex::Regex;

/// A pattern of the schema: RE2 syntax, searched anywhere in the text unless anchored.
///
/// `$` is the end of the text only, and `.` stops at a line feed; the `regex` crate agrees with RE2 on both.
pub(crate) struct Pattern {
    text: &'static str,
    regex: Option<Regex>,
}

impl Pattern {
    /// The pattern `text`, which is compiled at the first call.
    pub(crate) fn of(text: &'static str) -> &'static Pattern {
        static PATTERNS: OnceLock<Mutex<HashMap<&'static str, &'static Pattern>>> = OnceLock::new();
        let patterns = PATTERNS.get_or_init(Mutex::default);
        let mut patterns = patterns.lock().unwrap_or_else(PoisonError::into_inner);
        patterns.entry(text).or_insert_with(|| {
            // The tables hold some twenty patterns, each leaked once for the life of the program.
            Box::leak(Box::new(Pattern {
                text,
                regex: Regex::new(text).ok(),
            }))
        })
    }

    /// The pattern as the schema writes it.
    pub(crate) fn as_str(&self) -> &'static str {
        self.text
    }

    #[cfg(test)]
    pub(crate) fn is_valid(&self) -> bool {
        self.regex.is_some()
    }

    /// What a text that does not match is told.
    pub(crate) fn says(&self) -> String {
        format!("does not match `{}`", self.text)
    }

    /// Whether the pattern is found in `text`.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        // INVARIANT: a test compiles every pattern of every table.
        self.regex.as_ref().is_none_or(|regex| regex.is_match(text))
    }
}
