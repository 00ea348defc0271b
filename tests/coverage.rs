//! `docs/COVERAGE.md` tells the truth: every requirement of both catalogues is listed, and what is called done is named
//! by the tests that it lists.
//!
//! `cargo test --test coverage -- --ignored` writes the page anew from the tests and from the open entries it already has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A row of the page: the files that hold tests, or why it is open.
#[derive(Debug, PartialEq)]
enum Row {
    Done(Vec<String>),
    Open(String),
}

const PAGE: &str = "docs/COVERAGE.md";

const HEAD: &str = "# Coverage

Every requirement of the two catalogues (attachment and matching) and every worked example: done, with the files whose tests
name it, or open, with the reason. Written by `cargo test --test coverage -- --ignored`, checked by `cargo test`.

";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Requirement ids in a text: capital words and numbers joined by `-`, with two or three digits at the end.
fn ids(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    for candidate in text.split(|c| !word(c)) {
        let Some((family, number)) = candidate.rsplit_once('-') else {
            continue;
        };
        let is_number =
            (2..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        let is_family = family.starts_with(|c: char| c.is_ascii_uppercase()) && family.len() > 1;
        if is_number && is_family {
            found.insert(candidate.to_owned());
        }
    }
    found
}

/// The text with `X-03/05` and `X-01..03` written out.
fn written_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, mut tail) = after.split_at(digits);
        out.push_str(number);
        let family_start = out.len() - number.len();
        let family_start = out[..family_start]
            .char_indices()
            .rev()
            .find(|(_, c)| !(c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '-'))
            .map_or(0, |(i, c)| i + c.len_utf8());
        let family = out[family_start..out.len() - number.len()].to_owned();
        if family.ends_with('-') && family.len() > 2 && (2..=3).contains(&number.len()) {
            let mut last = number.parse::<u32>().unwrap_or(0);
            loop {
                let range = tail.starts_with("..") && !tail.starts_with("...");
                let Some(next) = tail
                    .strip_prefix('/')
                    .or_else(|| if range { tail.get(2..) } else { None })
                else {
                    break;
                };
                let digits =
                    next.len() - next.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                if !(2..=3).contains(&digits) {
                    break;
                }
                let Ok(to) = next[..digits].parse::<u32>() else {
                    break;
                };
                let from = if range { last + 1 } else { to };
                for n in from..=to {
                    out.push_str(&format!(" {family}{n:0width$}", width = digits));
                }
                last = to;
                tail = &next[digits..];
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Ids that the catalogues define, in their order.
fn required(upstream: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for file in ["spec/attachment.md", "spec/matching.md"] {
        let text = std::fs::read_to_string(upstream.join(file)).unwrap();
        for line in text.lines() {
            let line = line.trim_start_matches("- ");
            let start = line.strip_prefix('`').or_else(|| line.strip_prefix("**"));
            let id = start
                .and_then(|start| start.split(['`', '*']).next())
                .unwrap_or("");
            if ids(id).contains(id) && !all.contains(&id.to_owned()) {
                all.push(id.to_owned());
            }
        }
    }
    all
}

/// The files whose tests name each id.
fn tested() -> BTreeMap<String, Vec<String>> {
    let mut files = Vec::new();
    collect(&root().join("tests"), &mut files);
    collect(&root().join("src"), &mut files);
    files.sort();
    let mut tested: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        let name = file
            .strip_prefix(root())
            .unwrap()
            .display()
            .to_string()
            .replace('\\', "/");
        if name == "tests/coverage.rs" {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        // In `src/` only what stands in a test module counts.
        let in_tests =
            name.starts_with("tests/") || name.ends_with("/tests.rs") || name.contains("/tests/");
        let part = if in_tests {
            &text[..]
        } else {
            text.split_once("#[cfg(test)]")
                .map_or("", |(_, tests)| tests)
        };
        for id in ids(&written_out(part)) {
            tested.entry(id).or_default().push(name.clone());
        }
    }
    tested
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path
            .extension()
            .is_some_and(|e| e == "rs" || e == "yaml" || e == "tsv")
        {
            files.push(path);
        }
    }
}

fn read_page() -> BTreeMap<String, Row> {
    let text = std::fs::read_to_string(root().join(PAGE)).unwrap_or_default();
    let mut rows = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, state, what] = cells[..] else {
            continue;
        };
        let id = id.trim_matches('`').to_owned();
        let row = match state {
            "done" => Row::Done(
                what.split(", ")
                    .map(|file| file.trim_matches('`').to_owned())
                    .collect(),
            ),
            _ => Row::Open(what.to_owned()),
        };
        rows.insert(id, row);
    }
    rows
}

#[test]
fn the_page_lists_every_requirement_and_its_tests_name_it() {
    let rows = read_page();
    let tested = tested();
    for (id, row) in &rows {
        if let Row::Done(files) = row {
            for file in files {
                let named = tested.get(id).is_some_and(|own| own.contains(file));
                assert!(named, "{PAGE}: no test in `{file}` names {id}");
            }
        }
    }
    let Some(upstream) = std::env::var_os("GATEWRIGHT_UPSTREAM").map(PathBuf::from) else {
        println!("skipped in part: GATEWRIGHT_UPSTREAM does not name a folder with the catalogues");
        return;
    };
    let required = required(&upstream);
    assert!(
        required.len() > 600,
        "only {} requirements were found",
        required.len()
    );
    for id in &required {
        assert!(rows.contains_key(id), "{PAGE} does not list {id}");
    }
    let open = rows
        .values()
        .filter(|row| matches!(row, Row::Open(_)))
        .count();
    println!(
        "{} requirements and examples, {open} of them open",
        rows.len()
    );
}

#[test]
#[ignore = "writes docs/COVERAGE.md"]
fn write_the_page() {
    let upstream =
        PathBuf::from(std::env::var_os("GATEWRIGHT_UPSTREAM").expect("GATEWRIGHT_UPSTREAM"));
    let (rows, tested) = (read_page(), tested());
    let mut page = HEAD.to_owned();
    let mut family = String::new();
    for id in required(&upstream) {
        let own = id
            .rsplit_once('-')
            .map_or("", |(family, _)| family)
            .to_owned();
        if own != family {
            page += &format!(
                "\n## {own}\n\n| id | state | tests, or why it is open |\n|---|---|---|\n"
            );
            family = own;
        }
        page += &match (tested.get(&id), rows.get(&id)) {
            (Some(files), _) => {
                let mut shown: Vec<String> = files
                    .iter()
                    .take(3)
                    .map(|file| format!("`{file}`"))
                    .collect();
                shown.dedup();
                format!("| `{id}` | done | {} |\n", shown.join(", "))
            }
            (None, Some(Row::Open(why))) => format!("| `{id}` | open | {why} |\n"),
            (None, _) => format!("| `{id}` | open | no test names it yet |\n"),
        };
    }
    std::fs::write(root().join(PAGE), page).unwrap();
}

#[test]
fn short_forms_of_ids_are_written_out() {
    let all = |text: &str| ids(&written_out(text)).into_iter().collect::<Vec<_>>();
    assert_eq!(all("GW-CLASS-03/05"), ["GW-CLASS-03", "GW-CLASS-05"]);
    assert_eq!(
        all("EX-01..03, HOST-KEY-04"),
        ["EX-01", "EX-02", "EX-03", "HOST-KEY-04"]
    );
    assert_eq!(all("a UTF-8 text of RFC-7230"), Vec::<String>::new());
    assert_eq!(all("RG-01"), ["RG-01"]);
}
