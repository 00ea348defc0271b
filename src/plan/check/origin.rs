//! Origins that a CORS filter allows.

/// A configured origin, or that of a request: scheme, host and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin<'a> {
    https: bool,
    host: &'a str,
    /// Up to 99,999: configured ports are five digits, and what no request can have covers nothing.
    port: u32,
}

/// A configured entry of `allowOrigins` in one of the shapes of FILTER-CORS-08.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OriginPattern<'a> {
    /// `*`: every origin.
    Any,
    /// Scheme, host (`*`, `*.` and a name, or a name) and port.
    Shaped(Origin<'a>),
}

impl<'a> OriginPattern<'a> {
    /// Reads a configured entry; `None` for any other shape.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        if text == "*" {
            return Some(OriginPattern::Any);
        }
        let origin = split(text)?;
        let name = match origin.host {
            "*" => return Some(OriginPattern::Shaped(origin)),
            host => host.strip_prefix("*.").unwrap_or(host),
        };
        let is_name = name.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        is_name.then_some(OriginPattern::Shaped(origin))
    }

    /// Whether the origin of a request falls under this entry (FILTER-CORS-06/07). `null` and what is no origin only falls
    /// under `*`, of which the caller takes care.
    ///
    /// # Cost
    ///
    /// O(length), no allocation.
    pub(crate) fn covers(&self, request: &Origin<'_>) -> bool {
        let OriginPattern::Shaped(own) = self else {
            return true;
        };
        if own.https != request.https || own.port != request.port {
            return false;
        }
        match own.host.strip_prefix('*') {
            Some("") => true,
            Some(suffix) => {
                let (host, suffix) = (request.host.as_bytes(), suffix.as_bytes());
                host.len()
                    .checked_sub(suffix.len())
                    .filter(|&start| start > 0)
                    .and_then(|start| host.get(start..))
                    .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
            }
            None => own.host.eq_ignore_ascii_case(request.host),
        }
    }
}

impl<'a> Origin<'a> {
    /// Reads the origin of a request: scheme `http` or `https`, a host, optionally a port, and nothing else.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let origin = split(text)?;
        let host = match origin.host.strip_prefix('[') {
            Some(literal) => literal
                .strip_suffix(']')?
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')),
            None => origin
                .host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')),
        };
        let labels = !origin.host.starts_with('.') && !origin.host.contains("..");
        (host && labels).then_some(origin)
    }
}

/// Takes `scheme://host[:port]` apart; a missing port is that of the scheme.
fn split(text: &str) -> Option<Origin<'_>> {
    let (https, rest) = match text.strip_prefix("https://") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix("http://")?),
    };
    // The colons of an IPv6 literal are inside its brackets.
    let host_end = match rest.rfind(']') {
        Some(bracket) => rest.get(bracket..)?.find(':').map(|colon| bracket + colon),
        None => rest.find(':'),
    };
    let (host, port) = match host_end {
        Some(colon) => {
            let digits = rest.get(colon + 1..)?;
            if digits.is_empty()
                || digits.len() > 5
                || !digits.bytes().all(|byte| byte.is_ascii_digit())
            {
                return None;
            }
            (rest.get(..colon)?, digits.parse().ok()?)
        }
        None => (rest, if https { 443 } else { 80 }),
    };
    (!host.is_empty()).then_some(Origin { https, host, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (configured, request, whether it is covered)
    const TABLE: &[(&str, &str, bool)] = &[
        ("https://a.b", "https://a.b", true),
        ("https://a.b", "https://A.B:443", true),
        ("https://a.b", "https://a.b:8443", false),
        ("https://a.b", "http://a.b", false),
        ("http://a.b:80", "http://a.b", true),
        ("https://*.bar.com", "https://www.bar.com", true),
        ("https://*.bar.com", "https://xpto.www.bar.com", true),
        ("https://*.bar.com", "https://bar.com", false),
        ("https://*.bar.com", "https://evilbar.com", false),
        ("https://*.bar.com", "https://.bar.com", false),
        ("https://*", "https://anything.test", true),
        ("https://*", "https://anything.test:444", false),
        ("https://*", "http://anything.test", false),
        ("https://*:8443", "https://anything.test:8443", true),
        ("https://*", "https://[::1]", true),
    ];

    /// FILTER-CORS-06/07.
    #[test]
    fn filter_cors_06_07_scheme_host_and_port_decide() {
        for &(configured, request, expected) in TABLE {
            let pattern = OriginPattern::parse(configured).unwrap();
            let covered = Origin::parse(request).is_some_and(|origin| pattern.covers(&origin));
            assert_eq!(covered, expected, "{configured} {request}");
        }
    }

    /// FILTER-CORS-08.
    #[test]
    fn filter_cors_08_only_the_strict_shapes_are_read() {
        for good in [
            "*",
            "http://*",
            "https://*:1",
            "https://*.a-b.test",
            "http://A.test:8080",
            "https://10.0.0.1",
        ] {
            assert!(OriginPattern::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "https://*foo.com",
            "https://a*b.com",
            "ftp://x",
            "x",
            "https://",
            "https://a.test/",
            "https://a.test:",
            "https://a.test:100000",
            "https://*.",
            "https://a..b",
            "HTTPS://a.test",
            "https://a.*.test",
            "https://a_b.test",
            "https://[::1]",
            "null",
        ] {
            assert!(OriginPattern::parse(bad).is_none(), "{bad}");
        }
    }

    /// FILTER-CORS-22.
    #[test]
    fn filter_cors_22_what_is_no_origin_is_not_read() {
        for bad in [
            "null",
            "",
            "https://",
            "https://a.test, https://b.test",
            "https://a.test/",
            "https://a b",
            "https://a:b",
            "https://a@b",
            "https://[::1",
            "https://]",
            "https://:1",
            "file://",
        ] {
            assert!(Origin::parse(bad).is_none(), "{bad}");
        }
    }
}
