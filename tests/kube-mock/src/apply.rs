//! Server-side apply of statuses, as far as the lists of Gateway API need it.
//!
//! `conditions` are merged by type and `listeners` by name; every other field is taken as a whole.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// What each field manager applied last: paths such as `conditions/Accepted`, `parents`.
pub(crate) type Owned = BTreeMap<String, BTreeSet<String>>;

/// Whether something changed.
pub(crate) fn apply(
    object: &mut Value,
    owned: &mut Owned,
    patch: &Value,
    manager: &str,
    force: bool,
) -> Result<bool, String> {
    if let Some(read_at) = patch["metadata"].get("resourceVersion")
        && *read_at != object["metadata"]["resourceVersion"]
    {
        return Err("the object has been modified".to_owned());
    }
    let wanted = flat(&patch["status"]);
    let mut current = flat(&object["status"]);
    for (path, value) in &wanted {
        let taken = owned
            .iter()
            .any(|(other, paths)| other != manager && paths.contains(path))
            && current.get(path) != Some(value);
        if taken && !force {
            return Err(format!("{path} belongs to another manager"));
        }
    }
    let before = owned.insert(manager.to_owned(), wanted.keys().cloned().collect());
    for path in before.into_iter().flatten() {
        let is_wanted = owned.values().any(|paths| paths.contains(&path));
        if !is_wanted {
            current.remove(&path);
        }
    }
    for (path, value) in wanted {
        if force && current.get(&path) != Some(&value) {
            for (other, paths) in owned.iter_mut() {
                if other != manager {
                    paths.remove(&path);
                }
            }
        }
        current.insert(path, value);
    }
    let status = unflat(current);
    let changed = status != object["status"];
    object["status"] = status;
    Ok(changed)
}

/// A status as paths: `addresses`, `conditions/TYPE`, `listeners/NAME/FIELD`, `listeners/NAME/conditions/TYPE`.
fn flat(status: &Value) -> BTreeMap<String, Value> {
    let mut paths = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for (field, value) in status.as_object().into_iter().flatten() {
        match (field.as_str(), value) {
            ("conditions", Value::Array(items)) => {
                paths.extend(
                    items
                        .iter()
                        .map(|item| (format!("conditions/{}", text(&item["type"])), item.clone())),
                );
            }
            ("listeners", Value::Array(items)) => {
                for item in items {
                    let name = text(&item["name"]);
                    paths.extend(
                        flat(item)
                            .into_iter()
                            .map(|(path, value)| (format!("listeners/{name}/{path}"), value)),
                    );
                }
            }
            _ => {
                paths.insert(field.clone(), value.clone());
            }
        }
    }
    paths
}

fn unflat(paths: BTreeMap<String, Value>) -> Value {
    let mut status = Map::new();
    let mut listeners: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for (path, value) in paths {
        if path.starts_with("conditions/") {
            if let Value::Array(list) = status.entry("conditions").or_insert_with(|| json!([])) {
                list.push(value);
            }
        } else if let Some((name, rest)) = path
            .strip_prefix("listeners/")
            .and_then(|rest| rest.split_once('/'))
        {
            listeners
                .entry(name.to_owned())
                .or_default()
                .insert(rest.to_owned(), value);
        } else {
            status.insert(path, value);
        }
    }
    if !listeners.is_empty() {
        status.insert(
            "listeners".to_owned(),
            listeners.into_values().map(unflat).collect(),
        );
    }
    Value::Object(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(type_: &str, reason: &str) -> Value {
        json!({"type": type_, "reason": reason})
    }

    #[test]
    fn managers_share_conditions_by_type() {
        let mut object = json!({"metadata": {"resourceVersion": "1"}, "status": {"conditions": [condition("Foreign", "F")]}});
        let mut owned = Owned::from([(
            "other".to_owned(),
            BTreeSet::from(["conditions/Foreign".to_owned()]),
        )]);
        let patch =
            |conditions: Value| json!({"metadata": {}, "status": {"conditions": conditions}});
        let both = patch(json!([condition("A", "x"), condition("B", "x")]));
        assert_eq!(apply(&mut object, &mut owned, &both, "we", true), Ok(true));
        assert_eq!(apply(&mut object, &mut owned, &both, "we", true), Ok(false));
        let one = patch(json!([condition("A", "y")]));
        assert_eq!(apply(&mut object, &mut owned, &one, "we", true), Ok(true));
        assert_eq!(
            object["status"]["conditions"],
            json!([condition("A", "y"), condition("Foreign", "F")])
        );
    }

    #[test]
    fn whole_lists_conflict_by_manager_and_revision() {
        let mut object = json!({"metadata": {"resourceVersion": "2"}, "status": {"parents": [1]}});
        let mut owned = Owned::from([("other".to_owned(), BTreeSet::from(["parents".to_owned()]))]);
        let patch = |revision: &str| json!({"metadata": {"resourceVersion": revision}, "status": {"parents": [1, 2]}});
        assert!(apply(&mut object, &mut owned, &patch("1"), "we", true).is_err());
        assert!(apply(&mut object, &mut owned, &patch("2"), "we", false).is_err());
        assert_eq!(
            apply(&mut object, &mut owned, &patch("2"), "we", true),
            Ok(true)
        );
        assert_eq!(object["status"]["parents"], json!([1, 2]));
    }
}
