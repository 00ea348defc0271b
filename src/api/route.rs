//! What all Routes have in common.

use serde::{Deserialize, Serialize};

use super::{Condition, ParentReference, open_enum};

open_enum! {
    /// Whether Routes without parents and Gateways for them find each other (GW-DEF-01).
    pub enum DefaultScope {
        /// They do.
        All = "All",
        /// They do not.
        None = "None",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

/// What controllers found about a Route, parent by parent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteStatus {
    /// One entry for each parent and controller, at most 32.
    pub parents: Vec<RouteParentStatus>,
}

/// What one controller found about a Route at one parent.
///
/// # Spec
///
/// RT-COND-01..13.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteParentStatus {
    /// The parent, as the Route names it.
    pub parent_ref: ParentReference,
    /// The controller that wrote the entry.
    pub controller_name: String,
    /// `Accepted`, `ResolvedRefs`, `PartiallyInvalid`.
    pub conditions: Vec<Condition>,
}
