//! Which listeners of one parent a Route attaches to.
//!
//! The attachment pass proper: takes a Route's facts, one parentRef and the listeners of the object that it names; asks
//! every question of every listener, and says where the Route is attached or which question left nothing. It refuses to
//! know the Route's rules, other Routes, and whether listeners are healthy (RT-ATT-06).

use super::hostnames::RouteHostnames;
use super::namespaces::Labels;
use super::parent::ParentRef;
use super::state::{ListenerHostname, ListenerState};
use super::status::{Finding, RouteAccepted};
use crate::api::Open;
use crate::plan::RouteKind;
use crate::vocab::Hostname;

/// What of a Route matters for attachment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'r> {
    /// Its kind.
    pub(super) kind: RouteKind,
    /// Its namespace.
    pub(super) namespace: &'r str,
    /// The labels of its namespace, if anybody described it.
    pub(super) labels: Option<&'r Labels>,
    /// Its hostnames; unlimited for kinds that have none (RT-HOST-01).
    pub(super) hostnames: &'r RouteHostnames,
    /// Its hostnames as written.
    pub(super) written: &'r [Open<Hostname>],
}

/// The questions, in the order in which they decide (RT-ATT-01). One bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Checks(u8);

impl Checks {
    /// The listener has the name that the parentRef asks for.
    pub(super) const SECTION: Checks = Checks(1);
    /// The listener has the port that the parentRef asks for.
    pub(super) const PORT: Checks = Checks(1 << 1);
    /// The listener takes the kind.
    pub(super) const KIND: Checks = Checks(1 << 2);
    /// The listener takes the namespace.
    pub(super) const NAMESPACE: Checks = Checks(1 << 3);
    /// Some hostname of the Route fits the listener.
    pub(super) const HOSTNAME: Checks = Checks(1 << 4);
    /// No Route of another kind wins on the listener.
    pub(super) const PRECEDENCE: Checks = Checks(1 << 5);

    /// The first stage: the listener is meant.
    const NAMED: Checks = Checks(Checks::SECTION.0 | Checks::PORT.0);
    /// The first two stages: the listener is meant and lets the Route in.
    const ALLOWED: Checks = Checks(Checks::NAMED.0 | Checks::KIND.0 | Checks::NAMESPACE.0);
    /// All stages that one Route decides by itself.
    const FITTING: Checks = Checks(Checks::ALLOWED.0 | Checks::HOSTNAME.0);

    /// Whether the Route is attached, if nothing else refuses it.
    pub(super) fn all_passed(self) -> bool {
        self.include(Checks(Checks::FITTING.0 | Checks::PRECEDENCE.0))
    }

    /// Whether all checks of `other` passed.
    pub(super) fn include(self, other: Checks) -> bool {
        self.0 & other.0 == other.0
    }

    /// These and those of `other` when `passed`.
    fn with(self, other: Checks, passed: bool) -> Checks {
        Checks(if passed { self.0 | other.0 } else { self.0 })
    }

    /// These without those of `other`.
    pub(super) fn without(self, other: Checks) -> Checks {
        Checks(self.0 & !other.0)
    }
}

/// A listener as one parentRef saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListenerCheck {
    /// [`ListenerState::id`].
    pub(super) listener: u32,
    /// What passed.
    pub(super) passed: Checks,
}

/// A listener that a Route is attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reached {
    /// [`ListenerState::id`].
    pub(super) listener: u32,
    /// The Route's hostnames that fit, as written; empty for every host.
    pub(super) hostnames: Vec<Hostname>,
}

/// What one parentRef comes to, before content and other Routes are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attempt {
    /// Every listener of the parent, in order.
    pub(super) checks: Vec<ListenerCheck>,
    /// The listeners that are left, or why none is.
    pub(super) outcome: Result<Vec<Reached>, Finding<RouteAccepted>>,
}

