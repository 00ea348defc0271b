//! A router that is updated answers as one that is compiled anew.

#[path = "reference/asked.rs"]
mod asked;
#[path = "reference/matching.rs"]
mod matching;
#[path = "reference/plans.rs"]
mod plans;

use std::collections::HashMap;
use std::sync::Arc;

use gatewright::plan::{Attachment, ObjectName, Plan, PlanChange, Route, RouteKind};
use gatewright::router::{Connection, Headers, RequestHead, RouteChange, Router, Target};
use gatewright::vocab::Hostname;
use plans::{Chance, OwnedRequest, Taste};

fn asks(chance: &mut Chance, plans: [&Plan; 2], count: usize) -> Vec<OwnedRequest> {
    (0..count)
        .map(|n| plans::request(chance, plans[n % 2]))
        .collect()
}

fn assert_alike(found: &Router, expected: &Router, asks: &[OwnedRequest]) {
    for ask in asks {
        let lines: Vec<(&str, &[u8])> = ask
            .headers
            .iter()
            .map(|(n, v)| (n.as_str(), &v[..]))
            .collect();
        let head = RequestHead {
            version: ask.version,
            method: &ask.method,
            host: ask.host.as_deref(),
            path: &ask.path,
            query: ask.query.as_deref(),
            headers: Headers::Lines(&lines),
        };
        let target = match &ask.service {
            Some((name, client)) => Target::Service {
                namespace: "n",
                name,
                client_namespace: client,
            },
            None => Target::Only,
        };
        let connection = Connection {
            target,
            port: ask.port,
            protocol: ask.protocol,
            sni: ask.sni.as_deref(),
        };
        let decisions =
            [found, expected].map(|router| asked::decide(router, &connection, Some(&head)));
        assert_eq!(decisions[0], decisions[1], "{ask:?}");
    }
    let sorted = |router: &Router| {
        let mut all: Vec<String> = router.isolated().iter().map(ToString::to_string).collect();
        all.sort();
        all.dedup();
        all
    };
    assert_eq!(sorted(found), sorted(expected));
}

/// Takes off, puts on or exchanges some attachments of a plan; the listeners stay.
fn change(chance: &mut Chance, plan: &Plan, other: &Plan) -> Plan {
    let mut new = plan.clone();
    for listener in &mut new.gateways[0].listeners {
        let mut routes: Vec<Attachment> = listener.routes.iter().cloned().collect();
        if chance.percent(40) && !routes.is_empty() {
            let at = chance.below(routes.len());
            routes.remove(at);
        }
        let others: Vec<&Attachment> = other.gateways[0]
            .listeners
            .iter()
            .filter(|own| own.head.protocol == listener.head.protocol)
            .flat_map(|own| &own.routes)
            .collect();
        if chance.percent(60) && !others.is_empty() {
            let mut own = (*chance.pick(&others)).clone();
            own.hostnames.retain(|h: &Hostname| {
                listener
                    .head
                    .hostname
                    .as_ref()
                    .is_none_or(|of| of.intersect(h).is_some())
            });
            routes.retain(|known| {
                known.route.name != own.route.name || known.route.kind != own.route.kind
            });
            routes.push(own);
        }
        listener.routes = routes.into_iter().collect();
    }
    if chance.percent(30) {
        new.frontends.clone_from(&other.frontends);
    }
    // A Route has one content, wherever it is attached.
    let mut by_name: HashMap<(RouteKind, ObjectName), Arc<Route>> = HashMap::new();
    let mut one = |route: &mut Arc<Route>| {
        let known = by_name.entry((route.kind, route.name.clone()));
        *route = Arc::clone(known.or_insert_with(|| Arc::clone(route)));
    };
    for listener in &mut new.gateways[0].listeners {
        let mut routes: Vec<Attachment> = listener.routes.iter().cloned().collect();
        routes.iter_mut().for_each(|own| one(&mut own.route));
        listener.routes = routes.into_iter().collect();
    }
    for frontend in &mut new.frontends {
        let groups = frontend
            .producer
            .iter_mut()
            .chain(frontend.consumers.iter_mut().map(|(_, group)| group));
        groups.for_each(|group| {
            group
                .routes
                .iter_mut()
                .chain(&mut group.udp)
                .for_each(&mut one)
        });
    }
    new
}

/// Any sequence of changes: the updated router equals the compiled one, by whichever of both ways it was updated.
#[test]
fn updates_equal_compiling_anew() {
    let mut chance = Chance(5);
    for _ in 0..25 {
        let taste = Taste::draw(&mut chance);
        let options = plans::options(&mut chance);
        let mut plan = plans::plan(&mut chance, &taste);
        let mut router = Router::compile_with(&plan, &options);
        let mut by_changes = router.clone();
        for _ in 0..4 {
            let other = plans::plan(&mut chance, &taste);
            let new = change(&mut chance, &plan, &other);
            let compiled = Router::compile_with(&new, &options);
            router = router.update(&plan, &new);
            let asks = asks(&mut chance, [&plan, &new], 12);
            assert_alike(&router, &compiled, &asks);
            by_changes = by_changes.follow(&told(&plan, &new), &new);
            assert_alike(&by_changes, &compiled, &asks);
            plan = new;
        }
    }
}

/// The differences of two plans with the same listeners.
fn told(old: &Plan, new: &Plan) -> PlanChange {
    if old.frontends != new.frontends {
        let before = Box::new(old.clone());
        return PlanChange::Shape { before };
    }
    let mut changes = Vec::new();
    for (before, after) in old.gateways[0]
        .listeners
        .iter()
        .zip(&new.gateways[0].listeners)
    {
        let change = |one: &Attachment| RouteChange {
            listener: Arc::clone(&before.head),
            before: before.routes.get(one.route.kind, &one.route.name).cloned(),
            after: after.routes.get(one.route.kind, &one.route.name).cloned(),
        };
        changes.extend(before.routes.iter().map(change));
        let is_new =
            |one: &&Attachment| before.routes.get(one.route.kind, &one.route.name).is_none();
        changes.extend(after.routes.iter().filter(is_new).map(change));
    }
    PlanChange::Routes(changes)
}

/// Listeners, Gateways and frontends that change as a whole are compiled anew.
#[test]
fn other_changes_are_taken_over_too() {
    let mut chance = Chance(11);
    for _ in 0..20 {
        let taste = Taste::draw(&mut chance);
        let options = plans::options(&mut chance);
        let (old, new) = (
            plans::plan(&mut chance, &taste),
            plans::plan(&mut chance, &taste),
        );
        let updated = Router::compile_with(&old, &options).update(&old, &new);
        let compiled = Router::compile_with(&new, &options);
        assert_alike(&updated, &compiled, &asks(&mut chance, [&old, &new], 20));
    }
}

/// What a change gives: the old router serves on as before.
#[test]
fn the_old_router_goes_on() {
    let mut chance = Chance(3);
    let taste = Taste::draw(&mut chance);
    let options = plans::options(&mut chance);
    let old = plans::plan(&mut chance, &taste);
    let other = plans::plan(&mut chance, &taste);
    let router = Arc::new(Router::compile_with(&old, &options));
    let new = change(&mut chance, &old, &other);
    let updated = router.update(&old, &new);
    let asks = asks(&mut chance, [&old, &new], 50);
    assert_alike(&router, &Router::compile_with(&old, &options), &asks);
    assert_alike(&updated, &Router::compile_with(&new, &options), &asks);
}
