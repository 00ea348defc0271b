//! Counters, in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gatewright::plan::ObjectName;
use http::StatusCode;

/// What is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    responses: Mutex<BTreeMap<ObjectName, Arc<Responses>>>,
    connections: AtomicI64,
    lost_mirrors: AtomicU64,
    configurations: AtomicU64,
}

impl Metrics {
    /// The counters of a Gateway's responses.
    pub fn responses(&self, gateway: &ObjectName) -> Arc<Responses> {
        let mut all = self
            .responses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(gateway.clone()).or_default())
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
        let responses = self
            .responses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (gateway, responses) in responses.iter() {
            for (status, count) in responses.counts() {
                // Writing to a string cannot fail.
                let _ = writeln!(
                    text,
                    "gateway_requests_total{{gateway=\"{gateway}\",status=\"{status}\"}} {count}"
                );
            }
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

/// Counts the responses of a Gateway by their statuses.
#[derive(Debug)]
pub struct Responses([AtomicU64; 1000]);

impl Default for Responses {
    fn default() -> Self {
        Responses([const { AtomicU64::new(0) }; 1000])
    }
}

impl Responses {
    /// A response went out.
    pub fn count(&self, status: StatusCode) {
        // No status has more than three digits.
        if let Some(count) = self.0.get(usize::from(status.as_u16())) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counts(&self) -> impl Iterator<Item = (usize, u64)> {
        let counts = self.0.iter().map(|count| count.load(Ordering::Relaxed));
        counts.enumerate().filter(|(_, count)| *count > 0)
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
