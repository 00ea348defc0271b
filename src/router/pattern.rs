//! Regular expressions with limits and full-match semantics.

use std::fmt;

use regex::bytes::{Regex, RegexBuilder};
use regex_automata::util::syntax;

use super::options::Limits;

/// A regular expression that must match a whole value (MATCH-PATH-08, MATCH-HDR-05).
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    whole: Regex,
    /// The same for values that are not UTF-8, byte by byte; absent if the pattern asks about characters.
    bytewise: Option<Regex>,
}

impl Pattern {
    /// Compiles a pattern of at most `longest` bytes.
    pub(super) fn compile(
        pattern: &str,
        longest: usize,
        limits: &Limits,
    ) -> Result<Self, InvalidRegex> {
        let anchored = anchor(pattern, longest, limits)?;
        let whole = builder(&anchored, limits)
            .build()
            .map_err(|error| InvalidRegex(error.to_string()))?;
        let bytewise = builder(&anchored, limits).unicode(false).build().ok();
        Ok(Pattern { whole, bytewise })
    }

    /// Whether the whole value matches.
    pub(super) fn matches(&self, value: &[u8]) -> bool {
        if std::str::from_utf8(value).is_ok() {
            return self.whole.is_match(value);
        }
        self.bytewise
            .as_ref()
            .is_some_and(|bytewise| bytewise.is_match(value))
    }
}

/// The pattern between absolute anchors, after it was found valid by itself (MATCH-PATH-08).
///
/// A `(?x)` comment at its end would swallow the closing group, and then what stands around the pattern does not parse:
/// only in that case a line break goes before the group, as anywhere else it would be asked for literally.
fn anchor(pattern: &str, longest: usize, limits: &Limits) -> Result<String, InvalidRegex> {
    if pattern.len() > longest {
        return Err(InvalidRegex(format!(
            "has {} bytes, at most {longest} are allowed",
            pattern.len()
        )));
    }
    let config = syntax::Config::new()
        .utf8(false)
        .nest_limit(limits.regex_nesting);
    syntax::parse_with(pattern, &config).map_err(|error| InvalidRegex(error.to_string()))?;
    let anchored = format!(r"\A(?:{pattern})\z");
    let config = config.nest_limit(limits.regex_nesting.saturating_add(2));
    Ok(if syntax::parse_with(&anchored, &config).is_ok() {
        anchored
    } else {
        format!("\\A(?:{pattern}\n)\\z")
    })
}

fn builder(pattern: &str, limits: &Limits) -> RegexBuilder {
    let mut builder = RegexBuilder::new(pattern);
    builder
        .size_limit(limits.regex_size)
        .nest_limit(limits.regex_nesting.saturating_add(2));
    builder
}

/// Why a regular expression is not served (MATCH-PATH-09, SAFE-REGEX-01).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRegex(String);

impl fmt::Display for InvalidRegex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidRegex {}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, value: &str) -> bool {
        let limits = Limits::default();
        Pattern::compile(pattern, limits.path_regex, &limits)
            .unwrap()
            .matches(value.as_bytes())
    }

    /// MATCH-PATH-08, EX-18: the whole value, with every alternative.
    #[test]
    fn the_whole_value_must_match() {
        assert!(matches("/a|/a/b", "/a/b"));
        assert!(!matches("/a|/a/b", "/a/bc"));
        assert!(!matches("/foo", "/foobar"));
        assert!(matches("^/foo$", "/foo"));
        assert!(matches("/foo.*", "/foobar"));
        assert!(!matches("(?m)^/a$", "/a\n/b"));
    }

    /// MATCH-PATH-08: a comment at the end swallows nothing, and no line break is asked for.
    #[test]
    fn comments_swallow_nothing() {
        assert!(matches("(?x) /a # that is all", "/a"));
        assert!(!matches("(?x) /a # that is all", "/ab"));
        assert!(matches("(?x: /a # inner\n)", "/a"));
        assert!(!matches("/a", "/a\n"));
        assert!(matches("/a#", "/a#"));
    }

    /// MATCH-PATH-08: groups must balance within the pattern itself.
    #[test]
    fn patterns_are_checked_alone() {
        let limits = Limits::default();
        for pattern in [
            "a)(b",
            "a)|(?:b",
            "(",
            "[",
            "*",
            "(?<x>a)(?<x>b)",
            r"(a)\1",
            "(?=a)",
        ] {
            assert!(
                Pattern::compile(pattern, 1024, &limits).is_err(),
                "{pattern}"
            );
        }
    }

    /// SAFE-REGEX-01: length, nesting and compiled size are bounded.
    #[test]
    fn limits_hold() {
        let limits = Limits::default();
        assert!(Pattern::compile(&"a".repeat(1025), 1024, &limits).is_err());
        assert!(Pattern::compile(&"a".repeat(1024), 1024, &limits).is_ok());
        assert!(Pattern::compile(&"(".repeat(400), 1024, &limits).is_err());
        let nested = format!("{}a{}", "(".repeat(200), ")".repeat(200));
        assert!(Pattern::compile(&nested, 1024, &limits).is_err());
        assert!(Pattern::compile(r"(\w{100}){100}", 1024, &limits).is_err());
    }

    /// MATCH-HDR-05: values that are not UTF-8 are matched byte by byte.
    #[test]
    fn other_bytes_are_matched_one_by_one() {
        let limits = Limits::default();
        let any = Pattern::compile(".+", 1024, &limits).unwrap();
        assert!(any.matches(b"\xff\xfe"));
        assert!(any.matches("\u{e9}".as_bytes()));
        let one = Pattern::compile("^.$", 1024, &limits).unwrap();
        assert!(one.matches("\u{e9}".as_bytes()));
        assert!(!one.matches(b"\xff\xfe"));
    }
}
