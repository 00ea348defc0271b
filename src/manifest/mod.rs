//! From bytes to documents: JSON and, with the feature `yaml`, YAML; several documents, `List` objects, origins.
//!
//! Stage: read. [`parse`] takes the bytes of one file and gives every object in it as a JSON value with its
//! [`Origin`]; what cannot be read becomes a [`ParseError`] with line and column, and the documents around it are
//! still read. [`read`] does so for files, directories and standard input. The stage refuses to know what the
//! objects mean: that an `HTTPRoute` lacks its rules is the business of [`validate`](crate::validate).
//!
//! # What a document is
//!
//! - Documents of a YAML stream are counted from 0, empty ones included; those that hold nothing (or only comments)
//!   give no object. A JSON file may hold several values one after the other.
//! - An object whose `kind` ends in `List` and that has `items` stands for its items, however deeply nested. Items of
//!   a typed list (`HTTPRouteList`) that leave out `apiVersion` and `kind` get those of the list.
//! - A document that is no object, or has no `apiVersion` or `kind`, is an error.
//! - A key given twice in one object is an error (the API server would silently keep one of them, or refuse it).
//!
//! # How YAML scalars become JSON values
//!
//! As they do on the way to an API server, which reads YAML 1.1: besides `true` and `false`, the plain words `yes`,
//! `no`, `on`, `off`, `y`, `n` (also capitalised and in capitals) are booleans; `0x1F`, `0o17`, `0b101`, `017` and
//! `1_000` are integers; `80.0` is the integer 80; `~`, `null` and nothing are null; dates stay text. Quoted and
//! block scalars are text. A validator that took `value: yes` for a string would pass what the server refuses.
//! Merge keys (`<<`) are followed. `.inf` and `.nan` have no place in JSON and are errors, as is `!!binary`.
//!
//! # Limits
//!
//! [`MAX_BYTES`] for one input, [`MAX_DEPTH`] levels of nesting, [`MAX_ALIAS_WEIGHT`] for what the aliases of one
//! document may expand to: what exceeds them is a [`ParseError`] that names the limit.
//!
//! # Examples
//!
//! ```
//! use gatewright::manifest;
//!
//! let text = br#"{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}"#;
//! let parsed = manifest::parse(text, "shop.json");
//! assert!(parsed.errors.is_empty());
//! let shop = &parsed.documents[0];
//! assert_eq!((shop.kind(), shop.name()), ("Namespace", "shop"));
//! let name = shop.locate("metadata.name").unwrap();
//! assert_eq!((name.value.line, name.value.column), (1, 64));
//! ```

mod complete;
mod document;
mod error;
mod json;
mod node;
mod read;
#[cfg(feature = "yaml")]
mod scalar;
mod source;
#[cfg(feature = "yaml")]
mod yaml;

pub use complete::complete;
pub use document::{Document, Origin};
pub use error::ParseError;
pub use node::Place;
pub use read::{ReadError, Reading, STDIN, files, read, read_file};
pub use source::{Source, Span};

use std::sync::Arc;

use error::Problem;
use node::Node;

/// The largest input that is read, in bytes (64 MiB).
pub const MAX_BYTES: usize = 64 << 20;

/// The deepest nesting of lists and objects in a document.
pub const MAX_DEPTH: usize = 128;

/// What the aliases of one YAML document may expand to: 32 for every value, 1 for every byte of text.
pub const MAX_ALIAS_WEIGHT: usize = 16 << 20;

/// What one input holds.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The objects, in the order in which they stand in the input, lists unfolded.
    pub documents: Vec<Document>,
    /// What could not be read, in order.
    pub errors: Vec<ParseError>,
}

/// Reads all documents of one input; `file` is its name as messages shall show it.
///
/// A name that ends in `.json` says JSON. Any other input that starts with `{` is read as JSON first and as YAML if
/// that fails, everything else as YAML. Without the feature `yaml` all is JSON.
///
/// # Cost
///
/// O(n) for n bytes of input, and for the weight of its aliases; the text is kept once, shared by all documents.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "yaml")] {
/// let text = b"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\nkind: [\n---\n# nothing here\n";
/// let parsed = gatewright::manifest::parse(text, "shop.yaml");
/// assert_eq!(parsed.documents.len(), 1);
/// assert_eq!((parsed.errors[0].line(), parsed.errors[0].document()), (5, 1));
/// # }
/// ```
pub fn parse(bytes: &[u8], file: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let source = match Source::new(bytes, file) {
        Ok(source) => Arc::new(source),
        Err(error) => {
            parsed.errors.push(error);
            return parsed;
        }
    };
    for (document, outcome) in nodes(&source) {
        match outcome {
            Ok(root) => document::unfold(&source, document, root, &mut parsed),
            Err(problem) => parsed
                .errors
                .push(ParseError::new(&source, document, problem)),
        }
    }
    parsed
}

/// The documents of one input as trees that know where they stand.
fn nodes(source: &Source) -> Vec<(u32, Result<Node, Problem>)> {
    let text = source.text();
    #[cfg(feature = "yaml")]
    if !source.file().ends_with(".json") {
        return json_or_yaml(text);
    }
    json::documents(text)
}

/// What starts like JSON is JSON, unless reading it as YAML has fewer errors.
#[cfg(feature = "yaml")]
fn json_or_yaml(text: &str) -> Vec<(u32, Result<Node, Problem>)> {
    if !text.trim_start().starts_with('{') {
        return yaml::documents(text);
    }
    let broken = |documents: &[(u32, Result<Node, Problem>)]| {
        documents
            .iter()
            .filter(|(_, outcome)| outcome.is_err())
            .count()
    };
    let as_json = json::documents(text);
    if broken(&as_json) == 0 {
        return as_json;
    }
    let as_yaml = yaml::documents(text);
    if broken(&as_yaml) < broken(&as_json) {
        as_yaml
    } else {
        as_json
    }
}
