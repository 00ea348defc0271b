//! Normal form of paths.

use std::borrow::Cow;

use super::BadRequest;
use super::authority::has_whole_triplets;
use super::options::{EscapedSlashes, Normalize, Options};

/// Whether a path is compared as received or as written into the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// It is in normal form already.
    AsReceived,
    /// Its normal form lies in the buffer.
    InBuffer,
}

/// Brings an absolute path into normal form (MATCH-PATH-10..19).
///
/// Nothing is written when the path is in normal form already.
pub(super) fn normalize(
    path: &[u8],
    options: &Options,
    buffer: &mut Vec<u8>,
) -> Result<Form, BadRequest> {
    check(path, options)?;
    if options.normalize == Normalize::None || is_normal(path, options.merge_slashes) {
        return Ok(Form::AsReceived);
    }
    buffer.clear();
    decode_needless(path, buffer);
    let merged = if options.merge_slashes {
        merge_slashes(buffer)
    } else {
        buffer.len()
    };
    buffer.truncate(merged);
    remove_dot_segments(buffer);
    Ok(Form::InBuffer)
}

/// What no path may hold (MATCH-PATH-11/12/14/18/19).
pub(super) fn check(path: &[u8], options: &Options) -> Result<(), BadRequest> {
    if path.first() != Some(&b'/') {
        return Err(BadRequest::MalformedTarget);
    }
    let escapes = options.escaped_slashes == EscapedSlashes::Reject && has_escaped_slash(path);
    if path.iter().any(|b| is_forbidden(*b)) || !has_whole_triplets(path) || escapes {
        return Err(BadRequest::MalformedPath);
    }
    Ok(())
}

/// A control character, a space or a backslash (MATCH-PATH-14/19), which no part of a target may hold.
pub(super) fn is_forbidden(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7F || byte == b'\\'
}

fn has_escaped_slash(path: &[u8]) -> bool {
    path.windows(3)
        .any(|w| w.eq_ignore_ascii_case(b"%2f") || w.eq_ignore_ascii_case(b"%5c"))
}

/// Whether every step would change nothing; the path has passed [`check`].
fn is_normal(path: &[u8], merge_slashes: bool) -> bool {
    let is_needed = |triplet: &[u8]| match triplet {
        [b'%', high, low] => {
            !is_unreserved(hex_value(*high) << 4 | hex_value(*low))
                && !high.is_ascii_lowercase()
                && !low.is_ascii_lowercase()
        }
        _ => true,
    };
    let is_dots = |element: &[u8]| element == b"." || element == b"..";
    path.is_ascii()
        && path.windows(3).all(is_needed)
        && !(merge_slashes && path.windows(2).any(|w| w == b"//"))
        && !path.split(|b| *b == b'/').any(is_dots)
}

/// Steps (b) and (c): triplets of unreserved characters become these, others get upper-case digits, raw bytes beyond
/// ASCII become triplets (MATCH-PATH-11/19).
fn decode_needless(path: &[u8], out: &mut Vec<u8>) {
    let mut rest = path;
    while let [byte, behind @ ..] = rest {
        rest = behind;
        match (byte, behind) {
            (b'%', [high, low, behind @ ..]) => {
                let decoded = hex_value(*high) << 4 | hex_value(*low);
                if is_unreserved(decoded) {
                    out.push(decoded);
                } else {
                    push_triplet(decoded, out);
                }
                rest = behind;
            }
            (0x80.., _) => push_triplet(*byte, out),
            _ => out.push(*byte),
        }
    }
}

/// `%` and two upper-case digits.
pub(super) fn push_triplet(byte: u8, out: &mut Vec<u8>) {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).map_or(b'0', |c| c as u8);
    out.push(b'%');
    out.push(digit(byte >> 4).to_ascii_uppercase());
    out.push(digit(byte & 15).to_ascii_uppercase());
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// The value of a hex digit; 0 for anything else, which the check has excluded.
pub(super) fn hex_value(digit: u8) -> u8 {
    (digit as char).to_digit(16).map_or(0, |value| value as u8)
}

/// Step (d), in place; returns the new length.
fn merge_slashes(path: &mut [u8]) -> usize {
    let mut kept = 0;
    let mut previous = 0;
    for at in 0..path.len() {
        let byte = path.get(at).copied().unwrap_or_default();
        if byte == b'/' && previous == b'/' {
            continue;
        }
        if let Some(place) = path.get_mut(kept) {
            *place = byte;
        }
        kept += 1;
        previous = byte;
    }
    kept
}

/// Step (e), in place: RFC 3986, 5.2.4; `..` above the root stays at the root (MATCH-PATH-14).
fn remove_dot_segments(path: &mut Vec<u8>) {
    let mut kept = 0;
    let mut at = 0;
    let length = path.len();
    // INVARIANT: `kept <= at`; what lies before `kept` is done, and is empty or begins with a slash.
    while at < length {
        let start = at + 1;
        let end = path
            .get(start..)
            .and_then(|rest| rest.iter().position(|b| *b == b'/'))
            .map_or(length, |n| start + n);
        let element = path.get(start..end).unwrap_or_default();
        let is_last = end == length;
        match element {
            b"." | b".." => {
                if element.len() == 2 {
                    let done = path.get(..kept).unwrap_or_default();
                    kept = done.iter().rposition(|b| *b == b'/').unwrap_or(0);
                }
                if is_last {
                    if let Some(place) = path.get_mut(kept) {
                        *place = b'/';
                    }
                    kept += 1;
                }
            }
            _ => {
                path.copy_within(at..end, kept);
                kept += end - at;
            }
        }
        at = end;
    }
    path.truncate(kept);
}

