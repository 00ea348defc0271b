//! One object of an input, and where it came from.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::error::{ParseError, Problem, What};
use super::node::{self, Content, Entry, Node, Place};
use super::source::{Source, Span};
use super::{Parsed, nodes};

/// Where an object was read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    /// The name of the input.
    pub file: Arc<str>,
    /// The document in it, counted from 0.
    pub document: u32,
    /// The item of a list, as a path (`items[3]`); empty for an object that is a document of its own.
    pub item: Arc<str>,
    /// The first line of the object, counted from 1.
    pub line: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// One object as it was read: a JSON value with text in `apiVersion` and `kind`, and its origin.
#[derive(Clone)]
pub struct Document {
    value: Value,
    origin: Origin,
    source: Arc<Source>,
}

impl Document {
    /// The object.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The object, to be changed; places in the text are those of the object as it was read.
    pub fn value_mut(&mut self) -> &mut Value {
        &mut self.value
    }

    /// The object alone.
    pub fn into_value(self) -> Value {
        self.value
    }

    /// Where it was read.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The input that it is part of.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// `apiVersion`.
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion")
    }

    /// `kind`.
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// `metadata.name`; empty when there is none.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// `metadata.namespace`, if it is given.
    pub fn namespace(&self) -> Option<&str> {
        Some(self.text("/metadata/namespace")).filter(|namespace| !namespace.is_empty())
    }

    fn text(&self, pointer: &str) -> &str {
        self.value
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Where a field stands, its path written as the API server writes it: `spec.rules[0].matches[1].path.value`.
    /// `None` if it is not there.
    ///
    /// # Cost
    ///
    /// Reads the whole input again: meant for the few fields that a message points at.
    ///
    /// # Examples
    ///
    /// ```
    /// let text = br#"{"apiVersion": "v1", "kind": "Service",
    ///   "spec": {"ports": [{"port": 80}]}}"#;
    /// let parsed = gatewright::manifest::parse(text, "service.json");
    /// let port = parsed.documents[0].locate("spec.ports[0].port").unwrap();
    /// assert_eq!((port.value.line, port.value.column), (2, 31));
    /// assert!(parsed.documents[0].locate("spec.ports[1]").is_none());
    /// ```
    pub fn locate(&self, path: &str) -> Option<Place> {
        Some(self.locate_nearest(path)).filter(|place| place.found)
    }

    /// Where a field stands, or the nearest thing around it.
    ///
    /// # Cost
    ///
    /// As [`locate`](Document::locate).
    pub fn locate_nearest(&self, path: &str) -> Place {
        self.locate_each(&[path]).pop().unwrap_or(self.nowhere())
    }

    /// Where each of several fields stands, or the nearest thing around it, in the order of the paths.
    ///
    /// # Cost
    ///
    /// Reads the whole input again, once.
    pub fn locate_each(&self, paths: &[&str]) -> Vec<Place> {
        let root = nodes(&self.source)
            .into_iter()
            .find(|(document, _)| *document == self.origin.document)
            .and_then(|(_, outcome)| outcome.ok());
        let Some(mut node) = root else {
            return paths.iter().map(|_| self.nowhere()).collect();
        };
        if !self.origin.item.is_empty() {
            node = match item(node, &self.origin.item) {
                Some(node) => node,
                None => return paths.iter().map(|_| self.nowhere()).collect(),
            };
        }
        paths.iter().map(|path| node::locate(&node, path)).collect()
    }

    fn nowhere(&self) -> Place {
        Place {
            key: None,
            value: Span {
                line: self.origin.line,
                ..Span::START
            },
            found: false,
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({}: {})", self.origin, self.value)
    }
}

/// The item of a list under a path such as `items[3].items[0]`.
fn item(root: Node, path: &str) -> Option<Node> {
    let mut node = root;
    for part in path.split('.') {
        let index: usize = part
            .strip_prefix("items[")?
            .strip_suffix(']')?
            .parse()
            .ok()?;
        let Content::Object(entries) = node.content else {
            return None;
        };
        let items = entries.into_iter().find(|entry| entry.key == "items")?;
        let Content::List(items) = items.value.content else {
            return None;
        };
        node = items.into_iter().nth(index)?;
    }
    Some(node)
}

/// Adds the object of a document, or those of the list that it is.
pub(super) fn unfold(source: &Arc<Source>, document: u32, root: Node, into: &mut Parsed) {
    if matches!(root.content, Content::Scalar(Value::Null)) {
        return;
    }
    unfold_at(source, document, String::new(), root, into);
}

// Depth is bounded: a node is never deeper than `MAX_DEPTH`.
fn unfold_at(source: &Arc<Source>, document: u32, path: String, mut node: Node, into: &mut Parsed) {
    if let Err(problem) = head(&node) {
        into.errors.push(ParseError::new(source, document, problem));
        return;
    }
    if let Some(items) = take_items(&mut node) {
        let defaults = item_type(&node);
        for (index, mut item) in items.into_iter().enumerate() {
            add_type(&mut item, defaults.as_ref());
            let separator = if path.is_empty() { "" } else { "." };
            let path = format!("{path}{separator}items[{index}]");
            unfold_at(source, document, path, item, into);
        }
        return;
    }
    into.documents.push(Document {
        origin: Origin {
            file: source.shared_file(),
            document,
            item: path.into(),
            line: node.span.line,
        },
        value: node.into_value(),
        source: Arc::clone(source),
    });
}

/// Checks what every object must have to be spoken about.
fn head(node: &Node) -> Result<(), Problem> {
    if !matches!(node.content, Content::Object(_)) {
        return Err(Problem::new(What::NotAnObject(node.type_name()), node.span));
    }
    for field in ["apiVersion", "kind"] {
        match node.entry(field) {
            None => {
                let start = Span {
                    end: node.span.start,
                    ..node.span
                };
                return Err(Problem::new(What::MissingField(field), start));
            }
            Some(entry) if node.text(field).is_none() => {
                let found = entry.value.type_name();
                return Err(Problem::new(
                    What::FieldType { field, found },
                    entry.value.span,
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The items of a node that is a list of objects.
fn take_items(node: &mut Node) -> Option<Vec<Node>> {
    if !node.text("kind").is_some_and(|kind| kind.ends_with("List")) {
        return None;
    }
    let Content::Object(entries) = &mut node.content else {
        return None;
    };
    let entry = entries.iter_mut().find(|entry| entry.key == "items")?;
    match &mut entry.value.content {
        Content::List(items) => Some(std::mem::take(items)),
        Content::Scalar(Value::Null) => Some(Vec::new()),
        _ => None,
    }
}

/// `apiVersion` and `kind` of the items of a typed list.
fn item_type(list: &Node) -> Option<(String, String)> {
    let kind = list.text("kind")?.strip_suffix("List")?;
    let api_version = list.text("apiVersion")?;
    (!kind.is_empty()).then(|| (api_version.to_owned(), kind.to_owned()))
}

fn add_type(item: &mut Node, defaults: Option<&(String, String)>) {
    let span = item.span;
    let (Some((api_version, kind)), Content::Object(entries)) = (defaults, &mut item.content)
    else {
        return;
    };
    if entries
        .iter()
        .any(|entry| entry.key == "apiVersion" || entry.key == "kind")
    {
        return;
    }
    for (key, text) in [("apiVersion", api_version), ("kind", kind)] {
        entries.push(Entry {
            key: key.to_owned(),
            key_span: span,
            value: Node {
                span,
                content: Content::Scalar(Value::String(text.clone())),
            },
        });
    }
}
