//! What policies have in common.

use serde::{Deserialize, Serialize};

use super::object_reference::Target;
use super::{Condition, Open, ParentReference};
use crate::vocab::SectionName;

/// What a policy is about, in its own namespace.
///
/// # Spec
///
/// POL-02, POL-03. XBackendTrafficPolicy has no `sectionName` (XBTP-01).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyTargetReference {
    /// API group; empty is the core group.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// One part: the port name of a Service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section_name: Option<Open<SectionName>>,
}

impl PolicyTargetReference {
    /// The target without the part.
    pub fn target(&self) -> Target<'_> {
        Target {
            group: &self.group,
            kind: &self.kind,
            namespace: None,
            name: &self.name,
        }
    }
}

/// What controllers found about a policy, ancestor by ancestor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyStatus {
    /// One entry for each ancestor and controller, at most 16 (POL-06).
    pub ancestors: Vec<PolicyAncestorStatus>,
}

/// What one controller found about a policy for one ancestor, normally a Gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyAncestorStatus {
    /// The ancestor.
    pub ancestor_ref: ParentReference,
    /// The controller that wrote the entry.
    pub controller_name: String,
    /// `Accepted`, `ResolvedRefs`.
    pub conditions: Vec<Condition>,
}
