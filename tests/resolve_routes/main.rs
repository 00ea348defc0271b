//! What Routes attach to and what their statuses say, requirement by requirement.
#![cfg(feature = "resolve")]

mod conditions;
mod counts;
mod hostnames;
mod parents;
mod world;
