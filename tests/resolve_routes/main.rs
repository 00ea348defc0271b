//! What Routes attach to and what their statuses say, requirement by requirement.
#![cfg(feature = "resolve")]

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
