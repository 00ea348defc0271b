//! Metadata of kube and of [`api`](crate::api), one from the other.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{self as kube, Time};
use k8s_openapi::jiff;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::api::{ObjectMeta, OwnerReference, Timestamp};

/// Every field of kube's metadata has a place: its own, or in `rest`.
pub(super) fn from_kube(metadata: kube::ObjectMeta) -> ObjectMeta {
    let mut rest = Map::new();
    keep(&mut rest, "generateName", metadata.generate_name);
    keep(&mut rest, "selfLink", metadata.self_link);
    keep(&mut rest, "managedFields", metadata.managed_fields);
    let grace_period = metadata.deletion_grace_period_seconds;
    keep(&mut rest, "deletionGracePeriodSeconds", grace_period);
    let owners = metadata.owner_references.map(|owners| {
        owners
            .into_iter()
            .map(|owner| OwnerReference {
                api_version: Some(owner.api_version),
                kind: Some(owner.kind),
                name: Some(owner.name),
                uid: Some(owner.uid),
                controller: owner.controller,
                block_owner_deletion: owner.block_owner_deletion,
                rest: Map::new(),
            })
            .collect()
    });
    ObjectMeta {
        name: metadata.name.unwrap_or_default(),
        namespace: metadata.namespace,
        generation: metadata.generation,
        creation_timestamp: metadata.creation_timestamp.as_ref().map(timestamp),
        deletion_timestamp: metadata.deletion_timestamp.as_ref().map(timestamp),
        labels: metadata.labels,
        annotations: metadata.annotations,
        uid: metadata.uid,
        resource_version: metadata.resource_version,
        finalizers: metadata.finalizers,
        owner_references: owners,
        rest,
    }
}

pub(super) fn to_kube(metadata: ObjectMeta) -> Result<kube::ObjectMeta, Unrepresentable> {
    let mut rest = metadata.rest;
    let owners = metadata
        .owner_references
        .map(|owners| {
            owners
                .into_iter()
                .enumerate()
                .map(|(i, owner)| owner_to_kube(i, owner))
                .collect::<Result<Vec<_>, _>>()
        })
        .transpose()?;
    let kube = kube::ObjectMeta {
        annotations: metadata.annotations,
        creation_timestamp: time("creationTimestamp", metadata.creation_timestamp)?,
        deletion_grace_period_seconds: take(&mut rest, "deletionGracePeriodSeconds")?,
        deletion_timestamp: time("deletionTimestamp", metadata.deletion_timestamp)?,
        finalizers: metadata.finalizers,
        generate_name: take(&mut rest, "generateName")?,
        generation: metadata.generation,
        labels: metadata.labels,
        managed_fields: take(&mut rest, "managedFields")?,
        name: Some(metadata.name).filter(|name| !name.is_empty()),
        namespace: metadata.namespace,
        owner_references: owners,
        resource_version: metadata.resource_version,
        self_link: take(&mut rest, "selfLink")?,
        uid: metadata.uid,
    };
    no_more(&rest, "").map(|()| kube)
}

fn owner_to_kube(i: usize, owner: OwnerReference) -> Result<kube::OwnerReference, Unrepresentable> {
    let required = |field: &str, value: Option<String>| {
        value.ok_or_else(|| Unrepresentable {
            path: format!("ownerReferences[{i}].{field}"),
            problem: "absent, but required".to_owned(),
        })
    };
    no_more(&owner.rest, &format!("ownerReferences[{i}]."))?;
    Ok(kube::OwnerReference {
        api_version: required("apiVersion", owner.api_version)?,
        kind: required("kind", owner.kind)?,
        name: required("name", owner.name)?,
        uid: required("uid", owner.uid)?,
        controller: owner.controller,
        block_owner_deletion: owner.block_owner_deletion,
    })
}

fn timestamp(time: &Time) -> Timestamp {
    Timestamp::from_seconds(time.0.as_second())
}

fn time(field: &str, timestamp: Option<Timestamp>) -> Result<Option<Time>, Unrepresentable> {
    let Some(timestamp) = timestamp else {
        return Ok(None);
    };
    timestamp
        .seconds()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map(|time| Some(Time(time)))
        .ok_or_else(|| Unrepresentable {
            path: field.to_owned(),
            problem: format!("found `{timestamp}`, expected a point in time"),
        })
}

fn keep<T: Serialize>(rest: &mut Map<String, Value>, field: &str, value: Option<T>) {
    if let Some(value) = value {
        rest.insert(
            field.to_owned(),
            serde_json::to_value(value).unwrap_or_default(),
        );
    }
}

fn take<T: DeserializeOwned>(
    rest: &mut Map<String, Value>,
    field: &str,
) -> Result<Option<T>, Unrepresentable> {
    match rest.remove(field) {
        None => Ok(None),
        Some(value) => serde_json::from_value(value).map_err(|error| Unrepresentable {
            path: field.to_owned(),
            problem: error.to_string(),
        }),
    }
}

fn no_more(rest: &Map<String, Value>, prefix: &str) -> Result<(), Unrepresentable> {
    match rest.iter().find(|(_, value)| !value.is_null()) {
        None => Ok(()),
        Some((field, _)) => Err(Unrepresentable {
            path: format!("{prefix}{field}"),
            problem: "unknown field".to_owned(),
        }),
    }
}

/// Metadata that kube's has no place for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrepresentable {
    path: String,
    problem: String,
}

impl fmt::Display for Unrepresentable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "metadata.{}: {}", self.path, self.problem)
    }
}

impl std::error::Error for Unrepresentable {}
