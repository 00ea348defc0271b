//! Gateways: their listeners and those of their sets, and what follows for the Gateway itself.

use std::collections::BTreeMap;

use super::address::{self, AddressProblem, Addresses};
use super::backend_certificate;
use super::class::ClassState;
use super::client_validation::ClientValidations;
use super::conflict::{Claim, Clash, MixedModes, Precedence};
use super::grant::Referrer;
use super::listener::{self, Holder, Judged, Surroundings};
use super::listener_set::{self, SetsByParent};
use super::namespaces::AllowedNamespaces;
use super::overlap;
use super::state::{GatewayState, Gateways, ListenerState, SetState};
use super::status::{
    Condition, Finding, GatewayAccepted, GatewayAttachedListenerSets, GatewayDefaultGateway,
    GatewayInsecureFrontendValidationMode, GatewayProgrammed, GatewayResolvedRefs,
    ListenerAccepted,
};
use super::world::{World, namespace_of};
use crate::api::{self, DefaultScope, FromNamespaces, GATEWAY_GROUP, Gateway, GatewaySpec};
use crate::plan::{ObjectName, Protocol};
use crate::vocab::{Release, Window};

/// Most listeners of one object (GW-LSTN-01, GW-LSET-21).
const MAX_LISTENERS: usize = 64;

/// Where `allowedListeners` and `tls` exist (VER-02/03).
const LISTENERS_AND_TLS: Window = Window::EXPERIMENTAL.or(Window::since(Release::V1_5));

/// Judges all Gateways of accepted classes of ours (GW-CLASS-16).
///
/// # Cost
///
/// O(n log n) in the ListenerSets of each Gateway; otherwise linear in listeners, references and hostnames.
pub(super) fn judge<'s>(
    world: &World<'s>,
    classes: &BTreeMap<&'s str, ClassState<'s>>,
) -> Gateways<'s> {
    let sets = SetsByParent::gather(world);
    let mut next_id = 0;
    let mut list = Vec::new();
    for gateway in world.listed.all::<Gateway>() {
        let class = classes.get(gateway.spec.gateway_class_name.as_str());
        let Some(class) = class.filter(|class| class.is_accepted) else {
            continue;
        };
        let name = (
            namespace_of(&gateway.metadata),
            gateway.metadata.name.as_str(),
        );
        let case = Case {
            world,
            gateway,
            name,
            controller_name: &class.object.spec.controller_name,
            sets: sets.of(name),
        };
        list.push(case.judge(&mut next_id));
    }
    Gateways::new(list, next_id)
}

/// One Gateway and what is needed to judge it.
struct Case<'w, 's> {
    world: &'w World<'s>,
    gateway: &'s Gateway,
    name: (&'s str, &'s str),
    controller_name: &'s str,
    sets: &'w [&'s api::ListenerSet],
}

/// An object with listeners, and these judged by themselves.
struct Resource<'s> {
    holder: Holder<'s>,
    listeners: Vec<Judged<'s>>,
    clashes: Vec<Option<Clash>>,
}

