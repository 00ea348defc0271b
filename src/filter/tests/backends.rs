use super::*;

fn weighted(list: &[(&str, u32)]) -> Action {
    Action::forward(
        list.iter()
            .map(|(name, weight)| backend(name).with_weight(*weight)),
    )
}

fn unready(name: &str) -> Backend {
    Backend {
        ready: false,
        ..backend(name)
    }
}

/// EX-90, BACKEND-WEIGHT-06.
#[test]
fn ex_90_backend_weight_06_the_choice_follows_the_draw() {
    let chosen = |x| {
        Case::new(weighted(&[("a", 2), ("b", 0), ("c", 3)]))
            .draw(x)
            .seen()
            .backend
    };
    assert_eq!(chosen(0), "a");
    assert_eq!(chosen(0x6666_6666_6666_6666), "a");
    assert_eq!(chosen(0x6666_6666_6666_6667), "c");
    assert_eq!(chosen(0xFFFF_FFFF_FFFF_FFFF), "c");
    for step in 0..=1000u64 {
        assert_ne!(chosen(step.wrapping_mul(u64::MAX / 1000)), "b");
    }
}

/// BACKEND-WEIGHT-06.
#[test]
fn backend_weight_06_fractions_map_to_64_bits() {
    assert_eq!(Draw::at(0.0).weight(), 0);
    assert_eq!(Draw::at(0.25).weight(), 1 << 62);
    assert_eq!(Draw::at(1.0).weight(), u64::MAX);
    assert_eq!(Draw::at(f64::NAN).weight(), 0);
    assert_eq!(Draw::at(-1.0).weight(), 0);
    assert_eq!(Draw::at(7.0).weight(), u64::MAX);
    assert_eq!(pick(u64::MAX, 10), 9);
    assert_eq!(pick(u64::MAX, 0), 0);
}

/// BACKEND-WEIGHT-01/06.
#[test]
fn backend_weight_01_06_shares_are_exact() {
    // Each value of the pick is hit by the same share of draws: a fine grid shows the weights.
    let action = weighted(&[("a", 7), ("b", 2), ("c", 1)]);
    let mut hits = [0u32; 3];
    for step in 0..1000u64 {
        let case = Case::new(action.clone()).draw(step * (u64::MAX / 1000));
        match &*case.seen().backend {
            "a" => hits[0] += 1,
            "b" => hits[1] += 1,
            _ => hits[2] += 1,
        }
    }
    for (hit, expected) in hits.into_iter().zip([700i64, 200, 100]) {
        assert!((i64::from(hit) - expected).abs() <= 1, "{hits:?}");
    }
}

/// BACKEND-WEIGHT-02/04.
#[test]
fn backend_weight_02_04_one_backend_gets_all_and_entries_are_slots() {
    for weight in [1, 7, 1_000_000] {
        assert_eq!(
            Case::new(weighted(&[("a", weight)]))
                .draw(u64::MAX)
                .seen()
                .backend,
            "a"
        );
    }
    let action = Action::forward([
        with_filters(backend("a"), [set_request("x", "first")]),
        with_filters(backend("a"), [set_request("x", "second")]),
    ]);
    let case = Case::new(action).pick(1);
    assert_eq!(case.seen().sent("x").as_deref(), Some("second"));
}

/// BACKEND-WEIGHT-05.
#[test]
fn backend_weight_05_large_sums_do_not_overflow() {
    let action = weighted(&[("a", u32::MAX); 40]);
    assert_eq!(Case::new(action).draw(u64::MAX).seen().word, "forward");
}

/// EX-91, OUT-02/03/06.
#[test]
fn ex_91_out_02_03_06_shares_of_invalid_and_endpointless_backends() {
    let case = Case::new(Action::forward([backend("a"), missing().with_weight(3)]));
    let case = case.pick(0);
    assert_eq!(case.seen().backend, "a");
    let mut case = case;
    for pick in 1..=3 {
        case = case.pick(pick);
        let seen = case.seen();
        assert_eq!(
            (seen.status, seen.reason),
            (500, Some(Reason::InvalidBackend(BackendFault::NotFound)))
        );
    }
    let case = Case::new(Action::forward([unready("a"), missing()])).pick(0);
    assert_eq!(
        (case.seen().status, case.seen().reason),
        (503, Some(Reason::NoEndpoints))
    );
    let case = case.pick(1);
    assert_eq!(case.seen().status, 500);
    // Invalid beats endpointless.
    let both = unready("a").with_fault(BackendFault::NotFound);
    assert_eq!(Case::new(Action::forward([both])).seen().status, 500);
    // BACKEND-WEIGHT-03: an invalid backend of weight 0 has no effect.
    let case = Case::new(Action::forward([missing().with_weight(0), backend("a")]));
    assert_eq!(case.draw(0).seen().backend, "a");
}

/// EX-28, EX-29, OUT-04.
#[test]
fn ex_28_29_out_04_rules_without_good_backends_are_500() {
    assert_eq!(Case::new(Action::forward([missing()])).seen().status, 500);
    let seen = Case::new(Action::default().with_filters([set_request("x", "1")])).seen();
    assert_eq!((seen.status, seen.reason), (500, Some(Reason::NoBackends)));
    let seen = Case::new(Action::default().with_filters([redirect_to("n.test")])).seen();
    assert_eq!((seen.word, seen.status), ("redirect", 302));
}

