//! What an API server adds to every object that it takes, as far as the later stages rely on it.

use serde_json::{Map, Value};

use crate::api::{ApiVersion, Kind, split_api_version};

/// The label that the API server keeps on every Namespace.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Kinds outside namespaces that are no kinds of ours, but that manifests often hold: group and kind.
const CLUSTER_SCOPED: &[(&str, &str)] = &[
    ("", "Node"),
    ("", "PersistentVolume"),
    (
        "admissionregistration.k8s.io",
        "MutatingWebhookConfiguration",
    ),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    (
        "admissionregistration.k8s.io",
        "ValidatingAdmissionPolicyBinding",
    ),
    (
        "admissionregistration.k8s.io",
        "ValidatingWebhookConfiguration",
    ),
    ("apiregistration.k8s.io", "APIService"),
    ("cert-manager.io", "ClusterIssuer"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("networking.k8s.io", "IngressClass"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("storage.k8s.io", "StorageClass"),
];

/// Adds what an API server would have added: the namespace `default` to an object of a namespaced kind that gives
/// none, and the label `kubernetes.io/metadata.name` to a Namespace.
///
/// Kinds that are not known count as namespaced. An object whose `metadata` is not an object is left alone.
///
/// # Spec
///
/// GW-NS-05.
///
/// # Examples
///
/// ```
/// use serde_json::json;
///
/// let mut namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}});
/// gatewright::manifest::complete(&mut namespace);
/// assert_eq!(namespace["metadata"]["labels"]["kubernetes.io/metadata.name"], "shop");
///
/// let mut service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart"}});
/// gatewright::manifest::complete(&mut service);
/// assert_eq!(service["metadata"]["namespace"], "default");
/// ```
pub fn complete(object: &mut Value) {
    let text = |field: &str| {
        object
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let known = ApiVersion::find(api_version, kind).map(|version| version.kind);
    let is_namespace = known == Some(Kind::Namespace);
    let is_namespaced = match known {
        Some(kind) => kind.is_namespaced(),
        None => !CLUSTER_SCOPED.contains(&(split_api_version(api_version).0, kind)),
    };

    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else {
        return;
    };
    if is_namespace {
        add_name_label(metadata);
    }
    if is_namespaced {
        let namespace = metadata.entry("namespace").or_insert(Value::Null);
        if namespace.is_null() || namespace.as_str() == Some("") {
            *namespace = Value::from("default");
        }
    }
}

fn add_name_label(metadata: &mut Map<String, Value>) {
    let Some(name) = metadata
        .get("name")
        .filter(|name| name.is_string())
        .cloned()
    else {
        return;
    };
    let labels = metadata.entry("labels").or_insert(Value::Null);
    if labels.is_null() {
        *labels = Value::Object(Map::new());
    }
    if let Some(labels) = labels.as_object_mut() {
        labels.insert(NAME_LABEL.to_owned(), name);
    }
}
