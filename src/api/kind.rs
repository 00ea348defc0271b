//! The kinds and versions of the known bundles.

use crate::vocab::{Bundle, Release, Window};

/// The API group of Gateway API.
pub const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";

/// The API group of kinds that are not settled yet.
pub const GATEWAY_X_GROUP: &str = "gateway.networking.x-k8s.io";

/// A kind that has a struct of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// [`GatewayClass`](super::GatewayClass).
    GatewayClass,
    /// [`Gateway`](super::Gateway).
    Gateway,
    /// [`ListenerSet`](super::ListenerSet), `XListenerSet` in v1.4.
    ListenerSet,
    /// [`HttpRoute`](super::HttpRoute).
    HttpRoute,
    /// [`GrpcRoute`](super::GrpcRoute).
    GrpcRoute,
    /// [`TlsRoute`](super::TlsRoute).
    TlsRoute,
    /// [`TcpRoute`](super::TcpRoute).
    TcpRoute,
    /// [`UdpRoute`](super::UdpRoute).
    UdpRoute,
    /// [`ReferenceGrant`](super::ReferenceGrant).
    ReferenceGrant,
    /// [`BackendTlsPolicy`](super::BackendTlsPolicy).
    BackendTlsPolicy,
    /// [`BackendTrafficPolicy`](super::BackendTrafficPolicy), `XBackendTrafficPolicy` on the wire.
    BackendTrafficPolicy,
    /// [`Mesh`](super::Mesh), `XMesh` on the wire.
    Mesh,
    /// [`ExternalBackend`](super::ExternalBackend), `XBackend` on the wire.
    ExternalBackend,
    /// [`Namespace`](super::Namespace).
    Namespace,
    /// [`Service`](super::Service).
    Service,
    /// [`Secret`](super::Secret).
    Secret,
    /// [`ConfigMap`](super::ConfigMap).
    ConfigMap,
    /// [`CustomResourceDefinition`](super::CustomResourceDefinition).
    CustomResourceDefinition,
}

impl Kind {
    /// Whether objects of the kind lie in namespaces.
    pub fn is_namespaced(self) -> bool {
        !matches!(
            self,
            Kind::GatewayClass | Kind::Mesh | Kind::Namespace | Kind::CustomResourceDefinition
        )
    }

    /// The versions of the kind in the known bundles, newest first.
    pub fn versions(self) -> impl Iterator<Item = &'static ApiVersion> {
        ApiVersion::ALL
            .iter()
            .filter(move |version| version.kind == self)
    }

    /// The version that clients of a cluster with this bundle best use: the newest that is served. `None` if the bundle
    /// does not serve the kind.
    pub fn served_in(self, bundle: Bundle) -> Option<&'static ApiVersion> {
        self.versions().find(|version| version.served.holds(bundle))
    }
}

/// A version of a kind: its names on the wire, and in which bundles it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApiVersion {
    /// The kind that it is read as.
    pub kind: Kind,
    /// API group; empty is the core group.
    pub group: &'static str,
    /// Version, as `v1beta1`.
    pub version: &'static str,
    /// Kind on the wire, as `HTTPRoute`.
    pub name: &'static str,
    /// Plural on the wire, as `httproutes`.
    pub plural: &'static str,
    /// Bundles that define it, served or not.
    pub defined: Window,
    /// Bundles that serve it.
    pub served: Window,
    /// Bundles that keep objects in it.
    pub stored: Window,
}

impl ApiVersion {
    /// All versions of all kinds; those of one kind newest first.
    pub const ALL: &'static [ApiVersion] = TABLE;

    /// The version with this `apiVersion` and `kind`, whatever bundle has it.
    pub fn find(api_version: &str, kind: &str) -> Option<&'static ApiVersion> {
        let (group, version) = split_api_version(api_version);
        TABLE
            .iter()
            .find(|row| row.name == kind && row.version == version && row.group == group)
    }

    /// `apiVersion` as objects have it: `group/version`, or `version` alone for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

