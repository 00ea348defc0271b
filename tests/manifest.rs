//! Reading: what the documents of an input are, where they stand, and what happens to input that is no manifest.

#![cfg(feature = "yaml")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use gatewright::manifest::{self, MAX_DEPTH, Parsed};
use serde_json::{Value, json};

fn yaml(text: &str) -> Parsed {
    manifest::parse(text.as_bytes(), "test.yaml")
}

fn only_value(text: &str) -> Value {
    let parsed = yaml(text);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    assert_eq!(parsed.documents.len(), 1);
    parsed.documents.into_iter().next().unwrap().into_value()
}

/// The one error of an input as `line:column: message`.
fn only_error(text: &str) -> String {
    let parsed = yaml(text);
    assert_eq!(parsed.errors.len(), 1, "{:?}", parsed.errors);
    parsed.errors[0]
        .to_string()
        .strip_prefix("test.yaml:")
        .unwrap()
        .to_owned()
}

const HEAD: &str = "apiVersion: v1\nkind: Thing\n";

#[test]
fn empty_inputs_hold_nothing_and_are_no_error() {
    for text in [
        "",
        "\n\n",
        "# only a comment\n",
        "---\n---\n",
        "--- # c\n...\n",
        "\u{FEFF}",
    ] {
        let parsed = yaml(text);
        assert!(parsed.errors.is_empty(), "{text:?}: {:?}", parsed.errors);
        assert!(parsed.documents.is_empty(), "{text:?}");
    }
    assert!(manifest::parse(b"  \n", "empty.json").errors.is_empty());
}

#[test]
fn documents_keep_their_place() {
    let parsed = yaml(
        "# shop\n---\napiVersion: v1\nkind: A\n---\n# nothing\n---\n\napiVersion: v1\nkind: B\nmetadata:\n  name: b\n",
    );
    let places: Vec<_> = parsed
        .documents
        .iter()
        .map(|d| (d.kind(), d.origin().document, d.origin().line))
        .collect();
    assert_eq!(places, [("A", 0, 3), ("B", 2, 9)]);
    assert_eq!(parsed.documents[1].origin().to_string(), "test.yaml:9");
    let name = parsed.documents[1].locate("metadata.name").unwrap();
    assert_eq!((name.value.line, name.value.column), (12, 9));
    assert_eq!((name.key.unwrap().line, name.key.unwrap().column), (12, 3));
}

#[test]
fn a_broken_document_leaves_the_others_readable() {
    let parsed = yaml(
        "apiVersion: v1\nkind: A\n---\nkind: B\n  bad: indent\n---\napiVersion: v1\nkind: C\n---\n[1, 2\n---\nkind: {a: b}\n---\napiVersion: v1\nkind: D\n",
    );
    let kinds: Vec<_> = parsed.documents.iter().map(|d| d.kind()).collect();
    assert_eq!(kinds, ["A", "C", "D"]);
    let errors: Vec<_> = parsed
        .errors
        .iter()
        .map(|e| (e.document(), e.line()))
        .collect();
    assert_eq!(errors, [(1, 5), (3, 10), (4, 12)]);
    assert_eq!(parsed.documents[2].origin().document, 5);
}

#[test]
fn separators_inside_block_scalars_are_text() {
    let parsed = yaml(
        "apiVersion: v1\nkind: A\ndata:\n  x: |\n    ---\n    kind: inner\n---\napiVersion: v1\nkind: B\n",
    );
    assert!(parsed.errors.is_empty());
    assert_eq!(
        parsed.documents[0].value()["data"]["x"],
        "---\nkind: inner\n"
    );
    assert_eq!(parsed.documents[1].kind(), "B");
}

#[test]
fn lists_stand_for_their_items() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: A\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: B, size: 1}\n- apiVersion: g/v1\n  kind: CList\n  items:\n  - metadata:\n      name: c\n- apiVersion: v1\n  kind: List\n  items:\n";
    let parsed = yaml(text);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let found: Vec<_> = parsed
        .documents
        .iter()
        .map(|d| (d.kind(), &*d.origin().item, d.origin().line))
        .collect();
    assert_eq!(
        found,
        [
            ("A", "items[0]", 4),
            ("B", "items[1].items[0]", 9),
            ("C", "items[2].items[0]", 13)
        ]
    );
    assert_eq!(parsed.documents[2].api_version(), "g/v1");
    let n = parsed.documents[1].locate("size").unwrap().value;
    assert_eq!((n.line, n.column), (9, 37));
    let name = parsed.documents[2].locate("metadata.name").unwrap().value;
    assert_eq!(name.line, 14);
}

