//! What the objects that are made for a Gateway look like.

use std::collections::BTreeMap;

use super::world::namespace_of;
use crate::api::Gateway;

/// Name and metadata of every object that a controller makes for a Gateway: Services, Deployments and the like.
///
/// # Spec
///
/// GW-INFRA-01/02.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Infrastructure {
    /// Their namespace: that of the Gateway.
    pub namespace: String,
    /// Their name: that of the Gateway and of its class.
    pub name: String,
    /// Labels that the Gateway asks for, and those that name Gateway and class; these cannot be overwritten.
    pub labels: BTreeMap<String, String>,
    /// Annotations that the Gateway asks for.
    pub annotations: BTreeMap<String, String>,
}

/// Tells what objects made for a Gateway look like.
///
/// ```
/// use gatewright::api::Gateway;
/// use gatewright::resolve::infrastructure;
///
/// let gateway: Gateway = serde_json::from_value(serde_json::json!({
///     "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
///     "metadata": {"namespace": "shop", "name": "front"},
///     "spec": {
///         "gatewayClassName": "shared", "listeners": [],
///         "infrastructure": {"labels": {"team": "shop"}, "annotations": {"cost": "low"}}
///     }
/// }))?;
/// let made = infrastructure(&gateway);
/// assert_eq!((made.namespace.as_str(), made.name.as_str()), ("shop", "front-shared"));
/// assert_eq!(made.labels["gateway.networking.k8s.io/gateway-name"], "front");
/// assert_eq!((made.labels["team"].as_str(), made.annotations["cost"].as_str()), ("shop", "low"));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn infrastructure(gateway: &Gateway) -> Infrastructure {
    let wanted = gateway.spec.infrastructure.as_ref();
    let copied = |entries: Option<&BTreeMap<String, String>>| entries.cloned().unwrap_or_default();
    let mut labels = copied(wanted.and_then(|wanted| wanted.labels.as_ref()));
    let (name, class) = (&gateway.metadata.name, &gateway.spec.gateway_class_name);
    for (key, value) in [("gateway-name", name), ("gateway-class-name", class)] {
        labels.insert(format!("gateway.networking.k8s.io/{key}"), value.clone());
    }
    Infrastructure {
        namespace: namespace_of(&gateway.metadata).to_owned(),
        name: format!("{name}-{class}"),
        labels,
        annotations: copied(wanted.and_then(|wanted| wanted.annotations.as_ref())),
    }
}
