//! The configuration of the moment, swapped as a whole.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use gatewright::plan::{Backend, BackendProtocol, BackendTarget, ObjectName};
use gatewright::resolve::Resolution;
use gatewright::router::Router;
use gatewright::snapshot::Snapshot;
use rustls::crypto::CryptoProvider;
use tokio::sync::Semaphore;

use crate::backend_tls::{ClientTls, Known};
use crate::budget::Budgets;
use crate::drain::Draining;
use crate::endpoints::Endpoints;
use crate::log::Log;
use crate::material::Material;
use crate::metrics::Metrics;
use crate::server_tls::ServerTls;
use crate::session::Seal;

/// What all connections share.
pub struct Shared {
    /// The configuration of the moment.
    pub live: ArcSwap<Live>,
    /// Counters.
    pub metrics: Metrics,
    /// The access log.
    pub log: Log,
    /// The seal of sessions.
    pub seal: Seal,
    /// What backends saw lately.
    pub budgets: Budgets,
    /// Set when the process is to end: connections finish what they have.
    pub draining: Draining,
    /// Room for copies that are on their way to mirrors.
    pub mirrors: Arc<Semaphore>,
    /// How long a client may take for a handshake, and from one response to the end of the next head.
    pub patience: Duration,
}

/// One configuration: what objects mean, and all that follows from it.
pub struct Live {
    /// What the objects mean.
    pub resolution: Resolution,
    /// Which rule a request gets.
    pub router: Router,
    /// Where Services are.
    pub endpoints: Endpoints,
    /// TLS towards clients.
    pub server_tls: ServerTls,
    material: Material,
    provider: Arc<CryptoProvider>,
    known_tls: Arc<Known>,
    client_tls: Mutex<HashMap<ClientKey, Arc<ClientTls>>>,
}

type ClientKey = (BackendTarget, BackendProtocol, Option<ObjectName>);

impl Live {
    /// The configuration of no objects.
    pub fn empty(provider: Arc<CryptoProvider>) -> Self {
        let resolution = Resolution::default();
        Live {
            router: Router::compile(&resolution.plan),
            endpoints: Endpoints::default(),
            server_tls: ServerTls::default(),
            material: Material::default(),
            known_tls: Arc::default(),
            client_tls: Mutex::default(),
            provider,
            resolution,
        }
    }

    /// The configuration of a snapshot. It shares with this one what is the same in both, and connections to backends go on.
    pub fn next(&self, snapshot: &Snapshot, resolution: Resolution) -> Self {
        let material = Material::of(snapshot.objects());
        let endpoints = self.endpoints.updated(snapshot.objects());
        Live {
            router: self.router.update(&self.resolution.plan, &resolution.plan),
            server_tls: self
                .server_tls
                .updated(&resolution.plan, &material, &self.provider),
            provider: Arc::clone(&self.provider),
            known_tls: Arc::clone(&self.known_tls),
            client_tls: Mutex::default(),
            endpoints,
            material,
            resolution,
        }
    }

    /// The certificate that a Gateway presents to backends (GW-BCC-01).
    pub fn client_certificate(&self, gateway: &ObjectName) -> Option<&ObjectName> {
        let gateway = self
            .resolution
            .plan
            .gateways
            .iter()
            .find(|own| own.name == *gateway)?;
        gateway.client_certificate.as_ref()
    }

    /// TLS to a backend, made once; `None` if it is spoken to in clear.
    pub fn client_tls(
        &self,
        backend: &Backend,
        certificate: Option<&ObjectName>,
    ) -> io::Result<Option<Arc<ClientTls>>> {
        let Some(tls) = &backend.tls else {
            return Ok(None);
        };
        let key = (
            backend.target.clone(),
            backend.protocol,
            certificate.cloned(),
        );
        let mut ready = self
            .client_tls
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(tls) = ready.get(&key) {
            return Ok(Some(Arc::clone(tls)));
        }
        let made = self.known_tls.client_tls(
            tls,
            backend.protocol,
            certificate,
            &self.material,
            &self.provider,
        )?;
        ready.insert(key, Arc::clone(&made));
        Ok(Some(made))
    }
}
