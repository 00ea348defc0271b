//! The choice for connections that are not taken apart: TLS, TCP, UDP.

use super::draw::{Draw, pick};
use crate::plan::{Action, Backend};

/// What becomes of a connection of TLS or TCP, or of a flow of UDP.
#[derive(Clone, Copy, Debug)]
pub enum Choice<'a> {
    /// Its bytes go to a backend.
    Forward {
        /// The backend.
        backend: &'a Backend,
        /// Its place in the rule's list.
        index: usize,
    },
    /// It is reset; datagrams are dropped. For the same reasons an HTTP request gets 500 or 503.
    Reset(super::Reason),
}

/// Chooses the backend for a connection by weight. An established connection keeps its choice.
///
/// # Cost
///
/// O(backends), no allocation.
///
/// # Spec
///
/// L4-TLS-05/08, L4-TCP-03/04, L4-UDP-02/03, BACKEND-WEIGHT-01..07.
///
/// ```
/// use gatewright::filter::{self, Choice, Draw};
/// use gatewright::plan::{Action, Backend};
///
/// let action = Action::forward([Backend::service("db", "pg", 5432)]);
/// assert!(matches!(filter::choose(&action, &Draw::of(0)), Choice::Forward { index: 0, .. }));
/// assert!(matches!(filter::choose(&Action::default(), &Draw::of(0)), Choice::Reset(_)));
/// ```
pub fn choose<'a>(action: &'a Action, draw: &Draw<'_>) -> Choice<'a> {
    let (index, backend) = match by_weight(&action.backends, draw.weight()) {
        Ok(found) => found,
        Err(reason) => return Choice::Reset(reason),
    };
    match unusable(backend) {
        Some(reason) => Choice::Reset(reason),
        None => Choice::Forward { backend, index },
    }
}

/// The backend that a random value falls on (BACKEND-WEIGHT-06).
pub(super) fn by_weight(backends: &[Backend], x: u64) -> Result<(usize, &Backend), super::Reason> {
    if backends.is_empty() {
        return Err(super::Reason::NoBackends);
    }
    let sum: u64 = backends
        .iter()
        .map(|backend| u64::from(backend.weight))
        .sum();
    let mut left = pick(x, sum);
    for (index, backend) in backends.iter().enumerate() {
        match left.checked_sub(u64::from(backend.weight)) {
            None => return Ok((index, backend)),
            Some(rest) => left = rest,
        }
    }
    // Only a sum of 0 leaves the list without a choice.
    Err(super::Reason::NoWeight)
}

/// Why nothing can be sent to a backend. Invalid outranks without endpoints (OUT-06).
pub(super) fn unusable(backend: &Backend) -> Option<super::Reason> {
    match backend.fault {
        Some(fault) => Some(super::Reason::InvalidBackend(fault)),
        None if !backend.ready => Some(super::Reason::NoEndpoints),
        None => None,
    }
}
