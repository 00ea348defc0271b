//! One listener: first judged by its own content and references, then concluded with what its surroundings say.

use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;

use super::certificate::{self, Certificates};
use super::client_validation::Validation;
use super::conflict::{Claim, Clash};
use super::grant::Referrer;
use super::kinds;
use super::namespaces::AllowedNamespaces;
use super::state::{ListenerHostname, ListenerState};
use super::status::{
    Finding, ListenerAccepted, ListenerConflicted, ListenerProgrammed, ListenerResolvedRefs,
};
use super::world::World;
use crate::api::{self, AllowedRoutes, FromNamespaces, ProtocolType, TlsModeType};
use crate::plan::{self, ObjectName, Protocol, RouteKind, TlsMode};
use crate::vocab::Hostname;

/// The resource that listeners stand in: a Gateway or a ListenerSet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder<'s> {
    /// How grants name it; its namespace is that of `Same` and of references without namespace (GW-LSET-19/32).
    pub(super) referrer: Referrer<'s>,
    /// Namespace and name of the Gateway.
    pub(super) gateway: (&'s str, &'s str),
    /// Namespace and name of the set, if it is one.
    pub(super) set: Option<(&'s str, &'s str)>,
}

/// A listener as it looks by itself.
#[derive(Debug)]
pub(super) struct Judged<'s> {
    /// Its name.
    pub(super) name: &'s str,
    /// Its port, if it has one that can be.
    pub(super) port: Option<u16>,
    /// What it speaks; `None` for a protocol that is not supported.
    pub(super) protocol: Option<Protocol>,
    /// Its hostname.
    hostname: ListenerHostname<'s>,
    kinds: Vec<RouteKind>,
    namespaces: AllowedNamespaces<'s>,
    certificates: Vec<ObjectName>,
    certificate_names: Vec<Rc<[String]>>,
    /// Names of TLS options; none is understood here (GW-CERT-09).
    ignored_options: Vec<&'s str>,
    /// The reason to give when no certificate is left (GW-CERT-05/06).
    certificate_reason: ListenerAccepted,
    /// Why it is refused for its own content; it then takes part in no conflict (GW-CONFLICT-09).
    pub(super) rejection: Option<Finding<ListenerAccepted>>,
    /// What is wrong with its references.
    problems: Vec<(ListenerResolvedRefs, String)>,
    /// Whether it is a TCP listener while TCPRoute is switched off (GW-CONFLICT-09).
    pub(super) is_refused_tcp: bool,
}

/// What the surroundings of a listener say about it.
#[derive(Debug)]
pub(super) struct Surroundings<'v> {
    /// A clash with other listeners.
    pub(super) clash: Option<Clash>,
    /// What its clients must show; `None` for nothing.
    pub(super) validation: Option<&'v Validation>,
    /// Whether its port can be bound (GW-LSTN-10).
    pub(super) can_bind: bool,
    /// Whether the Gateway is refused as a whole (GW-COND-15).
    pub(super) is_gateway_refused: bool,
}

