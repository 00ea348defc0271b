//! Conditions of statuses.

use serde::{Deserialize, Serialize};

use super::reason::Reason;
use super::{Timestamp, open_enum};

open_enum! {
    /// Whether a condition holds.
    pub enum ConditionStatus {
        /// It holds.
        True = "True",
        /// It does not.
        False = "False",
        /// Nobody has decided yet (GW-STAT-06).
        Unknown = "Unknown",
        ..
        /// A word that is none of these.
        Other,
    }
}

/// One observation about an object: is it so, since when, why.
///
/// Read openly, since an object may carry conditions of other controllers; our own are made by [`Condition::of`].
///
/// # Spec
///
/// GW-STAT-02, GW-STAT-04, GW-STAT-08.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What is observed, as `Accepted`; unique in its list.
    #[serde(rename = "type")]
    pub type_: String,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// The generation of the spec that was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Since when `status` is as it is. [`Condition::of`] leaves it out: only who merges old and new status knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_transition_time: Option<Timestamp>,
    /// Why, in one word.
    pub reason: String,
    /// Why, for people; may be empty.
    pub message: String,
}

impl Condition {
    /// A condition whose type, status and reason follow from one typed reason, so that they fit each other.
    ///
    /// Messages longer than the API server admits are cut.
    ///
    /// ```
    /// use gatewright::api::Condition;
    /// use gatewright::api::reason::RouteAccepted;
    ///
    /// let condition = Condition::of(RouteAccepted::NoMatchingParent, "listener `web` does not exist", Some(3));
    /// assert_eq!((condition.type_.as_str(), condition.status.as_str()), ("Accepted", "False"));
    /// assert_eq!(condition.reason, "NoMatchingParent");
    /// ```
    pub fn of<R: Reason>(
        reason: R,
        message: impl Into<String>,
        observed_generation: Option<i64>,
    ) -> Self {
        let mut message = message.into();
        if message.len() > MESSAGE_LIMIT {
            let end = (0..=MESSAGE_LIMIT - "…".len())
                .rev()
                .find(|&end| message.is_char_boundary(end))
                .unwrap_or(0);
            message.truncate(end);
            message.push('…');
        }
        Condition {
            type_: R::CONDITION.to_owned(),
            status: reason.status(),
            observed_generation,
            last_transition_time: None,
            reason: reason.as_str().to_owned(),
            message,
        }
    }
}

/// The most characters of a message (GW-STAT-08); we count bytes, which is never more generous.
const MESSAGE_LIMIT: usize = 32_768;

#[cfg(test)]
mod tests {
    use super::super::reason::*;
    use super::*;

    #[test]
    fn type_status_and_reason_come_from_the_typed_reason() {
        // GW-COND-01: `ListenersNotValid` occurs with both statuses.
        let good = Condition::of(GatewayAccepted::SomeListenersNotValid, "1 of 2", Some(1));
        let bad = Condition::of(GatewayAccepted::ListenersNotValid, "", None);
        assert_eq!(good.reason, bad.reason);
        assert_eq!(good.status, ConditionStatus::True);
        assert_eq!(bad.status, ConditionStatus::False);
        assert_eq!(
            serde_json::to_value(&bad).unwrap(),
            serde_json::json!({"type": "Accepted", "status": "False", "reason": "ListenersNotValid", "message": ""})
        );
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        // GW-STAT-08.
        let condition = Condition::of(MeshAccepted::Accepted, "é".repeat(20_000), None);
        assert!(condition.message.len() <= 32_768 && condition.message.len() > 32_760);
        assert!(condition.message.ends_with('…'));
    }

    #[test]
    fn foreign_conditions_are_read_openly() {
        let json = serde_json::json!({
            "type": "example.com/Odd", "status": "Maybe", "reason": "Because", "message": "m",
            "observedGeneration": 7, "lastTransitionTime": "1970-01-01T00:00:00Z"
        });
        let condition: Condition = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(condition.status, ConditionStatus::Other("Maybe".to_owned()));
        assert_eq!(serde_json::to_value(&condition).unwrap(), json);
    }

    #[test]
    fn an_absent_message_is_not_an_empty_one() {
        let json = serde_json::json!({"type": "Accepted", "status": "True", "reason": "Accepted"});
        assert!(serde_json::from_value::<Condition>(json).is_err());
    }
}
