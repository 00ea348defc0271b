//! What a change can reach.
//!
//! First the objects that mean something else at once, through what they are or refer to; then everything that must be
//! resolved together with them. A set that is too large does no harm, one that is too small does: where it is hard to say, more
//! is taken, and where the reach has no bound, everything.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::hosts;
use super::listed::Listed;
use super::references::{DEFAULTS, References, Referrer, Role, Target};
use super::referents::each_reference;
use crate::api::{Kind, Object, Resource};
use crate::plan::ObjectName;
use crate::resolve::controller::Controller;
use crate::resolve::parent::set_kind;
use crate::resolve::policy;
use crate::resolve::route::RouteObject;
use crate::resolve::sums::Holder;
use crate::resolve::world::namespace_of;
use crate::snapshot::Snapshot;

/// Below so many Routes a part is resolved, whatever its share of the whole.
const FEW: usize = 1_000;

/// An object before and after a change; not both are absent.
#[derive(Clone, Debug)]
pub(super) struct Touched {
    pub(super) old: Option<Arc<Object>>,
    pub(super) new: Option<Arc<Object>>,
}

/// What is read to find out.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) before: &'a Snapshot,
    pub(super) after: &'a Snapshot,
    /// Those before and those after together.
    pub(super) references: &'a References,
    pub(super) controller: &'a Controller,
}

/// The objects that a change can reach.
#[derive(Debug, Default)]
pub(super) struct Focus {
    /// It has no bound.
    pub(super) everything: bool,
    /// Routes.
    pub(super) routes: BTreeSet<(Kind, ObjectName)>,
    /// Gateways, each with its ListenerSets.
    pub(super) gateways: BTreeSet<ObjectName>,
    /// Policies.
    pub(super) policies: BTreeSet<(Kind, ObjectName)>,
    /// GatewayClasses whose statuses may change.
    pub(super) classes: BTreeSet<Box<str>>,
    /// Routes whose surroundings were not looked at yet.
    open: Vec<(Kind, ObjectName)>,
    open_policies: Vec<(Kind, ObjectName)>,
    /// Services all of whose Routes are there.
    full: BTreeSet<ObjectName>,
    /// How many Routes were compared by their hosts.
    compared: usize,
}

/// A Route whose surroundings are looked at.
struct Open<'a> {
    kind: Kind,
    versions: Vec<&'a Arc<Object>>,
}

impl<'a> Sight<'a> {
    /// An object of a kind before and after, under every name that the kind has on the wire.
    pub(super) fn versions(&self, kind: Kind, name: &ObjectName) -> Vec<&'a Arc<Object>> {
        let mut found = Vec::new();
        let mut wire = None;
        for version in kind.versions() {
            if wire.replace((version.group, version.name)) == Some((version.group, version.name)) {
                continue;
            }
            let namespace = kind.is_namespaced().then_some(&*name.namespace);
            for snapshot in [self.before, self.after] {
                found.extend(snapshot.shared(version.group, version.name, namespace, &name.name));
            }
        }
        found
    }

    /// The Gateways that a ListenerSet names as parent, before and after.
    fn parents_of_set(&self, name: &ObjectName) -> Vec<ObjectName> {
        let mut parents = Vec::new();
        for set in self.versions(Kind::ListenerSet, name) {
            each_reference(set, &mut |role, target| {
                if role == Role::Set {
                    parents.push(target.object_name());
                }
            });
        }
        parents
    }

    fn is_default(&self, gateway: &ObjectName) -> bool {
        let defaults = self
            .references
            .of_kind(DEFAULTS, Role::Default, Kind::Gateway);
        defaults.into_iter().any(|own| *own.name == *gateway)
    }
}

impl Focus {
    /// Takes in what an object changes at once.
    pub(super) fn touch(&mut self, touched: &Touched, sight: Sight<'_>) {
        let both = [&touched.old, &touched.new].into_iter().flatten();
        for object in both.clone() {
            self.touch_own(object, touched, sight);
        }
        let Some(object) = both.clone().next() else {
            return;
        };
        // Of most kinds it only matters whether they are there.
        let is_read = matches!(
            object.known_kind(),
            Some(Kind::Service | Kind::Secret | Kind::ConfigMap)
        );
        if is_read || touched.old.is_none() || touched.new.is_none() {
            for referrer in sight.references.to(Target::of(object), Role::Use) {
                self.add(referrer, sight);
            }
        }
    }

