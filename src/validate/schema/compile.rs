//! Compiles a table for one bundle.

use serde_json::Value;

use super::kinds::{KindTable, VersionTable};
use super::node::{Field, Index, Node, Type};
use super::table::{Default, Kind, List, Row, Shape, Struct};
use crate::validate::pattern::Pattern;
use crate::validate::rules::rules_at;
use crate::vocab::Bundle;

/// The schema of one version of a kind in one bundle.
pub(super) fn compile(kind: &KindTable, version: &VersionTable, bundle: Bundle) -> Node {
    Compiler {
        kind: kind.kind,
        version: version.version,
        bundle,
    }
    .root(version.root)
}

struct Compiler {
    kind: &'static str,
    version: &'static str,
    bundle: Bundle,
}

/// A shape for the root, which no row holds.
static ROOT: Shape = super::table::opaque();

impl Compiler {
    fn root(&self, table: &'static Struct) -> Node {
        let mut node = self.bare(&ROOT, "");
        self.fill(&mut node, table, "");
        self.finish(node)
    }

    fn node(&self, shape: &'static Shape, place: &str) -> Node {
        let mut node = self.bare(shape, place);
        match shape.kind {
            Kind::Object(table) => self.fill(&mut node, table, place),
            Kind::Map(of) => node.values = Some(Box::new(self.node(of, &format!("{place}{{}}")))),
            Kind::ListOf(of) => node.items = Some(Box::new(self.node(of, &format!("{place}[]")))),
            Kind::Text | Kind::Integer | Kind::Boolean | Kind::Opaque => {}
        }
        self.finish(node)
    }

    /// Everything but what lies below.
    fn bare(&self, shape: &'static Shape, place: &str) -> Node {
        let bundle = self.bundle;
        let mut choices = shape.choices.to_vec();
        for (window, more) in shape.choices_in {
            if window.holds(bundle) {
                choices.extend_from_slice(more);
            }
        }
        let mut codes = shape.codes.to_vec();
        for (window, more) in shape.codes_in {
            if window.holds(bundle) {
                codes.extend_from_slice(more);
            }
        }
        Node {
            ty: match shape.kind {
                Kind::Text => Type::Text,
                Kind::Integer => Type::Integer,
                Kind::Boolean => Type::Boolean,
                Kind::Object(_) | Kind::Opaque | Kind::Map(_) => Type::Object,
                Kind::ListOf(_) => Type::List,
            },
            is_opaque: matches!(shape.kind, Kind::Opaque),
            fields: Vec::new(),
            index: Index::of(&[]),
            has_defaults: false,
            items: None,
            values: None,
            format: shape.format,
            least: shape.least.at(bundle),
            most: shape.most.at(bundle),
            pattern: shape.pattern.at(bundle).map(Pattern::of),
            choices,
            codes,
            list: shape.list.at(bundle),
            condition: None,
            rules: rules_at(self.kind, self.version, place, bundle),
            rules_below: false,
            fields_with_rules: Vec::new(),
            keys_below: false,
            fields_with_keys: Vec::new(),
            table: None,
            shape,
        }
    }

    fn fill(&self, node: &mut Node, table: &'static Struct, place: &str) {
        let here = table
            .fields
            .iter()
            .filter(|row| row.window.holds(self.bundle));
        node.fields = here.map(|row| self.field(row, place)).collect();
        node.is_opaque = false;
        node.fields.sort_by_key(|field| field.name);
        node.has_defaults = node.fields.iter().any(|field| field.default.is_some());
        let names: Vec<&str> = node.fields.iter().map(|field| field.name).collect();
        node.index = Index::of(&names);
        node.condition = table.condition;
        node.table = Some(table);
    }

    fn field(&self, row: &'static Row, place: &str) -> Field {
        let place = if place.is_empty() {
            row.name.to_owned()
        } else {
            format!("{place}.{}", row.name)
        };
        let default = if row.default_window.holds(self.bundle) {
            row.default.value()
        } else {
            None
        };
        Field {
            name: row.name,
            required: row.required.holds(self.bundle),
            default,
            node: self.node(&row.shape, &place),
        }
    }

    /// Sets what is known only once everything below is there.
    fn finish(&self, mut node: Node) -> Node {
        let below = || {
            let fields = node.fields.iter().map(|field| &field.node);
            fields
                .chain(node.items.as_deref())
                .chain(node.values.as_deref())
        };
        let rules_below = below().any(|node| node.rules_below);
        let keys_below = below().any(|node| node.keys_below);
        let fields = || node.fields.iter().enumerate();
        let with_rules = fields().filter(|(_, field)| field.node.rules_below);
        let with_rules = with_rules.map(|(at, _)| at).collect();
        let with_keys = fields().filter(|(_, field)| field.node.keys_below);
        let with_keys = with_keys.map(|(at, _)| at).collect();
        node.fields_with_rules = with_rules;
        node.fields_with_keys = with_keys;
        node.rules_below = !node.rules.is_empty() || rules_below;
        node.keys_below = matches!(node.list, Some(List::Map(_) | List::Set)) || keys_below;
        node
    }
}

impl Default {
    /// The default as a value.
    pub(super) fn value(self) -> Option<Value> {
        match self {
            Default::None => None,
            Default::Text(text) => Some(Value::from(text)),
            Default::Number(number) => Some(Value::from(number)),
            // INVARIANT: a test reads every default of every table.
            Default::Json(json) => serde_json::from_str(json).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::schema::KINDS;

    /// Calls `look` with every node of every schema, and its place.
    fn every_node(look: &mut dyn FnMut(&Node, &str)) {
        fn walk(node: &Node, place: &str, look: &mut dyn FnMut(&Node, &str)) {
            look(node, place);
            for field in &node.fields {
                walk(&field.node, &format!("{place}.{}", field.name), look);
            }
            for below in node.items.iter().chain(&node.values) {
                walk(below, &format!("{place}[]"), look);
            }
        }
        for bundle in Bundle::ALL {
            for kind in &KINDS {
                for version in kind.versions {
                    let place = format!("{bundle} {} {}", kind.kind, version.version);
                    walk(&version.compile(kind, bundle), &place, look);
                }
            }
        }
    }

    #[test]
    fn every_field_is_found_by_its_name() {
        every_node(&mut |node, place| {
            for field in &node.fields {
                let found = node.field(field.name).map(|field| field.name);
                assert_eq!(found, Some(field.name), "{place}");
            }
            for stranger in ["", "x", "bogus", "kind ", "NAME"] {
                assert!(node.field(stranger).is_none(), "{place}");
            }
        });
    }

    #[test]
    fn every_pattern_and_default_can_be_read() {
        every_node(&mut |node, place| {
            if let Some(pattern) = node.pattern {
                assert!(pattern.is_valid(), "{place}");
            }
            let table = node.table.iter().flat_map(|table| table.fields);
            for row in table {
                let has_default = !matches!(row.default, Default::None);
                assert_eq!(row.default.value().is_some(), has_default, "{place}");
            }
        });
    }
}
