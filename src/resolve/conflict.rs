//! Which listeners cannot stand beside each other on a port.
//!
//! Stage: after listeners were judged by their own content. Works on [`Claim`]s alone, so that hostnames, sets and
//! Gateways mean nothing here but what they claim.

use std::collections::HashMap;

use super::status::ListenerConflicted;
use crate::plan::{Protocol, TlsMode};

/// What a listener wants for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim<'a> {
    /// The port.
    pub(super) port: u16,
    /// What is spoken there.
    pub(super) protocol: Protocol,
    /// The hostname, in lower case; `None` is a value of its own (GW-CONFLICT-01).
    pub(super) hostname: Option<&'a str>,
}

/// Whether listeners that terminate TLS may share a port with such that pass it through (GW-CONFLICT-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MixedModes {
    /// They may, by hostname.
    Allowed,
    /// They may not.
    Refused,
}

/// How a listener clashes with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clash {
    /// The reason of the condition.
    pub(super) reason: ListenerConflicted,
    /// Whether nothing but TLS modes clash, which are told apart only with a feature that is off (GW-CONFLICT-06).
    pub(super) is_of_tls_modes: bool,
}

/// Claims of any number of listeners, by port.
///
/// # Cost
///
/// Adding and asking are a few hash lookups, whatever the number of claims.
#[derive(Debug)]
pub(super) struct Claims<'a> {
    by_port: HashMap<u16, PortClaims<'a>>,
    mixed: MixedModes,
}

/// How many claims there are on one port, by what they could clash in.
#[derive(Debug, Default)]
struct PortClaims<'a> {
    http: usize,
    https: usize,
    terminate: usize,
    passthrough: usize,
    tcp: usize,
    udp: usize,
    http_by_host: HashMap<Option<&'a str>, usize>,
    tls_by_host: HashMap<Option<&'a str>, usize>,
}

impl<'a> Claims<'a> {
    /// No claims.
    pub(super) fn new(mixed: MixedModes) -> Self {
        Claims {
            by_port: HashMap::new(),
            mixed,
        }
    }

    /// Adds a claim.
    pub(super) fn add(&mut self, claim: Claim<'a>) {
        let port = self.by_port.entry(claim.port).or_default();
        match claim.protocol {
            Protocol::Http => {
                port.http += 1;
                *port.http_by_host.entry(claim.hostname).or_default() += 1;
            }
            Protocol::Https => port.https += 1,
            Protocol::Tls(TlsMode::Terminate) => port.terminate += 1,
            Protocol::Tls(TlsMode::Passthrough) => port.passthrough += 1,
            Protocol::Tcp => port.tcp += 1,
            Protocol::Udp => port.udp += 1,
        }
        if let Protocol::Https | Protocol::Tls(_) = claim.protocol {
            *port.tls_by_host.entry(claim.hostname).or_default() += 1;
        }
    }

    /// How `claim`, not among those added, clashes with them.
    pub(super) fn against(&self, claim: Claim<'_>) -> Option<Clash> {
        self.clash(claim, 0)
    }

    /// How `claim`, itself among those added, clashes with the others (GW-CONFLICT-10).
    pub(super) fn among(&self, claim: Claim<'_>) -> Option<Clash> {
        self.clash(claim, 1)
    }

    /// A problem of the port hides one of the hostname (GW-CONFLICT-12).
    fn clash(&self, claim: Claim<'_>, own: usize) -> Option<Clash> {
        let port = self.by_port.get(&claim.port)?;
        let tls = port.https + port.terminate + port.passthrough;
        let protocol = match claim.protocol {
            Protocol::Udp => port.udp > own,
            Protocol::Tcp => port.tcp > own || port.http + tls > 0,
            Protocol::Http => port.tcp + tls > 0,
            Protocol::Https | Protocol::Tls(_) => port.tcp + port.http > 0,
        };
        let other_mode = match claim.protocol {
            Protocol::Tls(TlsMode::Terminate) => port.passthrough,
            Protocol::Tls(TlsMode::Passthrough) => port.terminate,
            _ => 0,
        };
        let is_of_tls_modes = !protocol && self.mixed == MixedModes::Refused && other_mode > 0;
        let hosts = match claim.protocol {
            Protocol::Http => Some(&port.http_by_host),
            Protocol::Https | Protocol::Tls(_) => Some(&port.tls_by_host),
            Protocol::Tcp | Protocol::Udp => None,
        };
        let same_host = hosts
            .and_then(|hosts| hosts.get(&claim.hostname))
            .is_some_and(|count| *count > own);
        let reason = if protocol || is_of_tls_modes {
            ListenerConflicted::ProtocolConflict
        } else if same_host {
            ListenerConflicted::HostnameConflict
        } else {
            return None;
        };
        Some(Clash {
            reason,
            is_of_tls_modes,
        })
    }
}

