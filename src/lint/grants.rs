//! ReferenceGrants that no reference needs.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Finding, FindingKind};
use crate::api::{Key, Kind, Object, ReferenceGrant, split_api_version};
use crate::snapshot::Snapshot;

/// A reference across namespaces.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    from_group: String,
    from_kind: String,
    from_namespace: String,
    group: String,
    kind: String,
    namespace: String,
    name: String,
}

/// Each `from` and each `to` that no reference in the snapshot needs. Referrers of kinds that we do not know are given
/// the benefit of the doubt.
pub(super) fn unused(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    let mut grants = snapshot.all::<ReferenceGrant>().peekable();
    if grants.peek().is_none() {
        return;
    }
    let references = references(snapshot);
    for grant in grants {
        of_grant(grant, &references, findings);
    }
}

fn of_grant(grant: &ReferenceGrant, references: &BTreeSet<Reference>, findings: &mut Vec<Finding>) {
    let Some(spec) = &grant.spec else { return };
    let namespace = grant.metadata.namespace.as_deref().unwrap_or("default");
    let (group, _) = split_api_version(&grant.api_version);
    let object = Key {
        group: group.to_owned(),
        kind: grant.kind.clone(),
        namespace: Some(namespace.to_owned()),
        name: grant.metadata.name.clone(),
    };
    let mut find = |path: String, message: String| {
        findings.push(Finding {
            kind: FindingKind::UnusedGrant,
            object: object.clone(),
            path: Some(path),
            message,
            witness: None,
        });
    };
    let into: Vec<&Reference> = references
        .iter()
        .filter(|reference| reference.namespace == namespace)
        .collect();
    for (index, from) in spec.from.iter().enumerate() {
        let is_used = !is_known(&from.group, &from.kind)
            || into.iter().any(|reference| {
                reference.from_group == from.group
                    && reference.from_kind == from.kind
                    && reference.from_namespace == from.namespace
            });
        if !is_used {
            let message = format!(
                "no {} of namespace `{}` refers into this one",
                from.kind, from.namespace
            );
            find(format!("spec.from[{index}]"), message);
        }
    }
    let all_known = spec
        .from
        .iter()
        .all(|from| is_known(&from.group, &from.kind));
    for (index, to) in spec.to.iter().enumerate().filter(|_| all_known) {
        let name = to.name.as_deref().filter(|name| !name.is_empty());
        let is_used = into.iter().any(|reference| {
            reference.group == to.group
                && reference.kind == to.kind
                && name.is_none_or(|name| reference.name == name)
                && spec.from.iter().any(|from| {
                    reference.from_kind == from.kind && reference.from_namespace == from.namespace
                })
        });
        if !is_used {
            let what = match name {
                Some(name) => format!("{} `{name}`", to.kind),
                None => format!("any {}", to.kind),
            };
            find(
                format!("spec.to[{index}]"),
                format!("nobody who is let in here refers to {what}"),
            );
        }
    }
}

/// Whether all references of a kind are found here.
fn is_known(group: &str, kind: &str) -> bool {
    ["gateway.networking.k8s.io", "gateway.networking.x-k8s.io"].contains(&group)
        && [
            "Gateway",
            "GRPCRoute",
            "HTTPRoute",
            "ListenerSet",
            "TCPRoute",
            "TLSRoute",
            "UDPRoute",
            "XListenerSet",
        ]
        .contains(&kind)
}

/// All references across namespaces of Gateways, ListenerSets and Routes.
fn references(snapshot: &Snapshot) -> BTreeSet<Reference> {
    let mut references = BTreeSet::new();
    let refers = |object: &&std::sync::Arc<Object>| {
        matches!(
            object.known_kind(),
            Some(
                Kind::Gateway
                    | Kind::ListenerSet
                    | Kind::HttpRoute
                    | Kind::GrpcRoute
                    | Kind::TlsRoute
                    | Kind::TcpRoute
                    | Kind::UdpRoute
            )
        )
    };
    for object in snapshot.objects().filter(refers) {
        let key = object.key();
        walk(&super::spec(object), "", &key, &mut references);
    }
    references
}

// Bounded: typed objects are only so deep.
fn walk(value: &Value, field: &str, from: &Key, into: &mut BTreeSet<Reference>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, field, from, into)),
        Value::Object(fields) => {
            if let Some(reference) = reference(value, field, from) {
                into.insert(reference);
            }
            for (name, value) in fields {
                walk(value, name, from, into);
            }
        }
        _ => {}
    }
}

/// The reference that an object in a field is, if it leads into another namespace.
fn reference(value: &Value, field: &str, from: &Key) -> Option<Reference> {
    let default_kind = match field {
        "backendRef" | "backendRefs" => "Service",
        "certificateRefs" | "clientCertificateRef" => "Secret",
        "caCertificateRefs" => "ConfigMap",
        _ => return None,
    };
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let namespace = text("namespace").filter(|namespace| !namespace.is_empty())?;
    let own = from.namespace.as_deref()?;
    (namespace != own).then(|| Reference {
        from_group: from.group.clone(),
        from_kind: from.kind.clone(),
        from_namespace: own.to_owned(),
        group: text("group").unwrap_or_default().to_owned(),
        kind: text("kind").unwrap_or(default_kind).to_owned(),
        namespace: namespace.to_owned(),
        name: text("name").unwrap_or_default().to_owned(),
    })
}