impl<'s> Case<'_, 's> {
    fn judge(self, next_id: &mut usize) -> GatewayState<'s> {
        let spec = &self.gateway.spec;
        let referrer = Referrer {
            group: GATEWAY_GROUP,
            kind: "Gateway",
            namespace: self.name.0,
        };
        let gateway_name = ObjectName::new(self.name.0, self.name.1);
        let wanted = spec.addresses.as_deref().unwrap_or_default();
        let addresses = address::judge(self.world, &gateway_name, wanted);
        let refusal = self.refusal(&addresses);
        let has_tls = LISTENERS_AND_TLS.holds(self.world.controller.bundle());
        let tls = spec.tls.as_ref().filter(|_| has_tls);
        let frontend = tls.and_then(|tls| tls.frontend.as_ref());
        let validations = ClientValidations::follow(self.world, referrer, frontend);
        let client_certificate = backend_certificate::follow(self.world, referrer, tls);

        let mut resources = self.resources(referrer);
        self.limit(&mut resources);
        find_clashes(self.world, &mut resources);
        let mut concluded = resources.into_iter().map(|resource| {
            let holder = resource.holder;
            let listeners = resource.listeners.into_iter().zip(resource.clashes);
            listeners
                .map(|(judged, clash)| {
                    let port = judged.port;
                    let data_plane = self.world.controller.data_plane();
                    let around = Surroundings {
                        clash,
                        validation: port.and_then(|port| validations.on_port(port)),
                        can_bind: port.is_none_or(|port| data_plane.can_bind(&gateway_name, port)),
                        is_gateway_refused: refusal.is_some(),
                    };
                    let id = *next_id;
                    *next_id += 1;
                    judged.conclude(holder, id, around)
                })
                .collect::<Vec<_>>()
        });
        let listeners = concluded.next().unwrap_or_default();
        let allowed = self.allowed_sets();
        let sets = self
            .sets
            .iter()
            .zip(allowed)
            .map(|(set, is_allowed)| SetState {
                namespace: namespace_of(&set.metadata),
                name: &set.metadata.name,
                allowed: is_allowed,
                listeners: concluded.next().unwrap_or_default(),
                object: set,
                conditions: Vec::new(),
            });
        let mut state = GatewayState {
            namespace: self.name.0,
            name: self.name.1,
            controller_name: self.controller_name,
            refused: refusal.is_some(),
            is_default: self.world.controller.is_experimental()
                && spec.default_scope == Some(DefaultScope::All),
            listeners,
            sets: sets.collect(),
            client_certificate: None,
            object: self.gateway,
            conditions: Vec::new(),
            addresses: Vec::new(),
            attached_sets: None,
        };
        mark_overlaps(&mut state);
        let release = self.world.controller.release();
        for set in &mut state.sets {
            set.conditions = listener_set::conditions(set, refusal.is_some(), release);
        }
        let facts = Facts {
            refusal,
            addresses: &addresses,
            validations: &validations,
            client_certificate: client_certificate.as_ref(),
        };
        self.attach_sets(&mut state);
        state.conditions = self.conditions(&state, facts);
        state.addresses = addresses.had;
        state.client_certificate = client_certificate.and_then(Result::ok);
        state
    }

    /// A Gateway-level reason, the gravest one (GW-COND-03).
    fn refusal(&self, addresses: &Addresses) -> Option<Finding<GatewayAccepted>> {
        if let Err(why) = self.check_parameters() {
            return Some(Finding::new(GatewayAccepted::InvalidParameters, why));
        }
        match &addresses.problem {
            Some(AddressProblem::Unsupported(why)) => Some(Finding::new(
                GatewayAccepted::UnsupportedAddress,
                why.clone(),
            )),
            _ => None,
        }
    }

    /// GW-INFRA-03.
    fn check_parameters(&self) -> Result<(), String> {
        let infrastructure = self.gateway.spec.infrastructure.as_ref();
        let Some(reference) = infrastructure.and_then(|i| i.parameters_ref.as_ref()) else {
            return Ok(());
        };
        let (group, kind, name) = (&reference.group, &reference.kind, &reference.name);
        if !self.world.controller.takes_parameters(group, kind) {
            return Err(format!(
                "infrastructure.parametersRef: kind `{group}/{kind}` is not supported"
            ));
        }
        match self
            .world
            .snapshot
            .find(group, kind, Some(self.name.0), name)
        {
            Some(_) => Ok(()),
            None => Err(format!(
                "infrastructure.parametersRef: no {kind} `{}/{name}`",
                self.name.0
            )),
        }
    }

    /// For each set whether `allowedListeners` select its namespace (GW-LSET-01/02).
    fn allowed_sets(&self) -> Vec<bool> {
        let setting = self.gateway.spec.allowed_listeners.as_ref();
        let setting = setting.and_then(|allowed| allowed.namespaces.as_ref());
        let allowed = AllowedNamespaces::read(setting, self.name.0, &FromNamespaces::None)
            .unwrap_or(AllowedNamespaces::None);
        let is_allowed = |set: &&api::ListenerSet| {
            let namespace = namespace_of(&set.metadata);
            let labels = self.world.snapshot.namespace_labels(namespace);
            allowed.allows(namespace, Some(labels))
        };
        self.sets.iter().map(is_allowed).collect()
    }

    /// The Gateway and its sets in merge order, each listener judged by itself. Sets that are not allowed have none.
    fn resources(&self, referrer: Referrer<'s>) -> Vec<Resource<'s>> {
        let own = Holder {
            referrer,
            gateway: self.name,
            set: None,
        };
        let mut resources = vec![self.resource(own, true, &self.gateway.spec.listeners)];
        for (set, is_allowed) in self.sets.iter().zip(self.allowed_sets()) {
            let holder = Holder {
                referrer: Referrer {
                    group: api::split_api_version(&set.api_version).0,
                    kind: &set.kind,
                    namespace: namespace_of(&set.metadata),
                },
                gateway: self.name,
                set: Some((namespace_of(&set.metadata), &set.metadata.name)),
            };
            resources.push(self.resource(holder, is_allowed, &set.spec.listeners));
        }
        resources
    }

    fn resource(
        &self,
        holder: Holder<'s>,
        is_allowed: bool,
        listeners: &'s [api::Listener],
    ) -> Resource<'s> {
        let listeners = if is_allowed { listeners } else { &[] };
        let mut judged: Vec<Judged<'s>> = listeners
            .iter()
            .map(|listener| listener::judge(self.world, holder, listener))
            .collect();
        refuse_equal_names(&mut judged);
        for surplus in judged.iter_mut().skip(MAX_LISTENERS) {
            surplus.refuse_as_surplus();
        }
        Resource {
            holder,
            listeners: judged,
            clashes: Vec::new(),
        }
    }

    /// The data plane's own limit hits the lowest precedence (GW-LSET-21).
    fn limit(&self, resources: &mut [Resource<'s>]) {
        let limit = self.world.controller.data_plane().listener_limit();
        let all = resources.iter_mut().flat_map(|r| &mut r.listeners);
        for surplus in all.skip(limit) {
            surplus.refuse_as_surplus();
        }
    }

    /// GW-LSET-26.
    fn attach_sets(&self, state: &mut GatewayState<'s>) {
        let is_told = self.gateway.spec.allowed_listeners.is_some() || !state.sets.is_empty();
        if is_told && self.world.controller.release() >= Release::V1_5 {
            state.attached_sets = Some(attached_sets(state));
        }
    }

    fn conditions(&self, state: &GatewayState<'s>, facts: Facts<'_>) -> Vec<Condition> {
        let spec = &self.gateway.spec;
        let mut conditions = vec![
            accepted(state, &facts).into(),
            programmed(state, &facts).into(),
        ];
        let controller = self.world.controller;
        if controller.release() >= Release::V1_5 || facts.client_certificate.is_some() {
            conditions.push(resolved(state, &facts).into());
        }
        if controller.release() == Release::V1_4
            && LISTENERS_AND_TLS.holds(controller.bundle())
            && let Some(finding) = sets_condition(state, spec)
        {
            conditions.push(finding.into());
        }
        if state.is_default {
            let message = "Routes with `useDefaultGateways: All` bind to this Gateway, scope `All`";
            conditions.push(Finding::new(GatewayDefaultGateway::DefaultGateway, message).into());
        }
        if facts.validations.is_insecure() {
            let reason = GatewayInsecureFrontendValidationMode::ConfigurationChanged;
            let message =
                "mode `AllowInsecureFallback` lets clients in without a valid certificate";
            conditions.push(Finding::new(reason, message).into());
        }
        conditions
    }
}

