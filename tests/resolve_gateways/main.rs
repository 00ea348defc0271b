//! What classes, Gateways, listeners and ListenerSets come to, requirement by requirement.
#![cfg(feature = "resolve")]

mod addresses;
mod certificates;
mod classes;
mod client_validation;
mod conditions;
mod conflicts;
mod differential;
mod kinds;
mod listeners;
mod mesh;
mod namespaces;
mod overlaps;
mod sets;
mod sets_v1_4;
mod status;
mod told;
mod versions;
#[path = "../resolve_routes/world.rs"]
#[expect(dead_code, reason = "shared with the tests of Routes")]
mod world;