/// The listeners of one resource after the other, in merge order (GW-LSET-08/09).
#[derive(Debug)]
pub(super) struct Precedence<'a> {
    /// Those that won, and those that lost among their own kind: a mistake in an earlier resource never hands its port or
    /// hostname to a later one (GW-LSET-11). Both stand in the way of later claims, so one pool is enough.
    earlier: Claims<'a>,
    mixed: MixedModes,
}

impl<'a> Precedence<'a> {
    /// Before the first resource.
    pub(super) fn new(mixed: MixedModes) -> Self {
        Precedence {
            earlier: Claims::new(mixed),
            mixed,
        }
    }

    /// Judges the claims of the next resource; `None` claims nothing. First each claim against earlier resources, then
    /// those left among themselves, without winners: the order inside a resource plays no role (GW-CONFLICT-10/17).
    pub(super) fn judge(&mut self, claims: &[Option<Claim<'a>>]) -> Vec<Option<Clash>> {
        let mut found: Vec<Option<Clash>> = claims
            .iter()
            .map(|claim| claim.and_then(|claim| self.earlier.against(claim)))
            .collect();
        let mut own = Claims::new(self.mixed);
        let left: Vec<(usize, Claim<'a>)> = claims
            .iter()
            .zip(&found)
            .enumerate()
            .filter_map(|(i, (claim, lost))| Some((i, claim.filter(|_| lost.is_none())?)))
            .collect();
        for (_, claim) in &left {
            own.add(*claim);
            self.earlier.add(*claim);
        }
        for (i, claim) in left {
            if let Some(place) = found.get_mut(i) {
                *place = own.among(claim);
            }
        }
        found
    }

    /// How a claim that takes part in nothing would clash with earlier resources (GW-CONFLICT-09).
    pub(super) fn against_earlier(&self, claim: Claim<'_>) -> Option<Clash> {
        self.earlier.against(claim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ListenerConflicted::{HostnameConflict, ProtocolConflict};

    const TERMINATE: Protocol = Protocol::Tls(TlsMode::Terminate);
    const PASSTHROUGH: Protocol = Protocol::Tls(TlsMode::Passthrough);

    fn claim(port: u16, protocol: Protocol, hostname: &str) -> Option<Claim<'_>> {
        Some(Claim {
            port,
            protocol,
            hostname: (!hostname.is_empty()).then_some(hostname),
        })
    }

    fn judge<'a>(
        order: &mut Precedence<'a>,
        claims: &[Option<Claim<'a>>],
    ) -> Vec<Option<ListenerConflicted>> {
        let found = order.judge(claims).into_iter();
        found.map(|clash| Some(clash?.reason)).collect()
    }

    fn judge_alone(claims: &[Option<Claim<'_>>]) -> Vec<Option<ListenerConflicted>> {
        judge(&mut Precedence::new(MixedModes::Allowed), claims)
    }

    /// GW-CONFLICT-01..05, -07, -08: every pair on one port, with equal and with different hostnames.
    #[test]
    fn pairs_on_one_port() {
        use Protocol::{Http, Https, Tcp, Udp};
        let (p, h) = (Some(ProtocolConflict), Some(HostnameConflict));
        for (a, b, same, different) in [
            (Http, Http, h, None),
            (Https, Https, h, None),
            (TERMINATE, TERMINATE, h, None),
            (PASSTHROUGH, PASSTHROUGH, h, None),
            (TERMINATE, PASSTHROUGH, h, None),
            (Https, TERMINATE, h, None),
            (Https, PASSTHROUGH, h, None),
            (Http, Https, p, p),
            (Http, TERMINATE, p, p),
            (Http, PASSTHROUGH, p, p),
            (Tcp, Http, p, p),
            (Tcp, Https, p, p),
            (Tcp, PASSTHROUGH, p, p),
            (Udp, Http, None, None),
            (Udp, Https, None, None),
            (Udp, TERMINATE, None, None),
        ] {
            for (host, want) in [("a.test", same), ("b.test", different)] {
                let found = judge_alone(&[claim(80, a, "a.test"), claim(80, b, host)]);
                assert_eq!(found, [want, want], "{a:?} {b:?} {host}");
            }
            let apart = judge_alone(&[claim(80, a, ""), claim(81, b, "")]);
            assert_eq!(apart, [None, None], "{a:?} {b:?} on two ports");
        }
        for protocol in [Tcp, Udp] {
            assert_eq!(
                judge_alone(&[claim(53, protocol, ""), claim(53, protocol, "")]),
                [p, p]
            );
        }
        assert_eq!(
            judge_alone(&[claim(53, Tcp, ""), claim(53, Udp, "")]),
            [None, None]
        );
    }

    /// GW-CONFLICT-01/02: an absent hostname equals only an absent one; wildcards and what they cover are distinct.
    #[test]
    fn hostnames_are_compared_as_they_are() {
        let https = |host| claim(443, Protocol::Https, host);
        let distinct = [
            https(""),
            https("*.a.test"),
            https("*.b.a.test"),
            https("x.a.test"),
        ];
        assert_eq!(judge_alone(&distinct), [None; 4]);
        assert_eq!(
            judge_alone(&[https(""), https("")]),
            [Some(HostnameConflict); 2]
        );
    }

    /// GW-CONFLICT-06: both modes on one port need the feature; HTTPS is not concerned.
    #[test]
    fn mixed_modes_without_the_feature_conflict() {
        let mut strict = Precedence::new(MixedModes::Refused);
        let found = judge(
            &mut strict,
            &[
                claim(443, TERMINATE, "a.test"),
                claim(443, PASSTHROUGH, "b.test"),
                claim(443, Protocol::Https, "c.test"),
                claim(444, PASSTHROUGH, "b.test"),
            ],
        );
        let p = Some(ProtocolConflict);
        assert_eq!(found, [p, p, None, None]);
    }

    /// GW-CONFLICT-12: the problem of the port hides that of the hostname.
    #[test]
    fn protocol_hides_hostname() {
        let found = judge_alone(&[
            claim(80, Protocol::Http, ""),
            claim(80, Protocol::Http, ""),
            claim(80, Protocol::Https, "a.test"),
        ]);
        assert_eq!(found, [Some(ProtocolConflict); 3]);
    }

    /// GW-LSET-09/10: precedence against earlier resources comes before the rule inside a resource.
    #[test]
    fn earlier_resources_win_before_siblings_clash() {
        let mut order = Precedence::new(MixedModes::Allowed);
        assert_eq!(
            judge(&mut order, &[claim(80, Protocol::Http, "gw.test")]),
            [None]
        );
        let found = judge(
            &mut order,
            &[
                claim(80, Protocol::Http, "set.test"),
                claim(80, Protocol::Tcp, ""),
            ],
        );
        assert_eq!(found, [None, Some(ProtocolConflict)]);
    }

    /// GW-LSET-11: losers against an earlier resource block nobody, losers among siblings do.
    #[test]
    fn who_blocks_later_sets() {
        let mut order = Precedence::new(MixedModes::Allowed);
        let http = |host| claim(80, Protocol::Http, host);
        judge(&mut order, &[http("a.test")]);
        let tcp_lost = judge(&mut order, &[claim(80, Protocol::Tcp, "")]);
        assert_eq!(tcp_lost, [Some(ProtocolConflict)]);
        assert_eq!(judge(&mut order, &[http("b.test")]), [None]);
        let siblings = judge(&mut order, &[http("c.test"), http("c.test")]);
        assert_eq!(siblings, [Some(HostnameConflict); 2]);
        assert_eq!(
            judge(&mut order, &[http("c.test")]),
            [Some(HostnameConflict)]
        );
    }

    /// GW-CONFLICT-09: who claims nothing neither loses nor makes others lose.
    #[test]
    fn no_claim_no_conflict() {
        let mut order = Precedence::new(MixedModes::Allowed);
        assert_eq!(
            judge(&mut order, &[None, claim(80, Protocol::Http, "")]),
            [None, None]
        );
        let switched_off = Claim {
            port: 80,
            protocol: Protocol::Tcp,
            hostname: None,
        };
        let found = order.against_earlier(switched_off);
        assert_eq!(found.map(|clash| clash.reason), Some(ProtocolConflict));
        assert_eq!(
            judge(&mut order, &[claim(80, Protocol::Http, "b.test")]),
            [None]
        );
    }
}
