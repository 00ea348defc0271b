//! Listeners that share a port and a protocol, and the choice among them.

use std::sync::Arc;

use super::table::Tables;
use crate::plan::{ListenerHead, Protocol};
use crate::vocab::Hostname;

/// A listener with what it serves.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) head: Arc<ListenerHead>,
    pub(super) tables: Tables,
}

/// Everything behind one port of a Gateway (LISTEN-SEL-01).
#[derive(Debug, Default)]
pub(super) struct Port {
    pub(super) number: u16,
    /// Cleartext HTTP.
    pub(super) http: Vec<Arc<Served>>,
    /// HTTPS and TLS, which are chosen by server name.
    pub(super) secure: Vec<Arc<Served>>,
    pub(super) tcp: Option<Arc<Served>>,
    pub(super) udp: Option<Arc<Served>>,
}

impl Port {
    pub(super) fn add(&mut self, served: Arc<Served>) {
        match served.head.protocol {
            Protocol::Http => self.http.push(served),
            Protocol::Https | Protocol::Tls(_) => self.secure.push(served),
            Protocol::Tcp => drop(self.tcp.get_or_insert(served)),
            Protocol::Udp => drop(self.udp.get_or_insert(served)),
        }
    }

    /// Whether nothing of TCP listens here.
    pub(super) fn has_no_stream(&self) -> bool {
        self.http.is_empty() && self.secure.is_empty() && self.tcp.is_none()
    }
}

/// The listener whose hostname is the most specific one that covers a host, in lower case (LISTEN-SEL-03).
pub(super) fn choose<'p>(
    pool: impl Iterator<Item = &'p Arc<Served>>,
    host: Option<&str>,
) -> Option<&'p Arc<Served>> {
    let length = |served: &Arc<Served>| served.head.hostname.as_ref().map(|own| own.as_str().len());
    let covers = |own: &Option<Hostname>| match (own, host) {
        (None, _) => true,
        (Some(own), Some(host)) => own.covers(host),
        (Some(_), None) => false,
    };
    // An exact name is longer than every wildcard that covers the same host, but for one of a one-letter label.
    let rank = |served: &Arc<Served>| {
        let is_exact = served
            .head
            .hostname
            .as_ref()
            .is_some_and(|own| !own.is_wildcard());
        (is_exact, length(served))
    };
    let mut best: Option<&Arc<Served>> = None;
    for served in pool.filter(|served| covers(&served.head.hostname)) {
        if best.is_none_or(|best| rank(served) > rank(best)) {
            best = Some(served);
        }
    }
    best
}
