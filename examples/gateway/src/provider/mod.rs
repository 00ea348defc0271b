//! Where objects come from, and where statuses go.

#[cfg(feature = "cluster")]
mod cluster;
mod directory;

use std::io;
use std::sync::Arc;

use gatewright::api::Object;
use gatewright::vocab::Bundle;

use crate::live::Live;

#[cfg(feature = "cluster")]
pub use cluster::Cluster;
pub use directory::Directory;

/// What there is.
pub struct World {
    /// The bundle by whose rules objects were read.
    pub bundle: Bundle,
    /// The objects, one for each name. One that did not change stays the same `Arc`.
    pub objects: Vec<Arc<Object>>,
}

/// A source of objects.
pub trait Provider: Send {
    /// All objects, as soon as they differ from the last time. The first call answers with what there is. Nothing is lost when
    /// the call is given up.
    fn next(&mut self) -> impl Future<Output = io::Result<World>> + Send;

    /// Writes the statuses that follow from the last objects.
    fn publish(&mut self, live: &Arc<Live>) -> impl Future<Output = io::Result<()>> + Send;
}
