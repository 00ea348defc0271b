//! Typed objects: one struct per kind, the union over releases, channels and versions.
//!
//! Stage: manifests become objects here; every later stage speaks about them. Input is a JSON value, output an
//! [`Object`], and back without loss. What is read is neither judged nor completed: absent fields stay absent, defaults
//! are offered by accessors (`ParentReference::group()`), words that no release knows are kept ([`Open`], the
//! `Unknown` variants). Whether an object is valid is told by `validate`, what it means by `resolve`.
//!
//! Kinds that carry an `X` in front of their name on the wire are without it here, [`ExternalBackend`] for `XBackend`
//! among them; [`ListenerSet`] is also `XListenerSet`. [`ApiVersion`] knows which bundle serves what.
//!
//! ```
//! use gatewright::api::{Object, Resource, Service};
//!
//! let object = Object::from_value(serde_json::json!({
//!     "apiVersion": "v1", "kind": "Service",
//!     "metadata": {"namespace": "shop", "name": "cart"},
//!     "spec": {"ports": [{"port": 80, "targetPort": "web"}]}
//! }))?;
//! let service = Service::of(&object).unwrap();
//! assert_eq!(service.ports()[0].protocol().as_str(), "TCP");
//! # Ok::<(), gatewright::api::InvalidObject>(())
//! ```

mod backend_reference;
mod backend_tls_policy;
mod backend_traffic_policy;
pub(crate) mod base64;
mod condition;
mod config_map;
mod cors;
mod custom_resource_definition;
mod external_auth;
mod external_backend;
mod gateway;
mod gateway_class;
mod gateway_tls;
mod grpc_filter;
mod grpc_match;
mod grpc_route;
mod header_modifier;
mod http_filter;
mod http_match;
mod http_route;
mod invalid;
mod kind;
mod label_selector;
mod listener;
mod listener_set;
mod mesh;
mod namespace;
mod object;
mod object_meta;
mod object_reference;
mod opaque;
mod open;
mod parent_reference;
mod policy;
pub mod reason;
mod reference_grant;
mod request_mirror;
mod route;
mod secret;
mod service;
mod session_persistence;
mod tcp_route;
mod timestamp;
mod tls_route;
mod udp_route;

pub use backend_reference::{BackendObjectReference, BackendRef, GrpcBackendRef, HttpBackendRef};
pub use backend_tls_policy::{
    BackendTlsPolicy, BackendTlsPolicySpec, BackendTlsValidation, SubjectAltName,
    SubjectAltNameType, WellKnownCaCertificates,
};
pub use backend_traffic_policy::{
    BackendTrafficPolicy, BackendTrafficPolicySpec, RequestRate, RetryBudget, RetryConstraint,
};
pub use condition::{Condition, ConditionStatus};
pub use config_map::ConfigMap;
pub use cors::{Cors, CorsMethod};
pub use custom_resource_definition::{
    CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceDefinitionSpec,
    CustomResourceDefinitionVersion,
};
pub use external_auth::{ExternalAuth, ExternalAuthProtocol, ForwardBody, GrpcAuth, HttpAuth};
pub use external_backend::{
    ExternalBackend, ExternalBackendParentStatus, ExternalBackendPort, ExternalBackendProtocol,
    ExternalBackendSpec, ExternalBackendStatus, ExternalBackendTls, ExternalBackendTlsMode,
    ExternalBackendType, ExternalHostname,
};
pub use gateway::{
    AddressType, AllowedListeners, Gateway, GatewayAddress, GatewayInfrastructure, GatewaySpec,
    GatewayStatus,
};
pub use gateway_class::{GatewayClass, GatewayClassSpec, GatewayClassStatus, SupportedFeature};
pub use gateway_tls::{
    FrontendTls, FrontendTlsValidation, FrontendValidationMode, GatewayBackendTls, GatewayTls,
    TlsConfig, TlsPortConfig,
};
pub use grpc_filter::{GrpcRouteFilter, GrpcRouteFilterType};
pub use grpc_match::{GrpcMethodMatch, GrpcRouteMatch};
pub use grpc_route::{GrpcRoute, GrpcRouteRule, GrpcRouteSpec};
pub use header_modifier::{Header, HeaderModifier};
pub use http_filter::{
    HttpPathModifier, HttpRouteFilter, HttpRouteFilterType, PathModifierType, RedirectScheme,
    RequestRedirect, UrlRewrite,
};
pub use http_match::{
    HeaderMatch, HttpMethod, HttpPathMatch, HttpRouteMatch, PathMatchType, QueryParamMatch,
    ValueMatchType,
};
pub use http_route::{HttpRoute, HttpRouteRetry, HttpRouteRule, HttpRouteSpec, HttpRouteTimeouts};
pub use invalid::InvalidObject;
pub use kind::{ApiVersion, GATEWAY_GROUP, GATEWAY_X_GROUP, Kind, split_api_version};
pub use label_selector::{
    InvalidSelector, LabelSelector, LabelSelectorOperator, LabelSelectorRequirement,
};
pub use listener::{
    AllowedRoutes, FromNamespaces, Listener, ListenerNamespaces, ListenerStatus, ListenerTls,
    ProtocolType, RouteGroupKind, TlsModeType,
};
pub use listener_set::{ListenerSet, ListenerSetSpec, ListenerSetStatus};
pub use mesh::{Mesh, MeshSpec, MeshStatus};
pub use namespace::Namespace;
pub use object::{Key, Object, Resource};
pub use object_meta::{ObjectMeta, OwnerReference};
pub use object_reference::{
    LocalObjectReference, ObjectReference, ParametersReference, SecretObjectReference, Target,
};
pub use opaque::Opaque;
pub use open::Open;
use open::open_enum;
pub use parent_reference::{ParentGatewayReference, ParentReference};
pub use policy::{PolicyAncestorStatus, PolicyStatus, PolicyTargetReference};
pub use reference_grant::{
    ReferenceGrant, ReferenceGrantFrom, ReferenceGrantSpec, ReferenceGrantTo,
};
pub use request_mirror::{Fraction, RequestMirror};
pub use route::{DefaultScope, RouteParentStatus, RouteStatus};
pub use secret::Secret;
pub use service::{NumberOrName, Service, ServicePort, ServiceProtocol, ServiceSpec, ServiceType};
pub use session_persistence::{
    CookieConfig, CookieLifetimeType, SessionPersistence, SessionPersistenceType,
};
pub use tcp_route::{TcpRoute, TcpRouteRule, TcpRouteSpec};
pub use timestamp::Timestamp;
pub use tls_route::{TlsRoute, TlsRouteRule, TlsRouteSpec};
pub use udp_route::{UdpRoute, UdpRouteRule, UdpRouteSpec};
