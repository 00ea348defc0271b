//! Shapes of configured names, values and paths.

use std::borrow::Cow;

/// Whether this is a token of RFC 9110, as names of headers and methods are.
pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&byte| is_token_byte(byte))
}

/// Whether this can stand in a header: visible characters of whatever encoding, blanks and tabs (RFC 9110, section 5.5).
pub(crate) fn is_field_value(text: &[u8]) -> bool {
    !text
        .iter()
        .any(|&byte| (byte < b' ' && byte != b'\t') || byte == 0x7f)
}

const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}

/// Says what is wrong with the name of a header (FILTER-HDR-09, SAFE-HDR-01).
pub(super) fn header_name_fault(name: &str) -> Option<String> {
    if name.is_empty() || name.len() > 256 {
        return Some(format!(
            "found a name of {} characters, expected 1 to 256",
            name.len()
        ));
    }
    (!is_token(name.as_bytes())).then(|| format!("`{name}` is no header name"))
}

/// Says what is wrong with the value of a header (FILTER-HDR-05/09, SAFE-HDR-01).
pub(super) fn header_value_fault(value: &str) -> Option<String> {
    if value.is_empty() || value.chars().count() > 4096 {
        return Some(format!(
            "found a value of {} characters, expected 1 to 4096",
            value.chars().count()
        ));
    }
    has_control(value).then(|| "the value holds a control character".to_owned())
}

/// Whether there is a control character other than tab.
pub(super) fn has_control(text: &str) -> bool {
    !is_field_value(text.as_bytes())
}

/// Whether this is a hostname without wildcard in the schema's sense: lower-case labels, 1 to 253 characters
/// (FILTER-REDIR-04).
pub(super) fn is_precise_hostname(text: &str) -> bool {
    (1..=253).contains(&text.len())
        && text.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        })
}

/// Says what is wrong with a configured Exact or PathPrefix value (MATCH-PATH-15): what normalisation would change in its
/// structure, and characters that no normalised path has.
pub(super) fn path_value_fault(value: &str) -> Option<&'static str> {
    if !value.starts_with('/') {
        return Some("has no leading `/`");
    }
    if value.len() > 1024 {
        return Some("has more than 1024 characters");
    }
    path_structure_fault(value)
}

/// Says what normalisation would change in the structure of a path (beside its first character), or which of its
/// characters no path has.
fn path_structure_fault(value: &str) -> Option<&'static str> {
    let bytes = value.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            match triplet(bytes, at) {
                None => return Some("has a `%` without two hex digits"),
                Some(b'/') => return Some("has an encoded `/`"),
                Some(_) => at += 3,
            }
            continue;
        }
        let allowed = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'.' | b'/' | b'_' | b'~' | b'!' | b'$' | b'&'
                    ..=b',' | b';' | b'=' | b':' | b'@'
            );
        if !allowed {
            return Some("has a character that paths must encode");
        }
        at += 1;
    }
    if value.contains("//") {
        return Some("has an empty element");
    }
    if value.split('/').any(is_dot_segment) {
        return Some("has a `.` or `..` element");
    }
    None
}

/// Whether an element reads `.` or `..` once its triplets are decoded.
fn is_dot_segment(element: &str) -> bool {
    let mut bytes = element.as_bytes();
    let mut dots = 0;
    while !bytes.is_empty() {
        let rest = match bytes {
            [b'.', rest @ ..] => rest,
            [b'%', b'2', b'e' | b'E', rest @ ..] => rest,
            _ => return false,
        };
        bytes = rest;
        dots += 1;
    }
    (1..=2).contains(&dots)
}

/// The byte that the triplet at `at` stands for.
fn triplet(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |offset: usize| {
        let byte = *bytes.get(at.checked_add(offset)?)?;
        char::from(byte).to_digit(16)
    };
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

/// What goes in front of the path of a question to an auth server: the configured path with a leading and without a
/// closing `/`; empty without one. `None` when the value must not be used (FILTER-AUTH-08).
///
/// # Cost
///
/// O(length); allocates only to add a leading `/`.
///
/// ```
/// use gatewright::plan::check::sanitised_auth_path;
///
/// assert_eq!(sanitised_auth_path("check/").as_deref(), Some("/check"));
/// assert_eq!(sanitised_auth_path("").as_deref(), Some(""));
/// assert_eq!(sanitised_auth_path("/a/../b"), None);
/// ```
pub fn sanitised_auth_path(configured: &str) -> Option<Cow<'_, str>> {
    if configured.len() > 1024 || path_structure_fault(configured).is_some() {
        return None;
    }
    let open = configured.strip_suffix('/').unwrap_or(configured);
    if open.is_empty() || open.starts_with('/') {
        Some(Cow::Borrowed(open))
    } else {
        Some(Cow::Owned(format!("/{open}")))
    }
}
