//! Regular expressions of matches.

use std::fmt;

use regex::bytes::{Regex, RegexBuilder};

/// Most bytes that one compiled regular expression may take (SAFE-REGEX-01).
pub const PATTERN_SIZE_LIMIT: usize = 1 << 20;

/// Deepest nesting of groups in a regular expression.
const NEST_LIMIT: u32 = 100;

/// Compiles a regular expression so that it must match the whole of a text.
///
/// The dialect is that of the `regex` crate: linear time, no look-around, no back-references. It runs on bytes, so that a
/// text which is not UTF-8 has an answer too.
///
/// # Errors
///
/// [`InvalidPattern`] when the pattern alone is no regular expression, or is larger than [`PATTERN_SIZE_LIMIT`] once
/// compiled.
///
/// # Cost
///
/// Two compilations. To be done once per configuration, never per request.
///
/// # Spec
///
/// MATCH-PATH-08/09, MATCH-HDR-05, MATCH-QUERY-06, MATCH-GRPC-07, SAFE-REGEX-01.
///
/// ```
/// use gatewright::plan::check::compile_pattern;
///
/// let pattern = compile_pattern("/a|/a/b")?;
/// assert!(pattern.is_match(b"/a/b"));
/// assert!(!pattern.is_match(b"/a/bc"));
/// assert!(compile_pattern("a)(b").is_err());
/// # Ok::<(), gatewright::plan::check::InvalidPattern>(())
/// ```
pub fn compile_pattern(pattern: &str) -> Result<Regex, InvalidPattern> {
    // Alone first: `a)(b` would be well-formed inside the group below.
    build(pattern).map_err(InvalidPattern)?;
    build(&format!(r"\A(?:{pattern})\z"))
        // A comment of `(?x)` at the end swallows the closing group. In that mode a line break ends the comment and
        // matches nothing; in any other it would be a literal, so it is only the second choice.
        .or_else(|_| build(&format!("\\A(?:{pattern}\n)\\z")))
        .map_err(InvalidPattern)
}

fn build(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .size_limit(PATTERN_SIZE_LIMIT)
        .nest_limit(NEST_LIMIT)
        .build()
}

/// A regular expression that cannot be used.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidPattern(regex::Error);

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            regex::Error::CompiledTooBig(limit) => {
                write!(
                    f,
                    "the compiled regular expression is larger than {limit} bytes"
                )
            }
            // The first lines repeat the pattern, which may be long; the last one says what is wrong.
            other => {
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default();
                let reason = last.strip_prefix("error: ").unwrap_or(last);
                write!(f, "no regular expression: {reason}")
            }
        }
    }
}

impl std::error::Error for InvalidPattern {}
