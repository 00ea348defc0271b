//! A backend that answers with what arrived: HTTP/1.1, HTTP/2 in clear and over TLS, gRPC, WebSocket, TCP, UDP and DNS.
//!
//! The answer to a request is a JSON object with the fields `path` (with query), `host`, `method`, `proto`, `headers` (name to
//! list of values), `namespace`, `pod`, `service` and, over TLS, `tls`. See [`web`] for what a request can ask of it.

pub mod datagram;
pub mod grpc;
pub mod line;
pub mod secure;
pub mod web;
pub mod websocket;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// Who answers.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// The namespace.
    pub namespace: String,
    /// The name of the pod.
    pub pod: String,
    /// The Service that the pod was started for, where it was told.
    pub service: String,
}

/// What is told of each HTTP request that arrives.
pub type Observer = Box<dyn Fn(&Value) + Send + Sync>;

/// One backend, on as many ports as it has.
#[derive(Default)]
pub struct Echo {
    identity: Identity,
    observer: Option<Observer>,
    /// Requests to `/retry/` so far, by their `uuid`.
    tries: Mutex<HashMap<String, u32>>,
}

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Echo").field(&self.identity).finish()
    }
}

impl Echo {
    /// A backend of this identity.
    pub fn new(identity: Identity) -> Self {
        Echo {
            identity,
            ..Echo::default()
        }
    }

    /// The same, telling somebody of each HTTP request: the object that it is answered with.
    pub fn observed(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Who answers.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The number of requests before this one with the same `uuid`.
    fn earlier_tries(&self, uuid: &str) -> u32 {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let count = tries.entry(uuid.to_owned()).or_default();
        *count += 1;
        *count - 1
    }
}
