//! Frontends of a plan, before and after.

use super::merge::Domain;
use crate::plan::{Frontend, ObjectName};

/// The frontends with new ones in the place of old ones of the same Services; `None` when they are equal.
pub(super) fn compare(
    known: &[Frontend],
    new: Vec<Frontend>,
    domain: Domain<'_>,
) -> Option<Vec<Frontend>> {
    let services = domain.services();
    let is_meant = |own: &Frontend| {
        let services = services.as_ref();
        services.is_none_or(|services| services.contains(&own.service))
    };
    if new.is_empty()
        && services
            .as_ref()
            .is_some_and(|services| services.is_empty())
    {
        return None;
    }
    let old = known.iter().filter(|own| is_meant(own));
    if old.eq(&new) {
        return None;
    }
    let others = known.iter().filter(|own| !is_meant(own));
    let mut all: Vec<Frontend> = others
        .cloned()
        .chain(new.into_iter().map(|own| keep(known, own)))
        .collect();
    all.sort_by(|a, b| order(a).cmp(&order(b)));
    Some(all)
}

/// The known frontend, if it is equal: then everything in it is shared.
fn keep(known: &[Frontend], new: Frontend) -> Frontend {
    let place = known.binary_search_by(|own| order(own).cmp(&order(&new)));
    let old = place.ok().and_then(|place| known.get(place));
    old.filter(|old| **old == new).cloned().unwrap_or(new)
}

fn order(frontend: &Frontend) -> (&ObjectName, u16) {
    (&frontend.service, frontend.port)
}
