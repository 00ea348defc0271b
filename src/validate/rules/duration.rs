//! Durations as rules read them, which is wider than what Gateway API lets one write.
//!
//! A text that breaks the pattern of [`vocab::Duration`](crate::vocab::Duration) still reaches the rules, and there
//! `1.5h`, `-1s` and `3us` are durations. So two texts with the same breach of the pattern can differ in whether a rule
//! complains as well.

const SECOND: u64 = 1_000_000_000;

/// The duration in nanoseconds: a sign, then numbers with an optional fraction and a unit, or a bare 0.
///
/// `None` for anything else, and for what does not fit 64 bits.
pub(super) fn nanoseconds(text: &str) -> Option<i64> {
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0u64;
    while !rest.is_empty() {
        let (component, after) = component(rest)?;
        total = total.checked_add(component).filter(|&sum| sum <= LARGEST)?;
        rest = after;
    }
    match (negative, i64::try_from(total)) {
        (true, Ok(total)) => Some(-total),
        (true, Err(_)) => Some(i64::MIN),
        (false, total) => total.ok(),
    }
}

/// One more than the largest `i64`: only a negative duration gets as far.
const LARGEST: u64 = 1 << 63;

/// Reads a number with its unit; gives the nanoseconds and what follows.
fn component(text: &str) -> Option<(u64, &str)> {
    let (whole_digits, rest) = split_digits(text);
    let (fraction_digits, rest) = match rest.strip_prefix('.') {
        Some(rest) => split_digits(rest),
        None => ("", rest),
    };
    if whole_digits.is_empty() && fraction_digits.is_empty() {
        return None;
    }
    let unit_ends = rest
        .find(|c: char| c == '.' || c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (unit, after) = rest.split_at(unit_ends);
    let unit = unit_in_nanoseconds(unit)?;
    let whole = whole(whole_digits)?;
    let exact = whole.checked_mul(unit).filter(|&n| n <= LARGEST)?;
    let sum = exact.checked_add(fraction_of(fraction_digits, unit))?;
    (sum <= LARGEST).then_some((sum, after))
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

fn whole(digits: &str) -> Option<u64> {
    digits.bytes().try_fold(0u64, |number, digit| {
        number
            .checked_mul(10)?
            .checked_add(u64::from(digit - b'0'))
            .filter(|&number| number <= LARGEST)
    })
}

/// The fraction in nanoseconds, rounded towards zero; digits beyond 63 bits do not count.
fn fraction_of(digits: &str, unit: u64) -> u64 {
    let (mut number, mut scale) = (0u64, 1f64);
    for digit in digits.bytes() {
        let next = number
            .checked_mul(10)
            .filter(|_| number <= (LARGEST - 1) / 10)
            .map(|number| number + u64::from(digit - b'0'));
        match next {
            Some(next) if next <= LARGEST => number = next,
            _ => break,
        }
        scale *= 10.0;
    }
    (number as f64 * (unit as f64 / scale)) as u64
}

fn unit_in_nanoseconds(unit: &str) -> Option<u64> {
    Some(match unit {
        "ns" => 1,
        // The micro sign, and the Greek letter that looks like it.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3_600 * SECOND,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_read_than_the_pattern_allows() {
        for (text, expected) in [
            ("1s", 1_000_000_000),
            ("1h30m10s20ms", 5_410_020_000_000),
            ("0", 0),
            ("-0", 0),
            ("+5s", 5_000_000_000),
            ("-1.5h", -5_400_000_000_000),
            (".5s", 500_000_000),
            ("5.s", 5_000_000_000),
            ("3us", 3_000),
            ("3\u{b5}s", 3_000),
            ("3\u{3bc}s", 3_000),
            ("7ns", 7),
            ("999999h", 3_599_996_400_000_000_000),
            ("1.0000000000000000000000000001s", 1_000_000_000),
            ("9223372036854775807ns", i64::MAX),
            ("-9223372036854775808ns", i64::MIN),
            ("1h30m10s20ms50h", 185_410_020_000_000),
        ] {
            assert_eq!(nanoseconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_rest_is_unreadable() {
        for text in [
            "",
            "-",
            "1",
            "s",
            ".s",
            "1d",
            "1 s",
            "1s ",
            " 1s",
            "1S",
            "--1s",
            "1s1",
            "00",
            "1.2.3s",
            "٣s",
            "9223372036854775808ns",
            "2562048h",
            "99999999999999999999s",
        ] {
            assert_eq!(nanoseconds(text), None, "{text:?}");
        }
    }
}