    fn touch_own(&mut self, object: &Object, touched: &Touched, sight: Sight<'_>) {
        let name = name_of(object);
        match object {
            Object::GatewayClass(class) => {
                let same = both(touched, |class: &crate::api::GatewayClass| &class.spec);
                self.everything |= !same;
                self.classes.insert(class.metadata.name.as_str().into());
            }
            Object::Mesh(_) => {
                self.everything |= !both(touched, |mesh: &crate::api::Mesh| {
                    (&mesh.spec, policy::seniority(&mesh.metadata))
                });
            }
            Object::CustomResourceDefinition(_) => self.classes.extend(all_classes(sight.after)),
            Object::Gateway(gateway) => {
                self.gateways.insert(name);
                self.classes
                    .insert(gateway.spec.gateway_class_name.as_str().into());
            }
            Object::ListenerSet(_) => self.gateways.extend(sight.parents_of_set(&name)),
            Object::ReferenceGrant(grant) => {
                let from = grant.spec.iter().flat_map(|spec| &spec.from);
                let from: BTreeSet<(&str, &str)> = from
                    .map(|from| (from.kind.as_str(), from.namespace.as_str()))
                    .collect();
                let own = namespace_of(&grant.metadata);
                for referrer in sight.references.outside_users(own) {
                    let is_meant = from.iter().any(|(kind, namespace)| {
                        *referrer.name.namespace == **namespace
                            && referrer
                                .kind
                                .versions()
                                .any(|version| version.name == *kind)
                    });
                    if is_meant {
                        self.add(referrer, sight);
                    }
                }
            }
            Object::Namespace(namespace) => {
                let labels = |object: &Option<Arc<Object>>| {
                    let own = object.as_deref().and_then(crate::api::Namespace::of);
                    own.map(|own| own.metadata.labels().clone())
                        .unwrap_or_default()
                };
                if labels(&touched.old) != labels(&touched.new) {
                    self.add_namespace(&namespace.metadata.name, sight);
                }
            }
            Object::Service(_) => {
                let target = Target::of(object);
                for role in [Role::Parent, Role::Governs] {
                    for referrer in sight.references.to(target, role) {
                        self.add(referrer, sight);
                    }
                }
            }
            Object::BackendTlsPolicy(_) | Object::BackendTrafficPolicy(_) => {
                if let Some(kind) = object.known_kind() {
                    self.add_policy(kind, name);
                    self.add_governed(object, sight);
                }
            }
            _ => {
                if let (Some(_), Some(kind)) = (RouteObject::of(object), object.known_kind()) {
                    self.add_route(kind, name);
                }
            }
        }
    }

    /// Takes in an object that refers to one that changed.
    fn add(&mut self, referrer: &Referrer, sight: Sight<'_>) {
        let name = ObjectName::clone(&referrer.name);
        match referrer.kind {
            Kind::Gateway => _ = self.gateways.insert(name),
            Kind::ListenerSet => self.gateways.extend(sight.parents_of_set(&name)),
            Kind::GatewayClass | Kind::Mesh => self.everything = true,
            kind @ (Kind::BackendTlsPolicy | Kind::BackendTrafficPolicy) => {
                for object in sight.versions(kind, &name) {
                    self.add_governed(object, sight);
                }
                self.add_policy(kind, name);
            }
            kind => self.add_route(kind, name),
        }
    }

    fn add_route(&mut self, kind: Kind, name: ObjectName) {
        if self.routes.insert((kind, name.clone())) {
            self.open.push((kind, name));
        }
    }

    fn add_policy(&mut self, kind: Kind, name: ObjectName) {
        if self.policies.insert((kind, name.clone())) {
            self.open_policies.push((kind, name));
        }
    }

    /// Takes in the Routes that use the Services which a policy targets.
    fn add_governed(&mut self, policy: &Object, sight: Sight<'_>) {
        each_reference(policy, &mut |role, target| {
            if role == Role::Governs {
                for referrer in sight.references.to(target, Role::Use) {
                    self.add(referrer, sight);
                }
            }
        });
    }

