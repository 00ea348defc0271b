//! Routes on listeners.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Index;
use std::sync::Arc;

use super::{ObjectName, Route, RouteKind};
use crate::sequence::{self, Sequence};
use crate::vocab::Hostname;

/// A Route on a listener.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Attachment {
    /// The Route, shared by all listeners that it is attached to.
    pub route: Arc<Route>,
    /// Those of its hostnames, *as written in the Route*, that intersect the listener's (RT-HOST-03, MATCH-PREC-03).
    /// Empty means that the Route has none and takes every host of the listener. The listener's own hostname limits them:
    /// a request has passed it before Routes are asked.
    pub hostnames: Vec<Hostname>,
}

impl Attachment {
    /// A Route without hostnames.
    pub fn any_host(route: impl Into<Arc<Route>>) -> Self {
        Attachment {
            route: route.into(),
            hostnames: Vec::new(),
        }
    }

    /// A Route with hostnames.
    pub fn with_hostnames(
        route: impl Into<Arc<Route>>,
        hostnames: impl IntoIterator<Item = Hostname>,
    ) -> Self {
        Attachment {
            route: route.into(),
            hostnames: hostnames.into_iter().collect(),
        }
    }

    /// Whether it is the same Route object, unchanged and shared, under the same hostnames.
    pub(crate) fn is_shared_with(&self, other: &Attachment) -> bool {
        Arc::ptr_eq(&self.route, &other.route) && self.hostnames == other.hostnames
    }

    fn order(&self) -> (RouteKind, &ObjectName) {
        (self.route.kind, &self.route.name)
    }
}

/// The Routes of a listener, by kind, namespace and name; each stands there once.
///
/// One that is put together from several attachments of a Route has the first one's rules and the hostnames of all of them,
/// since several parentRefs may choose one listener (MATCH-CAND-06).
///
/// Clones share everything until one of them changes, and then all but what is near the change: this is how one Route of
/// 100,000 changes without a copy of the others.
///
/// # Cost
///
/// For n Routes: a lookup or a change is O(log n), plus a copy of some dozen neighbours when they are shared.
///
/// ```
/// use gatewright::plan::{Attachment, Attachments, ObjectName, Route, RouteKind};
///
/// let named = |name: &str| Attachment::any_host(Route::http("shop", name, []));
/// let old: Attachments = [named("stock"), named("cart")].into_iter().collect();
/// let mut new = old.clone();
/// assert!(new.remove(RouteKind::Http, &ObjectName::new("shop", "cart")).is_some());
/// assert!(new.put(named("account")).is_none());
/// let names = |all: &Attachments| all.iter().map(|own| own.route.name.to_string()).collect::<Vec<_>>();
/// assert_eq!(names(&old), ["shop/cart", "shop/stock"]);
/// assert_eq!(names(&new), ["shop/account", "shop/stock"]);
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Attachments {
    list: Sequence<Attachment>,
}

impl Attachments {
    /// How many Routes there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.len() == 0
    }

    /// The Routes in order.
    pub fn iter(&self) -> AttachmentsIter<'_> {
        AttachmentsIter(self.list.iter())
    }

    /// How a Route is attached.
    pub fn get(&self, kind: RouteKind, name: &ObjectName) -> Option<&Attachment> {
        self.list.at(self.list.search(of(kind, name)).ok()?)
    }

    /// Attaches a Route in place of one of the same kind and name, which is returned.
    pub fn put(&mut self, own: Attachment) -> Option<Attachment> {
        let own = with_distinct_hostnames(own);
        match self.list.search(of(own.route.kind, &own.route.name)) {
            Ok(place) => self
                .list
                .at_mut(place)
                .map(|old| std::mem::replace(old, own)),
            Err(place) => {
                self.list.insert(place, own);
                None
            }
        }
    }

    /// Takes a Route off.
    pub fn remove(&mut self, kind: RouteKind, name: &ObjectName) -> Option<Attachment> {
        self.list.remove(self.list.search(of(kind, name)).ok()?)
    }

    /// What is attached here only and what is attached there only, by pointers first.
    ///
    /// # Cost
    ///
    /// O(n / 48) for n Routes, plus those near a change.
    pub(crate) fn difference<'a>(
        &'a self,
        other: &'a Self,
    ) -> (Vec<&'a Attachment>, Vec<&'a Attachment>) {
        let (here, there) = self.list.unshared(&other.list);
        let (mut here, mut there) = (
            here.into_iter().flatten().peekable(),
            there.into_iter().flatten().peekable(),
        );
        let (mut only_here, mut only_there) = (Vec::new(), Vec::new());
        loop {
            let order = match (here.peek(), there.peek()) {
                (None, None) => return (only_here, only_there),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) if a.is_shared_with(b) => {
                    here.next();
                    there.next();
                    continue;
                }
                (Some(a), Some(b)) => a.order().cmp(&b.order()),
            };
            if order.is_le() {
                only_here.extend(here.next());
            }
            if order.is_ge() {
                only_there.extend(there.next());
            }
        }
    }
}

