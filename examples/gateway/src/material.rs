//! Certificates and keys, from Secrets and ConfigMaps.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use gatewright::api::{ConfigMap, Object, Resource, Secret};
use gatewright::plan::ObjectName;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

/// The Secrets and ConfigMaps of the moment.
#[derive(Debug, Default)]
pub struct Material {
    objects: HashMap<(&'static str, String, String), Arc<Object>>,
}

impl Material {
    /// Keeps the Secrets and ConfigMaps among some objects.
    pub fn of<'o>(objects: impl Iterator<Item = &'o Arc<Object>>) -> Self {
        let mut kept = HashMap::new();
        for object in objects {
            let kind = match &**object {
                Object::Secret(_) => "Secret",
                Object::ConfigMap(_) => "ConfigMap",
                _ => continue,
            };
            let metadata = object.metadata();
            let namespace = metadata.namespace.clone().unwrap_or_default();
            kept.insert((kind, namespace, metadata.name.clone()), Arc::clone(object));
        }
        Material { objects: kept }
    }

    /// The certificate chain and key of a Secret.
    pub fn certified_key(
        &self,
        name: &ObjectName,
        provider: &CryptoProvider,
    ) -> io::Result<Arc<CertifiedKey>> {
        let (chain, key) = self.chain_and_key(name)?;
        CertifiedKey::from_der(certificates(&chain)?, private_key(&key)?, provider)
            .map(Arc::new)
            .map_err(io::Error::other)
    }

    /// The same as PEM text.
    pub fn chain_and_key(&self, name: &ObjectName) -> io::Result<(Vec<u8>, Vec<u8>)> {
        let value = |key| self.value("Secret", name, key);
        Ok((value("tls.crt")?, value("tls.key")?))
    }

    /// The authorities under `ca.crt` of a ConfigMap or Secret, as PEM text.
    pub fn authorities(&self, group: &str, kind: &str, name: &ObjectName) -> io::Result<Vec<u8>> {
        let kind = match (group, kind) {
            ("", "ConfigMap") => "ConfigMap",
            ("", "Secret") => "Secret",
            _ => return Err(io::Error::other(format!("authorities of kind {kind}"))),
        };
        self.value(kind, name, "ca.crt")
    }

    /// A Secret or ConfigMap.
    pub fn object(&self, kind: &'static str, name: &ObjectName) -> Option<&Arc<Object>> {
        let (namespace, name) = (name.namespace.to_string(), name.name.to_string());
        self.objects.get(&(kind, namespace, name))
    }

    fn value(&self, kind: &'static str, name: &ObjectName, key: &str) -> io::Result<Vec<u8>> {
        let value = self
            .object(kind, name)
            .and_then(|object| match Secret::of(object) {
                Some(secret) => secret.value(key),
                None => ConfigMap::of(object)?.value(key),
            });
        value.ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, format!("{kind} {name}: no {key}"))
        })
    }
}

/// The certificates of a PEM text.
pub fn certificates(pem: &[u8]) -> io::Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(io::Error::other)
}

/// The private key of a PEM text.
pub fn private_key(pem: &[u8]) -> io::Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_slice(pem).map_err(io::Error::other)
}
