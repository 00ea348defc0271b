//! BackendTLSPolicies: which one governs which port, what it asks for, and what their statuses say.
//!
//! A pass of `resolve` in two steps: an index of policies before Routes are lowered, and their ancestors after Routes are
//! attached. It refuses to know Routes; it hears which Gateways reach which targets.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::attach::listed;
use super::grant::{Referrer, Target};
use super::parent::GATEWAY_GROUP;
use super::policy::{self, Contests, Reach, TargetIndex};
use super::reading::AuthorityProblem;
use super::status::{BackendTlsPolicyAccepted, BackendTlsPolicyResolvedRefs, Finding, Owners};
use super::world::World;
use crate::api::{
    self, BackendTlsPolicy, LocalObjectReference, Service, ServiceProtocol, SubjectAltNameType,
    WellKnownCaCertificates,
};
use crate::plan::{BackendTarget, BackendTls, ObjectName, SubjectAltName, TrustAnchors};
use crate::snapshot::Snapshot;

/// BackendTLSPolicies by target.
#[derive(Debug, Default)]
pub(super) struct TlsPolicies<'s> {
    /// Sorted by seniority.
    policies: Vec<TlsPolicy<'s>>,
    targets: TargetIndex<'s>,
    contests: HashMap<u32, Contests<'s>>,
}

/// One policy.
#[derive(Debug)]
pub(super) struct TlsPolicy<'s> {
    object: &'s BackendTlsPolicy,
    /// What it does to connections.
    pub(super) effect: TlsEffect,
    /// Gateways that its status has no room for: there it counts as one that cannot be met (BTLS-21).
    pub(super) unserved: BTreeSet<u32>,
    content: Result<(), Finding<BackendTlsPolicyAccepted>>,
    resolved: Finding<BackendTlsPolicyResolvedRefs>,
    targets: Vec<TlsTarget<'s>>,
}

/// One Service that a policy names.
#[derive(Clone, Debug)]
struct TlsTarget<'s> {
    number: u32,
    service: &'s str,
    section: Option<&'s str>,
    standing: Standing,
}

/// How a policy stands at a target.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    /// In force.
    Governs,
    /// Another policy, of this name, is in force.
    Lost(String),
    /// The Service has no such port.
    NoSection,
    /// The port, or every port, speaks something else than TCP (BTLS-23).
    NotTcp,
}

/// What a policy does to connections.
#[derive(Clone, Debug)]
pub(super) enum TlsEffect {
    /// They use TLS like this.
    Tls(Arc<BackendTls>),
    /// They fail (BTLS-17).
    Fail,
}

/// What a policy's status says at one Gateway.
#[derive(Clone, Debug)]
pub(super) struct TlsAncestor {
    /// The Gateway, by its place in the list.
    pub(super) gateway: u32,
    /// `Accepted`.
    pub(super) accepted: Finding<BackendTlsPolicyAccepted>,
    /// `ResolvedRefs`.
    pub(super) resolved: Finding<BackendTlsPolicyResolvedRefs>,
}

impl TlsPolicy<'_> {
    /// The name for messages.
    pub(super) fn display_name(&self) -> String {
        let metadata = &self.object.metadata;
        format!("{}/{}", policy::namespace_of(metadata), metadata.name)
    }
}

impl<'s> TlsPolicies<'s> {
    /// Reads all policies of a snapshot and settles which one governs what.
    ///
    /// # Cost
    ///
    /// O(p log p) for p pairs of policy and target, plus reading each authority once per reference.
    ///
    /// # Spec
    ///
    /// BTLS-02..14, BTLS-22..24.
    pub(super) fn read(world: &World<'s>) -> Self {
        let mut index = TlsPolicies::default();
        if !world.controller.features().has("BackendTLSPolicy") {
            return index;
        }
        let all = world.listed.all::<BackendTlsPolicy>();
        let mut objects: Vec<&'s BackendTlsPolicy> = all.collect();
        objects.sort_by_cached_key(|object| policy::seniority(&object.metadata));
        for (place, object) in objects.into_iter().enumerate() {
            let targets = index.enter(place, object, world.snapshot);
            index.policies.push(read_policy(object, targets, world));
        }
        index.settle();
        index
    }

