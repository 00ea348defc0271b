//! Service, of the core group.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ObjectMeta, open_enum};

/// A Service: the usual backend, and the parent of mesh Routes.
///
/// # Spec
///
/// BE-03..09, MESH-01..08.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// What it describes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<ServiceSpec>,
    /// Everything else, verbatim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Service {
    /// The type, `ClusterIP` when unset.
    pub fn type_(&self) -> &ServiceType {
        self.spec
            .as_ref()
            .and_then(|spec| spec.type_.as_ref())
            .unwrap_or(&ServiceType::ClusterIp)
    }

    /// The ports; none if absent.
    pub fn ports(&self) -> &[ServicePort] {
        self.spec
            .as_ref()
            .and_then(|spec| spec.ports.as_deref())
            .unwrap_or_default()
    }

    /// Whether it has no address of its own (`clusterIP: None`).
    pub fn is_headless(&self) -> bool {
        self.spec
            .as_ref()
            .is_some_and(|spec| spec.cluster_ip.as_deref() == Some("None"))
    }
}

/// What a Service describes, as far as routing goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceSpec {
    /// How it is reached; see [`Service::type_`].
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_: Option<ServiceType>,
    /// Its address, or `None` for a headless Service.
    #[serde(rename = "clusterIP")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_ip: Option<String>,
    /// Its ports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ports: Option<Vec<ServicePort>>,
    /// Whether clients stay with one endpoint: `None` or `ClientIP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_affinity: Option<String>,
    /// The name outside of the cluster, of type `ExternalName`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_name: Option<String>,
    /// Everything else, verbatim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

open_enum! {
    /// How a Service is reached.
    pub enum ServiceType {
        /// From within the cluster.
        ClusterIp = "ClusterIP",
        /// Also at a port of every node.
        NodePort = "NodePort",
        /// Also through a load balancer.
        LoadBalancer = "LoadBalancer",
        /// Not at all: it is an alias of a DNS name (BE-08).
        ExternalName = "ExternalName",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

/// A port of a Service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePort {
    /// The name; required only if there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The number, 1 to 65535.
    pub port: i32,
    /// What runs below the application; see [`protocol`](Self::protocol).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<ServiceProtocol>,
    /// What the application speaks (BE-06).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_protocol: Option<String>,
    /// The port of the pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_port: Option<NumberOrName>,
    /// Everything else, verbatim.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl ServicePort {
    /// The protocol, `TCP` when unset (BE-05).
    pub fn protocol(&self) -> &ServiceProtocol {
        self.protocol.as_ref().unwrap_or(&ServiceProtocol::Tcp)
    }
}

open_enum! {
    /// What runs below the application.
    pub enum ServiceProtocol {
        /// TCP.
        Tcp = "TCP",
        /// UDP.
        Udp = "UDP",
        /// SCTP.
        Sctp = "SCTP",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

/// A port, by number or by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged, expecting = "a port number or name")]
pub enum NumberOrName {
    /// By number.
    Number(i32),
    /// By name.
    Name(String),
}
