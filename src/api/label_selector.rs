//! Selectors over labels, with the rules of Kubernetes.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::open_enum;

/// Chooses objects by their labels: all entries and all expressions must hold. An empty selector chooses everything.
///
/// # Spec
///
/// GW-NS-04.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelSelector {
    /// Labels that must be there with exactly these values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_labels: Option<BTreeMap<String, String>>,
    /// Further demands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_expressions: Option<Vec<LabelSelectorRequirement>>,
}

/// One demand on the value of one label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelSelectorRequirement {
    /// The label.
    pub key: String,
    /// How its value relates to `values`.
    pub operator: LabelSelectorOperator,
    /// At least one for `In` and `NotIn`, none for the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
}

open_enum! {
    /// How a label relates to a list of values.
    pub enum LabelSelectorOperator {
        /// It is there, with one of the values.
        In = "In",
        /// It is absent, or has none of the values.
        NotIn = "NotIn",
        /// It is there.
        Exists = "Exists",
        /// It is absent.
        DoesNotExist = "DoesNotExist",
        ..
        /// A word that this version does not know.
        Unknown,
    }
}

impl LabelSelector {
    /// Whether an object with these labels is chosen.
    ///
    /// # Errors
    ///
    /// [`InvalidSelector`] if Kubernetes could not read the selector, whatever the labels are: an unknown operator, `In`
    /// or `NotIn` without values, `Exists` or `DoesNotExist` with values, a malformed key or value.
    ///
    /// # Cost
    ///
    /// O(entries of the selector x log labels), no allocation unless it fails.
    ///
    /// ```
    /// use gatewright::api::LabelSelector;
    ///
    /// let selector: LabelSelector = serde_json::from_str(
    ///     r#"{"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["test"]}]}"#,
    /// )?;
    /// assert_eq!(selector.matches(&[].into()), Ok(true));
    /// assert_eq!(selector.matches(&[("tier".to_owned(), "test".to_owned())].into()), Ok(false));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> Result<bool, InvalidSelector> {
        let mut all = true;
        for (key, value) in self.match_labels.iter().flatten() {
            check_key(key, || format!("matchLabels[{key}]"))?;
            check_value(value, || format!("matchLabels[{key}]"))?;
            all &= labels.get(key) == Some(value);
        }
        for (i, requirement) in self.match_expressions.iter().flatten().enumerate() {
            requirement.check(i)?;
            all &= requirement.holds(labels.get(&requirement.key));
        }
        Ok(all)
    }

    /// Whether Kubernetes could read the selector.
    ///
    /// # Errors
    ///
    /// As [`matches`](Self::matches).
    pub fn check(&self) -> Result<(), InvalidSelector> {
        self.matches(&BTreeMap::new()).map(|_| ())
    }
}

impl LabelSelectorRequirement {
    fn check(&self, index: usize) -> Result<(), InvalidSelector> {
        use LabelSelectorOperator::{DoesNotExist, Exists, In, NotIn, Unknown};
        let field = |name: &str| format!("matchExpressions[{index}].{name}");
        let values = self.values.as_deref().unwrap_or_default();
        match &self.operator {
            In | NotIn if values.is_empty() => Err(InvalidSelector {
                field: field("values"),
                problem: format!("`{}` needs at least one value", self.operator),
            }),
            Exists | DoesNotExist if !values.is_empty() => Err(InvalidSelector {
                field: field("values"),
                problem: format!("`{}` takes no values", self.operator),
            }),
            Unknown(word) => Err(InvalidSelector {
                field: field("operator"),
                problem: format!(
                    "unknown operator `{word}`: expected `In`, `NotIn`, `Exists` or `DoesNotExist`"
                ),
            }),
            In | NotIn | Exists | DoesNotExist => {
                check_key(&self.key, || field("key"))?;
                values
                    .iter()
                    .try_for_each(|value| check_value(value, || field("values")))
            }
        }
    }

    fn holds(&self, value: Option<&String>) -> bool {
        let listed = |value| self.values.iter().flatten().any(|v| v == value);
        match &self.operator {
            LabelSelectorOperator::In => value.is_some_and(listed),
            LabelSelectorOperator::NotIn => !value.is_some_and(listed),
            LabelSelectorOperator::Exists => value.is_some(),
            LabelSelectorOperator::DoesNotExist => value.is_none(),
            LabelSelectorOperator::Unknown(_) => false,
        }
    }
}

