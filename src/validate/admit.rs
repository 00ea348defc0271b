//! Whether an object was validated, as a type.

use std::ops::Deref;

use serde_json::Value;

use super::report::Report;
use super::{check, default_and_prune};
use crate::api::{Object, Resource};
use crate::vocab::Bundle;

/// An object that an API server takes, or took.
///
/// Made by [`admit`] and [`admit_object`], or by [`Admitted::assume_admitted`] for what comes from an API server.
#[derive(Clone, Debug, PartialEq)]
pub struct Admitted<T>(T);

impl<T> Admitted<T> {
    /// Takes the caller's word that an API server took the object, with its defaults filled in.
    pub fn assume_admitted(object: T) -> Self {
        Admitted(object)
    }

    /// The object.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Admitted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Checks a new object, and gives the typed object as an API server with the CRDs of `bundle` would keep it.
///
/// Kinds outside the Gateway API groups are taken as they are. A status that cannot be read is left out: an API server
/// drops the status of every new object.
///
/// # Errors
///
/// The report on an object that is rejected.
///
/// # Examples
///
/// ```
/// use gatewright::api::{HttpRoute, Resource};
/// use gatewright::validate::admit;
/// use gatewright::vocab::Bundle;
///
/// let route = admit(
///     &serde_json::json!({
///         "apiVersion": "gateway.networking.k8s.io/v1",
///         "kind": "HTTPRoute",
///         "metadata": {"name": "shop", "namespace": "web"},
///         "spec": {"parentRefs": [{"name": "edge"}]},
///     }),
///     Bundle::default(),
/// )?;
/// let route = HttpRoute::of(&route).unwrap();
/// assert!(route.spec.rules.is_some(), "one rule by default");
/// # Ok::<(), gatewright::validate::Report>(())
/// ```
pub fn admit(object: &Value, bundle: Bundle) -> Result<Admitted<Object>, Report> {
    let kept = kept(object, bundle)?;
    let read = Object::from_value(kept.clone());
    let read = read.or_else(|_| Object::from_value(without_status(kept)));
    read.map(Admitted)
        .map_err(|invalid| Report::unreadable(invalid.to_string()))
}

/// Checks a typed object, and gives it with defaults filled in.
///
/// # Errors
///
/// The report on an object that is rejected.
pub fn admit_object<T: Resource>(object: &T, bundle: Bundle) -> Result<Admitted<T>, Report> {
    let unreadable = |error: serde_json::Error| Report::unreadable(error.to_string());
    let value = serde_json::to_value(object).map_err(unreadable)?;
    let kept = kept(&value, bundle)?;
    serde_json::from_value(kept)
        .map(Admitted)
        .map_err(unreadable)
}

fn kept(object: &Value, bundle: Bundle) -> Result<Value, Report> {
    let report = check(object, bundle);
    if report.checked && !report.accepted {
        return Err(report);
    }
    Ok(default_and_prune(object, bundle))
}

fn without_status(mut object: Value) -> Value {
    if let Some(object) = object.as_object_mut() {
        object.remove("status");
    }
    object
}
