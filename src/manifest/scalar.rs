//! How a plain YAML scalar becomes a JSON value, on the way that manifests take to an API server (YAML 1.1).

use serde_json::{Number, Value};

/// What a plain scalar stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plain {
    Json(Value),
    /// Infinity or not a number: a float that JSON does not have.
    NotInJson,
}

/// Reads a plain scalar.
pub(super) fn resolve(text: &str) -> Plain {
    Plain::Json(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" | "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "false" | "False" | "FALSE" | "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF"
        | "-.inf" | "-.Inf" | "-.INF" => return Plain::NotInJson,
        _ => match text.as_bytes().first() {
            Some(b'0'..=b'9' | b'+' | b'-' | b'.') => {
                number(text).unwrap_or_else(|| Value::from(text))
            }
            _ => Value::from(text),
        },
    })
}

fn number(text: &str) -> Option<Value> {
    // Underscores may stand between the digits of a number that does not start with its point.
    let digits = if text.starts_with('.') {
        text.to_owned()
    } else {
        text.replace('_', "")
    };
    integer(&digits).or_else(|| float(&digits))
}

/// An integer that fits 64 bits: decimal, or with `0x`, `0o`, `0b`, or octal behind a bare `0`.
fn integer(text: &str) -> Option<Value> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x" | "0X") => (16, digits.get(2..)?),
        Some("0o" | "0O") => (8, digits.get(2..)?),
        Some("0b" | "0B") => (2, digits.get(2..)?),
        Some(pair) if pair.starts_with('0') => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    // `from_str_radix` takes a sign of its own, which has no place behind the first one.
    if !digits.starts_with(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    let size = u64::from_str_radix(digits, radix).ok()?;
    if !negative {
        return Some(Value::from(size));
    }
    let size = i128::from(size);
    i64::try_from(-size).ok().map(Value::from)
}

/// A decimal float. One without a fraction is written as an integer in JSON, and so it is one.
fn float(text: &str) -> Option<Value> {
    if !is_float(text) {
        return None;
    }
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        // Exact: the bound is 2^53.
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        return Some(Value::from(value as i64));
    }
    Number::from_f64(value).map(Value::Number)
}

/// Sign, digits with at most one point and at least one digit, exponent.
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            all_digits(whole) && all_digits(fraction) && !(whole.is_empty() && fraction.is_empty())
        }
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    mantissa_fits && exponent_fits
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn json_of(text: &str) -> Value {
        match resolve(text) {
            Plain::Json(value) => value,
            Plain::NotInJson => panic!("{text}"),
        }
    }

    #[test]
    fn words_are_booleans_as_in_yaml_1_1() {
        for text in ["true", "True", "yes", "YES", "on", "y"] {
            assert_eq!(json_of(text), json!(true), "{text}");
        }
        for text in ["false", "FALSE", "no", "No", "off", "N"] {
            assert_eq!(json_of(text), json!(false), "{text}");
        }
        for text in ["tRUE", "yEs", "oN", "yess", "nope"] {
            assert_eq!(json_of(text), json!(text));
        }
    }

    #[test]
    fn integers_in_every_base() {
        for (text, value) in [
            ("0", 0),
            ("80", 80),
            ("-1", -1),
            ("+5", 5),
            ("0x1F", 31),
            ("0o17", 15),
            ("017", 15),
            ("0b101", 5),
            ("-0b101", -5),
            ("1_000", 1000),
            ("08", 8),
            ("80.0", 80),
            ("1e3", 1000),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(json_of(text), json!(value), "{text}");
        }
        assert_eq!(json_of("18446744073709551615"), json!(u64::MAX));
    }

    #[test]
    fn floats_keep_their_fraction() {
        for (text, value) in [("0.5", 0.5), (".5", 0.5), ("-1.25e2", -125.0), ("1.5", 1.5)] {
            assert_eq!(json_of(text).as_f64(), Some(value), "{text}");
        }
        assert_eq!(json_of("1e20").as_f64(), Some(1e20));
        assert_eq!(
            json_of("18446744073709551616").as_f64(),
            Some(18446744073709551616.0)
        );
    }

    #[test]
    fn the_rest_is_text() {
        for text in [
            "2001-01-01",
            "10.0.0.1",
            "1.2.3",
            "-",
            "+",
            ".",
            "0x",
            "0o8",
            "1e",
            "1e999",
            "--1",
            "+-1",
            "v1",
            "1m",
            "0x1g",
            "12:30",
        ] {
            assert_eq!(json_of(text), json!(text));
        }
    }

    #[test]
    fn infinity_has_no_place_in_json() {
        assert_eq!(resolve(".inf"), Plain::NotInJson);
        assert_eq!(resolve("-.INF"), Plain::NotInJson);
        assert_eq!(resolve(".NaN"), Plain::NotInJson);
    }
}
