//! The passes, over all objects or over those that a change can reach.

use super::controller::Controller;
use super::routes::{self, RouteWorld, Unserved};
use super::state::Gateways;
use super::status::Owners;
use super::statuses::StatusList;
use super::sums::Sums;
use super::world::World;
use super::{Resolution, class, fold, gateway, mesh, mesh_status, trace};
use crate::snapshot::Snapshot;

/// Which objects are resolved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'s> {
    /// All objects, to look up what others refer to.
    pub(super) snapshot: &'s Snapshot,
    /// Those whose meaning is asked for.
    pub(super) listed: &'s Snapshot,
    /// On whose behalf.
    pub(super) controller: &'s Controller,
    /// Whether statuses of GatewayClasses are wanted.
    pub(super) with_classes: bool,
    /// The names of our controllers, if they are known; they follow from GatewayClasses and meshes.
    pub(super) owners: Option<&'s Owners>,
}

/// What some objects mean.
#[derive(Debug)]
pub(super) struct Part {
    /// Plan, statuses and trace of the listed objects.
    pub(super) resolution: Resolution,
    /// The names of our controllers.
    pub(super) owners: Owners,
    /// What the listed Routes add up to, if that was asked for.
    pub(super) sums: Sums,
    /// BackendTLSPolicies with the Gateways that their statuses have no room for.
    pub(super) unserved: Vec<Unserved>,
}

impl<'s> Scope<'s> {
    /// All objects.
    pub(super) fn all(snapshot: &'s Snapshot, controller: &'s Controller) -> Self {
        Scope {
            snapshot,
            listed: snapshot,
            controller,
            with_classes: true,
            owners: None,
        }
    }

    /// What every pass reads.
    pub(super) fn world(self) -> World<'s> {
        let mesh_controller = mesh::controller_name(self.snapshot, self.controller);
        World::new(
            (self.snapshot, self.listed),
            self.controller,
            mesh_controller,
            self.owners,
        )
    }
}

/// Runs all passes. `others` are the sums of Routes that are not listed; `None` when there are none and sums are not asked
/// for.
pub(super) fn resolve_part<'s>(scope: Scope<'s>, others: Option<&'s Sums>) -> Part {
    let world = scope.world();
    let mut statuses = StatusList::default();
    let classes = class::judge(&world);
    let gateways = gateway::judge(&world, &classes);
    let mut routes = routes::resolve_routes(RouteWorld {
        world: &world,
        gateways: &gateways,
        others,
    });
    if scope.with_classes {
        fold::classes(&world, classes, &mut statuses);
    }
    fold::gateways(&world, &gateways, &routes.attached.counts, &mut statuses);
    let mut trace = trace::Recorder::new(&gateways, routes.routes.len());
    fold::routes(&world, &mut routes, &mut statuses, &mut trace);
    fold::policies(&world, &routes, &mut statuses);
    mesh_status::judge(&world, &mut statuses);
    Part {
        owners: world.owners.clone(),
        sums: routes.sums,
        unserved: routes.unserved,
        resolution: Resolution {
            plan: fold::plan(&gateways, routes.attached, routes.frontends),
            statuses: statuses.finish(),
            trace: trace.finish(),
            mesh: mesh_status::need(&world),
        },
    }
}

/// What the listed Routes add up to, without more.
pub(super) fn sum_part(scope: Scope<'_>) -> Sums {
    with_gateways(scope, |world, gateways| {
        routes::sum_routes(RouteWorld {
            world,
            gateways,
            others: None,
        })
    })
}

/// Judges the listed Gateways and hands them on.
pub(super) fn with_gateways<'s, T>(
    scope: Scope<'s>,
    then: impl FnOnce(&World<'s>, &Gateways<'s>) -> T,
) -> T {
    let world = scope.world();
    let classes = class::judge(&world);
    let gateways = gateway::judge(&world, &classes);
    then(&world, &gateways)
}
