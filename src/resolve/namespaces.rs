//! From which namespaces something may come: `allowedRoutes.namespaces` and `allowedListeners.namespaces`.

use std::collections::BTreeMap;

/// Labels of a namespace.
pub(crate) type Labels = BTreeMap<String, String>;

/// The namespaces that a listener takes Routes from, or a Gateway takes ListenerSets from.
///
/// # Spec
///
/// GW-NS-01..06, GW-LSET-01/02.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AllowedNamespaces {
    /// None: `None`, or a selector that nobody can read (GW-NS-02..04).
    None,
    /// That of the object which holds the setting.
    Same(Box<str>),
    /// All.
    All,
    /// Those whose labels match.
    Selected(Selector),
}

impl AllowedNamespaces {
    /// Whether something from `namespace` is allowed. A namespace that nobody described has no labels (GW-NS-05).
    pub(crate) fn allows(&self, namespace: &str, labels: Option<&Labels>) -> bool {
        match self {
            AllowedNamespaces::None => false,
            AllowedNamespaces::Same(own) => **own == *namespace,
            AllowedNamespaces::All => true,
            AllowedNamespaces::Selected(selector) => selector.matches(labels),
        }
    }
}

/// A label selector; all requirements must hold, none selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selector {
    requirements: Vec<Requirement>,
}

/// A condition on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: Box<str>,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    In(Vec<Box<str>>),
    NotIn(Vec<Box<str>>),
    Exists,
    DoesNotExist,
}

/// Why a selector cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InvalidSelector(pub(crate) String);

impl Selector {
    /// Adds `key = value`, as `matchLabels` does.
    pub(crate) fn equal(&mut self, key: &str, value: &str) -> Result<(), InvalidSelector> {
        self.push(key, Test::In(vec![value.into()]))
    }

    /// Adds an entry of `matchExpressions`.
    pub(crate) fn expression<'v>(
        &mut self,
        key: &str,
        operator: &str,
        values: impl IntoIterator<Item = &'v str>,
    ) -> Result<(), InvalidSelector> {
        let values: Vec<Box<str>> = values.into_iter().map(Box::from).collect();
        let test = match operator {
            "In" | "NotIn" if values.is_empty() => {
                return Err(InvalidSelector(format!(
                    "operator `{operator}` of label `{key}` needs values"
                )));
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                return Err(InvalidSelector(format!(
                    "operator `{operator}` of label `{key}` takes no values"
                )));
            }
            "In" => Test::In(values),
            "NotIn" => Test::NotIn(values),
            "Exists" => Test::Exists,
            "DoesNotExist" => Test::DoesNotExist,
            _ => {
                return Err(InvalidSelector(format!(
                    "operator `{operator}` of label `{key}` is none of `In`, `NotIn`, `Exists`, `DoesNotExist`"
                )));
            }
        };
        self.push(key, test)
    }

    fn push(&mut self, key: &str, test: Test) -> Result<(), InvalidSelector> {
        if !is_label_key(key) {
            return Err(InvalidSelector(format!("`{key}` is no label key")));
        }
        if let Test::In(values) | Test::NotIn(values) = &test
            && let Some(value) = values.iter().find(|value| !is_label_value(value))
        {
            return Err(InvalidSelector(format!("`{value}` is no label value")));
        }
        self.requirements.push(Requirement {
            key: key.into(),
            test,
        });
        Ok(())
    }

    /// Whether labels fulfil all requirements.
    pub(crate) fn matches(&self, labels: Option<&Labels>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = labels.and_then(|labels| labels.get(&*requirement.key));
            let among = |values: &[Box<str>], value: &String| values.iter().any(|v| **v == **value);
            match &requirement.test {
                Test::In(values) => value.is_some_and(|value| among(values, value)),
                Test::NotIn(values) => value.is_none_or(|value| !among(values, value)),
                Test::Exists => value.is_some(),
                Test::DoesNotExist => value.is_none(),
            }
        })
    }
}

