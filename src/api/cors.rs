//! Cross-origin resource sharing.

use serde::{Deserialize, Serialize};

use super::open_enum;

/// Which scripts of other origins may send requests, and what they get to see.
///
/// # Spec
///
/// FILTER-CORS of the matching part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cors {
    /// Origins; `*` is all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_origins: Option<Vec<String>>,
    /// Whether cookies and the like may be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_credentials: Option<bool>,
    /// Methods that may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_methods: Option<Vec<CorsMethod>>,
    /// Headers that requests may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_headers: Option<Vec<String>>,
    /// Headers of responses that scripts get to see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expose_headers: Option<Vec<String>>,
    /// For how many seconds browsers may remember the answer; see [`max_age`](Self::max_age).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<i32>,
}

impl Cors {
    /// For how many seconds browsers may remember the answer, 5 when unset.
    pub fn max_age(&self) -> i32 {
        self.max_age.unwrap_or(5)
    }
}

open_enum! {
    /// A method that scripts may use.
    pub enum CorsMethod {
        /// GET.
        Get = "GET",
        /// HEAD.
        Head = "HEAD",
        /// POST.
        Post = "POST",
        /// PUT.
        Put = "PUT",
        /// DELETE.
        Delete = "DELETE",
        /// CONNECT.
        Connect = "CONNECT",
        /// OPTIONS.
        Options = "OPTIONS",
        /// TRACE.
        Trace = "TRACE",
        /// PATCH.
        Patch = "PATCH",
        /// All of them.
        Any = "*",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}
