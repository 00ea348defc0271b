//! Rules of GRPCRoutes.

use super::{Lowering, RuleParts, Unlowerable, filter, matches, settings};
use crate::api::{GrpcBackendRef, GrpcRoute, GrpcRouteRule};
use crate::plan::{Action, Backend, GrpcMatch, Matches, Timeouts};
use crate::resolve::backend::BackendQuery;

/// Lowers the rules; absent or empty they are none (MATCH-GRPC-09).
pub(super) fn lower_rules<'s>(lowering: &mut Lowering<'_, 's>, route: &'s GrpcRoute) {
    let rules = route.spec.rules.as_deref().unwrap_or_default();
    for (index, rule) in rules.iter().enumerate() {
        lower_rule(lowering, index, rule);
    }
}

fn lower_rule<'s>(lowering: &mut Lowering<'_, 's>, index: usize, rule: &'s GrpcRouteRule) {
    let mut parts = RuleParts::default();
    let matches = parts.take(lower_matches(rule));
    let mut filters = Vec::new();
    for (place, written) in rule
        .filters
        .as_deref()
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        let lowered = filter::grpc(lowering, &format!("filters[{place}]"), written);
        filters.extend(parts.take(lowered));
    }
    let references = rule.backend_refs.as_deref().unwrap_or_default().iter();
    let backends: Vec<Backend> = references
        .enumerate()
        .map(|(place, reference)| lower_backend(lowering, &mut parts, place, reference))
        .collect();
    let action = Action {
        fault: None,
        filters,
        backends,
        timeouts: Timeouts::default(),
        retry: None,
        session: parts
            .take(super::lower_rule_session(
                lowering,
                &rule.session_persistence,
            ))
            .flatten(),
    };
    let named = lowering.supports("GRPCRouteNamedRouteRule", None);
    let name = filter::name_of(&rule.name).filter(|_| named);
    lowering.finish(index, name, parts, matches, action);
}

/// No matches are one for every call (MATCH-GRPC-09).
fn lower_matches(rule: &GrpcRouteRule) -> Result<Matches, Unlowerable> {
    let written = rule.matches.as_deref().unwrap_or_default();
    if written.is_empty() {
        return Ok(Matches::Grpc(vec![GrpcMatch::default()]));
    }
    let lowered = written.iter().enumerate();
    let lowered = lowered.map(|(place, written)| matches::grpc(place, written));
    lowered.collect::<Result<_, _>>().map(Matches::Grpc)
}

fn lower_backend<'s>(
    lowering: &mut Lowering<'_, 's>,
    parts: &mut RuleParts,
    place: usize,
    reference: &'s GrpcBackendRef,
) -> Backend {
    let mut backend = lowering.resolve_share(BackendQuery {
        group: reference.group(),
        kind: reference.kind(),
        namespace: reference.namespace.as_deref(),
        name: &reference.name,
        port: reference.port,
    });
    let weight = settings::weight(format_args!("backendRefs[{place}]"), reference.weight());
    backend.weight = parts.take(weight).unwrap_or_default();
    let filters = reference.filters.as_deref().unwrap_or_default().iter();
    for (at, written) in filters.enumerate() {
        let field = format!("backendRefs[{place}].filters[{at}]");
        let lowered = filter::grpc(lowering, &field, written);
        backend.filters.extend(parts.take(lowered));
    }
    backend
}
