//! Which of two objects comes first.

use std::cmp::Ordering;

/// The order of precedence between objects: older first, objects without creation time last, then by the text
/// `namespace/name`, byte by byte.
///
/// # Spec
///
/// GW-STAT-13.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seniority<'a> {
    /// Creation time in seconds since 1970.
    pub(super) created: Option<i64>,
    /// Namespace.
    pub(super) namespace: &'a str,
    /// Name.
    pub(super) name: &'a str,
}

impl Ord for Seniority<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let age = |s: &Self| (s.created.is_none(), s.created);
        let joined = |s: &Self| {
            let (namespace, name) = (s.namespace.as_bytes(), s.name.as_bytes());
            [namespace, b"/", name].concat()
        };
        age(self).cmp(&age(other)).then_with(|| {
            if self.namespace == other.namespace {
                self.name.cmp(other.name)
            } else {
                joined(self).cmp(&joined(other))
            }
        })
    }
}

impl PartialOrd for Seniority<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GW-STAT-13: no creation time sorts last; ties compare the joined text, not the pair.
    #[test]
    fn seniority_compares_joined_names() {
        let of = |created, namespace, name| Seniority {
            created,
            namespace,
            name,
        };
        assert!(of(Some(1), "z", "z") < of(Some(2), "a", "a"));
        assert!(of(Some(9), "z", "z") < of(None, "a", "a"));
        assert!(of(None, "a-b", "x") < of(None, "a", "x"));
        assert!(of(None, "a", "x") < of(None, "a", "y"));
        assert!(of(None, "a", "x") < of(None, "b", "a"));
    }
}
