//! What becomes of one request, as `route` prints it: the stages of the library in a row, and their products in words.

mod decide;
mod request;
mod words;

#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::Value;

pub(super) use decide::Decider;
pub(super) use request::{RequestLine, Spoken, UrlScheme};

/// A decision. All keys are always there; what does not apply is null or empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Decision {
    pub(super) id: Value,
    pub(super) outcome: Word,
    pub(super) status: Option<u16>,
    pub(super) grpc_status: Option<u8>,
    pub(super) listener: Option<ListenerWords>,
    pub(super) hostname: Option<String>,
    pub(super) route: Option<RouteWords>,
    pub(super) rule: Option<RuleWords>,
    #[serde(rename = "match")]
    pub(super) match_index: Option<u32>,
    pub(super) key: Option<&'static str>,
    pub(super) backend: Option<BackendWords>,
    pub(super) backends: Vec<BackendWords>,
    pub(super) location: Option<String>,
    pub(super) request: Option<RequestWords>,
    pub(super) response_headers: EditWords,
    pub(super) mirrors: Vec<MirrorWords>,
    pub(super) timeouts: Option<TimeoutWords>,
    pub(super) retry: Option<RetryWords>,
    pub(super) session: Option<SessionWords>,
    pub(super) cors: Option<CorsWords>,
    pub(super) external_auth: Option<AuthWords>,
    pub(super) backend_tls: Option<BackendTlsWords>,
    pub(super) reason: String,
}

impl Decision {
    /// Whether somebody serves the request: a backend, a redirect, or an answer of ours that is no error.
    pub(super) fn is_served(&self) -> bool {
        match self.outcome {
            Word::Forward | Word::Redirect => true,
            Word::Respond => {
                self.grpc_status.is_none() && self.status.is_some_and(|status| status < 400)
            }
            Word::Reset => false,
        }
    }
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Word {
    Forward,
    Redirect,
    Respond,
    #[default]
    Reset,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct ListenerWords {
    pub(super) gateway: String,
    pub(super) name: String,
    pub(super) set: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct RouteWords {
    pub(super) kind: &'static str,
    pub(super) namespace: String,
    pub(super) name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct RuleWords {
    pub(super) index: u32,
    pub(super) name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct BackendWords {
    pub(super) kind: String,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) port: Option<u16>,
    /// Missing where weights mean nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) weight: Option<u32>,
    /// Only in the list of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) valid: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct RequestWords {
    pub(super) method: String,
    pub(super) scheme: &'static str,
    pub(super) host: Option<String>,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct EditWords {
    pub(super) set: Vec<(String, String)>,
    pub(super) add: Vec<(String, String)>,
    pub(super) remove: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct MirrorWords {
    pub(super) backend: BackendWords,
    pub(super) numerator: u32,
    pub(super) denominator: u32,
    pub(super) request: RequestWords,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TimeoutWords {
    pub(super) request: Option<String>,
    pub(super) backend_request: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct RetryWords {
    pub(super) codes: Vec<u16>,
    pub(super) attempts: u32,
    pub(super) backoff: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionWords {
    pub(super) session_name: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) absolute_timeout: Option<String>,
    pub(super) idle_timeout: Option<String>,
    pub(super) cookie_config: Option<CookieWords>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CookieWords {
    pub(super) lifetime_type: &'static str,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct CorsWords {
    pub(super) preflight: bool,
    pub(super) allowed: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct AuthWords {
    pub(super) protocol: &'static str,
    pub(super) backend: BackendWords,
    pub(super) request: RequestWords,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct BackendTlsWords {
    pub(super) hostname: String,
    pub(super) subject_alt_names: Vec<AltNameWords>,
    /// References, or the word `System`.
    pub(super) ca: AuthoritiesWords,
    pub(super) client_certificate: Option<ObjectWords>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type")]
pub(super) enum AltNameWords {
    Hostname {
        hostname: String,
    },
    #[serde(rename = "URI")]
    Uri {
        uri: String,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum AuthoritiesWords {
    References(Vec<ObjectWords>),
    System(&'static str),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct ObjectWords {
    pub(super) kind: String,
    pub(super) namespace: String,
    pub(super) name: String,
}
