//! Rules of TLSRoutes, TCPRoutes and UDPRoutes.

use super::settings::weight;
use super::{Lowering, RuleParts};
use crate::api::{BackendRef, Open};
use crate::plan::{Action, Matches, Timeouts};
use crate::resolve::backend::BackendQuery;
use crate::vocab::SectionName;

/// Lowers the rules. Only the first one is served: nothing selects among them (RT-L4-02, L4-TLS-04, L4-TCP-02); the
/// references of the others count all the same (RT-COND-11).
pub(super) fn lower_rules<'s>(
    lowering: &mut Lowering<'_, 's>,
    rules: impl Iterator<Item = (&'s Option<Open<SectionName>>, &'s [BackendRef])>,
) {
    for (index, (name, references)) in rules.enumerate() {
        let mut parts = RuleParts::default();
        let mut backends = Vec::with_capacity(references.len());
        for (place, reference) in references.iter().enumerate() {
            let mut backend = lowering.resolve(query(reference));
            let field = format_args!("backendRefs[{place}]");
            if let Some(weight) = parts.take(weight(field, reference.weight())) {
                backend.weight = weight;
            }
            backends.push(backend);
        }
        if index > 0 {
            lowering.lowered.ignored += 1;
            lowering.reached.clear();
            continue;
        }
        let action = Action {
            backends,
            timeouts: Timeouts::default(),
            ..Action::default()
        };
        let name = name.as_ref().map(Open::as_str);
        lowering.finish(index, name, parts, Some(Matches::Always), action);
    }
}

fn query(reference: &BackendRef) -> BackendQuery<'_> {
    BackendQuery {
        group: reference.group(),
        kind: reference.kind(),
        namespace: reference.namespace.as_deref(),
        name: &reference.name,
        port: reference.port,
    }
}