/// EX-92, OUT-05.
#[test]
fn ex_92_out_05_a_total_weight_of_zero_is_500_or_14() {
    let seen = Case::new(weighted(&[("a", 0), ("b", 0)])).seen();
    assert_eq!((seen.status, seen.reason), (500, Some(Reason::NoWeight)));
    let seen = Case::new(weighted(&[("a", 0), ("b", 0)])).grpc().seen();
    assert_eq!((seen.status, seen.grpc), (200, Some(14)));
}

/// EX-51, MATCH-GRPC-13.
#[test]
fn ex_51_match_grpc_13_grpc_errors_are_trailers_only() {
    let case = Case::new(Action::forward([backend("a").with_weight(3), missing()])).grpc();
    let case = case.pick(2);
    assert_eq!(case.seen().backend, "a");
    let case = case.pick(3);
    let seen = case.seen();
    assert_eq!(
        (seen.word, seen.status, seen.grpc),
        ("respond", 200, Some(14))
    );
    assert_eq!(
        seen.header("content-type").as_deref(),
        Some("application/grpc")
    );
    assert_eq!(seen.header("grpc-status").as_deref(), Some("14"));
    for action in [Action::default(), Action::forward([unready("a")])] {
        assert_eq!(Case::new(action).grpc().seen().grpc, Some(14));
    }
    let unimplemented: Vec<_> = unimplemented()
        .iter()
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect();
    let expected = [("content-type", "application/grpc"), ("grpc-status", "12")];
    assert_eq!(
        unimplemented,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

/// EX-53, MATCH-GRPC-16.
#[test]
fn ex_53_match_grpc_16_an_http_route_answers_calls_in_plain_http() {
    let mut case = Case::new(Action::forward([missing()]))
        .method("POST")
        .header("content-type", "application/grpc");
    assert_eq!((case.seen().status, case.seen().grpc), (500, None));
    case.action = Action::forward([unready("a")]);
    assert_eq!((case.seen().status, case.seen().grpc), (503, None));
}

/// OUT-08.
#[test]
fn out_08_errors_carry_no_modifiers_and_no_body() {
    let seen =
        Case::new(Action::forward([missing()]).with_filters([set_response("x", "1")])).seen();
    assert_eq!((seen.headers.len(), &*seen.body), (0, ""));
}

/// EX-56, L4-TCP-03/04, L4-UDP-02/03, L4-TLS-08: one value, for a connection or a flow, is one choice.
#[test]
fn ex_56_l4_tcp_03_04_connections_are_forwarded_or_reset() {
    let choice = |action: Action, x| match choose(&action, &Draw::of(x)) {
        Choice::Forward { backend, index } => Ok((backend.target.name.name.to_string(), index)),
        Choice::Reset(reason) => Err(reason),
    };
    let reset = Err(Reason::InvalidBackend(BackendFault::NotFound));
    assert_eq!(
        choice(Action::forward([backend("a").with_weight(0), missing()]), 0),
        reset
    );
    assert_eq!(
        choice(Action::forward([backend("a"), missing()]), 0),
        Ok(("a".to_owned(), 0))
    );
    assert_eq!(
        choice(Action::forward([backend("a"), missing()]), u64::MAX),
        reset
    );
    assert_eq!(
        choice(Action::forward([unready("a")]), 0),
        Err(Reason::NoEndpoints)
    );
    assert_eq!(choice(Action::default(), 0), Err(Reason::NoBackends));
    assert_eq!(choice(weighted(&[("a", 0)]), 0), Err(Reason::NoWeight));
}

/// BACKEND-WEIGHT-07/08: the port is that of the Service.
#[test]
fn backend_weight_07_a_forwarded_request_knows_its_one_backend() {
    Case::new(weighted(&[("a", 1), ("b", 1)]))
        .pick(1)
        .run(|outcome| {
            let Outcome::Forward(forward) = outcome else {
                panic!()
            };
            assert_eq!((forward.index, forward.backends.len()), (1, 2));
            assert!(std::ptr::eq(forward.backend, &forward.backends[1]));
            assert_eq!(forward.backend.target.port, Some(8080));
        });
}

/// EX-97, BACKEND-PROTO-02.
#[test]
fn ex_97_backend_proto_02_an_unsupported_protocol_is_an_invalid_backend() {
    let wrong = || Action::forward([backend("a").with_fault(BackendFault::UnsupportedProtocol)]);
    assert_eq!(Case::new(wrong()).grpc().seen().grpc, Some(14));
    assert_eq!(Case::new(wrong()).seen().status, 500);
    // BACKEND-PROTO-05: it is a matter of the chosen backend alone.
    let mixed = Action::forward([
        backend("a").with_fault(BackendFault::UnsupportedProtocol),
        backend("b"),
    ]);
    let case = Case::new(mixed).pick(1);
    assert_eq!(case.seen().backend, "b");
}

/// MATCH-PATH-16.
#[test]
fn match_path_16_path_and_query_are_forwarded_as_matched() {
    let seen = Case::with([])
        .get("/a/%2F/x", Some("b=%zz&c=+"))
        .host("a.test.:8080")
        .seen();
    assert_eq!(
        (&*seen.request.target, &*seen.request.host),
        ("/a/%2F/x?b=%zz&c=+", "a.test.:8080")
    );
}
