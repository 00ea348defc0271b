//! What Routes attach to and what their statuses say, requirement by requirement.
#![cfg(feature = "resolve")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may panic"
)]

mod backends;
mod conditions;
mod counts;
mod defaults;
mod grants;
mod hostnames;
mod kinds;
mod lowering;
mod mesh;
mod parents;
mod policies;
mod tls_policies;
mod trace;
mod world;
