//! What holds of checks for any object whatever, and that schemas and typed objects know the same fields.
#![cfg(feature = "resolve")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests panic when they fail"
)]

use std::cell::Cell;
use std::collections::BTreeSet;

use gatewright::api::Object;
use gatewright::validate::{Report, admit, check, check_update, default_and_prune, export};
use gatewright::vocab::Bundle;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

/// Every kind and version that a bundle serves.
fn served() -> Vec<(Bundle, &'static str, &'static str)> {
    let versions =
        |(bundle, kind)| export::versions(kind, bundle).map(move |version| (bundle, kind, version));
    let bundles = Bundle::ALL.into_iter();
    let kinds = bundles.flat_map(|bundle| export::kinds(bundle).map(move |kind| (bundle, kind)));
    kinds.flat_map(versions).collect()
}

/// An object of the kind with these parts, named as it should be.
fn object(kind: &str, version: &str, parts: Value) -> Value {
    let unstable = kind.starts_with('X');
    let group = if unstable { "x-k8s.io" } else { "k8s.io" };
    let mut object = parts;
    object["apiVersion"] = json!(format!("gateway.networking.{group}/{version}"));
    object["kind"] = json!(kind);
    object["metadata"] = json!({"name": "one"});
    object
}

/// A value with every field that the schema has.
fn full(schema: &Value) -> Value {
    if let Some(choices) = schema["enum"].as_array() {
        return choices[0].clone();
    }
    match schema["type"].as_str().expect("a type") {
        "object" => match (&schema["properties"], &schema["additionalProperties"]) {
            (Value::Object(fields), _) => {
                let fields = fields
                    .iter()
                    .map(|(name, field)| (name.clone(), full(field)));
                Value::Object(fields.collect())
            }
            (_, Value::Object(_)) => json!({"key": full(&schema["additionalProperties"])}),
            _ => json!({}),
        },
        "array" => json!([full(&schema["items"])]),
        "integer" => json!(schema["minimum"].as_i64().unwrap_or(1).max(1)),
        "boolean" => json!(true),
        _ if schema["format"] == "date-time" => json!("2024-05-06T07:08:09Z"),
        _ => json!("text"),
    }
}

#[test]
fn every_field_of_a_schema_survives_the_typed_object() {
    for (bundle, kind, version) in served() {
        let schema = export::open_api(kind, version, bundle).expect("served");
        let object = object(kind, version, full(&schema));
        let kept = default_and_prune(&object, bundle);
        assert_eq!(kept, object, "{bundle} {kind} {version}: nothing to prune");
        let typed = Object::from_value(object.clone());
        let typed = typed.unwrap_or_else(|e| panic!("{bundle} {kind} {version}: {e}"));
        assert_eq!(typed.to_value(), object, "{bundle} {kind} {version}");
    }
}

/// Values of about the shape of the schema: mostly fitting, now and then not.
fn shaped(schema: &Value) -> BoxedStrategy<Value> {
    let fitting = fitting(schema);
    let junk = prop_oneof![
        Just(Value::Null),
        Just(json!(true)),
        any::<i64>().prop_map(Value::from),
        "[ -~é]{0,8}".prop_map(Value::from),
        Just(json!([])),
        Just(json!([{"a": 1}, "x"])),
        Just(json!({"bogus": {"a": 1}})),
    ];
    prop_oneof![24 => fitting, 1 => junk].boxed()
}

fn fitting(schema: &Value) -> BoxedStrategy<Value> {
    if let Some(choices) = schema["enum"].as_array() {
        return prop::sample::select(choices.clone()).boxed();
    }
    match schema["type"].as_str().expect("a type") {
        "object" => match (&schema["properties"], &schema["additionalProperties"]) {
            (Value::Object(fields), _) => {
                let fields: Vec<_> = fields
                    .iter()
                    .map(|(name, field)| (Just(name.clone()), prop::option::of(shaped(field))))
                    .collect();
                fields.prop_map(given).boxed()
            }
            (_, Value::Object(_)) => {
                let of = shaped(&schema["additionalProperties"]);
                let entries = prop::collection::vec(("[a-z./]{0,6}", prop::option::of(of)), 0..3);
                entries.prop_map(given).boxed()
            }
            _ => Just(json!({})).boxed(),
        },
        "array" => {
            let items = prop::collection::vec(shaped(&schema["items"]), 0..3);
            items.prop_map(Value::from).boxed()
        }
        "integer" => prop_oneof![4 => 0..600_i64, 1 => any::<i64>()]
            .prop_map(Value::from)
            .boxed(),
        "boolean" => any::<bool>().prop_map(Value::from).boxed(),
        _ => {
            let usual = [
                "a", "b", "a.b", "*.a.b", "/a", "10s", "1.2.3.4", "Service", "",
            ];
            let usual = prop::sample::select(usual.to_vec()).prop_map(Value::from);
            prop_oneof![4 => usual, 1 => "[ -~é]{0,12}".prop_map(Value::from)].boxed()
        }
    }
}

fn given(fields: Vec<(String, Option<Value>)>) -> Value {
    let given = fields.into_iter();
    let given: Map<String, Value> = given
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    Value::Object(given)
}

fn objects() -> impl Strategy<Value = (Bundle, Value)> {
    prop::sample::select(served()).prop_flat_map(|(bundle, kind, version)| {
        let schema = export::open_api(kind, version, bundle).expect("served");
        let parts = fitting(&schema);
        parts.prop_map(move |parts| (bundle, object(kind, version, parts)))
    })
}

fn breaches(report: &Report) -> BTreeSet<(&str, &str)> {
    let violations = report.violations.iter();
    violations
        .map(|v| (v.path.as_str(), v.kind.as_str()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// What is pruned and defaulted already is left as it is, and gets the same answer.
    #[test]
    fn pruning_and_defaulting_change_no_verdict((bundle, object) in objects()) {
        let kept = default_and_prune(&object, bundle);
        prop_assert_eq!(&default_and_prune(&kept, bundle), &kept);
        let (before, after) = (check(&object, bundle), check(&kept, bundle));
        prop_assert_eq!(breaches(&before), breaches(&after));
        prop_assert!(after.unknown_fields.is_empty());
        prop_assert_eq!(before.accepted, before.violations.is_empty());
    }

    /// Values of any shape get an answer.
    #[test]
    fn anything_gets_an_answer(text in "[\\[\\]{}:,\"a-z0-9.-]{0,40}", bundle in prop::sample::select(Bundle::ALL.to_vec())) {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            prop_assert!(!check(&value, bundle).accepted);
            prop_assert_eq!(default_and_prune(&value, bundle), value);
        }
    }
}

/// An object that is accepted can be stored again as it is, and can be read as a typed object.
#[test]
fn what_is_accepted_stays_so() {
    let accepted = Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(2000));
    let run = runner.run(&objects(), |(bundle, object)| {
        if check(&object, bundle).accepted {
            accepted.set(accepted.get() + 1);
            let update = check_update(&object, &object, bundle);
            prop_assert!(update.accepted, "{}", update);
            prop_assert!(admit(&object, bundle).is_ok());
        }
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(accepted.get() > 20, "{} of 2,000 accepted", accepted.get());
}
