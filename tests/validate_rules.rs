//! Each rule accepts and rejects what it should.
//!
//! A file of `tests/data/validate/cases` names an object with a gap and the place of the gap; its cases fill the gap.
//! An accepted filling leaves no violation at all. A rejected one breaks the rule of the case at that place, and
//! nothing else, save what the case lists under `also` (ids of rules, or types of errors that come from the schema).
//! With `old`, the object is an update of the one that has `old` in the gap. Every case runs in every bundle that
//! has the rule and serves the version.
#![cfg(feature = "yaml")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gatewright::manifest::read_file;
use gatewright::validate::{ErrorKind, PlacedRule, Report, Sent, check, check_sent, placed_rules};
use gatewright::vocab::Bundle;
use serde_json::{Value, json};

/// A file of cases.
struct Cases {
    file: PathBuf,
    object: Value,
    place: String,
    sent: Sent,
    cases: Vec<Value>,
}

fn all_cases() -> Vec<Cases> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/validate/cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files.into_iter().map(read_cases).collect()
}

fn read_cases(file: PathBuf) -> Cases {
    let parsed = read_file(&file).unwrap();
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let value = parsed.documents[0].value();
    Cases {
        object: value["object"].clone(),
        place: value["place"].as_str().unwrap().to_owned(),
        sent: match value["subresource"].as_str() {
            Some("status") => Sent::Status,
            _ => Sent::Object,
        },
        cases: value["cases"].as_array().unwrap().clone(),
        file,
    }
}

impl Cases {
    /// The object with the gap filled.
    fn filled(&self, filling: &Value) -> Value {
        let mut object = self.object.clone();
        let mut at = &mut object;
        for step in self.place.split(['.', '[']) {
            at = match step.strip_suffix(']') {
                Some(index) => &mut at[index.parse::<usize>().unwrap()],
                None => &mut at[step],
            };
        }
        *at = stretched(filling);
        object
    }

    fn ask(&self, case: &Value, filling: &Value, bundle: Bundle) -> Report {
        let old = case.get("old").map(|old| self.filled(old));
        check_sent(&self.filled(filling), old.as_ref(), self.sent, bundle)
    }

    /// The rule of a case where the file has its gap, and the bundles to ask.
    fn rule(&self, id: &str) -> (PlacedRule, Vec<Bundle>) {
        let (_, version) = self.object["apiVersion"]
            .as_str()
            .unwrap()
            .split_once('/')
            .unwrap();
        let place: String = self.place.split(|c: char| c.is_ascii_digit()).collect();
        let rule = placed_rules()
            .into_iter()
            .find(|rule| {
                rule.id() == id
                    && self.object["kind"] == rule.kind()
                    && rule.version() == version
                    && rule.place() == place
            })
            .unwrap_or_else(|| panic!("{}: no rule `{id}` at {place}", self.file.display()));
        let bundles = rule.window().bundles().filter(|&bundle| {
            let report = check(&self.object, bundle);
            report
                .violations
                .iter()
                .all(|v| v.kind != ErrorKind::NoSuchVersion)
        });
        let bundles: Vec<Bundle> = bundles.collect();
        assert!(
            !bundles.is_empty(),
            "{id}: no bundle serves the version of the case"
        );
        (rule, bundles)
    }
}

/// `@252` at the start of a key stands for that many letters.
fn stretched(filling: &Value) -> Value {
    let Value::Object(fields) = filling else {
        return filling.clone();
    };
    let stretch = |key: &str| match key.strip_prefix('@').and_then(|key| key.split_once('/')) {
        Some((count, rest)) => format!("{}/{rest}", "a".repeat(count.parse().unwrap())),
        None => key.to_owned(),
    };
    fields
        .iter()
        .map(|(key, value)| (stretch(key), value.clone()))
        .collect()
}

fn list<'c>(case: &'c Value, name: &str) -> &'c [Value] {
    case.get(name).map_or(&[], |list| list.as_array().unwrap())
}

#[test]
fn accepted_cases_are_accepted() {
    for cases in all_cases() {
        for case in &cases.cases {
            let id = case["rule"].as_str().unwrap();
            for bundle in cases.rule(id).1 {
                for filling in list(case, "accept") {
                    let report = cases.ask(case, filling, bundle);
                    assert!(
                        report.accepted,
                        "{bundle} {id} {filling}: {:?}",
                        report.violations
                    );
                    assert!(
                        report.unknown_fields.is_empty(),
                        "{bundle} {id} {filling}: {:?}",
                        report.unknown_fields
                    );
                }
            }
        }
    }
}

