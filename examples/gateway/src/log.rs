//! The access log: one JSON object a line, with the decision.

use std::fmt::Display;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use gatewright::plan::Backend;
use gatewright::router::Match;
use http::StatusCode;
use http::request::Parts;
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

    /// Begins an entry.
    pub fn entry(&self, parts: &Parts, client: &Client) -> Entry {
        let mut entry = Entry {
            fields: self.0.as_ref().map(|_| Map::new()),
            began: self.0.as_ref().map(|_| Instant::now()),
        };
        entry.begin(parts, client);
        entry
    }

    /// Writes an entry.
    pub fn write(&self, entry: Entry) {
        let (Some(out), Some(fields)) = (&self.0, entry.fields) else {
            return;
        };
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written must not stop traffic.
        let _ = writeln!(out, "{}", Value::Object(fields)).and_then(|()| out.flush());
    }
}

/// One request. Of a log that goes nowhere it is empty and costs nothing.
#[derive(Clone, Debug)]
pub struct Entry {
    fields: Option<Map<String, Value>>,
    began: Option<Instant>,
}

impl Entry {
    /// Who asks for what.
    fn begin(&mut self, parts: &Parts, client: &Client) {
        self.set("gateway", || json!(client.gateway.to_string()));
        self.set("port", || json!(client.port));
        self.set("peer", || json!(client.peer.to_string()));
        self.set("method", || json!(parts.method.as_str()));
        self.set("host", || {
            let host = parts.headers.get(http::header::HOST);
            let host = host.map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
            json!(host.or_else(|| parts.uri.authority().map(ToString::to_string)))
        });
        self.set("path", || json!(parts.uri.path()));
    }

    fn set(&mut self, key: &str, value: impl FnOnce() -> Value) {
        if let Some(fields) = &mut self.fields {
            fields.insert(key.to_owned(), value());
        }
    }

    /// What matched.
    pub fn matched(&mut self, matched: &Match<'_>) {
        self.set("listener", || {
            json!(matched.listener().map(|head| head.name.to_string()))
        });
        self.set("route", || {
            let route = matched.route();
            json!(format!("{}/{}", route.kind, route.name))
        });
        self.set(
            "rule",
            || json!({"index": matched.rule_index(), "name": matched.rule_name()}),
        );
    }

    /// Where it went.
    pub fn backend(&mut self, backend: &Backend, endpoint: SocketAddr) {
        self.set("backend", || json!(backend.target.name.to_string()));
        self.set("endpoint", || json!(endpoint.to_string()));
    }

    /// Why it was not served.
    pub fn reason(&mut self, why: &dyn Display) {
        self.set("reason", || json!(why.to_string()));
    }

    /// How it ended.
    pub fn finish(&mut self, status: StatusCode) {
        self.set("status", || json!(status.as_u16()));
        let took = self.began.map(|began| began.elapsed());
        self.set("ms", || {
            json!(took.unwrap_or_default().as_micros() as f64 / 1000.0)
        });
    }
}