    /// The policy that governs a port of a Service: one for the port before one for the whole Service (BTLS-06).
    pub(super) fn governing(
        &self,
        namespace: &str,
        service: &str,
        port: Option<&str>,
    ) -> Option<&TlsPolicy<'s>> {
        let contests = self.contests.get(&self.targets.get(namespace, service)?)?;
        let section = port.and_then(|port| contests.sections.get(port));
        let winner = section
            .and_then(policy::Contest::winner)
            .or_else(|| contests.whole.winner())?;
        self.policies.get(winner)
    }

    /// The Services that policies target.
    pub(super) fn targets(&self) -> &TargetIndex<'s> {
        &self.targets
    }

    /// The policies with Gateways that their statuses have no room for, and these Gateways.
    pub(super) fn unserved(&self) -> impl Iterator<Item = (&'s BackendTlsPolicy, &BTreeSet<u32>)> {
        let all = self.policies.iter();
        all.filter(|policy| !policy.unserved.is_empty())
            .map(|policy| (policy.object, &policy.unserved))
    }

    /// The number of a Service that some policy targets.
    pub(super) fn target(&self, namespace: &str, service: &str) -> Option<u32> {
        self.targets.get(namespace, service)
    }

    /// Enters the targets of a policy into their contests; Services that do not exist and other kinds are left out
    /// (BTLS-22, BTLS-24).
    fn enter(
        &mut self,
        place: usize,
        object: &'s BackendTlsPolicy,
        snapshot: &'s Snapshot,
    ) -> Vec<TlsTarget<'s>> {
        let namespace = policy::namespace_of(&object.metadata);
        let mut targets = Vec::new();
        for reference in &object.spec.target_refs {
            if !reference.group.is_empty() || reference.kind != "Service" {
                continue;
            }
            let Some(service) = snapshot.get::<Service>(Some(namespace), &reference.name) else {
                continue;
            };
            let number = self.targets.number(namespace, &reference.name);
            let section = reference.section_name.as_ref().map(api::Open::as_str);
            let section = section.filter(|section| !section.is_empty());
            let standing = standing_at(service, section);
            if standing == Standing::Governs {
                let contests = self.contests.entry(number).or_default();
                match section {
                    None => contests.whole.enter(place),
                    Some(section) => contests.sections.entry(section).or_default().enter(place),
                }
            }
            targets.push(TlsTarget {
                number,
                service: &reference.name,
                section,
                standing,
            });
        }
        targets
    }

    /// Tells the losers of each contest who won.
    fn settle(&mut self) {
        let mut lost: Vec<(usize, u32, Option<&'s str>, usize)> = Vec::new();
        for (number, contests) in &self.contests {
            let whole = std::iter::once((None, &contests.whole));
            let sections = contests.sections.iter();
            for (section, contest) in whole.chain(sections.map(|(name, c)| (Some(*name), c))) {
                if let Some(winner) = contest.winner() {
                    lost.extend(contest.losers().map(|l| (l, *number, section, winner)));
                }
            }
        }
        for (loser, number, section, winner) in lost {
            let name = self.policies.get(winner).map(TlsPolicy::display_name);
            let Some(policy) = self.policies.get_mut(loser) else {
                continue;
            };
            for target in &mut policy.targets {
                if (target.number, target.section) == (number, section) {
                    target.standing = Standing::Lost(name.clone().unwrap_or_default());
                }
            }
        }
    }

    /// What the statuses of all policies say, each at every Gateway that reaches a target of it, in the order of the
    /// objects; remembers for which Gateways there is no room.
    ///
    /// # Spec
    ///
    /// BTLS-04, BTLS-05, BTLS-13..15, BTLS-19..25.
    pub(super) fn judge(
        &mut self,
        reach: &Reach,
        owners: &Owners,
    ) -> Vec<(&'s BackendTlsPolicy, Vec<TlsAncestor>)> {
        let mut judged = Vec::with_capacity(self.policies.len());
        for policy in &mut self.policies {
            let numbers = policy.targets.iter().map(|target| target.number);
            let previous = policy.object.status.as_ref();
            let (ancestors, left_out) = policy::ancestors(numbers, reach, previous, owners);
            policy.unserved = left_out.into_iter().collect();
            let entries = ancestors.into_iter().map(|gateway| TlsAncestor {
                gateway,
                accepted: policy.accepted_at(gateway, reach),
                resolved: policy.resolved.clone(),
            });
            judged.push((policy.object, entries.collect()));
        }
        judged
    }

    /// Whether some policy has a Gateway that its status has no room for.
    pub(super) fn has_unserved(&self) -> bool {
        self.policies
            .iter()
            .any(|policy| !policy.unserved.is_empty())
    }

    /// Whether a policy on this target has no room for the Gateway.
    pub(super) fn is_unserved(&self, target: u32, gateway: u32) -> bool {
        self.policies.iter().any(|policy| {
            policy.unserved.contains(&gateway)
                && policy.targets.iter().any(|own| own.number == target)
        })
    }
}

