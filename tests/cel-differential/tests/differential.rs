//! Our rows and the upstream text of the rules answer alike: on the objects of the verdicts, and on objects that are
//! put together from their parts.
//!
//! A disagreement has to be one of those that [`explained`] knows, or the test fails.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;

use gatewright::validate::{Sent, check, check_sent, default_and_prune};
use gatewright::vocab::Bundle;
use gatewright_cel_differential::{Breach, Upstream, our_breaches, upstream_data};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

/// An object of the verdicts that is created, and its bundle.
struct Sample {
    bundle: Bundle,
    object: Value,
    accepted: bool,
}

fn each_verdict(root: &Path, mut found: impl FnMut(Bundle, &mut Value)) {
    for file in std::fs::read_dir(root.join("verdicts")).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_none_or(|e| e != "gz") {
            continue;
        }
        let packed = std::fs::File::open(&file).unwrap();
        for line in BufReader::new(flate2::read::GzDecoder::new(packed)).lines() {
            let mut line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            let name = |key: &str| line[key].as_str().unwrap();
            let bundle = format!("{}-{}", name("release"), name("channel"));
            found(bundle.parse().unwrap(), &mut line);
        }
    }
}

fn samples(root: &Path) -> Vec<Sample> {
    let mut samples = Vec::new();
    each_verdict(root, |bundle, line| {
        if line.get("oldObject").is_none() && line["subresource"] != "status" {
            samples.push(Sample {
                bundle,
                accepted: line["accepted"] == true,
                object: line["object"].take(),
            });
        }
    });
    samples
}

/// What the two sides differ in; nothing where the rules are not asked at all.
fn disagreement(upstream: &Upstream, bundle: Bundle, object: &Value) -> Option<Difference> {
    let ours = our_breaches(&check(object, bundle))?;
    let mut stored = default_and_prune(object, bundle);
    // A status that comes with a new object is not looked at.
    stored.as_object_mut()?.remove("status");
    let theirs = upstream.breaches(bundle, &stored, None)?;
    Some(Difference {
        broken: ours.len(),
        only_ours: ours.difference(&theirs).cloned().collect(),
        only_theirs: theirs.difference(&ours).cloned().collect(),
        has_fraction: holds_a_fraction(object),
        has_unreadable_duration: holds_unreadable_duration(object),
        has_micro_sign: object.to_string().contains(['\u{b5}', '\u{3bc}']),
    })
}

struct Difference {
    broken: usize,
    only_ours: BTreeSet<Breach>,
    only_theirs: BTreeSet<Breach>,
    /// Somewhere a number is written with a fraction. (It is stored without.)
    has_fraction: bool,
    /// A field that rules read as a duration holds none.
    has_unreadable_duration: bool,
    /// One of the two spellings of the micro sign is in the object.
    has_micro_sign: bool,
}

/// A duration of just more nanoseconds than 63 bits hold.
const ENDLESS: &str = "2562048h";

fn holds_unreadable_duration(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(holds_unreadable_duration),
        Value::Object(fields) => fields.iter().any(|(name, field)| match field {
            Value::String(text) => {
                let is_duration =
                    ["request", "backendRequest", "interval"].contains(&name.as_str());
                is_duration && (text == ENDLESS || !is_duration_text(text))
            }
            field => holds_unreadable_duration(field),
        }),
        _ => false,
    }
}

/// A sign, then numbers with units; or a bare zero. The size does not matter here.
fn is_duration_text(text: &str) -> bool {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let (number, after) = rest.split_at(rest.find(|c| !is_number(c)).unwrap_or(rest.len()));
        let (unit, after) = after.split_at(after.find(is_number).unwrap_or(after.len()));
        let units = ["ns", "us", "\u{b5}s", "\u{3bc}s", "ms", "s", "m", "h"];
        let has_digit = number.bytes().any(|byte| byte.is_ascii_digit());
        if !has_digit || number.matches('.').count() > 1 || !units.contains(&unit) {
            return false;
        }
        rest = after;
    }
    true
}

/// Why the two sides differ, if that is known.
fn explained(difference: &Difference) -> Option<&'static str> {
    if difference.only_ours.is_empty() && difference.only_theirs.is_empty() {
        return Some("not at all");
    }
    // The API server fails to read `80.0` as the whole number that the schema takes it for, `kube-cel` reads it. The
    // verdicts have it our way: "expected int, got float64".
    if difference.only_theirs.is_empty() && difference.has_fraction {
        return Some("a whole number written with a fraction");
    }
    // `kube-cel` reads the start of `1s and so on` and drops the rest, and it reads a duration of more nanoseconds than 64
    // bits hold. The API server fails to read both: "type conversion error" for the first in the verdicts, the limit of
    // Go's `time.ParseDuration` for the second, of which the verdicts have none.
    let compares_durations = |(_, id): &Breach| {
        id.starts_with("http_route_timeouts.")
            || id.ends_with(".interval.from_a_second_to_an_hour")
            || id.ends_with(".interval.up_to_an_hour")
    };
    // The other way round, `kube-cel` does not know the micro sign that Go has.
    if difference.only_ours.is_empty()
        && difference.has_micro_sign
        && difference.only_theirs.iter().all(compares_durations)
    {
        return Some("a duration with a micro sign");
    }
    if difference.only_theirs.is_empty()
        && difference.has_unreadable_duration
        && difference.only_ours.iter().all(compares_durations)
    {
        return Some("a duration that only kube-cel can read");
    }
    None
}

