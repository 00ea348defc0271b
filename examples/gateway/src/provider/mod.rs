//! Where objects come from, and where statuses go.

mod directory;

use std::io;
use std::sync::Arc;

use gatewright::api::Object;
use gatewright::resolve::Statuses;

pub use directory::Directory;

/// A source of objects.
pub trait Provider: Send {
    /// All objects, as soon as they differ from the last time. The first call answers with what there is.
    fn next(&mut self) -> impl Future<Output = io::Result<Vec<Arc<Object>>>> + Send;

    /// Writes the statuses that follow from the last objects.
    fn publish(&mut self, statuses: &Statuses) -> impl Future<Output = io::Result<()>> + Send;
}
