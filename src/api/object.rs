//! Any object.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::kind::split_api_version;
use super::*;

/// What the structs of all kinds have in common.
pub trait Resource: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The kind that the struct is for; `None` for [`Opaque`].
    const KIND: Option<Kind>;

    /// `apiVersion` as written.
    fn api_version(&self) -> &str;

    /// `kind` as written.
    fn kind(&self) -> &str;

    /// The metadata.
    fn metadata(&self) -> &ObjectMeta;

    /// The metadata, to be changed.
    fn metadata_mut(&mut self) -> &mut ObjectMeta;

    /// The object, if it is of this kind.
    fn of(object: &Object) -> Option<&Self>;
}

/// What identifies an object in a cluster, whatever its version.
///
/// The order is by group, kind, namespace and name; no precedence follows from it (GW-STAT-13 compares differently).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// API group; empty is the core group.
    pub group: String,
    /// Kind as on the wire.
    pub kind: String,
    /// Namespace; `None` for cluster-scoped objects.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

macro_rules! objects {
    ($( $kind:ident, )+) => {
        /// An object of any kind.
        ///
        /// ```
        /// use gatewright::api::{Object, Resource, HttpRoute};
        ///
        /// let object = Object::from_value(serde_json::json!({
        ///     "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
        ///     "metadata": {"name": "cart"},
        ///     "spec": {"hostnames": ["shop.example.com"]}
        /// }))?;
        /// assert_eq!(object.key().to_string(), "HTTPRoute default/cart");
        /// let route = HttpRoute::of(&object).unwrap();
        /// assert_eq!(route.spec.rules, None);
        /// # Ok::<(), gatewright::api::InvalidObject>(())
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Object {
            $(
                #[doc = concat!("A [`", stringify!($kind), "`].")]
                $kind($kind),
            )+
            /// An object of any other kind, or of an unknown version.
            Opaque(Opaque),
        }

        impl Object {
            /// Reads an object of any kind. Every version that a known bundle defines is read into the one struct of its
            /// kind; what is not known becomes [`Object::Opaque`]. Unknown fields are dropped from specs and statuses
            /// and kept in metadata and in core kinds.
            ///
            /// # Errors
            ///
            /// [`InvalidObject`] if a field that is known has the wrong type or a required one is absent.
            ///
            /// # Cost
            ///
            /// O(size).
            pub fn from_value(value: Value) -> Result<Object, InvalidObject> {
                Object::read(&value)
            }

            fn read(value: &Value) -> Result<Object, InvalidObject> {
                let (api_version, kind) = invalid::names(value)?;
                match ApiVersion::find(api_version, kind).map(|version| version.kind) {
                    $( Some(Kind::$kind) => invalid::read(value).map(Object::$kind), )+
                    None => invalid::read(value).map(Object::Opaque),
                }
            }

            /// Writes the object.
            ///
            /// # Cost
            ///
            /// O(size).
            pub fn to_value(&self) -> Value {
                match self {
                    $( Object::$kind(object) => write(object), )+
                    Object::Opaque(object) => write(object),
                }
            }

            /// The kind as an enum; `None` for [`Object::Opaque`].
            pub fn known_kind(&self) -> Option<Kind> {
                match self {
                    $( Object::$kind(_) => Some(Kind::$kind), )+
                    Object::Opaque(_) => None,
                }
            }

            /// `apiVersion` as written.
            pub fn api_version(&self) -> &str {
                match self {
                    $( Object::$kind(object) => &object.api_version, )+
                    Object::Opaque(object) => &object.api_version,
                }
            }

            /// `kind` as written.
            pub fn kind(&self) -> &str {
                match self {
                    $( Object::$kind(object) => &object.kind, )+
                    Object::Opaque(object) => &object.kind,
                }
            }

            /// The metadata.
            pub fn metadata(&self) -> &ObjectMeta {
                match self {
                    $( Object::$kind(object) => &object.metadata, )+
                    Object::Opaque(object) => &object.metadata,
                }
            }

            /// The metadata, to be changed.
            pub fn metadata_mut(&mut self) -> &mut ObjectMeta {
                match self {
                    $( Object::$kind(object) => &mut object.metadata, )+
                    Object::Opaque(object) => &mut object.metadata,
                }
            }
        }

        $( resource!($kind, Some(Kind::$kind)); )+
        resource!(Opaque, None);
    };
}