fn holds_a_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(holds_a_fraction),
        Value::Object(fields) => fields.values().any(holds_a_fraction),
        _ => false,
    }
}

#[test]
fn both_answer_alike_on_the_objects_of_the_verdicts() {
    let Some(root) = upstream_data() else { return };
    let upstream = Upstream::load(&root);
    let mut reasons = BTreeMap::<&str, usize>::new();
    for sample in samples(&root) {
        let Some(difference) = disagreement(&upstream, sample.bundle, &sample.object) else {
            continue;
        };
        let reason = explained(&difference).unwrap_or_else(|| {
            panic!(
                "{}: only ours {:?}, only kube-cel {:?}: {}",
                sample.bundle, difference.only_ours, difference.only_theirs, sample.object
            )
        });
        *reasons.entry(reason).or_default() += 1;
    }
    println!("{reasons:?}");
    assert!(reasons["not at all"] > 20_000, "{reasons:?}");
}

/// Updates, and what is sent to `status`: here the API server forgives what did not change, which `kube-cel` does not,
/// so only rules that compare with the old object, and those below `status`, are held against each other.
#[test]
fn both_answer_alike_on_updates() {
    let Some(root) = upstream_data() else { return };
    let upstream = Upstream::load(&root);
    let mut compared = BTreeMap::<String, usize>::new();
    each_verdict(&root, |bundle, line| {
        let old = line.get("oldObject");
        let (sent, below) = match line["subresource"] == "status" {
            true => (Sent::Status, "status"),
            false => (Sent::Object, ""),
        };
        let object = &line["object"];
        let report = check_sent(object, old, sent, bundle);
        let (Some(old), Some(ours)) = (old, our_breaches(&report)) else {
            return;
        };
        let stored = default_and_prune(object, bundle);
        let stored_old = default_and_prune(old, bundle);
        let Some(theirs) = upstream.breaches(bundle, &stored, Some(&stored_old)) else {
            return;
        };
        let of_interest = |breaches: BTreeSet<Breach>| -> BTreeSet<Breach> {
            let all = breaches.into_iter();
            match sent {
                Sent::Status => all.filter(|(path, _)| path.starts_with(below)).collect(),
                Sent::Object => all.filter(|(_, id)| id.ends_with(".immutable")).collect(),
            }
        };
        let (ours, theirs) = (of_interest(ours), of_interest(theirs));
        assert_eq!(ours, theirs, "{bundle}: {line}");
        for (_, id) in ours {
            *compared.entry(id).or_default() += 1;
        }
    });
    println!("broken by updates: {compared:?}");
    assert!(compared.len() >= 3, "{compared:?}");
}

/// Values seen at each place of each kind: what an object is put together from.
struct Parts {
    bases: Vec<Sample>,
    values: BTreeMap<(String, String), Vec<Value>>,
}

/// Texts on the edges of the rules that read texts.
const EDGES: [&str; 36] = [
    "",
    "0",
    "0s",
    "00s",
    "1.5h",
    "-1s",
    "+1s",
    ".5m",
    "3us",
    "3\u{b5}s",
    "1h1ns",
    "3600s",
    "3600001ms",
    "999999h",
    ENDLESS,
    "1",
    "s",
    "10.1.2.3",
    "010.1.2.3",
    "::1",
    "::ffff:1.2.3.4",
    "fe80::1%eth0",
    "1.2.3",
    "*",
    "*.",
    "*.a",
    "a.*",
    "A.b",
    "a-.b",
    "/a/../b",
    "/a%2Fb/..",
    "/\u{e9}",
    "%zz",
    "\u{212a}elvin.a",
    "a\n",
    "_.a",
];

impl Parts {
    fn of(samples: Vec<Sample>) -> Parts {
        let mut seen = BTreeSet::new();
        let mut values = BTreeMap::<(String, String), Vec<Value>>::new();
        for sample in &samples {
            let kind = sample.object["kind"].as_str().unwrap_or_default();
            each_place(&sample.object["spec"], "spec", &mut |place, value| {
                if seen.insert(format!("{kind} {place} {value}")) {
                    let key = (kind.to_owned(), place.to_owned());
                    values.entry(key).or_default().push(value.clone());
                }
            });
        }
        let bases = samples
            .into_iter()
            .filter(|sample| sample.accepted)
            .collect();
        Parts { bases, values }
    }

