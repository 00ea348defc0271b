//! Counters, in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::log::Entry;

/// What is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<(String, u16), u64>>,
    connections: AtomicI64,
    lost_mirrors: AtomicU64,
    configurations: AtomicU64,
}

impl Metrics {
    /// A request ended.
    pub fn count(&self, entry: &Entry) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = requests.get_mut(&(entry.gateway.clone(), entry.status)) {
            *count += 1;
        } else {
            requests.insert((entry.gateway.clone(), entry.status), 1);
        }
    }

    /// A copy for a mirror did not arrive.
    pub fn lost_mirror(&self) {
        self.lost_mirrors.fetch_add(1, Ordering::Relaxed);
    }

    /// A new configuration is in force.
    pub fn configured(&self) {
        self.configurations.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether some configuration is in force.
    pub fn is_configured(&self) -> bool {
        self.configurations.load(Ordering::Relaxed) > 0
    }

    /// A connection is open as long as the guard lives.
    pub fn connection(&self) -> OpenConnection<'_> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        OpenConnection(self)
    }

    /// Open connections.
    pub fn open(&self) -> i64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// All of it as text.
    pub fn text(&self) -> String {
        let mut text = String::from("# TYPE gateway_requests_total counter\n");
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        for ((gateway, status), count) in requests.iter() {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "gateway_requests_total{{gateway=\"{gateway}\",status=\"{status}\"}} {count}"
            );
        }
        for (name, kind, value) in [
            ("gateway_connections_open", "gauge", self.open()),
            (
                "gateway_mirrors_lost_total",
                "counter",
                self.lost_mirrors.load(Ordering::Relaxed) as i64,
            ),
            (
                "gateway_configurations_total",
                "counter",
                self.configurations.load(Ordering::Relaxed) as i64,
            ),
        ] {
            let _ = writeln!(text, "# TYPE {name} {kind}\n{name} {value}");
        }
        text
    }
}

/// Counts an open connection.
#[derive(Debug)]
pub struct OpenConnection<'m>(&'m Metrics);

impl Drop for OpenConnection<'_> {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
