//! From findings to conditions, and from conditions to what is written.
//!
//! Passes return [`Finding`]s: a reason of the right kind and a message. Only here they become [`Condition`]s and
//! statuses. A reason knows its condition and whether it means true or false, so an impossible pair does not compile.

mod desired;
mod merge;

use std::borrow::Cow;

use crate::api::ConditionStatus;
pub use crate::api::reason::*;

pub use desired::{
    ClassStatus, GatewayStatus, ListenerSetStatus, ListenerStatus, Owners, Parent, ParentKind,
    ParentStatus, PolicyStatus, RouteStatus, Status,
};
pub use merge::{Patch, merged_status, status_patch};

/// What a pass says about one condition of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding<R> {
    /// The reason; it decides type and status of the condition.
    pub reason: R,
    /// A sentence for people.
    pub message: Cow<'static, str>,
}

impl<R: Reason> Finding<R> {
    /// A finding from its parts.
    pub fn new(reason: R, message: impl Into<Cow<'static, str>>) -> Self {
        Finding {
            reason,
            message: message.into(),
        }
    }

    /// Whether the condition is true.
    pub fn holds(&self) -> bool {
        self.reason.status() == ConditionStatus::True
    }
}

/// A condition as it ought to be, without the time of its last change (which depends on what was there before) and
/// without generation (all conditions of an object carry the generation that was resolved, GW-STAT-02).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The type, for example `Accepted`.
    pub kind: &'static str,
    /// `True` or `False`; a resolver that decides everything needs no `Unknown` (GW-STAT-06).
    pub status: bool,
    /// The reason.
    pub reason: &'static str,
    /// A sentence for people.
    pub message: Cow<'static, str>,
}

impl<R: Reason> From<Finding<R>> for Condition {
    fn from(finding: Finding<R>) -> Self {
        Condition {
            kind: R::CONDITION,
            status: finding.reason.status() == ConditionStatus::True,
            reason: finding.reason.as_str(),
            message: finding.message,
        }
    }
}
