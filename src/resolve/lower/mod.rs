//! From the rules of a Route to the rules of a plan.
//!
//! A pass of `resolve`: takes one Route and what its references are resolved with, gives the rules that are served, what is
//! wrong with the others, and every reference that failed. It refuses to know where the Route is attached; the stance says
//! for whom it is lowered.
//!
//! What a plan can hold is judged by [`plan::check`](crate::plan::check); what it cannot even hold (unknown words, fields
//! that contradict each other) is judged here.

mod filter;
mod grpc;
mod http;
mod matches;
mod settings;
mod stream;

use super::backend::{BackendQuery, Backends, PolicyTarget, RouteReferrer, Stance};
use super::controller::Controller;
use super::route::{RouteObject, RouteView};
use super::status::{Finding, RouteResolvedRefs};
use crate::plan::check::{self, FaultKind};
use crate::plan::{Action, Backend, Fault, Filter, RouteKind, Rule};

pub(super) use settings::lower_session;

/// A lowered Route.
#[derive(Clone, Debug, Default)]
pub(super) struct Lowered {
    /// The rules that are served, those that stay to refuse their requests among them.
    pub(super) rules: Vec<Rule>,
    /// How many rules the Route has.
    pub(super) total: usize,
    /// How many further rules are valid but never reached (RT-L4-02).
    pub(super) ignored: usize,
    /// What is wrong with rules, in list order, one entry a rule.
    pub(super) faults: Vec<RuleFault>,
    /// References that failed, in the order that decides (RT-COND-11).
    pub(super) failures: Vec<Finding<RouteResolvedRefs>>,
    /// Why the Route is refused as a whole, whatever its rules.
    pub(super) rejection: Option<&'static str>,
    /// Services with policies that served rules reach.
    pub(super) policy_targets: Vec<PolicyTarget>,
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RuleFault {
    /// Its place.
    pub(super) index: usize,
    /// The reason that it calls for.
    pub(super) kind: FaultKind,
    /// Whether the rule is left out; otherwise it stays and refuses its requests (EVAL-04).
    pub(super) dropped: bool,
    /// The rule and what is wrong with it.
    pub(super) message: String,
}

impl Lowered {
    /// The reason when no rule is valid; a Route without rules is fine (RT-COND-05..07).
    pub(super) fn refusal(&self) -> Option<FaultKind> {
        if self.rejection.is_some() {
            return Some(FaultKind::UnsupportedValue);
        }
        if self.faults.is_empty() || self.faults.len() < self.total {
            return None;
        }
        let incompatible = |fault: &RuleFault| fault.kind == FaultKind::IncompatibleFilters;
        Some(if self.faults.iter().all(incompatible) {
            FaultKind::IncompatibleFilters
        } else {
            FaultKind::UnsupportedValue
        })
    }
}

/// Lowers a Route for one stance.
///
/// # Cost
///
/// O(size of the Route); each regular expression is compiled (and forgotten) to see whether it can be.
pub(super) fn lower(
    route: &RouteView<'_>,
    referrer: RouteReferrer<'_>,
    backends: Backends<'_, '_>,
    controller: &Controller,
) -> Lowered {
    let mut lowering = Lowering {
        referrer,
        namespace: route.namespace,
        backends,
        controller,
        lowered: Lowered::default(),
        reached: Vec::new(),
        is_sticky: false,
        reaches_sticky: false,
    };
    match route.object {
        RouteObject::Http(object) => http::lower_rules(&mut lowering, object),
        RouteObject::Grpc(object) => grpc::lower_rules(&mut lowering, object),
        RouteObject::Tls(object) => {
            let rules = object.spec.rules.iter();
            stream::lower_rules(
                &mut lowering,
                rules.map(|r| (&r.name, r.backend_refs.as_slice())),
            );
        }
        RouteObject::Tcp(object) => {
            let rules = object.spec.rules.iter();
            stream::lower_rules(
                &mut lowering,
                rules.map(|r| (&r.name, r.backend_refs.as_slice())),
            );
        }
        RouteObject::Udp(object) => {
            let rules = object.spec.rules.iter();
            stream::lower_rules(
                &mut lowering,
                rules.map(|r| (&r.name, r.backend_refs.as_slice())),
            );
        }
    }
    lowering.lowered
}

/// A Route being lowered.
struct Lowering<'w, 's> {
    referrer: RouteReferrer<'s>,
    namespace: &'s str,
    backends: Backends<'w, 's>,
    controller: &'w Controller,
    lowered: Lowered,
    /// Targets that the rule at hand reaches.
    reached: Vec<PolicyTarget>,
    /// Whether the last Service keeps clients at one endpoint by itself, in a mesh.
    is_sticky: bool,
    /// Whether some share of the rule at hand goes to such a Service.
    reaches_sticky: bool,
}

/// Why a part of a rule cannot be lowered: the field and what is wrong there.
type Unlowerable = (String, String);

/// What became of the parts of a rule.
#[derive(Default)]
struct RuleParts {
    /// The first part that cannot be lowered.
    problem: Option<Unlowerable>,
    /// Whether the rule has an ExternalAuth that cannot be lowered; then it stays with an error (EVAL-04).
    keeps: bool,
}

impl RuleParts {
    /// The value, or a note of what is wrong.
    fn take<T>(&mut self, result: Result<T, Unlowerable>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problem.get_or_insert(problem);
                None
            }
        }
    }
}

