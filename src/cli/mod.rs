//! `gatewright check | status | route | explain | lint | graph`: arguments, and which exit code each ending has.

mod check;
mod conditions;
mod decision;
mod exit;
mod explain;
mod graph;
mod inputs;
mod json;
mod lint;
mod parallel;
mod render;
mod route;
mod status;
mod style;
mod verdict;
mod world;
mod yaml;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use exit::Exit;

/// The Kubernetes Gateway API on the command line: what an API server says to manifests, what a controller makes of
/// them, which backend serves a request and why.
#[derive(Debug, Parser)]
#[command(name = "gatewright", version, max_term_width = 110, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 fine; 1 findings (violations, unresolved references, a URL that nothing \
serves); 2 usage or unreadable input.\nPATH is a file, a directory (recursive, *.yaml, *.yml, *.json) or - for \
standard input.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Validate manifests as an API server would.
    Check(check::Args),
    /// Print the status that a controller would write to every object.
    Status(status::Args),
    /// Say which backend serves a request, and why.
    Route(route::Args),
    /// Say how every candidate of a request failed, or why a Route is attached or not.
    Explain(explain::Args),
    /// Find what is valid and has no effect: shadowed rules, dead hostnames, unused grants, ...
    Lint(lint::Args),
    /// Draw Gateways, listeners, Routes and backends as they are connected.
    Graph(graph::Args),
}

/// Runs the program on its arguments.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Check(args) => check::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Route(args) => route::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Graph(args) => graph::run(&args),
    };
    exit::code(outcome)
}

/// How a command ends, or why it could not go on.
type Outcome = Result<Exit, exit::Failure>;