/// Judges one listener.
///
/// # Spec
///
/// GW-LSTN-01..11, GW-KINDS-01..08, GW-NS-01..05, GW-CERT-01..10, GW-LSET-22.
pub(super) fn judge<'s>(
    world: &World<'s>,
    holder: Holder<'s>,
    listener: &'s api::Listener,
) -> Judged<'s> {
    let mut rejection = None;
    let mut reject = |reason: ListenerAccepted, message: String| {
        rejection.get_or_insert_with(|| Finding::new(reason, message));
    };
    let mut problems = Vec::new();
    let listed = listener
        .allowed_routes
        .as_ref()
        .and_then(|allowed| allowed.kinds.as_deref());

    let protocol = supported_protocol(world, listener, listed)
        .map_err(|why| reject(ListenerAccepted::UnsupportedProtocol, why))
        .ok();
    let mode_is_supported = match protocol {
        Some(protocol) => match check_tls(world, protocol, listener.tls.as_ref()) {
            Ok(()) => true,
            Err(refused) => {
                reject(ListenerAccepted::UnsupportedValue, refused.message);
                refused.keeps_kinds
            }
        },
        None => false,
    };
    let namespaces = read_namespaces(listener.allowed_routes.as_ref(), holder.referrer.namespace)
        .unwrap_or_else(|why| {
            let why = format!("allowedRoutes.namespaces: {why}");
            reject(ListenerAccepted::UnsupportedValue, why);
            AllowedNamespaces::None
        });
    let port = listener.port();
    if port.is_none() {
        match listener.port {
            None | Some(0) => reject(
                ListenerAccepted::UnsupportedPort,
                "ports are not assigned here: set `port`".to_owned(),
            ),
            Some(port) => reject(
                ListenerAccepted::UnsupportedValue,
                format!("port {port} does not lie between 1 and 65535"),
            ),
        }
    }

    let mut kinds = Vec::new();
    if let (Some(protocol), true) = (protocol, mode_is_supported) {
        let judged = kinds::judge(world.controller, protocol, listed);
        kinds = judged.valid;
        problems.extend(judged.invalid.into_iter().map(|kind| {
            let message = format!(
                "kind `{kind}` is unknown, not supported or does not fit protocol {}",
                listener.protocol
            );
            (ListenerResolvedRefs::InvalidRouteKinds, message)
        }));
    }
    let mut certificates = Certificates::default();
    if let (Some(Protocol::Https | Protocol::Tls(TlsMode::Terminate)), true) =
        (protocol, mode_is_supported)
    {
        let references = listener
            .tls
            .as_ref()
            .and_then(|tls| tls.certificate_refs.as_deref());
        certificates = certificate::follow(world, holder.referrer, references.unwrap_or_default());
    }
    let certificate_reason = reason_of(&certificates.problems);
    problems.append(&mut certificates.problems);
    Judged {
        name: listener.name.as_str(),
        port,
        protocol,
        hostname: read_hostname(listener, protocol),
        kinds,
        namespaces,
        certificates: certificates.usable,
        certificate_names: certificates.names,
        ignored_options: listener
            .tls
            .iter()
            .flat_map(|tls| tls.options.iter().flatten())
            .map(|(name, _)| name.as_str())
            .collect(),
        certificate_reason,
        rejection,
        problems,
        is_refused_tcp: protocol.is_none() && listener.protocol == ProtocolType::Tcp,
    }
}

/// GW-LSTN-01/02/11.
fn supported_protocol(
    world: &World<'_>,
    listener: &api::Listener,
    listed: Option<&[api::RouteGroupKind]>,
) -> Result<Protocol, String> {
    let protocol = match &listener.protocol {
        ProtocolType::Http => Protocol::Http,
        ProtocolType::Https => Protocol::Https,
        ProtocolType::Tls => Protocol::Tls(match tls_mode(listener) {
            TlsModeType::Passthrough => TlsMode::Passthrough,
            _ => TlsMode::Terminate,
        }),
        ProtocolType::Tcp => Protocol::Tcp,
        ProtocolType::Udp => Protocol::Udp,
        ProtocolType::Unknown(word) => {
            return Err(format!("protocol `{word}` is not supported"));
        }
    };
    if !kinds::supports_protocol(world.controller, protocol) {
        return Err(format!("protocol {} is switched off", listener.protocol));
    }
    if kinds::is_grpc_only(listed) && !kinds::speaks_grpc(world.controller, protocol) {
        return Err("GRPCRoutes need HTTP/2, which clients cannot speak here".to_owned());
    }
    Ok(protocol)
}

fn tls_mode(listener: &api::Listener) -> &TlsModeType {
    let tls = listener.tls.as_ref();
    tls.map_or(&TlsModeType::Terminate, api::ListenerTls::mode)
}

/// TLS settings that cannot be.
struct RefusedTls {
    message: String,
    /// False when the mode itself is not supported: the listener then takes no kind at all (GW-KINDS-08, RT-ATT-06).
    keeps_kinds: bool,
}

