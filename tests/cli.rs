//! The program from outside: what it prints, and how it ends.

#![cfg(feature = "cli")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("gatewright-cli-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, file: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.0.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn run(&self, args: &[&str]) -> Ran {
        run_in(&self.0, args, b"")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder left behind is no failure of a test.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}{}", self.out, self.err))
    }

    fn lines(&self) -> Vec<Value> {
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn run_in(folder: &Path, args: &[&str], input: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gatewright"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // The program may end without reading its input.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

const GOOD: &str = "apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: good
  namespace: shop
spec:
  rules:
  - backendRefs:
    - name: cart
      port: 8080
";

/// A route whose second rule is `rule`, from line 11 on.
fn with_rule(rule: &str) -> String {
    format!("{GOOD}  - {rule}\n")
}

/// Runs `check` on one file with `text` followed by a good document; gives what it printed.
fn check_beside_good(test: &str, text: impl AsRef<[u8]>) -> Ran {
    let folder = Folder::new(test);
    folder.write("odd.yaml", text).write("z-good.yaml", GOOD);
    let json = folder.run(&["check", ".", "--format", "json"]);
    let objects = json.json()["objects"].as_array().unwrap().clone();
    assert!(
        objects
            .iter()
            .any(|o| o["source"]["file"] == "./z-good.yaml" && o["accepted"] == true),
        "the good file is processed: {}",
        json.out
    );
    let text = folder.run(&["check", "."]);
    assert_eq!(text.code, json.code);
    assert!(
        !text.out.contains('\u{1b}'),
        "no colours without a terminal"
    );
    text
}

#[test]
fn a_syntax_error_is_shown_with_its_line() {
    let ran = check_beside_good("syntax", "kind: HTTPRoute\nspec: [1, 2\n");
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("odd.yaml:2:7"), "{}", ran.out);
    assert!(ran.out.contains("2 | spec: [1, 2"), "{}", ran.out);
}

#[test]
fn a_wrong_type_is_shown_with_its_line() {
    let ran = check_beside_good("type", with_rule("backendRefs: yes"));
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("odd.yaml:11:18"), "{}", ran.out);
    assert!(
        ran.out
            .contains("error[FieldValueTypeInvalid]: spec.rules[1].backendRefs: "),
        "{}",
        ran.out
    );
}

#[test]
fn an_unknown_field_is_shown_with_its_line() {
    let ran = check_beside_good("field", with_rule("backends: []"));
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("odd.yaml:11:5"), "{}", ran.out);
    assert!(
        ran.out
            .contains("warning[UnknownField]: spec.rules[1].backends: "),
        "{}",
        ran.out
    );
}

#[test]
fn an_unknown_kind_is_shown_with_its_line() {
    let ran = check_beside_good("kind", GOOD.replace("HTTPRoute", "HTTPRouter"));
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("error[NoSuchKind]"), "{}", ran.out);
    assert!(ran.out.contains("odd.yaml:2:7"), "{}", ran.out);
}

#[test]
fn kinds_of_other_groups_are_listed_as_not_checked() {
    let ran = check_beside_good(
        "other",
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\napiVersion: apps/v1\nkind: Deployment\n",
    );
    assert_eq!(ran.code, 0);
    assert!(
        ran.out
            .contains("not checked: 1 Deployment (apps/v1), 1 Service (v1)"),
        "{}",
        ran.out
    );
}

#[test]
fn an_empty_file_is_named() {
    let ran = check_beside_good("empty", "");
    assert_eq!(ran.code, 0);
    assert!(
        ran.out.contains("odd.yaml: no objects in this file"),
        "{}",
        ran.out
    );

    let folder = Folder::new("empty-alone");
    let ran = folder.write("empty.yaml", "").run(&["check", "empty.yaml"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("no objects"), "{}", ran.err);
}

#[test]
fn ten_megabytes_are_checked() {
    let mut text =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n  a: |\n".to_owned();
    while text.len() < 10 << 20 {
        text += "    0123456789012345678901234567890123456789012345678901234567890123456789\n";
    }
    let ran = check_beside_good("big", text);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("1 ConfigMap"), "{}", ran.out);
}