impl TlsPolicy<'_> {
    /// `Accepted` at one Gateway (BTLS-25).
    fn accepted_at(&self, gateway: u32, reach: &Reach) -> Finding<BackendTlsPolicyAccepted> {
        let reached = |target: &&TlsTarget<'_>| {
            reach
                .get(&target.number)
                .is_some_and(|gateways| gateways.contains_key(&gateway))
        };
        let missing = self
            .targets
            .iter()
            .filter(reached)
            .filter(|target| target.standing == Standing::NoSection);
        let missing = listed(missing.map(|target| {
            format!(
                "Service `{}` has no port `{}`",
                target.service,
                target.section.unwrap_or_default()
            )
        }));
        if !missing.is_empty() {
            return Finding::new(BackendTlsPolicyAccepted::TargetNotFound, missing);
        }
        let lost = listed(
            self.targets
                .iter()
                .filter_map(|target| match &target.standing {
                    Standing::Lost(winner) => Some(format!(
                        "policy `{winner}` takes precedence for {}",
                        target.display()
                    )),
                    _ => None,
                }),
        );
        if !lost.is_empty() {
            return Finding::new(BackendTlsPolicyAccepted::Conflicted, lost);
        }
        if let Err(finding) = &self.content
            && finding.reason == BackendTlsPolicyAccepted::Invalid
        {
            return finding.clone();
        }
        let not_tcp = self
            .targets
            .iter()
            .filter(|target| target.standing == Standing::NotTcp);
        let not_tcp = listed(not_tcp.map(TlsTarget::display));
        if !not_tcp.is_empty() {
            let message = format!("not reached by TCP: {not_tcp}");
            return Finding::new(BackendTlsPolicyAccepted::Invalid, message);
        }
        match &self.content {
            Err(finding) => finding.clone(),
            Ok(()) => Finding::new(BackendTlsPolicyAccepted::Accepted, "the policy is in force"),
        }
    }
}

impl TlsTarget<'_> {
    fn display(&self) -> String {
        match self.section {
            Some(section) => format!("port `{section}` of Service `{}`", self.service),
            None => format!("Service `{}`", self.service),
        }
    }
}

/// How a policy would stand at a target without competitors (BTLS-22, BTLS-23).
fn standing_at(service: &Service, section: Option<&str>) -> Standing {
    let is_tcp = |port: &&api::ServicePort| *port.protocol() == ServiceProtocol::Tcp;
    let ports = service.ports();
    match section {
        Some(name) => {
            let named = || {
                ports
                    .iter()
                    .filter(|port| port.name.as_deref() == Some(name))
            };
            if named().next().is_none() {
                Standing::NoSection
            } else if named().any(|port| is_tcp(&port)) {
                Standing::Governs
            } else {
                Standing::NotTcp
            }
        }
        None if ports.is_empty() || ports.iter().any(|port| is_tcp(&port)) => Standing::Governs,
        None => Standing::NotTcp,
    }
}

fn read_policy<'s>(
    object: &'s BackendTlsPolicy,
    targets: Vec<TlsTarget<'s>>,
    world: &World<'s>,
) -> TlsPolicy<'s> {
    let namespace = policy::namespace_of(&object.metadata);
    let references = object.spec.validation.ca_certificate_refs.as_deref();
    let authorities = read_authorities(references.unwrap_or_default(), namespace, world);
    let with_names = world
        .controller
        .features()
        .has("BackendTLSPolicySANValidation");
    let content = match read_validation(&object.spec.validation, with_names) {
        Err(message) => Err(Finding::new(BackendTlsPolicyAccepted::Invalid, message)),
        Ok(content) => Ok(content),
    };
    let none_left =
        references.is_some_and(|refs| !refs.is_empty()) && authorities.usable.is_empty();
    let content = content.and_then(|content| {
        if none_left {
            let message = format!(
                "no usable authority is left: {}",
                authorities.resolved.message
            );
            Err(Finding::new(
                BackendTlsPolicyAccepted::NoValidCaCertificate,
                message,
            ))
        } else {
            Ok(content)
        }
    });
    let trust = match references {
        Some(refs) if !refs.is_empty() => TrustAnchors::References(authorities.usable),
        _ => TrustAnchors::System,
    };
    let (effect, content) = match content {
        Ok((hostname, subject_alt_names)) => (
            TlsEffect::Tls(Arc::new(BackendTls {
                hostname,
                subject_alt_names,
                trust,
            })),
            Ok(()),
        ),
        Err(finding) => (TlsEffect::Fail, Err(finding)),
    };
    TlsPolicy {
        object,
        effect,
        unserved: BTreeSet::new(),
        content,
        resolved: authorities.resolved,
        targets,
    }
}

