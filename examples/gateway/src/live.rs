//! The configuration of the moment, swapped as a whole.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use gatewright::api::Object;
use gatewright::plan::{Backend, BackendProtocol, BackendTarget, ObjectName};
use gatewright::resolve::{Controller, Resolution, resolve};
use gatewright::router::Router;
use gatewright::snapshot::Snapshot;
use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;

use crate::backend_tls;
use crate::budget::Budgets;
use crate::endpoints::Endpoints;
use crate::log::Log;
use crate::material::Material;
use crate::metrics::Metrics;
use crate::server_tls::ServerTls;
use crate::session::Seal;
use crate::upstream::Pool;

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
    pub draining: tokio_util::sync::CancellationToken,
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
    /// Connections to backends. They belong to the configuration: TLS settings may change with it.
    pub pool: Arc<Pool>,
    material: Material,
    provider: Arc<CryptoProvider>,
    client_configs: Mutex<HashMap<ClientKey, Arc<ClientConfig>>>,
}

type ClientKey = (BackendTarget, BackendProtocol, Option<ObjectName>);

impl Live {
    /// Resolves some objects. Of two with one name the last counts.
    pub fn of(
        objects: impl IntoIterator<Item = Arc<Object>>,
        controller: &Controller,
        provider: &Arc<CryptoProvider>,
    ) -> Self {
        let mut builder = Snapshot::builder();
        for object in objects {
            builder.put(object);
        }
        let snapshot = builder.build();
        let resolution = resolve(&snapshot, controller);
        let objects = || snapshot.objects().map(|object| &**object);
        let material = Material::of(objects());
        Live {
            router: Router::compile(&resolution.plan),
            endpoints: Endpoints::of(objects()),
            server_tls: ServerTls::of(&resolution.plan, &material, provider),
            pool: Arc::default(),
            client_configs: Mutex::default(),
            provider: Arc::clone(provider),
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

    /// What is needed to speak TLS to a backend, made once.
    pub fn client_config(
        &self,
        backend: &Backend,
        certificate: Option<&ObjectName>,
    ) -> io::Result<Arc<ClientConfig>> {
        let Some(tls) = &backend.tls else {
            return Err(io::Error::other("no TLS settings"));
        };
        let key = (
            backend.target.clone(),
            backend.protocol,
            certificate.cloned(),
        );
        let mut configs = self
            .client_configs
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = configs.get(&key) {
            return Ok(Arc::clone(config));
        }
        let alpn: &[&[u8]] = match backend.protocol {
            BackendProtocol::Http2 => &[b"h2"],
            BackendProtocol::Http1 | BackendProtocol::WebSocket => &[b"http/1.1"],
            BackendProtocol::Stream => &[],
        };
        let config = Arc::new(backend_tls::config(
            tls,
            certificate,
            &self.material,
            &self.provider,
            alpn,
        )?);
        configs.insert(key, Arc::clone(&config));
        Ok(config)
    }
}
