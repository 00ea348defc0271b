//! The patterns that texts are held against.
//!
//! RE2 syntax, searched anywhere in the text unless anchored.

use crate::validate::spelling;

pub(super) const ABSOLUTE_URI: &str = r"^(([^:/?#]+):)(//([^/?#]*))([^?#]*)(\?([^#]*))?(#(.*))?";
pub(super) const ADDRESS_TYPE: &str = r"^Hostname|IPAddress|NamedAddress|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9\/\-._~%!$&'()*+,;=:]+$";
pub(super) const CONDITION_REASON: &str = r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$";
pub(super) const CONTROLLER_NAME: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9\/\-._~%!$&'()*+,;=:]+$";
pub(super) const DNS_LABEL: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
pub(super) const DNS_SUBDOMAIN: &str =
    r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
pub(super) const DURATION: &str = r"^([0-9]{1,5}(h|m|s|ms)){1,4}$";
pub(super) const GROUP: &str =
    r"^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
pub(super) const HEADER_NAME: &str = r"^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$";
pub(super) const HEADER_VALUE: &str = r"^[!-~]+([\t ]?[!-~]+)*$";
pub(super) const HOSTNAME: &str =
    r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
pub(super) const KIND: &str = r"^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$";
pub(super) const LABEL_VALUE: &str = r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$";
pub(super) const ORIGIN: &str =
    r"(^\*$)|(^(http(s)?):\/\/(((\*\.)?([a-zA-Z0-9\-]+\.)*[a-zA-Z0-9-]+|\*)(:([0-9]{1,5}))?)$)";
pub(super) const ORIGIN_OF_ANY_SCHEME: &str =
    r"(^\*$)|(^([a-zA-Z][a-zA-Z0-9+\-.]+):\/\/([^:/?#]+)(:([0-9]{1,5}))?$)";
pub(super) const PROTOCOL: &str = r"^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9]+$";
pub(super) const QUALIFIED_NAME: &str = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$";
pub(super) const URI_PATH: &str = r"^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$";
pub(super) const WELL_KNOWN_CA: &str = r"^(System|([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]))$";

/// What is known of a pattern besides itself.
pub(crate) struct Known {
    pattern: &'static str,
    /// What a text that does not match is told.
    pub(crate) says: &'static str,
    /// Tells some (mostly all) of the texts that match, fast; never one that does not.
    pub(crate) surely: fn(&str) -> bool,
}

/// What is known of `pattern`.
pub(crate) fn known(pattern: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.pattern == pattern)
}

const fn row(pattern: &'static str, says: &'static str, surely: fn(&str) -> bool) -> Known {
    Known {
        pattern,
        says,
        surely,
    }
}

static KNOWN: [Known; 19] = [
    row(
        ABSOLUTE_URI,
        "is no URI with a scheme and an authority, as `spiffe://example.com/app`",
        |_| false,
    ),
    row(
        ADDRESS_TYPE,
        "is neither `IPAddress`, `Hostname`, `NamedAddress` nor a type with a domain, as `example.com/vip`",
        |text| matches!(text, "IPAddress" | "Hostname" | "NamedAddress"),
    ),
    row(
        CONDITION_REASON,
        "is no reason: a letter, then letters, digits, `_`, `,` and `:`, neither of the last two at the end",
        spelling::is_condition_reason,
    ),
    row(
        CONTROLLER_NAME,
        "is no controller name: a domain and a path, as `example.com/controller`",
        |_| false,
    ),
    row(
        DNS_LABEL,
        "is no DNS label: small letters, digits and `-`, with a letter or digit at both ends",
        spelling::is_dns_label,
    ),
    row(
        DNS_SUBDOMAIN,
        "is no DNS name: parts of small letters, digits and `-` with a letter or digit at both ends, joined by `.`",
        spelling::is_dns_subdomain,
    ),
    row(
        DURATION,
        "is no duration: up to four numbers of up to five digits, each with `h`, `m`, `s` or `ms`, as `1m30s`",
        spelling::is_duration,
    ),
    row(
        GROUP,
        "is no API group: nothing, or a DNS name in small letters",
        |text| text.is_empty() || spelling::is_dns_subdomain(text),
    ),
    row(
        HEADER_NAME,
        "is no header name: letters, digits and ``!#$%&'*+-.^_`|~``",
        spelling::is_header_name,
    ),
    row(
        HEADER_VALUE,
        "is no header value: visible ASCII characters, with single spaces or tabs between them",
        spelling::is_header_value,
    ),
    row(
        HOSTNAME,
        "is no hostname: a DNS name in small letters, possibly after `*.`",
        |text| spelling::is_dns_subdomain(text.strip_prefix("*.").unwrap_or(text)),
    ),
    row(
        KIND,
        "is no kind: a letter, then letters, digits and `-`, the last none at the end",
        spelling::is_kind,
    ),
    row(
        LABEL_VALUE,
        "is no label value: letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
        |text| text.is_empty() || spelling::is_label_name(text),
    ),
    row(
        ORIGIN,
        "is no origin: `*`, or `http` or `https`, a host that may begin with `*.`, and possibly a port",
        |text| text == "*",
    ),
    row(
        ORIGIN_OF_ANY_SCHEME,
        "is no origin: `*`, or a scheme, a host and possibly a port",
        |text| text == "*",
    ),
    row(
        PROTOCOL,
        "is no protocol: a name of letters, digits and `-`, or a name with a domain, as `example.com/bar`",
        |text| matches!(text, "HTTP" | "HTTPS" | "TLS" | "TCP" | "UDP"),
    ),
    row(
        QUALIFIED_NAME,
        "is no qualified name: letters, digits, `-`, `_` and `.`, possibly after a domain and `/`",
        spelling::is_label_name,
    ),
    row(
        URI_PATH,
        "is no path: characters that a URL path may have, others as `%` and two digits",
        |_| false,
    ),
    row(
        WELL_KNOWN_CA,
        "is neither `System` nor a name with a domain, as `example.com/roots`",
        |text| text == "System",
    ),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    fn texts() -> impl Strategy<Value = String> {
        let few = "[a-zA-Z0-9*.:/_ \\t~`-]{0,12}";
        let durations = "([0-9]{0,6}(h|m|s|ms|d)?){0,6}";
        let any = any::<String>();
        prop_oneof![few, durations, any]
    }

    proptest! {
        #[test]
        fn what_surely_matches_does(text in texts()) {
            for known in &KNOWN {
                let pattern = Regex::new(known.pattern).unwrap();
                if (known.surely)(&text) {
                    prop_assert!(pattern.is_match(&text), "`{text}` and {}", known.pattern);
                }
            }
        }

        #[test]
        fn what_does_not_surely_match_does_not(text in texts()) {
            let complete = [
                CONDITION_REASON, DNS_LABEL, DNS_SUBDOMAIN, DURATION, GROUP, HEADER_NAME, HEADER_VALUE, HOSTNAME,
                KIND, LABEL_VALUE,
            ];
            for pattern in complete {
                let surely = known(pattern).unwrap().surely;
                prop_assert_eq!(surely(&text), Regex::new(pattern).unwrap().is_match(&text), "{}", pattern);
            }
        }
    }
}