/// Server name and names to authenticate, or what is wrong with the settings (BTLS-08..11).
fn read_validation(
    validation: &api::BackendTlsValidation,
    with_names: bool,
) -> Result<(Box<str>, Vec<SubjectAltName>), String> {
    let has_references = validation
        .ca_certificate_refs
        .as_deref()
        .is_some_and(|refs| !refs.is_empty());
    match (&validation.well_known_ca_certificates, has_references) {
        (Some(_), true) => {
            return Err(
                "`caCertificateRefs` and `wellKnownCACertificates` exclude each other".to_owned(),
            );
        }
        (None, false) => {
            return Err(
                "one of `caCertificateRefs` and `wellKnownCACertificates` is needed".to_owned(),
            );
        }
        (Some(WellKnownCaCertificates::System), false) | (None, true) => {}
        (Some(other), false) => {
            return Err(format!(
                "wellKnownCACertificates: found `{other}`, expected `System`"
            ));
        }
    }
    let hostname = match validation.hostname.get() {
        Some(hostname) if !hostname.is_wildcard() => hostname.as_str().into(),
        _ => {
            return Err(format!(
                "hostname: found `{}`, expected a hostname without wildcard",
                validation.hostname.as_str()
            ));
        }
    };
    let names = validation.subject_alt_names.as_deref().unwrap_or_default();
    if !names.is_empty() && !with_names {
        return Err("`subjectAltNames` are not supported".to_owned());
    }
    let names = names.iter().enumerate();
    let names = names.map(|(place, name)| {
        read_name(name).ok_or_else(|| {
            format!(
                "subjectAltNames[{place}]: expected type `Hostname` with a hostname, or `URI` with an absolute URI"
            )
        })
    });
    Ok((hostname, names.collect::<Result<_, _>>()?))
}

fn read_name(name: &api::SubjectAltName) -> Option<SubjectAltName> {
    match (&name.type_, &name.hostname, name.uri.as_deref()) {
        (SubjectAltNameType::Hostname, Some(hostname), None | Some("")) => {
            let hostname = hostname.get()?.as_str();
            Some(SubjectAltName::Hostname(hostname.into()))
        }
        (SubjectAltNameType::Uri, hostname, Some(uri))
            if hostname
                .as_ref()
                .is_none_or(|name| name.as_str().is_empty()) =>
        {
            let (scheme, _) = uri.split_once("://")?;
            let forbidden = [':', '/', '?', '#'];
            (!scheme.is_empty() && !scheme.contains(forbidden))
                .then(|| SubjectAltName::Uri(uri.into()))
        }
        _ => None,
    }
}

/// What references to authorities come to.
struct Authorities {
    usable: Vec<BackendTarget>,
    resolved: Finding<BackendTlsPolicyResolvedRefs>,
}

/// Reads every authority; the first bad reference gives the reason (BTLS-12, BTLS-14).
fn read_authorities<'s>(
    references: &'s [LocalObjectReference],
    namespace: &'s str,
    world: &World<'s>,
) -> Authorities {
    let mut usable = Vec::new();
    let mut failures: Vec<(BackendTlsPolicyResolvedRefs, String)> = Vec::new();
    for reference in references {
        match read_authority(reference, namespace, world) {
            Ok(()) => usable.push(BackendTarget {
                group: reference.group.as_str().into(),
                kind: reference.kind.as_str().into(),
                name: ObjectName::new(namespace, reference.name.as_str()),
                port: None,
            }),
            Err(failure) => failures.push(failure),
        }
    }
    let resolved = match failures.first() {
        None => Finding::new(
            BackendTlsPolicyResolvedRefs::ResolvedRefs,
            "all references are resolved",
        ),
        Some((reason, _)) => {
            let messages = failures.iter().map(|(_, message)| message.clone());
            Finding::new(*reason, listed(messages))
        }
    };
    Authorities { usable, resolved }
}

fn read_authority<'s>(
    reference: &'s LocalObjectReference,
    namespace: &'s str,
    world: &World<'s>,
) -> Result<(), (BackendTlsPolicyResolvedRefs, String)> {
    let target = Target {
        group: &reference.group,
        kind: &reference.kind,
        namespace,
        name: &reference.name,
    };
    let from = Referrer {
        group: GATEWAY_GROUP,
        kind: "BackendTLSPolicy",
        namespace,
    };
    let missing = BackendTlsPolicyResolvedRefs::InvalidCaCertificateRef;
    let permitted = world
        .grants
        .permit(from, target)
        .map_err(|denied| (missing, denied.to_string()))?;
    let reader = world.controller.certificate_reader();
    let reading = world.readings.authority(world.snapshot, reader, permitted);
    reading.map_err(|problem| {
        let reason = match &problem {
            AuthorityProblem::Kind(_) => BackendTlsPolicyResolvedRefs::InvalidKind,
            AuthorityProblem::Reference(_) => missing,
        };
        (reason, problem.message().to_owned())
    })
}
