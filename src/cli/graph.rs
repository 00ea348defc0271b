//! `gatewright graph`: the resolved topology as a picture.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use gatewright::plan::{Backend, Filter, Listener, Plan, Protocol, Route, TlsMode};
use gatewright::resolve::resolve;

use super::{Outcome, world};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, directories, or - for standard input.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    world: world::WorldArgs,
    /// The language of the picture.
    #[arg(long, value_enum)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For Graphviz.
    Dot,
    /// For Mermaid, as Markdown pages show it.
    Mermaid,
}

pub(super) fn run(args: &Args) -> Outcome {
    let world = world::load(&args.paths, &args.world)?;
    let resolution = resolve(&world.snapshot, &world.controller);
    let graph = Graph::of(&resolution.plan);
    let text = match args.format {
        Format::Dot => graph.dot(),
        Format::Mermaid => graph.mermaid(),
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(world.exit)
}

/// What a node stands for, which decides its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Gateway,
    Listener,
    Route,
    Backend,
}

/// Nodes by what identifies them, and edges between them.
#[derive(Debug, Default)]
struct Graph {
    nodes: BTreeMap<(Role, String), String>,
    edges: BTreeSet<Edge>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    from: (Role, String),
    to: (Role, String),
    label: String,
    is_broken: bool,
}

impl Graph {
    fn of(plan: &Plan) -> Self {
        let mut graph = Graph::default();
        for gateway in &plan.gateways {
            let node = graph.node(
                Role::Gateway,
                &gateway.name.to_string(),
                format!("Gateway\n{}", gateway.name),
            );
            for listener in &gateway.listeners {
                graph.listener(&node, listener);
            }
        }
        for frontend in &plan.frontends {
            let name = format!("{}:{}", frontend.service, frontend.port);
            let node = graph.node(
                Role::Gateway,
                &format!("mesh {name}"),
                format!("mesh Service\n{name}"),
            );
            let groups = frontend.groups();
            for route in groups.flat_map(|(_, group)| group.routes.iter().chain(&group.udp)) {
                graph.route(&node, route, String::new());
            }
        }
        graph
    }

    fn node(&mut self, role: Role, id: &str, label: String) -> (Role, String) {
        let key = (role, id.to_owned());
        self.nodes.entry(key.clone()).or_insert(label);
        key
    }

    fn edge(&mut self, from: &(Role, String), to: (Role, String), label: String, is_broken: bool) {
        self.edges.insert(Edge {
            from: from.clone(),
            to,
            label,
            is_broken,
        });
    }

    fn listener(&mut self, gateway: &(Role, String), listener: &Listener) {
        let head = &listener.head;
        let set = head
            .set
            .as_ref()
            .map_or(String::new(), |set| format!("{set} "));
        let id = format!("{} {set}{}", head.gateway, head.name);
        let protocol = match head.protocol {
            Protocol::Http => "HTTP",
            Protocol::Https => "HTTPS",
            Protocol::Tls(TlsMode::Terminate) => "TLS",
            Protocol::Tls(TlsMode::Passthrough) => "TLS passthrough",
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
        };
        let hostname = head
            .hostname
            .as_ref()
            .map_or(String::new(), |name| format!("\n{name}"));
        let label = format!("{set}{}\n{protocol} {}{hostname}", head.name, head.port);
        let node = self.node(Role::Listener, &id, label);
        self.edge(gateway, node.clone(), String::new(), false);
        for attachment in &listener.routes {
            let hostnames: Vec<String> =
                attachment.hostnames.iter().map(|h| h.to_string()).collect();
            self.route(&node, &attachment.route, hostnames.join("\n"));
        }
    }

