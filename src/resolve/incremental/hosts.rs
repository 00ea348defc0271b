//! Whether two Routes can have a host in common.

use crate::api::{Object, Open};
use crate::resolve::route::RouteObject;
use crate::vocab::Hostname;

/// Whether they can, on any listener: by what they write, since a listener only takes hosts away (RT-HOST-03). Texts that are
/// no hostname meet nothing (RT-HOST-07).
pub(super) fn meet(a: &Object, b: &Object) -> bool {
    let (Some(a), Some(b)) = (RouteObject::of(a), RouteObject::of(b)) else {
        return false;
    };
    let (a, b) = (a.hostnames(), b.hostnames());
    a.is_empty() || b.is_empty() || usable(a).any(|a| usable(b).any(|b| a.intersect(b).is_some()))
}

fn usable(written: &[Open<Hostname>]) -> impl Iterator<Item = &Hostname> {
    written.iter().filter_map(Open::get)
}
