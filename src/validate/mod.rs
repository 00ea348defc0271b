//! (under construction)
#![expect(dead_code, reason = "the walker that uses these is being written")]

mod pattern;
mod report;
mod rule;
mod rules;
mod schema;
mod view;

pub use report::ErrorKind;
pub use rules::{PlacedRule, placed_rules};
