//! JSON with places: a scanner for structure; the scalars themselves are read by serde_json.

use serde_json::Value;

use super::MAX_DEPTH;
use super::error::{Problem, What};
use super::node::{Content, Entry, Node, refuse_duplicates};
use super::source::{Span, count};

/// The values of a text, one after the other. After one that is broken, reading goes on at the next line that
/// starts with `{`.
pub(super) fn documents(text: &str) -> Vec<(u32, Result<Node, Problem>)> {
    let mut scanner = Scanner::new(text);
    let mut documents = Vec::new();
    loop {
        scanner.skip_space();
        if scanner.peek().is_none() {
            return documents;
        }
        let outcome = scanner.value(0);
        let is_broken = outcome.is_err();
        documents.push((count(documents.len()), outcome));
        if is_broken && !scanner.skip_to_object() {
            return documents;
        }
    }
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    column: u32,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        Scanner {
            text,
            at: 0,
            line: 1,
            column: 1,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn bump(&mut self) {
        match self.peek() {
            Some(b'\n') => {
                self.line = self.line.saturating_add(1);
                self.column = 1;
            }
            // Bytes that continue a character do not move the column.
            Some(byte) if byte & 0xC0 != 0x80 => self.column = self.column.saturating_add(1),
            _ => {}
        }
        self.at += 1;
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.bump();
        }
    }

    /// Moves on to the next line that starts with `{`; whether there is one.
    fn skip_to_object(&mut self) -> bool {
        while self.peek().is_some() {
            let is_line_end = self.peek() == Some(b'\n');
            self.bump();
            if is_line_end && self.peek() == Some(b'{') {
                return true;
            }
        }
        false
    }

    /// An empty span here.
    fn here(&self) -> Span {
        Span {
            start: self.at,
            end: self.at,
            line: self.line,
            column: self.column,
        }
    }

    fn since(&self, start: Span) -> Span {
        Span {
            end: self.at,
            ..start
        }
    }

    fn unexpected(&self, expected: &str) -> Problem {
        let found = match self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next())
        {
            None => "the end of the input".to_owned(),
            Some(c) => format!("`{}`", c.escape_debug()),
        };
        Problem::new(
            What::Syntax(format!("expected {expected}, found {found}")),
            self.here(),
        )
    }

    /// One value; `depth` lists and objects are open around it.
    fn value(&mut self, depth: usize) -> Result<Node, Problem> {
        let start = self.here();
        let content = match self.peek() {
            Some(b'{' | b'[') if depth >= MAX_DEPTH => {
                return Err(Problem::new(What::TooDeep, start));
            }
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Content::Scalar(Value::String(self.string()?)),
            Some(_) => Content::Scalar(self.word()?),
            None => return Err(self.unexpected("a value")),
        };
        Ok(Node {
            span: self.since(start),
            content,
        })
    }

    fn object(&mut self, depth: usize) -> Result<Content, Problem> {
        self.bump();
        let mut entries = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.bump();
            return Ok(Content::Object(entries));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let key_start = self.here();
            let key = self.string()?;
            let key_span = self.since(key_start);
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("`:` after the key"));
            }
            self.bump();
            self.skip_space();
            let value = self.value(depth + 1)?;
            entries.push(Entry {
                key,
                key_span,
                value,
            });
            if self.ends(b'}', "`,` or `}`")? {
                refuse_duplicates(&entries)?;
                return Ok(Content::Object(entries));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Content, Problem> {
        self.bump();
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.bump();
            return Ok(Content::List(items));
        }
        loop {
            self.skip_space();
            items.push(self.value(depth + 1)?);
            if self.ends(b']', "`,` or `]`")? {
                return Ok(Content::List(items));
            }
        }
    }

    /// After an element: takes the comma (`false`) or the closing bracket (`true`).
    fn ends(&mut self, closing: u8, expected: &str) -> Result<bool, Problem> {
        self.skip_space();
        match self.peek() {
            Some(b',') => {
                self.bump();
                Ok(false)
            }
            Some(byte) if byte == closing => {
                self.bump();
                Ok(true)
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    fn string(&mut self) -> Result<String, Problem> {
        let start = self.here();
        self.bump();
        loop {
            match self.peek() {
                None => return Err(self.unexpected("`\"` at the end of the text")),
                Some(b'"') => break,
                Some(b'\\') => {
                    self.bump();
                    self.bump();
                }
                Some(_) => self.bump(),
            }
        }
        self.bump();
        self.scalar(self.since(start))
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Value, Problem> {
        let start = self.here();
        while self
            .peek()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        {
            self.bump();
        }
        let span = self.since(start);
        if span.start == span.end {
            return Err(self.unexpected("a value"));
        }
        self.scalar(span)
    }

    fn scalar<T: serde::de::DeserializeOwned>(&self, span: Span) -> Result<T, Problem> {
        let text = self.text.get(span.start..span.end).unwrap_or_default();
        serde_json::from_str(text).map_err(|_| {
            let what = if text.starts_with('"') {
                "text with an invalid escape or a control character".to_owned()
            } else {
                let start: String = text.chars().take(40).collect();
                format!("expected a value, found `{start}`")
            };
            Problem::new(What::Syntax(what), span)
        })
    }
}
