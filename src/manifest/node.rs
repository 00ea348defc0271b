//! A value whose every part knows where it stands in the text.

use serde_json::{Map, Value};

use super::error::{Problem, What};
use super::source::Span;

/// A value with its place. Never deeper than [`MAX_DEPTH`](super::MAX_DEPTH), so that recursion over it is bounded.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) content: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Scalar(Value),
    List(Vec<Node>),
    Object(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Node,
}

impl Node {
    /// The JSON value.
    pub(super) fn into_value(self) -> Value {
        match self.content {
            Content::Scalar(value) => value,
            Content::List(items) => Value::Array(items.into_iter().map(Node::into_value).collect()),
            Content::Object(entries) => Value::Object(
                entries
                    .into_iter()
                    .map(|entry| (entry.key, entry.value.into_value()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// What kind of value it is, in words.
    pub(super) fn type_name(&self) -> &'static str {
        match &self.content {
            Content::Scalar(Value::Null) => "null",
            Content::Scalar(Value::Bool(_)) => "a boolean",
            Content::Scalar(Value::Number(_)) => "a number",
            Content::Scalar(_) => "text",
            Content::List(_) => "a list",
            Content::Object(_) => "an object",
        }
    }

    /// The entry of an object under `key`.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.content {
            Content::Object(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The value of an object under `key`, if it is text.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match &self.entry(key)?.value.content {
            Content::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }
}

/// Refuses two entries with one key.
pub(super) fn refuse_duplicates(entries: &[Entry]) -> Result<(), Problem> {
    let mut by_key: Vec<&Entry> = entries.iter().collect();
    by_key.sort_by(|a, b| {
        a.key
            .cmp(&b.key)
            .then(a.key_span.start.cmp(&b.key_span.start))
    });
    let twice = by_key.windows(2).find_map(|pair| match pair {
        [first, second] if first.key == second.key => Some((*first, *second)),
        _ => None,
    });
    match twice {
        None => Ok(()),
        Some((first, second)) => Err(Problem::new(
            What::DuplicateKey {
                key: second.key.clone(),
                first_line: first.key_span.line,
            },
            second.key_span,
        )),
    }
}

/// Where a field stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The key; `None` for items of a list and for the object as a whole.
    pub key: Option<Span>,
    /// The value.
    pub value: Span,
    /// Whether the field itself is there; otherwise this is the nearest thing around it that is.
    pub found: bool,
}

impl Place {
    /// What to point at: the value if it is a scalar in one line, else the key, else the beginning of the value.
    pub fn pointer(&self, text: &str) -> Span {
        let one_line = text
            .get(self.value.start..self.value.end)
            .is_some_and(|value| !value.is_empty() && !value.contains('\n'));
        match self.key {
            Some(key) if !one_line || !self.found => key,
            _ if one_line => self.value,
            _ => {
                let rest = text.get(self.value.start..).unwrap_or_default();
                let line = rest.lines().next().unwrap_or_default().trim_end();
                Span {
                    end: self.value.start + line.len(),
                    ..self.value
                }
            }
        }
    }
}

/// Follows a path as the API server writes it (`spec.rules[0].matches[1].path.value`) as far as it leads.
pub(super) fn locate(root: &Node, path: &str) -> Place {
    let mut place = Place {
        key: None,
        value: root.span,
        found: true,
    };
    let mut node = root;
    let mut rest = path;
    while !rest.is_empty() {
        let Some((key, next, after)) = step(node, rest) else {
            place.found = false;
            return place;
        };
        place.key = key;
        place.value = next.span;
        node = next;
        rest = after;
    }
    place
}

/// One step down: the key taken, the value there and what remains of the path.
fn step<'n, 'p>(node: &'n Node, path: &'p str) -> Option<(Option<Span>, &'n Node, &'p str)> {
    match &node.content {
        Content::Scalar(_) => None,
        Content::List(items) => {
            let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
            let item = items.get(index.parse::<usize>().ok()?)?;
            Some((None, item, rest))
        }
        Content::Object(entries) => {
            if let Some((key, rest)) = path.strip_prefix('[').and_then(|p| p.split_once(']')) {
                let entry = entries.iter().find(|entry| entry.key == key)?;
                return Some((Some(entry.key_span), &entry.value, rest));
            }
            let path = path.strip_prefix('.').unwrap_or(path);
            // Keys may hold dots: the longest one that fits is meant.
            let entry = entries
                .iter()
                .filter(|entry| {
                    path.strip_prefix(entry.key.as_str()).is_some_and(|rest| {
                        rest.is_empty() || rest.starts_with('.') || rest.starts_with('[')
                    })
                })
                .max_by_key(|entry| entry.key.len())?;
            let rest = path.get(entry.key.len()..)?;
            Some((Some(entry.key_span), &entry.value, rest))
        }
    }
}
