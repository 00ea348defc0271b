//! GatewayClass: which controller serves a Gateway, and how.

use serde::{Deserialize, Deserializer, Serialize};

use super::{Condition, ObjectMeta, ParametersReference};

/// A template for Gateways, owned by one controller; cluster-scoped.
///
/// # Spec
///
/// GW-CLASS-01..18. Versions v1, v1beta1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayClass {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// What is asked for.
    pub spec: GatewayClassSpec,
    /// What the controller found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<GatewayClassStatus>,
}

/// What a GatewayClass asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayClassSpec {
    /// The controller, as `example.com/gateway`; compared byte for byte (GW-CLASS-01).
    pub controller_name: String,
    /// Where the controller finds more settings (GW-CLASS-04).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters_ref: Option<ParametersReference>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What the controller found about a GatewayClass.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayClassStatus {
    /// `Accepted`, `SupportedVersion`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<Condition>>,
    /// What Gateways of the class can do, sorted by name (GW-CLASS-10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported_features: Option<Vec<SupportedFeature>>,
}

/// One feature that is supported, as `HTTPRouteMethodMatching`.
///
/// Read from an object or from a bare string, always written as an object.
///
/// # Spec
///
/// GW-CLASS-12.
///
/// ```
/// use gatewright::api::SupportedFeature;
///
/// let features: Vec<SupportedFeature> = serde_json::from_str(r#"["HTTPRoute", {"name": "ReferenceGrant"}]"#)?;
/// assert_eq!(features[0].name, "HTTPRoute");
/// assert_eq!(serde_json::to_string(&features[0])?, r#"{"name":"HTTPRoute"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SupportedFeature {
    /// The name of the feature.
    pub name: String,
}

impl<'de> Deserialize<'de> for SupportedFeature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a feature name or an object with `name`")]
        enum Form {
            Bare(String),
            Object { name: String },
        }
        Form::deserialize(deserializer).map(|form| match form {
            Form::Bare(name) | Form::Object { name } => SupportedFeature { name },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn features_are_read_in_both_forms_and_written_in_one() {
        // GW-CLASS-12.
        let status: GatewayClassStatus =
            serde_json::from_value(json!({"supportedFeatures": ["B", {"name": "A"}]})).unwrap();
        assert_eq!(
            serde_json::to_value(status).unwrap(),
            json!({"supportedFeatures": [{"name": "B"}, {"name": "A"}]})
        );
        for wrong in [json!([1]), json!([{}]), json!([null])] {
            let status =
                serde_json::from_value::<GatewayClassStatus>(json!({"supportedFeatures": wrong}));
            assert!(status.is_err());
        }
    }
}
