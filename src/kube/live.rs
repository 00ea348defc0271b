//! Objects of a cluster.

use std::borrow::Cow;
use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, ResourceScope};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Served;
use super::metadata::{Unrepresentable, from_kube, to_kube};
use crate::api::{self, ApiVersion, Kind, Object};

/// An object of a cluster: names and metadata as kube has them, spec and status as [`api`](crate::api) has them.
///
/// Implements `kube_core::Resource`, so that it works with `Api`, `watcher`, reflectors and `Controller`.
/// [`into_api`](Self::into_api) and [`from_api`](Self::from_api) convert without loss and without copying.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", bound = "K: Parts")]
pub struct Live<K: Parts> {
    /// Group and version as the cluster has it; that of [`Served::default`] if it leaves it out.
    #[serde(default = "newest_api_version::<K>")]
    pub api_version: String,
    /// Kind as the cluster has it; that of [`Served::default`] if it leaves it out.
    #[serde(default = "newest_kind::<K>")]
    pub kind: String,
    /// Metadata.
    #[serde(default)]
    pub metadata: ObjectMeta,
    /// What is asked for.
    #[serde(skip_serializing_if = "K::spec_is_absent")]
    pub spec: K::Spec,
    /// What controllers found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<K::Status>,
}

fn newest_api_version<K: Parts>() -> String {
    K::NEWEST.api_version()
}

fn newest_kind<K: Parts>() -> String {
    K::NEWEST.name.to_owned()
}

impl<K: Parts> Live<K> {
    /// A new object in the newest version.
    pub fn new(name: &str, spec: K::Spec) -> Self {
        Self::served_as(Served::default(), name, spec)
    }

    /// A new object in a version that the cluster serves.
    pub fn served_as(served: Served<K>, name: &str, spec: K::Spec) -> Self {
        Live {
            api_version: served.version().api_version(),
            kind: served.version().name.to_owned(),
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                ..ObjectMeta::default()
            },
            spec,
            status: None,
        }
    }

    /// The object for all other stages.
    ///
    /// # Cost
    ///
    /// O(metadata): spec and status are moved.
    pub fn into_api(self) -> K {
        K::join(Pieces {
            api_version: self.api_version,
            kind: self.kind,
            metadata: from_kube(self.metadata),
            spec: self.spec,
            status: self.status,
        })
    }

    /// The object for a cluster.
    ///
    /// # Errors
    ///
    /// [`Unrepresentable`] if the metadata holds something that kube's has no place for: a timestamp that is none, a field
    /// that Kubernetes does not have.
    ///
    /// # Cost
    ///
    /// O(metadata): spec and status are moved.
    pub fn from_api(object: K) -> Result<Self, Unrepresentable> {
        let pieces = object.split();
        Ok(Live {
            api_version: pieces.api_version,
            kind: pieces.kind,
            metadata: to_kube(pieces.metadata)?,
            spec: pieces.spec,
            status: pieces.status,
        })
    }

    /// The version that the object is in; `None` if no known bundle has it.
    pub fn served(&self) -> Option<Served<K>> {
        Served::at(&self.api_version)
    }
}

impl<K: Parts> kube_core::Resource for Live<K> {
    type DynamicType = Served<K>;
    type Scope = K::Scope;

    fn kind(served: &Served<K>) -> Cow<'_, str> {
        Cow::Borrowed(served.version().name)
    }

    fn group(served: &Served<K>) -> Cow<'_, str> {
        Cow::Borrowed(served.version().group)
    }

    fn version(served: &Served<K>) -> Cow<'_, str> {
        Cow::Borrowed(served.version().version)
    }

    fn plural(served: &Served<K>) -> Cow<'_, str> {
        Cow::Borrowed(served.version().plural)
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl<K: Parts> From<Live<K>> for Object {
    fn from(object: Live<K>) -> Object {
        object.into_api().into()
    }
}

// Derives would ask the same of `K` as of its spec and status.

impl<K: Parts> Clone for Live<K> {
    fn clone(&self) -> Self {
        Live {
            api_version: self.api_version.clone(),
            kind: self.kind.clone(),
            metadata: self.metadata.clone(),
            spec: self.spec.clone(),
            status: self.status.clone(),
        }
    }
}

impl<K: Parts> PartialEq for Live<K> {
    fn eq(&self, other: &Self) -> bool {
        self.api_version == other.api_version
            && self.kind == other.kind
            && self.metadata == other.metadata
            && self.spec == other.spec
            && self.status == other.status
    }
}

impl<K: Parts> fmt::Debug for Live<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(&self.kind)
            .field("api_version", &self.api_version)
            .field("metadata", &self.metadata)
            .field("spec", &self.spec)
            .field("status", &self.status)
            .finish()
    }
}

/// A kind of [`api`](crate::api) that a cluster serves by one of the CRDs of Gateway API. Implemented for all of them, and
/// closed: what is in a `Live` is known here.
pub trait Parts: api::Resource + Into<Object> + sealed::Sealed {
    /// The spec.
    type Spec: Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// The status.
    type Status: Clone
        + fmt::Debug
        + PartialEq
        + Serialize
        + DeserializeOwned
        + Send
        + Sync
        + 'static;
    /// Whether objects lie in namespaces.
    type Scope: ResourceScope;