    /// A base with some of its places changed.
    fn object(&self, base: usize, edits: &[Edit]) -> (Bundle, Value) {
        let base = &self.bases[base % self.bases.len()];
        let mut object = base.object.clone();
        let kind = object["kind"].as_str().unwrap_or_default().to_owned();
        for edit in edits {
            let mut pointers = Vec::new();
            each_pointer(&object["spec"], "/spec", "spec", &mut pointers);
            let (pointer, place) = &pointers[edit.place % pointers.len()];
            let at = object.pointer_mut(pointer).unwrap();
            let seen = self.values.get(&(kind.clone(), place.clone()));
            match (edit.action % 8, at, seen) {
                (0, Value::Array(items), _) => items.clear(),
                (1, Value::Array(items), _) if !items.is_empty() => {
                    let copy = items[edit.choice % items.len()].clone();
                    items.push(copy);
                }
                (2, Value::Object(fields), _) if !fields.is_empty() => {
                    let name = fields
                        .keys()
                        .nth(edit.choice % fields.len())
                        .unwrap()
                        .clone();
                    fields.remove(&name);
                }
                (3 | 4, Value::String(text), _) => {
                    *text = EDGES[edit.choice % EDGES.len()].to_owned();
                }
                (_, at, Some(seen)) => *at = seen[edit.choice % seen.len()].clone(),
                _ => {}
            }
        }
        (base.bundle, object)
    }
}

fn each_place(value: &Value, place: &str, found: &mut impl FnMut(&str, &Value)) {
    found(place, value);
    match value {
        Value::Array(items) => {
            items
                .iter()
                .for_each(|item| each_place(item, &format!("{place}[]"), found));
        }
        Value::Object(fields) => {
            fields
                .iter()
                .for_each(|(name, field)| each_place(field, &format!("{place}.{name}"), found));
        }
        _ => {}
    }
}

fn each_pointer(value: &Value, pointer: &str, place: &str, found: &mut Vec<(String, String)>) {
    found.push((pointer.to_owned(), place.to_owned()));
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                each_pointer(
                    item,
                    &format!("{pointer}/{i}"),
                    &format!("{place}[]"),
                    found,
                );
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                each_pointer(
                    field,
                    &format!("{pointer}/{escaped}"),
                    &format!("{place}.{name}"),
                    found,
                );
            }
        }
        _ => {}
    }
}

#[derive(Clone, Debug)]
struct Edit {
    place: usize,
    action: usize,
    choice: usize,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit =
        (any::<usize>(), any::<usize>(), any::<usize>()).prop_map(|(place, action, choice)| Edit {
            place,
            action,
            choice,
        });
    prop::collection::vec(edit, 1..6)
}

/// As many objects are made, the same each time, or `GATEWRIGHT_DIFFERENTIAL_CASES` others.
const CASES: u32 = 10_000;

fn runner() -> TestRunner {
    let asked_for = std::env::var("GATEWRIGHT_DIFFERENTIAL_CASES").ok();
    let cases = asked_for
        .as_ref()
        .map_or(CASES, |cases| cases.parse().expect("a number of cases"));
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    match asked_for {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    }
}

#[test]
fn both_answer_alike_on_objects_put_together() {
    let Some(root) = upstream_data() else { return };
    let upstream = Upstream::load(&root);
    let parts = Parts::of(samples(&root));
    let (mut asked, mut broken) = (0u32, BTreeSet::new());
    let mut runner = runner();
    let cases = runner.config().cases;
    let tally = std::cell::RefCell::new((&mut asked, &mut broken));
    let result = runner.run(&(any::<usize>(), edits()), |(base, edits)| {
        let (bundle, object) = parts.object(base, &edits);
        let Some(difference) = disagreement(&upstream, bundle, &object) else {
            return Ok(());
        };
        let mut tally = tally.borrow_mut();
        *tally.0 += 1;
        let report = check(&object, bundle);
        let rules = our_breaches(&report).unwrap_or_default();
        tally.1.extend(rules.into_iter().map(|(_, id)| id));
        prop_assert!(
            explained(&difference).is_some(),
            "{bundle}: {} broken, only ours {:?}, only kube-cel {:?}: {object}",
            difference.broken,
            difference.only_ours,
            difference.only_theirs
        );
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let (asked, broken) = (asked, broken.len());
    println!(
        "{asked} of {} objects asked the rules, {broken} rules were broken",
        cases
    );
    // The edits must not mostly make objects that the schema refuses, and must reach most rules.
    assert!(asked > cases / 3, "only {asked} objects asked the rules");
    assert!(
        cases < CASES || broken > 70,
        "only {broken} rules were broken"
    );
}
