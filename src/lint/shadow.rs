//! Matches that never decide.

use std::collections::BTreeMap;

use super::implication::implies;
use super::sample::{self, Door};
use super::{Finding, FindingKind, Witness, route_key};
use crate::plan::{Matches, ObjectName, Plan, Route, RouteKind, Rule};
use crate::resolve::Resolution;
use crate::router::{Match, Router};
use crate::vocab::Hostname;

/// A match by Route, rule and place; the order is that of the findings.
type Place<'p> = (RouteKind, &'p ObjectName, u32, usize);

/// What shadows a match: a request of the match, and who gets it.
struct Shadow {
    witness: Witness,
    winner: String,
}

/// Matches all of whose requests go to matches of others: on every listener for every hostname, and in a mesh on every port of
/// every Service for all of its clients.
///
/// Proven for a match when for each of its hostnames the match that wins a request of it asks for nothing that it does
/// not ask for itself: then that one wins all its requests.
pub(super) fn shadowed(resolution: &Resolution, findings: &mut Vec<Finding>) {
    let plan = &resolution.plan;
    let router = Router::compile(plan);
    // `None`: the match decides somewhere, or it cannot be told.
    let mut shadows: BTreeMap<Place<'_>, Option<Shadow>> = BTreeMap::new();
    for (door, route, hostnames) in places(plan) {
        for rule in &route.rules {
            for place in 0..count(&rule.matches) {
                let key = (route.kind, &route.name, rule.index, place);
                if matches!(shadows.get(&key), Some(None)) {
                    continue;
                }
                let own = Own { route, rule, place };
                let shadow = shadow(plan, &router, door, hostnames, own);
                shadows.insert(key, shadow);
            }
        }
    }
    report(&shadows, findings);
}

/// Everywhere that Routes get requests.
fn places(plan: &Plan) -> impl Iterator<Item = (Door<'_>, &Route, &[Hostname])> {
    let listeners = plan.gateways.iter().flat_map(|gateway| &gateway.listeners);
    let attached = listeners.flat_map(|listener| {
        let door = Door::Listener(&listener.head);
        let attachments = listener.routes.iter();
        attachments.map(move |own| (door, &*own.route, own.hostnames.as_slice()))
    });
    let groups = plan.frontends.iter().flat_map(|frontend| {
        let groups = frontend.groups();
        groups.map(move |(client, group)| (frontend, client, group))
    });
    let meshed = groups.flat_map(|(frontend, client, group)| {
        let door = Door::Service {
            name: &frontend.service,
            port: frontend.port,
            client,
        };
        let routes = group.routes.iter();
        routes.map(move |route| (door, &**route, [].as_slice()))
    });
    attached.chain(meshed)
}

fn count(matches: &Matches) -> usize {
    match matches {
        Matches::Http(matches) => matches.len(),
        Matches::Grpc(matches) => matches.len(),
        Matches::Always => 0,
    }
}

/// The match that is looked at.
#[derive(Clone, Copy)]
struct Own<'p> {
    route: &'p Route,
    rule: &'p Rule,
    place: usize,
}

/// What shadows a match at one place for all its hostnames.
fn shadow(
    plan: &Plan,
    router: &Router,
    door: Door<'_>,
    hostnames: &[Hostname],
    own: Own<'_>,
) -> Option<Shadow> {
    let mut first = None;
    for host in sample::hosts(door, hostnames) {
        let requests = sample::requests(door, &own.rule.matches, own.place, &host);
        // One method for which the match decides is enough to let it live.
        let mut of_host = None;
        for witness in requests {
            let shadow = lost(plan, router, door, own, witness)?;
            of_host = of_host.or(Some(shadow));
        }
        first = first.or(Some(of_host?));
    }
    first
}

/// Who takes a request of a match, if that one takes all of them.
fn lost(
    plan: &Plan,
    router: &Router,
    door: Door<'_>,
    own: Own<'_>,
    witness: Witness,
) -> Option<Shadow> {
    let Own { route, rule, place } = own;
    let listener = sample::connect(router, door, &witness)?;
    let winner = sample::with_head(&witness, |request| {
        let explanation = listener.explain(request);
        // The request must meet the match at all.
        let meets = explanation.considered().iter().any(|one| {
            one.route.kind == route.kind
                && *one.route.name == route.name
                && one.rule_index == rule.index
                && usize::try_from(one.match_index) == Ok(place)
                && one.unmet.is_none()
        });
        if !meets {
            return None;
        }
        let won = listener.find(request).ok()?;
        takes_all(plan, &won, own)
    });
    let winner = winner.ok()??;
    Some(Shadow { witness, winner })
}

/// The name of the match that won, if it is another one and asks for nothing that ours does not ask for.
fn takes_all(plan: &Plan, won: &Match<'_>, own: Own<'_>) -> Option<String> {
    let Own { route, rule, place } = own;
    let id = won.route();
    let their_place = usize::try_from(won.match_index()).ok()?;
    let is_ours = id.kind == route.kind
        && *id.name == route.name
        && won.rule_index() == rule.index
        && their_place == place;
    if is_ours {
        return None;
    }
    let theirs = plan
        .routes()
        .find(|own| own.kind == id.kind && own.name == *id.name)?;
    let their_rule = theirs
        .rules
        .iter()
        .find(|own| own.index == won.rule_index())?;
    implies((&rule.matches, place), (&their_rule.matches, their_place)).then(|| {
        let name = won
            .rule_name()
            .map_or_else(String::new, |name| format!(" (`{name}`)"));
        format!(
            "rules[{}].matches[{their_place}]{name} of {} {}",
            won.rule_index(),
            id.kind,
            id.name
        )
    })
}

/// One finding for a rule when all its matches are shadowed, else one for each match that is.
fn report(shadows: &BTreeMap<Place<'_>, Option<Shadow>>, findings: &mut Vec<Finding>) {
    let all: Vec<_> = shadows.iter().collect();
    for group in all.chunk_by(
        |((kind_a, name_a, rule_a, _), _), ((kind_b, name_b, rule_b, _), _)| {
            (kind_a, name_a, rule_a) == (kind_b, name_b, rule_b)
        },
    ) {
        let is_whole = group.iter().all(|(_, shadow)| shadow.is_some());
        for ((kind, name, rule, place), shadow) in group {
            let Some(shadow) = shadow else { continue };
            let (found, path, what) = if is_whole {
                let path = format!("spec.rules[{rule}]");
                (FindingKind::ShadowedRule, path, "the rule")
            } else {
                let path = format!("spec.rules[{rule}].matches[{place}]");
                (FindingKind::ShadowedMatch, path, "the match")
            };
            findings.push(Finding {
                kind: found,
                object: route_key(*kind, name),
                path: Some(path),
                message: format!(
                    "{what} never decides: {} takes all its requests",
                    shadow.winner
                ),
                witness: Some(shadow.witness.clone()),
            });
            if is_whole {
                break;
            }
        }
    }
}
