//! References from a Route, a ListenerSet or a status to a parent.

use serde::{Deserialize, Serialize};

use super::object_reference::Target;
use super::{GATEWAY_GROUP, Open};
use crate::vocab::SectionName;

/// What a Route attaches to: a Gateway, a ListenerSet or a Service, or one part of it. Statuses name parents and
/// ancestors of policies in the same way.
///
/// # Spec
///
/// RT-PREF-01..08, MESH-01, MESH-05.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParentReference {
    /// API group; see [`group`](Self::group).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Kind; see [`kind`](Self::kind).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Namespace; absent means that of the object that holds the reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
    /// One listener of a Gateway, one entry of a ListenerSet, one port of a Service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section_name: Option<Open<SectionName>>,
    /// All listeners on this port; 1 to 65535.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
}

impl ParentReference {
    /// The API group, that of Gateway API when unset.
    pub fn group(&self) -> &str {
        self.group.as_deref().unwrap_or(GATEWAY_GROUP)
    }

    /// The kind, `Gateway` when unset.
    pub fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("Gateway")
    }

    /// The namespace, `local` when unset.
    pub fn namespace_or<'a>(&'a self, local: &'a str) -> &'a str {
        self.namespace.as_deref().unwrap_or(local)
    }

    /// The name of the part, if the reference is to a part.
    pub fn section(&self) -> Option<&str> {
        self.section_name.as_ref().map(Open::as_str)
    }

    /// The parent without the part, defaults filled in.
    pub fn target(&self) -> Target<'_> {
        Target {
            group: self.group(),
            kind: self.kind(),
            namespace: self.namespace.as_deref(),
            name: &self.name,
        }
    }
}

/// The Gateway that a ListenerSet belongs to.
///
/// # Spec
///
/// GW-LSET-03.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParentGatewayReference {
    /// API group; see [`group`](Self::group).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Kind; see [`kind`](Self::kind).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Namespace; absent means that of the set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl ParentGatewayReference {
    /// The API group, that of Gateway API when unset.
    pub fn group(&self) -> &str {
        self.group.as_deref().unwrap_or(GATEWAY_GROUP)
    }

    /// The kind, `Gateway` when unset.
    pub fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("Gateway")
    }

    /// The namespace, `local` when unset.
    pub fn namespace_or<'a>(&'a self, local: &'a str) -> &'a str {
        self.namespace.as_deref().unwrap_or(local)
    }

    /// The Gateway, defaults filled in.
    pub fn target(&self) -> Target<'_> {
        Target {
            group: self.group(),
            kind: self.kind(),
            namespace: self.namespace.as_deref(),
            name: &self.name,
        }
    }
}
