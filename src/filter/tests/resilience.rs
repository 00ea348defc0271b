use std::time::Duration;

use super::*;

fn timeouts(request: Option<&str>, backend_request: Option<&str>) -> Timeouts {
    Timeouts {
        request: request.map(millis),
        backend_request: backend_request.map(millis),
    }
}

fn retry(codes: &[u16], attempts: u32, backoff: Option<&str>) -> Retry {
    Retry {
        codes: codes.to_vec(),
        attempts,
        backoff: backoff.map(millis),
    }
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Plays an exchange: each try ends with what `play` says (after how long, how), waits have no jitter. Gives the number of
/// tries, the time at the end and what the client gets; `None` is the last answer of the backend being good.
fn play(
    timeouts: &Timeouts,
    retry: Option<&Retry>,
    tries: &[(u64, Option<Failure>)],
) -> (u32, u64, Option<GiveUp>) {
    let exchange = Exchange::new(timeouts, retry);
    let mut now = Duration::ZERO;
    for (made, (takes, ends)) in tries.iter().enumerate() {
        let made = made as u32 + 1;
        let limit = exchange.try_limit(now);
        let (takes, failure) = match limit {
            Some(limit) if limit <= ms(*takes) => (limit, Some(Failure::Timeout)),
            _ => (ms(*takes), *ends),
        };
        now += takes;
        let Some(failure) = failure else {
            return (made, now.as_millis() as u64, None);
        };
        match exchange.after(failure, made, now, 0) {
            Next::TryAgain { wait } => now += wait,
            Next::GiveUp(what) => return (made, now.as_millis() as u64, Some(what)),
        }
    }
    panic!("more tries than foreseen");
}

const HANGS: (u64, Option<Failure>) = (u64::MAX / 4, None);

fn answers(status: u16) -> (u64, Option<Failure>) {
    (0, Some(Failure::Status(status)))
}

const GOOD: (u64, Option<Failure>) = (0, None);
const RESET: (u64, Option<Failure>) = (0, Some(Failure::Connection));

/// EX-93, BACKEND-TIMEOUT-01/05, BACKEND-RETRY-07.
#[test]
fn ex_93_backend_timeout_01_05_backend_retry_07_the_request_timeout_covers_everything() {
    let times = timeouts(Some("3s"), Some("2s"));
    let result = play(&times, Some(&retry(&[], 3, Some("500ms"))), &[HANGS; 4]);
    assert_eq!(result, (2, 3000, Some(GiveUp::Status(504))));
}

/// EX-94, BACKEND-TIMEOUT-02/03/04.
#[test]
fn ex_94_backend_timeout_03_04_zero_is_no_limit() {
    let (tries, end, what) = play(
        &timeouts(Some("0s"), Some("2s")),
        Some(&retry(&[], 2, None)),
        &[HANGS; 4],
    );
    // Two waits of 25 and 50 ms lie between the three tries.
    assert_eq!((tries, end, what), (3, 6075, Some(GiveUp::Status(504))));
    let result = play(&timeouts(Some("1s"), Some("2s")), None, &[HANGS]);
    assert_eq!(result, (1, 1000, Some(GiveUp::Status(504))));
    let times = timeouts(Some("1s"), Some("0s"));
    assert_eq!(
        Exchange::new(&times, None).try_limit(ms(400)),
        Some(ms(600))
    );
    assert_eq!(
        Exchange::new(&timeouts(None, None), None).try_limit(ms(400)),
        None
    );
    assert_eq!(
        Exchange::new(&timeouts(Some("0h0m0s"), Some("00000ms")), None).try_limit(ms(400)),
        None
    );
}

/// EX-95, BACKEND-RETRY-02/03/05.
#[test]
fn ex_95_backend_retry_02_03_05_codes_and_connection_errors() {
    let none = timeouts(None, None);
    let on_503 = retry(&[503], 2, None);
    let (tries, _, what) = play(&none, Some(&on_503), &[answers(503), answers(500), GOOD]);
    assert_eq!((tries, what), (2, Some(GiveUp::LastResponse)));
    let empty = retry(&[], 1, None);
    let (tries, _, what) = play(&none, Some(&empty), &[answers(503), GOOD]);
    assert_eq!((tries, what), (1, Some(GiveUp::LastResponse)));
    let (tries, _, what) = play(&none, Some(&empty), &[RESET, GOOD]);
    assert_eq!((tries, what), (2, None));
}

/// BACKEND-RETRY-01/04.
#[test]
fn backend_retry_01_04_attempts_are_tries_more() {
    let none = timeouts(None, None);
    let failing_twice = [answers(503), answers(503), GOOD];
    assert_eq!(
        play(&none, Some(&retry(&[503], 2, None)), &failing_twice).2,
        None
    );
    let failing_thrice = [answers(503), answers(503), answers(503), GOOD];
    let (tries, _, what) = play(&none, Some(&retry(&[503], 2, None)), &failing_thrice);
    assert_eq!((tries, what), (3, Some(GiveUp::LastResponse)));
    assert_eq!(
        play(&none, Some(&retry(&[503], 3, None)), &failing_thrice).2,
        None
    );
}

/// BACKEND-RETRY-05.
#[test]
fn backend_retry_05_no_stanza_and_no_attempts_mean_no_retry() {
    let none = timeouts(None, None);
    assert_eq!(play(&none, None, &[RESET]).0, 1);
    assert_eq!(play(&none, None, &[RESET]).2, Some(GiveUp::Status(503)));
    assert_eq!(
        play(&none, Some(&retry(&[503], 0, None)), &[answers(503)]).0,
        1
    );
    assert_eq!(
        play(&timeouts(None, Some("1s")), None, &[HANGS]).2,
        Some(GiveUp::Status(504))
    );
}

/// BACKEND-RETRY-06.
#[test]
fn backend_retry_06_waits_grow_are_capped_and_never_shorter_than_the_backoff() {
    let written = retry(&[], 20, Some("100ms"));
    let policy = RetryPolicy::new(&written);
    let waits: Vec<u64> = (1..=8)
        .map(|n| policy.delay(n, 0).as_millis() as u64)
        .collect();
    assert_eq!(waits, [100, 200, 400, 800, 1000, 1000, 1000, 1000]);
    assert!(policy.delay(1, u64::MAX) < ms(200));
    assert_eq!(policy.delay(u32::MAX, 0), ms(1000));
    assert_eq!(policy.delay(0, 0), ms(100));
    let absent = retry(&[], 1, None);
    assert_eq!(RetryPolicy::new(&absent).delay(1, 0), ms(25));
    let immediate = retry(&[], 1, Some("0s"));
    assert_eq!(RetryPolicy::new(&immediate).delay(3, u64::MAX), ms(0));
    let absurd = retry(&[], 1, Some("99999h99999h99999h99999h"));
    assert!(RetryPolicy::new(&absurd).delay(9, u64::MAX) >= ms(1));
}

/// BACKEND-RETRY-07.
#[test]
fn backend_retry_07_a_wait_past_the_deadline_is_not_begun() {
    let slow = retry(&[503], 3, Some("2s"));
    let (tries, end, what) = play(
        &timeouts(Some("1s"), None),
        Some(&slow),
        &[(100, Some(Failure::Status(503)))],
    );
    assert_eq!((tries, end, what), (1, 100, Some(GiveUp::LastResponse)));
}

/// BACKEND-TIMEOUT-06.
#[test]
fn backend_timeout_06_a_started_response_is_aborted() {
    let times = timeouts(Some("1s"), None);
    let exchange = Exchange::new(&times, None);
    assert_eq!(exchange.expired(false), Expiry::Answer(504));
    assert_eq!(exchange.expired(true), Expiry::Abort);
}

fn budget() -> RetryBudget {
    RetryBudget {
        percent: 20,
        interval: millis("10s"),
        min_retries: 10,
        min_interval: millis("1s"),
    }
}

/// BACKEND-BUDGET-01/02.
#[test]
fn backend_budget_01_02_a_share_of_requests_or_the_minimum() {
    let used = |requests, retries, recent_retries| BudgetUse {
        requests,
        retries,
        recent_retries,
    };
    for (seen, allowed) in [
        (used(1000, 199, 10), true),
        (used(1000, 200, 10), false),
        (used(1000, 200, 9), true),
        (used(0, 0, 0), true),
        (used(0, 0, 10), false),
        (used(4, 0, 10), false),
        (used(5, 0, 10), true),
        (used(u64::MAX, u64::MAX / 10, 10), true),
    ] {
        assert_eq!(budget_allows(&budget(), seen), allowed, "{seen:?}");
    }
    let none = RetryBudget {
        percent: 0,
        min_retries: 0,
        ..budget()
    };
    assert!(!budget_allows(&none, used(1000, 0, 0)));
}

/// BACKEND-BUDGET-01/03.
#[test]
fn backend_budget_01_03_an_empty_budget_is_503_and_never_enables_a_retry() {
    let times = timeouts(None, None);
    let written = retry(&[500], 3, None);
    let exchange = Exchange::new(&times, Some(&written));
    let (own, full) = (
        budget(),
        BudgetUse {
            requests: 10,
            retries: 9,
            recent_retries: 10,
        },
    );
    let next = exchange.after_within(Failure::Status(500), 1, ms(0), 0, Some((&own, full)));
    assert_eq!(next, Next::GiveUp(GiveUp::Status(503)));
    let next = exchange.after_within(
        Failure::Status(500),
        1,
        ms(0),
        0,
        Some((&own, BudgetUse::default())),
    );
    assert_eq!(next, Next::TryAgain { wait: ms(25) });
    let without = Exchange::new(&times, None);
    let next = without.after_within(
        Failure::Status(500),
        1,
        ms(0),
        0,
        Some((&own, BudgetUse::default())),
    );
    assert_eq!(next, Next::GiveUp(GiveUp::LastResponse));
    // What is not retried anyway keeps its answer.
    let next = exchange.after_within(Failure::Status(404), 1, ms(0), 0, Some((&own, full)));
    assert_eq!(next, Next::GiveUp(GiveUp::LastResponse));
}

/// BACKEND-RETRY-08.
#[test]
fn backend_retry_08_a_forward_brings_timeouts_and_retry_of_its_rule() {
    let mut case = Case::with([]);
    case.action.timeouts = timeouts(Some("3s"), None);
    case.action.retry = Some(retry(&[503], 2, None));
    case.run(|outcome| {
        let Outcome::Forward(forward) = outcome else {
            panic!()
        };
        assert_eq!(forward.timeouts.request, Some(millis("3s")));
        let policy = forward.retry.unwrap();
        assert_eq!(
            (policy.codes, policy.attempts, policy.backoff),
            (&[503][..], 2, ms(25))
        );
    });
}