/// GW-LSTN-03..08.
fn check_tls(
    world: &World<'_>,
    protocol: Protocol,
    tls: Option<&api::ListenerTls>,
) -> Result<(), RefusedTls> {
    let refuse = |message: &str, keeps_kinds| {
        Err(RefusedTls {
            message: message.to_owned(),
            keeps_kinds,
        })
    };
    let mode = tls.map_or(&TlsModeType::Terminate, api::ListenerTls::mode);
    match protocol {
        Protocol::Http | Protocol::Tcp | Protocol::Udp if tls.is_some() => {
            return refuse("`tls` has no meaning for this protocol", true);
        }
        Protocol::Http | Protocol::Tcp | Protocol::Udp => return Ok(()),
        Protocol::Https if *mode != TlsModeType::Terminate => {
            return refuse("HTTPS needs TLS mode `Terminate`", false);
        }
        Protocol::Tls(_) if !mode.is_known() => {
            return refuse(&format!("TLS mode `{mode}` is not supported"), false);
        }
        Protocol::Tls(TlsMode::Passthrough) => return Ok(()),
        Protocol::Tls(TlsMode::Terminate)
            if !world.controller.features().has("TLSRouteModeTerminate") =>
        {
            return refuse(
                "TLS mode `Terminate` is switched off for protocol TLS",
                false,
            );
        }
        Protocol::Https | Protocol::Tls(TlsMode::Terminate) => {}
    }
    let has_references = tls
        .and_then(|tls| tls.certificate_refs.as_ref())
        .is_some_and(|references| !references.is_empty());
    if has_references {
        return Ok(());
    }
    // No option is understood here (GW-CERT-09).
    refuse(
        "no TLS configuration: `tls.certificateRefs` names nothing",
        true,
    )
}

fn read_namespaces<'s>(
    allowed: Option<&'s AllowedRoutes>,
    own: &'s str,
) -> Result<AllowedNamespaces<'s>, super::namespaces::UnusableNamespaces> {
    let setting = allowed.and_then(|allowed| allowed.namespaces.as_ref());
    AllowedNamespaces::read(setting, own, &FromNamespaces::Same)
}

/// GW-LSTN-03/17.
fn read_hostname(listener: &api::Listener, protocol: Option<Protocol>) -> ListenerHostname<'_> {
    if let Some(Protocol::Tcp | Protocol::Udp) = protocol {
        return ListenerHostname::Any;
    }
    match (listener.hostname(), &listener.hostname) {
        (Some(text), Some(hostname)) => match hostname.get() {
            Some(name) => ListenerHostname::Name(name.clone()),
            None => ListenerHostname::Unusable(text),
        },
        _ => ListenerHostname::Any,
    }
}