/// What is known about a Gateway beside its listeners.
struct Facts<'v> {
    refusal: Option<Finding<GatewayAccepted>>,
    addresses: &'v Addresses,
    validations: &'v ClientValidations,
    client_certificate: Option<&'v Result<ObjectName, Finding<GatewayResolvedRefs>>>,
}

/// Names identify listeners, in `sectionName` as in the status: of several with one name none can stand.
fn refuse_equal_names(listeners: &mut [Judged<'_>]) {
    let mut count_by_name: BTreeMap<&str, usize> = BTreeMap::new();
    for listener in listeners.iter() {
        *count_by_name.entry(listener.name).or_default() += 1;
    }
    for listener in listeners {
        if count_by_name.get(listener.name).is_some_and(|n| *n > 1) {
            let message = format!("there are several listeners `{}`", listener.name);
            listener.refuse(Finding::new(ListenerAccepted::UnsupportedValue, message));
        }
    }
}

/// GW-CONFLICT-01..12, GW-LSET-08..11.
fn find_clashes(world: &World<'_>, resources: &mut [Resource<'_>]) {
    let mixed = if world.controller.features().has("TLSRouteModeMixed") {
        MixedModes::Allowed
    } else {
        MixedModes::Refused
    };
    let mut precedence = Precedence::new(mixed);
    let mut found = Vec::with_capacity(resources.len());
    for resource in resources.iter() {
        let refused_tcp = |listener: &Judged<'_>| {
            let port = listener.port.filter(|_| listener.is_refused_tcp)?;
            precedence.against_earlier(Claim {
                port,
                protocol: Protocol::Tcp,
                hostname: None,
            })
        };
        let of_refused: Vec<Option<Clash>> = resource.listeners.iter().map(refused_tcp).collect();
        let claims: Vec<Option<Claim<'_>>> = resource.listeners.iter().map(Judged::claim).collect();
        let clashes = precedence.judge(&claims);
        let both = clashes.into_iter().zip(of_refused);
        found.push(both.map(|(clash, refused)| clash.or(refused)).collect());
    }
    for (resource, clashes) in resources.iter_mut().zip(found) {
        resource.clashes = clashes;
    }
}

