//! Whether statuses meet a step's expectation, compared as the suite compares them.

use serde_json::Value;

use super::json::{Outcome, ensure, list, text};
use super::world::World;

/// Statuses of a world by kind and name.
pub struct Statuses<'w> {
    pub world: &'w World,
    /// Entries of `gatewright status`.
    pub entries: Vec<Value>,
    /// Whether parents are compared one by one (v1.4.1) or looked up (v1.6.1).
    pub parents_in_order: bool,
}

impl Statuses<'_> {
    fn of(&self, kind: &str, name: &str) -> &Value {
        let found = self.entries.iter().find(|entry| {
            entry["kind"] == kind
                && match name.split_once('/') {
                    Some((namespace, name)) => {
                        entry["namespace"] == namespace && entry["name"] == name
                    }
                    None => entry["name"] == name,
                }
        });
        found.map_or(&Value::Null, |entry| &entry["status"])
    }

    /// Checks one counted status step.
    pub fn check(&self, step: &Value) -> Outcome {
        match text(&step["kind"]) {
            "route_parents_status" => self.route_parents(step),
            "route_condition" => self.route_condition(step),
            "route_no_accepted_parents" => self.no_accepted_parents(step),
            "gateway_status" => self.gateway(step),
            "gateway_address" => {
                let addresses = &self.of("Gateway", text(&step["gateway"]))["addresses"];
                let some = addresses
                    .as_array()
                    .is_some_and(|list| list.iter().any(|a| a["type"].is_string()));
                ensure(some, || format!("no status address: {addresses}"))
            }
            "listener_status" => {
                let status = self.of("Gateway", text(&step["gateway"]));
                self.listeners(
                    step,
                    status,
                    self.generation("Gateway", text(&step["gateway"])),
                )
            }
            "listenerset_status" => {
                let name = text(&step["listenerset"]);
                let kind = ["ListenerSet", "XListenerSet"]
                    .into_iter()
                    .find(|kind| self.world.find(kind, name).is_some());
                let kind = kind.ok_or_else(|| format!("no ListenerSet {name}"))?;
                let status = self.of(kind, name);
                if step["mode"] == "object" {
                    return conditions(&status["conditions"], &step["conditions"]);
                }
                self.listeners(step, status, self.generation(kind, name))
            }
            "gateway_class_status" => {
                let status = self.of("GatewayClass", text(&step["gateway_class"]));
                conditions(&status["conditions"], &step["conditions"])
            }
            "policy_ancestor_status" => self.policy_ancestor(step),
            "namespaces_ready" => self.namespaces_ready(step),
            "observed_generation" => {
                let object = &step["object"];
                let name = match object["namespace"].as_str() {
                    Some(namespace) => format!("{namespace}/{}", text(&object["name"])),
                    None => text(&object["name"]).to_owned(),
                };
                let kind = text(&object["kind"]);
                current(self.of(kind, &name), self.generation(kind, &name))
            }
            other => Err(format!("unknown kind of step `{other}`")),
        }
    }

    fn generation(&self, kind: &str, name: &str) -> i64 {
        let object = self.world.find(kind, name);
        object
            .and_then(|object| object["metadata"]["generation"].as_i64())
            .unwrap_or(1)
    }

    fn route_parents(&self, step: &Value) -> Outcome {
        let (kind, name) = (text(&step["route_kind"]), text(&step["route"]));
        let actual = list(&self.of(kind, name)["parents"]);
        let expected = list(&step["parents"]);
        let optional_namespace = step["namespace_required"] == false;
        let fits = |expected: &Value, actual: &Value| -> Outcome {
            let (want, have) = (&expected["parentRef"], &actual["parentRef"]);
            ensure(
                expected["controllerName"] == actual["controllerName"],
                || format!("controller {}", actual["controllerName"]),
            )?;
            for key in ["group", "kind", "name"] {
                ensure(want[key] == have[key], || {
                    format!("parentRef.{key} is {}", have[key])
                })?;
            }
            let same_namespace = want["namespace"] == have["namespace"]
                || (optional_namespace && have["namespace"].is_null());
            ensure(same_namespace, || {
                format!("parentRef.namespace is {}", have["namespace"])
            })?;
            conditions(&actual["conditions"], &expected["conditions"])
        };
        if self.parents_in_order {
            ensure(actual.len() == expected.len(), || {
                format!("{} parents: {actual:?}", actual.len())
            })?;
            return expected
                .iter()
                .zip(actual)
                .try_for_each(|(expected, actual)| fits(expected, actual));
        }
        for expected in expected {
            let misses: Vec<String> = actual
                .iter()
                .map_while(|actual| fits(expected, actual).err())
                .collect();
            ensure(misses.len() < actual.len(), || {
                format!("no such parent {expected}: {misses:?}")
            })?;
        }
        Ok(())
    }

    fn route_condition(&self, step: &Value) -> Outcome {
        let (kind, name) = (text(&step["route_kind"]), text(&step["route"]));
        let status = self.of(kind, name);
        current(status, self.generation(kind, name))?;
        let (namespace, parent) = text(&step["parent"])
            .split_once('/')
            .unwrap_or(("", text(&step["parent"])));
        let found = list(&status["parents"]).iter().any(|entry| {
            let have = &entry["parentRef"];
            have["name"] == parent
                && (have["namespace"].is_null() || have["namespace"] == namespace)
                && conditions(
                    &entry["conditions"],
                    &Value::Array(vec![step["condition"].clone()]),
                )
                .is_ok()
        });
        ensure(found, || {
            format!(
                "no parent with {}: {}",
                step["condition"], status["parents"]
            )
        })
    }

    fn no_accepted_parents(&self, step: &Value) -> Outcome {
        let parents = list(&self.of(text(&step["route_kind"]), text(&step["route"]))["parents"]);
        let refused = |entry: &Value| {
            list(&entry["conditions"])
                .iter()
                .any(|c| c["type"] == "Accepted" && c["status"] == "False")
        };
        ensure(
            parents.is_empty() || parents.len() == 1 && refused(&parents[0]),
            || format!("{parents:?}"),
        )
    }

    fn gateway(&self, step: &Value) -> Outcome {
        let name = text(&step["gateway"]);
        let status = self.of("Gateway", name);
        conditions(&status["conditions"], &step["conditions"])?;
        if let Some(sets) = step["attached_listener_sets"].as_i64() {
            let actual = status["attachedListenerSets"].as_i64().unwrap_or(0);
            ensure(actual == sets, || {
                format!("attachedListenerSets {actual}, expected {sets}")
            })?;
        }
        current(status, self.generation("Gateway", name))
    }

    fn listeners(&self, step: &Value, status: &Value, generation: i64) -> Outcome {
        let actual = list(&status["listeners"]);
        let by_name = |name: &Value| {
            let found = actual.iter().find(|listener| listener["name"] == *name);
            found.ok_or_else(|| format!("no listener {name} in status"))
        };
        match text(&step["mode"]) {
            "zero_routes" => {
                let zero =
                    actual.is_empty() || actual.len() == 1 && actual[0]["attachedRoutes"] == 0;
                return ensure(zero, || format!("{actual:?}"));
            }
            "every" => {
                for listener in actual {
                    conditions(&listener["conditions"], &step["conditions"])?;
                }
            }
            "named" => {
                for name in list(&step["listener_names"]) {
                    conditions(&by_name(name)?["conditions"], &step["conditions"])?;
                }
            }
            "exact_set" => {
                let expected = list(&step["listeners"]);
                ensure(actual.len() == expected.len(), || {
                    format!("{} listeners in status", actual.len())
                })?;
                for expected in expected {
                    listener(expected, by_name(&expected["name"])?)?;
                }
            }
            other => return Err(format!("unknown mode `{other}`")),
        }
        current(status, generation)
    }

    fn policy_ancestor(&self, step: &Value) -> Outcome {
        let (kind, name) = (text(&step["policy_kind"]), text(&step["policy"]));
        let status = self.of(kind, name);
        current(status, self.generation(kind, name))?;
        let (namespace, ancestor) = text(&step["ancestor"]).split_once('/').unwrap_or(("", ""));
        let entry = list(&status["ancestors"]).iter().find(|entry| {
            let have = &entry["ancestorRef"];
            have["name"] == ancestor
                && (have["namespace"].is_null() || have["namespace"] == namespace)
        });
        let entry = entry.ok_or_else(|| format!("no ancestor {ancestor}: {status}"))?;
        conditions(&entry["conditions"], &step["conditions"])
    }

    fn namespaces_ready(&self, step: &Value) -> Outcome {
        for object in &self.world.objects {
            let there = list(&step["namespaces"]).contains(&object["metadata"]["namespace"]);
            let skipped =
                object["metadata"]["annotations"]["gateway-api/skip-this-for-readiness"] == "true";
            if object["kind"] != "Gateway" || !there || skipped {
                continue;
            }
            let name = super::world::full_name(object);
            let status = self.of("Gateway", &name);
            let ready = serde_json::json!([
                {"type": "Accepted", "status": "True", "reason": null},
                {"type": "Programmed", "status": "True", "reason": null},
            ]);
            conditions(&status["conditions"], &ready).map_err(|why| format!("{name}: {why}"))?;
            current(status, self.generation("Gateway", &name))?;
        }
        Ok(())
    }
}

