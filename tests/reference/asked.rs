//! The router, answering in the words of the reference.

use gatewright::router::{Accepted, Connection, RequestHead, Router, Scratch};

use super::matching::{Decision, listener_name};

/// What the router decides.
pub fn decide(
    router: &Router,
    connection: &Connection<'_>,
    head: Option<&RequestHead<'_>>,
) -> Decision {
    let listener = match router.accept(connection) {
        Accepted::Http(listener) => listener,
        Accepted::PassThrough => return Decision::PassThrough,
        Accepted::Refused(_) => return Decision::Reset,
        Accepted::Stream(found) => {
            return Decision::Stream {
                listener: found.listener().map(listener_name),
                route: found.route().name.to_string(),
                hostname: found.hostname().map(ToString::to_string),
                rule: found.rule_index(),
            };
        }
    };
    let head = head.expect("a request");
    let explanation = listener.explain(head);
    let mut scratch = Scratch::default();
    let with_buffer = listener
        .find_with(head, &mut scratch)
        .map(|found| found.path().to_owned())
        .ok();
    match listener.find(head) {
        Err(none) => {
            assert!(with_buffer.is_none() && explanation.winner().is_none());
            assert_eq!(explanation.no_match(), Some(none.why()));
            Decision::Status {
                status: none.status(),
                grpc_status: none.grpc_status(),
                listener: none.listener().map(listener_name),
            }
        }
        Ok(found) => {
            let winner = explanation
                .winner()
                .expect("what is found can be explained");
            let own = (found.route().name, found.rule_index(), found.match_index());
            assert_eq!(
                (winner.route.name, winner.rule_index, winner.match_index),
                own
            );
            assert_eq!(winner.hostname, found.hostname());
            assert_eq!(with_buffer.as_deref(), Some(found.path()));
            Decision::Rule {
                listener: found.listener().map(listener_name),
                kind: found.route().kind.as_str(),
                route: found.route().name.to_string(),
                hostname: found.hostname().map(ToString::to_string),
                rule: found.rule_index(),
                matched: found.match_index(),
                key: explanation.key().map(|key| key.as_str()),
                path: found.path().to_owned(),
                is_grpc: found.is_grpc(),
            }
        }
    }
}