impl<'s> Lowering<'_, 's> {
    fn kind(&self) -> RouteKind {
        self.referrer.kind
    }

    /// Whether a feature is on, by its name for Gateways or the one for meshes, if there is one.
    fn supports(&self, gateway: &'static str, mesh: Option<&'static str>) -> bool {
        let features = self.controller.features();
        match self.referrer.stance {
            Stance::Gateway { .. } => features.has(gateway),
            Stance::Mesh => mesh.is_none_or(|mesh| features.has(mesh)),
        }
    }

    /// [`Lowering::supports`] as a result, for the field that needs the feature.
    fn need(
        &self,
        field: impl FnOnce() -> String,
        gateway: &'static str,
        mesh: Option<&'static str>,
    ) -> Result<(), Unlowerable> {
        if self.supports(gateway, mesh) {
            Ok(())
        } else {
            Err((field(), "is not supported here".to_owned()))
        }
    }

    /// Resolves a reference and remembers its failure.
    fn resolve(&mut self, query: BackendQuery<'s>) -> Backend {
        let resolved = self.backends.resolve(self.referrer, query);
        self.lowered.failures.extend(resolved.failure);
        self.reached.extend(resolved.policy_target);
        self.is_sticky = resolved.is_sticky;
        resolved.backend
    }

    /// [`Lowering::resolve`] for a backend that requests are shared among.
    fn resolve_share(&mut self, query: BackendQuery<'s>) -> Backend {
        let backend = self.resolve(query);
        if self.is_sticky {
            self.reaches_sticky = true;
            if backend.session.is_some() {
                self.reject_sticky();
            }
        }
        backend
    }

    /// In a mesh, sessions of a Route and of the Service itself exclude each other (XBTP-08).
    fn reject_sticky(&mut self) {
        let text = "sessions exclude a Service with `sessionAffinity: ClientIP` in a mesh";
        self.lowered.rejection.get_or_insert(text);
    }

    /// Judges a rule whose parts are lowered, and serves it, keeps it with an error, or drops it. `matches` is `None`
    /// when they cannot be lowered, which rules out that the rule stays.
    fn finish(
        &mut self,
        index: usize,
        name: Option<&str>,
        parts: RuleParts,
        matches: Option<crate::plan::Matches>,
        action: Action,
    ) {
        self.lowered.total += 1;
        let reached = std::mem::take(&mut self.reached);
        if std::mem::take(&mut self.reaches_sticky) && action.session.is_some() {
            self.reject_sticky();
        }
        let Some(matches) = matches else {
            let (field, text) = parts.problem.unwrap_or_default();
            return self.report(
                index,
                name,
                true,
                FaultKind::UnsupportedValue,
                &field,
                &text,
            );
        };
        let mut rule = Rule {
            index: u32::try_from(index).unwrap_or(u32::MAX),
            name: name.map(Box::from),
            matches,
            action: action.into(),
        };
        if let Some((field, text)) = parts.problem {
            let mut dropped = true;
            let refuses = check::refusal(self.kind(), &rule.action);
            if let Some(fault) = refuses.or(parts.keeps.then_some(Fault::ExternalAuth)) {
                // Its answers are still for scripts to read (FILTER-CORS-21).
                let is_cors = |filter: &&Filter| matches!(filter, Filter::Cors(_));
                let filters = rule.action.filters.iter().filter(is_cors);
                rule.action = Action {
                    fault: Some(fault),
                    filters: filters.cloned().collect(),
                    ..Action::default()
                }
                .into();
                dropped = check::rule(self.kind(), &rule, self.controller.release()).is_err();
                if !dropped {
                    self.lowered.rules.push(rule);
                }
            }
            self.report(
                index,
                name,
                dropped,
                FaultKind::UnsupportedValue,
                &field,
                &text,
            );
            return;
        }
        if let Err(fault) = check::rule(self.kind(), &rule, self.controller.release()) {
            self.report(index, name, true, fault.kind, &fault.field, &fault.text);
            return;
        }
        if let Some(fault) = check::stays_with_error(self.kind(), &rule, self.controller.release())
        {
            self.report(index, name, false, fault.kind, &fault.field, &fault.text);
        }
        self.lowered.rules.push(rule);
        for target in reached {
            if !self.lowered.policy_targets.contains(&target) {
                self.lowered.policy_targets.push(target);
            }
        }
    }

    fn report(
        &mut self,
        index: usize,
        name: Option<&str>,
        dropped: bool,
        kind: FaultKind,
        field: &str,
        text: &str,
    ) {
        let rule = match name {
            Some(name) => format!("rule `{name}` (#{index})"),
            None => format!("rule #{index}"),
        };
        self.lowered.faults.push(RuleFault {
            index,
            kind,
            dropped,
            message: format!("{rule}: {field}: {text}"),
        });
    }
}

/// Stickiness of a rule; it exists in experimental channels only (FILTER-GEN-11).
fn lower_rule_session(
    lowering: &Lowering<'_, '_>,
    written: &Option<crate::api::SessionPersistence>,
) -> Result<Option<crate::plan::Session>, Unlowerable> {
    let written = written.as_ref();
    match written.filter(|_| lowering.controller.is_experimental()) {
        None => Ok(None),
        Some(written) => settings::session(written, lowering.controller.release()).map(Some),
    }
}
