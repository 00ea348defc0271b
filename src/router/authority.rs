//! From the authority of a request to the name that is compared.

use std::net::Ipv6Addr;

use super::BadRequest;
use super::bytes::is_plain_host;

/// An authority without its port and closing dot (HOST-KEY-01/04).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostKey<'a> {
    /// A name, in the case in which it was received.
    Name(&'a [u8]),
    /// An IP address, which only listeners and Routes without hostname take (HOST-KEY-05); or no host at all, as HTTP/1.0
    /// allows (HOST-KEY-07).
    Nameless,
}

/// Reads an authority whose name may have `limit` bytes.
pub(super) fn parse(authority: &[u8], limit: usize) -> Result<HostKey<'_>, BadRequest> {
    let malformed = Err(BadRequest::MalformedAuthority);
    // PERF: nearly all are like this.
    if authority.len() <= limit && is_plain_host(authority) {
        return Ok(HostKey::Name(authority));
    }
    if let Some(rest) = authority.strip_prefix(b"[") {
        return parse_bracketed(rest);
    }
    let (name, port) = match authority.iter().position(|b| *b == b':') {
        Some(at) => (
            authority.get(..at).unwrap_or_default(),
            authority.get(at + 1..).unwrap_or_default(),
        ),
        None => (authority, &[][..]),
    };
    if !is_port(port) || name.len() > limit {
        return malformed;
    }
    let name = name.strip_suffix(b".").unwrap_or(name);
    if !is_reg_name(name) {
        return malformed;
    }
    Ok(if is_ipv4(name) {
        HostKey::Nameless
    } else {
        HostKey::Name(name)
    })
}

/// What stands behind the opening bracket of an IPv6 address.
fn parse_bracketed(rest: &[u8]) -> Result<HostKey<'_>, BadRequest> {
    let malformed = BadRequest::MalformedAuthority;
    let end = rest.iter().position(|b| *b == b']').ok_or(malformed)?;
    let address = rest.get(..end).unwrap_or_default();
    let after = rest.get(end + 1..).unwrap_or_default();
    let is_address =
        std::str::from_utf8(address).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok());
    let is_followed_well = match after.strip_prefix(b":") {
        Some(port) => is_port(port),
        None => after.is_empty(),
    };
    if is_address && is_followed_well {
        Ok(HostKey::Nameless)
    } else {
        Err(malformed)
    }
}

/// Nothing, or digits for at most 65535.
fn is_port(port: &[u8]) -> bool {
    port.iter()
        .try_fold(0u32, |value, digit| {
            let value = value * 10 + u32::from(digit.wrapping_sub(b'0'));
            (digit.is_ascii_digit() && value <= 65535).then_some(value)
        })
        .is_some()
}

/// Characters of a registered name (RFC 3986, 3.2.2) in labels of which none is empty.
fn is_reg_name(name: &[u8]) -> bool {
    let mut previous = b'.';
    for byte in name {
        let is_allowed = match byte {
            b'.' => previous != b'.',
            _ => is_reg_name_byte(*byte),
        };
        if !is_allowed {
            return false;
        }
        previous = *byte;
    }
    previous != b'.' && has_whole_triplets(name)
}

fn is_reg_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_~!$&'()*+,;=%".contains(&byte)
}

/// Every `%` stands before two hex digits.
pub(super) fn has_whole_triplets(text: &[u8]) -> bool {
    text.iter().enumerate().all(|(at, byte)| {
        *byte != b'%'
            || text
                .get(at + 1..at + 3)
                .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Four labels of digits.
pub(super) fn is_ipv4(name: &[u8]) -> bool {
    name.last().is_some_and(u8::is_ascii_digit)
        && name.iter().all(|b| b.is_ascii_digit() || *b == b'.')
        && name.iter().filter(|b| **b == b'.').count() == 3
}

/// A server name of a TLS handshake as a host; `None` when there is none to compare (HOST-KEY-08).
pub(super) fn parse_sni(sni: Option<&[u8]>) -> Option<&[u8]> {
    let sni = sni?;
    let sni = sni.strip_suffix(b".").unwrap_or(sni);
    let is_name = is_reg_name(sni) && sni.len() <= 255 && !is_ipv4(sni);
    is_name.then_some(sni)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(authority: &[u8]) -> Result<HostKey<'_>, BadRequest> {
        parse(authority, 255)
    }

    /// HOST-KEY-01/04: port and one closing dot do not count; an empty port is accepted (HOST-KEY-07).
    #[test]
    fn port_and_closing_dot_are_cut() {
        for text in [
            "a.test",
            "a.test:80",
            "a.test:65535",
            "a.test:",
            "a.test.",
            "a.test.:8080",
            "a.test:0080",
        ] {
            assert_eq!(key(text.as_bytes()), Ok(HostKey::Name(b"a.test")), "{text}");
        }
    }

    /// HOST-KEY-05: addresses are no names.
    #[test]
    fn addresses_are_nameless() {
        for text in [
            "10.0.0.9",
            "10.0.0.9:80",
            "[::1]",
            "[::1]:8443",
            "[2001:db8::9]:",
            "10.0.0.9.",
        ] {
            assert_eq!(key(text.as_bytes()), Ok(HostKey::Nameless), "{text}");
        }
    }

    /// HOST-KEY-06: other characters of registered names are tolerated.
    #[test]
    fn unusual_names_are_tolerated() {
        for text in [
            "a_b.test", "a~b", "1.2.3", "x!y.test", "%41.test", "-a.test",
        ] {
            assert_eq!(
                key(text.as_bytes()),
                Ok(HostKey::Name(text.as_bytes())),
                "{text}"
            );
        }
    }

    /// HOST-KEY-04/06/07, SAFE-LIMIT-01: what is malformed.
    #[test]
    fn malformed_authorities_are_refused() {
        for text in [
            "",
            ".",
            "..",
            "a..b",
            ".a.test",
            "a.test..",
            "u@a.test",
            "a b",
            "a\tb",
            "a/b",
            "a?b",
            "a#b",
            "a.test:x",
            "a.test:65536",
            "a.test:99999999999999999999",
            "a:1:2",
            ":80",
            "b\u{fc}cher.test",
            "[::1",
            "[::1]x",
            "[::1]:x",
            "[x]",
            "::1",
            "a\\b",
            "a%zz",
            "a%4",
            "a\0b",
            "a[b]",
        ] {
            assert_eq!(
                key(text.as_bytes()),
                Err(BadRequest::MalformedAuthority),
                "{text}"
            );
        }
        let long = ["a"; 128].join(".");
        assert_eq!(long.len(), 255);
        assert!(key(long.as_bytes()).is_ok());
        assert!(key(format!("{long}a").as_bytes()).is_err());
        assert!(key(b"\xff.test").is_err());
    }

    /// HOST-KEY-08: server names.
    #[test]
    fn server_names_that_are_addresses_count_as_absent() {
        assert_eq!(parse_sni(Some(b"A.test.")), Some(&b"A.test"[..]));
        assert_eq!(parse_sni(Some(b"10.0.0.1")), None);
        assert_eq!(parse_sni(Some(b"::1")), None);
        assert_eq!(parse_sni(None), None);
    }
}