/// GW-COAL-01..03.
fn mark_overlaps(state: &mut GatewayState<'_>) {
    let mut by_port: BTreeMap<u16, Vec<&mut ListenerState<'_>>> = BTreeMap::new();
    let sets = state.sets.iter_mut().flat_map(|set| &mut set.listeners);
    for listener in state.listeners.iter_mut().chain(sets) {
        if listener.accepted.holds()
            && listener.terminates_tls()
            && let Some(port) = listener.port
        {
            by_port.entry(port).or_default().push(listener);
        }
    }
    for listeners in by_port.values_mut().filter(|list| list.len() > 1) {
        let found: Vec<_> = {
            let hosts: Vec<_> = listeners.iter().map(|l| l.overlap_names()).collect();
            let certificates: Vec<_> = listeners.iter().map(|l| l.certificate_names()).collect();
            let by_host = overlap::overlapping(&hosts);
            let by_certificate = overlap::overlapping(&certificates);
            by_host.into_iter().zip(by_certificate).collect()
        };
        for (listener, (by_host, by_certificate)) in listeners.iter_mut().zip(found) {
            listener.overlap = ListenerState::overlap_finding(by_host, by_certificate);
        }
    }
}

fn attached_sets(state: &GatewayState<'_>) -> usize {
    let is_attached = |set: &&SetState<'_>| set.allowed && set.is_accepted();
    state.sets.iter().filter(is_attached).count()
}

/// GW-LSET-27.
fn sets_condition(
    state: &GatewayState<'_>,
    spec: &GatewaySpec,
) -> Option<Finding<GatewayAttachedListenerSets>> {
    if spec.allowed_listeners.is_none() && state.sets.is_empty() {
        return None;
    }
    let attached = attached_sets(state);
    Some(if attached > 0 {
        Finding::new(
            GatewayAttachedListenerSets::ListenerSetsAttached,
            format!("{attached} attached"),
        )
    } else if !state.sets.is_empty() && !state.sets.iter().any(|set| set.allowed) {
        Finding::new(
            GatewayAttachedListenerSets::ListenerSetsNotAllowed,
            "no set that refers to the Gateway is allowed",
        )
    } else {
        Finding::new(
            GatewayAttachedListenerSets::NoListenerSetsAttached,
            "none is attached",
        )
    })
}

