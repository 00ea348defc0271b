//! Long lists whose versions share what did not change.
//!
//! A [`Sequence`] is a list in three levels: branches of leaves of items. A clone costs next to nothing; a change of a clone
//! copies one branch and one leaf, and a change of a sequence that nobody shares copies nothing.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// Items of a leaf and leaves of a branch when built at once.
const FULL: usize = 48;
/// Most of them after insertions.
const MOST: usize = 64;

/// A list of many items.
///
/// # Cost
///
/// For n items: a search is O(log n), an insertion or removal O(log n + square root of n / 48), a clone O(n / 2,304).
#[derive(Clone)]
pub(crate) struct Sequence<T> {
    len: usize,
    branches: Vec<Branch<T>>,
}

type Leaf<T> = Arc<Vec<T>>;
type Branch<T> = Arc<Vec<Leaf<T>>>;

/// Where an item is or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    branch: usize,
    leaf: usize,
    slot: usize,
}

impl<T> Default for Sequence<T> {
    fn default() -> Self {
        Sequence {
            len: 0,
            branches: Vec::new(),
        }
    }
}

impl<T> Sequence<T> {
    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The items in order.
    pub(crate) fn iter(&self) -> Iter<'_, T> {
        Iter {
            items: self.iter_from(Place::default()),
            left: self.len,
        }
    }

    /// The items from a place on.
    pub(crate) fn iter_from(&self, place: Place) -> IterFrom<'_, T> {
        let branches = self.branches.get(place.branch..).unwrap_or_default();
        let (leaves, branches) = match branches.split_first() {
            Some((first, rest)) => (first.get(place.leaf..).unwrap_or_default(), rest),
            None => (Default::default(), branches),
        };
        let (items, leaves) = match leaves.split_first() {
            Some((first, rest)) => (first.get(place.slot..).unwrap_or_default(), rest),
            None => (Default::default(), leaves),
        };
        IterFrom {
            branches: branches.iter(),
            leaves: leaves.iter(),
            items: items.iter(),
        }
    }

    /// The item at a place.
    pub(crate) fn at(&self, place: Place) -> Option<&T> {
        self.branches
            .get(place.branch)?
            .get(place.leaf)?
            .get(place.slot)
    }

    /// The item of a number.
    pub(crate) fn nth(&self, mut number: usize) -> Option<&T> {
        let leaves = self.branches.iter().flat_map(|branch| branch.iter());
        for leaf in leaves {
            match leaf.get(number) {
                Some(item) => return Some(item),
                None => number -= leaf.len(),
            }
        }
        None
    }

    /// Where an item is for which `order` says that it is equal, in a list that is ordered by `order`; else where it would
    /// stand.
    pub(crate) fn search(&self, order: impl Fn(&T) -> Ordering) -> Result<Place, Place> {
        let starts_after = |leaf: &Leaf<T>| {
            leaf.first()
                .is_some_and(|first| order(first) == Ordering::Greater)
        };
        let branch = self
            .branches
            .partition_point(|branch| !branch.first().is_some_and(&starts_after))
            .saturating_sub(1);
        let Some(leaves) = self.branches.get(branch) else {
            return Err(Place::default());
        };
        let leaf = leaves
            .partition_point(|leaf| !starts_after(leaf))
            .saturating_sub(1);
        let items = leaves.get(leaf).map(|leaf| leaf.as_slice());
        let place = |slot| Place { branch, leaf, slot };
        items
            .unwrap_or_default()
            .binary_search_by(order)
            .map(place)
            .map_err(place)
    }

    /// The runs of items of each of two lists that the other one does not share.
    ///
    /// # Cost
    ///
    /// O(n / 48) pointers are compared, no items.
    pub(crate) fn unshared<'a>(&'a self, other: &'a Self) -> (Vec<&'a [T]>, Vec<&'a [T]>) {
        let (ours, theirs) = without_ends(&self.branches, &other.branches);
        let leaves = |branches: &'a [Branch<T>]| -> Vec<&'a Leaf<T>> {
            branches.iter().flat_map(|branch| branch.iter()).collect()
        };
        let (ours, theirs) = (leaves(ours), leaves(theirs));
        let known = |leaves: &[&Leaf<T>]| -> HashSet<*const Vec<T>> {
            leaves.iter().map(|leaf| Arc::as_ptr(leaf)).collect()
        };
        let (known_ours, known_theirs) = (known(&ours), known(&theirs));
        let only = |leaves: Vec<&'a Leaf<T>>, others: &HashSet<*const Vec<T>>| {
            let own = leaves
                .into_iter()
                .filter(|leaf| !others.contains(&Arc::as_ptr(leaf)));
            own.map(|leaf| leaf.as_slice()).collect()
        };
        (only(ours, &known_theirs), only(theirs, &known_ours))
    }
}

