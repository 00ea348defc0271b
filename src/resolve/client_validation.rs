//! What clients of HTTPS listeners must show, port by port.

use std::collections::HashMap;

use super::grant::{Referrer, Target};
use super::reading::AuthorityProblem;
use super::status::ListenerResolvedRefs;
use super::world::World;
use crate::api::{FrontendTls, FrontendTlsValidation, FrontendValidationMode, TlsConfig};
use crate::plan::{self, ClientValidationMode, ObjectName};

/// The settings of a Gateway, references followed.
///
/// # Spec
///
/// GW-FTLS-01..13. The referrer is always the Gateway, also where entries of ListenerSets share the port (GW-FTLS-03/07).
#[derive(Clone, Debug, Default)]
pub(super) struct ClientValidations {
    default: Option<Validation>,
    /// Ports with a setting of their own; it replaces the default as a whole (GW-FTLS-01).
    by_port: HashMap<u16, Option<Validation>>,
}

/// One setting.
#[derive(Clone, Debug)]
pub(super) struct Validation {
    /// What the plan says; no authorities mean that connections fail (GW-FTLS-09/11).
    pub(super) plan: plan::ClientValidation,
    /// References that cannot be followed or used.
    pub(super) problems: Vec<(ListenerResolvedRefs, String)>,
}

impl ClientValidations {
    /// Follows all references of a Gateway's settings.
    pub(super) fn follow<'s>(
        world: &World<'s>,
        referrer: Referrer<'s>,
        frontend: Option<&'s FrontendTls>,
    ) -> Self {
        let Some(frontend) = frontend else {
            return ClientValidations::default();
        };
        let read = |config: &'s TlsConfig| {
            let validation = config.validation.as_ref();
            validation.map(|validation| follow(world, referrer, validation))
        };
        let mut by_port = HashMap::new();
        for entry in frontend.per_port.iter().flatten() {
            if let Ok(port) = u16::try_from(entry.port) {
                by_port.entry(port).or_insert_with(|| read(&entry.tls));
            }
        }
        ClientValidations {
            default: read(&frontend.default),
            by_port,
        }
    }

    /// What holds for HTTPS listeners on a port.
    pub(super) fn on_port(&self, port: u16) -> Option<&Validation> {
        match self.by_port.get(&port) {
            Some(own) => own.as_ref(),
            None => self.default.as_ref(),
        }
    }

    /// Whether clients without a valid certificate are tolerated somewhere (GW-FTLS-12).
    pub(super) fn is_insecure(&self) -> bool {
        let insecure = |validation: &Validation| {
            validation.plan.mode == ClientValidationMode::AllowInsecureFallback
        };
        let ports = self.by_port.values().flatten();
        self.default.iter().chain(ports).any(insecure)
    }

    /// The problems of settings that hold for none of these ports: no listener shows them (GW-COND-12).
    pub(super) fn unshown<'v>(&'v self, https_ports: &[u16]) -> Vec<&'v str> {
        let default_is_shown = https_ports
            .iter()
            .any(|port| !self.by_port.contains_key(port));
        let mut ports: Vec<_> = self.by_port.iter().collect();
        ports.sort_unstable_by_key(|(port, _)| **port);
        let of_ports = ports
            .into_iter()
            .filter(|(port, _)| !https_ports.contains(port))
            .filter_map(|(_, validation)| validation.as_ref());
        self.default
            .iter()
            .filter(|_| !default_is_shown)
            .chain(of_ports)
            .flat_map(|validation| &validation.problems)
            .map(|(_, message)| message.as_str())
            .collect()
    }
}

fn follow<'s>(
    world: &World<'s>,
    referrer: Referrer<'s>,
    validation: &'s FrontendTlsValidation,
) -> Validation {
    let mut authorities = Vec::new();
    let mut problems = Vec::new();
    for reference in &validation.ca_certificate_refs {
        let target = Target {
            group: &reference.group,
            kind: &reference.kind,
            namespace: reference.namespace.as_deref().unwrap_or(referrer.namespace),
            name: &reference.name,
        };
        let permitted = match world.grants.permit(referrer, target) {
            Ok(permitted) => permitted,
            Err(refused) => {
                problems.push((ListenerResolvedRefs::RefNotPermitted, refused.to_string()));
                continue;
            }
        };
        let reader = world.controller.certificate_reader();
        match world.readings.authority(world.snapshot, reader, permitted) {
            Ok(()) => authorities.push(ObjectName::new(target.namespace, target.name)),
            Err(problem) => problems.push((
                match problem {
                    AuthorityProblem::Kind(_) => ListenerResolvedRefs::InvalidCaCertificateKind,
                    AuthorityProblem::Reference(_) => ListenerResolvedRefs::InvalidCaCertificateRef,
                },
                problem.message().to_owned(),
            )),
        }
    }
    // An unknown mode is taken as the strict one: failing open would be unsafe.
    let mode = match validation.mode() {
        FrontendValidationMode::AllowInsecureFallback => {
            ClientValidationMode::AllowInsecureFallback
        }
        _ => ClientValidationMode::AllowValidOnly,
    };
    Validation {
        plan: plan::ClientValidation { mode, authorities },
        problems,
    }
}