#[test]
fn rejected_cases_break_their_rule_and_no_other() {
    for cases in all_cases() {
        for case in &cases.cases {
            let id = case["rule"].as_str().unwrap();
            let (rule, bundles) = cases.rule(id);
            let also: BTreeSet<&str> = list(case, "also")
                .iter()
                .map(|a| a.as_str().unwrap())
                .collect();
            for bundle in bundles {
                for filling in list(case, "reject") {
                    let report = cases.ask(case, filling, bundle);
                    let (broken, others): (Vec<_>, Vec<_>) = report
                        .violations
                        .iter()
                        .partition(|v| v.rule == id && v.path == cases.place);
                    let context = format!("{bundle} {id} {filling}: {:?}", report.violations);
                    assert_eq!(broken.len(), 1, "{context}");
                    assert_eq!(broken[0].kind, ErrorKind::FieldValueInvalid, "{context}");
                    assert!(broken[0].message.contains(rule.message()), "{context}");
                    for other in others {
                        let of_schema =
                            !other.rule.contains('_') && also.contains(other.kind.as_str());
                        assert!(of_schema || also.contains(other.rule), "{context}");
                    }
                }
            }
        }
    }
}

/// The two rules that count matches need long lists; see [`matches_are_counted_over_all_rules`].
const COUNTED: [&str; 2] = [
    "grpc_route_spec.rules.at_most_128_matches",
    "http_route_spec.rules.at_most_128_matches",
];

#[test]
fn every_rule_has_an_accepted_and_a_rejected_case() {
    let mut accepted: BTreeSet<String> = COUNTED.map(str::to_owned).into();
    let mut rejected = accepted.clone();
    for cases in all_cases() {
        for case in &cases.cases {
            let id = case["rule"].as_str().unwrap();
            if !list(case, "accept").is_empty() {
                accepted.insert(id.to_owned());
            }
            if !list(case, "reject").is_empty() {
                rejected.insert(id.to_owned());
            }
        }
    }
    // The schema has the same list of types, and a breach of it keeps the rules from being asked. The rejected case
    // stands beside the rule.
    rejected.insert("http_path_match.type.known".to_owned());
    let all: BTreeSet<String> = placed_rules()
        .iter()
        .map(|rule| rule.id().to_owned())
        .collect();
    assert_eq!(
        all.difference(&accepted).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
    assert_eq!(
        all.difference(&rejected).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
    assert_eq!(
        accepted.difference(&all).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
}

/// An HTTPRoute rule that leaves `matches` out counts as one, a GRPCRoute rule as none.
#[test]
fn matches_are_counted_over_all_rules() {
    let route = |kind: &str, counts: &[Option<usize>]| {
        let one = match kind {
            "HTTPRoute" => json!({"path": {"value": "/"}}),
            _ => json!({"method": {"service": "shop.Cart"}}),
        };
        let rules = counts.iter().map(|count| match count {
            Some(count) => json!({"matches": vec![one.clone(); *count]}),
            None => json!({}),
        });
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": kind,
            "metadata": {"name": "shop", "namespace": "shop"},
            "spec": {"rules": rules.collect::<Vec<Value>>()},
        })
    };
    let full = [Some(64), Some(64)];
    for (kind, id) in [("GRPCRoute", COUNTED[0]), ("HTTPRoute", COUNTED[1])] {
        for bundle in Bundle::ALL {
            let broken = |counts: &[Option<usize>]| -> Vec<(&'static str, String)> {
                let report = check(&route(kind, counts), bundle);
                report
                    .violations
                    .into_iter()
                    .map(|v| (v.rule, v.path))
                    .collect()
            };
            let breach = vec![(id, "spec.rules".to_owned())];
            assert_eq!(broken(&full), []);
            assert_eq!(broken(&[Some(8); 16]), []);
            assert_eq!(broken(&[full[0], full[1], Some(0)]), []);
            assert_eq!(broken(&[full[0], full[1], Some(1)]), breach);
            let one_by_default = broken(&[full[0], full[1], None]);
            assert_eq!(
                one_by_default,
                if kind == "HTTPRoute" { breach } else { vec![] }
            );
        }
    }
}

/// In an integer field `80.0` passes the schema, but no rule can read it.
#[test]
fn a_port_written_as_a_fraction_cannot_be_read() {
    let route = json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "shop", "namespace": "shop"},
        "spec": {"rules": [{"backendRefs": [{"name": "shop", "port": 80.0}]}]},
    });
    let report = check(&route, Bundle::default());
    let [only] = report.violations.as_slice() else {
        panic!("{:?}", report.violations)
    };
    assert_eq!(only.rule, "backend_object_reference.port.given_for_service");
    assert_eq!(only.path, "spec.rules[0].backendRefs[0]");
}