#[test]
fn a_broken_item_leaves_the_others_readable() {
    let parsed = yaml("apiVersion: v1\nkind: List\nitems:\n- 7\n- {apiVersion: v1, kind: A}\n");
    assert_eq!(parsed.documents[0].kind(), "A");
    assert_eq!(
        parsed.errors[0].to_string(),
        "test.yaml:4:3: expected an object, found a number"
    );
}

#[test]
fn what_is_no_object_is_said_so() {
    assert_eq!(
        only_error("- a\n- b\n"),
        "1:1: expected an object, found a list"
    );
    assert_eq!(
        only_error("just text\n"),
        "1:1: expected an object, found text"
    );
    assert_eq!(
        only_error("replicas: 1\n"),
        "1:1: no Kubernetes object: `apiVersion` is missing"
    );
    assert_eq!(
        only_error("apiVersion: v1\nkind: 7\n"),
        "2:7: no Kubernetes object: `kind` must be text, found a number"
    );
}

#[test]
fn a_key_given_twice_is_an_error() {
    assert_eq!(
        only_error(&format!("{HEAD}spec:\n  a: 1\n  b: 2\n  a: 3\n")),
        "6:3: key `a` is given twice, first in line 4"
    );
    let parsed = manifest::parse(
        b"{\"apiVersion\": \"v1\",\n \"kind\": \"A\", \"kind\": \"B\"}",
        "x.json",
    );
    assert_eq!(
        parsed.errors[0].to_string(),
        "x.json:2:15: key `kind` is given twice, first in line 2"
    );
}

#[test]
fn syntax_errors_have_line_and_column() {
    for (text, place) in [
        ("apiVersion: v1\nkind: A\n\tx: 1\n", "2:7:"),
        ("apiVersion: v1\nkind: \"A\n", "2:7:"),
        ("apiVersion: v1\nkind: A\na: *nobody\n", "3:4:"),
        ("apiVersion: v1\nkind: A: B\n", "2:8:"),
    ] {
        let error = only_error(text);
        assert!(error.starts_with(place), "{text:?}: {error}");
    }
    for (text, expected) in [
        (
            "{\"a\": 1,}",
            "b.json:1:9: expected a key in double quotes, found `}`",
        ),
        ("{\"a\": tru}", "b.json:1:7: expected a value, found `tru`"),
        ("{\"a\": 01}", "b.json:1:7: expected a value, found `01`"),
        (
            "{\"é\": \"\\q\"}",
            "b.json:1:7: text with an invalid escape or a control character",
        ),
        (
            "{\"a\": [1 2]}",
            "b.json:1:10: expected `,` or `]`, found `2`",
        ),
        (
            "{\n\"a\"",
            "b.json:2:4: expected `:` after the key, found the end of the input",
        ),
    ] {
        let parsed = manifest::parse(text.as_bytes(), "b.json");
        assert_eq!(parsed.errors[0].to_string(), expected);
    }
}

#[test]
fn after_a_broken_json_value_the_next_lines_are_read() {
    let text = "{\"apiVersion\": \"v1\", \"kind\": \"A\"}\n{\"apiVersion\": }\n{\"apiVersion\": \"v1\", \"kind\": \"B\"}\n";
    for file in ["x.json", "stdin"] {
        let parsed = manifest::parse(text.as_bytes(), file);
        let kinds: Vec<_> = parsed.documents.iter().map(|d| d.kind()).collect();
        assert_eq!(kinds, ["A", "B"], "{file}");
        assert_eq!(parsed.errors[0].line(), 2, "{file}");
    }
}

