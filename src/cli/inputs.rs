//! Arguments that several commands take.

use std::path::PathBuf;

use clap::Args;
use gatewright::manifest::{self, ReadError, STDIN};
use gatewright::vocab::Bundle;

use super::exit::Failure;

/// Which rules hold.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct BundleArg {
    /// Release and channel of the CRDs, as `v1.4-standard` [default: newest release, experimental channel].
    #[arg(long, value_name = "RELEASE-CHANNEL")]
    bundle: Option<Bundle>,
}

impl BundleArg {
    /// The bundle that was asked for, or the default.
    pub(super) fn bundle(self) -> Bundle {
        self.bundle.unwrap_or_default()
    }

    /// Whether the bundle is a choice of ours, so that use of experimental fields deserves a hint.
    pub(super) fn is_default(self) -> bool {
        self.bundle.is_none()
    }
}

/// The files that some paths stand for, and what is missing.
///
/// # Errors
///
/// Standard input is named twice.
pub(super) fn files(paths: &[PathBuf]) -> Result<(Vec<PathBuf>, Vec<ReadError>), Failure> {
    let (files, missing) = manifest::files(paths);
    if files.iter().filter(|file| *file == STDIN).count() > 1 {
        let message = "standard input can be read only once".to_owned();
        return Err(Failure::Usage(message));
    }
    Ok((files, missing))
}