/// Group and version of an `apiVersion`; the core group is empty.
pub fn split_api_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

const ALWAYS: Window = Window::ALWAYS;
const NEVER: Window = Window::NEVER;
const EXPERIMENTAL: Window = Window::EXPERIMENTAL;
const SINCE_5: Window = Window::since(Release::V1_5);
const SINCE_6: Window = Window::since(Release::V1_6);
/// v1.4 experimental.
const ONLY_4: Window = Window::before(Release::V1_5).and(EXPERIMENTAL);
/// Experimental before v1.6.
const BEFORE_6: Window = Window::before(Release::V1_6).and(EXPERIMENTAL);

const fn row(
    kind: Kind,
    group: &'static str,
    version: &'static str,
    (name, plural): (&'static str, &'static str),
    [defined, served, stored]: [Window; 3],
) -> ApiVersion {
    ApiVersion {
        kind,
        group,
        version,
        name,
        plural,
        defined,
        served,
        stored,
    }
}

const CLASS: (&str, &str) = ("GatewayClass", "gatewayclasses");
const GATEWAY: (&str, &str) = ("Gateway", "gateways");
const HTTP: (&str, &str) = ("HTTPRoute", "httproutes");
const GRPC: (&str, &str) = ("GRPCRoute", "grpcroutes");
const TLS: (&str, &str) = ("TLSRoute", "tlsroutes");
const TCP: (&str, &str) = ("TCPRoute", "tcproutes");
const UDP: (&str, &str) = ("UDPRoute", "udproutes");
const GRANT: (&str, &str) = ("ReferenceGrant", "referencegrants");
const BTLS: (&str, &str) = ("BackendTLSPolicy", "backendtlspolicies");
const XBTP: (&str, &str) = ("XBackendTrafficPolicy", "xbackendtrafficpolicies");

