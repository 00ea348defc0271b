//! Many objects as one immutable, indexed world.
//!
//! Stage: gather. Objects come in any order; a [`Snapshot`] sorts and indexes them once and then only answers questions:
//! is there an object of this name, which objects are there of a kind, which labels has a namespace. It is the only
//! input of the resolver. It refuses to judge what it holds: objects are taken as admitted.
//!
//! ```
//! use gatewright::api::{HttpRoute, Object};
//! use gatewright::snapshot::Snapshot;
//!
//! let mut builder = Snapshot::builder();
//! builder.add(Object::from_value(serde_json::json!({
//!     "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
//!     "metadata": {"namespace": "shop", "name": "cart"}, "spec": {}
//! }))?)?;
//! let snapshot = builder.build();
//! let route = snapshot.get::<HttpRoute>(Some("shop"), "cart");
//! assert!(route.is_some());
//! assert_eq!(snapshot.all::<HttpRoute>().count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod index;
mod world;

pub use index::DuplicateKey;
pub(crate) use index::namespace_of;
pub(crate) use world::order;
pub use world::{Snapshot, SnapshotBuilder};
