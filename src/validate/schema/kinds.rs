//! The kinds: their names, versions, and in which bundle each is served.

use std::sync::OnceLock;

use super::node::Node;
use super::table::{
    ALWAYS, BEFORE_V1_5, BEFORE_V1_6, EXPERIMENTAL, EXPERIMENTAL_SINCE_V1_6, SINCE_V1_5,
    SINCE_V1_6, STANDARD_SINCE_V1_5, STANDARD_SINCE_V1_6, Struct,
};
use super::{
    backend_tls_policy, backend_traffic_policy, external_backend, gateway, gateway_class,
    grpc_route, http_route, listener_set, mesh, reference_grant, tcp_route, tls_route, udp_route,
};
use crate::vocab::{Bundle, Window};

const STABLE: &str = "gateway.networking.k8s.io";
const UNSTABLE: &str = "gateway.networking.x-k8s.io";

/// Whether objects of the kind lie in a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Namespaced,
    Cluster,
}

/// A kind, as its CRD introduces it.
pub(crate) struct KindTable {
    pub(crate) kind: &'static str,
    pub(crate) group: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) short: &'static [&'static str],
    pub(crate) scope: Scope,
    pub(crate) columns: &'static [Column],
    pub(crate) versions: &'static [VersionTable],
}

/// A version of a kind.
pub(crate) struct VersionTable {
    pub(crate) version: &'static str,
    pub(super) root: &'static Struct,
    /// Where the CRD lists the version.
    pub(crate) listed: Window,
    /// Where the API server answers to it.
    pub(crate) served: Window,
    /// Where objects are stored in it.
    pub(crate) stored: Window,
    pub(crate) deprecated: Window,
    /// `kubectl get` prints the columns of the kind for it.
    pub(crate) has_columns: bool,
}

/// A column that `kubectl get` prints.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    pub(crate) priority: i64,
}

const fn column(name: &'static str, path: &'static str) -> Column {
    Column {
        name,
        path,
        priority: 0,
    }
}

const AGE: Column = column("Age", ".metadata.creationTimestamp");
const ACCEPTED: Column = column(
    "Accepted",
    r#".status.conditions[?(@.type=="Accepted")].status"#,
);
const PROGRAMMED: Column = column(
    "Programmed",
    r#".status.conditions[?(@.type=="Programmed")].status"#,
);
const HOSTNAMES: Column = column("Hostnames", ".spec.hostnames");

/// A version that is served and stored wherever it is listed.
const fn version(version: &'static str, root: &'static Struct, listed: Window) -> VersionTable {
    VersionTable {
        version,
        root,
        listed,
        served: listed,
        stored: listed,
        deprecated: Window::NEVER,
        has_columns: true,
    }
}

impl VersionTable {
    const fn served_in(mut self, window: Window) -> Self {
        self.served = window;
        self
    }

    const fn stored_in(mut self, window: Window) -> Self {
        self.stored = window;
        self
    }

    const fn deprecated_in(mut self, window: Window) -> Self {
        self.deprecated = window;
        self
    }

    const fn without_columns(mut self) -> Self {
        self.has_columns = false;
        self
    }

    /// Whether the version has the subresource `status`.
    pub(crate) fn has_status(&self) -> bool {
        self.root.fields.iter().any(|row| row.name == "status")
    }

    /// The schema in `bundle`, compiled anew, whether served or not.
    pub(crate) fn compile(&self, kind: &KindTable, bundle: Bundle) -> Node {
        super::compile::compile(kind, self, bundle)
    }
}

impl KindTable {
    /// Where the kind exists in any version.
    pub(crate) fn window(&self) -> Window {
        self.versions
            .iter()
            .fold(Window::NEVER, |window, version| window.or(version.listed))
    }
}

/// The compiled schemas: by kind, version and bundle, each compiled when first asked for.
static COMPILED: [[[OnceLock<Node>; 6]; 3]; 14] =
    [const { [const { [const { OnceLock::new() }; 6] }; 3] }; 14];

