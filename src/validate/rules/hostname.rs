//! Hostnames and IP addresses as the rules tell them apart.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Lower-case labels of letters, digits and inner hyphens, joined by dots. Lengths are the schema's business.
pub(super) fn is_dns_name(text: &str) -> bool {
    text.split('.').all(is_label)
}

/// A DNS name, or one below a `*.`.
pub(super) fn is_hostname(text: &str) -> bool {
    is_dns_name(text.strip_prefix("*.").unwrap_or(text))
}

fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
        && bytes.iter().all(|byte| alphanumeric(byte) || *byte == b'-')
}

/// Whether the API server's `isIP` takes the text: no leading zeros, no zone, no IPv4 address mapped into IPv6.
pub(super) fn is_ip(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
        || text
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.to_ipv4_mapped().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostname_has_one_wildcard_at_most_and_in_front() {
        for good in ["a", "0", "a-b.c", "*.a", "xn--1.example.com", "10.1.2.3"] {
            assert!(is_hostname(good), "{good}");
        }
        for bad in [
            "", "*", "*.", "*.*.a", "a.*", "A", "a..b", ".a", "a.", "-a", "a-", "a_b", "é", "a\n",
        ] {
            assert!(!is_hostname(bad), "{bad:?}");
        }
    }

    #[test]
    fn ip_addresses_are_taken_strictly() {
        for ip in [
            "10.1.2.3",
            "::",
            "::1",
            "2001:db8::1",
            "1:2:3:4:5:6:1.2.3.4",
            "::1.2.3.4",
        ] {
            assert!(is_ip(ip), "{ip}");
        }
        for other in [
            "",
            "10.1.2",
            "010.1.2.3",
            "10.1.2.256",
            "::ffff:1.2.3.4",
            "fe80::1%eth0",
            "10.0.0.0/8",
            "1::2::3",
            "12345::",
            "example.com",
        ] {
            assert!(!is_ip(other), "{other}");
        }
    }
}
