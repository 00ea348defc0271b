//! What an API server would say to an object, without an API server.
//!
//! Stage: check, between reading and gathering. In: an object as a JSON value, and a [`Bundle`](crate::vocab::Bundle);
//! out: a [`Report`]. It knows structure, defaults, keys of lists, metadata and rules; it refuses to know other objects:
//! whether a reference leads anywhere is a matter of `resolve`.
//!
//! ```
//! use gatewright::validate::check;
//!
//! let route = serde_json::json!({
//!     "apiVersion": "gateway.networking.k8s.io/v1",
//!     "kind": "HTTPRoute",
//!     "metadata": {"name": "shop", "namespace": "web"},
//!     "spec": {"parentRefs": [{"name": "edge"}], "hostname": ["shop.example.com"]},
//! });
//! let report = check(&route, "v1.5-standard".parse()?);
//! assert!(report.accepted);
//! assert_eq!(report.unknown_fields[0].path, "spec.hostname");
//! assert_eq!(report.unknown_fields[0].near, Some("hostnames"));
//! # Ok::<(), gatewright::vocab::InvalidBundle>(())
//! ```

mod admit;
mod check;
mod defaulting;
mod enforce;
pub mod export;
mod format;
mod keys;
mod message;
mod metadata;
mod path;
mod pattern;
mod ratchet;
mod report;
mod rule;
mod rules;
mod safe_upgrade;
mod schema;
mod sight;
mod spelling;
mod structure;
mod time;
mod unknown;
mod view;

pub use admit::{Admitted, admit, admit_object};
pub use check::{Sent, check, check_sent, check_update, default_and_prune};
pub use report::{ErrorKind, Report, UnknownField, Violation};
pub use rules::{PlacedRule, placed_rules};
pub use safe_upgrade::{RefusedUpgrade, check_crd_upgrade};
