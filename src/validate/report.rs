//! What a check finds: a report of violations.

use std::fmt;

use crate::vocab::Window;

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

/// One breach: where, of which type, of which rule, and in words that help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The field as the API server writes it: `spec.rules[0].matches[1].path.value`.
    ///
    /// `<nil>` where it names none.
    pub path: String,
    /// The type of the error.
    pub kind: ErrorKind,
    /// What is broken: the keyword of the schema (`maxLength`), `metadata.name` and the like, or the id of a rule
    /// (`http_route_rule.filters.redirect_without_backends`).
    pub rule: &'static str,
    /// What was found, and what is allowed.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" | "<nil>" => f.write_str(&self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}

/// A field that the API server drops without a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    /// The field as the API server writes it.
    pub path: String,
    /// The bundles that do have the field there; [`Window::NEVER`] if none has.
    pub window: Window,
    /// The field that was probably meant.
    pub near: Option<&'static str>,
}

impl fmt::Display for UnknownField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: unknown field, the API server drops it", self.path)?;
        if self.window != Window::NEVER
            && let Some(when) = super::message::when(self.window)
        {
            write!(f, "; the field exists {when}")?;
        }
        match self.near {
            Some(near) => write!(f, "; did you mean `{near}`?"),
            None => Ok(()),
        }
    }
}

/// What an API server would answer to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Whether the kind is one of Gateway API; other objects are not looked at, and carry one `NoSuchKind`.
    pub checked: bool,
    /// Whether the API server takes the object.
    pub accepted: bool,
    /// All breaches: metadata, then structure, then keys of lists, then rules, each in the order of the object.
    pub violations: Vec<Violation>,
    /// The fields that are dropped; they never reject an object by themselves.
    pub unknown_fields: Vec<UnknownField>,
}

impl Report {
    /// A report of one violation that leaves nothing else to say.
    pub(crate) fn refused(violation: Violation) -> Self {
        Report {
            checked: true,
            accepted: false,
            violations: vec![violation],
            unknown_fields: Vec::new(),
        }
    }

    /// A report on what is no object at all.
    pub(crate) fn unreadable(message: String) -> Self {
        Report::refused(Violation {
            path: String::new(),
            kind: ErrorKind::BadRequest,
            rule: "request",
            message,
        })
    }
}

impl fmt::Display for Report {
    /// One line for each violation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.violations.iter().enumerate() {
            let line_feed = if index == 0 { "" } else { "\n" };
            write!(f, "{line_feed}{violation}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}