impl KindTable {
    /// The compiled schema of a version; `None` where the bundle does not serve it.
    pub(crate) fn compiled(&'static self, version: &str, bundle: Bundle) -> Option<&'static Node> {
        let kind = KINDS.iter().position(|kind| std::ptr::eq(kind, self))?;
        let at = self.versions.iter().position(|v| v.version == version)?;
        let table = self.versions.get(at).filter(|v| v.served.holds(bundle))?;
        let cell = COMPILED.get(kind)?.get(at)?.get(bundle.index())?;
        Some(cell.get_or_init(|| super::compile::compile(self, table, bundle)))
    }
}

/// Whether the group is one of Gateway API.
pub(crate) fn is_gateway_group(group: &str) -> bool {
    group == STABLE || group == UNSTABLE
}

/// The kind of this name in this group, whatever the bundle.
pub(crate) fn find(group: &str, kind: &str) -> Option<&'static KindTable> {
    KINDS
        .iter()
        .find(|table| table.kind == kind && table.group == group)
}

/// All kinds of all bundles.
pub(crate) static KINDS: [KindTable; 14] = [
    KindTable {
        kind: "GatewayClass",
        group: STABLE,
        plural: "gatewayclasses",
        short: &["gc"],
        scope: Scope::Cluster,
        columns: &[
            column("Controller", ".spec.controllerName"),
            ACCEPTED,
            AGE,
            Column {
                name: "Description",
                path: ".spec.description",
                priority: 1,
            },
        ],
        versions: &[
            version("v1", &gateway_class::GATEWAY_CLASS, ALWAYS),
            version("v1beta1", &gateway_class::GATEWAY_CLASS, ALWAYS).stored_in(Window::NEVER),
        ],
    },
    KindTable {
        kind: "Gateway",
        group: STABLE,
        plural: "gateways",
        short: &["gtw"],
        scope: Scope::Namespaced,
        columns: &[
            column("Class", ".spec.gatewayClassName"),
            column("Address", ".status.addresses[*].value"),
            PROGRAMMED,
            AGE,
        ],
        versions: &[
            version("v1", &gateway::GATEWAY, ALWAYS),
            version("v1beta1", &gateway::GATEWAY, ALWAYS).stored_in(Window::NEVER),
        ],
    },
    KindTable {
        kind: "ListenerSet",
        group: STABLE,
        plural: "listenersets",
        short: &["lset"],
        scope: Scope::Namespaced,
        columns: &[ACCEPTED, PROGRAMMED, AGE],
        versions: &[version("v1", &listener_set::LISTENER_SET, SINCE_V1_5)],
    },
    KindTable {
        kind: "HTTPRoute",
        group: STABLE,
        plural: "httproutes",
        short: &[],
        scope: Scope::Namespaced,
        columns: &[HOSTNAMES, AGE],
        versions: &[
            version("v1", &http_route::HTTP_ROUTE, ALWAYS),
            version("v1beta1", &http_route::HTTP_ROUTE, ALWAYS).stored_in(Window::NEVER),
        ],
    },
    KindTable {
        kind: "GRPCRoute",
        group: STABLE,
        plural: "grpcroutes",
        short: &[],
        scope: Scope::Namespaced,
        columns: &[HOSTNAMES, AGE],
        versions: &[version("v1", &grpc_route::GRPC_ROUTE, ALWAYS)],
    },
    KindTable {
        kind: "TLSRoute",
        group: STABLE,
        plural: "tlsroutes",
        short: &[],
        scope: Scope::Namespaced,
        columns: &[AGE],
        versions: &[
            version("v1", &tls_route::TLS_ROUTE, SINCE_V1_5),
            version("v1alpha2", &tls_route::TLS_ROUTE_ALPHA, STANDARD_SINCE_V1_5)
                .served_in(EXPERIMENTAL)
                .stored_in(Window::NEVER)
                .deprecated_in(SINCE_V1_5),
            version("v1alpha3", &tls_route::TLS_ROUTE, STANDARD_SINCE_V1_5)
                .served_in(EXPERIMENTAL)
                .stored_in(EXPERIMENTAL.and(BEFORE_V1_5))
                .deprecated_in(SINCE_V1_5),
        ],
    },
    KindTable {
        kind: "TCPRoute",
        group: STABLE,
        plural: "tcproutes",
        short: &[],
        scope: Scope::Namespaced,
        columns: &[AGE],
        versions: &[
            version("v1", &tcp_route::TCP_ROUTE, SINCE_V1_6),
            version("v1alpha2", &tcp_route::TCP_ROUTE_ALPHA, STANDARD_SINCE_V1_6)
                .served_in(EXPERIMENTAL)
                .stored_in(EXPERIMENTAL.and(BEFORE_V1_6))
                .deprecated_in(SINCE_V1_6),
        ],
    },
    KindTable {
        kind: "UDPRoute",
        group: STABLE,
        plural: "udproutes",
        short: &[],
        scope: Scope::Namespaced,
        columns: &[AGE],
        versions: &[
            version("v1", &udp_route::UDP_ROUTE, SINCE_V1_6),
            version("v1alpha2", &udp_route::UDP_ROUTE_ALPHA, STANDARD_SINCE_V1_6)
                .served_in(EXPERIMENTAL)
                .stored_in(EXPERIMENTAL.and(BEFORE_V1_6))
                .deprecated_in(SINCE_V1_6),
        ],
    },
    KindTable {
        kind: "BackendTLSPolicy",
        group: STABLE,
        plural: "backendtlspolicies",
        short: &["btlspolicy"],
        scope: Scope::Namespaced,
        columns: &[AGE],
        versions: &[
            version("v1", &backend_tls_policy::BACKEND_TLS_POLICY, ALWAYS),
            version("v1alpha3", &backend_tls_policy::BACKEND_TLS_POLICY, ALWAYS)
                .served_in(EXPERIMENTAL)
                .stored_in(Window::NEVER)
                .deprecated_in(ALWAYS)
                .without_columns(),
        ],
    },
    KindTable {
        kind: "ReferenceGrant",
        group: STABLE,
        plural: "referencegrants",
        short: &["refgrant"],
        scope: Scope::Namespaced,
        columns: &[AGE],
        versions: &[
            version("v1", &reference_grant::REFERENCE_GRANT, SINCE_V1_5).stored_in(Window::NEVER),
            version("v1beta1", &reference_grant::REFERENCE_GRANT, ALWAYS),
        ],
    },
    KindTable {
        kind: "XBackendTrafficPolicy",
        group: UNSTABLE,
        plural: "xbackendtrafficpolicies",
        short: &["xbtrafficpolicy"],
        scope: Scope::Namespaced,
        columns: &[AGE],
        versions: &[version(
            "v1alpha1",
            &backend_traffic_policy::BACKEND_TRAFFIC_POLICY,
            EXPERIMENTAL,
        )],
    },
    KindTable {
        kind: "XListenerSet",
        group: UNSTABLE,
        plural: "xlistenersets",
        short: &["lset"],
        scope: Scope::Namespaced,
        columns: &[ACCEPTED, PROGRAMMED, AGE],
        versions: &[version(
            "v1alpha1",
            &listener_set::EXPERIMENTAL_LISTENER_SET,
            EXPERIMENTAL.and(BEFORE_V1_5),
        )],
    },
    KindTable {
        kind: "XMesh",
        group: UNSTABLE,
        plural: "xmeshes",
        short: &["mesh"],
        scope: Scope::Cluster,
        columns: &[ACCEPTED, AGE],
        versions: &[version("v1alpha1", &mesh::MESH, EXPERIMENTAL)],
    },
    KindTable {
        kind: "XBackend",
        group: UNSTABLE,
        plural: "xbackends",
        short: &["xbackend"],
        scope: Scope::Namespaced,
        columns: &[AGE],
        versions: &[version(
            "v1alpha1",
            &external_backend::EXTERNAL_BACKEND,
            EXPERIMENTAL_SINCE_V1_6,
        )],
    },
];
