//! Regular expressions of matches.

use std::fmt;

use regex_automata::nfa::thompson;
use regex_automata::util::syntax;

/// Most bytes that one compiled regular expression may take (SAFE-REGEX-01).
pub const PATTERN_SIZE_LIMIT: usize = 1 << 20;

/// Deepest nesting of groups in a regular expression (SAFE-REGEX-01).
pub const PATTERN_NESTING_LIMIT: u32 = 100;

/// Checks that a regular expression can be used for a whole value, within the limits.
///
/// The dialect is that of the `regex` crate: linear time, no look-around, no back-references.
///
/// # Errors
///
/// [`InvalidPattern`] when the pattern alone is no regular expression, is nested deeper than [`PATTERN_NESTING_LIMIT`], or is
/// larger than [`PATTERN_SIZE_LIMIT`] once compiled.
///
/// # Cost
///
/// Reads the pattern twice and builds one automaton, which is thrown away. To be done once per configuration, never per
/// request.
///
/// # Spec
///
/// MATCH-PATH-07..09, MATCH-HDR-05, MATCH-QUERY-06, MATCH-GRPC-07, SAFE-REGEX-01.
///
/// ```
/// use gatewright::plan::check::check_pattern;
///
/// assert!(check_pattern("/a|/a/b").is_ok());
/// assert!(check_pattern("a)(b").is_err());
/// ```
pub fn check_pattern(pattern: &str) -> Result<(), InvalidPattern> {
    // Alone first: `a)(b` would be well-formed inside the group below.
    let alone = syntax::Config::new()
        .utf8(false)
        .nest_limit(PATTERN_NESTING_LIMIT);
    syntax::parse_with(pattern, &alone).map_err(|error| InvalidPattern(last_line(&error)))?;
    let inside = alone.nest_limit(PATTERN_NESTING_LIMIT + 2);
    let mut anchored = format!(r"\A(?:{pattern})\z");
    if syntax::parse_with(&anchored, &inside).is_err() {
        // A comment of `(?x)` at the end swallows the closing group. In that mode a line break ends the comment and matches
        // nothing; in any other it would be a literal, so it is only the second choice.
        anchored = format!("\\A(?:{pattern}\n)\\z");
    }
    let config = thompson::Config::new()
        .utf8(false)
        .nfa_size_limit(Some(PATTERN_SIZE_LIMIT));
    thompson::Compiler::new()
        .configure(config)
        .syntax(inside)
        .build(&anchored)
        .map(drop)
        .map_err(|error| match error.size_limit() {
            Some(limit) => InvalidPattern(format!("larger than {limit} bytes once compiled")),
            None => InvalidPattern(last_line(&error)),
        })
}

/// What is wrong. The lines before repeat the pattern, which may be long.
fn last_line(error: &impl fmt::Display) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// A regular expression that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPattern(String);

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a usable regular expression: {}", self.0)
    }
}

impl std::error::Error for InvalidPattern {}
