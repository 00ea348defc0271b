//! What fuzzing found, and what seeds it: every input under `tests/regressions/<target>` runs through its target's body.
//!
//! A minimised corpus is one file, `tests/regressions/<target>.corpus.gz`: each input after its length in four bytes.
//! `GATEWRIGHT_CORPUS=<folder> cargo test --all-features --test regressions pack -- --ignored` writes that of `check_object` from
//! what `cargo fuzz` left in a folder (`-set_cover_merge=1` minimises it).
#![cfg(feature = "yaml")]

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions")
}

/// The inputs of a corpus.
fn unpacked(target: &str) -> Vec<Vec<u8>> {
    let file = std::fs::File::open(folder().join(format!("{target}.corpus.gz"))).unwrap();
    let (mut all, mut inputs) = (GzDecoder::new(file), Vec::new());
    let mut length = [0; 4];
    while all.read_exact(&mut length).is_ok() {
        let mut input = vec![0; u32::from_le_bytes(length) as usize];
        all.read_exact(&mut input).unwrap();
        inputs.push(input);
    }
    inputs
}

#[test]
#[ignore = "writes the corpus"]
fn pack() {
    let from = std::env::var_os("GATEWRIGHT_CORPUS").unwrap();
    let files = std::fs::read_dir(from).unwrap();
    let mut inputs: Vec<_> = files
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    // Like beside like packs best.
    inputs.sort();
    let file = std::fs::File::create(folder().join("check_object.corpus.gz")).unwrap();
    let mut all = GzEncoder::new(file, Compression::best());
    for input in inputs {
        let length = u32::try_from(input.len()).unwrap();
        all.write_all(&length.to_le_bytes()).unwrap();
        all.write_all(&input).unwrap();
    }
    all.finish().unwrap();
}

fn replay(target: &str, body: fn(&[u8])) {
    let folder = folder().join(target);
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

/// What is left of more than an hour of fuzzing: an input for each edge of the code that any input reached.
#[test]
fn corpus_of_objects() {
    let inputs = unpacked("check_object");
    assert!(inputs.len() > 1_000, "{} inputs", inputs.len());
    for input in inputs {
        bodies::check_object(&input);
    }
}

#[test]
fn worlds() {
    replay("resolve_world", bodies::resolve_world);
}

#[test]
fn requests() {
    replay("find_and_apply", bodies::find_and_apply);
}
