//! Rules of HTTPRoutes.

use super::filter::{self, Level};
use super::{Lowering, RuleParts, Unlowerable, matches, settings};
use crate::api::{HttpBackendRef, HttpRoute, HttpRouteFilterType, HttpRouteRule};
use crate::plan::{Action, Backend, Filter, HttpMatch, Matches, Retry, Timeouts};
use crate::resolve::backend::BackendQuery;

/// Lowers the rules. An absent list is one rule for every path without backends; an empty one is none (MATCH-CAND-03).
pub(super) fn lower_rules<'s>(lowering: &mut Lowering<'_, 's>, route: &'s HttpRoute) {
    match &route.spec.rules {
        None => {
            let matches = Matches::Http(vec![HttpMatch::prefix("/")]);
            let parts = RuleParts::default();
            lowering.finish(0, None, parts, Some(matches), Action::default());
        }
        Some(rules) => {
            for (index, rule) in rules.iter().enumerate() {
                lower_rule(lowering, index, rule);
            }
        }
    }
}

fn lower_rule<'s>(lowering: &mut Lowering<'_, 's>, index: usize, rule: &'s HttpRouteRule) {
    let mut parts = RuleParts::default();
    let matches = parts.take(lower_matches(lowering, rule));
    let mut filters = Vec::new();
    for (place, written) in rule
        .filters
        .as_deref()
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        let field = format!("filters[{place}]");
        let lowered = filter::http(lowering, &field, written, Level::Rule);
        parts.keeps |= lowered.is_err() && written.type_ == HttpRouteFilterType::ExternalAuth;
        filters.extend(parts.take(lowered));
    }
    if filter::too_many_mirrors(lowering, &filters) {
        let text = "more than one `RequestMirror` is not supported here".to_owned();
        parts.take::<()>(Err(("filters".to_owned(), text)));
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
        timeouts: parts
            .take(lower_timeouts(lowering, rule))
            .unwrap_or_default(),
        retry: parts.take(lower_retry(lowering, rule)).flatten(),
        session: parts
            .take(super::lower_rule_session(
                lowering,
                &rule.session_persistence,
            ))
            .flatten(),
    };
    let named = lowering.supports(
        "HTTPRouteNamedRouteRule",
        Some("MeshHTTPRouteNamedRouteRule"),
    );
    let name = filter::name_of(&rule.name).filter(|_| named);
    lowering.finish(index, name, parts, matches, action);
}

/// No matches are one for every path (MATCH-CAND-02).
fn lower_matches(
    lowering: &Lowering<'_, '_>,
    rule: &HttpRouteRule,
) -> Result<Matches, Unlowerable> {
    let written = rule.matches.as_deref().unwrap_or_default();
    if written.is_empty() {
        return Ok(Matches::Http(vec![HttpMatch::prefix("/")]));
    }
    let mut lowered = Vec::with_capacity(written.len());
    for (place, written) in written.iter().enumerate() {
        let one = matches::http(place, written)?;
        if one.method.is_some() {
            let field = || format!("matches[{place}].method");
            lowering.need(field, "HTTPRouteMethodMatching", None)?;
        }
        if !one.query.is_empty() {
            lowering.need(
                || format!("matches[{place}].queryParams"),
                "HTTPRouteQueryParamMatching",
                Some("MeshHTTPRouteQueryParamMatching"),
            )?;
        }
        lowered.push(one);
    }
    Ok(Matches::Http(lowered))
}

fn lower_backend<'s>(
    lowering: &mut Lowering<'_, 's>,
    parts: &mut RuleParts,
    place: usize,
    reference: &'s HttpBackendRef,
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
    let mut lowered: Vec<Filter> = Vec::new();
    for (at, written) in filters.enumerate() {
        let field = format!("backendRefs[{place}].filters[{at}]");
        let filter = filter::http(lowering, &field, written, Level::Backend);
        parts.keeps |= filter.is_err() && written.type_ == HttpRouteFilterType::ExternalAuth;
        lowered.extend(parts.take(filter));
    }
    backend.filters = lowered;
    backend
}

fn lower_timeouts(
    lowering: &Lowering<'_, '_>,
    rule: &HttpRouteRule,
) -> Result<Timeouts, Unlowerable> {
    let timeouts = settings::timeouts(rule.timeouts.as_ref())?;
    if timeouts.request.is_some() {
        let field = || "timeouts.request".to_owned();
        lowering.need(field, "HTTPRouteRequestTimeout", None)?;
    }
    if timeouts.backend_request.is_some() {
        let field = || "timeouts.backendRequest".to_owned();
        lowering.need(field, "HTTPRouteBackendTimeout", None)?;
    }
    Ok(timeouts)
}

/// Retries exist in experimental channels only (FILTER-GEN-11).
fn lower_retry(
    lowering: &Lowering<'_, '_>,
    rule: &HttpRouteRule,
) -> Result<Option<Retry>, Unlowerable> {
    let written = rule.retry.as_ref();
    match written.filter(|_| lowering.controller.is_experimental()) {
        None => Ok(None),
        Some(written) => {
            lowering.need(|| "retry".to_owned(), "HTTPRouteRetry", None)?;
            settings::retry(written).map(Some)
        }
    }
}
