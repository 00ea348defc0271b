//! Arguments that several commands take.

use std::path::PathBuf;

use clap::Args;
use gatewright::vocab::Bundle;

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

/// What is read.
#[derive(Clone, Debug, Args)]
pub(super) struct Paths {
    /// Files, directories, or - for standard input.
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,
}