    fn add_namespace(&mut self, namespace: &str, sight: Sight<'_>) {
        for snapshot in [sight.before, sight.after] {
            for kind in ROUTE_KINDS {
                for route in snapshot.in_namespace(kind, namespace) {
                    self.add_route(kind, name_of(route));
                }
            }
            for set in snapshot.in_namespace(Kind::ListenerSet, namespace) {
                self.gateways.extend(sight.parents_of_set(&name_of(set)));
            }
        }
    }

    /// Takes in the Routes that see other listeners than before at these objects.
    pub(super) fn add_attached(&mut self, holders: &[Holder], sight: Sight<'_>) {
        let set = set_kind(sight.controller.release());
        for holder in holders {
            let (namespace, name) = (&*holder.name.namespace, &*holder.name.name);
            let (group, kind) = if holder.is_set {
                set
            } else {
                let gateway = Target::gateway(namespace, name);
                (gateway.group, gateway.kind)
            };
            let target = Target {
                namespace,
                group,
                kind,
                name,
            };
            self.add_all(target, Role::Parent, sight);
            if !holder.is_set && sight.is_default(&holder.name) {
                self.add_all(DEFAULTS, Role::Default, sight);
            }
        }
    }

    /// Takes in all Routes that refer to an object in a role.
    fn add_all(&mut self, target: Target<'_>, role: Role, sight: Sight<'_>) {
        for referrer in sight.references.to(target, role) {
            if ROUTE_KINDS.contains(&referrer.kind) {
                self.add_route(referrer.kind, ObjectName::clone(&referrer.name));
            }
        }
    }

    /// Takes in what must be resolved together with what is there, until nothing is missing or there is too much.
    pub(super) fn close(&mut self, sight: Sight<'_>) {
        let most = FEW + sight.after.len() / 8;
        while let Some((kind, name)) = self.open.pop() {
            self.everything |= self.routes.len() > most;
            if self.everything {
                return;
            }
            let route = Open {
                kind,
                versions: sight.versions(kind, &name),
            };
            for object in &route.versions {
                each_reference(object, &mut |role, target| match role {
                    Role::Parent => self.close_parent(&route, target, sight),
                    Role::Default => self.close_defaults(&route, sight),
                    Role::Use if target.is_service() => {
                        for policy in sight.references.to(target, Role::Governs) {
                            self.add_policy(policy.kind, ObjectName::clone(&policy.name));
                        }
                    }
                    _ => {}
                });
            }
        }
        while let Some((kind, name)) = self.open_policies.pop() {
            for object in sight.versions(kind, &name) {
                each_reference(object, &mut |role, target| {
                    if role == Role::Governs {
                        for policy in sight.references.to(target, Role::Governs) {
                            self.add_policy(policy.kind, ObjectName::clone(&policy.name));
                        }
                    }
                });
            }
        }
        // A class is used when some Gateway uses it.
        for class in &self.classes {
            let class = Target {
                group: crate::resolve::parent::GATEWAY_GROUP,
                kind: "GatewayClass",
                name: class,
                ..DEFAULTS
            };
            let mut users = sight.references.to(class, Role::Class);
            let user = users.find(|user| is_there(sight.after, user, class.name));
            self.gateways
                .extend(user.map(|user| ObjectName::clone(&user.name)));
        }
    }

    fn close_parent(&mut self, route: &Open<'_>, target: Target<'_>, sight: Sight<'_>) {
        if target.is_service() && self.fill(target) {
            // Kinds compete for the ports of a Service (MESH-06/07), and a frontend is made of all of its Routes.
            self.add_all(target, Role::Parent, sight);
        } else if target.is_gateway() {
            self.gateways.insert(target.object_name());
            self.close_rivals(route, target, sight);
        } else if (target.group, target.kind) == set_kind(sight.controller.release()) {
            let parents = sight.parents_of_set(&target.object_name());
            self.gateways.extend(parents);
            self.close_rivals(route, target, sight);
        }
    }

    /// Whether a Service is looked at for the first time.
    fn fill(&mut self, service: Target<'_>) -> bool {
        self.full.insert(service.object_name())
    }

