//! The text of one input, and places in it.

use std::sync::Arc;

use super::MAX_BYTES;
use super::error::{ParseError, Problem, What};

/// The text of one input under its name.
#[derive(Debug)]
pub struct Source {
    file: Arc<str>,
    text: String,
}

impl Source {
    /// Takes the bytes of an input.
    ///
    /// # Errors
    ///
    /// More than [`MAX_BYTES`](super::MAX_BYTES), or bytes that are not UTF-8. A byte order mark is dropped.
    pub(super) fn new(bytes: &[u8], file: &str) -> Result<Self, ParseError> {
        let empty = || Source {
            file: file.into(),
            text: String::new(),
        };
        if bytes.len() > MAX_BYTES {
            let problem = Problem::new(What::TooLarge, Span::START);
            return Err(ParseError::new(&Arc::new(empty()), 0, problem));
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Source {
                file: file.into(),
                text: text.to_owned(),
            }),
            Err(error) => {
                let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let text = String::from_utf8_lossy(good);
                let last_line = text.rsplit('\n').next().unwrap_or_default();
                let span = Span {
                    start: good.len(),
                    end: good.len(),
                    line: count(text.matches('\n').count() + 1),
                    column: count(last_line.chars().count() + 1),
                };
                let problem = Problem::new(What::NotUtf8, span);
                Err(ParseError::new(&Arc::new(empty()), 0, problem))
            }
        }
    }

    /// Its name.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Its name, shared.
    pub(super) fn shared_file(&self) -> Arc<str> {
        Arc::clone(&self.file)
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A stretch of the text of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The line of the first byte, counted from 1.
    pub line: u32,
    /// The column of the first byte in characters, counted from 1.
    pub column: u32,
}

impl Span {
    /// The very beginning of a text.
    pub(super) const START: Span = Span {
        start: 0,
        end: 0,
        line: 1,
        column: 1,
    };
}

/// A count as spans keep it.
pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