#[test]
fn bytes_that_are_no_text_have_a_place() {
    let parsed = manifest::parse(b"kind: A\nname: \xFF\n", "b.yaml");
    assert_eq!(parsed.errors[0].to_string(), "b.yaml:2:7: not UTF-8 text");
}

#[test]
fn scalars_become_what_an_api_server_gets() {
    let value = only_value(&format!(
        "{HEAD}a: yes\nb: 'yes'\nc: 017\nd: 80.0\ne: ~\nf: 2024-01-01\ng: !!str 80\nh: >-\n  on\ni: 1.5\n8080: x\ntrue: t\nj: 10.0.0.1\nk: \"\"\n"
    ));
    let expected = json!({
        "apiVersion": "v1", "kind": "Thing",
        "a": true, "b": "yes", "c": 15, "d": 80, "e": null, "f": "2024-01-01", "g": "80", "h": "on", "i": 1.5,
        "8080": "x", "true": "t", "j": "10.0.0.1", "k": "",
    });
    assert_eq!(value, expected);
    assert_eq!(
        only_error(&format!("{HEAD}a: .inf\n")),
        "3:4: `.inf` has no equivalent in JSON"
    );
    assert!(only_error(&format!("{HEAD}a: !!binary aGk=\n")).contains("`!!binary`"));
    assert!(only_error(&format!("{HEAD}a: !!int x\n")).contains("`!!int`"));
    assert_eq!(
        only_error(&format!("{HEAD}? [a]\n: b\n")),
        "3:3: a key must be text, found a list"
    );
}

#[test]
fn aliases_and_merge_keys_are_followed() {
    let value = only_value(&format!(
        "{HEAD}base: &b {{x: 1, z: 2}}\ncopy: *b\nmerged:\n  <<: *b\n  z: 3\nboth:\n  <<: [{{z: 4}}, *b]\nplain:\n  '<<': 5\n"
    ));
    assert_eq!(value["copy"], json!({"x": 1, "z": 2}));
    assert_eq!(value["merged"], json!({"x": 1, "z": 3}));
    assert_eq!(value["both"], json!({"x": 1, "z": 4}));
    assert_eq!(value["plain"], json!({"<<": 5}));
    assert!(only_error(&format!("{HEAD}a: &a [*a]\n")).starts_with("3:"));
    assert_eq!(
        only_error(&format!("{HEAD}a:\n  <<: 1\n")),
        "4:7: a merge key takes an object or a list of objects, found a number"
    );
}

#[test]
fn an_anchor_bomb_meets_a_limit() {
    let mut text = format!("{HEAD}a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for i in 1..12 {
        let previous = format!("*a{}", i - 1);
        text += &format!("a{i}: &a{i} [{}]\n", [previous.as_str(); 9].join(", "));
    }
    text += "---\napiVersion: v1\nkind: After\n";
    let parsed = yaml(&text);
    assert!(parsed.errors[0].is_limit());
    assert!(
        parsed.errors[0].message().contains("limit of 16 MiB"),
        "{:?}",
        parsed.errors
    );
    assert!(parsed.errors[0].line() > 3);
    assert_eq!(parsed.documents[0].kind(), "After");
}

#[test]
fn nesting_meets_a_limit() {
    let within = MAX_DEPTH - 1;
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        let nested = |n: usize| format!("{HEAD}x: {}1{}\n", open.repeat(n), close.repeat(n));
        assert!(yaml(&nested(within)).errors.is_empty());
        for n in [within + 1, 100_000] {
            let parsed = yaml(&format!("{}---\napiVersion: v1\nkind: After\n", nested(n)));
            assert!(
                parsed.errors[0].message().contains("limit of 128 levels"),
                "{:?}",
                parsed.errors
            );
            assert_eq!(parsed.errors[0].line(), 3);
            assert_eq!(parsed.documents[0].kind(), "After");
        }
    }
    let mut block = HEAD.to_owned();
    for n in 0..2_000 {
        block += &format!("{}x:\n", " ".repeat(n));
    }
    let error = only_error(&block);
    assert!(error.contains("limit of 128 levels"), "{error}");
    // Aliases do not go round the limit.
    let mut text = format!("{HEAD}a0: &a0 {}1{}\n", "[".repeat(100), "]".repeat(100));
    text += &format!("a1: {}*a0{}\n", "[".repeat(60), "]".repeat(60));
    assert!(only_error(&text).contains("limit of 128 levels"));
    let json = format!("{{\"a\": {}", "[".repeat(100_000));
    let parsed = manifest::parse(json.as_bytes(), "deep.json");
    assert!(parsed.errors[0].is_limit());
}

