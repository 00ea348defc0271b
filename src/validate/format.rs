//! The formats that the API server enforces.

/// Whether `text` is a `date-time` to the API server.
///
/// Laxer than RFC 3339: `t` and `z` may be small, any character may stand before the fraction, what follows a second
/// `t` is not looked at; stricter in that second 60 fails.
pub(crate) fn is_date_time(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let mut parts = text.split('t');
    let (Some(date), Some(time)) = (parts.next(), parts.next()) else {
        return false;
    };
    is_date(date) && is_time(time)
}

/// `2024-02-29`, checked against the calendar.
fn is_date(date: &str) -> bool {
    let bytes = date.as_bytes();
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *bytes else {
        return false;
    };
    let Some(year) = number(&[y1, y2, y3, y4]) else {
        return false;
    };
    let (Some(month), Some(day)) = (number(&[m1, m2]), number(&[d1, d2])) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// `07:08:09`, a fraction after any one character, then `z` or an offset of two times two digits.
fn is_time(time: &str) -> bool {
    let [h1, h2, b':', m1, m2, b':', s1, s2, ..] = *time.as_bytes() else {
        return false;
    };
    let within = |digits: &[u8], most| number(digits).is_some_and(|number| number <= most);
    if !(within(&[h1, h2], 23) && within(&[m1, m2], 59) && within(&[s1, s2], 59)) {
        return false;
    }
    let Some(rest) = time.get(8..) else {
        return false;
    };
    if is_offset(rest) {
        return true;
    }
    let mut characters = rest.chars();
    if characters.next().is_none_or(|mark| mark == '\n') {
        return false;
    }
    let rest = characters.as_str();
    let offset = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    offset.len() < rest.len() && is_offset(offset)
}

fn is_offset(text: &str) -> bool {
    match *text.as_bytes() {
        [b'z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => [h1, h2, m1, m2].iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u32::from(digit - b'0'))
    })
}

/// Whether `text` is an IPv4 or IPv6 address to the formats `ipv4` and `ipv6`.
///
/// Leading zeros are read as decimal (`010.0.0.1`); zones, brackets and prefixes are no part of an address.
pub(crate) fn is_ip_address(text: &str) -> bool {
    match text.find(['.', ':']) {
        Some(at) if text.as_bytes().get(at) == Some(&b':') => is_ipv6(text),
        Some(_) => is_ipv4(text),
        None => false,
    }
}

fn is_ipv4(text: &str) -> bool {
    let mut parts = 0;
    text.split('.').all(|part| {
        parts += 1;
        is_decimal_byte(part)
    }) && parts == 4
}

fn is_decimal_byte(part: &str) -> bool {
    let number = part.bytes().try_fold(0_u32, |number, digit| {
        // Beyond this an API server gives up on a number, leading zeros or not.
        let next = number * 10 + u32::from(digit.wrapping_sub(b'0'));
        (digit.is_ascii_digit() && next < 0xff_ff_ff).then_some(next)
    });
    !part.is_empty() && number.is_some_and(|number| number <= 255)
}

fn is_ipv6(text: &str) -> bool {
    let (mut rest, mut gap) = match text.strip_prefix("::") {
        Some("") => return true,
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let mut groups = 0;
    while groups < 8 {
        let Some(length) = group_length(rest) else {
            return false;
        };
        let (_, after) = rest.split_at(length);
        if after.starts_with('.') {
            // An IPv4 address fills the last two groups.
            let fits = if gap { groups < 6 } else { groups == 6 };
            return fits && is_ipv4(rest);
        }
        groups += 1;
        rest = after;
        if rest.is_empty() {
            break;
        }
        let Some(more) = rest.strip_prefix(':').filter(|more| !more.is_empty()) else {
            return false;
        };
        rest = more;
        if let Some(more) = rest.strip_prefix(':') {
            if gap {
                return false;
            }
            gap = true;
            rest = more;
            if rest.is_empty() {
                break;
            }
        }
    }
    rest.is_empty() && (groups < 8) == gap
}

/// How many digits the hexadecimal group at the start of `text` has; `None` where there is no valid one.
fn group_length(text: &str) -> Option<usize> {
    let length = text.bytes().take_while(u8::is_ascii_hexdigit).count();
    let (digits, _) = text.split_at(length);
    let group = u64::from_str_radix(digits, 16).ok()?;
    (group <= 0xffff).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_times() {
        for right in [
            "2024-05-06T07:08:09Z",
            "2024-05-06t07:08:09z",
            "2024-05-06T07:08:09,5+01:00",
            "2024-02-29T23:59:59.123-99:99",
        ] {
            assert!(is_date_time(right), "{right}");
        }
        for wrong in [
            "",
            "2024-05-06",
            "2024-05-06T07:08:09",
            "2024-05-06T07:08:60Z",
            "2024-05-06T24:08:09Z",
            "2023-02-29T07:08:09Z",
            "2024-05-06 07:08:09Z",
            "2024-05-06T07:08:09.Z",
            "2024-05-06T07:08:09Z ",
        ] {
            assert!(!is_date_time(wrong), "{wrong}");
        }
    }

    #[test]
    fn addresses() {
        for right in [
            "1.2.3.4",
            "010.0.0.1",
            "::1",
            "::ffff:1.2.3.4",
            "2001:DB8::1",
        ] {
            assert!(is_ip_address(right), "{right}");
        }
        for wrong in [
            "",
            "1.2.3",
            "1.2.3.256",
            "1.2.3.4 ",
            "[::1]",
            "fe80::1%eth0",
            "10.0.0.0/8",
            "::1/128",
            "a",
        ] {
            assert!(!is_ip_address(wrong), "{wrong}");
        }
    }
}
