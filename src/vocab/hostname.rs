//! Hostnames of listeners and routes.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

/// A hostname as Gateway API configures it: a lower-case DNS name, exact or with `*` as its whole first label.
///
/// Labels hold letters, digits and inner hyphens, at most 63 characters each; a name has at most 253 characters and no
/// closing dot. IP addresses are no hostnames.
///
/// # Spec
///
/// HOST-MATCH-01..06, HOST-KEY-03/05, RT-HOST-04/05. A wildcard covers one or more labels and never the bare suffix.
/// Upper case in configuration is lowered (HOST-KEY-03).
///
/// ```
/// use gatewright::vocab::Hostname;
///
/// let wildcard = Hostname::parse("*.example.com")?;
/// assert!(wildcard.covers("a.b.example.com"));
/// assert!(!wildcard.covers("example.com"));
/// assert!(Hostname::parse("10.1.2.3").is_err());
/// # Ok::<(), gatewright::vocab::InvalidHostname>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hostname(Box<str>);

impl Hostname {
    /// Reads a hostname.
    ///
    /// # Errors
    ///
    /// [`InvalidHostname`] says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, InvalidHostname> {
        let invalid = |why| {
            Err(InvalidHostname {
                found: text.to_owned(),
                why,
            })
        };
        if text.is_empty() {
            return invalid("is empty");
        }
        if text.len() > 253 {
            return invalid("has more than 253 characters");
        }
        let name = text.strip_prefix("*.").unwrap_or(text);
        let mut all_digits = true;
        for label in name.split('.') {
            if label.is_empty() {
                return invalid("has an empty label");
            }
            if label.len() > 63 {
                return invalid("has a label of more than 63 characters");
            }
            if label.contains('*') {
                return invalid("has a wildcard that is not the whole first label");
            }
            if !label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            {
                return invalid("holds something else than letters, digits and `-`");
            }
            if label.starts_with('-') || label.ends_with('-') {
                return invalid("has a label that begins or ends with `-`");
            }
            all_digits &= label.bytes().all(|b| b.is_ascii_digit());
        }
        if all_digits && name.split('.').count() == 4 {
            return invalid("is an IP address");
        }
        Ok(Hostname(text.to_ascii_lowercase().into_boxed_str()))
    }

    /// The hostname as configured, in lower case, `*.` included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the first label is `*`.
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with('*')
    }

    /// What every host under a wildcard ends with, from its dot on: `.example.com` of `*.example.com`.
    /// `None` for an exact hostname.
    pub fn suffix(&self) -> Option<&str> {
        self.0.strip_prefix('*')
    }

    /// Whether a host, in lower case and without port, lies under this hostname.
    ///
    /// # Cost
    ///
    /// O(length), no allocation.
    pub fn covers(&self, host: &str) -> bool {
        match self.suffix() {
            Some(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
            None => *self.0 == *host,
        }
    }

    /// The hostname that both stand for, if any: the more specific of the two.
    ///
    /// # Cost
    ///
    /// O(length), no allocation.
    pub fn intersect<'a>(&'a self, other: &'a Hostname) -> Option<&'a Hostname> {
        if self == other || other.covers(self.as_str()) {
            Some(self)
        } else if self.covers(other.as_str()) {
            Some(other)
        } else {
            None
        }
    }
}

impl fmt::Display for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl AsRef<str> for Hostname {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Hostname {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for Hostname {
    type Err = InvalidHostname;

    fn from_str(text: &str) -> Result<Self, InvalidHostname> {
        Hostname::parse(text)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Hostname {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Hostname {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Hostname::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A text that is no [`Hostname`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidHostname {
    found: String,
    why: &'static str,
}

impl InvalidHostname {
    /// The text that was read.
    pub fn found(&self) -> &str {
        &self.found
    }
}

impl fmt::Display for InvalidHostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hostname `{}` {}", self.found, self.why)
    }
}

impl std::error::Error for InvalidHostname {}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Hostname {
        Hostname::parse(text).unwrap()
    }

    /// HOST-MATCH-02: any number of labels, at least one.
    #[test]
    fn wildcard_covers_one_or_more_labels() {
        let wildcard = name("*.example.com");
        for (host, covered) in [
            ("a.example.com", true),
            ("a.b.example.com", true),
            ("example.com", false),
            (".example.com", false),
            ("badexample.com", false),
            ("a.example.org", false),
        ] {
            assert_eq!(wildcard.covers(host), covered, "{host}");
        }
    }

    /// HOST-MATCH-06, RT-HOST-04: the more specific of the two, in either order.
    #[test]
    fn intersection_is_the_more_specific_name() {
        for (a, b, both) in [
            ("a.test", "a.test", Some("a.test")),
            ("a.test", "b.test", None),
            (
                "very.specific.com",
                "*.specific.com",
                Some("very.specific.com"),
            ),
            (
                "*.foo.example.com",
                "*.example.com",
                Some("*.foo.example.com"),
            ),
            ("*.example.com", "example.com", None),
            ("*.wildcard.io", "wildcard.io", None),
            ("*.a.test", "*.b.test", None),
            ("*.ba.test", "*.a.test", None),
        ] {
            let (a, b) = (name(a), name(b));
            assert_eq!(a.intersect(&b).map(Hostname::as_str), both, "{a} {b}");
            assert_eq!(b.intersect(&a).map(Hostname::as_str), both, "{b} {a}");
        }
    }

    /// HOST-MATCH-05, HOST-KEY-05: what is no hostname.
    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "*",
            "f*.x.com",
            "a.*.com",
            "*.*.com",
            "a..b",
            ".a",
            "a.",
            "-a.test",
            "a-.test",
            "a_b.test",
            "10.0.0.9",
            "*.0.0.9.1",
            "bücher.test",
            "a b",
            "a:80",
        ] {
            assert!(Hostname::parse(text).is_err(), "{text}");
        }
        assert!(Hostname::parse(&format!("{}.test", "a".repeat(64))).is_err());
        assert!(Hostname::parse(&["a"; 128].join(".")).is_err());
    }

    /// HOST-KEY-03: configured upper case is lowered.
    #[test]
    fn upper_case_is_lowered() {
        assert_eq!(name("Pay.Shop.TEST").as_str(), "pay.shop.test");
        assert_eq!(name("*.com").suffix(), Some(".com"));
        assert_eq!(name("*.0.0.9").as_str(), "*.0.0.9");
    }
}
