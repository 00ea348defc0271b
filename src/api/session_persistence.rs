//! How clients stay with one backend.

use serde::{Deserialize, Serialize};

use super::{Open, open_enum};
use crate::vocab::Duration;

/// Keeps the requests of a client at one backend.
///
/// # Spec
///
/// XBTP-04..08.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionPersistence {
    /// The name of the cookie or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_name: Option<String>,
    /// After this time a session ends whatever happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absolute_timeout: Option<Open<Duration>>,
    /// After this time without requests a session ends; not in v1.6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<Open<Duration>>,
    /// How clients carry the session; see [`type_`](Self::type_).
    #[serde(rename = "type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_: Option<SessionPersistenceType>,
    /// Details of the cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie_config: Option<CookieConfig>,
}

impl SessionPersistence {
    /// How clients carry the session, `Cookie` when unset.
    pub fn type_(&self) -> &SessionPersistenceType {
        self.type_
            .as_ref()
            .unwrap_or(&SessionPersistenceType::Cookie)
    }

    /// How long the cookie lives, `Session` when unset.
    pub fn cookie_lifetime(&self) -> &CookieLifetimeType {
        match &self.cookie_config {
            Some(CookieConfig {
                lifetime_type: Some(lifetime),
            }) => lifetime,
            _ => &CookieLifetimeType::Session,
        }
    }
}

open_enum! {
    /// How clients carry a session.
    pub enum SessionPersistenceType {
        /// In a cookie.
        Cookie = "Cookie",
        /// In a header.
        Header = "Header",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

/// Details of a session cookie.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CookieConfig {
    /// How long it lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_type: Option<CookieLifetimeType>,
}

open_enum! {
    /// How long a session cookie lives.
    pub enum CookieLifetimeType {
        /// As long as the absolute timeout.
        Permanent = "Permanent",
        /// As long as the browser's session.
        Session = "Session",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}
