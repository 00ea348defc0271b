//! The example gateway under load.
//!
//! `compare` holds it against nginx and HAProxy with the same routes, `soak` sends requests while routes change and asks of
//! each response whether the configuration explains it. `run` builds everything and calls this program.

mod arguments;
mod backend;
mod client;
mod compare;
mod configuration;
mod process;
mod soak;
mod statistics;
mod variant;

use std::io;
use std::process::ExitCode;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let verb = words.next().unwrap_or_default();
    let arguments = match Arguments::parse(words) {
        Ok(arguments) => arguments,
        Err(why) => return failed(&why),
    };
    let done = match verb.as_str() {
        "compare" => compare::run(&arguments),
        "soak" => soak::run(&arguments),
        other => Err(io::Error::other(format!(
            "`{other}` is neither compare nor soak"
        ))),
    };
    done.map_or_else(|why| failed(&why), |()| ExitCode::SUCCESS)
}

fn failed(why: &io::Error) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}