fn listener(expected: &Value, actual: &Value) -> Outcome {
    let name = &expected["name"];
    let routes = &expected["attachedRoutes"];
    ensure(
        routes.is_null() || *routes == actual["attachedRoutes"],
        || {
            format!(
                "{name}: attachedRoutes {}, expected {routes}",
                actual["attachedRoutes"]
            )
        },
    )?;
    let (kinds, have) = (
        list(&expected["supportedKinds"]),
        list(&actual["supportedKinds"]),
    );
    ensure(!kinds.is_empty() || have.is_empty(), || {
        format!("{name}: supportedKinds {have:?}, expected none")
    })?;
    for kind in kinds {
        let group = |value: &Value| {
            value["group"]
                .as_str()
                .unwrap_or("gateway.networking.k8s.io")
                .to_owned()
        };
        let there = have
            .iter()
            .any(|own| own["kind"] == kind["kind"] && group(own) == group(kind));
        ensure(there, || {
            format!("{name}: supportedKinds lack {kind}: {have:?}")
        })?;
    }
    conditions(&actual["conditions"], &expected["conditions"])
        .map_err(|why| format!("{name}: {why}"))
}

/// Every expected condition is there; `null` fits any reason or status.
fn conditions(actual: &Value, expected: &Value) -> Outcome {
    for want in list(expected) {
        let found = list(actual).iter().any(|have| {
            have["type"] == want["type"]
                && (want["status"].is_null() || have["status"] == want["status"])
                && (text(&want["reason"]).is_empty() || have["reason"] == want["reason"])
        });
        ensure(found, || format!("lacks {want}: {actual}"))?;
    }
    Ok(())
}

/// GW-STAT-02: no condition anywhere in the status is stale.
fn current(status: &Value, generation: i64) -> Outcome {
    match status {
        Value::Object(fields) => {
            for (key, value) in fields {
                if key == "conditions" {
                    for condition in list(value) {
                        let observed = &condition["observedGeneration"];
                        ensure(*observed == generation, || {
                            format!(
                                "{} observes {observed}, not {generation}",
                                condition["type"]
                            )
                        })?;
                    }
                } else {
                    current(value, generation)?;
                }
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| current(item, generation)),
        _ => Ok(()),
    }
}
