//! YAML with places: the events of a parser, composed into trees.

use std::collections::HashMap;

use granit_parser::{
    ErrorKind, Event, Marker, Options, Parser, ScalarStyle, ScanError, StrInput, Tag,
};
use serde_json::Value;

use super::error::{Problem, What};
use super::node::{Content, Entry, Node, refuse_duplicates};
use super::scalar::{Plain, resolve};
use super::source::{Span, count};
use super::{MAX_ALIAS_WEIGHT, MAX_DEPTH};

/// What the tags that YAML itself defines start with, `!!` written out.
const CORE_TAGS: &str = "tag:yaml.org,2002:";

/// The documents of a stream. After a broken one, reading goes on at the next `---`.
pub(super) fn documents(text: &str) -> Vec<(u32, Result<Node, Problem>)> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut documents = Vec::new();
    loop {
        match document(&mut parser) {
            Ok(None) => return documents,
            Ok(Some(node)) => documents.push((count(documents.len()), Ok(node))),
            Err(problem) => {
                documents.push((count(documents.len()), Err(problem)));
                if !parser.proceed_next_document().unwrap_or(false) {
                    return documents;
                }
            }
        }
    }
}

/// The next document of a stream.
fn document<'t>(parser: &mut Parser<'t, StrInput<'t>>) -> Result<Option<Node>, Problem> {
    let mut composer = Composer::default();
    let mut root = None;
    while let Some(next) = parser.next_event() {
        let (event, span) =
            next.map_err(|error| Problem::new(syntax(&error), at(error.marker())))?;
        let span = Span {
            end: span.end.byte_offset().unwrap_or_default(),
            ..at(&span.start)
        };
        match event {
            Event::StreamEnd => return Ok(None),
            Event::DocumentEnd => {
                let nothing = Node {
                    span,
                    content: Content::Scalar(Value::Null),
                };
                return Ok(Some(root.unwrap_or(nothing)));
            }
            event => {
                if let Some(node) = composer.take(event, span)? {
                    root = Some(node);
                }
            }
        }
    }
    Ok(None)
}

fn syntax(error: &ScanError) -> What {
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => What::TooDeep,
        _ => What::Syntax(error.info()),
    }
}

fn at(marker: &Marker) -> Span {
    let offset = marker.byte_offset().unwrap_or_default();
    Span {
        start: offset,
        end: offset,
        line: count(marker.line()),
        column: count(marker.col() + 1),
    }
}

/// Builds the tree of one document.
#[derive(Default)]
struct Composer {
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    alias_weight: usize,
}

/// A list or an object whose end has not come yet.
struct Open {
    start: Span,
    anchor: usize,
    content: Building,
}

enum Building {
    List(Vec<Node>),
    Object {
        entries: Vec<Entry>,
        merged: Vec<Entry>,
        key: Option<Key>,
    },
}

enum Key {
    Name(String, Span),
    Merge,
}

struct Anchored {
    node: Node,
    weight: usize,
    height: usize,
}

impl Composer {
    /// Takes one event; gives the root when it is complete.
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<Option<Node>, Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), span)
            }
            Event::Alias(anchor) => {
                let node = self.alias(anchor, span)?;
                self.attach(node)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.begin(span, anchor, Building::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, _) => self.begin(
                span,
                anchor,
                Building::Object {
                    entries: Vec::new(),
                    merged: Vec::new(),
                    key: None,
                },
            ),
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            _ => Ok(None),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<Option<Node>, Problem> {
        let is_plain = style == ScalarStyle::Plain;
        if let (
            true,
            None,
            "<<",
            Some(Open {
                content:
                    Building::Object {
                        key: key @ None, ..
                    },
                ..
            }),
        ) = (is_plain, tag, text, self.open.last_mut())
        {
            *key = Some(Key::Merge);
            return Ok(None);
        }
        let node = Node {
            span,
            content: Content::Scalar(scalar_value(text, is_plain, tag, span)?),
        };
        self.remember(anchor, &node)?;
        self.attach(node)
    }

    fn begin(
        &mut self,
        start: Span,
        anchor: usize,
        content: Building,
    ) -> Result<Option<Node>, Problem> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Problem::new(What::TooDeep, start));
        }
        self.open.push(Open {
            start,
            anchor,
            content,
        });
        Ok(None)
    }

    fn end(&mut self, end: Span) -> Result<Option<Node>, Problem> {
        let Some(open) = self.open.pop() else {
            return Ok(None);
        };
        let content = match open.content {
            Building::List(items) => Content::List(items),
            Building::Object {
                mut entries,
                merged,
                ..
            } => {
                refuse_duplicates(&entries)?;
                merge(&mut entries, merged);
                Content::Object(entries)
            }
        };
        let node = Node {
            span: Span {
                end: end.end.max(open.start.end),
                ..open.start
            },
            content,
        };
        self.remember(open.anchor, &node)?;
        self.attach(node)
    }

    /// Puts a complete node where it belongs; gives it back if it is the root.
    fn attach(&mut self, node: Node) -> Result<Option<Node>, Problem> {
        let Some(open) = self.open.last_mut() else {
            return Ok(Some(node));
        };
        match &mut open.content {
            Building::List(items) => items.push(node),
            Building::Object {
                entries,
                merged,
                key,
            } => match key.take() {
                None => {
                    let name = key_text(&node)?;
                    *key = Some(Key::Name(name, node.span));
                }
                Some(Key::Name(name, key_span)) => entries.push(Entry {
                    key: name,
                    key_span,
                    value: node,
                }),
                Some(Key::Merge) => merged.extend(merge_entries(node)?),
            },
        }
        Ok(None)
    }

    fn remember(&mut self, anchor: usize, node: &Node) -> Result<(), Problem> {
        if anchor == 0 {
            return Ok(());
        }
        let (weight, height) = measure(node);
        self.pay(weight, node.span)?;
        let node = node.clone();
        self.anchors.insert(
            anchor,
            Anchored {
                node,
                weight,
                height,
            },
        );
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<Node, Problem> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(Problem::new(What::AliasInItself, span));
        };
        if self.open.len() + anchored.height > MAX_DEPTH {
            return Err(Problem::new(What::TooDeep, span));
        }
        let weight = anchored.weight;
        self.pay(weight, span)?;
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(Problem::new(What::AliasInItself, span));
        };
        Ok(Node {
            span,
            content: anchored.node.content.clone(),
        })
    }

    /// Counts a copy of an anchored value before it is made.
    fn pay(&mut self, weight: usize, span: Span) -> Result<(), Problem> {
        self.alias_weight = self.alias_weight.saturating_add(weight);
        if self.alias_weight > MAX_ALIAS_WEIGHT {
            return Err(Problem::new(What::AliasBomb, span));
        }
        Ok(())
    }
}

