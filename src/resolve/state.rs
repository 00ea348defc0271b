//! What the Gateway passes know when the Route passes begin, and what they get back.
//!
//! Routes attach to what is described here and read no Gateway or ListenerSet themselves. Listeners carry a dense number
//! ([`ListenerState::id`]), so that what is found per listener comes back in plain lists.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::data_plane::AddressKind;
use super::namespaces::AllowedNamespaces;
use super::overlap::Names;
use super::status::{
    Condition, Finding, ListenerAccepted, ListenerConflicted, ListenerOverlappingTlsConfig,
    ListenerProgrammed, ListenerResolvedRefs,
};
use crate::api;
use crate::plan::{self, Protocol, RouteKind, TlsMode};
use crate::vocab::Hostname;

/// The Gateways that are reconciled (GW-CLASS-16), ordered by namespace and name, with an index.
#[derive(Debug, Default)]
pub(crate) struct Gateways<'s> {
    /// The Gateways.
    pub(crate) list: Vec<GatewayState<'s>>,
    /// How many listeners there are, own ones and set entries together; their ids are below it.
    pub(crate) listener_count: usize,
    gateway_by_name: HashMap<(&'s str, &'s str), usize>,
    set_by_name: HashMap<(&'s str, &'s str), (usize, usize)>,
}

impl<'s> Gateways<'s> {
    /// Indexes the Gateways.
    pub(crate) fn new(list: Vec<GatewayState<'s>>, listener_count: usize) -> Self {
        let mut gateway_by_name = HashMap::with_capacity(list.len());
        let mut set_by_name = HashMap::new();
        for (index, gateway) in list.iter().enumerate() {
            gateway_by_name.insert((gateway.namespace, gateway.name), index);
            for (entry, set) in gateway.sets.iter().enumerate() {
                set_by_name.insert((set.namespace, set.name), (index, entry));
            }
        }
        Gateways {
            list,
            listener_count,
            gateway_by_name,
            set_by_name,
        }
    }

    /// The Gateway of this name; `None` when it is missing or not ours.
    pub(crate) fn gateway(&self, namespace: &str, name: &str) -> Option<&GatewayState<'s>> {
        self.list
            .get(*self.gateway_by_name.get(&(namespace, name))?)
    }

    /// The set of this name and its Gateway; `None` when it is missing or its Gateway is not ours.
    pub(crate) fn set(
        &self,
        namespace: &str,
        name: &str,
    ) -> Option<(&GatewayState<'s>, &SetState<'s>)> {
        let (gateway, set) = *self.set_by_name.get(&(namespace, name))?;
        let gateway = self.list.get(gateway)?;
        Some((gateway, gateway.sets.get(set)?))
    }
}

/// A Gateway that is reconciled: its class exists, is ours and accepted.
#[derive(Debug)]
pub(crate) struct GatewayState<'s> {
    /// Its namespace.
    pub(crate) namespace: &'s str,
    /// Its name.
    pub(crate) name: &'s str,
    /// That of its GatewayClass; status entries of Routes carry it.
    pub(crate) controller_name: &'s str,
    /// A Gateway-level reason of GW-COND-03 holds: nothing is served (GW-COND-15), Routes are evaluated all the same
    /// (RT-ATT-07).
    pub(crate) refused: bool,
    /// `defaultScope: All` (GW-DEF-01), already false where the bundle has no such field.
    pub(crate) is_default: bool,
    /// Its own listeners, in list order.
    pub(crate) listeners: Vec<ListenerState<'s>>,
    /// All sets that name it as parent, in merge order (GW-LSET-08).
    pub(crate) sets: Vec<SetState<'s>>,
    /// The Secret presented to backends, if it is permitted and usable (GW-BCC-01/05).
    pub(crate) client_certificate: Option<plan::ObjectName>,
    /// The object.
    pub(crate) object: &'s api::Gateway,
    /// Its conditions; nothing about Routes is in them.
    pub(crate) conditions: Vec<Condition>,
    /// Its addresses.
    pub(crate) addresses: Vec<(AddressKind, String)>,
    /// `attachedListenerSets`, when it is written (GW-LSET-26).
    pub(crate) attached_sets: Option<usize>,
}

impl<'s> GatewayState<'s> {
    /// Own listeners, then the entries of allowed sets, in merge order: those that share the Gateway's ports.
    pub(crate) fn merged_listeners(&self) -> impl Iterator<Item = &ListenerState<'s>> {
        let sets = self.sets.iter().filter(|set| set.allowed);
        self.listeners
            .iter()
            .chain(sets.flat_map(|set| &set.listeners))
    }
}

