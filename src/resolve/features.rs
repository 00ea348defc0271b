//! Feature names: which exist in which bundle, which are on.

use std::collections::BTreeSet;
use std::fmt;

use crate::vocab::{Bundle, Release, Window};

/// Where a feature is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// On GatewayClasses.
    Gateway,
    /// On XMesh objects.
    Mesh,
}

const ALWAYS: Window = Window::ALWAYS;
const EXPERIMENTAL: Window = Window::EXPERIMENTAL;
const SINCE_1_5: Window = Window::since(Release::V1_5);
const SINCE_1_6: Window = Window::since(Release::V1_6);
const STANDARD_SINCE_1_5: Window = EXPERIMENTAL.or(SINCE_1_5);
const STANDARD_SINCE_1_6: Window = EXPERIMENTAL.or(SINCE_1_6);

/// Every feature name of the known releases, ascending, with the bundles that have it (GW-CLASS-17).
#[rustfmt::skip]
const FEATURES: &[(&str, Side, Window)] = &[
    ("BackendTLSPolicy", Side::Gateway, ALWAYS),
    ("BackendTLSPolicySANValidation", Side::Gateway, ALWAYS),
    ("GRPCRoute", Side::Gateway, ALWAYS),
    ("GRPCRouteNamedRouteRule", Side::Gateway, ALWAYS),
    ("Gateway", Side::Gateway, ALWAYS),
    ("GatewayAddressEmpty", Side::Gateway, ALWAYS),
    ("GatewayBackendClientCertificate", Side::Gateway, SINCE_1_5),
    ("GatewayFrontendClientCertificateValidation", Side::Gateway, SINCE_1_5),
    ("GatewayFrontendClientCertificateValidationInsecureFallback", Side::Gateway, SINCE_1_5),
    ("GatewayHTTPListenerIsolation", Side::Gateway, ALWAYS),
    ("GatewayHTTPSListenerDetectMisdirectedRequests", Side::Gateway, SINCE_1_5),
    ("GatewayInfrastructurePropagation", Side::Gateway, ALWAYS),
    ("GatewayPort8080", Side::Gateway, ALWAYS),
    ("GatewayStaticAddresses", Side::Gateway, ALWAYS),
    ("HTTPRoute", Side::Gateway, ALWAYS),
    ("HTTPRoute303RedirectStatusCode", Side::Gateway, SINCE_1_5),
    ("HTTPRoute307RedirectStatusCode", Side::Gateway, SINCE_1_5),
    ("HTTPRoute308RedirectStatusCode", Side::Gateway, SINCE_1_5),
    ("HTTPRouteBackendProtocolH2C", Side::Gateway, ALWAYS),
    ("HTTPRouteBackendProtocolWebSocket", Side::Gateway, ALWAYS),
    ("HTTPRouteBackendRequestHeaderModification", Side::Gateway, ALWAYS),
    ("HTTPRouteBackendTimeout", Side::Gateway, ALWAYS),
    ("HTTPRouteCORS", Side::Gateway, STANDARD_SINCE_1_5),
    ("HTTPRouteDestinationPortMatching", Side::Gateway, EXPERIMENTAL),
    ("HTTPRouteHostRewrite", Side::Gateway, ALWAYS),
    ("HTTPRouteMethodMatching", Side::Gateway, ALWAYS),
    ("HTTPRouteNamedRouteRule", Side::Gateway, ALWAYS),
    ("HTTPRouteParentRefPort", Side::Gateway, ALWAYS),
    ("HTTPRoutePathRedirect", Side::Gateway, ALWAYS),
    ("HTTPRoutePathRewrite", Side::Gateway, ALWAYS),
    ("HTTPRoutePortRedirect", Side::Gateway, ALWAYS),
    ("HTTPRouteQueryParamMatching", Side::Gateway, ALWAYS),
    ("HTTPRouteRequestMirror", Side::Gateway, ALWAYS),
    ("HTTPRouteRequestMultipleMirrors", Side::Gateway, ALWAYS),
    ("HTTPRouteRequestPercentageMirror", Side::Gateway, ALWAYS),
    ("HTTPRouteRequestTimeout", Side::Gateway, ALWAYS),
    ("HTTPRouteResponseHeaderModification", Side::Gateway, ALWAYS),
    ("HTTPRouteRetry", Side::Gateway, EXPERIMENTAL.and(SINCE_1_6)),
    ("HTTPRouteRetryBackendTimeout", Side::Gateway, EXPERIMENTAL.and(SINCE_1_6)),
    ("HTTPRouteRetryConnectionError", Side::Gateway, EXPERIMENTAL.and(SINCE_1_6)),
    ("HTTPRouteSchemeRedirect", Side::Gateway, ALWAYS),
    ("ListenerSet", Side::Gateway, SINCE_1_5),
    ("Mesh", Side::Mesh, ALWAYS),
    ("MeshClusterIPMatching", Side::Mesh, ALWAYS),
    ("MeshConsumerRoute", Side::Mesh, ALWAYS),
    ("MeshHTTPRouteBackendRequestHeaderModification", Side::Mesh, ALWAYS),
    ("MeshHTTPRouteNamedRouteRule", Side::Mesh, ALWAYS),
    ("MeshHTTPRouteQueryParamMatching", Side::Mesh, ALWAYS),
    ("MeshHTTPRouteRedirectPath", Side::Mesh, ALWAYS),
    ("MeshHTTPRouteRedirectPort", Side::Mesh, ALWAYS),
    ("MeshHTTPRouteRewritePath", Side::Mesh, ALWAYS),
    ("MeshHTTPRouteSchemeRedirect", Side::Mesh, ALWAYS),
    ("ReferenceGrant", Side::Gateway, ALWAYS),
    ("TCPRoute", Side::Gateway, SINCE_1_6),
    ("TLSRoute", Side::Gateway, STANDARD_SINCE_1_5),
    ("TLSRouteModeMixed", Side::Gateway, EXPERIMENTAL.and(SINCE_1_5)),
    ("TLSRouteModeTerminate", Side::Gateway, SINCE_1_5),
    ("UDPRoute", Side::Gateway, STANDARD_SINCE_1_6),
];

