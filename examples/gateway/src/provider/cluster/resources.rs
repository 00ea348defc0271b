//! What is watched in a cluster.

use gatewright::api::{ApiVersion, GATEWAY_GROUP, GATEWAY_X_GROUP, Kind};
use gatewright::kube::detect::Detection;
use gatewright::vocab::Bundle;
use kube::core::ApiResource;
use serde_json::Value;

/// The keys of Secrets and ConfigMaps that Gateway API gives a meaning; nothing else is kept.
const KEYS: [&str; 3] = ["ca.crt", "tls.crt", "tls.key"];

/// A kind in the version that the cluster is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Resource(ApiResource);

impl Resource {
    /// All kinds that a cluster with this bundle is watched for: those of Gateway API whose CRDs are installed, and those of
    /// Kubernetes that they speak of.
    pub fn all(bundle: Bundle, crds: &Detection) -> Vec<Resource> {
        let is_there = |row: &&ApiVersion| match row.group {
            GATEWAY_GROUP | GATEWAY_X_GROUP => {
                let crd = format!("{}.{}", row.plural, row.group);
                crds.by_crd.contains_key(&crd) && row.kind.served_in(bundle) == Some(row)
            }
            _ => row.kind != Kind::CustomResourceDefinition,
        };
        let resource = |row: &ApiVersion| {
            Resource(ApiResource {
                group: row.group.to_owned(),
                version: row.version.to_owned(),
                api_version: row.api_version(),
                kind: row.name.to_owned(),
                plural: row.plural.to_owned(),
            })
        };
        let slices = Resource(ApiResource {
            group: "discovery.k8s.io".to_owned(),
            version: "v1".to_owned(),
            api_version: "discovery.k8s.io/v1".to_owned(),
            kind: "EndpointSlice".to_owned(),
            plural: "endpointslices".to_owned(),
        });
        ApiVersion::ALL
            .iter()
            .filter(is_there)
            .map(resource)
            .chain([slices])
            .collect()
    }

    /// What kube calls it.
    pub fn api(&self) -> &ApiResource {
        &self.0
    }

    /// Whether the kind is one of Gateway API.
    fn is_of_gateway_api(&self) -> bool {
        [GATEWAY_GROUP, GATEWAY_X_GROUP].contains(&&*self.0.group)
    }

    /// Names the kind and version, which items of lists may leave out, and drops what means nothing here. Objects of
    /// Kubernetes itself change often in ways that say nothing about routing; those then look as they did.
    pub fn trim(&self, object: &mut Value) {
        object["apiVersion"] = self.0.api_version.clone().into();
        object["kind"] = self.0.kind.clone().into();
        let Some(metadata) = object["metadata"].as_object_mut() else {
            return;
        };
        metadata.remove("managedFields");
        if self.is_of_gateway_api() {
            return;
        }
        for field in ["annotations", "generation", "resourceVersion"] {
            metadata.remove(field);
        }
        for field in ["data", "binaryData"] {
            if let Some(data) = object[field].as_object_mut() {
                data.retain(|key, _| KEYS.contains(&&**key));
            }
        }
        if let Some(object) = object.as_object_mut() {
            object.retain(|_, value| !value.is_null());
        }
    }
}
