//! Resolution of a snapshot.

mod grant;

pub use grant::{Grants, NotPermitted, Permitted, Referrer, Resolved, Target};