fn of<'n>(kind: RouteKind, name: &'n ObjectName) -> impl Fn(&Attachment) -> Ordering + 'n {
    move |own| own.order().cmp(&(kind, name))
}

impl FromIterator<Attachment> for Attachments {
    fn from_iter<I: IntoIterator<Item = Attachment>>(all: I) -> Self {
        let mut all: Vec<Attachment> = all.into_iter().map(with_distinct_hostnames).collect();
        if !all.is_sorted_by(|a, b| a.order() < b.order()) {
            all.sort_by(|a, b| a.order().cmp(&b.order()));
            all.dedup_by(|later, own| {
                let is_same = own.order() == later.order();
                if is_same {
                    merge(own, later);
                }
                is_same
            });
        }
        Attachments {
            list: all.into_iter().collect(),
        }
    }
}

/// A Route that reaches the listener without hostnames takes every host.
fn merge(own: &mut Attachment, later: &Attachment) {
    if own.hostnames.is_empty() || later.hostnames.is_empty() {
        own.hostnames.clear();
    } else {
        add_new(&mut own.hostnames, &later.hostnames);
    }
}

fn with_distinct_hostnames(mut own: Attachment) -> Attachment {
    if own.hostnames.len() > 1 {
        let mut distinct = Vec::with_capacity(own.hostnames.len());
        add_new(&mut distinct, &own.hostnames);
        own.hostnames = distinct;
    }
    own
}

fn add_new(known: &mut Vec<Hostname>, more: &[Hostname]) {
    for hostname in more {
        if !known.contains(hostname) {
            known.push(hostname.clone());
        }
    }
}

/// The Route of a number in their order.
impl Index<usize> for Attachments {
    type Output = Attachment;

    #[expect(clippy::expect_used, reason = "indexing panics by its contract")]
    fn index(&self, number: usize) -> &Attachment {
        self.list.nth(number).expect("fewer Routes are attached")
    }
}

impl fmt::Debug for Attachments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list.fmt(f)
    }
}

/// The Routes of a listener in order.
#[derive(Clone, Debug)]
pub struct AttachmentsIter<'a>(sequence::Iter<'a, Attachment>);

impl<'a> Iterator for AttachmentsIter<'a> {
    type Item = &'a Attachment;

    fn next(&mut self) -> Option<&'a Attachment> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for AttachmentsIter<'_> {}

impl<'a> IntoIterator for &'a Attachments {
    type Item = &'a Attachment;
    type IntoIter = AttachmentsIter<'a>;

    fn into_iter(self) -> AttachmentsIter<'a> {
        self.iter()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Attachments {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Attachments {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Attachment>::deserialize(deserializer).map(Attachments::from_iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attachment(name: &str, hostnames: &[&str]) -> Attachment {
        let hostnames = hostnames.iter().map(|name| Hostname::parse(name).unwrap());
        Attachment::with_hostnames(Route::http("shop", name, []), hostnames)
    }

    fn hostnames(all: &Attachments, number: usize) -> Vec<&str> {
        all[number].hostnames.iter().map(Hostname::as_str).collect()
    }

    /// MATCH-CAND-06: one Route, one entry, with the hostnames of all attachments.
    #[test]
    fn a_route_stands_there_once() {
        let all: Attachments = [
            attachment("b", &["x.test", "x.test"]),
            attachment("a", &["a.test"]),
            attachment("b", &["y.test", "x.test"]),
            attachment("a", &[]),
        ]
        .into_iter()
        .collect();
        assert_eq!(all.len(), 2);
        assert!(hostnames(&all, 0).is_empty());
        assert_eq!(hostnames(&all, 1), ["x.test", "y.test"]);
    }

    #[test]
    fn difference_is_what_is_not_shared() {
        let named = |number: usize| attachment(&format!("r{number:05}"), &["a.test"]);
        let old: Attachments = (0..5_000).map(named).collect();
        let mut new = old.clone();
        new.put(named(70));
        new.put(named(6_000));
        new.remove(RouteKind::Http, &ObjectName::new("shop", "r04000"));
        let (gone, come) = old.difference(&new);
        let names = |all: Vec<&Attachment>| -> Vec<String> {
            all.iter()
                .map(|own| own.route.name.name.to_string())
                .collect()
        };
        assert_eq!(names(gone), ["r00070", "r04000"]);
        assert_eq!(names(come), ["r00070", "r06000"]);
    }
}
