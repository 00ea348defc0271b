use super::*;

/// EVAL-02.
#[test]
fn eval_02_responses_pass_the_backend_then_the_rule_then_cors() {
    let cors = Filter::Cors(Cors {
        allow_origins: list(&["https://o.test"]),
        ..Cors::default()
    });
    let rule = Filter::ResponseHeaders(edits(
        &[("x-set", "rule")],
        &[("x-add", "rule"), ("Vary", "Accept")],
        &["x-gone"],
    ));
    let own = Filter::ResponseHeaders(edits(
        &[("x-set", "backend"), ("x-gone", "backend")],
        &[("x-add", "backend")],
        &[],
    ));
    let action = Action::forward([with_filters(backend("a"), [own])]).with_filters([cors, rule]);
    Case::new(action)
        .header("origin", "https://o.test")
        .run(|outcome| {
            let mut headers = http::HeaderMap::new();
            for (name, value) in [
                ("x-set", "app"),
                ("x-add", "app"),
                ("x-gone", "app"),
                ("access-control-allow-origin", "*"),
                ("access-control-allow-credentials", "true"),
                ("access-control-expose-headers", "x"),
                ("access-control-allow-methods", "GET"),
            ] {
                headers.append(name, http::HeaderValue::from_static(value));
            }
            outcome.respond(200, &mut headers);
            let all = |name: &str| {
                headers
                    .get_all(name)
                    .iter()
                    .map(|value| text(value.as_bytes()))
                    .collect::<Vec<_>>()
            };
            assert_eq!(all("x-set"), ["rule"]);
            assert_eq!(all("x-add"), ["app", "backend", "rule"]);
            assert_eq!(all("x-gone"), [""; 0]);
            assert_eq!(all("access-control-allow-origin"), ["https://o.test"]);
            assert_eq!(all("access-control-allow-credentials"), [""; 0]);
            assert_eq!(all("access-control-expose-headers"), [""; 0]);
            assert_eq!(all("access-control-allow-methods"), ["GET"]);
            assert_eq!(all("vary"), ["Accept", "Origin"]);
        });
}

#[test]
fn answers_of_our_own_write_their_headers() {
    Case::new(Action::default()).grpc().run(|outcome| {
        let mut headers = http::HeaderMap::new();
        outcome.respond(200, &mut headers);
        assert_eq!(headers["grpc-status"], "14");
    });
}
