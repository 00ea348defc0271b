//! What Routes attach to and what their statuses say, requirement by requirement.
#![cfg(feature = "resolve")]

mod parents;
mod world;
