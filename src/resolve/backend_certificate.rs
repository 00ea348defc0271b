//! The certificate that a Gateway shows to backends.

use super::certificate::secret_target;
use super::grant::Referrer;
use super::status::{Finding, GatewayResolvedRefs};
use super::world::World;
use crate::api::GatewayTls;
use crate::plan::ObjectName;

/// Follows `tls.backend.clientCertificateRef`; `None` when there is none.
///
/// # Errors
///
/// The Gateway's own finding: whatever is wrong concerns no listener and refuses nothing (GW-COND-04/12).
///
/// # Spec
///
/// GW-BCC-01..06.
pub(super) fn follow<'s>(
    world: &World<'s>,
    referrer: Referrer<'s>,
    tls: Option<&'s GatewayTls>,
) -> Option<Result<ObjectName, Finding<GatewayResolvedRefs>>> {
    let backend = tls?.backend.as_ref()?;
    let target = secret_target(backend.client_certificate_ref.as_ref()?, referrer.namespace);
    let permitted = match world.grants.permit(referrer, target) {
        Ok(permitted) => permitted,
        Err(refused) => {
            let reason = GatewayResolvedRefs::RefNotPermitted;
            return Some(Err(Finding::new(reason, refused.to_string())));
        }
    };
    let reader = world.controller.certificate_reader();
    let pair = world.readings.pair(world.snapshot, reader, permitted);
    Some(match pair {
        Ok(_) => Ok(ObjectName::new(target.namespace, target.name)),
        Err(why) => Err(Finding::new(
            GatewayResolvedRefs::InvalidClientCertificateRef,
            why.to_string(),
        )),
    })
}
