//! From which namespaces something may come: `allowedRoutes.namespaces` and `allowedListeners.namespaces`.

use std::collections::BTreeMap;

use crate::api::{FromNamespaces, InvalidSelector, LabelSelector, ListenerNamespaces};

/// Labels of a namespace.
pub(crate) type Labels = BTreeMap<String, String>;

static NO_LABELS: Labels = BTreeMap::new();

/// The namespaces that a listener takes Routes from, or a Gateway takes ListenerSets from.
///
/// # Spec
///
/// GW-NS-01..06, GW-LSET-01/02.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AllowedNamespaces<'s> {
    /// None: `None`, or a selector that nobody can read (GW-NS-02..04).
    None,
    /// That of the object which holds the setting.
    Same(&'s str),
    /// All.
    All,
    /// Those whose labels match; the selector is readable.
    Selected(&'s LabelSelector),
}

/// Why a setting allows nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UnusableNamespaces {
    /// `from: Selector` without one (GW-NS-03).
    NoSelector,
    /// A selector that Kubernetes cannot parse (GW-NS-04).
    Selector(InvalidSelector),
    /// A word that is none of the known ones.
    From(String),
}

impl std::fmt::Display for UnusableNamespaces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            UnusableNamespaces::NoSelector => f.write_str("`from: Selector` needs a `selector`"),
            UnusableNamespaces::Selector(invalid) => write!(f, "selector: {invalid}"),
            UnusableNamespaces::From(word) => write!(
                f,
                "unknown `from: {word}`: expected `All`, `Selector` or `Same`"
            ),
        }
    }
}

impl<'s> AllowedNamespaces<'s> {
    /// Reads a setting of an object in namespace `own`; `absent` is what an absent setting means.
    ///
    /// # Errors
    ///
    /// [`UnusableNamespaces`], and nothing is allowed.
    pub(crate) fn read(
        setting: Option<&'s ListenerNamespaces>,
        own: &'s str,
        absent: &'s FromNamespaces,
    ) -> Result<Self, UnusableNamespaces> {
        let from = setting.and_then(|setting| setting.from.as_ref());
        match from.unwrap_or(absent) {
            FromNamespaces::All => Ok(AllowedNamespaces::All),
            FromNamespaces::Same => Ok(AllowedNamespaces::Same(own)),
            FromNamespaces::None => Ok(AllowedNamespaces::None),
            FromNamespaces::Selector => {
                let selector = setting.and_then(|setting| setting.selector.as_ref());
                let selector = selector.ok_or(UnusableNamespaces::NoSelector)?;
                selector.check().map_err(UnusableNamespaces::Selector)?;
                Ok(AllowedNamespaces::Selected(selector))
            }
            FromNamespaces::Unknown(word) => Err(UnusableNamespaces::From(word.clone())),
        }
    }

    /// Whether something from `namespace` is allowed. A namespace that nobody described has no labels (GW-NS-05).
    pub(crate) fn allows(&self, namespace: &str, labels: Option<&Labels>) -> bool {
        match self {
            AllowedNamespaces::None => false,
            AllowedNamespaces::Same(own) => *own == namespace,
            AllowedNamespaces::All => true,
            AllowedNamespaces::Selected(selector) => {
                selector.matches(labels.unwrap_or(&NO_LABELS)) == Ok(true)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(setting: Value) -> ListenerNamespaces {
        serde_json::from_value(setting).unwrap()
    }

    fn allows(setting: &Value, namespace: &str, labels: &[(&str, &str)]) -> bool {
        let setting = read(setting.clone());
        let labels: Labels = labels
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        AllowedNamespaces::read(Some(&setting), "infra", &FromNamespaces::Same)
            .is_ok_and(|allowed| allowed.allows(namespace, Some(&labels)))
    }

    /// GW-NS-01, GW-NS-02, GW-LSET-01/02.
    #[test]
    fn words_of_from() {
        for (setting, own, other) in [
            (json!({}), true, false),
            (json!({"from": "Same"}), true, false),
            (json!({"from": "All"}), true, true),
            (json!({"from": "None"}), false, false),
            (json!({"from": "Some"}), false, false),
            (json!({"from": "Same", "selector": {}}), true, false),
        ] {
            assert_eq!(allows(&setting, "infra", &[]), own, "{setting}");
            assert_eq!(allows(&setting, "infra2", &[]), other, "{setting}");
        }
        let absent = AllowedNamespaces::read(None, "infra", &FromNamespaces::None);
        assert_eq!(absent, Ok(AllowedNamespaces::None));
    }

    /// GW-NS-03: no selector allows nothing and says so; an empty one allows all, unknown namespaces too.
    #[test]
    fn selector_absent_and_empty() {
        let absent = read(json!({"from": "Selector"}));
        assert_eq!(
            AllowedNamespaces::read(Some(&absent), "infra", &FromNamespaces::Same),
            Err(UnusableNamespaces::NoSelector)
        );
        let empty = read(json!({"from": "Selector", "selector": {}}));
        let allowed =
            AllowedNamespaces::read(Some(&empty), "infra", &FromNamespaces::Same).unwrap();
        assert!(allowed.allows("anywhere", None));
    }

    /// GW-NS-04: labels and expressions are joined by "and"; `NotIn` holds for an absent label.
    #[test]
    fn requirements_are_joined_by_and() {
        let setting = json!({"from": "Selector", "selector": {
            "matchLabels": {"team": "shop"},
            "matchExpressions": [{"key": "stage", "operator": "NotIn", "values": ["test", "dev"]}],
        }});
        for (labels, allowed) in [
            (&[("team", "shop")][..], true),
            (&[("team", "shop"), ("stage", "prod")], true),
            (&[("team", "shop"), ("stage", "dev")], false),
            (&[("stage", "prod")], false),
            (&[], false),
        ] {
            assert_eq!(allows(&setting, "x", labels), allowed, "{labels:?}");
        }
    }

    /// GW-NS-04: what Kubernetes cannot parse allows nothing, even where a part of it would match.
    #[test]
    fn unreadable_selectors_allow_nothing() {
        for expression in [
            json!({"key": "a", "operator": "Equals", "values": ["b"]}),
            json!({"key": "a", "operator": "In"}),
            json!({"key": "a", "operator": "NotIn", "values": []}),
            json!({"key": "a", "operator": "Exists", "values": ["b"]}),
            json!({"key": "c", "operator": "DoesNotExist", "values": ["b"]}),
            json!({"key": "-a", "operator": "DoesNotExist"}),
            json!({"key": "a", "operator": "NotIn", "values": ["no spaces"]}),
        ] {
            let setting =
                json!({"from": "Selector", "selector": {"matchExpressions": [expression]}});
            assert!(!allows(&setting, "x", &[("a", "b")]), "{expression}");
        }
    }
}
