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
        "backend" => backend_process(&arguments),
        other => Err(io::Error::other(format!(
            "`{other}` is none of compare, soak, backend"
        ))),
    };
    done.map_or_else(|why| failed(&why), |()| ExitCode::SUCCESS)
}

fn failed(why: &io::Error) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}

/// The echo backend as a process, so that it can be pinned.
fn backend_process(arguments: &Arguments) -> io::Result<()> {
    let listener = std::net::TcpListener::bind(arguments.text("listen")?)?;
    backend::serve(&listener, "echo");
    Ok(())
}
