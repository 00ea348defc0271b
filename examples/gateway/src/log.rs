//! The access log: one JSON object a line, with the decision.

use std::fmt::Display;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gatewright::plan::Backend;
use gatewright::router::Match;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::proxy::Client;

/// Where entries go.
pub struct Log(Option<Mutex<Box<dyn Write + Send>>>);

impl Log {
    /// To standard output.
    pub fn stdout() -> Self {
        Log(Some(Mutex::new(Box::new(std::io::BufWriter::new(
            std::io::stdout(),
        )))))
    }

    /// Nowhere.
    pub fn off() -> Self {
        Log(None)
    }

    /// Writes an entry.
    pub fn write(&self, entry: &Entry) {
        let Some(out) = &self.0 else { return };
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written must not stop traffic.
        let _ = writeln!(out, "{}", Value::Object(entry.fields.clone())).and_then(|()| out.flush());
    }
}

/// One request or connection.
#[derive(Clone, Debug)]
pub struct Entry {
    fields: Map<String, Value>,
    /// The status that the client got.
    pub status: u16,
    /// The Gateway.
    pub gateway: String,
}

impl Entry {
    /// An entry about a request.
    pub fn of(parts: &http::request::Parts, client: &Client) -> Self {
        let mut entry = Entry {
            fields: Map::new(),
            status: 0,
            gateway: client.gateway.to_string(),
        };
        let host = parts
            .headers
            .get(http::header::HOST)
            .map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
        entry.set("gateway", json!(entry.gateway.clone()));
        entry.set("port", json!(client.port));
        entry.set("peer", json!(client.peer.to_string()));
        entry.set("method", json!(parts.method.as_str()));
        entry.set(
            "host",
            json!(host.or_else(|| parts.uri.authority().map(ToString::to_string))),
        );
        entry.set("path", json!(parts.uri.path()));
        entry
    }

    fn set(&mut self, key: &str, value: Value) {
        self.fields.insert(key.to_owned(), value);
    }

    /// What matched.
    pub fn matched(&mut self, matched: &Match<'_>) {
        let route = matched.route();
        self.set(
            "listener",
            json!(matched.listener().map(|head| head.name.to_string())),
        );
        self.set("route", json!(format!("{}/{}", route.kind, route.name)));
        self.set(
            "rule",
            json!({"index": matched.rule_index(), "name": matched.rule_name()}),
        );
    }

    /// Where it went.
    pub fn backend(&mut self, backend: &Backend, endpoint: SocketAddr) {
        self.set("backend", json!(backend.target.name.to_string()));
        self.set("endpoint", json!(endpoint.to_string()));
    }

    /// Why it was not served.
    pub fn reason(&mut self, why: &dyn Display) {
        self.set("reason", json!(why.to_string()));
    }

    /// How it ended.
    pub fn finish(&mut self, status: StatusCode, took: Duration) {
        self.status = status.as_u16();
        self.set("status", json!(self.status));
        self.set("ms", json!(took.as_micros() as f64 / 1000.0));
    }
}
