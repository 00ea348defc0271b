//! Which rules cannot be served as they stand.
//!
//! An API server keeps most bad rules out, but not all: schemas of older releases are looser, regular expressions are
//! never compiled there, and plans may be written without an API server. One answer serves everybody: the resolver
//! derives a Route's conditions from it, the router leaves the same rules out.
//!
//! - [`rule`] finds what makes a rule drop out: another rule or Route may then win its requests.
//! - [`stays_with_error`] finds rules that are reported as invalid, but stay and answer 500 to all their requests: dropping
//!   those could expose a path through a wider, unprotected rule (EVAL-04).
//! - [`refusal`] tells for a served rule whether it refuses all its requests, for whatever reason.
//!
//! ```
//! use gatewright::plan::{Action, Backend, HttpMatch, RouteKind, Rule, check};
//! use gatewright::vocab::Release;
//!
//! let action = Action::forward([Backend::service("shop", "cart", 8080)]);
//! let rule = Rule::http(0, [HttpMatch::regex("/v(1")], action);
//! let fault = check::rule(RouteKind::Http, &rule, Release::NEWEST).unwrap_err();
//! assert_eq!(fault.kind, check::FaultKind::UnsupportedValue);
//! assert!(fault.to_string().starts_with("matches[0].path.value: "));
//! ```

mod filters;
mod matches;
pub(crate) mod origin;
mod pattern;
mod text;

use std::fmt;

use super::{Action, Fault, Filter, RouteKind, Rule};
use crate::vocab::Release;

pub use pattern::{InvalidPattern, PATTERN_NESTING_LIMIT, PATTERN_SIZE_LIMIT, check_pattern};
pub use text::sanitised_auth_path;
pub(crate) use text::{is_field_value, is_token};

/// What makes a rule unfit to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFault {
    /// Which reason a status gives for it.
    pub kind: FaultKind,
    /// Where, inside the rule: `filters[1].requestRedirect.statusCode`.
    pub field: String,
    /// What is wrong there: found against expected.
    pub text: String,
}

impl fmt::Display for RuleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.text)
    }
}

impl std::error::Error for RuleFault {}

/// Which reason a status gives for a rule that is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// A value that the API does not know or allow (RT-COND-06).
    UnsupportedValue,
    /// Filters or backends that exclude each other (RT-COND-07, FILTER-GEN-05/06).
    IncompatibleFilters,
}

impl FaultKind {
    /// The reason as conditions write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            FaultKind::UnsupportedValue => "UnsupportedValue",
            FaultKind::IncompatibleFilters => "IncompatibleFilters",
        }
    }
}

/// Checks a rule of a Route of this kind. An `Err` means: the rule takes no part in matching, and its Route is reported.
///
/// `Ok` for a rule that must stay although something in it is wrong: see [`stays_with_error`]. Its matches are checked all
/// the same; without good matches it cannot stay.
///
/// # Errors
///
/// The first fault: matches before filters, filters of the rule before those of its backends, then the rest.
///
/// # Cost
///
/// O(size of the rule); for each regular expression that of [`check_pattern`].
///
/// # Spec
///
/// EVAL-03/04, RT-COND-06/07, MATCH-PATH-09/15, MATCH-HDR-08, MATCH-GRPC-05/06/17, SAFE-REGEX-01, SAFE-HDR-01, FILTER-GEN-04..06,
/// FILTER-HDR-05/07/09, FILTER-REDIR-01/04/09/10, FILTER-REWRITE-01, FILTER-MIRROR-03, FILTER-CORS-08/09, BACKEND-WEIGHT-05,
/// BACKEND-RETRY-02.
pub fn rule(kind: RouteKind, rule: &Rule, release: Release) -> Result<(), RuleFault> {
    contents(kind, rule, release)?;
    matches::patterns(&rule.matches)
}

/// The part of [`rule`] without regular expressions, for callers who compile these themselves.
///
/// # Errors
///
/// As [`rule`], all but those of regular expressions.
///
/// # Cost
///
/// O(size of the rule).
pub fn contents(kind: RouteKind, rule: &Rule, release: Release) -> Result<(), RuleFault> {
    matches::check(kind, &rule.matches)?;
    if refusal(kind, &rule.action).is_some() {
        return Ok(());
    }
    filters::action(kind, rule, release)
}

/// Finds what is to be reported of a rule that stays in place and refuses all its requests with 500 (EVAL-04).
///
/// That is a rule with an ExternalAuth that is not supported where it stands (on a backend, outside an HTTPRoute, a second
/// time) or says something unusable (FILTER-AUTH-08/19), and a rule that refuses anyway ([`refusal`]) and has another
/// fault beside. `None` for a rule that only holds an unresolved reference: that alone does not make a rule invalid
/// (RT-COND-09).
pub fn stays_with_error(kind: RouteKind, rule: &Rule, release: Release) -> Option<RuleFault> {
    refusal(kind, &rule.action)?;
    filters::auth_fault(kind, &rule.action).or_else(|| filters::action(kind, rule, release).err())
}

/// Tells whether a rule refuses all its requests with 500, and why: it says so itself, holds an unresolved ExtensionRef, or
/// an ExternalAuth that cannot be asked (FILTER-EXT-02/03, FILTER-AUTH-03, FILTER-GEN-08/09, EVAL-04).
///
/// # Cost
///
/// O(filters of the rule and its backends), no allocation.
pub fn refusal(kind: RouteKind, action: &Action) -> Option<Fault> {
    if action.fault.is_some() {
        return action.fault;
    }
    if matches!(kind, RouteKind::Tls | RouteKind::Tcp | RouteKind::Udp) {
        return None;
    }
    let mut auths = 0;
    let mut found = None;
    for filter in &action.filters {
        match filter {
            Filter::ExternalAuth(auth) => {
                auths += 1;
                let usable = kind == RouteKind::Http
                    && auths == 1
                    && auth.backend.fault.is_none()
                    && filters::auth_is_sound(auth);
                if !usable {
                    return Some(Fault::ExternalAuth);
                }
            }
            Filter::Extension(extension) if !extension.resolved => {
                found = Some(Fault::ExtensionRef)
            }
            _ => {}
        }
    }
    let on_backend = action
        .backends
        .iter()
        .flat_map(|backend| &backend.filters)
        .any(|filter| matches!(filter, Filter::ExternalAuth(_)));
    if on_backend {
        return Some(Fault::ExternalAuth);
    }
    found
}

/// A fault of unsupported value.
fn unsupported(field: impl Into<String>, text: impl Into<String>) -> RuleFault {
    RuleFault {
        kind: FaultKind::UnsupportedValue,
        field: field.into(),
        text: text.into(),
    }
}

/// A fault of incompatible filters.
fn incompatible(field: impl Into<String>, text: impl Into<String>) -> RuleFault {
    RuleFault {
        kind: FaultKind::IncompatibleFilters,
        field: field.into(),
        text: text.into(),
    }
}

#[cfg(test)]
mod tests;