/// A ListenerSet (XListenerSet in v1.4) whose parent is one of our Gateways.
#[derive(Debug)]
pub(crate) struct SetState<'s> {
    /// Its namespace.
    pub(crate) namespace: &'s str,
    /// Its name.
    pub(crate) name: &'s str,
    /// Whether the Gateway's `allowedListeners` select it; if not, Routes find no parent in it (GW-LSET-34).
    pub(crate) allowed: bool,
    /// Its entries, in list order; none unless it is allowed (GW-LSET-05).
    pub(crate) listeners: Vec<ListenerState<'s>>,
    /// The object.
    pub(crate) object: &'s api::ListenerSet,
    /// Its conditions.
    pub(crate) conditions: Vec<Condition>,
}

/// A listener of a Gateway or an entry of a set.
#[derive(Debug)]
pub(crate) struct ListenerState<'s> {
    /// Its number among all listeners: `0..Gateways::listener_count`.
    pub(crate) id: usize,
    /// Its name.
    pub(crate) name: &'s str,
    /// Its port; `None` for an entry that asks for a dynamic one (GW-LSET-22).
    pub(crate) port: Option<u16>,
    /// What it speaks; `None` when the protocol is not supported.
    pub(crate) protocol: Option<plan::Protocol>,
    /// Its hostname; `Any` for protocols that have none.
    pub(crate) hostname: ListenerHostname<'s>,
    /// The kinds of Route that may attach, for attachment and counting; empty for an unsupported protocol or TLS mode
    /// (RT-ATT-06).
    pub(crate) kinds: Vec<RouteKind>,
    /// The kinds that the status shows: `kinds`, or none (GW-KINDS-08).
    pub(crate) shows_kinds: bool,
    /// From which namespaces Routes may attach.
    pub(crate) namespaces: AllowedNamespaces<'s>,
    /// Whether it is usable.
    pub(crate) accepted: Finding<ListenerAccepted>,
    /// Whether its references are resolved.
    pub(crate) resolved: Finding<ListenerResolvedRefs>,
    /// The conflict, if there is one.
    pub(crate) conflict: Option<Finding<ListenerConflicted>>,
    /// Whether it takes traffic, with the reason.
    pub(crate) programmed_finding: Finding<ListenerProgrammed>,
    /// Names that it shares with other listeners of the port, if there are any.
    pub(crate) overlap: Option<Finding<ListenerOverlappingTlsConfig>>,
    /// The DNS names of each usable certificate.
    pub(crate) certificate_names: Vec<Rc<[String]>>,
    /// Whether it takes traffic: then the plan has its head and wants the Routes (LISTEN-SEL-06).
    pub(crate) programmed: bool,
    /// What the plan says about it; `None` unless it is programmed.
    pub(crate) head: Option<Arc<plan::ListenerHead>>,
}

impl SetState<'_> {
    /// Whether it is accepted.
    pub(crate) fn is_accepted(&self) -> bool {
        self.conditions
            .iter()
            .any(|condition| condition.kind == "Accepted" && condition.status)
    }
}

impl ListenerState<'_> {
    /// Whether TLS ends here.
    pub(crate) fn terminates_tls(&self) -> bool {
        matches!(
            self.protocol,
            Some(Protocol::Https | Protocol::Tls(TlsMode::Terminate))
        )
    }

    /// What clients can take it for, by its hostname.
    pub(super) fn overlap_names(&self) -> Names<'_> {
        match &self.hostname {
            ListenerHostname::Any => Names::Any,
            ListenerHostname::Name(name) => Names::Only(vec![name.as_str()]),
            ListenerHostname::Unusable(_) => Names::Only(Vec::new()),
        }
    }

    /// What clients can take it for, by its certificates.
    pub(super) fn certificate_names(&self) -> Names<'_> {
        let names = self.certificate_names.iter().flat_map(|names| names.iter());
        Names::Only(names.map(String::as_str).collect())
    }

    /// Certificates say more than hostnames, hence come first (GW-COAL-01).
    pub(super) fn overlap_finding(
        by_host: bool,
        by_certificate: bool,
    ) -> Option<Finding<ListenerOverlappingTlsConfig>> {
        if by_certificate {
            Some(Finding::new(
                ListenerOverlappingTlsConfig::OverlappingCertificates,
                "a certificate covers names of another listener's certificate on this port",
            ))
        } else if by_host {
            Some(Finding::new(
                ListenerOverlappingTlsConfig::OverlappingHostnames,
                "the hostname overlaps with that of another listener on this port",
            ))
        } else {
            None
        }
    }
}

/// The hostname of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListenerHostname<'s> {
    /// None: every host.
    Any,
    /// This one.
    Name(Hostname),
    /// Something that is no hostname, for example an IP address: it matches nothing and intersects with nothing
    /// (GW-LSTN-17, RT-HOST-07).
    Unusable(&'s str),
}

/// What the Route passes found.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    /// Per [`ListenerState::id`]: how many Routes count on the listener (GW-COUNT-01..09).
    pub(crate) counts: Vec<u32>,
    /// Per [`ListenerState::id`]: what the plan attaches to the listener; read for programmed listeners only.
    pub(crate) routes: Vec<Vec<plan::Attachment>>,
}
