//! `gatewright explain`: every candidate of a request and what became of it; every check of a Route and its evidence.

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use gatewright::plan::{Plan, RouteKind};
use gatewright::resolve::{Resolution, RouteTrace, resolve};
use gatewright::router::{Accepted, Considered, Explanation, Router};
use serde_json::{Value, json};

use super::decision::{Decider, RequestLine};
use super::exit::{Exit, Failure};
use super::route::{self, Asked};
use super::style::{self, paint};
use super::{Outcome, conditions, world};

const ROUTE_KINDS: [RouteKind; 5] = [
    RouteKind::Http,
    RouteKind::Grpc,
    RouteKind::Tls,
    RouteKind::Tcp,
    RouteKind::Udp,
];

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, directories, or - for standard input; then a URL, or a Route as KIND/NS/NAME.
    #[arg(value_name = "PATH... WHAT", required = true)]
    paths_and_what: Vec<String>,
    #[command(flatten)]
    world: world::WorldArgs,
    #[command(flatten)]
    asked: Asked,
    /// How the explanation is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One object.
    Json,
}

pub(super) fn run(args: &Args) -> Outcome {
    let (paths, what) = route::split_last(&args.paths_and_what, "a URL or KIND/NS/NAME")?;
    if what.contains("://") {
        of_request(args, &paths, what)
    } else {
        of_route(args, &paths, what)
    }
}

fn of_route(args: &Args, paths: &[PathBuf], what: &str) -> Outcome {
    let (kind, namespace, name) = route_name(what)?;
    let world = world::load(paths, &args.world)?;
    let resolution = resolve(&world.snapshot, &world.controller);
    let Some(trace) = resolution.trace.explain(kind, namespace, name) else {
        return Err(Failure::Usage(format!(
            "there is no {kind} `{namespace}/{name}`"
        )));
    };
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Text => write!(out, "{trace}")?,
        Format::Json => {
            serde_json::to_writer(&mut out, &trace)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(world.exit.max(if is_fine(&trace) {
        Exit::Fine
    } else {
        Exit::Findings
    }))
}

fn is_fine(trace: &RouteTrace) -> bool {
    let mut parents = trace.parents.iter();
    !trace.parents.is_empty()
        && trace.rule_faults.is_empty()
        && parents.all(|parent| parent.is_accepted && parent.unresolved.is_none())
}

fn route_name(what: &str) -> Result<(RouteKind, &str, &str), Failure> {
    let mut parts = what.split('/');
    let (kind, namespace, name, rest) = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some(kind), Some(namespace), Some(name), None) = (kind, namespace, name, rest) else {
        let message = format!("`{what}` is neither a URL nor KIND/NS/NAME");
        return Err(Failure::Usage(message));
    };
    let known = ROUTE_KINDS
        .into_iter()
        .find(|known| known.as_str().eq_ignore_ascii_case(kind));
    match known {
        Some(kind) => Ok((kind, namespace, name)),
        None => {
            let kinds = ROUTE_KINDS.map(RouteKind::as_str).join("`, `");
            Err(Failure::Usage(format!(
                "unknown kind `{kind}`: expected `{kinds}`"
            )))
        }
    }
}

fn of_request(args: &Args, paths: &[PathBuf], url: &str) -> Outcome {
    let request = args.asked.request(url)?;
    let line: RequestLine = serde_json::from_value(request.clone())
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let world = world::load(paths, &args.world)?;
    let resolution = resolve(&world.snapshot, &world.controller);
    let router = Router::compile(&resolution.plan);
    let decision = Decider::new(&resolution.plan, &router).decide(&line);
    let value = serde_json::to_value(&decision)?;

    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Text => {
            out.write_all(route::text::decision(&value, &request, &resolution.plan).as_bytes())?;
            if let Some(explanation) = explanation(&line, &router) {
                text(&explanation, &resolution.plan, &mut out)?;
            }
        }
        Format::Json => {
            let candidates: Vec<Value> = explanation(&line, &router)
                .map(|explanation| {
                    let considered = explanation.considered().iter();
                    considered.map(|one| candidate(one, &resolution)).collect()
                })
                .unwrap_or_default();
            let value = json!({"version": 1, "candidates": candidates, "decision": value});
            writeln!(out, "{value}")?;
        }
    }
    out.flush()?;
    Ok(world.exit.max(if decision.is_served() {
        Exit::Fine
    } else {
        Exit::Findings
    }))
}

/// The candidates of a request; `None` where nothing looks at requests.
fn explanation<'r>(line: &RequestLine, router: &'r Router) -> Option<Explanation<'r>> {
    let Accepted::Http(listener) = router.accept(&line.connection()?) else {
        return None;
    };
    let lines = line.lines().ok()?;
    let head = line.head(&lines).ok()?;
    Some(listener.explain(&head))
}

/// The conditions of a candidate.
fn asks(one: &Considered<'_>, plan: &Plan) -> String {
    let name = one.route.name;
    let names = (one.route.kind.as_str(), &*name.namespace, &*name.name);
    conditions::describe(plan, names, one.rule_index.into(), one.match_index.into())
}

fn candidate(one: &Considered<'_>, resolution: &Resolution) -> Value {
    let conditions = asks(one, &resolution.plan);
    json!({
        "route": {
            "kind": one.route.kind.as_str(),
            "namespace": one.route.name.namespace,
            "name": one.route.name.name,
        },
        "hostname": one.hostname.map(|hostname| hostname.as_str()),
        "rule": {"index": one.rule_index, "name": one.rule_name},
        "match": one.match_index,
        "conditions": conditions,
        "unmet": one.unmet.as_ref().map(ToString::to_string),
        "lostBy": one.lost_by.map(|key| key.as_str()),
    })
}

fn text(explanation: &Explanation<'_>, plan: &Plan, out: &mut impl Write) -> std::io::Result<()> {
    let considered = explanation.considered();
    if considered.is_empty() {
        return writeln!(out, "no candidates");
    }
    writeln!(
        out,
        "\n{} candidates, in order of precedence:",
        considered.len()
    )?;
    for (place, one) in considered.iter().enumerate() {
        let verdict = match (&one.unmet, one.lost_by) {
            (Some(unmet), _) => paint(style::FAINT, format!("fails at {unmet}")).to_string(),
            (None, Some(key)) => paint(
                style::WARNING,
                format!("matches, loses by {}", key.as_str()),
            )
            .to_string(),
            (None, None) => paint(style::GOOD, "takes it").to_string(),
        };
        let rule = one
            .rule_name
            .map_or_else(String::new, |name| format!(" `{name}`"));
        let hostname = one
            .hostname
            .map_or("any host", |hostname| hostname.as_str());
        writeln!(
            out,
            "{:>4}. {} {} rule {}{rule} match {}: {verdict}",
            place + 1,
            one.route.kind,
            one.route.name,
            one.rule_index,
            one.match_index
        )?;
        let asks = asks(one, plan);
        writeln!(
            out,
            "      {}",
            paint(style::FAINT, format!("{hostname}, {asks}"))
        )?;
    }
    Ok(())
}
