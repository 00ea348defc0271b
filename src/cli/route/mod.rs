//! `gatewright route`: which backend serves a request, and why.

pub(super) mod text;
mod url;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use gatewright::manifest::STDIN;
use gatewright::resolve::resolve;
use gatewright::router::Router;
use serde_json::{Value, json};

use super::decision::{Decider, RequestLine};
use super::exit::{Exit, Failure};
use super::{Outcome, world};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, directories, or - for standard input; then the URL: http, https, grpc, grpcs, tls, tcp or udp.
    #[arg(value_name = "PATH... URL", required = true)]
    paths_and_url: Vec<String>,
    #[command(flatten)]
    world: world::WorldArgs,
    #[command(flatten)]
    asked: Asked,
    /// Decide many requests instead: one JSON object a line from a file or -, one decision a line.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["gateway", "service", "client_namespace", "port", "method", "headers", "draw"])]
    requests: Option<PathBuf>,
    /// How the decision is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What a client does beside opening a URL.
#[derive(Debug, clap::Args)]
pub(super) struct Asked {
    /// The Gateway that is connected to [default: the only one].
    #[arg(long, value_name = "NS/NAME")]
    gateway: Option<String>,
    /// The Service that is addressed in a mesh, in place of a Gateway.
    #[arg(long, value_name = "NS/NAME", conflicts_with = "gateway")]
    service: Option<String>,
    /// Where the client of a mesh lives [default: in the namespace of the Service].
    #[arg(long, value_name = "NS", requires = "service")]
    client_namespace: Option<String>,
    /// The port that is connected to [default: that of the URL].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// The method [default: GET, for gRPC POST].
    #[arg(short = 'X', long, value_name = "M")]
    method: Option<String>,
    /// A header; may be given several times.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// The draw that decides by weight, from 0 to 1 [default: 0].
    #[arg(long, value_name = "FRACTION")]
    draw: Option<f64>,
}

impl Asked {
    /// The request that a client sends to open `url`, in the form of the contract.
    ///
    /// # Errors
    ///
    /// A URL or header that is none.
    pub(super) fn request(&self, url: &str) -> Result<Value, Failure> {
        let extras = url::Extras {
            gateway: self.gateway.as_deref(),
            service: self.service.as_deref(),
            client_namespace: self.client_namespace.as_deref(),
            port: self.port,
            method: self.method.as_deref(),
            headers: &self.headers,
            draw: self.draw,
        };
        url::request(url, &extras).map_err(Failure::Usage)
    }
}

/// Paths, and the last one, which is something else.
///
/// # Errors
///
/// There is only one.
pub(super) fn split_last<'a>(
    arguments: &'a [String],
    last: &str,
) -> Result<(Vec<PathBuf>, &'a str), Failure> {
    match arguments {
        [paths @ .., url] if !paths.is_empty() => {
            Ok((paths.iter().map(PathBuf::from).collect(), url))
        }
        _ => Err(Failure::Usage(format!(
            "expected at least one PATH, then {last}"
        ))),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One object.
    Json,
}

pub(super) fn run(args: &Args) -> Outcome {
    if let Some(requests) = &args.requests {
        let paths: Vec<PathBuf> = args.paths_and_url.iter().map(PathBuf::from).collect();
        return many(&paths, requests, args);
    }
    let (paths, url) = split_last(&args.paths_and_url, "a URL")?;
    let request = args.asked.request(url)?;
    let line: RequestLine = serde_json::from_value(request.clone())
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let world = world::load(&paths, &args.world)?;
    let resolution = resolve(&world.snapshot, &world.controller);
    let router = Router::compile(&resolution.plan);
    let decision = Decider::new(&resolution.plan, &router).decide(&line);

    let mut out = anstream::stdout().lock();
    let value = serde_json::to_value(&decision)?;
    match args.format {
        Format::Text => {
            out.write_all(text::decision(&value, &request, &resolution.plan).as_bytes())?
        }
        Format::Json => writeln!(out, "{value}")?,
    }
    out.flush()?;
    Ok(world.exit.max(if decision.is_served() {
        Exit::Fine
    } else {
        Exit::Findings
    }))
}

/// Decides every line of a file, in order; each answer is written before more input is waited for.
fn many(paths: &[PathBuf], requests: &Path, args: &Args) -> Outcome {
    let from_stdin = requests == Path::new(STDIN);
    if from_stdin && paths.iter().any(|path| path == Path::new(STDIN)) {
        let message = "standard input can be read only once".to_owned();
        return Err(Failure::Usage(message));
    }
    let world = world::load(paths, &args.world)?;
    let resolution = resolve(&world.snapshot, &world.controller);
    let router = Router::compile(&resolution.plan);
    let decider = Decider::new(&resolution.plan, &router);
    // Whatever the answers, only lines that are no requests are findings here.
    let exit = match world.exit {
        Exit::Unreadable => Exit::Unreadable,
        Exit::Fine | Exit::Findings => Exit::Fine,
    };
    if from_stdin {
        return decide_all(BufReader::new(io::stdin().lock()), &decider, exit);
    }
    let file = File::open(requests).map_err(|error| {
        Failure::Usage(format!("cannot read `{}`: {error}", requests.display()))
    })?;
    decide_all(BufReader::new(file), &decider, exit)
}

fn decide_all<R: io::Read>(mut input: BufReader<R>, decider: &Decider<'_>, exit: Exit) -> Outcome {
    let mut exit = exit;
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(Failure::Input)? == 0 {
            out.flush()?;
            return Ok(exit);
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let request = str::from_utf8(&line)
            .map_err(|error| error.to_string())
            .and_then(|text| RequestLine::parse(text).map_err(|error| error.to_string()));
        match request {
            Ok(request) => serde_json::to_writer(&mut out, &decider.decide(&request))?,
            Err(error) => {
                exit = exit.max(Exit::Findings);
                serde_json::to_writer(&mut out, &json!({"id": null, "error": error}))?;
            }
        }
        out.write_all(b"\n")?;
        if input.buffer().is_empty() {
            out.flush()?;
        }
    }
}