impl<'s> Judged<'s> {
    /// What the listener claims on its port; `None` when its own content keeps it out of conflicts.
    pub(super) fn claim(&self) -> Option<Claim<'_>> {
        if self.rejection.is_some() {
            return None;
        }
        Some(Claim {
            port: self.port?,
            protocol: self.protocol?,
            hostname: self.hostname_text(),
        })
    }

    /// Refuses it for its content, unless something graver was found.
    pub(super) fn refuse(&mut self, finding: Finding<ListenerAccepted>) {
        let keeps = |known: &Finding<ListenerAccepted>| {
            !matches!(
                known.reason,
                ListenerAccepted::UnsupportedPort | ListenerAccepted::TooManyListeners
            )
        };
        if !self.rejection.as_ref().is_some_and(keeps) {
            self.rejection = Some(finding);
        }
    }

    /// Refuses it because there are too many.
    pub(super) fn refuse_as_surplus(&mut self) {
        self.rejection.get_or_insert_with(|| {
            let message = "there are more listeners than can be served";
            Finding::new(ListenerAccepted::TooManyListeners, message)
        });
    }

    /// The hostname as it is compared; `None` for every host.
    pub(super) fn hostname_text(&self) -> Option<&str> {
        match &self.hostname {
            ListenerHostname::Any => None,
            ListenerHostname::Name(name) => Some(name.as_str()),
            ListenerHostname::Unusable(text) => Some(text),
        }
    }

    /// Whether it has a clash, a validation and so on; decides all its conditions but the overlap.
    ///
    /// # Spec
    ///
    /// GW-COND-07..10, GW-CERT-05..07, GW-FTLS-08/09, GW-CONFLICT-11.
    pub(super) fn conclude(
        mut self,
        holder: Holder<'s>,
        id: usize,
        around: Surroundings<'_>,
    ) -> ListenerState<'s> {
        let validation = around
            .validation
            .filter(|_| self.protocol == Some(Protocol::Https));
        if let Some(validation) = validation {
            self.problems.extend(validation.problems.iter().cloned());
        }
        let accepted = self.accepted(&around, validation);
        let resolved = resolved(&self.problems);
        let programmed = programmed(&accepted, &self.kinds, around.is_gateway_refused);
        let is_programmed = programmed.holds();
        let head = self
            .head(holder, validation)
            .filter(|_| is_programmed)
            .map(Arc::new);
        ListenerState {
            id,
            name: self.name,
            port: self.port,
            protocol: self.protocol,
            hostname: self.hostname,
            shows_kinds: !around.clash.is_some_and(|clash| clash.is_of_tls_modes),
            kinds: self.kinds,
            namespaces: self.namespaces,
            accepted,
            resolved,
            programmed_finding: programmed,
            conflict: around
                .clash
                .map(|clash| Finding::new(clash.reason, conflict_message(clash.reason))),
            overlap: None,
            certificate_names: self.certificate_names,
            programmed: is_programmed,
            head,
        }
    }

    fn accepted(
        &self,
        around: &Surroundings<'_>,
        validation: Option<&Validation>,
    ) -> Finding<ListenerAccepted> {
        if let Some(clash) = around.clash.filter(|_| self.is_refused_tcp) {
            return conflicted(clash);
        }
        if let Some(rejection) = &self.rejection {
            return rejection.clone();
        }
        if let Some(clash) = around.clash {
            return conflicted(clash);
        }
        let terminates = matches!(
            self.protocol,
            Some(Protocol::Https | Protocol::Tls(TlsMode::Terminate))
        );
        if terminates && self.certificates.is_empty() {
            return Finding::new(self.certificate_reason, "no usable certificate is left");
        }
        if validation.is_some_and(|validation| validation.plan.authorities.is_empty()) {
            return Finding::new(
                ListenerAccepted::NoValidCaCertificate,
                "no usable authority for client certificates is left",
            );
        }
        if !around.can_bind {
            let message = "the port cannot be bound";
            return Finding::new(ListenerAccepted::PortUnavailable, message);
        }
        if self.ignored_options.is_empty() {
            return Finding::new(ListenerAccepted::Accepted, "the listener is usable");
        }
        let names = joined(self.ignored_options.iter().copied());
        let message = format!("the listener is usable; ignored: tls.options {names}");
        Finding::new(ListenerAccepted::Accepted, message)
    }

    /// What the plan says. A hostname that is none matches nothing (GW-LSTN-17); in the plan a reserved name stands for it,
    /// so that the port still answers.
    fn head(
        &self,
        holder: Holder<'_>,
        validation: Option<&Validation>,
    ) -> Option<plan::ListenerHead> {
        let name = |(namespace, name): (&str, &str)| ObjectName::new(namespace, name);
        Some(plan::ListenerHead {
            gateway: name(holder.gateway),
            set: holder.set.map(name),
            name: self.name.into(),
            port: self.port?,
            protocol: self.protocol?,
            hostname: match &self.hostname {
                ListenerHostname::Any => None,
                ListenerHostname::Name(name) => Some(name.clone()),
                ListenerHostname::Unusable(_) => Some(Hostname::parse(NOBODY).ok()?),
            },
            certificates: self.certificates.clone(),
            client_validation: validation.map(|validation| validation.plan.clone()),
            kinds: self.kinds.clone(),
        })
    }
}

