//! An object with every field looked up once.
//!
//! PERF: rules and walkers ask for the same few fields again and again, and a look-up in an ordered map compares texts.
//! So each object is read once, entry by entry, into slots: for every place its value, by position in the schema. After
//! that a field is found without touching the map. Nothing of the object is copied.

use serde_json::Value;

use super::schema::Node;
use super::view::View;

/// An object as seen through its schema: pruned, without nulls, with defaults.
pub(crate) struct Sight<'v> {
    schema: &'v Node,
    root: Slot<'v>,
    slots: Vec<Slot<'v>>,
    strangers: bool,
}

/// Where nothing lies below: past every slot.
const NOWHERE: usize = usize::MAX >> 1;

/// One place of an object.
#[derive(Clone, Copy)]
pub(crate) struct Slot<'v> {
    /// The value; `None` where the field is absent or null.
    pub(crate) value: Option<&'v Value>,
    /// Where the slots of what lies below begin: of a struct one for each field of its schema, of a list one for each
    /// item, of a map with free keys one for each entry.
    pub(crate) below: usize,
    /// The value is the schema's default.
    pub(crate) is_default: bool,
}

impl<'v> Sight<'v> {
    /// Reads `value`.
    ///
    /// # Cost
    ///
    /// Linear in the size of the value; one list is allocated.
    pub(crate) fn of(value: &'v Value, schema: &'v Node) -> Self {
        // Enough for most Routes.
        const USUAL: usize = 128;
        let mut reader = Reader {
            slots: Vec::with_capacity(USUAL),
            strangers: false,
        };
        let root = Slot {
            value: Some(value),
            below: reader.below(value, schema),
            is_default: false,
        };
        Sight {
            schema,
            root,
            slots: reader.slots,
            strangers: reader.strangers,
        }
    }

    /// The whole object.
    pub(crate) fn view(&self) -> View<'_> {
        View::new(&self.root, self.schema, &self.slots)
    }

    /// Whether anything was left out that the schema does not know.
    pub(crate) fn has_strangers(&self) -> bool {
        self.strangers
    }
}

struct Reader<'v> {
    slots: Vec<Slot<'v>>,
    strangers: bool,
}

impl<'v> Reader<'v> {
    /// Fills the slots of what lies below `value`, and tells where they begin.
    fn below(&mut self, value: &'v Value, schema: &'v Node) -> usize {
        match value {
            Value::Object(object) if schema.values.is_none() => {
                let start = self.reserve(schema.fields.len());
                if schema.is_opaque {
                    return start;
                }
                for (name, value) in object {
                    let Some((at, field)) = schema.field_at(name) else {
                        self.strangers = true;
                        continue;
                    };
                    if !value.is_null() {
                        self.fill(start + at, value, &field.node, false);
                    }
                }
                if schema.has_defaults {
                    for (at, field) in schema.fields.iter().enumerate() {
                        let absent = self
                            .slots
                            .get(start + at)
                            .is_some_and(|s| s.value.is_none());
                        if let Some(default) = field.default.as_ref().filter(|_| absent) {
                            self.fill(start + at, default, &field.node, true);
                        }
                    }
                }
                start
            }
            Value::Object(object) => {
                let start = self.reserve(object.len());
                let of = schema.values.as_deref();
                for (at, (value, of)) in object.values().zip(std::iter::repeat(of)).enumerate() {
                    if let Some(of) = of.filter(|_| !value.is_null()) {
                        self.fill(start + at, value, of, false);
                    }
                }
                start
            }
            Value::Array(items) => {
                let Some(of) = schema.items.as_deref() else {
                    self.strangers |= items.iter().any(|item| item.is_object() || item.is_array());
                    return NOWHERE;
                };
                let start = self.reserve(items.len());
                for (at, item) in items.iter().enumerate() {
                    self.fill(start + at, item, of, false);
                }
                start
            }
            _ => NOWHERE,
        }
    }

    fn reserve(&mut self, count: usize) -> usize {
        let start = self.slots.len();
        let empty = Slot {
            value: None,
            below: NOWHERE,
            is_default: false,
        };
        self.slots.resize(start + count, empty);
        start
    }

    fn fill(&mut self, at: usize, value: &'v Value, schema: &'v Node, is_default: bool) {
        let below = self.below(value, schema);
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Slot {
                value: Some(value),
                below,
                is_default,
            };
        }
    }
}
