//! How names and values are spelled, by hand.
//!
//! PERF: a regular expression takes some fifty times as long for the short names of an object. Tests hold each of these
//! against the pattern of the schema.

/// `[a-z0-9]`, with `-` in between.
pub(crate) fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    ends(text, |byte| byte != b'-') && text.bytes().all(inner)
}

/// DNS labels joined by `.`.
pub(crate) fn is_dns_subdomain(text: &str) -> bool {
    let mut before = b'.';
    for byte in text.bytes() {
        let fits = match byte {
            b'a'..=b'z' | b'0'..=b'9' => true,
            b'-' => before != b'.',
            b'.' => !matches!(before, b'.' | b'-'),
            _ => false,
        };
        if !fits {
            return false;
        }
        before = byte;
    }
    !matches!(before, b'.' | b'-')
}

/// A letter, then letters, digits and `-`, the last not at the end.
pub(crate) fn is_kind(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with('-')
        && text.bytes().all(inner)
}

/// Letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.
pub(crate) fn is_label_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    ends(text, |byte| byte.is_ascii_alphanumeric()) && text.bytes().all(inner)
}

/// A letter, then letters, digits, `_`, `,` and `:`, with neither of the last two at the end.
pub(crate) fn is_condition_reason(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b',' | b':');
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with([',', ':'])
        && text.bytes().all(inner)
}

/// The characters of an HTTP token, at least one.
pub(crate) fn is_header_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

/// Visible ASCII characters, with single spaces or tabs in between.
pub(crate) fn is_header_value(text: &str) -> bool {
    let mut after_space = true;
    for byte in text.bytes() {
        match byte {
            b'!'..=b'~' => after_space = false,
            b' ' | b'\t' if !after_space => after_space = true,
            _ => return false,
        }
    }
    !after_space
}

/// One to four numbers of up to five digits, each with its unit.
pub(crate) fn is_duration(text: &str) -> bool {
    let mut rest = text;
    for _ in 0..4 {
        let number = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (_, after) = rest.split_at(number);
        let unit = ["ms", "h", "m", "s"]
            .iter()
            .find_map(|unit| after.strip_prefix(unit));
        match unit {
            Some("") if (1..=5).contains(&number) => return true,
            Some(after) if (1..=5).contains(&number) => rest = after,
            _ => return false,
        }
    }
    false
}

/// Whether both ends are so; an empty text has none.
fn ends(text: &str, is: fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|byte| is(*byte)) && bytes.last().is_some_and(|byte| is(*byte))
}