/// Letters and digits at both ends; between them also `-`, `_` and `.`; at most 63 characters.
fn is_label_name(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    (1..=63).contains(&text.len())
        && text.starts_with(alphanumeric)
        && text.ends_with(alphanumeric)
        && text
            .chars()
            .all(|c| alphanumeric(c) || matches!(c, '-' | '_' | '.'))
}

fn check_key(key: &str, field: impl Fn() -> String) -> Result<(), InvalidSelector> {
    let valid = match key.split_once('/') {
        Some((prefix, name)) => {
            crate::vocab::SectionName::parse(prefix).is_ok() && is_label_name(name)
        }
        None => is_label_name(key),
    };
    if valid {
        Ok(())
    } else {
        Err(InvalidSelector {
            field: field(),
            problem: format!("`{key}` is no label key"),
        })
    }
}

fn check_value(value: &str, field: impl Fn() -> String) -> Result<(), InvalidSelector> {
    if value.is_empty() || is_label_name(value) {
        Ok(())
    } else {
        Err(InvalidSelector {
            field: field(),
            problem: format!("`{value}` is no label value"),
        })
    }
}

/// A selector that Kubernetes could not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSelector {
    field: String,
    problem: String,
}

impl fmt::Display for InvalidSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

impl std::error::Error for InvalidSelector {}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn selector(json: Value) -> LabelSelector {
        serde_json::from_value(json).unwrap()
    }

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn truth_table_of_the_operators() {
        // GW-NS-04; columns: label absent, label `a`, label `b`.
        for (operator, values, expected) in [
            ("In", Some(json!(["a"])), [false, true, false]),
            ("NotIn", Some(json!(["a"])), [true, false, true]),
            ("In", Some(json!(["a", "b"])), [false, true, true]),
            ("Exists", None, [false, true, true]),
            ("Exists", Some(json!([])), [false, true, true]),
            ("DoesNotExist", None, [true, false, false]),
        ] {
            let mut expression = json!({"key": "k", "operator": operator});
            if let Some(values) = values {
                expression["values"] = values;
            }
            let selector = selector(json!({"matchExpressions": [expression]}));
            for (labels, expected) in [labels(&[]), labels(&[("k", "a")]), labels(&[("k", "b")])]
                .iter()
                .zip(expected)
            {
                assert_eq!(
                    selector.matches(labels),
                    Ok(expected),
                    "{operator} {labels:?}"
                );
            }
        }
    }

    #[test]
    fn labels_and_expressions_must_all_hold() {
        let both = selector(json!({
            "matchLabels": {"team": "shop"},
            "matchExpressions": [{"key": "tier", "operator": "Exists"}]
        }));
        assert_eq!(
            both.matches(&labels(&[("team", "shop"), ("tier", "")])),
            Ok(true)
        );
        assert_eq!(both.matches(&labels(&[("team", "shop")])), Ok(false));
        assert_eq!(
            both.matches(&labels(&[("team", "pay"), ("tier", "x")])),
            Ok(false)
        );
        assert_eq!(selector(json!({})).matches(&labels(&[])), Ok(true));
    }

    #[test]
    fn unreadable_selectors_are_errors_even_if_something_else_fails_first() {
        for (broken, field) in [
            (
                json!({"key": "k", "operator": "Like", "values": ["a"]}),
                "operator",
            ),
            (json!({"key": "k", "operator": "In"}), "values"),
            (
                json!({"key": "k", "operator": "NotIn", "values": []}),
                "values",
            ),
            (
                json!({"key": "k", "operator": "Exists", "values": ["a"]}),
                "values",
            ),
            (
                json!({"key": "k", "operator": "DoesNotExist", "values": ["a"]}),
                "values",
            ),
            (json!({"key": "k k", "operator": "Exists"}), "key"),
            (json!({"key": "Upper.com/k", "operator": "Exists"}), "key"),
            (json!({"key": "/k", "operator": "Exists"}), "key"),
            (
                json!({"key": "k", "operator": "In", "values": ["a", "-"]}),
                "values",
            ),
        ] {
            let selector =
                selector(json!({"matchLabels": {"never": "there"}, "matchExpressions": [broken]}));
            let error = selector.matches(&labels(&[])).unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("matchExpressions[0].{field}: ")),
                "{error}"
            );
            assert_eq!(selector.check(), Err(error));
        }
        assert!(
            selector(json!({"matchLabels": {"k": "a b"}}))
                .check()
                .is_err()
        );
        assert!(
            selector(json!({"matchLabels": {"example.com/k_1": ""}}))
                .check()
                .is_ok()
        );
    }
}
