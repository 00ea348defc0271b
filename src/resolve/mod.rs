//! From a snapshot to what it means: a plan, statuses, a trace (under construction).

mod grant;
mod namespaces;
mod state;
pub mod status;

pub use grant::{Grants, NotPermitted, Permitted, Referrer, Resolved, Target};