    fn route(&mut self, parent: &(Role, String), route: &Route, label: String) {
        let name = format!("{} {}", route.kind, route.name);
        let node = self.node(
            Role::Route,
            &name,
            format!("{}\n{}", route.kind, route.name),
        );
        self.edge(parent, node.clone(), label, false);
        for rule in &route.rules {
            let name = rule
                .name
                .as_deref()
                .map_or_else(|| format!("rule {}", rule.index), str::to_owned);
            let action = &rule.action;
            for backend in &action.backends {
                let share = if action.backends.len() > 1 {
                    format!("{name}, {}", backend.weight)
                } else {
                    name.clone()
                };
                self.backend(&node, backend, share);
            }
            let all = action.backends.iter().flat_map(|backend| &backend.filters);
            for filter in action.filters.iter().chain(all) {
                match filter {
                    Filter::Mirror(mirror) => {
                        self.backend(&node, &mirror.backend, format!("{name}, copies"));
                    }
                    Filter::ExternalAuth(auth) => {
                        self.backend(&node, &auth.backend, format!("{name}, asks"));
                    }
                    _ => {}
                }
            }
        }
    }

    fn backend(&mut self, route: &(Role, String), backend: &Backend, label: String) {
        let target = &backend.target;
        let port = target.port.map_or(String::new(), |port| format!(":{port}"));
        let name = format!("{} {}{port}", target.kind, target.name);
        let node = self.node(
            Role::Backend,
            &name,
            format!("{}\n{}{port}", target.kind, target.name),
        );
        self.edge(route, node, label, backend.fault.is_some());
    }

    /// Short names of nodes, for languages that want them.
    fn ids(&self) -> BTreeMap<&(Role, String), String> {
        let keys = self.nodes.keys().enumerate();
        keys.map(|(n, key)| (key, format!("n{n}"))).collect()
    }

    fn dot(&self) -> String {
        let ids = self.ids();
        let mut out =
            String::from("digraph gateways {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n");
        // Writing to a string never fails.
        for (key, label) in &self.nodes {
            let shape = match key.0 {
                Role::Gateway => "house",
                Role::Listener => "cds",
                Role::Route => "box",
                Role::Backend => "ellipse",
            };
            let id = ids.get(key).map_or("", String::as_str);
            let _ = writeln!(out, "  {id} [shape={shape}, label={}];", dot_text(label));
        }
        for edge in &self.edges {
            let (from, to) = (ids.get(&edge.from), ids.get(&edge.to));
            let (Some(from), Some(to)) = (from, to) else {
                continue;
            };
            let style = if edge.is_broken {
                ", style=dashed, color=red"
            } else {
                ""
            };
            let _ = writeln!(
                out,
                "  {from} -> {to} [label={}{style}];",
                dot_text(&edge.label)
            );
        }
        out.push_str("}\n");
        out
    }

    fn mermaid(&self) -> String {
        let ids = self.ids();
        let mut out = String::from("flowchart LR\n");
        // Writing to a string never fails.
        for (key, label) in &self.nodes {
            let (open, close) = match key.0 {
                Role::Gateway => ("[[", "]]"),
                Role::Listener => (">", "]"),
                Role::Route => ("[", "]"),
                Role::Backend => ("([", "])"),
            };
            let id = ids.get(key).map_or("", String::as_str);
            let _ = writeln!(out, "  {id}{open}{}{close}", mermaid_text(label));
        }
        for edge in &self.edges {
            let (from, to) = (ids.get(&edge.from), ids.get(&edge.to));
            let (Some(from), Some(to)) = (from, to) else {
                continue;
            };
            let arrow = if edge.is_broken { "-.->" } else { "-->" };
            let label = match edge.label.as_str() {
                "" => String::new(),
                label => format!("|{}|", mermaid_text(label)),
            };
            let _ = writeln!(out, "  {from} {arrow}{label} {to}");
        }
        out
    }
}

fn dot_text(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('\n', "\\n"))
}

fn mermaid_text(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('"', "&quot;");
    let escaped = escaped.replace('<', "&lt;").replace('>', "&gt;");
    format!("\"{}\"", escaped.replace('\n', "<br/>"))
}
