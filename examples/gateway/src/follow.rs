//! From changes of objects to the configuration in force.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use gatewright::api::{Key, Object};
use gatewright::resolve::{Change, Controller, Incremental};
use gatewright::snapshot::Snapshot;

use crate::addresses::Addresses;
use crate::bind::Sockets;
use crate::live::{Live, Shared};
use crate::provider::{Provider, World};

/// When ports that could not be had are tried again.
const RETRY: Duration = Duration::from_secs(3);

/// What follows a source of objects.
pub struct Follow<'f> {
    controller: Controller,
    addresses: &'f Addresses,
    sockets: &'f mut Sockets,
    shared: &'f Arc<Shared>,
    resolved: Option<Resolved>,
}

/// What was resolved last.
struct Resolved {
    resolver: Incremental,
    objects: Vec<Arc<Object>>,
    /// The version of the facts that it was resolved with.
    facts: u64,
}

impl<'f> Follow<'f> {
    /// Nothing is in force yet.
    pub fn new(
        controller: Controller,
        addresses: &'f Addresses,
        sockets: &'f mut Sockets,
        shared: &'f Arc<Shared>,
    ) -> Self {
        Follow {
            controller,
            addresses,
            sockets,
            shared,
            resolved: None,
        }
    }

    /// Puts every change in force, until `ends` resolves.
    pub async fn run(
        mut self,
        mut source: impl Provider,
        ends: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let mut ends = std::pin::pin!(ends);
        loop {
            tokio::select! {
                world = source.next() => {
                    let resolved = self.resolved.take();
                    self.resolved = Some(self.resolve(resolved, world?));
                }
                () = tokio::time::sleep(RETRY), if self.addresses.has_refused() => {
                    self.addresses.forgive();
                }
                () = &mut ends => return Ok(()),
            };
            if let Some(live) = self.put_in_force().await {
                source.publish(&live).await?;
            }
        }
    }

    fn resolve(&self, resolved: Option<Resolved>, world: World) -> Resolved {
        let of_bundle = |own: &Resolved| own.resolver.controller().bundle() == world.bundle;
        let Some(mut resolved) = resolved.filter(of_bundle) else {
            let controller = self.controller.clone().with_bundle(world.bundle);
            let mut builder = Snapshot::builder();
            for object in &world.objects {
                builder.put(Arc::clone(object));
            }
            let snapshot = builder.build();
            self.addresses.deal(&snapshot, &controller);
            return Resolved {
                facts: self.addresses.version(),
                resolver: Incremental::new(snapshot, controller),
                objects: world.objects,
            };
        };
        let changes = changes(&resolved.objects, &world.objects);
        resolved.resolver.apply(changes);
        resolved.objects = world.objects;
        let resolver = &resolved.resolver;
        self.addresses
            .deal(resolver.snapshot(), resolver.controller());
        resolved
    }

    /// Binds, and swaps the configuration, in this order: whoever connects finds it there. What is new about addresses and
    /// ports is resolved first; a listener that has no port is no part of the plan.
    async fn put_in_force(&mut self) -> Option<Arc<Live>> {
        let resolved = self.resolved.as_mut()?;
        loop {
            let facts = self.addresses.version();
            if std::mem::replace(&mut resolved.facts, facts) != facts {
                resolved.resolver.refresh();
            }
            let plan = &resolved.resolver.resolution().plan;
            if !self.sockets.bind(plan, self.addresses).await {
                break;
            }
        }
        let resolver = &resolved.resolver;
        let before = self.shared.live.load();
        let live = Arc::new(before.next(resolver.snapshot(), resolver.resolution().clone()));
        self.shared.live.store(Arc::clone(&live));
        self.shared.metrics.configured();
        self.sockets.serve(self.shared);
        Some(live)
    }
}

/// What changed from some objects to others. An object that is the same `Arc` did not; each key is there once.
fn changes(before: &[Arc<Object>], after: &[Arc<Object>]) -> Vec<Change> {
    let places = |objects: &[Arc<Object>]| -> HashSet<*const Object> {
        objects.iter().map(Arc::as_ptr).collect()
    };
    let (known, present) = (places(before), places(after));
    let is_new = |object: &&Arc<Object>| !known.contains(&Arc::as_ptr(object));
    let is_gone = |object: &&Arc<Object>| !present.contains(&Arc::as_ptr(object));
    let new: Vec<&Arc<Object>> = after.iter().filter(is_new).collect();
    let keys: HashSet<Key> = new.iter().map(|object| object.key()).collect();
    let gone = before.iter().filter(is_gone).map(|object| object.key());
    gone.filter(|key| !keys.contains(key))
        .map(Change::Remove)
        .chain(new.iter().map(|object| Change::Put(Arc::clone(object))))
        .collect()
}
