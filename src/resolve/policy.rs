//! What policies on Services have in common: targets, precedence, ancestors.
//!
//! Part of the policy passes. It refuses to know what a policy does.

use std::collections::{BTreeMap, HashMap};

use super::seniority::Seniority;
use super::status::Owners;
use super::status::{Parent, ParentKind};
pub(super) use super::world::namespace_of;
use crate::api::{ObjectMeta, PolicyStatus};

/// Most ancestors in a status (BTLS-21, GW-STAT-07).
const MAX_ANCESTORS: usize = 16;

/// What decides between two objects (GW-STAT-13).
pub(super) fn seniority(metadata: &ObjectMeta) -> Seniority<'_> {
    Seniority {
        created: metadata.created(),
        namespace: namespace_of(metadata),
        name: &metadata.name,
    }
}

/// Who competes for one target: policies that name the same Service and the same section of it, by their places in a
/// list that is sorted by seniority. The first wins (POL-04).
#[derive(Clone, Debug, Default)]
pub(super) struct Contest {
    contenders: Vec<usize>,
}

impl Contest {
    /// Adds a policy; one that names the same target twice does not compete with itself.
    pub(super) fn enter(&mut self, policy: usize) {
        if let Err(place) = self.contenders.binary_search(&policy) {
            self.contenders.insert(place, policy);
        }
    }

    /// The policy in force.
    pub(super) fn winner(&self) -> Option<usize> {
        self.contenders.first().copied()
    }

    /// The others.
    pub(super) fn losers(&self) -> impl Iterator<Item = usize> {
        self.contenders.iter().skip(1).copied()
    }
}

/// Numbers the Services that policies target.
#[derive(Clone, Debug, Default)]
pub(super) struct TargetIndex<'s> {
    by_name: HashMap<(&'s str, &'s str), u32>,
}

impl<'s> TargetIndex<'s> {
    /// The number of a Service, made if needed.
    pub(super) fn number(&mut self, namespace: &'s str, name: &'s str) -> u32 {
        let next = u32::try_from(self.by_name.len()).unwrap_or(u32::MAX);
        *self.by_name.entry((namespace, name)).or_insert(next)
    }

    /// The Services with their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = ((&'s str, &'s str), u32)> {
        self.by_name.iter().map(|(name, number)| (*name, *number))
    }

    /// The number of a Service; `None` when no policy targets it.
    pub(super) fn get(&self, namespace: &str, name: &str) -> Option<u32> {
        self.by_name.get(&(namespace, name)).copied()
    }
}

/// Which Gateways reach which targets: for each target number the Gateways, by their places in the list, and how often.
pub(super) type Reach = HashMap<u32, BTreeMap<u32, u32>>;

/// The Gateways that a policy has as ancestors, and those for which there is no room (BTLS-19..21): own entries come
/// in the order of the Gateways, behind what other controllers wrote.
pub(super) fn ancestors(
    targets: impl Iterator<Item = u32>,
    reach: &Reach,
    previous: Option<&PolicyStatus>,
    owners: &Owners,
) -> (Vec<u32>, Vec<u32>) {
    let mut gateways: Vec<u32> = targets
        .filter_map(|target| reach.get(&target))
        .flat_map(BTreeMap::keys)
        .copied()
        .collect();
    gateways.sort_unstable();
    gateways.dedup();
    let foreign = previous.map_or(0, |status| {
        let entries = status.ancestors.iter();
        entries
            .filter(|entry| !owners.contains(&entry.controller_name))
            .count()
    });
    let room = MAX_ANCESTORS.saturating_sub(foreign).min(gateways.len());
    let left_out = gateways.split_off(room);
    (gateways, left_out)
}

/// How a policy names a Gateway as ancestor (BTLS-19).
pub(super) fn ancestor((namespace, name): (&str, &str)) -> Parent {
    Parent {
        kind: ParentKind::Gateway,
        namespace: Some(namespace.into()),
        name: name.into(),
        section: None,
        port: None,
    }
}

/// Finds the rule that a policy means by a section name (ROUTE-NAME-03/06, POL-09).
///
/// # Errors
///
/// [`UnresolvedRule`] when no rule has the name, or more than one: then the policy does not attach.
///
/// ```
/// use gatewright::resolve::{UnresolvedRule, rule_by_name};
///
/// let names = [Some("read"), None, Some("write"), Some("write")];
/// assert_eq!(rule_by_name(names, "read"), Ok(0));
/// assert_eq!(rule_by_name(names, "Read"), Err(UnresolvedRule::Missing));
/// assert_eq!(rule_by_name(names, "write"), Err(UnresolvedRule::Ambiguous));
/// ```
pub fn rule_by_name<'n>(
    names: impl IntoIterator<Item = Option<&'n str>>,
    wanted: &str,
) -> Result<usize, UnresolvedRule> {
    let mut places = names
        .into_iter()
        .enumerate()
        .filter(|(_, name)| *name == Some(wanted))
        .map(|(place, _)| place);
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(place),
        (None, _) => Err(UnresolvedRule::Missing),
        (Some(_), Some(_)) => Err(UnresolvedRule::Ambiguous),
    }
}

/// Why a section name leads to no rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnresolvedRule {
    /// No rule has the name.
    Missing,
    /// More than one rule has the name.
    Ambiguous,
}

impl std::fmt::Display for UnresolvedRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            UnresolvedRule::Missing => "no rule has this name",
            UnresolvedRule::Ambiguous => "more than one rule has this name",
        })
    }
}

impl std::error::Error for UnresolvedRule {}

/// Contests by Service and section.
#[derive(Clone, Debug, Default)]
pub(super) struct Contests<'s> {
    /// For the whole Service.
    pub(super) whole: Contest,
    /// For a port, by name.
    pub(super) sections: BTreeMap<&'s str, Contest>,
}