/// What a node weighs, and how many lists and objects lie on its longest way down.
fn measure(node: &Node) -> (usize, usize) {
    let sum = |parts: &mut dyn Iterator<Item = (usize, usize)>| {
        parts.fold((32, 1), |(weight, height), (w, h)| {
            (weight + w, height.max(h + 1))
        })
    };
    match &node.content {
        Content::Scalar(Value::String(text)) => (32 + text.len(), 0),
        Content::Scalar(_) => (32, 0),
        Content::List(items) => sum(&mut items.iter().map(measure)),
        Content::Object(entries) => sum(&mut entries.iter().map(|entry| {
            let (weight, height) = measure(&entry.value);
            (weight + 32 + entry.key.len(), height)
        })),
    }
}

/// The value of a scalar: text unless it is plain, and what its tag says.
fn scalar_value(
    text: &str,
    is_plain: bool,
    tag: Option<&Tag>,
    span: Span,
) -> Result<Value, Problem> {
    let plain = |text: &str| match resolve(text) {
        Plain::Json(value) => Ok(value),
        Plain::NotInJson => Err(Problem::new(What::NotInJson(text.to_owned()), span)),
    };
    let Some(tag) = tag else {
        return if is_plain {
            plain(text)
        } else {
            Ok(Value::from(text))
        };
    };
    let wrong = || Problem::new(What::Tag(tag.original()), span);
    let suffix = tag.suffix_in_namespace(CORE_TAGS);
    let value = match suffix.as_deref() {
        None | Some("str") => return Ok(Value::from(text)),
        Some("bool" | "int" | "float" | "null" | "timestamp") => plain(text)?,
        Some(_) => return Err(wrong()),
    };
    let fits = match suffix.as_deref() {
        Some("bool") => value.is_boolean(),
        Some("int") => value.is_i64() || value.is_u64(),
        Some("float") => value.is_number(),
        Some("null") => value.is_null(),
        _ => value.is_string(),
    };
    if fits { Ok(value) } else { Err(wrong()) }
}

/// The text of a key: numbers and booleans are written out.
fn key_text(node: &Node) -> Result<String, Problem> {
    match &node.content {
        Content::Scalar(Value::String(text)) => Ok(text.clone()),
        Content::Scalar(Value::Bool(value)) => Ok(value.to_string()),
        Content::Scalar(Value::Number(number)) => Ok(number.to_string()),
        _ => Err(Problem::new(What::KeyType(node.type_name()), node.span)),
    }
}

/// The entries that a merge key brings; of several objects the first that has a key wins.
fn merge_entries(node: Node) -> Result<Vec<Entry>, Problem> {
    let span = node.span;
    let found = node.type_name();
    match node.content {
        Content::Object(entries) => Ok(entries),
        Content::List(items) => {
            let mut entries = Vec::new();
            for item in items {
                let (span, found) = (item.span, item.type_name());
                match item.content {
                    Content::Object(more) => entries.extend(more),
                    _ => return Err(Problem::new(What::MergeType(found), span)),
                }
            }
            Ok(entries)
        }
        Content::Scalar(_) => Err(Problem::new(What::MergeType(found), span)),
    }
}

/// Adds merged entries whose keys are not there yet.
fn merge(entries: &mut Vec<Entry>, merged: Vec<Entry>) {
    let mut taken: std::collections::HashSet<String> =
        entries.iter().map(|entry| entry.key.clone()).collect();
    for entry in merged {
        if taken.insert(entry.key.clone()) {
            entries.push(entry);
        }
    }
}