    /// The newest version.
    const NEWEST: &'static ApiVersion;

    /// Takes an object apart.
    fn split(self) -> Pieces<Self::Spec, Self::Status>;

    /// Puts an object together.
    fn join(pieces: Pieces<Self::Spec, Self::Status>) -> Self;

    /// Whether a spec is to be left out when writing.
    fn spec_is_absent(spec: &Self::Spec) -> bool;
}

/// The parts of an object.
pub struct Pieces<Spec, Status> {
    api_version: String,
    kind: String,
    metadata: api::ObjectMeta,
    spec: Spec,
    status: Option<Status>,
}

mod sealed {
    pub trait Sealed {}
}

/// The newest version of a kind.
#[expect(
    clippy::panic,
    reason = "evaluated when compiling: a kind without a row does not build"
)]
const fn newest(kind: Kind) -> &'static ApiVersion {
    let mut rest = ApiVersion::ALL;
    while let [row, after @ ..] = rest {
        if row.kind as u8 == kind as u8 {
            return row;
        }
        rest = after;
    }
    panic!("no version of the kind is known")
}

macro_rules! parts {
    ($( $kind:ident $spec:ident $status:ty, $scope:ident; )+) => {
        $(
            impl sealed::Sealed for api::$kind {}

            impl Parts for api::$kind {
                type Spec = api::$spec;
                type Status = $status;
                type Scope = $scope;

                const NEWEST: &'static ApiVersion = newest(Kind::$kind);

                fn split(self) -> Pieces<Self::Spec, Self::Status> {
                    Pieces {
                        api_version: self.api_version,
                        kind: self.kind,
                        metadata: self.metadata,
                        spec: self.spec,
                        status: self.status,
                    }
                }

                fn join(pieces: Pieces<Self::Spec, Self::Status>) -> Self {
                    api::$kind {
                        api_version: pieces.api_version,
                        kind: pieces.kind,
                        metadata: pieces.metadata,
                        spec: pieces.spec,
                        status: pieces.status,
                    }
                }

                fn spec_is_absent(_: &Self::Spec) -> bool {
                    false
                }
            }

            conversions!($kind);
        )+
    };
}

macro_rules! conversions {
    ($kind:ident) => {
        impl From<Live<api::$kind>> for api::$kind {
            fn from(object: Live<api::$kind>) -> Self {
                object.into_api()
            }
        }

        impl TryFrom<api::$kind> for Live<api::$kind> {
            type Error = Unrepresentable;

            fn try_from(object: api::$kind) -> Result<Self, Unrepresentable> {
                Live::from_api(object)
            }
        }
    };
}

parts! {
    GatewayClass GatewayClassSpec api::GatewayClassStatus, ClusterResourceScope;
    Gateway GatewaySpec api::GatewayStatus, NamespaceResourceScope;
    ListenerSet ListenerSetSpec api::ListenerSetStatus, NamespaceResourceScope;
    HttpRoute HttpRouteSpec api::RouteStatus, NamespaceResourceScope;
    GrpcRoute GrpcRouteSpec api::RouteStatus, NamespaceResourceScope;
    TlsRoute TlsRouteSpec api::RouteStatus, NamespaceResourceScope;
    TcpRoute TcpRouteSpec api::RouteStatus, NamespaceResourceScope;
    UdpRoute UdpRouteSpec api::RouteStatus, NamespaceResourceScope;
    BackendTlsPolicy BackendTlsPolicySpec api::PolicyStatus, NamespaceResourceScope;
    BackendTrafficPolicy BackendTrafficPolicySpec api::PolicyStatus, NamespaceResourceScope;
    Mesh MeshSpec api::MeshStatus, ClusterResourceScope;
    ExternalBackend ExternalBackendSpec api::ExternalBackendStatus, NamespaceResourceScope;
}

/// The status of kinds that have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoStatus {}

impl sealed::Sealed for api::ReferenceGrant {}

impl Parts for api::ReferenceGrant {
    type Spec = Option<api::ReferenceGrantSpec>;
    type Status = NoStatus;
    type Scope = NamespaceResourceScope;

    const NEWEST: &'static ApiVersion = newest(Kind::ReferenceGrant);

    fn split(self) -> Pieces<Self::Spec, NoStatus> {
        Pieces {
            api_version: self.api_version,
            kind: self.kind,
            metadata: self.metadata,
            spec: self.spec,
            status: None,
        }
    }

    fn join(pieces: Pieces<Self::Spec, NoStatus>) -> Self {
        api::ReferenceGrant {
            api_version: pieces.api_version,
            kind: pieces.kind,
            metadata: pieces.metadata,
            spec: pieces.spec,
        }
    }

    fn spec_is_absent(spec: &Self::Spec) -> bool {
        spec.is_none()
    }
}

conversions!(ReferenceGrant);
