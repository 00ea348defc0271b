//! Patterns, compiled once each.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use regex::Regex;

use super::schema::{KnownPattern, known_pattern};

/// A pattern of the schema: RE2 syntax, searched anywhere in the text unless anchored.
///
/// `$` is the end of the text only, and `.` stops at a line feed; the `regex` crate agrees with RE2 on both.
pub(crate) struct Pattern {
    text: &'static str,
    known: Option<&'static KnownPattern>,
    /// Compiled when first needed, which for most patterns is never.
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The pattern `text`; the same one at each call.
    pub(crate) fn of(text: &'static str) -> &'static Pattern {
        static PATTERNS: OnceLock<Mutex<HashMap<&'static str, &'static Pattern>>> = OnceLock::new();
        let patterns = PATTERNS.get_or_init(Mutex::default);
        let mut patterns = patterns.lock().unwrap_or_else(PoisonError::into_inner);
        patterns.entry(text).or_insert_with(|| {
            // The tables hold some twenty patterns, each leaked once for the life of the program.
            Box::leak(Box::new(Pattern {
                text,
                known: known_pattern(text),
                regex: OnceLock::new(),
            }))
        })
    }

    /// The pattern as the schema writes it.
    pub(crate) fn as_str(&self) -> &'static str {
        self.text
    }

    /// What a text that does not match is told.
    pub(crate) fn says(&self) -> &'static str {
        self.known
            .map_or("does not match the pattern", |known| known.says)
    }

    /// Whether the pattern is found in `text`.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        if self.known.is_some_and(|known| (known.surely)(text)) {
            return true;
        }
        // INVARIANT: a test compiles every pattern of every table.
        let regex = self.regex();
        regex.is_none_or(|regex| regex.is_match(text))
    }

    fn regex(&self) -> Option<&Regex> {
        let regex = self.regex.get_or_init(|| Regex::new(self.text).ok());
        regex.as_ref()
    }

    /// Whether the pattern compiles, and has words of its own.
    #[cfg(test)]
    pub(crate) fn is_valid(&self) -> bool {
        self.regex().is_some() && self.known.is_some()
    }
}
