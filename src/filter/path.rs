//! Replacement of paths, and the encoding of what goes into a URL.

use std::borrow::Cow;

use crate::plan::PathModifier;

/// Applies a modifier to the effective path. `prefix` is that of the match, without closing slash; `None` of the whole when
/// the modifier needs one and there is none, or the path does not begin with it.
///
/// The result begins with exactly one `/` (FILTER-REWRITE-06).
///
/// # Cost
///
/// O(length); allocates only when replacement and rest must be joined, a slash be added or something be encoded.
///
/// # Spec
///
/// FILTER-REWRITE-02..06/08/09, FILTER-REDIR-07/09.
pub(super) fn replaced<'a>(
    modifier: &'a PathModifier,
    path: &'a str,
    prefix: Option<&str>,
) -> Option<Cow<'a, str>> {
    let joined = match modifier {
        PathModifier::ReplaceFullPath(value) => ascii(value),
        PathModifier::ReplacePrefixMatch(value) => {
            let rest = path.strip_prefix(prefix?)?;
            if !(rest.is_empty() || rest.starts_with('/')) {
                return None;
            }
            match (value.trim_end_matches('/'), rest) {
                ("", rest) => Cow::Borrowed(rest),
                (value, "") => ascii(value),
                (value, rest) => {
                    let value = ascii(value);
                    let mut joined = String::with_capacity(value.len() + rest.len() + 1);
                    if !value.starts_with('/') {
                        joined.push('/');
                    }
                    joined.push_str(&value);
                    joined.push_str(rest);
                    Cow::Owned(joined)
                }
            }
        }
    };
    Some(with_one_slash(joined))
}

/// A configured value with what is not ASCII as triplets.
fn ascii(value: &str) -> Cow<'_, str> {
    if value.is_ascii() {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len() * 3);
    push_encoded(&mut text, value.as_bytes(), |byte| !byte.is_ascii());
    Cow::Owned(text)
}

/// The same path with exactly one slash at its beginning.
pub(super) fn with_one_slash(path: Cow<'_, str>) -> Cow<'_, str> {
    match path.as_bytes() {
        [] => Cow::Borrowed("/"),
        [b'/', b'/', ..] => {
            let from = path.len() - path.trim_start_matches('/').len() - 1;
            match path {
                Cow::Borrowed(text) => Cow::Borrowed(text.get(from..).unwrap_or("/")),
                Cow::Owned(text) => Cow::Owned(text.get(from..).unwrap_or("/").to_owned()),
            }
        }
        [b'/', ..] => path,
        _ => Cow::Owned(format!("/{path}")),
    }
}

/// A path with what paths never hold as triplets; triplets that are there stay.
pub(super) fn encoded_path(path: Cow<'_, str>) -> Cow<'_, str> {
    let bad = |byte: u8| {
        !(0x21..0x7f).contains(&byte)
            || matches!(
                byte,
                b'"' | b'#' | b'<' | b'>' | b'?' | b'\\' | b'^' | b'`' | b'{' | b'}'
            )
    };
    if path.bytes().any(bad) {
        let mut text = String::with_capacity(path.len() + 8);
        push_encoded(&mut text, path.as_bytes(), bad);
        Cow::Owned(text)
    } else {
        path
    }
}

/// Appends a query with what queries never hold as triplets.
pub(super) fn push_query(text: &mut String, query: &[u8]) {
    push_encoded(text, query, |byte| {
        !(0x21..0x7f).contains(&byte) || matches!(byte, b'"' | b'#' | b'<' | b'>')
    });
}

fn push_encoded(text: &mut String, bytes: &[u8], bad: impl Fn(u8) -> bool) {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    for &byte in bytes {
        if bad(byte) {
            text.push('%');
            text.extend(HEX.get(usize::from(byte >> 4)));
            text.extend(HEX.get(usize::from(byte & 15)));
        } else {
            text.push(char::from(byte));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix_replaced(path: &str, prefix: &str, value: &str) -> String {
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let modifier = PathModifier::ReplacePrefixMatch(value.into());
        replaced(&modifier, path, Some(prefix))
            .unwrap()
            .into_owned()
    }

    /// FILTER-REWRITE-04.
    #[test]
    fn filter_rewrite_04_the_table() {
        for (path, prefix, value, result) in [
            ("/foo/bar", "/foo", "/xyz", "/xyz/bar"),
            ("/foo/bar", "/foo", "/xyz/", "/xyz/bar"),
            ("/foo/bar", "/foo/", "/xyz", "/xyz/bar"),
            ("/foo/bar", "/foo/", "/xyz/", "/xyz/bar"),
            ("/foo", "/foo", "/xyz", "/xyz"),
            ("/foo/", "/foo", "/xyz", "/xyz/"),
            ("/foo/bar", "/foo", "", "/bar"),
            ("/foo/", "/foo", "", "/"),
            ("/foo", "/foo", "", "/"),
            ("/foo/", "/foo", "/", "/"),
            ("/foo", "/foo", "/", "/"),
            // FILTER-REWRITE-05
            ("/a", "/", "/x", "/x/a"),
            ("/", "/", "/x", "/x/"),
            ("/foo", "/foo", "/xyz/", "/xyz"),
            // FILTER-REDIR-09
            ("/foo/bar", "/foo", "xyz", "/xyz/bar"),
            ("/foo", "/foo", "xyz//", "/xyz"),
        ] {
            assert_eq!(
                prefix_replaced(path, prefix, value),
                result,
                "{path} {prefix} {value}"
            );
        }
    }

    /// FILTER-REWRITE-06.
    #[test]
    fn filter_rewrite_06_the_result_begins_with_one_slash() {
        assert_eq!(prefix_replaced("/foo//evil.com", "/foo", "/"), "/evil.com");
        assert_eq!(prefix_replaced("/foo///evil.com", "/foo", ""), "/evil.com");
        assert_eq!(
            prefix_replaced("/foo/a", "/foo", "//evil.com"),
            "/evil.com/a"
        );
        for (value, result) in [
            ("", "/"),
            ("x", "/x"),
            ("//x", "/x"),
            ("/x", "/x"),
            ("/", "/"),
        ] {
            let modifier = PathModifier::ReplaceFullPath(value.into());
            assert_eq!(
                replaced(&modifier, "/any", None).as_deref(),
                Some(result),
                "{value}"
            );
        }
    }

    /// FILTER-REWRITE-03.
    #[test]
    fn filter_rewrite_03_without_the_matched_prefix_there_is_no_replacement() {
        let modifier = PathModifier::ReplacePrefixMatch("/x".into());
        assert_eq!(replaced(&modifier, "/foo", None), None);
        assert_eq!(replaced(&modifier, "/foo", Some("/bar")), None);
        assert_eq!(replaced(&modifier, "/foobar", Some("/foo")), None);
    }

    /// FILTER-REWRITE-08.
    #[test]
    fn filter_rewrite_08_the_rest_of_the_path_stays_as_it_is() {
        assert_eq!(
            prefix_replaced("/foo/{a}/%7b", "/foo", "/ä"),
            "/%C3%A4/{a}/%7b"
        );
    }

    /// SAFE-REDIR-01.
    #[test]
    fn safe_redir_01_what_urls_cannot_hold_is_encoded_once() {
        assert_eq!(encoded_path("/a%20b/ä<".into()), "/a%20b/%C3%A4%3C");
        let mut query = String::new();
        push_query(&mut query, b"a[b]=\xc3\xa4&c=%20\"");
        assert_eq!(query, "a[b]=%C3%A4&c=%20%22");
    }
}
