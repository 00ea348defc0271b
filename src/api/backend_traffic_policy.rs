//! XBackendTrafficPolicy: retry budgets and sessions of backends.

use serde::{Deserialize, Serialize};

use super::{ObjectMeta, Open, PolicyStatus, PolicyTargetReference, SessionPersistence};
use crate::vocab::Duration;

/// Limits retries towards a backend and keeps clients with one endpoint; `XBackendTrafficPolicy` on the wire.
///
/// # Spec
///
/// XBTP-01..10. Version v1alpha1 of `gateway.networking.x-k8s.io`, experimental.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendTrafficPolicy {
    /// Group and version as written.
    pub api_version: String,
    /// Kind as written.
    pub kind: String,
    /// Metadata.
    pub metadata: ObjectMeta,
    /// What is asked for.
    pub spec: BackendTrafficPolicySpec,
    /// What controllers found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<PolicyStatus>,
}

/// What an XBackendTrafficPolicy asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendTrafficPolicySpec {
    /// The backends, 1 to 16.
    pub target_refs: Vec<PolicyTargetReference>,
    /// The limit on retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_constraint: Option<RetryConstraint>,
    /// How clients stay with one endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_persistence: Option<SessionPersistence>,
}

/// A limit on retries (XBTP-02, XBTP-03).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RetryConstraint {
    /// The share of requests that may be retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<RetryBudget>,
    /// The rate of retries that is always allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_retry_rate: Option<RequestRate>,
}

/// The share of requests that may be retries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RetryBudget {
    /// The share in percent, 0 to 100; see [`percent`](Self::percent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<i64>,
    /// The time over which it is counted; 10 seconds when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Open<Duration>>,
}

impl RetryBudget {
    /// The share in percent, 20 when unset (XBTP-02).
    pub fn percent(&self) -> i64 {
        self.percent.unwrap_or(20)
    }
}

/// So many requests in such a time. A missing object as a whole means 10 in one second (XBTP-02).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRate {
    /// So many, 1 to 1,000,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// In such a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Open<Duration>>,
}
