//! How the program ends.

use std::fmt;
use std::io;
use std::process::ExitCode;

/// How a command ended; of several, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// 0: nothing to complain about.
    Fine,
    /// 1: findings.
    Findings,
    /// 2: something could not be read.
    Unreadable,
}

/// Why a command could not go on.
#[derive(Debug)]
pub(super) enum Failure {
    /// The input broke off.
    Input(io::Error),
    /// Nobody reads the output any more, or it cannot be written.
    Output(io::Error),
    /// Arguments that do not fit the input.
    Usage(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Failure::Output(error.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Input(error) => write!(f, "cannot read the input: {error}"),
            Failure::Output(error) => write!(f, "cannot write the output: {error}"),
            Failure::Usage(message) => f.write_str(message),
        }
    }
}

/// The exit code of an outcome; a failure is told on standard error.
pub(super) fn code(outcome: super::Outcome) -> ExitCode {
    match outcome {
        Ok(Exit::Fine) => ExitCode::SUCCESS,
        Ok(Exit::Findings) => ExitCode::from(1),
        Ok(Exit::Unreadable) => ExitCode::from(2),
        // The reader went away (`| head`): nothing is wrong with us, and nobody would read the message.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::from(2)
        }
        Err(failure) => {
            super::render::problem(&failure);
            ExitCode::from(2)
        }
    }
}
