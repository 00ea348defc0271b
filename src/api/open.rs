//! Values that are read openly: what this version does not know is kept, never refused.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Declares an open enum: named words, and one last variant that keeps every other word as it was written.
///
/// The type gets `as_str`, `From<&str>`, `From<String>`, `Display` and serde as a string; reading never fails for a
/// string and writes back the same text.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $word:literal, )+
            .. $(#[$other_meta:meta])* $other:ident,
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )+
            $(#[$other_meta])*
            $other(String),
        }

        impl $name {
            /// The words known here, in the order of the specification.
            pub const KNOWN: &'static [&'static str] = &[$( $word, )+];

            /// The word as the wire has it.
            pub fn as_str(&self) -> &str {
                match self {
                    $( $name::$variant => $word, )+
                    $name::$other(word) => word,
                }
            }

            /// Whether the word is one of [`KNOWN`](Self::KNOWN).
            pub fn is_known(&self) -> bool {
                !matches!(self, $name::$other(_))
            }

            fn known(word: &str) -> Option<Self> {
                match word {
                    $( $word => Some($name::$variant), )+
                    _ => None,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                Self::known(word).unwrap_or_else(|| $name::$other(word.to_owned()))
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                Self::known(&word).unwrap_or($name::$other(word))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)
                    .map(|word| $name::from(word.as_ref()))
            }
        }
    };
}

pub(crate) use open_enum;

/// A text that should be a `T`, kept as written whether it is one or not.
///
/// Equality, order and hash go by the text.
///
/// ```
/// use gatewright::api::Open;
/// use gatewright::vocab::Hostname;
///
/// let good: Open<Hostname> = "*.example.com".into();
/// assert!(good.get().is_some_and(Hostname::is_wildcard));
/// let bad: Open<Hostname> = "a_b".into();
/// assert_eq!(bad.get(), None);
/// assert_eq!(bad.as_str(), "a_b");
/// ```
#[derive(Clone)]
pub struct Open<T> {
    text: Box<str>,
    value: Option<T>,
}

impl<T: FromStr> Open<T> {
    /// Reads a text; every text will do.
    pub fn read(text: &str) -> Self {
        Open {
            value: text.parse().ok(),
            text: text.into(),
        }
    }
}

impl<T> Open<T> {
    /// The value, if the text is one.
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<T: FromStr> From<&str> for Open<T> {
    fn from(text: &str) -> Self {
        Open::read(text)
    }
}

impl<T> PartialEq for Open<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T> Eq for Open<T> {}

impl<T> PartialOrd for Open<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Open<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl<T> std::hash::Hash for Open<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<T> PartialEq<str> for Open<T> {
    fn eq(&self, other: &str) -> bool {
        *self.text == *other
    }
}

impl<T> PartialEq<&str> for Open<T> {
    fn eq(&self, other: &&str) -> bool {
        *self.text == **other
    }
}

impl<T> fmt::Debug for Open<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl<T> fmt::Display for Open<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<T> Serialize for Open<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, T: FromStr> Deserialize<'de> for Open<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer).map(|text| Open::read(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::{Duration, Hostname, SectionName};

    use colour::Colour;

    #[allow(unreachable_pub, reason = "the macro is for public types")]
    mod colour {
        open_enum! {
            /// Three words.
            pub enum Colour {
                /// One.
                Red = "Red",
                /// Two.
                Green = "green-ish",
                ..
                /// Any other.
                Unknown,
            }
        }
    }

    #[test]
    fn known_and_unknown_words_survive_a_round_trip() {
        for (word, colour) in [
            ("Red", Colour::Red),
            ("green-ish", Colour::Green),
            ("red", Colour::Unknown("red".to_owned())),
            ("", Colour::Unknown(String::new())),
        ] {
            assert_eq!(Colour::from(word), colour);
            assert_eq!(Colour::from(word.to_owned()), colour);
            assert_eq!(colour.as_str(), word);
            let json = serde_json::json!(word);
            assert_eq!(
                serde_json::from_value::<Colour>(json.clone()).unwrap(),
                colour
            );
            assert_eq!(serde_json::to_value(&colour).unwrap(), json);
        }
        assert!(Colour::Red.is_known() && !Colour::from("Blue").is_known());
        assert_eq!(Colour::KNOWN, ["Red", "green-ish"]);
        assert!(serde_json::from_value::<Colour>(serde_json::json!(1)).is_err());
    }

    fn reads_as<T: FromStr>(text: &str, valid: bool) {
        let open: Open<T> = serde_json::from_value(serde_json::json!(text)).unwrap();
        assert_eq!(open.get().is_some(), valid, "{text}");
        assert_eq!(
            serde_json::to_value(&open).unwrap(),
            serde_json::json!(text)
        );
    }

    #[test]
    fn open_texts_keep_what_they_cannot_understand() {
        reads_as::<Hostname>("shop.example.com", true);
        // Lowered in the value, kept in the text (HOST-KEY-03).
        reads_as::<Hostname>("Shop.Example.Com", true);
        reads_as::<Hostname>("10.1.2.3", false);
        reads_as::<Duration>("1h", true);
        reads_as::<Duration>("1.5h", false);
        reads_as::<SectionName>("web", true);
        reads_as::<SectionName>("Web", false);
    }
}