/// Two lists without what they share in front and behind.
fn without_ends<'a, T>(
    mut a: &'a [Branch<T>],
    mut b: &'a [Branch<T>],
) -> (&'a [Branch<T>], &'a [Branch<T>]) {
    while let ([first, rest_a @ ..], [other, rest_b @ ..]) = (a, b)
        && Arc::ptr_eq(first, other)
    {
        (a, b) = (rest_a, rest_b);
    }
    while let ([rest_a @ .., last], [rest_b @ .., other]) = (a, b)
        && Arc::ptr_eq(last, other)
    {
        (a, b) = (rest_a, rest_b);
    }
    (a, b)
}

impl<T: Clone> Sequence<T> {
    /// The item at a place, to be changed.
    pub(crate) fn at_mut(&mut self, place: Place) -> Option<&mut T> {
        let leaves = Arc::make_mut(self.branches.get_mut(place.branch)?);
        Arc::make_mut(leaves.get_mut(place.leaf)?).get_mut(place.slot)
    }

    /// Puts an item before the one at a place, as [`search`](Self::search) gives it.
    pub(crate) fn insert(&mut self, place: Place, item: T) {
        self.len += 1;
        let Some(leaves) = self.branches.get_mut(place.branch) else {
            self.branches.push(Arc::new(vec![Arc::new(vec![item])]));
            return;
        };
        let leaves = Arc::make_mut(leaves);
        let Some(leaf) = leaves.get_mut(place.leaf) else {
            leaves.push(Arc::new(vec![item]));
            return;
        };
        let items = Arc::make_mut(leaf);
        items.insert(place.slot.min(items.len()), item);
        if items.len() > MOST {
            let rest = items.split_off(items.len() / 2);
            leaves.insert(place.leaf + 1, Arc::new(rest));
        }
        if leaves.len() > MOST {
            let rest = leaves.split_off(leaves.len() / 2);
            self.branches.insert(place.branch + 1, Arc::new(rest));
        }
    }

    /// Takes the item at a place out.
    pub(crate) fn remove(&mut self, place: Place) -> Option<T> {
        let leaves = Arc::make_mut(self.branches.get_mut(place.branch)?);
        let items = Arc::make_mut(leaves.get_mut(place.leaf)?);
        if place.slot >= items.len() {
            return None;
        }
        let item = items.remove(place.slot);
        self.len -= 1;
        if items.len() < FULL / 4 {
            join(leaves, place.leaf);
        }
        if leaves.len() < FULL / 4 {
            join(&mut self.branches, place.branch);
        }
        Some(item)
    }
}

/// Joins a short run with one beside it, if both fit into one; an empty one goes.
fn join<T: Clone>(runs: &mut Vec<Arc<Vec<T>>>, at: usize) {
    let len = |runs: &[Arc<Vec<T>>], at: usize| runs.get(at).map_or(usize::MAX, |run| run.len());
    if len(runs, at) == 0 {
        runs.remove(at);
        return;
    }
    let left = match at.checked_sub(1) {
        Some(before) if len(runs, before) <= FULL / 2 => before,
        _ if len(runs, at.saturating_add(1)) <= FULL / 2 => at,
        _ => return,
    };
    let right = runs.remove(left + 1);
    if let Some(run) = runs.get_mut(left) {
        let right = Arc::try_unwrap(right).unwrap_or_else(|shared| (*shared).clone());
        Arc::make_mut(run).extend(right);
    }
}

impl<T> FromIterator<T> for Sequence<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut items = items.into_iter();
        let mut sequence = Sequence::default();
        loop {
            let mut leaves = Vec::new();
            while leaves.len() < FULL {
                let leaf = next_leaf(&mut items);
                if leaf.is_empty() {
                    break;
                }
                sequence.len += leaf.len();
                leaves.push(Arc::new(leaf));
            }
            let is_last = leaves.len() < FULL;
            if !leaves.is_empty() {
                leaves.shrink_to_fit();
                sequence.branches.push(Arc::new(leaves));
            }
            if is_last {
                sequence.branches.shrink_to_fit();
                return sequence;
            }
        }
    }
}

