//! GatewayClasses: which are ours, and whether they are accepted.

use std::collections::BTreeMap;

use super::status::{Condition, Finding, GatewayClassAccepted, GatewayClassSupportedVersion};
use super::world::World;
use crate::api::{
    CustomResourceDefinition, GATEWAY_GROUP, GATEWAY_X_GROUP, Gateway, GatewayClass,
    ParametersReference,
};
use crate::vocab::Release;

/// A GatewayClass of ours.
#[derive(Debug)]
pub(super) struct ClassState<'s> {
    /// The object.
    pub(super) object: &'s GatewayClass,
    /// Whether its Gateways are reconciled (GW-CLASS-16).
    pub(super) is_accepted: bool,
    /// Whether some Gateway uses it; it should then not be deleted (GW-CLASS-14).
    pub(super) is_used: bool,
    /// Its conditions.
    pub(super) conditions: Vec<Condition>,
}

/// All GatewayClasses of ours by name (GW-CLASS-01..09).
///
/// # Cost
///
/// O(classes + CRDs + Gateways).
pub(super) fn judge<'s>(world: &World<'s>) -> BTreeMap<&'s str, ClassState<'s>> {
    let version = supported_version(world);
    let mut classes = BTreeMap::new();
    for class in world.snapshot.all::<GatewayClass>() {
        if !world.controller.owns(&class.spec.controller_name) {
            continue;
        }
        let accepted = match check_parameters(world, class.spec.parameters_ref.as_ref()) {
            Ok(()) => Finding::new(
                GatewayClassAccepted::Accepted,
                "Gateways of this class are served",
            ),
            Err(why) => Finding::new(GatewayClassAccepted::InvalidParameters, why),
        };
        let state = ClassState {
            object: class,
            is_accepted: accepted.holds(),
            is_used: false,
            conditions: vec![accepted.into(), version.clone().into()],
        };
        classes.insert(class.metadata.name.as_str(), state);
    }
    for gateway in world.listed.all::<Gateway>() {
        if let Some(class) = classes.get_mut(gateway.spec.gateway_class_name.as_str()) {
            class.is_used = true;
        }
    }
    classes
}

/// Whether the parameters of a class or a mesh can be used: of a kind that is taken, and there (GW-CLASS-04/05). No
/// grant is asked for, since the referrer is cluster-scoped.
pub(super) fn check_parameters(
    world: &World<'_>,
    reference: Option<&ParametersReference>,
) -> Result<(), String> {
    let Some(reference) = reference else {
        return Ok(());
    };
    if !world
        .controller
        .takes_parameters(&reference.group, &reference.kind)
    {
        return Err(format!(
            "parametersRef: kind `{}/{}` is not supported",
            reference.group, reference.kind
        ));
    }
    let namespace = reference.namespace.as_deref().filter(|ns| !ns.is_empty());
    let found = world.snapshot.find(
        &reference.group,
        &reference.kind,
        namespace,
        &reference.name,
    );
    match (found, namespace) {
        (Some(_), _) => Ok(()),
        (None, Some(namespace)) => Err(format!(
            "parametersRef: no {} `{namespace}/{}`",
            reference.kind, reference.name
        )),
        (None, None) => Err(format!(
            "parametersRef: no cluster-scoped {} `{}`",
            reference.kind, reference.name
        )),
    }
}

/// Whether all installed CRDs of Gateway API are of known releases; without any in the input they are (GW-CLASS-07/08).
fn supported_version(world: &World<'_>) -> Finding<GatewayClassSupportedVersion> {
    let mut unknown: Vec<String> = Vec::new();
    for definition in world.snapshot.all::<CustomResourceDefinition>() {
        if ![GATEWAY_GROUP, GATEWAY_X_GROUP].contains(&definition.spec.group.as_str()) {
            continue;
        }
        let version = definition.bundle_version();
        if version.is_none_or(|version| version.parse::<Release>().is_err()) {
            let version = version.map_or("no version".to_owned(), |version| format!("`{version}`"));
            unknown.push(format!("{} has {version}", definition.metadata.name));
        }
    }
    if unknown.is_empty() {
        return Finding::new(
            GatewayClassSupportedVersion::SupportedVersion,
            "the installed version of Gateway API is supported",
        );
    }
    let known: Vec<&str> = Release::ALL
        .iter()
        .map(|release| release.as_str())
        .collect();
    let message = format!(
        "supported versions are {}; {}",
        known.join(", "),
        super::listener::joined(unknown.iter().map(String::as_str))
    );
    Finding::new(GatewayClassSupportedVersion::UnsupportedVersion, message)
}