/// A reference that is not permitted hides those that are invalid (GW-CERT-05).
fn reason_of(problems: &[(ListenerResolvedRefs, String)]) -> ListenerAccepted {
    let is_refused = |reason| reason == ListenerResolvedRefs::RefNotPermitted;
    if problems.iter().any(|(reason, _)| is_refused(*reason)) {
        ListenerAccepted::RefNotPermitted
    } else {
        ListenerAccepted::InvalidCertificateRef
    }
}

/// A name that no client asks for, under the top-level domain that is reserved for names that do not exist.
const NOBODY: &str = "unusable.invalid";

/// Names no other object: it may be another tenant's (GW-LSET-36).
fn conflict_message(reason: ListenerConflicted) -> &'static str {
    match reason {
        ListenerConflicted::ProtocolConflict => {
            "conflicts with another listener of the Gateway: their protocols cannot share the port"
        }
        _ => "conflicts with another listener of the Gateway: same port and hostname",
    }
}

fn conflicted(clash: Clash) -> Finding<ListenerAccepted> {
    let reason = match clash.reason {
        ListenerConflicted::ProtocolConflict => ListenerAccepted::ProtocolConflict,
        _ => ListenerAccepted::HostnameConflict,
    };
    Finding::new(reason, conflict_message(clash.reason))
}

/// One reason by rank, all problems in the message (GW-COND-08).
fn resolved(problems: &[(ListenerResolvedRefs, String)]) -> Finding<ListenerResolvedRefs> {
    const RANKED: [ListenerResolvedRefs; 5] = [
        ListenerResolvedRefs::RefNotPermitted,
        ListenerResolvedRefs::InvalidCertificateRef,
        ListenerResolvedRefs::InvalidCaCertificateRef,
        ListenerResolvedRefs::InvalidCaCertificateKind,
        ListenerResolvedRefs::InvalidRouteKinds,
    ];
    let first = RANKED
        .into_iter()
        .find(|rank| problems.iter().any(|(reason, _)| reason == rank));
    match first {
        None => Finding::new(
            ListenerResolvedRefs::ResolvedRefs,
            "all references are resolved",
        ),
        Some(reason) => Finding::new(
            reason,
            joined(problems.iter().map(|(_, message)| message.as_str())),
        ),
    }
}

fn programmed(
    accepted: &Finding<ListenerAccepted>,
    kinds: &[RouteKind],
    is_gateway_refused: bool,
) -> Finding<ListenerProgrammed> {
    let reason = match accepted.reason {
        ListenerAccepted::Accepted if kinds.is_empty() => {
            return Finding::new(
                ListenerProgrammed::Invalid,
                "no kind of Route can attach to the listener",
            );
        }
        ListenerAccepted::Accepted if is_gateway_refused => {
            return Finding::new(ListenerProgrammed::Invalid, "the Gateway is not accepted");
        }
        ListenerAccepted::Accepted => {
            return Finding::new(ListenerProgrammed::Programmed, "the listener is programmed");
        }
        ListenerAccepted::HostnameConflict => ListenerProgrammed::HostnameConflict,
        ListenerAccepted::ProtocolConflict => ListenerProgrammed::ProtocolConflict,
        ListenerAccepted::UnsupportedPort => ListenerProgrammed::UnsupportedPort,
        _ => ListenerProgrammed::Invalid,
    };
    Finding::new(reason, accepted.message.clone())
}

/// Problems in one message; a long list is cut (GW-STAT-08).
pub(super) fn joined<'m>(messages: impl Iterator<Item = &'m str>) -> String {
    const SHOWN: usize = 8;
    let mut text = String::new();
    let mut left = 0usize;
    for (i, message) in messages.enumerate() {
        if i < SHOWN {
            let separator = if i == 0 { "" } else { "; " };
            let _ = write!(text, "{separator}{message}");
        } else {
            left += 1;
        }
    }
    if left > 0 {
        let _ = write!(text, "; and {left} more");
    }
    text
}