fn next_leaf<T>(items: &mut impl Iterator<Item = T>) -> Vec<T> {
    let mut leaf: Vec<T> = Vec::with_capacity(items.size_hint().0.min(FULL));
    leaf.extend(items.by_ref().take(FULL));
    leaf.shrink_to_fit();
    leaf
}

impl<T: PartialEq> PartialEq for Sequence<T> {
    fn eq(&self, other: &Self) -> bool {
        let (ours, theirs) = self.unshared(other);
        self.len == other.len
            && (ours.is_empty() && theirs.is_empty() || self.iter().eq(other.iter()))
    }
}

impl<T: fmt::Debug> fmt::Debug for Sequence<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The items of a [`Sequence`] from some place on.
pub(crate) struct IterFrom<'a, T> {
    branches: std::slice::Iter<'a, Branch<T>>,
    leaves: std::slice::Iter<'a, Leaf<T>>,
    items: std::slice::Iter<'a, T>,
}

impl<T> Clone for IterFrom<'_, T> {
    fn clone(&self) -> Self {
        IterFrom {
            branches: self.branches.clone(),
            leaves: self.leaves.clone(),
            items: self.items.clone(),
        }
    }
}

impl<'a, T> Iterator for IterFrom<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        loop {
            if let Some(item) = self.items.next() {
                return Some(item);
            }
            match self.leaves.next() {
                Some(leaf) => self.items = leaf.iter(),
                None => self.leaves = self.branches.next()?.iter(),
            }
        }
    }
}

/// The items of a [`Sequence`].
pub(crate) struct Iter<'a, T> {
    items: IterFrom<'a, T>,
    left: usize,
}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Iter {
            items: self.items.clone(),
            left: self.left,
        }
    }
}

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        let item = self.items.next()?;
        self.left = self.left.saturating_sub(1);
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for Iter<'_, T> {}

impl<T> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iter")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(sequence: &Sequence<u32>, item: u32) -> Result<Place, Place> {
        sequence.search(|other| other.cmp(&item))
    }

    /// Any sequence of changes: the same items as in a plain list, and older versions stay as they were.
    #[test]
    fn changes_equal_those_of_a_plain_list() {
        let mut state = 7u64;
        let mut below = |n: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % n
        };
        for size in [0, 1, 48, 49, 3_000, 20_000] {
            let mut plain: Vec<u32> = (0..size).map(|n| 2 * n).collect();
            let mut sequence: Sequence<u32> = plain.iter().copied().collect();
            for round in 0..3_000u32 {
                let item = below(u64::from(size) * 2 + 200) as u32;
                let old = (round % 500 == 0).then(|| (plain.clone(), sequence.clone()));
                // First it grows, then it shrinks.
                match (plain.binary_search(&item), search(&sequence, item)) {
                    (Ok(at), Ok(place)) if round > 1_500 || round % 4 == 0 => {
                        assert_eq!(sequence.remove(place), Some(plain.remove(at)));
                    }
                    (Ok(at), Ok(place)) => assert_eq!(sequence.at(place), plain.get(at)),
                    (Err(at), Err(place)) if round <= 1_500 => {
                        plain.insert(at, item);
                        sequence.insert(place, item);
                    }
                    (Err(_), Err(_)) => {}
                    (plain, found) => panic!("{plain:?} {found:?}"),
                }
                assert_eq!(sequence.len(), plain.len());
                if let Some((old_plain, old)) = old {
                    assert!(old.iter().eq(old_plain.iter()));
                    assert!(sequence.iter().eq(plain.iter()));
                }
            }
            assert!(sequence.iter().eq(plain.iter()));
            assert_eq!(sequence, plain.iter().copied().collect());
            assert_eq!(sequence.nth(plain.len()), None);
            assert_eq!(sequence.nth(plain.len() / 2), plain.get(plain.len() / 2));
        }
    }

    #[test]
    fn a_change_leaves_nearly_everything_shared() {
        let old: Sequence<u32> = (0..100_000).collect();
        let mut new = old.clone();
        assert_eq!(old.unshared(&new), (vec![], vec![]));
        let place = search(&new, 70_000).unwrap();
        new.remove(place);
        let (only_old, only_new) = old.unshared(&new);
        assert_eq!((only_old.len(), only_new.len()), (1, 1));
        assert!(only_old[0].contains(&70_000) && !only_new[0].contains(&70_000));
        assert_eq!(new.iter_from(place).next(), Some(&70_001));
    }
}
