//! Which version of a kind is asked for.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use super::Parts;
use crate::api::{ApiVersion, CustomResourceDefinition};
use crate::vocab::Bundle;

/// The version of a kind that a cluster is asked for: what kube calls the dynamic type of [`Live`](super::Live).
///
/// The default is the newest version of the newest known bundle, which `Api::all` and `Api::namespaced` ask for. Another one
/// goes through `Api::all_with(client, &served)`, with `.constrain(namespace)` for one namespace.
///
/// # Spec
///
/// VER-01..12.
///
/// ```
/// use gatewright::api::ListenerSet;
/// use gatewright::kube::Served;
/// use gatewright::vocab::{Bundle, Channel, Release};
///
/// let old = Served::<ListenerSet>::in_bundle(Bundle::new(Release::V1_4, Channel::Experimental));
/// assert_eq!(old.unwrap().version().name, "XListenerSet");
/// // The standard channel of v1.4 has no such kind.
/// assert_eq!(Served::<ListenerSet>::in_bundle(Bundle::new(Release::V1_4, Channel::Standard)), None);
/// ```
pub struct Served<K> {
    version: &'static ApiVersion,
    kind: PhantomData<fn() -> K>,
}

impl<K: Parts> Served<K> {
    /// The newest version that a bundle serves; `None` if it does not serve the kind.
    pub fn in_bundle(bundle: Bundle) -> Option<Self> {
        K::NEWEST.kind.served_in(bundle).map(Self::from_row)
    }

    /// The version with this `apiVersion`; `None` if no known bundle has it.
    pub fn at(api_version: &str) -> Option<Self> {
        K::NEWEST
            .kind
            .versions()
            .find(|row| row.api_version() == api_version)
            .map(Self::from_row)
    }

    /// The newest known version that the CRDs of a cluster serve, whatever bundles they are from; `None` if they do not
    /// serve the kind.
    ///
    /// # Cost
    ///
    /// O(CRDs x versions).
    pub fn by_crds<'a, I>(crds: I) -> Option<Self>
    where
        I: IntoIterator<Item = &'a CustomResourceDefinition>,
    {
        crds.into_iter()
            .filter_map(|crd| {
                K::NEWEST.kind.versions().enumerate().find(|(_, row)| {
                    row.group == crd.spec.group
                        && row.name == crd.spec.names.kind
                        && crd
                            .spec
                            .versions
                            .iter()
                            .any(|v| v.served && v.name == row.version)
                })
            })
            .min_by_key(|(age, _)| *age)
            .map(|(_, row)| Self::from_row(row))
    }

    /// The version.
    pub fn version(&self) -> &'static ApiVersion {
        self.version
    }

    fn from_row(version: &'static ApiVersion) -> Self {
        Served {
            version,
            kind: PhantomData,
        }
    }
}

impl<K: Parts> Default for Served<K> {
    fn default() -> Self {
        Self::from_row(K::NEWEST)
    }
}

impl<K> Clone for Served<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Served<K> {}

impl<K> PartialEq for Served<K> {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

impl<K> Eq for Served<K> {}

impl<K> Hash for Served<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.version.hash(state);
    }
}

impl<K> fmt::Debug for Served<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.version.api_version(), self.version.name)
    }
}
