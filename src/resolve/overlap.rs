//! Names of different listeners that a client could take for each other.
//!
//! A TLS connection that was opened for one name may be used for another one that its certificate covers; listeners whose
//! names overlap are told so (GW-COAL-01..03).

use std::collections::HashMap;

/// The names of one listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Names<'a> {
    /// Every name.
    Any,
    /// These, in lower case, exact or beginning with `*.`.
    Only(Vec<&'a str>),
}

impl<'a> Names<'a> {
    fn written(&self) -> &[&'a str] {
        match self {
            Names::Any => &[],
            Names::Only(names) => names,
        }
    }
}

/// For each listener of one port, whether some name of it intersects with a name of another one.
///
/// # Cost
///
/// O(n · labels) for n names, whatever overlaps.
pub(super) fn overlapping(listeners: &[Names<'_>]) -> Vec<bool> {
    let mut found = vec![false; listeners.len()];
    let named = |names: &Names<'_>| !matches!(names, Names::Only(names) if names.is_empty());
    let others = listeners.iter().filter(|names| named(names)).count();
    if others > 1 && listeners.contains(&Names::Any) {
        return listeners.iter().map(named).collect();
    }
    let mut exact = Owners::default();
    let mut wildcards = Owners::default();
    let each = || {
        let lists = listeners.iter().enumerate();
        lists.flat_map(|(i, names)| names.written().iter().map(move |name| (i, *name)))
    };
    for (i, name) in each() {
        match name.strip_prefix('*') {
            Some(suffix) => wildcards.add(suffix, i),
            None => exact.add(name, i),
        }
    }
    for (i, name) in each() {
        let suffix = name.strip_prefix('*');
        let mut mark = |owners: &Owners<'_>, key: &str| {
            if let Some(other) = owners.other_than(key, i) {
                for index in [i, other] {
                    if let Some(place) = found.get_mut(index) {
                        *place = true;
                    }
                }
            }
        };
        match suffix {
            Some(suffix) => mark(&wildcards, suffix),
            None => mark(&exact, name),
        }
        // Wildcards above: `.b.test` and `.test` of `a.b.test`; of `*.b.test` only `.test`.
        let below = suffix.map_or(name, |suffix| suffix.strip_prefix('.').unwrap_or(suffix));
        for (dot, _) in below.match_indices('.') {
            if let Some(above) = below.get(dot..) {
                mark(&wildcards, above);
            }
        }
    }
    found
}

/// Up to two different owners of each name: enough to know one that is not oneself. Owners of one name all find each other
/// by that name, so marking one of them for a name below is enough.
#[derive(Debug, Default)]
struct Owners<'a> {
    by_name: HashMap<&'a str, (usize, Option<usize>)>,
}

impl<'a> Owners<'a> {
    fn add(&mut self, name: &'a str, owner: usize) {
        let (first, second) = self.by_name.entry(name).or_insert((owner, None));
        if *first != owner && second.is_none() {
            *second = Some(owner);
        }
    }

    fn other_than(&self, name: &str, owner: usize) -> Option<usize> {
        let (first, second) = self.by_name.get(name)?;
        if *first == owner {
            *second
        } else {
            Some(*first)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lists: &[&[&'static str]]) -> Vec<bool> {
        let listeners: Vec<Names<'_>> = lists
            .iter()
            .map(|names| match names {
                ["*"] => Names::Any,
                names => Names::Only(names.to_vec()),
            })
            .collect();
        overlapping(&listeners)
    }

    /// GW-COAL-02: the example of the catalogue.
    #[test]
    fn wildcard_and_what_it_covers_overlap() {
        let found = of(&[
            &["foo.example.com"],
            &["foo.example.org"],
            &["*.example.com"],
        ]);
        assert_eq!(found, [true, false, true]);
    }

    /// GW-COAL-02: wildcards of different depth; siblings do not overlap, neither does the bare suffix.
    #[test]
    fn depth_of_wildcards() {
        assert_eq!(of(&[&["*.a.test"], &["*.b.a.test"]]), [true, true]);
        assert_eq!(of(&[&["*.a.test"], &["*.b.test"]]), [false, false]);
        assert_eq!(of(&[&["*.a.test"], &["a.test"]]), [false, false]);
        assert_eq!(of(&[&["*.a.test"], &["x.ba.test"]]), [false, false]);
        assert_eq!(
            of(&[&["*.test"], &["x.y.z.test"], &["*.y.z.test"]]),
            [true; 3]
        );
    }

    /// GW-COAL-02: no hostname overlaps with every other one; alone it overlaps with nothing.
    #[test]
    fn absent_hostname_overlaps_with_all() {
        assert_eq!(of(&[&["*"], &["a.test"], &["b.test"]]), [true; 3]);
        assert_eq!(of(&[&["*"]]), [false]);
        assert_eq!(of(&[&["*"], &[]]), [false, false]);
    }

    /// GW-COAL-01: a listener does not overlap with itself; equal names of certificates of different listeners do.
    #[test]
    fn lists_of_names() {
        assert_eq!(of(&[&["a.test", "*.test"], &["b.example"]]), [false, false]);
        assert_eq!(
            of(&[&["a.test"], &["a.test"], &["a.test"], &["b.test"]]),
            [true, true, true, false]
        );
        assert_eq!(of(&[&["*.test"], &["*.test"], &["a.test"]]), [true; 3]);
        assert_eq!(of(&[&[], &["a.test"]]), [false, false]);
    }
}
