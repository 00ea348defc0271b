//! What becomes of a plan.

use std::sync::Arc;

use super::{Attachment, ListenerHead, Plan};

/// A Route on a listener, before and after a change.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteChange {
    /// The listener.
    pub listener: Arc<ListenerHead>,
    /// How the Route was attached to it; `None` when it was not.
    pub before: Option<Attachment>,
    /// How it is attached now; `None` when it no longer is.
    pub after: Option<Attachment>,
}

/// The difference between two plans of one controller.
#[derive(Clone, Debug, PartialEq)]
pub enum PlanChange {
    /// Gateways, listeners and frontends are the same; these Routes on listeners are not. None means that nothing changed.
    Routes(Vec<RouteChange>),
    /// Gateways, listeners or frontends changed, and perhaps Routes.
    Shape {
        /// The plan as it was; it shares with the new one all Routes that are the same.
        before: Box<Plan>,
    },
}

impl PlanChange {
    /// Whether the plans are equal.
    pub fn is_empty(&self) -> bool {
        matches!(self, PlanChange::Routes(changes) if changes.is_empty())
    }
}
