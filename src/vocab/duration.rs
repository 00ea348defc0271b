//! Durations as Gateway API writes them (GEP-2257).

use std::fmt;
use std::str::FromStr;

/// A duration such as `1h30m` or `500ms`, kept as it was written.
///
/// One to four components, each one to five digits and a unit of `h`, `m`, `s` or `ms`, in any order and repeatable;
/// the value is their sum. Equality and order go by value, not by text.
///
/// # Spec
///
/// TYPE-DURATION-01..07, GEP-2257.
///
/// ```
/// use gatewright::vocab::Duration;
///
/// let written = Duration::parse("90m")?;
/// assert_eq!(written.as_millis(), 5_400_000);
/// assert_eq!(written.as_str(), "90m");
/// assert_eq!(written.to_canonical().as_deref(), Some("1h30m"));
/// # Ok::<(), gatewright::vocab::InvalidDuration>(())
/// ```
#[derive(Clone)]
pub struct Duration {
    text: Box<str>,
    millis: u64,
}

impl Duration {
    /// Reads a duration.
    ///
    /// # Errors
    ///
    /// [`InvalidDuration`] for every text outside the grammar, `0` and `1.5h` among them.
    pub fn parse(text: &str) -> Result<Self, InvalidDuration> {
        match total_millis(text) {
            Some(millis) => Ok(Duration {
                text: text.into(),
                millis,
            }),
            None => Err(InvalidDuration {
                found: text.to_owned(),
            }),
        }
    }

    /// The duration in milliseconds.
    pub fn as_millis(&self) -> u64 {
        self.millis
    }

    /// The duration as the standard library has it.
    pub fn to_std(&self) -> std::time::Duration {
        std::time::Duration::from_millis(self.millis)
    }

    /// Whether it is zero, in whatever unit: for a timeout that means "none".
    pub fn is_zero(&self) -> bool {
        self.millis == 0
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value in its shortest form: descending units, each at most once. `None` above 99,999 hours, which the grammar
    /// cannot write in one component.
    pub fn to_canonical(&self) -> Option<String> {
        format_millis(self.millis)
    }
}

/// Formats milliseconds by the rules of GEP-2257 (TYPE-DURATION-05/06).
fn format_millis(millis: u64) -> Option<String> {
    use std::fmt::Write as _;
    let (hours, rest) = (millis / 3_600_000, millis % 3_600_000);
    if hours > 99_999 {
        return None;
    }
    let mut text = String::new();
    for (value, unit) in [
        (hours, "h"),
        (rest / 60_000, "m"),
        (rest % 60_000 / 1_000, "s"),
        (rest % 1_000, "ms"),
    ] {
        if value > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, "{value}{unit}");
        }
    }
    if text.is_empty() {
        text.push_str("0s");
    }
    Some(text)
}

fn total_millis(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total = 0u64;
    let mut components = 0;
    while !rest.is_empty() {
        components += 1;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if components > 4 || !(1..=5).contains(&digits) {
            return None;
        }
        let (number, after) = rest.split_at(digits);
        let (unit, after) = if let Some(after) = after.strip_prefix("ms") {
            (1, after)
        } else if let Some(after) = after.strip_prefix('s') {
            (1_000, after)
        } else if let Some(after) = after.strip_prefix('m') {
            (60_000, after)
        } else if let Some(after) = after.strip_prefix('h') {
            (3_600_000, after)
        } else {
            return None;
        };
        total += number.parse::<u64>().ok()? * unit;
        rest = after;
    }
    (components > 0).then_some(total)
}

impl PartialEq for Duration {
    fn eq(&self, other: &Self) -> bool {
        self.millis == other.millis
    }
}

impl Eq for Duration {}

impl PartialOrd for Duration {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Duration {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.millis.cmp(&other.millis)
    }
}

impl std::hash::Hash for Duration {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.millis.hash(state);
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl FromStr for Duration {
    type Err = InvalidDuration;

    fn from_str(text: &str) -> Result<Self, InvalidDuration> {
        Duration::parse(text)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Duration {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Duration {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Duration::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A text that is no [`Duration`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidDuration {
    found: String,
}

impl fmt::Display for InvalidDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "duration `{}`: expected one to four of up to five digits and `h`, `m`, `s` or `ms`, such as `1h30m`",
            self.found
        )
    }
}

impl std::error::Error for InvalidDuration {}

#[cfg(test)]
mod tests {
    use super::*;

    /// TYPE-DURATION-01/02/04.
    #[test]
    fn components_add_up_in_any_order() {
        for (text, millis) in [
            ("1h2h20m10m", 12_600_000),
            ("00060m", 3_600_000),
            ("1ms", 1),
            ("5m5s5ms", 305_005),
            ("99999h60m", 360_000_000_000),
            ("0s", 0),
            ("0h0m0s", 0),
            ("00000ms", 0),
            (
                "99999h99999m99999s99999ms",
                99_999 * (3_600_000 + 60_000 + 1_000 + 1),
            ),
        ] {
            assert_eq!(Duration::parse(text).unwrap().as_millis(), millis, "{text}");
        }
    }

    /// TYPE-DURATION-03, EX-98.
    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "0",
            "1",
            "1m1",
            "1d",
            "1.5h",
            "-15m",
            "999999h",
            "1h30m10s20ms50h",
            "1H",
            " 1s",
            "1s\n",
            "1 s",
            "1us",
            "1s1s1s1s1s",
            "٣s",
        ] {
            assert!(Duration::parse(text).is_err(), "{text:?}");
        }
    }

    /// TYPE-DURATION-05/06, EX-98.
    #[test]
    fn the_canonical_form_has_descending_units() {
        for (text, canonical) in [
            ("150m", Some("2h30m")),
            ("7230s", Some("2h30s")),
            ("600ms", Some("600ms")),
            ("240h", Some("240h")),
            ("2h600ms", Some("2h600ms")),
            ("5m5s5ms", Some("5m5s5ms")),
            ("90m", Some("1h30m")),
            ("0ms", Some("0s")),
            ("99999h60m", None),
            ("99999h99999h", None),
        ] {
            assert_eq!(
                Duration::parse(text).unwrap().to_canonical().as_deref(),
                canonical,
                "{text}"
            );
        }
    }

    /// TYPE-DURATION-07: equality is by value, the text stays.
    #[test]
    fn equality_goes_by_value() {
        let (a, b) = (
            Duration::parse("60s").unwrap(),
            Duration::parse("1m").unwrap(),
        );
        assert_eq!(a, b);
        assert_eq!(a.as_str(), "60s");
    }
}
