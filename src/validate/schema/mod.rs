//! The structure of each kind, per version and bundle.

use serde_json::Value;

/// The schema of one place, compiled for one bundle.
#[derive(Default)]
pub(crate) struct Node {
    /// Known fields, sorted by name.
    pub(crate) fields: Vec<Field>,
    /// The schema of the items of a list.
    pub(crate) items: Option<Box<Node>>,
    /// The schema of the values of a map with free keys.
    pub(crate) values: Option<Box<Node>>,
}

/// A field of a [`Node`].
pub(crate) struct Field {
    /// The name as it is written.
    pub(crate) name: &'static str,
    /// What the field becomes when it is absent or null.
    pub(crate) default: Option<Value>,
    /// The schema of its value.
    pub(crate) node: Node,
}

impl Node {
    /// The field `name`.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        let at = self.fields.binary_search_by(|field| field.name.cmp(name));
        at.ok().and_then(|at| self.fields.get(at))
    }
}
