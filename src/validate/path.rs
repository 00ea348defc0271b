//! The path of a field, built on the way down without allocation and written only for what is found.

use std::fmt;

/// A path from the root of an object.
#[derive(Clone, Copy)]
pub(crate) enum Path<'p> {
    Root,
    /// A field, or an entry of a map as the structural schema names it: `.name`.
    Field(&'p Path<'p>, &'p str),
    /// An item of a list: `[0]`.
    Item(&'p Path<'p>, usize),
    /// An entry of a map as rules name it: `[key]`.
    Entry(&'p Path<'p>, &'p str),
}

impl<'p> Path<'p> {
    pub(crate) fn field(&'p self, name: &'p str) -> Path<'p> {
        Path::Field(self, name)
    }

    pub(crate) fn item(&'p self, index: usize) -> Path<'p> {
        Path::Item(self, index)
    }

    pub(crate) fn entry(&'p self, key: &'p str) -> Path<'p> {
        Path::Entry(self, key)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field(Path::Root, name) => f.write_str(name),
            Path::Field(parent, name) => write!(f, "{parent}.{name}"),
            Path::Item(parent, index) => write!(f, "{parent}[{index}]"),
            Path::Entry(parent, key) => write!(f, "{parent}[{key}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_the_api_server_writes_them() {
        let spec = Path::Root.field("spec");
        let rules = spec.field("rules");
        let rule = rules.item(2);
        assert_eq!(rule.field("name").to_string(), "spec.rules[2].name");
        assert_eq!(rule.entry("a/b").to_string(), "spec.rules[2][a/b]");
        assert_eq!(Path::Root.to_string(), "");
    }
}
