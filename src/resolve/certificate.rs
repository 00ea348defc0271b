//! Certificates that listeners show to clients.

use std::rc::Rc;

use super::grant::{Referrer, Target};
use super::status::ListenerResolvedRefs;
use super::world::World;
use crate::api::SecretObjectReference;
use crate::plan::ObjectName;

/// What the certificateRefs of a listener come to.
#[derive(Clone, Debug, Default)]
pub(super) struct Certificates {
    /// Secrets that can be used, in list order.
    pub(super) usable: Vec<ObjectName>,
    /// The DNS names of each of them.
    pub(super) names: Vec<Rc<[String]>>,
    /// References that cannot be followed or used.
    pub(super) problems: Vec<(ListenerResolvedRefs, String)>,
}

/// Follows references to certificates: permission first, then kind, existence and content (GW-CERT-02/03).
///
/// # Cost
///
/// One lookup for each reference; each Secret is read once for the whole resolution.
pub(super) fn follow<'s>(
    world: &World<'s>,
    referrer: Referrer<'s>,
    references: &'s [SecretObjectReference],
) -> Certificates {
    let mut found = Certificates::default();
    for reference in references {
        let target = secret_target(reference, referrer.namespace);
        match world.grants.permit(referrer, target) {
            Err(refused) => found
                .problems
                .push((ListenerResolvedRefs::RefNotPermitted, refused.to_string())),
            Ok(permitted) => {
                let reader = world.controller.certificate_reader();
                match world.readings.pair(world.snapshot, reader, permitted) {
                    Err(why) => found
                        .problems
                        .push((ListenerResolvedRefs::InvalidCertificateRef, why.to_string())),
                    Ok(names) => {
                        found
                            .usable
                            .push(ObjectName::new(target.namespace, target.name));
                        found.names.push(names);
                    }
                }
            }
        }
    }
    found
}

/// What a reference to a Secret names, seen from a namespace.
pub(super) fn secret_target<'s>(reference: &'s SecretObjectReference, own: &'s str) -> Target<'s> {
    Target {
        group: reference.group(),
        kind: reference.kind(),
        namespace: reference.namespace.as_deref().unwrap_or(own),
        name: &reference.name,
    }
}
