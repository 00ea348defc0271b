//! Query parameters of a request.

use super::options::{Options, QueryDecoding};
use super::path::hex_value;

/// The parameters of a query, undecoded, in order (MATCH-QUERY-02). At most as many as the limits allow, and only those
/// that end within them (SAFE-LIMIT-01).
pub(super) fn pairs<'q>(
    query: &'q [u8],
    options: &Options,
) -> impl Iterator<Item = (&'q [u8], &'q [u8])> + use<'q> {
    let limits = &options.limits;
    let query = match (query.get(..limits.query), query.get(limits.query)) {
        (Some(head), Some(b'&')) => head,
        (Some(head), Some(_)) => {
            // The last piece goes on beyond the limit.
            let end = head.iter().rposition(|b| *b == b'&').unwrap_or(0);
            head.get(..end).unwrap_or_default()
        }
        _ => query,
    };
    query
        .split(|b| *b == b'&')
        .filter(|piece| !piece.is_empty())
        .take(limits.parameters)
        .map(|piece| match piece.iter().position(|b| *b == b'=') {
            Some(at) => (
                piece.get(..at).unwrap_or_default(),
                piece.get(at + 1..).unwrap_or_default(),
            ),
            None => (piece, &[][..]),
        })
}

/// The undecoded value of the first parameter with this decoded name (MATCH-QUERY-04).
pub(super) fn first<'q>(query: &'q [u8], name: &[u8], options: &Options) -> Option<&'q [u8]> {
    pairs(query, options)
        .find(|(own, _)| equals(own, name, options))
        .map(|(_, value)| value)
}

/// Whether a name or value of a request, decoded, is `plain` (MATCH-QUERY-03).
pub(super) fn equals(raw: &[u8], plain: &[u8], options: &Options) -> bool {
    if raw == plain {
        return options.query_decoding == QueryDecoding::Raw || !is_encoded(raw);
    }
    options.query_decoding == QueryDecoding::Decode
        && is_encoded(raw)
        && decoded(raw).eq(plain.iter().copied())
}

/// Whether a text is compared as it stands.
pub(super) fn is_raw(raw: &[u8], options: &Options) -> bool {
    options.query_decoding == QueryDecoding::Raw || !is_encoded(raw)
}

/// Whether decoding would change the text.
fn is_encoded(raw: &[u8]) -> bool {
    raw.iter().any(|b| matches!(b, b'%' | b'+'))
}

/// The text with `+` as a space and triplets as bytes; a `%` without two hex digits stays (MATCH-QUERY-03).
pub(super) fn decoded(raw: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let mut rest = raw;
    std::iter::from_fn(move || {
        let (byte, behind) = rest.split_first()?;
        rest = behind;
        match (byte, behind) {
            (b'+', _) => Some(b' '),
            (b'%', [high, low, behind @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                rest = behind;
                Some(hex_value(*high) << 4 | hex_value(*low))
            }
            _ => Some(*byte),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_of(query: &str, name: &str) -> Option<String> {
        let options = Options::default();
        let raw = first(query.as_bytes(), name.as_bytes(), &options)?;
        Some(String::from_utf8(decoded(raw).collect()).unwrap())
    }

    /// MATCH-QUERY-01..04/06: the first one counts, case counts, `;` is data.
    #[test]
    fn the_first_parameter_of_a_name_counts() {
        for (query, name, value) in [
            ("a=2&a=1", "a", Some("2")),
            ("A=1", "a", None),
            ("b&&a=1", "a", Some("1")),
            ("x;a=1", "a", None),
            ("x;a=1", "x;a", Some("1")),
            ("flag", "flag", Some("")),
            ("flag=", "flag", Some("")),
            ("", "flag", None),
            ("a=b=c", "a", Some("b=c")),
            ("=1", "", Some("1")),
            ("filter%5Ba%5D=1", "filter[a]", Some("1")),
            ("a=x+y%20z%2B", "a", Some("x y z+")),
            ("a=%zz%4", "a", Some("%zz%4")),
        ] {
            assert_eq!(first_of(query, name).as_deref(), value, "{query} {name}");
        }
    }

    /// MATCH-QUERY-03: the option.
    #[test]
    fn raw_compares_undecoded() {
        let raw = Options {
            query_decoding: QueryDecoding::Raw,
            ..Options::default()
        };
        assert!(equals(b"a+b", b"a+b", &raw));
        assert!(!equals(b"a+b", b"a b", &raw));
        assert!(!equals(b"a+b", b"a+b", &Options::default()));
        assert!(equals(b"a+b", b"a b", &Options::default()));
    }

    /// SAFE-LIMIT-01: further parameters do not take part.
    #[test]
    fn parameters_beyond_the_limits_are_ignored() {
        let mut options = Options::default();
        options.limits.parameters = 2;
        assert!(first(b"a&b&c", b"b", &options).is_some());
        assert!(first(b"a&b&c", b"c", &options).is_none());
        options.limits.query = 3;
        assert!(first(b"a&bc", b"a", &options).is_some());
        assert!(first(b"a&bc", b"b", &options).is_none());
        assert!(first(b"a&b", b"b", &options).is_some());
        assert!(first(b"abc&b", b"abc", &options).is_some());
        assert!(first(b"abc&b", b"b", &options).is_none());
        assert!(first(b"a&b&c", b"b", &options).is_some());
    }
}
