//! What a check finds: a report of violations.

use std::fmt;

/// The type of an error, as the API machinery names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request cannot be read as an object at all (HTTP 400): metadata of a wrong type, for example.
    BadRequest,
    /// Two items of a list with the same key, or twice the same item of a set.
    FieldValueDuplicate,
    /// The field must not be there or must not change.
    FieldValueForbidden,
    /// The value does not fit: a pattern, a range, a rule.
    FieldValueInvalid,
    /// The value is none of those in an enumeration.
    FieldValueNotSupported,
    /// A required field is missing.
    FieldValueRequired,
    /// The text is longer than allowed.
    FieldValueTooLong,
    /// The list has more items, or the map more entries, than allowed.
    FieldValueTooMany,
    /// The value has another type than the field.
    FieldValueTypeInvalid,
    /// The bundle does not have the kind (HTTP 404).
    NoSuchKind,
    /// The bundle has the kind, but does not serve it in this version (HTTP 404).
    NoSuchVersion,
}

impl ErrorKind {
    /// The name as the API machinery writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            ErrorKind::BadRequest => "BadRequest",
            ErrorKind::FieldValueDuplicate => "FieldValueDuplicate",
            ErrorKind::FieldValueForbidden => "FieldValueForbidden",
            ErrorKind::FieldValueInvalid => "FieldValueInvalid",
            ErrorKind::FieldValueNotSupported => "FieldValueNotSupported",
            ErrorKind::FieldValueRequired => "FieldValueRequired",
            ErrorKind::FieldValueTooLong => "FieldValueTooLong",
            ErrorKind::FieldValueTooMany => "FieldValueTooMany",
            ErrorKind::FieldValueTypeInvalid => "FieldValueTypeInvalid",
            ErrorKind::NoSuchKind => "NoSuchKind",
            ErrorKind::NoSuchVersion => "NoSuchVersion",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