/// A configured Exact or PathPrefix value as it is compared (MATCH-PATH-15); `None` when no request could have it.
pub(super) fn normalize_value<'a>(value: &'a str, options: &Options) -> Option<Cow<'a, str>> {
    let is_possible = value.is_ascii() && !value.contains(['?', '#']);
    if !is_possible || check(value.as_bytes(), options).is_err() {
        return None;
    }
    if options.normalize == Normalize::None {
        return Some(Cow::Borrowed(value));
    }
    let mut decoded = Vec::with_capacity(value.len());
    decode_needless(value.as_bytes(), &mut decoded);
    if !is_normal(&decoded, options.merge_slashes) {
        return None;
    }
    if decoded == value.as_bytes() {
        return Some(Cow::Borrowed(value));
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(path: &str, options: &Options) -> Result<String, BadRequest> {
        let mut buffer = b"left over".to_vec();
        let form = normalize(path.as_bytes(), options, &mut buffer)?;
        let bytes = match form {
            Form::AsReceived => path.as_bytes(),
            Form::InBuffer => &buffer,
        };
        Ok(String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// MATCH-PATH-10..14, SAFE-PATH-01: each step once, in order.
    #[test]
    fn paths_are_brought_into_normal_form() {
        for (path, expected) in [
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/%61bc", "/abc"),
            ("/a%2Eb", "/a.b"),
            ("/caf%c3%a9", "/caf%C3%A9"),
            ("/caf\u{e9}", "/caf%C3%A9"),
            ("/a%2fb", "/a%2Fb"),
            ("/a%5cb", "/a%5Cb"),
            ("//admin///x", "/admin/x"),
            ("/a/b/..", "/a/"),
            ("/a/.", "/a/"),
            ("/a/./b", "/a/b"),
            ("/..", "/"),
            ("/../../x", "/x"),
            ("/a/../../b", "/b"),
            ("/public/%2e%2e/admin", "/admin"),
            ("/public/%252e%252e/admin", "/public/%252e%252e/admin"),
            ("/a//../b", "/b"),
            ("/a/..//b", "/b"),
            ("/.well-known/x", "/.well-known/x"),
            ("/a/...", "/a/..."),
            ("/a/b/../c/", "/a/c/"),
            ("/%7E%7e", "/~~"),
            ("/a;v=1/b:c", "/a;v=1/b:c"),
        ] {
            assert_eq!(
                normal(path, &Options::default()).as_deref(),
                Ok(expected),
                "{path}"
            );
        }
    }

    /// MATCH-PATH-11/14/18/19: what is refused.
    #[test]
    fn malformed_paths_are_refused() {
        for path in [
            "/a%zz", "/%", "/%4", "/a b", "/a\\b", "/a\tb", "/a\u{7f}", "/a\0",
        ] {
            assert_eq!(
                normal(path, &Options::default()),
                Err(BadRequest::MalformedPath),
                "{path}"
            );
        }
        for path in ["", "a", "http://a/"] {
            assert_eq!(
                normal(path, &Options::default()),
                Err(BadRequest::MalformedTarget),
                "{path}"
            );
        }
    }

    /// MATCH-PATH-10/12/13: the options.
    #[test]
    fn options_switch_steps_off() {
        let keep = Options {
            merge_slashes: false,
            ..Options::default()
        };
        assert_eq!(normal("//a//b/./c", &keep).as_deref(), Ok("//a//b/c"));
        assert_eq!(normal("//..", &keep).as_deref(), Ok("/"));
        let raw = Options {
            normalize: Normalize::None,
            ..Options::default()
        };
        assert_eq!(normal("//%61/../b", &raw).as_deref(), Ok("//%61/../b"));
        assert!(normal("/a b", &raw).is_err());
        let reject = Options {
            escaped_slashes: EscapedSlashes::Reject,
            ..Options::default()
        };
        assert!(normal("/a%2fb", &reject).is_err());
        assert!(normal("/a%5Cb", &reject).is_err());
        assert_eq!(normal("/a%20b", &reject).as_deref(), Ok("/a%20b"));
    }

    /// MATCH-PATH-15: configured values go through (b) and (c); (d) and (e) must change nothing.
    #[test]
    fn configured_values_are_normalised_or_refused() {
        let value = |text| normalize_value(text, &Options::default());
        assert_eq!(value("/caf%c3%a9").as_deref(), Some("/caf%C3%A9"));
        assert_eq!(value("/%41").as_deref(), Some("/A"));
        assert_eq!(value("/a/").as_deref(), Some("/a/"));
        for text in [
            "",
            "a",
            "/a//b",
            "/a/./b",
            "/a/..",
            "/a b",
            "/%zz",
            "/a?b",
            "/a#b",
            "/%2e%2e/b",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }
}
