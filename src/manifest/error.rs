//! Why a document cannot be read.

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "yaml")]
use super::MAX_ALIAS_WEIGHT;
use super::source::{Source, Span};
use super::{MAX_BYTES, MAX_DEPTH};

/// A document that cannot be read, with its place.
///
/// Prints as `file:line:column: what is wrong`; [`message`](ParseError::message) is the last part alone.
#[derive(Clone)]
pub struct ParseError {
    source: Arc<Source>,
    document: u32,
    problem: Box<Problem>,
}

impl ParseError {
    pub(super) fn new(source: &Arc<Source>, document: u32, problem: Problem) -> Self {
        ParseError {
            source: Arc::clone(source),
            document,
            problem: Box::new(problem),
        }
    }

    /// The input, as it was named when it was read.
    pub fn file(&self) -> &str {
        self.source.file()
    }

    /// The document in the input, counted from 0.
    pub fn document(&self) -> u32 {
        self.document
    }

    /// The line, counted from 1.
    pub fn line(&self) -> u32 {
        self.problem.span.line
    }

    /// The column in characters, counted from 1.
    pub fn column(&self) -> u32 {
        self.problem.span.column
    }

    /// Where in the text.
    pub fn span(&self) -> Span {
        self.problem.span
    }

    /// The text; empty when it was no text or too large.
    pub fn source_text(&self) -> &Source {
        &self.source
    }

    /// What is wrong, in words.
    pub fn message(&self) -> String {
        self.problem.what.to_string()
    }

    /// Whether a limit was exceeded: the input may be correct, but is not read.
    pub fn is_limit(&self) -> bool {
        match self.problem.what {
            What::TooLarge | What::TooDeep => true,
            #[cfg(feature = "yaml")]
            What::AliasBomb => true,
            _ => false,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file(),
            self.line(),
            self.column(),
            self.problem.what
        )
    }
}

impl fmt::Debug for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParseError({self})")
    }
}

impl std::error::Error for ParseError {}

/// What is wrong, and where.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) what: What,
    pub(super) span: Span,
}

impl Problem {
    pub(super) fn new(what: What, span: Span) -> Self {
        Problem { what, span }
    }
}

/// What is wrong.
#[derive(Clone, Debug)]
pub(super) enum What {
    #[cfg(feature = "yaml")]
    AliasBomb,
    #[cfg(feature = "yaml")]
    AliasInItself,
    DuplicateKey {
        key: String,
        first_line: u32,
    },
    #[cfg(feature = "yaml")]
    KeyType(&'static str),
    #[cfg(feature = "yaml")]
    MergeType(&'static str),
    MissingField(&'static str),
    FieldType {
        field: &'static str,
        found: &'static str,
    },
    NotAnObject(&'static str),
    #[cfg(feature = "yaml")]
    NotInJson(String),
    NotUtf8,
    Syntax(String),
    #[cfg(feature = "yaml")]
    Tag(String),
    TooDeep,
    TooLarge,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "yaml")]
            What::AliasBomb => write!(
                f,
                "the aliases of this document expand to more than the limit of {} MiB",
                MAX_ALIAS_WEIGHT >> 20
            ),
            #[cfg(feature = "yaml")]
            What::AliasInItself => f.write_str("an alias stands inside of what it refers to"),
            What::DuplicateKey { key, first_line } => {
                write!(f, "key `{key}` is given twice, first in line {first_line}")
            }
            #[cfg(feature = "yaml")]
            What::KeyType(found) => write!(f, "a key must be text, found {found}"),
            #[cfg(feature = "yaml")]
            What::MergeType(found) => {
                write!(
                    f,
                    "a merge key takes an object or a list of objects, found {found}"
                )
            }
            What::MissingField(field) => write!(f, "no Kubernetes object: `{field}` is missing"),
            What::FieldType { field, found } => {
                write!(
                    f,
                    "no Kubernetes object: `{field}` must be text, found {found}"
                )
            }
            What::NotAnObject(found) => write!(f, "expected an object, found {found}"),
            #[cfg(feature = "yaml")]
            What::NotInJson(found) => write!(f, "`{found}` has no equivalent in JSON"),
            What::NotUtf8 => f.write_str("not UTF-8 text"),
            What::Syntax(message) => f.write_str(message),
            #[cfg(feature = "yaml")]
            What::Tag(tag) => write!(
                f,
                "the value does not fit its tag `{tag}`, or the tag is not supported"
            ),
            What::TooDeep => write!(f, "nested deeper than the limit of {MAX_DEPTH} levels"),
            What::TooLarge => write!(
                f,
                "larger than the limit of {} MiB for one input",
                MAX_BYTES >> 20
            ),
        }
    }
}
