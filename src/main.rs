//! The command-line program: reads, prints, exits; every decision is the library's.

// No input may panic. Tests may: the lints hold for the library and the program alone.
#![warn(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
