//! The gateway as a process of its own, in directory mode.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::json::list;
use crate::network::Part;

/// How long a change may take until it is in force, on the slowest of machines.
const LONGEST: Duration = Duration::from_secs(90);

/// A GatewayClass whose status tells which change is in force.
const MARKER: &str = "which-change-is-in-force";

/// The statuses that the gateway printed last, by `Kind ns/name`.
type Printed = BTreeMap<String, Value>;

/// How to start it.
pub struct Settings<'t> {
    pub part: Part,
    pub offset: u16,
    pub bundle: &'t str,
    pub without: Vec<String>,
    /// Further arguments.
    pub arguments: &'t [&'t str],
}

/// A running gateway. It ends when it is dropped.
pub struct Gateway {
    folder: PathBuf,
    _child: Child,
    printed: watch::Receiver<Printed>,
    /// Ports are so much higher than their Gateways say.
    pub offset: u16,
    errors: Arc<Mutex<String>>,
    changes: i64,
}

impl Gateway {
    /// Starts with some objects; returns when they are in force.
    pub async fn start(settings: &Settings<'_>, objects: &[Value]) -> Self {
        let name = format!("gatewright-{}", settings.part.gateways().replace('/', "-"));
        let folder = std::env::temp_dir().join(name);
        // What a killed run left behind.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("manifests")).expect("temporary folder");
        write(&folder, 1, objects);
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatewright-gateway"));
        command
            .arg("--directory")
            .arg(folder.join("manifests"))
            .args(["--controller", "example.com/gateway-controller"])
            .args(["--bundle", settings.bundle])
            .args(["--bind-pool", &settings.part.gateways()])
            .args(["--port-offset", &settings.offset.to_string()])
            .args(["--drain", "0"])
            .args(settings.arguments);
        if !settings.without.is_empty() {
            command.args(["--without", &settings.without.join(",")]);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().expect("the gateway");
        let (sender, printed) = watch::channel(Printed::new());
        tokio::spawn(follow(child.stdout.take().expect("stdout"), sender));
        let errors = Arc::new(Mutex::new(String::new()));
        tokio::spawn(keep(
            child.stderr.take().expect("stderr"),
            Arc::clone(&errors),
        ));
        let mut gateway = Gateway {
            folder,
            _child: child,
            printed,
            offset: settings.offset,
            errors,
            changes: 1,
        };
        gateway.in_force().await;
        gateway
    }

    /// Replaces all objects; returns when they are in force.
    pub async fn apply(&mut self, objects: &[Value]) {
        self.changes += 1;
        write(&self.folder, self.changes, objects);
        self.in_force().await;
    }

    async fn in_force(&mut self) {
        let (wanted, marker) = (self.changes, format!("GatewayClass {MARKER}"));
        let is_there = |printed: &Printed| {
            let status = printed.get(&marker).unwrap_or(&Value::Null);
            let mut conditions = list(&status["conditions"]).iter();
            conditions.any(|condition| condition["observedGeneration"] == wanted)
        };
        let waiting = tokio::time::timeout(LONGEST, self.printed.wait_for(is_there)).await;
        let there = waiting.is_ok_and(|changed| changed.is_ok());
        assert!(there, "change {wanted} is not in force: {}", self.errors());
    }

    /// The statuses, as `gatewright status` prints them.
    pub fn statuses(&self) -> Vec<Value> {
        let entry = |(name, status): (&String, &Value)| {
            let (kind, name) = name.split_once(' ').unwrap_or_default();
            let (namespace, name) = match name.split_once('/') {
                Some((namespace, name)) => (Some(namespace), name),
                None => (None, name),
            };
            json!({"kind": kind, "namespace": namespace, "name": name, "status": status})
        };
        self.printed.borrow().iter().map(entry).collect()
    }

    /// The first address in the status of a Gateway.
    pub fn address(&self, gateway: &str) -> Option<String> {
        let printed = self.printed.borrow();
        let status = printed.get(&format!("Gateway {gateway}"))?;
        let address = &list(&status["addresses"]).first()?["value"];
        address.as_str().map(str::to_owned)
    }

    /// What it wrote to standard error.
    pub fn errors(&self) -> String {
        self.errors.lock().expect("errors").clone()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // Leaving a temporary folder behind is no failure of a test.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A new file takes the place of the old one at once, so that the gateway never reads half of it.
fn write(folder: &Path, change: i64, objects: &[Value]) {
    let marker = json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "GatewayClass",
        "metadata": {"name": MARKER, "generation": change, "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"controllerName": "example.com/gateway-controller"},
    });
    let items: Vec<&Value> = objects.iter().chain([&marker]).collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    let fresh = folder.join("fresh.json");
    std::fs::write(&fresh, list.to_string()).expect("manifest");
    std::fs::rename(fresh, folder.join("manifests/world.json")).expect("manifest");
}

/// Statuses count once all of a configuration are there.
async fn follow(output: impl AsyncRead + Unpin, sender: watch::Sender<Printed>) {
    let mut lines = BufReader::new(output).lines();
    let mut printed = Printed::new();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(entry) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        // Other lines are the access log.
        if let Some(object) = entry["object"].as_str() {
            printed.insert(object.to_owned(), entry["status"].clone());
        } else if entry["configuration"].is_u64() {
            sender.send_replace(printed.clone());
        }
    }
}

async fn keep(output: impl AsyncRead + Unpin, errors: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut errors = errors.lock().expect("errors");
        errors.push_str(&line);
        errors.push('\n');
    }
}