/// Asks every listener of a parent.
///
/// # Cost
///
/// O(listeners * (kinds + labels + hostnames)).
///
/// # Spec
///
/// RT-ATT-01..06, RT-HOST-03..08, RT-PREF-03..05.
pub(super) fn attempt(
    route: Candidate<'_>,
    reference: &ParentRef<'_>,
    listeners: &[ListenerState<'_>],
) -> Attempt {
    let mut checks = Vec::with_capacity(listeners.len());
    let mut reached = Vec::new();
    for listener in listeners {
        let hostnames = fitting_hostnames(route, listener);
        let passed = Checks(Checks::PRECEDENCE.0)
            .with(Checks::SECTION, reference.names_section(listener))
            .with(Checks::PORT, reference.names_port(listener))
            .with(Checks::KIND, listener.kinds.contains(&route.kind))
            .with(
                Checks::NAMESPACE,
                listener.namespaces.allows(route.namespace, route.labels),
            )
            .with(Checks::HOSTNAME, hostnames.is_some());
        let id = u32::try_from(listener.id).unwrap_or(u32::MAX);
        checks.push(ListenerCheck {
            listener: id,
            passed,
        });
        if let (true, Some(hostnames)) = (passed.include(Checks::FITTING), hostnames) {
            reached.push(Reached {
                listener: id,
                hostnames,
            });
        }
    }
    let outcome = if reached.is_empty() {
        Err(refusal(route, reference, listeners, &checks))
    } else {
        Ok(reached)
    };
    Attempt { checks, outcome }
}

fn fitting_hostnames(route: Candidate<'_>, listener: &ListenerState<'_>) -> Option<Vec<Hostname>> {
    match route.kind {
        // Neither these Routes nor their listeners have hostnames (RT-HOST-01).
        RouteKind::Tcp | RouteKind::Udp => Some(Vec::new()),
        _ => route.hostnames.fitting(&listener.hostname),
    }
}

/// The reason of the last stage that some listener reached (RT-ATT-05), with what stood against the Route there.
fn refusal(
    route: Candidate<'_>,
    reference: &ParentRef<'_>,
    listeners: &[ListenerState<'_>],
    checks: &[ListenerCheck],
) -> Finding<RouteAccepted> {
    let reaching = |stage: Checks| {
        let pairs = listeners.iter().zip(checks);
        pairs
            .filter(move |(_, check)| check.passed.include(stage))
            .map(|(listener, _)| listener)
    };
    if reaching(Checks::ALLOWED).next().is_some() {
        let message = format!(
            "none of the hostnames {} fits {}",
            quoted(route.written.iter().map(Open::as_str)),
            described(reaching(Checks::ALLOWED), |listener| {
                match &listener.hostname {
                    ListenerHostname::Any => "any hostname".to_owned(),
                    ListenerHostname::Name(name) => format!("hostname `{name}`"),
                    ListenerHostname::Unusable(text) => format!("unusable hostname `{text}`"),
                }
            })
        );
        return Finding::new(RouteAccepted::NoMatchingListenerHostname, message);
    }
    if reaching(Checks::NAMED).next().is_some() {
        let message = format!(
            "no listener takes a {} from namespace `{}`: {}",
            route.kind,
            route.namespace,
            described(reaching(Checks::NAMED), |listener| {
                let kind = listener.kinds.contains(&route.kind);
                let namespace = listener.namespaces.allows(route.namespace, route.labels);
                match (kind, namespace) {
                    (false, false) => "neither kind nor namespace",
                    (false, true) => "not the kind",
                    (true, _) => "not the namespace",
                }
                .to_owned()
            })
        );
        return Finding::new(RouteAccepted::NotAllowedByListeners, message);
    }
    Finding::new(
        RouteAccepted::NoMatchingParent,
        match (reference.section, reference.port) {
            _ if listeners.is_empty() => "the parent offers no listeners".to_owned(),
            (Some(section), Some(port)) => {
                format!("no listener `{section}` has port {port}")
            }
            (Some(section), None) => format!("there is no listener `{section}`"),
            (None, Some(port)) => format!("no listener has port {port}"),
            (None, None) => "the parent offers no listeners".to_owned(),
        },
    )
}

/// Names listeners, each with what `tell` says about it; a long list is cut.
fn described<'w, 's: 'w>(
    listeners: impl Iterator<Item = &'w ListenerState<'s>>,
    tell: impl Fn(&ListenerState<'s>) -> String,
) -> String {
    listed(listeners.map(|listener| format!("listener `{}` ({})", listener.name, tell(listener))))
}

/// Texts in backticks; a long list is cut.
pub(super) fn quoted<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    listed(texts.map(|text| format!("`{text}`")))
}

/// Texts behind one another; a long list is cut, since messages are limited (GW-STAT-08).
pub(super) fn listed(texts: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 5;
    let mut joined = String::new();
    let mut count = 0usize;
    for text in texts {
        if count < SHOWN {
            if count > 0 {
                joined.push_str(", ");
            }
            joined.push_str(&text);
        }
        count = count.saturating_add(1);
    }
    if count > SHOWN {
        joined.push_str(&format!(" and {} more", count - SHOWN));
    }
    joined
}
