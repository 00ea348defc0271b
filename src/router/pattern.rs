//! Regular expressions with limits and full-match semantics.

use std::fmt;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;

use super::options::Limits;

/// A regular expression that must match a whole value (MATCH-PATH-08, MATCH-HDR-05).
#[derive(Debug)]
pub(super) struct Pattern {
    /// Between absolute anchors.
    anchored: Box<str>,
    size_limit: usize,
    nest_limit: u32,
    built: OnceLock<Option<Built>>,
}

#[derive(Debug)]
struct Built {
    whole: Regex,
    /// The same for values that are not UTF-8, byte by byte; absent if the pattern asks about characters.
    bytewise: Option<Regex>,
}

impl Pattern {
    /// Checks a pattern of at most `longest` bytes. What runs it is built when it is first needed: expressions for paths
    /// are run together, and each alone only in rare cases.
    pub(super) fn check(
        pattern: &str,
        longest: usize,
        limits: &Limits,
    ) -> Result<Self, InvalidRegex> {
        let anchored = anchor(pattern, longest, limits)?;
        let nest_limit = limits.regex_nesting.saturating_add(2);
        let config = thompson::Config::new()
            .nfa_size_limit(Some(limits.regex_size))
            .utf8(false);
        thompson::Compiler::new()
            .configure(config)
            .syntax(syntax::Config::new().utf8(false).nest_limit(nest_limit))
            .build(&anchored)
            .map_err(|error| InvalidRegex(error.to_string()))?;
        Ok(Pattern {
            anchored: anchored.into(),
            size_limit: limits.regex_size,
            nest_limit,
            built: OnceLock::new(),
        })
    }

    /// Checks a pattern and builds what runs it.
    pub(super) fn compile(
        pattern: &str,
        longest: usize,
        limits: &Limits,
    ) -> Result<Self, InvalidRegex> {
        let own = Pattern::check(pattern, longest, limits)?;
        let whole = own
            .builder()
            .build()
            .map_err(|error| InvalidRegex(error.to_string()))?;
        let bytewise = own.builder().unicode(false).build().ok();
        // Nobody else has seen it yet, so that it is not set.
        let _ = own.built.set(Some(Built { whole, bytewise }));
        Ok(own)
    }

    /// The pattern between absolute anchors.
    pub(super) fn anchored(&self) -> &str {
        &self.anchored
    }

    /// Whether the whole value matches.
    pub(super) fn matches(&self, value: &[u8]) -> bool {
        let built = self.built.get_or_init(|| {
            let whole = self.builder().build().ok()?;
            let bytewise = self.builder().unicode(false).build().ok();
            Some(Built { whole, bytewise })
        });
        let Some(built) = built else { return false };
        if value.is_ascii() || std::str::from_utf8(value).is_ok() {
            return built.whole.is_match(value);
        }
        built
            .bytewise
            .as_ref()
            .is_some_and(|bytewise| bytewise.is_match(value))
    }

    fn builder(&self) -> RegexBuilder {
        let mut builder = RegexBuilder::new(&self.anchored);
        // The check has held the limit; parts that are added for speed do not count against it.
        builder
            .size_limit(self.size_limit.saturating_mul(2))
            .nest_limit(self.nest_limit);
        builder
    }
}

/// The pattern between absolute anchors, after it was found valid by itself (MATCH-PATH-08).
///
/// A `(?x)` comment at its end would swallow the closing group, and then what stands around the pattern does not parse:
/// only in that case a line break goes before the group, as anywhere else it would be asked for literally.
fn anchor(pattern: &str, longest: usize, limits: &Limits) -> Result<String, InvalidRegex> {
    let length = pattern.chars().count();
    if length > longest {
        return Err(InvalidRegex(format!(
            "has {length} characters, at most {longest} are allowed"
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

    /// SAFE-REGEX-01: length (in characters, as the schema counts), nesting and compiled size are bounded.
    #[test]
    fn limits_hold() {
        let limits = Limits::default();
        assert!(Pattern::compile(&"a".repeat(1025), 1024, &limits).is_err());
        assert!(Pattern::compile(&"a".repeat(1024), 1024, &limits).is_ok());
        assert!(Pattern::compile(&"\u{e9}".repeat(1024), 1024, &limits).is_ok());
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
