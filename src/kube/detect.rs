//! Which bundles a cluster has, as its CRDs tell.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::{CustomResourceDefinition, GATEWAY_GROUP, GATEWAY_X_GROUP, Kind};
use crate::vocab::Bundle;

/// The bundle of each installed CRD of Gateway API.
///
/// # Spec
///
/// GW-CLASS-07, VER-01..12.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detection {
    /// By the name of the CRD, as `gateways.gateway.networking.k8s.io`; `None` if its annotations are absent or name no
    /// bundle that is known here.
    pub by_crd: BTreeMap<String, Option<Bundle>>,
}

impl Detection {
    /// The bundle, if all CRDs are of the same and there is at least one.
    pub fn bundle(&self) -> Option<Bundle> {
        let mut bundles = self.by_crd.values();
        let first = (*bundles.next()?)?;
        bundles
            .all(|bundle| *bundle == Some(first))
            .then_some(first)
    }

    /// The bundle that the CRD of a kind is of; `None` if there is none or it is not known.
    pub fn bundle_of(&self, kind: Kind) -> Option<Bundle> {
        kind.versions()
            .find_map(|row| *self.by_crd.get(&format!("{}.{}", row.plural, row.group))?)
    }

    /// The CRDs whose bundle is not known.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.by_crd
            .iter()
            .filter(|(_, bundle)| bundle.is_none())
            .map(|(name, _)| name.as_str())
    }
}

/// Reads the metadata of CRDs, which is all that a cluster has to be asked for. CRDs of other groups are left out.
///
/// # Cost
///
/// O(CRDs).
///
/// ```
/// use gatewright::kube::detect::detect;
/// use gatewright::kube::kube_core::ObjectMeta;
///
/// let crd = |name: &str, version: &str| ObjectMeta {
///     name: Some(name.to_owned()),
///     annotations: Some([
///         ("gateway.networking.k8s.io/bundle-version".to_owned(), version.to_owned()),
///         ("gateway.networking.k8s.io/channel".to_owned(), "standard".to_owned()),
///     ].into()),
///     ..ObjectMeta::default()
/// };
/// let crds = [crd("gateways.gateway.networking.k8s.io", "v1.5.1"), crd("things.example.com", "v9")];
/// assert_eq!(detect(&crds).bundle(), Some("v1.5-standard".parse()?));
/// # Ok::<(), gatewright::vocab::InvalidBundle>(())
/// ```
pub fn detect<'a>(crds: impl IntoIterator<Item = &'a ObjectMeta>) -> Detection {
    gather(crds.into_iter().map(|crd| {
        let annotations = crd.annotations.as_ref();
        let annotation = |key: &str| annotations.and_then(|all| all.get(key)).map(String::as_str);
        (
            crd.name.as_deref().unwrap_or_default(),
            annotation("gateway.networking.k8s.io/bundle-version"),
            annotation("gateway.networking.k8s.io/channel"),
        )
    }))
}

impl Bundle {
    /// The bundle that a cluster has, if all of its CRDs of Gateway API are of the same; [`detect`] tells more.
    pub fn detect<'a>(
        crds: impl IntoIterator<Item = &'a CustomResourceDefinition>,
    ) -> Option<Bundle> {
        gather(crds.into_iter().map(|crd| {
            (
                crd.metadata.name.as_str(),
                crd.bundle_version(),
                crd.channel(),
            )
        }))
        .bundle()
    }
}

/// Name, bundle version, channel.
fn gather<'a>(
    crds: impl Iterator<Item = (&'a str, Option<&'a str>, Option<&'a str>)>,
) -> Detection {
    let of_gateway_api = |name: &str| {
        name.split_once('.')
            .is_some_and(|(_, group)| [GATEWAY_GROUP, GATEWAY_X_GROUP].contains(&group))
    };
    let bundle = |version: Option<&str>, channel: Option<&str>| {
        Some(Bundle::new(version?.parse().ok()?, channel?.parse().ok()?))
    };
    Detection {
        by_crd: crds
            .filter(|(name, ..)| of_gateway_api(name))
            .map(|(name, version, channel)| (name.to_owned(), bundle(version, channel)))
            .collect(),
    }
}