    fn close_defaults(&mut self, route: &Open<'_>, sight: Sight<'_>) {
        for gateway in sight
            .references
            .of_kind(DEFAULTS, Role::Default, Kind::Gateway)
        {
            let target = Target::gateway(&gateway.name.namespace, &gateway.name.name);
            self.gateways.insert(target.object_name());
            self.close_rivals(route, target, sight);
        }
    }

    /// Where HTTPRoutes and GRPCRoutes exclude each other, those of the other kind at the object that share a host are resolved
    /// together with a Route, and so on (RT-XTYPE).
    fn close_rivals(&mut self, route: &Open<'_>, target: Target<'_>, sight: Sight<'_>) {
        let rival = match route.kind {
            Kind::HttpRoute => Kind::GrpcRoute,
            Kind::GrpcRoute => Kind::HttpRoute,
            _ => return,
        };
        if !sight.controller.has_exclusive_hostnames() {
            return;
        }
        let named = sight.references.of_kind(target, Role::Parent, rival);
        let by_default = target.is_gateway() && sight.is_default(&target.object_name());
        let default = by_default.then(|| sight.references.of_kind(DEFAULTS, Role::Default, rival));
        for referrer in named.chain(default.into_iter().flatten()) {
            self.compared += 1;
            if self.compared > FEW + 4 * sight.after.len() {
                self.everything = true;
                return;
            }
            let rivals = sight.versions(rival, &referrer.name);
            let meets = |(a, b): (&&Arc<Object>, &&Arc<Object>)| hosts::meet(a, b);
            let pairs = route
                .versions
                .iter()
                .flat_map(|a| rivals.iter().map(move |b| (a, b)));
            if pairs.into_iter().any(meets) {
                self.add_route(rival, ObjectName::clone(&referrer.name));
            }
        }
    }

    /// The objects of a snapshot that are resolved.
    pub(super) fn list(&self, snapshot: &Snapshot, sight: Sight<'_>) -> Snapshot {
        let mut listed = Listed::new(snapshot);
        listed.add_gateways(&self.gateways, sight);
        for (kind, name) in self.routes.iter().chain(&self.policies) {
            listed.add(*kind, name);
        }
        listed.finish()
    }

    /// The Gateways among them.
    pub(super) fn list_gateways(&self, snapshot: &Snapshot, sight: Sight<'_>) -> Snapshot {
        let mut listed = Listed::new(snapshot);
        listed.add_gateways(&self.gateways, sight);
        listed.finish()
    }
}

/// The kinds of Route.
pub(super) const ROUTE_KINDS: [Kind; 5] = [
    Kind::HttpRoute,
    Kind::GrpcRoute,
    Kind::TlsRoute,
    Kind::TcpRoute,
    Kind::UdpRoute,
];

/// Namespace, empty for cluster-scoped objects, and name.
pub(super) fn name_of(object: &Object) -> ObjectName {
    let namespace = crate::snapshot::namespace_of(object).unwrap_or_default();
    ObjectName::new(namespace, object.metadata().name.as_str())
}

/// Whether something of an object is the same before and after.
fn both<'t, T: Resource, V: PartialEq>(touched: &'t Touched, read: impl Fn(&'t T) -> V) -> bool {
    let of = |object: &'t Option<Arc<Object>>| object.as_deref().and_then(T::of);
    match (of(&touched.old), of(&touched.new)) {
        (Some(old), Some(new)) => read(old) == read(new),
        _ => false,
    }
}

fn all_classes(snapshot: &Snapshot) -> impl Iterator<Item = Box<str>> {
    let classes = snapshot.all::<crate::api::GatewayClass>();
    classes.map(|class| class.metadata.name.as_str().into())
}

/// Whether a Gateway is there and of a class.
fn is_there(snapshot: &Snapshot, gateway: &Referrer, class: &str) -> bool {
    let (namespace, name) = (&*gateway.name.namespace, &*gateway.name.name);
    let found = snapshot.get::<crate::api::Gateway>(Some(namespace), name);
    found.is_some_and(|gateway| gateway.spec.gateway_class_name == class)
}
