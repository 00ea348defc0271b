//! Points in time as the API server writes them.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time by RFC 3339, kept as written; a text that is none is kept too and has no seconds.
///
/// Equality goes by the text. Offsets from UTC count; fractions of a second are cut off, since precedence by age knows
/// whole seconds only.
///
/// # Spec
///
/// GW-STAT-04, GW-STAT-13.
///
/// ```
/// use gatewright::api::Timestamp;
///
/// let noon = Timestamp::from("2025-11-06T12:00:00+01:00");
/// assert_eq!(noon.seconds(), Timestamp::from("2025-11-06T11:00:00Z").seconds());
/// assert_eq!(Timestamp::from("yesterday").seconds(), None);
/// assert_eq!(Timestamp::from_seconds(0).as_str(), "1970-01-01T00:00:00Z");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Timestamp {
    text: Box<str>,
    seconds: Option<i64>,
}

impl Timestamp {
    /// The time so many seconds after the start of 1970, UTC, in the form that the API server writes. Times outside the
    /// years 0 to 9999 stay at the nearest end.
    pub fn from_seconds(seconds: i64) -> Self {
        let seconds = seconds.clamp(-62_167_219_200, 253_402_300_799);
        let (year, month, day) = date_of(seconds.div_euclid(86_400));
        let of_day = seconds.rem_euclid(86_400);
        let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
        Timestamp {
            text: format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
                .into(),
            seconds: Some(seconds),
        }
    }

    /// Seconds since the start of 1970, UTC; `None` if the text is no point in time.
    pub fn seconds(&self) -> Option<i64> {
        self.seconds
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Timestamp {
            seconds: seconds_of(text),
            text: text.into(),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer).map(|text| Timestamp::from(text.as_ref()))
    }
}

/// Takes `len` digits from the front.
fn take_number(rest: &mut &str, len: usize) -> Option<i64> {
    let (digits, after) = rest.split_at_checked(len)?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    *rest = after;
    digits.parse().ok()
}

fn take_char(rest: &mut &str, expected: &[char]) -> Option<()> {
    *rest = rest.strip_prefix(expected)?;
    Some(())
}

/// RFC 3339 `date-time`, without leap seconds (the API server's reader knows none either).
fn seconds_of(text: &str) -> Option<i64> {
    let rest = &mut &*text;
    let year = take_number(rest, 4)?;
    take_char(rest, &['-'])?;
    let month = take_number(rest, 2)?;
    take_char(rest, &['-'])?;
    let day = take_number(rest, 2)?;
    take_char(rest, &['T', 't'])?;
    let hour = take_number(rest, 2)?;
    take_char(rest, &[':'])?;
    let minute = take_number(rest, 2)?;
    take_char(rest, &[':'])?;
    let second = take_number(rest, 2)?;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return None;
        }
        *rest = fraction.get(digits..)?;
    }
    let offset = match *rest {
        "Z" | "z" => 0,
        _ => {
            let sign = if rest.starts_with('-') { -1 } else { 1 };
            take_char(rest, &['+', '-'])?;
            let hours = take_number(rest, 2)?;
            take_char(rest, &[':'])?;
            let minutes = take_number(rest, 2)?;
            if !rest.is_empty() || hours > 23 || minutes > 59 {
                return None;
            }
            sign * (hours * 3_600 + minutes * 60)
        }
    };
    let in_range = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour <= 23
        && minute <= 59
        && second <= 59;
    in_range.then(|| {
        day_number(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
    })
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from the start of 1970 to a date of the proleptic Gregorian calendar. Years are counted from March, so that
/// the leap day is the last of a year.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// The date of a day counted from the start of 1970.
fn date_of(day_since_1970: i64) -> (i64, i64, i64) {
    // A first guess that is never too late, then up to two steps.
    let mut year = 1970 + day_since_1970.div_euclid(366);
    while day_number(year + 1, 1, 1) <= day_since_1970 {
        year += 1;
    }
    while day_number(year, 1, 1) > day_since_1970 {
        year -= 1;
    }
    let mut month = 1;
    let mut day = day_since_1970 - day_number(year, 1, 1);
    while month < 12 && day >= days_in(year, month) {
        day -= days_in(year, month);
        month += 1;
    }
    (year, month, day + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_time_count_from_1970() {
        // Figures of `date -u -d ... +%s`.
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2025-11-06T11:00:00Z", 1_762_426_800),
            ("2025-11-06T12:00:00.999+01:00", 1_762_426_800),
            ("2025-11-06t05:30:00-05:30", 1_762_426_800),
            ("2000-02-29T23:59:59z", 951_868_799),
            ("1969-12-31T23:59:59Z", -1),
            ("0000-01-01T00:00:00Z", -62_167_219_200),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(Timestamp::from(text).seconds(), Some(seconds), "{text}");
        }
    }

    #[test]
    fn other_texts_are_kept_and_have_no_seconds() {
        for text in [
            "",
            "now",
            "2025-11-06",
            "2025-11-06T11:00:00",
            "2025-11-06 11:00:00Z",
            "2025-13-01T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2025-11-06T24:00:00Z",
            "2025-11-06T11:60:00Z",
            "2025-11-06T11:00:60Z",
            "2025-11-06T11:00:00.Z",
            "2025-11-06T11:00:00+1:00",
            "2025-11-06T11:00:00Zz",
            "+025-11-06T11:00:00Z",
            "２025-11-06T11:00:00Z",
            "2025-11-06T11:00:00+24:00",
        ] {
            let read = Timestamp::from(text);
            assert_eq!(read.seconds(), None, "{text}");
            assert_eq!(read.as_str(), text);
        }
    }

    #[test]
    fn seconds_print_as_they_parse() {
        for seconds in (-62_167_219_200..253_402_300_799).step_by(86_399 * 977) {
            let written = Timestamp::from_seconds(seconds);
            assert_eq!(Timestamp::from(written.as_str()), written);
        }
        assert_eq!(
            Timestamp::from_seconds(i64::MAX).as_str(),
            "9999-12-31T23:59:59Z"
        );
        assert_eq!(
            Timestamp::from_seconds(951_782_400).as_str(),
            "2000-02-29T00:00:00Z"
        );
    }
}
