//! References to other objects.

use serde::{Deserialize, Serialize};

/// What a reference of any sort points at, defaults filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target<'a> {
    /// API group; empty is the core group.
    pub group: &'a str,
    /// Kind.
    pub kind: &'a str,
    /// Namespace as written; `None` means that of the referrer, or a cluster-scoped object.
    pub namespace: Option<&'a str>,
    /// Name.
    pub name: &'a str,
}

/// A reference to an object of any kind in the same namespace, or to a cluster-scoped one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LocalObjectReference {
    /// API group; empty is the core group.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
}

impl LocalObjectReference {
    /// The referent.
    pub fn target(&self) -> Target<'_> {
        Target {
            group: &self.group,
            kind: &self.kind,
            namespace: None,
            name: &self.name,
        }
    }
}

/// A reference to an object of any kind in any namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectReference {
    /// API group; empty is the core group.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Namespace; absent means that of the referrer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

impl ObjectReference {
    /// The referent.
    pub fn target(&self) -> Target<'_> {
        Target {
            group: &self.group,
            kind: &self.kind,
            namespace: self.namespace.as_deref(),
            name: &self.name,
        }
    }
}

/// The parameters of a GatewayClass or an XMesh (GW-CLASS-04).
pub type ParametersReference = ObjectReference;

/// A reference to a Secret, or to something that stands in for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretObjectReference {
    /// API group; see [`group`](Self::group).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Kind; see [`kind`](Self::kind).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name.
    pub name: String,
    /// Namespace; absent means that of the referrer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

impl SecretObjectReference {
    /// The API group, the core group when unset.
    pub fn group(&self) -> &str {
        self.group.as_deref().unwrap_or_default()
    }

    /// The kind, `Secret` when unset.
    pub fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("Secret")
    }

    /// The referent, defaults filled in.
    pub fn target(&self) -> Target<'_> {
        Target {
            group: self.group(),
            kind: self.kind(),
            namespace: self.namespace.as_deref(),
            name: &self.name,
        }
    }
}