#[test]
fn ten_megabytes_are_read_and_too_many_are_refused() {
    let mut text = String::new();
    while text.len() < 10 << 20 {
        text += "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n  text: |\n";
        for _ in 0..2_000 {
            text += "    0123456789012345678901234567890123456789012345678901234567890123456789\n";
        }
        text += "---\n";
    }
    let parsed = yaml(&text);
    assert!(parsed.errors.is_empty());
    assert!(parsed.documents.len() > 60);

    let parsed = manifest::parse(&vec![b'#'; manifest::MAX_BYTES + 1], "huge.yaml");
    assert_eq!(
        parsed.errors[0].to_string(),
        "huge.yaml:1:1: larger than the limit of 64 MiB for one input"
    );
}

#[test]
fn paths_lead_to_what_they_name_or_near_it() {
    let text = "apiVersion: v1\nkind: Thing\nmetadata:\n  labels:\n    app.kubernetes.io/name: shop\nspec:\n  rules:\n  - matches:\n    - path:\n        value: /é x\n  - {}\n";
    let parsed = yaml(text);
    let thing = &parsed.documents[0];
    let at = |path: &str| {
        let place = thing.locate_nearest(path);
        let pointer = place.pointer(thing.source().text());
        (
            place.found,
            pointer.line,
            pointer.column,
            &thing.source().text()[pointer.start..pointer.end],
        )
    };
    assert_eq!(
        at("spec.rules[0].matches[0].path.value"),
        (true, 10, 16, "/é x")
    );
    assert_eq!(
        at("spec.rules[0].matches[0].path.type"),
        (false, 9, 7, "path")
    );
    assert_eq!(at("spec.rules[1].matches"), (false, 11, 5, "{}"));
    assert_eq!(at("spec.rules[0]"), (true, 8, 5, "matches:"));
    assert_eq!(at("spec.rules"), (true, 7, 3, "rules"));
    assert_eq!(
        at("metadata.labels.app.kubernetes.io/name"),
        (true, 5, 29, "shop")
    );
    assert_eq!(
        at("metadata.labels[app.kubernetes.io/name]"),
        (true, 5, 29, "shop")
    );
    assert_eq!(at("status"), (false, 1, 1, "apiVersion: v1"));
    assert_eq!(at(""), (true, 1, 1, "apiVersion: v1"));
}

#[test]
fn reading_completes_as_the_api_server_does() {
    // GW-NS-05
    let mut namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a", "labels": {"x": "y"}}});
    manifest::complete(&mut namespace);
    assert_eq!(
        namespace["metadata"]["labels"],
        json!({"x": "y", "kubernetes.io/metadata.name": "a"})
    );
    assert_eq!(namespace["metadata"].get("namespace"), None);

    let mut route = json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "r"}});
    manifest::complete(&mut route);
    assert_eq!(route["metadata"]["namespace"], "default");
    route["metadata"]["namespace"] = json!("team");
    manifest::complete(&mut route);
    assert_eq!(route["metadata"]["namespace"], "team");
}

#[test]
fn directories_are_read_in_order() {
    let directory =
        std::env::temp_dir().join(format!("gatewright-manifest-{}", std::process::id()));
    let inner = directory.join("inner");
    std::fs::create_dir_all(&inner).unwrap();
    for (file, kind) in [
        ("b.yaml", "B"),
        ("a.yml", "A"),
        ("inner/c.json", "C"),
        ("note.txt", "Not"),
    ] {
        let text = format!("{{\"apiVersion\": \"v1\", \"kind\": \"{kind}\"}}");
        std::fs::write(directory.join(file), text).unwrap();
    }
    let reading = manifest::read(&[directory.clone(), directory.join("missing.yaml")]);
    std::fs::remove_dir_all(&directory).unwrap();
    let kinds: Vec<_> = reading.parsed.documents.iter().map(|d| d.kind()).collect();
    assert_eq!(kinds, ["A", "B", "C"]);
    assert_eq!(reading.unreadable.len(), 1);
    assert!(reading.unreadable[0].to_string().contains("missing.yaml"));
}