#[rustfmt::skip]
const TABLE: &[ApiVersion] = {
    use Kind::*;
    const G: &str = GATEWAY_GROUP;
    const X: &str = GATEWAY_X_GROUP;
    &[
        //                                                       defined, served, stored
        row(GatewayClass, G, "v1", CLASS,                       [ALWAYS, ALWAYS, ALWAYS]),
        row(GatewayClass, G, "v1beta1", CLASS,                  [ALWAYS, ALWAYS, NEVER]),
        row(Gateway, G, "v1", GATEWAY,                          [ALWAYS, ALWAYS, ALWAYS]),
        row(Gateway, G, "v1beta1", GATEWAY,                     [ALWAYS, ALWAYS, NEVER]),
        row(ListenerSet, G, "v1", ("ListenerSet", "listenersets"), [SINCE_5, SINCE_5, SINCE_5]),
        row(ListenerSet, X, "v1alpha1", ("XListenerSet", "xlistenersets"), [ONLY_4, ONLY_4, ONLY_4]),
        row(HttpRoute, G, "v1", HTTP,                           [ALWAYS, ALWAYS, ALWAYS]),
        row(HttpRoute, G, "v1beta1", HTTP,                      [ALWAYS, ALWAYS, NEVER]),
        row(GrpcRoute, G, "v1", GRPC,                           [ALWAYS, ALWAYS, ALWAYS]),
        row(TlsRoute, G, "v1", TLS,                             [SINCE_5, SINCE_5, SINCE_5]),
        row(TlsRoute, G, "v1alpha3", TLS,                       [ONLY_4.or(SINCE_5), EXPERIMENTAL, ONLY_4]),
        row(TlsRoute, G, "v1alpha2", TLS,                       [ONLY_4.or(SINCE_5), EXPERIMENTAL, NEVER]),
        row(TcpRoute, G, "v1", TCP,                             [SINCE_6, SINCE_6, SINCE_6]),
        row(TcpRoute, G, "v1alpha2", TCP,                       [EXPERIMENTAL.or(SINCE_6), EXPERIMENTAL, BEFORE_6]),
        row(UdpRoute, G, "v1", UDP,                             [SINCE_6, SINCE_6, SINCE_6]),
        row(UdpRoute, G, "v1alpha2", UDP,                       [EXPERIMENTAL.or(SINCE_6), EXPERIMENTAL, BEFORE_6]),
        row(ReferenceGrant, G, "v1", GRANT,                     [SINCE_5, SINCE_5, NEVER]),
        row(ReferenceGrant, G, "v1beta1", GRANT,                [ALWAYS, ALWAYS, ALWAYS]),
        row(BackendTlsPolicy, G, "v1", BTLS,                    [ALWAYS, ALWAYS, ALWAYS]),
        row(BackendTlsPolicy, G, "v1alpha3", BTLS,              [ALWAYS, EXPERIMENTAL, NEVER]),
        row(BackendTrafficPolicy, X, "v1alpha1", XBTP,          [EXPERIMENTAL, EXPERIMENTAL, EXPERIMENTAL]),
        row(Mesh, X, "v1alpha1", ("XMesh", "xmeshes"),          [EXPERIMENTAL, EXPERIMENTAL, EXPERIMENTAL]),
        row(ExternalBackend, X, "v1alpha1", ("XBackend", "xbackends"), [SINCE_6.and(EXPERIMENTAL); 3]),
        row(Namespace, "", "v1", ("Namespace", "namespaces"),   [ALWAYS, ALWAYS, ALWAYS]),
        row(Service, "", "v1", ("Service", "services"),         [ALWAYS, ALWAYS, ALWAYS]),
        row(Secret, "", "v1", ("Secret", "secrets"),            [ALWAYS, ALWAYS, ALWAYS]),
        row(ConfigMap, "", "v1", ("ConfigMap", "configmaps"),   [ALWAYS, ALWAYS, ALWAYS]),
        row(CustomResourceDefinition, "apiextensions.k8s.io", "v1",
            ("CustomResourceDefinition", "customresourcedefinitions"), [ALWAYS, ALWAYS, ALWAYS]),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::Channel;

    #[test]
    fn versions_are_found_by_their_names_on_the_wire() {
        let found = ApiVersion::find("gateway.networking.x-k8s.io/v1alpha1", "XListenerSet");
        assert_eq!(found.map(|row| row.kind), Some(Kind::ListenerSet));
        assert_eq!(
            ApiVersion::find("gateway.networking.k8s.io/v1", "XListenerSet"),
            None
        );
        assert_eq!(
            ApiVersion::find("gateway.networking.k8s.io/v2", "Gateway"),
            None
        );
        for row in ApiVersion::ALL {
            assert_eq!(ApiVersion::find(&row.api_version(), row.name), Some(row));
        }
    }

    #[test]
    fn bundles_serve_the_newest_version_that_they_have() {
        let served = |kind: Kind, release, channel: Channel| {
            kind.served_in(Bundle::new(release, channel))
                .map(|row| row.version)
        };
        // VER-03 and the CRDs of each bundle.
        use Channel::{Experimental, Standard};
        assert_eq!(served(Kind::TlsRoute, Release::V1_4, Standard), None);
        assert_eq!(
            served(Kind::TlsRoute, Release::V1_4, Experimental),
            Some("v1alpha3")
        );
        assert_eq!(served(Kind::TlsRoute, Release::V1_5, Standard), Some("v1"));
        assert_eq!(
            served(Kind::TcpRoute, Release::V1_5, Experimental),
            Some("v1alpha2")
        );
        assert_eq!(
            served(Kind::ReferenceGrant, Release::V1_4, Standard),
            Some("v1beta1")
        );
        assert_eq!(
            served(Kind::ExternalBackend, Release::V1_5, Experimental),
            None
        );
    }

    #[test]
    fn what_is_stored_or_served_is_defined() {
        for row in ApiVersion::ALL {
            assert_eq!(
                row.served.or(row.stored).or(row.defined),
                row.defined,
                "{row:?}"
            );
        }
    }
}