/// Most names that a status can list (GW-CLASS-10, XMESH-04).
const MAX_PUBLISHED: usize = 64;

/// The optional features that are on: all, unless switched off (GW-CLASS-18).
///
/// A feature can be switched off in every bundle, also in one whose `supportedFeatures` has no name for it yet.
///
/// ```
/// use gatewright::resolve::Features;
/// use gatewright::vocab::Bundle;
///
/// let features = Features::default().without("TCPRoute")?;
/// assert!(!features.is_on("TCPRoute"));
/// assert!(features.is_on("UDPRoute"));
/// let names: Vec<_> = features.of_gateways(Bundle::default()).collect();
/// assert!(names.contains(&"UDPRoute") && !names.contains(&"TCPRoute"));
/// # Ok::<(), gatewright::resolve::UnknownFeature>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    off: BTreeSet<&'static str>,
}

impl Features {
    /// The same without one feature.
    ///
    /// # Errors
    ///
    /// [`UnknownFeature`] for a name that no known release has.
    pub fn without(mut self, name: &str) -> Result<Self, UnknownFeature> {
        let known = FEATURES
            .iter()
            .find(|(known, ..)| *known == name)
            .ok_or_else(|| UnknownFeature {
                found: name.to_owned(),
            })?;
        self.off.insert(known.0);
        Ok(self)
    }

    /// Whether a feature is on. A name that no known release has is not.
    pub fn is_on(&self, name: &str) -> bool {
        !self.off.contains(name) && FEATURES.iter().any(|(known, ..)| *known == name)
    }

    /// Whether a feature, known to exist, was left on.
    pub(super) fn has(&self, name: &'static str) -> bool {
        !self.off.contains(name)
    }

    /// The names that a GatewayClass lists, ascending (GW-CLASS-10/11).
    pub fn of_gateways(&self, bundle: Bundle) -> impl Iterator<Item = &'static str> {
        self.published(Side::Gateway, bundle)
    }

    /// The names that an XMesh lists, ascending (XMESH-04).
    pub fn of_meshes(&self, bundle: Bundle) -> impl Iterator<Item = &'static str> {
        self.published(Side::Mesh, bundle)
    }

    fn published(&self, side: Side, bundle: Bundle) -> impl Iterator<Item = &'static str> {
        FEATURES
            .iter()
            .filter(move |(name, of, window)| {
                *of == side && window.holds(bundle) && !self.off.contains(name)
            })
            .map(|(name, ..)| *name)
            .take(MAX_PUBLISHED)
    }
}