macro_rules! resource {
    ($kind:ident, $known:expr) => {
        impl Resource for $kind {
            const KIND: Option<Kind> = $known;

            fn api_version(&self) -> &str {
                &self.api_version
            }

            fn kind(&self) -> &str {
                &self.kind
            }

            fn metadata(&self) -> &ObjectMeta {
                &self.metadata
            }

            fn metadata_mut(&mut self) -> &mut ObjectMeta {
                &mut self.metadata
            }

            fn of(object: &Object) -> Option<&Self> {
                match object {
                    Object::$kind(object) => Some(object),
                    _ => None,
                }
            }
        }

        impl From<$kind> for Object {
            fn from(object: $kind) -> Object {
                Object::$kind(object)
            }
        }
    };
}

objects! {
    GatewayClass,
    Gateway,
    ListenerSet,
    HttpRoute,
    GrpcRoute,
    TlsRoute,
    TcpRoute,
    UdpRoute,
    ReferenceGrant,
    BackendTlsPolicy,
    BackendTrafficPolicy,
    Mesh,
    ExternalBackend,
    Namespace,
    Service,
    Secret,
    ConfigMap,
    CustomResourceDefinition,
}

impl Object {
    /// Reads an object that somebody wants to make: as [`from_value`](Self::from_value), but a status that cannot be read is
    /// left out and told, since the API server drops the status of what is made and so accepts any.
    ///
    /// # Errors
    ///
    /// [`InvalidObject`] for everything outside of the status.
    ///
    /// ```
    /// use gatewright::api::Object;
    ///
    /// let (object, left_out) = Object::from_manifest(serde_json::json!({
    ///     "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
    ///     "metadata": {"name": "cart"}, "spec": {}, "status": {"parents": 1}
    /// }))?;
    /// assert_eq!(left_out.unwrap().path(), "status.parents");
    /// assert_eq!(object.to_value().get("status"), None);
    /// # Ok::<(), gatewright::api::InvalidObject>(())
    /// ```
    pub fn from_manifest(
        mut value: Value,
    ) -> Result<(Object, Option<InvalidObject>), InvalidObject> {
        match Object::read(&value) {
            Ok(object) => Ok((object, None)),
            Err(error) if error.path().split(['.', '[']).next() == Some("status") => {
                if let Some(fields) = value.as_object_mut() {
                    fields.remove("status");
                }
                Object::read(&value).map(|object| (object, Some(error)))
            }
            Err(error) => Err(error),
        }
    }

    /// API group; empty is the core group.
    pub fn group(&self) -> &str {
        split_api_version(self.api_version()).0
    }

    /// What identifies the object. A namespaced object without a namespace lies in `default`; a namespace of a
    /// cluster-scoped one is ignored. Of an unknown kind the scope is not known, so its namespace is taken as written.
    pub fn key(&self) -> Key {
        let metadata = self.metadata();
        let written = metadata
            .namespace
            .as_deref()
            .filter(|namespace| !namespace.is_empty());
        Key {
            group: self.group().to_owned(),
            kind: self.kind().to_owned(),
            namespace: match self.known_kind() {
                Some(kind) if kind.is_namespaced() => Some(written.unwrap_or("default").to_owned()),
                Some(_) => None,
                None => written.map(str::to_owned),
            },
            name: metadata.name.clone(),
        }
    }
}

/// Our structs hold nothing that JSON cannot: keys are strings, numbers are integers or came from JSON.
fn write<T: Serialize>(object: &T) -> Value {
    serde_json::to_value(object).unwrap_or_default()
}

#[cfg(test)]
mod tests;