#[test]
fn deep_nesting_meets_a_limit() {
    let text = format!(
        "{GOOD}status: {}{}\n",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    let ran = check_beside_good("deep", text);
    assert_eq!(ran.code, 2);
    assert!(
        ran.out
            .contains("error[limit]: nested deeper than the limit of 128 levels"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("odd.yaml:11:"), "{}", ran.out);
}

#[test]
fn an_anchor_bomb_meets_a_limit() {
    let mut text =
        "apiVersion: v1\nkind: Bomb\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..20 {
        let aliases = vec![format!("*a{}", i - 1); 10].join(", ");
        text += &format!("a{i}: &a{i} [{aliases}]\n");
    }
    let ran = check_beside_good("bomb", text);
    assert_eq!(ran.code, 2);
    assert!(
        ran.out
            .contains("error[limit]: the aliases of this document"),
        "{}",
        ran.out
    );
}

#[test]
fn json_has_the_keys_of_the_contract() {
    let folder = Folder::new("json");
    folder.write(
        "routes.yaml",
        format!(
            "# two\n{GOOD}---\n{}",
            with_rule("matches: [{path: {value: cart}}]\n    backends: []")
        ),
    );
    let ran = folder.run(&["check", "routes.yaml", "--format", "json"]);
    assert_eq!(ran.code, 1);
    let report = ran.json();
    assert_eq!(report["version"], 1);
    assert_eq!(report["bundle"], "v1.6-experimental");
    assert_eq!(
        report["objects"][0],
        json!({
            "source": {"file": "routes.yaml", "document": 0, "line": 2},
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "namespace": "shop", "name": "good",
            "accepted": true, "violations": [], "unknownFields": [],
        })
    );
    let second = &report["objects"][1];
    assert_eq!(
        second["source"],
        json!({"file": "routes.yaml", "document": 1, "line": 13})
    );
    assert_eq!(second["accepted"], false);
    assert_eq!(second["unknownFields"], json!(["spec.rules[1].backends"]));
    let violation = &second["violations"][0];
    assert_eq!(violation["type"], "FieldValueInvalid");
    assert!(
        violation["path"]
            .as_str()
            .unwrap()
            .starts_with("spec.rules[1].matches[0].path")
    );
    assert!(violation["rule"].is_string() || violation["rule"].is_null());
    assert!(!violation["message"].as_str().unwrap().is_empty());
}

#[test]
fn sarif_has_the_shape_that_its_schema_asks_for() {
    let folder = Folder::new("sarif");
    folder
        .write(
            "a route.yaml",
            with_rule("backends: []\n    backendRefs: 7"),
        )
        .write("broken.yaml", "a: [\n");
    let log = folder.run(&["check", ".", "--format", "sarif"]).json();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "gatewright");
    let rules: Vec<&str> = run["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    let results = run["results"].as_array().unwrap();
    // The unknown field, the wrong type, the broken file.
    assert_eq!(results.len(), 3);
    for result in results {
        assert!(rules.contains(&result["ruleId"].as_str().unwrap()));
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(
            ["./a%20route.yaml", "./broken.yaml"]
                .contains(&place["artifactLocation"]["uri"].as_str().unwrap())
        );
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
        assert!(place["region"]["startColumn"].as_u64().unwrap() >= 1);
    }
    let unknown = results
        .iter()
        .find(|r| r["ruleId"] == "UnknownField")
        .unwrap();
    assert_eq!(
        unknown["locations"][0]["physicalLocation"]["region"],
        json!({"startLine": 11, "startColumn": 5, "endColumn": 13})
    );
}

#[test]
fn junit_counts_cases() {
    let folder = Folder::new("junit");
    folder
        .write(
            "a.yaml",
            format!("{}---\n{GOOD}", with_rule("backendRefs: '<&\">'")),
        )
        .write("b.yaml", "kind: [\n---\napiVersion: v1\nkind: Secret\n");
    let ran = folder.run(&["check", ".", "--format", "junit"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.out.contains(
            r#"<testsuites name="gatewright check" tests="4" failures="1" errors="1" skipped="1">"#
        ),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains(
            r#"<testsuite name="./a.yaml" tests="2" failures="1" errors="0" skipped="0">"#
        ),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains(r#"<failure type="FieldValueTypeInvalid""#),
        "{}",
        ran.out
    );
}

#[test]
fn jsonl_answers_line_by_line_in_order() {
    let route = |name: &str, value: &str| {
        json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": name, "namespace": "a"},
            "spec": {"rules": [{"matches": [{"path": {"value": value}}], "nope": 1}]}})
    };
    let mut input = String::new();
    for n in 0..200 {
        let value = if n % 2 == 0 { "/ok" } else { "bad" };
        input += &format!(
            "{}\n",
            json!({"id": n, "object": route("r", value), "release": "v1.4.1", "channel": "standard"})
        );
    }
    input += "not json\n";
    input += &format!(
        "{}\n",
        json!({"id": "x", "object": route("r", "/"), "release": "v9"})
    );
    let ran = run_in(
        Path::new("."),
        &["check", "--jsonl", "--defaulted"],
        input.as_bytes(),
    );
    assert_eq!(ran.code, 2);
    let lines = ran.lines();
    assert_eq!(lines.len(), 202);
    for (n, line) in lines[..200].iter().enumerate() {
        assert_eq!(line["id"], n);
        assert_eq!(line["accepted"], n % 2 == 0, "{line}");
        assert_eq!(line["unknownFields"], json!(["spec.rules[0].nope"]));
        assert_eq!(
            line["defaulted"]["spec"]["rules"][0]["matches"][0]["path"]["type"],
            "PathPrefix"
        );
    }
    assert_eq!(lines[200]["id"], Value::Null);
    assert!(lines[200]["error"].is_string());
    assert_eq!(lines[201]["id"], "x");
    assert!(lines[201]["error"].as_str().unwrap().contains("`v9`"));
}

#[test]
fn standard_input_is_a_path() {
    let ran = run_in(
        Path::new("."),
        &["check", "-", "--format", "json"],
        GOOD.as_bytes(),
    );
    assert_eq!(ran.code, 0);
    assert_eq!(ran.json()["objects"][0]["source"]["file"], "stdin");
    let ran = run_in(Path::new("."), &["check", "-", "-"], b"");
    assert_eq!(ran.code, 2);
}

#[test]
fn usage_errors_end_with_two() {
    let here = Path::new(".");
    for args in [
        &["check"][..],
        &["check", "x.yaml", "--bundle", "v2-standard"],
        &["check", "x.yaml", "--format", "xml"],
        &["check", "no-such-file.yaml"],
        &["frobnicate"],
        &[],
    ] {
        let ran = run_in(here, args, b"");
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(!ran.err.is_empty(), "{args:?}");
    }
}

#[test]
fn a_bundle_decides_and_experimental_use_is_hinted() {
    let folder = Folder::new("bundle");
    let text = "apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TCPRoute
metadata: {name: db, namespace: shop}
spec:
  rules:
  - backendRefs: [{name: db, port: 5432}]
";
    folder.write("tcp.yaml", text);
    let ran = folder.run(&["check", "tcp.yaml", "--bundle", "v1.4-standard"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("NoSuchKind"), "{}", ran.out);
    let ran = folder.run(&["check", "tcp.yaml", "--bundle", "v1.4-experimental"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    folder.write(
        "route.yaml",
        GOOD.replace("spec:\n", "spec:\n  useDefaultGateways: All\n"),
    );
    let ran = folder.run(&["check", "route.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(
        ran.out
            .contains("hint: route.yaml:1: HTTPRoute shop/good uses `spec.useDefaultGateways`"),
        "{}",
        ran.out
    );
}

#[test]
fn many_files_are_reported_in_their_order() {
    let folder = Folder::new("many");
    for n in 0..120 {
        folder.write(
            &format!("{n:03}.yaml"),
            GOOD.replace("good", &format!("route-{n:03}")),
        );
    }
    let report = folder.run(&["check", ".", "--format", "json"]).json();
    let names: Vec<String> = report["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|object| object["name"].as_str().unwrap().to_owned())
        .collect();
    let expected: Vec<String> = (0..120).map(|n| format!("route-{n:03}")).collect();
    assert_eq!(names, expected);
}

#[test]
fn installed_crds_are_recognised() {
    let folder = Folder::new("crd");
    let bundle = "v1.5-standard".parse().unwrap();
    let mut crds: Vec<Value> = gatewright::validate::export::kinds(bundle)
        .map(|kind| gatewright::validate::export::crd(kind, bundle).unwrap())
        .collect();
    let list =
        |crds: &[Value]| json!({"apiVersion": "v1", "kind": "List", "items": crds}).to_string();
    folder.write("crds.json", list(&crds));
    let ran = folder.run(&["check", "--crd", "crds.json"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(
        ran.out.contains(
            "httproutes.gateway.networking.k8s.io: says v1.5.1 standard, is v1.5-standard"
        ),
        "{}",
        ran.out
    );
    assert!(
        ran.out.ends_with("all kinds of v1.5-standard are there\n"),
        "{}",
        ran.out
    );

    let route = crds
        .iter_mut()
        .find(|crd| crd["spec"]["names"]["kind"] == "HTTPRoute")
        .unwrap();
    let schema = &mut route["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    schema["properties"]["spec"]["properties"]["hostnames"]["maxItems"] = json!(99);
    crds.retain(|crd| crd["spec"]["names"]["kind"] != "GRPCRoute");
    folder.write("crds.json", list(&crds));
    let ran = folder.run(&["check", "--crd", "crds.json", "--format", "json"]);
    assert_eq!(ran.code, 1);
    let report = ran.json();
    assert_eq!(report["missing"], json!(["GRPCRoute"]));
    let crds = report["crds"].as_array().unwrap();
    let route = crds.iter().find(|crd| crd["kind"] == "HTTPRoute").unwrap();
    assert_eq!(route["equalTo"], json!([]));
    assert_eq!(
        route["differences"],
        json!([{
            "path": "versions[0].schema.openAPIV3Schema.properties.spec.properties.hostnames.maxItems",
            "ours": 16, "theirs": 99,
        }])
    );
}

/// The shop of the examples.
fn shop(args: &[&str]) -> Ran {
    run_in(Path::new(env!("CARGO_MANIFEST_DIR")), args, b"")
}

#[test]
fn the_first_command_of_the_readme_prints_what_the_readme_shows() {
    let readme =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let command = readme
        .lines()
        .find_map(|line| line.strip_prefix("$ cargo run --features cli -- "))
        .unwrap();
    let shown = readme
        .split("```text\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let args: Vec<&str> = command.split(' ').collect();
    let ran = shop(&args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.out, shown);
}

#[test]
fn route_decides_as_the_shop_says() {
    let decide = |url: &str, more: &[&str]| {
        let mut args = vec!["route", "examples/shop", url, "--format", "json"];
        args.extend(more);
        let ran = shop(&args);
        (ran.code, ran.json())
    };
    let (code, cart) = decide("https://shop.example.com/cart/42", &["-H", "x-debug: 1"]);
    assert_eq!(code, 0);
    assert_eq!(cart["outcome"], "forward");
    assert_eq!(
        cart["backend"],
        json!({"kind": "Service", "namespace": "storefront", "name": "cart", "port": 8080, "weight": 1})
    );
    assert_eq!(cart["rule"], json!({"index": 0, "name": "cart"}));
    assert_eq!(cart["key"], "path-length");
    assert_eq!(cart["request"]["headers"], json!([["X-Shop-Area", "cart"]]));
    assert_eq!(
        cart["response_headers"]["set"],
        json!([["Cache-Control", "no-store"]])
    );

    // Nine of ten requests see the catalogue, the last one the next.
    let (_, first) = decide("https://shop.example.com/catalog", &["--draw", "0.89"]);
    assert_eq!(first["backend"]["name"], "catalog");
    let (_, last) = decide("https://shop.example.com/catalog", &["--draw", "0.91"]);
    assert_eq!(last["backend"]["name"], "catalog-next");
    let (_, tester) = decide(
        "https://shop.example.com/catalog",
        &["-H", "X-Catalog: next"],
    );
    assert_eq!(tester["rule"]["name"], "catalog-testers");
    assert_eq!(tester["key"], "headers");

    let (_, redirect) = decide("http://shop.example.com/cart", &[]);
    assert_eq!(redirect["outcome"], "redirect");
    assert_eq!(redirect["status"], 301);
    assert_eq!(redirect["location"], "https://shop.example.com/cart");

    let (_, pay) = decide("https://pay.shop.example.com/pay", &["--method", "POST"]);
    assert_eq!(pay["request"]["path"], "/v2/payments");
    assert_eq!(
        pay["backend_tls"]["hostname"],
        "payments.internal.example.com"
    );

    let (_, stock) = decide(
        "grpcs://grpc.shop.example.com/shop.inventory.v1.Stock/Get",
        &[],
    );
    assert_eq!(stock["route"]["kind"], "GRPCRoute");
    assert_eq!(stock["backend"]["name"], "stock");

    let (_, account) = decide("https://shop.example.com/account", &[]);
    assert_eq!(account["external_auth"]["backend"]["name"], "sign-in");
    assert_eq!(
        account["external_auth"]["request"]["path"],
        "/verify/account"
    );

    let (_, search) = decide(
        "https://search.shop.example.com/suggest?lang=en",
        &["-H", "Origin: https://shop.example.com"],
    );
    assert_eq!(search["route"]["name"], "search");
    assert_eq!(search["cors"], json!({"preflight": false, "allowed": true}));

    let (code, nobody) = decide("https://pay.shop.example.com/pay", &[]);
    assert_eq!((code, &nobody["status"]), (1, &json!(404)));
    let (code, nobody) = decide("https://example.org/", &[]);
    assert_eq!((code, &nobody["outcome"]), (1, &json!("reset")));
}

#[test]
fn route_answers_many_requests_in_order() {
    let mut input = String::new();
    for n in 0..50 {
        input += &format!(
            "{}\n",
            json!({"id": n, "scheme": "https", "host": "shop.example.com", "path": format!("/cart/{n}")})
        );
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let args = ["route", "examples/shop", "--requests", "-"];
    let ran = run_in(here, &args, input.as_bytes());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines = ran.lines();
    assert_eq!(lines.len(), 50);
    for (n, line) in lines.iter().enumerate() {
        assert_eq!(line["id"], n);
        assert_eq!(line["request"]["path"], format!("/cart/{n}"));
    }
    // Unserved requests are answers; lines that are no requests are findings.
    let ran = run_in(
        here,
        &args,
        b"{\"id\": 1, \"host\": \"example.org\", \"scheme\": \"https\"}\n",
    );
    assert_eq!((ran.code, &ran.lines()[0]["outcome"]), (0, &json!("reset")));
    let ran = run_in(here, &args, b"[]\n{\"id\": 2}\n");
    assert_eq!(ran.code, 1);
    let lines = ran.lines();
    assert_eq!(lines[0]["id"], Value::Null);
    assert!(lines[0]["error"].is_string());
    assert_eq!(lines[1]["id"], 2);
}

#[test]
fn status_is_what_would_be_written() {
    let args = ["status", "examples/shop", "--now", "2026-01-31T12:00:00Z"];
    let ran = shop(&[&args[..], &["--format", "json"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let entries = ran.json();
    let entries = entries.as_array().unwrap();
    let find = |kind: &str, name: &str| {
        entries
            .iter()
            .find(|e| e["kind"] == kind && e["name"] == name)
            .unwrap()
    };
    let gateway = find("Gateway", "public");
    assert_eq!(gateway["apiVersion"], "gateway.networking.k8s.io/v1");
    assert_eq!(gateway["namespace"], "platform");
    assert_eq!(gateway["status"]["listeners"][2]["attachedRoutes"], 3);
    assert_eq!(
        gateway["status"]["conditions"][0]["lastTransitionTime"],
        "2026-01-31T12:00:00Z"
    );
    assert_eq!(find("GatewayClass", "edge")["namespace"], Value::Null);
    assert!(entries.iter().all(|entry| entry["kind"] != "Service"));

    // YAML says the same.
    let yaml = shop(&[&args[..], &["--format", "yaml"]].concat()).out;
    let items = yaml
        .lines()
        .fold(String::new(), |text, line| format!("{text}{line}\n"));
    let parsed = gatewright::manifest::parse(
        format!("apiVersion: v1\nkind: List\nitems:\n{items}").as_bytes(),
        "status.yaml",
    );
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let values: Vec<&Value> = parsed
        .documents
        .iter()
        .map(|document| document.value())
        .collect();
    assert_eq!(values, entries.iter().collect::<Vec<_>>());

    let ran = shop(&[
        "status",
        "examples/shop",
        "--controller",
        "example.com/another",
    ]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    let ran = shop(&["status", "examples/shop", "--now", "today"]);
    assert_eq!(ran.code, 2);
    let ran = shop(&["status", "examples/shop", "--without", "NoSuchFeature"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("`NoSuchFeature`"), "{}", ran.err);
}

#[test]
fn unresolved_references_are_findings() {
    let folder = Folder::new("unresolved");
    folder.write(
        "all.yaml",
        "apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: c}
spec: {controllerName: example.com/c}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g}
spec:
  gatewayClassName: c
  listeners: [{name: web, port: 80, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r}
spec:
  parentRefs: [{name: g}]
  rules:
  - backendRefs: [{name: missing, port: 80}]
",
    );
    let ran = folder.run(&["status", "all.yaml"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("ResolvedRefs=False BackendNotFound"),
        "{}",
        ran.out
    );
    // An object without a namespace lies in `default`.
    assert!(ran.out.contains("Gateway default/g"), "{}", ran.out);
    let ran = folder.run(&["route", "all.yaml", "http://a.test/", "--format", "json"]);
    assert_eq!((ran.code, &ran.json()["status"]), (1, &json!(500)));
}

#[test]
fn rejected_objects_are_left_out_and_named() {
    let folder = Folder::new("rejected");
    let class = "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: NAME}\nspec: {controllerName: CONTROLLER}\n";
    let good = class
        .replace("NAME", "good")
        .replace("CONTROLLER", "example.com/c");
    let bad = class
        .replace("NAME", "bad")
        .replace("CONTROLLER", "nonsense");
    folder.write("all.yaml", format!("{good}---\n{bad}---\n{good}"));
    let ran = folder.run(&["status", "all.yaml", "--format", "json"]);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.json().as_array().unwrap().len(), 1);
    assert!(
        ran.err
            .contains("error[FieldValueInvalid]: spec.controllerName"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("GatewayClass bad is left out"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains(
            "warning: GatewayClass good at all.yaml:11 takes the place of the one at all.yaml:1"
        ),
        "{}",
        ran.err
    );
}

#[test]
fn explain_shows_every_candidate() {
    let ran = shop(&[
        "explain",
        "examples/shop",
        "https://shop.example.com/cart/42",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("5 candidates, in order of precedence:"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("rule 0 `cart` match 0: takes it"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("rule 2 `catalog` match 0: fails at path"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains("rule 4 `home` match 0: matches, loses by path-length"),
        "{}",
        ran.out
    );

    let ran = shop(&[
        "explain",
        "examples/shop",
        "https://shop.example.com/cart/42",
        "--format",
        "json",
    ]);
    let explained = ran.json();
    assert_eq!(explained["decision"]["rule"]["name"], "cart");
    assert_eq!(explained["candidates"][0]["unmet"], "path");
    assert_eq!(explained["candidates"][4]["lostBy"], "path-length");

    let ran = shop(&["explain", "examples/shop", "HTTPRoute/search/search"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("listener `teams`: yes"), "{}", ran.out);
    let ran = shop(&["explain", "examples/shop", "HTTPRoute/search/nobody"]);
    assert_eq!(ran.code, 2);
}

/// The Routes of a Service in a mesh: one beside it, one of a client's namespace.
const MESH: &str = "apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
spec:
  ports:
  - port: 8080
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: everybody
  namespace: shop
spec:
  parentRefs:
  - {group: '', kind: Service, name: cart, port: 8080}
  rules:
  - backendRefs:
    - {name: cart, port: 8080}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: tests-only
  namespace: tests
spec:
  parentRefs:
  - {group: '', kind: Service, namespace: shop, name: cart, port: 8080}
  rules:
  - filters:
    - type: RequestRedirect
      requestRedirect: {hostname: elsewhere.test}
";

/// MESH-RT-07, MESH-03: the Routes of a client's namespace take the requests of that namespace alone.
#[test]
fn services_of_a_mesh_are_asked_by_name() {
    let folder = Folder::new("mesh");
    folder.write("mesh.yaml", MESH);
    let url = "http://cart.shop:8080/";
    let asked = |command: &str, more: &[&str]| {
        let mut args = vec![
            command,
            ".",
            url,
            "--format",
            "json",
            "--service",
            "shop/cart",
        ];
        args.extend(more);
        let ran = folder.run(&args);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.json()
    };
    let decision = asked("route", &[]);
    assert_eq!(decision["route"]["name"], "everybody");
    assert_eq!(decision["backend"]["name"], "cart");
    let decision = asked("route", &["--client-namespace", "tests"]);
    assert_eq!(decision["route"]["name"], "tests-only");
    let explained = asked("explain", &["--client-namespace", "tests"]);
    assert_eq!(explained["decision"]["outcome"], "redirect");
    assert_eq!(explained["candidates"][0]["route"]["name"], "tests-only");

    let both = [
        "route",
        ".",
        url,
        "--service",
        "shop/cart",
        "--gateway",
        "a/b",
    ];
    assert_eq!(folder.run(&both).code, 2);
    let alone = ["route", ".", url, "--client-namespace", "tests"];
    assert_eq!(folder.run(&alone).code, 2);
}

#[test]
fn graph_draws_what_is_connected() {
    let ran = shop(&["graph", "examples/shop", "--format", "mermaid"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("flowchart LR\n"));
    assert!(
        ran.out.contains(r#"[["Gateway<br/>platform/public"]]"#),
        "{}",
        ran.out
    );
    assert!(ran.out.contains(r#"-->|"catalog, 90"|"#), "{}", ran.out);
    let ran = shop(&["graph", "examples/shop", "--format", "dot"]);
    assert!(ran.out.starts_with("digraph gateways {\n") && ran.out.ends_with("}\n"));
    assert!(
        ran.out.contains(r#"label="Service\nstorefront/cart:8080""#),
        "{}",
        ran.out
    );
}

#[test]
fn lint_shows_what_has_no_effect() {
    let ran = shop(&["lint", "examples/shop"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "no findings\n"));

    let folder = Folder::new("lint");
    let shop_folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop");
    for entry in std::fs::read_dir(shop_folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        // The search team forgets a path that it has already.
        let text = text.replace(
            "    - name: search\n      backendRefs:",
            "    - name: again\n      matches:\n        - path: {type: PathPrefix, value: /suggest}\n          queryParams: [{name: lang, value: en}, {name: q, value: x}]\n        - path: {type: PathPrefix, value: /suggest/}\n          queryParams: [{name: lang, value: en}]\n      backendRefs: [{name: search, port: 8080}]\n    - name: search\n      backendRefs:",
        );
        folder.write(path.file_name().unwrap().to_str().unwrap(), text);
    }
    let ran = folder.run(&["lint", "."]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("warning[shadowed-match]: spec.rules[1].matches[1]: the match never decides: rules[0].matches[0] (`suggest`)"), "{}", ran.out);
    assert!(
        ran.out
            .contains("for example GET https://search.shop.example.com/suggest/"),
        "{}",
        ran.out
    );
    let ran = folder.run(&["lint", ".", "--format", "json"]);
    let report = ran.json();
    assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(report["findings"][0]["id"], "shadowed-match");
    assert_eq!(report["findings"][0]["source"]["file"], "./search.yaml");
    assert_eq!(
        report["findings"][0]["witness"]["host"],
        "search.shop.example.com"
    );
}