/// GW-COND-01..04, GW-CONFLICT-14/15, GW-LSET-38.
fn accepted(state: &GatewayState<'_>, facts: &Facts<'_>) -> Finding<GatewayAccepted> {
    let mut finding = match &facts.refusal {
        Some(refusal) => refusal.clone(),
        None => accepted_by_listeners(&state.listeners),
    };
    let mut https_ports: Vec<u16> = state
        .merged_listeners()
        .filter(|listener| listener.protocol == Some(Protocol::Https))
        .filter_map(|listener| listener.port)
        .collect();
    https_ports.sort_unstable();
    https_ports.dedup();
    let unshown = facts.validations.unshown(&https_ports);
    if !unshown.is_empty() {
        finding.message = format!(
            "{}; tls.frontend: {}",
            finding.message,
            listener::joined(unshown.into_iter())
        )
        .into();
    }
    finding
}

fn accepted_by_listeners(listeners: &[ListenerState<'_>]) -> Finding<GatewayAccepted> {
    let (usable, unusable): (Vec<_>, Vec<_>) = listeners
        .iter()
        .partition(|listener| listener.accepted.holds());
    if unusable.is_empty() {
        return Finding::new(GatewayAccepted::Accepted, "the Gateway is accepted");
    }
    let refused: Vec<String> = unusable
        .iter()
        .map(|listener| {
            let reason = api::reason::Reason::as_str(&listener.accepted.reason);
            format!("`{}` ({reason})", listener.name)
        })
        .collect();
    let refused = listener::joined(refused.iter().map(String::as_str));
    if usable.is_empty() {
        let message = format!("no listener is usable: {refused}");
        return Finding::new(GatewayAccepted::ListenersNotValid, message);
    }
    let names: Vec<String> = usable.iter().map(|l| format!("`{}`", l.name)).collect();
    let names = listener::joined(names.iter().map(String::as_str));
    let message = format!("listeners not usable: {refused}; usable: {names}");
    Finding::new(GatewayAccepted::SomeListenersNotValid, message)
}

/// GW-COND-05/06, GW-ADDR-02..05.
fn programmed(state: &GatewayState<'_>, facts: &Facts<'_>) -> Finding<GatewayProgrammed> {
    if facts.refusal.is_some() {
        return Finding::new(GatewayProgrammed::Invalid, "the Gateway is not accepted");
    }
    match &facts.addresses.problem {
        Some(AddressProblem::NotUsable(why)) => {
            return Finding::new(GatewayProgrammed::AddressNotUsable, why.clone());
        }
        Some(AddressProblem::NotAssigned(why)) => {
            return Finding::new(GatewayProgrammed::AddressNotAssigned, why.clone());
        }
        Some(AddressProblem::Unsupported(_)) | None => {}
    }
    if state.merged_listeners().any(|listener| listener.programmed) {
        Finding::new(GatewayProgrammed::Programmed, "the Gateway is programmed")
    } else {
        Finding::new(GatewayProgrammed::Invalid, "no listener is programmed")
    }
}

/// GW-COND-12, GW-BCC-02/03.
fn resolved(state: &GatewayState<'_>, facts: &Facts<'_>) -> Finding<GatewayResolvedRefs> {
    if let Some(Err(finding)) = facts.client_certificate {
        return finding.clone();
    }
    let unresolved: Vec<String> = state
        .listeners
        .iter()
        .filter(|listener| !listener.resolved.holds())
        .map(|listener| format!("`{}`", listener.name))
        .collect();
    if unresolved.is_empty() {
        return Finding::new(
            GatewayResolvedRefs::ResolvedRefs,
            "all references are resolved",
        );
    }
    let names = listener::joined(unresolved.iter().map(String::as_str));
    let message = format!("references are not resolved of listeners {names}");
    Finding::new(GatewayResolvedRefs::ListenersNotResolved, message)
}
