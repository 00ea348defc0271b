//! Filters that only the caller knows.

use super::changes::HeaderLine;
use super::request::OutgoingRequest;
use crate::plan::ExtensionRef;
use crate::plan::check::is_field_value;

/// Runs the filters that an ExtensionRef names.
///
/// [`apply_with`](super::apply_with) calls it for each resolved reference at its place in the list. Without it, such a rule
/// answers 500: a filter is never skipped (FILTER-GEN-09, SAFE-AUTH-01).
///
/// # Spec
///
/// FILTER-EXT-01/02.
pub trait Extensions: Send + Sync {
    /// Runs one filter. `request` is the request as changed so far.
    ///
    /// # Errors
    ///
    /// [`ExtensionFailed`]: the client gets 500.
    fn run(
        &self,
        extension: &ExtensionRef,
        request: &OutgoingRequest<'_>,
    ) -> Result<Extended, ExtensionFailed>;
}

/// What an extension does with a request. With a value that cannot stand in a header it counts as failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extended {
    /// It goes on, with these headers changed.
    Continue {
        /// Headers of the request that are set; an empty value removes the header. Those of framing, of the connection and
        /// `Host` are left alone.
        request: Vec<HeaderLine<'static>>,
        /// Headers of the response that are added.
        response: Vec<HeaderLine<'static>>,
    },
    /// It is answered.
    Respond {
        /// The status.
        status: u16,
        /// The headers, without those of framing.
        headers: Vec<HeaderLine<'static>>,
        /// The body.
        body: Vec<u8>,
    },
}

impl Extended {
    /// Whether all its values can stand in a header: a line break in one would be a header of its own.
    pub(super) fn is_sound(&self) -> bool {
        let is_fine =
            |lines: &[HeaderLine<'_>]| lines.iter().all(|(_, value)| is_field_value(value));
        match self {
            Extended::Continue { request, response } => is_fine(request) && is_fine(response),
            Extended::Respond { headers, .. } => is_fine(headers),
        }
    }

    /// It goes on unchanged.
    pub const UNCHANGED: Extended = Extended::Continue {
        request: Vec::new(),
        response: Vec::new(),
    };
}

/// An extension could not do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtensionFailed;

impl std::fmt::Display for ExtensionFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the extension failed")
    }
}

impl std::error::Error for ExtensionFailed {}
