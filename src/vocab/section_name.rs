//! Names of listeners, ports and rules.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

/// The name of a part of an object: a listener, a named rule.
///
/// 1 to 253 characters: labels of lower-case letters, digits and inner hyphens, separated by single dots.
///
/// # Spec
///
/// ROUTE-NAME-02; the shape of an RFC 1123 subdomain.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SectionName(Box<str>);

impl SectionName {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`InvalidSectionName`] for every other text.
    pub fn parse(text: &str) -> Result<Self, InvalidSectionName> {
        let label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if (1..=253).contains(&text.len()) && text.split('.').all(label) {
            Ok(SectionName(text.into()))
        } else {
            Err(InvalidSectionName {
                found: text.to_owned(),
            })
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl AsRef<str> for SectionName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for SectionName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for SectionName {
    type Err = InvalidSectionName;

    fn from_str(text: &str) -> Result<Self, InvalidSectionName> {
        SectionName::parse(text)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for SectionName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for SectionName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        SectionName::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A text that is no [`SectionName`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSectionName {
    found: String,
}

impl fmt::Display for InvalidSectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "name `{}`: expected 1 to 253 lower-case letters, digits, `-` inside and single dots",
            self.found
        )
    }
}

impl std::error::Error for InvalidSectionName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_shape_of_subdomains() {
        for text in ["a", "http-80", "a.b", "0", &"a".repeat(253)] {
            assert!(SectionName::parse(text).is_ok(), "{text}");
        }
        for text in ["", "A", "-a", "a-", "a..b", ".a", "a_b", &"a".repeat(254)] {
            assert!(SectionName::parse(text).is_err(), "{text}");
        }
    }
}