/// A text that is no duration breaks the pattern, and the rule that compares durations too; one that only the pattern
/// refuses (`1.5h`) breaks nothing else.
#[test]
fn durations_are_read_more_widely_than_the_pattern_allows() {
    let route = |request: &str| {
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": "shop", "namespace": "shop"},
            "spec": {"rules": [{"timeouts": {"request": request, "backendRequest": "1s"}}]},
        })
    };
    let rules = |request: &str| -> Vec<&'static str> {
        let report = check(&route(request), Bundle::default());
        report.violations.iter().map(|v| v.rule).collect()
    };
    let rule = "http_route_timeouts.backend_request.within_request";
    assert_eq!(rules("1.5h").len(), 1);
    assert!(!rules("1.5h").contains(&rule));
    assert_eq!(rules("soon").len(), 2);
    assert!(rules("soon").contains(&rule));
}

/// Messages are written as the house style has it, and are never empty of help: they name what to do or what is wrong.
#[test]
fn messages_start_small_and_end_without_a_stop() {
    for rule in placed_rules() {
        let (id, message) = (rule.id(), rule.message());
        assert!(!message.starts_with(char::is_uppercase), "{id}: {message}");
        assert!(!message.ends_with(['.', '!']), "{id}: {message}");
        assert!((20..=180).contains(&message.len()), "{id}: {message}");
        assert!(id.split('.').count() == 3, "{id}: struct, field, claim");
    }
}

/// A breach shows what was found, where that helps, and which bundles have the rule, where not all do.
#[test]
fn a_breach_shows_what_was_found_and_who_asks() {
    let message = |kind: &str, spec: Value, id: &str| -> String {
        let object = json!({
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": kind,
            "metadata": {"name": "shop", "namespace": "shop"},
            "spec": spec,
        });
        let report = check(&object, "v1.5-standard".parse().unwrap());
        let breach = report
            .violations
            .iter()
            .find(|violation| violation.rule == id);
        breach
            .unwrap_or_else(|| panic!("{id}: {:?}", report.violations))
            .message
            .clone()
    };

    let path = json!({"rules": [{"matches": [{"path": {"value": "/a//b"}}]}]});
    let found = message(
        "HTTPRoute",
        path,
        "http_path_match.value.without_empty_segment",
    );
    assert!(found.ends_with("; found `value` `/a//b`"), "{found}");

    let redirect = json!({"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}});
    let other =
        json!({"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": ["a"]}});
    let filters = json!({"rules": [{"filters": [redirect, other, redirect]}]});
    let found = message(
        "HTTPRoute",
        filters,
        "http_route_filter.request_redirect.once",
    );
    assert!(found.ends_with("; found items 0 and 2"), "{found}");

    let names = json!({"hostnames": ["a.example.com", "10.1.2.3"], "rules": [{"backendRefs": [{"name": "a", "port": 1}]}]});
    let found = message(
        "TLSRoute",
        names,
        "tls_route_spec.hostnames.no_ip_addresses",
    );
    assert!(
        found.ends_with("; found item 1, `10.1.2.3` (a rule since v1.5)"),
        "{found}"
    );

    let listener = |name: &str| json!({"name": name, "port": 80, "protocol": "HTTP"});
    let gateway = json!({"gatewayClassName": "a", "listeners": [listener("a"), listener("b")]});
    let found = message(
        "Gateway",
        gateway,
        "gateway_spec.listeners.unique_port_protocol_hostname",
    );
    assert!(found.ends_with("; found items 0 and 1"), "{found}");
}
