//! What fuzzing found, and what seeds it: every input under `tests/regressions/<target>` runs through its target's body.
#![cfg(feature = "yaml")]

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::path::Path;

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/regressions")
        .join(target);
    let mut inputs: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "no inputs in {}", folder.display());
    for input in inputs {
        println!("{}", input.display());
        body(&std::fs::read(&input).unwrap());
    }
}

#[test]
fn manifests() {
    replay("parse_manifest", bodies::parse_manifest);
}

#[test]
fn objects() {
    replay("check_object", bodies::check_object);
}

#[test]
fn worlds() {
    replay("resolve_world", bodies::resolve_world);
}

#[test]
fn requests() {
    replay("find_and_apply", bodies::find_and_apply);
}