/// A feature name that no known release has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFeature {
    found: String,
}

impl fmt::Display for UnknownFeature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown feature `{}`: expected a name as in `supportedFeatures`",
            self.found
        )
    }
}

impl std::error::Error for UnknownFeature {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::Channel;

    fn names(features: &Features, release: Release, channel: Channel) -> Vec<&'static str> {
        features
            .of_gateways(Bundle::new(release, channel))
            .collect()
    }

    /// GW-CLASS-10: sorted by bytes, unique, at most 64 per bundle; GW-CLASS-13: the shape of names.
    #[test]
    fn names_are_sorted_unique_and_few() {
        assert!(FEATURES.iter().zip(&FEATURES[1..]).all(|(a, b)| a.0 < b.0));
        for bundle in Bundle::ALL {
            let all = Features::default();
            assert!(
                (1..=64).contains(&all.of_gateways(bundle).count()),
                "{bundle}"
            );
            assert!(
                (1..=64).contains(&all.of_meshes(bundle).count()),
                "{bundle}"
            );
        }
        assert!(FEATURES.iter().all(|(name, ..)| {
            name.len() <= 128 && name.bytes().all(|b| b.is_ascii_alphanumeric())
        }));
    }

    /// GW-CLASS-11: names of the mesh and of Gateways never meet.
    #[test]
    fn mesh_names_stay_off_classes() {
        let all = Features::default();
        for bundle in Bundle::ALL {
            assert!(
                all.of_gateways(bundle)
                    .all(|name| !name.starts_with("Mesh"))
            );
            assert!(all.of_meshes(bundle).all(|name| name.starts_with("Mesh")));
        }
        assert_eq!(all.of_meshes(Bundle::default()).next(), Some("Mesh"));
    }

    /// GW-CLASS-17: what is new, and what graduates.
    #[test]
    fn names_follow_release_and_channel() {
        let all = Features::default();
        for (name, release, channel, there) in [
            ("HTTPRouteCORS", Release::V1_4, Channel::Standard, false),
            ("HTTPRouteCORS", Release::V1_4, Channel::Experimental, true),
            ("HTTPRouteCORS", Release::V1_5, Channel::Standard, true),
            ("ListenerSet", Release::V1_4, Channel::Experimental, false),
            ("ListenerSet", Release::V1_5, Channel::Standard, true),
            ("TLSRoute", Release::V1_4, Channel::Standard, false),
            ("TLSRoute", Release::V1_4, Channel::Experimental, true),
            (
                "TLSRouteModeTerminate",
                Release::V1_5,
                Channel::Standard,
                true,
            ),
            ("TLSRouteModeMixed", Release::V1_5, Channel::Standard, false),
            (
                "TLSRouteModeMixed",
                Release::V1_5,
                Channel::Experimental,
                true,
            ),
            ("TCPRoute", Release::V1_5, Channel::Experimental, false),
            ("TCPRoute", Release::V1_6, Channel::Standard, true),
            ("UDPRoute", Release::V1_5, Channel::Standard, false),
            ("UDPRoute", Release::V1_5, Channel::Experimental, true),
            ("UDPRoute", Release::V1_6, Channel::Standard, true),
            ("HTTPRouteRetry", Release::V1_6, Channel::Standard, false),
            ("HTTPRouteRetry", Release::V1_6, Channel::Experimental, true),
            (
                "HTTPRoute308RedirectStatusCode",
                Release::V1_4,
                Channel::Experimental,
                false,
            ),
        ] {
            let found = names(&all, release, channel).contains(&name);
            assert_eq!(found, there, "{name} {release} {channel}");
        }
    }

    /// GW-CLASS-18: everything is on; each can be switched off by its name.
    #[test]
    fn features_are_on_until_switched_off() {
        assert!(
            FEATURES
                .iter()
                .all(|(name, ..)| Features::default().is_on(name))
        );
        assert!(!Features::default().is_on("GatewayReturn421"));
        assert!(Features::default().without("GatewayReturn421").is_err());
        let less = Features::default().without("TLSRouteModeMixed").unwrap();
        assert!(!less.is_on("TLSRouteModeMixed") && less.is_on("TLSRouteModeTerminate"));
    }
}