/// A label key: a name of at most 63 characters, before it perhaps a DNS subdomain and a slash.
fn is_label_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && is_label_name(name),
        None => is_label_name(key),
    }
}

/// A label value: empty, or shaped as a name.
fn is_label_value(value: &str) -> bool {
    value.is_empty() || is_label_name(value)
}

fn is_label_name(name: &str) -> bool {
    let ends = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    name.len() <= 63
        && ends(name.bytes().next())
        && ends(name.bytes().next_back())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn is_subdomain(text: &str) -> bool {
    crate::vocab::SectionName::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    /// GW-NS-01, GW-NS-02.
    #[test]
    fn same_is_the_namespace_of_the_holder() {
        let same = AllowedNamespaces::Same("infra".into());
        assert!(same.allows("infra", None));
        assert!(!same.allows("infra2", None));
        assert!(AllowedNamespaces::All.allows("any", None));
        assert!(!AllowedNamespaces::None.allows("infra", None));
    }

    /// GW-NS-03: a selector that is there and empty takes all, unknown namespaces too.
    #[test]
    fn empty_selector_takes_everything() {
        assert!(AllowedNamespaces::Selected(Selector::default()).allows("a", None));
    }

    /// GW-NS-04: labels and expressions are joined by "and"; `NotIn` holds for an absent label.
    #[test]
    fn requirements_are_joined_by_and() {
        let mut selector = Selector::default();
        selector.equal("team", "shop").unwrap();
        selector
            .expression("stage", "NotIn", ["test", "dev"])
            .unwrap();
        let of = |pairs: &[(&str, &str)]| selector.matches(Some(&labels(pairs)));
        assert!(of(&[("team", "shop")]));
        assert!(of(&[("team", "shop"), ("stage", "prod")]));
        assert!(!of(&[("team", "shop"), ("stage", "dev")]));
        assert!(!of(&[("stage", "prod")]));
        assert!(!selector.matches(None));
    }

    /// GW-NS-04: the four operators.
    #[test]
    fn operators_do_what_kubernetes_says() {
        for (operator, values, on_a, on_absent) in [
            ("In", vec!["a", "b"], true, false),
            ("In", vec!["b"], false, false),
            ("NotIn", vec!["a"], false, true),
            ("NotIn", vec!["b"], true, true),
            ("Exists", vec![], true, false),
            ("DoesNotExist", vec![], false, true),
        ] {
            let mut selector = Selector::default();
            selector.expression("k", operator, values.clone()).unwrap();
            let with = labels(&[("k", "a")]);
            assert_eq!(
                selector.matches(Some(&with)),
                on_a,
                "{operator} {values:?} on a"
            );
            assert_eq!(
                selector.matches(None),
                on_absent,
                "{operator} {values:?} on nothing"
            );
        }
    }

    /// GW-NS-04: what Kubernetes refuses to parse.
    #[test]
    fn unreadable_selectors_are_refused() {
        for (key, operator, values) in [
            ("k", "Equals", vec!["a"]),
            ("k", "in", vec!["a"]),
            ("k", "In", vec![]),
            ("k", "NotIn", vec![]),
            ("k", "Exists", vec!["a"]),
            ("k", "DoesNotExist", vec!["a"]),
            ("", "Exists", vec![]),
            ("-k", "Exists", vec![]),
            ("a/b/c", "Exists", vec![]),
            ("UPPER.example/k", "Exists", vec![]),
            ("k", "In", vec!["no spaces"]),
            ("k", "In", vec!["-a"]),
        ] {
            let mut selector = Selector::default();
            assert!(
                selector.expression(key, operator, values.clone()).is_err(),
                "{key} {operator} {values:?}"
            );
        }
        assert!(Selector::default().equal(&"k".repeat(64), "v").is_err());
        assert!(Selector::default().equal("k", &"v".repeat(64)).is_err());
        assert!(Selector::default().equal("example.com/k_1", "").is_ok());
    }
}
