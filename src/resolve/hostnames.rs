//! Hostnames of Routes against hostnames of listeners.
//!
//! Part of the attachment pass: takes the hostnames that a Route lists and that of one listener, gives the names under
//! which the Route serves there. It refuses to know why anything else might keep the Route away.

use std::collections::HashSet;

use super::state::ListenerHostname;
use crate::api::Open;
use crate::vocab::Hostname;

/// The hostnames of a Route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RouteHostnames {
    /// Usable names as written, without repetitions, in list order.
    names: Vec<Hostname>,
    /// The list is not empty: a Route whose names are all unusable is still limited (RT-HOST-07).
    limited: bool,
}

impl RouteHostnames {
    /// Reads a list. Texts that are no hostname, IP addresses among them, fit nothing (HOST-KEY-05).
    pub(super) fn read(written: &[Open<Hostname>]) -> Self {
        let mut seen = HashSet::with_capacity(written.len());
        let usable = written.iter().filter_map(Open::get);
        RouteHostnames {
            names: usable.filter(|name| seen.insert(*name)).cloned().collect(),
            limited: !written.is_empty(),
        }
    }

    /// Those of the names that fit a listener, as written in the Route; `None` when the Route serves nothing there, an
    /// empty list when it takes every host of the listener.
    ///
    /// # Spec
    ///
    /// RT-HOST-03..08.
    pub(super) fn fitting(&self, listener: &ListenerHostname<'_>) -> Option<Vec<Hostname>> {
        match listener {
            ListenerHostname::Unusable(_) => None,
            _ if !self.limited => Some(Vec::new()),
            ListenerHostname::Any => (!self.names.is_empty()).then(|| self.names.clone()),
            ListenerHostname::Name(own) => {
                let fitting = |name: &&Hostname| own.intersect(name).is_some();
                let mut names: Vec<Hostname> = self.names.iter().filter(fitting).cloned().collect();
                // PERF: the list ends in the plan, so nothing is kept in reserve.
                names.shrink_to_fit();
                (!names.is_empty()).then_some(names)
            }
        }
    }
}

/// The hosts that a Route serves on one listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ServedHosts<'a> {
    /// All.
    All,
    /// Those under these names.
    Names(Vec<&'a Hostname>),
}

impl<'a> ServedHosts<'a> {
    /// The pairwise intersections of fitting names (empty: all) with the hostname of the listener.
    ///
    /// # Spec
    ///
    /// RT-HOST-03, RT-HOST-04.
    pub(super) fn of(fitting: &'a [Hostname], listener: &'a ListenerHostname<'_>) -> Self {
        match (listener, fitting) {
            (ListenerHostname::Name(own), []) => ServedHosts::Names(vec![own]),
            (_, []) => ServedHosts::All,
            (ListenerHostname::Name(own), names) => {
                let mut served: Vec<&Hostname> =
                    names.iter().filter_map(|n| own.intersect(n)).collect();
                served.sort();
                served.dedup();
                ServedHosts::Names(served)
            }
            (_, names) => ServedHosts::Names(names.iter().collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Hostname {
        Hostname::parse(text).unwrap()
    }

    fn read(texts: &[&str]) -> RouteHostnames {
        let written: Vec<Open<Hostname>> = texts.iter().map(|text| Open::from(*text)).collect();
        RouteHostnames::read(&written)
    }

    fn fitting(route: &[&str], listener: &ListenerHostname<'_>) -> Option<Vec<String>> {
        read(route)
            .fitting(listener)
            .map(|names| names.iter().map(ToString::to_string).collect())
    }

    fn served(route: &[&str], listener: &ListenerHostname<'_>) -> Option<Vec<String>> {
        let names = read(route).fitting(listener)?;
        match ServedHosts::of(&names, listener) {
            ServedHosts::All => None,
            ServedHosts::Names(names) => Some(names.iter().map(ToString::to_string).collect()),
        }
    }

    /// RT-HOST-03: an absent list takes the listener's hostname, an absent listener hostname the Route's list.
    #[test]
    fn absence_takes_the_other_side() {
        let listener = ListenerHostname::Name(name("*.shop.test"));
        assert_eq!(fitting(&[], &ListenerHostname::Any), Some(vec![]));
        assert_eq!(served(&[], &ListenerHostname::Any), None);
        assert_eq!(fitting(&[], &listener), Some(vec![]));
        assert_eq!(served(&[], &listener), Some(vec!["*.shop.test".into()]));
        assert_eq!(
            fitting(&["a.test", "b.test"], &ListenerHostname::Any),
            Some(vec!["a.test".into(), "b.test".into()])
        );
    }

    /// RT-HOST-04, MATCH-PREC-03: the Route's own names are kept, what it serves is the narrower name.
    #[test]
    fn own_names_stay_and_the_narrower_name_is_served() {
        let listener = ListenerHostname::Name(name("very.specific.com"));
        let route = ["*.specific.com", "non.matching.com"];
        assert_eq!(
            fitting(&route, &listener),
            Some(vec!["*.specific.com".into()])
        );
        assert_eq!(
            served(&route, &listener),
            Some(vec!["very.specific.com".into()])
        );
        let wildcard = ListenerHostname::Name(name("*.foo.example.com"));
        assert_eq!(
            served(&["*.example.com"], &wildcard),
            Some(vec!["*.foo.example.com".into()])
        );
    }

    /// RT-HOST-05: a wildcard does not stand for its bare suffix.
    #[test]
    fn a_wildcard_needs_one_more_label() {
        let listener = ListenerHostname::Name(name("*.wildcard.io"));
        assert_eq!(fitting(&["wildcard.io"], &listener), None);
        assert!(fitting(&["a.wildcard.io", "b.a.wildcard.io"], &listener).is_some());
    }

    /// RT-HOST-06: names that do not fit are left out while another one fits.
    #[test]
    fn unfit_names_are_left_out() {
        let listener = ListenerHostname::Name(name("*.anotherwildcard.io"));
        assert_eq!(
            fitting(&["one.anotherwildcard.io", "other.test"], &listener),
            Some(vec!["one.anotherwildcard.io".into()])
        );
    }

    /// RT-HOST-07, HOST-KEY-05: addresses fit nothing, not even themselves or a listener without hostname.
    #[test]
    fn addresses_fit_nothing() {
        let address = ["10.1.2.3"];
        assert_eq!(fitting(&address, &ListenerHostname::Any), None);
        assert_eq!(
            fitting(&address, &ListenerHostname::Unusable("10.1.2.3")),
            None
        );
        assert_eq!(
            fitting(&["10.1.2.3", "a.test"], &ListenerHostname::Any),
            Some(vec!["a.test".into()])
        );
    }

    /// RT-HOST-08: names occur once, whatever the case they are written in.
    #[test]
    fn repetitions_are_dropped() {
        assert_eq!(
            fitting(&["a.test", "A.test", "a.test"], &ListenerHostname::Any),
            Some(vec!["a.test".into()])
        );
        let listener = ListenerHostname::Name(name("a.b.test"));
        assert_eq!(
            served(&["*.test", "*.b.test", "a.b.test"], &listener),
            Some(vec!["a.b.test".into()])
        );
    }
}
