//! Copies of requests, for HTTP and gRPC.

use serde::{Deserialize, Serialize};

use super::BackendObjectReference;

/// Sends copies of requests to one more backend and ignores its answers. Without `percent` and `fraction` every request
/// is copied.
///
/// # Spec
///
/// FILTER-MIRROR of the matching part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestMirror {
    /// Where the copies go.
    pub backend_ref: BackendObjectReference,
    /// How many of a hundred, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<i32>,
    /// How many, more finely.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fraction: Option<Fraction>,
}

/// A share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fraction {
    /// So many.
    pub numerator: i32,
    /// Of so many; see [`denominator`](Self::denominator).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denominator: Option<i32>,
}

impl Fraction {
    /// The denominator, 100 when unset.
    pub fn denominator(&self) -> i32 {
        self.denominator.unwrap_or(100)
    }
}
