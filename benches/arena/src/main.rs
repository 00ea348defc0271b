//! `arena`: gatewright beside floors and published crates on Gateway API workloads.

use arena::gatewright::Gatewright;
use arena::harness::Lineup;
use std::process::ExitCode;

fn main() -> ExitCode {
    arena::cli::run(&Lineup::standard().with::<Gatewright>())
}