/// Every manifest of the upstream repository is read, all of its documents, without an error.
#[test]
fn upstream_manifests_are_read() {
    let Some(root) = std::env::var_os("GATEWRIGHT_UPSTREAM") else {
        println!("skipped: GATEWRIGHT_UPSTREAM does not name a folder with upstream data");
        return;
    };
    let reading = manifest::read(&[std::path::Path::new(&root).join("upstream")]);
    assert!(reading.unreadable.is_empty());
    // These are settings of tools, not objects: they have neither `apiVersion` nor `kind`.
    let settings = [
        "kustomization.yaml",
        "test-conformance-options.yaml",
        "test-conformance-options-partial.yaml",
    ];
    for error in &reading.parsed.errors {
        let name = std::path::Path::new(error.file()).file_name().unwrap();
        assert!(settings.iter().any(|known| name == *known), "{error}");
        assert!(error.message().ends_with("is missing"), "{error}");
    }
    assert!(
        reading.parsed.documents.len() > 1_000,
        "{}",
        reading.parsed.documents.len()
    );
}

/// Pieces that manifests are made of, and pieces that break them.
const PIECES: [&str; 32] = [
    "apiVersion: v1\n",
    "kind: A\n",
    "kind: List\nitems:\n",
    "- ",
    "  ",
    "\n",
    "---\n",
    "...\n",
    "metadata: {name: x}\n",
    "&a ",
    "*a",
    "<<: ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ": ",
    "\"",
    "'",
    "|\n",
    ">-\n",
    "# c\n",
    "\t",
    "? ",
    "!!str ",
    "!x ",
    "%YAML 1.1\n",
    "\u{FEFF}",
    "é",
    "\\x",
    "0x1F\n",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    /// Whatever the input, reading ends, documents lie inside of the text, and every path leads somewhere or nowhere.
    #[test]
    fn no_input_is_too_odd(pieces in proptest::collection::vec(0..PIECES.len(), 0..40), json in proptest::bool::ANY) {
        let text: String = pieces.iter().map(|piece| PIECES[*piece]).collect();
        let parsed = manifest::parse(text.as_bytes(), if json { "odd.json" } else { "odd.yaml" });
        let lines = u32::try_from(text.lines().count()).unwrap() + 1;
        for document in &parsed.documents {
            assert!((1..=lines).contains(&document.origin().line));
            for path in ["metadata.name", "a[0].b", "[", "]", ".", "a..b", "items[99999999999999999999]"] {
                let place = document.locate_nearest(path);
                let pointer = place.pointer(document.source().text());
                assert!(document.source().text().get(pointer.start..pointer.end).is_some());
            }
        }
        for error in &parsed.errors {
            assert!((1..=lines).contains(&error.line()), "{error} of {lines}");
            assert!(!error.message().is_empty());
        }
    }

    /// Bytes of any kind are read or refused.
    #[test]
    fn no_bytes_are_too_odd(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        manifest::parse(&bytes, "odd.yaml");
        manifest::parse(&bytes, "odd.json");
    }

    /// JSON reads as what serde_json reads, with and without the extension.
    #[test]
    fn json_is_json(keys in proptest::collection::btree_set("[a-zA-Z é\"\\\\]{0,8}", 0..8), number in proptest::num::i64::ANY, text in ".{0,20}") {
        let mut object = json!({"apiVersion": "v1", "kind": "Thing", "number": number, "text": text, "list": [1.5, null, true]});
        for key in keys {
            object["keys"][key] = json!({"a": [text.clone()]});
        }
        for file in ["x.json", "stdin"] {
            for written in [object.to_string(), serde_json::to_string_pretty(&object).unwrap()] {
                let parsed = manifest::parse(written.as_bytes(), file);
                assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
                assert_eq!(parsed.documents[0].value(), &object);
            }
        }
    }
}
