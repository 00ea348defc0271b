//! Questions that existing matchers answer differently; each has one specified answer, and ours is that one.

use crate::worlds_in_words::*;

/// Which rule of one Route takes the request: its label, or `404`.
fn of(rules: &[&str], ask: Ask) -> String {
    let labels = ["0", "1"];
    ask.of(&one(rules
        .iter()
        .zip(labels)
        .map(|(text, label)| rule(label, text))))
}

/// MATCH-PREC-08..10, in this order.
#[test]
fn keys_outrank_each_other_in_order() {
    assert_eq!(of(&["h:a=1", "m=GET"], get("/").header("a", "1")), "1");
    assert_eq!(of(&["q:a=1", "m=GET"], get("/?a=1")), "1");
    assert_eq!(of(&["q:a=1", "h:a=1"], get("/?a=1").header("a", "1")), "1");
    assert_eq!(
        of(&["P:/foo h:a=1", "E:/foo"], get("/foo").header("a", "1")),
        "1"
    );
    assert_eq!(
        of(&["X:/fo+ h:a=1", "E:/foo"], get("/foo").header("a", "1")),
        "1"
    );
    assert_eq!(
        of(
            &["P:/foo h:a=1 h:b=1", "P:/foo/bar"],
            get("/foo/bar").header("a", "1").header("b", "1")
        ),
        "1"
    );
}

/// MATCH-PREC-07, MATCH-PATH-08.
#[test]
fn regular_expressions() {
    assert_eq!(of(&["P:/foo", "X:/f.*"], get("/foo")), "1");
    assert_eq!(of(&["X:/foo"], get("/xx/foo/yy")), "404");
    assert_eq!(of(&["X:/a|/ab"], get("/ab")), "0");
}

/// MATCH-PATH-02/03/13, MATCH-PATH-15.
#[test]
fn paths_are_taken_literally_element_by_element() {
    assert_eq!(of(&["P:/foo/"], get("/foo")), "0");
    assert_eq!(of(&["P:/foo/"], get("/foo/bar")), "0");
    assert_eq!(of(&["P:/foo"], get("/foobar")), "404");
    assert_eq!(of(&["P:/a/:id"], get("/a/xyz")), "404");
    assert_eq!(of(&["E:/a//b"], get("/a/b")), "404");
}

/// HOST-KEY-03/04, HOST-MATCH-02, MATCH-PREC-02/04.
#[test]
fn hosts() {
    let with = |hosts: &[&str], host: &str| {
        let labels = ["0", "1"];
        let routes = hosts.iter().zip(labels).map(|(own, label)| {
            at(
                route(&format!("d/{label}"), Some(1), [rule(label, "P:/")]),
                &[own],
            )
        });
        get(&format!("{host}/")).of(&any(routes.collect::<Vec<_>>()))
    };
    assert_eq!(with(&["a.example.com"], "A.Example.COM"), "0");
    assert_eq!(with(&["a.example.com"], "a.example.com."), "0");
    assert_eq!(with(&["*.example.com"], "x.y.example.com"), "0");
    assert_eq!(with(&["*.example.com"], "example.com"), "404");
    assert_eq!(
        with(&["*.example.com", "*.b.example.com"], "a.b.example.com"),
        "1"
    );
    let plan = any([
        at(route("d/0", None, [rule("0", "P:/a")]), &["a.example.com"]),
        at(route("d/1", None, [rule("1", "P:/")]), &["*.example.com"]),
    ]);
    assert_eq!(get("a.example.com/b").of(&plan), "1");
}

/// MATCH-QUERY-04, MATCH-HDR-04.
#[test]
fn repeated_names() {
    assert_eq!(of(&["q:a=1"], get("/?a=1&a=2")), "0");
    assert_eq!(of(&["q:a=1"], get("/?a=2&a=1")), "404");
    assert_eq!(
        of(&["h:a=1"], get("/").header("a", "2").header("a", "1")),
        "404"
    );
}

/// MATCH-PREC-12..14.
#[test]
fn ties() {
    let with = |first: (&str, i64), second: (&str, i64)| {
        let plan = any([
            at(route(first.0, Some(first.1), [rule("0", "P:/")]), &[]),
            at(route(second.0, Some(second.1), [rule("1", "P:/")]), &[]),
        ]);
        get("/").of(&plan)
    };
    assert_eq!(with(("default/a", 5), ("default/a-b", 5)), "0");
    assert_eq!(with(("default/a-b", 5), ("default/a", 5)), "1");
    assert_eq!(with(("a/a", 9), ("z/z", 5)), "1");
    assert_eq!(of(&["P:/", "P:/"], get("/")), "0");
}
