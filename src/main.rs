//! The command-line program: reads, prints, exits; every decision is the library's.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
